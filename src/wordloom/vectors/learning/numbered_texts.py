"""NumberedTexts: texts as numbers of words, made in one pass; in memory, or in a file that is mapped into it.

Words are numbered by first sight, so that the numbers do not depend on how the texts are batched. Rows of a
table are given to the frequent ones at the end, when all counts are known; what is kept of the texts are the
numbers, four bytes a word.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from wordloom.errors import DataError
from wordloom.loop.callback import Callback, CallbackList
from wordloom.plain_texts import text_chunks
from wordloom.text.numbering import WordNumbers
from wordloom.text.on_disk.temporary_arrays import Scratch, ScratchArray
from wordloom.text.sequences import Ragged, offsets_of
from wordloom.text.tokenizer import Tokenizer

LONGEST_TEXT = 10_000
"""Words after which a text is cut, as in word2vec: a file without line ends is one text."""

_TEXTS_AT_ONCE, _LETTERS_AT_ONCE = 5_000, 20_000_000


class NumberedTexts:
    """N texts as rows of the words that are frequent enough.

    Attributes: `words` (the V words, most frequent first, ties by first sight), `counts` (int64 (V,)),
    `n_words` (words read, those without a row too) and `fingerprint` (equal for equal texts of words).
    Raises DataError if no word is frequent enough.

    Parameters
    ----------
    texts : the texts; gone through once. The numbers of a list (or another sequence) stay in memory, those of
        anything else are written to a temporary file without a name, which goes when the object does.
    tokenizer : how texts become words
    min_count : words that occur less often have no row
    threads : None for all cores
    callbacks : told how much has been read
    """

    def __init__(
        self,
        texts: Iterable[str],
        tokenizer: Tokenizer,
        min_count: int,
        threads: int | None = None,
        callbacks: Sequence[Callback] = (),
    ) -> None:
        scratch = None if isinstance(texts, Sequence) else Scratch()
        numbers, lengths = (ScratchArray(dtype, scratch, hashed=True) for dtype in (np.int32, np.int64))
        numbered = WordNumbers(tokenizer, threads)
        counts, read = self._read(texts, numbered, (numbers, lengths), CallbackList(callbacks))
        self.n_words = int(counts.sum())
        self.words, self.counts, self._row_of = _rows(read, counts, min_count)
        self._numbers = numbers.mapped()
        # the lengths of all texts stay in memory only as long as it takes to add them up
        offsets = ScratchArray(np.int64, scratch)
        offsets.append(offsets_of(lengths.mapped()))
        self._offsets = offsets.mapped()
        named = hashlib.blake2b("\0".join(read).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
        self.fingerprint = f"{named} {numbers.digest()} {lengths.digest()}"

    def bounds(self, n_words: int) -> NDArray[np.int64]:
        """The texts at which chunks of about `n_words` words begin, and N at the end."""
        targets = np.arange(n_words, self.n_words, n_words)
        inner = np.searchsorted(self._offsets, targets)
        return np.unique([0, *inner.tolist(), len(self._offsets) - 1])

    def words_before(self, text: int) -> int:
        """How many words the first `text` texts have."""
        return int(self._offsets[text])

    def rows(self, first: int, last: int) -> Ragged:
        """The texts from `first` to before `last` as rows; words without a row are left out."""
        offsets = np.asarray(self._offsets[first : last + 1])
        rows = self._row_of[self._numbers[offsets[0] : offsets[-1]]]
        return Ragged(rows, offsets - offsets[0]).where(rows >= 0)

    def _read(
        self,
        texts: Iterable[str],
        numbered: WordNumbers,
        kept: tuple[ScratchArray, ScratchArray],
        callbacks: CallbackList,
    ) -> tuple[NDArray[np.int64], list[str]]:
        """How often each word occurs, and the words by their numbers; what is read goes into `kept`."""
        n_words = 0
        for batch in text_chunks(texts, _TEXTS_AT_ONCE, _LETTERS_AT_ONCE):
            found = numbered.add(batch)
            kept[0].append(found.ids)
            kept[1].append(_cut(found.lengths))
            n_words += len(found.ids)
            callbacks.on_step("reading texts", n_words, None, "word")
        callbacks.on_step("reading texts", n_words, n_words, "word")
        return numbered.counts, numbered.words


def _cut(lengths: NDArray[np.int64]) -> NDArray[np.int64]:
    """The lengths of texts after long ones are cut; empty ones have no part in anything and fall out."""
    pieces = -(-lengths // LONGEST_TEXT)
    cut = np.full(int(pieces.sum()), LONGEST_TEXT, dtype=np.int64)
    ends = np.cumsum(pieces)[pieces > 0] - 1
    cut[ends] = (lengths - (pieces - 1) * LONGEST_TEXT)[pieces > 0]
    return cut


def _rows(
    words: list[str], counts: NDArray[np.int64], min_count: int
) -> tuple[list[str], NDArray[np.int64], NDArray[np.int32]]:
    """The words with a row, their counts, and int32 the row of each number, -1 for none."""
    order = np.argsort(-counts, kind="stable")
    order = order[counts[order] >= min_count]
    if not len(order):
        raise DataError(
            f"None of the {len(words):,} different words occurs {min_count:,} times or more; give more "
            "texts, or choose a lower min_count."
        )
    row_of = np.full(len(words), -1, dtype=np.int32)
    row_of[order] = np.arange(len(order), dtype=np.int32)
    return [words[number] for number in order.tolist()], counts[order], row_of
