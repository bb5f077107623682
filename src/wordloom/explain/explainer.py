"""Explainer: texts in, explanations out, by one method."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wordloom.errors import DataError, UsageError
from wordloom.explain.attribution import LEAVE_ONE_OUT, METHODS, Attribution, Terms
from wordloom.explain.contributions import Flip
from wordloom.explain.explanation import Explanation
from wordloom.explain.fasttext import OfFastTextNetwork
from wordloom.explain.flips import words_that_flip
from wordloom.explain.leave_one_out import logits_without, word_effects, word_parts
from wordloom.explain.ngrams import OfDocumentNetwork, OfNgramNetwork
from wordloom.explain.parts import Parts
from wordloom.explain.pooled import OfPooledNetwork
from wordloom.explain.text_words import Explained, TextWords
from wordloom.labels import Label, label_key
from wordloom.targets import GRADED
from wordloom.text.sequences import Ragged, offsets_of

AUTO = "auto"
_ATTRIBUTIONS: Mapping[str, Callable[[Any], Attribution | None]] = {
    "ngram": OfNgramNetwork,
    "documents": OfDocumentNetwork,
    "pooled": OfPooledNetwork,
    "fasttext": OfFastTextNetwork.of,
}
"""Network's kind -> what takes it apart; others are explained by leaving words out."""


@dataclass(frozen=True, eq=False)
class Explainer:
    """Explains a model's answers.

    Parameters
    ----------
    model : the model
    method : "exact", "gradient", "leave-one-out"; "auto" is the first of these that the network has

    Raises UsageError for a method that there is not, or not for this network.
    """

    model: Explained
    method: str

    @staticmethod
    def of(model: Explained, method: str = AUTO) -> Explainer:
        """The explainer of a method that may be "auto"."""
        own = _attribution(model)
        offered = ([] if own is None else [own.method]) + [LEAVE_ONE_OUT]
        if method not in (AUTO, *METHODS):
            raise UsageError(f"method must be one of {', '.join((AUTO, *METHODS))}, not {method!r:.60}.")
        if method not in (AUTO, *offered):
            raise UsageError(
                f"Explanations of this model ({model.network.described}) are {' or '.join(offered)}, not "
                f"{method!r}; method='auto' takes the first."
            )
        return Explainer(model, offered[0] if method == AUTO else method)

    @cached_property
    def _attribution(self) -> Attribution | None:
        return None if self.method == LEAVE_ONE_OUT else _attribution(self.model)

    def column(self, label: Label | None) -> int | None:
        """The column of a label; for no label None, which is the likeliest one, or of grades the highest.

        Raises DataError for a label that the model does not have.
        """
        labels, is_graded = self.model.labels, self.model.target == GRADED
        if label is None:
            return len(labels) - 1 if is_graded else None
        keys = list(labels) if is_graded else list(map(label_key, labels))
        key = label if is_graded else label_key(label)
        if key not in keys:
            raise DataError(f"The model has no label {label!r}; it has {', '.join(map(repr, labels))}.")
        return keys.index(key)

    def explain(self, text: str, column: int | None) -> Explanation:
        """The explanation of one text, for the label of a column or, for None, the likeliest one."""
        words = self.words(text)
        ids = Ragged(words.all_ids, offsets_of(np.array([len(words.all_ids)])))
        made = next(self.explained([text], ids, column))
        vars(made).setdefault("text_words", words)
        return made

    def explained(
        self,
        texts: Sequence[str],
        ids: Ragged,
        column: int | NDArray[np.int64] | None,
        threads: int | None = None,
    ) -> Iterator[Explanation]:
        """The explanations of N texts with their ids, in order.

        column : of the label that is explained, or int64 (N,), of each text; None for the likeliest
        """
        network, labels = self.model.network, self.model.labels
        prepared = network.prepared(ids)
        logits = network.logits(prepared, threads)
        probabilities = network.shape.output.probabilities(logits)
        chosen = probabilities.argmax(axis=1) if column is None else column
        columns: NDArray[np.int64] = np.broadcast_to(chosen, len(texts))
        own = probabilities[np.arange(len(texts)), columns].tolist()
        answers = zip(texts, columns.tolist(), own, strict=True)
        if self._attribution is None:
            for text, at, probability in answers:
                yield self._without_each_word(text, at, probability)
            return
        attributed = self._attribution.attributed(prepared, logits, columns)
        for (text, at, probability), (logit, bias, terms) in zip(answers, attributed, strict=True):
            yield Explanation(text, labels[at], probability, logit, bias, self.method, terms, self)

    def _without_each_word(self, text: str, column: int, probability: float) -> Explanation:
        words, network, label = self.words(text), self.model.network, self.model.labels[column]
        effects = word_effects(network, words, column)
        nothing = [np.zeros(0, dtype=np.int64)]
        odds = float(network.shape.output.log_odds(logits_without(network, words, nothing), column)[0])
        bias = odds - float(effects.values.sum())
        made = Explanation(text, label, probability, odds, bias, self.method, [effects], self)
        vars(made)["text_words"] = words
        return made

    def words(self, text: str) -> TextWords:
        """The words of a text; see `Source`."""
        return TextWords.of(self.model, text)

    def parts(self, words: TextWords, terms: Sequence[Terms]) -> list[Parts]:
        """The parts of a text with their names and places; see `Source`."""
        if self._attribution is None:
            return [word_parts(words, terms[0])]
        return self._attribution.parts(words, terms)

    def flips(self, explanation: Explanation) -> Flip | None:
        """See `Explanation.flips`."""
        return words_that_flip(self.model, explanation, lambda column: self.explain(explanation.text, column))


def _attribution(model: Explained) -> Attribution | None:
    """What takes the network apart; None if nothing does."""
    kind = model.network.kind
    return _ATTRIBUTIONS[kind](model.network) if kind in _ATTRIBUTIONS else None
