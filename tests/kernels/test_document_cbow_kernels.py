"""Learning from views of documents: one body of tests for the plain twin and the compiled one."""

from __future__ import annotations

import numpy as np
import pytest

from wordloom.kernels import document_cbow, document_cbow_compiled
from wordloom.kernels.document_cbow import (
    ROWS_FOR_A_TARGET,
    DocumentRows,
    SamplingProbabilities,
    TablePair,
    ViewSampling,
)
from wordloom.kernels.sampling import FIXED_POINT_ONE, alias_table, fixed_point

V, D = 13, 3

kernels_of_both = pytest.mark.parametrize(
    "kernels", [document_cbow, document_cbow_compiled], ids=["plain", "compiled"]
)


def make_documents():
    """Corner rows included: empty, one word, a repeated word, too short for the gap, long."""
    rng = np.random.default_rng(0)
    texts = [[], [3], [4, 4, 4, 4, 4, 4], [5, 6], list(rng.integers(0, 9, 40)), list(rng.integers(2, 9, 25))]
    offsets = np.zeros(len(texts) + 1, dtype=np.int64)
    np.cumsum([len(text) for text in texts], out=offsets[1:])
    rows = np.array([row for text in texts for row in text], dtype=np.int32)
    places = np.array([place for text in texts for place in range(len(text))], dtype=np.int32)
    return DocumentRows(rows, offsets, places)


def make_probabilities():
    """Rows 9 and 10 are sampled as negatives only, rows 11 and 12 never."""
    weights = np.array([3.0, 1, 2, 5, 1, 1, 1, 1, 1, 2, 2, 0, 0])
    alias, alias_probability = alias_table(weights)
    alias_probability[11:] = 0
    rng = np.random.default_rng(1)
    chances = rng.uniform(0.3, 1, V), rng.uniform(0.3, 1, V)
    return SamplingProbabilities(*(fixed_point(chance) for chance in chances), alias, alias_probability)


def make_tables(dtype=np.float64, width=D):
    rng = np.random.default_rng(2)
    return TablePair(*(rng.normal(0, 0.5, (V, width)).astype(dtype) for _ in range(2)))


def make_sampling(**changes):
    settings = {
        "contexts": 6,
        "targets": 3,
        "negatives": 8,
        "weight": 5.0,
        "gap": 2,
        "batch_size": 4,
        "seed": np.uint64(7),
        "measured_every": 1,
    }
    return ViewSampling(**(settings | changes))


VIEWS = np.array([4, 0, 5, 2, 4, 1, 3, 5, 4], dtype=np.int64)


def learn(kernels, tables, sampling, views=VIEWS, rates=(0.05, 0.01), threads=1, runs=1):
    trainer = kernels.CbowTrainer(tables, make_documents(), make_probabilities(), sampling, threads)
    results = [trainer.run(views, rates) for _ in range(runs)]
    return trainer.tables(), results


@kernels_of_both
def test_gradients_equal_central_differences(kernels):
    """One batch at rate 1: the steps are the gradients, the inputs' times the number of contexts."""
    views = np.array([4, 5, 4, 4, 5])  # of texts that are long enough for all contexts that are wanted
    sampling = make_sampling(batch_size=len(views))
    tables = make_tables()
    moved, _ = learn(kernels, tables, sampling, views, (1.0, 1.0))
    tiny = 1e-6
    for place, factor in ((0, sampling.contexts), (1, 1)):
        for index in np.ndindex(tables[place].shape):
            losses = []
            for sign in (1, -1):
                other = TablePair(*(table.copy() for table in tables))
                other[place][index] += sign * tiny
                losses.append(learn(kernels, other, sampling, views)[1][0][0])
            numeric = (losses[0] - losses[1]) / (2 * tiny)
            analytic = (tables[place][index] - moved[place][index]) / factor
            assert analytic == pytest.approx(numeric, abs=2e-7), (TablePair._fields[place], index)


@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float64, 1e-6), (np.float32, 1e-5)])
@pytest.mark.parametrize("gap", [0, 3])
def test_twins_agree(dtype, tolerance, gap):
    results = [
        learn(kernels, make_tables(dtype), make_sampling(gap=gap), runs=3)
        for kernels in (document_cbow, document_cbow_compiled)
    ]
    for one, other in zip(results[0][0], results[1][0], strict=True):
        assert one.dtype == other.dtype == dtype
        np.testing.assert_allclose(one, other, atol=tolerance)
    for (loss, targets), (other_loss, other_targets) in zip(results[0][1], results[1][1], strict=True):
        assert targets == other_targets > 0
        assert loss == pytest.approx(other_loss, rel=1e-5)


