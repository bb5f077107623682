"""The pooled networks' kernels: one body of tests for the plain twin and the compiled one."""

from __future__ import annotations

import numpy as np
import pytest

from products import product
from wordloom.kernels import pooled, pooled_compiled
from wordloom.kernels.column_blocks import in_blocks, joined
from wordloom.kernels.pooled import (
    ADAM,
    FLATTEN,
    MAX,
    MEAN,
    MIN,
    RMSPROP,
    SGD,
    Documents,
    Parameters,
    UpdateRule,
)

V, D, L = 11, 3, 4
POOLINGS = {
    **{"flatten": FLATTEN, "mean": MEAN, "max": MAX},
    **{"mean+max+min": MEAN | MAX | MIN, "max+min": MAX | MIN},
}
SHAPES = [(0, 1), (0, 3), (5, 1), (5, 3)]  # hidden units, logits


def make_documents(pooling, logits, aims=False):
    """Corner rows included: empty, one word, a repeated word, one word many times, long.

    aims : whether each logit has a target of its own: 0, 1, and places between them
    """
    rng = np.random.default_rng(0)
    texts = [[], [3], [4, 4, 1], [2] * 9, list(rng.integers(0, V, 20)), [5, 6], [7, 8, 9, 10], [1, 2, 3]]
    if pooling == FLATTEN:
        texts = [([0] * L + list(text))[-L:] for text in texts]
    offsets = np.zeros(len(texts) + 1, dtype=np.int64)
    np.cumsum([len(text) for text in texts], out=offsets[1:])
    documents = Documents(
        np.array([id_ for text in texts for id_ in text], dtype=np.int32),
        offsets,
        np.arange(len(texts), dtype=np.int32) % max(logits, 2),
        np.linspace(0.5, 2.0, len(texts)),
    )
    own = rng.choice([0, 0.25, 0.7, 1], (len(texts), logits)).astype(np.float32)
    return documents._replace(aims=own) if aims else documents


def make_parameters(pooling, hidden, logits, dtype=np.float64):
    rng = np.random.default_rng(1)
    features = L * D if pooling == FLATTEN else D * pooling.bit_count()
    last = hidden or features
    shapes = (V, D), (hidden, features), (hidden,), (logits, last), (logits,)
    return Parameters(*(rng.normal(0, 0.5, shape).astype(dtype) for shape in shapes))


def copied(parameters):
    return Parameters(*(array.copy() for array in parameters))


def rule(pooling, **changes):
    settings = {"optimizer": SGD, "batch_size": 8, "learning_rate": 1.0, "dropout": 0.0, "seed": np.uint64(3)}
    return UpdateRule(pooling, **(settings | changes))


def train(kernels, parameters, documents, rule, epoch=0, order=None, threads=1):
    """The parameters after one pass, the loss and the hits; the arguments stay as they were."""
    trainer = kernels.PooledTrainer(parameters, documents, rule, threads)
    order = np.arange(len(documents.targets)) if order is None else np.asarray(order)
    loss, hits = trainer.run(order, epoch)
    return trainer.parameters(), loss, hits


kernels_of_both = pytest.mark.parametrize("kernels", [pooled, pooled_compiled], ids=["plain", "compiled"])
every_pooling = pytest.mark.parametrize("pooling", POOLINGS.values(), ids=POOLINGS)
every_shape = pytest.mark.parametrize(("hidden", "logits"), SHAPES)
both_losses = pytest.mark.parametrize("aims", [False, True], ids=["class", "aims"])


@pytest.mark.slow
@product(
    lambda twin, pooling, loss, dropout: (
        (loss == "aims") == (dropout == "0.4") and (twin == "plain" or pooling in ("flatten", "mean+max+min"))
    ),
    kernels={"plain": pooled, "compiled": pooled_compiled},
    pooling=POOLINGS,
    aims={"class": False, "aims": True},
    dropout=[0.0, 0.4],
)
def test_gradients_equal_central_differences(kernels, pooling, aims, dropout):
    for hidden, logits in SHAPES:
        documents = make_documents(pooling, logits, aims)
        parameters = make_parameters(pooling, hidden, logits)
        chosen = rule(pooling, dropout=dropout)
        # SGD at rate 1: the step is the gradient
        trained, _, _ = train(kernels, parameters, documents, chosen)
        n, tiny = len(documents.targets), 1e-6
        for place, array in enumerate(parameters):
            for index in np.ndindex(array.shape):
                losses = []
                for sign in (1, -1):
                    moved = copied(parameters)
                    moved[place][index] += sign * tiny
                    losses.append(train(kernels, moved, documents, chosen)[1] / n)
                numeric = (losses[0] - losses[1]) / (2 * tiny)
                analytic = array[index] - trained[place][index]
                where = hidden, logits, Parameters._fields[place], index
                assert analytic == pytest.approx(numeric, abs=2e-8), where


