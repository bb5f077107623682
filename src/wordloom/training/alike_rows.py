"""AlikeRows: rows that stand in the same documents, which learn as one.

Nothing tells such rows apart: they begin alike, and every step moves them alike. So one of them learns, as
fast as all of them do together, and what it has learned is shared out in the end. Of the words and pairs of
messages or questions most stand in one document, and a third of all numbers that a document is made of are
of rows that others say as well. Where rows are left out of steps by chance, they do differ.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wordloom.kernels import ngram_counting_kernels
from wordloom.text.sequences import Ragged


@dataclass(frozen=True, eq=False)
class AlikeRows:
    """V rows in G groups.

    Parameters
    ----------
    groups : int32 (V,), the group of each row
    learning : bool (V,), the first row of each group
    sizes : float32 (G,), how many rows are in each
    """

    groups: NDArray[np.int32]
    learning: NDArray[np.bool_]
    sizes: NDArray[np.float32]

    @staticmethod
    def among(parts: Sequence[Ragged], n_rows: int) -> AlikeRows:
        """The groups of rows that stand in the same documents of all parts."""
        kernels = ngram_counting_kernels(sum(len(part.ids) for part in parts))
        lowest, *others = (kernels.alike(part.ids, part.offsets, n_rows) for part in parts)
        for other in others:
            both = lowest.astype(np.int64) * n_rows + other
            _, first, places = np.unique(both, return_index=True, return_inverse=True)
            lowest = first[places]
        learning = lowest == np.arange(n_rows)
        groups = (np.cumsum(learning, dtype=np.int32) - 1)[lowest]
        return AlikeRows(groups, learning, np.bincount(groups).astype(np.float32))

    def __len__(self) -> int:
        return len(self.sizes)

    def merged(self, documents: Ragged) -> Ragged:
        """Documents as the groups that they hold, each once."""
        return documents.changed(
            lambda some: Ragged(self.groups[some.ids], some.offsets).where(self.learning[some.ids])
        )

    def shared_out(self, weights: NDArray[np.float32]) -> NDArray[np.float32]:
        """Weights (V, K) of the rows from those of the groups (G, K)."""
        return np.asarray((weights / self.sizes[:, None])[self.groups])
