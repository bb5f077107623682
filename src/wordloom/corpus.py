"""Corpus: labelled texts, as every reader gives them and every trainer takes them.

It knows nothing of tokens or ids. Dataset joins a training corpus and, where the source has one, a test
corpus.
"""

from __future__ import annotations

import functools
import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wordloom.errors import DataError
from wordloom.labels import Label as Label
from wordloom.labels import as_list, is_missing, is_number, label_key
from wordloom.labels import checked_labels as checked_labels
from wordloom.labels import warn_about_similar_labels as warn_about_similar_labels
from wordloom.labels import warn_about_single_texts as warn_about_single_texts
from wordloom.origin import Columns, Places
from wordloom.streamed_texts import StreamedTexts


@dataclass(frozen=True)
class Corpus:
    """N texts with a label each.

    Parameters
    ----------
    texts : N strings, in memory or streamed from a file (see `wordloom.readers.stream_corpus`)
    labels : N labels, strings or integers, all of one kind
    name : where the texts come from, for messages and reports
    columns : those of the table that they were read from
    places : the file and line of each text; None: texts are counted from 0

    Raises
    ------
    DataError : one string instead of a list, unequal lengths, a text that is not a string, a label that
        is None or NaN; the message names the row (counted from 0).
    """

    texts: Sequence[str]
    labels: Sequence[Label]
    name: str = "corpus"
    columns: Columns | None = field(default=None, compare=False)
    places: Places | None = field(default=None, compare=False, repr=False)

    def __post_init__(self) -> None:
        if not self.streamed:
            object.__setattr__(self, "texts", checked_texts(self.texts, self.name))
        object.__setattr__(self, "labels", checked_labels(self.labels, self.name))
        if len(self.texts) != len(self.labels):
            raise DataError(
                f"{self.name}: {len(self.texts):,} texts but {len(self.labels):,} labels; "
                "each text needs exactly one label."
            )

    def __len__(self) -> int:
        return len(self.texts)

    def __repr__(self) -> str:
        classes = self.classes  # the texts themselves may take megabytes
        named = ", ".join(map(repr, classes[:5])) + ", ..." * (len(classes) > 5)
        return f"<Corpus {self.name}: {len(self):,} texts, {len(classes):,} classes: {named}>"

    @property
    def streamed(self) -> bool:
        """Whether the texts stay in their file."""
        return isinstance(self.texts, StreamedTexts)

    def subset(self, rows: Iterable[int]) -> Corpus:
        """The texts and labels of `rows`, in that order; of streamed texts rows must rise."""
        chosen = list(rows)
        if isinstance(self.texts, StreamedTexts):
            texts: Sequence[str] = self.texts.subset(chosen)
        else:
            texts = [self.texts[i] for i in chosen]
        part = replace(
            self,
            texts=texts,
            labels=[self.labels[i] for i in chosen],
            places=None if self.places is None else self.places.subset(chosen),
        )
        keys = vars(self).get("text_keys")
        if keys is not None:
            vars(part)["text_keys"] = keys[np.asarray(chosen, dtype=np.int64)]
        return part

    def respelled(self, labels: Sequence[Label]) -> Corpus:
        """The same texts with the same labels in another spelling, 1 in the place of "1"."""
        known = {name: value for name, value in vars(self).items() if name in ("text_keys", "_fingerprint")}
        corpus = replace(self, labels=labels)
        vars(corpus).update(known)
        return corpus

    def place(self, row: int) -> str:
        """Where a text comes from, for messages: "reviews.csv, line 7"; without a file its row, from 0."""
        return f"{self.name}, row {row}" if self.places is None else self.places(row)

    @property
    def classes(self) -> list[Label]:
        """The C different labels, sorted."""
        return sorted(set(self.labels))  # type: ignore[type-var]

    def counts(self) -> dict[Label, int]:
        """How many texts each label has, in the order of `classes`."""
        counted = Counter(self.labels)
        return {label: counted[label] for label in self.classes}

    def shuffled(self, seed: int) -> Corpus:
        """The same texts in a seeded random order."""
        return self.subset(np.random.default_rng(seed).permutation(len(self)))

    def split(self, fraction: float, seed: int = 0, stratify: bool = True) -> tuple[Corpus, Corpus]:
        """Split into (rest, held out); the second part holds `fraction` of the texts.

        With `stratify` every class is split in the same proportion, and a class with two texts or more
        keeps at least one on each side. The order within each part is the original one.
        """
        held_out = held_out_rows(self.labels, fraction, seed, stratify)
        inside = np.zeros(len(self), dtype=bool)
        inside[held_out] = True
        return self.subset(np.flatnonzero(~inside)), self.subset(np.flatnonzero(inside))

    def sample(self, per_class: int, seed: int = 0) -> Corpus:
        """`per_class` texts of every class, drawn without replacement, in their original order.

        Raises DataError naming the first class that has fewer texts.
        """
        return self.subset(self.sample_rows(per_class, seed))

    def sample_rows(self, per_class: int, seed: int = 0) -> list[int]:
        """The rows that `sample` takes, sorted."""
        rng = np.random.default_rng(seed)
        rows: list[int] = []
        for label, members in rows_by_label(self.labels).items():
            if len(members) < per_class:
                raise DataError(
                    f"{self.name}: class {label!r} has {len(members):,} texts, fewer than the "
                    f"{per_class:,} asked for; ask for fewer per class."
                )
            rows.extend(rng.choice(members, size=per_class, replace=False))
        return sorted(rows)

    def fingerprint(self) -> str:
        """A hash of texts, labels and their order: equal for equal data, on any machine."""
        return self._fingerprint

    @functools.cached_property
    def text_keys(self) -> NDArray[np.int64]:
        """int64 (N,): equal for equal texts, blanks around them aside; 0 for empty ones. For this process."""
        return np.fromiter(map(text_key, self.texts), dtype=np.int64, count=len(self))

    @functools.cached_property
    def _fingerprint(self) -> str:
        digest = Fingerprint()
        for text, label in zip(self.texts, self.labels, strict=True):
            digest.add(text, label)
        return digest.value()


