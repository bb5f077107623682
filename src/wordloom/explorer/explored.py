"""Explored: a model, tables of word vectors and a source of texts, as the explorer asks them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wordloom.checks.checking import Checked, CheckPlan, check, joined
from wordloom.errors import DataError
from wordloom.explain.attribution import LEAVE_ONE_OUT
from wordloom.explain.explainer import Explainer
from wordloom.explain.nearest_texts import NearestTexts
from wordloom.explorer.background import Background
from wordloom.explorer.word_points import word_points
from wordloom.report import Subject
from wordloom.server.limits import Limits
from wordloom.server.refusal import Refusal
from wordloom.server.service import Service
from wordloom.targets import GRADED, labels_in

if TYPE_CHECKING:
    from wordloom.corpus import Corpus, Dataset
    from wordloom.text_model import TextModel
    from wordloom.vectors import WordVectors

LONGEST_EXPLAINED, LONGEST_LEFT_OUT = 100_000, 3_000
"""Characters of a text that is explained; the second where words are left out one by one."""


@dataclass(frozen=True)
class Explorable:
    """What is explored beside a model.

    Parameters
    ----------
    tables : of word vectors, each with a name; the model's own comes first by itself
    source : labelled texts, or None
    corrections : the file that decisions are saved to, or None
    plan : how labels are checked
    """

    tables: Sequence[tuple[str, WordVectors]] = ()
    source: Dataset | None = None
    corrections: Path | None = None
    plan: CheckPlan = field(default_factory=CheckPlan)


class Explored(Service):
    """A service that knows more of its model; see `Service`.

    Raises UsageError for a source whose texts have another kind of target than the model's.
    """

    def __init__(self, model: TextModel, name: str, more: Explorable, limits: Limits | None = None) -> None:
        super().__init__(model, name, limits or Limits(explained_characters=LONGEST_EXPLAINED))
        self.more, self.background = more, Background()
        self.corpus: Corpus | None = None
        self._subject: Subject | None = None
        if more.source is not None:
            self.corpus = joined(more.source)
            self._subject = Subject(model, self.corpus, name)

    @cached_property
    def tables(self) -> list[tuple[str, WordVectors]]:
        """The tables of word vectors with their names, the model's own first if it has one."""
        own = [] if self.model.network.embedding is None else [("model", self.vectors)]
        return [*own, *self.more.tables]

    @property
    def longest_explained(self) -> int:
        """Characters of a text that is explained."""
        by_words = Explainer.of(self.model).method == LEAVE_ONE_OUT
        return LONGEST_LEFT_OUT if by_words else self.limits.explained_characters

    def subject(self) -> Subject:
        """The texts with the model's answers; Refusal (404) without a source."""
        if self._subject is None:
            raise Refusal(404, "There are no texts; name a SOURCE: wordloom explore MODEL SOURCE.")
        return self._subject

    def answered(self) -> Subject | None:
        """The texts with the answers worked out, or None while they are not."""
        subject = self.subject()
        done: Subject | None = self.background.done("answers", lambda: _answered(subject))
        return done

    def checked(self) -> Checked | None:
        """The texts with something wrong, or None while they are looked for."""
        self.subject()
        source, plan = self.more.source, self.more.plan
        assert source is not None
        done: Checked | None = self.background.done("check", lambda: check(source, plan))
        return done

    def nearest(self) -> NearestTexts | None:
        """The texts for training to look for near ones among, or None while they are counted."""
        self.subject()
        source, model = self.more.source, self.model
        assert source is not None
        texts = list(source.train.texts)
        done: NearestTexts | None = self.background.done(
            "nearest", lambda: NearestTexts.of(texts, model.tokenizer)
        )
        return done

    def points(self, table: int) -> Any:
        """The map of a table, or None while it is drawn up; Refusal (404) for a table that there is not."""
        if not 0 <= table < len(self.tables):
            raise Refusal(404, "There is no such table; train a model with word vectors or give --vectors.")
        _, vectors = self.tables[table]
        return self.background.done(f"map {table}", lambda: word_points(self.model, vectors))

    def begin(self) -> None:
        """Begin what most visitors will ask for."""
        if self._subject is not None:
            self.answered()
        if self.tables:
            self.points(0)


def _answered(subject: Subject) -> Subject:
    own = [] if subject.model.target == GRADED else list(map(str, labels_in(subject.corpus.labels)))
    if own and not set(map(str, subject.model.labels)) & set(own):
        raise DataError(
            f"{subject.source} has none of the model's labels: it has {_some(own)}, the model "
            f"{_some(subject.model.labels)}."
        )
    subject.answers, subject.lengths  # noqa: B018 - both are kept
    return subject


def _some(labels: Sequence[Any]) -> str:
    return ", ".join(f"{label!s:.60}" for label in labels[:5]) + (", ..." if len(labels) > 5 else "")
