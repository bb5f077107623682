"""The training step on PyTorch, which runs it without compiling."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from wordloom.models.keras.model import weight_variables
from wordloom.models.keras.steps import PaddedBatch


def make_step(model: Any, optimizer: Any) -> TorchStep:
    """The step of a model that gives logits."""
    return TorchStep(model, optimizer)


class TorchStep:
    """The weights stay in the model's variables."""

    def __init__(self, model: Any, optimizer: Any) -> None:
        self._model, self._optimizer = model, optimizer
        self._variables = weight_variables(model)
        optimizer.build(self._variables)

    def run(self, batch: PaddedBatch, trains_embedding: bool) -> tuple[Any, Any]:
        ids, targets, weights = (torch.from_numpy(part) for part in batch)
        for variable in self._variables:
            variable.value.grad = None
        losses, right = _losses_and_hits(self._model(ids, training=True), targets)
        loss = (losses * weights).sum()
        loss.backward()  # type: ignore[no-untyped-call]
        gradients = [variable.value.grad for variable in self._variables]
        if not trains_embedding:
            gradients[0] = torch.zeros_like(gradients[0])
        with torch.no_grad():
            self._optimizer.apply(gradients, self._variables)
        return loss.detach(), right.sum()

    def weights(self) -> list[NDArray[np.float32]]:
        return [variable.value.detach().cpu().numpy().copy() for variable in self._variables]


def _losses_and_hits(logits: Any, targets: Any) -> Any:
    """Cross-entropies (B,) and whether the likeliest class is right (B,), from logits (B, K)."""
    known = targets.clamp(min=0)
    if logits.shape[1] == 1:
        z = logits[:, 0]
        losses = functional.binary_cross_entropy_with_logits(z, known.to(z.dtype), reduction="none")
        return losses, (z > 0).to(targets.dtype) == targets
    losses = functional.cross_entropy(logits, known.long(), reduction="none")
    return losses, logits.argmax(dim=1).to(targets.dtype) == targets
