"""Word vectors for a command: those of a model folder or of a file, and what is said of a written file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from wordloom.atomic import previous_of
from wordloom.cli.output import bytes_on_disk, count, paragraph, print_json, say, size
from wordloom.errors import DataError

if TYPE_CHECKING:
    from wordloom.vectors import WordVectors
    from wordloom.vectors.formats import Written

WRITTEN_FORMATS = ("glove", "word2vec", "word2vec-binary", "projector", "safetensors", "fasttext")
_MODEL_CONFIG = "config.json"
on_unwritable_option = click.option(
    "--on-unwritable",
    type=click.Choice(["error", "skip", "escape"]),
    default="error",
    show_default=True,
    help="What to do with words that the format cannot hold, such as those with a space: stop, leave them "
    "out, or write the characters as codes.",
)


def is_model(path: str) -> bool:
    """Whether a path is a model folder, or one whose saving was cut off, rather than a file of vectors."""
    place = Path(path)
    return (place / _MODEL_CONFIG).is_file() or not place.exists()


def load_vectors(path: str, format: str | None = None) -> WordVectors:
    """The vectors of a model folder or of a file; `format` is that of a file.

    Raises DataError for a path that is neither.
    """
    place = Path(path)
    if not place.exists() and not previous_of(place).exists():
        raise DataError(f"{path}: there is no model folder and no file of word vectors of this name.")
    from wordloom.vectors import WordVectors

    if format is None and is_model(path):
        from wordloom.text_model import TextModel

        learned = TextModel.load(place).vectors()
        return WordVectors(learned.words, learned.vectors, name=path, special=learned.special)

    return WordVectors.load(place, format)


def report_written(written: Written, as_json: bool, **more: Any) -> None:
    """Say what was written; `more` goes into the JSON document only."""
    from wordloom.vectors.formats import FORMATS

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
    say(f"  {FORMATS[written.format].title}, {size(n_bytes)}")
    if written.subwords_left_out:
        paragraph(
            "The subwords are left out, so the file has no answer to words that are not in it. The format "
            "fasttext keeps them: a name that ends in .bin means it here."
        )
