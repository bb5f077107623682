"""A model as an ONNX graph with a tokenizer of its own: its answers are those of the model."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys

import numpy as np
import pytest
from small_models import KINDS, answers_of, corpus, texts_for

from wordloom import TextModel
from wordloom.errors import UsageError
from wordloom.exporting.onnx_folder import EXAMPLE, NETWORK, TOKENIZER, write_onnx_folder
from wordloom.exporting.onnx_graph import onnx_model
from wordloom.fit import fit
from wordloom.settings import Settings
from wordloom.targets import GRADED, MULTILABEL, SINGLE

NETWORKS: dict[str, tuple[str, dict]] = {
    "mean": (SINGLE, {"architecture": "mean", "hidden": 3}),
    "mean of padded texts": (MULTILABEL, {"architecture": "mean", "maxlen": 6, "mask_padding": False}),
    "max": (GRADED, {"architecture": "max", "maxlen": 7}),
    "mean + max + min": (SINGLE, {"architecture": "pooled"}),
    "flatten": (SINGLE, {"architecture": "flatten", "maxlen": 5, "padding": "post", "ids": "imdb"}),
    "documents": (SINGLE, {"architecture": "documents"}),
    "documents of few dimensions": (MULTILABEL, {"architecture": "documents", "dimensions": 2}),
}


@pytest.fixture(scope="module")
def networks(kinds) -> dict[str, TextModel]:
    pytest.importorskip("onnx", reason="needs the extra: pip install 'wordloom[onnx]'")
    pytest.importorskip("onnxruntime", reason="needs onnxruntime: pip install 'wordloom[dev]'")
    made = dict(kinds)
    for name, (target, changes) in NETWORKS.items():
        settings = {"dimensions": 4, "epochs": 2, "random_state": 1, "threads": 1} | changes
        made[name] = fit(corpus(target), Settings(**settings))
    return made


def example_of(folder):
    """The written example as a module, and the session of the written network."""
    import onnxruntime

    spec = importlib.util.spec_from_file_location("example", folder / EXAMPLE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module, onnxruntime.InferenceSession(str(folder / NETWORK), providers=["CPUExecutionProvider"])


@pytest.mark.parametrize("name", [*KINDS, *NETWORKS])
def test_the_example_answers_as_the_model_does_whatever_the_text_holds(networks, tmp_path, name):
    model = networks[name]
    write_onnx_folder(model, tmp_path / "onnx")
    example, session = example_of(tmp_path / "onnx")
    texts = texts_for(model, 150)
    for text in texts:
        assert example.words(text) == model.tokenizer.tokenize(text), ascii(text)
    found, ours = example.probabilities(session, texts), answers_of(model, texts)
    assert found.dtype == np.float64
    np.testing.assert_allclose(found, ours, rtol=0, atol=1e-6)
    np.testing.assert_allclose(example.probabilities(session, texts[7:8]), found[7:8], rtol=1e-12)


def test_the_example_runs_as_a_program_and_without_wordloom(networks, tmp_path):
    write_onnx_folder(networks["characters"], tmp_path / "onnx")
    assert "import wordloom" not in (tmp_path / "onnx" / EXAMPLE).read_text(encoding="utf-8")
    command = [sys.executable, str(tmp_path / "onnx" / EXAMPLE), "a great film"]
    ran = subprocess.run(command, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    ours = networks["characters"].predict_proba(["a great film"])[0]
    assert list(json.loads(ran.stdout)["probabilities"].values()) == pytest.approx(ours.tolist(), abs=1e-6)


IN_JAVASCRIPT = """
import {readFile} from "node:fs/promises";
const [folder] = process.argv.slice(1);
const {encoder, probabilities} = await import("file://" + folder + "/example.mjs");
const rules = JSON.parse(await readFile(folder + "/tokenizer.json"));
const texts = JSON.parse(await readFile(folder + "/texts.json"));
let answers = null; // where a runtime is installed, what it says; the ids in any case
try {
  const ort = await import("onnxruntime-web");
  const session = await ort.InferenceSession.create(await readFile(folder + "/model.onnx"));
  answers = await probabilities(ort, session, rules, texts);
} catch (error) { if (error.code !== "ERR_MODULE_NOT_FOUND") throw error; }
console.log(JSON.stringify({ids: texts.map(encoder(rules)), answers}));
"""


@pytest.mark.parametrize("name", ["characters", "ids of Keras", "flatten"])
def test_the_example_in_javascript_gives_the_same_ids_and_answers(networks, node, tmp_path, name):
    model, folder = networks[name], tmp_path / "onnx"
    write_onnx_folder(model, folder)
    texts = texts_for(model, 100)
    (folder / "texts.json").write_text(json.dumps(texts))
    command = [node, "--input-type=module", "--eval", IN_JAVASCRIPT, str(folder)]
    ran = subprocess.run(command, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    found = json.loads(ran.stdout)
    example, _ = example_of(folder)
    assert found["ids"] == [example.ids(text) for text in texts]
    if found["answers"] is not None:
        np.testing.assert_allclose(found["answers"], answers_of(model, texts), rtol=0, atol=1e-6)


def test_the_graph_takes_the_models_own_ids(networks):
    import onnxruntime

    model = networks["several classes"]
    session = onnxruntime.InferenceSession(onnx_model(model.network).SerializeToString())
    ids = model.encode(["a great film"]).ids[None].astype(np.int64)
    found = session.run(["probabilities"], {"ids": ids})[0]
    np.testing.assert_allclose(found, model.predict_proba(["a great film"]), atol=1e-6)


def test_a_network_of_keras_layers_is_refused_with_the_way_out(networks):
    class Layers:
        class shape:
            architecture = "gru"

    with pytest.raises(UsageError, match=r"'gru' is made of Keras' layers.*--keras"):
        onnx_model(Layers())


def test_the_tokenizer_file_names_no_text_of_the_training_data(networks, tmp_path):
    model = networks["several classes"].with_record(data={"name": "/home/me/secret.csv"})
    write_onnx_folder(model, tmp_path / "onnx")
    assert b"secret" not in (tmp_path / "onnx" / TOKENIZER).read_bytes()
