"""fit on texts that stay in their file: the same model, bit by bit, as from texts in memory."""

from __future__ import annotations

import csv
import dataclasses
import os

import numpy as np
import pytest

from wordloom import TextClassifier
from wordloom.corpus import Corpus
from wordloom.errors import DataError, UsageError
from wordloom.evaluation.on_corpus import score_on
from wordloom.fit import FitInput, fit
from wordloom.loop.callback import Callback
from wordloom.readers import read_corpus, stream_corpus
from wordloom.settings import Settings
from wordloom.text.on_disk import stored_documents
from wordloom.text.on_disk.temporary_arrays import Scratch
from wordloom.text.on_disk.text_parts import Passes
from wordloom.training import linear

pytestmark = pytest.mark.usefixtures("compiled_kernels")
needs_data = pytest.mark.skipif("WORDLOOM_DATA" not in os.environ, reason="WORDLOOM_DATA names no real data")
CORNERS = ["", "", "w1", "w1 w1 w1", "été café 你好", "!!!", "never seen before", "w2 " * 3000]


def table(path, n, classes=2, seed=0):
    """A CSV file of n texts, some of them empty, repeated or with rare words."""
    rng = np.random.default_rng(seed)
    rows = []
    for i in range(n):
        label = int(rng.integers(0, classes))
        text = " ".join(f"w{word}" for word in rng.integers(0, 30 + 10 * label, rng.integers(0, 25)))
        rows.append((f"rare{i} {text}" if i % 9 == 0 else text, f"c{label}"))
    rows += [(text, f"c{i % classes}") for i, text in enumerate(CORNERS)] + rows[:20]
    with open(path, "w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("text", "label"), *rows])
    return path


def settings(**changes):
    return Settings(**({"architecture": "ngram", "ngrams": 4, "random_state": 3} | changes))


def passes(texts_at_once, tmp_path=None):
    return FitInput(
        passes=Passes(Scratch(tmp_path and str(tmp_path)), texts_at_once=texts_at_once, letters_at_once=400)
    )


def assert_same(model, other):
    arrays, others = model.network.arrays(), other.network.arrays()
    assert {name: array.tobytes() for name, array in arrays.items()} == {
        name: array.tobytes() for name, array in others.items()
    }
    assert model.network.shape == other.network.shape
    assert model.vocabulary.words == other.vocabulary.words
    np.testing.assert_array_equal(model.vocabulary.document_counts, other.vocabulary.document_counts)
    assert model.history.history == other.history.history
    assert {**model.record, "seconds": 0} == {**other.record, "seconds": 0}


@pytest.mark.parametrize("kernels", ["plain", "compiled"])
@pytest.mark.parametrize("texts_at_once", [1, 17, 10_000])
def test_the_same_bits_whatever_the_chunks(monkeypatch, tmp_path, kernels, texts_at_once):
    monkeypatch.setenv("WORDLOOM_KERNELS", kernels)
    path = table(tmp_path / "x.csv", 150 if texts_at_once > 1 else 60)
    model = fit(stream_corpus(path).train, settings(epochs=3), passes(texts_at_once, tmp_path))
    assert_same(model, fit(read_corpus(path).train, settings(epochs=3)))
    assert [file.name for file in tmp_path.iterdir()] == ["x.csv"]


@pytest.mark.filterwarnings("ignore:There is room for")
@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"max_ngrams": 50},
        {"max_ngrams": 0},
        {"max_size": 20_000},
        {"ngrams": 2, "min_documents": 3, "num_words": 20},
        {"maxlen": 6, "skip_top": 2, "ids": "imdb", "ngrams": "auto"},
        {"validation_split": 0.0, "epochs": 2, "dropout": 0.0},
        {"validation_split": 0.3, "validation_mode": "tail", "class_weight": "balanced"},
        {"min_count": 4, "max_document_frequency": 0.3, "calibrate": False},
    ],
    ids=str,
)
def test_the_same_bits_for_every_setting(tmp_path, changes):
    path = table(tmp_path / "x.csv", 400, 4)
    changes = {"epochs": 3, **changes}
    model = fit(stream_corpus(path).train, settings(**changes), passes(60))
    assert_same(model, fit(read_corpus(path).train, settings(**changes)))


def test_the_same_bits_with_weights_calibration_and_given_validation(tmp_path):
    path, given = table(tmp_path / "x.csv", 2100), read_corpus(table(tmp_path / "y.csv", 60, seed=1)).train
    whole, streamed = read_corpus(path).train, stream_corpus(path).train
    extra = FitInput(sample_weight=np.linspace(0.5, 2, len(whole)))
    few = settings(epochs=3)
    model = fit(streamed, few, dataclasses.replace(extra, passes=passes(500).passes))
    assert model.record["calibration"]["texts"] >= 200
    assert_same(model, fit(whole, few, extra))
    extra, rows = FitInput(validation=given), np.arange(0, len(whole), 7)
    streamed = streamed.subset(rows)
    model = fit(streamed, few, dataclasses.replace(extra, passes=passes(100).passes))
    assert_same(model, fit(whole.subset(rows), few, extra))


