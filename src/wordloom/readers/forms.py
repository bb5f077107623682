"""The forms of labelled text: their names, how they are told apart, and what opens each.

`pick_form` is the one place that decides which reader a source gets.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from wordloom.corpus import Dataset
from wordloom.errors import DataError, UsageError, did_you_mean
from wordloom.readers import aclimdb, class_files, class_folders, fasttext, keras_npz, questions
from wordloom.readers.columns import is_habitual
from wordloom.readers.delimited import declared_delimiter, fitting_dialect, open_csv, open_tsv
from wordloom.readers.json_lines import open_json, open_json_lines
from wordloom.readers.json_tables import holds_object_lines
from wordloom.readers.lines import source_lines
from wordloom.readers.options import ReadOptions
from wordloom.readers.parquet import open_parquet
from wordloom.readers.source import HEAD_BYTES, Source
from wordloom.readers.splits import split_files
from wordloom.readers.table import Table, labelled

TableOpener = Callable[[Source, ReadOptions], Table]
FileReader = Callable[[Source, ReadOptions], Dataset]


def open_lines(source: Source, options: ReadOptions) -> Table:
    """Plain text, a text a line, as a table of one column "text"; empty lines are empty texts."""
    lines = source_lines(source, options)
    rows = ((number, {"text": line}) for number, line in enumerate(lines, start=1))
    return Table(
        source.name, "lines", ["text"], rows, has_header=False, close=lines.close, names_columns=False
    )


TABLES: dict[str, TableOpener] = {
    "csv": open_csv,
    "tsv": open_tsv,
    "jsonl": open_json_lines,
    "json": open_json,
    "parquet": open_parquet,
}
UNLABELLED_TABLES: dict[str, TableOpener] = {**TABLES, "fasttext": fasttext.open_table, "lines": open_lines}


def _table_reader(opener: TableOpener) -> FileReader:
    return lambda source, options: labelled(opener(source, options), options)


FILE_READERS: dict[str, FileReader] = {
    **{form: _table_reader(opener) for form, opener in TABLES.items()},
    "fasttext": fasttext.read,
    "questions": questions.read,
    "keras-npz": keras_npz.read,
    "aclimdb": aclimdb.read,
}
FOLDER_FORMS = ("class-folders", "class-files", "split-files")
FORMS = (*FILE_READERS, *FOLDER_FORMS)
TABLE_SUFFIXES = {
    ".csv": "csv",
    ".tsv": "tsv",
    ".tab": "tsv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "json",
}
"""Endings of the tables that can be written as well."""
_SUFFIXES = {
    **TABLE_SUFFIXES,
    ".parquet": "parquet",
    ".npz": "keras-npz",
    ".tar": "aclimdb",
    ".ft": "fasttext",
}
_FOREIGN = {
    b"\xd0\xcf\x11\xe0": "an old Excel or Word file: save it as CSV",
    b"%PDF": "a PDF",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"SQLite format": "an SQLite database",
}


def pick_form(source: Source, form: str | None, options: ReadOptions, need_label: bool = True) -> str:
    """The name of the form of `source`: what the caller says, else by suffix, folders and first bytes.

    Without `need_label` text that has no columns is "lines". Raises UsageError for an unknown `form`,
    DataError for a source of no known form.
    """
    known = FORMS if need_label else tuple(UNLABELLED_TABLES)
    if options.label_prefix is not None and (source.is_folder or form not in (None, "fasttext")):
        raise UsageError(
            f"{source.name}: label_prefix (--label-prefix) goes with a file of fastText's lines."
        )
    if form is not None:
        if form not in known:
            raise UsageError(f"There is no format {form!r} here. {did_you_mean(form, known)}")
        if form != "aclimdb" and source.is_folder != (form in FOLDER_FORMS):
            raise DataError(f"{source.name}: is {'a' if source.is_folder else 'no'} folder, not {form}.")
        return form
    if source.is_folder:
        return _folder_form(source)
    if options.label_prefix is not None:
        return "fasttext"
    return _file_form(source, options, need_label)


def _folder_form(source: Source) -> str:
    folder = source.path
    assert folder is not None
    if aclimdb.review_folder(folder):
        return "aclimdb"
    if split_files(folder):
        return "split-files"
    if class_folders.is_class_folders(folder):
        return "class-folders"
    if class_files.class_files(folder):
        return "class-files"
    holds = ", ".join(sorted(child.name for child in folder.iterdir())[:5]) or "nothing"
    raise DataError(
        f"{source.name}: this folder holds no labelled text ({holds}). Expected an aclImdb folder, a folder "
        "for each class with text files in it, a file for each class such as reviews.neg and reviews.pos, or "
        "files such as train.csv and test.csv."
    )


def _file_form(source: Source, options: ReadOptions, need_label: bool) -> str:
    head = source.head()
    if not head:
        raise DataError(f"{source.name}: is empty. Give a file with at least one text.")
    by_suffix = _SUFFIXES.get(source.suffix)
    if head.startswith(b"PAR1"):
        return "parquet"
    if head.startswith(b"PK\x03\x04") and (by_suffix == "keras-npz" or b"x_train.npy" in head):
        return "keras-npz"
    if head[257:262] == b"ustar":
        return "aclimdb"
    for magic, kind in _FOREIGN.items():
        if head.startswith(magic):
            raise DataError(f"{source.name}: is {kind}.")
    if by_suffix == "json":
        return _json_form(_head_text(head, options), len(head) >= HEAD_BYTES)
    if by_suffix is None and options.encoding is None and b"\0" in head:
        raise DataError(
            f"{source.name}: holds NUL bytes, so it is not UTF-8 text. If it is UTF-16, give "
            "encoding='utf-16' (--encoding utf-16)."
        )
    return by_suffix or _text_form(head, source, options, need_label)


def _json_form(text: str, is_cut: bool) -> str:
    lines = text.lstrip().startswith("{") and holds_object_lines(text, is_cut)
    return "jsonl" if lines else "json"


def _head_text(head: bytes, options: ReadOptions) -> str:
    """The first bytes as text; bad bytes are left for the reader to name."""
    return head.decode(options.encoding or "utf-8-sig", errors="replace")


def _head_lines(head: bytes, options: ReadOptions) -> list[str]:
    """The whole lines in the first bytes, with their ends."""
    lines = [line + "\n" for line in _head_text(head, options).split("\n")]
    return lines[:-1] if len(head) >= HEAD_BYTES and len(lines) > 1 else lines


def _text_form(head: bytes, source: Source, options: ReadOptions, need_label: bool) -> str:
    lines = _head_lines(head, options)
    filled = [line for line in lines if line.strip()]
    if not filled:
        return _unknown(source) if need_label else "lines"
    if re.match(r"\s*\{\s*([\"}]|$)", filled[0]):
        return _json_form("".join(filled), len(head) >= HEAD_BYTES)
    if re.match(r"\s*\[\s*(\{|$)", filled[0]):
        return "json"
    if fasttext.holds_labels([line.strip() for line in filled[:50]]):
        return "fasttext"
    if need_label and questions.holds_questions(filled[:50]):
        return "questions"
    if declared_delimiter(filled) is not None:
        return "csv"
    for form, delimiters in (("tsv", "	"), ("csv", ",;|")):
        if _looks_delimited(filled, delimiters, need_label, options.expected):
            return form
    return _unknown(source) if need_label else "lines"


def _looks_delimited(lines: list[str], delimiters: str, need_label: bool, expected: Sequence[str]) -> bool:
    """A header with a habitual or expected name; or, where labels are needed, as many fields in each line."""
    sample = lines[:200]
    dialect = fitting_dialect(sample, delimiters)
    records = dialect.first_records(sample)
    if not records or len(records[0]) < 2:
        return False
    widths = {len(record) for record in records}
    if len(widths) == 1 and any(is_habitual(name) or name in expected for name in records[0]):
        return True
    return need_label and len(widths) == 1


def _unknown(source: Source) -> str:
    raise DataError(
        f"{source.name}: the form of the labelled text cannot be told from its name or first lines. "
        f"Say it with format=NAME (--format NAME): {', '.join(FORMS)}."
    )
