"""PooledNetwork: shapes, first values, preparing, and probabilities worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from wordloom.errors import DataError
from wordloom.models.pooled import NetworkShape, PooledNetwork
from wordloom.text.sequences import Ragged


def shape(architecture="mean", **changes):
    base = {
        "architecture": architecture,
        "vocabulary_size": 5,
        "dimensions": 2,
        "hidden": 0,
        "n_classes": 2,
        "maxlen": 3 if architecture == "flatten" else None,
        "padded": architecture == "flatten",
        "pooling": "mean+max+min" if architecture == "pooled" else "",
    }
    return NetworkShape(**(base | changes))


# row 0 is padding; the numbers are exact in float32
EMBEDDING = np.array([[8, 8], [1, 0], [0, 2], [-4, 4], [2, -2]], dtype=np.float32)


def network(output, output_bias=(0.0,), hidden=None, hidden_bias=(), **of_shape):
    made = shape(hidden=0 if hidden is None else len(hidden), n_classes=max(len(output), 2), **of_shape)
    arrays = {
        "embedding": EMBEDDING,
        "hidden": np.zeros((0, made.n_features)) if hidden is None else hidden,
        "hidden_bias": hidden_bias,
        "output": output,
        "output_bias": output_bias,
    }
    return PooledNetwork.from_arrays(made, {k: np.asarray(v, dtype=np.float32) for k, v in arrays.items()})


DOCUMENTS = Ragged.from_lists([[], [1], [1, 2], [1, 2, 3, 4], [4, 4]])


def logits(network, documents=DOCUMENTS):
    return network.logits(network.prepared(documents)).tolist()


@pytest.fixture(params=["plain", "compiled"], autouse=True)
def _every_kernel(request, monkeypatch):
    monkeypatch.setenv("WORDLOOM_KERNELS", request.param)


def test_mean_by_hand():
    """Means of (x, y): none, (1, 0), (0.5, 1), (-0.25, 1), (2, -2); the logit is x + 10 y + 0.5."""
    assert logits(network([[1, 10]], [0.5])) == [[0.5], [1.5], [11.0], [10.25], [-17.5]]


def test_mean_over_padding_by_hand():
    """With maxlen 2: (8+8, 8+8)/2, (8+1, 8+0)/2, (1+0, 0+2)/2, the last two words (-4+2, 4-2)/2, (2, -2)."""
    padded = network([[1, 10]], maxlen=2, padded=True)
    assert logits(padded) == [[88.0], [44.5], [10.5], [9.0], [-18.0]]


def test_max_by_hand():
    """Largest of each column: none, (1, 0), (1, 2), (2, 4), (2, -2)."""
    assert logits(network([[1, 10]], architecture="max")) == [[0.0], [1.0], [21.0], [42.0], [-18.0]]


def test_poolings_side_by_side_by_hand():
    """Mean, largest and smallest y of each: none, (0, 0, 0), (1, 2, 0), (1, 4, -2), (-2, -2, -2)."""
    weights = [[0, 1, 0, 10, 0, 100]]
    assert logits(network(weights, architecture="pooled")) == [[0.0], [0.0], [21.0], [-159.0], [-222.0]]
    two = network([[0, 1, 0, 10]], architecture="pooled", pooling="max+min")
    assert logits(two) == [[0.0], [0.0], [2.0], [-16.0], [-22.0]]


@pytest.mark.parametrize(
    ("architecture", "pooling"), [("pooled", ""), ("pooled", "max"), ("mean", "mean+max")]
)
def test_poolings_that_are_no_combination_are_refused(architecture, pooling):
    with pytest.raises(DataError, match="'pooling' must be one of"):
        shape(architecture, pooling=pooling)


def test_flatten_by_hand():
    """Three positions, padded in front: the weights 1, 10 and 100 stand on the x of each."""
    flat = network([[1, 0, 10, 0, 100, 0]], architecture="flatten")
    assert logits(flat) == [[888.0], [188.0], [18.0], [160.0], [228.0]]
    post = network([[1, 0, 10, 0, 100, 0]], architecture="flatten", padding="post", truncating="post")
    assert logits(post) == [[888.0], [881.0], [801.0], [-399.0], [822.0]]


def test_hidden_layer_by_hand():
    """Hidden units max(0, x + y) and max(0, -x - y + 1) of the mean; the logit is first - 2 * second + 1."""
    deep = network([[1, -2]], [1.0], hidden=[[1, 1], [-1, -1]], hidden_bias=[0, 1])
    assert logits(deep) == [[-1.0], [2.0], [2.5], [1.25], [-1.0]]


def test_several_classes_by_hand():
    three = network([[1, 0], [0, 1], [1, 1]], [0, 0, 0.5])
    assert logits(three) == [
        [0.0, 0.0, 0.5],
        [1.0, 0.0, 1.5],
        [0.5, 1.0, 2.0],
        [-0.25, 1.0, 1.25],
        [2.0, -2.0, 0.5],
    ]


def test_truncating_without_padding():
    short = network([[1, 10]], maxlen=1)
    assert logits(short) == [[0.0], [1.0], [20.0], [-18.0], [-18.0]]


@pytest.mark.parametrize("architecture", ["mean", "max", "pooled", "flatten"])
def test_no_documents_have_no_probabilities(architecture):
    made = PooledNetwork.initial(shape(architecture), 0)
    assert made.probabilities(Ragged.from_lists([])).shape == (0, 2)


@pytest.mark.parametrize("architecture", ["mean", "max", "pooled", "flatten"])
@pytest.mark.parametrize("n_classes", [2, 4])
def test_probabilities_sum_to_one(architecture, n_classes):
    made = PooledNetwork.initial(shape(architecture, hidden=3, n_classes=n_classes), 1)
    probabilities = made.probabilities(DOCUMENTS)
    assert probabilities.shape == (5, n_classes)
    assert probabilities.dtype == np.float64
    np.testing.assert_allclose(probabilities.sum(axis=1), 1)


@pytest.mark.parametrize(
    ("made", "n_logits", "n_features", "sizes"),
    [
        (shape(), 1, 2, [(5, 2), (0, 2), (0,), (1, 2), (1,)]),
        (shape(hidden=3, n_classes=4), 4, 2, [(5, 2), (3, 2), (3,), (4, 3), (4,)]),
        (shape("pooled", pooling="mean+max"), 1, 4, [(5, 2), (0, 4), (0,), (1, 4), (1,)]),
        (shape("flatten"), 1, 6, [(5, 2), (0, 6), (0,), (1, 6), (1,)]),
        (shape("flatten", hidden=7, n_classes=3), 3, 6, [(5, 2), (7, 6), (7,), (3, 7), (3,)]),
    ],
)
def test_sizes(made, n_logits, n_features, sizes):
    assert (made.n_logits, made.n_features) == (n_logits, n_features)
    assert list(made.sizes().values()) == sizes
    arrays = PooledNetwork.initial(made, 0).arrays()
    assert [array.shape for array in arrays.values()] == sizes
    assert list(arrays) == ["embedding", "hidden", "hidden_bias", "output", "output_bias"]
    assert {array.dtype for array in arrays.values()} == {np.dtype(np.float32)}


def test_first_values_are_keras():
    made = PooledNetwork.initial(
        shape("flatten", vocabulary_size=3000, dimensions=20, hidden=50, n_classes=3), 4
    )
    embedding, hidden, hidden_bias, output, output_bias = made.parameters
    for array, limit in ((embedding, 0.05), (hidden, (6 / 110) ** 0.5), (output, (6 / 53) ** 0.5)):
        assert np.abs(array).max() <= limit
        assert np.abs(array).max() > 0.9 * limit
        assert abs(array.mean()) < 5 * limit / (3 * array.size) ** 0.5
        assert array.std() == pytest.approx(limit / 3**0.5, rel=0.1)
    assert not hidden_bias.any()
    assert not output_bias.any()


def test_first_values_come_from_the_seed():
    one, again, other = (
        PooledNetwork.initial(shape(), seed).parameters.embedding for seed in (1, 1, 2**64 - 1)
    )
    np.testing.assert_array_equal(one, again)
    assert (one != other).all()


def test_from_arrays_is_the_inverse_of_arrays():
    made = PooledNetwork.initial(shape(hidden=3), 0)
    back = PooledNetwork.from_arrays(made.shape, made.arrays())
    np.testing.assert_array_equal(back.probabilities(DOCUMENTS), made.probabilities(DOCUMENTS))


@pytest.mark.parametrize("damage", ["missing", "shape"])
def test_arrays_that_do_not_fit_are_named(damage):
    arrays = PooledNetwork.initial(shape(hidden=3), 0).arrays()
    arrays.pop("hidden") if damage == "missing" else arrays.update(hidden=np.zeros((3, 9), np.float32))
    with pytest.raises(DataError, match=r"weights 'hidden' should have the shape \(3, 2\), found"):
        PooledNetwork.from_arrays(shape(hidden=3), arrays)


def test_models_are_compared_by_identity():
    one, other = PooledNetwork.initial(shape(), 0), PooledNetwork.initial(shape(), 0)
    assert one != other
    assert len({one, other, one}) == 2
