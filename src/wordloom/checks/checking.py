"""Checking: everything that labelled texts may have wrong, text by text."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np

from wordloom.architectures import ARCHITECTURES
from wordloom.checks.evidence import Evidence, evidence_of
from wordloom.checks.faults import (
    KINDS,
    MISSING_LABEL,
    SIMILAR_LABEL,
    SUSPECT,
    WRONG_GRADE,
    WRONG_LABEL,
    Fault,
    kinds_of,
)
from wordloom.checks.near_duplicates import SIMILARITY
from wordloom.checks.repeated_texts import RepeatedTexts, of_conflicting, of_repeated
from wordloom.checks.single_texts import of_few_words, of_other_scripts
from wordloom.checks.suspects import Answers, CrossPlan, answers_on
from wordloom.corpus import Corpus, Dataset
from wordloom.errors import DataError, UsageError
from wordloom.fit import seed_of, tokenizer_of
from wordloom.fit.architecture_choice import by_architecture
from wordloom.labels import Label, similar_labels
from wordloom.loop.callback import Callback, CallbackList
from wordloom.origin import joined_places
from wordloom.settings import Settings
from wordloom.targets import GRADED, MULTILABEL, flat_labels, renamed
from wordloom.text.text_rows import text_rows
from wordloom.text.tokenizer import Tokenizer

MOST_SUSPECTS = 200
TRAIN, TEST = "train", "test"


@dataclass(frozen=True)
class CheckPlan:
    """What is checked, and how.

    Parameters
    ----------
    settings : of the models that labels are checked with; those of the n-gram model by default
    similarity : from which share of words and pairs of words in common, above 0 and at most 1, two texts are
        near duplicates
    most : most labels to find that are probably wrong; 0 for none, which trains no model
    callbacks : told how far the work is
    """

    settings: Settings = field(default_factory=lambda: Settings(architecture="ngram", random_state=0))
    similarity: float = SIMILARITY
    most: int = MOST_SUSPECTS
    callbacks: Sequence[Callback] = ()


@dataclass(frozen=True, eq=False)
class Finding:
    """A text with something wrong.

    Parameters
    ----------
    row : its number among all texts, those for training first
    part : "train" or "test"
    part_row : its number among those of its part, from 0
    faults : what is wrong
    evidence : of a label that is probably wrong; None for another text
    """

    row: int
    part: str
    part_row: int
    faults: tuple[Fault, ...]
    evidence: Evidence | None = None

    @property
    def suggested(self) -> Any:
        """The label that may be meant, the labels or the grade; None if nothing says so."""
        return next((fault.suggested for fault in self.faults if fault.suggested is not None), None)


@dataclass(frozen=True, eq=False)
class Checked:
    """What `check` found.

    Parameters
    ----------
    corpus : all texts, those for training first
    n_train : how many they are
    fingerprint : of the source (see `source_fingerprint`)
    findings : the texts with something wrong: first those whose label is most probably wrong, then by kind
    notes : what could not be checked, and why
    seconds : how long it took
    """

    corpus: Corpus
    n_train: int
    fingerprint: str
    findings: tuple[Finding, ...]
    notes: tuple[str, ...]
    seconds: float

    def counts(self) -> dict[str, int]:
        """How many texts have each kind of fault that there can be, in the order of `KINDS`."""
        kinds = [{fault.kind for fault in finding.faults} for finding in self.findings]
        return {kind: sum(kind in found for found in kinds) for kind in kinds_of(self.corpus.target)}

    def of_kind(self, kind: str) -> list[Finding]:
        """The texts with this fault, in their order."""
        return [finding for finding in self.findings if any(f.kind == kind for f in finding.faults)]

    def part_of(self, row: int) -> tuple[str, int]:
        """The part of a text, and its number there, from 0."""
        return part_of(row, self.n_train)

    def place(self, row: int) -> str:
        """Where a text comes from: "reviews.csv, line 7"."""
        return self.corpus.place(row)


def check(dataset: Dataset, plan: CheckPlan | None = None) -> Checked:
    """Find what may be wrong with labelled texts and their labels.

    Repeated texts are looked for among all texts. Labels of texts for training are checked in
    cross-validation, those of texts for testing by models trained on the texts for training. With the same
    seed the result is the same on any number of threads.

    Raises UsageError for settings that have no meaning and for a similarity or number that has none.
    """
    plan, began = plan or CheckPlan(), time.perf_counter()
    if isinstance(plan.most, bool) or not isinstance(plan.most, int) or plan.most < 0:
        raise UsageError(f"most must be a whole number of 0 or more, not {plan.most!r:.60}.")
    work = _Work(dataset, plan)
    faults = list(work.of_texts())
    answers, notes = work.answers()
    suspects: list[int] = []
    if answers is not None:
        ranked = answers.ranked()
        suspects = ranked[work.rows.rows.lengths[ranked] > 0][: plan.most].tolist()
    evidence: dict[int, Evidence] = {}
    if answers is not None and suspects:
        evidence = evidence_of(work.corpus, answers, suspects, work.rows)
    findings = _findings(work, [*_of_evidence(evidence, work.corpus.target), *faults], evidence)
    seconds = time.perf_counter() - began
    return Checked(
        work.corpus, len(dataset.train), source_fingerprint(dataset), findings, tuple(notes), seconds
    )


def part_of(row: int, n_train: int) -> tuple[str, int]:
    """The part of one of all texts, and its number there; the first `n_train` are for training."""
    return (TRAIN, row) if row < n_train else (TEST, row - n_train)


def joined(dataset: Dataset) -> Corpus:
    """All texts as one corpus, those for training first."""
    train, test = dataset.train, dataset.test
    if test is None:
        return replace(train, name=dataset.name)
    places = joined_places([train.places, test.places])
    texts, labels = [*train.texts, *test.texts], [*train.labels, *test.labels]
    return Corpus(texts, labels, dataset.name, train.columns, places, train.target)


def place_of(corpus: Corpus, row: int) -> tuple[str, str, str]:
    """File, line (or row) and id of a text; without a file the corpus' name and the row, from 0."""
    places = corpus.places
    if places is None:
        return corpus.name, str(row), ""
    file, unit = places.files[places.file[row]]
    return file, str(places.number[row]) if unit else "", "" if places.ids is None else places.ids[row]


