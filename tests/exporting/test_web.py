"""An n-gram model in a browser and in Node: its answers are those of Python, whatever the text holds."""

from __future__ import annotations

import dataclasses
import functools
import gzip
import http.server
import json
import subprocess
import threading
from collections import Counter

import numpy as np
import pytest
from small_models import KINDS, answers_of, texts_for

from wordloom import TextModel
from wordloom.errors import UsageError
from wordloom.exporting.web import MODEL, MODULE, PAGE, web_file, write_web_folder
from wordloom.targets import GRADED, MULTILABEL
from wordloom.text.tokenizer import Tokenizer

ANSWERS = """
async (model, texts) => texts.map(text => {
  const {label, bias, contributions, words} = model.explain(text);
  return {words: model.tokenizer.words(text), said: model.predict(text),
    probabilities: model.read(text).probabilities, label, bias,
    parts: contributions.map(part => [part.kind, part.text, part.value, part.times]),
    effects: words.map(word => word.effect)};
})
"""
IN_NODE = f"""
import {{readFile}} from "node:fs/promises";
const [folder] = process.argv.slice(1);
const {{load}} = await import("file://" + folder + "/wordloom.js");
const model = await load(await readFile(folder + "/model.bin"));
const texts = JSON.parse(await readFile(folder + "/texts.json"));
console.log(JSON.stringify(await ({ANSWERS})(model, texts)));
"""


def in_node(node: str, folder, texts: list[str]) -> list[dict]:
    (folder / "texts.json").write_text(json.dumps(texts))
    command = [node, "--input-type=module", "--eval", IN_NODE, str(folder)]
    ran = subprocess.run(command, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)


def test_node_answers_as_python_does_whatever_the_text_holds(node, ngram_model, tmp_path):
    folder, texts = tmp_path / "web", texts_for(ngram_model)
    write_web_folder(ngram_model, folder)
    found = in_node(node, folder, texts)
    for text, one in zip(texts, found, strict=True):
        assert one["words"] == ngram_model.tokenizer.tokenize(text), ascii(text)
    ours = answers_of(ngram_model, texts)
    assert np.ptp(ours, axis=0).max() > 0.2  # answers that differ, so that equal ones say something
    np.testing.assert_allclose([one["probabilities"] for one in found], ours, rtol=0, atol=1e-6)
    said, values = [one["said"] for one in found], ngram_model.predict(texts)
    if ngram_model.target == GRADED:
        np.testing.assert_allclose([one["grade"] for one in said], values, atol=1e-5)
    elif ngram_model.target == MULTILABEL:
        assert [tuple(one["labels"]) for one in said] == values
    else:
        assert [one["label"] for one in said] == values


KINDS_THERE = {"start mark": "word", "word boundary": "characters"}
EXPLAINED = {"several labels", "grades", "characters", "ids of Keras"}
"""A kind for each form of what is explained; how words are found is tested with the answers, of all kinds."""
BOUNDARIES = {"<": ">"}  # one alone is named by where it stands first


@pytest.mark.parametrize(
    "ngram_model",
    [pytest.param(name, marks=() if name in EXPLAINED else pytest.mark.exhaustive) for name in KINDS],
    indirect=True,
)
def test_node_explains_as_python_does(node, ngram_model, tmp_path):
    folder, texts = tmp_path / "web", texts_for(ngram_model, 60)
    write_web_folder(ngram_model, folder)
    for text, one in zip(texts, in_node(node, folder, texts), strict=True):
        ours = ngram_model.explain(text)
        assert (one["label"], one["bias"]) == (ours.label, pytest.approx(ours.bias, abs=1e-6))
        parts = Counter((KINDS_THERE.get(p.kind, p.kind), p.text, p.times) for p in ours.contributions)
        names = ((kind, BOUNDARIES.get(name, name), times) for kind, name, _, times in one["parts"])
        assert Counter(names) == parts
        by_value = sorted(part.value for part in ours.contributions)
        np.testing.assert_allclose(sorted(value for _, _, value, _ in one["parts"]), by_value, atol=1e-6)
        np.testing.assert_allclose(one["effects"], [word.effect for word in ours.words], atol=1e-6)


