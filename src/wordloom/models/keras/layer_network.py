"""KerasNetwork: an embedding and Keras' layers behind it; ids in, probabilities out, without Keras.

It holds the weights under plain names and predicts in NumPy, so that a saved model answers at once. Keras
trains it (see `trainer`) and gets it back (see `model`). Initial values are Keras' own.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from wordloom.kernels.pooled import Documents, UpdateRule
from wordloom.kernels.threads import thread_count
from wordloom.models.keras.batches import batches_by_length
from wordloom.models.keras.shape import EMBEDDING, KerasShape
from wordloom.models.layers import LSTM, Bidirectional, Conv1D, Flow, KerasLayer
from wordloom.models.weights import check_sizes, stored_weights
from wordloom.plain_values import from_plain
from wordloom.text.conventions import PADDING_ID
from wordloom.text.sequences import Ragged

_TOGETHER = 256
"""Documents that are predicted in one go: enough for fast matrix products."""
_IDS_IN_WINDOWS = 1 << 14
"""Ids that a convolution takes in one go: every id is copied into each window that holds it."""


@dataclass(frozen=True, eq=False)
class KerasNetwork:
    """A shape and its weights, float32 under the names of `KerasShape.sizes`, laid out as Keras has them."""

    shape: KerasShape
    parameters: Mapping[str, NDArray[np.float32]]
    kind: ClassVar[str] = "keras"

    def __post_init__(self) -> None:
        check_sizes(self.parameters, self.shape.sizes())

    @staticmethod
    def initial(shape: KerasShape, seed: int) -> KerasNetwork:
        """A network with Keras' initial values, drawn from `seed`."""
        rng = np.random.default_rng([seed, 0])
        parameters = {}
        layers = {prefix: layer for prefix, layer, _ in shape.forms()}
        for name, size in shape.sizes().items():
            prefix = name.split(".")[0] + "."
            parameters[name] = _initial(name.split(".")[-1], size, layers.get(prefix), rng)
        return KerasNetwork(shape, parameters)

    @staticmethod
    def from_config(config: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> KerasNetwork:
        """A network from its shape's values and named weights; DataError names what does not fit."""
        shape = from_plain(KerasShape, config, "network")
        return KerasNetwork(shape, stored_weights(arrays, shape.sizes()))

    @property
    def n_ids(self) -> int:
        """V."""
        return self.shape.vocabulary_size

    @property
    def embedding(self) -> NDArray[np.float32]:
        """float32 (V, D)."""
        return self.parameters[EMBEDDING]

    @property
    def described(self) -> str:
        """The network in a few words."""
        shape = self.shape
        names = [type(layer).__name__ for layer in shape.chain]
        cut = "" if shape.maxlen is None else f", texts cut to {shape.maxlen:,} words"
        return f"{shape.architecture} on {shape.dimensions}-d word vectors ({', '.join(names)}){cut}"

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Name -> weights, the inverse of `from_config`."""
        return dict(self.parameters)

    def with_parameters(self, parameters: Mapping[str, NDArray[np.float32]]) -> KerasNetwork:
        """The same shape with other weights."""
        return replace(self, parameters=parameters)

    def with_embedding(self, rows: NDArray[np.float32]) -> KerasNetwork:
        """The same network with other word vectors, float32 (V, D)."""
        return self.with_parameters({**self.parameters, EMBEDDING: rows})

    def scaled(self, factor: float) -> KerasNetwork:
        """The same network with its logits multiplied by `factor`."""
        last = f"layer_{len(self.shape.chain)}."
        return self.with_parameters(
            {
                name: (array * factor).astype(array.dtype) if name.startswith(last) else array
                for name, array in self.parameters.items()
            }
        )

    def shifted(self, offsets: NDArray[np.float64]) -> KerasNetwork:
        """The same network with `offsets`, (K,), added to its logits."""
        name = f"layer_{len(self.shape.chain)}.bias"
        bias = self.parameters[name]
        return self.with_parameters({**self.parameters, name: (bias + offsets).astype(bias.dtype)})

    def prepared(self, ids: Ragged) -> Ragged:
        """Documents cut, and padded as far as the network looks at padding.

        Raises DataError for an id that the embedding has no row for.
        """
        shape = self.shape
        ids.refuse_outside(self.n_ids)
        if shape.maxlen is None:
            return ids
        ids = ids.truncated(shape.maxlen, shape.truncating)
        if not shape.padded:
            return ids
        missing = shape.maxlen - ids.lengths
        return _with_padding(ids, missing if shape.reach is None else np.minimum(missing, shape.reach), shape)

    def logits(self, prepared: Ragged, threads: int | None = None) -> NDArray[np.float32]:
        """(N, K) for N prepared documents; the bits do not depend on `threads`."""
        together = _TOGETHER
        if len(prepared) and any(isinstance(layer, Conv1D) for layer in self.shape.chain):
            together = int(np.clip(_IDS_IN_WINDOWS // max(int(prepared.lengths.max()), 1), 1, _TOGETHER))
        batches = list(batches_by_length(prepared.lengths, together))
        logits = np.zeros((len(prepared), self.shape.n_logits), dtype=np.float32)

        def answer(rows: NDArray[np.int64]) -> None:
            documents = prepared.take(rows)
            matrix = documents.padded(max(int(documents.lengths.max()), 1), self.shape.padding)
            logits[rows] = self._forward(matrix)

        if len(batches) <= 1:
            for rows in batches:
                answer(rows)
            return logits
        # Each batch in one thread: the products are too small to be shared out between threads one by one.
        one_each = linear_algebra_threads().limit(limits=1, user_api="blas")
        with one_each, ThreadPoolExecutor(thread_count(threads)) as pool:
            list(pool.map(answer, reversed(batches)))
        return logits

    def probabilities(self, ids: Ragged, threads: int | None = None) -> NDArray[np.float64]:
        """(N, C): the probability of each class for N documents of ids; rows sum to 1."""
        return self.shape.output.probabilities(self.logits(self.prepared(ids), threads))

    def trainer(self, documents: Documents, rule: UpdateRule, epochs: int, threads: int | None) -> Any:
        """What trains these weights on prepared documents; see `trainer.KerasTrainer`."""
        from wordloom.models.keras.trainer import KerasTrainer

        return KerasTrainer(self.shape, self.parameters, documents, rule)

    def _forward(self, matrix: NDArray[np.int32]) -> NDArray[np.float32]:
        flow = Flow(self.embedding[matrix], matrix != PADDING_ID if self.shape.masked else None)
        for prefix, layer, _ in self.shape.forms():
            flow = layer.forward(flow, weights_of(self.parameters, prefix))
        return flow.values


@functools.cache
def linear_algebra_threads() -> Any:
    """What sets the number of threads of NumPy's linear algebra."""
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()


def weights_of(parameters: Mapping[str, NDArray[np.float32]], prefix: str) -> dict[str, NDArray[np.float32]]:
    """One layer's weights under their own names."""
    return {name[len(prefix) :]: array for name, array in parameters.items() if name.startswith(prefix)}


def _with_padding(ids: Ragged, missing: NDArray[np.int64], shape: KerasShape) -> Ragged:
    """Documents with so many ids of padding added on the shape's side."""
    lengths = ids.lengths + missing
    offsets = np.zeros(len(ids) + 1, dtype=np.int64)
    np.cumsum(lengths, out=offsets[1:])
    padded = np.full(int(offsets[-1]), PADDING_ID, dtype=np.int32)
    before = missing if shape.padding == "pre" else np.zeros_like(missing)
    starts = np.repeat(offsets[:-1] + before - (ids.offsets[:-1] - ids.offsets[0]), ids.lengths)
    padded[starts + np.arange(len(starts))] = ids.ids[ids.offsets[0] : ids.offsets[-1]]
    return Ragged(padded, offsets)


def _initial(
    name: str, size: tuple[int, ...], layer: KerasLayer | None, rng: np.random.Generator
) -> NDArray[np.float32]:
    """Keras' defaults: uniform in +-0.05, Glorot uniform, orthogonal; biases 0, but 1 for the forget gate."""
    if name == EMBEDDING:
        return rng.uniform(-0.05, 0.05, size).astype(np.float32)
    if name == "recurrent_kernel":
        q, r = np.linalg.qr(rng.normal(size=(max(size), min(size))))
        q *= np.sign(np.diag(r))
        return np.ascontiguousarray(q.T if size[0] < size[1] else q, dtype=np.float32)
    if name == "bias":
        bias = np.zeros(size, dtype=np.float32)
        if isinstance(layer, Bidirectional):
            layer = layer.forth
        if isinstance(layer, LSTM):
            bias[layer.units : 2 * layer.units] = 1
        return bias
    window = int(np.prod(size[:-2]))
    limit = (6.0 / (window * (size[-2] + size[-1]))) ** 0.5
    return rng.uniform(-limit, limit, size).astype(np.float32)
