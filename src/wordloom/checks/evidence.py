"""Evidence: what speaks for and against a label that is probably wrong: words, and the nearest texts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from wordloom.checks.suspects import Answers
from wordloom.corpus import Corpus
from wordloom.evaluation.scores import NO_CLASS
from wordloom.explain.nearest_texts import NearestTexts
from wordloom.labels import Label
from wordloom.text.text_rows import TextRows
from wordloom.text_model import TextModel

WORDS, NEAREST = 5, 3
_LONGEST = 5_000
"""Letters of a text whose words are weighed; they are its first ones."""


@dataclass(frozen=True)
class Word:
    """A word of the text, and how much it adds to the logit of a label, less what it adds to the other's."""

    word: str
    effect: float


@dataclass(frozen=True)
class NearText:
    """Another text with the suggested label: its number, and how alike it is (a cosine, 0 to 1)."""

    row: int
    similarity: float


@dataclass(frozen=True)
class Evidence:
    """What is known of a label that is probably wrong.

    Parameters
    ----------
    rank : from 1, by how probably it is wrong
    given, suggested : the text's own label, and the likeliest other one
    probability_given, probability_suggested : of both
    words_given, words_suggested : those of the text that speak most for each
    nearest : the nearest texts with the suggested label
    """

    rank: int
    given: Label
    suggested: Label
    probability_given: float
    probability_suggested: float
    words_given: tuple[Word, ...]
    words_suggested: tuple[Word, ...]
    nearest: tuple[NearText, ...]

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
    suggested = answers.suggested
    among = answers.targets[None, :] == suggested[chosen][:, None]
    near = NearestTexts(rows).to_own(chosen, NEAREST, among)
    found: dict[int, Evidence] = {}
    for place, row in enumerate(suspects):
        label = answers.classes[int(suggested[row])]
        own = int(answers.targets[row])
        given = corpus.labels[row] if own == NO_CLASS else answers.classes[own]
        words = _words(answers, corpus, row, (given, label))
        nearest = zip(near.rows[place].tolist(), near.similarities[place].tolist(), strict=True)
        found[row] = Evidence(
            place + 1,
            given,
            label,
            float(answers.given[row]),
            float(answers.probabilities[row, suggested[row]]),
            words[0],
            words[1],
            tuple(NearText(other, cosine) for other, cosine in nearest if other >= 0),
        )
    return found


def _words(
    answers: Answers, corpus: Corpus, row: int, labels: tuple[Label, Label]
) -> tuple[tuple[Word, ...], tuple[Word, ...]]:
    """For each of two labels the words of a text that speak most for it, in a model that has not learned
    from the text."""
    number = int(answers.model_of[row])
    model = answers.models[number] if number >= 0 else None
    if model is None or not set(labels) <= set(model.labels):
        return (), ()
    return words_between(model, corpus.texts[row][:_LONGEST], labels)


def words_between(
    model: TextModel, text: str, labels: tuple[Label, Label]
) -> tuple[tuple[Word, ...], tuple[Word, ...]]:
    """The words of a text that speak most for the first of two labels, and for the second."""
    effects: dict[str, float] = {}
    for label, sign in zip(labels, (1.0, -1.0), strict=True):
        for word in model.explain(text, label).words:
            effects[word.word] = effects.get(word.word, 0.0) + sign * word.effect
    named = [(word, effect) for word, effect in effects.items() if any(map(str.isalnum, word))]
    first = sorted(named, key=lambda pair: -pair[1])[:WORDS]
    second = sorted(named, key=lambda pair: pair[1])[:WORDS]
    return (
        tuple(Word(word, effect) for word, effect in first if effect > 0),
        tuple(Word(word, -effect) for word, effect in second if effect < 0),
    )
