"""Files of vectors and tables read with the standard library and NumPy alone, in a simple way.

The robustness benchmark compares with them what wordloom reads in a damaged file.
"""

from __future__ import annotations

import contextlib
import csv
import io
import itertools
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

BLANKS = re.compile(r"[ \t\v\f\r]+")
"""What separates words for fastText."""
_RETURN = "\ue000"


def text_vectors(path: Path) -> Any:
    """A text file with or without a header of two counts; the last five parts of a line are numbers."""
    lines = path.read_bytes().removeprefix(b"\xef\xbb\xbf").split(b"\n")
    rows = [line.rstrip(b"\r\n ") for line in lines]
    head = rows[0].split(b" ") if rows else []
    if len(head) == 2 and all(part.isdigit() for part in head):
        rows = rows[1:]
    words, numbers = [], []
    for row in rows:
        if row.strip():
            word, *parts = row.rsplit(b" ", 5)
            words.append(word.decode())
            numbers.append([np.float32(float(part)) for part in parts])
    return words, np.array(numbers, dtype=np.float32).tobytes()


def binary_vectors(path: Path) -> Any:
    """A word2vec binary file."""
    data = path.read_bytes()
    head, _, data = data.partition(b"\n")
    count, width = map(int, head.split())
    words, rows = [], []
    for _ in range(count):
        word, _, data = data.partition(b" ")
        words.append(word.lstrip(b"\n").decode())
        rows.append(np.frombuffer(data[: 4 * width], dtype="<f4"))
        data = data[4 * width :]
    return words, np.array(rows, dtype=np.float32).tobytes()


def tensor_vectors(path: Path) -> Any:
    """A table in a safetensors file."""
    data = path.read_bytes()
    length = int.from_bytes(data[:8], "little")
    header, data = json.loads(data[8 : 8 + length]), data[8 + length :]

    def array(name: str, kind: str) -> Any:
        first, last = header[name]["data_offsets"]
        return np.frombuffer(data[first:last], dtype=kind)

    blob, bounds = array("words", "u1").tobytes(), array("offsets", "<i8").tolist()
    words = [blob[a:b].decode() for a, b in itertools.pairwise(bounds)]
    return words, array("vectors", "<f4").tobytes()


def csv_rows(delimiter: str) -> Callable[[Path], Any]:
    """A reader of a table whose first column holds texts, the second one labels.

    Lines end in line feeds; between tabs, quotes that do not close are letters.
    """

    def read(path: Path) -> Any:
        text = path.read_bytes().decode("utf-8-sig").removesuffix("\r")
        text = text.replace("\r\n", "\n").replace("\r", _RETURN)
        rows = _separated(text, delimiter)
        rows = [[cell.replace(_RETURN, "\r") for cell in row] for row in rows if any(row)]
        return [([row[0] for row in rows[1:]], [row[1].strip(" ") for row in rows[1:]])]

    return read


def _separated(text: str, delimiter: str) -> list[list[str]]:
    if delimiter != "\t":
        return list(csv.reader(io.StringIO(text), delimiter=delimiter))
    with contextlib.suppress(csv.Error):
        rows = list(csv.reader(io.StringIO(text), delimiter=delimiter, strict=True))
        if not any("\n" in cell and delimiter in cell for row in rows for cell in row):
            return rows
    return list(csv.reader(io.StringIO(text), delimiter=delimiter, quoting=csv.QUOTE_NONE))


def _of_objects(rows: list[Any]) -> Any:
    return [([row["text"] for row in rows], [str(row["label"]) for row in rows])]


def json_lines(path: Path) -> Any:
    """One JSON object a line."""
    lines = path.read_bytes().decode("utf-8-sig").split("\n")
    return _of_objects([json.loads(line) for line in lines if line.strip()])


def json_rows(path: Path) -> Any:
    """A list of JSON objects."""
    return _of_objects(json.loads(path.read_bytes().decode("utf-8-sig")))


def fasttext_rows(path: Path) -> Any:
    """Labels and texts of fastText's form."""
    texts, labels = [], []
    for line in path.read_bytes().decode("utf-8-sig").split("\n"):
        parts = [part for part in BLANKS.split(line) if part]
        own = [part for part in parts if part.startswith("__label__")]
        if own:
            labels.append(own[0].removeprefix("__label__"))
            texts.append(" ".join(part for part in parts if part not in own).strip())
    return [(texts, labels)]
