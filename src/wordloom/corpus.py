"""Corpus: labelled texts, as every reader gives them and every trainer takes them.

It knows nothing of tokens or ids. Dataset joins a training corpus and, where the source has one, a test
corpus.
"""

from __future__ import annotations

import functools
import hashlib
import warnings
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from wordloom.errors import DataError, WordloomWarning
from wordloom.streamed_texts import StreamedTexts

Label = str | int


@dataclass(frozen=True)
class Corpus:
    """N texts with a label each.

    Parameters
    ----------
    texts : N strings, in memory or streamed from a file (see `wordloom.readers.stream_corpus`)
    labels : N labels, strings or integers, all of one kind
    name : where the texts come from, for messages and reports

    Raises
    ------
    DataError : one string instead of a list, unequal lengths, a text that is not a string, a label that
        is None or NaN; the message names the row (counted from 0).
    """

    texts: Sequence[str]
    labels: Sequence[Label]
    name: str = "corpus"

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
        return Corpus(texts, [self.labels[i] for i in chosen], name=self.name)

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
    def _fingerprint(self) -> str:
        digest = Fingerprint()
        for text, label in zip(self.texts, self.labels, strict=True):
            digest.add(text, label)
        return digest.value()


class Fingerprint:
    """What `Corpus.fingerprint` gives, text by text."""

    def __init__(self) -> None:
        self._digest = hashlib.blake2b(digest_size=16)

    def add(self, text: str, label: Label) -> None:
        data = text.encode("utf-8", "surrogatepass")
        self._digest.update(f"{len(data)}:{label!r}:".encode("utf-8", "surrogatepass"))
        self._digest.update(data)

    def value(self) -> str:
        return self._digest.hexdigest()


def corpus_of_stream(texts: StreamedTexts, labels: Sequence[Label], fingerprint: str) -> Corpus:
    """A corpus whose fingerprint was made when its labels were read, so that it need not be read for it."""
    corpus = Corpus(texts, labels, name=texts.name)
    vars(corpus)["_fingerprint"] = fingerprint  # where the cached property keeps it
    return corpus


@dataclass(frozen=True)
class Dataset:
    """What a source holds: a training corpus and, where the source has one, a test corpus."""

    train: Corpus
    test: Corpus | None = None
    name: str = "data"
    notes: tuple[str, ...] = field(default=())
    """What the reader decided or noticed: guessed columns, empty texts, terms of use."""


def checked_texts(texts: Any, name: str = "texts", first_row: int = 0) -> list[str]:
    """`texts` as a list of strings; a list, tuple, array or data-frame column is taken.

    Raises DataError (with scikit-learn's wording where it has one) for one single string, for None or
    NaN, and for anything else that is not a string, naming the row (counted from `first_row`).
    """
    refuse_single_text(texts)
    rows = texts if type(texts) is list else _as_list(texts, name)
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
    if _is_missing(text):
        raise DataError(
            f"{name}, row {row}: {'np.nan' if text is not None else 'None'} is an invalid document, "
            "expected a string. Remove the row or fill it with an empty text."
        )
    hint = " Are texts and labels swapped?" if isinstance(text, int | np.integer) else ""
    raise DataError(
        f"{name}, row {row}: expected a string, found {type(text).__name__} ({text!r:.60}).{hint}"
    )


def checked_labels(labels: Any, name: str = "labels") -> list[Label]:
    """`labels` as a list of `str` or `int`, all of one kind.

    NumPy and boolean scalars become plain ones; whole floats become integers. Raises DataError naming
    the row for None, NaN, a fraction, or a second kind of label.
    """
    if isinstance(labels, str | bytes):
        raise DataError(f"{name}: one label for each text expected, a single string received.")
    rows = _as_list(labels, name)
    plain: list[Label] = [
        label if type(label) is str or type(label) is int else _plain_label(label, row, name)
        for row, label in enumerate(rows)
    ]
    kinds = {type(label) for label in plain}
    if len(kinds) > 1:
        first = type(plain[0])
        row = next(i for i, label in enumerate(plain) if type(label) is not first)
        raise DataError(
            f"{name}, row {row}: label {plain[row]!r} is {type(plain[row]).__name__}, the labels before "
            f"it are {first.__name__}. Use one kind, for example str(label) for all."
        )
    return plain


