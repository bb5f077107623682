"""Counting n-grams exactly, compiled; see `ngram_counting` for what each function does.

To count pairs, the places of the text are first sorted by the row that an n-gram begins with; the words that
follow one beginning are then counted in an array with a place for every word, which is exact and stays in
the processor's cache.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from wordloom.kernels.compiling import entry, part
from wordloom.kernels.ngram_counting import Text


def laid_out(ids: NDArray[np.int32], offsets: NDArray[np.int64], first_word: int) -> Text:
    """The documents one after the other, as `ngram_counting.Text` has them."""
    size = int(offsets[-1] - offsets[0]) + len(offsets) - 1
    text = Text(np.empty(size, np.int32), np.empty(size, np.int32))
    _lay_out(ids, offsets, first_word, text)
    return text


@entry
def _lay_out(ids, offsets, first_word, text):  # type: ignore[no-untyped-def]
    words, documents = text
    place = 0
    for document in range(len(offsets) - 1):
        for i in range(offsets[document], offsets[document + 1]):
            words[place] = max(ids[i] - first_word, -1)
            documents[place] = document
            place += 1
        words[place] = -1
        documents[place] = document
        place += 1


def mark_repeats(text: Text, n_words: int, places: tuple[int, int]) -> NDArray[np.int32]:
    """The words at some places, repeats in a document marked."""
    found, last = np.empty(places[1] - places[0], np.int32), np.full(n_words, -1, np.int32)
    _mark_repeats(text, places[0], found, last)
    return found


@entry
def _mark_repeats(text, first, found, last):  # type: ignore[no-untyped-def]
    words, documents = text
    for i in range(len(found)):
        word = words[first + i]
        found[i] = word
        if word >= 0:
            document = documents[first + i]
            if last[word] == document:
                found[i] = -2 - word
            last[word] = document


@part
def _sort(values, end):  # type: ignore[no-untyped-def]
    """Shell sort of `values[:end]`: groups are mostly tiny, and NumPy's sort takes long to compile."""
    gap = 1
    while gap < end // 3:
        gap = 3 * gap + 1
    while gap > 0:
        for i in range(gap, end):
            value, j = values[i], i
            while j >= gap and values[j - gap] > value:
                values[j] = values[j - gap]
                j -= gap
            values[j] = value
        gap //= 3


@entry
def _count_beginnings(words, begins, length, rows, starts):  # type: ignore[no-untyped-def]
    """starts[r + 1] is where the places of the row r will start among all places sorted by row."""
    first_row, last_row = rows
    for p in range(len(words) - length + 1):
        row = begins[p] if begins[p] >= 0 else -2 - begins[p]
        if first_row <= row < last_row and words[p + length - 1] >= 0 and begins[p + 1] != -1:
            starts[row - first_row + 2] += 1
    for row in range(2, len(starts)):
        starts[row] += starts[row - 1]


@part
def _sort_by_beginning(words, begins, length, rows, starts, places):  # type: ignore[no-untyped-def]
    """Places sorted by the row that begins there; afterwards starts[r] is where those of the row r start."""
    first_row, last_row = rows
    for p in range(len(words) - length + 1):
        row = begins[p] if begins[p] >= 0 else -2 - begins[p]
        if first_row <= row < last_row and words[p + length - 1] >= 0 and begins[p + 1] != -1:
            at = starts[row - first_row + 1]
            places[at] = p
            starts[row - first_row + 1] = at + 1


