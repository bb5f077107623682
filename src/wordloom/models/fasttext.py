"""FastTextNetwork: fastText's supervised classifier; ids in, fastText's probabilities out.

A text is the mean of the rows of its words and hashed n-grams, and an output layer without bias makes of it
what the loss it was trained with asks for: a softmax, the decisions of a hierarchical softmax, or a sigmoid
for each label (one-vs-all and negative sampling), which fastText takes from a table of 512 steps. Quantized
matrices stay quantized. Training is not done here: fastText has trained it.

What fastText prints is not the probability, but what it becomes after 0.00001 was added (`reported`).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from wordloom.errors import DataError, UsageError
from wordloom.models.label_tree import LabelTree, rounded_exp
from wordloom.models.output import HasOutput, Output
from wordloom.models.weights import check_sizes, stored_weights
from wordloom.plain_values import check_choices, check_ranges, from_plain
from wordloom.targets import MULTILABEL, SINGLE
from wordloom.text.sequences import Ragged
from wordloom.vectors.coded_rows import CodedRows, Rows, mean_rows, row_dots

LOSSES = SOFTMAX, HIERARCHICAL, ONE_VS_ALL, NEGATIVE_SAMPLING = "softmax", "hs", "ova", "ns"
_ADDED = 1e-5
_STEPS, _HIGHEST = 512, 8
_STEP_ENDS = np.arange(_STEPS + 1, dtype=np.float32) * np.float32(2 * _HIGHEST) / _STEPS - np.float32(
    _HIGHEST
)
_SIGMOIDS = (1.0 / (1.0 + rounded_exp(-_STEP_ENDS).astype(np.float64))).astype(np.float32)
_TEXTS_AT_ONCE = 1 << 14
_INPUT, _OUTPUT = "input.", "output."


def table_sigmoid(scores: NDArray[Any]) -> NDArray[np.float64]:
    """fastText's sigmoid: that of the step below, 0 and 1 beyond 8."""
    steps = np.clip(np.nan_to_num(scores), -_HIGHEST, _HIGHEST).astype(np.float32)
    places = ((steps + np.float32(_HIGHEST)) * np.float32(_STEPS) / _HIGHEST / 2).astype(np.int64)
    found = _SIGMOIDS[places].astype(np.float64)
    return np.asarray(np.where(scores < -_HIGHEST, 0.0, np.where(scores > _HIGHEST, 1.0, found)))


def float_softmax(scores: NDArray[Any]) -> NDArray[np.float64]:
    """fastText's softmax, whose sums are of float32 one after the other."""
    narrow = scores.astype(np.float32)
    odds = rounded_exp(narrow - narrow.max(axis=1, keepdims=True))
    totals = np.cumsum(odds, axis=1, dtype=np.float32)[:, -1:]
    return np.asarray(odds / totals, dtype=np.float64)


class FastTextOutput(Output):
    """What the logits mean: as elsewhere, but for independent labels with fastText's sigmoid."""

    def of_class_logits(self, class_logits: NDArray[np.float64]) -> NDArray[np.float64]:
        """See `Output`."""
        return table_sigmoid(class_logits) if self.target == MULTILABEL else float_softmax(class_logits)


@dataclass(frozen=True)
class FastTextShape(HasOutput):
    """The form of the network.

    Parameters
    ----------
    architecture : "fasttext"
    n_rows : R of the input matrix, words and n-grams
    dimensions : D
    n_classes : C, the labels
    loss : of LOSSES
    input_width, output_width : numbers in a piece of a quantized matrix's rows; 0 if it is not quantized
    target : several labels for losses that judge each by itself, else a single one
    """

    architecture: str
    n_rows: int
    dimensions: int
    n_classes: int
    loss: str
    input_width: int = 0
    output_width: int = 0
    target: str = SINGLE

    maxlen: ClassVar[int | None] = None

    def __post_init__(self) -> None:
        check_choices(self, architecture=("fasttext",), loss=LOSSES)
        if self.target != (MULTILABEL if self.independent else SINGLE):
            raise DataError(f"'target' must be that of the loss {self.loss!r}, not {self.target!r}.")
        self.check_output()
        check_ranges(self, n_rows=(0, 2**31 - 2), dimensions=(1, 2**31 - 1))
        check_ranges(self, **dict.fromkeys(("input_width", "output_width"), (0, 2**31 - 1)))

    @property
    def independent(self) -> bool:
        """Whether each label has a probability of its own."""
        return self.loss in (ONE_VS_ALL, NEGATIVE_SAMPLING)

    @property
    def output(self) -> Output:
        """What the logits mean."""
        return FastTextOutput(self.n_classes, self.target)


