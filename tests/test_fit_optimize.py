"""Answers that are best for macro F1: for every architecture, on held-out texts only, kept in the model."""

from __future__ import annotations

import random
import warnings

import numpy as np
import pytest

from wordloom.corpus import Corpus
from wordloom.errors import WordloomWarning
from wordloom.fit import FitInput, fit
from wordloom.models.keras.conversion import as_keras_network
from wordloom.settings import Settings
from wordloom.text_model import TextModel

pytestmark = pytest.mark.usefixtures("compiled_kernels")
SETTINGS = {
    "mean": {"dimensions": 3, "epochs": 8, "learning_rate": 0.1, "validation_split": 0.2},
    "ngram": {"epochs": 8, "validation_split": 0.2},
    "documents": {"dimensions": 4, "epochs": 10, "min_count": 1},
}
every_architecture = pytest.mark.parametrize("architecture", list(SETTINGS))


def skewed(n: int, seed: int = 0) -> Corpus:
    """One text in ten is rare; the sign of most of these stands in usual ones more often than in them."""
    rng = random.Random(seed)
    labels = ["rare" if i % 10 == 0 else "usual" for i in range(n)]
    signs = ["odd" if rng.random() < (0.75 if label == "rare" else 0.15) else "even" for label in labels]
    texts = [f"{sign} {sign}ly {sign}ness {rng.randrange(5)}" for sign in signs]
    return Corpus(texts, labels, name="skewed")


def settings(architecture: str, **values: object) -> Settings:
    own = {**SETTINGS[architecture], "optimize": "macro-f1", "random_state": 1, "threads": 1}
    return Settings(architecture=architecture, **{**own, **values})


def fitted(architecture: str, **values: object) -> TextModel:
    """Given texts for validation where the architecture holds none out."""
    given = FitInput(validation=skewed(400, 5) if architecture == "documents" else None)
    return fit(skewed(1500), settings(architecture, **values), given)


def logits(network, model, texts):
    return network.logits(network.prepared(model.encode(texts)))


@every_architecture
def test_macro_f1_is_higher_on_new_texts_and_the_model_says_what_was_done(architecture, tmp_path):
    other = skewed(1000, 9)
    model, plain = fitted(architecture), fitted(architecture, optimize="accuracy")
    scores, without = (each.evaluate(other.texts, other.labels) for each in (model, plain))
    assert scores.macro_f1 > without.macro_f1 + 0.05
    found = model.record["optimized"]
    assert found["measure"] == "macro-f1"
    assert found["macro_f1"][1] > found["macro_f1"][0]
    assert found["texts"] in (300, 400)
    assert "optimized" not in plain.record
    rare, usual = found["offsets"]
    np.testing.assert_allclose(
        logits(model.network, model, other.texts),
        logits(plain.network, plain, other.texts) + (usual - rare),
        atol=1e-4,
    )
    model.save(tmp_path / "m")
    again = TextModel.load(tmp_path / "m")
    assert again.predict(other.texts) == model.predict(other.texts)
    assert again.record["optimized"] == found


def test_lower_accuracy_for_a_higher_macro_f1_is_no_sign_of_nothing_learned():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = fitted("ngram").record["optimized"]
    assert found["accuracy"][1] < found["accuracy"][0]


@pytest.mark.parametrize("architecture", ["mean", "ngram"])
@pytest.mark.parametrize(
    ("n", "share", "said"), [(500, 0.2, "there are 100, 10 of the rarest"), (1500, 0.0, "there are 0, 0")]
)
def test_with_few_texts_held_out_it_warns_and_the_likeliest_label_stays(architecture, n, share, said):
    few = {"validation_split": share, "epochs": 2}
    with pytest.warns(WordloomWarning, match=said):
        model = fit(skewed(n), settings(architecture, **few))
    assert model.record["optimized"]["offsets"] is None
    plain = fit(skewed(n), settings(architecture, **few, optimize="accuracy"))
    texts = skewed(100, 3).texts
    assert (model.predict_proba(texts) == plain.predict_proba(texts)).all()


def test_a_class_with_few_texts_held_out_is_too_little_as_well():
    usual = Corpus([f"even {i % 50}" for i in range(1500)], ["usual"] * 1490 + ["rare"] * 10)
    with pytest.warns(WordloomWarning, match="there are 300, 2 of the rarest;"):
        assert fit(usual, settings("ngram")).record["optimized"]["offsets"] is None


def test_uncalibrated_and_weighted_models_are_shifted_too():
    for values in ({"calibrate": False}, {"class_weight": "balanced"}):
        found = fitted("ngram", **values).record["optimized"]
        assert found["macro_f1"][1] >= found["macro_f1"][0] > 0.4


def test_a_network_of_keras_layers_is_shifted_by_its_last_bias():
    model = fitted("mean", optimize="accuracy", maxlen=4, mask_padding=False)
    network, texts = as_keras_network(model.network), ["odd oddly 1", "even 2"]
    moved = network.shifted(np.array([0.5]))
    np.testing.assert_allclose(
        logits(moved, model, texts), logits(network, model, texts) + 0.5, rtol=1e-6, atol=1e-6
    )
