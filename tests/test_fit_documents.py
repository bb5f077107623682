"""Training with the architecture documents: vectors of documents from all texts, a classifier from few."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pytest

from products import product
from wordloom import TextClassifier, TextModel, WordVectors
from wordloom.corpus import Corpus
from wordloom.errors import UsageError, WordloomWarning
from wordloom.fit import FitInput, fit
from wordloom.fit.documents import USUAL, learning_settings
from wordloom.settings import Settings
from wordloom.vectors.learning import DocumentVectors

SIDES = tuple([f"{kind}{i}" for i in range(40)] for kind in ("good", "dull", "goal"))
FILLING = [f"of{i}" for i in range(40)]


def texts(n: int, classes: int = 2, seed: int = 0) -> Corpus:
    """Texts of one kind of words each, with words that all have."""
    rng = np.random.default_rng(seed)
    found = [
        " ".join(rng.permutation([*rng.choice(SIDES[i % classes], 20), *rng.choice(FILLING, 10)]))
        for i in range(n)
    ]
    return Corpus(found, [("neg", "pos", "sport")[i % classes] for i in range(n)])


def fitted(labelled: Corpus, unlabelled: Corpus | None = None, **settings) -> TextModel:
    values = {"architecture": "documents", "dimensions": 8, "epochs": 10, "random_state": 0} | settings
    given = None if unlabelled is None else unlabelled.texts
    return fit(labelled, Settings(**values), FitInput(unlabelled=given))


@pytest.mark.parametrize("classes", [2, 3])
def test_words_that_no_labelled_text_has_are_understood(compiled_kernels, classes):
    labelled = Corpus([words[0] for words in SIDES[:classes]] * 5, ["neg", "pos", "sport"][:classes] * 5)
    model = fitted(labelled, texts(600, classes))
    test = texts(150, classes, seed=1)
    right = np.mean(
        [found == label for found, label in zip(model.predict(test.texts), test.labels, strict=True)]
    )
    assert right > 0.95


def test_a_model_folder_holds_it_all_and_predicting_needs_no_scikit_learn(tmp_path):
    model = fitted(texts(40), texts(300, seed=2))
    model.save(tmp_path / "model")
    loaded = TextModel.load(tmp_path / "model")
    given = [*texts(20, seed=3).texts, "", "zebra", "good1 good1", "größe 漢字", "of1 " * 3000]
    np.testing.assert_array_equal(loaded.predict_proba(given), model.predict_proba(given))
    streamed = [answer.probability for answer in loaded.predict_stream(iter(given))]
    np.testing.assert_allclose(streamed, model.predict_proba(given).max(axis=1))
    np.testing.assert_array_equal(loaded.vectors()["good1"], model.vectors()["good1"])
    json.dumps(model.record)
    code = (
        "import sys; from wordloom import TextModel; "
        f"TextModel.load({str(tmp_path / 'model')!r}).predict(['good1 of2']); "
        "print([m for m in ('sklearn', 'scipy', 'numba') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.blas
@product(
    lambda kernels, settings: (kernels == "compiled") == (settings == "folded"),
    kernels=["plain", "compiled"],
    settings={"folded": {}, "more logits than dimensions": {"dimensions": 2}},
)
def test_an_answer_does_not_depend_on_the_other_texts(settings, kernels, monkeypatch):
    model = fitted(texts(60, 3), texts(300, 3, seed=2), **settings)
    assert (model.network.output is None) is (not settings)
    monkeypatch.setenv("WORDLOOM_KERNELS", kernels)
    given = ["", "zebra", "good1 good1", "of1 " * 3000, *texts(40, 3, seed=3).texts]
    together = model.predict_proba(given)
    for row, text in enumerate(given):
        np.testing.assert_array_equal(model.predict_proba([text])[0], together[row])


def test_each_word_is_explained():
    model = fitted(texts(40), texts(300, seed=2))
    effects = model.explain("good1 dull1 zebra", "neg").words  # the first kind of words has this label
    assert effects[0].effect > 0 > effects[1].effect
    assert not effects[2].known


def test_the_record_says_what_was_learned_from_what():
    labelled, unlabelled = texts(40), texts(300, seed=2)
    model = fitted(labelled, Corpus([*unlabelled.texts, *labelled.texts[:10]], ["neg"] * 310))
    about = model.record["documents"]
    assert about["labelled"] == 40
    assert about["unlabelled"] == 300  # none of the labelled ones twice
    assert about["texts"] == 340
    assert about["words"] == len(model.vocabulary.words)
    assert model.record["data"]["trained_on"] == 40
    assert model.record["settings"]["dimensions"] == 8
    assert model.record["head"]["cross_validation"]["texts"] == 40


def test_vectors_that_are_learned_already_are_taken(tmp_path):
    model = fitted(texts(40), texts(300, seed=2))
    first = fit(texts(40), Settings(architecture="documents", dimensions=8, epochs=10, random_state=0))
    assert first.record["documents"]["unlabelled"] == 0
    vectors = _learned(tmp_path)
    for given in (vectors, tmp_path / "documents.safetensors"):
        again = fit(texts(40), Settings(architecture="documents", vectors=given, random_state=0))
        np.testing.assert_array_equal(
            again.predict_proba(texts(20, seed=3).texts), model.predict_proba(texts(20, seed=3).texts)
        )


def _learned(folder) -> DocumentVectors:
    from wordloom.text.tokenizer import Tokenizer
    from wordloom.vectors.learning import learn_document_vectors

    settings = Settings(dimensions=8, epochs=10)
    all_texts = [*texts(300, seed=2).texts, *texts(40).texts]
    vectors = learn_document_vectors(all_texts, learning_settings(settings, 340, 0), tokenizer=Tokenizer())
    vectors.save(folder / "documents.safetensors")
    return vectors


def test_a_table_of_words_is_refused(tmp_path):
    table = WordVectors(["good1", "bad"], np.eye(2), name="table")
    table.save(tmp_path / "table.safetensors")
    for given in (table, tmp_path / "table.safetensors", "table.txt"):
        with pytest.raises(UsageError, match="architecture='documents' takes vectors of documents"):
            fitted(texts(40), vectors=given, dimensions="auto", epochs="auto")


def test_same_seed_same_bits_for_any_threads():
    unlabelled = texts(200, seed=2)
    first, second, other = (
        fitted(texts(40), unlabelled, threads=threads, random_state=seed).network
        for threads, seed in ((1, 0), (2, 0), (1, 1))
    )
    np.testing.assert_array_equal(first.rows, second.rows)
    assert (first.embedding != other.embedding).any()


def test_of_few_texts_words_need_fewer_documents():
    wanted = [learning_settings(Settings(), n, 0).min_documents for n in (50, 10_000, 25_000, 10**6)]
    assert wanted == [2, 4, 5, 5]
    chosen = learning_settings(Settings(min_count=3, epochs=7, dimensions=20), 25_000, 5)
    assert (chosen.min_documents, chosen.epochs, chosen.dimensions, chosen.seed) == (3, 7, 20, 5)
    assert learning_settings(Settings(), 10, 0).dimensions == 100


def test_the_estimator_takes_texts_without_labels():
    data = texts(40)
    classifier = TextClassifier(architecture="documents", dimensions=8, epochs=10, random_state=0)
    classifier.fit(data.texts, data.labels, unlabelled=texts(300, seed=2).texts)
    assert classifier.model_.record["documents"]["unlabelled"] == 300
    assert classifier.score(data.texts, data.labels) > 0.9


def noisy(n: int, seed: int) -> Corpus:
    """Texts of 60 words, of which a few more are of the label's kind than of the other."""
    rng = np.random.default_rng(seed)
    found = []
    for i in range(n):
        mine, other = SIDES[i % 2], SIDES[1 - i % 2]
        found.append(" ".join(rng.permutation([*rng.choice(mine, 40), *rng.choice(other, 20)])))
    return Corpus(found, [("neg", "pos")[i % 2] for i in range(n)])


