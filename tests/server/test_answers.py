"""What a server answers is what Python and the command line say, in the form that is asked for."""

from __future__ import annotations

import json

import numpy as np
import pytest
from click.testing import CliRunner

from wordloom.cli.program import program

TEXTS = [
    "a great film",
    "the plot was dull",
    "",
    "unheard words",
    "caf\u00e9 \u65e5\u672c great",
    "nul \x00 great",
    "lone \ud800 dull",
]


def test_probabilities_are_those_of_python_to_the_last_bit(client, model):
    answer = client.post("/predict", content=json.dumps({"instances": TEXTS})).json()["predictions"]
    found = [list(one["probabilities"].values()) for one in answer]
    assert np.array_equal(found, model.predict_proba(TEXTS))
    assert [one["label"] for one in answer] == model.predict(TEXTS)


def test_a_text_is_answered_alike_alone_and_among_others(client):
    together = client.post("/predict", content=json.dumps({"inputs": TEXTS})).json()
    alone = [client.post("/predict", content=json.dumps({"inputs": text})).json() for text in TEXTS]
    assert [one for answer in alone for one in answer] == together


def test_predictions_are_those_of_the_command_line(client, model, tmp_path):
    model.save(tmp_path / "m")
    texts = ["a great film", "the plot was dull"]
    said = json.loads(CliRunner().invoke(program, ["predict", str(tmp_path / "m"), *texts, "--json"]).stdout)
    answer = client.post("/v1/models/tiny:predict", json={"instances": texts}).json()
    assert answer["predictions"] == [{key: one[key] for key in one if key != "text"} for one in said]


def test_inputs_are_answered_as_a_pipeline_of_transformers_does(client, model):
    best = client.post("/predict", json={"inputs": "a great film"}).json()
    assert [set(one) for one in best] == [{"label", "score"}]
    two = client.post("/predict", json={"inputs": "a great film", "parameters": {"top_k": 2}}).json()
    assert two[0] == best[0]
    assert two[0]["score"] >= two[1]["score"]
    lists = client.post("/predict", json={"inputs": ["a great film", ""], "parameters": {"top_k": 9}}).json()
    assert [len(one) for one in lists] == [3, 3]
    assert lists[0][:2] == two
    assert client.post("/predict", json={"inputs": []}).json() == []


def test_a_threshold_leaves_out_what_the_model_is_unsure_of(client, model):
    texts = ["a great film", "unheard words"]
    sure = model.predict(texts, threshold=0.6)
    assert None in sure
    body = {"inputs": texts, "parameters": {"threshold": 0.6}}
    assert [one["label"] for one in client.post("/predict", json=body).json()] == sure
    body["parameters"]["top_k"] = 3
    assert [len(one) for one in client.post("/predict", json=body).json()] == [1, 0]
    tensor = {"name": "text", "shape": [2], "datatype": "BYTES", "data": texts}
    asked = {"inputs": [tensor], "parameters": {"threshold": 0.6}, "outputs": [{"name": "label"}]}
    answer = client.post("/v2/models/tiny/infer", json=asked).json()
    assert answer["outputs"][0]["data"] == [label or "" for label in sure]


@pytest.mark.parametrize("shape", [[2], [2, 1]])
def test_open_inference_answers_with_tensors(client, model, shape):
    texts = ["a great film", "the plot was dull"]
    data = texts if len(shape) == 1 else [[text] for text in texts]
    tensor = {"name": "text", "shape": shape, "datatype": "BYTES", "data": data}
    answer = client.post("/v2/models/tiny/infer", json={"id": "7", "inputs": [tensor]}).json()
    assert (answer["model_name"], answer["id"]) == ("tiny", "7")
    found = {one["name"]: one for one in answer["outputs"]}
    described = {one["name"]: one for one in client.get("/v2/models/tiny").json()["outputs"]}
    assert {name: one["datatype"] for name, one in found.items()} == {
        name: one["datatype"] for name, one in described.items()
    }
    table = np.reshape(found["probabilities"]["data"], found["probabilities"]["shape"])
    assert np.array_equal(table, model.predict_proba(texts))
    assert described["probabilities"]["parameters"]["labels"] == list(model.labels)
    assert found["label"]["data"] == model.predict(texts)
    assert found["probability"]["data"] == table.max(axis=1).tolist()


def tensors_of(client, texts):
    """The outputs of the Open Inference Protocol, by name."""
    tensor = {"name": "text", "shape": [len(texts)], "datatype": "BYTES", "data": texts}
    answer = client.post("/v2/models/tiny/infer", json={"inputs": [tensor]}).json()
    return {one["name"]: one["data"] for one in answer["outputs"]}


