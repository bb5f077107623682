"""The server's description of itself, as OpenAPI 3.1 has it: what stands at `/openapi.json`.

Paths are made from the rows of endpoints; the schemas of what goes in and comes out stand here.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from wordloom import __version__
from wordloom.prediction import FIELDS
from wordloom.server.endpoint import JSON, Endpoint
from wordloom.server.neighbor_query import METRICS
from wordloom.server.refusal import REASONS
from wordloom.server.request_forms import InstancesRequest
from wordloom.server.service import MOST_NEIGHBORS, Service

Plain = dict[str, Any]


def description(endpoints: Sequence[Endpoint], needs_token: bool, service: Service) -> Plain:
    """The document for one model."""
    paths: dict[str, Plain] = {}
    for endpoint in endpoints:
        operation = _operation(endpoint, service, needs_token)
        paths.setdefault(endpoint.path, {})[endpoint.method.lower()] = operation
    components: Plain = {"schemas": _schemas(service)}
    if needs_token:
        components["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
    return {
        "openapi": "3.1.0",
        "info": {"title": f"wordloom: {service.name}", "version": __version__},
        "paths": paths,
        "components": components,
    }


def _operation(endpoint: Endpoint, service: Service, needs_token: bool) -> Plain:
    media = endpoint.media_type.decode().partition(";")[0]
    content = {"schema": _ref(endpoint.answer) if endpoint.media_type == JSON else {"type": "string"}}
    responses: Plain = {"200": {"description": "The answer", "content": {media: content}}}
    operation: Plain = {"summary": endpoint.summary, "responses": responses, "parameters": []}
    if "{name}" in endpoint.path:
        schema = {"type": "string", "enum": [service.name]}
        operation["parameters"] += [{"name": "name", "in": "path", "required": True, "schema": schema}]
    if endpoint.method == "POST":
        operation["requestBody"] = {"required": True, "content": {JSON.decode(): _body(endpoint)}}
    elif endpoint.forms:
        operation["parameters"] += _query_parameters()
    if needs_token and not endpoint.open:
        operation["security"] = [{"token": []}]
    for status in _refusals(endpoint, needs_token):
        error = {"application/json": {"schema": _ref("Error")}}
        responses[str(status)] = {"description": REASONS[status], "content": error}
    return operation


def _refusals(endpoint: Endpoint, needs_token: bool) -> list[int]:
    """The statuses of errors that an endpoint may answer with."""
    found = [500] if endpoint.open else [500, 503] + [401] * needs_token
    if endpoint.forms:
        found += [400] + [408, 413, 415] * (endpoint.method == "POST")
    if "{name}" in endpoint.path or (endpoint.method == "GET" and endpoint.forms):
        found += [404]
    return sorted(found)


def _body(endpoint: Endpoint) -> Plain:
    schemas = [_ref(form.schema) for form in endpoint.forms]
    examples = {
        form.schema: {"value": EXAMPLES[form.schema]} for form in endpoint.forms if form.schema in EXAMPLES
    }
    return {"schema": schemas[0] if len(schemas) == 1 else {"oneOf": schemas}, "examples": examples}


def _query_parameters() -> list[Plain]:
    return [
        {"name": "word", "in": "query", "required": True, "schema": _STRING},
        {"name": "n", "in": "query", "schema": {"type": "integer", "minimum": 1, "maximum": MOST_NEIGHBORS}},
        {"name": "metric", "in": "query", "schema": {"type": "string", "enum": list(METRICS)}},
    ]


def _ref(name: str) -> Plain:
    return {"$ref": f"#/components/schemas/{name}"}


def _object(required: Plain, optional: Plain | None = None) -> Plain:
    """An object with these entries and no others."""
    return {
        "type": "object",
        "properties": {**required, **(optional or {})},
        "required": list(required),
        "additionalProperties": False,
    }


def _list(items: Plain, **bounds: int) -> Plain:
    return {"type": "array", "items": items, **bounds}


def _or_null(schema: Plain) -> Plain:
    return {"anyOf": [schema, {"type": "null"}]}


_STRING: Plain = {"type": "string"}
_TRUE: Plain = {"type": "boolean", "const": True}
_PROBABILITY: Plain = {"type": "number", "minimum": 0, "maximum": 1}
_COUNT: Plain = {"type": "integer", "minimum": 1, "maximum": 2**53}
_ANY: Plain = {"type": "object"}
_LABEL: Plain = {"type": ["string", "integer"]}
_SCORE = _object({"label": _or_null(_LABEL), "score": {"type": "number"}})
_ANSWER: Plain = {
    "label": _or_null(_LABEL),
    "labels": _list(_LABEL),
    "probability": _PROBABILITY,
    "probabilities": {"type": "object", "additionalProperties": _PROBABILITY},
    "grade": {"type": "number"},
}
"""Of what `prediction.FIELDS` name."""

EXAMPLES: dict[str, Any] = {
    "HuggingFaceRequest": {"inputs": "not a dull minute"},
    "InstancesRequest": {"instances": ["not a dull minute", "a bore"]},
    "ExplainRequest": {"instances": ["not a dull minute"]},
    "InferRequest": {
        "inputs": [{"name": "text", "shape": [1], "datatype": "BYTES", "data": ["not a dull minute"]}]
    },
}


def _schemas(service: Service) -> Plain:
    return {
        "Document": _ANY,
        "Error": _object(
            {"error": _object({"status": {"type": "integer"}, "code": _STRING, "message": _STRING})}
        ),
        "Health": _object({"status": _STRING}),
        "Live": _object({"live": _TRUE}),
        "Ready": _object({"ready": _TRUE}, {"name": _STRING}),
        "Models": _object({"models": _list(_STRING)}),
        "Metadata": {"type": "object", "required": ["name", "labels", "limits"]},
        **_plain_forms(service),
        **_tensor_forms(service),
    }


def _plain_forms(service: Service) -> Plain:
    """What goes in and comes out in the forms of Hugging Face and TF Serving."""
    text = {"type": "string", "maxLength": service.limits.characters}
    texts = _list(text, maxItems=service.limits.texts)
    parameters = _or_null(_object({}, {"top_k": _or_null(_COUNT), "threshold": _or_null(_PROBABILITY)}))
    signature = {"type": "string", "enum": list(InstancesRequest.SIGNATURES)}
    instances = {**texts, "minItems": 1}
    few = min(service.limits.characters, service.limits.explained_characters)
    explained = _list({"type": "string", "maxLength": few}, maxItems=service.limits.texts)
    prediction = {name: _ANSWER[name] for name in FIELDS[service.model.target]}
    answers = _object({"predictions": _list(_object(prediction))})
    neighbor = _object({"word": _STRING, "distance": {"type": "number"}})
    return {
        "HuggingFaceRequest": _object({"inputs": {"anyOf": [text, texts]}}, {"parameters": parameters}),
        "InstancesRequest": _object(
            {"instances": instances}, {"parameters": parameters, "signature_name": signature}
        ),
        "Predictions": {"anyOf": [_list(_SCORE), _list(_list(_SCORE)), answers]},
        "InstancesAnswer": answers,
        "ExplainRequest": _object(
            {"instances": explained},
            {"label": _or_null({"enum": list(service.labels)})},
        ),
        "Explanations": _object({"explanations": _list(_ANY)}),
        "Neighbors": _object({"word": _STRING, "metric": _STRING, "neighbors": _list(neighbor)}),
    }


def _tensor_forms(service: Service) -> Plain:
    """What goes in and comes out in the Open Inference Protocol."""
    name, shape = {"type": "string", "enum": ["text"]}, _list({"type": "integer", "minimum": 0})
    texts = _list({"anyOf": [_STRING, _list(_STRING)]}, maxItems=service.limits.texts)
    tensor = _object(
        {
            "name": name,
            "shape": {**shape, "minItems": 1, "maxItems": 2},
            "datatype": {"type": "string", "enum": ["BYTES"]},
            "data": texts,
        },
        {"parameters": _or_null(_ANY)},
    )
    wanted = _object(
        {"name": {"type": "string", "enum": list(FIELDS[service.model.target])}},
        {"parameters": _or_null(_ANY)},
    )
    found = _object({"name": _STRING, "datatype": _STRING, "shape": shape, "data": {"type": "array"}})
    return {
        "InferRequest": _object(
            {"inputs": _list(tensor, minItems=1, maxItems=1)},
            {
                "id": _or_null(_STRING),
                "parameters": _or_null(_object({}, {"threshold": _or_null(_PROBABILITY)})),
                "outputs": _or_null(_list(wanted)),
            },
        ),
        "InferAnswer": _object({"model_name": _STRING, "outputs": _list(found)}, {"id": _STRING}),
        "ServerMetadata": _object({"name": _STRING, "version": _STRING, "extensions": _list(_STRING)}),
        "ModelMetadata": {"type": "object", "required": ["name", "platform", "inputs", "outputs"]},
    }
