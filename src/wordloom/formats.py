"""Formats: a row for each, of labelled text and of word vectors; the one place that says what it is.

Adding a format is its own file and a row here: picking the reader, the command line, the tables in `docs` and
the messages that list formats are made from these rows. How a format is read and written stands in the file
that its row names, in `wordloom.readers` or `wordloom.vectors.formats`; that is imported when it is needed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Format:
    """What all formats have.

    Parameters
    ----------
    name : as `format=` and `--format` have it
    title : in a few words, for help and messages
    about : what it looks like, for the table in `docs`
    code : "module:NAME", where its functions are
    suffixes : endings of file names that mean it, in lower case
    magic : how such files begin, as (place, bytes); formats without are asked for after those with
    is_file, is_folder : what it can be
    """

    name: str
    title: str
    about: str
    code: str
    suffixes: tuple[str, ...] = ()
    magic: tuple[tuple[int, bytes], ...] = ()
    is_file: bool = True
    is_folder: bool = False

    def begins(self, head: bytes) -> bool:
        """Whether these bytes begin as such files do; a format without `magic` may begin in any way."""
        return all(head[at : at + len(mark)] == mark for at, mark in self.magic)


@dataclass(frozen=True)
class Layout:
    """How rows are written as text: as fields, or as JSON objects where there is no `delimiter`.

    Parameters
    ----------
    delimiter : between fields
    before, after : around all objects
    between : two objects
    end : after each object
    """

    delimiter: str = ""
    before: str = ""
    between: str = ""
    end: str = ""
    after: str = ""


@dataclass(frozen=True)
class TextFormat(Format):
    """A format of labelled text.

    Parameters
    ----------
    may_end : endings of such files that do not say the format alone
    is_table : whether it is rows, which can also be read without labels
    has_labels : whether it has a place for labels
    has_types : whether it tells numbers from strings; where it does not, whole numbers are numbers
    streams : whether the texts may stay in the file and be read again and again
    has_parts : whether it is a whole data set, with its own parts for training and testing
    layout : how predictions are written into such a table, if they can be
    """

    may_end: tuple[str, ...] = ()
    is_table: bool = False
    has_labels: bool = True
    has_types: bool = True
    streams: bool = False
    has_parts: bool = False
    layout: Layout | None = None


@dataclass(frozen=True)
class VectorFormat(Format):
    """A format of word vectors; `suffixes` are those of files that are written.

    Parameters
    ----------
    packs : whether it is read compressed, and written so under a name that ends in `.gz`
    writes : whether it is written
    has_subwords : whether it keeps the subwords of a table
    """

    packs: bool = False
    writes: bool = True
    has_subwords: bool = False


# In both tables the general formats stand before the particular ones: a source is asked from the last to the
# first whether it is of a format, and the first that says so has it.
TEXT_FORMATS: Mapping[str, TextFormat] = {
    row.name: row
    for row in (
        TextFormat(
            "csv",
            "CSV",
            "columns between `,` `;` `\\|` or tabs, with or without names. A first line `sep=;`, as Excel "
            "writes it, says the separator. Columns at the end without name and content are left out; of a "
            "name that comes twice the second is `name.1`, and if texts or labels could be meant, that is an "
            "error. Columns without names are called `1`, `2`, ...; a number of a class, a title and a "
            "description, as Zhang et al. publish AG News and others, are read as they are: labels from `1`, "
            "the others joined as the text",
            "delimited:CSV",
            (".csv",),
            is_table=True,
            has_types=False,
            streams=True,
            layout=Layout(","),
        ),
        TextFormat(
            "tsv",
            "TSV",
            "columns between tabs, otherwise as `csv`",
            "delimited:TSV",
            (".tsv", ".tab"),
            is_table=True,
            has_types=False,
            streams=True,
            layout=Layout("\t"),
        ),
        TextFormat(
            "lines",
            "plain text with a text a line",
            "a text on each line, without labels: to predict on, and to learn vectors from",
            "plain_text:LINES",
            may_end=(".txt",),
            is_table=True,
            has_labels=False,
        ),
        TextFormat(
            "questions",
            "TREC questions",
            "`NUM:dist How far is it?`",
            "questions:QUESTIONS",
            may_end=(".label",),
        ),
        TextFormat(
            "fasttext",
            "fastText",
            "`__label__pos a fine film`; `--label-prefix` names another prefix",
            "fasttext:FASTTEXT",
            (".ft",),
            is_table=True,
            has_types=False,
            streams=True,
        ),
        TextFormat(
            "jsonl",
            "JSON Lines",
            "an object on each line",
            "json_lines:JSON_LINES",
            (".jsonl", ".ndjson"),
            may_end=(".json",),
            is_table=True,
            streams=True,
            layout=Layout(end="\n"),
        ),
        TextFormat(
            "json",
            "JSON",
            "an array of objects; what `DataFrame.to_json` writes in every `orient` but `values`; an array "
            'inside an object, `{"data": [...]}`; an object of arrays',
            "json_lines:JSON",
            (".json",),
            is_table=True,
            layout=Layout("", "[\n", ",\n", "", "\n]\n"),
        ),
        TextFormat(
            "parquet",
            "Parquet",
            "with the extra `parquet`",
            "parquet:PARQUET",
            (".parquet",),
            ((0, b"PAR1"),),
            is_table=True,
            streams=True,
        ),
        TextFormat(
            "keras-npz",
            "Keras' imdb.npz",
            "Keras' `imdb.npz` beside `imdb_word_index.json`",
            "keras_npz:KERAS_NPZ",
            (".npz",),
            ((0, b"PK\x03\x04"),),
            has_parts=True,
        ),
        TextFormat(
            "class-files",
            "a folder with a file for each class",
            "a folder with a file for each class, a text on each line: `reviews.neg` and `reviews.pos`, or "
            "`neg.txt` and `pos.txt`",
            "class_files:CLASS_FILES",
            is_file=False,
            is_folder=True,
            has_types=False,
        ),
        TextFormat(
            "class-folders",
            "a folder with a folder for each class",
            "a folder with a folder for each class and in it a file for each text; or such folders in "
            "`train` and `test`",
            "class_folders:CLASS_FOLDERS",
            is_file=False,
            is_folder=True,
            has_types=False,
        ),
        TextFormat(
            "split-files",
            "a folder with files such as train.csv and test.csv",
            "a folder with `train.csv`, `test.csv` or others of these files",
            "split_folder:SPLIT_FILES",
            is_file=False,
            is_folder=True,
            has_types=False,
        ),
        TextFormat(
            "aclimdb",
            "an aclImdb folder or archive",
            "the folder or archive of the Large Movie Review Dataset",
            "aclimdb:ACLIMDB",
            (".tar",),
            ((257, b"ustar"),),
            is_folder=True,
            has_parts=True,
        ),
    )
}
"""The formats of labelled text."""

VECTOR_FORMATS: Mapping[str, VectorFormat] = {
    row.name: row
    for row in (
        VectorFormat(
            "glove",
            "GloVe text, no header",
            "one row a word, no header",
            "glove:GLOVE",
            (".txt",),
            packs=True,
        ),
        VectorFormat(
            "word2vec",
            "word2vec text with a header, also fastText's .vec",
            "header with V and D, as word2vec and fastText write it",
            "word2vec_text:WORD2VEC",
            (".vec",),
            packs=True,
        ),
        VectorFormat(
            "word2vec-binary",
            "word2vec binary",
            "header with V and D, then words and float32; of tables without subwords",
            "word2vec_binary:WORD2VEC_BINARY",
            (".bin",),
            packs=True,
        ),
        VectorFormat(
            "safetensors",
            "safetensors, holds any word",
            "keeps every word and which tokens are special",
            "safetensors_table:SAFETENSORS",
            (".safetensors",),
            ((8, b"{"),),
        ),
        VectorFormat(
            "fasttext",
            "fastText model, with subwords if there are any",
            "fastText's model, of tables with subwords; with `--to fasttext` of any table",
            "fasttext_model:FASTTEXT",
            (".bin",),
            ((0, b"\xba\x16\x4f\x2f"),),
            has_subwords=True,
        ),
        VectorFormat(
            "static",
            "static model of model2vec or StaticEmbedding",
            "folders of model2vec and of sentence-transformers' StaticEmbedding; with the extra `static`",
            "static_model:STATIC",
            magic=((8, b"{"),),
            is_folder=True,
            writes=False,
        ),
        VectorFormat(
            "projector",
            "folder for the Embedding Projector",
            "`vectors.tsv`, `metadata.tsv`, `projector_config.pbtxt` for the Embedding Projector",
            "projector:PROJECTOR",
            is_folder=True,
            packs=True,
        ),
    )
}
"""The formats of word vectors."""

LABELLED = tuple(name for name, row in TEXT_FORMATS.items() if row.has_labels)
"""Names of the formats that labelled text is read from."""
TABLES = tuple(name for name, row in TEXT_FORMATS.items() if row.is_table)
"""Names of those that can be read without labels, row by row."""
WRITTEN_TABLES = {
    suffix: row for row in TEXT_FORMATS.values() if row.layout is not None for suffix in row.suffixes
}
"""Ending -> the format of the tables that are written."""
WRITTEN_VECTORS = tuple(name for name, row in VECTOR_FORMATS.items() if row.writes)
"""Names of the formats that vectors are written in."""


def named_by_ending() -> str:
    """Which format of vectors the name of a file means, in a sentence: ".txt (glove), ...; a name ..."."""
    written = [VECTOR_FORMATS[name] for name in WRITTEN_VECTORS]
    known: dict[str, str] = {}
    for row in written:
        for ending in row.suffixes:
            known.setdefault(ending, row.name)  # of formats whose names end alike, the first
    shown = ", ".join(f"{ending} ({name})" for ending, name in known.items())
    return f"{shown}; a name without an ending means a {titles_of(row for row in written if row.is_folder)}"


def listed(titles: Iterable[str], last: str = "or") -> str:
    """Some of them in a sentence: "CSV, TSV or Parquet"."""
    *before, end = titles
    return f"{', '.join(before)} {last} {end}" if before else end


def titles_of(rows: Iterable[Format], last: str = "or") -> str:
    """What formats are called, in a sentence."""
    return listed((row.title for row in rows), last)
