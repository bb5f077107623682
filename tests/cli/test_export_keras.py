"""`wordloom export --keras`: a model folder as a Keras model."""

from __future__ import annotations

import numpy as np
import pytest

from wordloom import TextModel, from_keras

pytestmark = pytest.mark.usefixtures("weights_not_drawn")


def test_the_file_answers_as_the_model_does(keras, answer, model, tmp_path):
    document = answer("export", model, "--keras", "m.keras", "--api", "functional")
    assert document["content"] == "a Keras model"
    assert document["bytes"] == (tmp_path / "m.keras").stat().st_size
    ours = TextModel.load(model)
    texts = ["a great film", "dull plot"]
    back = from_keras(tmp_path / "m.keras", ours.vocabulary)
    np.testing.assert_allclose(back.predict_proba(texts), ours.predict_proba(texts), atol=1e-5)


def test_weights_alone_and_what_is_said(keras, run, model, tmp_path):
    result = run("export", model, "--keras", "m.weights.h5")
    assert result.exit_code == 0, result.output
    assert "Wrote m.weights.h5: the weights of a Keras model" in result.stdout
    assert "ids of this model's vocabulary" in result.stdout
    weights = TextModel.load(model).with_keras_weights(tmp_path / "m.weights.h5")
    assert weights.predict(["a great film"]) == ["pos"]


def test_names_that_say_nothing(keras, fails, model, tmp_path):
    assert "ends in .keras" in fails(2, "export", model, "--keras", "m.zip")
    assert not list(tmp_path.glob("m.zip*"))
