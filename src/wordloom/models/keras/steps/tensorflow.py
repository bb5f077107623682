"""The training step on TensorFlow: a graph for each length of documents."""

from __future__ import annotations

from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from wordloom.models.keras.model import weight_variables
from wordloom.models.keras.steps import PaddedBatch


def make_step(model: Any, optimizer: Any) -> TensorFlowStep:
    """The step of a model that gives logits."""
    return TensorFlowStep(model, optimizer)


class TensorFlowStep:
    """The weights stay in the model's variables."""

    def __init__(self, model: Any, optimizer: Any) -> None:
        self._model, self._optimizer = model, optimizer
        self._variables = weight_variables(model)
        optimizer.build(self._variables)
        self._run = tf.function(self._step)

    def run(self, batch: PaddedBatch, trains_embedding: bool) -> tuple[Any, Any]:
        moves = tf.constant(float(trains_embedding), tf.float32)
        return self._run(*(tf.constant(part) for part in batch), moves)  # type: ignore[no-any-return]

    def weights(self) -> list[NDArray[np.float32]]:
        return [np.array(variable.numpy()) for variable in self._variables]

    def _step(self, ids: Any, targets: Any, weights: Any, moves: Any) -> Any:
        with tf.GradientTape() as tape:
            logits = self._model(ids, training=True)
            losses, right = _losses_and_hits(logits, targets)
            loss = tf.reduce_sum(losses * weights)
        gradients = tape.gradient(loss, [variable.value for variable in self._variables])
        gradients[0] = tf.convert_to_tensor(gradients[0]) * moves  # the embedding
        self._optimizer.apply(gradients, self._variables)
        return loss, tf.reduce_sum(tf.cast(right, tf.int32))


def _losses_and_hits(logits: Any, targets: Any) -> Any:
    """Cross-entropies (B,) and whether the likeliest class is right (B,), from logits (B, K)."""
    known = tf.maximum(targets, 0)
    if logits.shape[1] == 1:
        z = logits[:, 0]
        losses = tf.nn.sigmoid_cross_entropy_with_logits(tf.cast(known, z.dtype), z)
        return losses, tf.cast(z > 0, targets.dtype) == targets
    losses = tf.nn.sparse_softmax_cross_entropy_with_logits(known, logits)
    return losses, tf.argmax(logits, axis=1, output_type=targets.dtype) == targets