@pytest.mark.parametrize("kernels", ["plain", "compiled"])
def test_the_same_bits_if_memory_does_not_hold_the_rows(monkeypatch, tmp_path, kernels):
    monkeypatch.setenv("WORDLOOM_KERNELS", kernels)
    path = table(tmp_path / "x.csv", 300)
    whole = fit(read_corpus(path).train, settings(epochs=3))
    monkeypatch.setattr(stored_documents, "bytes_of_memory", lambda: 1000)
    monkeypatch.setattr(linear, "_FETCHED_AT_ONCE", 7)
    model = fit(stream_corpus(path).train, settings(epochs=3), passes(100))
    assert model.network.weights.tobytes() == whole.network.weights.tobytes()
    np.testing.assert_allclose(model.history.history["loss"], whole.history.history["loss"], rtol=1e-12)


def test_any_number_of_threads(tmp_path):
    path = table(tmp_path / "x.csv", 300)
    models = [fit(stream_corpus(path).train, settings(threads=n, epochs=5), passes(50)) for n in (1, 2, 4)]
    for model in models[1:]:
        assert model.network.weights.tobytes() == models[0].network.weights.tobytes()


def test_scores_and_the_estimator(tmp_path):
    path = table(tmp_path / "x.csv", 300)
    whole, streamed = read_corpus(path).train, stream_corpus(path).train
    train, test = streamed.split(0.2, seed=1)
    model = fit(train, settings(epochs=3), passes(40))
    assert_same(model, fit(whole.split(0.2, seed=1)[0], settings(epochs=3)))
    assert score_on(model, test).to_config() == score_on(model, whole.split(0.2, seed=1)[1]).to_config()
    estimator = TextClassifier(architecture="ngram", random_state=3, epochs=3)
    estimator.fit(streamed.texts, streamed.labels)
    assert_same(
        estimator.model_, TextClassifier(**estimator.get_params()).fit(whole.texts, whole.labels).model_
    )
    assert estimator.classes_.tolist() == ["c0", "c1"]


def test_auto_means_ngram(tmp_path):
    streamed = stream_corpus(table(tmp_path / "x.csv", 100)).train
    assert fit(streamed, Settings(epochs=1)).network.shape.architecture == "ngram"


def test_what_needs_texts_in_memory_says_so(tmp_path):
    streamed = stream_corpus(table(tmp_path / "x.csv", 100)).train
    with pytest.raises(UsageError, match=r"'mean' needs its texts in memory.*leave out --stream"):
        fit(streamed, Settings(architecture="mean"))
    with pytest.raises(UsageError, match="vocabulary_texts"):
        fit(streamed, settings(), FitInput(vocabulary_texts=["a"]))
    with pytest.raises(UsageError, match="No temporary file can be made in /nowhere"):
        fit(streamed, settings(), FitInput(passes=Passes(Scratch("/nowhere"))))


def test_no_words(tmp_path):
    (tmp_path / "x.csv").write_text("text,label\n" + "!,y\n,n\n" * 3)
    with pytest.raises(DataError, match="empty vocabulary"):
        fit(stream_corpus(tmp_path / "x.csv").train, settings(keep_punctuation=False))


class Interrupting(Callback):
    """Ctrl-C, at a step of the passes or after an epoch."""

    def __init__(self, when):
        self.when = when

    def on_step(self, name, done, total, unit):
        self._interrupt(name)

    def on_epoch_end(self, epoch, logs):
        self._interrupt(epoch)

    def _interrupt(self, what):
        if what == self.when:
            raise KeyboardInterrupt


def test_ctrl_c_keeps_the_best_epoch(tmp_path):
    path = table(tmp_path / "x.csv", 300)
    streamed = fit(
        stream_corpus(path).train, settings(), FitInput(callbacks=[Interrupting(1)], keep_interrupted=True)
    )
    assert streamed.history.stopped == "interrupted"
    assert_same(
        streamed,
        fit(
            read_corpus(path).train, settings(), FitInput(callbacks=[Interrupting(1)], keep_interrupted=True)
        ),
    )


@pytest.mark.parametrize("step", ["reading texts", "counting n-grams of 3 words"])
def test_ctrl_c_before_training_leaves_nothing_behind(tmp_path, step):
    streamed = stream_corpus(table(tmp_path / "x.csv", 300)).train
    interrupting = Interrupting(step)
    with pytest.raises(KeyboardInterrupt):
        fit(streamed, settings(), FitInput(passes=Passes(Scratch(str(tmp_path))), callbacks=[interrupting]))
    assert [file.name for file in tmp_path.iterdir()] == ["x.csv"]


@needs_data
def test_imdb(tmp_path, imdb_reviews):
    """Of the real reviews every tenth, in several chunks."""
    reviews = imdb_reviews.train
    corpus = Corpus(reviews.texts[::10], reviews.labels[::10], name=str(tmp_path / "x.csv"))
    with open(tmp_path / "x.csv", "w", newline="", encoding="utf-8") as file:
        rows = zip(corpus.texts, corpus.labels, strict=True)
        csv.writer(file).writerows([("text", "label"), *rows])
    streamed = stream_corpus(tmp_path / "x.csv").train
    model = fit(streamed, settings(), FitInput(passes=Passes(letters_at_once=500_000)))
    labels = [str(label) for label in corpus.labels]
    whole = Corpus(corpus.texts, labels, name=corpus.name, columns=streamed.columns)
    assert_same(model, fit(whole, settings()))
