"""N-gram networks and vectors of documents taken apart, exactly: a value for every row that a document holds.

Both add up what words and n-grams have in a table; `wordloom.models.ngram` a row once for each document and
multiplied by the document's scale, `wordloom.models.documents` each occurrence as its share of an average.
"""

from __future__ import annotations

import bisect
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wordloom.explain.attribution import (
    BOUNDARY,
    CHARACTERS,
    EXACT,
    NGRAM,
    Attributed,
    Occurrence,
    Part,
    Terms,
    document_sums,
    products,
)
from wordloom.explain.text_words import MARK, TextWords, kind_of
from wordloom.models.documents import DocumentNetwork
from wordloom.models.documents import document_scales as shrunk_scales
from wordloom.models.ngram import NgramNetwork, NgramRows, document_scales
from wordloom.text.ngram_finder import NgramFinder
from wordloom.text.sequences import Ragged


@dataclass(frozen=True, eq=False)
class OfNgramNetwork:
    """An n-gram network: weight times the document's scale, and the same of its characters."""

    network: NgramNetwork
    method = EXACT

    def attributed(
        self, prepared: NgramRows, logits: NDArray[np.float32], columns: NDArray[np.int64]
    ) -> Attributed:
        """See `Attribution`."""
        which, signs = self.network.shape.output.signed_logits(columns)
        parts = [(self.network, prepared.words)]
        if self.network.characters is not None and prepared.characters is not None:
            parts.append((self.network.characters, prepared.characters))
        biases = np.sum([network.bias.astype(np.float64)[which] for network, _ in parts], axis=0) * signs
        return Attributed.exact(
            biases, *((rows, _values(network, rows, which, signs)) for network, rows in parts)
        )

    def parts(self, words: TextWords, terms: Sequence[Terms]) -> Iterator[Part]:
        """See `Attribution`."""
        shape = self.network.shape
        ids, sources = words.ids, words.sources
        if shape.maxlen is not None:
            whole = Ragged(ids, np.array([0, len(ids)])), Ragged(sources, np.array([0, len(ids)]))
            ids, sources = (part.truncated(shape.maxlen, shape.truncating).ids for part in whole)
        yield from row_parts(self.network.finder, ids, sources, words, terms[0])
        if self.network.characters is not None:
            yield from _character_parts(self.network.characters.finder, words, terms[1])


@dataclass(frozen=True, eq=False)
class OfDocumentNetwork:
    """Vectors of documents under a linear classifier: each occurrence is its share of the average."""

    network: DocumentNetwork
    method = EXACT

    def attributed(
        self, prepared: Ragged, logits: NDArray[np.float32], columns: NDArray[np.int64]
    ) -> Attributed:
        """See `Attribution`."""
        network, shape = self.network, self.network.shape
        which, signs = shape.output.signed_logits(columns)
        biases = network.biases.astype(np.float64)[:, which] * signs
        scales = shrunk_scales(prepared.lengths, shape.shrinkage, shape.mean_rows).astype(np.float64)
        weights = network.weights.astype(np.float64)[prepared.ids]
        totals = document_sums(weights, prepared.offsets)
        shares = np.divide(scales * signs, totals, out=np.zeros_like(totals), where=totals > 0)
        output = np.eye(shape.n_logits) if network.output is None else network.output.astype(np.float64)
        values = weights * products(network.rows, prepared, output[which] * shares[:, None])
        return Attributed.exact((biases[0] - biases[1]) * scales + biases[1], (prepared, values))

    def parts(self, words: TextWords, terms: Sequence[Terms]) -> Iterator[Part]:
        """See `Attribution`."""
        return row_parts(self.network.finder, words.ids, words.sources, words, terms[0])


def _values(
    network: NgramNetwork, rows: Ragged, which: NDArray[np.int64], signs: NDArray[np.float64]
) -> NDArray[np.float64]:
    """What each row of N documents adds to the logit `which` of its document, times its sign."""
    scales = document_scales(rows.lengths, network.shape.mean_rows) * signs
    k = network.weights.shape[1]
    places = rows.ids if k == 1 else rows.ids.astype(np.int64) * k + np.repeat(which, rows.lengths)
    return np.asarray(network.weights.reshape(-1).take(places) * np.repeat(scales, rows.lengths))


