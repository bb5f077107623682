"""A row for each format of labelled text; how it is read stands in `wordloom.readers`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from wordloom.formats.format import Format


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


# The general formats stand before the particular ones: a source is asked from the last to the first whether
# it is of a format, and the first that says so has it.
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
            "line_formats:LINES",
            may_end=(".txt",),
            is_table=True,
            has_labels=False,
        ),
        TextFormat(
            "questions",
            "TREC questions",
            "`NUM:dist How far is it?`",
            "line_formats:QUESTIONS",
            may_end=(".label",),
        ),
        TextFormat(
            "fasttext",
            "fastText",
            "`__label__pos a fine film`, with several marks for several labels; `--label-prefix` names "
            "another",
            "line_formats:FASTTEXT",
            (".ft",),
            is_table=True,
            has_types=False,
            streams=True,
        ),
        TextFormat(
            "jsonl",
            "JSON Lines",
            "an object on each line",
            "json_tables:JSON_LINES",
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
            "json_tables:JSON",
            (".json",),
            is_table=True,
            layout=Layout("", "[\n", ",\n", "", "\n]\n"),
        ),
        TextFormat(
            "parquet",
            "Parquet",
            "with the extra `parquet`; columns of lists are labels",
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
            "folders:CLASS_FILES",
            is_file=False,
            is_folder=True,
            has_types=False,
        ),
        TextFormat(
            "class-folders",
            "a folder with a folder for each class",
            "a folder with a folder for each class and in it a file for each text; or such folders in "
            "`train` and `test`",
            "folders:CLASS_FOLDERS",
            is_file=False,
            is_folder=True,
            has_types=False,
        ),
        TextFormat(
            "split-files",
            "a folder with files such as train.csv and test.csv",
            "a folder with `train.csv`, `test.csv` or others of these files",
            "folders:SPLIT_FILES",
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

LABELLED = tuple(name for name, row in TEXT_FORMATS.items() if row.has_labels)
"""Names of the formats that labelled text is read from."""
TABLES = tuple(name for name, row in TEXT_FORMATS.items() if row.is_table)
"""Names of those that can be read without labels, row by row."""
WRITTEN_TABLES = {
    suffix: row for row in TEXT_FORMATS.values() if row.layout is not None for suffix in row.suffixes
}
"""Ending -> the format of the tables that are written."""
