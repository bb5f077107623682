"""A step of training through Keras: its batch, and what the step of every backend offers.

The steps are in modules named after the backends; a backend's own package is imported there only.
"""

from __future__ import annotations

from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

NO_TARGET = -1
"""The class of rows that only fill up a batch: never right, and without weight."""


class PaddedBatch(NamedTuple):
    """B documents of one step; a batch that is not full is filled up, so that few shapes occur.

    ids : int32 (B, L)
    targets : int32 (B,), NO_TARGET for rows that fill up
    weights : float32 (B,), how much each document counts in the gradient: its weight over the batch's size
    """

    ids: NDArray[np.int32]
    targets: NDArray[np.int32]
    weights: NDArray[np.float32]


class BackendStep(Protocol):
    """One step on a batch, for one backend."""

    def run(self, batch: PaddedBatch, trains_embedding: bool) -> tuple[Any, Any]:
        """Learn from a batch; its weighted loss and how many are right, as the backend's numbers."""

    def weights(self) -> list[NDArray[np.float32]]:
        """Copies of the weights as they are now, in Keras' order."""
