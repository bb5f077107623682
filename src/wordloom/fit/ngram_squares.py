"""The n-gram model of few labels: one classifier on words and characters together, by least squares.

With few labels there are not enough texts to hold some out, and what few held-out texts say of the number of
epochs is noise. This classifier has no epochs, and leaves each text out in its turn for nothing (see
`wordloom.fit.least_squares`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wordloom.fit.inputs import Task
from wordloom.fit.least_squares import LeastSquares, fit_least_squares
from wordloom.fit.ngram_part import NgramPart
from wordloom.models.ngram import document_scales
from wordloom.setting import AUTO
from wordloom.settings import Settings
from wordloom.targets import SINGLE
from wordloom.text.sequences import Ragged

FEW_LABELS = 1_000
"""Below so many labelled texts, what is known besides them counts most."""
_RARITY = 2.0
"""Power of the inverse document frequency that a row's value is: 2 told news and tweets apart better by 1 to
1.7 points with 8 and 32 labels a class, and others no worse."""


_MANY_WORDS = 250_000
"""In texts of more words the products of all pairs of texts take seconds: 4 of 7 on 822 news articles."""


def learns_by_squares(task: Task, words: int) -> bool:
    """Whether there are few labels, one of them for each text, no other solver and no settings of training by
    steps.

    words : in the texts; with very many it is left to the others, if texts are held out for them
    """
    few = len(task.corpus) < FEW_LABELS and task.output.target == SINGLE
    long = words > _MANY_WORDS and len(task.held_out()[1]) > 0
    chosen = task.settings.solver == AUTO and not asks_for_steps(task.settings)
    return few and not long and chosen


def asks_for_steps(settings: Settings) -> bool:
    """Whether something is set that only training by steps has a use for."""
    steps = settings.epochs, settings.learning_rate, settings.dropout
    return any(value != AUTO for value in steps)


class SquaresOnNgrams:
    """Least squares on N of a task's texts, as rows of each part; every part counts as much.

    members : the numbers of the texts to learn from

    A row's value is a power of its inverse document frequency times the text's scale. How large the values of
    a part are, is made equal over the parts.
    """

    def __init__(self, task: Task, parts: Sequence[NgramPart], members: NDArray[np.int64]) -> None:
        self._parts = [_PartRows(part, members) for part in parts]
        products = sum(part.products() for part in self._parts)
        self.found: LeastSquares = fit_least_squares(
            np.asarray(products), task.targets[members], task.weights[members], len(task.classes)
        )

    def weights(self) -> list[tuple[NDArray[np.float32], NDArray[np.float32]]]:
        """For each part the weights (V, K) and bias (K,) of a network on it; the first one has the bias."""
        bias = self.found.bias.astype(np.float32)
        found = [part.weights(self.found.coefficients) for part in self._parts]
        return [(own, bias if number == 0 else np.zeros_like(bias)) for number, own in enumerate(found)]

    def record(self) -> dict[str, Any]:
        """An entry for the model's record."""
        found, texts = self.found, len(self.found.left_out)
        crossed = {"texts": texts, "accuracy": found.accuracy, "loss": found.loss}
        return {
            "least_squares": {
                "strength": found.strength,
                "cross_validation": None if found.loss is None else crossed,
            }
        }


class _PartRows:
    """N texts as rows of a part: a sparse matrix (N, V) of scales, and the values of its rows (V,)."""

    def __init__(self, part: NgramPart, members: NDArray[np.int64]) -> None:
        rows = part.rows.take(members)
        self._scaled = _matrix(rows, document_scales(rows.lengths, part.shape.mean_rows), part.n_rows)
        frequencies = np.bincount(rows.ids, minlength=part.n_rows)
        values = (np.log((1 + len(rows)) / (1 + frequencies)) + 1) ** _RARITY
        values[frequencies == len(rows)] = 0
        size = float(np.square(self._scaled.multiply(values).data).sum()) / max(len(rows), 1)
        self._values = values / np.sqrt(max(size, 1e-300))

    def products(self) -> NDArray[np.float64]:
        """float64 (N, N), the inner products of the texts."""
        features = self._scaled.multiply(self._values).tocsr()
        return np.asarray((features @ features.T).toarray())

    def weights(self, coefficients: NDArray[np.float64]) -> NDArray[np.float32]:
        """float32 (V, K), what each row adds to a text's logits, before its scale."""
        sums = np.asarray(self._scaled.T @ coefficients)
        return np.asarray(sums * np.square(self._values)[:, None], dtype=np.float32)


def _matrix(rows: Ragged, scales: NDArray[np.float32], width: int) -> Any:
    from scipy.sparse import csr_array

    data = np.repeat(scales.astype(np.float64), rows.lengths)
    return csr_array((data, rows.ids, rows.offsets), shape=(len(rows), width))