def pair_up(
    text: Text,
    begins: NDArray[np.int32],
    length: int,
    rows: tuple[int, int],
    rule: tuple[int, int],
    found: NDArray[np.int32],
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """The n-grams of `length` words that begin with one of `rows`."""
    fewest, n_words = rule
    starts = np.zeros(rows[1] - rows[0] + 2, np.int64)
    _count_beginnings(text.words, begins, length, rows, starts)
    places = np.empty(starts[-1], np.int32)
    most = len(places) // fewest + 1
    pairs, counts = np.empty((most, 2), np.int32), np.empty(most, np.int32)
    of_words = np.zeros(n_words, np.int32), *(np.full(n_words, -1, np.int32) for _ in range(3))
    g = _pair_up(text, begins, length, rows, fewest, (places, starts), of_words, found, pairs, counts)
    return pairs[:g].copy(), counts[:g].copy()


@entry
def _pair_up(text, begins, length, rows, fewest, beginnings, of_words, found, pairs, kept_counts):  # type: ignore[no-untyped-def]
    """The pairs, of which there are as many as it returns.

    `of_words` holds, with a place for every word, how often it follows, its last document and its number; and
    room for a list of words.
    """
    words, documents = text
    places, starts = beginnings
    counts, last, number, follows = of_words
    _sort_by_beginning(words, begins, length, rows, starts, places)
    g = 0
    for group in range(len(starts) - 2):
        start, end = starts[group], starts[group + 1]
        if end - start < fewest:
            continue
        different = np.int64(0)  # with a literal 0 the sort would be compiled for that too
        for i in range(start, end):
            place = places[i]
            word, document = words[place + length - 1], documents[place]
            if last[word] != document:
                last[word] = document
                count = counts[word] + 1
                counts[word] = count
                if count == fewest:
                    follows[different] = word
                    different += 1
        _sort(follows, different)
        for i in range(different):
            number[follows[i]] = g
            pairs[g, 0], pairs[g, 1] = rows[0] + group, follows[i]
            kept_counts[g] = counts[follows[i]]
            g += 1
        for i in range(start, end):
            place = places[i]
            word, mark = words[place + length - 1], -2 - documents[place]  # no document above
            own = number[word]
            found[place] = -2 - own if last[word] == mark else own
            last[word] = mark
        for i in range(start, end):
            word = words[places[i] + length - 1]
            counts[word], last[word], number[word] = 0, -1, -1
    return g


@entry
def renumber(found, begins, bounds, bases):  # type: ignore[no-untyped-def]
    for place in range(len(found)):
        number = found[place]
        if number != -1:
            row = begins[place] if begins[place] >= 0 else -2 - begins[place]
            i = len(bounds) - 1
            while i > 0 and bounds[i] > row:
                i -= 1
            found[place] = number + bases[i] if number >= 0 else number - bases[i]


def gathered(
    found: NDArray[np.int32], bases: NDArray[np.int64], offsets: NDArray[np.int64]
) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Documents as rows without repetition: words first, then n-grams by length."""
    rows = np.empty(len(found) * int(offsets[-1] - offsets[0]) + 1, np.int32)
    ends = np.zeros(len(offsets), np.int64)
    _gather(found, bases, offsets, rows, ends)
    return rows[: ends[-1]].copy(), ends


@entry
def _gather(found, bases, offsets, rows, ends):  # type: ignore[no-untyped-def]
    m = 0
    for document in range(len(offsets) - 1):
        for length in range(len(found)):
            base = bases[length]
            for place in range(offsets[document], offsets[document + 1]):
                number = found[length, place]
                rows[m] = number + base  # written in any case, and kept if it is a row
                m += number >= 0
        ends[document + 1] = m


def documents_of_rows(
    words: NDArray[np.int32],
    offsets: NDArray[np.int64],
    rows: NDArray[np.int32],
    ends: NDArray[np.int64],
    size: int,
) -> NDArray[np.int32]:
    """How many of N documents of words hold each row, for words that are rows themselves."""
    counts, last = np.zeros(size, np.int32), np.full(size, -1, np.int32)
    _count_documents(words, offsets, rows, ends, counts, last)
    return counts


@entry
def _count_documents(words, offsets, rows, ends, counts, last):  # type: ignore[no-untyped-def]
    for document in range(len(offsets) - 1):
        for i in range(offsets[document], offsets[document + 1]):
            for j in range(ends[words[i]], ends[words[i] + 1]):
                row = rows[j]
                counts[row] += last[row] != document
                last[row] = document


def united(
    words: NDArray[np.int32],
    offsets: NDArray[np.int64],
    rows: NDArray[np.int32],
    bounds: NDArray[np.int64],
    longest: int,
    size: int,
) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """N documents of words as the rows of their words without repetition: shorter n-grams first."""
    inside = words[offsets[0] : offsets[-1]]
    most = np.diff(bounds[::longest])[inside].sum()
    found, ends = np.empty(most + 1, np.int32), np.zeros(len(offsets), np.int64)
    _unite(words, offsets, rows, bounds, longest, np.full(size, -1, np.int32), found, ends)
    return found[: ends[-1]].copy(), ends


@entry
def _unite(words, offsets, rows, bounds, longest, last, found, ends):  # type: ignore[no-untyped-def]
    m = 0
    for document in range(len(offsets) - 1):
        for length in range(longest):
            for i in range(offsets[document], offsets[document + 1]):
                cell = words[i] * longest + length
                for j in range(bounds[cell], bounds[cell + 1]):
                    row = rows[j]
                    found[m] = row  # written in any case, and kept if the document has not had it
                    m += last[row] != document
                    last[row] = document
        ends[document + 1] = m


def alike(rows: NDArray[np.int32], offsets: NDArray[np.int64], size: int) -> NDArray[np.int32]:
    """For each row the lowest one that stands in the same documents."""
    of_groups = np.zeros(size + 1, np.int32), np.full(size + 1, -1, np.int32), np.empty(size + 1, np.int32)
    of_groups[0][0] = size
    groups = np.zeros(size, np.int32)
    _divide(rows, offsets, groups, of_groups, np.arange(1, size + 2, dtype=np.int32))
    return groups


@entry
def _divide(rows, offsets, groups, of_groups, free):  # type: ignore[no-untyped-def]
    """Put the lowest row that stands in the same documents in the place of each row's group.

    `of_groups` holds how many rows are in a group, the last document that took some out of it, and where to;
    `free` the numbers that no group has, the next one first. A group without rows gives its number back.
    """
    sizes, last, into = of_groups
    next_free = 0
    for document in range(len(offsets) - 1):
        for i in range(offsets[document], offsets[document + 1]):
            row = rows[i]
            group = groups[row]
            if last[group] != document:
                if sizes[group] == 1:
                    continue
                last[group], into[group] = document, free[next_free]
                next_free += 1
            new = into[group]
            groups[row] = new
            sizes[new] += 1
            sizes[group] -= 1
            if sizes[group] == 0:
                next_free -= 1
                free[next_free], last[group] = group, -1
    lowest = into
    for group in range(len(lowest)):
        lowest[group] = -1
    for row in range(len(groups)):
        group = groups[row]
        if lowest[group] < 0:
            lowest[group] = row
        groups[row] = lowest[group]
