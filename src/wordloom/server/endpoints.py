"""The endpoints: a row for each. Routes and the description of the server are made from them."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

from wordloom.server import open_inference
from wordloom.server.endpoint import Endpoint, Form
from wordloom.server.neighbor_query import NeighborQuery
from wordloom.server.open_inference import InferRequest
from wordloom.server.request_forms import ExplainRequest, HuggingFaceRequest, InstancesRequest
from wordloom.server.service import Service

_HUGGING_FACE = Form(HuggingFaceRequest, "HuggingFaceRequest", "inputs")
_INSTANCES = Form(InstancesRequest, "InstancesRequest", "instances")


def _page(service: Service) -> bytes:
    return files("wordloom.server").joinpath("page.html").read_bytes()


def _health(service: Service) -> Any:
    return {"status": "ok"}


def _name_and_ready(service: Service) -> Any:
    return {"name": service.name, "ready": True}


ENDPOINTS = (
    Endpoint(
        "/predict",
        "Labels for texts, in the form of Hugging Face (inputs) or of TF Serving (instances)",
        "Predictions",
        forms=(_HUGGING_FACE, _INSTANCES),
        method="POST",
    ),
    Endpoint("/", "A page to type a text", about=_page, media_type=b"text/html; charset=utf-8", open=True),
    Endpoint("/healthz", "Whether the server answers", "Health", _health, open=True),
    Endpoint("/metadata", "What the model is", "Metadata", Service.metadata),
    Endpoint(
        "/neighbors",
        "The words nearest to a word, for a model with word vectors",
        "Neighbors",
        forms=(Form(NeighborQuery, "NeighborQuery", "word"),),
    ),
    Endpoint("/v1/models", "The models there are", "Models", lambda service: {"models": [service.name]}),
    Endpoint("/v1/models/{name}", "Whether the model is ready", "Ready", _name_and_ready),
    Endpoint(
        "/v1/models/{name}:predict",
        "Labels for texts, as TF Serving and KServe V1 have it",
        "InstancesAnswer",
        forms=(_INSTANCES,),
        method="POST",
    ),
    Endpoint(
        "/v1/models/{name}:explain",
        "Why the model answers as it does, as KServe V1 has it",
        "Explanations",
        forms=(Form(ExplainRequest, "ExplainRequest", "instances"),),
        method="POST",
    ),
    Endpoint("/v2", "What the server is", "ServerMetadata", open_inference.server_metadata),
    Endpoint("/v2/health/live", "Whether the server runs", "Live", lambda service: {"live": True}, open=True),
    Endpoint(
        "/v2/health/ready", "Whether it answers requests", "Ready", lambda service: {"ready": True}, open=True
    ),
    Endpoint(
        "/v2/models/{name}", "What goes in and comes out", "ModelMetadata", open_inference.model_metadata
    ),
    Endpoint("/v2/models/{name}/ready", "Whether the model is ready", "Ready", _name_and_ready),
    Endpoint(
        "/v2/models/{name}/infer",
        "Labels for texts, as the Open Inference Protocol V2 has it",
        "InferAnswer",
        forms=(Form(InferRequest, "InferRequest", "inputs"),),
        method="POST",
    ),
)
