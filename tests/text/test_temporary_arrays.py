"""Arrays in temporary files: what was appended comes back, nothing is left behind, errors say the way out."""

from __future__ import annotations

import numpy as np
import pytest

from wordloom.errors import DataError, UsageError
from wordloom.text.on_disk.temporary_arrays import Scratch, ScratchArray

PARTS = [np.array(part, dtype=np.int32) for part in ([], [1, 2, 3], [], [4], [5, 6, 7, 8])]
WHOLE = np.arange(1, 9, dtype=np.int32)


@pytest.fixture
def array(tmp_path):
    found = ScratchArray(np.int32, Scratch(str(tmp_path)), hashed=True)
    for part in PARTS:
        found.append(part)
    return found


def test_what_was_appended_comes_back(array):
    assert len(array) == 8
    np.testing.assert_array_equal(array.mapped(), WHOLE)
    for first, last in ((0, 0), (0, 8), (2, 5), (8, 8)):
        np.testing.assert_array_equal(array.read(first, last), WHOLE[first:last])
    array.append(PARTS[1])  # after reading it goes on at the end
    np.testing.assert_array_equal(array.read(6, 11), [7, 8, 1, 2, 3])


def test_memory_and_disk_are_the_same(array):
    inside = ScratchArray(np.int32, None, hashed=True)
    for part in PARTS:
        inside.append(part)
    np.testing.assert_array_equal(inside.mapped(), array.mapped())
    assert inside.digest() == array.digest()


def test_an_empty_array(tmp_path):
    empty = ScratchArray(np.int64, Scratch(str(tmp_path)))
    assert len(empty.mapped()) == len(empty.read(0, 0)) == 0


def test_the_files_have_no_names(array, tmp_path):
    mapped = array.mapped()
    assert list(tmp_path.iterdir()) == []
    del array
    np.testing.assert_array_equal(mapped, WHOLE)  # the file goes with the last that uses it


def test_a_folder_in_which_nothing_can_be_made(tmp_path):
    with pytest.raises(UsageError, match=r"No temporary file can be made in .*missing.*--scratch DIR"):
        ScratchArray(np.int32, Scratch(str(tmp_path / "missing")))
    assert Scratch.beside(tmp_path / "not" / "yet" / "model").folder == str(tmp_path)


@pytest.mark.parametrize(("folder", "way_out"), [(None, "TMPDIR"), ("elsewhere", "--scratch DIR")])
def test_a_full_disk(monkeypatch, folder, way_out):
    class Full:
        def write(self, data):
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(Scratch, "file", lambda self: Full())
    array = ScratchArray(np.int32, Scratch(folder))
    with pytest.raises(DataError, match=rf"do not fit into the folder .*No space left.*{way_out}"):
        array.append(PARTS[1])


def test_a_write_that_is_cut_short_goes_on(monkeypatch, tmp_path):
    scratch = Scratch(str(tmp_path))
    file = scratch.file()

    class Short:
        def write(self, data):
            return file.write(data[:5])

        def __getattr__(self, name):
            return getattr(file, name)

    monkeypatch.setattr(Scratch, "file", lambda self: Short())
    array = ScratchArray(np.int32, scratch)
    array.append(WHOLE)
    np.testing.assert_array_equal(array.read(0, 8), WHOLE)