@pytest.mark.slow
@product(
    lambda pooling, loss, optimizer, dtype: (dtype == "float32") == (loss == "class") or optimizer == "adam",
    pooling=POOLINGS,
    aims={"class": False, "aims": True},
    optimizer={"sgd": SGD, "rmsprop": RMSPROP, "adam": ADAM},
    dtype={"float64": np.float64, "float32": np.float32},
)
def test_twins_agree(pooling, aims, optimizer, dtype):
    tolerance = {np.float64: 1e-12, np.float32: 2e-4}[dtype]
    for hidden, logits in SHAPES:
        says = f"{hidden} hidden units, {logits} logits"
        documents = make_documents(pooling, logits, aims)
        parameters = make_parameters(pooling, hidden, logits, dtype)
        chosen = rule(pooling, optimizer=optimizer, batch_size=3, learning_rate=0.01, dropout=0.3)
        results = [train(kernels, parameters, documents, chosen, 2) for kernels in (pooled, pooled_compiled)]
        for one, other in zip(results[0][0], results[1][0], strict=True):
            assert one.dtype == other.dtype == dtype, says
            np.testing.assert_allclose(one, other, atol=tolerance, err_msg=says)
        assert results[0][1] == pytest.approx(results[1][1], rel=1e-5), says
        outputs = [
            kernels.logits(parameters, documents.ids, documents.offsets, pooling)
            for kernels in (pooled, pooled_compiled)
        ]
        np.testing.assert_allclose(*outputs, atol=tolerance, err_msg=says)


@pytest.mark.slow
@pytest.mark.blas
@kernels_of_both
@every_pooling
@every_shape
def test_a_document_does_not_depend_on_the_others(kernels, pooling, hidden, logits):
    documents = make_documents(pooling, logits)
    parameters = make_parameters(pooling, hidden, logits, np.float32)
    offsets = documents.offsets
    together = kernels.logits(parameters, documents.ids, offsets, pooling)
    features = kernels.features(parameters.embedding, documents.ids, offsets, pooling)
    for row in range(len(together)):
        own = offsets[row : row + 2]
        np.testing.assert_array_equal(
            kernels.logits(parameters, documents.ids, own, pooling)[0], together[row]
        )
        np.testing.assert_array_equal(
            kernels.features(parameters.embedding, documents.ids, own, pooling)[0], features[row]
        )


@kernels_of_both
@pytest.mark.parametrize("pooling", [MEAN | MAX | MIN, MEAN | MAX, MEAN | MIN, MAX | MIN])
def test_poolings_side_by_side_are_each_of_them(kernels, pooling):
    documents = make_documents(pooling, 1)
    embedding = make_parameters(pooling, 0, 1, np.float32).embedding

    def features(pooling):
        return kernels.features(embedding, documents.ids, documents.offsets, pooling)

    alone = [features(one) for one in (MEAN, MAX, MIN) if pooling & one]
    np.testing.assert_array_equal(features(pooling), np.concatenate(alone, axis=1))
    np.testing.assert_array_equal(
        features(MIN),
        -kernels.features(-embedding, documents.ids, documents.offsets, MAX),
    )


@pytest.mark.slow
@every_pooling
def test_features_of_the_twins_agree(pooling):
    documents = make_documents(pooling, 1)
    embedding = make_parameters(pooling, 0, 1, np.float64).embedding
    plain, compiled = (
        kernels.features(embedding, documents.ids, documents.offsets, pooling)
        for kernels in (pooled, pooled_compiled)
    )
    assert plain.shape == compiled.shape
    assert plain.any()
    np.testing.assert_allclose(plain, compiled, atol=1e-15)


