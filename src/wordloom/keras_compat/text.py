"""The names of `keras.preprocessing.text`, and `tokenizer_from_pickle`."""

from __future__ import annotations

from wordloom.keras_compat.hashed_words import hashing_trick, one_hot, text_to_word_sequence
from wordloom.keras_compat.stored_tokenizer import tokenizer_from_json, tokenizer_from_pickle
from wordloom.keras_compat.tokenizer import Tokenizer

__all__ = [
    "Tokenizer",
    "hashing_trick",
    "one_hot",
    "text_to_word_sequence",
    "tokenizer_from_json",
    "tokenizer_from_pickle",
]
