"""Word vectors for a command: those of a model folder, or of a file in any format that wordloom reads."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from wordloom.atomic import previous_of
from wordloom.errors import DataError

if TYPE_CHECKING:
    from wordloom.vectors import WordVectors

_MODEL_CONFIG = "config.json"


def load_vectors(path: str, format: str | None = None) -> WordVectors:
    """The vectors of a model folder or of a file; `format` is that of a file.

    Raises DataError for a path that is neither.
    """
    place = Path(path)
    if not place.exists() and not previous_of(place).exists():
        raise DataError(f"{path}: there is no model folder and no file of word vectors of this name.")
    from wordloom.vectors import WordVectors

    if format is None and ((place / _MODEL_CONFIG).is_file() or not place.exists()):
        from wordloom.text_model import TextModel

        learned = TextModel.load(place).vectors()
        return WordVectors(learned.words, learned.vectors, name=path, special=learned.special)

    return WordVectors.load(place, format)
