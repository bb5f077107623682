"""The training step on JAX: gradients of both halves of a batch, each in its own thread, then one update.

XLA shares out the small matrix products of a recurrent layer between threads one by one, and spends about as
much on that as it gains. Two halves, each from its first word to its last in one thread, have no need of it.
The batch is always cut in two, so the result is the same where there is only one thread. The large products
of a convolution are shared out well; its batches stay whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import jax
import jax.numpy as jnp
import keras
import numpy as np
from numpy.typing import NDArray

from wordloom.kernels.threads import thread_count
from wordloom.models.keras.model import weight_variables
from wordloom.models.keras.steps import NO_TARGET, PaddedBatch

_RECURRENT = (keras.layers.RNN, keras.layers.Bidirectional)
_APART = 1_000_003  # between the seeds of the two halves' dropout


def make_step(model: Any, optimizer: Any) -> JaxStep:
    """The step of a model that gives logits."""
    return JaxStep(model, optimizer)


class JaxStep:
    """Holds what training changes as plain arrays.

    Nothing is donated to the compiled functions: a Ctrl-C may come between the end of one and the assignment
    of what it gives, and then the arrays from before must still be there.
    """

    def __init__(self, model: Any, optimizer: Any) -> None:
        optimizer.build(model.trainable_variables)
        others = [variable.value for variable in model.non_trainable_variables]  # states of random draws
        self._weights = [variable.value for variable in weight_variables(model)]
        self._moments = [variable.value for variable in optimizer.variables]
        self._others: Sequence[Any] = [others, [value + _APART for value in others]]
        self._gradients = jax.jit(_gradients_of(model))
        self._update = jax.jit(_update_of(optimizer))
        self._recurrent = any(isinstance(layer, _RECURRENT) for layer in model.layers)
        self._pool = ThreadPoolExecutor(min(2, thread_count(None)))
        self._compiled: set[tuple[int, ...]] = set()

    def run(self, batch: PaddedBatch, trains_embedding: bool) -> tuple[Any, Any]:
        parts = _halves(batch) if self._recurrent else (batch,)
        shape = parts[0].ids.shape
        # the first time in turn, since two threads would compile it twice
        each = self._pool.map if self._recurrent and shape in self._compiled else map
        others = self._others[: len(parts)]
        losses, gradients, right, others = zip(*each(self._part, parts, others), strict=True)
        self._compiled.add(shape)
        state = self._update(self._weights, self._moments, gradients, np.float32(trains_embedding))
        (self._weights, self._moments), self._others = state, others
        return sum(losses), sum(right)

    def weights(self) -> list[NDArray[np.float32]]:
        return [np.array(value) for value in self._weights]

    def _part(self, part: PaddedBatch, others: Any) -> Any:
        (loss, (right, others)), gradients = self._gradients(self._weights, others, part)
        found = loss, gradients, right, others
        if not self._recurrent:  # nothing to wait for: the next batch is made ready meanwhile
            return found
        return jax.block_until_ready(found)  # type: ignore[no-untyped-call]


def _halves(batch: PaddedBatch) -> tuple[PaddedBatch, ...]:
    """The first and the second half of a batch; one more row without weight makes an odd number even."""
    ids, targets, weights = batch
    if len(ids) % 2:
        ids = np.pad(ids, ((0, 1), (0, 0)))
        targets, weights = np.pad(targets, (0, 1), constant_values=NO_TARGET), np.pad(weights, (0, 1))
    middle = len(ids) // 2
    first, second = slice(0, middle), slice(middle, None)
    return (
        PaddedBatch(ids[first], targets[first], weights[first]),
        PaddedBatch(ids[second], targets[second], weights[second]),
    )


def _gradients_of(model: Any) -> Any:
    def loss_of(weights: Any, others: Any, batch: PaddedBatch) -> Any:
        logits, others = model.stateless_call(weights, others, batch.ids, training=True)
        losses, right = losses_and_hits(logits, batch.targets)
        return (losses * batch.weights).sum(), (right.sum(), others)

    return jax.value_and_grad(loss_of, has_aux=True)


def _update_of(optimizer: Any) -> Any:
    def update(weights: Any, moments: Any, parts: Any, moves: Any) -> Any:
        gradients = [sum(of_parts) for of_parts in zip(*parts, strict=True)]
        gradients[0] = gradients[0] * moves  # the embedding
        weights, moments = optimizer.stateless_apply(moments, gradients, weights)
        return weights, moments

    return update


def losses_and_hits(logits: Any, targets: Any) -> Any:
    """Cross-entropies (B,) and whether the likeliest class is right (B,), from logits (B, K)."""
    known = jnp.maximum(targets, 0)
    if logits.shape[1] == 1:
        z = logits[:, 0]
        losses = jnp.maximum(z, 0) - z * known + jnp.log1p(jnp.exp(-jnp.abs(z)))
        return losses, (z > 0).astype(targets.dtype) == targets
    chosen = jnp.take_along_axis(logits, known[:, None], axis=1)[:, 0]
    return jax.nn.logsumexp(logits, axis=1) - chosen, logits.argmax(axis=1) == targets
