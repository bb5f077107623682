"""The description at /openapi.json: requests and answers are as it says, also those made up from it."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings

from wordloom.server import Limits, application
from wordloom.server.endpoints import ENDPOINTS


@pytest.fixture(scope="module")
def description(vector_model):
    """The server's description as schemathesis reads it, with the server behind it."""
    schemathesis = pytest.importorskip("schemathesis")
    app = application(vector_model, "tiny", Limits(characters=500, texts=20))
    return schemathesis.openapi.from_asgi("/openapi.json", app)


@pytest.mark.slow
@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda row: row.path)
def test_requests_made_up_from_the_description_are_answered_as_it_says(description, endpoint):
    made_up(description, endpoint, "POSITIVE")


@pytest.mark.slow
@pytest.mark.parametrize("endpoint", [row for row in ENDPOINTS if row.forms], ids=lambda row: row.path)
def test_requests_that_the_description_does_not_allow_are_refused_as_it_says(description, endpoint):
    made_up(description, endpoint, "NEGATIVE")


def made_up(description, endpoint, mode):
    """Send requests of schemathesis', the same each time; check the answers in every way that it knows."""
    from schemathesis import GenerationMode
    from schemathesis.specs.openapi import checks

    operation = description[endpoint.path][endpoint.method]

    @settings(max_examples=12, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
    @given(case=operation.as_strategy(generation_mode=GenerationMode[mode]))
    def answered_as_described(case):
        answer = case.call()
        left_out = []
        if answer.status_code == 413:  # refuses too, which the check does not know
            left_out = [checks.negative_data_rejection]
        if endpoint.path.endswith("/infer"):  # no schema says that a shape must fit the data
            left_out = [checks.positive_data_acceptance]
        case.validate_response(answer, excluded_checks=left_out)

    answered_as_described()


def test_the_description_names_all_paths_and_the_limits(client):
    found = client.get("/openapi.json").json()
    assert {"/predict", "/v1/models/{name}:explain", "/v2/models/{name}/infer", "/neighbors"} <= set(
        found["paths"]
    )
    texts = found["components"]["schemas"]["InstancesRequest"]["properties"]["instances"]
    assert (texts["maxItems"], texts["items"]["maxLength"]) == (1_000, 1_000_000)
    assert "securitySchemes" not in found["components"]


def test_the_description_says_which_paths_need_the_token(served, model):
    found = served(model, token="secret")
    paths = found.get("/openapi.json", headers={"Authorization": "Bearer secret"}).json()["paths"]
    assert paths["/predict"]["post"]["security"] == [{"token": []}]
    assert "security" not in paths["/healthz"]["get"]
