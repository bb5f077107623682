"""A linear classifier on the rows of documents as the solution of a convex problem: the log loss of all
documents and a penalty on the squares of what the weights have moved, lowered by L-BFGS.

Weights begin at naive Bayes' ratios, made less sure (`linear_start`), and the penalty pulls them back there:
what the documents do not say otherwise stays as it was, as it does in a few epochs of steps. With a pull to 0
instead, film reviews held out were told apart worse by 0.3 points. Each weight is pulled the less the faster
it would learn by steps: a row's value is the root of its rate.

How much the documents count against the penalty, the strength, is chosen on held-out documents, from a strong
penalty to weak ones: an epoch is one strength, and begins where the one before it ended. The classifier that
is kept is then solved for on all documents.

Sources: D. Liu and J. Nocedal, "On the limited memory BFGS method for large scale optimization", Mathematical
Programming 1989; SciPy's L-BFGS-B is what is used, on one thread, since its inner products would be added in
another order by more of them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from wordloom.kernels import linear_training_kernels
from wordloom.kernels.linear import Examples, Layer
from wordloom.loop.callback import CallbackList, Logs
from wordloom.loop.epochs import Schedule, run_epochs
from wordloom.training.linear_plan import LinearPlan, Trained, Validation
from wordloom.training.linear_start import LinearStart
from wordloom.training.sharded_loss import LossAt, ShardedLoss

STRENGTHS = tuple(10.0 ** (power / 2) for power in range(6))
"""The strengths to choose from: weights of the documents' loss against half the squared moves, where the
values of a document's rows have a mean sum of squares of 1. With weaker penalties held-out reviews are told
apart no better, and where the search ends is no longer where the loss is lowest."""
STRENGTH_WITHOUT_VALIDATION = 10.0
LEARNED, ALL = "learned", "all"
"""Names of what documents count: those learned from while the strength is chosen, and all."""
_MOST_EVALUATIONS, _USUAL_EVALUATIONS = 200, 20
_PAIRS_KEPT = 5
"""Steps that L-BFGS remembers; with so many it takes 15 numbers of 8 bytes for each weight."""
_TOLERANCE = 1e-5
"""A step that lowers the mean loss by less is the last one. A tenth of it took a quarter more evaluations
and changed the loss on held-out documents by less than 0.001."""

_REFIT = "learning from all texts"

Told = Callable[[int, LossAt], None]


class _Found(NamedTuple):
    """Weights (V, K) and bias (K,), one after the other, the loss at them, and how often it was asked for."""

    parameters: NDArray[np.float64]
    at: LossAt
    evaluations: int


class Problem:
    """The penalized loss of documents that count as the `members` of a loss say.

    Parameters
    ----------
    loss : of all documents
    members : the name of what each counts
    total : the sum of what they count
    start : of the documents that count
    """

    def __init__(self, loss: ShardedLoss, members: str, total: float, start: LinearStart) -> None:
        self._loss, self._members, self._total = loss, members, max(total, 1e-300)
        self.begin = np.concatenate([start.weights.ravel(), start.bias]).astype(np.float64)
        rates = np.broadcast_to(start.rates, start.weights.shape).astype(np.float64)
        self.sizes = np.concatenate([np.sqrt(rates / start.reach).ravel(), np.ones(len(start.bias))])
        self._biases = len(start.bias)
        self._center = self._scaled(self.begin)

    def penalized(
        self, scaled: NDArray[np.float64], strength: float
    ) -> tuple[float, NDArray[np.float64], LossAt]:
        """The mean loss with its penalty, its gradient by the parameters over their sizes, and the loss."""
        found = self._loss.at(scaled * self.sizes, self._members)
        gradient = found.gradient * self.sizes
        moves = (scaled - self._center)[: -self._biases]
        gradient[: -self._biases] += moves / strength
        penalty = 0.5 * float(np.square(moves).sum()) / strength
        return (found.loss + penalty) / self._total, gradient / self._total, found

    def minimum(
        self,
        strength: float,
        begin: NDArray[np.float64],
        told: Told | None = None,
        tolerance: float = _TOLERANCE,
    ) -> _Found:
        """The parameters with the lowest penalized loss."""
        from scipy.optimize import minimize
        from threadpoolctl import threadpool_limits

        evaluations, last = 0, None

        def function(scaled: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
            nonlocal evaluations, last
            value, gradient, last = self.penalized(scaled, strength)
            evaluations += 1
            if told is not None:
                told(evaluations, last)
            return value, gradient

        options = {"maxfun": _MOST_EVALUATIONS, "maxcor": _PAIRS_KEPT, "ftol": tolerance, "gtol": 0.0}
        with threadpool_limits(1, user_api="blas"):
            found = minimize(function, self._scaled(begin), jac=True, method="L-BFGS-B", options=options)
        assert last is not None
        return _Found(found.x * self.sizes, last, evaluations)

    def _scaled(self, parameters: NDArray[np.float64]) -> NDArray[np.float64]:
        """Parameters over their sizes; 0 for those that do not learn."""
        scaled: NDArray[np.float64] = np.zeros_like(parameters)
        np.divide(parameters, self.sizes, out=scaled, where=self.sizes > 0)
        return scaled

    def arrays(self, parameters: NDArray[np.float64]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Weights (V, K) and bias (K,) of parameters."""
        k = self._biases
        single = parameters.astype(np.float32)
        return single[:-k].reshape(-1, k), single[-k:]

    def mean(self, loss: float) -> float:
        """The mean of a sum of losses."""
        return loss / self._total


