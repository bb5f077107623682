"""The forms of requests and answers for predictions: Hugging Face's and TF Serving's (KServe V1).

Each form is a dataclass of what a request may hold; anything else in a request is an error that names it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from wordloom.errors import DataError
from wordloom.labels import Label
from wordloom.plain_values import check_choices, check_ranges
from wordloom.server.service import Answer, Service

_MOST = 2**53


@dataclass(frozen=True)
class Parameters:
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

    Without `top_k` each text is answered with its likeliest label, in one list. With `top_k` it is answered
    with a list of labels; a list of texts then with a list of such lists.
    """

    inputs: str | list[str]
    parameters: Parameters | None = None

    async def answered(self, service: Service) -> Any:
        """The answer, as a pipeline gives it."""
        wanted = self.parameters or Parameters()
        texts = [self.inputs] if isinstance(self.inputs, str) else self.inputs
        answers = await service.answers(texts, wanted.threshold)
        if wanted.top_k is None:
            return [{"label": answer.label, "score": answer.probability} for answer in answers]
        ranked = [ranked_labels(answer, service.labels, wanted) for answer in answers]
        return ranked[0] if isinstance(self.inputs, str) else ranked


def ranked_labels(answer: Answer, labels: Sequence[Label], wanted: Parameters) -> list[dict[str, Any]]:
    """The likeliest labels of a text, equally likely ones in the model's order."""
    scores = answer.probabilities
    order = sorted(range(len(labels)), key=lambda column: -scores[column])[: wanted.top_k]
    lowest = wanted.threshold or 0.0
    return [{"label": labels[i], "score": scores[i]} for i in order if scores[i] >= lowest]


@dataclass(frozen=True)
class InstancesRequest:
    """A list of texts, as TF Serving and KServe V1 have it.

    signature_name : of TF Serving; there is one only
    """

    SIGNATURES: ClassVar[tuple[str, ...]] = ("serving_default",)

    instances: list[str]
    parameters: Parameters | None = None
    signature_name: str = "serving_default"

    def __post_init__(self) -> None:
        check_choices(self, signature_name=self.SIGNATURES)
        if not self.instances:
            raise DataError("'instances' is empty; give a list of texts.")

    async def answered(self, service: Service) -> Any:
        """A prediction for each text: what `wordloom predict --json` says of it."""
        wanted = self.parameters or Parameters()
        answers = await service.answers(self.instances, wanted.threshold)
        return {"predictions": [prediction(answer, service.labels, wanted) for answer in answers]}


def prediction(answer: Answer, labels: Sequence[Label], wanted: Parameters) -> dict[str, Any]:
    """Label, probability, and the probabilities of all labels or of the likeliest ones."""
    everything: Any = zip(labels, answer.probabilities, strict=True)
    if wanted.top_k is not None:
        everything = ((one["label"], one["score"]) for one in ranked_labels(answer, labels, wanted))
    return {
        "label": answer.label,
        "probability": answer.probability,
        "probabilities": {str(label): score for label, score in everything},
    }


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
