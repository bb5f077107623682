"""TextModel: raw text in, predictions out, in order; a start without heavy imports; its word vectors."""

from __future__ import annotations

import functools
import itertools
import json
import os
import subprocess
import sys

import numpy as np
import pytest

from wordloom.corpus import Corpus
from wordloom.errors import DataError, UsageError, WordloomWarning
from wordloom.fit import fit
from wordloom.settings import Settings, without_unused
from wordloom.text.keras_imdb import KerasImdbRules, keras_ids
from wordloom.text.sequences import Ragged

TEXTS = [
    "the film was good",
    "the end was bad",
    "a good cast, a good story",
    "the story: bad",
    "it was good; the caf\u00e9 too",
    "bad bad bad film",
]
LABELS = ["pos", "neg"] * 3
CONVENTIONS = ["plain", "plain-unknown", "imdb"]


def model(texts=TEXTS, labels=LABELS, **changes):
    settings = {"dimensions": 6, "epochs": 40, "learning_rate": 0.03, "random_state": 0}
    settings |= {"architecture": "mean", "units": 5, "kernel_size": 2}
    return fit(Corpus(texts, labels), without_unused(Settings(**(settings | changes))))


@functools.cache
def trained(architecture, ids):
    """A model that nothing changes: Keras compiles for seconds."""
    return model(architecture=architecture, ids=ids)


every_convention = pytest.mark.parametrize("ids", CONVENTIONS)
OF_KERAS = [
    *(("lstm", "imdb"), ("cnn", "plain")),
    *(
        pytest.param(*case, marks=pytest.mark.exhaustive)
        for case in [("gru", "plain-unknown"), ("bilstm", "imdb")]
    ),
]
"""Keras' layers see ids of whatever convention."""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("architecture", "ids"),
    [*itertools.product(["mean", "max", "pooled", "flatten"], CONVENTIONS), *OF_KERAS],
)
def test_odd_texts_have_predictions_too(architecture, ids):
    made = trained(architecture, ids)
    odd = ["", "   ", "zebra quux", "good", "good " * 5000, "\u4f60\u597d \U0001f600", "\ud800", "a\x00b"]
    probabilities = made.predict_proba(odd)
    assert probabilities.shape == (8, 2)
    assert np.isfinite(probabilities).all()
    np.testing.assert_allclose(probabilities.sum(axis=1), 1)
    np.testing.assert_array_equal(probabilities[0], probabilities[1])
    if ids == "plain":  # unknown words are left out
        np.testing.assert_allclose(probabilities[2], probabilities[0], atol=1e-7)
    assert made.predict_proba([]).shape == (0, 2)
    assert made.predict([]) == []
    assert list(made.predict_stream([])) == []


def test_evaluate_gives_accuracy_and_macro_f1_beside_each_other():
    made = model()
    scores = made.evaluate(["good"] * 9 + ["a good cast"], ["pos"] * 9 + ["neg"])
    assert (scores.accuracy, scores.n) == (0.9, 10)
    assert scores.macro_f1 == pytest.approx(18 / 19 / 2)
    with pytest.raises(DataError, match="has no label 'odd'"):
        made.evaluate(["good", "bad"], ["odd", "neg"])
    with pytest.warns(WordloomWarning, match="counted as wrong"):
        assert made.evaluate(["good", "bad"], ["odd", "neg"], unknown_labels="wrong").accuracy == 0.5
    with pytest.raises(UsageError, match="unknown_labels must be one of error, wrong, skip, not 'skp'"):
        made.evaluate(["good"], ["odd"], unknown_labels="skp")


def test_texts_below_the_threshold_get_no_label():
    made = model()
    texts = ["good", "zebra", "bad"]
    probabilities = made.predict_proba(texts).max(axis=1)
    threshold = float(np.delete(probabilities, 1).min())
    assert probabilities[1] < threshold
    assert made.predict(texts, threshold=threshold) == ["pos", None, "neg"]
    streamed = list(made.predict_stream(texts, threshold=threshold))
    assert [answer.label for answer in streamed] == ["pos", None, "neg"]
    assert [answer.probability for answer in streamed] == probabilities.tolist()
    assert made.predict(texts, threshold=np.float32(0)) == made.predict(texts, threshold=0)
    assert made.predict([], threshold=1) == []


@pytest.mark.parametrize("threshold", [-0.01, 1.01, 90, float("nan"), "0.9", True])
def test_a_threshold_that_is_no_probability_is_refused(threshold):
    made = model()
    for ask in (made.predict, made.predict_stream):
        with pytest.raises(UsageError, match="threshold must be a probability, a number from 0 to 1"):
            ask(["good"], threshold=threshold)


