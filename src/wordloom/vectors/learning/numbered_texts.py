"""NumberedTexts: texts as numbers of words, made in one pass; in memory, or in a file that is mapped into it.

Words are numbered by first sight, so that the numbers do not depend on how the texts are portioned. Rows of a
table are given to the frequent ones at the end, when all counts are known; what is kept of the texts are the
numbers, four bytes a word.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from wordloom.errors import DataError
from wordloom.text.counting import count_words
from wordloom.text.sequences import Ragged, offsets_of
from wordloom.text.tokenizer import Tokenizer
from wordloom.vectors.learning.listener import LearningListener, Silence

LONGEST_TEXT = 10_000
"""Words after which a text is cut, as in word2vec: a file without line ends is one text."""

_TEXTS_AT_ONCE, _LETTERS_AT_ONCE = 5_000, 20_000_000


class NumberedTexts:
    """N texts as rows of the words that are frequent enough.

    Parameters
    ----------
    texts : the texts; gone through once. The numbers of a list (or another sequence) stay in memory, those of
        anything else are written to a temporary file without a name, which goes when the object does.
    tokenizer : how texts become words
    min_count : words that occur less often have no row
    threads : None for all cores
    listener : hears how much has been read

    Attributes: `words` (the V words, most frequent first, ties by first sight), `counts` (int64 (V,)),
    `n_words` (words read, those without a row too) and `fingerprint` (equal for equal texts of words).
    Raises DataError if no word is frequent enough.
    """

    def __init__(
        self,
        texts: Iterable[str],
        tokenizer: Tokenizer,
        min_count: int,
        threads: int | None = None,
        listener: LearningListener | None = None,
    ) -> None:
        on_disk = not isinstance(texts, Sequence)
        numbers, lengths = _Growing(np.int32, on_disk), _Growing(np.int64, on_disk)
        counts, read = self._read(texts, tokenizer, threads, (numbers, lengths), listener or Silence())
        self.n_words = int(counts.sum())
        self.words, self.counts, self._row_of = _rows(list(read), counts, min_count)
        self._numbers = numbers.array()
        # the lengths of all texts stay in memory only as long as it takes to add them up
        offsets = _Growing(np.int64, on_disk)
        offsets.append(offsets_of(lengths.array()))
        self._offsets = offsets.array()
        named = hashlib.blake2b("\0".join(read).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
        self.fingerprint = f"{named} {numbers.digest()} {lengths.digest()}"

    def bounds(self, n_words: int) -> NDArray[np.int64]:
        """The texts at which stretches of about `n_words` words begin, and N at the end."""
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
        return left(Ragged(rows, offsets - offsets[0]), rows >= 0)

    def _read(
        self,
        texts: Iterable[str],
        tokenizer: Tokenizer,
        threads: int | None,
        kept: tuple[_Growing, _Growing],
        listener: LearningListener,
    ) -> tuple[NDArray[np.int64], dict[str, int]]:
        """How often each word occurs, and the words with their numbers; what is read goes into `kept`."""
        number_of: dict[str, int] = {}
        counts = np.zeros(1 << 16, dtype=np.int64)
        n_words = 0
        for portion in _portions(texts):
            counted, ranks = count_words(portion, tokenizer, threads)
            numbers = np.zeros(len(counted) + 1, dtype=np.int32)
            for rank in _by_first_sight(ranks, len(counted)).tolist():
                numbers[rank] = number_of.setdefault(counted.words[rank - 1], len(number_of))
            if len(number_of) > len(counts):
                counts = np.concatenate([counts, np.zeros(2 * len(number_of) - len(counts), dtype=np.int64)])
            counts[numbers[1:]] += counted.counts
            kept[0].append(numbers[ranks.ids])
            kept[1].append(_cut(ranks.lengths))
            n_words += len(ranks.ids)
            listener.read(n_words)
        return counts[: len(number_of)], number_of


def left(texts: Ragged, kept: NDArray[np.bool_]) -> Ragged:
    """The texts without the words that are not `kept` (T,)."""
    totals = np.zeros(len(kept) + 1, dtype=np.int64)
    np.cumsum(kept, out=totals[1:])
    return Ragged(texts.ids[kept], offsets_of(np.diff(totals[texts.offsets])))


class _Growing:
    """An array that is appended to, in memory or in a temporary file."""

    def __init__(self, dtype: Any, on_disk: bool) -> None:
        self._dtype, self._parts = np.dtype(dtype), list[NDArray[Any]]()
        self._file: IO[bytes] | None = None
        if on_disk:
            self._file = tempfile.TemporaryFile(prefix="wordloom-")  # noqa: SIM115  # lives as long as we do
        self._hash = hashlib.blake2b(digest_size=16)

    def append(self, part: NDArray[Any]) -> None:
        part = np.ascontiguousarray(part, dtype=self._dtype)
        self._hash.update(part.data)
        if self._file is None:
            self._parts.append(part)
            return
        try:
            self._file.write(part.data)
            self._file.flush()
        except OSError as error:
            raise DataError(
                "The words of the texts, four bytes each, do not fit into the folder of temporary files, "
                f"{tempfile.gettempdir()} ({error.strerror}). Name a larger one in the variable TMPDIR."
            ) from error

    def digest(self) -> str:
        """A hash of all that was appended, whatever its portions."""
        return self._hash.hexdigest()

    def array(self) -> NDArray[Any]:
        """All that was appended, read-only if it is on disk; the file goes with the array."""
        if self._file is None:
            return np.concatenate([np.zeros(0, self._dtype), *self._parts])
        if not self._file.tell():
            return np.zeros(0, self._dtype)
        return np.memmap(self._file, dtype=self._dtype, mode="r")


def _portions(texts: Iterable[str]) -> Iterator[list[str]]:
    portion: list[str] = []
    letters = 0
    for text in texts:
        portion.append(text)
        letters += len(text)
        if len(portion) == _TEXTS_AT_ONCE or letters > _LETTERS_AT_ONCE:
            yield portion
            portion, letters = [], 0
    if portion:
        yield portion


def _by_first_sight(ranks: Ragged, n: int) -> NDArray[np.int64]:
    """The ranks 1 to n in the order in which they first occur."""
    first = np.zeros(n + 1, dtype=np.int64)
    first[ranks.ids[::-1]] = np.arange(
        len(ranks.ids) - 1, -1, -1
    )  # of equal ranks the last one written stays
    return 1 + np.argsort(first[1:], kind="stable")


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
