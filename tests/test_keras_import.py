"""from_keras: models as notebooks make them, with their word index; and what cannot be read is named."""

from __future__ import annotations

import json

import numpy as np
import pytest

import wordloom
from products import product
from wordloom.errors import DataError, UsageError
from wordloom.models.output import Output
from wordloom.models.pooled import PooledNetwork
from wordloom.text.conventions import IdConvention
from wordloom.text.sequences import Ragged
from wordloom.vectors import neighbors

pytestmark = pytest.mark.usefixtures("weights_not_drawn")

INDEX = {"the": 1, "film": 2, "good": 3, "bad": 4, "dull": 5}
TEXTS = ["the good film", "the bad film", "dull, dull zebra", "good"]


def by_hand(ids, maxlen, side="pre"):
    return np.array(
        [
            ([0] * (maxlen - len(row)) + row if side == "pre" else row + [0] * (maxlen - len(row)))
            for row in ids
        ]
    )


def model_of(keras, layers, rows=6, length=4, mask_zero=False, width=3):
    made = keras.Sequential(
        [keras.layers.Input((length,)), keras.layers.Embedding(rows, width, mask_zero=mask_zero), *layers]
    )
    rng = np.random.default_rng(0)
    made.set_weights([rng.normal(size=w.shape) for w in made.get_weights()])
    return made


def answers(keras, model, ids):
    return keras.ops.convert_to_numpy(model(np.asarray(ids)))


def test_the_flatten_model_of_the_tutorials(keras):
    """Embedding, Flatten, Dense, Dense with a Tokenizer's word index: a pooled network, raw text in."""
    dense = keras.layers.Dense
    theirs = model_of(
        keras, [keras.layers.Flatten(), dense(5, activation="relu"), dense(1, activation="sigmoid")]
    )
    model = wordloom.from_keras(theirs, INDEX, labels=["neg", "pos"])
    assert isinstance(model.network, PooledNetwork)
    expected = answers(keras, theirs, by_hand([[1, 3, 2], [1, 4, 2], [5, 5], [3]], 4))[:, 0]
    np.testing.assert_allclose(model.predict_proba(TEXTS)[:, 1], expected, atol=1e-6)
    assert model.labels == ("neg", "pos")
    vectors = model.vectors()
    np.testing.assert_array_equal(vectors["good"], theirs.get_weights()[0][3])
    assert len(neighbors(vectors, "good", n=2)) == 2
    assert model.explain("the good film").words[1].word == "good"


def test_the_ids_of_imdb(keras):
    """get_word_index counts from 1 and ids are 3 higher; 1 starts a text, 2 is every other word."""
    theirs = model_of(
        keras, [keras.layers.GlobalAveragePooling1D(), keras.layers.Dense(1, activation="sigmoid")], rows=7
    )
    model = wordloom.from_keras(theirs, INDEX, ids="imdb")
    assert model.vocabulary.words == ["the", "film", "good"]
    expected = answers(keras, theirs, by_hand([[1, 4, 6, 5], [1, 4, 2, 5], [1, 2, 2, 2], [1, 6]], 4))[:, 0]
    np.testing.assert_allclose(model.predict_proba(TEXTS)[:, 1], expected, atol=1e-6)
    assert model.labels == (0, 1)


def test_a_tokenizer_with_a_token_for_unknown_words(keras):
    theirs = model_of(
        keras, [keras.layers.LSTM(4), keras.layers.Dense(3, activation="softmax")], mask_zero=True
    )
    index = {"<OOV>": 1, "the": 2, "film": 3, "good": 4, "bad": 5}
    model = wordloom.from_keras(theirs, index, ids="plain-unknown", padding="post")
    assert model.network.kind == "keras"
    assert not model.network.shape.padded
    expected = answers(keras, theirs, by_hand([[2, 4, 3], [2, 5, 3], [1, 1, 1], [4]], 4, "post"))
    np.testing.assert_allclose(model.predict_proba(TEXTS), expected, atol=1e-6)


@product(
    lambda ending, classes: (ending == "logits") == (classes == "2"),
    ending=["softmax", "a layer of its own", "logits"],
    classes=[2, 4],
)
def test_softmax_and_logits(keras, classes, ending):
    layers = keras.layers
    last = [layers.Dense(classes, activation="softmax" if ending == "softmax" else None)]
    last += [layers.Softmax()] if ending == "a layer of its own" else []
    theirs = model_of(keras, [layers.Conv1D(4, 2, activation="relu"), layers.GlobalMaxPooling1D(), *last])
    given = answers(keras, theirs, by_hand([[1, 3, 2], [1, 4, 2], [5, 5], [3]], 4))
    expected = Output(classes).probabilities(given) if ending == "logits" and classes > 2 else given
    if ending == "logits" and classes == 2:
        expected = Output(2).probabilities(np.diff(given))
    np.testing.assert_allclose(wordloom.from_keras(theirs, INDEX).predict_proba(TEXTS), expected, atol=1e-6)


