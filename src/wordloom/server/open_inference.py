"""The Open Inference Protocol, version 2 (KServe, Triton, MLServer): tensors with names and shapes, in JSON.

The specification: https://github.com/kserve/open-inference-protocol. The texts are one tensor `text` of
BYTES, (N) or (N, 1). The answers are three: `label` (N), `probability` (N) and `probabilities` (N, C), whose
columns are the labels in the order that the model's metadata say. A model of several labels has `labels` (N),
each a JSON list, in the place of `label`; a model of grades has `grade` (N) alone.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from wordloom import __version__
from wordloom.errors import DataError, did_you_mean, shown
from wordloom.plain_values import check_ranges
from wordloom.prediction import FIELDS, Prediction
from wordloom.server.refusal import Refusal
from wordloom.server.service import Service

INPUT = "text"
_DATATYPES = {
    "label": "BYTES",
    "labels": "BYTES",
    "probability": "FP64",
    "probabilities": "FP64",
    "grade": "FP64",
}
Plain = dict[str, Any]


@dataclass(frozen=True)
class Tensor:
    """name, shape, datatype : "text", (N) or (N, 1), "BYTES"
    data : strings; of (N, 1) also lists of one each
    parameters : what clients say of their encoding; strings of JSON need none
    """

    name: str
    shape: list[int]
    datatype: str
    data: list[Any]
    parameters: Plain | None = None

    def __post_init__(self) -> None:
        if self.name != INPUT:
            raise DataError(f"the input is called {INPUT!r}, not {self.name!r:.60}.")
        if self.datatype != "BYTES":
            raise DataError(f"the datatype of texts is 'BYTES', not {self.datatype!r:.60}.")
        if not (len(self.shape) == 1 or (len(self.shape) == 2 and self.shape[1] == 1)):
            raise DataError(f"the shape of texts is [N] or [N, 1], not {self.shape!r:.60}.")
        if self.shape[0] != len(self.data):
            raise DataError(
                f"the shape {self.shape} does not fit 'data', whose length is {len(self.data):,}."
            )
        self.texts()

    def texts(self) -> list[str]:
        """The texts; DataError for an item that is none."""
        flat = [item[0] if isinstance(item, list) and len(item) == 1 else item for item in self.data]
        if len(self.shape) == 1:
            flat = self.data
        for place, text in enumerate(flat):
            if not isinstance(text, str):
                raise DataError(f"the entry 'data.{place}' must be a string, not {text!r:.60}.")
        return flat


@dataclass(frozen=True)
class WantedOutput:
    """name : of an output that the model has
    parameters : `binary_data` must not be true, since answers are JSON
    """

    name: str
    parameters: Plain | None = None

    def __post_init__(self) -> None:
        if (self.parameters or {}).get("binary_data"):
            raise DataError("this server answers JSON; ask for outputs with binary_data false.")


@dataclass(frozen=True)
class ThresholdParameter:
    """threshold : a text whose likeliest label has a lower probability is answered with the label ''"""

    threshold: float | None = None

    def __post_init__(self) -> None:
        check_ranges(self, threshold=(0, 1))


@dataclass(frozen=True)
class InferRequest:
    """id : comes back with the answer; outputs : those wanted, all if none are named"""

    inputs: list[Tensor]
    id: str | None = None
    parameters: ThresholdParameter | None = None
    outputs: list[WantedOutput] | None = None

    def __post_init__(self) -> None:
        if len(self.inputs) != 1:
            raise DataError(f"there is one input, {INPUT!r}, not {len(self.inputs):,}.")

    async def answered(self, service: Service) -> Plain:
        """The outputs as tensors."""
        names = FIELDS[service.model.target]
        wanted = [one.name for one in self.outputs or ()] or names
        unknown = [name for name in wanted if name not in names]
        if unknown:
            raise Refusal(400, f"There is no output {shown(unknown[0])}. {did_you_mean(unknown[0], names)}")
        threshold = (self.parameters or ThresholdParameter()).threshold
        predictions = await service.predictions(self.inputs[0].texts(), threshold)
        outputs = [_output(name, predictions, service) for name in wanted]
        found: Plain = {"model_name": service.name, "outputs": outputs}
        return found if self.id is None else {**found, "id": self.id}


def _output(name: str, predictions: list[Prediction], service: Service) -> Plain:
    data: list[Any] = [_VALUES[name](one) for one in predictions]
    shape = [len(data)]
    if name == "probabilities":
        shape, data = [len(data), len(service.labels)], [score for row in data for score in row]
    return {"name": name, "datatype": _DATATYPES[name], "shape": shape, "data": data}


_VALUES: dict[str, Callable[[Prediction], Any]] = {
    "label": lambda one: "" if one.label is None else str(one.label),
    "labels": lambda one: json.dumps(one.labels),
    "probability": lambda one: one.probability,
    "probabilities": lambda one: one.probabilities.values(),
    "grade": lambda one: one.grade,
}


def server_metadata(service: Service) -> Plain:
    """What `/v2` says."""
    return {"name": "wordloom", "version": __version__, "extensions": []}


def model_metadata(service: Service) -> Plain:
    """What `/v2/models/NAME` says."""
    outputs: list[Plain] = [
        {"name": name, "datatype": _DATATYPES[name], "shape": [-1]} for name in FIELDS[service.model.target]
    ]
    for output in outputs:
        if output["name"] == "probabilities":
            output["shape"] = [-1, len(service.labels)]
            output["parameters"] = {"labels": list(map(str, service.labels))}
    return {
        "name": service.name,
        "platform": "wordloom",
        "inputs": [{"name": INPUT, "datatype": "BYTES", "shape": [-1]}],
        "outputs": outputs,
    }
