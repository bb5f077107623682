"""LinearPlan: how a linear classifier on the rows of documents is trained, and what that gives.

Training itself is in `linear`, which goes through the documents again and again, and in `batch`, which solves
a convex problem.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wordloom.kernels.linear import LEVELS, Layer, LinearUpdateRule
from wordloom.loop.callback import Callback
from wordloom.loop.history import History
from wordloom.models.output import Output
from wordloom.training.alike_rows import AlikeRows

LEARNING_RATE = 2.5
"""Of a document's logit: how far a step moves it if the error is 1, on average and without dropout."""
WEIGHTINGS = ("naive-bayes", "idf")
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
    min_documents : rows that fewer of the documents learned from hold do not learn
    rule : rate (as LEARNING_RATE), dropped and seed
    weighting : of WEIGHTINGS, how fast each row learns and where it begins
    growth : of the rate with every epoch, as a share of the rule's; 0 for the same rate in all
    epochs : exactly so many; None for as many as validation says
    patience : epochs without a better validation loss before training stops; None for never
    keep_first : keep what was learned without the validation documents too
    keep_interrupted : as in `loop.epochs.Schedule`
    fetch : called with the documents that are learned from next, some time before; None for nothing
    start : weights (V, K) and bias (K,) that training goes on from, NaN where it begins anew, and what the
        rates of the weights are multiplied by, (V, K); None to begin anew everywhere
    before : float32 (V, C), how many other documents of each class, learned from before, hold each row, and
        how many there were; they count where a row's rate and beginning do, each for 1. None for none
    alike : the documents' rows are groups of rows, and weights of these are wanted; None if they are not
    """

    output: Output
    rows: int
    min_documents: int
    rule: LinearUpdateRule
    weighting: str = "naive-bayes"
    growth: float = 0.0
    epochs: int | None = None
    patience: int | None = 2
    threads: int | None = None
    callbacks: Sequence[Callback] = ()
    keep_first: bool = False
    keep_interrupted: bool = False
    fetch: Callable[[NDArray[np.int64]], None] | None = None
    start: tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]] | None = None
    before: tuple[NDArray[np.float32], int] | None = None
    alike: AlikeRows | None = None

    def most_epochs(self, documents: int, rows: int) -> int:
        """How many epochs there can be for documents that hold so many rows in all."""
        return most_epochs(self.epochs, documents, rows)


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
    strength : of the documents against a penalty, where a convex problem was solved
    """

    weights: NDArray[np.float32]
    bias: NDArray[np.float32]
    logits: NDArray[np.float32] | None
    history: History
    first: tuple[NDArray[np.float32], NDArray[np.float32]] | None = None
    strength: float | None = None


def update_rule(rate: float | None, dropout: float, seed: int) -> LinearUpdateRule:
    """The update rule of settings: None for the usual rate, dropout as a share."""
    dropped = min(round(dropout * LEVELS), LEVELS - 1)
    return LinearUpdateRule(LEARNING_RATE if rate is None else rate, dropped, np.uint64(seed))


def most_epochs(epochs: int | None, documents: int, rows: int) -> int:
    if epochs is not None:
        return epochs
    most = min(-(-_DOCUMENTS_VISITED // max(documents, 1)), -(-_ROWS_VISITED // max(rows, 1)))
    return int(np.clip(most, _FEWEST_EPOCHS, _MOST_EPOCHS))
