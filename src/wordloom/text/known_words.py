"""Known words: how many words of a text a vocabulary has, and a warning where that is next to nothing.

A text without spaces is one word to a tokenizer that splits at spaces, not into characters. Such a
word hardly ever comes again, so a model learns nothing from it and has nothing to go by when it answers.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from wordloom.errors import WordloomWarning
from wordloom.kernels.ngrams import distinct
from wordloom.text.characters import MARKS
from wordloom.text.counting import WordCounts
from wordloom.text.sequences import Ragged
from wordloom.text.tokenizer import Tokenizer
from wordloom.text.vocabulary import Vocabulary

_LOOKED_AT = 1_000
_WAY_OUT = (
    "Words are told apart by spaces and punctuation. Chinese, Japanese, Thai, Lao, Khmer, Burmese and emoji "
    "are split into characters, unless split_characters is off or the model is older; other texts without "
    "spaces need a tokenizer of their own (in Python tokenizer=list makes every character a word)."
)
PIECES = "the characters of words that it does not know"
"""What the answer to a text without known words goes by, if the model knows its characters."""


def known_words(ids: Ragged, vocabulary: Vocabulary) -> NDArray[np.int64]:
    """int64 (N,): how many ids of each document are words; marks, unknown words and characters are none."""
    first, behind = vocabulary.convention.index_from + 1, vocabulary.first_character
    is_word, some = (ids.ids >= first) & (ids.ids < behind), ids.lengths > 0
    counts = np.zeros(len(ids), dtype=np.int64)
    counts[some] = np.add.reduceat(is_word, ids.offsets[:-1][some], dtype=np.int64)
    return counts


def known_characters(ids: Ragged, vocabulary: Vocabulary) -> NDArray[np.int64]:
    """int64 (N,): how many ids of each document are characters of its words that the vocabulary has."""
    if vocabulary.alphabet is None:
        return np.zeros(len(ids), dtype=np.int64)
    return ids.where(ids.ids >= vocabulary.first_character + MARKS).lengths


def without_own_words(ids: Ragged, vocabulary: Vocabulary) -> Ragged:
    """N of the documents that a vocabulary was made from, as one made from all others would have them.

    A word that no other document holds is unknown there, as it would be in a new text.
    """
    convention, size = vocabulary.convention, len(vocabulary.words)
    words = ids.ids - np.int32(convention.index_from + 1)
    places = np.flatnonzero((words >= 0) & (words < size))
    words = words[places]
    documents = np.repeat(np.arange(len(ids)), ids.lengths)[places]
    here = np.bincount(distinct(documents * size + words) % max(size, 1), minlength=size)
    own = np.zeros(len(ids.ids), dtype=bool)
    own[places] = (vocabulary.document_counts <= here)[words]
    if convention.unknown is None:
        return ids.where(~own)
    return Ragged(np.where(own, np.int32(convention.unknown), ids.ids), ids.offsets)


class UnknownWord(NamedTuple):
    """A word that a vocabulary does not have: how often it stands in some texts, and in how many."""

    word: str
    occurrences: int
    texts: int


@dataclass(frozen=True)
class KnownShare:
    """How much of the words of N texts a vocabulary has.

    Parameters
    ----------
    words, words_known : different words, and those that it has
    running, running_known : the same of running words, each counted as often as it occurs
    unknown : the most frequent words that it does not have
    """

    words: int
    words_known: int
    running: int
    running_known: int
    unknown: tuple[UnknownWord, ...]


def known_share(counted: WordCounts, vocabulary: Vocabulary, most: int = 100) -> KnownShare:
    """How much of the counted words of some texts a vocabulary has; `most` unknown ones are listed."""
    index, first = vocabulary.word_index, vocabulary.convention.skip_top
    known = np.array([index.get(word, -1) >= first for word in counted.words], dtype=bool)
    missing = np.flatnonzero(~known)[:most].tolist()  # most frequent first, as all of them
    return KnownShare(
        words=len(known),
        words_known=int(known.sum()),
        running=int(counted.counts.sum()),
        running_known=int(counted.counts[known].sum()),
        unknown=tuple(
            UnknownWord(counted.words[i], int(counted.counts[i]), int(counted.document_counts[i]))
            for i in missing
        ),
    )


def warn_of_wordless_training(name: str, known: NDArray[np.int64], vocabulary: Vocabulary) -> None:
    """Warn if most of some training texts hold no known word, or a single one of very many words.

    known : int64 (N,), how many known words each of them has
    """
    varied = 2 * len(vocabulary.words) > vocabulary.n_documents
    few = int((known <= varied).sum())
    if 2 * few > len(known):
        warnings.warn(
            f"{name}: {few:,} of {len(known):,} training texts looked at hold a single known word or none, "
            f"so there is next to nothing to learn from. {_WAY_OUT}",
            WordloomWarning,
            stacklevel=3,
        )


def warn_of_unknown_texts(
    texts: Sequence[str], ids: Ragged, tokenizer: Tokenizer, vocabulary: Vocabulary
) -> bool:
    """Whether a warning was given: most of the texts hold no known word, or one among more unknown ones.

    ids : of the N texts. Of many texts, evenly chosen ones are looked at. A text that is one known word, or
    two of which one is known, says something.
    """
    if not len(ids):
        return False
    rows = np.arange(0, len(ids), -(-len(ids) // _LOOKED_AT))
    known = known_words(ids if len(rows) == len(ids) else ids.take(rows), vocabulary)
    if 2 * int((known <= 1).sum()) <= len(rows):
        return False
    few = [
        row
        for row, count in zip(rows.tolist(), known.tolist(), strict=True)
        if count == 0 or (count == 1 and len(tokenizer.tokenize(texts[row])) > 2)
    ]
    if 2 * len(few) <= len(rows):
        return False
    spelled = 2 * np.count_nonzero(known_characters(ids.take(np.array(few)), vocabulary)) > len(few)
    if len(ids) == 1:
        what = (
            f"The model knows no word of {texts[0]!r:.60}"
            if not known[0]
            else (f"The model knows a single word of {texts[0]!r:.60}")
        )
        text = f"{what}; its answer {f'goes by {PIECES}' if spelled else 'has next to nothing to go by'}."
    else:
        basis = f"go by {PIECES}." if spelled else f"have next to nothing to go by. {_WAY_OUT}"
        text = (
            f"The model knows no word, or a single one, of {len(few):,} of {len(rows):,} texts looked at; "
            f"their answers {basis}"
        )
    warnings.warn(text, WordloomWarning, stacklevel=3)
    return True
