"""LinearStart: where a linear classifier on the rows of documents begins, and how fast each weight learns.

Rows are weighted by naive Bayes' log-count ratios or by inverse document frequency, see `linear`.
"""

from __future__ import annotations

import functools
from types import ModuleType

import numpy as np
from numpy.typing import NDArray

from wordloom.kernels.linear import Examples, over_columns
from wordloom.text.sequences import Ragged
from wordloom.training.linear_plan import LinearPlan
from wordloom.training.naive_bayes import log_count_ratios

START_SPREAD = 2.5
"""Standard deviation of the logits that training begins with. Naive Bayes itself is far too sure: its logits
spread by 15 to 140 on questions, sentences and reviews. On held-out texts of all of them 2 to 3 was best."""
_LEAST_REACH = 1.0  # rows of next to no influence are not given much
_SAMPLED = 1_000  # documents that the scales of weights and steps are taken from


class LinearStart:
    """What is known of documents before anything is learned.

    Parameters
    ----------
    kernels : `kernels.linear` or its compiled twin
    examples : N documents
    members : the numbers of those to learn from
    plan : how
    """

    def __init__(
        self, kernels: ModuleType, examples: Examples, members: NDArray[np.int64], plan: LinearPlan
    ) -> None:
        self._kernels, self._examples, self._members, self._plan = kernels, examples, members, plan
        start, rates = self._by_ratios() if plan.weighting == "naive-bayes" else self._by_idf()
        bias = self._first_bias()
        if plan.start is not None:
            weights, given, factors = plan.start
            rates = rates * factors
            start, bias = np.where(np.isnan(weights), start, weights), np.where(np.isnan(given), bias, given)
        self.weights, self.rates, self.bias = start, rates, bias
        """float32 (V, K) and (K,); the rates are (V, 1) if all weights of a row learn alike."""
        self.reach = max(self._reach(rates), _LEAST_REACH)
        """How far a step at rate 1 moves the logits of the documents, on average."""

    def _by_ratios(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """float32 (V, K) twice: the weights that training begins with, and how fast each learns."""
        sums, everything = self._sums(self._examples)
        alike = self._plan.alike
        ratios = log_count_ratios(sums, everything, None if alike is None else alike.sizes)
        ratios[~self._learn(everything)[0]] = 0
        rates = np.abs(ratios)
        rates *= np.sqrt(rates)
        rates = self._of_groups(rates)
        if self._plan.output.independent:
            return np.zeros_like(ratios), rates
        start = self._of_groups(ratios)
        spread = float(self._sampled_sums(start, 1).std()) if len(self._members) else 0.0
        start *= np.float32(START_SPREAD / max(spread, START_SPREAD))
        return start, rates

    def _of_groups(self, numbers: NDArray[np.float32]) -> NDArray[np.float32]:
        """What the rows of each group, of which `numbers` (V, K) are alike, come to."""
        alike = self._plan.alike
        return numbers if alike is None else numbers * alike.sizes[:, None]

    def _by_idf(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """As `_by_ratios`, by inverse document frequency; all weights of a row learn at one rate, (V, 1)."""
        learn, counts = self._learn(self._sums(self._examples)[1])
        frequencies = np.log((1 + self._documents) / (1 + counts)) + 1
        rates = np.where(learn, np.square(frequencies), 0).astype(np.float32)
        start = np.zeros((len(rates), len(self._first_bias())), np.float32)
        return start, self._of_groups(rates[:, None])

    def _learn(self, everything: NDArray[np.float32]) -> tuple[NDArray[np.bool_], NDArray[np.float32]]:
        """bool (V,): the rows that enough of the documents hold, but not all; and how many hold each.

        everything : (V,), the weights of the documents that hold a row
        """
        examples = self._examples
        alike = self._plan.before is not None or bool((examples.weights == 1).all())
        ones = np.ones_like(examples.weights)
        counts = everything if alike else self._sums(examples._replace(weights=ones))[1]
        return (counts >= max(self._plan.min_documents, 1)) & (counts < self._documents), counts

    @property
    def _documents(self) -> int:
        """How many are learned from, or were before."""
        return len(self._members) + (0 if self._plan.before is None else self._plan.before[1])

    def _first_bias(self) -> NDArray[np.float32]:
        """float32 (K,): the logits of the classes' shares of the weights."""
        own = self._examples.targets[self._members]
        weights = self._examples.weights[self._members].astype(np.float64)
        output = self._plan.output
        if output.independent:
            inside = weights @ own
            return np.asarray(np.log((inside + 1.0) / (weights.sum() - inside + 1.0)), dtype=np.float32)
        shares = np.log(np.bincount(own, weights=weights, minlength=output.n_classes) + 1.0)
        return output.logits_of(shares).astype(np.float32)

    def _sums(self, examples: Examples) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """float32 (V, K), (V,): the weights of the documents that hold a row; of each class, and of all."""
        rows, output = self._plan.rows, self._plan.output
        if output.independent:
            found = self._kernels.target_sums(examples, self._members, rows)
            return found[:, :-1], found[:, -1].copy()
        before = self._plan.before
        if before is not None:
            examples = examples._replace(weights=np.ones_like(examples.weights))
        found = self._kernels.class_sums(examples, self._members, (rows, output.n_classes))
        if before is not None:
            found += before[0]
        return found[:, -output.n_logits :], over_columns(np.add, found)

    def _reach(self, rates: NDArray[np.float32]) -> float:
        return float(self._sampled_sums(rates, 2).mean()) if len(self._members) else 0.0

    @functools.cached_property
    def _sample(self) -> tuple[Ragged, NDArray[np.float32]]:
        """Some of the documents, and their scales, float32 (n,)."""
        some = self._members
        if len(some) > _SAMPLED:  # by chance: every second one of a table may be of one class
            some = np.sort(np.random.default_rng(int(self._plan.rule.seed)).choice(some, _SAMPLED, False))
        return Ragged(self._examples.rows, self._examples.offsets).take(some), self._examples.scales[some]

    def _sampled_sums(self, weights: NDArray[np.float32], power: int) -> NDArray[np.float64]:
        """float64 (n, K): for some of the documents, what `weights` give them, at their scales' power."""
        rows, scales = self._sample
        bias = np.zeros(weights.shape[1], dtype=np.float32)
        sums = self._kernels.logits(rows.ids, rows.offsets, scales ** np.float32(power), weights, bias)
        return np.asarray(sums, dtype=np.float64)
