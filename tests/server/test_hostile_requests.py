"""Requests that cannot be answered get an error in JSON that says why, and the server goes on."""

from __future__ import annotations

import json

import pytest

from wordloom.errors import UsageError
from wordloom.server import Limits, application

GOOD = {"inputs": "a great film"}


@pytest.fixture(autouse=True)
def still_answers(client):
    """After each of these tests the server answers as ever."""
    yield
    assert client.post("/predict", json=GOOD).json()[0]["label"] == "pos"


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "not JSON"),
        (b"{", "not JSON"),
        (b'{"inputs": "a"} x', "not JSON"),
        (b'{"inputs": "\xff"}', "not UTF-8: invalid start byte at byte 12"),
        (b'\xef\xbb\xbf{"inputs": "a"}', "not JSON"),
        (b'{"inputs": NaN}', "NaN is no JSON"),
        (b'{"inputs": 1' + b"0" * 5000 + b"}", "a number has too many digits"),
        (b"[" * 100_000, "nested more than 50 levels"),
        (b'{"inputs": ' + b"[" * 60 + b"]" * 60 + b"}", "nested more than 50 levels"),
        (b'{"a":' * 100_000, "nested more than 50 levels"),
    ],
)
def test_a_body_that_is_no_json_is_refused(refused, body, message):
    import re

    assert re.search(message, refused(400, body))


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ([], "an object with 'inputs' or 'instances'"),
        ("text", "an object with 'inputs' or 'instances'"),
        ({}, "an object with 'inputs' or 'instances'"),
        ({"inputs": "a", "instances": ["a"]}, "one of them only"),
        ({"inputs": None}, "'inputs' must be a string or a list, not None"),
        ({"inputs": 1}, "'inputs' must be a string or a list, not 1"),
        ({"inputs": ["a", 1]}, "'inputs.1' must be a string, not 1"),
        ({"inputs": [["a"]]}, "'inputs.0' must be a string"),
        (
            {"inputs": "a", "parameters": {"topk": 1}},
            "'parameters.topk' is not known here. Did you mean 'top_k'",
        ),
        ({"inputs": "a", "parameters": {"top_k": 0}}, "'top_k' must be from 1"),
        ({"inputs": "a", "parameters": {"top_k": True}}, "'parameters.top_k' must be"),
        ({"inputs": "a", "parameters": {"threshold": 2}}, "'threshold' must be from 0 to 1"),
        ({"inputs": "a", "options": {}}, "'options' is not known here"),
        ({"instances": "a"}, "'instances' must be a list, not 'a'"),
        ({"instances": []}, "'instances' is empty"),
        ({"instances": ["a"], "signature_name": "other"}, "'signature_name' must be one of serving_default"),
    ],
)
def test_a_document_of_another_form_is_refused_and_the_entry_named(refused, document, message):
    assert message in refused(400, document)


TENSOR = {"name": "text", "shape": [1], "datatype": "BYTES", "data": ["a"]}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"name": "x"}, "the input is called 'text'"),
        ({"datatype": "FP32"}, "the datatype of texts is 'BYTES'"),
        ({"shape": [2]}, "does not fit 'data', whose length is 1"),
        ({"shape": [1, 2]}, "the shape of texts is [N] or [N, 1]"),
        ({"shape": []}, "the shape of texts is [N] or [N, 1]"),
        ({"data": [1]}, "'data.0' must be a string"),
        ({"data": [["a"]]}, "'data.0' must be a string"),
        ({"shape": [1, 1], "data": [["a", "b"]]}, "'data.0' must be a string"),
    ],
)
def test_a_tensor_that_holds_no_texts_is_refused(refused, change, message):
    assert message in refused(400, {"inputs": [{**TENSOR, **change}]}, "/v2/models/tiny/infer")


def test_binary_tensors_are_refused(refused):
    wanted = [{"name": "label", "parameters": {"binary_data": True}}]
    path = "/v2/models/tiny/infer"
    assert "binary_data false" in refused(400, {"inputs": [TENSOR], "outputs": wanted}, path)
    head = {"Inference-Header-Content-Length": "10"}
    assert "Binary tensors" in refused(400, b"{}", path, headers=head)
    assert "no output 'labels'" in refused(400, {"inputs": [TENSOR], "outputs": [{"name": "labels"}]}, path)
    assert "one input, 'text', not 2" in refused(400, {"inputs": [TENSOR, TENSOR]}, path)