def row_parts(
    finder: NgramFinder,
    ids: NDArray[np.int32],
    sources: NDArray[np.int32],
    words: TextWords,
    terms: Terms,
) -> Iterator[Part]:
    """The rows of a text of word ids, each once with all its places.

    sources : the word of the text that each id came from
    """
    names = [words.vocabulary.word(id_) for id_ in ids.tolist()]
    of_id = sources.tolist()
    for row, value, length, places in _with_places(finder, ids, terms):
        first = places[0]
        kind = NGRAM if length > 1 else kind_of(finder.first_word + row, words.vocabulary)
        own = [_words_of(of_id, place, length) for place in places]
        yield Part(kind, " ".join(names[first : first + length]), value, [Occurrence(w) for w in own if w])


def _words_of(sources: Sequence[int], place: int, length: int) -> Sequence[int]:
    """The words that so many ids from a place on came from."""
    first, last = sources[place], sources[place + length - 1]
    if first != MARK and last - first == length - 1:
        return range(first, last + 1)
    return tuple(word for word in sources[place : place + length] if word != MARK)


def _character_parts(finder: NgramFinder, words: TextWords, terms: Terms) -> Iterator[Part]:
    """The n-grams of characters of a text, each once with all its places; boundaries stand nowhere."""
    alphabet, spelled = words.vocabulary.alphabet, words.characters
    assert alphabet is not None
    symbols = ["", *map(chr, alphabet.codes.tolist())]
    boundary = words.vocabulary.first_character + 1
    spelling = [symbols[id_ - boundary] if id_ >= boundary else "" for id_ in spelled.ids.tolist()]
    ends = spelled.offsets.tolist()
    for _, value, length, places in _with_places(finder, spelled.ids, terms):
        own = spelling[places[0] : places[0] + length]
        found = (_in_words(place, place + length, ends) for place in places)
        kind = CHARACTERS if any(own) else BOUNDARY
        yield Part(kind, _shown(own), value, [each for each in found if each.words])


def _in_words(start: int, end: int, ends: Sequence[int]) -> Occurrence:
    """Which characters of which words stand from `start` to `end` in words spelled with boundaries.

    ends : where each word is spelled from, boundaries included, and where the last one ends
    """
    word = bisect.bisect_right(ends, start) - 1
    found = []
    while ends[word] < end:
        first, last = max(start, ends[word] + 1), min(end, ends[word + 1] - 1)
        if first < last:
            found.append((word, (first - ends[word] - 1, last - ends[word] - 1)))
        word += 1
        if word == len(ends) - 1:
            break
    return Occurrence(tuple(word for word, _ in found), tuple(inside for _, inside in found))


def _shown(symbols: Sequence[str]) -> str:
    """Characters as one string, boundaries as `<` before a word and `>` behind it, as fastText has them."""
    before, behind = ["x", *symbols], [*symbols[1:], ""]
    named = zip(symbols, before, behind, strict=False)
    return "".join(own or ("<" if after or not last else ">") for own, last, after in named)


def _with_places(
    finder: NgramFinder, ids: NDArray[np.int32], terms: Terms
) -> Iterator[tuple[int, float, int, list[int]]]:
    """Each row of a text of ids once: the sum of its values, its length, and the places where it begins."""
    found = finder.find(Ragged(ids, np.array([0, len(ids)], dtype=np.int64)))
    places = defaultdict(list)
    for row, place in zip(found.rows.ids.tolist(), found.places.tolist(), strict=True):
        places[row].append(place)
    values: dict[int, float] = defaultdict(float)
    for row, value in zip(terms.units.tolist(), terms.values.tolist(), strict=True):
        values[row] += value
    lengths = finder.lengths[list(values)].tolist()
    for (row, value), length in zip(values.items(), lengths, strict=True):
        yield row, value, length, places[row]