@kernels_of_both
@every_pooling
@pytest.mark.parametrize("optimizer", [SGD, RMSPROP, ADAM])
def test_only_rows_of_the_batch_move(kernels, pooling, optimizer):
    documents = make_documents(pooling, 1)
    parameters = make_parameters(pooling, 0, 1)
    trained, _, _ = train(kernels, parameters, documents, rule(pooling, optimizer=optimizer), order=[5, 1])
    moved = np.flatnonzero((trained.embedding != parameters.embedding).any(axis=1))
    inside = {3, 5, 6} | ({0} if pooling == FLATTEN else set())
    assert set(moved) == inside


@kernels_of_both
@every_pooling
@every_shape
def test_a_frozen_embedding_does_not_move_and_the_rest_learns_as_before(kernels, pooling, hidden, logits):
    documents = make_documents(pooling, logits)
    parameters = make_parameters(pooling, hidden, logits)
    free, _, _ = train(kernels, parameters, documents, rule(pooling))
    frozen, _, _ = train(kernels, parameters, documents, rule(pooling, trains_embedding=False, pull_back=0.5))
    np.testing.assert_array_equal(frozen.embedding, parameters.embedding)
    for one, other in zip(free[1:], frozen[1:], strict=True):
        np.testing.assert_allclose(one, other, atol=1e-12)


@kernels_of_both
def test_an_embedding_set_free_learns_from_then_on(kernels):
    documents, parameters = make_documents(MEAN, 1), make_parameters(MEAN, 0, 1)
    trainer = kernels.PooledTrainer(parameters, documents, rule(MEAN, trains_embedding=False))
    trainer.run(np.arange(4), 0)
    np.testing.assert_array_equal(trainer.parameters().embedding, parameters.embedding)
    trainer.rule = rule(MEAN)
    trainer.run(np.array([1]), 1)
    moved = (trainer.parameters().embedding != parameters.embedding).any(axis=1)
    assert np.flatnonzero(moved).tolist() == [3]


@kernels_of_both
@every_pooling
def test_the_pull_is_towards_the_start(kernels, pooling):
    """The second step's gradient differs by strength * (row - start), for the rows of the batch."""
    documents, parameters = make_documents(pooling, 1), make_parameters(pooling, 0, 1)
    trainers = [
        kernels.PooledTrainer(parameters, documents, rule(pooling, learning_rate=0.1, pull_back=strength))
        for strength in (0.0, 0.25)
    ]
    for trainer in trainers:
        trainer.run(np.array([5, 1, 6]), 0)
    first = trainers[0].parameters().embedding
    np.testing.assert_array_equal(first, trainers[1].parameters().embedding)  # nothing has moved before
    for trainer in trainers:
        trainer.run(np.array([5]), 0)
    difference = trainers[0].parameters().embedding - trainers[1].parameters().embedding
    rows = [5, 6] + ([0] if pooling == FLATTEN else [])
    expected = np.zeros_like(first)
    expected[rows] = 0.1 * 0.25 * (first - parameters.embedding)[rows]
    np.testing.assert_allclose(difference, expected, atol=1e-12)


@pytest.mark.slow
@kernels_of_both
def test_a_tiny_set_is_learned_to_the_last_document(kernels):
    for pooling in POOLINGS.values():
        documents = make_documents(pooling, 3)
        keep = np.arange(1, len(documents.targets))  # the empty document cannot be told apart by its words
        chosen = rule(pooling, optimizer=ADAM, learning_rate=0.03, batch_size=2)
        trainer = kernels.PooledTrainer(make_parameters(pooling, 6, 3), documents, chosen)
        for epoch in range(150):
            loss, hits = trainer.run(keep, epoch)
        assert hits == len(keep)
        assert loss / len(keep) < 0.05


