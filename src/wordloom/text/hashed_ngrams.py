"""HashedNgrams: n-grams of words and of characters that have ids by their hash, as in fastText's classifiers.

They are part of a vocabulary, as an alphabet is: their ids come after those of the words. A line's ids are
fastText's, see `wordloom.kernels.hashed_ngrams`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wordloom.errors import DataError
from wordloom.kernels import hashed_ngram_kernels, index_of
from wordloom.kernels import hashed_ngrams as plain_kernels
from wordloom.kernels.hashed_ngrams import END, LABEL, Entry
from wordloom.kernels.threads import over_ranges
from wordloom.kernels.tokens import SEPARATOR
from wordloom.plain_values import check_ranges, from_plain
from wordloom.text.sequences import Ragged, offsets_of
from wordloom.text.tokenizer import Tokenizer

LINE_TOKENIZER = Tokenizer(lower=False, filters="\n\r\t\v\f\0", split=" ")
"""How fastText splits a line; other white space is part of words."""
MOST_WORDS, MOST_CHARACTERS = 100, 255
"""Of an n-gram; more would let a file ask for any amount of work."""
LABEL_PREFIX = LABEL.decode()
END_TOKEN = END.decode()


@dataclass(frozen=True, eq=False)
class HashedNgrams:
    """The rule by which n-grams have ids.

    Parameters
    ----------
    word_ngrams : words in the longest n-gram of words; 1 for none
    minn, maxn : characters in the shortest and the longest n-gram of characters; maxn 0 for none
    buckets : what hashes are taken modulo; 0 if there are no n-grams
    label_tokens : how the labels are written in a line, where they are no words
    pruned : int32 (P, 2), sorted, the buckets that have a row, and which; None if each has its own
    """

    word_ngrams: int
    minn: int
    maxn: int
    buckets: int
    label_tokens: tuple[str, ...] = ()
    pruned: NDArray[np.int32] | None = None

    def __post_init__(self) -> None:
        check_ranges(self, word_ngrams=(0, MOST_WORDS), minn=(0, 2**31 - 1), maxn=(0, MOST_CHARACTERS))
        check_ranges(self, buckets=(0, 2**31 - 1))
        if not self.buckets and (self.word_ngrams > 1 or self.maxn):
            raise DataError("n-grams of words or of characters need a bucket, and there are none.")
        if self.pruned is not None:
            self._check(self.pruned)

    def _check(self, pruned: NDArray[np.int32]) -> None:
        if pruned.dtype != np.int32 or pruned.ndim != 2 or pruned.shape[1] != 2:
            raise DataError("the kept n-grams must be pairs of a bucket and a row.")
        buckets, rows = pruned[:, 0], pruned[:, 1]
        if len(pruned) and (buckets[0] < 0 or buckets[-1] >= self.buckets or (np.diff(buckets) <= 0).any()):
            raise DataError(
                f"the kept n-grams name a bucket twice, or one outside 0 to {self.buckets - 1:,}."
            )
        if len(pruned) and (rows.min() < 0 or rows.max() >= len(pruned)):
            raise DataError(f"the kept n-grams name a row outside 0 to {len(pruned) - 1:,}.")

    @property
    def rows(self) -> int:
        """How many ids there are besides those of the words."""
        return self.buckets if self.pruned is None else len(self.pruned)

    def to_config(self) -> dict[str, Any]:
        """As plain values, but for `pruned`."""
        values = {name: value for name, value in vars(self).items() if name in self.__dataclass_fields__}
        return {**values, "label_tokens": list(self.label_tokens), "pruned": None}

    @staticmethod
    def from_config(config: dict[str, Any], pruned: NDArray[Any] | None) -> HashedNgrams:
        """The inverse of `to_config`. Raises DataError that names a value that has no meaning."""
        found = from_plain(_Plain, {name: v for name, v in config.items() if name != "pruned"}, "hashed")
        tokens = tuple(found.label_tokens)
        return HashedNgrams(found.word_ngrams, found.minn, found.maxn, found.buckets, tokens, pruned)

    def line_ids(
        self,
        words: Sequence[str],
        lines: tuple[NDArray[np.uint8], NDArray[np.int64]],
        with_end: bool = True,
        threads: int | None = None,
    ) -> Ragged:
        """The ids of N lines, given as bytes and offsets int64 (N+1,); words have ids from 1.

        words : the dictionary's
        with_end : whether a line's end counts as its last token, as in texts; not at the end of a file
        """
        data, offsets = lines
        kernels = hashed_ngram_kernels(len(data))
        entries = [*words, *self.label_tokens]
        index = index_of(self, kernels, lambda: kernels.build_index(*_encoded(entries)))
        pruned = self._pruned
        rule = self._rule(words, with_end)
        alphabet = _line_alphabet()
        parts = over_ranges(
            lambda a, b: kernels.line_ids(data, offsets[a : b + 1], alphabet, index, rule, pruned),
            offsets,
            threads,
        )
        return Ragged.joined(parts)

    @property
    def _pruned(self) -> NDArray[np.int32]:
        return np.zeros((0, 2), dtype=np.int32) if self.pruned is None else self.pruned

    def entries(self, words: Sequence[str], line: Sequence[str]) -> tuple[list[int], list[Entry]]:
        """The words of a line that count, by their places in it, and what each of its ids stands for.

        words : the dictionary's
        line : words; the place of the line's end is their number
        """
        spelled = [word.encode("utf-8", "surrogatepass") for word in line]
        entries = [*words, *self.label_tokens]
        index = index_of(self, plain_kernels, lambda: plain_kernels.build_index(*_encoded(entries)))
        rule = self._rule(words, with_end=True)
        counted = plain_kernels.counted_words(spelled, index, rule)
        kept = dict(self._pruned.tolist())
        found = plain_kernels.line_entries([word for _, word in counted], index, rule, kept, {})
        return [place for place, _ in counted], list(found)

    def _rule(self, words: Sequence[str], with_end: bool) -> NDArray[np.int64]:
        # no n-gram has a row if all are pruned away: none is looked for
        lost = self.pruned is not None and not len(self.pruned)
        longest, maxn = (1, 0) if lost else (self.word_ngrams, self.maxn)
        ranks: dict[str, int] = vars(self).setdefault("_end", {})
        if END_TOKEN not in ranks:
            ranks[END_TOKEN] = words.index(END_TOKEN) + 1 if END_TOKEN in words else 0
        counts = longest, self.minn, maxn, self.buckets, len(words)
        return np.array([*counts, self.pruned is not None, ranks[END_TOKEN], with_end], dtype=np.int64)


@dataclass(frozen=True)
class _Plain:
    """What a file says of `HashedNgrams`."""

    word_ngrams: int
    minn: int
    maxn: int
    buckets: int
    label_tokens: list[str]


def _line_alphabet() -> NDArray[np.uint8]:
    """The tokenizer's, but that a byte 0xFF, which lines may hold, separates nothing."""
    table = LINE_TOKENIZER.alphabet()
    table[0, SEPARATOR] = 0
    return table


def _encoded(entries: Sequence[str]) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Words of a dictionary as the bytes that stand in fastText's file, which need not be UTF-8."""
    try:
        spelled = [entry.encode("utf-8", "surrogateescape") for entry in entries]
    except UnicodeEncodeError as error:
        raise DataError(f"a word of the dictionary is no text: {error.object!r:.60}.") from None
    return bytes_of_lines(spelled)


def bytes_of_lines(lines: Sequence[bytes]) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Lines, or words, as `HashedNgrams.line_ids` takes them: bytes one after the other, offsets (N+1,)."""
    lengths = np.array([len(line) for line in lines], dtype=np.int64)
    return np.frombuffer(bytearray(b"".join(lines)), dtype=np.uint8), offsets_of(lengths)
