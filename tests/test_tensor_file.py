"""Arrays in a safetensors file: read back by the package's own reader, and never half."""

from __future__ import annotations

import numpy as np
import pytest
from safetensors import safe_open

from wordloom import tensor_file
from wordloom.tensor_file import write_tensors

ARRAYS = {
    "bytes": np.frombuffer(b"naive", dtype=np.uint8),
    "table": np.arange(6, dtype=np.float32).reshape(3, 2),
    "turned": np.arange(6, dtype=np.float32).reshape(3, 2).T,
    "large": np.array([2**40, -1], dtype=np.int64),
    "big-endian": np.array([1, -2, 3], dtype=">i4"),
    "nothing": np.zeros((0, 4), dtype=np.float32),
}


def test_read_back(tmp_path):
    write_tensors(tmp_path / "a.safetensors", ARRAYS, {"key": "Wörter"})
    with safe_open(tmp_path / "a.safetensors", framework="numpy") as container:
        assert container.metadata() == {"key": "Wörter"}
        assert set(container.keys()) == set(ARRAYS)
        for name, array in ARRAYS.items():
            found = container.get_tensor(name)
            assert found.dtype == array.dtype.newbyteorder("=")
            np.testing.assert_array_equal(found, array)
    write_tensors(tmp_path / "b.safetensors", dict(reversed(ARRAYS.items())), {"key": "Wörter"})
    assert (tmp_path / "a.safetensors").read_bytes() == (tmp_path / "b.safetensors").read_bytes()


def test_a_full_disk_is_an_error_and_leaves_the_old_file(tmp_path, monkeypatch):
    target = tmp_path / "a.safetensors"
    write_tensors(target, ARRAYS, {})
    old = target.read_bytes()

    class Full:
        def __init__(self, path, mode):
            self.stream = open(path, mode)  # noqa: SIM115

        def __enter__(self):
            return self

        def __exit__(self, *error):
            self.stream.close()

        def write(self, data):
            if self.stream.tell():
                raise OSError(28, "No space left on device")
            self.stream.write(data)

    monkeypatch.setattr(tensor_file, "open", Full, raising=False)
    with pytest.raises(OSError, match="No space left"):
        write_tensors(target, {"table": np.ones((50, 50), dtype=np.float32)}, {})
    assert target.read_bytes() == old
    assert [path.name for path in tmp_path.iterdir()] == ["a.safetensors"]
