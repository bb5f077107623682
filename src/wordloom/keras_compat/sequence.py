"""The name of `keras.preprocessing.sequence` that text notebooks use."""

from __future__ import annotations

from wordloom.text.sequences import pad_sequences

__all__ = ["pad_sequences"]
