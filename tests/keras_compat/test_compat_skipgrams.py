"""skipgrams, make_sampling_table, to_ordinal and normalize: worked out by hand, then beside Keras' own."""

from __future__ import annotations

import random
import sys

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from wordloom.errors import DataError, UsageError
from wordloom.keras_compat import make_sampling_table, normalize, np_utils, sequence, skipgrams, to_ordinal

slow = {"deadline": None, "suppress_health_check": [HealthCheck.function_scoped_fixture]}


def test_every_word_is_paired_with_its_neighbors_and_0_with_nothing() -> None:
    couples, labels = skipgrams([1, 0, 2, 3], 4, window_size=1, negative_samples=0, shuffle=False)
    assert couples == [[2, 3], [3, 2]]
    assert labels == [1, 1]
    couples, labels = skipgrams(
        np.array([1, 2, 3]), 4, 2, negative_samples=0.5, shuffle=False, categorical=True
    )
    assert couples[:6] == [[1, 2], [1, 3], [2, 1], [2, 3], [3, 1], [3, 2]]
    assert labels == [[0, 1]] * 6 + [[1, 0]] * 3
    assert {drawn for _, drawn in couples[6:]} <= {1, 2, 3}
    assert skipgrams([], 5) == skipgrams([7], 9) == ([], [])


def test_the_same_seeds_give_the_same_pairs_in_the_same_order() -> None:
    results = []
    for _ in range(2):
        random.seed(3)
        results.append(skipgrams([1, 2, 3, 4], 5, seed=7))
    assert results[0] == results[1]
    couples, labels = results[0]
    near = [couple for couple, label in zip(couples, labels, strict=True) if label == 1]
    assert sorted(near) == sorted([a, b] for a in range(1, 5) for b in range(1, 5) if a != b)


def test_frequent_words_are_kept_less_often() -> None:
    table = make_sampling_table(1000)
    assert table.shape == (1000,)
    assert table[0] == table[1]
    assert (np.diff(table[1:]) > 0).all()
    assert table.max() <= 1
    assert skipgrams([1, 2, 3], 4, sampling_table=np.zeros(4)) == ([], [])


@given(
    ids=st.lists(st.integers(0, 8), max_size=12),
    window=st.integers(0, 4),
    negative=st.sampled_from([0, 0.5, 1.0, 2.7]),
    shuffle=st.booleans(),
    categorical=st.booleans(),
    sampled=st.booleans(),
    seed=st.integers(0, 99),
)
@settings(max_examples=100, **slow)
def test_pairs_as_keras(keras_text, ids, window, negative, shuffle, categorical, sampled, seed) -> None:
    theirs = sys.modules["keras.src.legacy.preprocessing.sequence"]
    table = theirs.make_sampling_table(9, 0.01) if sampled else None
    assert not sampled or np.array_equal(table, make_sampling_table(9, 0.01))
    found = []
    for function in (skipgrams, theirs.skipgrams):
        random.seed(seed)
        found.append(function(ids, 9, window, negative, shuffle, categorical, table, seed))
    assert found[0] == found[1]


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: make_sampling_table(0), UsageError, "size must be a whole number of 1 or more, not 0"),
        (lambda: skipgrams("a b", 5), DataError, "ids of one text expected, found 'a b'"),
        (
            lambda: skipgrams([[1, 2]], 5),
            DataError,
            r"found \[1, 2\] \(list\) among them. Call it once a text",
        ),
        (lambda: skipgrams([1, 2], 1), UsageError, "the highest id . 1, so 2 or more, not 1"),
        (lambda: skipgrams([1, 9], 10, sampling_table=[1.0] * 3), DataError, "the id 9 has no row"),
        (lambda: to_ordinal([3], 2), DataError, "to_ordinal, row 0: the class 3 is outside 0 to 1"),
    ],
)
def test_misuse_says_the_way_out(call, error, message) -> None:
    with pytest.raises(error, match=message):
        call()


def test_ordinal_classes_are_ones_up_to_the_class() -> None:
    rows = to_ordinal([0, 2, 1])
    assert rows.tolist() == [[0, 0], [1, 1], [1, 0]]
    assert rows.dtype == np.float32
    assert to_ordinal(np.array([[3], [0]]), 5).tolist() == [[1, 1, 1, 0], [0, 0, 0, 0]]
    assert to_ordinal([[0, 1]], 3).shape == (1, 2, 2)


def test_vectors_of_length_1() -> None:
    assert normalize([[3.0, 4.0], [0.0, 0.0]]).tolist() == [[0.6, 0.8], [0, 0]]
    assert normalize(np.array([[1.0, 1.0], [3.0, 0.0]]), axis=0, order=1).tolist() == [[0.25, 1], [0.75, 0]]


def test_names_where_notebooks_look_for_them() -> None:
    from wordloom import keras_compat as preprocessing

    assert preprocessing.sequence.skipgrams is skipgrams
    assert preprocessing.text.Tokenizer is preprocessing.Tokenizer
    assert sequence.make_sampling_table is make_sampling_table
    assert np_utils.to_ordinal is to_ordinal
    assert np_utils.to_categorical is preprocessing.to_categorical
    assert set(preprocessing.__all__) <= set(dir(preprocessing))
