"""Few labels: what "auto" chooses among, how sure it is, and how it learns."""

from __future__ import annotations

import numpy as np
import pytest

from wordloom import TextModel
from wordloom.corpus import Corpus
from wordloom.errors import WordloomWarning
from wordloom.fit import FitInput, fit
from wordloom.fit.architecture_choice import cross_validation_of
from wordloom.fit.calibration import FEWEST
from wordloom.settings import Settings
from wordloom.vectors import WordVectors

pytestmark = pytest.mark.usefixtures("compiled_kernels")
TOPICS = {
    "ball": ["match", "goal", "team", "player", "coach", "league", "score", "referee", "season", "cup"],
    "food": ["soup", "bread", "oven", "salt", "butter", "pepper", "recipe", "onion", "garlic", "cheese"],
}


def texts_of(n, seed, words=4):
    """Short texts of two topics, each of a few of the topic's words among others that say nothing."""
    rng = np.random.default_rng(seed)
    labels = [("ball", "food")[i % 2] for i in range(n)]
    filler = [f"word{i}" for i in range(40)]
    texts = [
        " ".join(rng.permutation([*rng.choice(TOPICS[label], words), *rng.choice(filler, 2 * words)]))
        for label in labels
    ]
    return texts, labels


@pytest.fixture(scope="module")
def few():
    return Corpus(*texts_of(60, 1, words=1), name="few")


@pytest.fixture(scope="module")
def others():
    """Texts of the same topics, without their labels, and others to test on."""
    return texts_of(600, 2)[0], texts_of(400, 3, words=1)


def accuracy(model, tests):
    texts, labels = tests
    return np.mean(np.array(model.predict(texts)) == np.array(labels))


def test_sixty_texts_are_told_apart_and_their_probabilities_are_as_sure_as_they_are_right(few, others):
    model = fit(few, Settings(random_state=0))
    texts, labels = others[1]
    probabilities = model.predict_proba(texts)
    right = np.array(model.predict(texts)) == np.array(labels)
    assert right.mean() > 0.8
    assert abs(probabilities.max(axis=1).mean() - right.mean()) < 0.12
    crossed = model.record["least_squares"]["cross_validation"]
    assert crossed["texts"] == 60
    assert abs(crossed["accuracy"] - right.mean()) < 0.15


def test_what_few_texts_say_of_how_sure_a_model_may_be_is_believed_in_part(few):
    model, sure = (fit(few, Settings(random_state=0, calibrate=calibrate)) for calibrate in (True, False))
    assert model.record["calibration"] == {"scale": 60 / 84, "texts": 60}
    assert "calibration" not in sure.record
    logits = [np.log(each.predict_proba(few.texts)).dot([-1, 1]) for each in (model, sure)]
    assert logits[0] == pytest.approx(logits[1] * 60 / 84, rel=1e-4)


def test_short_texts_get_documents_where_texts_without_labels_say_more(others):
    labelled = Corpus(*texts_of(12, 4, words=1), name="twelve")
    settings = Settings(random_state=0, threads=1)
    model = fit(labelled, settings, FitInput(unlabelled=others[0]))
    choice = model.record["choice"]
    assert choice["architecture"] == model.network.shape.architecture
    assert {each["architecture"] for each in choice["candidates"]} == {"ngram", "documents"}
    best = min(choice["candidates"], key=lambda each: each["loss"])
    assert best["architecture"] == choice["architecture"] == "documents"
    assert accuracy(model, others[1]) >= accuracy(fit(labelled, settings), others[1])


def test_pretrained_vectors_are_tried_beside_n_grams(few):
    words = [word for topic in TOPICS.values() for word in topic]
    told = WordVectors(words, np.array([[1.0, 0.1]] * 10 + [[-1.0, 0.1]] * 10, dtype=np.float32))
    noise = WordVectors(words, np.random.default_rng(0).normal(size=(20, 2)).astype(np.float32))
    chosen = [fit(few, Settings(vectors=table, random_state=0)).record["choice"] for table in (told, noise)]
    assert [choice["architecture"] for choice in chosen] == ["mean", "ngram"]
    assert "cross-validation on them decides" in chosen[0]["why"]


