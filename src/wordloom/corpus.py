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

from wordloom.draws import held_out_rows, sampled_rows
from wordloom.errors import DataError, UsageError, did_you_mean
from wordloom.labels import Label, is_number, label_key, places_among
from wordloom.origin import Columns, Places
from wordloom.plain_texts import checked_texts
from wordloom.streamed_texts import StreamedTexts
from wordloom.targets import AUTO, GRADED, MULTILABEL, SINGLE, checked_targets, flat_labels, labels_in


@dataclass(frozen=True)
class Corpus:
    """N texts with a label each, or with several, or with a grade each.

    Parameters
    ----------
    texts : N strings, in memory or streamed from a file (see `wordloom.readers.stream_corpus`)
    labels : of N texts, as `target` says:

        - "single": strings or integers, all of one kind
        - "multilabel": lists, tuples or sets of such labels, which may be empty, or an indicator matrix:
          (N, C) of 0 and 1, a data frame of such columns, or sparse. Kept as sorted tuples, each label once
        - "graded": finite numbers. Kept as floats
    name : where the texts come from, for messages and reports
    columns : those of the table that they were read from
    places : the file and line of each text; None: texts are counted from 0
    target : one of `wordloom.targets.TARGETS`; "auto" for "multilabel" if any text has a list of labels, else
        "single", and is one of the three afterwards

    Raises
    ------
    DataError : one string instead of a list, unequal lengths, a text that is not a string, a label that
        is None or NaN, a grade that is no finite number; the message names the row (counted from 0).
    UsageError : another target
    """

    texts: Sequence[str]
    labels: Sequence[Any]
    name: str = "corpus"
    columns: Columns | None = field(default=None, compare=False)
    places: Places | None = field(default=None, compare=False, repr=False)
    target: str = AUTO

    def __post_init__(self) -> None:
        if not self.streamed:
            object.__setattr__(self, "texts", checked_texts(self.texts, self.name))
        labels, target = checked_targets(self.labels, self.target, self.name)
        object.__setattr__(self, "labels", labels)
        object.__setattr__(self, "target", target)
        if len(self.texts) != len(self.labels):
            raise DataError(
                f"{self.name}: {len(self.texts):,} texts but {len(self.labels):,} {_HAS[target]}."
            )

    def __len__(self) -> int:
        return len(self.texts)

    def __repr__(self) -> str:
        if self.target == GRADED:
            return f"<Corpus {self.name}: {len(self):,} texts, {grade_range(self)}>"
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

    def in_memory(self) -> Corpus:
        """The same corpus, with its texts read into memory."""
        if not self.streamed:
            return self
        known = {name: value for name, value in vars(self).items() if name in ("text_keys", "_fingerprint")}
        corpus = replace(self, texts=list(self.texts))
        vars(corpus).update(known)
        return corpus

    def respelled(self, labels: Sequence[Any]) -> Corpus:
        """The same texts with the same labels in another spelling, 1 in the place of "1"."""
        known = {name: value for name, value in vars(self).items() if name in ("text_keys", "_fingerprint")}
        corpus = replace(self, labels=labels)
        vars(corpus).update(known)
        return corpus

    def retargeted(self, labels: Any, target: str) -> Corpus:
        """The same texts with labels of another target, made of theirs."""
        known = {name: value for name, value in vars(self).items() if name == "text_keys"}
        corpus = replace(self, labels=labels, target=target)
        vars(corpus).update(known)
        return corpus

    def place(self, row: int) -> str:
        """Where a text comes from, for messages: "reviews.csv, line 7"; without a file its row, from 0."""
        return f"{self.name}, row {row}" if self.places is None else self.places(row)

    @property
    def classes(self) -> list[Label]:
        """The C different labels, sorted. UsageError for grades, which are no classes."""
        self.require(SINGLE, MULTILABEL, what="This")
        return labels_in(self.labels)

    def counts(self) -> dict[Label, int]:
        """How many texts each label has, in the order of `classes`."""
        classes = self.classes
        counted = Counter(flat_labels(self.labels)[1] if self.target == MULTILABEL else self.labels)
        return {label: counted[label] for label in classes}

    @property
    def grades(self) -> NDArray[np.float64]:
        """float64 (N,): the grade of each text. UsageError for texts with labels."""
        self.require(GRADED, what="This")
        return np.array(self.labels, dtype=np.float64)

    def indicators(self, classes: Sequence[Label]) -> NDArray[np.bool_]:
        """bool (N, C): which of the C `classes` each text has.

        Raises DataError naming the first text with a label that is none of them, UsageError for grades.
        """
        rows, flat, columns = self.label_places(classes)
        unknown = np.flatnonzero(columns < 0)
        if len(unknown):
            first = int(unknown[0])
            raise DataError(
                f"{self.place(int(rows[first]))}: the label {flat[first]!r} is not known. "
                f"{did_you_mean(str(flat[first]), map(str, classes))}"
            )
        found = np.zeros((len(self), len(classes)), dtype=bool)
        found[rows, columns] = True
        return found

    def label_places(
        self, classes: Sequence[Label]
    ) -> tuple[NDArray[np.int64], list[Label], NDArray[np.int64]]:
        """Of the M labels of all texts: the row of each, int64 (M,), the label, and its place among
        `classes`, int64 (M,), -1 for one that is none of them. UsageError for grades.
        """
        self.require(SINGLE, MULTILABEL, what="This")
        if self.target == MULTILABEL:
            rows, flat = flat_labels(self.labels)
        else:
            rows, flat = np.arange(len(self)), list(self.labels)
        places = places_among(classes, flat)
        return rows, flat, np.fromiter((places[label] for label in flat), dtype=np.int64, count=len(flat))

    def require(self, *targets: str, what: str) -> None:
        """UsageError unless the corpus has one of the targets.

        what : that needs them, as the start of a sentence ("The confusion matrix")
        """
        if self.target not in targets:
            raise UsageError(
                f"{self.name}: {what} is for texts with {' or '.join(_WITH[target] for target in targets)}; "
                f"these have {_WITH[self.target]}.{_WAYS_OUT.get((targets[0], self.target), '')}"
            )

    def shuffled(self, seed: int) -> Corpus:
        """The same texts in a seeded random order."""
        return self.subset(np.random.default_rng(seed).permutation(len(self)))

    def split(self, fraction: float, seed: int = 0, stratify: bool = True) -> tuple[Corpus, Corpus]:
        """Split into (rest, held out); the second part holds `fraction` of the texts.

        With `stratify` every class is split in the same proportion, and a class with two texts or more
        keeps at least one on each side; `wordloom.draws` says what that is for several labels and for grades.
        The order within each part is the original one.
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
        return sampled_rows(self.labels, per_class, seed, self.name)

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
        return digest.value(self.target)


_HAS = {
    SINGLE: "labels; each text needs exactly one label",
    MULTILABEL: "lists of labels; each text needs a list, which may be empty",
    GRADED: "grades; each text needs exactly one",
}
_WITH = {SINGLE: "one label each", MULTILABEL: "several labels each", GRADED: "a grade each"}
_AS_SETS = " Read them with target='multilabel' (--target multilabel); a label alone is then a set of one."
_AS_CLASSES = " Read them with target='single' (--target single) to make each {} a class."
_WAYS_OUT = {
    (SINGLE, MULTILABEL): _AS_CLASSES.format("combination"),
    (SINGLE, GRADED): _AS_CLASSES.format("grade"),
    (MULTILABEL, SINGLE): _AS_SETS,
    (MULTILABEL, GRADED): _AS_SETS,
    (GRADED, SINGLE): " Read them with target='graded' (--target graded) if their labels are numbers.",
}
"""What to do with texts of one target where another is needed: (needed, there)."""


def grade_range(corpus: Corpus) -> str:
    """Of a graded corpus for people: "grades from 1 to 10"."""
    grades = corpus.grades
    return f"grades from {grades.min():g} to {grades.max():g}" if len(grades) else "no grades"


def text_key(text: str) -> int:
    """What `Corpus.text_keys` holds of a text."""
    return hash(text.strip()) if text else 0


class Fingerprint:
    """What `Corpus.fingerprint` gives, text by text; the same for every spelling of a label."""

    def __init__(self) -> None:
        self._digest = hashlib.blake2b(digest_size=16)

    def add(self, text: str, label: Any) -> None:
        data = text.encode("utf-8", "surrogatepass")
        self._digest.update(f"{len(data)}:{_shown(label)}:".encode("utf-8", "surrogatepass"))
        self._digest.update(data)

    def value(self, target: str) -> str:
        digest = self._digest.copy()
        if target != SINGLE:
            digest.update(target.encode())
        return digest.hexdigest()


@functools.lru_cache(maxsize=1024)
def _shown(label: Any) -> str:
    if isinstance(label, tuple):
        return f"({','.join(sorted(map(_shown, label)))})"
    if isinstance(label, float):
        return repr(label)
    return label_key(label) if is_number(label) else repr(label)


@dataclass(frozen=True)
class Seen:
    """What was noted of texts while their file was read, so that it need not be read for it again.

    Parameters
    ----------
    fingerprint : of the texts and labels; None: not known
    keys : int64 (N,), as `Corpus.text_keys`
    """

    fingerprint: str | None
    keys: NDArray[np.int64]


def corpus_of_stream(corpus: Corpus, seen: Seen) -> Corpus:
    """The corpus, whose texts are streamed, with what is known of them already."""
    # where the cached properties keep them
    vars(corpus).update(text_keys=seen.keys)
    if seen.fingerprint is not None:
        vars(corpus).update(_fingerprint=seen.fingerprint)
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
