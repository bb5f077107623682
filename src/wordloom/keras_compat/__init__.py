"""What old Keras notebooks import and Keras 3 no longer has, with Keras 2's names, signatures and results.

    from wordloom.keras_compat import imdb, Tokenizer, pad_sequences

takes the place of `from keras.datasets import imdb`, `from keras.preprocessing.text import Tokenizer` and
`from keras.preprocessing.sequence import pad_sequences`. Keras itself is not needed. Large inputs run on
wordloom's kernels. Where Keras quietly does what was hardly meant (one string where a list of texts is
expected, a Tokenizer that has not seen a text), the result is the same and a `WordloomWarning` says so; where
it stops with an error of Python's, the error here names the row and the way out.
Source: keras-preprocessing 1.1, and keras/src/legacy/preprocessing/text.py, what Keras 3 has left of it.
"""

from __future__ import annotations

from wordloom.keras_compat import imdb, sequence, text
from wordloom.keras_compat.categories import to_categorical
from wordloom.keras_compat.tokenizer import Tokenizer, tokenizer_from_json
from wordloom.keras_compat.words import hashing_trick, one_hot, text_to_word_sequence
from wordloom.text.sequences import pad_sequences

__all__ = [
    "Tokenizer",
    "hashing_trick",
    "imdb",
    "one_hot",
    "pad_sequences",
    "sequence",
    "text",
    "text_to_word_sequence",
    "to_categorical",
    "tokenizer_from_json",
]
