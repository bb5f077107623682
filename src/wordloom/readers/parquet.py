"""Parquet tables, with pyarrow (the extra `parquet`).

Integer labels become their names where the file knows them: Hugging Face's data sets store the names of a
`ClassLabel` in the schema's metadata, under the key "huggingface".
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from wordloom.errors import DataError, MissingExtraError, listed, shown
from wordloom.readers.reader import Reader
from wordloom.readers.relabelling import Relabelling
from wordloom.readers.source import ReadOptions, Source
from wordloom.readers.table import Row, Table, label_column

_BATCH_ROWS = 4096


def _open(source: Source, options: ReadOptions) -> Table:
    """A table of a Parquet file, rows counted from 0.

    Nested columns are left out, but for lists of strings and of whole numbers. Raises MissingExtraError
    without pyarrow, DataError for a damaged file.
    """
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError:
        raise MissingExtraError("Reading Parquet", "pyarrow", "parquet") from None
    path = source.whole_file("Parquet")
    try:
        file = pyarrow.parquet.ParquetFile(path)
    except (pyarrow.ArrowInvalid, OSError) as error:
        raise _damaged(source.name, error) from None
    columns = [field.name for field in file.schema_arrow if _is_read(field.type)]
    names = class_names(file.schema_arrow.metadata or {})
    rows = _rows(file, columns, {key: names[key] for key in columns if key in names}, source.name)
    return Table(source.name, "parquet", columns, rows, unit="row", close=file.close)


def _is_read(kind: Any) -> bool:
    """Whether columns of this type are read: a plain one, or lists of what can be labels."""
    from pyarrow import types

    if types.is_list(kind) or types.is_large_list(kind) or types.is_fixed_size_list(kind):
        inner = kind.value_type
        return bool(types.is_string(inner) or types.is_large_string(inner) or types.is_integer(inner))
    return not types.is_nested(kind)


def class_names(metadata: Mapping[bytes, bytes]) -> dict[str, list[str]]:
    """The label names of each column of ClassLabel or of lists of it, from the schema's metadata.

    Empty where there are none.
    """
    try:
        features = json.loads(metadata[b"huggingface"])["info"]["features"]
        each = {column: _of_list(feature) for column, feature in features.items()}
        return {
            column: list(feature["names"])
            for column, feature in each.items()
            if isinstance(feature, dict) and feature.get("_type") == "ClassLabel"
        }
    except (KeyError, TypeError, AttributeError, ValueError):
        return {}


def _of_list(feature: Any) -> Any:
    """What a list is of: `{"feature": ...}`, in older files `[...]`; anything else as it is."""
    if isinstance(feature, list) and len(feature) == 1:
        return feature[0]
    return feature.get("feature", feature) if isinstance(feature, dict) else feature


def _rows(
    file: Any, columns: list[str], names: Mapping[str, list[str]], name: str
) -> Iterator[tuple[int, Row]]:
    import pyarrow

    place = 0
    try:
        for batch in file.iter_batches(batch_size=_BATCH_ROWS, columns=columns):
            for row in batch.to_pylist():
                for column, known in names.items():
                    row[column] = _class_name(row[column], known, f"{name}, row {place}")
                yield place, row
                place += 1
    except (pyarrow.ArrowInvalid, OSError) as error:
        raise _damaged(name, error) from None


def _class_name(code: Any, names: list[str], where: str) -> Any:
    if isinstance(code, list):
        return [_class_name(one, names, where) for one in code]
    if code is None or code == -1:  # -1: what data sets write where the label is kept secret
        return None
    if not 0 <= code < len(names):
        raise DataError(f"{where}: the label {code} has no name; the file names {len(names)} labels.")
    return names[code]


def _damaged(name: str, error: Exception) -> DataError:
    return DataError(f"{name}: is not a whole Parquet file ({error}). Download or copy it again.")


def _relabel(asked: Relabelling) -> None:
    """The same table with another column of labels; types, other columns and what the schema says stay."""
    source, edits = asked.source, asked.edits
    column = label_column(_open(source, asked.options), asked.options)
    import pyarrow
    import pyarrow.parquet

    whole = pyarrow.parquet.read_table(source.whole_file("Parquet"))
    field, place = whole.schema.field(column), whole.schema.get_field_index(column)
    names = class_names(whole.schema.metadata or {}).get(column)
    values = whole.column(column).to_pylist()
    for row, label in edits.items():
        if label is not None:
            values[row] = label if names is None else _class_code(label, names, f"{source.name}, row {row}")
    kind = field.type.value_type if pyarrow.types.is_dictionary(field.type) else field.type
    column_again = pyarrow.array(values, type=kind).cast(field.type)
    kept = [row for row in range(len(values)) if edits.get(row, "") is not None]
    pyarrow.parquet.write_table(whole.set_column(place, field, column_again).take(kept), asked.target)


def _class_code(label: Any, names: list[str], where: str) -> int:
    if label not in names:
        raise DataError(
            f"{where}: the file keeps labels as numbers of named classes, and {shown(label)} is none of them "
            f"({listed(names)}). Write the table in another format for a new label."
        )
    return names.index(str(label))


PARQUET = Reader(_open, relabel=_relabel)