def test_a_choice_is_kept_with_the_model(few, others, tmp_path):
    model = fit(few, Settings(random_state=0), FitInput(unlabelled=others[0][:100]))
    model.save(tmp_path / "model")
    loaded = TextModel.load(tmp_path / "model")
    assert loaded.record["choice"] == model.record["choice"]
    np.testing.assert_array_equal(loaded.predict_proba(few.texts), model.predict_proba(few.texts))


@pytest.mark.parametrize("n", [60, 400])
def test_threads_do_not_change_what_few_labels_teach(n):
    corpus = Corpus(*texts_of(n, 5), name="threads")
    models = [fit(corpus, Settings(random_state=0, threads=threads)) for threads in (1, 2)]
    arrays = [model.network.arrays() for model in models]
    for name in arrays[0]:
        np.testing.assert_array_equal(arrays[0][name], arrays[1][name])


@pytest.mark.filterwarnings("ignore::wordloom.errors.WordloomWarning")
@pytest.mark.parametrize("unlabelled", [None, ["soup with bread and salt", "bread with butter"] * 5])
def test_classes_of_one_text_are_learned_from(unlabelled):
    texts = ["a goal for the team", "soup with bread", "rain and wind tomorrow"]
    model = fit(
        Corpus(texts, ["ball", "food", "sky"]), Settings(random_state=0), FitInput(unlabelled=unlabelled)
    )
    assert model.network.shape.architecture == "ngram"
    assert model.predict([*texts, "the team"]) == ["ball", "food", "sky", "ball"]
    more = fit(Corpus([*texts, "more soup"], ["ball", "food", "sky", "food"]), Settings(random_state=0))
    assert more.predict(texts) == ["ball", "food", "sky"]


def test_enough_texts_to_hold_some_out_are_learned_from_in_both_ways():
    model = fit(Corpus(*texts_of(400, 6), name="more"), Settings(random_state=0))
    shares = {each["weighting"]: each["share"] for each in model.record["combination"]["classifiers"]}
    assert "least-squares" in shares
    assert sum(shares.values()) <= 1 + 1e-9
    plain = fit(Corpus(*texts_of(1_000, 6), name="many"), Settings(random_state=0)).record
    assert "least_squares" not in plain


def test_a_mean_of_classifiers_is_compared_by_what_it_gains_over_least_squares():
    texts, labels = texts_of(400, 6, words=1)
    labels[::10] = ["food"] * 40  # or no logit is sure enough
    record = fit(Corpus(texts, labels, name="more"), Settings(random_state=0)).record
    alone, gain = record["least_squares"]["cross_validation"], record["combination"]["over_least_squares"]
    assert 0 < gain["loss"] < 1.05  # least squares could have all of the mean
    compared = cross_validation_of(record)
    share = 40 / FEWEST  # the texts held out are too few to be believed altogether
    assert gain["texts"] == 40
    assert compared["loss"] == pytest.approx(alone["loss"] * gain["loss"] ** share)
    assert compared["accuracy"] == pytest.approx(min(alone["accuracy"] + share * gain["accuracy"], 1))
    assert compared["texts"] == 400


@pytest.mark.parametrize("given", [{"epochs": 2}, {"learning_rate": 1.0}, {"dropout": 0.3}])
def test_settings_of_steps_are_heeded_with_few_labels_too(few, given):
    assert "least_squares" not in fit(few, Settings(architecture="ngram", random_state=0, **given)).record
    with pytest.warns(WordloomWarning, match="texts without labels are not used"):
        model = fit(few, Settings(random_state=0, **given), FitInput(unlabelled=["one more text"]))
    assert model.network.shape.architecture == "ngram"


def test_weights_of_texts_count_in_least_squares(few):
    heavy = np.where(np.array(few.labels) == "food", 30.0, 1.0)
    plain, weighted = (
        fit(few, Settings(random_state=0), FitInput(sample_weight=weight)) for weight in (None, heavy)
    )
    assert weighted.predict_proba(["nothing known"])[0, 1] > 0.75
    assert abs(plain.predict_proba(["nothing known"])[0, 1] - 0.5) < 0.2
