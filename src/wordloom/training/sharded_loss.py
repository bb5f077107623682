"""ShardedLoss: the loss of documents and its gradient, from jobs on shards, added up in a fixed binary tree.

Shards are cut by the documents alone, and sums of floating-point numbers are added in the order of a tree
over the numbers of the shards. So the bits do not depend on who does the jobs, on how many of them there are,
or on which of them is done first.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from wordloom.kernels.linear import Examples
from wordloom.models.output import Output
from wordloom.text.on_disk.ordered_jobs import OrderedJobs
from wordloom.text.on_disk.part_jobs import Workplace, part_name
from wordloom.training.shard_jobs import IndexJob, LossJob, gradient_name

ROWS_OF_A_SHARD = 4_000_000
MOST_SHARDS = 64
"""What a shard gives is as large as its part of the weights, and one process adds it up: hence not more."""


class LossAt(NamedTuple):
    """The sum of the documents' losses and of their right answers, and the gradient of the first by weights
    (V, K) and bias (K,), which come one after the other."""

    loss: float
    right: float
    gradient: NDArray[np.float64]


class ShardedLoss:
    """The loss of N documents.

    Parameters
    ----------
    examples : the documents; their weights are not used
    members : float64 (N,) by name, how much each document counts in the loss
    output : what the logits mean
    n_rows : V
    place, jobs : where jobs work, and what has them done
    """

    def __init__(
        self,
        examples: Examples,
        members: Mapping[str, NDArray[np.float64]],
        output: Output,
        n_rows: int,
        place: Workplace,
        jobs: OrderedJobs,
    ) -> None:
        self._output, self._n_rows, self._place, self._jobs = output, n_rows, place, jobs
        self._bounds = shard_bounds(examples.offsets)
        self._asked = 0
        for shard, (first, last) in enumerate(self._ranges()):
            self._put(shard, examples, members, slice(first, last))
        index = [IndexJob(place, shard, self._name(shard), n_rows) for shard in range(len(self))]
        self._held = [self._indexed(shard) for shard in jobs.in_order(index)]

    def __len__(self) -> int:
        """How many shards there are."""
        return len(self._bounds) - 1

    def at(self, parameters: NDArray[np.float64], members: str) -> LossAt:
        """The loss at weights (V, K) and bias (K,), one after the other, of documents that count as `members`
        say."""
        store, k = self._place.store, self._output.n_logits
        self._asked += 1
        at = f"at-{self._asked}"
        store.put(at, parameters)
        values = self._output.n_classes, self._output.target, members, at
        jobs = [LossJob(self._place, shard, self._name(shard), *values) for shard in range(len(self))]
        gradient, rest = TreeSum(), TreeSum()
        for shard in self._jobs.in_order(jobs):
            found = store.mapped(gradient_name(shard, at), np.float64)
            held = self._held[shard]
            gradient.add_at(held, found[: len(held) * k].reshape(-1, k), self._n_rows)
            rest.add(found[len(held) * k :].copy())
            store.drop(gradient_name(shard, at))
        store.drop(at)
        by_bias, (loss, right) = np.split(rest.total(), [k])
        return LossAt(float(loss), float(right), np.concatenate([gradient.total().ravel(), by_bias]))

    def _ranges(self) -> Iterator[tuple[int, int]]:
        return zip(self._bounds[:-1], self._bounds[1:], strict=True)

    def _name(self, shard: int) -> str:
        return f"texts {self._bounds[shard] + 1:,} to {self._bounds[shard + 1]:,}"

    def _indexed(self, shard: int) -> NDArray[np.int64]:
        """The rows that a shard has; as places among them it has its documents' rows from now on."""
        store = self._place.store
        store.drop(part_name(shard, "rows"))
        return store.mapped(part_name(shard, "held"), np.int64)

    def _put(
        self, shard: int, examples: Examples, members: Mapping[str, NDArray[np.float64]], inside: slice
    ) -> None:
        """Leave a shard in the store, for its jobs."""
        offsets = examples.offsets[inside.start : inside.stop + 1]
        arrays = {
            "rows": examples.rows[offsets[0] : offsets[-1]],
            "lengths": np.diff(offsets),
            "scales": examples.scales[inside].astype(np.float64),
            "targets": examples.targets[inside].ravel(),
            **{name: counts[inside] for name, counts in members.items()},
        }
        for name, array in arrays.items():
            self._place.store.put(part_name(shard, name), array)


def shard_bounds(offsets: NDArray[np.int64]) -> list[int]:
    """The documents at which shards begin, and N at the end, from where each document's rows begin (N+1,)."""
    rows = int(offsets[-1] - offsets[0])
    shards = int(np.clip(rows // ROWS_OF_A_SHARD, 1, MOST_SHARDS))
    wanted = offsets[0] + rows * np.arange(1, shards) // shards
    inner = np.unique(np.searchsorted(offsets, wanted)).tolist()
    n = len(offsets) - 1
    return [0, *(place for place in inner if 0 < place < n), n]


class TreeSum:
    """The sum of arrays that come one after the other: the first with the second, the third with the fourth,
    then these sums in the same way. Only as many arrays are kept as the tree has levels."""

    def __init__(self) -> None:
        self._levels: list[NDArray[np.float64] | None] = []

    def add(self, array: NDArray[np.float64], level: int = 0) -> None:
        """The next array, which may be changed."""
        while level < len(self._levels) and (other := self._levels[level]) is not None:
            other += array
            array, self._levels[level] = other, None
            level += 1
        self._levels += [None] * (level + 1 - len(self._levels))
        self._levels[level] = array

    def add_at(self, rows: NDArray[np.int64], values: NDArray[np.float64], n_rows: int) -> None:
        """The next array, of n_rows rows (V, K) that are 0 but for those named, which are `values`."""
        if self._levels and (first := self._levels[0]) is not None:
            self._levels[0] = None
            first[rows] += values
            self.add(first, 1)
            return
        array = np.zeros((n_rows, values.shape[1]))
        array[rows] = values
        self.add(array)

    def total(self) -> NDArray[np.float64]:
        """The sum of all; what is left without a partner joins at the end, the newest first."""
        left = [array for array in self._levels if array is not None]
        total = left[0]
        for array in left[1:]:
            total = array + total
        return total
