"""Trains a network through Keras, on whichever backend it runs; the loop around it is `training.networks`.

Every backend has a step of its own, compiled where the backend compiles: forward, loss, backward, optimizer.
What the steps have in common, batches and their order, padding and sums, is here.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from wordloom.kernels import pooled
from wordloom.kernels.pooled import Documents, UpdateRule
from wordloom.models.keras.backend import keras_module
from wordloom.models.keras.batches import batches_by_length, padded_lengths
from wordloom.models.keras.model import Making, built, set_weights
from wordloom.models.keras.shape import KerasShape
from wordloom.models.keras.steps import NO_TARGET, BackendStep, PaddedBatch
from wordloom.text.sequences import Ragged

_OPTIMIZERS = {pooled.SGD: "SGD", pooled.RMSPROP: "RMSprop", pooled.ADAM: "Adam"}


class KerasTrainer:
    """Trains a network's weights on documents; the interface is that of `kernels.pooled.PooledTrainer`.

    Parameters
    ----------
    shape : that of the network
    parameters : the weights that training starts with
    documents : what it trains on. Between runs the attribute may be set to the same with fewer ids.
    rule : optimizer and its settings. Between runs the attribute may be replaced, to let a frozen
        embedding learn.
    """

    def __init__(
        self,
        shape: KerasShape,
        parameters: Mapping[str, NDArray[np.float32]],
        documents: Documents,
        rule: UpdateRule,
    ) -> None:
        keras = keras_module(f"Training the architecture {shape.architecture!r}")
        self._shape = shape
        self.documents, self.rule = documents, rule
        n_batches = -(-len(documents.targets) // rule.batch_size)
        self._lengths = padded_lengths(np.diff(documents.offsets), n_batches)
        making = Making("linear", int(rule.seed % np.uint64(2**31)))
        model = built(keras, shape, "functional", making)
        set_weights(model, parameters)
        optimizer = getattr(keras.optimizers, _OPTIMIZERS[rule.optimizer])(learning_rate=rule.learning_rate)
        module = importlib.import_module(f"wordloom.models.keras.steps.{keras.backend.backend()}")
        self._step: BackendStep = module.make_step(model, optimizer)

    def run(self, order: NDArray[np.int64], epoch: int) -> tuple[float, int]:
        """Train on the documents `order`; the sum of their weighted losses, and how many were right."""
        losses, rights = [], []
        for batch in self._batches(order, epoch):
            loss, right = self._step.run(batch, self.rule.trains_embedding)
            losses.append((loss, int((batch.targets != NO_TARGET).sum())))
            rights.append(right)
        total = sum(float(loss) * n for loss, n in losses)
        return total, sum(int(right) for right in rights)

    def parameters(self) -> Mapping[str, NDArray[np.float32]]:
        """The weights as they are now."""
        return dict(zip(self._shape.sizes(), self._step.weights(), strict=True))

    def _batches(self, order: NDArray[np.int64], epoch: int) -> Iterator[PaddedBatch]:
        documents, size = Ragged(self.documents.ids, self.documents.offsets), self.rule.batch_size
        size = min(size, len(self.documents.targets))
        lengths = documents.lengths[order]
        for rows in self._groups(lengths, size, epoch):
            chosen = order[rows]
            length = int(self._lengths[np.searchsorted(self._lengths, lengths[rows].max())])
            ids = np.zeros((size, length), dtype=np.int32)
            ids[: len(rows)] = documents.take(chosen).padded(length, self._shape.padding)
            targets = np.full(size, NO_TARGET, dtype=np.int32)
            targets[: len(rows)] = self.documents.targets[chosen]
            weights = np.zeros(size, dtype=np.float32)
            weights[: len(rows)] = self.documents.weights[chosen] / len(rows)
            yield PaddedBatch(ids, targets, weights)

    def _groups(self, lengths: NDArray[np.int64], size: int, epoch: int) -> Iterator[NDArray[np.int64]]:
        """Which of the documents stand in a batch together: those of similar length, in random order."""
        if len(lengths) == 0 or lengths.min() == lengths.max():
            yield from (np.arange(a, min(a + size, len(lengths))) for a in range(0, len(lengths), size))
            return
        groups = list(batches_by_length(lengths, size))
        rng = np.random.default_rng([int(self.rule.seed), 4, epoch, len(lengths)])
        yield from (groups[number] for number in rng.permutation(len(groups)))
