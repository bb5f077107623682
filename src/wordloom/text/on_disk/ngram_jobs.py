"""Jobs that count the n-grams of one part, add up a range of those of all parts, and give a part's rows.

Names of what is in the store: of a part `PART-DOCUMENTS-found-LENGTH`, the numbers of the n-grams at every
place, and `...-own-LENGTH` with `...-runs-LENGTH`, before they were added up; of all parts
`DOCUMENTS-kept-LENGTH`, those that have a row, and `DOCUMENTS-counts-LENGTH`, in how many texts they stand;
of each range `DOCUMENTS-RANGE-keys` and `-counts`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wordloom.errors import DataError
from wordloom.kernels import ngram_counting_kernels
from wordloom.text.ngrams import MOST_PLACES, first_words, gathered, longer, renumbered
from wordloom.text.on_disk.external_counting import Range, new_runs, stored_runs, summed
from wordloom.text.on_disk.part_jobs import PartJob
from wordloom.text.on_disk.stored_documents import StoredDocuments
from wordloom.text.on_disk.temporary_arrays import ScratchArray
from wordloom.text.sequences import Ragged, offsets_of


@dataclass(frozen=True)
class NgramJob(PartJob):
    """A job on the n-grams of a part.

    Parameters
    ----------
    documents : name of the documents of ids
    first_word : the id of row 0; lower ids are no words
    n_words : ids that have rows
    """

    documents: str
    first_word: int
    n_words: int

    def found(self, length: int) -> ScratchArray:
        """The numbers of the n-grams at every place, which are in the store afterwards."""
        store, name = self.place.store, self.named("found", length)
        with store.new(name, np.int32) as found:
            if length == 1:
                self._first_words(found)
            else:
                self._renumbered(found, length)
        return store.array(name, np.int32)

    def named(self, what: str, length: int) -> str:
        """The name of an array of the part."""
        return self.own(f"{self.documents}-{what}-{length}")

    def stored(self) -> StoredDocuments:
        """The part's documents."""
        return self.place.store.documents(self.own(self.documents))

    def _first_words(self, found: ScratchArray) -> None:
        """The words at every place of all chunks, repeats in a document marked."""
        for chunk in self.stored():
            if len(chunk.ids) + len(chunk) > MOST_PLACES:
                raise DataError(
                    f"A part of the texts that is read at once has {len(chunk.ids):,} words, more than "
                    f"the {MOST_PLACES:,} that n-grams can be counted in; split its longest text."
                )
            kernels = ngram_counting_kernels(len(chunk.ids))
            text = kernels.laid_out(chunk.ids, chunk.offsets, self.first_word)
            words, threads = np.empty(len(text.words), np.int32), self.place.threads
            first_words(kernels, text, places_of(chunk), self.n_words, threads, words)
            found.append(words)

    def _renumbered(self, found: ScratchArray, length: int) -> None:
        """The numbers of the kept n-grams; none for those that fell out."""
        store = self.place.store
        keys = store.get(f"{self.documents}-kept-{length}", np.int64)
        own, runs = (
            store.array(self.named("own", length), np.int32),
            stored_runs(store, self.named("runs", length)),
        )
        for run, chunk in enumerate(self.stored()):
            there = runs.keys(run)
            number = np.full(len(there) + 1, -1, dtype=np.int32)  # the last one is that of none
            if len(keys):
                at = np.minimum(np.searchsorted(keys, there), len(keys) - 1)
                number[:-1] = np.where(keys[at] == there, at, -1)
            numbers = own.read(len(found), len(found) + len(chunk.ids) + len(chunk))
            found.append(renumbered(numbers, number))


@dataclass(frozen=True)
class PairsJob(NgramJob):
    """One word more: the numbers of each chunk's own pairs at its places, and the pairs with their counts.

    Parameters
    ----------
    length : words in the n-grams that are counted
    """

    length: int

    def work(self) -> None:
        place, store, length = self.place, self.place.store, self.length
        begins = self.found(length - 1)
        counts = store.get(f"{self.documents}-counts-{length - 1}", np.int32)
        limits = (length, 1, self.n_words)
        named = self.named("own", length), self.named("runs", length)
        with store.new(named[0], np.int32) as own, new_runs(store, named[1]) as runs:
            for chunk in self.stored():
                kernels = ngram_counting_kernels(len(chunk.ids))
                text = kernels.laid_out(chunk.ids, chunk.offsets, self.first_word)
                at = begins.read(len(own), len(own) + len(text.words))
                numbers = np.empty(len(at), np.int32)
                pairs, documents = longer(kernels, text, (at, numbers), counts, limits, place.threads)
                runs.append(pairs[:, 0].astype(np.int64) * self.n_words + pairs[:, 1], documents)
                own.append(numbers)
                place.told(len(own))


@dataclass(frozen=True)
class SumJob(PartJob):
    """The n-grams of one range over all parts; `part` is the number of the range.

    Parameters
    ----------
    documents : name of the documents
    runs : names of the runs of all parts
    keys : the range
    fewest : texts that an n-gram must stand in
    """

    documents: str
    runs: list[str]
    keys: Range
    fewest: int

    def work(self) -> None:
        store = self.place.store
        keys, counts = summed(store, self.runs, self.keys)
        kept = counts >= self.fewest
        of_keys, of_counts = range_names(self.documents, self.part)
        store.put(of_keys, keys[kept])
        store.put(of_counts, counts[kept])


def range_names(documents: str, number: int) -> tuple[str, str]:
    """The names of the keys of a range, and of their counts."""
    return f"{documents}-{number}-keys", f"{documents}-{number}-counts"


@dataclass(frozen=True)
class RowsJob(NgramJob):
    """The documents as rows without repetition.

    Parameters
    ----------
    bases : the row of the first n-gram of each length
    """

    bases: list[int]

    def work(self) -> None:
        store, lengths, first = self.place.store, range(1, len(self.bases) + 1), 0
        self.found(lengths[-1])
        found = [store.array(self.named("found", length), np.int32) for length in lengths]
        with store.new_documents(self.own(f"{self.documents}-rows")) as rows:
            for chunk in self.stored():
                places = places_of(chunk)
                last = first + int(places[-1])
                numbers = np.stack([array.read(first, last) for array in found])
                kernels = ngram_counting_kernels(len(chunk.ids))
                rows.append(gathered(kernels, numbers, np.array(self.bases), places, self.place.threads))
                first = last


def places_of(chunk: Ragged) -> NDArray[np.int64]:
    """Where each document's places begin, and their end: one a word and one more."""
    return offsets_of(chunk.lengths + 1)
