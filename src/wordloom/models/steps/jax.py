"""The training step on JAX: one compiled function from weights and a batch to new weights."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from wordloom.models.keras_model import weight_variables
from wordloom.models.keras_trainer import Batch


def make_step(model: Any, optimizer: Any) -> JaxStep:
    """The step of a model that gives logits."""
    return JaxStep(model, optimizer)


class JaxStep:
    """Holds what training changes as plain arrays.

    Nothing is donated to the compiled step: a Ctrl-C may come between its end and the assignment of what it
    gives, and then the arrays from before must still be there.
    """

    def __init__(self, model: Any, optimizer: Any) -> None:
        self._weights = [variable.value for variable in weight_variables(model)]
        optimizer.build(model.trainable_variables)
        self._others = [variable.value for variable in model.non_trainable_variables]
        self._moments = [variable.value for variable in optimizer.variables]
        self._run = jax.jit(_step_of(model, optimizer))

    def run(self, batch: Batch, trains_embedding: bool) -> tuple[Any, Any]:
        moves = np.float32(trains_embedding)
        state = (self._weights, self._others, self._moments)
        (self._weights, self._others, self._moments), loss, right = self._run(state, batch, moves)
        return loss, right

    def weights(self) -> list[NDArray[np.float32]]:
        return [np.array(value) for value in self._weights]


def _step_of(model: Any, optimizer: Any) -> Any:
    def loss_of(weights: Any, others: Any, batch: Batch) -> Any:
        logits, others = model.stateless_call(weights, others, batch.ids, training=True)
        losses, right = losses_and_hits(logits, batch.targets)
        return (losses * batch.weights).sum(), (right.sum(), others)

    def step(state: Any, batch: Batch, moves: Any) -> Any:
        weights, others, moments = state
        (loss, (right, others)), gradients = jax.value_and_grad(loss_of, has_aux=True)(weights, others, batch)
        gradients[0] = gradients[0] * moves  # the embedding
        weights, moments = optimizer.stateless_apply(moments, gradients, weights)
        return (weights, others, moments), loss, right

    return step


def losses_and_hits(logits: Any, targets: Any) -> Any:
    """Cross-entropies (B,) and whether the likeliest class is right (B,), from logits (B, K)."""
    known = jnp.maximum(targets, 0)
    if logits.shape[1] == 1:
        z = logits[:, 0]
        losses = jnp.maximum(z, 0) - z * known + jnp.log1p(jnp.exp(-jnp.abs(z)))
        return losses, (z > 0).astype(targets.dtype) == targets
    chosen = jnp.take_along_axis(logits, known[:, None], axis=1)[:, 0]
    return jax.nn.logsumexp(logits, axis=1) - chosen, logits.argmax(axis=1) == targets
