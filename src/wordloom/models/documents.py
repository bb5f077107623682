"""DocumentNetwork: vectors of documents, learned from texts without labels, under a linear classifier.

A document's vector is the weighted average of the vectors of its words and n-grams, minus a center, in the
coordinates of a projection (see `wordloom.vectors.learning.DocumentVectors`). All of that is linear, and so
is the classifier, so each word and n-gram is kept as what it adds to the K logits. Only where there are
more logits than dimensions its vector itself is kept.

The average of a few words is far from the center by chance alone, so what a short document's vector adds to
the logits is shrunk (`shrunk_scales`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from wordloom.kernels import product_kernels
from wordloom.models.output import HasOutput, Output
from wordloom.models.weights import check_sizes, stored_weights
from wordloom.plain_values import check_choices, check_ranges, from_plain
from wordloom.targets import SINGLE
from wordloom.text.conventions import IdConvention, convention
from wordloom.text.ngram_finder import NgramFinder
from wordloom.text.sequences import Ragged
from wordloom.vectors.learning.document_vectors import averages_of

if TYPE_CHECKING:
    from wordloom.vectors.learning import DocumentVectors

CONVENTION: IdConvention = convention("plain-unknown")
"""The ids that the network takes: unknown words keep their place, so that no n-gram jumps over them."""
_FIRST = CONVENTION.index_from + 1


@dataclass(frozen=True)
class DocumentShape(HasOutput):
    """The form of the network.

    Parameters
    ----------
    architecture : "documents"
    n_words, n_ngrams : W and G; the network has V = W + G rows
    dimensions : D of the word vectors
    n_classes, target : of the output
    shrinkage, mean_rows : how much the logits of short documents are shrunk, and up to which length
        (`shrunk_scales`)
    """

    architecture: str
    n_words: int
    n_ngrams: int
    dimensions: int
    n_classes: int
    shrinkage: float = 0.0
    mean_rows: float = 1.0
    target: str = SINGLE

    maxlen: ClassVar[int | None] = None

    def __post_init__(self) -> None:
        check_choices(self, architecture=("documents",))
        self.check_output()
        check_ranges(self, n_words=(0, 2**31 - 1), n_ngrams=(0, 2**31 - 1), dimensions=(1, 2**31))
        check_ranges(self, shrinkage=(0, 1e9), mean_rows=(1e-9, 1e9))

    @property
    def is_folded(self) -> bool:
        """Whether rows are kept as logits (V, K) instead of vectors (V, D)."""
        return self.n_logits <= self.dimensions

    def sizes(self) -> dict[str, tuple[int, ...]]:
        """Name -> shape of every array."""
        rows, k = self.n_words + self.n_ngrams, self.n_logits
        output = {} if self.is_folded else {"output": (k, self.dimensions)}
        return {
            "embedding": (self.n_words + _FIRST, self.dimensions),
            "pairs": (self.n_ngrams, 2),
            "ngram_weights": (rows,),
            "rows": (rows, k if self.is_folded else self.dimensions),
            **output,
            "output_bias": (k,),
            "empty_bias": (k,),
        }


@dataclass(frozen=True, eq=False)
class DocumentNetwork:
    """A shape and its arrays, float32 but for `pairs`, which are int32.

    Parameters
    ----------
    shape : their sizes
    embedding : (W + 2, D), the word vectors by id
    pairs : (G, 2), the n-grams (see `wordloom.kernels.ngrams`)
    weights : (V,), what each word and n-gram counts in a document
    rows : (V, K), what each adds to the logits, or (V, D), to be multiplied by the output
    output : (K, D), or None
    biases : (2, K), added to the logits of a document, and the logits of one without a known word
    """

    shape: DocumentShape
    embedding: NDArray[np.float32]
    pairs: NDArray[np.int32]
    weights: NDArray[np.float32]
    rows: NDArray[np.float32]
    output: NDArray[np.float32] | None
    biases: NDArray[np.float32]
    kind: ClassVar[str] = "documents"

    def __post_init__(self) -> None:
        check_sizes(self.arrays(), self.shape.sizes())
        self.finder.check()
        self.finder.check_lengths()

    @staticmethod
    def of(
        vectors: DocumentVectors,
        weights: NDArray[Any],
        bias: NDArray[Any],
        output: Output,
        shrinkage: float = 0.0,
        mean_rows: float = 1.0,
    ) -> DocumentNetwork:
        """The network whose logits are `scales * (vectors.encode(texts) @ weights.T) + bias`.

        weights: (K, F), bias: (K,), for logits of that output; the scales are those of `shrunk_scales`, 1
        without shrinkage.
        """
        table, words = vectors.table, vectors.words.vectors
        sizes = len(table.words), len(table.pairs), words.shape[1]
        shape = DocumentShape("documents", *sizes, output.n_classes, shrinkage, mean_rows, output.target)
        projected = weights @ vectors.projection.T.astype(np.float64)
        rows = vectors.ngrams.vectors
        folded = (rows @ projected.T).astype(np.float32) if shape.is_folded else rows
        return DocumentNetwork(
            shape,
            np.concatenate([np.zeros((_FIRST, words.shape[1]), dtype=np.float32), words]),
            table.pairs,
            vectors.weights,
            folded,
            None if shape.is_folded else projected.astype(np.float32),
            np.stack([bias - projected @ vectors.center, bias]).astype(np.float32),
        )

    @staticmethod
    def from_config(config: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> DocumentNetwork:
        """The inverse of `arrays`; DataError names a value or an array that is missing or does not fit."""
        shape = from_plain(DocumentShape, config, "network")
        arrays = stored_weights(arrays, shape.sizes(), {"pairs": np.int32})
        return DocumentNetwork(
            shape,
            arrays["embedding"],
            arrays["pairs"],
            arrays["ngram_weights"],
            arrays["rows"],
            arrays.get("output"),
            np.stack([arrays["output_bias"], arrays["empty_bias"]]),
        )

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Name -> array, as `DocumentShape.sizes` lists them."""
        return {
            "embedding": self.embedding,
            "pairs": self.pairs,
            "ngram_weights": self.weights,
            "rows": self.rows,
            **({} if self.output is None else {"output": self.output}),
            "output_bias": self.biases[0],
            "empty_bias": self.biases[1],
        }

    @property
    def n_ids(self) -> int:
        """One more than the id of the last word."""
        return self.shape.n_words + _FIRST

    @property
    def described(self) -> str:
        """The network in a few words."""
        return f"{self.shape.dimensions}-d vectors of documents, of words and {self.shape.n_ngrams:,} n-grams"

    def scaled(self, factor: float) -> DocumentNetwork:
        """The same network with its logits multiplied by `factor`."""
        wide = np.float32(factor)
        if self.output is None:
            return replace(self, rows=self.rows * wide, biases=self.biases * wide)
        return replace(self, output=self.output * wide, biases=self.biases * wide)

    def shifted(self, offsets: NDArray[np.float64]) -> DocumentNetwork:
        """The same network with `offsets`, (K,), added to its logits."""
        return replace(self, biases=(self.biases + offsets).astype(np.float32))

    def prepared(self, ids: Ragged) -> Ragged:
        """The words and n-grams of N documents of word ids, as rows."""
        ids.refuse_outside(self.n_ids)
        return self.finder.find(ids).rows

    def logits(self, prepared: Ragged, threads: int | None = None) -> NDArray[np.float32]:
        """(N, K) for N documents of rows; the bits do not depend on `threads`."""
        averages = averages_of(prepared, self.rows, self.weights, threads)
        if self.output is not None:
            averages = product_kernels(len(prepared.ids)).row_products(averages, self.output)
        scales = shrunk_scales(prepared.lengths, self.shape.shrinkage, self.shape.mean_rows)
        averages += self.biases[0] - self.biases[1]
        averages *= scales[:, None]
        averages += self.biases[1]
        return averages

    def probabilities(self, ids: Ragged, threads: int | None = None) -> NDArray[np.float64]:
        """(N, C): the probability of each class for N documents of word ids; rows sum to 1."""
        return self.shape.output.probabilities(self.logits(self.prepared(ids), threads))

    @cached_property
    def finder(self) -> NgramFinder:
        return NgramFinder(self.shape.n_words, self.pairs, _FIRST)


def shrunk_scales(lengths: NDArray[np.int64], shrinkage: float, mean_rows: float) -> NDArray[np.float32]:
    """float32 (N,): what the centered vectors of documents of so many words and n-grams are multiplied by.

    An average of n draws that is shrunk towards the center as its noise asks for counts n / (n + shrinkage).
    Here that is 1 from `mean_rows` on, since the classifier was fitted on such documents; without a known
    word it is 0.
    """
    counted = np.maximum(lengths, 1)
    scales = np.minimum((1 + shrinkage / mean_rows) / (1 + shrinkage / counted), 1)
    return np.where(lengths > 0, scales, 0).astype(np.float32)
