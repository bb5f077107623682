"""A notebook from its first cell to raw text: keras_compat before a Keras model, `from_keras` after it."""

from __future__ import annotations

import numpy as np
import pytest

import wordloom
from wordloom.datasets import demo
from wordloom.keras_compat import Tokenizer, imdb, pad_sequences

MAXLEN, NUM_WORDS = 12, 60


@pytest.fixture(scope="module")
def texts() -> list[str]:
    return ["", "zebra", "not a dull minute", *demo.load().test.texts[:40]]


def network(keras):
    """An Embedding, Flatten, Dense network with random weights."""
    layers = keras.layers
    model = keras.Sequential(
        [
            keras.Input((MAXLEN,)),
            layers.Embedding(NUM_WORDS, 4, embeddings_initializer="normal"),
            layers.Flatten(),
            layers.Dense(1, activation="sigmoid"),
        ]
    )
    return model


def positive(model, texts: list[str]) -> np.ndarray:
    return model.predict_proba(texts)[:, 1]


@pytest.mark.parametrize("oov_token", [None, "<OOV>"])
def test_tokenizer_model_and_raw_text(keras, texts, oov_token) -> None:
    tokenizer = Tokenizer(num_words=NUM_WORDS, oov_token=oov_token)
    tokenizer.fit_on_texts(demo.load().train.texts[:200])
    ids = pad_sequences(tokenizer.texts_to_sequences(texts), maxlen=MAXLEN)
    theirs = network(keras)
    ours = wordloom.from_keras(
        theirs, tokenizer.word_index, ids="plain" if oov_token is None else "plain-unknown"
    )
    expected = theirs.predict(ids, verbose=0)[:, 0]
    assert np.ptp(expected) > 0.01
    np.testing.assert_allclose(positive(ours, texts), expected, atol=1e-5)


def test_imdb_model_and_raw_text(keras, texts, tmp_path, monkeypatch) -> None:
    """The ids of `load_data` are those that a model gets from the reviews' text."""
    counted = Tokenizer()
    counted.fit_on_texts(demo.load().train.texts[:200])
    reviews = [text for text in texts if text]
    x = np.empty(len(reviews), object)
    x[:] = counted.texts_to_sequences(reviews)
    y = np.arange(len(x)) % 2
    np.savez(tmp_path / "imdb.npz", x_train=x, y_train=y, x_test=x, y_test=y)
    (x_train, _), _ = imdb.load_data(tmp_path / "imdb.npz", num_words=NUM_WORDS)
    theirs = network(keras)
    ours = wordloom.from_keras(theirs, counted.word_index, ids="imdb")
    expected = theirs.predict(pad_sequences(x_train, MAXLEN), verbose=0)[:, 0]
    known = [" ".join(counted.index_word[id_] for id_ in row) for row in x]  # the file leaves other words out
    np.testing.assert_allclose(sorted(positive(ours, known)), sorted(expected), atol=1e-5)
