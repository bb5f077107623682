"""The forms of requests and answers for predictions: Hugging Face's and TF Serving's (KServe V1).

Each form is a dataclass of what a request may hold; anything else in a request is an error that names it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from wordloom.errors import DataError
from wordloom.plain_values import check_choices, check_ranges
from wordloom.prediction import Prediction
from wordloom.server.service import Service
from wordloom.target_names import GRADED, SINGLE

_MOST = 2**53


@dataclass(frozen=True)
class PredictionOptions:
    """top_k : so many labels for each text, the likeliest first; as many as there are at most
    threshold : labels of a lower probability are not answered
    """

    top_k: int | None = None
    threshold: float | None = None

    def __post_init__(self) -> None:
        check_ranges(self, top_k=(1, _MOST), threshold=(0, 1))


@dataclass(frozen=True)
class HuggingFaceRequest:
    """A text or a list of texts, as for a text-classification pipeline of Hugging Face's transformers.

    Without `top_k` each text is answered with its likeliest label, or its grade, in one list. With `top_k`,
    and by a model of several labels, it is answered with a list of labels; a list of texts then with a list
    of such lists.
    """

    inputs: str | list[str]
    parameters: PredictionOptions | None = None

    async def answered(self, service: Service) -> Any:
        """The answer, as a pipeline gives it."""
        wanted = self.parameters or PredictionOptions()
        texts = [self.inputs] if isinstance(self.inputs, str) else self.inputs
        predictions = await service.predictions(texts, wanted.threshold)
        if service.model.target == GRADED:
            return [_scored("grade", one.grade) for one in predictions]
        if service.model.target == SINGLE and wanted.top_k is None:
            return [_scored(one.label, one.probability) for one in predictions]
        lists = [ranked(one, wanted) for one in predictions]
        return lists[0] if isinstance(self.inputs, str) else lists


def ranked(prediction: Prediction, wanted: PredictionOptions) -> list[dict[str, Any]]:
    """The likeliest labels of a text, or without `top_k` those that it has; equally likely ones in the
    model's order."""
    lowest = wanted.threshold or 0.0
    given = sorted(prediction.given(), key=lambda one: -one[1])
    likeliest = given if wanted.top_k is None else prediction.top(wanted.top_k)
    return [_scored(label, score) for label, score in likeliest if score >= lowest]


def _scored(label: Any, score: Any) -> dict[str, Any]:
    return {"label": label, "score": score}


@dataclass(frozen=True)
class InstancesRequest:
    """A list of texts, as TF Serving and KServe V1 have it.

    signature_name : of TF Serving; there is one only
    """

    SIGNATURES: ClassVar[tuple[str, ...]] = ("serving_default",)

    instances: list[str]
    parameters: PredictionOptions | None = None
    signature_name: str = "serving_default"

    def __post_init__(self) -> None:
        check_choices(self, signature_name=self.SIGNATURES)
        if not self.instances:
            raise DataError("'instances' is empty; give a list of texts.")

    async def answered(self, service: Service) -> Any:
        """A prediction for each text: what `wordloom predict --json` says of it."""
        wanted = self.parameters or PredictionOptions()
        predictions = await service.predictions(self.instances, wanted.threshold)
        return {"predictions": [plain(one, service.model.target, wanted) for one in predictions]}


def plain(prediction: Prediction, target: str, wanted: PredictionOptions) -> dict[str, Any]:
    """A prediction as an object: the grade; or what labels it has, and probabilities of all or `top_k`."""
    said = prediction.fields(target, wanted.top_k)
    if "probabilities" in said:
        said["probabilities"] = {str(label): score for label, score in said["probabilities"].items()}
    return said


@dataclass(frozen=True)
class ExplainRequest:
    """A list of texts to explain, as KServe V1 has it.

    label : that is spoken for; the likeliest of each text if none is given
    """

    instances: list[str]
    label: str | int | None = None

    async def answered(self, service: Service) -> Any:
        """An explanation for each text."""
        return {"explanations": await service.explanations(self.instances, self.label)}