@kernels_of_both
def test_adam_follows_keras_by_hand(kernels):
    """Two steps on one weight, worked out with Keras' formulas (bias-corrected rate, epsilon outside)."""
    documents = Documents(np.array([1], np.int32), np.array([0, 1]), np.array([1], np.int32), np.array([1.0]))
    zeros = [np.zeros(shape) for shape in [(2, 1), (0, 1), (0,), (1, 1), (1,)]]
    zeros[0][1] = 1.0
    chosen = rule(MEAN, optimizer=ADAM, learning_rate=0.1)
    trainer = kernels.PooledTrainer(Parameters(*zeros), documents, chosen)
    bias, mean, square = 0.0, 0.0, 0.0
    weight, weight_mean, weight_square = 0.0, 0.0, 0.0
    row, row_mean, row_square = 1.0, 0.0, 0.0
    for step in (1, 2):
        slope = 1 / (1 + np.exp(-(row * weight + bias))) - 1
        gradients = slope, slope * row, slope * weight
        rate = 0.1 * np.sqrt(1 - 0.999**step) / (1 - 0.9**step)
        mean, square = mean + 0.1 * (gradients[0] - mean), square + 0.001 * (gradients[0] ** 2 - square)
        weight_mean += 0.1 * (gradients[1] - weight_mean)
        weight_square += 0.001 * (gradients[1] ** 2 - weight_square)
        row_mean += 0.1 * (gradients[2] - row_mean)
        row_square += 0.001 * (gradients[2] ** 2 - row_square)
        bias -= rate * mean / (np.sqrt(square) + 1e-7)
        weight -= rate * weight_mean / (np.sqrt(weight_square) + 1e-7)
        row -= rate * row_mean / (np.sqrt(row_square) + 1e-7)
        trainer.run(np.array([0]), 0)
    parameters = trainer.parameters()
    assert parameters.output_bias[0] == pytest.approx(bias, abs=1e-12)
    assert parameters.output[0, 0] == pytest.approx(weight, abs=1e-12)
    assert parameters.embedding[1, 0] == pytest.approx(row, abs=1e-9)


@kernels_of_both
def test_right_answers_and_loss_are_those_before_the_step(kernels):
    documents = make_documents(MEAN, 3)
    parameters = make_parameters(MEAN, 5, 3)
    _, loss, hits = train(kernels, parameters, documents, rule(MEAN))
    outputs = kernels.logits(parameters, documents.ids, documents.offsets, MEAN)
    probabilities = np.exp(outputs) / np.exp(outputs).sum(axis=1, keepdims=True)
    rows = np.arange(len(outputs))
    assert hits == (outputs.argmax(axis=1) == documents.targets).sum()
    expected = -(np.log(probabilities[rows, documents.targets]) * documents.weights).sum()
    assert loss == pytest.approx(expected)


@kernels_of_both
@pytest.mark.parametrize("logits", [1, 3])
def test_loss_and_right_sides_of_aims_are_means_over_the_logits(kernels, logits):
    documents = make_documents(MEAN, logits, aims=True)
    parameters = make_parameters(MEAN, 5, logits)
    _, loss, hits = train(kernels, parameters, documents, rule(MEAN))
    z = kernels.logits(parameters, documents.ids, documents.offsets, MEAN)
    p = 1 / (1 + np.exp(-z))
    aims = documents.aims.astype(np.float64)
    losses = -(aims * np.log(p) + (1 - aims) * np.log(1 - p)).mean(axis=1)
    assert loss == pytest.approx((losses * documents.weights).sum())
    assert hits == pytest.approx(((z > 0) == (aims >= 0.5)).mean(axis=1).sum())


@kernels_of_both
def test_aims_in_the_place_of_classes_take_no_look_at_these(kernels):
    documents, parameters = make_documents(MEAN, 3, aims=True), make_parameters(MEAN, 5, 3)
    others = documents._replace(targets=documents.targets[::-1].copy())
    one, other = (train(kernels, parameters, each, rule(MEAN)) for each in (documents, others))
    assert one[1:] == other[1:]
    for a, b in zip(one[0], other[0], strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.slow
@every_pooling
@every_shape
@both_losses
def test_threads_do_not_change_a_bit(pooling, hidden, logits, aims):
    documents = make_documents(pooling, logits, aims)
    chosen = rule(pooling, optimizer=ADAM, batch_size=3, learning_rate=0.01, dropout=0.2)
    results = []
    for threads in (1, 2, 4):
        trainer = pooled_compiled.PooledTrainer(
            make_parameters(pooling, hidden, logits, np.float32), documents, chosen, threads
        )
        losses = [trainer.run(np.arange(8), epoch) for epoch in range(20)]
        results.append((losses, [array.tobytes() for array in trainer.parameters()]))
    assert results[0] == results[1] == results[2]


@pytest.mark.parametrize("width", [1, 2, 3, 8])
def test_blocks_join_to_what_was_cut(width):
    matrix = np.random.default_rng(0).normal(size=(5, 4 * width))
    blocks = in_blocks(matrix, width)
    np.testing.assert_array_equal(joined(blocks, width), matrix)
