"""Linear classifiers on the rows that documents hold: how fast each row learns.

A row's weight is a learned number times its naive-Bayes log-count ratio, as in NBSVM (Wang and Manning, ACL
2012). Only the product is kept: a step along the learned number moves the weight by the ratio's square. A
power of 1.5 in its place, and leaving half of a document's rows out of each step (Wager, Wang and Liang, NIPS
2013), gave better validation scores. Weights begin at the ratios themselves, which a naive-Bayes classifier
would add up, but made so small that the logits they give to the documents spread by START_SPREAD. For several
labels they begin at 0: most labels are rare, and the ratios overrate what speaks for them.

Documents weighted by inverse document frequency are the other way: weights begin at 0, and a step moves
each by the square of its row's frequency, as if the row's value had been scaled by it. Where classes are of
unequal size or differ in what few documents hold, this sees what the ratios do not.

How many epochs there are is decided in `linear_epochs`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from wordloom.kernels import linear_training_kernels
from wordloom.kernels.linear import Examples, Layer
from wordloom.training.linear_plan import LinearPlan, most_epochs
from wordloom.training.linear_start import LinearStart

_REPORTS_PER_EPOCH = 10
_ROWS_OF_A_REPORT = 500_000
"""To begin anew after fewer takes a good part of their time, the more so where another thread trains too."""
_FETCHED_AT_ONCE = 4096


class LinearTrainer:
    """One classifier that learns from the documents `members` of the examples."""

    def __init__(self, examples: Examples, members: NDArray[np.int64], plan: LinearPlan, epochs: int) -> None:
        visits = epochs * len(examples.targets), epochs * len(examples.rows)
        self._kernels = linear_training_kernels(*visits)
        self._examples, self._members, self._plan = examples, members, plan
        rows = int(np.diff(examples.offsets)[members].sum())
        self._reports = min(rows // _ROWS_OF_A_REPORT + 1, _REPORTS_PER_EPOCH)
        start = LinearStart(self._kernels, examples, members, plan)
        self.layer = Layer.of(start.weights, start.rates, start.bias)
        self._rule = plan.rule._replace(rate=plan.rule.rate / start.reach)

    def __len__(self) -> int:
        return len(self._members)

    def order(self, epoch: int) -> NDArray[np.int64]:
        """The documents in the order of an epoch."""
        seed = int(self._plan.rule.seed)
        shuffled = np.random.default_rng([seed, 1, epoch]).permutation(len(self._members))
        return self._members[shuffled]

    def chunks(self, epoch: int) -> list[NDArray[np.int64]]:
        """The documents of an epoch in parts, after each of which training may be told of or ended."""
        return np.array_split(self.order(epoch), self._reports)

    def run(self, documents: NDArray[np.int64], epoch: int) -> tuple[float, float]:
        """Learn from documents; the sum of losses and the number of right answers."""
        fetch = self._plan.fetch
        if fetch is None:
            return self._train(documents, epoch)
        parts = np.array_split(documents, -(-len(documents) // _FETCHED_AT_ONCE) or 1)
        loss, right = 0.0, 0.0
        for part, following in zip(parts, [*parts[1:], parts[0][:0]], strict=True):
            fetch(following)
            own_loss, own_right = self._train(part, epoch)
            loss, right = loss + own_loss, right + own_right
        return loss, right

    def _train(self, documents: NDArray[np.int64], epoch: int) -> tuple[float, float]:
        train = self._kernels.train_independent if self._plan.output.independent else self._kernels.train
        rule = self._rule._replace(rate=self._rule.rate * (1 + self._plan.growth * epoch))
        result: tuple[float, float] = train(self._examples, self.layer, rule, documents, epoch)
        return result

    def kept(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Copies of weights and bias as they are now."""
        weights, alike = self.layer.table[:, : len(self.layer.bias)], self._plan.alike
        return weights.copy() if alike is None else alike.shared_out(weights), self.layer.bias.copy()


def load_kernels(documents: int, epochs: int | None) -> None:
    """Load what so many documents will be trained with, so that what precedes it runs compiled if they do."""
    linear_training_kernels(most_epochs(epochs, documents, 0) * documents, 0)