def source_fingerprint(dataset: Dataset) -> str:
    """A hash of all texts, labels and parts, and of the lines where they stand; not of the files' names."""
    digest = hashlib.blake2b(digest_size=16)
    for name, part in ((TRAIN, dataset.train), (TEST, dataset.test)):
        if part is not None:
            digest.update(f"{name}:{part.fingerprint()}:".encode())
            if part.places is not None:
                digest.update(np.ascontiguousarray(part.places.number, dtype="<i8").tobytes())
    return digest.hexdigest()


class _Work:
    """All texts, and what is looked for in them."""

    def __init__(self, dataset: Dataset, plan: CheckPlan) -> None:
        self.dataset, self.plan, self.settings = dataset, plan, _seeded(plan.settings)
        self.corpus, told = joined(dataset), CallbackList(plan.callbacks)
        n = len(self.corpus)
        told.on_step("comparing texts", 0, n, "text")
        self.rows = text_rows(list(self.corpus.texts), _tokenizer(self.settings), self.settings.threads)
        self.repeated = RepeatedTexts.among(self.corpus, self.rows, plan.similarity)
        told.on_step("comparing texts", n, n, "text")

    def of_texts(self) -> Iterator[Fault]:
        """What the texts and labels say by themselves, without a model."""
        texts, n_train = list(self.corpus.texts), len(self.dataset.train)
        yield from of_conflicting(self.corpus, self.repeated)
        yield from of_repeated(self.repeated, n_train)
        yield from self._of_spelling()
        yield from of_few_words(texts, self.rows)
        yield from of_other_scripts(texts)

    def _of_spelling(self) -> Iterator[Fault]:
        spelled = self.usual_spelling
        several = self.corpus.target == MULTILABEL
        for row, label in enumerate(self.corpus.labels if spelled else ()):
            usual = [spelled[one] for one in (label if several else (label,)) if one in spelled]
            if usual:
                said = ", ".join(map(repr, usual))
                (suggested,) = self._respelled([label])
                yield Fault(row, SIMILAR_LABEL, suggested=suggested, detail=f"{said} is the usual spelling")

    def _respelled(self, labels: Sequence[Any]) -> list[Any]:
        """The labels in their usual spelling."""
        spelled = self.usual_spelling
        if not spelled:
            return list(labels)
        own = flat_labels(labels)[1] if self.corpus.target == MULTILABEL else labels
        found = renamed(labels, {label: spelled.get(label, label) for label in own})
        return [tuple(sorted(set(one))) for one in found] if self.corpus.target == MULTILABEL else found

    @cached_property
    def usual_spelling(self) -> dict[Label, Label]:
        """Each label that differs by case or spaces from a more frequent one -> that one."""
        if self.corpus.target == GRADED:
            return {}
        counts = self.corpus.counts()
        found: dict[Label, Label] = {}
        for group in similar_labels(counts):
            usual = max(group, key=lambda label: counts[label])
            found.update({label: usual for label in group if label != usual})
        return found

    def answers(self) -> tuple[Answers | None, list[str]]:
        """What models say of the labels; None, and why, where none can be trained."""
        if not self.plan.most:
            return None, ["Which labels are wrong was not looked for: most is 0 (--most)."]
        train, test = self.dataset.train, self.dataset.test
        groups = self.repeated.groups[: len(train)]
        parts = [
            None if part is None else part.respelled(self._respelled(part.labels)) for part in (train, test)
        ]
        assert parts[0] is not None
        try:
            return answers_on(parts[0], parts[1], groups, CrossPlan(self.settings, self.plan.callbacks)), []
        except DataError as error:
            return None, [f"Which labels are wrong was not looked for: {error}"]


