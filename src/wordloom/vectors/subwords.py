"""SubwordVectors: a table whose n-grams of characters also answer words that it does not hold.

The rules are fastText's (Bojanowski, Grave, Joulin & Mikolov, Enriching Word Vectors with Subword
Information, 2017; details from its source): a vector is the mean of the rows of a word's n-grams.

Learning the rows is not here but in `learning`, and their file in `formats.fasttext_model`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from wordloom.errors import DataError
from wordloom.kernels import subword_kernels
from wordloom.kernels.threads import over_ranges
from wordloom.vectors.word_vectors import UnknownWordError, WordVectors

_END_OF_LINE = b"</s>"
"""fastText's mark for the end of a line, which has no n-grams."""


@dataclass(frozen=True)
class SubwordRule:
    """The n-grams of `minn` to `maxn` characters, hashed into `buckets` rows."""

    minn: int
    maxn: int
    buckets: int

    def ids(self, words: Sequence[str | bytes]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """The rows of the n-grams of N words, int64 (M,), and the words' offsets into them, int64 (N+1,).

        Words may be given as the bytes that stand in a file, which need not be UTF-8.
        """
        encoded = [
            word if isinstance(word, bytes) else word.encode("utf-8", "surrogatepass") for word in words
        ]
        texts = [b"" if word == _END_OF_LINE else b"<" + word + b">" for word in encoded]
        offsets = np.cumsum([0, *map(len, texts)], dtype=np.int64)
        data = np.frombuffer(b"".join(texts), dtype=np.uint8)
        rule = np.array([self.minn, self.maxn, self.buckets], dtype=np.int64)
        ids, ends = subword_kernels(len(data)).subword_ids(data, offsets, rule)
        return ids, ends


@dataclass(frozen=True, eq=False)
class Subwords:
    """What vectors are means of, perhaps in a mapped file.

    rule : which n-grams a word has
    rows : float32 (B, D), those of the n-grams, by bucket
    own : float32 (V, D), the row that each word of a table has besides its n-grams, in the table's order
    """

    rule: SubwordRule
    rows: npt.NDArray[np.float32]
    own: npt.NDArray[np.float32]

    def vector(self, word: str) -> npt.NDArray[np.float32] | None:
        """The mean of the rows of a word's n-grams, float32 (D,); None if it has none.

        Raises DataError if a number is NaN or infinite.
        """
        ids, ends = self.rule.ids([word])
        if len(ids) == 0:
            return None
        found = means(self.rows, np.array([-1]), ids, ends)[0]
        if not np.isfinite(found).all():
            raise DataError(
                f"The subwords of {word!r} hold a number that is NaN or infinite; is the file damaged?"
            )
        found.flags.writeable = False
        return np.asarray(found)


def means(
    table: npt.NDArray[np.float32],
    firsts: npt.NDArray[np.int64],
    ids: npt.NDArray[np.int64],
    offsets: npt.NDArray[np.int64],
) -> npt.NDArray[np.float32]:
    """float32 (N, D); see `kernels.subwords.mean_rows`. The same bits for any number of threads."""
    found = np.empty((len(firsts), table.shape[1]), dtype=np.float32)
    kernels = subword_kernels(10 * len(ids))

    def fill(first: int, last: int) -> None:
        kernels.mean_rows(table, firsts[first:last], ids, offsets[first : last + 1], found[first:last])

    over_ranges(fill, offsets, None)
    return found


class SubwordVectors(WordVectors):
    """Word vectors in which `vectors[word]` has an answer for words without a row, from their n-grams.

    `word in vectors`, `row` and answers of queries know only the words with a row; a query may be any word.
    """

    __slots__ = ("subwords",)
    subwords: Subwords

    @classmethod
    def of(cls, table: WordVectors, subwords: Subwords) -> SubwordVectors:
        """A table with subwords. Raises DataError if the shapes do not fit."""
        rule, rows, own = subwords.rule, subwords.rows, subwords.own
        if rule.buckets < 1 or rule.maxn < 1 or not rows.dtype == own.dtype == np.float32:
            raise DataError(
                f"{table.name or 'word vectors'}: subwords need a bucket, n-grams of a character and rows of "
                f"float32, found {rule} with {rows.dtype} and {own.dtype}."
            )
        needed = (rule.buckets, table.dimensions), table.vectors.shape
        if (subwords.rows.shape, subwords.own.shape) != needed:
            raise DataError(
                f"{table.name or 'word vectors'}: vectors of the shape {table.vectors.shape} and "
                f"{subwords.rule.buckets:,} buckets need other rows than {subwords.rows.shape} and "
                f"{subwords.own.shape}."
            )
        made = cls.of_checked(table.words, table.vectors, table.name, table.special)
        object.__setattr__(made, "subwords", subwords)
        return made

    @classmethod
    def composed(
        cls, words: Sequence[str], table: npt.NDArray[np.float32], rule: SubwordRule, name: str = ""
    ) -> SubwordVectors:
        """V words with the means of their rows; `table: float32 (V + B, D)` holds the words' own, then B.

        Nothing is copied: the table must not change any more. Its numbers must be finite.
        """
        ids, offsets = rule.ids(words)
        vectors = means(table, np.arange(len(words)), ids + len(words), offsets)
        vectors.flags.writeable = False
        found = cls.of_checked(tuple(words), vectors, name)
        return cls.of(found, Subwords(rule, table[len(words) :], table[: len(words)]))

    def __getitem__(self, word: str) -> npt.NDArray[np.float32]:
        """The vector of any word, float32 (D,), read-only. Raises UnknownWordError if it has no n-grams."""
        if word in self or not isinstance(word, str):
            return super().__getitem__(word)
        found = self.subwords.vector(word)
        if found is None:
            raise UnknownWordError(word, self.words, self.name)
        return found

    def subset(self, words: Iterable[str]) -> WordVectors:
        """The vectors of `words`, in that order, also of those without a row; a table without subwords."""
        if isinstance(words, str):
            raise DataError(f"subset takes a list of words, not one string; write [{words!r}].")
        chosen = list(words)
        table = np.array([self[word] for word in chosen], dtype=np.float32).reshape(-1, self.dimensions)
        table.flags.writeable = False
        return WordVectors(chosen, table, self.name, self.special.intersection(chosen))

    def keeping(self, words: Iterable[str]) -> SubwordVectors:
        """The table of some of its words, in that order, with the same subwords."""
        chosen = list(words)
        rows = np.array([self.row(word) for word in chosen], dtype=np.intp)
        subwords = dataclasses.replace(self.subwords, own=self.subwords.own[rows])
        return SubwordVectors.of(super().subset(chosen), subwords)

    def __reduce__(self) -> tuple[Any, ...]:
        return _restored, (*super().__reduce__()[1], self.subwords)


def _restored(
    words: tuple[str, ...],
    vectors: npt.NDArray[np.float32],
    name: str,
    special: tuple[str, ...],
    subwords: Subwords,
) -> SubwordVectors:
    return SubwordVectors.of(WordVectors(words, vectors, name, special), subwords)
