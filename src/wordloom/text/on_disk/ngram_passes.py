"""The n-grams of texts that stay on disk: what `wordloom.text.ngrams` counts in memory, in jobs.

For each length a job counts the pairs of every part, chunk by chunk; added up over ranges of pairs they give
the n-grams in enough texts, and the next job puts their numbers in the place of the chunks' own.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from wordloom.text.ngrams import NgramCounts, NgramSelection
from wordloom.text.on_disk.external_counting import (
    KEYS_AT_ONCE,
    Counted,
    MostCounted,
    drop_runs,
    ranges_of,
    stored_runs,
)
from wordloom.text.on_disk.ngram_jobs import PairsJob, RowsJob, SumJob, range_names
from wordloom.text.on_disk.ordered_jobs import Step
from wordloom.text.on_disk.stored_documents import StoredDocuments
from wordloom.text.on_disk.text_parts import PartedDocuments


def count_stored_ngrams(
    ids: PartedDocuments,
    word_counts: NDArray[np.int64],
    first_word: int,
    selection: NgramSelection,
    keys_at_once: int = KEYS_AT_ONCE,
) -> tuple[NgramCounts, StoredDocuments]:
    """The n-grams of N stored documents, and the documents as rows, stored; the same as `count_ngrams` gives.

    Parameters as there; `keys_at_once` is about how many n-grams are in memory while they are added up,
    before it is known which are in enough texts. Raises DataError for a full disk, and for more than 2**31
    ids in one chunk.
    """
    counting = _NgramCounting(ids, first_word, len(word_counts), keys_at_once)
    n_words, left = len(word_counts), selection.most
    counting.keep(1, np.zeros(0, np.int64), word_counts.astype(np.int32))
    bases = [0, n_words]
    pairs, documents, dropped = [np.zeros((0, 2), dtype=np.int32)], [np.zeros(0, dtype=np.int32)], [0]
    for length in range(2, selection.longest + 1):
        enough = counting.counted(length, selection.min_documents)
        keys, counts = enough.most(left)
        counting.keep(length, keys, counts)
        left -= len(keys)
        documents.append(counts)
        pairs.append(np.stack([keys // n_words + bases[-2], keys % n_words], axis=1).astype(np.int32))
        dropped.append(len(enough) - len(keys))
        bases.append(bases[-1] + len(keys))
        if not len(keys):
            break
    rows = counting.rows(bases[:-1])
    sizes = np.diff(bases).tolist()
    return NgramCounts(np.concatenate(pairs), np.concatenate(documents), sizes, dropped), rows


class _NgramCounting:
    """The jobs, one length after the other."""

    def __init__(self, ids: PartedDocuments, first_word: int, n_words: int, keys_at_once: int) -> None:
        self._ids, self._parts, self._at_once = ids, ids.parts, keys_at_once
        self._values = (ids.name, first_word, n_words)
        self._places = [int(lengths.sum()) + len(lengths) for lengths in ids.of_parts]

    def keep(self, length: int, keys: NDArray[np.int64], counts: NDArray[np.int32]) -> None:
        """The n-grams of a length that have rows."""
        store, name = self._parts.store, self._ids.name
        store.put(f"{name}-kept-{length}", keys)
        store.put(f"{name}-counts-{length}", counts)

    def counted(self, length: int, fewest: int) -> MostCounted:
        """The n-grams of a length in enough texts."""
        parts, step = self._parts, f"counting n-grams of {length} words"
        parts.do(PairsJob, *self._values, length, step=Step(step, "word", self._places))
        self._let_go_of(length - 1)
        runs = parts.names(f"{self._ids.name}-runs-{length}")
        ranges = ranges_of(parts.store, runs, self._at_once)
        values = self._ids.name, runs
        jobs = [
            SumJob(parts.place, number, step, *values, keys, fewest) for number, keys in enumerate(ranges)
        ]
        enough = MostCounted(parts.store.scratch)
        for number in parts.in_order(jobs):
            enough.append(*self._of_range(number))
        candidates = sum(len(stored_runs(parts.store, name)) for name in runs)
        parts.callbacks.on_step(step, candidates, candidates, "candidate")
        return enough

    def rows(self, bases: list[int]) -> StoredDocuments:
        """The documents as rows."""
        jobs = self._parts.jobs(RowsJob, *self._values, bases)
        rows = self._parts.joined(jobs, f"{self._ids.name}-rows")
        self._let_go_of(len(bases))
        self._parts.drop(*(f"{self._ids.name}-found-{length}" for length in range(1, len(bases) + 1)))
        return rows

    def _of_range(self, number: int) -> Counted:
        store, (keys, counts) = self._parts.store, range_names(self._ids.name, number)
        found = store.get(keys, np.int64), store.get(counts, np.int32)
        store.drop(keys, counts)
        return found

    def _let_go_of(self, length: int) -> None:
        """What was counted of a length and has been renumbered."""
        self._parts.drop(f"{self._ids.name}-own-{length}")
        for name in self._parts.names(f"{self._ids.name}-runs-{length}"):
            drop_runs(self._parts.store, name)