def test_what_is_beyond_a_limit_is_refused_and_the_limit_named(served, model, refused):
    limits = Limits(body_bytes=300, texts=3, characters=100, explained_characters=30)
    small = served(model, limits)
    assert "at most 300" in refused(413, {"inputs": "a" * 400}, asked=small)
    assert "4 texts are too many for a request; it takes 3" in refused(
        413, {"inputs": ["a"] * 4}, asked=small
    )
    assert "Text 1 has 101 characters" in refused(413, {"inputs": ["a", "b" * 101]}, asked=small)
    explain = "/v1/models/tiny:explain"
    assert "at most 30 are explained" in refused(413, {"instances": ["a" * 31]}, explain, asked=small)
    assert small.post("/predict", json={"inputs": ["a" * 60] * 3}).status_code == 200


def test_a_body_without_a_length_is_counted_while_it_comes(served, model):
    pieces = 0

    def endless():
        nonlocal pieces
        while pieces < 10_000:
            pieces += 1
            yield b" " * 100

    answer = served(model, Limits(body_bytes=1_000)).post("/predict", content=endless())
    assert answer.status_code == 413
    assert answer.headers["connection"] == "close"


def test_bodies_of_all_requests_together_are_bounded(served, model, refused):
    client = served(model, Limits(held_bytes=100))
    answer = client.post("/predict", json={"inputs": "a" * 200})
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
    assert client.post("/predict", json=GOOD).status_code == 200


def test_a_body_that_is_packed_is_refused(refused):
    assert "Content-Encoding" in refused(415, b"\x1f\x8b", headers={"Content-Encoding": "gzip"})


@pytest.mark.parametrize("name", ["other", "..%2f..%2fetc%2fpasswd", "%00", "tiny%20", "TINY", "a" * 5000])
@pytest.mark.parametrize("path", ["/v1/models/{}:predict", "/v2/models/{}/infer"])
def test_another_name_than_the_models_is_unknown(client, name, path, monkeypatch):
    def opened(*_, **__):
        raise AssertionError("a request reached the file system")

    monkeypatch.setattr("builtins.open", opened)
    answer = client.post(path.format(name), json=GOOD)
    assert answer.status_code == 404
    assert len(answer.json()["error"]["message"]) < 300


def test_other_paths_and_methods_are_errors_in_json(client):
    assert client.get("/nowhere").json()["error"]["code"] == "not_found"
    wrong = client.get("/predict")
    assert (wrong.status_code, wrong.headers["allow"]) == (405, "POST")
    assert wrong.json()["error"]["message"] == "This path takes POST."
    assert client.post("/predict/", json=GOOD).status_code == 404


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("", "'word' is missing"),
        ("?word=a&word=b", "twice"),
        ("?word=a&n=0", "'n' must be a whole number from 1 to 1,000"),
        ("?word=a&n=1e3", "'n' must be a whole number"),
        ("?word=a&n=\u0663", "'n' must be a whole number"),
        ("?word=a&metric=manhattan", "'metric' must be one of cosine, euclidean"),
        ("?word=%ff", "cannot be read"),
        ("?word=a&k=3", "'k' is not known here"),
        ("?" + "a=1&" * 100, "cannot be read"),
    ],
)
def test_a_query_that_makes_no_sense_is_refused(served, vector_model, query, message):
    answer = served(vector_model).get("/neighbors" + query)
    assert answer.status_code == 400
    assert message in answer.json()["error"]["message"]


def test_the_token_is_asked_for(served, model):
    client = served(model, token="s\u00e9cret")
    for head in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": "Basic s\u00e9cret"}):
        head = {name: value.encode() for name, value in head.items()}
        answer = client.post("/predict", json=GOOD, headers=head)
        assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
    right = {"Authorization": "Bearer s\u00e9cret".encode()}
    assert client.post("/predict", json=GOOD, headers=right).status_code == 200
    assert client.get("/healthz").status_code == 200


def test_a_bug_is_an_error_in_json_too(client, monkeypatch):
    def broken(*_):
        raise ZeroDivisionError

    with monkeypatch.context() as patch:
        patch.setattr("wordloom.models.ngram.NgramNetwork.probabilities", broken)
        answer = client.post("/predict", json=GOOD)
    assert answer.status_code == 500
    assert answer.json()["error"]["code"] == "internal_error"


@pytest.mark.parametrize("name", ["", "a/b", "a:b", "a?b", "a\nb", "a%2fb"])
def test_a_model_cannot_have_a_name_that_no_path_can_hold(model, name):
    with pytest.raises(UsageError, match="part of a URL"):
        application(model, name)


def test_an_answer_to_a_lone_surrogate_is_json(client):
    body = json.dumps({"inputs": "a great \ud800", "oops\ud800": 1})
    answer = client.post("/predict", content=body)
    assert answer.status_code == 400
    assert "oops" in answer.json()["error"]["message"]
