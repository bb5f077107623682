"""Tables that stay in a mapped file: the same table as read whole, and copies that follow their source."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from wordloom.errors import DataError, UsageError, WordloomWarning
from wordloom.vectors import UnknownWordError, WordVectors, neighbors
from wordloom.vectors.formats import safetensors_table

WORDS = ["<start>", "a b", "é", "", "line\nend", "😀"]


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("WORDLOOM_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache" / "vectors"


@pytest.fixture
def table() -> WordVectors:
    return WordVectors(WORDS, np.arange(1.0, 19).reshape(6, 3), name="mine", special=["<start>"])


def same(a: WordVectors, b: WordVectors) -> bool:
    return (a.words, a.special, a.name, a.vectors.tobytes()) == (
        b.words,
        b.special,
        b.name,
        b.vectors.tobytes(),
    )


def test_a_safetensors_file_is_mapped_itself(table, tmp_path, cache):
    table.save(tmp_path / "v.safetensors")
    found = WordVectors.load(tmp_path / "v.safetensors", mmap=True)
    assert len(found) == 6
    assert found.dimensions == 3
    assert "6 words" in repr(found)
    assert found["é"].tolist() == [7, 8, 9]
    assert same(found, table)
    assert neighbors(found, "é", n=3) == neighbors(table, "é", n=3)
    assert not found.vectors.flags.writeable
    with pytest.raises(UnknownWordError, match="Did you mean 'é'"):
        found["É"]
    assert not cache.exists()
    part = WordVectors.load(tmp_path / "v.safetensors", mmap=True, words=["é", "no"], limit=4)
    assert part.words == ("é",)


def test_words_are_decoded_when_they_are_first_needed(table, tmp_path, monkeypatch):
    table.save(tmp_path / "v.safetensors")
    decode, asked = safetensors_table._words, []
    monkeypatch.setattr(safetensors_table, "_words", lambda *parts: asked.append(1) or decode(*parts))
    found = WordVectors.load(tmp_path / "v.safetensors", mmap=True)
    assert len(found) == 6
    assert asked == []
    assert found.words == table.words
    assert found.row("é") == 2
    assert asked == [1]


def test_a_text_file_gets_a_copy_that_follows_it(tmp_path, cache, monkeypatch):
    source = tmp_path / "v.txt"
    source.write_text("a 1 2\nb 3 4\na 5 6\n")
    with pytest.warns(WordloomWarning, match="1 duplicate words"):
        found = WordVectors.load(source, mmap=True)
    assert (found.words, found.vectors.tolist(), found.name) == (("a", "b"), [[1, 2], [3, 4]], "v.txt")
    (copy,) = cache.iterdir()
    with monkeypatch.context() as patch:
        patch.setattr("wordloom.vectors.formats.glove_text.sources", None)  # the source is not read again
        assert same(WordVectors.load(source, mmap=True), found)
        assert WordVectors.load(source, mmap=True, words=["b"]).vectors.tolist() == [[3, 4]]
    source.write_text("a 1 2\nb 3 5\n")
    os.utime(source, ns=(1, 10**18))
    assert WordVectors.load(source, mmap=True)["b"].tolist() == [3, 5]
    (new,) = cache.iterdir()
    assert new != copy


def test_ways_of_reading_have_copies_of_their_own(tmp_path):
    source = tmp_path / "v.txt"
    source.write_text("2 1\n7 5\n8 6\n")
    assert WordVectors.load(source, mmap=True).words == ("7", "8")
    assert WordVectors.load(source, mmap=True, header=False).words == ("2", "7", "8")
    assert WordVectors.load(source, mmap=True).words == ("7", "8")


def test_damaged_copies_are_made_again(tmp_path, cache):
    source = tmp_path / "v.txt"
    source.write_text("a 1 2\nb 3 4\n")
    WordVectors.load(source, mmap=True)
    (copy,) = cache.iterdir()
    copy.write_bytes(copy.read_bytes()[:-1])
    assert WordVectors.load(source, mmap=True)["b"].tolist() == [3, 4]
    assert len(copy.read_bytes()) > 100


def test_a_cache_that_cannot_be_written_is_no_error(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("WORDLOOM_CACHE", str(tmp_path / "file"))
    source = tmp_path / "v.txt"
    source.write_text("a 1 2\n")
    assert WordVectors.load(source, mmap=True)["a"].tolist() == [1, 2]


def test_damage_that_shows_only_when_words_are_used(table, tmp_path):
    path = tmp_path / "v.safetensors"
    table.save(path)
    path.write_bytes(path.read_bytes().replace("é".encode(), b"\xff\xff"))
    found = WordVectors.load(path, mmap=True)
    with pytest.raises(DataError, match=r"row 2: the word .* is not UTF-8"):
        found.words  # noqa: B018


def test_missing_files_are_data_errors(tmp_path):
    with pytest.raises(DataError, match="no such file"):
        WordVectors.load(tmp_path / "none.txt", mmap=True)
    with pytest.raises(UsageError):
        WordVectors.load(tmp_path / "none.txt", "glov", mmap=True)
