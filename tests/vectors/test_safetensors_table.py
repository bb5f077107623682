"""The safetensors format: any word, special tokens kept, damage refused."""

from __future__ import annotations

import json
from itertools import pairwise

import numpy as np
import pytest
from safetensors import safe_open
from safetensors.numpy import save_file

from wordloom.errors import DataError
from wordloom.vectors import WordVectors
from wordloom.vectors.formats import read

AWKWARD = ["", " ", "two\nlines", "tab\t", "\0", "é\u2028", "😀", "<start>"]


@pytest.fixture
def saved(tmp_path):
    path = tmp_path / "v.safetensors"
    WordVectors(AWKWARD, np.arange(16.0).reshape(8, 2), name="mine", special=["<start>"]).save(path)
    return path


def test_any_word_name_and_special_tokens_come_back(saved):
    table = WordVectors.load(saved)
    assert table.words == tuple(AWKWARD)
    assert table.special == {"<start>"}
    assert table.name == "mine"
    assert table.vectors.tolist() == np.arange(16.0).reshape(8, 2).tolist()
    part = read(saved, words=["<start>", ""])
    assert part.words == ("", "<start>")
    assert part.special == {"<start>"}
    assert read(saved, limit=3).special == frozenset()


def test_layout_for_other_readers(saved):
    with safe_open(saved, framework="numpy") as container:
        assert sorted(container.keys()) == ["offsets", "vectors", "words"]
        about = json.loads(container.metadata()["wordloom"])
        assert about == {"version": 1, "name": "mine", "special": ["<start>"]}
        offsets, data = container.get_tensor("offsets"), container.get_tensor("words").tobytes()
    assert [data[a:b].decode() for a, b in pairwise(offsets)] == AWKWARD


def test_same_table_same_bytes(saved, tmp_path):
    WordVectors.load(saved).save(tmp_path / "again.safetensors")
    assert (tmp_path / "again.safetensors").read_bytes() == saved.read_bytes()


def test_only_the_empty_word(tmp_path):
    WordVectors([""], [[1.0]]).save(tmp_path / "v.safetensors")
    assert WordVectors.load(tmp_path / "v.safetensors").words == ("",)


def test_every_cut_is_refused(saved):
    whole = saved.read_bytes()
    for length in range(0, len(whole), 7):
        saved.write_bytes(whole[:length])
        with pytest.raises(DataError, match=r"v\.safetensors"):
            read(saved, "safetensors")


def good() -> dict[str, np.ndarray]:
    return {
        "vectors": np.eye(2, dtype=np.float32),
        "words": np.frombuffer(b"ab", dtype=np.uint8),
        "offsets": np.array([0, 1, 2]),
    }


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"words": None}, "the tensor 'words' is missing; there are offsets, vectors"),
        ({"vectors": np.eye(2)}, "should be F32 with 2 dimensions, found F64"),
        ({"vectors": np.ones(2, dtype=np.float32)}, "F32 with 2 dimensions"),
        ({"vectors": np.eye(3, dtype=np.float32)}, "2 words but 3 vectors"),
        ({"offsets": np.array([0, 1, 3])}, "offsets do not cover"),
        ({"offsets": np.array([0, 3, 2])}, "offsets do not cover"),
        ({"offsets": np.array([], dtype=np.int64)}, "offsets do not cover"),
        ({"words": np.frombuffer(b"a\xff", dtype=np.uint8)}, "row 1: the word .* is not UTF-8"),
        ({"words": np.frombuffer(b"aa", dtype=np.uint8)}, "'a' stands in the rows 0 and 1"),
        ({"vectors": np.full((2, 2), np.nan, dtype=np.float32)}, "NaN"),
    ],
)
def test_other_content_is_refused(change, message, tmp_path):
    tensors = {name: array for name, array in (good() | change).items() if array is not None}
    save_file(tensors, tmp_path / "v.safetensors")
    with pytest.raises(DataError, match=message):
        read(tmp_path / "v.safetensors")


def test_newer_versions_and_damaged_metadata(tmp_path):
    path = tmp_path / "v.safetensors"
    save_file(good(), path, metadata={"wordloom": '{"version": 2}'})
    with pytest.raises(DataError, match="newer wordloom"):
        read(path)
    save_file(good(), path, metadata={"wordloom": "{"})
    with pytest.raises(DataError, match="metadata"):
        read(path)
    save_file(good(), path)
    assert read(path).words == ("a", "b")