def test_the_module_is_small_and_needs_nothing(kinds, tmp_path):
    write_web_folder(kinds["characters"], tmp_path / "web")
    module = (tmp_path / "web" / MODULE).read_text(encoding="utf-8")
    assert len(module.encode()) < 10_000
    assert "import" not in module
    assert "require" not in module
    assert {file.name for file in (tmp_path / "web").iterdir()} == {MODEL, MODULE, PAGE}


def test_the_file_is_the_same_each_time_and_holds_no_text_of_the_record(kinds):
    model = kinds["characters"].with_record(data={"name": "/home/me/secret.csv"})
    packed = web_file(model)
    assert packed == web_file(model)
    assert b"secret" not in gzip.decompress(packed)


def test_long_texts_are_answered_whatever_they_repeat(node, kinds, tmp_path):
    model, pieces = (
        kinds["characters"],
        ["很好吃 schön ", "<!--", "<a", "&", "Σ'", "'", "&#1", "e\u0301", "\u0301"],
    )
    texts = [piece * (30_000 // len(piece)) for piece in pieces]
    write_web_folder(model, tmp_path / "web")
    found = [one["probabilities"] for one in in_node(node, tmp_path / "web", texts)]
    np.testing.assert_allclose(found, answers_of(model, texts), atol=1e-6)


@pytest.fixture
def served(tmp_path):
    """The address of a folder `web`, served as `python -m http.server` does."""
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=str(tmp_path / "web"))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.RequestHandlerClass.log_message = lambda *_: None
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("name", ["characters", "several labels"])
def test_a_browser_answers_as_python_does(browser_page, served, kinds, tmp_path, name):
    model = kinds[name]
    write_web_folder(model, tmp_path / "web")
    page = browser_page(served)
    page.wait_for_function("document.getElementById('state').textContent === ''")
    texts = texts_for(model)
    # as JSON, whose escapes keep halves of surrogate pairs
    found = page.evaluate(
        f"""async texts => {{
            const {{load}} = await import("./wordloom.js");
            return JSON.stringify(await ({ANSWERS})(await load("model.bin"), JSON.parse(texts)));
        }}""",
        json.dumps(texts),
    )
    probabilities = [one["probabilities"] for one in json.loads(found)]
    np.testing.assert_allclose(probabilities, answers_of(model, texts), rtol=0, atol=1e-6)


def test_the_page_shows_the_answer_and_what_speaks_for_it(browser_page, served, kinds, tmp_path):
    write_web_folder(kinds["characters"], tmp_path / "web")
    page = browser_page(served)
    page.wait_for_function("document.getElementById('state').textContent === ''")
    page.fill("#text", "a great film <img src=x onerror=alert(1)>")
    assert page.inner_text("#labels tr:first-child td:first-child") == "good ✓"
    assert page.inner_text("#words").split() == ["a", "great", "film"]
    assert page.evaluate("document.images.length") == 0


def test_the_page_says_that_it_needs_a_server(kinds, tmp_path, chromium):
    write_web_folder(kinds["characters"], tmp_path / "web")
    context = chromium.new_context()
    page = context.new_page()
    page.goto((tmp_path / "web" / PAGE).as_uri())
    assert "python -m http.server" in page.inner_text("#state")
    context.close()


def test_what_has_no_form_in_a_browser_is_refused_with_the_reason(kinds, tmp_path):
    model = kinds["several classes"]
    own = dataclasses.replace(model, tokenizer=Tokenizer(function=str.split))
    with pytest.raises(UsageError, match=r"tokenizer is the function 'builtins:str\.split'|str\.split"):
        write_web_folder(own, tmp_path / "web")
    assert not (tmp_path / "web").exists()


def test_a_file_of_another_kind_is_refused_in_words(node, kinds, tmp_path):
    write_web_folder(kinds["several classes"], tmp_path / "web")
    (tmp_path / "web" / MODEL).write_bytes(b"<html>not found</html>")
    with pytest.raises(AssertionError, match="not a model that wordloom exported"):
        in_node(node, tmp_path / "web", [])


def test_a_model_reads_the_same_after_saving(kinds, tmp_path):
    """What is exported does not depend on whether the model was saved and loaded before."""
    model = kinds["limited in size"]
    model.save(tmp_path / "saved")
    assert web_file(TextModel.load(tmp_path / "saved")) == web_file(model)
