"""The n-grams of texts that stay on disk: what `wordloom.text.ngrams` counts in memory, in passes.

For each length one pass counts the pairs of every chunk by themselves; added up over the chunks they
give the n-grams in enough texts, and a second pass puts their numbers in the place of the chunks' own.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wordloom.errors import DataError
from wordloom.kernels import ngram_counting_kernels
from wordloom.text.ngrams import (
    MOST_PLACES,
    NgramCounts,
    NgramSelection,
    first_words,
    gathered,
    longer,
    renumbered,
)
from wordloom.text.on_disk.external_counting import KEYS_AT_ONCE, MostCounted, SortedRuns
from wordloom.text.on_disk.stored_documents import StoredDocuments
from wordloom.text.on_disk.temporary_arrays import ScratchArray
from wordloom.text.on_disk.vocabulary_pass import Passes
from wordloom.text.sequences import Ragged, offsets_of


def count_stored_ngrams(
    ids: StoredDocuments,
    word_counts: NDArray[np.int64],
    first_word: int,
    selection: NgramSelection,
    passes: Passes,
    keys_at_once: int = KEYS_AT_ONCE,
) -> tuple[NgramCounts, StoredDocuments]:
    """The n-grams of N stored documents, and the documents as rows, stored; the same as `count_ngrams` gives.

    Parameters as there; `keys_at_once` is about how many n-grams are in memory while they are added up,
    before it is known which are in enough texts. Raises DataError for a full disk, and for more than 2**31
    ids in one chunk.
    """
    ngrams = _NgramPasses(ids, len(word_counts), first_word, passes)
    found = [ngrams.first_words()]
    n_words, left = len(word_counts), selection.most
    bases, counts = [0, n_words], word_counts.astype(np.int32)
    pairs, documents, dropped = [np.zeros((0, 2), dtype=np.int32)], [np.zeros(0, dtype=np.int32)], [0]
    for length in range(2, selection.longest + 1):
        own, runs = ngrams.paired(found[-1], counts, length, keys_at_once)
        enough = MostCounted(passes.scratch)
        for keys, summed in runs.summed():
            kept = summed >= selection.min_documents
            enough.append(keys[kept], summed[kept])
        keys, counts = enough.most(left)
        found.append(ngrams.renumbered(own, runs, keys))
        left -= len(keys)
        documents.append(counts)
        pairs.append(np.stack([keys // n_words + bases[-2], keys % n_words], axis=1).astype(np.int32))
        dropped.append(len(enough) - len(keys))
        bases.append(bases[-1] + len(keys))
        if not len(keys):
            break
    rows = ngrams.gathered(found, np.array(bases[:-1]))
    sizes = np.diff(bases).tolist()
    return NgramCounts(np.concatenate(pairs), np.concatenate(documents), sizes, dropped), rows


@dataclass
class _NgramPasses:
    """Passes over the chunks of N documents of ids."""

    ids: StoredDocuments
    n_words: int
    first_word: int
    passes: Passes

    def first_words(self) -> ScratchArray:
        """The words at every place of all chunks, repeats in a document marked."""
        found = self._array()
        for chunk in self.ids:
            if len(chunk.ids) + len(chunk) > MOST_PLACES:
                raise DataError(
                    f"A part of the texts that is read at once has {len(chunk.ids):,} words, more than "
                    f"the {MOST_PLACES:,} that n-grams can be counted in; split its longest text."
                )
            kernels = ngram_counting_kernels(len(chunk.ids))
            text = kernels.laid_out(chunk.ids, chunk.offsets, self.first_word)
            found.append(first_words(kernels, text, _places(chunk), self.n_words, self.passes.threads))
        return found

    def paired(
        self, begins: ScratchArray, counts: NDArray[np.int32], length: int, keys_at_once: int
    ) -> tuple[ScratchArray, SortedRuns]:
        """One word more: each chunk's own numbers at its places, and the pairs that they stand for."""
        own, runs = self._array(), SortedRuns(self.passes.scratch, keys_at_once)
        step = f"counting n-grams of {length} words"
        for chunk in self.ids:
            kernels = ngram_counting_kernels(len(chunk.ids))
            text = kernels.laid_out(chunk.ids, chunk.offsets, self.first_word)
            at = begins.read(len(own), len(own) + len(text.words))
            limits = (length, 1, self.n_words)
            numbers, pairs, documents = longer(kernels, text, at, counts, limits, self.passes.threads)
            runs.append(pairs[:, 0].astype(np.int64) * self.n_words + pairs[:, 1], documents)
            own.append(numbers)
            if len(own) < self._places:
                self.passes.callbacks.on_step(step, len(own), self._places, "word")
        self.passes.callbacks.on_step(step, len(runs), len(runs), "candidate")
        return own, runs

    def renumbered(self, own: ScratchArray, runs: SortedRuns, keys: NDArray[np.int64]) -> ScratchArray:
        """The numbers of the kept `keys` at every place; none for those that fell out."""
        found = self._array()
        for run in range(len(self.ids.bounds) - 1):
            there = runs.keys(run)
            number = np.full(len(there) + 1, -1, dtype=np.int32)  # the last one is that of none
            if len(keys):
                at = np.minimum(np.searchsorted(keys, there), len(keys) - 1)
                number[:-1] = np.where(keys[at] == there, at, -1)
            numbers = own.read(len(found), len(found) + self._places_of(run))
            found.append(renumbered(numbers, number))
        return found

    def gathered(self, found: list[ScratchArray], bases: NDArray[np.int64]) -> StoredDocuments:
        """The documents as rows without repetition."""
        rows, first = StoredDocuments(self.passes.scratch), 0
        for run in range(len(self.ids.bounds) - 1):
            offsets = self.ids.offsets[self.ids.bounds[run] : self.ids.bounds[run + 1] + 1]
            places = offsets_of(np.diff(offsets) + 1)
            last = first + int(places[-1])
            numbers = tuple(array.read(first, last) for array in found)
            kernels = ngram_counting_kernels(int(offsets[-1] - offsets[0]))
            rows.append(gathered(kernels, numbers, bases, places, self.passes.threads))
            first = last
        return rows

    def _places_of(self, run: int) -> int:
        first, last = self.ids.bounds[run], self.ids.bounds[run + 1]
        return int(self.ids.offsets[last] - self.ids.offsets[first]) + last - first

    def _array(self) -> ScratchArray:
        return ScratchArray(np.int32, self.passes.scratch)

    @property
    def _places(self) -> int:
        return int(self.ids.offsets[-1]) + len(self.ids)


def _places(chunk: Ragged) -> NDArray[np.int64]:
    return offsets_of(chunk.lengths + 1)