def alone_and_together(made):
    """(N, C) probabilities of texts that are predicted one by one, and all at once."""
    texts = [*TEXTS, "", "zebra", *(f"{text} {text}" for text in TEXTS)] * 3
    return np.concatenate([made.predict_proba([text]) for text in texts]), made.predict_proba(texts)


@pytest.mark.slow
@pytest.mark.blas
@pytest.mark.parametrize("kernels", ["plain", "compiled"])
@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize(
    "settings",
    [
        {"architecture": "mean"},
        {"architecture": "mean", "hidden": 5},
        {"architecture": "max", "hidden": 5},
        {"architecture": "pooled"},
        {"architecture": "flatten", "maxlen": 9, "hidden": 3},
        {"architecture": "ngram"},
    ],
    ids=lambda settings: " ".join(map(str, settings.values())),
)
def test_an_answer_does_not_depend_on_the_other_texts(settings, classes, kernels, monkeypatch):
    monkeypatch.setenv("WORDLOOM_KERNELS", kernels)
    made = model(labels=[str(i % classes) for i in range(len(TEXTS))], epochs=2, **settings)
    np.testing.assert_array_equal(*alone_and_together(made))


@pytest.mark.blas
@pytest.mark.parametrize(("architecture", "ids"), OF_KERAS)
def test_a_network_of_kerass_layers_answers_alike_up_to_rounding(architecture, ids):
    """Its layers are products of matrices, which BLAS rounds as the number of rows suits it."""
    made = trained(architecture, ids)
    np.testing.assert_allclose(*alone_and_together(made), rtol=0, atol=1e-5)


@pytest.mark.slow
@pytest.mark.blas
@pytest.mark.parametrize("architecture", ["mean", "max", "pooled", "flatten", "ngram"])
def test_many_texts_on_compiled_kernels_get_the_answers_of_few(architecture, monkeypatch):
    made = model(architecture=architecture, **({"maxlen": 9} if architecture == "flatten" else {}))
    answers = {}
    for kernels in ("plain", "compiled"):
        monkeypatch.setenv("WORDLOOM_KERNELS", kernels)
        answers[kernels] = made.predict_proba([*TEXTS, "", "zebra"])
    np.testing.assert_allclose(answers["plain"], answers["compiled"], rtol=0, atol=1e-6)


def test_probabilities_of_an_empty_text_are_those_of_the_bias():
    made = model()
    bias = made.network.parameters.output_bias[0]
    assert made.predict_proba([""])[0, 1] == pytest.approx(1 / (1 + np.exp(-bias)), abs=1e-7)


def test_stream_gives_the_same_answers_in_order():
    made = model()
    texts = [f"{TEXTS[i % 6]} {'good ' * (i % 7)}" for i in range(2500)]
    answers = list(made.predict_stream(iter(texts)))
    expected = made.predict_proba(texts)
    assert [answer.label for answer in answers] == made.predict(texts)
    found = [[answer.probabilities[label] for label in made.labels] for answer in answers]
    np.testing.assert_allclose(found, expected, atol=1e-6)
    for answer in answers[:5]:
        assert answer.probability == max(answer.probabilities.values())
        assert answer.probabilities[answer.label] == answer.probability
        assert list(answer.probabilities) == ["neg", "pos"]


def test_stream_takes_no_more_texts_than_it_needs():
    taken = []

    def endless():
        while True:
            taken.append(1)
            yield "good"

    stream = model().predict_stream(endless())
    assert taken == []
    next(stream)
    assert len(taken) <= 10_000


def test_stream_names_the_row_of_a_text_that_is_none():
    texts = ["good"] * 15_000 + [None]
    stream = model().predict_stream(texts)
    with pytest.raises(DataError, match="row 15000: None is an invalid document"):
        list(stream)


def test_a_single_string_is_refused_before_anything_is_predicted():
    made = model()
    for method in (made.predict, made.predict_proba, made.predict_stream, made.encode):
        with pytest.raises(
            DataError, match=r"string object received. Put a single text into a list: \[text\]"
        ):
            method("good film")


def test_labels_of_integers_are_python_integers():
    made = model(labels=np.array([3, -1] * 3, dtype=np.int16))
    assert made.labels == (-1, 3)
    assert made.predict(["good", "bad"]) == [3, -1]
    assert [type(label) for label in made.predict(["good"])] == [int]