def test_functional_models_and_layers_without_effect(keras):
    layers = keras.layers
    start = layers.Input((4,))
    x = layers.Embedding(6, 3, mask_zero=True)(start)
    x = layers.SpatialDropout1D(0.2)(x)
    x = layers.GaussianNoise(0.1)(x)
    x = layers.Bidirectional(layers.GRU(3, return_sequences=True, dropout=0.1))(x)
    x = layers.GlobalAveragePooling1D()(x)
    x = layers.Dense(4)(x)
    x = layers.ReLU()(x)
    theirs = keras.Model(start, layers.Dense(1, activation="sigmoid")(x))
    model = wordloom.from_keras(theirs, INDEX)
    expected = answers(keras, theirs, by_hand([[1, 3, 2], [1, 4, 2], [5, 5], [3]], 4))[:, 0]
    np.testing.assert_allclose(model.predict_proba(TEXTS)[:, 1], expected, atol=1e-6)


def test_words_that_the_index_skips_and_rows_that_were_never_used(keras):
    theirs = model_of(keras, [keras.layers.Flatten(), keras.layers.Dense(1, activation="sigmoid")])
    model = wordloom.from_keras(theirs, {"the": 1, "good": 3, "dull": 5})
    assert model.vocabulary.words == ["the", "<unused 2>", "good", "<unused 4>", "dull"]
    short = wordloom.from_keras(theirs, {"the": 1, "film": 2}, num_words=3)
    assert len(short.vectors()) == 2
    expected = answers(keras, theirs, [[0, 0, 1, 2]])[0, 0]
    assert short.predict_proba(["the good film"])[0, 1] == pytest.approx(expected, abs=1e-6)


def test_own_conventions_and_vocabularies(keras):
    theirs = model_of(keras, [keras.layers.Flatten(), keras.layers.Dense(1, activation="sigmoid")])
    one = wordloom.from_keras(theirs, INDEX)
    again = wordloom.from_keras(theirs, one.vocabulary)
    np.testing.assert_array_equal(one.predict_proba(TEXTS), again.predict_proba(TEXTS))
    own = wordloom.from_keras(theirs, INDEX, ids=IdConvention(unknown=1, index_from=1))
    assert own.vocabulary.words == ["film", "good", "bad", "dull"]


def refused(model, index=None, **more):
    with pytest.raises((DataError, UsageError)) as caught:
        wordloom.from_keras(model, index or INDEX, **more)
    return str(caught.value)


def test_a_word_index_that_does_not_fit(keras):
    theirs = model_of(keras, [keras.layers.Flatten(), keras.layers.Dense(1, activation="sigmoid")])
    says = refused(theirs, {"the": 1, "film": 2})
    assert "its highest id is 2, the embedding has 6 rows, for ids to 5" in says
    assert "say num_words=3" in says
    assert "'the' and 'film' the same number 1" in refused(theirs, {"the": 1, "film": 1})
    assert "the word index has 'film': 0" in refused(theirs, {"the": 1, "film": 0}).lower()
    assert "A word index" in refused(theirs, ["the", "film"])
    assert "num_words=9, but the embedding has 6 rows" in refused(theirs, num_words=9)
    bigger = wordloom.from_keras(model_of(keras, theirs.layers[1:], rows=6), INDEX).vocabulary
    wide = model_of(keras, [keras.layers.Flatten(), keras.layers.Dense(1, activation="sigmoid")], rows=9)
    assert "The vocabulary has 6 ids, the embedding has 9 rows" in refused(wide, bigger)
    assert "tells 2 classes apart" in refused(theirs, labels=["a", "b", "c"])


def test_ids_outside_the_embedding_are_named(keras):
    theirs = model_of(keras, [keras.layers.LSTM(2), keras.layers.Dense(1, activation="sigmoid")])
    network = wordloom.from_keras(theirs, INDEX).network
    ids = Ragged.from_lists([[1, 2], [3, 6]])
    with pytest.raises(
        DataError, match=r"document 1 has the id 6, outside the embedding's 6 rows \(0 to 5\)"
    ):
        network.probabilities(ids)


