"""Files at addresses that fsspec knows: found, and copied to this machine while they are read."""

from __future__ import annotations

import errno
import gc
import json
import sys
import tempfile
from pathlib import Path

import pytest

from wordloom import addresses, read_corpus
from wordloom.addresses import LocalCopy, files_at, fixed_part, is_address
from wordloom.errors import DataError, MissingExtraError
from wordloom.readers.source import Source

fsspec = pytest.importorskip("fsspec", reason="needs the extra: pip install 'wordloom[corpora]'")


@pytest.fixture
def store():
    """Writes files to a store in memory, which is empty before and afterwards."""
    memory = fsspec.filesystem("memory")

    def write(name, content):
        with memory.open(name, "wb") as file:
            file.write(content.encode())
        return f"memory:/{name}"

    memory.store.clear()
    yield write
    memory.store.clear()


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        ("s3://bucket/a.csv", True),
        ("abfs+x://a", True),
        ("a.csv", False),
        ("./a://b", False),
        ("C:\\data\\a.csv", False),
        (Path("s3://bucket"), False),
    ],
)
def test_an_address_begins_with_a_scheme(place, expected):
    assert is_address(place) is expected


@pytest.mark.parametrize(
    ("pattern", "folder"),
    [("a/b/*.csv", "a/b"), ("*.csv", ""), ("/*.csv", "/"), ("/a/part-?/x", "/a"), ("b/c-[0-9]*/d*", "b")],
)
def test_the_fixed_part_of_a_pattern_are_the_folders_before_it(pattern, folder):
    assert fixed_part(pattern) == folder


def test_folders_and_patterns_leave_out_what_writers_of_shards_mark_as_their_own(store):
    for name in ("/corpus/a.csv", "/corpus/more/b.csv", "/corpus/_SUCCESS", "/corpus/.a.csv.crc"):
        store(name, "text")
    assert [file.name for file in files_at("memory://corpus")] == ["a.csv", "more/b.csv"]
    assert [file.name for file in files_at("memory://corpus/*")] == ["a.csv"]
    assert [file.name for file in files_at("memory://corpus/_SUCCESS")] == ["_SUCCESS"]
    assert files_at("memory://corpus/c.csv") == []


def test_a_copy_has_the_name_of_the_file_and_goes_with_what_reads_it(store):
    source = Source.of(store("/corpus/reviews.csv", "text,label\nfine,pos\n"))
    assert (source.name, source.path.name) == ("memory://corpus/reviews.csv", "reviews.csv")
    with source.open() as stream:
        assert stream.read() == b"text,label\nfine,pos\n"
    folder = source.path.parent
    assert folder.exists()
    del source, stream
    gc.collect()
    assert not folder.exists()


def test_a_corpus_is_read_from_an_address_and_errors_name_it(store):
    address = store("/reviews.csv", "text,label\nfine,pos\ndull,neg\n")
    assert list(read_corpus(address).train.texts) == ["fine", "dull"]
    address = store("/bad.jsonl", json.dumps({"text": "fine", "label": "pos"}) + "\n{no JSON\n")
    with pytest.raises(DataError, match=r"^memory://bad\.jsonl, line 2"):
        read_corpus(address)
    with pytest.raises(DataError, match=r"^memory://nothing.csv: cannot be read: there is no such file\."):
        read_corpus("memory://nothing.csv")


def test_a_store_that_is_not_known_is_an_error():
    with pytest.raises(DataError, match=r"^nostore://a\.csv: Protocol not known"):
        Source.of("nostore://a.csv")


class NoCredentials(Exception):
    """As the packages of stores have."""


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (NoCredentials("Who?"), r"^memory://a\.csv: cannot be read: Who\?\.$"),
        (OSError(errno.ENOSPC, "No space left on device"), r"no room for a copy in .* another folder"),
    ],
)
def test_whatever_a_store_and_the_disk_say_is_an_error_that_names_the_address(
    store, monkeypatch, error, message
):
    def failing(*_, **__):
        raise error

    address = store("/a.csv", "text")
    monkeypatch.setattr(addresses.shutil, "copyfileobj", failing)
    with pytest.raises(DataError, match=message):
        LocalCopy(address)


def test_without_fsspec_the_error_says_how_to_install_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "fsspec", None)
    with pytest.raises(MissingExtraError, match=r"wordloom\[corpora\]"):
        files_at("s3://bucket/corpus")


def test_nothing_is_left_of_a_copy_that_failed(store, tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with pytest.raises(DataError):
        LocalCopy("memory://nothing.csv")
    gc.collect()
    assert list(tmp_path.iterdir()) == []
