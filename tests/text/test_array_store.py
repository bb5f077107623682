"""ArrayStore: what a job leaves is there whole or not at all."""

from __future__ import annotations

import contextlib

import numpy as np
import pytest

from wordloom.errors import DataError
from wordloom.text.on_disk.array_store import ArrayStore
from wordloom.text.on_disk.temporary_arrays import Scratch
from wordloom.text.sequences import Ragged


@pytest.fixture(params=["in this process", "in a folder"])
def store(request, tmp_path):
    return ArrayStore(Scratch(str(tmp_path)), str(tmp_path) if request.param == "in a folder" else None)


def test_arrays_come_back_until_they_are_dropped(store, tmp_path):
    with store.new("a", np.int64) as array:
        array.append(np.arange(3))
        array.append(np.arange(2))
    assert store.get("a", np.int64).tolist() == [0, 1, 2, 0, 1]
    store.put("a", np.array([7], dtype=np.int32))  # done again: the later one counts
    assert store.get("a", np.int32).tolist() == [7]
    store.drop("a", "never there")
    assert list(tmp_path.iterdir()) == []


def test_documents_come_back_in_their_chunks(store):
    chunks = [Ragged.from_lists([[1, 2], []]), Ragged.from_lists([[3]])]
    with store.new_documents("d") as documents:
        for chunk in chunks:
            documents.append(chunk)
    with store.new_documents("none"):
        pass
    found = store.documents("d")
    assert (len(found), found.lengths.tolist()) == (3, [2, 0, 1])
    assert [chunk.ids.tolist() for chunk in found] == [[1, 2], [3]]
    assert (len(store.documents("none")), list(store.documents("none"))) == (0, [])
    store.drop_documents("d")


def test_what_was_not_completed_is_not_there(tmp_path):
    store = ArrayStore(Scratch(), str(tmp_path))
    with contextlib.suppress(KeyboardInterrupt), store.new("a", np.int32) as array:
        array.append(np.arange(5, dtype=np.int32))
        raise KeyboardInterrupt
    with pytest.raises(DataError, match=r"cannot be read there .*must be the same for all"):
        store.get("a", np.int32)


def test_a_folder_that_is_gone_is_named(tmp_path):
    store = ArrayStore(Scratch(), str(tmp_path / "gone"))
    with pytest.raises(DataError, match="gone: what workers count cannot be kept there"):
        store.put("a", np.arange(3))
