"""Explanation: what each part of a text adds to a label's logit, where it stands, and how to show it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

import numpy as np

from wordloom.explain.attribution import Terms
from wordloom.explain.contributions import Contribution, Flip, Highlight, WordEffect
from wordloom.explain.parts import Parts
from wordloom.explain.text_words import TextWords
from wordloom.labels import Label


class ExplanationSource(Protocol):
    """What made an explanation, and knows the rest of it."""

    def words(self, text: str) -> TextWords:
        """The words of the text."""

    def parts(self, words: TextWords, terms: Sequence[Terms]) -> list[Parts]:
        """The parts of the text with their names and places."""

    def flips(self, explanation: Explanation) -> Flip | None:
        """See `Explanation.flips`."""


@dataclass(frozen=True, eq=False, repr=False)
class Explanation:
    """Why a model gives a label a probability.

    The contributions and the bias sum to the logit. Names and places are looked for when they are asked for,
    so many explanations cost little more than as many predictions.

    Parameters
    ----------
    text : the text as it was given
    label : the label that is explained; of grades the highest or the lowest one
    probability : of this label; of grades how near the grade is to the label, from 0 to 1
    logit : of this label. For two classes, for each of several labels that a text may have, and for grades
        the log-odds, log p - log(1 - p); for C classes the class's own logit, of which softmax makes
        probabilities: what counts is how much higher it is than the others'. Of "leave-one-out" it is the
        log-odds for any number of classes
    bias : what no part of the text adds. Of methods that are not exact, what their contributions leave of
        the logit
    method : "exact", "gradient" (gradient times input: what the logit would lose if nothing else in the
        network changed) or "leave-one-out" (what the log-odds lose without each word)
    terms : the numbers behind the contributions, in the order of the network's own units
    source : what knows their names
    """

    text: str
    label: Label
    probability: float
    logit: float
    bias: float
    method: str
    terms: Sequence[Terms]
    source: ExplanationSource

    def __repr__(self) -> str:
        strongest = ", ".join(f"{part.text!r} {part.value:+.3f}" for part in self.contributions[:3])
        return f"<Explanation of {self.label!r} ({self.probability:.3f}), {self.method}: {strongest}, ...>"

    @cached_property
    def text_words(self) -> TextWords:
        """The words of the text as the model reads them."""
        return self.source.words(self.text)

    @cached_property
    def _parts(self) -> list[Parts]:
        return self.source.parts(self.text_words, self.terms)

    @cached_property
    def contributions(self) -> tuple[Contribution, ...]:
        """The parts of the text, those that add or take most first."""
        made: list[Contribution] = []
        for parts in self._parts:
            columns = parts.kinds, parts.texts, parts.spans(), parts.values.tolist(), parts.times()
            made.extend(map(Contribution._make, zip(*columns, strict=True)))
        made.sort(key=lambda part: -abs(part.value))
        return tuple(made)

    @cached_property
    def words(self) -> tuple[WordEffect, ...]:
        """Every word of the text in its order, with all that it adds.

        What an n-gram adds is divided evenly among the places where it stands, and at each of them among the
        characters of its words.
        """
        words = self.text_words
        effects = np.sum([parts.effects() for parts in self._parts], axis=0).tolist()
        return tuple(map(WordEffect, words.words, effects, words.known, words.spans))

    @cached_property
    def highlights(self) -> tuple[Highlight, ...]:
        """The pieces of the text that add something, in its order; no two overlap.

        A word each; words that the same characters became are one.
        """
        found: list[Highlight] = []
        for word in self.words:
            if word.span is None:
                continue
            (start, end), value = word.span, word.effect
            if found and start < found[-1].end:
                start, before, earlier = found.pop()
                end, value = max(end, before), value + earlier
            found.append(Highlight(start, end, value))
        return tuple(each for each in found if each.value)

    @property
    def n_unplaced(self) -> int:
        """How many words of a tokenizer of one's own were not found in the text."""
        return sum(word.span is None for word in self.words)

    def flips(self) -> Flip | None:
        """The smallest set of words whose removal changes whether the label is the answer; None if none does.

        Words are taken out in the order of what they add, then put back as long as the answer stays changed;
        each step is a prediction. So no word of the set can be spared, though another set might be smaller.
        """
        return self.source.flips(self)

    def to_config(self, most: int | None = None) -> dict[str, Any]:
        """Plain values for JSON; only the `most` strongest contributions, None for all."""
        return {
            "text": self.text,
            "label": self.label,
            "probability": self.probability,
            "logit": self.logit,
            "bias": self.bias,
            "method": self.method,
            "contributions": [
                {**part._asdict(), "spans": [list(span) for span in part.spans]}
                for part in self.contributions[:most]
            ],
            "highlights": [list(each) for each in self.highlights],
            "unplaced_words": self.n_unplaced,
        }

    def to_html(self) -> str:
        """The text with its words colored, as a piece of HTML that needs nothing from outside."""
        from wordloom.explain.colored import html_of

        note = f"{self.method}: logit {self.logit:+.3f}, bias {self.bias:+.3f}"
        return html_of(self.label, self.probability, note, self.text, self.highlights, self.contributions)

    def _repr_html_(self) -> str:
        return self.to_html()