def _plain_label(label: Any, row: int, name: str) -> Label:
    if isinstance(label, str):
        return str(label)
    if isinstance(label, bool | np.bool_ | int | np.integer):
        return int(label)
    if _is_missing(label):
        raise DataError(f"{name}, row {row}: the label is missing ({label}). Remove the row or label it.")
    if isinstance(label, float | np.floating) and float(label).is_integer():
        return int(label)
    raise DataError(
        f"{name}, row {row}: a label must be a string or a whole number, found {label!r:.60} "
        f"({type(label).__name__}). Unknown label type: {_kind_of_target(label)}."
    )


def _kind_of_target(label: Any) -> str:
    """What scikit-learn calls it, whose users look for these words."""
    return "continuous" if isinstance(label, float | np.floating) else "unknown"


def _is_missing(value: Any) -> bool:
    """None, NaN, or what pandas has for them (which refuses to be compared)."""
    if isinstance(value, float | np.floating):
        return bool(np.isnan(value))
    return value is None or type(value).__name__ in ("NAType", "NaTType")


def _as_list(values: Any, name: str) -> list[Any]:
    if hasattr(values, "to_list"):  # pandas and polars columns
        return list(values.to_list())
    if hasattr(values, "columns") or isinstance(values, Mapping):  # iterating would give the columns' names
        raise DataError(
            f"{name}: one column expected, found a whole table ({type(values).__name__}). "
            "Name the column, for example data['text']."
        )
    if isinstance(values, Set):
        raise DataError(f"{name}: a list expected, found a {type(values).__name__}, which has no order.")
    if hasattr(values, "__array__"):  # arrays of NumPy and of others
        values = np.asarray(values)
        if values.ndim != 1:
            raise DataError(f"{name}: one dimension expected, found the shape {values.shape}.")
        return list(values.tolist()) if values.dtype != object else list(values)
    if not isinstance(values, Iterable):
        raise DataError(f"{name}: a list expected, found {type(values).__name__}.")
    return list(values)


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


def warn_about_similar_labels(labels: Iterable[Label], name: str) -> None:
    """Warn about labels that differ only by case or by spaces around or inside them."""
    seen: dict[str, str] = {}
    for label in sorted({label for label in labels if isinstance(label, str)}):
        key = " ".join(label.split()).casefold()
        if key in seen:
            warnings.warn(
                f"{name}: the labels {seen[key]!r} and {label!r} differ only by case or spaces and are "
                "treated as two classes. Make them equal if they mean the same.",
                WordloomWarning,
                stacklevel=3,
            )
        seen.setdefault(key, label)


_FEW_TEXTS = 10
"""Of so many texts each may have a label of its own, in a first trial for example."""


def warn_about_single_texts(counts: Mapping[Label, int], name: str) -> None:
    """Warn about classes with one text only."""
    single = [label for label, count in counts.items() if count == 1]
    if not single:
        return
    named = ", ".join(repr(label) for label in single[:5])
    way_out = "Add texts, or merge or drop the class."
    if len(single) == sum(counts.values()) > _FEW_TEXTS:
        way_out = (
            "No label stands with a second text: are these labels, or the texts' numbers? Name the column "
            "that holds the labels: label=NAME (--label NAME)."
        )
    warnings.warn(
        f"{name}: {len(single):,} class(es) with one text only ({named}{', ...' * (len(single) > 5)}): too "
        f"few to learn from, and none is left to validate on. {way_out}",
        WordloomWarning,
        stacklevel=3,
    )
