"""What old Keras notebooks import, with Keras 2's names, signatures and results, whatever Keras is installed.

    from wordloom.keras_compat import imdb, Tokenizer, pad_sequences

takes the place of `from keras.datasets import imdb`, `from keras.preprocessing.text import Tokenizer` (which
Keras 3 has no longer) and `from keras.preprocessing.sequence import pad_sequences`; `from wordloom import
keras_compat as preprocessing` that of `from keras import preprocessing`. Keras itself is not needed. Large
inputs run on wordloom's kernels. Where Keras quietly does what was hardly meant (one string where a list of
texts is expected, a Tokenizer that has not seen a text), the result is the same and a `WordloomWarning` says
so; where it stops with an error of Python's, the error here names the row and the way out.
Source: keras-preprocessing 1.1, and keras/src/legacy/preprocessing/text.py, what Keras 3 has left of it.
"""

from __future__ import annotations

from wordloom.keras_compat import imdb, np_utils, sequence, text
from wordloom.keras_compat.categories import normalize, to_categorical, to_ordinal
from wordloom.keras_compat.hashed_words import hashing_trick, one_hot, text_to_word_sequence
from wordloom.keras_compat.skipgrams import make_sampling_table, skipgrams
from wordloom.keras_compat.stored_tokenizer import tokenizer_from_json, tokenizer_from_pickle
from wordloom.keras_compat.tokenizer import Tokenizer
from wordloom.text.sequences import pad_sequences

__all__ = [
    "Tokenizer",
    "hashing_trick",
    "imdb",
    "make_sampling_table",
    "normalize",
    "np_utils",
    "one_hot",
    "pad_sequences",
    "sequence",
    "skipgrams",
    "text",
    "text_to_word_sequence",
    "to_categorical",
    "to_ordinal",
    "tokenizer_from_json",
    "tokenizer_from_pickle",
]
