"""The Open Inference Protocol, version 2 (KServe, Triton, MLServer): tensors with names and shapes, in JSON.

The specification: https://github.com/kserve/open-inference-protocol. The texts are one tensor `text` of
BYTES, (N) or (N, 1). The answers are three: `label` (N), `probability` (N) and `probabilities` (N, C), whose
columns are the labels in the order that the model's metadata say.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from wordloom import __version__
from wordloom.errors import DataError, did_you_mean
from wordloom.plain_values import check_ranges
from wordloom.server.service import Answer, Service

INPUT = "text"
OUTPUTS = ("label", "probability", "probabilities")
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
            raise DataError(f"the shape {self.shape} does not fit {len(self.data):,} items of 'data'.")
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
    """name : one of OUTPUTS; parameters : `binary_data` must not be true, since answers are JSON"""

    name: str
    parameters: Plain | None = None

    def __post_init__(self) -> None:
        if self.name not in OUTPUTS:
            raise DataError(f"there is no output {self.name!r:.60}. {did_you_mean(self.name, OUTPUTS)}")
        if (self.parameters or {}).get("binary_data"):
            raise DataError("this server answers JSON; ask for outputs with binary_data false.")


@dataclass(frozen=True)
class Threshold:
    """threshold : a text whose likeliest label has a lower probability is answered with the label ''"""

    threshold: float | None = None

    def __post_init__(self) -> None:
        check_ranges(self, threshold=(0, 1))


@dataclass(frozen=True)
class InferRequest:
    """id : comes back with the answer; outputs : those wanted, all if none are named"""

    inputs: list[Tensor]
    id: str | None = None
    parameters: Threshold | None = None
    outputs: list[WantedOutput] | None = None

    def __post_init__(self) -> None:
        if len(self.inputs) != 1:
            raise DataError(f"there is one input, {INPUT!r}, not {len(self.inputs):,}.")

    async def answered(self, service: Service) -> Plain:
        """The outputs as tensors."""
        threshold = (self.parameters or Threshold()).threshold
        answers = await service.answers(self.inputs[0].texts(), threshold)
        names = [wanted.name for wanted in self.outputs or ()] or OUTPUTS
        found: Plain = {"model_name": service.name, "outputs": [_output(n, answers, service) for n in names]}
        return found if self.id is None else {**found, "id": self.id}


def _output(name: str, answers: list[Answer], service: Service) -> Plain:
    n, data = len(answers), list[Any]()
    if name == "label":
        data = ["" if answer.label is None else str(answer.label) for answer in answers]
        return {"name": name, "datatype": "BYTES", "shape": [n], "data": data}
    if name == "probability":
        data = [answer.probability for answer in answers]
        return {"name": name, "datatype": "FP64", "shape": [n], "data": data}
    data = [score for answer in answers for score in answer.probabilities]
    return {"name": name, "datatype": "FP64", "shape": [n, len(service.labels)], "data": data}


def server_metadata(service: Service) -> Plain:
    """What `/v2` says."""
    return {"name": "wordloom", "version": __version__, "extensions": []}


def model_metadata(service: Service) -> Plain:
    """What `/v2/models/NAME` says."""
    labels = {"labels": list(map(str, service.labels))}
    return {
        "name": service.name,
        "platform": "wordloom",
        "inputs": [{"name": INPUT, "datatype": "BYTES", "shape": [-1]}],
        "outputs": [
            {"name": "label", "datatype": "BYTES", "shape": [-1]},
            {"name": "probability", "datatype": "FP64", "shape": [-1]},
            {
                "name": "probabilities",
                "datatype": "FP64",
                "shape": [-1, len(service.labels)],
                "parameters": labels,
            },
        ],
    }
