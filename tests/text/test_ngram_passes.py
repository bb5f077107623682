"""N-grams of texts on disk: the same as those counted in memory, whatever the chunks and the bounds."""

from __future__ import annotations

import itertools
from collections import Counter

import numpy as np
import pytest

from wordloom import memory
from wordloom.streamed_texts import StreamedTexts
from wordloom.text.ngrams import NgramSelection, count_ngrams
from wordloom.text.on_disk import external_counting
from wordloom.text.on_disk.array_store import ArrayStore
from wordloom.text.on_disk.external_counting import MostCounted, new_runs, ranges_of, summed
from wordloom.text.on_disk.ngram_passes import count_stored_ngrams
from wordloom.text.on_disk.stored_documents import StoredDocuments
from wordloom.text.on_disk.temporary_arrays import Scratch
from wordloom.text.on_disk.text_parts import PartedDocuments, Passes, TextParts
from wordloom.text.sequences import Ragged

rng = np.random.default_rng(5)
REPEATED = rng.integers(1, 9, 9).tolist()
LENGTHS = (0, 1, 1, 200, *rng.integers(0, 25, 60))
DOCUMENTS = [REPEATED, *(rng.integers(1, 9, length).tolist() for length in LENGTHS), REPEATED, []]
WORDS = 7  # ids 2 to 8; 1 is the unknown word
COUNTS = np.full(WORDS, 10, dtype=np.int64)


def stored(documents, at_once):
    found = StoredDocuments(Scratch())
    for first in range(0, len(documents), at_once):
        found.append(Ragged.from_lists(documents[first : first + at_once]))
    return found


def parted(documents, at_once):
    """The documents as what an earlier job left of the one part of texts in this process."""
    parts = TextParts(StreamedTexts([], "texts"), Passes(threads=2))
    with parts.store.new_documents("0-ids") as found:
        for chunk in stored(documents, at_once):
            found.append(chunk)
    return PartedDocuments(parts, "ids")


SELECTIONS = [(4, 2, 90), (1, 1, 100), (3, 1, 9999), (4, 2, 9999), (3, 2, 30), (2, 1, 0)]


def case(kernels, at_once, selection):
    """Chunks of each size with one selection, and each selection with chunks of one size, at each change."""
    marks = [] if at_once == 7 or selection == SELECTIONS[0] else [pytest.mark.exhaustive]
    name = "-".join(map(str, (kernels, at_once, *selection)))
    return pytest.param(kernels, at_once, selection, id=name, marks=marks)


@pytest.mark.parametrize(
    ("kernels", "at_once", "selection"),
    list(itertools.starmap(case, itertools.product(["plain", "compiled"], [7, 1, 1000], SELECTIONS))),
)
def test_the_same_as_in_memory(monkeypatch, kernels, at_once, selection):
    monkeypatch.setenv("WORDLOOM_KERNELS", kernels)
    selection = NgramSelection(*selection)
    wanted, rows = count_ngrams(Ragged.from_lists(DOCUMENTS), COUNTS, 2, selection, 2)
    for keys_at_once in (1, 1 << 20):
        counts, found = count_stored_ngrams(parted(DOCUMENTS, at_once), COUNTS, 2, selection, keys_at_once)
        np.testing.assert_array_equal(counts.pairs, wanted.pairs)
        assert counts.pairs.dtype == wanted.pairs.dtype
        assert (counts.kept, counts.dropped) == (wanted.kept, wanted.dropped)
        mapped = found.mapped()
        np.testing.assert_array_equal(mapped.ids, rows.ids)
        np.testing.assert_array_equal(mapped.offsets, rows.offsets)


def test_no_words_at_all():
    counts, rows = count_stored_ngrams(parted([[], [1, 1], []], 2), COUNTS, 2, NgramSelection(3, 1, 100))
    assert counts.pairs.shape == (0, 2)
    assert rows.lengths.tolist() == [0, 0, 0]


@pytest.mark.parametrize("at_once", [1, 3, 1000])
def test_stored_documents_are_cut_and_taken_as_ragged_ones(at_once):
    ragged, documents = Ragged.from_lists(DOCUMENTS), stored(DOCUMENTS, at_once)
    cut = [parted(DOCUMENTS, at_once).truncated(*to) for to in ((5,), (3, "post"))]
    chosen = np.flatnonzero(rng.random(len(DOCUMENTS)) < 0.4)
    pairs = [
        (documents.mapped(), ragged),
        (cut[0].parts.store.documents("0-ids-cut").mapped(), ragged.truncated(5)),
        (cut[1].parts.store.documents("0-ids-cut").mapped(), ragged.truncated(3, "post")),
        (documents.mapped().take(chosen), ragged.take(chosen)),
        (documents.mapped().take(chosen[:0]), ragged.take(chosen[:0])),
    ]
    for found, wanted in pairs:
        np.testing.assert_array_equal(found.ids, wanted.ids)
        np.testing.assert_array_equal(found.offsets, wanted.offsets)


def test_only_what_memory_does_not_hold_is_fetched(monkeypatch, tmp_path):
    mapped = stored(DOCUMENTS, 7).mapped()
    assert mapped.fetcher() is None
    limit = tmp_path / "limit"
    for written, fetched in (("max", False), (str(1 << 40), False), ("1000", True)):
        limit.write_text(written + "\n")
        monkeypatch.setattr(memory, "_LIMITS_OF_CONTAINERS", (str(limit), "/nowhere"))
        assert (mapped.fetcher() is not None) == fetched
    mapped.fetcher()(np.arange(len(DOCUMENTS)))  # empty documents too
    np.testing.assert_array_equal(mapped.ids, Ragged.from_lists(DOCUMENTS).ids)


@pytest.mark.parametrize("at_once", [1, 5000, 1 << 20])
@pytest.mark.parametrize("folder", [False, True])
def test_runs_are_added_up(tmp_path, at_once, folder):
    store, wanted = ArrayStore(Scratch(str(tmp_path)), str(tmp_path) if folder else None), Counter()
    for name, sizes in (("a", (0, 1, 5000)), ("b", (3000, 0, 4)), ("c", ())):
        with new_runs(store, name) as runs:
            for size in sizes:
                keys = np.unique(rng.integers(0, 2**40, size) // rng.integers(1, 2**38))
                counts = rng.integers(1, 9, len(keys)).astype(np.int32)
                runs.append(keys, counts)
                wanted.update(dict(zip(keys.tolist(), counts.tolist(), strict=True)))
    ranges = [summed(store, "abc", keys) for keys in ranges_of(store, "abc", at_once)]
    keys, counts = (np.concatenate([part[i] for part in ranges]) for i in range(2))
    assert dict(zip(keys.tolist(), counts.tolist(), strict=True)) == dict(wanted)
    assert (np.diff(keys) > 0).all()
    assert max(len(part[0]) for part in ranges) < 2 * at_once + 6 * 1024


@pytest.mark.parametrize("n", [0, 1, 17, 500, 1000, 2000])
def test_the_most_counted_are_those_of_a_stable_sort(monkeypatch, n):
    monkeypatch.setattr(external_counting, "KEYS_AT_ONCE", 64)
    counts = rng.integers(1, 6, 1000).astype(np.int32)
    keys = np.cumsum(rng.integers(1, 9, 1000))
    most = MostCounted(Scratch())
    for part in np.array_split(np.arange(1000), 7):
        most.append(keys[part], counts[part])
    found = most.most(n)
    chosen = np.sort(np.argsort(-counts, kind="stable")[:n])
    np.testing.assert_array_equal(found[0], keys[chosen])
    np.testing.assert_array_equal(found[1], counts[chosen])
