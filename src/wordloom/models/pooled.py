"""PooledNetwork: embedding, pooling, an optional hidden layer, logits; ids in, probabilities out.

It holds the weights and predicts. How weights learn is in `kernels.pooled`, the passes over the data are in
`training`. Initial values are Keras': embedding uniform in +-0.05, dense layers Glorot uniform, biases 0.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from wordloom.architectures import COMBINED_POOLINGS
from wordloom.errors import DataError
from wordloom.kernels import pooled, predicting_kernels, training_kernels
from wordloom.kernels.pooled import Documents, Parameters, UpdateRule
from wordloom.kernels.row_products import row_products
from wordloom.kernels.threads import over_ranges
from wordloom.models.output import HasOutput
from wordloom.models.weights import check_sizes, stored_weights
from wordloom.plain_values import check_choices, check_ranges, from_plain
from wordloom.targets import SINGLE
from wordloom.text.sequences import LONGEST_DOCUMENT, SIDES, Ragged

POOLINGS = {"flatten": pooled.FLATTEN, "mean": pooled.MEAN, "max": pooled.MAX, "min": pooled.MIN}
POOLED = "pooled"
"""The architecture of several poolings side by side."""
OPTIMIZERS = {"sgd": pooled.SGD, "rmsprop": pooled.RMSPROP, "adam": pooled.ADAM}


@dataclass(frozen=True)
class NetworkShape(HasOutput):
    """The form of a network: everything about it that is not learned.

    Parameters
    ----------
    architecture : "flatten", "mean", "max" or "pooled"
    vocabulary_size : V
    dimensions : D
    hidden : H, or 0
    n_classes, target : of the output
    pooling : of "pooled" one of `wordloom.architectures.COMBINED_POOLINGS`, else empty
    maxlen : L, the longest document; None means no limit ("flatten" needs one)
    padded : whether documents are padded to `maxlen` (always for "flatten")
    padding, truncating : "pre" or "post"
    """

    architecture: str
    vocabulary_size: int
    dimensions: int
    hidden: int
    n_classes: int
    maxlen: int | None
    padded: bool
    padding: str = "pre"
    truncating: str = "pre"
    target: str = SINGLE
    pooling: str = ""

    def __post_init__(self) -> None:
        combined = self.architecture == POOLED
        check_choices(
            self,
            architecture=("flatten", "mean", "max", POOLED),
            pooling=COMBINED_POOLINGS if combined else ("",),
            padding=SIDES,
            truncating=SIDES,
        )
        self.check_output()
        check_ranges(self, vocabulary_size=(1, 2**31), maxlen=(1, LONGEST_DOCUMENT))
        if self.maxlen is None and (self.padded or self.architecture == "flatten"):
            raise DataError("'maxlen' must be a number where documents are padded, and for 'flatten'.")

    @property
    def poolings(self) -> tuple[str, ...]:
        """The names of those that stand side by side, of `POOLINGS`, in the order of their features."""
        return tuple((self.pooling or self.architecture).split("+"))

    @property
    def pooled_by(self) -> int:
        """The poolings as the kernels take them."""
        return sum(POOLINGS[name] for name in self.poolings)

    @property
    def n_features(self) -> int:
        """F: what the first dense layer takes."""
        places = (self.maxlen or 1) if self.architecture == "flatten" else len(self.poolings)
        return self.dimensions * places

    def sizes(self) -> dict[str, tuple[int, ...]]:
        """Name -> shape of every weight array."""
        last = self.hidden or self.n_features
        return {
            "embedding": (self.vocabulary_size, self.dimensions),
            "hidden": (self.hidden, self.n_features),
            "hidden_bias": (self.hidden,),
            "output": (self.n_logits, last),
            "output_bias": (self.n_logits,),
        }


@dataclass(frozen=True, eq=False)
class PooledNetwork:
    """A shape and its weights (float32; see `wordloom.kernels.pooled` for their layout).

    `word_weights`, float32 (V,), say how much the vector of each id counts in the mean; None: all alike.
    """

    shape: NetworkShape
    parameters: Parameters
    word_weights: NDArray[np.float32] | None = None
    kind: ClassVar[str] = "pooled"

    def __post_init__(self) -> None:
        check_sizes(self.arrays(), self._sizes)

    @staticmethod
    def initial(shape: NetworkShape, seed: int) -> PooledNetwork:
        """A network with Keras' initial values, drawn from `seed`."""
        rng = np.random.default_rng([seed, 0])
        arrays = []
        for name, size in shape.sizes().items():
            if len(size) == 1:
                arrays.append(np.zeros(size, dtype=np.float32))
                continue
            limit = 0.05 if name == "embedding" else (6.0 / max(sum(size), 1)) ** 0.5
            arrays.append(rng.uniform(-limit, limit, size).astype(np.float32))
        return PooledNetwork(shape, Parameters(*arrays))

    @staticmethod
    def from_arrays(shape: NetworkShape, arrays: dict[str, NDArray[Any]]) -> PooledNetwork:
        """A network from named weights; DataError names an array that is missing or has another shape."""
        check_sizes(arrays, shape.sizes())
        parameters = Parameters(*(arrays[name] for name in shape.sizes()))
        return PooledNetwork(shape, parameters, arrays.get("word_weights"))

    @staticmethod
    def from_config(config: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> PooledNetwork:
        """As `from_arrays`, from the shape's values as a model folder holds them, each checked."""
        shape = from_plain(NetworkShape, config, "network")
        sizes = dict(shape.sizes())
        if "word_weights" in arrays:
            sizes["word_weights"] = (shape.vocabulary_size,)
        return PooledNetwork.from_arrays(shape, stored_weights(arrays, sizes))

    @property
    def _sizes(self) -> dict[str, tuple[int, ...]]:
        weights = {} if self.word_weights is None else {"word_weights": (self.shape.vocabulary_size,)}
        return self.shape.sizes() | weights

    @property
    def n_ids(self) -> int:
        """V."""
        return self.shape.vocabulary_size

    @property
    def embedding(self) -> NDArray[np.float32]:
        """float32 (V, D), without the words' weights."""
        return self.parameters.embedding

    @property
    def described(self) -> str:
        """The network in a few words."""
        shape = self.shape
        hidden = f", {shape.hidden} hidden units" if shape.hidden else ""
        cut = "" if shape.maxlen is None else f", texts cut to {shape.maxlen:,} words"
        mean = "weighted mean" if self.word_weights is not None else " + ".join(shape.poolings)
        return f"{mean} of {shape.dimensions}-d word vectors{hidden}{cut}"

    def scaled(self, factor: float) -> PooledNetwork:
        """The same network with its logits multiplied by `factor`."""
        weights = self.parameters
        output, bias = (
            (array * factor).astype(array.dtype) for array in (weights.output, weights.output_bias)
        )
        return self.with_parameters(weights._replace(output=output, output_bias=bias))

    def shifted(self, offsets: NDArray[np.float64]) -> PooledNetwork:
        """The same network with `offsets`, (K,), added to its logits."""
        bias = self.parameters.output_bias
        return self.with_parameters(self.parameters._replace(output_bias=(bias + offsets).astype(bias.dtype)))

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Name -> weights, the inverse of `from_arrays`."""
        arrays = dict(self.parameters._asdict())
        return arrays if self.word_weights is None else {**arrays, "word_weights": self.word_weights}

    def with_parameters(self, parameters: Parameters) -> PooledNetwork:
        """The same shape with other weights."""
        return replace(self, parameters=parameters)

    def prepared(self, ids: Ragged) -> Ragged:
        """Documents cut and padded as the network takes them."""
        shape = self.shape
        ids.refuse_outside(self.n_ids)
        if shape.maxlen is None:
            return ids
        if not shape.padded:
            return ids.truncated(shape.maxlen, shape.truncating)
        matrix = ids.padded(shape.maxlen, shape.padding, shape.truncating)
        return Ragged(matrix.ravel(), np.arange(len(ids) + 1, dtype=np.int64) * shape.maxlen)

    def logits(self, prepared: Ragged, threads: int | None = None) -> NDArray[np.float32]:
        """(N, K) for N documents that `prepared` has made ready; the bits do not depend on `threads`."""
        parameters = self.weighted.parameters
        if not len(prepared):
            return np.zeros((0, self.shape.n_logits), dtype=parameters.embedding.dtype)
        units = self.shape.hidden if self.shape.architecture == "flatten" else 0
        kernels = predicting_kernels(len(prepared.ids), units)
        return self._in_ranges(lambda *part: kernels.logits(parameters, *part), prepared, threads)

    def features(self, prepared: Ragged, threads: int | None = None) -> NDArray[np.float32]:
        """(N, F) for N prepared documents: what comes out of the pooling."""
        embedding = self.weighted.embedding
        if not len(prepared):
            return np.zeros((0, self.shape.n_features), dtype=embedding.dtype)
        kernels = predicting_kernels(len(prepared.ids))
        return self._in_ranges(lambda *part: kernels.features(embedding, *part), prepared, threads)

    def inner(self, prepared: Ragged, threads: int | None = None) -> NDArray[np.float32]:
        """(N, G) for N prepared documents: what the output layer takes."""
        features, hidden = self.features(prepared, threads), self.parameters.hidden
        if not self.shape.hidden:
            return features
        return np.asarray(np.maximum(row_products(features, hidden) + self.parameters.hidden_bias, 0))

    @cached_property
    def weighted(self) -> PooledNetwork:
        """The same network with the words' weights multiplied into their vectors."""
        if self.word_weights is None:
            return self
        rows = self.parameters.embedding * self.word_weights[:, None]
        return PooledNetwork(self.shape, self.parameters._replace(embedding=rows))

    def _in_ranges(
        self, kernel: Callable[..., NDArray[np.float32]], prepared: Ragged, threads: int | None
    ) -> NDArray[np.float32]:
        """`kernel(ids, offsets, pooling)` for ranges of the documents, their rows one after the other."""
        pooling, ids, offsets = self.shape.pooled_by, prepared.ids, prepared.offsets
        parts = over_ranges(lambda a, b: kernel(ids, offsets[a : b + 1], pooling), offsets, threads)
        return np.concatenate(parts)

    def probabilities(self, ids: Ragged, threads: int | None = None) -> NDArray[np.float64]:
        """(N, C): the probability of each class for N documents of ids; rows sum to 1."""
        return self.shape.output.probabilities(self.logits(self.prepared(ids), threads))

    def trainer(self, documents: Documents, rule: UpdateRule, epochs: int, threads: int | None) -> Any:
        """What trains these weights on prepared documents; see `kernels.pooled.PooledTrainer`."""
        kernels = training_kernels(len(documents.ids) * epochs)
        return kernels.PooledTrainer(self.parameters, documents, rule, threads)