def test_layers_that_cannot_be_read_are_named(keras):
    layers = keras.layers

    def ending(*others):
        return [*others, layers.Dense(1, activation="sigmoid")]

    says = refused(model_of(keras, ending(layers.LayerNormalization(name="norm"), layers.Flatten())))
    assert (
        "The layer 'norm' is a LayerNormalization, which cannot be read. Supported are Embedding, Flatten"
        in says
    )
    says = refused(model_of(keras, ending(layers.Flatten(), layers.Dense(2, activation="selu", name="odd"))))
    assert "The layer 'odd' has the activation 'selu'" in says
    says = refused(model_of(keras, ending(layers.Conv1D(3, 2, groups=3, name="conv"), layers.Flatten())))
    assert "The layer 'conv' has groups=3" in says
    assert "must end in a Dense layer" in refused(model_of(keras, [layers.LSTM(1)]))
    assert "ends in 3 unit(s) with 'sigmoid'" in refused(
        model_of(keras, [layers.Flatten(), layers.Dense(3, activation="sigmoid")])
    )
    plain = keras.Sequential([layers.Input((4,)), layers.Dense(1)])
    assert "must begin with an Embedding of word ids; it begins with Dense" in refused(plain)
    assert "has no weights yet" in refused(keras.Sequential(ending(layers.Embedding(6, 3), layers.Flatten())))
    assert "A Keras model expected, found 5" in refused(5)


def test_branches_cannot_be_read(keras):
    layers = keras.layers
    start = layers.Input((4,))
    x = layers.Embedding(6, 3)(start)
    both = layers.Concatenate()([layers.GlobalMaxPooling1D()(x), layers.GlobalAveragePooling1D()(x)])
    says = refused(keras.Model(start, layers.Dense(1, activation="sigmoid")(both)))
    assert "only one chain of layers can be read" in says


def test_padding_that_matters_needs_a_length(keras):
    layers = [keras.layers.GlobalMaxPooling1D(), keras.layers.Dense(1, activation="sigmoid")]
    theirs = model_of(keras, layers, length=None)
    assert "Say maxlen=..." in refused(theirs)
    assert wordloom.from_keras(theirs, INDEX, maxlen=4).network.shape.maxlen == 4
    fixed = model_of(keras, [keras.layers.LSTM(2), keras.layers.Dense(1, activation="sigmoid")])
    assert "takes texts of 4 ids, not of maxlen=9" in refused(fixed, maxlen=9)


def test_lambdas(keras, tmp_path):
    layers = keras.layers
    mean = layers.Lambda(lambda x: keras.ops.mean(x, axis=1), output_shape=(3,))
    theirs = model_of(keras, [mean, layers.Dense(1, activation="sigmoid")])
    expected = answers(keras, theirs, by_hand([[1, 3, 2]], 4))[0, 0]
    model = wordloom.from_keras(theirs, INDEX)
    assert model.network.shape.architecture == "mean"
    assert model.predict_proba(["the good film"])[0, 1] == pytest.approx(expected, abs=1e-6)
    file = tmp_path / "lambda.keras"
    theirs.save(file)
    says = refused(file)
    assert "lambda.keras carries a Lambda layer, which is code that would run here" in says
    assert "safe_mode=False" in says
    plain = layers.Lambda(lambda x: x.mean(axis=1), output_shape=(3,))
    theirs = model_of(keras, [plain, layers.Dense(1, activation="sigmoid")])
    theirs.save(file)
    trusted = wordloom.from_keras(file, INDEX, safe_mode=False)
    np.testing.assert_allclose(trusted.predict_proba(TEXTS), model.predict_proba(TEXTS), atol=1e-6)
    strange = layers.Lambda(lambda x: keras.ops.sum(x, axis=1), output_shape=(3,), name="strange")
    assert "The Lambda layer 'strange' is code that cannot be kept" in refused(
        model_of(keras, [strange, layers.Dense(1, activation="sigmoid")])
    )


def test_damaged_files(keras, tmp_path):
    theirs = model_of(keras, [keras.layers.Flatten(), keras.layers.Dense(1, activation="sigmoid")])
    for name in ("model.keras", "model.h5"):
        file = tmp_path / name
        theirs.save(file)
        assert wordloom.from_keras(file, INDEX).predict(["good"])
        whole = file.read_bytes()
        for length in (0, 10, len(whole) // 2, len(whole) - 30):
            file.write_bytes(whole[:length])
            assert name in refused(file)
    assert "There is no file" in refused(tmp_path / "none.keras")
    weights = tmp_path / "only.weights.h5"
    theirs.save_weights(weights)
    assert "holds weights without a model" in refused(weights)


def test_the_record_says_where_it_came_from(keras, tmp_path):
    theirs = model_of(keras, [keras.layers.Flatten(), keras.layers.Dense(1, activation="sigmoid")])
    theirs.save(tmp_path / "mine.keras")
    assert wordloom.from_keras(tmp_path / "mine.keras", INDEX).record["keras"]["file"] == "mine.keras"
    json.dumps(wordloom.from_keras(theirs, INDEX).record)
