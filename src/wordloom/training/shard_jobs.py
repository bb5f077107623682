"""Jobs on shards of documents: what a convex loss and its gradient are made of.

A shard lies in the store as its documents' rows, and again the other way round, as the documents that hold
each of its rows: so logits and gradient are the same kernel's sums, each of which is added up one term
after the other, whatever the number of threads. Rows are numbered from 0 in each shard, which keeps what is
read out of order small, and the gradient of the rows that a shard does not have is not handed over.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wordloom.kernels import linear_kernels
from wordloom.kernels.threads import over_ranges
from wordloom.models.output import Output
from wordloom.text.ngram_union import compact
from wordloom.text.on_disk.part_jobs import PartJob
from wordloom.text.sequences import offsets_of

_PASSES = 20
"""So often, or oftener, a shard is gone through, which is said to whoever picks kernels."""


@dataclass(frozen=True)
class ShardJob(PartJob):
    """A job on a shard."""

    def mapped(self, name: str, dtype: Any) -> NDArray[Any]:
        """An array of the shard."""
        return self.place.store.mapped(self.own(name), dtype)


@dataclass(frozen=True)
class IndexJob(ShardJob):
    """From the rows of a shard's documents to those that it has, its documents as these, and the other way
    round.

    Parameters
    ----------
    n_rows : V
    """

    n_rows: int

    def work(self) -> None:
        from scipy.sparse import csr_array

        store, lengths = self.place.store, self.mapped("lengths", np.int64)
        held, rows = compact(self.mapped("rows", np.int32), self.n_rows)
        there = np.ones(len(rows), dtype=np.int8)
        columns = csr_array((there, rows, offsets_of(lengths)), shape=(len(lengths), len(held))).tocsc()
        store.put(self.own("held"), held)
        store.put(self.own("places"), rows)
        store.put(self.own("holders"), columns.indices.astype(np.int32))
        store.put(self.own("holders-from"), columns.indptr.astype(np.int64))


@dataclass(frozen=True)
class LossJob(ShardJob):
    """The loss of a shard's documents and its gradient.

    Parameters
    ----------
    n_classes, target : of the output
    members : name of the weights that documents have in the loss
    at : name of the parameters at which it is asked for: weights (V, K), then bias (K,)

    Leaves, under `gradient_name`, the gradient by the weights of the shard's own rows (U, K), by the bias
    (K,), the loss, and the sum of the right answers of documents that count.
    """

    n_classes: int
    target: str
    members: str
    at: str

    def work(self) -> None:
        output, place = Output(self.n_classes, self.target), self.place
        k = output.n_logits
        parameters = place.store.mapped(self.at, np.float64).reshape(-1, k)
        table = parameters[self.mapped("held", np.int64)]
        scales = self.mapped("scales", np.float64)[:, None]
        targets = self.mapped("targets", np.float32 if output.independent else np.int32)
        targets = targets.reshape(-1, k) if output.independent else targets
        weights = self.mapped(self.members, np.float64)
        documents = self._sums("places", offsets_of(self.mapped("lengths", np.int64)), table)
        logits = documents * scales + parameters[-1]
        losses, slopes = output.losses_and_slopes(logits, targets)
        slopes *= weights[:, None]
        rows = self._sums("holders", self.mapped("holders-from", np.int64), slopes * scales)
        right = output.right(logits, targets)
        sums = np.array([(weights * losses).sum(), right[weights > 0].sum()])
        found = np.concatenate([rows.ravel(), slopes.sum(axis=0), sums])
        place.store.put(gradient_name(self.part, self.at), found)

    def _sums(self, name: str, bounds: NDArray[np.int64], table: NDArray[np.float64]) -> NDArray[np.float64]:
        """float64 (n, K): for each of n ranges of the numbers `name`, the sum of the rows that they name."""
        numbers = self.mapped(name, np.int32)
        kernels = linear_kernels(_PASSES * len(numbers))
        parts = over_ranges(
            lambda a, b: kernels.row_sums(numbers, bounds[a : b + 1], table), bounds, self.place.threads
        )
        return np.concatenate(parts)


def gradient_name(shard: int, at: str) -> str:
    """Where the gradient of a shard is, at these parameters."""
    return f"{shard}-gradient-{at}"
