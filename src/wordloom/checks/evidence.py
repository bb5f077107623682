"""Evidence: what speaks for and against a label that is probably wrong: words, and the nearest texts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wordloom.checks.suspects import Answers
from wordloom.corpus import Corpus
from wordloom.evaluation.scores import NO_CLASS
from wordloom.explain.nearest_texts import NearestTexts
from wordloom.labels import Label, label_key
from wordloom.targets import GRADED, MULTILABEL, SINGLE
from wordloom.text.text_rows import TextRows
from wordloom.text_model import TextModel

WORDS, NEAREST = 5, 3
MOST_GRADES = 20
"""Of so many different grades one of them is suggested."""
_LONGEST = 5_000
"""Letters of a text whose words are weighed; they are its first ones."""


@dataclass(frozen=True)
class Word:
    """A word of the text, and how much it adds to the logit of a label, less what it adds to the other's."""

    word: str
    effect: float


@dataclass(frozen=True)
class NearText:
    """Another text for which the suggestion is true: its number, and how alike it is (a cosine, 0 to 1)."""

    row: int
    similarity: float


@dataclass(frozen=True)
class LabelChange:
    """One of several labels that a text should probably have, or not: the label, and its probability."""

    label: Label
    add: bool
    probability: float


@dataclass(frozen=True)
class Evidence:
    """What is known of a label, of labels or of a grade that is probably wrong.

    Parameters
    ----------
    rank : from 1, by how probably it is wrong
    given, suggested : the text's own label, and the likeliest other one; or its labels, and those with all
        probable changes; or its grade, and the one that it probably is
    probability_given, probability_suggested : of both; of several labels that the first of the changes is
        wrong, and that it is right; None of grades
    words_given, words_suggested : those of the text that speak most for each
    nearest : the nearest texts with the suggested label, or of which the first change is true, or whose grade
        is nearer to the suggested one
    changes : of several labels what is wrong or missing, the most probable first
    """

    rank: int
    given: Any
    suggested: Any
    probability_given: float | None
    probability_suggested: float | None
    words_given: tuple[Word, ...]
    words_suggested: tuple[Word, ...]
    nearest: tuple[NearText, ...]
    changes: tuple[LabelChange, ...] = ()

    @property
    def probabilities(self) -> tuple[float | None, float | None]:
        """Of the given label and of the suggested one."""
        return self.probability_given, self.probability_suggested

    @property
    def words(self) -> tuple[tuple[Word, ...], tuple[Word, ...]]:
        """The words for the given label and those for the suggested one."""
        return self.words_given, self.words_suggested


def evidence_of(
    corpus: Corpus, answers: Answers, suspects: Sequence[int], rows: TextRows
) -> dict[int, Evidence]:
    """Suspect text -> what is known of its label, in the order given.

    corpus, answers, rows : of the same N texts; suspects : numbers of some of them
    """
    chosen = np.array(suspects, dtype=np.int64)
    claims = [_CLAIMS[answers.target](corpus, answers, row) for row in suspects]
    near = NearestTexts(rows).to_own(chosen, NEAREST, np.stack([claim.among for claim in claims]))
    found: dict[int, Evidence] = {}
    for place, (row, claim) in enumerate(zip(suspects, claims, strict=True)):
        nearest = zip(near.rows[place].tolist(), near.similarities[place].tolist(), strict=True)
        found[row] = Evidence(
            place + 1,
            claim.given,
            claim.suggested,
            *claim.probabilities,
            *_words(answers, corpus, row, claim.labels),
            tuple(NearText(other, cosine) for other, cosine in nearest if other >= 0),
            claim.changes,
        )
    return found


@dataclass(frozen=True, eq=False)
class _Claim:
    """What is said against the label of a text.

    labels : those whose words speak for what is given and for what is suggested; the second is None where
        words against the first speak for it
    among : bool (N,), the texts of which the suggestion is true
    """

    given: Any
    suggested: Any
    probabilities: tuple[float | None, float | None]
    labels: tuple[Any, Any]
    among: NDArray[np.bool_]
    changes: tuple[LabelChange, ...] = ()