SCRIPT = """
import json, sys
from wordloom import TextModel
model = TextModel.load(sys.argv[1])
labels = model.predict(["good film", "bad film"])
early = {"wordloom.explain", "wordloom.settings", "wordloom.vectors"} & set(sys.modules)
effects = [effect.word for effect in model.explain("a good film").words]
answers = [answer.label for answer in model.predict_stream(["good"])]
rows = len(model.vectors())
heavy = [*early, *(name for name in sys.argv[2:] if name in sys.modules)]
print(json.dumps([labels, effects, answers, rows, heavy]))
"""
HEAVY = [
    "sklearn",
    "scipy",
    "matplotlib",
    "rich",
    "numba",
    "llvmlite",
    "pandas",
    "polars",
    "pyarrow",
    "click",
    "keras",
    "jax",
    "h5py",
]


@pytest.mark.slow
@pytest.mark.parametrize("architecture", ["mean", "lstm"])
def test_a_fresh_process_predicts_without_heavy_imports(tmp_path, architecture):
    made = trained(architecture, "imdb")
    made.save(tmp_path / "model")
    environment = {name: value for name, value in os.environ.items() if name != "WORDLOOM_KERNELS"}
    ran = subprocess.run(
        [sys.executable, "-c", SCRIPT, tmp_path / "model", *HEAVY],
        capture_output=True,
        text=True,
        check=True,
        env=environment,
    )
    labels, effects, answers, rows, heavy = json.loads(ran.stdout)
    assert heavy == []
    assert labels == ["pos", "neg"] == made.predict(["good film", "bad film"])
    assert effects == ["a", "good", "film"]
    assert answers == ["pos"]
    assert rows == len(made.vectors())


@every_convention
def test_vectors_are_the_rows_of_their_words(ids):
    made = model(ids=ids, num_words=10)
    vectors = made.vectors()
    table = made.network.parameters.embedding
    assert len(made.vocabulary.words) == {"plain": 9, "plain-unknown": 8, "imdb": 6}[ids]
    for word, id_ in made.vocabulary.word_index.items():
        np.testing.assert_array_equal(vectors[word], table[id_])
    marks = {"plain": {}, "plain-unknown": {"<unknown>": 1}, "imdb": {"<start>": 1, "<unknown>": 2}}[ids]
    for mark, id_ in marks.items():
        np.testing.assert_array_equal(vectors[mark], table[id_])
    assert vectors.special == set(marks)
    assert list(vectors.words) == [*marks, *made.vocabulary.words]  # neither padding nor the unused id 3
    assert vectors.dimensions == 6


def test_a_word_that_looks_like_a_mark_is_that_word():
    made = model(["<unknown> good", "bad <start>"] * 3, filters="", ids="imdb")
    vectors = made.vectors()
    assert vectors.special == set()
    np.testing.assert_array_equal(
        vectors["<start>"], made.network.parameters.embedding[made.vocabulary.word_index["<start>"]]
    )


def keras_ranks(texts):
    """Texts as Keras' word index numbers them: by count, ties by first sight."""
    words = [text.replace(",", " ").replace(":", " ").replace(";", " ").split() for text in texts]
    counts = {}
    for word in (word for text in words for word in text):
        counts[word] = counts.get(word, 0) + 1
    index = {word: i + 1 for i, word in enumerate(sorted(counts, key=lambda word: -counts[word]))}
    return [[index[word] for word in text] for text in words]


@pytest.mark.parametrize(
    ("architecture", "num_words"),
    [
        *((architecture, 8) for architecture in ("mean", "max", "pooled", "flatten", "cnn")),
        *(("mean", 20_000), ("flatten", 20_000)),
    ],
)
def test_a_model_trained_on_keras_imdb_ids_predicts_raw_text(architecture, num_words):
    made = model(architecture=architecture, ids="imdb", num_words=num_words, maxlen=5)
    rules = KerasImdbRules(num_words=num_words)
    ids = keras_ids(Ragged.from_lists(keras_ranks(TEXTS)), rules=rules).train
    raw = made.encode(TEXTS)
    np.testing.assert_array_equal(raw.ids, ids.ids)
    np.testing.assert_array_equal(raw.offsets, ids.offsets)
    np.testing.assert_array_equal(made.network.probabilities(ids), made.predict_proba(TEXTS))
    assert made.predict(TEXTS) == LABELS


def test_repr_is_one_short_line():
    assert repr(model()) == "<TextModel mean of 6-d word vectors, 12 words, labels 'neg', 'pos'>"
    many = model([f"word{i}" for i in range(12)], [f"label {i % 6}" for i in range(12)])
    assert "'label 4', ...>" in repr(many)


def test_with_record_adds_and_keeps():
    made = model()
    added = made.with_record(scores={"accuracy": 1.0})
    assert added.record["scores"] == {"accuracy": 1.0}
    assert "scores" not in made.record
    assert added.record["seed"] == made.record["seed"]
    assert added.network is made.network
