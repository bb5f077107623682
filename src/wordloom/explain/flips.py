"""The smallest set of words without which a label is the answer, or is it no longer."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from wordloom.explain.attribution import LEAVE_ONE_OUT
from wordloom.explain.contributions import Flip
from wordloom.explain.explanation import Explanation
from wordloom.explain.leave_one_out import logits_without
from wordloom.explain.text_words import Explained
from wordloom.targets import MULTILABEL, label_thresholds

_IDS_SPENT_ON_SPARING = 50_000_000
_NO_WORDS = np.zeros(0, dtype=np.int64)
Places = NDArray[np.int64]
"""The numbers of the words of a text that are the same word."""


def words_that_flip(
    model: Explained, explanation: Explanation, explained: Callable[[int], Explanation]
) -> Flip | None:
    """See `Explanation.flips`; `explained` explains the same text for the label of a column."""
    words, output = explanation.text_words, model.network.shape.output
    column = model.labels.index(explanation.label)

    def logits(some: Sequence[Places]) -> NDArray[np.float32]:
        return logits_without(model.network, words, [np.concatenate([_NO_WORDS, *some])])

    def is_answer(probabilities: NDArray[np.float64]) -> bool:
        if model.target == MULTILABEL:
            lowest = label_thresholds(model.thresholds, len(model.labels))
            return bool(probabilities[column] >= lowest[column])
        return int(probabilities.argmax()) == column

    whole = output.probabilities(logits([]))[0]
    was_answer = is_answer(whole)
    effects = np.array([word.effect for word in explanation.words])
    if output.activation == "softmax" and explanation.method != LEAVE_ONE_OUT:  # another label counts as well
        others = np.where(np.arange(len(whole)) == column, -1.0, whole)
        rival = explained(int(others.argmax()))
        effects = effects - np.array([word.effect for word in rival.words])
    ranked = _ranked(words.words, effects if was_answer else -effects)

    def flips(some: Sequence[Places]) -> bool:
        return is_answer(output.probabilities(logits(some))[0]) != was_answer

    enough = _shortest_beginning(ranked, flips)
    if enough is None:
        return None
    needed = _without_the_spared(enough, flips, _IDS_SPENT_ON_SPARING // max(len(words.all_ids), 1))
    probabilities = output.probabilities(logits(needed))[0]
    answer = column if is_answer(probabilities) else int(probabilities.argmax())
    of_several = model.target == MULTILABEL and was_answer
    places = np.sort(np.concatenate(needed))
    return Flip(
        tuple(words.words[own[0]] for own in sorted(needed, key=lambda own: int(own[0]))),
        tuple(span for place in places.tolist() if (span := words.spans[place]) is not None),
        None if of_several else model.labels[answer],
        float(probabilities[column]),
    )


def _ranked(words: Sequence[str], effects: NDArray[np.float64]) -> list[Places]:
    """The different words that speak for the answer, each as its places, those that say most first."""
    places: dict[str, list[int]] = defaultdict(list)
    sums: dict[str, float] = defaultdict(float)
    for place, (word, effect) in enumerate(zip(words, effects.tolist(), strict=True)):
        places[word].append(place)
        sums[word] += effect
    ranked = sorted((word for word in places if sums[word] > 0), key=lambda word: -sums[word])
    return [np.array(places[word], dtype=np.int64) for word in ranked]


def _shortest_beginning(
    ranked: Sequence[Places], flips: Callable[[Sequence[Places]], bool]
) -> Sequence[Places] | None:
    """The first words, so many that they flip the answer and half as many did not; None if all do not."""
    few, many = 0, 1
    while not flips(ranked[:many]):
        if many >= len(ranked):
            return None
        few, many = many, min(2 * many, len(ranked))
    while many - few > 1:
        middle = (few + many) // 2
        few, many = (few, middle) if flips(ranked[:middle]) else (middle, many)
    return ranked[:many]


def _without_the_spared(
    chosen: Sequence[Places], flips: Callable[[Sequence[Places]], bool], tries: int
) -> list[Places]:
    """The words that cannot be spared one by one, the weakest asked first, in so many tries."""
    needed, asked = list(chosen), 0
    while asked < len(needed) and tries > 0:
        word = needed.pop()
        if needed and flips(needed):
            asked = 0  # with one word less others may be needed no longer
        else:
            needed.insert(0, word)
            asked += 1
        tries -= 1
    return needed
