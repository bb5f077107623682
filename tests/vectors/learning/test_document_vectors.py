"""Vectors of documents: learned from texts without labels, used on texts never seen, saved and loaded."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from wordloom.errors import DataError, UsageError
from wordloom.loop.callback import Callback
from wordloom.text.tokenizer import Tokenizer
from wordloom.vectors.learning import DocumentVectors, LearningSettings, learn_document_vectors
from wordloom.vectors.learning.document_vectors import principal_axes
from wordloom.vectors.learning.ngram_table import count_ngrams_of

SMALL = LearningSettings(
    dimensions=8, epochs=6, min_documents=2, contexts=6, targets=4, gap=1, subsample=1e-2
)
ODD_TEXTS = ["", "   ", "unheard", "good", "good good good", "naïve café 你好", "very good film " * 400]


def split_by_words(text):
    return text.split("|")


def make_texts():
    """Two kinds of texts, told apart by their words."""
    rng = np.random.default_rng(0)
    kinds = [
        ["good", "great", "fine", "lovely", "very", "film", "naïve", "café"],
        ["bad", "awful", "poor", "dull", "not", "very", "film", "你好"],
    ]
    return [" ".join(rng.choice(kinds[n % 2], 14)) for n in range(80)] + ODD_TEXTS[:4]


@pytest.fixture(scope="module")
def learned():
    return learn_document_vectors(make_texts(), SMALL)


def test_ngrams_of_enough_texts_have_rows():
    texts = ["not very good", "not very good film", "a not very good film", "very good", "", "not. Very"]
    table, documents = count_ngrams_of(texts, Tokenizer(), 3, 2)
    counts = dict(zip(table.names, table.document_counts.tolist(), strict=True))
    assert counts == {
        "not": 4, "very": 5, "good": 4, "film": 2,
        "not very": 4, "very good": 4, "good film": 2,
        "not very good": 3, "very good film": 2,
    }  # fmt: skip
    assert [table.names[row] for row in documents.rows[3]] == ["very", "very good", "good"]
    assert table.lengths.tolist() == [len(name.split()) for name in table.names]
    again = table.find(texts)
    np.testing.assert_array_equal(again.rows.ids, documents.rows.ids)
    np.testing.assert_array_equal(again.rows.offsets, documents.rows.offsets)
    np.testing.assert_array_equal(again.places, documents.places)


def test_a_word_without_a_row_is_not_skipped():
    texts = ["very good", "very good", "very rare good"]
    table, documents = count_ngrams_of(texts, Tokenizer(), 2, 2)
    assert [table.names[row] for row in documents.rows[2]] == ["very", "good"]


def test_an_ngram_spelled_like_a_word_has_no_row():
    texts = ["a b|a|b", "a b|a|b"]
    table, _ = count_ngrams_of(texts, Tokenizer(split="|"), 2, 2)
    assert sorted(table.names) == ["a", "a b", "a b a", "b"]


def test_kinds_of_texts_end_apart(learned):
    features = learned.encode(make_texts()[:80])
    unit = features / np.linalg.norm(features, axis=1, keepdims=True)
    similar = unit @ unit.T
    same, other = similar[::2, ::2].mean(), similar[::2, 1::2].mean()
    assert same > 0.5
    assert other < -0.5


def test_encode_by_hand(learned):
    table = learned.table
    rows = [table.names.index(name) for name in ("very", "very film", "film") if name in table.names]
    weights, vectors = learned.weights[rows].astype(float), learned.ngrams.vectors[rows]
    expected = (weights @ vectors / weights.sum() - learned.center) @ learned.projection
    np.testing.assert_allclose(learned.encode(["Very film!"])[0], expected, atol=1e-6)
    idf = np.log(table.n_documents / table.document_counts)
    np.testing.assert_allclose(learned.weights, idf, rtol=1e-6)


@pytest.mark.parametrize("power", [0.0, 1.0, 2.0])
def test_principal_axes_by_hand(power):
    """Centered points with spreads 3 and 1 along two axes at right angles, turned by 30 degrees."""
    angle = np.pi / 6
    axes = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    points = np.array([[3, 1], [3, -1], [-3, 1], [-3, -1]]) @ axes
    found = points @ principal_axes(points.astype(np.float32), power)
    np.testing.assert_allclose(found.mean(axis=0), 0, atol=1e-6)
    assert (found**2).mean() == pytest.approx(1, rel=1e-5)
    covariance = found.T @ found / 4
    assert covariance[0, 1] == pytest.approx(0, abs=1e-6)
    assert np.sqrt(covariance[0, 0] / covariance[1, 1]) == pytest.approx(3 ** (1 + power), rel=1e-5)


def test_odd_texts(learned):
    features = learned.encode(ODD_TEXTS)
    assert features.shape == (len(ODD_TEXTS), SMALL.dimensions)
    assert features.dtype == np.float32
    assert np.isfinite(features).all()
    assert not features[:3].any(), "nothing known: zeros"
    assert features[3:].any(axis=1).all()
    assert learned.encode([]).shape == (0, SMALL.dimensions)


@pytest.mark.blas
@pytest.mark.parametrize("kernels", ["plain", "compiled"])
def test_a_text_does_not_depend_on_the_others(learned, kernels, monkeypatch):
    monkeypatch.setenv("WORDLOOM_KERNELS", kernels)
    together = learned.encode(ODD_TEXTS)
    for row, text in enumerate(ODD_TEXTS):
        np.testing.assert_array_equal(learned.encode([text])[0], together[row])


def test_the_texts_average_is_zero(learned):
    np.testing.assert_allclose(learned.encode(make_texts()).sum(axis=0), 0, atol=1e-3)


def test_words_are_an_ordinary_table(learned):
    assert "good" in learned.words
    assert "very film" not in learned.words
    assert len(learned.words) + len(learned.table.pairs) == len(learned.ngrams)
    np.testing.assert_array_equal(learned.words["good"], learned.ngrams["good"])


@pytest.mark.parametrize(("kernels", "counts"), [("plain", (1, 2)), ("compiled", (1, 2, 4, None))])
def test_same_seed_same_bits_for_any_threads(kernels, counts, monkeypatch):
    monkeypatch.setenv("WORDLOOM_KERNELS", kernels)
    results = [learn_document_vectors(make_texts(), SMALL, threads=threads) for threads in counts]
    for result in results[1:]:
        assert result.ngrams.vectors.tobytes() == results[0].ngrams.vectors.tobytes()
        assert result.encode(ODD_TEXTS, threads=2).tobytes() == results[0].encode(ODD_TEXTS).tobytes()
    other = learn_document_vectors(make_texts(), dataclasses.replace(SMALL, seed=1))
    assert other.ngrams.vectors.tobytes() != results[0].ngrams.vectors.tobytes()


def test_saved_and_loaded(learned, tmp_path):
    learned.save(tmp_path / "reviews.safetensors")
    loaded = DocumentVectors.load(tmp_path / "reviews.safetensors")
    assert loaded.encode(make_texts()).tobytes() == learned.encode(make_texts()).tobytes()
    assert loaded.ngrams.words == learned.ngrams.words
    assert loaded.table.n_documents == learned.table.n_documents
    assert loaded.table.tokenizer == learned.table.tokenizer
    assert [path.name for path in tmp_path.iterdir()] == ["reviews.safetensors"]


def test_an_own_tokenizer_function_is_handed_over_again(tmp_path):
    texts = [text.replace(" ", "|") for text in make_texts()]
    learned = learn_document_vectors(texts, SMALL, tokenizer=Tokenizer(function=split_by_words))
    learned.save(tmp_path / "own.safetensors")
    with pytest.raises(DataError, match="split_by_words"):
        DocumentVectors.load(tmp_path / "own.safetensors")
    loaded = DocumentVectors.load(tmp_path / "own.safetensors", split_by_words)
    assert loaded.encode(texts).tobytes() == learned.encode(texts).tobytes()


def test_damaged_files_are_refused(learned, tmp_path):
    path = tmp_path / "reviews.safetensors"
    with pytest.raises(DataError, match="no such file"):
        DocumentVectors.load(path)
    learned.save(path)
    whole = path.read_bytes()
    path.write_bytes(whole[:-100])
    with pytest.raises(DataError, match="not a whole safetensors file"):
        DocumentVectors.load(path)
    learned.words.save(path)
    with pytest.raises(DataError, match="holds no vectors of documents"):
        DocumentVectors.load(path)
    path.write_bytes(whole.replace(b'\\"version\\": 1', b'\\"version\\": 9'))
    with pytest.raises(DataError, match="newer wordloom"):
        DocumentVectors.load(path)


def test_wrong_pairs_are_refused(learned, tmp_path):
    table = dataclasses.replace(learned.table, pairs=learned.table.pairs[::-1] + 10_000)
    vectors = object.__new__(DocumentVectors)
    vectors.__dict__.update(learned.__dict__ | {"table": table})
    vectors.save(tmp_path / "wrong.safetensors")
    with pytest.raises(DataError, match="rows that there are not"):
        DocumentVectors.load(tmp_path / "wrong.safetensors")


class Recorder(Callback):
    """Remembers its events, and presses Ctrl-C after some reports."""

    def __init__(self, reports=10**9):
        self.events, self.losses, self.left = [], [], reports

    def on_step(self, name, done, total, unit):
        assert (name, unit) == ("reading texts", "word")
        self.events.append(("read", total))

    def on_train_begin(self, logs):
        self.events.append(("begin", self.params["epochs"], self.params["words"]))

    def on_train_batch_end(self, batch, logs):
        self.events.append(("batch", batch, self.params["steps"]))
        self.left -= 1
        if not self.left:
            raise KeyboardInterrupt

    def on_epoch_end(self, epoch, logs):
        self.losses.append(logs["loss"])

    def on_train_end(self, logs):
        self.events.append(("end", self.history.stopped))


def test_callbacks_are_told_of_the_progress():
    recorder = Recorder()
    learned = learn_document_vectors(make_texts(), SMALL, [recorder])
    read, first, *between, last = recorder.events
    words = (learned.table.find(make_texts()).rows.ids < len(learned.table.words)).sum()  # no n-grams
    assert read == ("read", words)
    assert first == ("begin", SMALL.epochs, words)
    assert last == ("end", "epochs")
    assert sum(batch == steps - 1 for _, batch, steps in between) == SMALL.epochs == len(recorder.losses)
    assert recorder.losses[-1] < recorder.losses[0], "the loss falls"


def test_ctrl_c_keeps_what_is_learned():
    recorder = Recorder(reports=30)
    learned = learn_document_vectors(make_texts(), SMALL, [recorder])
    assert recorder.events[-1] == ("end", "interrupted")
    assert learned.encode(["good film"]).any()


def test_ctrl_c_ends_learning_that_is_a_part_of_other_work():
    with pytest.raises(KeyboardInterrupt):
        learn_document_vectors(make_texts(), SMALL, [Recorder(reports=3)], keep_interrupted=False)


def test_bad_input():
    with pytest.raises(DataError, match="not from one string"):
        learn_document_vectors("one text", SMALL)
    with pytest.raises(DataError, match="choose a lower min_documents"):
        learn_document_vectors(["one text", "another"], LearningSettings())
    with pytest.raises(DataError, match="a list of texts"):
        learn_document_vectors(make_texts(), SMALL).encode("text")
    with pytest.raises(UsageError, match=r"dimensions must be .*; epochs must be .*; subsample must be"):
        learn_document_vectors(
            make_texts(), LearningSettings(dimensions=0, epochs=1.5, subsample=float("nan"))
        )


def test_divergence_is_an_error():
    with np.errstate(all="ignore"), pytest.raises(UsageError, match="lower learning_rate"):
        learn_document_vectors(make_texts(), dataclasses.replace(SMALL, learning_rate=1e30))


def test_short_texts_do_not_make_large_vectors():
    """A view draws from few words, each many times: their steps must not add up without end."""
    rng = np.random.default_rng(1)
    words = np.array([f"w{n}" for n in range(60)])
    texts = [" ".join(rng.choice(words, 5)) for _ in range(600)]
    learned = learn_document_vectors(texts, LearningSettings(min_documents=3, dimensions=10, gap=1))
    assert np.abs(learned.ngrams.vectors).max() < 20
