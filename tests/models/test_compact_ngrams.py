"""N-grams and weights in few bytes: they come back bit by bit, and damage is named."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wordloom.errors import DataError
from wordloom.models.compact_ngrams import LEVELS, compact_arrays, plain_arrays, rounded
from wordloom.models.ngram import NgramNetwork, NgramShape


def pairs_of(firsts, n_words=5):
    return np.stack([np.sort(firsts), np.arange(len(firsts)) % n_words], axis=1).astype(np.int32)


@given(st.lists(st.integers(0, 100_000), max_size=30))
def test_pairs_come_back(firsts):
    pairs = pairs_of(np.array(firsts, dtype=np.int64))
    weights, steps = rounded(np.ones((3, 1), dtype=np.float32))
    found = plain_arrays(compact_arrays(pairs, 5, weights, steps))["pairs"]
    assert found.dtype == np.int32
    assert found.tolist() == pairs.tolist()


def test_a_step_of_255_rows_takes_one_byte_more():
    arrays = compact_arrays(pairs_of([0, 254, 509, 1019]), 5, *rounded(np.ones((1, 1), np.float32)))
    assert arrays["first_steps"].tolist() == [0, 254, 255, 0, 255, 255, 0]
    assert arrays["last_words"].dtype == np.uint16


def test_more_words_than_two_bytes_can_number():
    pairs = np.array([[3, 70_000]], dtype=np.int32)
    arrays = compact_arrays(pairs, 70_001, *rounded(np.ones((1, 1), np.float32)))
    assert arrays["last_words"].dtype == np.uint32
    assert plain_arrays(arrays)["pairs"].tolist() == [[3, 70_000]]


def test_weights_are_whole_steps_of_their_column():
    rng = np.random.default_rng(0)
    given = (rng.normal(0, 1, (500, 3)) * [1e-8, 1, 0]).astype(np.float32)
    weights, steps = rounded(given)
    assert (np.abs(weights - given) <= 0.5001 * steps).all()
    assert np.abs(weights).max(axis=0) == pytest.approx(LEVELS * steps * [1, 1, 0])
    again, _ = rounded(weights)
    assert again.tobytes() == weights.tobytes()
    found = plain_arrays(compact_arrays(pairs_of([0]), 5, weights, steps))["weights"]
    assert found.dtype == np.float32
    assert found.tobytes() == weights.tobytes()


def network(k=1):
    rng = np.random.default_rng(1)
    pairs = np.array([[0, 1], [0, 2], [3, 2]], dtype=np.int32)
    shape = NgramShape("ngram", 3, 3, 3, max(k, 2), 2, 2.5)
    return NgramNetwork(shape, pairs, rng.normal(0, 1, (6, k)).astype(np.float32), np.ones(k, np.float32))


@pytest.mark.parametrize("k", [1, 3])
def test_a_compact_network_comes_back_bit_by_bit_scaled_or_not(k):
    for one in (network(k).compact(), network(k).compact().scaled(1.7).scaled(0.31)):
        back = NgramNetwork.from_config(vars(one.shape), one.arrays())
        assert back.weights.tobytes() == one.weights.tobytes()
        assert back.pairs.tolist() == one.pairs.tolist()
        assert back.bias.tobytes() == one.bias.tobytes()
        assert {n: a.tobytes() for n, a in back.arrays().items()} == {
            n: a.tobytes() for n, a in one.arrays().items()
        }


@pytest.mark.parametrize(
    ("name", "changed", "says"),
    [
        ("first_steps", None, "'first_steps' are missing"),
        ("first_steps", np.array([0, 0], dtype=np.uint8), "do not fit together"),
        ("first_steps", np.array([0, 0, 255], dtype=np.uint8), "do not fit together"),
        ("first_steps", np.array([0, 0, 9], dtype=np.uint8), "name rows that there are not"),
        ("last_words", np.array([1, 2, 9], dtype=np.uint16), "name rows that there are not"),
        ("steps", np.ones(2, dtype=np.float32), "do not fit together"),
        ("weight_steps", np.ones((5, 1), dtype=np.int8), r"'weights' should have the shape \(6, 1\)"),
    ],
)
def test_damage_is_named(name, changed, says):
    one = network().compact()
    arrays = one.arrays()
    arrays[name] = changed
    if changed is None:
        del arrays[name]
    with pytest.raises(DataError, match=says):
        NgramNetwork.from_config(vars(one.shape), arrays)
