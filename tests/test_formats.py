"""The tables of formats: each row has its code, which does what the row says, and the docs say the same."""

from __future__ import annotations

import os
import re
import sys
import types
from pathlib import Path

import pytest

from wordloom import WordVectors
from wordloom.formats import TEXT_FORMATS, VECTOR_FORMATS, Format, TextFormat, VectorFormat
from wordloom.readers import read_corpus
from wordloom.readers.picking import reader_of
from wordloom.readers.reader import FileHead, Reader
from wordloom.readers.table import Table
from wordloom.vectors.formats.codec import Codec, Sample
from wordloom.vectors.formats.detection import codec_of

DOCS = Path(__file__).parent.parent / "docs"


@pytest.mark.parametrize("row", TEXT_FORMATS.values(), ids=TEXT_FORMATS)
def test_the_reader_of_a_format_does_what_its_row_says(row: TextFormat) -> None:
    reader = reader_of(row)
    assert isinstance(reader, Reader)
    assert (reader.open is not None) == row.is_table
    assert [reader.open, reader.read, reader.read_with].count(None) == 2
    assert (reader.holds_folder is not None) == row.is_folder
    assert row.is_file or row.is_folder
    assert row.is_table or not (row.streams or row.layout)


@pytest.mark.parametrize("row", VECTOR_FORMATS.values(), ids=VECTOR_FORMATS)
def test_the_codec_of_a_format_does_what_its_row_says(row: VectorFormat) -> None:
    codec = codec_of(row.name)
    assert isinstance(codec, Codec)
    assert (codec.write is not None) == row.writes
    assert (codec.holds_folder is not None) == row.is_folder
    assert row.suffixes or row.is_folder  # a name tells it, when it is written


@pytest.mark.parametrize("table", [TEXT_FORMATS, VECTOR_FORMATS], ids=["text", "vectors"])
def test_names_and_code_belong_to_one_format_each(table: dict[str, Format]) -> None:
    assert len({row.code for row in table.values()}) == len(table)
    assert all(name == row.name for name, row in table.items())
    assert all(ending == ending.lower() for row in table.values() for ending in row.suffixes)


def test_a_new_format_of_text_is_its_file_and_a_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lines of `label # text`: told by their look or their ending, named, counted among the known ones."""

    def opened(source, options) -> Table:
        with source.open() as stream:
            pairs = [line.decode().rstrip("\n").split(" # ") for line in stream]
        rows = [(place, {"label": label, "text": text}) for place, (label, text) in enumerate(pairs, start=1)]
        return Table(source.name, "hash", ["text", "label"], iter(rows))

    def holds(head: FileHead) -> bool:
        return all(" # " in line for line in head.lines)

    module = types.ModuleType("wordloom.readers.hash_lines")
    module.HASH = Reader(opened, holds=holds)  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, module.__name__, module)
    row = TextFormat("hash", "hash", "lines", "hash_lines:HASH", (".hash",), is_table=True)
    monkeypatch.setitem(TEXT_FORMATS, "hash", row)
    for name in ("texts", "texts.hash"):
        (tmp_path / name).write_text("pos # fine\nneg # dull\n")
        read = read_corpus(tmp_path / name)
        assert (read.train.texts, read.train.labels) == (["fine", "dull"], ["pos", "neg"])


def test_a_new_format_of_vectors_is_its_file_and_a_row(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Vectors of one dimension as `word=number`: told by their look, named by their ending."""

    def read(path: Path, wanted) -> WordVectors:
        pairs = [line.split("=") for line in path.read_text().splitlines()]
        return WordVectors([word for word, _ in pairs], [[float(number)] for _, number in pairs])

    def write(vectors: WordVectors, path: Path) -> None:
        path.write_text("".join(f"{word}={vectors[word][0]}\n" for word in vectors))

    def holds(sample: Sample) -> bool:
        return b"=" in sample.first_line

    module = types.ModuleType("wordloom.vectors.formats.equations")
    module.EQUATIONS = Codec(read, holds, write)  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, module.__name__, module)
    row = VectorFormat("equations", "equations", "word=number", "equations:EQUATIONS", (".eq",))
    monkeypatch.setitem(VECTOR_FORMATS, "equations", row)
    table = WordVectors(["a", "b"], [[0.5], [2]])
    assert table.save(tmp_path / "table.eq").format == "equations"
    assert WordVectors.load(tmp_path / "table.eq").vectors.tolist() == [[0.5], [2.0]]


def table(header: str, rows: list[tuple[str, ...]]) -> str:
    """A table in Markdown."""
    columns = header.count("|") - 1
    return "\n".join([header, "|---" * columns + "|", *(f"| {' | '.join(row)} |" for row in rows)])


def names(row: VectorFormat) -> str:
    """What the names of files of a format end in, when they are written."""
    packed = [f"{ending}.gz" for ending in row.suffixes if row.packs]
    return ", ".join(f"`{ending}`" for ending in [*row.suffixes, *packed]) or "a folder"


@pytest.mark.parametrize(
    ("page", "header", "rows"),
    [
        (
            "sources.md",
            "| format | what it looks like |",
            [(f"`{row.name}`", row.about) for row in TEXT_FORMATS.values()],
        ),
        (
            "files.md",
            "| format | name ends in | notes |",
            [(f"`{row.name}`", names(row), row.about) for row in VECTOR_FORMATS.values() if row.writes],
        ),
    ],
)
def test_the_tables_in_the_docs_are_those_of_the_formats(page, header, rows) -> None:
    path = DOCS / page
    text, expected = path.read_text(encoding="utf-8"), table(header, rows)
    if os.environ.get("WORDLOOM_WRITE_DOCS"):
        text = re.sub(re.escape(header) + r"\n(?:\|.*\n)*", lambda found: expected + "\n", text)
        path.write_text(text, encoding="utf-8")
    assert expected + "\n\n" in text, (
        f"docs/{page} is out of date; write its table anew with: "
        "WORDLOOM_WRITE_DOCS=1 python -m pytest tests/test_formats.py"
    )