def text_key(text: str) -> int:
    """What `Corpus.text_keys` holds of a text."""
    return hash(text.strip()) if text else 0


class Fingerprint:
    """What `Corpus.fingerprint` gives, text by text; the same for every spelling of a label."""

    def __init__(self) -> None:
        self._digest = hashlib.blake2b(digest_size=16)

    def add(self, text: str, label: Label) -> None:
        data = text.encode("utf-8", "surrogatepass")
        self._digest.update(f"{len(data)}:{_shown(label)}:".encode("utf-8", "surrogatepass"))
        self._digest.update(data)

    def value(self) -> str:
        return self._digest.hexdigest()


@functools.lru_cache(maxsize=1024)
def _shown(label: Label) -> str:
    return label_key(label) if is_number(label) else repr(label)


@dataclass(frozen=True)
class Seen:
    """What was noted of texts while their file was read, so that it need not be read for it again.

    Parameters
    ----------
    fingerprint : of the texts and labels
    keys : int64 (N,), as `Corpus.text_keys`
    """

    fingerprint: str
    keys: NDArray[np.int64]


def corpus_of_stream(corpus: Corpus, seen: Seen) -> Corpus:
    """The corpus, whose texts are streamed, with what is known of them already."""
    # where the cached properties keep them
    vars(corpus).update(_fingerprint=seen.fingerprint, text_keys=seen.keys)
    return corpus


@dataclass(frozen=True)
class Dataset:
    """What a source holds: a training corpus and, where the source has one, a test corpus."""

    train: Corpus
    test: Corpus | None = None
    name: str = "data"
    notes: tuple[str, ...] = field(default=())
    """What the reader decided or noticed: guessed columns, empty or repeated texts, terms of use."""
    unlabelled: Sequence[str] = field(default=(), repr=False)
    """Texts without a label that the source has besides: of a part called "unsup", for example."""


def checked_texts(texts: Any, name: str = "texts", first_row: int = 0) -> list[str]:
    """`texts` as a list of strings; a list, tuple, array or data-frame column is taken.

    Raises DataError (with scikit-learn's wording where it has one) for one single string, for None or
    NaN, and for anything else that is not a string, naming the row (counted from `first_row`).
    """
    refuse_single_text(texts)
    rows = texts if type(texts) is list else as_list(texts, name)
    if all(type(text) is str for text in rows):
        return rows
    return [
        text if type(text) is str else _plain_string(text, row, name)
        for row, text in enumerate(rows, first_row)
    ]


def refuse_single_text(texts: Any) -> None:
    """DataError for one string where many are expected: it would be taken for a list of its letters."""
    if isinstance(texts, str | bytes):
        raise DataError(
            "Iterable over raw text documents expected, string object received. "
            "Put a single text into a list: [text]."
        )


def _plain_string(text: Any, row: int, name: str) -> str:
    if isinstance(text, str):  # numpy.str_ and other subclasses
        return str(text)
    if is_missing(text):
        raise DataError(
            f"{name}, row {row}: {'np.nan' if text is not None else 'None'} is an invalid document, "
            "expected a string. Remove the row or fill it with an empty text."
        )
    hint = " Are texts and labels swapped?" if isinstance(text, int | np.integer) else ""
    raise DataError(
        f"{name}, row {row}: expected a string, found {type(text).__name__} ({text!r:.60}).{hint}"
    )


def rows_by_label(labels: Sequence[Label]) -> dict[Label, np.ndarray]:
    """The rows of each label, sorted by label: what stratified draws are made from."""
    classes = sorted(set(labels))  # type: ignore[type-var]
    number = {label: i for i, label in enumerate(classes)}
    numbers = np.fromiter((number[label] for label in labels), dtype=np.int32, count=len(labels))
    order = np.argsort(numbers, kind="stable")
    ends = np.cumsum(np.bincount(numbers, minlength=len(classes)))
    return dict(zip(classes, np.split(order, ends[:-1]), strict=False))  # of no labels: {}


def held_out_rows(labels: Sequence[Label], fraction: float, seed: int, stratify: bool = True) -> np.ndarray:
    """The rows of a seeded hold-out set of `fraction` of the rows, sorted; see `Corpus.split`."""
    if not 0 < fraction < 1:
        raise DataError(f"The fraction to hold out must be between 0 and 1, not {fraction}.")
    rng = np.random.default_rng(seed)
    if not stratify:
        return np.sort(rng.permutation(len(labels))[: round(fraction * len(labels))])
    rows: list[int] = []
    for members in rows_by_label(labels).values():
        wanted = round(fraction * len(members))
        wanted = min(max(wanted, 1), len(members) - 1)
        rows.extend(rng.permutation(members)[:wanted])
    return np.sort(np.asarray(rows, dtype=np.int64))
