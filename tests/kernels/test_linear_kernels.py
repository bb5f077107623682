"""Linear classifiers over rows: one body of tests for the plain twin and the compiled one."""

from __future__ import annotations

import numpy as np
import pytest

from wordloom.kernels import linear, linear_compiled
from wordloom.kernels.linear import (
    BIAS_RATE,
    LEAST_ERROR,
    LONGEST_STEP,
    Examples,
    Layer,
    LinearUpdateRule,
    over_columns,
)

kernels_of_both = pytest.mark.parametrize("kernels", [linear, linear_compiled], ids=["plain", "compiled"])


def examples(n_classes=2, weights=(1, 1, 2)):
    """Documents {0, 1}, {}, {1, 2}."""
    return Examples(
        np.array([0, 1, 1, 2], dtype=np.int32),
        np.array([0, 2, 2, 4]),
        np.array([1, 0, n_classes - 1], dtype=np.int32),
        np.array(weights, dtype=np.float32),
        np.array([1.0, 1.0, 0.5], dtype=np.float32),
    )


def layer(k=1, weights=0.0, rates=1.0):
    arrays = np.full((3, k), weights, np.float32), np.full((3, k), rates, np.float32)
    return Layer.of(*arrays, np.zeros(k, dtype=np.float32))


RULE = LinearUpdateRule(0.5, 0, np.uint64(7))


def central_differences(loss_at, weights):
    """The gradient of a loss by float64 weights."""
    gradient = np.zeros_like(weights)
    for i in np.ndindex(weights.shape):
        step = np.zeros_like(weights)
        step[i] = 1e-5
        gradient[i] = (loss_at(weights + step) - loss_at(weights - step)) / 2e-5
    return gradient


@kernels_of_both
def test_class_sums_by_hand(kernels):
    sums = kernels.class_sums(examples(3), np.array([0, 1, 2]), (3, 3))
    assert sums.tolist() == [[0, 1, 0], [0, 1, 2], [0, 0, 2]]
    assert kernels.class_sums(examples(3), np.array([0]), (3, 3)).sum() == 2


@kernels_of_both
def test_logits_by_hand(kernels):
    weights = np.array([[1, 9], [2, 9], [4, 9]], dtype=np.float32)  # the second column is not a weight
    ex = examples()
    found = kernels.logits(ex.rows, ex.offsets, ex.scales, weights, np.array([0.5], dtype=np.float32))
    assert found.tolist() == [[3.5], [0.5], [3.5]]


@pytest.mark.slow
@kernels_of_both
@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_sums_of_rows_keep_the_digits_of_the_weights(kernels, kind):
    ex, weights = examples(), np.array([[1, 9], [1e-12, 9], [4, -9]], dtype=kind)
    for columns in (1, 2):
        found = kernels.row_sums(ex.rows, ex.offsets, weights[:, :columns].copy())
        expected = [[1 + float(weights[1, 0]), 18], [0, 0], [float(weights[1, 0]) + 4, 0]]
        assert found.tolist() == [row[:columns] for row in expected]
        assert found.dtype == np.float64
    part = kernels.row_sums(ex.rows, ex.offsets[2:], weights)  # a range of documents
    assert part.tolist() == [expected[2]]


@kernels_of_both
def test_one_step_by_hand(kernels):
    """Document 2 has the scale 0.5 and the weight 2: p = 0.5, so the step is 0.5 * 2 * -0.5."""
    net = layer()
    loss, right = kernels.train(examples(), net, RULE, np.array([2]), 0)
    assert loss == pytest.approx(2 * np.log(2))
    assert right == 0, "a logit of 0 is an answer for the first class"
    np.testing.assert_allclose(net.table[:, 0], [0, 0.25, 0.25])
    np.testing.assert_allclose(net.bias, [BIAS_RATE * 0.5])


@kernels_of_both
@pytest.mark.parametrize("k", [1, 3])
def test_steps_are_those_of_the_gradient(kernels, k):
    """A small step lowers the loss by the rate times the squared gradient, worked out by differences."""
    rng = np.random.default_rng(k)
    weights, bias = rng.normal(size=(3, k)).astype(np.float32), rng.normal(size=k).astype(np.float32)
    net = Layer.of(weights, np.ones((3, k), np.float32), bias)
    before, size = net.table[:, :k].astype(np.float64), max(k, 2)

    def loss_at(weights):
        z = 0.5 * (weights[1] + weights[2]) + net.bias
        if k == 1:
            return 2 * np.log1p(np.exp(-z[0]))
        return 2 * (np.log(np.exp(z).sum()) - z[size - 1])

    gradient = central_differences(loss_at, before)
    kernels.train(examples(size), net, RULE._replace(rate=0.01), np.array([2]), 0)
    np.testing.assert_allclose((before - net.table[:, :k]) / 0.01, gradient, atol=1e-4)