@dataclass(frozen=True, eq=False)
class FastTextNetwork:
    """A shape, two matrices, and for a hierarchical softmax the labels' counts.

    Parameters
    ----------
    shape : FastTextShape
    input : (R, D), dense or quantized
    output_rows : (C, D); of the hierarchical softmax the first C - 1 are those of the tree's inner nodes
    label_counts : int64 (C,), in how many training texts each label stood
    """

    kind: ClassVar[str] = "fasttext"

    shape: FastTextShape
    input: Rows
    output_rows: Rows
    label_counts: NDArray[np.int64]

    def __post_init__(self) -> None:
        shape = self.shape
        found = self.input.shape, self.output_rows.shape, self.label_counts.shape
        if found != (
            (shape.n_rows, shape.dimensions),
            (shape.n_classes, shape.dimensions),
            (shape.n_classes,),
        ):
            raise DataError(
                f"matrices of {found[0]} and {found[1]} and {found[2]} counts do not fit {shape.n_rows:,} "
                f"rows of {shape.dimensions:,} numbers and {shape.n_classes:,} labels."
            )
        if shape.loss == HIERARCHICAL:
            self.tree.children.flags.writeable = False

    @staticmethod
    def from_config(config: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> FastTextNetwork:
        """The inverse of `arrays`; DataError names a value or an array that is missing or does not fit."""
        shape = from_plain(FastTextShape, config, "network")
        check_sizes(arrays, {"label_counts": (shape.n_classes,)})
        counts = arrays["label_counts"]
        if counts.dtype != np.int64:
            raise DataError(f"the weights 'label_counts' should be int64, found {counts.dtype}.")
        inner = _stored_rows(arrays, _INPUT, (shape.n_rows, shape.dimensions), shape.input_width)
        outer = _stored_rows(arrays, _OUTPUT, (shape.n_classes, shape.dimensions), shape.output_width)
        return FastTextNetwork(shape, inner, outer, counts)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Name -> array, the inverse of `from_config`."""
        counts: dict[str, NDArray[Any]] = {"label_counts": self.label_counts}
        return {**_row_arrays(self.input, _INPUT), **_row_arrays(self.output_rows, _OUTPUT), **counts}

    @property
    def n_ids(self) -> int:
        """One more than the highest id: rows are numbered from 1."""
        return self.shape.n_rows + 1

    @property
    def described(self) -> str:
        """The network in a few words."""
        shape = self.shape
        quantized = ", quantized" if isinstance(self.input, CodedRows) else ""
        return f"fastText, {shape.dimensions} dimensions, {shape.n_rows:,} rows, {shape.loss}{quantized}"

    @property
    def embedding(self) -> None:
        """Rows are no word vectors where words have n-grams of characters; see `TextModel.vectors`."""
        return None

    def scaled(self, factor: float) -> FastTextNetwork:
        """UsageError: its answers are those of fastText."""
        raise UsageError("The logits of a fastText model stay as fastText has trained them.")

    def shifted(self, offsets: NDArray[np.float64]) -> FastTextNetwork:
        """UsageError: its answers are those of fastText."""
        return self.scaled(1.0)

    def prepared(self, ids: Ragged) -> Ragged:
        """N documents of ids as rows of the input matrix."""
        ids.refuse_outside(self.n_ids)
        if len(ids.ids) and not ids.ids.all():
            ids = ids.where(ids.ids > 0)
        return Ragged(ids.ids - np.int32(1), ids.offsets)

    def hidden(self, prepared: Ragged, threads: int | None = None) -> NDArray[np.float32]:
        """float32 (N, D): the mean of each document's rows."""
        return mean_rows(self.input, prepared, threads)

    def scores(self, prepared: Ragged, threads: int | None = None) -> NDArray[np.float32]:
        """float32 (N, C): each document's mean times the rows of the output matrix."""
        return row_dots(self.output_rows, self.hidden(prepared, threads))

    def logits(self, prepared: Ragged, threads: int | None = None) -> NDArray[np.float32]:
        """(N, K) for N prepared documents; the bits do not depend on `threads`.

        Of the hierarchical softmax they are log-probabilities; of its two labels, log-odds.
        """
        parts = [self._logits(self.scores(some, threads)) for some in self._chunks(prepared)]
        return np.concatenate([np.zeros((0, self.shape.n_logits), dtype=np.float32), *parts])

    def _logits(self, scores: NDArray[np.float32]) -> NDArray[np.float32]:
        output = self.shape.output
        if self.shape.loss == HIERARCHICAL:
            scores = self.tree.log_probabilities(scores[:, :-1])  # type: ignore[assignment]
        if output.n_logits == output.n_classes:
            return scores.astype(np.float32)
        return (scores[:, 1:] - scores[:, :1]).astype(np.float32)

    def _chunks(self, prepared: Ragged) -> list[Ragged]:
        firsts = range(0, len(prepared), _TEXTS_AT_ONCE)
        return [prepared.take(np.arange(a, min(a + _TEXTS_AT_ONCE, len(prepared)))) for a in firsts]

    def probabilities(self, ids: Ragged, threads: int | None = None) -> NDArray[np.float64]:
        """(N, C): the probability of each label; rows sum to 1, but for losses that judge each by itself."""
        return self.shape.output.probabilities(self.logits(self.prepared(ids), threads))

    def reported(
        self, ids: Ragged, threads: int | None = None
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """float32 (N, C) twice: what fastText compares with a threshold, and the logarithms that it sorts
        by and whose exponentials it prints."""
        scores = self.scores(self.prepared(ids), threads)
        if self.shape.loss == HIERARCHICAL:
            logs = self.tree.reported(scores[:, :-1])
            return (np.exp(logs.astype(np.float64)) - _ADDED).astype(np.float32), logs
        plain = self.shape.output.of_class_logits(scores.astype(np.float64)).astype(np.float32)
        return plain, np.log(plain.astype(np.float64) + _ADDED).astype(np.float32)

    @cached_property
    def tree(self) -> LabelTree:
        return LabelTree.of(self.label_counts)


def _row_arrays(rows: Rows, prefix: str) -> dict[str, NDArray[Any]]:
    if not isinstance(rows, CodedRows):
        return {f"{prefix}rows": rows}
    named: dict[str, NDArray[Any]] = {"codes": rows.codes, "centroids": rows.centroids}
    if len(rows.norms):
        named |= {"norm_codes": rows.norm_codes, "norms": rows.norms}
    return {prefix + name: array for name, array in named.items()}


def _stored_rows(arrays: dict[str, NDArray[Any]], prefix: str, size: tuple[int, int], width: int) -> Rows:
    if not width:
        return stored_weights(arrays, {f"{prefix}rows": size})[f"{prefix}rows"]
    sizes: dict[str, tuple[int, ...]] = {
        f"{prefix}codes": (size[0], -(-size[1] // width)),
        f"{prefix}centroids": (256 * size[1],),
    }
    if f"{prefix}norms" in arrays:
        sizes |= {f"{prefix}norm_codes": (size[0],), f"{prefix}norms": (256,)}
    found = stored_weights(arrays, sizes, {f"{prefix}{name}": np.uint8 for name in ("codes", "norm_codes")})
    nothing = np.zeros(0, dtype=np.uint8), np.zeros(0, dtype=np.float32)
    return CodedRows(
        found[f"{prefix}codes"],
        found[f"{prefix}centroids"],
        width,
        found.get(f"{prefix}norm_codes", nothing[0]),
        found.get(f"{prefix}norms", nothing[1]),
    )
