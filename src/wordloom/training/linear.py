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

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wordloom.kernels import linear_training_kernels
from wordloom.kernels.linear import LEVELS, Examples, Layer, LinearUpdateRule
from wordloom.kernels.threads import thread_count
from wordloom.loop.callback import Callback, CallbackList, Logs
from wordloom.loop.epochs import Schedule, refuse_divergence, run_epochs
from wordloom.loop.history import History
from wordloom.models.output import Output
from wordloom.text.sequences import Ragged
from wordloom.training.naive_bayes import class_totals, log_count_ratios

START_SPREAD = 2.5
"""Standard deviation of the logits that training begins with. Naive Bayes itself is far too sure: its logits
spread by 15 to 140 on questions, sentences and reviews. On held-out texts of all of them 2 to 3 was best."""
LEARNING_RATE = 2.5
"""Of a document's logit: how far a step moves it if the error is 1, on average and without dropout."""
WEIGHTINGS = ("naive-bayes", "idf")
_LEAST_REACH = 1.0  # rows of next to no influence are not given much
_SAMPLED = 4_000  # documents that the scales of weights and steps are taken from
_REPORTS_PER_EPOCH = 10
_FETCHED_AT_ONCE = 4096
_FEWEST_EPOCHS, _MOST_EPOCHS = 6, 40  # of the limit, which falls with the number of texts
_DOCUMENTS_VISITED, _ROWS_VISITED = 250_000, 75_000_000

Score = Callable[[Layer], NDArray[np.float32]]


@dataclass(frozen=True)
class LinearPlan:
    """How to train.

    Parameters
    ----------
    output : what the logits mean
    rows : V
    min_documents : rows that fewer of the documents learnt from hold do not learn
    rule : rate (as LEARNING_RATE), dropped and seed
    weighting : of WEIGHTINGS, how fast each row learns and where it begins
    epochs : exactly so many; None for as many as validation says
    patience : epochs without a better validation loss before training stops; None for never
    keep_first : keep what was learnt without the validation documents too
    keep_interrupted : as in `loop.epochs.Schedule`
    fetch : called with the documents that are learnt from next, some time before; None for nothing
    start : weights (V, K) and bias (K,) that training goes on from, NaN where it begins anew, and what the
        rates of the weights are multiplied by, (V, K); None to begin anew everywhere
    before : float32 (V, C), how many other documents of each class, learned from before, hold each row, and
        how many there were; they count where a row's rate and beginning do, each for 1. None for none
    """

    output: Output
    rows: int
    min_documents: int
    rule: LinearUpdateRule
    weighting: str = "naive-bayes"
    epochs: int | None = None
    patience: int | None = 2
    threads: int | None = None
    callbacks: Sequence[Callback] = ()
    keep_first: bool = False
    keep_interrupted: bool = False
    fetch: Callable[[NDArray[np.int64]], None] | None = None
    start: tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]] | None = None
    before: tuple[NDArray[np.float32], int] | None = None

    def most_epochs(self, documents: int, rows: int) -> int:
        """How many epochs there can be for documents that hold so many rows in all."""
        return _most_epochs(self.epochs, documents, rows)


@dataclass(frozen=True)
class Validation:
    """Documents that only choose the number of epochs.

    score : the logits (M, K) that a layer gives them
    output : what the logits mean
    targets : int32 (M,), or float32 (M, K)
    weights : float64 (M,)
    """

    score: Score
    output: Output
    targets: NDArray[Any]
    weights: NDArray[np.float64]

    def measured(self, layer: Layer) -> tuple[dict[str, float], NDArray[np.float32]]:
        """Loss and accuracy, and the logits."""
        logits = self.score(layer)
        return self.scored(logits), logits

    def scored(self, logits: NDArray[np.float32]) -> dict[str, float]:
        """Loss and accuracy of logits (M, K)."""
        loss, accuracy = self.output.mean_scores(logits, self.targets, self.weights)
        return {"val_loss": loss, "val_accuracy": accuracy}