@kernels_of_both
def test_a_heavy_document_does_not_overshoot(kernels):
    net, ex = layer(), examples(weights=(1e6, 1, 1))
    kernels.train(ex, net, RULE, np.array([0]), 0)
    z = kernels.logits(ex.rows, ex.offsets, ex.scales, net.table, net.bias)
    assert 0 < z[0, 0] <= LONGEST_STEP


@kernels_of_both
@pytest.mark.parametrize("k", [1, 3])
@pytest.mark.parametrize("sure", [True, False])
def test_a_text_that_is_all_but_certain_moves_nothing(kernels, k, sure):
    """Its probability is off by a little less than LEAST_ERROR, or by a little more."""
    net, ex = layer(k), examples(max(k, 2), weights=(1, 1, 1))
    off = LEAST_ERROR * (0.9 if sure else 1.1)
    net.bias[-1] = np.log((1 - off) / off * max(k - 1, 1))
    before = net.table.copy(), net.bias.copy()
    loss, right = kernels.train(ex, net, RULE, np.array([2]), 0)
    assert (loss, right) == (pytest.approx(-np.log1p(-off), rel=1e-4), 1), "it is counted all the same"
    moved = [not np.array_equal(*pair) for pair in zip(before, net, strict=True)]
    assert moved == [not sure, not sure]


@kernels_of_both
@pytest.mark.parametrize("alike", [False, True])
def test_a_text_moves_only_the_classes_that_it_is_not_sure_of(kernels, alike):
    k, likely = 77, [3, 40, 76]  # in several blocks of columns
    weights, rates, _ = arrays_of_rows(k, 1 if alike else k)
    bias = np.full(k, -30, np.float32)
    bias[likely] = 30
    net = Layer.of(weights, rates, bias)
    ex = documents_of_rows(k)._replace(targets=np.full(60, 40, dtype=np.int32))
    kernels.train(ex, net, RULE, np.arange(60), 0)
    changed = (net.table[:, :k] != weights).any(axis=0)
    assert np.flatnonzero(changed).tolist() == likely


def test_a_table_begins_at_a_line_of_the_cache():
    for k in (1, 2, 6, 77):
        net = Layer.of(*arrays_of_rows(k, k))
        assert net.table.ctypes.data % 64 == 0
        assert net.table.flags.c_contiguous


