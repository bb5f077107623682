"""Skip-gram with negative sampling: one body of tests for the plain twin and the compiled one."""

from __future__ import annotations

import numpy as np
import pytest

from wordloom.kernels import skipgram, skipgram_compiled
from wordloom.kernels.document_cbow import TablePair
from wordloom.kernels.sampling import alias_table
from wordloom.kernels.skipgram import AHEAD, BLOCK, Pieces, SkipGramSampling

V, D = 12, 3

kernels_of_both = pytest.mark.parametrize("kernels", [skipgram, skipgram_compiled], ids=["plain", "compiled"])


def make_texts():
    """Corner rows included: empty, one word, two, a repeated word, a whole block, one word more, long."""
    rng = np.random.default_rng(0)
    texts = [[], [3], [1, 2], [4] * 9, list(rng.integers(0, 9, BLOCK)), list(rng.integers(0, 9, BLOCK + 1))]
    texts.append(list(rng.integers(2, 9, 50)))
    offsets = np.zeros(len(texts) + 1, dtype=np.int64)
    np.cumsum([len(text) for text in texts], out=offsets[1:])
    return np.array([word for text in texts for word in text], dtype=np.int32), offsets


def make_tables(dtype=np.float64, width=D):
    rng = np.random.default_rng(2)
    return TablePair(*(rng.normal(0, 0.5, (V, width)).astype(dtype) for _ in range(2)))


def make_sampling(window=4, measured_every=1):
    """The rows 9 and 10 are sampled as negatives only, row 11 never."""
    alias, share = alias_table(np.array([3.0, 1, 2, 5, 1, 1, 1, 1, 1, 2, 2, 0]))
    share[11] = 0
    return SkipGramSampling(window, 5.0, alias, share, np.uint64(7), measured_every)


def make_pieces():
    """Three pieces for each word: its own row and two of five that words share; of word 4 twice the same."""
    rng = np.random.default_rng(4)
    shared = rng.integers(V, V + 5, (V, 2))
    shared[4, 1] = shared[4, 0]
    return Pieces(np.insert(shared, 0, np.arange(V), axis=1).ravel().astype(np.int32), 3 * np.arange(V + 1))


def with_pieces(tables):
    """TablePair whose inputs have rows for `make_pieces`."""
    rows = np.random.default_rng(6).normal(0, 0.5, (5, tables.inputs.shape[1])).astype(tables.inputs.dtype)
    return TablePair(np.concatenate([tables.inputs, rows]), tables.outputs)


def learn(kernels, tables, sampling, rates=(0.05, 0.01), threads=1, runs=1, texts=None, pieces=None):
    trainer = kernels.SkipGramTrainer(tables, sampling, threads, pieces=pieces)
    results = [trainer.run(*(texts or make_texts()), rates) for _ in range(runs)]
    return trainer.tables(), results