def train_batch(
    examples: Examples,
    learned: NDArray[np.int64],
    validation: Validation | None,
    plan: LinearPlan,
    loss: ShardedLoss,
) -> Trained:
    """Solve for a linear classifier.

    If some documents are held out, the strength is chosen without them, and the classifier that is kept
    learns from all; it is solved for from where the other one ended.

    Parameters
    ----------
    examples : N documents
    learned : those to learn from while the strength is chosen
    validation : what it is chosen on; None takes the usual strength
    plan : how; rates, dropout and epochs of steps play no part
    loss : of the examples, with the members LEARNED and ALL
    """
    problem = _problem(examples, learned, LEARNED, plan, loss)
    training = _BatchTraining(problem, validation, len(learned))
    schedule = Schedule(
        len(training.strengths),
        None if validation is None else plan.patience,
        keep_interrupted=plan.keep_interrupted,
        params={"documents": len(learned), "target": plan.output.target},
    )
    callbacks = CallbackList(plan.callbacks)
    history = run_epochs(training, schedule, callbacks)
    first = problem.arrays(training.best)
    found = Trained(*first, training.logits, history, first if plan.keep_first else None)
    found.strength = training.strengths[max(history.best_epoch, 1) - 1]
    if len(learned) == len(examples.targets) or history.stopped == "interrupted":
        return found
    everything = _problem(examples, np.arange(len(examples.targets)), ALL, plan, loss)
    try:
        kept = everything.minimum(
            found.strength, training.best, lambda n, _: callbacks.on_step(_REFIT, n, None, "evaluation")
        )
    except KeyboardInterrupt:
        history.stopped = "interrupted"
        if not plan.keep_interrupted:
            raise
        return found
    callbacks.on_step(_REFIT, kept.evaluations, kept.evaluations, "evaluation")
    weights, bias = everything.arrays(kept.parameters)
    return replace(found, weights=weights, bias=bias)


def members_of(weights: NDArray[np.float64], learned: NDArray[np.int64]) -> dict[str, NDArray[np.float64]]:
    """How much N documents count by LEARNED and by ALL, from how much each counts in the loss."""
    inside = np.zeros_like(weights)
    inside[learned] = weights[learned]
    return {LEARNED: inside, ALL: weights}


def _problem(
    examples: Examples, chosen: NDArray[np.int64], members: str, plan: LinearPlan, loss: ShardedLoss
) -> Problem:
    kernels = linear_training_kernels(len(examples.targets), len(examples.rows))
    start = LinearStart(kernels, examples, chosen, plan)
    return Problem(loss, members, float(examples.weights[chosen].sum(dtype=np.float64)), start)


class _BatchTraining:
    """The strengths, one an epoch; see `loop.epochs.Training`."""

    def __init__(self, problem: Problem, validation: Validation | None, documents: int) -> None:
        self._problem, self._validation, self._documents = problem, validation, documents
        self.strengths = STRENGTHS if validation is not None else (STRENGTH_WITHOUT_VALIDATION,)
        self._now = self.best = problem.begin
        self._now_logits: NDArray[np.float32] | None = None
        self.logits: NDArray[np.float32] | None = None

    def steps(self, epoch: int) -> int:
        return _USUAL_EVALUATIONS

    def run(self, epoch: int, callbacks: CallbackList) -> Logs:
        def told(evaluations: int, at: LossAt) -> None:
            done = min(evaluations, _USUAL_EVALUATIONS)
            callbacks.on_train_batch_end(done - 1, self._logs(at))

        found = self._problem.minimum(self.strengths[epoch], self._now, told)
        self._now, logs = found.parameters, self._logs(found.at)
        if self._validation is not None:
            measured, self._now_logits = self._validation.measured(Layer(*self._problem.arrays(self._now)))
            logs |= measured
        return logs

    def _logs(self, at: LossAt) -> dict[str, float]:
        return {"loss": self._problem.mean(at.loss), "accuracy": at.right / max(self._documents, 1)}

    def keep(self) -> None:
        self.best, self.logits = self._now, self._now_logits

    def settle(self, stopped: str) -> None:
        """Nothing of it runs in another thread."""
