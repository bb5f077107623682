"""Pooled networks in plain NumPy: the twin of `pooled_compiled`, and where their arrays are described.

    embedding (V, D) -> pooling (F,) -> [hidden ReLU layer (H,)] -> dropout -> K logits

F is L * D for "flatten" (all documents have the same length L) and D for each of "mean", "max" and "min" that
is pooled, side by side in this order. K is 1 for two classes (sigmoid), else C (softmax); with aims, a target
for every logit, each has a sigmoid of its own. Weights are stored one row a unit, (H, F) and (K, G), where G
is H, or F without a hidden layer: the transpose of what Keras stores.

Gradients of the embedding are kept for the rows in the batch only, and only these rows are updated (lazy
Adam and RMSprop): the others' moments stand still until they are seen again.

Epochs, validation and early stopping are not here but in `wordloom.training`; Keras layers in
`wordloom.models.keras`.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from wordloom.kernels.row_products import row_products
from wordloom.kernels.sampling import uniform

Floats = NDArray[Any]

FLATTEN, MEAN, MAX, MIN = 0, 1, 2, 4
"""Poolings; sums of the last three are these side by side."""
SGD, RMSPROP, ADAM = 0, 1, 2


class Parameters(NamedTuple):
    """The weights, all of one floating type; without a hidden layer `hidden` is (0, F)."""

    embedding: Floats  # (V, D)
    hidden: Floats  # (H, F)
    hidden_bias: Floats  # (H,)
    output: Floats  # (K, G)
    output_bias: Floats  # (K,)


_NO_AIMS: Floats = np.zeros((0, 0), dtype=np.float32)


class Documents(NamedTuple):
    """Labelled documents as ids. Where there are aims, classes play no part."""

    ids: NDArray[np.int32]  # (T,)
    offsets: NDArray[np.int64]  # (N+1,)
    targets: NDArray[np.int32]  # (N,), the class of each document
    weights: NDArray[np.float64]  # (N,), how much its loss counts
    aims: NDArray[np.float32] = _NO_AIMS  # (N, K), from 0 to 1, what the sigmoid of each logit should be


class UpdateRule(NamedTuple):
    """How the weights learn; the optimizers are those of Keras, with its defaults elsewhere."""

    pooling: int
    optimizer: int
    batch_size: int
    learning_rate: float
    dropout: float
    seed: np.uint64
    trains_embedding: bool = True
    pull_back: float = 0.0  # L2 pull of the batch's embedding rows to where they started


# Keras' defaults: Adam's beta_1, beta_2, RMSprop's rho, and the epsilon of both
BETA_1, BETA_2, RHO, EPSILON = 0.9, 0.999, 0.9, 1e-7


def logits(
    parameters: Parameters, ids: NDArray[np.int32], offsets: NDArray[np.int64], pooling: int
) -> Floats:
    """The outputs before the sigmoid or softmax, (N, K), for N documents."""
    values = features(parameters.embedding, ids, offsets, pooling)
    if len(parameters.hidden):
        values = np.maximum(row_products(values, parameters.hidden) + parameters.hidden_bias, 0)
    return row_products(values, parameters.output) + parameters.output_bias


def features(embedding: Floats, ids: NDArray[np.int32], offsets: NDArray[np.int64], pooling: int) -> Floats:
    """What the pooling gives, (N, F), for N documents."""
    return _pooled(embedding, ids[offsets[0] : offsets[-1]], offsets - offsets[0], pooling)[0]


class PooledTrainer:
    """Trains a network on documents; `run` goes through some of them once, `parameters` gives the weights.

    Parameters
    ----------
    parameters : where training starts (copied)
    documents : what it trains on; for "flatten" all of one length. Between runs the attribute may be set to
        the same documents with fewer ids (word dropout).
    rule : pooling, optimizer and its settings. The attribute may be replaced between runs, to let a frozen
        embedding learn from some epoch on.
    threads : how many threads the compiled twin may use; the result does not depend on it
    """

    def __init__(
        self, parameters: Parameters, documents: Documents, rule: UpdateRule, threads: int | None = None
    ) -> None:
        self._parameters = Parameters(*(array.copy() for array in parameters))
        self._moments = [[np.zeros_like(array) for array in parameters] for _ in range(2)]
        self.documents, self.rule = documents, rule
        self._start = self._parameters.embedding.copy() if rule.pull_back else None
        self._steps = 0

    def run(self, order: NDArray[np.int64], epoch: int) -> tuple[float, float]:
        """Train on the documents `order`, batch after batch.

        Parameters
        ----------
        order : int64 (n,), rows of the documents; every `rule.batch_size` of them are one step
        epoch : number of the pass over the data, for the dropout's random numbers

        Returns
        -------
        The sum of the weighted losses and the number of documents classified rightly, each measured before
        the step that its document takes part in.
        """
        total, right = 0.0, 0.0
        rule, parameters = self.rule, self._parameters
        for first in range(0, len(order), rule.batch_size):
            batch = order[first : first + rule.batch_size]
            self._steps += 1
            rows, gradients, loss, hits = batch_gradients(parameters, self.documents, batch, rule, epoch)
            rate = step_size(rule, self._steps)
            if self._start is not None:
                away = parameters.embedding[rows] - self._start[rows]
                gradients.embedding[...] += gradients.embedding.dtype.type(rule.pull_back) * away
            for place, gradient in enumerate(gradients):
                if place == 0 and not rule.trains_embedding:
                    continue
                where = rows if place == 0 else slice(None)
                moments = self._moments[0][place], self._moments[1][place]
                _update(parameters[place], moments, where, gradient, rule, rate)
            total, right = total + loss, right + hits
        return total, right

    def parameters(self) -> Parameters:
        """The weights as they are now (a copy)."""
        return Parameters(*(array.copy() for array in self._parameters))


def batch_gradients(
    parameters: Parameters, documents: Documents, batch: NDArray[np.int64], rule: UpdateRule, epoch: int
) -> tuple[NDArray[np.int64], Parameters, float, float]:
    """Gradients of the batch's mean loss.

    Returns the embedding rows in the batch (R,), the gradients (the embedding's for these rows only, (R, D)),
    the sum of the losses and the number of right answers.
    """
    embedding, hidden, hidden_bias, output, output_bias = parameters
    lengths = np.diff(documents.offsets)[batch]
    offsets = np.zeros(len(batch) + 1, dtype=np.int64)
    np.cumsum(lengths, out=offsets[1:])
    ids = documents.ids[np.repeat(documents.offsets[batch] - offsets[:-1], lengths) + np.arange(offsets[-1])]
    pooled, winners = _pooled(embedding, ids, offsets, rule.pooling)
    inner = pooled
    if len(hidden):
        inner = np.maximum(pooled @ hidden.T + hidden_bias, 0)
    kept = _kept(inner.shape, batch, rule, epoch).astype(embedding.dtype)
    outputs = (inner * kept) @ output.T + output_bias
    if len(documents.aims):
        losses, slopes, hits = _binary_losses(outputs, documents.aims[batch])
    else:
        losses, slopes, hits = _losses(outputs, documents.targets[batch])
    weights = documents.weights[batch]
    slopes = (slopes * (weights / len(batch))[:, None]).astype(embedding.dtype)
    backward = (slopes @ output) * kept
    hidden_slopes = np.zeros((len(batch), len(hidden)), dtype=embedding.dtype)
    if len(hidden):
        hidden_slopes = backward * (inner > 0)
        backward = hidden_slopes @ hidden
    rows, row_gradients = _embedding_gradient(
        backward, winners, ids, offsets, rule.pooling, embedding.shape[1]
    )
    gradients = Parameters(
        row_gradients,
        hidden_slopes.T @ pooled,
        hidden_slopes.sum(0),
        slopes.T @ (inner * kept),
        slopes.sum(0),
    )
    return rows, gradients, float(losses @ weights), hits


def _pooled(
    embedding: Floats, ids: NDArray[np.int32], offsets: NDArray[np.int64], pooling: int
) -> tuple[Floats, NDArray[np.int64]]:
    """Features (N, F) and, for "max" and "min", which token (as a place in `ids`) gave each of theirs.

    These are (N, D) for each of the two, side by side.
    """
    n, d = len(offsets) - 1, embedding.shape[1]
    if pooling == FLATTEN:
        return embedding[ids].reshape(n, -1), np.zeros((n, 0), dtype=np.int64)
    features, winners = [], [np.zeros((n, 0), dtype=np.int64)]
    if pooling & MEAN:
        features.append(_means(embedding, ids, offsets))
    columns = np.arange(d)
    for extreme, farthest in ((MAX, np.argmax), (MIN, np.argmin)):
        if pooling & extreme:
            values, found = np.zeros((n, d), embedding.dtype), np.zeros((n, d), np.int64)
            for document in np.flatnonzero(np.diff(offsets)):
                words = embedding[ids[offsets[document] : offsets[document + 1]]]
                places = farthest(words, axis=0)
                values[document], found[document] = words[places, columns], places + offsets[document]
            features.append(values)
            winners.append(found)
    return np.concatenate(features, axis=1), np.concatenate(winners, axis=1)


def _means(embedding: Floats, ids: NDArray[np.int32], offsets: NDArray[np.int64]) -> Floats:
    lengths = np.diff(offsets)
    means = np.zeros((len(lengths), embedding.shape[1]), dtype=embedding.dtype)
    filled = np.flatnonzero(lengths)
    if len(filled):
        sums = np.add.reduceat(embedding[ids], offsets[filled], axis=0)
        means[filled] = sums / lengths[filled, None].astype(embedding.dtype)
    return means


def _embedding_gradient(
    backward: Floats,
    winners: NDArray[np.int64],
    ids: NDArray[np.int32],
    offsets: NDArray[np.int64],
    pooling: int,
    embedding_width: int,
) -> tuple[NDArray[np.int64], Floats]:
    """The different ids of a batch, and the gradient of each one's row: the way back through `_pooled`."""
    different, place, counts = np.unique(ids, return_inverse=True, return_counts=True)
    rows = different.astype(np.int64)
    lengths = np.diff(offsets)
    gradient = np.zeros((len(rows), embedding_width), dtype=backward.dtype)
    if not len(ids):
        return rows, gradient
    if pooling == FLATTEN or pooling & MEAN:
        by_row = np.argsort(place, kind="stable")
        if pooling == FLATTEN:
            slopes = backward.reshape(-1, embedding_width)[by_row]
        else:
            shares = backward[:, :embedding_width] / np.maximum(lengths, 1)[:, None].astype(backward.dtype)
            slopes = shares[np.repeat(np.arange(len(lengths)), lengths)[by_row]]
        gradient = np.add.reduceat(slopes, np.cumsum(counts) - counts, axis=0)
    if winners.shape[1]:
        filled = np.flatnonzero(lengths)
        columns = np.broadcast_to(np.arange(winners.shape[1]) % embedding_width, winners[filled].shape)
        of_winners = backward[filled, backward.shape[1] - winners.shape[1] :]
        np.add.at(gradient, (place[winners[filled]], columns), of_winners)
    return rows, gradient


def _kept(shape: tuple[int, ...], batch: NDArray[np.int64], rule: UpdateRule, epoch: int) -> Floats:
    """Inverted dropout: 0 for a dropped unit, 1 / (1 - rate) for a kept one."""
    if not rule.dropout:
        return np.ones((1, 1))
    seed, number = np.full((1, 1), rule.seed), np.full((1, 1), epoch, dtype=np.uint64)
    units = np.arange(shape[1], dtype=np.uint64)[None, :]
    numbers = uniform(seed, number, batch.astype(np.uint64)[:, None], units)
    return np.asarray((numbers >= rule.dropout) / (1.0 - rule.dropout))


def _losses(outputs: Floats, targets: NDArray[np.int32]) -> tuple[Floats, Floats, float]:
    """Cross-entropies (B,), their slopes by the logits (B, K), and the number of right answers."""
    z = outputs.astype(np.float64)
    if z.shape[1] == 1:
        z = z[:, 0]
        losses = np.maximum(z, 0) - z * targets + np.log1p(np.exp(-np.abs(z)))
        probability = 1.0 / (1.0 + np.exp(-np.clip(z, -700, 700)))
        return losses, (probability - targets)[:, None], int(((z > 0) == targets).sum())
    z = z - z.max(axis=1, keepdims=True)
    exponentials = np.exp(z)
    sums = exponentials.sum(axis=1, keepdims=True)
    rows = np.arange(len(targets))
    slopes = exponentials / sums
    slopes[rows, targets] -= 1.0
    return np.log(sums[:, 0]) - z[rows, targets], slopes, int((z.argmax(axis=1) == targets).sum())


def _binary_losses(outputs: Floats, aims: NDArray[np.float32]) -> tuple[Floats, Floats, float]:
    """Binary cross-entropies, means over the logits (B,), their slopes (B, K), and the right answers' number,
    of which each logit is a share."""
    z, k = outputs.astype(np.float64), outputs.shape[1]
    losses = np.maximum(z, 0) - z * aims + np.log1p(np.exp(-np.abs(z)))
    probability = 1.0 / (1.0 + np.exp(-np.clip(z, -700, 700)))
    right = (z > 0) == (aims >= 0.5)
    return losses.mean(axis=1), (probability - aims) / k, float(right.sum() / k)


def step_size(rule: UpdateRule, step: int) -> float:
    """The learning rate, with Adam's bias correction where it is Adam."""
    if rule.optimizer != ADAM:
        return rule.learning_rate
    return float(rule.learning_rate * np.sqrt(1.0 - BETA_2**step) / (1.0 - BETA_1**step))


def _update(
    weights: Floats,
    moments: tuple[Floats, Floats],
    where: Any,
    gradient: Floats,
    rule: UpdateRule,
    rate: float,
) -> None:
    """One step of Keras' SGD, RMSprop or Adam on `weights[where]`."""
    first, second = moments
    if rule.optimizer == SGD:
        weights[where] -= rate * gradient
        return
    decay = RHO if rule.optimizer == RMSPROP else BETA_2
    second[where] += (gradient**2 - second[where]) * (1 - decay)
    if rule.optimizer == RMSPROP:
        weights[where] -= rate * gradient / np.sqrt(second[where] + EPSILON)
        return
    first[where] += (gradient - first[where]) * (1 - BETA_1)
    weights[where] -= rate * first[where] / (np.sqrt(second[where]) + EPSILON)
