"""KerasShape: the form of a sequence network, an embedding and the layers behind it, as plain values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from wordloom.errors import DataError
from wordloom.models.layers import (
    Conv1D,
    Dense,
    Dropout,
    Form,
    GlobalMaxPooling1D,
    KerasLayer,
    SpatialDropout1D,
    layer_from_config,
)
from wordloom.models.output import HasOutput
from wordloom.plain_values import check_choices, check_ranges
from wordloom.targets import SINGLE
from wordloom.text.sequences import LONGEST_DOCUMENT, SIDES

EMBEDDING = "embedding"


@dataclass(frozen=True)
class KerasShape(HasOutput):
    """Everything about a sequence network that is not learned.

    Parameters
    ----------
    architecture : "lstm", "gru", "bilstm", "cnn", or "keras" for a network that was read from Keras
    vocabulary_size : V
    dimensions : D
    n_classes, target : of the output
    maxlen : L, the longest document; None means no limit
    padded : whether the network sees documents padded to `maxlen`; else it sees no padding at all
    masked : whether Keras is told to leave padding out (`mask_zero`)
    padding, truncating : "pre" or "post"
    layers : the layers behind the embedding, as `wordloom.models.layers` describes them; the last one is a
        linear Dense layer that gives the K logits
    """

    architecture: str
    vocabulary_size: int
    dimensions: int
    n_classes: int
    maxlen: int | None
    padded: bool
    masked: bool
    layers: tuple[Mapping[str, Any], ...]
    padding: str = "pre"
    truncating: str = "pre"
    target: str = SINGLE

    def __post_init__(self) -> None:
        check_choices(self, padding=SIDES, truncating=SIDES)
        self.check_output()
        check_ranges(self, vocabulary_size=(1, 2**31), dimensions=(1, 2**31))
        check_ranges(self, maxlen=(1, LONGEST_DOCUMENT))
        if self.padded and self.maxlen is None:
            raise DataError("'maxlen' must be a number where documents are padded.")
        last = self.chain[-1] if self.chain else None
        if not isinstance(last, Dense) or last.activation != "linear":
            raise DataError("'layers' must end in a linear Dense layer.")
        if self.form_at_end != (self.n_logits,):
            raise DataError(f"'layers' give the form {self.form_at_end}, not {self.n_logits} logits.")

    @cached_property
    def chain(self) -> tuple[KerasLayer, ...]:
        """The layers behind the embedding."""
        return tuple(layer_from_config(config) for config in self.layers)

    @property
    def input_length(self) -> int | None:
        """The length that Keras is told: L for padded documents, None for any."""
        return self.maxlen if self.padded else None

    def forms(self) -> Iterator[tuple[str, KerasLayer, Form]]:
        """Each layer with the prefix of its weights' names and the form of its input.

        Raises DataError for a layer that cannot take what the one before it gives.
        """
        form: Form = (self.input_length, self.dimensions)
        for number, layer in enumerate(self.chain, start=1):
            yield f"layer_{number}.", layer, form
            form = layer.form_after(form)

    @property
    def form_at_end(self) -> Form:
        """The form of what the last layer gives."""
        return [layer.form_after(form) for _, layer, form in self.forms()][-1]

    def sizes(self) -> dict[str, tuple[int, ...]]:
        """Name -> shape of every weight array, in the order in which Keras has them."""
        sizes: dict[str, tuple[int, ...]] = {EMBEDDING: (self.vocabulary_size, self.dimensions)}
        for prefix, layer, form in self.forms():
            sizes |= {prefix + name: size for name, size in layer.sizes(form).items()}
        return sizes

    @property
    def reach(self) -> int | None:
        """How many words a feature sees, if the network takes the largest of all windows; else None.

        More padding than that adds no window that is not there already, so it can be left out.
        """
        reach = 1
        for layer in self.chain:
            if isinstance(layer, Conv1D) and layer.padding == "valid" and layer.strides == 1:
                reach += layer.reach - 1
            elif isinstance(layer, GlobalMaxPooling1D):
                return reach if self.padded else None
            elif not isinstance(layer, Dropout | SpatialDropout1D | Dense):
                return None
        return None
