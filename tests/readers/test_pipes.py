"""Pipes given by path: `<(command)` of a shell, a named pipe, /dev/stdin. Their bytes come only once."""

from __future__ import annotations

import contextlib
import gzip
import io
import os
import sys
import tarfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from wordloom.errors import DataError
from wordloom.readers import open_table, open_texts, read_corpus, stream_corpus

ROWS = [(f"text number {number} with words", ("neg", "pos")[number % 2]) for number in range(20_000)]
CSV = "".join(["text,label\n", *(f"{text},{label}\n" for text, label in ROWS)]).encode()
LINES = "".join(f"{text}\n" for text, _ in ROWS).encode()

Piped = Callable[[bytes], str]


@pytest.fixture(params=["named pipe", "descriptor"])
def piped(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Piped]:
    """A function that gives the path of a pipe from which the bytes can be read once."""
    writers: list[threading.Thread] = []
    descriptors: list[int] = []

    def path_of(data: bytes) -> str:
        def write() -> None:
            with contextlib.suppress(BrokenPipeError), open(target, "wb") as pipe:
                pipe.write(data)

        target: str | int
        if request.param == "named pipe":
            target = path = str(tmp_path / f"pipe{len(writers)}")
            os.mkfifo(path)
        else:
            reading, target = os.pipe()
            descriptors.append(reading)
            path = f"/dev/fd/{reading}"
        writers.append(threading.Thread(target=write, daemon=True))
        writers[-1].start()
        return path

    yield path_of
    for descriptor in descriptors:
        os.close(descriptor)
    for writer in writers:
        writer.join(timeout=10)


def test_a_pipe_given_by_path_is_read_whole(piped: Piped) -> None:
    assert read_corpus(piped(CSV)).train.texts == [text for text, _ in ROWS]
    with open_table(piped(CSV)) as table:
        assert [(row["text"], row["label"]) for row in table] == ROWS
    with open_texts(piped(LINES)) as texts:
        assert list(texts) == [text for text, _ in ROWS]


@pytest.mark.parametrize("data", [b"one\ntwo\nthree\nfour\nfive\n", b"one"])
def test_a_few_lines_in_a_pipe_are_all_read(piped: Piped, data: bytes) -> None:
    with open_table(piped(data)) as table:
        assert [row["text"] for row in table] == data.decode().split()


def test_a_compressed_pipe_is_read_whole(piped: Piped) -> None:
    assert read_corpus(piped(gzip.compress(CSV))).train.texts == [text for text, _ in ROWS]


def test_texts_of_an_archive_in_a_pipe_are_read_whole(piped: Piped) -> None:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:gz") as archive:
        for number in range(4):
            member = tarfile.TarInfo(f"aclImdb/train/{('neg', 'pos')[number % 2]}/{number}_1.txt")
            member.size = 6
            archive.addfile(member, io.BytesIO(b"text %d" % number))
    with open_texts(piped(file.getvalue())) as texts:
        assert sorted(texts) == ["text 0", "text 1", "text 2", "text 3"]


def test_streaming_refuses_a_pipe_because_it_reads_twice(piped: Piped) -> None:
    with pytest.raises(DataError, match=r"can be read only once.*leave out --stream"):
        stream_corpus(piped(CSV))


@pytest.mark.parametrize("data", [b"PK\x05\x06" + bytes(18), b"PAR1" + bytes(20)])
def test_formats_that_are_not_read_from_front_to_back_refuse_a_pipe(piped: Piped, data: bytes) -> None:
    with pytest.raises(DataError, match=r"cannot be read from"):
        read_corpus(piped(data))


def test_an_empty_pipe_says_so(piped: Piped) -> None:
    with pytest.raises(DataError, match="is empty"):
        read_corpus(piped(b""))


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="a system with /dev/zero")
@pytest.mark.parametrize("encoding", [None, "utf-16"])
def test_a_device_is_refused(encoding: str | None) -> None:
    for device in ("/dev/zero", "/dev/urandom"):
        for read in (read_corpus, open_table, open_texts):
            with pytest.raises(DataError, match=f"{device}: is a device, not a file"):
                read(device, encoding=encoding)


def test_a_closed_standard_input_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    with pytest.raises(DataError, match="standard input is closed"):
        read_corpus("-")
