"""Bytes to lines: what ends a line, what is dropped, and how a bad byte is named."""

from __future__ import annotations

import gzip
import io
import sys
from pathlib import Path

import pytest

from wordloom.errors import DataError, UsageError
from wordloom.readers import decoding
from wordloom.readers.decoding import decoded, source_lines
from wordloom.readers.source import ReadOptions, Source

PLAIN = ReadOptions()


def lines_of(data: bytes, tmp_path: Path, options: ReadOptions = PLAIN) -> list[str]:
    path = tmp_path / "lines.txt"
    path.write_bytes(data)
    return list(source_lines(Source(path), options))


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"a\nb\n", ["a", "b"]),
        (b"a\r\nb\r\n", ["a", "b"]),
        (b"a\r\n\r\nb", ["a", "", "b"]),
        (b"\xef\xbb\xbfa\n\xef\xbb\xbfb\n", ["a", "\ufeffb"]),
        ("a\u0085b\u2028c\u2029d\x0be\x0cf\x1cg\n".encode(), ["a\u0085b\u2028c\u2029d\x0be\x0cf\x1cg"]),
        (b"a\rb\nc", ["a\rb", "c"]),
        ("日本語 é\n".encode(), ["日本語 é"]),
        (b"", []),
        (b"\n", [""]),
    ],
)
def test_lines_end_at_lf_and_crlf_only(data: bytes, expected: list[str], tmp_path: Path) -> None:
    assert lines_of(data, tmp_path) == expected


def test_the_same_lines_come_from_a_compressed_file_whatever_its_name(tmp_path: Path) -> None:
    assert lines_of(gzip.compress(b"a\nb\r\n"), tmp_path) == ["a", "b"]


def test_a_bad_byte_is_named_by_file_line_and_offset(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"lines.txt, line 2: the byte 0xe9 at offset 6 .*--encoding latin-1"):
        lines_of(b"abc\nde\xe9f\n", tmp_path)


def test_the_offset_counts_the_byte_order_mark(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"line 1: the byte 0xff at offset 4 "):
        lines_of(b"\xef\xbb\xbfa\xff\n", tmp_path)
    with pytest.raises(DataError, match=r"line 2: the byte 0xff at offset 5 "):
        decoded(b"\xef\xbb\xbfa\n\xff", "whole.txt", PLAIN)


def test_latin_1_on_request(tmp_path: Path) -> None:
    assert lines_of(b"caf\xe9 \x85 x\n", tmp_path, ReadOptions(encoding="latin-1")) == ["café \x85 x"]


def test_utf_16_on_request_and_suggested(tmp_path: Path) -> None:
    data = "één\nzwei\r\n日本\n".encode("utf-16")
    assert lines_of(data, tmp_path, ReadOptions(encoding="utf-16")) == ["één", "zwei", "日本"]
    with pytest.raises(DataError, match=r"--encoding utf-16"):
        lines_of(data, tmp_path)


def test_a_nul_is_named_by_its_line(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"lines.txt, line 3: holds a NUL"):
        lines_of(b"a\nb\nc\0d\n", tmp_path)
    with pytest.raises(DataError, match=r"x, line 2: holds a NUL"):
        decoded(b"a\nb\0", "x", PLAIN)


def test_an_unknown_encoding_is_a_usage_error() -> None:
    for name in ("klingon", "rot13"):
        with pytest.raises(UsageError, match=name):
            ReadOptions(encoding=name)
    assert ReadOptions(encoding="utf-16").encoding == "utf-16"


def test_compressed_data_that_ends_too_early_or_is_altered(tmp_path: Path) -> None:
    whole = gzip.compress(bytes(range(65, 90)) * 4000)
    for data in (whole[: len(whole) // 2], whole[:-5] + b"\x00" + whole[-4:], whole[:12]):
        with pytest.raises(DataError, match=r"lines.txt: the compressed data is damaged or cut short"):
            lines_of(data, tmp_path)


def test_a_missing_file_offers_near_names(tmp_path: Path) -> None:
    (tmp_path / "reviews.csv").write_text("x")
    with pytest.raises(DataError, match=r"reviws.csv: no such file or folder. Did you mean '.*reviews.csv'"):
        Source(tmp_path / "reviws.csv")
    with pytest.raises(DataError, match=r"folder .*nowhere does not exist either"):
        Source(tmp_path / "nowhere" / "reviews.csv")


@pytest.mark.parametrize("compress", [False, True])
def test_looking_ahead_takes_nothing_from_standard_input(
    monkeypatch: pytest.MonkeyPatch, compress: bool
) -> None:
    data = b"".join(b"line %d\n" % number for number in range(20_000))
    stdin = io.TextIOWrapper(io.BytesIO(gzip.compress(data) if compress else data))
    monkeypatch.setattr(sys, "stdin", stdin)
    source = Source.of("-")
    assert source.head() == data[: 1 << 16]
    assert source.head() == data[: 1 << 16]
    assert list(source_lines(source, PLAIN)) == data.decode().splitlines()
    assert source.name == "standard input"


@pytest.mark.parametrize(
    ("name", "suffix"),
    [
        ("a.CSV", ".csv"),
        ("a.csv.gz", ".csv"),
        ("a.tar.gz", ".tar"),
        ("a.tgz", ".tar"),
        ("a", ""),
        ("a.gz", ""),
    ],
)
def test_the_suffix_is_the_one_before_gz(name: str, suffix: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text("x")
    assert Source(tmp_path / name).suffix == suffix


@pytest.mark.parametrize("encoding", [None, "utf-16"])
def test_a_line_without_end_is_an_error_and_does_not_fill_the_memory(
    encoding: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decoding, "LONGEST_TEXT", 100)
    path = tmp_path / "a.txt"
    path.write_text("short\n" + "x" * 99 + "\n" + "x" * 1000, encoding=encoding or "utf-8")
    with pytest.raises(DataError, match=r"line 2: has no end within"):
        list(source_lines(Source(path), ReadOptions(encoding=encoding)))
    path.write_text("short\n" + "x" * 98 + "\n" + "x" * 99, encoding=encoding or "utf-8")
    assert len(list(source_lines(Source(path), ReadOptions(encoding=encoding)))) == 3


@pytest.mark.parametrize(
    "encoding",
    ["undefined", "idna", "punycode", "unicode_escape", "rot13", "hex", "no such", "a\0b", "x" * 10**6, ""],
)
def test_a_codec_that_is_no_encoding_of_files_is_a_usage_error(encoding: str) -> None:
    with pytest.raises(UsageError, match="There is no encoding") as caught:
        ReadOptions(encoding=encoding)
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize(
    "encoding", ["utf-8", "latin-1", "cp1252", "utf-16", "UTF_16_LE", "utf-32", "big5", "utf-7", "ascii"]
)
def test_the_encodings_of_files_are_known(encoding: str, tmp_path: Path) -> None:
    (tmp_path / "a").write_text("one\ntwo\n", encoding=encoding)
    assert list(source_lines(Source(tmp_path / "a"), ReadOptions(encoding=encoding))) == ["one", "two"]
