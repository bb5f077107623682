"""Picking the reader: by what the caller says, by suffix, by the first bytes; and plain refusals."""

from __future__ import annotations

import gzip
import io
import subprocess
import sys
from pathlib import Path

import pytest

from wordloom.errors import DataError, UsageError
from wordloom.readers import read_corpus
from wordloom.readers.picking import pick_format
from wordloom.readers.source import ReadOptions, Source

CONTENTS = {
    "csv": "text,label\na,x\nb,y\n",
    "tsv": "a fine film\tpos\na bad film\tneg\n",
    "jsonl": '{"text": "a", "label": "x"}\n',
    "json": '[\n  {"text": "a", "label": "x"}\n]\n',
    "fasttext": "\n__label__x a\n",
}


@pytest.mark.parametrize("format", CONTENTS)
@pytest.mark.parametrize("compress", [False, True])
def test_the_format_is_told_from_the_contents(tmp_path: Path, format: str, compress: bool) -> None:
    data = CONTENTS[format].encode()
    path = tmp_path / "source"
    path.write_bytes(gzip.compress(data) if compress else data)
    assert pick_format(Source(path), None, ReadOptions()) == format
    assert len(read_corpus(path).train) >= 1


@pytest.mark.parametrize("format", CONTENTS)
def test_standard_input(monkeypatch: pytest.MonkeyPatch, format: str) -> None:
    for given in (None, format):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(CONTENTS[format].encode())))
        dataset = read_corpus("-", format=given)
        assert len(dataset.train) >= 1
        assert dataset.name == "standard input"


def test_format_wins_over_the_suffix(tmp_path: Path) -> None:
    path = tmp_path / "data.csv"
    path.write_text(CONTENTS["jsonl"])
    assert read_corpus(path, format="jsonl").train.texts == ["a"]
    with pytest.raises(UsageError, match=r"no format 'jsnl' here. Did you mean 'jsonl'"):
        read_corpus(path, format="jsnl")
    with pytest.raises(DataError, match=r"is no folder, not class-folders"):
        read_corpus(path, format="class-folders")
    with pytest.raises(DataError, match=r"is a folder, not csv"):
        read_corpus(tmp_path, format="csv")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "is empty"),
        (b"\n\n", "cannot be told"),
        (b"only one line of text, with a comma\nand another\n", "cannot be told.*--format NAME"),
        (b"PK\x03\x04rest", "damaged or cut short"),
        (b"%PDF-1.7", "is a PDF"),
        (b"BZh91AY&SYrest", "damaged or cut short"),
        (b"\x89PNG\r\n", "a picture"),
        (b"\x7fELF\0\0\0", "NUL bytes"),
        ("text\tlabel\n".encode("utf-16"), "utf-16"),
    ],
)
def test_what_is_no_labelled_text(tmp_path: Path, data: bytes, message: str) -> None:
    path = tmp_path / "source"
    path.write_bytes(data)
    with pytest.raises(DataError, match=message):
        read_corpus(path)


def test_a_binary_file_with_a_text_suffix(tmp_path: Path) -> None:
    path = tmp_path / "source.csv"
    path.write_bytes(b"\x7fELF\x02\x01\0\0,\0\0\n")
    with pytest.raises(DataError, match=r"source.csv, line 1: holds a NUL"):
        read_corpus(path)


def test_utf_16_with_a_word(tmp_path: Path) -> None:
    path = tmp_path / "source.txt"
    path.write_bytes("text\tlabel\r\nschön\tja\r\n".encode("utf-16"))
    assert read_corpus(path, encoding="utf-16").train.texts == ["schön"]


def test_reading_imports_nothing_heavy() -> None:
    heavy = "{'pyarrow', 'pandas', 'polars', 'numba', 'sklearn', 'matplotlib', 'urllib.request'}"
    code = f"import sys, wordloom.readers, wordloom.datasets; sys.exit(str({heavy} & set(sys.modules) or ''))"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert ended.stderr.strip() == ""


def test_a_first_line_longer_than_what_is_looked_at(tmp_path: Path) -> None:
    path = tmp_path / "source"
    path.write_text("__label__x " + "word " * 50_000 + "\n__label__y short\n")
    assert read_corpus(path).train.labels == ["x", "y"]
