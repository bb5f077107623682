"""Keras models as files: whole, or their weights alone."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

from wordloom.errors import UsageError

_WEIGHTS, _MODEL = ".weights.h5", ".keras"


def save_keras_model(model: Any, path: str | os.PathLike[str]) -> str:
    """Write a Keras model; the file appears whole or not at all. Returns what is in it, in words.

    Raises UsageError for a name that ends neither in .keras nor in .weights.h5.
    """
    file = Path(path)
    if not file.name.endswith((_WEIGHTS, _MODEL)):
        raise UsageError(
            f"{file}: the name of a Keras model ends in {_MODEL}, that of its weights alone in {_WEIGHTS}."
        )
    weights_only = file.name.endswith(_WEIGHTS)
    with tempfile.TemporaryDirectory(dir=file.parent, prefix=".wordloom-") as folder:
        written = Path(folder) / file.name
        (model.save_weights if weights_only else model.save)(written)
        os.replace(written, file)
    return "the weights of a Keras model" if weights_only else "a Keras model"