@kernels_of_both
def test_gradients_equal_central_differences(kernels):
    """A text of one block: the steps are the gradients times the rate, up to the square of the rate."""
    words = [0, 1, 2, 3, 1, 1, 5, 6] * (BLOCK // 8)
    texts = np.array(words, dtype=np.int32), np.array([0, len(words)])
    tables, tiny, rate = make_tables(), 1e-5, 1e-6
    moved, _ = learn(kernels, tables, make_sampling(), (rate, rate), texts=texts)
    for place in (0, 1):
        for index in np.ndindex(tables[place].shape):
            losses = []
            for sign in (1, -1):
                other = TablePair(*(table.copy() for table in tables))
                other[place][index] += sign * tiny
                losses.append(learn(kernels, other, make_sampling(), texts=texts)[1][0][0])
            numeric = (losses[0] - losses[1]) / (2 * tiny)
            analytic = (tables[place][index] - moved[place][index]) / rate
            assert analytic == pytest.approx(numeric, abs=1e-4), (TablePair._fields[place], index)


@kernels_of_both
def test_inputs_meet_outputs_that_the_other_pairs_have_moved(kernels):
    """Of the words near a word, some have moved its output vector before the others meet it."""
    rate, words = 0.3, [0, 1, 2, 3]
    texts = np.array(words, dtype=np.int32), np.array([0, len(words)])
    sampling = make_sampling(window=1)._replace(negatives=0.0)
    tables = make_tables()
    moved, _ = learn(kernels, tables, sampling, (rate, rate), texts=texts)
    expected = tables.inputs.copy()
    for word in words:
        near = [other for other in (word - 1, word + 1) if other in words]
        slopes = {one: rate / (1 + np.exp(tables.inputs[one] @ tables.outputs[word])) for one in near}
        for one in near:
            others = sum(slopes[other] * tables.inputs[other] for other in near if other != one)
            expected[one] += slopes[one] * (tables.outputs[word] + AHEAD * others)
    np.testing.assert_allclose(moved.inputs, expected, atol=1e-6)


@pytest.mark.parametrize(
    "kernels",
    [
        pytest.param(skipgram, marks=pytest.mark.exhaustive, id="plain"),
        pytest.param(skipgram_compiled, id="compiled"),
    ],
)
def test_pieces_move_by_the_whole_step_of_their_mean(kernels):
    """That is, three times the gradient for words of three pieces each, as in fastText."""
    words = [0, 1, 4, 3, 1, 1, 5, 6] * (BLOCK // 8)
    texts = np.array(words, dtype=np.int32), np.array([0, len(words)])
    tables, pieces, tiny, rate = with_pieces(make_tables()), make_pieces(), 1e-5, 1e-6
    moved, _ = learn(kernels, tables, make_sampling(), (rate, rate), texts=texts, pieces=pieces)
    for place, times in ((0, 3), (1, 1)):
        for index in np.ndindex(tables[place].shape):
            losses = []
            for sign in (1, -1):
                other = TablePair(*(table.copy() for table in tables))
                other[place][index] += sign * tiny
                losses.append(learn(kernels, other, make_sampling(), texts=texts, pieces=pieces)[1][0][0])
            numeric = times * (losses[0] - losses[1]) / (2 * tiny)
            analytic = (tables[place][index] - moved[place][index]) / rate
            assert analytic == pytest.approx(numeric, abs=3e-4), (TablePair._fields[place], index)


@kernels_of_both
def test_words_of_one_piece_learn_as_without_pieces(kernels):
    alone = Pieces(np.arange(V, dtype=np.int32), np.arange(V + 1))
    results = [
        learn(kernels, make_tables(), make_sampling(), runs=3, pieces=pieces) for pieces in (None, alone)
    ]
    assert results[0][1] == results[1][1]
    for one, other in zip(results[0][0], results[1][0], strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("pieces", [None, make_pieces()], ids=["words", "pieces"])
@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float64, 1e-6), (np.float32, 1e-5)])
@pytest.mark.parametrize("window", [1, 4, 30])
def test_twins_agree(dtype, tolerance, window, pieces):
    """To the digits of the compiled twin's sigmoid."""
    tables = make_tables(dtype) if pieces is None else with_pieces(make_tables(dtype))
    results = [
        learn(kernels, tables, make_sampling(window), (0.01, 0.005), runs=3, pieces=pieces)
        for kernels in (skipgram, skipgram_compiled)
    ]
    for one, other in zip(results[0][0], results[1][0], strict=True):
        assert one.dtype == other.dtype == dtype
        np.testing.assert_allclose(one, other, atol=tolerance)
    for (loss, pairs), (other_loss, other_pairs) in zip(results[0][1], results[1][1], strict=True):
        assert pairs == other_pairs > 0
        assert loss == pytest.approx(other_loss, rel=1e-4)


