"""Rows of CSV that every reader finds whole."""

from __future__ import annotations

import ast
import csv
import io

import pytest

from source_trees import source_trees
from wordloom.csv_writer import csv_writer

ROWS = [["text", "label"], ["good\rfilm", "pos"], ["bad\nfilm", "neg"], ["a\r\nb", 'c"d'], ["", "plain"]]


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
def test_a_cell_with_a_lone_carriage_return_is_quoted(delimiter: str) -> None:
    stream = io.StringIO(newline="")
    csv_writer(stream, delimiter).writerows(ROWS)
    assert stream.getvalue().split("\n")[:2] == [f"text{delimiter}label", f'"good\rfilm"{delimiter}pos']
    assert list(csv.reader(io.StringIO(stream.getvalue(), newline=""), delimiter=delimiter)) == ROWS


def test_every_table_is_written_by_this_writer() -> None:
    users = {
        file.name
        for file, tree in source_trees().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in ("writer", "DictWriter")
        if ast.unparse(node.value) == "csv"
    }
    assert users == {"csv_writer.py"}
