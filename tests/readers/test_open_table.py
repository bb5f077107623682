"""Tables to predict on: rows in order, one at a time."""

from __future__ import annotations

import gzip
import io
import itertools
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from wordloom.errors import DataError, UsageError
from wordloom.readers import TableStream, open_table


def table_of(tmp_path: Path, name: str, content: str, **options: str) -> TableStream:
    path = tmp_path / name
    path.write_bytes(content.encode())
    return open_table(path, **options)


def test_csv(tmp_path: Path) -> None:
    with table_of(tmp_path, "a.csv", 'id,review\n1,"a, b"\n2,\n') as table:
        assert (table.columns, table.text_column) == (["id", "review"], "review")
        assert (table.format, table.delimiter, table.has_header) == ("csv", ",", True)
        assert list(table) == [{"id": "1", "review": "a, b"}, {"id": "2", "review": ""}]


def test_tsv_without_header(tmp_path: Path) -> None:
    with table_of(tmp_path, "a.tsv", "7\tthe text is here\n8\tand here\n") as table:
        assert (table.columns, table.text_column, table.has_header) == (["1", "2"], "2", False)
        assert [row["2"] for row in table] == ["the text is here", "and here"]


def test_one_column(tmp_path: Path) -> None:
    with table_of(tmp_path, "a.csv", "remark\n") as table:
        assert list(table) == [{"1": "remark"}]
    with table_of(tmp_path, "a.csv", "text\nfine\n") as table:
        assert list(table) == [{"text": "fine"}]


def test_json_lines_keep_their_values(tmp_path: Path) -> None:
    content = '{"id": 1, "text": "a", "more": [1, null]}\n{"text": "b", "other": true}\n'
    with table_of(tmp_path, "a.jsonl", content) as table:
        assert (table.format, table.text_column) == ("jsonl", "text")
        assert table.columns == ["id", "text", "more", "other"]
        assert list(table) == [{"id": 1, "text": "a", "more": [1, None]}, {"text": "b", "other": True}]


def test_plain_lines_keep_empty_ones(tmp_path: Path) -> None:
    content = "first, with a comma\r\n\n  \nlast\u2028one\ttab"
    with table_of(tmp_path, "a.txt", content) as table:
        assert (table.format, table.columns, table.text_column) == ("lines", ["text"], "text")
        assert [row["text"] for row in table] == ["first, with a comma", "", "  ", "last\u2028one\ttab"]


def test_fasttext_lines(tmp_path: Path) -> None:
    with table_of(tmp_path, "a.txt", "__label__x a b\nno label\n") as table:
        assert list(table) == [{"text": "a b", "label": "x"}, {"text": "no label", "label": None}]


def test_the_named_column(tmp_path: Path) -> None:
    with table_of(tmp_path, "a.csv", "text,other\na,b\n", text="other") as table:
        assert table.text_column == "other"
    with pytest.raises(DataError, match=r"Did you mean 'other'"):
        table_of(tmp_path, "a.csv", "text,other\na,b\n", text="othr")
    with pytest.raises(DataError, match=r"which column holds the texts"):
        table_of(tmp_path, "a.csv", "a,b,c\n1,2,3\n")


def test_errors_come_at_their_line(tmp_path: Path) -> None:
    with table_of(tmp_path, "a.jsonl", '{"text": "a"}\n{"text": null}\n') as table:
        rows = iter(table)
        assert next(rows) == {"text": "a"}
        with pytest.raises(DataError, match=r"line 2: the text is missing"):
            next(rows)


@pytest.mark.parametrize(("content", "format"), [("a line\n\nmore\n", "lines"), ("id\ttext\n1\ta\n", "tsv")])
def test_standard_input(monkeypatch: pytest.MonkeyPatch, content: str, format: str) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content.encode())))
    with open_table("-") as table:
        assert table.format == format
        assert len(list(table)) >= 1


def test_rows_are_not_all_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """Endless standard input: the first rows come without reading to an end."""

    class Endless(io.RawIOBase):
        def __init__(self) -> None:
            self.given = 0

        def readable(self) -> bool:
            return True

        def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
            data = (b"a line of text\n" * (len(buffer) // 15 + 1))[: len(buffer) // 15 * 15 or 1]
            buffer[: len(data)] = data
            self.given += len(data)
            return len(data)

    endless = Endless()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BufferedReader(endless)))
    with open_table("-", format="lines") as table:
        rows: Iterator[dict[str, str]] = iter(table)
        assert len(list(itertools.islice(rows, 10_000))) == 10_000
    assert endless.given < 2_000_000


def test_compressed_tables_and_many_rows(tmp_path: Path) -> None:
    path = tmp_path / "a.csv.gz"
    path.write_bytes(gzip.compress(b"text,n\n" + b"".join(b"text %d,%d\n" % (i, i) for i in range(5000))))
    with open_table(path) as table:
        assert [int(row["n"]) for row in table] == list(range(5000))


def test_what_is_no_table(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"is a folder"):
        open_table(tmp_path)
    with pytest.raises(UsageError, match=r"no format 'aclimdb' here"):
        table_of(tmp_path, "a.csv", "text\na\n", format="aclimdb")
    with pytest.raises(DataError, match=r"is empty"):
        table_of(tmp_path, "a.txt", "")
