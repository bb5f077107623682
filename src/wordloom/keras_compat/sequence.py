"""The names of `keras.preprocessing.sequence` that text notebooks use."""

from __future__ import annotations

from wordloom.keras_compat.skipgrams import make_sampling_table, skipgrams
from wordloom.text.sequences import pad_sequences

__all__ = ["make_sampling_table", "pad_sequences", "skipgrams"]