def _seeded(settings: Settings) -> Settings:
    return replace(settings.checked(), random_state=seed_of(settings.random_state))


def _tokenizer(settings: Settings) -> Tokenizer:
    known = settings.architecture if settings.architecture in ARCHITECTURES else "ngram"
    values = by_architecture(replace(settings, architecture=known))
    return tokenizer_of(replace(values, keep_punctuation=False))


def _of_evidence(evidence: dict[int, Evidence], target: str) -> Iterator[Fault]:
    """What is wrong with suspects: a fault each; of several labels one for each that is wrong or missing."""
    for row, found in evidence.items():
        if target != MULTILABEL:
            yield Fault(row, WRONG_GRADE if target == GRADED else WRONG_LABEL, suggested=found.suggested)
        for change in found.changes:
            kind, said = (
                (MISSING_LABEL if change.add else WRONG_LABEL),
                f"{change.label} ({change.probability:.3f})",
            )
            yield Fault(row, kind, suggested=found.suggested, detail=said)


def _findings(work: _Work, faults: Sequence[Fault], evidence: dict[int, Evidence]) -> tuple[Finding, ...]:
    """The faults text by text, in the order of the first fault of each."""
    by_row: dict[int, list[Fault]] = {}
    order = {kind: 0 if kind in SUSPECT else number for number, kind in enumerate(KINDS, start=1)}
    for fault in sorted(
        faults, key=lambda fault: (order[fault.kind], fault.kind not in SUSPECT and fault.row)
    ):
        by_row.setdefault(fault.row, []).append(fault)
    n_train = len(work.dataset.train)
    return tuple(
        Finding(row, *part_of(row, n_train), tuple(own), evidence.get(row)) for row, own in by_row.items()
    )
