"""Networks on pooled word vectors taken apart: each id's vector times the gradient of the logit.

Without a hidden layer the mean and all vectors side by side ("flatten") are linear, so this is exact. With
one, and for the largest and smallest of all, it is what the logit would lose if nothing else changed: the
units that are on stay on, and the words that have these numbers keep them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wordloom.explain.attribution import (
    EXACT,
    GRADIENT,
    NUMBERS_AT_A_TIME,
    Attributed,
    Terms,
    document_sums,
    products,
)
from wordloom.explain.parts import Parts, Positions
from wordloom.explain.text_words import MARK, PADDING, START, UNKNOWN_WORD, TextWords, kind_of
from wordloom.models.pooled import PooledNetwork
from wordloom.text.conventions import PADDING_ID, START_NAME
from wordloom.text.sequences import Ragged, offsets_of


@dataclass(frozen=True, eq=False)
class OfPooledNetwork:
    """A unit is a place in a document as the network takes it, cut and padded."""

    network: PooledNetwork

    @property
    def method(self) -> str:
        """Exact without a hidden layer, except for the largest and smallest of all."""
        shape = self.network.shape
        return EXACT if not shape.hidden and shape.poolings in (("mean",), ("flatten",)) else GRADIENT

    def attributed(
        self, prepared: Ragged, logits: NDArray[np.float32], columns: NDArray[np.int64]
    ) -> Attributed:
        """See `Attribution`."""
        network = self.network.weighted
        which, signs = network.shape.output.signed_logits(columns)
        step = max(NUMBERS_AT_A_TIME // max(network.shape.n_features, 1), 1)
        values = [
            self._values(
                prepared.take(np.arange(first, min(first + step, len(prepared)))), which[some], signs[some]
            )
            for first in range(0, len(prepared), step)
            for some in [slice(first, first + step)]
        ]
        places = np.arange(len(prepared.ids)) - np.repeat(prepared.offsets[:-1], prepared.lengths)
        units = Ragged(places.astype(np.int32), prepared.offsets)
        joined = np.concatenate([np.zeros(0), *values])
        if self.method == EXACT:
            biases = network.parameters.output_bias.astype(np.float64)[which] * signs
            return Attributed.exact(biases, (units, joined))
        own = logits.astype(np.float64)[np.arange(len(which)), which] * signs
        return Attributed(own, own - document_sums(joined, units.offsets), [(units, joined)])

    def _values(
        self, prepared: Ragged, which: NDArray[np.int64], signs: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """What each id adds, for a few documents."""
        network = self.network.weighted
        shape, lengths = network.shape, prepared.lengths
        gradients = self._gradients(prepared, which, signs)
        if shape.architecture == "flatten":
            each = Ragged(prepared.ids, np.arange(len(prepared.ids) + 1, dtype=np.int64))
            return products(network.embedding, each, gradients.reshape(-1, shape.dimensions))
        values = np.zeros(len(prepared.ids))
        for pooling, slopes in zip(
            shape.poolings, np.split(gradients, len(shape.poolings), axis=1), strict=True
        ):
            if pooling == "mean":
                values += products(network.embedding, prepared, slopes / np.maximum(lengths, 1)[:, None])
            else:
                values += self._of_farthest(prepared, slopes, np.argmax if pooling == "max" else np.argmin)
        return values

    def _of_farthest(
        self, prepared: Ragged, slopes: NDArray[np.float64], farthest: Callable[..., NDArray[np.int64]]
    ) -> NDArray[np.float64]:
        """What each id adds by the numbers that are the largest, or smallest, of their column."""
        values, columns = np.zeros(len(prepared.ids)), np.arange(slopes.shape[1])
        for row, (start, end) in enumerate(zip(prepared.offsets[:-1], prepared.offsets[1:], strict=True)):
            if end > start:
                vectors = self.network.weighted.embedding[prepared.ids[start:end]].astype(np.float64)
                places = farthest(vectors, axis=0)
                added = slopes[row] * vectors[places, columns]
                values[start:end] = np.bincount(places, added, minlength=end - start)
        return values

    def _gradients(
        self, prepared: Ragged, which: NDArray[np.int64], signs: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """float64 (N, F): how the logits change with what comes out of the pooling."""
        parameters = self.network.parameters
        slopes = parameters.output.astype(np.float64)[which] * signs[:, None]
        if not self.network.shape.hidden:
            return slopes
        hidden = parameters.hidden.astype(np.float64)
        inner = self.network.features(prepared) @ hidden.T + parameters.hidden_bias
        return np.asarray((slopes * (inner > 0)) @ hidden)

    def parts(self, words: TextWords, terms: Sequence[Terms]) -> list[Parts]:
        """See `Attribution`; what is padded is one part, and in a mean what has the same id and name."""
        ids, sources = self._placed(words)
        at_its_place = self.network.shape.architecture != "mean"
        names = []
        for place, (id_, source) in enumerate(zip(ids.tolist(), sources.tolist(), strict=True)):
            kind = kind_of(id_, words.vocabulary)
            name = words.vocabulary.word(id_)
            if kind == UNKNOWN_WORD:  # a start mark that frequent words are skipped with has its id
                kind, name = (START, START_NAME) if source == MARK else (kind, words.words[source])
            names.append((kind, name, place if at_its_place and kind != PADDING else -1))
        each, positions = np.arange(len(ids)), Positions(words, sources)
        return [Parts.grouped(names, terms[0].values, positions, each, np.ones_like(each))]

    def _placed(self, words: TextWords) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """The ids of a text as the network takes it, and the word that each came from."""
        shape = self.network.shape
        pair = words.ids, words.sources
        if shape.maxlen is None:
            return pair
        one = [Ragged(array, offsets_of(np.array([len(array)]))) for array in pair]
        if not shape.padded:
            cut = [each.truncated(shape.maxlen, shape.truncating).ids for each in one]
        else:
            sides = shape.maxlen, shape.padding, shape.truncating
            fills = PADDING_ID, MARK
            cut = [each.padded(*sides, fill)[0] for each, fill in zip(one, fills, strict=True)]
        return cut[0], cut[1]