@pytest.mark.parametrize("columns", [1, 2, 77, 40_000])
def test_columns_are_put_together_as_numpy_does(columns):
    numbers = np.random.default_rng(columns).random((min(900, 99_999 // columns), columns), dtype=np.float32)
    before = numbers.copy()
    assert over_columns(np.maximum, numbers).tolist() == numbers.max(axis=1).tolist()
    assert over_columns(np.add, np.round(9 * numbers)).tolist() == np.round(9 * numbers).sum(axis=1).tolist()
    assert numbers.tobytes() == before.tobytes()


@kernels_of_both
def test_dropout_leaves_out_the_share_of_rows_and_makes_up_for_them(kernels):
    n = 4000
    ex = Examples(
        np.arange(n, dtype=np.int32),
        np.array([0, n]),
        np.array([1], dtype=np.int32),
        np.ones(1, np.float32),
        np.full(1, 1e-3, np.float32),
    )
    net = Layer.of(np.zeros((n, 1), np.float32), np.ones((n, 1), np.float32), np.zeros(1, np.float32))
    kernels.train(ex, net, RULE._replace(dropped=64), np.array([0]), 3)
    moved = net.table[:, 0] != 0
    assert moved.mean() == pytest.approx(0.75, abs=0.03)
    np.testing.assert_allclose(net.table[moved, 0], 0.5 * 0.5 * 1e-3 / 0.75, rtol=1e-5)


@kernels_of_both
def test_other_epochs_drop_other_rows(kernels):
    ex, changed = examples(), set()
    for epoch in range(12):
        net = layer()
        kernels.train(ex, net, RULE._replace(dropped=128), np.array([0]), epoch)
        changed.add(tuple((net.table[:, 0] != 0).tolist()))
    assert len(changed) > 2


def documents_of_rows(k, n=60, n_rows=50):
    """Documents that hold up to 30 of the rows, some of them none."""
    rng = np.random.default_rng(k)
    lengths = rng.integers(0, 30, n)
    rows = np.concatenate([rng.permutation(n_rows)[:length] for length in lengths]).astype(np.int32)
    targets = rng.integers(0, max(k, 2), n).astype(np.int32)
    weights, scales = rng.random(n).astype(np.float32), rng.random(n).astype(np.float32)
    return Examples(rows, np.concatenate([[0], np.cumsum(lengths)]), targets, weights, scales)


def arrays_of_rows(k, columns, n_rows=50):
    """Weights, and rates of which some rows have much higher ones, so that some steps are too long."""
    rng = np.random.default_rng(k)
    rates = rng.random((n_rows, columns)) * rng.choice([1, 8], (n_rows, 1))
    return rng.random((n_rows, k)).astype(np.float32), rates.astype(np.float32), np.zeros(k, np.float32)


@pytest.mark.parametrize("alike", [False, True])
@pytest.mark.parametrize("k", [1, 2, 3, 4, 5, 9, 21, 77])
def test_twins_agree(k, alike):
    ex, results = documents_of_rows(k), []
    for kernels in (linear, linear_compiled):
        net = Layer.of(*arrays_of_rows(k, 1 if alike else k))
        scores = kernels.train(ex, net, RULE._replace(dropped=77), np.arange(60), 2)
        results.append((*scores, *net, kernels.logits(ex.rows, ex.offsets, ex.scales, *net)))
    for one, other in zip(*results, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("k", [1, 2, 3, 9, 77])
def test_twins_add_logits_up_to_the_same_bits(k):
    rng = np.random.default_rng(k)
    ex, table = documents_of_rows(k, n_rows=3000), rng.normal(size=(3000, 2 * k)).astype(np.float32)
    long = rng.integers(0, 3000, 20_000).astype(np.int32)
    rows, offsets = np.concatenate([ex.rows, long]), np.append(ex.offsets, len(ex.rows) + len(long))
    scales, bias = np.append(ex.scales, np.float32(0.3)), rng.normal(size=k).astype(np.float32)
    for first in (0, 40):  # a part of the documents too
        some = rows, offsets[first:], scales[first:], table, bias
        plain, compiled = linear.logits(*some), linear_compiled.logits(*some)
        assert plain.tobytes() == compiled.tobytes()


@kernels_of_both
@pytest.mark.parametrize("k", [1, 3, 9, 21])
def test_rates_that_are_the_same_in_all_columns_are_kept_once_and_learn_the_same(kernels, k):
    weights, rates, bias = arrays_of_rows(k, 1)
    once, each = Layer.of(weights, rates, bias), Layer.of(weights, np.repeat(rates, k, axis=1), bias.copy())
    assert once.table.shape[1] < each.table.shape[1] or k == 1
    for net in (once, each):
        kernels.train(documents_of_rows(k), net, RULE, np.arange(60), 0)
    assert once.table[:, :k].tobytes() == each.table[:, :k].tobytes()
    assert once.bias.tobytes() == each.bias.tobytes()


@kernels_of_both
@pytest.mark.parametrize("k", [3, 9, 21])
def test_a_step_changes_weights_and_no_rates(kernels, k):
    net, before = Layer.of(*arrays_of_rows(k, k)), Layer.of(*arrays_of_rows(k, k))
    kernels.train(documents_of_rows(k), net, RULE, np.arange(60), 0)
    assert (net.table[:, :k] != before.table[:, :k]).any(axis=0).all()
    assert net.table[:, k:].tobytes() == before.table[:, k:].tobytes()


def targets_of_logits(k, n, seed=0):
    """float32 (N, K): sure ones, 0 and 1, and places between them."""
    rng = np.random.default_rng(seed)
    return np.where(rng.random((n, k)) < 0.5, rng.integers(0, 2, (n, k)), rng.random((n, k))).astype(
        np.float32
    )


def several(k, n=60):
    """`documents_of_rows` with a target for each logit."""
    return documents_of_rows(k, n)._replace(targets=targets_of_logits(k, n))


@kernels_of_both
def test_target_sums_by_hand(kernels):
    ex = examples()._replace(targets=np.array([[1, 0.5], [1, 1], [0, 0.25]], dtype=np.float32))
    sums = kernels.target_sums(ex, np.array([0, 1, 2]), 3)
    assert sums.tolist() == [[1, 0.5, 1], [1, 1, 3], [0, 0.5, 2]], "the last column counts all documents"
    assert kernels.target_sums(ex, np.array([0]), 3)[2].tolist() == [0, 0, 0]


@pytest.mark.parametrize("k", [1, 2, 9, 21])
def test_twins_add_targets_up_alike(k):
    ex, chosen = several(k), np.arange(1, 60, 2)
    plain, compiled = (kernels.target_sums(ex, chosen, 50) for kernels in (linear, linear_compiled))
    assert plain.shape == compiled.shape == (50, k + 1)
    np.testing.assert_allclose(plain, compiled, rtol=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize("alike", [False, True])
@pytest.mark.parametrize("k", [1, 2, 3, 9, 21])
def test_twins_learn_independent_logits_alike(k, alike):
    ex, results = several(k), []
    for kernels in (linear, linear_compiled):
        net = Layer.of(*arrays_of_rows(k, 1 if alike else k))
        scores = kernels.train_independent(ex, net, RULE._replace(dropped=77), np.arange(60), 2)
        results.append((*scores, *net))
    for one, other in zip(*results, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-5)


@pytest.mark.slow
@kernels_of_both
@pytest.mark.parametrize("k", [1, 3])
def test_steps_of_independent_logits_are_those_of_the_gradient(kernels, k):
    """The loss of each logit is a binary cross-entropy; what is counted of them is their mean."""
    rng = np.random.default_rng(k)
    weights, bias = rng.normal(size=(3, k)).astype(np.float32), rng.normal(size=k).astype(np.float32)
    net = Layer.of(weights, np.ones((3, k), np.float32), bias)
    before, aims = net.table[:, :k].astype(np.float64), targets_of_logits(k, 3)
    own_bias = net.bias.astype(np.float64)

    def loss_at(weights):
        z = 0.5 * (weights[1] + weights[2]) + own_bias
        return 2 * (np.logaddexp(0, z) - aims[2] * z).sum()

    gradient = central_differences(loss_at, before)
    ex, once = examples()._replace(targets=aims), RULE._replace(rate=0.01)
    loss, right = kernels.train_independent(ex, net, once, np.array([2]), 0)
    np.testing.assert_allclose((before - net.table[:, :k]) / 0.01, gradient, atol=1e-4)
    assert loss == pytest.approx(loss_at(before) / k, rel=1e-6)
    sides = (0.5 * (before[1] + before[2]) + own_bias > 0) == (aims[2] >= 0.5)
    assert right == pytest.approx(sides.mean())


@kernels_of_both
def test_one_logit_learns_a_class_as_it_learns_its_target(kernels):
    """Two classes have one logit, and a class is a target of 0 or 1 for it. No text is certain here."""
    weights, rates, _ = (each / 10 for each in arrays_of_rows(1, 1))
    ex, nets = documents_of_rows(1), [Layer.of(weights, rates, np.zeros(1, np.float32)) for _ in range(2)]
    loss, right = kernels.train(ex, nets[0], RULE, np.arange(60), 0)
    of_logit = ex._replace(targets=ex.targets[:, None].astype(np.float32))
    found = kernels.train_independent(of_logit, nets[1], RULE, np.arange(60), 0)
    assert found == (pytest.approx(loss, rel=1e-6), right)
    np.testing.assert_allclose(nets[0].table, nets[1].table, rtol=1e-5, atol=1e-6)


@kernels_of_both
def test_a_heavy_document_moves_none_of_its_logits_too_far(kernels):
    net = layer(2)
    ex = examples(weights=(1e6, 1, 1))._replace(targets=np.array([[1, 0]] * 3, dtype=np.float32))
    kernels.train_independent(ex, net, RULE, np.array([0]), 0)
    z = kernels.logits(ex.rows, ex.offsets, ex.scales, net.table, net.bias)[0]
    assert 0 < z[0] <= LONGEST_STEP
    assert -LONGEST_STEP <= z[1] < 0