@dataclass
class Trained:
    """What training gives: weights (V, K), bias (K,), the validation logits at that epoch, the history.

    first : weights and bias of the classifier that chose the epoch, if the plan asked for them
    """

    weights: NDArray[np.float32]
    bias: NDArray[np.float32]
    logits: NDArray[np.float32] | None
    history: History
    first: tuple[NDArray[np.float32], NDArray[np.float32]] | None = None


class LinearTrainer:
    """One classifier that learns from the documents `members` of the examples."""

    def __init__(self, examples: Examples, members: NDArray[np.int64], plan: LinearPlan, epochs: int) -> None:
        visits = epochs * len(examples.targets), epochs * len(examples.rows)
        self._kernels = linear_training_kernels(*visits)
        self._examples, self._members, self._plan = examples, members, plan
        start, rates = self._by_ratios() if plan.weighting == "naive-bayes" else self._by_idf()
        bias = self._first_bias()
        if plan.start is not None:
            weights, given, pace = plan.start
            rates = rates * pace
            start, bias = np.where(np.isnan(weights), start, weights), np.where(np.isnan(given), bias, given)
        self.layer = Layer.of(start, rates, bias)
        self._rule = plan.rule._replace(rate=plan.rule.rate / max(self._reach(rates), _LEAST_REACH))

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

    def _by_ratios(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """float32 (V, K) twice: the weights that training begins with, and how fast each learns."""
        sums, everything = self._sums(self._examples)
        ratios = log_count_ratios(sums, everything)
        ratios[~self._learn(everything)[0]] = 0
        rates = np.abs(ratios)
        rates *= np.sqrt(rates)
        if self._plan.output.independent:
            return np.zeros_like(ratios), rates
        spread = float(self._sampled_sums(ratios, 1).std()) if len(self._members) else 0.0
        return ratios * np.float32(START_SPREAD / max(spread, START_SPREAD)), rates

    def _by_idf(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """As `_by_ratios`, by inverse document frequency; all weights of a row learn at one rate, (V, 1)."""
        learn, counts = self._learn(self._sums(self._examples)[1])
        frequencies = np.log((1 + self._documents) / (1 + counts)) + 1
        rates = np.where(learn, np.square(frequencies), 0).astype(np.float32)
        return np.zeros((len(rates), len(self._first_bias())), np.float32), rates[:, None]

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
        return found[:, -output.n_logits :], class_totals(found)

    def _reach(self, rates: NDArray[np.float32]) -> float:
        """How far a step at rate 1 moves the logits of the documents, on average."""
        return float(self._sampled_sums(rates, 2).mean()) if len(self._members) else 0.0

    def _sampled_sums(self, weights: NDArray[np.float32], power: int) -> NDArray[np.float64]:
        """float64 (n, K): for some of the documents, what `weights` give them, at their scales' power."""
        some = self._members[:: -(-len(self._members) // _SAMPLED)]
        rows = Ragged(self._examples.rows, self._examples.offsets).take(some)
        scales = self._examples.scales[some] ** np.float32(power)
        bias = np.zeros(weights.shape[1], dtype=np.float32)
        sums = self._kernels.logits(rows.ids, rows.offsets, scales, weights, bias)
        return np.asarray(sums, dtype=np.float64)


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
    linear_training_kernels(_most_epochs(epochs, documents, 0) * documents, 0)


def _most_epochs(epochs: int | None, documents: int, rows: int) -> int:
    if epochs is not None:
        return epochs
    most = min(-(-_DOCUMENTS_VISITED // max(documents, 1)), -(-_ROWS_VISITED // max(rows, 1)))
    return int(np.clip(most, _FEWEST_EPOCHS, _MOST_EPOCHS))


def update_rule(rate: float | None, dropout: float, seed: int) -> LinearUpdateRule:
    """The update rule of settings: None for the usual rate, dropout as a share."""
    dropped = min(round(dropout * LEVELS), LEVELS - 1)
    return LinearUpdateRule(LEARNING_RATE if rate is None else rate, dropped, np.uint64(seed))
