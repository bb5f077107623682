"""NgramNetwork: a weight for every word and every n-gram that a document holds; ids in, probabilities out.

The logits are a bias plus the sum of the weights of the document's words and n-grams, each counted once,
divided by the square root of how many there are (as a share of the mean in training). N-grams are found by
exact look-up, so no two share a weight. The characters of the words may add their own logits: they are a
network of the same kind, whose "words" are characters and whose ids come after those of the words.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from wordloom.errors import DataError
from wordloom.kernels import linear_kernels
from wordloom.kernels.large_pages import in_large_pages
from wordloom.kernels.threads import over_ranges
from wordloom.models.class_counts import ClassCounts
from wordloom.models.compact_ngrams import compact_arrays, in_steps, plain_arrays, rounded
from wordloom.models.output import HasOutput
from wordloom.models.weights import check_sizes, stored_weights
from wordloom.plain_values import check_choices, check_ranges, from_plain
from wordloom.targets import SINGLE
from wordloom.text.ngram_finder import LONGEST, NgramFinder
from wordloom.text.sequences import LONGEST_DOCUMENT, SIDES, Ragged

_WORTH_LARGE_PAGES = 100_000
"""Finding n-grams in so many words takes longer than the copy of the weights for it."""
_OF_CHARACTERS = "characters."
"""What the names of the characters' arrays begin with."""
SMALLEST_MEAN = 1e-9
"""Rows in a document on average; a document that holds any has one."""


@dataclass(frozen=True)
class NgramShape(HasOutput):
    """The form of an n-gram network: everything about it that is not learned.

    Parameters
    ----------
    architecture : "ngram"
    n_words : W, words with a row; a start mark that can stand in n-grams is the first of them
    n_ngrams : G, n-grams of two words and more
    longest : words in the longest n-gram
    n_classes, target : of the output
    first_word : the id of the word of row 0; lower ids are no words
    mean_rows : how many words and n-grams a training document held, on average
    maxlen, truncating : how long documents are cut; None for no limit
    characters : of the n-grams of characters inside words; None for none
    """

    architecture: str
    n_words: int
    n_ngrams: int
    longest: int
    n_classes: int
    first_word: int
    mean_rows: float
    maxlen: int | None = None
    truncating: str = "pre"
    dimensions: int = 0
    characters: NgramShape | None = None
    target: str = SINGLE

    def __post_init__(self) -> None:
        check_choices(self, architecture=("ngram",), truncating=SIDES)
        if self.characters is not None:
            self._check_characters(self.characters)
        self.check_output()
        counts = dict.fromkeys(("n_words", "n_ngrams", "first_word"), (0, 2**31 - 1))
        check_ranges(self, **counts, longest=(1, LONGEST), dimensions=(0, 0))
        check_ranges(self, maxlen=(1, LONGEST_DOCUMENT), mean_rows=(SMALLEST_MEAN, 1 / SMALLEST_MEAN))

    def _check_characters(self, own: NgramShape) -> None:
        if own.characters is not None or own.output != self.output or self.maxlen is not None:
            raise DataError(
                "'characters' need the classes of the words, no characters of their own, no maxlen."
            )
        if own.maxlen is not None or own.first_word <= self.first_word + self.n_words:
            raise DataError("the ids of 'characters' must come after those of the words, and have no maxlen.")

    def sizes(self) -> dict[str, tuple[int, ...]]:
        """Name -> shape of every array, but those of the characters."""
        return {
            "pairs": (self.n_ngrams, 2),
            "weights": (self.n_words + self.n_ngrams, self.n_logits),
            "bias": (self.n_logits,),
        }


class NgramRows(NamedTuple):
    """N documents as rows.

    words : of words and their n-grams
    characters : of characters and theirs; None for a network without
    """

    words: Ragged
    characters: Ragged | None = None

    def take(self, documents: NDArray[np.int64]) -> NgramRows:
        """The documents of these numbers."""
        own = self.characters
        return NgramRows(self.words.take(documents), None if own is None else own.take(documents))


