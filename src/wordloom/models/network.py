"""Network: what every kind of model's network can do, whatever is inside it.

A network takes the word ids of its model's vocabulary and gives logits. What it is made of, how it was
trained and how its weights lie in memory is its own business.
"""

from __future__ import annotations

from typing import Any, ClassVar, Protocol

import numpy as np
from numpy.typing import NDArray

from wordloom.models.output import Output
from wordloom.text.sequences import Ragged


class Shape(Protocol):
    """The form of a network: a frozen dataclass of plain values, everything about it that is not learned.

    architecture : the setting's value
    output : what the logits mean
    dimensions : D, the width of its word vectors; 0 if it has none
    maxlen : the longest document in ids; None for no limit
    """

    @property
    def architecture(self) -> str: ...
    @property
    def output(self) -> Output: ...
    @property
    def dimensions(self) -> int: ...
    @property
    def maxlen(self) -> int | None: ...


class Network(Protocol):
    """Ids in, probabilities out."""

    kind: ClassVar[str]
    """The name in a model folder's config; see `wordloom.models.kinds`."""

    @property
    def shape(self) -> Any:
        """A `Shape`."""

    @property
    def n_ids(self) -> int:
        """One more than the highest id that it takes: the size of its vocabulary."""

    @property
    def described(self) -> str:
        """The network in a few words, for people."""

    @property
    def embedding(self) -> NDArray[np.float32] | None:
        """float32 (V, D), a row for each word id; None for a network without word vectors."""

    def prepared(self, ids: Ragged) -> Any:
        """N documents of word ids as `logits` takes them."""

    def logits(self, prepared: Any, threads: int | None = None) -> NDArray[np.float32]:
        """(N, K) for N prepared documents; the bits do not depend on `threads`."""

    def probabilities(self, ids: Ragged, threads: int | None = None) -> NDArray[np.float64]:
        """(N, C): the probability of each class for N documents of word ids; rows sum to 1."""

    def scaled(self, factor: float) -> Network:
        """The same network with its logits multiplied by `factor`."""

    def shifted(self, offsets: NDArray[np.float64]) -> Network:
        """The same network with `offsets`, (K,), added to its logits."""

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Name -> weights."""

    @staticmethod
    def from_config(config: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> Network:
        """A network from its shape's values and named weights (others may be among them).

        Raises DataError or TypeError for what does not fit.
        """
