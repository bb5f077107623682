"""Linear classifiers on the rows that documents hold: how fast each row learns, and for how many epochs.

A row's weight is a learnt number times its naive-Bayes log-count ratio, as in NBSVM (Wang and Manning, ACL
2012). Only the product is kept: a step along the learnt number moves the weight by the ratio's square. A
power of 1.5 in its place, and leaving half of a document's rows out of each step (Wager, Wang and Liang, NIPS
2013), gave better validation scores. Weights begin at the ratios themselves, which a naive-Bayes classifier
would add up, but made so small that the logits they give to the documents spread by START_SPREAD. For several
labels they begin at 0: most labels are rare, and the ratios overrate what speaks for them.

Documents weighted by inverse document frequency are the other way: weights begin at 0, and a step moves
each by the square of its row's frequency, as if the row's value had been scaled by it. Where classes are of
unequal size or differ in what few documents hold, this sees what the ratios do not.

The number of epochs is chosen on held-out documents, while a second classifier with the same rule learns
from all documents; it is the one that is kept, as it was after the chosen epoch.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from wordloom.kernels import linear_training_kernels
from wordloom.kernels.linear import Examples, Layer
from wordloom.kernels.threads import thread_count
from wordloom.loop.callback import CallbackList, Logs
from wordloom.loop.epochs import Schedule, refuse_divergence, run_epochs
from wordloom.loop.history import History
from wordloom.training.linear_plan import LinearPlan, Trained, Validation, most_epochs
from wordloom.training.linear_start import LinearStart

_REPORTS_PER_EPOCH = 10
_FETCHED_AT_ONCE = 4096


class LinearTrainer:
    """One classifier that learns from the documents `members` of the examples."""

    def __init__(self, examples: Examples, members: NDArray[np.int64], plan: LinearPlan, epochs: int) -> None:
        visits = epochs * len(examples.targets), epochs * len(examples.rows)
        self._kernels = linear_training_kernels(*visits)
        self._examples, self._members, self._plan = examples, members, plan
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
        result: tuple[float, float] = train(self._examples, self.layer, self._rule, documents, epoch)
        return result

    def kept(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Copies of weights and bias as they are now."""
        return self.layer.table[:, : len(self.layer.bias)].copy(), self.layer.bias.copy()


def train_linear(
    examples: Examples,
    learnt: NDArray[np.int64],
    validation: Validation | None,
    plan: LinearPlan,
    refit: bool,
) -> Trained:
    """Train a linear classifier.

    Raises UsageError if training diverges.

    Parameters
    ----------
    examples : N documents
    learnt : the documents to learn from while the number of epochs is chosen
    validation : what it is chosen on; None makes a fixed number of epochs
    refit : keep a classifier that learns from all N documents instead, in the same number of epochs
    """
    everything = np.arange(len(examples.targets))
    epochs = plan.most_epochs(len(learnt), int(np.diff(examples.offsets)[learnt].sum()))
    members = [learnt, everything] if refit else [learnt]
    if len(members) == 1 or thread_count(plan.threads) == 1:
        trainers = [LinearTrainer(examples, some, plan, epochs) for some in members]
        return _LinearTraining(trainers, validation, plan, None).trained(epochs)
    with ThreadPoolExecutor(2) as pool:
        trainers = list(pool.map(lambda some: LinearTrainer(examples, some, plan, epochs), members))
        return _LinearTraining(trainers, validation, plan, pool).trained(epochs)


class _LinearTraining:
    """The epochs of one training: the first trainer says how many they are, the last one is kept."""

    def __init__(
        self,
        trainers: list[LinearTrainer],
        validation: Validation | None,
        plan: LinearPlan,
        pool: ThreadPoolExecutor | None,
    ) -> None:
        self._trainers, self._validation, self._plan, self._pool = trainers, validation, plan, pool
        self._logits: NDArray[np.float32] | None = None
        self._best: Trained | None = None
        self._ended = False

    def trained(self, epochs: int) -> Trained:
        """Made so many epochs, or as many as validation says if the plan has no number of them."""
        plan, fixed = self._plan, self._plan.epochs is not None
        schedule = Schedule(
            epochs,
            None if fixed or self._validation is None else plan.patience,
            keeps_last=fixed,
            keep_interrupted=plan.keep_interrupted,
            params={"documents": self.steps(0), "target": plan.output.target},
        )
        history = run_epochs(self, schedule, CallbackList(plan.callbacks))
        found = self._best or Trained(*self._trainers[-1].kept(), None, history)
        return replace(found, history=history)

    def steps(self, epoch: int) -> int:
        return len(self._trainers[0])

    def run(self, epoch: int, callbacks: CallbackList) -> Logs:
        """An epoch of all trainers.

        The last trainer works in a thread of its own; the first one, which has fewer documents, learns and is
        measured in this one meanwhile. Both make whole epochs, since what is kept must not depend on how far
        the other thread has come: a callback that stops training in an epoch is heeded at its end.
        """
        first, last = self._trainers[0], self._trainers[-1]
        other = None if self._pool is None else self._pool.submit(self._train_silently, last, epoch)
        loss, right, done = 0.0, 0.0, 0
        for chunk in np.array_split(first.order(epoch), _REPORTS_PER_EPOCH):
            own, correct = first.run(chunk, epoch)
            loss, right, done = loss + own, right + correct, done + len(chunk)
            if len(chunk):
                callbacks.on_train_batch_end(done - 1, {"loss": loss / done, "accuracy": right / done})
        logs = {"loss": loss / done, "accuracy": right / done}
        if self._validation is not None:
            measured, self._logits = self._validation.measured(first.layer)
            logs |= measured
        if other is not None:
            other.result()
        elif last is not first:
            self._train_silently(last, epoch)
        refuse_divergence(logs, epoch, self._plan.rule.rate)
        return logs

    def keep(self) -> None:
        first = self._trainers[0].kept() if self._plan.keep_first else None
        self._best = Trained(*self._trainers[-1].kept(), self._logits, History(), first)

    def settle(self, stopped: str) -> None:
        """What an interruption left running ends before its weights are read."""
        self._ended = True
        if self._pool is not None:
            self._pool.shutdown(wait=True)

    def _train_silently(self, trainer: LinearTrainer, epoch: int) -> None:
        for chunk in np.array_split(trainer.order(epoch), _REPORTS_PER_EPOCH):
            if self._ended:
                break
            trainer.run(chunk, epoch)


def load_kernels(documents: int, epochs: int | None) -> None:
    """Load what so many documents will be trained with, so that what precedes it runs compiled if they do."""
    linear_training_kernels(most_epochs(epochs, documents, 0) * documents, 0)
