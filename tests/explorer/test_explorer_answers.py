"""What the explorer answers and refuses, without a browser."""

from __future__ import annotations

import json
from dataclasses import replace
from importlib.util import find_spec

import pytest
from starlette.testclient import TestClient

from wordloom.checks.checking import check
from wordloom.corpus import Corpus, Dataset
from wordloom.errors import MissingExtraError
from wordloom.explorer import application, check_extra
from wordloom.explorer.explored import Explorable, Explored

LOCAL = "http://127.0.0.1"


@pytest.fixture
def client(explored):
    with TestClient(application(explored), base_url=LOCAL) as made:
        yield made


def test_a_page_of_another_place_is_refused_and_another_name_of_this_one(client):
    question = json.dumps({"text": "superb"})
    assert client.post("/explore/text", content=question).status_code == 200
    for headers in ({"Origin": "http://evil.example"}, {"Host": "evil.example"}, {"Origin": "null"}):
        assert client.post("/explore/text", content=question, headers=headers).status_code == 400


def test_every_answer_forbids_scripts_and_requests_from_elsewhere(client):
    for path in ("/", "/explorer.js", "/explore/about", "/nothing"):
        policy = client.get(path).headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; script-src 'self';")
        assert "connect-src 'self'" in policy


def test_the_answers_of_the_page_are_those_of_the_model(client, model):
    found = client.post("/explore/text", json={"text": "a superb plot", "label": 1}).json()
    probabilities = model.predict_proba(["a superb plot"])[0]
    assert dict(found["labels"])[1] == pytest.approx(probabilities[1], abs=1e-6)
    assert found["label"] == 1
    assert found["parts"][0][0] == "superb"


def test_a_label_or_row_or_table_that_there_is_not_is_refused(client):
    assert client.post("/explore/text", json={"text": "a", "label": 9}).status_code == 404
    assert client.get("/explore/row", params={"row": "120"}).status_code == 404
    assert client.get("/explore/row", params={"row": "../x"}).status_code == 404
    assert client.get("/explore/map", params={"table": "7"}).status_code == 404
    assert client.post("/explore/words", json={"kind": "analogy", "words": ["a"]}).status_code == 400


def test_a_long_text_is_predicted_but_not_explained(client):
    found = client.post("/explore/text", json={"text": "superb " * 20_000}).json()
    assert found["labels"][0][1] > 0.5
    assert "140,000" in found["note"]
    assert found["marks"] == []


def test_decisions_about_other_texts_or_labels_are_not_saved(explored, tmp_path):
    explored.background.begin("check", lambda: check(explored.more.source, explored.more.plan)).result()
    file = tmp_path / "corrections.csv"
    with TestClient(application(explored), base_url=LOCAL) as client:
        row = client.get("/explore/suspects", params={"start": "0"}).json()["suspects"][0]["row"]
        for actions in ({"999": "drop"}, {str(row): "change to nothing"}, {str(row): "=cmd"}):
            assert client.post("/explore/corrections", json={"actions": actions}).status_code == 400
        assert not file.exists()
        saved = client.post("/explore/corrections", json={"actions": {str(row): "drop"}}).json()
    assert saved["file"] == "corrections.csv"
    assert file.read_text(encoding="utf-8") == saved["csv"]


def test_a_source_without_the_labels_of_the_model_says_so(model, source, plan):
    texts = list(source.train.texts)
    other = Dataset(Corpus(texts, ["A", "B"] * 60, "other.csv"), name="other.csv")
    made = Explored(model, "model", replace(Explorable(plan=plan), source=other))
    with TestClient(application(made), base_url=LOCAL) as client:
        answer = client.post("/explore/texts", json={"show": "all"})
        while answer.json().get("working"):
            answer = client.post("/explore/texts", json={"show": "all"})
    assert answer.status_code == 400
    assert "other.csv has none of the model's labels" in answer.json()["error"]["message"]


def test_without_the_token_only_the_page_itself_is_shown(explored):
    with TestClient(application(explored, "secret"), base_url=LOCAL) as client:
        assert client.get("/").status_code == 200
        assert client.get("/explore/about").status_code == 401
        headers = {"Authorization": "Bearer secret"}
        assert client.get("/explore/about", headers=headers).status_code == 200


@pytest.mark.parametrize("package", ["starlette", "bokeh"])
def test_a_missing_package_is_named_with_the_line_that_installs_the_explorer(monkeypatch, package):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None if name == package else find_spec(name))
    with pytest.raises(MissingExtraError, match=rf"'{package}'.*pip install 'wordloom\[explorer\]'"):
        check_extra()
