"""How much of a vocabulary a table covers, what is missing and why, and rows for all of its words.

It changes no table: words that are missing stay so. What may stand for one is found in `substitutes`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, get_args

import numpy as np
import numpy.typing as npt

from wordloom.errors import UsageError, did_you_mean
from wordloom.text.vocabulary import Vocabulary
from wordloom.vectors.substitutes import substitute
from wordloom.vectors.subwords import SubwordVectors
from wordloom.vectors.word_vectors import UnknownWordError, WordVectors

Unknown = Literal["zeros", "random", "subword", "nearest"]
_ROWS_AT_A_TIME = 1 << 14


class MissingWord(NamedTuple):
    """A word of the vocabulary without a row in the table.

    occurrences : how often it stands in the texts
    why : see `substitutes.Substitute`
    instead : words of the table to take for it (several: their mean); empty if there is nothing near
    """

    word: str
    occurrences: int
    why: str
    instead: tuple[str, ...]


@dataclass(frozen=True)
class Coverage:
    """How much of a vocabulary a table covers.

    Parameters
    ----------
    name : the table's name
    words, words_known : different words, and those with a row
    running, running_known : the same of running words, each counted as often as it occurs
    by_subwords : how many of the words without a row the table answers from n-grams of characters
    missing : the most frequent words without a row
    """

    name: str
    words: int
    words_known: int
    running: int
    running_known: int
    by_subwords: int
    missing: tuple[MissingWord, ...]

    @property
    def words_share(self) -> float:
        """The share of the different words that have a row."""
        return self.words_known / max(self.words, 1)

    @property
    def running_share(self) -> float:
        """The share of the running words that have a row."""
        return self.running_known / max(self.running, 1)

    def reasons(self) -> dict[str, int]:
        """How many of the listed missing words have each reason, most frequent first."""
        return dict(Counter(word.why for word in self.missing).most_common())

    def advice(self) -> tuple[str, ...]:
        """What would give the listed missing words a vector, in sentences; what helps most words first."""
        helped = [word for word in self.missing if word.instead]
        numbers = Counter(word.why for word in helped)
        gains: Counter[str] = Counter()
        for word in helped:
            gains[word.why] += word.occurrences
        found = [
            f"{why} ({numbers[why]:,} of these words, {gain:,} times): {_ADVICE[why]}."
            for why, gain in gains.most_common()
        ]
        found += [_NEAREST] * bool(found) + [_SUBWORDS] * bool(self.by_subwords)
        return tuple(found + [_ZEROS] * (len(helped) < len(self.missing)))


_ADVICE = {
    "case": "the table writes them with other capitals; --lower or --no-lower (lower=True, False) makes the "
    "texts' words like its own",
    "apostrophe": "the table has another apostrophe, none, or cuts words there (do n't)",
    "hyphen": "the table has another hyphen, none, or cuts words there",
    "number": "the table writes numbers in another way, such as # for each digit",
    "accent": "the table has them without accents",
    "spelling": "the table has a word that differs in one letter, which may mean something else",
}
_NEAREST = (
    "In training --unknown-vectors nearest (unknown_vectors='nearest') gives a word the vectors of what "
    "stands instead of it."
)
_SUBWORDS = (
    "In training --unknown-vectors subword (unknown_vectors='subword') gives words vectors made of their "
    "n-grams of characters."
)
_ZEROS = (
    "Words with nothing instead begin as zeros; --unknown-vectors random (unknown_vectors='random') draws "
    "them like the table's vectors."
)


def coverage(vectors: WordVectors, vocabulary: Vocabulary, most: int = 100) -> Coverage:
    """How many words of a vocabulary, and how many running words of its texts, have a row in the table.

    `most` is how many of the missing words are listed, the most frequent first. For the reasons to be found
    the table must be whole, not only those of its rows that the vocabulary names.
    """
    known = np.array([word in vectors for word in vocabulary.words], dtype=bool)
    missing = np.flatnonzero(~known)
    frequent = missing[np.argsort(-vocabulary.counts[missing], kind="stable")][:most]
    words = [vocabulary.words[i] for i in frequent.tolist()]
    found = [substitute(vectors, word) for word in words]
    counts = vocabulary.counts[frequent].tolist()
    return Coverage(
        name=vectors.name,
        words=len(known),
        words_known=int(known.sum()),
        running=int(vocabulary.counts.sum()),
        running_known=int(vocabulary.counts[known].sum()),
        by_subwords=sum(_by_subwords(vectors, vocabulary.words[i]) is not None for i in missing.tolist()),
        missing=tuple(
            MissingWord(word, count, other.why, other.words)
            for word, count, other in zip(words, counts, found, strict=True)
        ),
    )


def rows_of_words(
    vectors: WordVectors, words: Sequence[str], unknown: Unknown = "zeros", seed: int = 0
) -> npt.NDArray[np.float32]:
    """A row for each of W words, float32 (W, D), whether the table holds it or not.

    Raises UsageError for an unknown policy, and for "subword" with a table that has no subwords.

    Parameters
    ----------
    unknown : what words without a row get. "zeros", as the Keras tutorials do; "random": normal draws with
        the mean and the standard deviation of each column of the table; "subword": the mean of their n-grams
        in a table with subwords; "nearest": the mean of their substitutes (see `substitutes`). Words for
        which the last two find nothing get zeros.
    seed : of the draws
    """
    if unknown not in get_args(Unknown):
        raise UsageError(f"Unknown policy {unknown!r}. {did_you_mean(str(unknown), get_args(Unknown))}")
    if unknown == "subword" and not isinstance(vectors, SubwordVectors):
        raise UsageError(f"{vectors.name or 'The table'} has no subwords; only fastText's .bin models have.")
    table = np.zeros((len(words), vectors.dimensions), dtype=np.float32)
    known = np.array([word in vectors for word in words], dtype=bool)
    table[known] = vectors.vectors[[vectors.row(word) for word in words if word in vectors]]
    missing = np.flatnonzero(~known)
    if unknown == "random" and len(missing):
        mean, deviation = _moments(vectors.vectors)
        sampled = np.random.default_rng([seed, 2]).standard_normal((len(missing), vectors.dimensions))
        table[missing] = mean + deviation * sampled
    elif unknown in ("subword", "nearest"):
        find = _by_subwords if unknown == "subword" else _by_substitute
        for row in missing.tolist():
            found = find(vectors, words[row])
            if found is not None:
                table[row] = found
    return table


def start_matrix(
    vectors: WordVectors, vocabulary: Vocabulary, unknown: Unknown = "zeros", seed: int = 0
) -> npt.NDArray[np.float32]:
    """The rows of all V ids of a vocabulary, float32 (V, D); those of reserved ids are zeros.

    See `rows_of_words` for the parameters and errors.
    """
    matrix = np.zeros((vocabulary.size, vectors.dimensions), dtype=np.float32)
    matrix[vocabulary.convention.index_from + 1 :] = rows_of_words(vectors, vocabulary.words, unknown, seed)
    return matrix


def _by_subwords(vectors: WordVectors, word: str) -> npt.NDArray[np.float32] | None:
    if not isinstance(vectors, SubwordVectors):
        return None
    try:
        return vectors[word]
    except UnknownWordError:
        return None


def _by_substitute(vectors: WordVectors, word: str) -> npt.NDArray[np.float32] | None:
    parts = substitute(vectors, word).words
    if not parts:
        return None
    return np.asarray(np.array([vectors[part] for part in parts]).mean(axis=0))


def _moments(table: npt.NDArray[np.float32]) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Mean and standard deviation of each column, float64 (D,), a part of the table at a time."""
    if not len(table):
        return np.zeros(table.shape[1]), np.zeros(table.shape[1])
    parts = range(0, len(table), _ROWS_AT_A_TIME)
    blocks = [slice(start, start + _ROWS_AT_A_TIME) for start in parts]
    mean = np.sum([table[block].sum(axis=0, dtype=np.float64) for block in blocks], axis=0) / len(table)
    squares = np.sum([((table[block] - mean) ** 2).sum(axis=0) for block in blocks], axis=0)
    return mean, np.sqrt(squares / len(table))