@kernels_of_both
def test_pairs_are_those_within_reach(kernels):
    """With a window of 1 nothing is left to chance: two pairs for each two neighbors."""
    _, [(_, pairs)] = learn(kernels, make_tables(), make_sampling(window=1))
    lengths = np.diff(make_texts()[1])
    assert pairs == 2 * np.maximum(lengths - 1, 0).sum()


@kernels_of_both
def test_only_rows_that_are_sampled_move(kernels):
    tables = make_tables()
    moved, _ = learn(kernels, tables, make_sampling(), runs=5)
    changed = [set(np.flatnonzero((old != new).any(axis=1))) for old, new in zip(tables, moved, strict=True)]
    assert changed[0] == set(make_texts()[0].tolist())
    assert changed[1] == set(range(11)), "negatives come from all rows but the last"


@kernels_of_both
def test_only_pieces_of_words_in_the_texts_move(kernels):
    tables, (rows, _) = with_pieces(make_tables()), make_pieces()
    texts = np.array([1, 4, 1, 4], dtype=np.int32), np.array([0, 4])
    moved, _ = learn(kernels, tables, make_sampling(), texts=texts, pieces=make_pieces())
    changed = set(np.flatnonzero((tables.inputs != moved.inputs).any(axis=1)))
    assert changed == set(rows[3:6].tolist()) | set(rows[12:15].tolist())


@kernels_of_both
@pytest.mark.parametrize("pieces", [None, make_pieces()], ids=["words", "pieces"])
def test_texts_without_pairs_teach_nothing(kernels, pieces):
    tables = with_pieces(make_tables())
    texts = np.array([3, 4], dtype=np.int32), np.array([0, 1, 1, 2])
    moved, [(loss, pairs)] = learn(kernels, tables, make_sampling(), texts=texts, pieces=pieces)
    assert (loss, pairs) == (0, 0)
    for old, new in zip(tables, moved, strict=True):
        np.testing.assert_array_equal(old, new)


@kernels_of_both
def test_the_loss_is_measured_now_and_then(kernels):
    _, [(every, all_pairs)] = learn(kernels, make_tables(), make_sampling(measured_every=1))
    _, [(some, some_pairs)] = learn(kernels, make_tables(), make_sampling(measured_every=3))
    assert 0 < some_pairs < all_pairs
    assert 0 < some < every


@kernels_of_both
def test_words_of_the_same_texts_come_to_lie_together(kernels):
    rng = np.random.default_rng(3)
    texts = np.concatenate([rng.integers(0, 5, 20) + 5 * (n % 2) for n in range(40)]).astype(np.int32)
    offsets = np.arange(41, dtype=np.int64) * 20
    tables = TablePair(rng.normal(0, 0.01, (10, 4)), np.zeros((10, 4)))
    alias, share = alias_table(np.ones(10))
    trainer = kernels.SkipGramTrainer(tables, make_sampling()._replace(alias=alias, alias_probability=share))
    losses = [trainer.run(texts, offsets, (0.003, 0.003))[0] for _ in range(40)]
    assert losses[-1] < 0.9 * losses[0]
    vectors = trainer.tables().inputs
    vectors = vectors - vectors.mean(axis=0)
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    similar = unit @ unit.T
    assert min(similar[:5, :5].min(), similar[5:, 5:].min()) > 0 > similar[:5, 5:].max()


@pytest.mark.parametrize("pieces", [None, make_pieces()], ids=["words", "pieces"])
@pytest.mark.parametrize("width", [1, 4, 5])
def test_threads_do_not_change_a_bit(width, pieces):
    tables = with_pieces(make_tables(np.float32, width))
    results = [
        learn(skipgram_compiled, tables, make_sampling(), threads=threads, runs=40, pieces=pieces)
        for threads in (1, 2, 4)
    ]
    for tables, losses in results[1:]:
        assert losses == results[0][1]
        for one, other in zip(tables, results[0][0], strict=True):
            assert one.tobytes() == other.tobytes()
