"""TextRows: texts as the words and pairs of neighboring words in them, to be compared with each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wordloom.text.conventions import convention
from wordloom.text.counting import count_words
from wordloom.text.ngram_finder import NgramFinder
from wordloom.text.ngrams import NgramSelection, count_ngrams
from wordloom.text.sequences import Ragged
from wordloom.text.tokenizer import Tokenizer
from wordloom.text.vocabulary import Vocabulary, WordSelection, select

_LONGEST, _MOST_PAIRS = 2, 2**31 - 1
_IDS = convention("plain-unknown")


@dataclass(frozen=True, eq=False)
class TextRows:
    """N texts as sets of R words and pairs of words.

    Parameters
    ----------
    tokenizer : how texts become words
    vocabulary : the words; None if there are none
    finder : finds words and pairs in texts
    rows : the texts; each holds a row once
    documents : int64 (R,), in how many of the texts each row stands
    """

    tokenizer: Tokenizer
    vocabulary: Vocabulary | None
    finder: NgramFinder
    rows: Ragged
    documents: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.rows)

    def encode(self, texts: Sequence[str], threads: int | None = None) -> Ragged:
        """Other texts as the rows that they hold; words and pairs that have no row are left out."""
        if self.vocabulary is None:
            return Ragged(np.zeros(0, dtype=np.int32), np.zeros(len(texts) + 1, dtype=np.int64))
        ids = self.vocabulary.encode(texts, self.tokenizer, threads)
        return self.finder.present(ids, _LONGEST, threads)


def text_rows(texts: Sequence[str], tokenizer: Tokenizer, threads: int | None = None) -> TextRows:
    """N texts as rows; all words and pairs get one."""
    counted, ranks = count_words(texts, tokenizer, threads)
    if not len(counted):
        nothing = np.zeros((0, 2), dtype=np.int32)
        return TextRows(tokenizer, None, NgramFinder(0, nothing, 1), ranks, np.zeros(0, dtype=np.int64))
    vocabulary, ids = select(counted, ranks, WordSelection(), _IDS)
    first = _IDS.index_from + 1
    selection = NgramSelection(_LONGEST, 1, _MOST_PAIRS)
    counts, rows = count_ngrams(ids, vocabulary.document_counts, first, selection, threads)
    documents = np.concatenate([vocabulary.document_counts, counts.document_counts]).astype(np.int64)
    finder = NgramFinder(len(vocabulary.words), counts.pairs, first)
    return TextRows(tokenizer, vocabulary, finder, rows, documents)


def as_matrix(rows: Ragged, columns: int, values: NDArray[Any] | None = None) -> Any:
    """A sparse matrix (N, columns) of SciPy with the texts' rows as its columns.

    values : (T,), what stands in the place of each of the T ids; None for 1
    """
    from scipy.sparse import csr_array

    if values is None:
        values = np.ones(len(rows.ids), dtype=np.float32)
    return csr_array((values, rows.ids, rows.offsets), shape=(len(rows), columns))
