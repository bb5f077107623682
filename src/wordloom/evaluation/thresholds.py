"""Thresholds: from which probability on a text is given a label, where it may have several.

One half is best for the share of right decisions. Where labels are rare few probabilities reach it, and F1 is
higher with lower thresholds: for calibrated probabilities with half of the best F1. For one label a text see
`offsets`.

Source: Z. C. Lipton, C. Elkan, B. Naryanaswamy, "Optimal thresholding of classifiers to maximize F1 measure",
ECML PKDD 2014.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wordloom.errors import DataError, UsageError, did_you_mean
from wordloom.evaluation.scores import f1_of
from wordloom.models.output import logit
from wordloom.targets import HALF

METRICS = ("micro-f1", "macro-f1", "accuracy")
"""What thresholds may be best for; "accuracy" is the share of right decisions, and its threshold 0.5."""
_DRAWS = 10
_PRIOR_TEXTS = 20
"""With so many texts of a label its own threshold and that of all labels count alike in micro F1."""
_TOGETHER = 1e-6
"""Probabilities that differ by a smaller share are not told apart: networks have float32."""


def reached(probabilities: NDArray[Any], thresholds: NDArray[Any] | float) -> NDArray[np.bool_]:
    """bool (N, C): the labels that each text is given, those whose probability is the threshold or more."""
    return np.asarray(probabilities, dtype=np.float64) >= thresholds


def best_thresholds(
    probabilities: NDArray[Any], indicators: NDArray[np.bool_], metric: str = "micro-f1", seed: int = 0
) -> NDArray[np.float64]:
    """float64 (C,): a threshold for each label, with a high value of the metric on N texts.

    The best thresholds of few texts are partly chance, so they are found for random draws of the texts, and
    their mean (of the log-odds) is taken. For micro F1, where a rare label counts little, it is moved towards
    the one that is best for it if all labels have the same, the more the fewer texts have the label. On the
    texts themselves the result is never worse than that one, nor than 0.5 for all labels.

    Parameters
    ----------
    probabilities : (N, C), of texts kept out of training
    indicators : (N, C), the labels that these texts have
    metric : one of METRICS
    seed : of the draws

    Raises
    ------
    UsageError : another metric
    DataError : no texts, and shapes that do not fit together
    """
    if metric not in METRICS:
        raise UsageError(
            f"metric must be one of {', '.join(METRICS)}, not {metric!r:.60}. {did_you_mean(metric, METRICS)}"
        )
    p, true = np.asarray(probabilities, dtype=np.float64), np.asarray(indicators, dtype=bool)
    if p.ndim != 2 or p.shape != true.shape or not p.size:
        raise DataError(f"probabilities {p.shape} and labels {true.shape}: (N, C) of both expected, N > 0.")
    half = np.full(p.shape[1], HALF)
    if metric == "accuracy":
        return half
    common = np.full(p.shape[1], _common(p, true))
    own = _of_draws([Cuts.of(*column) for column in zip(p.T, true.T, strict=True)], common, metric, seed)
    candidates = (own, common, half)
    values = [f1(reached(p, thresholds), true, metric) for thresholds in candidates]
    return candidates[int(np.argmax(values))]


def f1(given: NDArray[np.bool_], true: NDArray[np.bool_], metric: str) -> float:
    """Micro or macro F1 of labels given and labels that texts have, bool (N, C)."""
    hits, support, guesses = (each.sum(axis=0) for each in (given & true, true, given))
    if metric == "macro-f1":
        return float(f1_of(hits, support, guesses).mean())
    return float(f1_of(hits.sum()[None], support.sum()[None], guesses.sum()[None])[0])


@dataclass(frozen=True, eq=False)
class Cuts:
    """All thresholds of a label that N texts tell apart.

    Parameters
    ----------
    thresholds : (M,), falling, from 0 to 1: the last gives all texts the label, the first none, unless a
        text has the probability 1
    counts : int64 (M,), to how many texts each gives it
    order : int64 (N,), the texts by falling probability
    true : bool (N,), whether each text has the label, in that order
    """

    thresholds: NDArray[np.float64]
    counts: NDArray[np.int64]
    order: NDArray[np.int64]
    true: NDArray[np.bool_]

    @staticmethod
    def of(p: NDArray[np.float64], true: NDArray[np.bool_]) -> Cuts:
        """Those of the probabilities (N,) of a label."""
        order = np.argsort(-p, kind="stable")
        falling = p[order]
        between = falling[:-1] - falling[1:] > _TOGETHER * falling[:-1]
        certain = int(falling[0] >= 1 - _TOGETHER)
        counts = np.r_[[0][certain:], np.flatnonzero(between) + 1, len(p)].astype(np.int64)
        upper, lower = np.r_[1.0, falling][counts], np.r_[falling, 0.0][counts]
        return Cuts((upper + lower) / 2, counts, order, true[order])

    def hits_and_guesses(
        self, weights: NDArray[np.int64] | None = None
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], int]:
        """For each threshold how many texts get the label rightly, and how many in all; and how many have it.

        weights : int64 (N,), how often each text counts
        """
        own = np.ones(len(self.order), dtype=np.int64) if weights is None else weights[self.order]
        hits, guesses = (np.r_[0, np.cumsum(each)] for each in (own * self.true, own))
        return hits[self.counts], guesses[self.counts], int(hits[-1])

    def nearest(self, values: NDArray[np.float64]) -> float:
        """Of the thresholds with the highest value, the one nearest to one half."""
        best = np.flatnonzero(values >= values.max() - 1e-12)
        return float(self.thresholds[best[np.abs(self.thresholds[best] - HALF).argmin()]])


def exact_thresholds(
    cuts: Sequence[Cuts], metric: str, weights: NDArray[np.int64] | None = None
) -> NDArray[np.float64]:
    """float64 (C,): the thresholds with the highest F1 on the texts; NaN where no text has the label.

    Each label's own F1 is found in one pass. Micro F1 is a fraction, whose highest value is found by
    W. Dinkelbach's iteration ("On nonlinear fractional programming", Management Science 1967): for an F1 that
    is reached, each label's threshold is moved to where 2 hits - F1 x guesses is highest, until F1 stays.

    cuts : of the C labels; weights : int64 (N,), how often each text counts; None for once
    """
    sums = [each.hits_and_guesses(weights) for each in cuts]
    if metric == "macro-f1":
        values = [f1_of(hits, np.full(len(hits), support), guesses) for hits, guesses, support in sums]
    else:
        values = _gains(sums)
    found = [each.nearest(value) for each, value in zip(cuts, values, strict=True)]
    return np.where([support > 0 for *_, support in sums], found, np.nan)


Sums = tuple[NDArray[np.int64], NDArray[np.int64], int]


def _gains(sums: Sequence[Sums]) -> list[NDArray[np.float64]]:
    """For each label, 2 hits - F1 x guesses at each threshold, for the highest micro F1."""
    total, reached_f1 = sum(support for *_, support in sums), 0.0
    while True:
        gains = [2 * hits - reached_f1 * guesses for hits, guesses, _ in sums]
        best = [int(gain.argmax()) for gain in gains]
        right = sum(int(hits[at]) for at, (hits, _, _) in zip(best, sums, strict=True))
        given = sum(int(guesses[at]) for at, (_, guesses, _) in zip(best, sums, strict=True))
        found = 2 * right / max(given + total, 1)
        if found <= reached_f1:
            return gains
        reached_f1 = found


def _common(p: NDArray[np.float64], true: NDArray[np.bool_]) -> float:
    """The threshold with the highest micro F1 of those that are the same for all labels."""
    found = float(exact_thresholds([Cuts.of(p.ravel(), true.ravel())], "micro-f1")[0])
    return HALF if np.isnan(found) else found


def _of_draws(
    cuts: Sequence[Cuts], common: NDArray[np.float64], metric: str, seed: int
) -> NDArray[np.float64]:
    """float64 (C,): the mean of the best thresholds of random draws, `common` where no text has the label."""
    random, n = np.random.default_rng(seed), len(cuts[0].order)
    prior, log_odds = _logit(common), np.zeros(len(cuts))
    for _ in range(_DRAWS):
        sampled = np.bincount(random.integers(0, n, n), minlength=n)
        found = exact_thresholds(cuts, metric, sampled)
        log_odds += np.where(np.isnan(found), prior, _logit(found)) / _DRAWS
    if metric == "micro-f1":
        texts = np.array([each.true.sum() for each in cuts])
        log_odds += (prior - log_odds) * _PRIOR_TEXTS / (_PRIOR_TEXTS + texts)
    return np.asarray(1 / (1 + np.exp(-log_odds)))


def _logit(p: NDArray[np.float64]) -> NDArray[np.float64]:
    return logit(np.clip(p, 1e-12, 1 - 1e-12))
