"""Counting n-grams exactly, compiled; see `ngram_counting` for what each function does.

To count pairs, the places of the text are first sorted by the row that an n-gram begins with; the words that
follow one beginning are then counted in an array with a place for every word, which is exact and stays in
the processor's cache.
"""

from __future__ import annotations

import numpy as np

from wordloom.kernels.compiling import entry, part
from wordloom.kernels.ngram_counting import Text


@entry
def _laid_out(ids, offsets, first_word):  # type: ignore[no-untyped-def]
    n = len(offsets) - 1
    size = offsets[n] - offsets[0] + n
    words, documents = np.empty(size, np.int32), np.empty(size, np.int32)
    place = 0
    for document in range(n):
        for i in range(offsets[document], offsets[document + 1]):
            words[place] = max(ids[i] - first_word, -1)
            documents[place] = document
            place += 1
        words[place] = -1
        documents[place] = document
        place += 1
    return words, documents


def laid_out(ids, offsets, first_word):  # type: ignore[no-untyped-def]
    return Text(*_laid_out(ids, offsets, first_word))


@entry
def mark_repeats(text, n_words, places):  # type: ignore[no-untyped-def]
    words, documents = text
    found = np.empty(places[1] - places[0], np.int32)
    last = np.full(n_words, -1, np.int32)
    for i in range(len(found)):
        word = words[places[0] + i]
        found[i] = word
        if word >= 0:
            document = documents[places[0] + i]
            if last[word] == document:
                found[i] = -2 - word
            last[word] = document
    return found


@part
def _sort(values, start, end):  # type: ignore[no-untyped-def]
    """Shell sort of `values[start:end]`: groups are mostly tiny, and NumPy's sort takes long to compile."""
    gap = 1
    while gap < (end - start) // 3:
        gap = 3 * gap + 1
    while gap > 0:
        for i in range(start + gap, end):
            value, j = values[i], i
            while j >= start + gap and values[j - gap] > value:
                values[j] = values[j - gap]
                j -= gap
            values[j] = value
        gap //= 3


@part
def _by_beginning(words, begins, length, rows):  # type: ignore[no-untyped-def]
    """Places sorted by the row that begins there, and where the places of each row start among them."""
    first_row, last_row = rows
    starts = np.zeros(last_row - first_row + 2, np.int64)
    end = len(words) - length + 1
    for p in range(end):
        row = begins[p] if begins[p] >= 0 else -2 - begins[p]
        if first_row <= row < last_row and words[p + length - 1] >= 0 and begins[p + 1] != -1:
            starts[row - first_row + 2] += 1
    for row in range(2, len(starts)):
        starts[row] += starts[row - 1]
    places = np.empty(starts[len(starts) - 1], np.int32)
    for p in range(end):
        row = begins[p] if begins[p] >= 0 else -2 - begins[p]
        if first_row <= row < last_row and words[p + length - 1] >= 0 and begins[p + 1] != -1:
            at = starts[row - first_row + 1]
            places[at] = p
            starts[row - first_row + 1] = at + 1
    return places, starts


@entry
def pair_up(text, begins, length, rows, rule, found):  # type: ignore[no-untyped-def]
    words, documents = text
    fewest, n_words = rule
    places, starts = _by_beginning(words, begins, length, rows)
    counts, last = np.zeros(n_words, np.int32), np.full(n_words, -1, np.int32)
    number = np.full(n_words, -1, np.int32)
    most = len(places) // fewest + 1
    pairs, kept_counts = np.empty((most, 2), np.int32), np.empty(most, np.int32)
    follows = np.empty(n_words, np.int32)
    g = 0
    for group in range(len(starts) - 2):
        start, end = starts[group], starts[group + 1]
        if end - start < fewest:
            continue
        different = 0
        for i in range(start, end):
            word, document = words[places[i] + length - 1], documents[places[i]]
            if last[word] != document:
                last[word] = document
                counts[word] += 1
                if counts[word] == fewest:
                    follows[different] = word
                    different += 1
        _sort(follows, 0, different)
        for i in range(different):
            number[follows[i]] = g
            pairs[g, 0], pairs[g, 1] = rows[0] + group, follows[i]
            kept_counts[g] = counts[follows[i]]
            g += 1
        for i in range(start, end):
            last[words[places[i] + length - 1]] = -1
        for i in range(start, end):
            word, document = words[places[i] + length - 1], documents[places[i]]
            found[places[i]] = number[word]
            if last[word] == document:
                found[places[i]] = -2 - number[word]
            last[word] = document
        for i in range(start, end):
            word = words[places[i] + length - 1]
            counts[word], last[word], number[word] = 0, -1, -1
    return pairs[:g].copy(), kept_counts[:g].copy()


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


@entry
def gathered(found, bases, offsets):  # type: ignore[no-untyped-def]
    n = len(offsets) - 1
    rows = np.empty(len(found) * (offsets[n] - offsets[0]) + 1, np.int32)
    ends = np.zeros(n + 1, np.int64)
    m = 0
    for document in range(n):
        for length in range(len(found)):
            base = bases[length]
            for place in range(offsets[document], offsets[document + 1]):
                number = found[length][place]
                rows[m] = number + base  # written in any case, and kept if it is a row
                m += number >= 0
        ends[document + 1] = m
    return rows[:m].copy(), ends


@entry
def documents_of_rows(words, offsets, rows, ends, size):  # type: ignore[no-untyped-def]
    counts, last = np.zeros(size, np.int32), np.full(size, -1, np.int32)
    for document in range(len(offsets) - 1):
        for i in range(offsets[document], offsets[document + 1]):
            for j in range(ends[words[i]], ends[words[i] + 1]):
                row = rows[j]
                counts[row] += last[row] != document
                last[row] = document
    return counts


@entry
def united(words, offsets, rows, bounds, longest, size):  # type: ignore[no-untyped-def]
    n, most = len(offsets) - 1, 0
    for i in range(offsets[0], offsets[n]):
        most += bounds[(words[i] + 1) * longest] - bounds[words[i] * longest]
    found, ends = np.empty(most + 1, np.int32), np.zeros(n + 1, np.int64)
    last = np.full(size, -1, np.int32)
    m = 0
    for document in range(n):
        for length in range(longest):
            for i in range(offsets[document], offsets[document + 1]):
                cell = words[i] * longest + length
                for j in range(bounds[cell], bounds[cell + 1]):
                    row = rows[j]
                    found[m] = row  # written in any case, and kept if the document has not had it
                    m += last[row] != document
                    last[row] = document
        ends[document + 1] = m
    return found[:m].copy(), ends
