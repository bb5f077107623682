"""Weights in HDF5 as Keras 1, 2 and 3 wrote them, into a model of the same form."""

from __future__ import annotations

import numpy as np
import pytest

from wordloom.corpus import Corpus
from wordloom.errors import DataError
from wordloom.fit import fit
from wordloom.models.keras.weight_files import weights_in
from wordloom.settings import Settings

h5py = pytest.importorskip("h5py", reason="needs the extra: pip install 'wordloom[keras]'")

TEXTS = ["good film", "bad film", "good", "bad"] * 3


def model(**changes):
    """Embedding, Flatten, Dense, Dense: the form of the tutorials' pre_trained_glove_model.h5."""
    base = {
        "architecture": "flatten",
        "maxlen": 3,
        "dimensions": 4,
        "hidden": 5,
        "epochs": 1,
        "random_state": 0,
    }
    return fit(Corpus(TEXTS, [1, 0] * 6), Settings(**(base | changes)))


def by_layer(maxlen=3, width=4, rows=4):
    rng = np.random.default_rng(7)
    shapes = {
        "embedding_1": {"embeddings": (rows, width)},
        "flatten_1": {},
        "dense_1": {"kernel": (maxlen * width, 5), "bias": (5,)},
        "dense_2": {"kernel": (5, 1), "bias": (1,)},
    }
    return {
        layer: {name: rng.normal(size=shape).astype(np.float32) for name, shape in weights.items()}
        for layer, weights in shapes.items()
    }


def write_old(group, layers, text=str.encode):
    group.attrs["layer_names"] = [text(name) for name in layers]
    for layer, weights in layers.items():
        part = group.create_group(layer)
        part.attrs["weight_names"] = [text(f"{layer}/{name}:0") for name in weights]
        for name, array in weights.items():
            part[f"{layer}/{name}:0"] = array


def expected(layers, ids):
    rows = layers["embedding_1"]["embeddings"][ids].reshape(len(ids), -1)
    hidden = np.maximum(rows @ layers["dense_1"]["kernel"] + layers["dense_1"]["bias"], 0)
    return 1 / (1 + np.exp(-(hidden @ layers["dense_2"]["kernel"] + layers["dense_2"]["bias"])[:, 0]))


@pytest.mark.parametrize("whole", [False, True], ids=["weights alone", "a whole model"])
@pytest.mark.parametrize("text", [str.encode, str])
def test_the_layout_of_keras_2(tmp_path, whole, text):
    layers = by_layer()
    with h5py.File(tmp_path / "pre_trained_glove_model.h5", "w") as file:
        write_old(file.create_group("model_weights") if whole else file, layers, text)
    made = model().with_keras_weights(tmp_path / "pre_trained_glove_model.h5")
    ids = made.encode(["good film", "bad"]).padded(3)
    np.testing.assert_allclose(
        made.predict_proba(["good film", "bad"])[:, 1], expected(layers, ids), atol=1e-6
    )
    np.testing.assert_array_equal(made.vectors()["film"], layers["embedding_1"]["embeddings"][2])
    assert made.record["keras"] == {"weights": "pre_trained_glove_model.h5"}


def test_the_layout_of_keras_3_with_ten_dense_layers(tmp_path):
    """Groups come by name, dense_10 before dense_2; the numbers say the order."""
    with h5py.File(tmp_path / "a.weights.h5", "w") as file:
        for number in range(11):
            name = f"layers/dense_{number}/vars/0" if number else "layers/dense/vars/0"
            file[name] = np.full((1, 1), number, dtype=np.float32)
        file["layers/embedding/vars/0"] = np.full((2, 1), 99, dtype=np.float32)
        file["layers/dropout/seed_generator/vars/0"] = np.zeros(2, dtype=np.uint32)
        file.create_group("layers/flatten")
    found = weights_in(tmp_path / "a.weights.h5")
    assert [arrays[0].flat[0] for _, arrays in found] == [99, *range(11)]


def refused(path, **changes):
    with pytest.raises(DataError) as caught:
        model(**changes).with_keras_weights(path)
    return str(caught.value)


def test_a_shape_that_differs_is_named_with_its_layer_and_both_shapes(tmp_path):
    file = tmp_path / "w.h5"
    with h5py.File(file, "w") as content:
        write_old(content, by_layer(maxlen=7))
    says = refused(file)
    assert "the layer 'dense_1' has weights of the shapes (28, 5) and (5,)" in says
    assert "the model's layer Dense has (12, 5) and (5,)" in says
    with h5py.File(file, "w") as content:
        write_old(content, by_layer(rows=10_000))
    says = refused(file)
    assert (
        "the layer 'embedding_1' has weights of the shapes (10000, 4), the model's layer Embedding has (4, 4)"
        in says
    )


def test_another_number_of_layers(tmp_path):
    file = tmp_path / "w.h5"
    with h5py.File(file, "w") as content:
        write_old(content, by_layer())
    says = refused(file, hidden=0)
    assert "has 3 layers with weights (embedding_1 (4, 4), dense_1 (12, 5) and (5,), dense_2" in says
    assert "the model has 2 (Embedding (4, 4), Dense (12, 1) and (1,))" in says


def test_files_that_are_none(tmp_path):
    file = tmp_path / "w.h5"
    assert "There is no file" in refused(file)
    with h5py.File(file, "w") as content:
        write_old(content, by_layer())
    whole = file.read_bytes()
    for length in (0, 100, len(whole) // 2):
        file.write_bytes(whole[:length])
        assert "w.h5 is damaged, or is no HDF5 file" in refused(file)
    with h5py.File(file, "w") as content:
        content["x"] = np.zeros(3)
    assert "without weights of Keras" in refused(file)