@dataclass(frozen=True, eq=False)
class NgramNetwork:
    """A shape, the n-grams and their weights.

    Parameters
    ----------
    shape : NgramShape
    pairs : int32 (G, 2), sorted: the row of the first words and the row of the last word of each n-gram
    weights : float32 (W + G, K)
    bias : float32 (K,)
    steps : float32 (K,), if the weights are whole multiples of these and are saved as such; else None
    characters : the network of the characters, whose logits are added; its shape is `shape.characters`
    counts : how many of the texts that it has learned from hold each row, for learning on; None for unknown
    """

    kind: ClassVar[str] = "ngram"

    shape: NgramShape
    pairs: NDArray[np.int32]
    weights: NDArray[np.float32]
    bias: NDArray[np.float32]
    steps: NDArray[np.float32] | None = None
    characters: NgramNetwork | None = None
    counts: ClassCounts | None = None

    def __post_init__(self) -> None:
        arrays = {"pairs": self.pairs, "weights": self.weights, "bias": self.bias}
        check_sizes(arrays, self.shape.sizes())
        self.finder.check()

    @staticmethod
    def from_config(config: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> NgramNetwork:
        """A network from its shape's values and named arrays.

        Raises DataError that names a value or an array which is missing, of another type or size, or points
        nowhere.
        """
        return NgramNetwork._of(from_plain(NgramShape, config, "network"), arrays)

    @staticmethod
    def _of(shape: NgramShape, arrays: dict[str, NDArray[Any]]) -> NgramNetwork:
        steps, own = arrays.get("steps"), shape.characters
        characters = None
        if own is not None:
            named = {name: array for name, array in arrays.items() if name.startswith(_OF_CHARACTERS)}
            characters = NgramNetwork._of(own, {n.removeprefix(_OF_CHARACTERS): a for n, a in named.items()})
        if steps is not None:
            arrays = {**arrays, **plain_arrays(arrays)}
        found = stored_weights(arrays, shape.sizes(), {"pairs": np.int32})
        counts = ClassCounts.stored(arrays, len(found["weights"]), shape.n_classes)
        return NgramNetwork(shape, found["pairs"], found["weights"], found["bias"], steps, characters, counts)

    def with_characters(self, characters: NgramNetwork) -> NgramNetwork:
        """The same network, whose logits those of the characters are added to."""
        return replace(self, shape=replace(self.shape, characters=characters.shape), characters=characters)

    @property
    def n_ids(self) -> int:
        """One more than the id of the last word, or character, that has a row."""
        return (
            self.shape.first_word + self.shape.n_words if self.characters is None else self.characters.n_ids
        )

    @property
    def described(self) -> str:
        """The network in a few words."""
        longest = f", up to {self.shape.longest} words long" if self.shape.n_ngrams else ""
        own = self.shape.characters
        characters = "" if own is None else f", {own.n_ngrams:,} of up to {own.longest} characters"
        return f"ngram, {self.shape.n_ngrams:,} n-grams{longest}{characters}"

    @property
    def embedding(self) -> None:
        """There are no word vectors."""
        return None

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Name -> array, the inverse of `from_config`."""
        arrays: dict[str, NDArray[Any]] = {"pairs": self.pairs, "weights": self.weights}
        if self.steps is not None:
            arrays = compact_arrays(self.pairs, self.shape.n_words, self.weights, self.steps)
        arrays["bias"] = self.bias
        if self.counts is not None:
            arrays |= self.counts.arrays()
        if self.characters is not None:
            arrays |= {_OF_CHARACTERS + name: array for name, array in self.characters.arrays().items()}
        return arrays

    def compact(self) -> NgramNetwork:
        """Nearly the same network, with weights that take a byte each in a file."""
        weights, steps = rounded(self.weights)
        characters = None if self.characters is None else self.characters.compact()
        return replace(self, weights=weights, steps=steps, characters=characters, counts=None)

    def scaled(self, factor: float) -> NgramNetwork:
        """The same network with its logits multiplied by `factor`."""
        by = np.float32(factor)
        characters = None if self.characters is None else self.characters.scaled(factor)
        if self.steps is not None:
            steps = self.steps * by
            weights = in_steps(self.weights, self.steps).astype(np.float32) * steps
            return replace(self, weights=weights, bias=self.bias * by, steps=steps, characters=characters)
        return replace(self, weights=self.weights * by, bias=self.bias * by, characters=characters)

    def shifted(self, offsets: NDArray[np.float64]) -> NgramNetwork:
        """The same network with `offsets`, (K,), added to its logits."""
        return replace(self, bias=(self.bias + offsets).astype(np.float32))

    def prepared(self, ids: Ragged, threads: int | None = None) -> NgramRows:
        """Documents of ids as the rows of the words and n-grams in them, none twice."""
        words, characters = self._split(ids)
        own = None
        if self.characters is not None and characters is not None:
            own = self.characters.rows(characters, threads)
        return NgramRows(self.rows(words, threads), own)

    def _split(self, ids: Ragged) -> tuple[Ragged, Ragged | None]:
        """The ids of the words, cut to `maxlen`, and those of the characters, None without a network of them.

        Raises DataError for ids that there are not.
        """
        shape, characters = self.shape, None
        ids.refuse_outside(self.n_ids)
        if self.characters is not None:
            of_words = ids.ids < shape.first_word + shape.n_words
            characters = ids.where(~of_words)
            ids = ids.where(of_words)
        if shape.maxlen is not None:
            ids = ids.truncated(shape.maxlen, shape.truncating)
        return ids, characters

    def rows(self, ids: Ragged, threads: int | None) -> Ragged:
        return self.finder.present(ids, self.shape.longest, threads)

    def logits(self, prepared: NgramRows, threads: int | None = None, times: int = 1) -> NDArray[np.float32]:
        """(N, K) for N documents that `prepared` has made ready; the bits do not depend on `threads`.

        `times` says about how often they will be asked for, which may make compiled code worth its while.
        """
        scales = document_scales(prepared.words.lengths, self.shape.mean_rows)
        sums = weighted_sums(prepared.words, scales, self.weights, self.bias, threads, times)
        if self.characters is None or prepared.characters is None:
            return sums
        return sums + self.characters.logits(NgramRows(prepared.characters), threads, times)

    def probabilities(self, ids: Ragged, threads: int | None = None) -> NDArray[np.float64]:
        """(N, C): the probability of each class for N documents of word ids; rows sum to 1."""
        words, characters = self._split(ids)
        logits = self._summed(words, threads)
        if self.characters is not None and characters is not None:
            logits = logits + self.characters._summed(characters, threads)
        return self.shape.output.probabilities(logits)

    def _summed(self, ids: Ragged, threads: int | None) -> NDArray[np.float32]:
        """(N, K): what `logits` gives for the `rows` of these documents, bit by bit, without keeping rows."""
        weights = self._weights_at_hand if len(ids.ids) >= _WORTH_LARGE_PAGES else self.weights
        sums, counts = self.finder.present_sums(ids, self.shape.longest, weights, threads)
        scales = document_scales(counts, self.shape.mean_rows)
        return np.asarray(sums * scales[:, None] + self.bias, dtype=np.float32)

    @cached_property
    def _weights_at_hand(self) -> NDArray[np.float32]:
        return in_large_pages(self.weights)

    @cached_property
    def finder(self) -> NgramFinder:
        return NgramFinder(self.shape.n_words, self.pairs, self.shape.first_word)


def document_scales(lengths: NDArray[np.int64], mean_rows: float) -> NDArray[np.float32]:
    """float32 (N,): what the sum of a document's weights is multiplied by, 1 at the mean length."""
    return np.sqrt(mean_rows / np.maximum(lengths, 1)).astype(np.float32)


def weighted_sums(
    rows: Ragged,
    scales: NDArray[np.float32],
    weights: NDArray[np.float32],
    bias: NDArray[np.float32],
    threads: int | None,
    times: int = 1,
) -> NDArray[np.float32]:
    """float32 (N, K): the logits of N documents of rows; only the first K columns of `weights` are used.

    `times` says about how often they will be asked for, which may make compiled code worth its while.
    """
    if not len(rows):
        return np.zeros((0, len(bias)), dtype=np.float32)
    kernels = linear_kernels(times * len(rows.ids))
    parts = over_ranges(
        lambda a, b: kernels.logits(rows.ids, rows.offsets[a : b + 1], scales[a:b], weights, bias),
        rows.offsets,
        threads,
    )
    return np.concatenate(parts)