@kernels_of_both
def test_only_rows_that_are_sampled_move(kernels):
    tables = make_tables()
    moved, _ = learn(kernels, tables, make_sampling(), runs=20)
    changed = [set(np.flatnonzero((old != new).any(axis=1))) for old, new in zip(tables, moved, strict=True)]
    inside = set(make_documents().rows.tolist()) - {3}  # alone in its text, 3 is never a context
    assert changed[0] <= inside | {3}
    assert changed[0] >= {4, 5, 6}
    assert changed[1] <= set(range(11))
    assert {9, 10} <= changed[1], "negatives come from all rows"


@kernels_of_both
def test_a_text_without_a_pair_far_enough_apart_teaches_nothing(kernels):
    tables = make_tables()
    moved, [(loss, targets)] = learn(kernels, tables, make_sampling(), views=np.array([0, 1, 3, 0, 1]))
    assert targets == 0
    assert loss == 0
    for old, new in zip(tables, moved, strict=True):
        np.testing.assert_array_equal(old, new)


@kernels_of_both
def test_words_of_the_same_texts_come_to_lie_together(kernels):
    """Two kinds of texts with words of their own: each kind's words end with vectors of one direction."""
    rng = np.random.default_rng(3)
    texts = [rng.integers(0, 5, 20) + 5 * (n % 2) for n in range(40)]
    documents = DocumentRows(
        np.concatenate(texts).astype(np.int32),
        np.arange(41, dtype=np.int64) * 20,
        np.tile(np.arange(20, dtype=np.int32), 40),
    )
    always = np.full(10, FIXED_POINT_ONE, dtype=np.int32)
    probabilities = SamplingProbabilities(always, always, *alias_table(np.ones(10)))
    tables = TablePair(rng.normal(0, 0.001, (10, 4)), np.zeros((10, 4)))
    trainer = kernels.CbowTrainer(tables, documents, probabilities, make_sampling())
    losses = [trainer.run(rng.permutation(40), (0.1, 0.1))[0] for _ in range(30)]
    assert losses[-1] < 0.8 * losses[0]
    vectors = trainer.tables().inputs
    vectors = vectors - vectors.mean(axis=0)
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    similar = unit @ unit.T
    assert min(similar[:5, :5].min(), similar[5:, 5:].min()) > 0 > similar[:5, 5:].max()


@pytest.mark.parametrize("width", [1, 4, 5])
def test_threads_do_not_change_a_bit(width):
    results = [
        learn(
            document_cbow_compiled, make_tables(np.float32, width), make_sampling(), threads=threads, runs=40
        )
        for threads in (1, 2, 4)
    ]
    for tables, losses in results[1:]:
        assert losses == results[0][1]
        for one, other in zip(tables, results[0][0], strict=True):
            assert one.tobytes() == other.tobytes()


def test_alias_table_samples_in_proportion():
    weights = np.array([1.0, 0.0, 5.0, 2.0, 2.0])
    alias, probability = alias_table(weights)
    sampled = np.zeros(5)
    for row in range(5):
        sampled[row] += probability[row]
        sampled[alias[row]] += FIXED_POINT_ONE - probability[row]
    np.testing.assert_allclose(sampled / sampled.sum(), weights / weights.sum(), atol=1e-6)


@kernels_of_both
def test_short_texts_have_fewer_targets(kernels):
    """One, and one more for each `ROWS_FOR_A_TARGET` words and n-grams: contexts must be left."""
    size = 3 * ROWS_FOR_A_TARGET
    documents = DocumentRows(
        np.zeros(size + 5, dtype=np.int32),
        np.array([0, size, size + 5]),
        np.concatenate([np.arange(size), np.arange(5)]).astype(np.int32),
    )
    always = np.full(V, FIXED_POINT_ONE, dtype=np.int32)
    probabilities = make_probabilities()._replace(contexts=always, targets=always)
    sampling = make_sampling(targets=10, gap=1)
    found = []
    for views in ([0], [1], [0, 1]):
        trainer = kernels.CbowTrainer(make_tables(), documents, probabilities, sampling)
        found.append(trainer.run(np.array(views), (0.1, 0.1))[1])
    assert found == [4, 1, 5]
    assert document_cbow.most_targets(np.array([0, size, 10**6]), 10).tolist() == [1, 4, 10]
