"""DocumentVectors: vectors of words and n-grams, and the weights that make them vectors of documents.

A document is the weighted average of the vectors of its words and n-grams, minus the average over the
documents that were learned from, in the coordinates of `projection`; a text without a known word is zeros.
One safetensors file holds it all, and loading it runs no code; `WordVectors.load` reads its words.
Does not know of labels or classifiers.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wordloom.errors import DataError
from wordloom.kernels import average_kernels, product_kernels
from wordloom.kernels.threads import over_ranges
from wordloom.tensor_file import checked_version, reading_tensors, write_tensors
from wordloom.text.counting import encoded_words
from wordloom.text.ngram_finder import FoundNgrams
from wordloom.text.sequences import Ragged
from wordloom.text.tokenizer import Tokenizer
from wordloom.vectors.formats.byte_streams import check_file
from wordloom.vectors.formats.safetensors_table import DOCUMENT_VECTORS, spellings_of
from wordloom.vectors.learning.ngram_table import NgramTable
from wordloom.vectors.word_vectors import WordVectors

VERSION = 1
_TENSORS = {
    "vectors": ("F32", 2),
    "weights": ("F32", 1),
    "center": ("F32", 1),
    "projection": ("F32", 2),
    "pairs": ("I32", 2),
    "document_counts": ("I64", 1),
    "words": ("U8", 1),
    "offsets": ("I64", 1),
}
_TEXTS_AT_ONCE = 10_000


class DocumentVectors:
    """Turns texts into vectors, texts never seen before too.

    Parameters
    ----------
    table : the V words and n-grams, and the tokenizer
    vectors : float32 (V, D)
    weights : float32 (V,), what each counts in a document's average, 0 or more
    center : float32 (D,), what is taken away from every document's average
    projection : float32 (D, F), what the difference is multiplied by (see `principal_axes`)
    """

    def __init__(
        self,
        table: NgramTable,
        vectors: NDArray[np.float32],
        weights: NDArray[np.float32],
        center: NDArray[np.float32],
        projection: NDArray[np.float32],
    ) -> None:
        shapes = vectors.shape, weights.shape, center.shape, projection.shape[:1]
        if shapes != ((len(table), len(center)), (len(table),), (vectors.shape[1],), (len(center),)):
            raise DataError(
                f"{len(table):,} words and n-grams need as many vectors and weights, found vectors of the "
                f"shape {vectors.shape}, weights of {weights.shape}, a center of {center.shape} and a "
                f"projection of {projection.shape}."
            )
        table.finder.check()
        self.table, self.weights, self.center, self.projection = table, weights, center, projection
        self.ngrams = WordVectors(table.names, vectors, "learned from documents")

    def __repr__(self) -> str:
        words, ngrams = len(self.table.words), len(self.table.pairs)
        return f"<DocumentVectors {words:,} words, {ngrams:,} n-grams, {self.dimensions} dimensions>"

    @property
    def dimensions(self) -> int:
        """F, the numbers of a document's vector."""
        return int(self.projection.shape[1])

    @property
    def words(self) -> WordVectors:
        """The words' vectors alone, an ordinary table; `ngrams` holds the n-grams' too."""
        return WordVectors(self.table.words, self.ngrams.vectors[: len(self.table.words)], self.ngrams.name)

    def encode(self, texts: Sequence[str], threads: int | None = None) -> NDArray[np.float32]:
        """The vectors of N texts, float32 (N, F)."""
        if isinstance(texts, str):
            raise DataError("encode takes a list of texts, not one string; write [text].")
        result = np.empty((len(texts), self.dimensions), dtype=np.float32)
        for first in range(0, len(texts), _TEXTS_AT_ONCE):
            batch = texts[first : first + _TEXTS_AT_ONCE]
            result[first : first + len(batch)] = self.average(self.table.find(batch, threads), threads)
        return result

    def average(self, documents: FoundNgrams, threads: int | None = None) -> NDArray[np.float32]:
        """The vectors of N documents that are rows of the table already, float32 (N, F)."""
        averages = averages_of(documents.rows, self.ngrams.vectors, self.weights, threads)
        averages[documents.rows.lengths > 0] -= self.center
        weights = np.ascontiguousarray(self.projection.T)
        kernels, evenly = product_kernels(len(documents.rows.ids)), np.arange(len(averages) + 1)
        parts = over_ranges(lambda a, b: kernels.row_products(averages[a:b], weights), evenly, threads)
        return np.concatenate(parts)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write one safetensors file, whole or not at all; UsageError for a tokenizer without a name."""
        words, offsets = encoded_words(self.table.words)
        about = {
            "version": VERSION,
            "tokenizer": self.table.tokenizer.to_config(),
            "n_documents": self.table.n_documents,
        }
        tensors: dict[str, NDArray[Any]] = {
            "vectors": self.ngrams.vectors,
            "weights": self.weights,
            "center": self.center,
            "projection": self.projection,
            "pairs": self.table.pairs,
            "document_counts": self.table.document_counts,
            "words": words,
            "offsets": offsets,
        }
        write_tensors(path, tensors, {DOCUMENT_VECTORS: json.dumps(about, sort_keys=True)})

    @classmethod
    def load(
        cls,
        path: str | os.PathLike[str],
        tokenizer_function: Callable[[str], Sequence[str]] | None = None,
    ) -> DocumentVectors:
        """Read what `save` wrote.

        `tokenizer_function` is the own tokenizer function it was learned with, if any. Raises DataError for
        a file that is missing, damaged, of another kind, or written by a newer version.
        """
        source = Path(path)
        about, tensors = _read(source)
        table = _table(source, about, tensors, tokenizer_function)
        for name in ("weights", "center", "projection"):
            if not np.isfinite(tensors[name]).all():
                raise DataError(f"{source}: {name!r} holds NaN or infinity; the file is damaged.")
        tensors["vectors"].flags.writeable = False
        return cls(table, tensors["vectors"], tensors["weights"], tensors["center"], tensors["projection"])


def is_document_vectors(path: str | os.PathLike[str]) -> bool:
    """Whether a file is one that `DocumentVectors.save` wrote."""
    if Path(path).suffix != ".safetensors" or not Path(path).is_file():
        return False
    try:
        with reading_tensors(Path(path)) as file:
            return DOCUMENT_VECTORS in file.metadata
    except DataError:
        return False


def averages_of(
    documents: Ragged,
    vectors: NDArray[np.float32],
    weights: NDArray[np.float32],
    threads: int | None = None,
) -> NDArray[np.float32]:
    """The weighted averages of the vectors of N documents of rows, float32 (N, D)."""
    rows, offsets = documents.ids, documents.offsets
    kernels = average_kernels(len(rows))
    parts = over_ranges(
        lambda first, last: kernels.averages(rows, offsets[first : last + 1], vectors, weights),
        offsets,
        threads,
    )
    return np.concatenate(parts)


def principal_axes(averages: NDArray[np.float32], power: float) -> NDArray[np.float32]:
    """The principal axes of N centered documents (N, D), each scaled by its spread to the `power`: (D, D).

    The features have a mean square of 1. Directions in which documents hardly differ are mostly noise, and a
    classifier that shrinks all its weights alike then leans on the others. With -1 all features would have
    the same spread.
    """
    covariance = averages.T.astype(np.float64) @ averages / max(len(averages), 1)
    spreads, axes = np.linalg.eigh(covariance)
    spreads, axes = np.sqrt(np.maximum(spreads[::-1], 0)), axes[:, ::-1]
    highest = np.abs(axes).argmax(axis=0)
    axes = axes * np.sign(axes[highest, np.arange(axes.shape[1])])  # an axis has no direction of its own
    scaled = axes * np.where(spreads > 1e-6 * spreads[0], spreads / max(spreads[0], 1e-30), 0) ** power
    size = np.sqrt((scaled * (covariance @ scaled)).sum() / scaled.shape[1])
    projection: NDArray[np.float32] = (scaled / max(size, 1e-30)).astype(np.float32)
    return projection


def _read(path: Path) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    """The JSON object and the tensors, their types checked."""
    check_file(path)
    with reading_tensors(path) as file:
        about = file.record(DOCUMENT_VECTORS)
        if about is None:
            raise DataError(f"{path}: holds no vectors of documents as wordloom saves them.")
        checked_version(path, about, VERSION)
        return about, {name: file.load(name, [dtype], ndim) for name, (dtype, ndim) in _TENSORS.items()}


def _table(
    path: Path,
    about: dict[str, Any],
    tensors: dict[str, NDArray[Any]],
    tokenizer_function: Callable[[str], Sequence[str]] | None,
) -> NgramTable:
    """The words and n-grams; DataError where what a file says of them does not fit together."""
    try:
        words = [word.decode("utf-8", "surrogatepass") for word in spellings_of(path, tensors)]
        tokenizer = Tokenizer.from_config(about["tokenizer"], tokenizer_function)
    except DataError:
        raise
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        raise DataError(f"{path}: the words or the tokenizer's rules are damaged ({error}).") from None
    n_documents, counts, pairs = about.get("n_documents"), tensors["document_counts"], tensors["pairs"]
    if type(n_documents) is not int or len(counts) != len(words) + len(pairs):
        raise DataError(f"{path}: the counts of documents do not fit the words and n-grams.")
    if (counts < 0).any() or n_documents < counts.max(initial=0):
        raise DataError(f"{path}: a word is in more documents than there are, or in fewer than none.")
    table = NgramTable(words, pairs, counts, n_documents, tokenizer)
    try:
        table.finder.check()
        table.finder.check_lengths()
    except DataError as error:
        raise DataError(f"{path}: {error}") from None
    return table
