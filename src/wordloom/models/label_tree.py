"""LabelTree: the binary tree of a hierarchical softmax, as fastText builds it from the labels' counts.

It is Huffman's: the two rarest nodes become one, again and again. A label's probability is the product of the
decisions on the way to it, and each inner node decides by a row of the output matrix.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wordloom.errors import DataError

_MOST_COUNTED = 10**15
"""fastText's count of a node that is not made yet; labels that stand in more texts would build no tree."""


def rounded_exp(values: NDArray[Any]) -> NDArray[np.float32]:
    """float32: the exponentials as C's library rounds them; NumPy's of float32 differ in the last bit."""
    with np.errstate(over="ignore"):  # infinity
        return np.asarray(np.exp(values.astype(np.float64)), dtype=np.float32)


@dataclass(frozen=True, eq=False)
class LabelTree:
    """C leaves and C - 1 inner nodes.

    Parameters
    ----------
    children : int64 (C - 1, 2), the left and the right node of each inner node; leaves are 0 to C - 1, the
        inner node of row i is C + i, the last one the root
    """

    children: NDArray[np.int64]

    @staticmethod
    def of(counts: NDArray[np.int64]) -> LabelTree:
        """The tree of labels that stand in so many texts, in the order of the dictionary.

        Raises DataError for counts below 0 or beyond what a tree can be built from.
        """
        if (counts < 0).any() or float(counts.astype(np.float64).sum()) >= _MOST_COUNTED:
            raise DataError("the labels' counts are below 0 or far too high to build their tree from.")
        c = len(counts)
        weights = [*counts.tolist(), *[_MOST_COUNTED] * (c - 1)]
        leaf, node, children = c - 1, c, []
        for made in range(c, 2 * c - 1):
            pair = []
            for _ in range(2):
                if leaf >= 0 and weights[leaf] < weights[node]:
                    pair.append(leaf)
                    leaf -= 1
                else:
                    pair.append(node)
                    node += 1
            weights[made] = weights[pair[0]] + weights[pair[1]]
            children.append(pair)
        return LabelTree(np.array(children, dtype=np.int64).reshape(-1, 2))

    def log_probabilities(self, scores: NDArray[np.float32]) -> NDArray[np.float64]:
        """float64 (N, C): of each label, from the inner nodes' scores (N, C - 1)."""
        wide = scores.astype(np.float64)
        return self._down(-np.logaddexp(0.0, wide), -np.logaddexp(0.0, -wide))

    def reported(self, scores: NDArray[np.float32]) -> NDArray[np.float32]:
        """float32 (N, C): the logarithms that fastText says, which adds 0.00001 to every decision."""
        right = (1.0 / (1.0 + rounded_exp(-scores)).astype(np.float64)).astype(np.float32)
        left = (1.0 - right.astype(np.float64)).astype(np.float32)
        return self._down(
            *(np.log(each.astype(np.float64) + 1e-5).astype(np.float32) for each in (left, right))
        )

    def leaves(self) -> NDArray[np.int64]:
        """int64 (C,): the labels from left to right."""
        c, found = len(self.children) + 1, []
        waiting = [2 * c - 2]
        while waiting:
            node = waiting.pop()
            if node < c:
                found.append(node)
            else:
                waiting += self.children[node - c].tolist()[::-1]
        return np.array(found, dtype=np.int64)

    def slopes(self, scores: NDArray[np.float32], columns: NDArray[np.int64]) -> NDArray[np.float64]:
        """float64 (N, C - 1): how the log-probability of one label of each text changes with the scores."""
        right = 1 / (1 + np.exp(-np.clip(scores.astype(np.float64), -700, 700)))
        found = np.zeros_like(right)
        parents = self._parents()
        for column in np.unique(columns).tolist():
            texts, node = columns == column, column
            while (above := parents[node]) is not None:
                row, is_right = above
                found[texts, row] = is_right - right[texts, row]
                node = row + len(self.children) + 1
        return found

    def _down(self, left: NDArray[np.floating], right: NDArray[np.floating]) -> NDArray:  # type: ignore[type-arg]
        """(N, C): the sums of the decisions' logarithms (N, C - 1) from the root to each leaf."""
        c = len(self.children) + 1
        sums = np.zeros((len(left), 2 * c - 1), dtype=left.dtype)
        for row in range(c - 2, -1, -1):
            for child, logs in zip(self.children[row].tolist(), (left, right), strict=True):
                sums[:, child] = sums[:, c + row] + logs[:, row]
        return sums[:, :c]

    def _parents(self) -> list[tuple[int, int] | None]:
        """The inner node above each node, and whether the way from it goes right."""
        found: list[tuple[int, int] | None] = [None] * (2 * len(self.children) + 1)
        for row, pair in enumerate(self.children.tolist()):
            for is_right, child in enumerate(pair):
                found[child] = row, is_right
        return found
