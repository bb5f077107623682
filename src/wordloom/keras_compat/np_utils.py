"""The names of `keras.utils.np_utils`."""

from __future__ import annotations

from wordloom.keras_compat.categories import normalize, to_categorical, to_ordinal

__all__ = ["normalize", "to_categorical", "to_ordinal"]
