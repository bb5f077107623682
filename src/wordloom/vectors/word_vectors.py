"""WordVectors: words and their vectors, row by row; small and immutable.

What is asked of a table (neighbors, scores, files, maps) is a function that takes it, so nothing that
was worked out once can go stale. This file imports none of them: what reads, writes and learns tables makes
tables, so it stands above. `load`, `save` and `learn` are there for users and pass on to what
`wordloom.vectors`, which stands above both, connects them with.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import numpy.typing as npt

from wordloom.errors import DataError, UsageError, did_you_mean

if TYPE_CHECKING:
    from wordloom.loop.callback import Callback
    from wordloom.text.tokenizer import Tokenizer
    from wordloom.vectors.formats.word_decoder import Undecodable
    from wordloom.vectors.formats.written import OnUnwritable, Written

_CELLS_PER_CHECK = 1 << 20
_CELLS_PER_BLOCK = 1 << 16  # half a MB in float64, which stays in the processor's cache
_WORDS_FOR_A_HINT = 100_000
_above: dict[str, Callable[[], Any]] = {}


def connect(*, formats: Callable[[], Any], learning: Callable[[], Any]) -> None:
    """Say what gives the modules behind `load` and `save`, and behind `learn`; asked at their first use."""
    _above.update(formats=formats, learning=learning)


class UnknownWordError(DataError, KeyError):
    """A word that the table does not hold; also a KeyError, for code that treats the table as a mapping."""

    def __init__(self, word: object, words: Sequence[str] = (), name: str = "") -> None:
        super().__init__(word)
        self.word, self.name, self._words = word, name, words

    def __str__(self) -> str:
        # Built only when shown: loops that catch the error would pay for the search of near words.
        hint = _near_words(str(self.word), self._words)
        return f"{self.name or 'word vectors'}: there is no vector for {self.word!r}. {hint}".rstrip()


class WordVectors:
    """A table of V words with a vector of D numbers each.

    Parameters
    ----------
    words : V different strings
    vectors : float32 (V, D), D >= 1. Copied, unless it is a C-ordered float32 array that nobody can
        write to: set `array.flags.writeable = False` first to hand a large table over without a copy.
    name : where the table comes from, for messages
    special : those of the words that are not words of a text but marks (`<start>`, `<unknown>`); queries
        leave them out of their answers

    Raises
    ------
    DataError : a word twice or not a string, a number that is not finite, shapes that do not fit; the
        message names the row (counted from 0) and the word.
    """

    __slots__ = ("_lengths", "_rows", "_words", "name", "special", "vectors")

    vectors: npt.NDArray[np.float32]
    name: str
    special: frozenset[str]
    # Worked out when first asked for; nothing that they follow from can change.
    _words: tuple[str, ...] | Callable[[], tuple[str, ...]]
    _rows: dict[str, int] | None
    _lengths: npt.NDArray[np.float64] | None

    def __init__(
        self,
        words: Sequence[str],
        vectors: npt.ArrayLike,
        name: str = "",
        special: Iterable[str] = (),
    ) -> None:
        title = name or "word vectors"
        listed = _checked_words(words, title)
        table = _checked_table(vectors, listed, title)
        rows = _numbered(listed, title)
        marks = frozenset(special)
        if missing := sorted(marks - rows.keys()):
            raise DataError(f"{title}: the special token {missing[0]!r} is not one of the words.")
        self._set(listed, table, name, marks, rows)

    def _set(
        self,
        words: tuple[str, ...] | Callable[[], tuple[str, ...]],
        vectors: npt.NDArray[np.float32],
        name: str,
        special: frozenset[str],
        rows: dict[str, int] | None,
    ) -> None:
        for field, value in (("_words", words), ("vectors", vectors), ("name", name), ("special", special)):
            object.__setattr__(self, field, value)
        object.__setattr__(self, "_rows", rows)
        object.__setattr__(self, "_lengths", None)

    @classmethod
    def of_checked(
        cls,
        words: tuple[str, ...] | Callable[[], tuple[str, ...]],
        vectors: npt.NDArray[np.float32],
        name: str,
        special: frozenset[str] = frozenset(),
        rows: dict[str, int] | None = None,
    ) -> Self:
        """A table of parts that a reader has checked already; nothing is looked at or copied.

        words : V different strings, or a function that gives them when they are first needed
        vectors : finite float32 (V, D), read-only
        rows : the row of each word, if it is known already; it then belongs to the table
        """
        table = cls.__new__(cls)
        table._set(words, vectors, name, special, rows)
        return table

    def __setattr__(self, field: str, value: Any) -> None:
        raise AttributeError("WordVectors cannot be changed; make a new one")

    def __delattr__(self, field: str) -> None:
        raise AttributeError("WordVectors cannot be changed; make a new one")

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        """Itself, since nothing in it can change; scikit-learn copies parameters for every fold."""
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        return WordVectors, (self.words, self.vectors, self.name, tuple(sorted(self.special)))

    @property
    def words(self) -> tuple[str, ...]:
        """The V words, in the order of the rows."""
        if callable(self._words):
            object.__setattr__(self, "_words", self._words())
        return self._words  # type: ignore[return-value]

    @property
    def lengths(self) -> npt.NDArray[np.float64]:
        """The Euclidean length of each vector, float64 (V,), read-only; worked out when first asked for."""
        if self._lengths is None:
            object.__setattr__(self, "_lengths", _lengths_of(self.vectors))
        return self._lengths  # type: ignore[return-value]

    def _row_of(self) -> dict[str, int]:
        if self._rows is None:
            object.__setattr__(self, "_rows", _numbered(self.words, self.name or "word vectors"))
        return self._rows  # type: ignore[return-value]

    def __len__(self) -> int:
        return len(self.vectors)

    def __iter__(self) -> Iterator[str]:
        return iter(self.words)

    def __contains__(self, word: object) -> bool:
        return word in self._row_of()

    def __getitem__(self, word: str) -> npt.NDArray[np.float32]:
        """The vector of `word`, float32 (D,), read-only. Raises UnknownWordError (a KeyError)."""
        return self.vectors[self.row(word)]  # type: ignore[no-any-return]

    def __repr__(self) -> str:
        title = f"{self.name}: " if self.name else ""
        return f"<WordVectors {title}{len(self):,} words, {self.dimensions} dimensions>"

    @property
    def dimensions(self) -> int:
        """D, the numbers of one vector."""
        return int(self.vectors.shape[1])

    def row(self, word: str) -> int:
        """The row of `word` in `vectors`. Raises UnknownWordError (a KeyError) with near words."""
        try:
            return int(self._row_of()[word])
        except (KeyError, TypeError):
            raise UnknownWordError(word, self.words, self.name) from None

    def subset(self, words: Iterable[str]) -> WordVectors:
        """The vectors of `words`, in that order. Raises UnknownWordError for the first unknown word."""
        if isinstance(words, str):
            raise DataError(f"subset takes a list of words, not one string; write [{words!r}].")
        chosen = list(words)
        table = self.vectors[np.array([self.row(word) for word in chosen], dtype=np.intp)]
        table.flags.writeable = False
        return WordVectors(chosen, table, self.name, self.special.intersection(chosen))

    @classmethod
    def load(
        cls,
        path: str | os.PathLike[str],
        format: str | None = None,
        *,
        words: Iterable[str] | None = None,
        limit: int | None = None,
        header: bool | None = None,
        mmap: bool = False,
        undecodable: Undecodable = "error",
    ) -> WordVectors:
        """Read a file of vectors; see `wordloom.vectors.formats.read`, which takes the same parameters."""
        read: WordVectors = _above["formats"]().read(
            path, format, words=words, limit=limit, header=header, mmap=mmap, undecodable=undecodable
        )
        return read

    @classmethod
    def learn(
        cls,
        texts: Iterable[str],
        *,
        tokenizer: Tokenizer | None = None,
        threads: int | None = None,
        checkpoint: str | os.PathLike[str] | None = None,
        callbacks: Sequence[Callback] = (),
        **settings: Any,
    ) -> WordVectors:
        """Learn a table from texts without labels, by skip-gram: `WordVectors.learn(texts, dimensions=50)`.

        With `longest_subword=6` the table is a `SubwordVectors`, which answers words that it never saw.

        Parameters as in `wordloom.vectors.learning.learn_word_vectors`; `settings` are the fields of
        `SkipGramSettings`. Texts in a file: `wordloom.readers.open_texts(path)`. Raises UsageError for
        settings that do not exist or have no meaning, DataError for texts with too few words.
        """
        if "listener" in settings:
            raise UsageError("listener= is now callbacks=[...]; see wordloom.Callback.")
        learning = _above["learning"]()
        chosen = learning.SkipGramSettings.from_names(settings)
        learned: WordVectors = learning.learn_word_vectors(
            texts, chosen, callbacks, tokenizer=tokenizer, threads=threads, checkpoint=checkpoint
        )
        return learned

    def save(
        self,
        path: str | os.PathLike[str],
        format: str | None = None,
        *,
        on_unwritable: OnUnwritable = "error",
    ) -> Written:
        """Write a file of vectors; see `wordloom.vectors.formats.write`, which takes the same parameters."""
        written: Written = _above["formats"]().write(self, path, format, on_unwritable=on_unwritable)
        return written


def _checked_words(words: Sequence[str], title: str) -> tuple[str, ...]:
    if isinstance(words, str | bytes):
        raise DataError(f"{title}: a list of words expected, a single string received.")
    if not isinstance(words, Iterable):
        raise DataError(f"{title}: a list of words expected, found {words!r:.60}.")
    listed = tuple(words)
    for row, word in enumerate(listed):
        if type(word) is not str:
            if not isinstance(word, str):
                raise DataError(f"{title}, row {row}: a word must be a string, found {word!r:.60}.")
            return tuple(map(str, listed))
    return listed


def _numbered(words: tuple[str, ...], title: str) -> dict[str, int]:
    """The row of each word. Raises DataError for a word that stands in two rows."""
    rows = dict(zip(words, range(len(words)), strict=True))
    if len(rows) != len(words):
        raise DataError(_duplicate_message(words, rows, title))
    return rows


def _lengths_of(table: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
    """Lengths of the rows, in float64, a part of the table at a time."""
    lengths = np.empty(len(table), dtype=np.float64)
    step = max(1, _CELLS_PER_BLOCK // table.shape[1])
    for start in range(0, len(table), step):
        block = table[start : start + step].astype(np.float64)
        np.einsum("ij,ij->i", block, block, out=lengths[start : start + step])
    np.sqrt(lengths, out=lengths)
    lengths.flags.writeable = False
    return lengths


def _checked_table(vectors: npt.ArrayLike, words: tuple[str, ...], title: str) -> npt.NDArray[np.float32]:
    if isinstance(vectors, np.ma.MaskedArray) and np.ma.is_masked(vectors):
        raise DataError(f"{title}: some numbers of the vectors are masked; fill them first (array.filled).")
    try:
        given = np.asarray(vectors)
    except (TypeError, ValueError) as error:  # rows of different lengths, for one
        raise DataError(f"{title}: the vectors are no table of numbers ({error}).") from None
    if given.ndim != 2 or given.dtype.kind not in "fiu":
        raise DataError(
            f"{title}: vectors must be numbers of the shape (words, dimensions), "
            f"found {given.dtype} of the shape {given.shape}."
        )
    if given.shape[0] != len(words):
        raise DataError(f"{title}: {len(words):,} words but {given.shape[0]:,} vectors.")
    if given.shape[1] == 0:
        raise DataError(f"{title}: the vectors have no dimensions, shape {given.shape}.")
    with np.errstate(over="ignore"):
        table = np.ascontiguousarray(given, dtype=np.float32)
    if _can_be_written(table):
        table = table.copy()
        table.flags.writeable = False
    _check_finite(table, words, title)
    return table


def _can_be_written(array: npt.NDArray[Any]) -> bool:
    """Whether the array, or one that it is a view of, may change under our hands."""
    owner: Any = array
    while isinstance(owner, np.ndarray):
        if owner.flags.writeable:
            return True
        owner = owner.base
    return False


def _check_finite(table: npt.NDArray[np.float32], words: tuple[str, ...], title: str) -> None:
    step = max(1, _CELLS_PER_CHECK // table.shape[1])
    for start in range(0, len(table), step):
        finite = np.isfinite(table[start : start + step]).all(axis=1)
        if not finite.all():
            row = start + int(np.argmin(finite))
            raise DataError(
                f"{title}, row {row} ({words[row]!r}): a number is NaN, infinite or too large for float32."
            )


def _duplicate_message(words: tuple[str, ...], last_row: dict[str, int], title: str) -> str:
    row, word = next((row, word) for row, word in enumerate(words) if last_row[word] != row)
    again = words.index(word, row + 1)
    return f"{title}: the word {word!r} stands in the rows {row} and {again}; each word needs one row."


def _near_words(word: str, words: Sequence[str]) -> str:
    """A hint among the frequent words: other case first, then spellings of about the same length."""
    frequent = words[:_WORDS_FOR_A_HINT]
    folded = word.casefold()
    same = [known for known in frequent if known.casefold() == folded][:3]
    if same:
        return f"Did you mean {' or '.join(map(repr, same))}?"
    near = [
        known for known in frequent if known[:1].casefold() == folded[:1] and abs(len(known) - len(word)) <= 2
    ]
    hint = did_you_mean(word, near)
    return hint if hint.startswith("Did") else ""
