"""What a table of word vectors looks like: size, lengths, kinds of words."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from wordloom.vectors.subwords import SubwordVectors
from wordloom.vectors.word_vectors import WordVectors


@dataclass(frozen=True)
class Description:
    """A table in figures.

    Parameters
    ----------
    name : the table's name
    words, dimensions : V and D
    bytes : of the numbers in memory
    special : its special tokens, sorted
    shortest, median, longest : Euclidean lengths of the vectors
    zeros : vectors of nothing but zeros
    together : mean cosine of two vectors, 0 if they point everywhere alike (rows of zeros left out)
    with_capitals, with_digits, with_spaces, beyond_ascii : words that hold such characters
    subwords : rows of n-grams of characters that answer other words; 0 if there are none
    first_words : the ten first
    """

    name: str
    words: int
    dimensions: int
    bytes: int
    special: tuple[str, ...]
    shortest: float
    median: float
    longest: float
    zeros: int
    together: float
    with_capitals: int
    with_digits: int
    with_spaces: int
    beyond_ascii: int
    subwords: int
    first_words: tuple[str, ...]


def describe(vectors: WordVectors) -> Description:
    """A table in figures; see `Description`."""
    lengths = vectors.lengths
    words = vectors.words
    return Description(
        name=vectors.name,
        words=len(vectors),
        dimensions=vectors.dimensions,
        bytes=vectors.vectors.nbytes,
        special=tuple(sorted(vectors.special)),
        shortest=float(lengths.min(initial=np.inf)) if len(lengths) else 0.0,
        median=float(np.median(lengths)) if len(lengths) else 0.0,
        longest=float(lengths.max(initial=0.0)),
        zeros=int((lengths == 0).sum()),
        together=mean_cosine(vectors),
        with_capitals=sum(word != word.lower() for word in words),
        with_digits=sum(any(char.isdigit() for char in word) for word in words),
        with_spaces=sum(" " in word for word in words),
        beyond_ascii=sum(not word.isascii() for word in words),
        subwords=len(vectors.subwords.rows) if isinstance(vectors, SubwordVectors) else 0,
        first_words=words[:10],
    )


def mean_cosine(vectors: WordVectors) -> float:
    """Mean cosine of all pairs of different rows: the squared length of the sum of unit vectors tells it."""
    lengths = vectors.lengths
    count = int((lengths > 0).sum())
    if count < 2:
        return 0.0
    shares = np.divide(1.0, lengths, out=np.zeros_like(lengths), where=lengths > 0)
    total = np.zeros(vectors.dimensions)
    for start in range(0, len(lengths), 1 << 14):
        total += shares[start : start + (1 << 14)] @ vectors.vectors[start : start + (1 << 14)]
    return float((total @ total - count) / (count * (count - 1)))