def test_short_texts_are_not_surer_than_they_are_right():
    labelled, unlabelled, test = noisy(100, 0), noisy(400, 1), noisy(400, 2)
    short = [" ".join(text.split()[:4]) for text in test.texts]
    held, free = (fitted(labelled, unlabelled, calibrate=choice) for choice in (True, False))
    assert held.record["documents"]["short_documents"]["shrinkage"] > 0
    assert free.record["documents"]["short_documents"]["shrinkage"] == 0
    targets = np.array([label == "pos" for label in test.labels], dtype=int)

    def loss(model: TextModel, given: list[str]) -> float:
        return -float(np.log(model.predict_proba(given)[np.arange(len(given)), targets]).mean())

    assert loss(held, short) < 0.9 * loss(free, short)
    assert abs(loss(held, test.texts) - loss(free, test.texts)) < 0.01
    assert held.predict_proba(["good1 good2"]).max() < free.predict_proba(["good1 good2"]).max()


def test_without_two_texts_of_a_class_the_usual_shrinkage_is_taken():
    with pytest.warns(WordloomWarning, match="with one text only"):
        model = fitted(texts(2), texts(300, seed=2))
    assert model.record["documents"]["short_documents"]["shrinkage"] == USUAL


@pytest.mark.parametrize("weights", [pytest.param(None, marks=pytest.mark.exhaustive), "balanced"])
def test_the_shrinkage_does_not_depend_on_the_threads(weights):
    built = [fitted(noisy(40, 0), noisy(200, 1), threads=n, class_weight=weights) for n in (1, 2)]
    first, second = (model.record["documents"]["short_documents"] for model in built)
    assert first == second
