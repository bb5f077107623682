"""N-gram networks and vectors of documents taken apart, exactly: a value for every row that a document holds.

Both add up what words and n-grams have in a table; `wordloom.models.ngram` a row once for each document and
multiplied by the document's scale, `wordloom.models.documents` each occurrence as its share of an average.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wordloom.explain.attribution import (
    EXACT,
    Attributed,
    Terms,
    document_sums,
    products,
)
from wordloom.explain.parts import BOUNDARY, CHARACTERS, NGRAM, Parts, Positions
from wordloom.explain.text_words import MARK, TextWords, kind_of
from wordloom.models.documents import DocumentNetwork, shrunk_scales
from wordloom.models.ngram import NgramNetwork, NgramRows, document_scales
from wordloom.text.ngram_finder import NgramFinder
from wordloom.text.sequences import Ragged
from wordloom.text.vocabulary import Vocabulary


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

    def parts(self, words: TextWords, terms: Sequence[Terms]) -> list[Parts]:
        """See `Attribution`."""
        shape, characters = self.network.shape, self.network.characters
        ids, sources = words.ids, words.sources
        if shape.maxlen is not None:
            whole = Ragged(ids, np.array([0, len(ids)])), Ragged(sources, np.array([0, len(ids)]))
            ids, sources = (part.truncated(shape.maxlen, shape.truncating).ids for part in whole)
        parts = [row_parts(self.network.finder, ids, Positions(words, sources), terms[0])]
        return parts if characters is None else [*parts, _character_parts(characters.finder, words, terms[1])]


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

    def parts(self, words: TextWords, terms: Sequence[Terms]) -> list[Parts]:
        """See `Attribution`."""
        return [row_parts(self.network.finder, words.ids, Positions(words, words.sources), terms[0])]


def _values(
    network: NgramNetwork, rows: Ragged, which: NDArray[np.int64], signs: NDArray[np.float64]
) -> NDArray[np.float64]:
    """What each row of N documents adds to the logit `which` of its document, times its sign."""
    scales = document_scales(rows.lengths, network.shape.mean_rows) * signs
    k = network.weights.shape[1]
    places = rows.ids if k == 1 else rows.ids.astype(np.int64) * k + np.repeat(which, rows.lengths)
    return np.asarray(network.weights.reshape(-1).take(places) * np.repeat(scales, rows.lengths))


def row_parts(finder: NgramFinder, ids: NDArray[np.int32], positions: Positions, terms: Terms) -> Parts:
    """The rows of a text of word ids."""
    vocabulary = positions.words.vocabulary
    names = [vocabulary.word(id_) for id_ in ids.tolist()]

    def named(first: int, length: int) -> tuple[str, str]:
        kind = NGRAM if length > 1 else kind_of(int(ids[first]), vocabulary)
        return kind, " ".join(names[first : first + length])

    return _placed(finder, ids, positions, terms, named)


def _character_parts(finder: NgramFinder, words: TextWords, terms: Terms) -> Parts:
    """The n-grams of characters of a text; boundaries stand nowhere."""
    spelled = words.characters
    boundary, symbols = words.vocabulary.first_character + 1, character_names(words.vocabulary)
    spelling = [symbols[id_ - boundary] if id_ >= boundary else "" for id_ in spelled.ids.tolist()]
    places = np.arange(len(spelled.ids)) - np.repeat(spelled.offsets[:-1], spelled.lengths) - 1
    sources = np.repeat(np.arange(len(spelled), dtype=np.int32), spelled.lengths)
    outside = (places < 0) | (places == np.repeat(spelled.lengths - 2, spelled.lengths))
    sources[outside] = MARK
    positions = Positions(words, sources, places.astype(np.int32))

    def named(first: int, length: int) -> tuple[str, str]:
        own = spelling[first : first + length]
        return CHARACTERS if any(own) else BOUNDARY, shown_characters(own)

    return _placed(finder, spelled.ids, positions, terms, named)


def character_names(vocabulary: Vocabulary) -> list[str]:
    """The character of each row of characters; the first is the boundary of a word, an empty string."""
    alphabet = vocabulary.alphabet
    return ["", *("" if alphabet is None else map(chr, alphabet.codes.tolist()))]


def shown_characters(symbols: Sequence[str]) -> str:
    """Characters as one string, boundaries as `<` before a word and `>` behind it, as fastText has them."""
    before, behind = ["x", *symbols], [*symbols[1:], ""]
    named = zip(symbols, before, behind, strict=False)
    return "".join(own or ("<" if after or not last else ">") for own, last, after in named)


def _placed(
    finder: NgramFinder,
    ids: NDArray[np.int32],
    positions: Positions,
    terms: Terms,
    named: Callable[[int, int], tuple[str, str]],
) -> Parts:
    """Each row of a text of ids once, with the sum of its values and its places.

    named : kind and text of so many ids from a position on
    """
    rows, at = np.unique(terms.units, return_inverse=True)
    found = finder.find(Ragged(ids, np.array([0, len(ids)], dtype=np.int64)))
    order = np.argsort(found.rows.ids, kind="stable")
    of = np.searchsorted(rows, found.rows.ids[order]).astype(np.int32)
    firsts = found.places[order]
    lengths = finder.lengths[rows].astype(np.int64)
    first_places = firsts[np.searchsorted(of, np.arange(len(rows)))].tolist()
    names = [named(*place) for place in zip(first_places, lengths.tolist(), strict=True)]
    return Parts(
        [kind for kind, _ in names],
        [text for _, text in names],
        np.bincount(at, terms.values, minlength=len(rows)).astype(np.float64),
        positions,
        of,
        firsts,
        lengths,
    )