@pytest.mark.slow
def test_several_labels_of_a_text_are_all_answered(served, multilabel_model):
    client, texts = served(multilabel_model), ["a great film", "the plot was dull", "fair", ""]
    wanted = multilabel_model.predict(texts)
    assert len({len(labels) for labels in wanted}) > 1
    found = client.post("/predict", json={"instances": texts}).json()["predictions"]
    assert [tuple(one["labels"]) for one in found] == wanted
    table = multilabel_model.predict_proba(texts)
    assert np.array_equal([list(one["probabilities"].values()) for one in found], table)
    lists = client.post("/predict", json={"inputs": texts}).json()
    assert [{one["label"] for one in given} for given in lists] == list(map(set, wanted))
    assert client.post("/predict", json={"inputs": texts[0]}).json() == lists[0]
    tensors = tensors_of(client, texts)
    assert [tuple(json.loads(labels)) for labels in tensors["labels"]] == wanted
    assert np.array_equal(np.reshape(tensors["probabilities"], table.shape), table)


@pytest.mark.slow
def test_grades_are_answered_as_numbers(served, grading_model):
    client, texts = served(grading_model), ["a great film", "the plot was dull", ""]
    wanted = grading_model.predict(texts)
    found = client.post("/predict", json={"instances": texts}).json()["predictions"]
    assert found == [{"grade": grade} for grade in wanted]
    scored = client.post("/predict", json={"inputs": texts}).json()
    assert scored == [{"label": "grade", "score": grade} for grade in wanted]
    assert tensors_of(client, texts) == {"grade": wanted}
    refused = client.post("/predict", json={"inputs": texts, "parameters": {"threshold": 0.5}})
    assert refused.status_code == 400
    assert "model of grades" in refused.json()["error"]["message"]


@pytest.mark.parametrize("label", [None, "neg"])
def test_explanations_are_those_of_python(client, model, label):
    texts = ["a great film", "", "unheard <b>dull</b>"]
    answer = client.post("/v1/models/tiny:explain", json={"instances": texts, "label": label}).json()
    wanted = [model.explain(text, label).to_config() for text in texts]
    assert answer == {"explanations": json.loads(json.dumps(wanted))}
    unknown = client.post("/v1/models/tiny:explain", json={"instances": texts, "label": "no such"})
    assert unknown.status_code == 400
    assert "no label 'no such'" in unknown.json()["error"]["message"]


def test_health_and_readiness_are_answered(client):
    for path in ("/healthz", "/v2", "/v2/health/live", "/v2/health/ready", "/v2/models/tiny/ready"):
        assert client.get(path).status_code == 200, path
    assert client.get("/v1/models").json() == {"models": ["tiny"]}
    assert client.get("/v1/models/tiny").json() == {"name": "tiny", "ready": True}
    assert client.head("/healthz").status_code == 200


def test_metadata_say_what_the_model_is_and_name_no_path(client, model):
    found = client.get("/metadata").json()
    assert (found["name"], found["labels"]) == ("tiny", list(model.labels))
    assert found["limits"]["texts"] == 1000
    assert "/" not in json.dumps(found)


def test_neighbors_are_those_of_the_word_vectors(served, vector_model):
    from wordloom.vectors import neighbors

    client = served(vector_model)
    answer = client.get("/neighbors", params={"word": "great", "n": 3, "metric": "euclidean"}).json()
    wanted = neighbors(vector_model.vectors(), "great", 3, "euclidean")
    assert answer == {"word": "great", "metric": "euclidean", "neighbors": [one._asdict() for one in wanted]}
    unknown = client.get("/neighbors", params={"word": "greta"})
    assert unknown.status_code == 404
    assert "greta" in unknown.json()["error"]["message"]


def test_a_model_without_word_vectors_says_that_it_has_no_neighbors(client):
    answer = client.get("/neighbors", params={"word": "great"})
    assert answer.status_code == 404
    assert "no word vectors" in answer.json()["error"]["message"]


def test_a_page_to_type_a_text_names_no_outside_address(client):
    page = client.get("/")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "<textarea" in page.text
    assert "://" not in page.text


def test_metadata_have_the_scores_of_models_of_several_labels_and_of_grades(served, multilabel_model):
    test = {"n": 9, "micro_f1": 0.5, "macro_f1": 0.25, "labels": ["secret"], "name": "/of/mine.csv"}
    client = served(multilabel_model.with_record(scores={"test": test}))
    assert client.get("/metadata").json()["test"] == {"n": 9, "micro_f1": 0.5, "macro_f1": 0.25}
