"""Word vectors for a command: those of a model folder or of a file, and what is said of a written file."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from wordloom.atomic import previous_of
from wordloom.cli.printing import bytes_on_disk, count, paragraph, print_json, say, size
from wordloom.compression import located
from wordloom.errors import DataError
from wordloom.formats import VECTOR_FORMATS, WRITTEN_VECTORS, listed, named_by_ending

if TYPE_CHECKING:
    from wordloom.vectors import WordVectors
    from wordloom.vectors.formats import Written

_WRITTEN = [VECTOR_FORMATS[name] for name in WRITTEN_VECTORS]
NAMES_HELP = (
    f"The name of the file says its format, if the option does not: {named_by_ending()}. Add .gz to compress "
    f"{listed(row.name for row in _WRITTEN if row.packs and row.suffixes)}."
)
_MODEL_CONFIG = "config.json"
_OTHER_MODELS = ("tokenizer.json", "modules.json", "meta.json")  # beside it: model2vec, spaCy and others
Function = Callable[..., Any]
on_unwritable_option = click.option(
    "--on-unwritable",
    type=click.Choice(["error", "skip", "escape"]),
    default="error",
    show_default=True,
    help="What to do with words that the format cannot hold, such as those with a space: stop, leave them "
    "out, or write the characters as codes.",
)
undecodable_option = click.option(
    "--undecodable",
    type=click.Choice(["error", "skip", "replace"]),
    default="error",
    show_default=True,
    help="What to do with words of a file that are not UTF-8 or blank: stop, leave them out, or put U+FFFD "
    "for what cannot be read.",
)


@dataclass(frozen=True)
class TableReading:
    """How a file of word vectors is read: its format, and what becomes of words that cannot be read."""

    format: str | None = None
    undecodable: str = "error"


def table_options(function: Function) -> Function:
    """Add the options of `TableReading`; the command gets one as `table_reading`."""

    @functools.wraps(function)
    def with_reading(**options: Any) -> Any:
        values = {name: options.pop(name) for name in ("format", "undecodable")}
        return function(table_reading=TableReading(**values), **options)

    return _format_option(undecodable_option(with_reading))


_format_option = click.option(
    "--format",
    metavar="NAME",
    help=f"Format of a file of vectors, if a guess is wrong: {', '.join(VECTOR_FORMATS)}.",
)


def is_model(path: str) -> bool:
    """Whether a path is a model folder, or one whose saving was cut off, rather than a file of vectors."""
    place = Path(path)
    if (place / _MODEL_CONFIG).is_file():
        return not any((place / name).exists() for name in _OTHER_MODELS)
    return not located(place)[0].exists()


def load_vectors(path: str, reading: TableReading = TableReading()) -> WordVectors:
    """The vectors of a model folder or of a file; `reading` is for a file.

    Raises DataError for a path that is neither.
    """
    place = Path(path)
    if not located(place)[0].exists() and not previous_of(place).exists():
        raise DataError(f"{path}: there is no model folder and no file of word vectors of this name.")
    from wordloom.fasttext_import import is_quantized_classifier
    from wordloom.fasttext_vectors import ClassifierVectors
    from wordloom.vectors import WordVectors

    if reading.format is None and (is_model(path) or is_quantized_classifier(path)):
        from wordloom.text_model import TextModel

        learned = TextModel.load(place).vectors()
        if isinstance(learned, ClassifierVectors):
            return learned
        return WordVectors(learned.words, learned.vectors, name=path, special=learned.special)

    return WordVectors.load(place, reading.format, undecodable=reading.undecodable)  # type: ignore[arg-type]


def report_written(written: Written, as_json: bool, **more: Any) -> None:
    """Say what was written; `more` goes into the JSON document only."""
    n_bytes = bytes_on_disk(written.path)
    if as_json:
        print_json(
            {
                "path": str(written.path),
                "format": written.format,
                "words": written.rows,
                "dimensions": written.dimensions,
                "bytes": n_bytes,
                "left_out": list(written.left_out),
                "escaped": [list(pair) for pair in written.escaped],
                "subwords_left_out": written.subwords_left_out,
                **more,
            }
        )
        return
    say(f"Wrote {written.path}: {count(written.rows, 'word')}, {count(written.dimensions, 'dimension')}")
    say(f"  {VECTOR_FORMATS[written.format].title}, {size(n_bytes)}")
    if written.subwords_left_out:
        paragraph(
            "The subwords are left out, so the file has no answer to words that are not in it. The format "
            "fasttext keeps them: a name that ends in .bin means it here."
        )