def _claim_on_label(corpus: Corpus, answers: Answers, row: int) -> _Claim:
    own, place = int(answers.targets[row]), int(answers.suggested[row])
    given = corpus.labels[row] if own == NO_CLASS else answers.classes[own]
    label, probabilities = answers.classes[place], answers.probabilities[row]
    of_both = float(answers.given[row]), float(probabilities[place])
    return _Claim(given, label, of_both, (given, label), answers.targets == place)


def _claim_on_set(corpus: Corpus, answers: Answers, row: int) -> _Claim:
    doubts, own = answers.set_doubts, answers.targets[row]
    columns = np.flatnonzero(doubts.doubtful[row])
    columns = columns[np.argsort(-doubts.surprise[row, columns], kind="stable")]
    changes = tuple(
        LabelChange(answers.classes[column], not own[column], float(answers.probabilities[row, column]))
        for column in columns.tolist()
    )
    given = corpus.labels[row]
    gone = {label_key(change.label) for change in changes if not change.add}
    kept = [label for label in given if label_key(label) not in gone]
    suggested = tuple(sorted([*kept, *(change.label for change in changes if change.add)]))
    first, column = changes[0], int(columns[0])
    right = first.probability if first.add else 1 - first.probability
    labels = (None, first.label) if first.add else (first.label, None)
    return _Claim(
        given, suggested, (1 - right, right), labels, answers.targets[:, column] == first.add, changes
    )


def _claim_on_grade(corpus: Corpus, answers: Answers, row: int) -> _Claim:
    given, high = float(answers.targets[row]), answers.classes[1]
    suggested = suggested_grade(given, float(answers.grades[row]), answers.targets)
    rises = suggested > given
    nearer = np.abs(answers.targets - suggested) < np.abs(answers.targets - given)
    return _Claim(given, suggested, (None, None), (None, high) if rises else (high, None), nearer)


_CLAIMS: Mapping[str, Callable[[Corpus, Answers, int], _Claim]] = {
    SINGLE: _claim_on_label,
    MULTILABEL: _claim_on_set,
    GRADED: _claim_on_grade,
}


def suggested_grade(given: float, predicted: float, grades: NDArray[np.float64]) -> float:
    """The grade that is suggested in the place of another: of few the nearest one to the prediction, of many
    the prediction with three digits."""
    different = np.unique(grades)
    if len(different) > MOST_GRADES:
        return float(f"{predicted:.3g}")
    others = different[(different > given) if predicted > given else (different < given)]
    if not len(others):
        return float(f"{predicted:.3g}")
    return float(others[np.abs(others - predicted).argmin()])


def _words(
    answers: Answers, corpus: Corpus, row: int, labels: tuple[Any, Any]
) -> tuple[tuple[Word, ...], tuple[Word, ...]]:
    """For each of two labels the words of a text that speak most for it, in a model that has not learned
    from the text."""
    number = int(answers.model_of[row])
    model = answers.models[number] if number >= 0 else None
    if answers.target == GRADED and model is not None:  # whose scale may end elsewhere
        labels = (None, model.labels[1]) if labels[0] is None else (model.labels[1], None)
    if model is None or not {label for label in labels if label is not None} <= set(model.labels):
        return (), ()
    return words_between(model, corpus.texts[row][:_LONGEST], labels)


def words_between(
    model: TextModel, text: str, labels: tuple[Any, Any]
) -> tuple[tuple[Word, ...], tuple[Word, ...]]:
    """The words of a text that speak most for the first of two labels, and for the second; for None those
    that speak against the other one."""
    effects: dict[str, float] = {}
    for label, sign in zip(labels, (1.0, -1.0), strict=True):
        if label is None:
            continue
        for word in model.explain(text, label).words:
            effects[word.word] = effects.get(word.word, 0.0) + sign * word.effect
    named = [(word, effect) for word, effect in effects.items() if any(map(str.isalnum, word))]
    first = sorted(named, key=lambda pair: -pair[1])[:WORDS]
    second = sorted(named, key=lambda pair: pair[1])[:WORDS]
    return (
        tuple(Word(word, effect) for word, effect in first if effect > 0),
        tuple(Word(word, -effect) for word, effect in second if effect < 0),
    )
