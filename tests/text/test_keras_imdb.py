"""Ids as `keras.datasets.imdb.load_data` makes them: its odd corners by hand, and a reference."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wordloom.errors import DataError
from wordloom.text.conventions import CONVENTIONS
from wordloom.text.keras_imdb import KerasImdbRules, keras_ids, shuffled_orders
from wordloom.text.sequences import Ragged
from wordloom.text.vocabulary import ids_of_ranks

TOY = [[1, 2, 3], [1, 5, 9, 2]]


def lists(documents: Ragged | None) -> list[list[int]]:
    assert documents is not None
    return [document.tolist() for document in documents]


@pytest.fixture(autouse=True, params=["plain", "compiled"])
def kernels(request, monkeypatch):
    monkeypatch.setenv("WORDLOOM_KERNELS", request.param)


def toy_ids(**rules) -> list[list[int]]:
    return lists(keras_ids(Ragged.from_lists(TOY), rules=KerasImdbRules(**rules)).train)


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ({}, [[1, 4, 5, 6], [1, 4, 8, 2, 5]]),  # the highest id, 12, is unknown
        ({"num_words": 6}, [[1, 4, 5, 2], [1, 4, 2, 2, 5]]),
        ({"num_words": 6, "skip_top": 5}, [[2, 2, 5, 2], [2, 2, 2, 2, 5]]),  # the start mark too
        ({"num_words": 6, "oov_char": None}, [[1, 4, 5], [1, 4, 5]]),
        ({"maxlen": 5}, [[1, 4, 5, 2]]),  # five ids with the start mark are too many
        ({"maxlen": 6}, [[1, 4, 5, 6], [1, 4, 8, 2, 5]]),
        ({"start_char": None, "index_from": 0}, [[1, 2, 3], [1, 5, 2, 2]]),  # unknown looks like a real word
        # not in the conventions' list, checked against Keras
        ({"num_words": 0}, [[1, 4, 5, 6], [1, 4, 8, 2, 5]]),
        ({"num_words": 13}, [[1, 4, 5, 6], [1, 4, 8, 12, 5]]),
        ({"skip_top": 2}, [[2, 4, 5, 6], [2, 4, 8, 2, 5]]),
        ({"skip_top": 2, "oov_char": None}, [[4, 5, 6], [4, 8, 5]]),
        ({"start_char": None, "maxlen": 4}, [[4, 5, 2]]),
        ({"start_char": 50}, [[2, 4, 5, 6], [2, 4, 8, 12, 5]]),  # the start mark is the highest id
        ({"start_char": 0, "index_from": -1}, [[0, 0, 1, 2], [0, 0, 4, 2, 1]]),
        ({"index_from": -2, "num_words": 9}, [[1, 2, 0, 1], [1, 2, 3, 7, 0]]),
        ({"maxlen": 0}, [[1, 4, 5, 6], [1, 4, 8, 2, 5]]),
    ],
)
def test_toy_vectors(rules: dict, expected: list[list[int]]) -> None:
    assert toy_ids(**rules) == expected


def test_the_highest_id_is_that_of_training_and_test_documents_together() -> None:
    result = keras_ids(Ragged.from_lists(TOY), Ragged.from_lists([[20], []]))
    assert lists(result.train) == [[1, 4, 5, 6], [1, 4, 8, 12, 5]]
    assert lists(result.test) == [[1, 2], [1]]
    # and that of the documents which maxlen leaves
    result = keras_ids(
        Ragged.from_lists(TOY), Ragged.from_lists([[20, 1, 1, 1], [4]]), KerasImdbRules(maxlen=5)
    )
    assert lists(result.train) == [[1, 4, 5, 6]]
    assert lists(result.test) == [[1, 2]]


def test_the_rows_kept_are_told() -> None:
    train = Ragged.from_lists([[1], [1, 2, 3], [2], [], [1, 2]])
    result = keras_ids(train, Ragged.from_lists([[1, 2, 3], [1]]), KerasImdbRules(maxlen=3))
    assert result.train_rows.tolist() == [0, 2, 3]
    assert result.test_rows.tolist() == [1]
    result = keras_ids(train)
    assert result.train_rows.tolist() == [0, 1, 2, 3, 4]
    assert result.test is result.test_rows is None


def test_the_input_stays_as_it_was() -> None:
    train = Ragged.from_lists(TOY)
    keras_ids(train, train, KerasImdbRules(num_words=5, start_char=None, index_from=0))
    assert lists(train) == TOY


def test_documents_without_words() -> None:
    assert lists(keras_ids(Ragged.from_lists([[], [1]])).train) == [[1], [1, 2]]
    assert lists(keras_ids(Ragged.from_lists([[]])).train) == [[2]]  # the start mark is the highest id
    # Keras stops here: max() of an empty list
    assert lists(keras_ids(Ragged.from_lists([[], [1, 2]]), rules=KerasImdbRules(start_char=None)).train) == [
        [],
        [4, 2],
    ]
    assert lists(keras_ids(Ragged.from_lists([])).train) == []


def test_a_model_s_own_imdb_convention_gives_the_same_ids_once_num_words_is_given() -> None:
    ranks = Ragged.from_lists([[1, 2, 3, 40], [], [7, 6, 5]])
    own = ids_of_ranks(ranks, CONVENTIONS["imdb"], 9)
    assert lists(own) == lists(keras_ids(ranks, rules=KerasImdbRules(num_words=9)).train)


def test_maxlen_that_leaves_nothing() -> None:
    train, test = Ragged.from_lists([[1]]), Ragged.from_lists([[1, 2]])
    with pytest.raises(DataError, match=r"No training document has fewer than 2 ids.*Increase maxlen"):
        keras_ids(train, rules=KerasImdbRules(maxlen=2))
    with pytest.raises(DataError, match="No test document has fewer than 3 ids"):
        keras_ids(train, test, KerasImdbRules(maxlen=3))


def test_ranks_below_one_are_named() -> None:
    good, bad = Ragged.from_lists(TOY), Ragged.from_lists([[], [1, 2], [], [3, 0], [-1]])
    with pytest.raises(DataError, match="test row 3: the rank 0 is not a word"):
        keras_ids(good, bad)
    with pytest.raises(DataError, match="training row 3: the rank 0"):
        keras_ids(bad)


def test_first_indices_of_the_shuffled_orders() -> None:
    train, test = shuffled_orders(25_000, 25_000)
    assert train[:6].tolist() == [7798, 13226, 18078, 793, 17499, 23003]
    assert test[:6].tolist() == [22748, 4083, 8015, 13688, 5310, 4466]
    for order in (train, test):
        assert order.dtype == np.int64
        assert sorted(order.tolist()) == list(range(25_000))


def test_the_test_order_depends_on_the_number_of_training_rows_and_the_seed() -> None:
    assert shuffled_orders(4, 6)[1].tolist() != shuffled_orders(5, 6)[1].tolist()
    assert shuffled_orders(50, 0, seed=1)[0].tolist() != shuffled_orders(50, 0)[0].tolist()
    assert [order.tolist() for order in shuffled_orders(0, 1)] == [[], [0]]


def reference(
    train: list[list[int]], test: list[list[int]], r: KerasImdbRules
) -> tuple[list, list, list, list]:
    """The steps of `load_data`, in its order, on lists."""
    parts = []
    for part in (train, test):
        start = [] if r.start_char is None else [r.start_char]
        rows = [(row, start + [rank + r.index_from for rank in ranks]) for row, ranks in enumerate(part)]
        parts.append([pair for pair in rows if not r.maxlen or len(pair[1]) < r.maxlen])
    num_words = r.num_words or max((id_ for part in parts for _, ids in part for id_ in ids), default=0)
    result = []
    for part in parts:
        documents = []
        for _, ids in part:
            changed = [id_ if r.skip_top <= id_ < num_words else r.oov_char for id_ in ids]
            documents.append([id_ for id_ in changed if id_ is not None])
        result += [documents, [row for row, _ in part]]
    return tuple(result)


documents = st.lists(st.lists(st.integers(1, 20), max_size=7), min_size=1, max_size=6)
all_rules = st.builds(
    KerasImdbRules,
    num_words=st.none() | st.integers(0, 25),
    skip_top=st.integers(0, 8),
    maxlen=st.none() | st.integers(0, 9),
    start_char=st.none() | st.integers(0, 30),
    oov_char=st.none() | st.integers(0, 30),
    index_from=st.integers(-3, 5),
)


@pytest.mark.slow
@settings(max_examples=200, deadline=None)
@given(documents, documents, all_rules)
def test_against_the_steps_of_load_data(train, test, rules: KerasImdbRules) -> None:
    expected = reference(train, test, rules)
    if not (expected[1] and expected[3]):
        with pytest.raises(DataError, match="Increase maxlen"):
            keras_ids(Ragged.from_lists(train), Ragged.from_lists(test), rules)
        return
    got = keras_ids(Ragged.from_lists(train), Ragged.from_lists(test), rules)
    assert (lists(got.train), got.train_rows.tolist(), lists(got.test), got.test_rows.tolist()) == expected


@pytest.fixture(scope="module")
def real_file(data_folder: Path) -> tuple[Ragged, Ragged]:
    path = data_folder / "imdb.npz"
    if not path.is_file():
        pytest.skip(f"needs imdb.npz in {data_folder}")
    from wordloom.readers.keras_npz import read_keras_npz

    x_train, _, x_test, _ = read_keras_npz(path)
    return Ragged.from_lists(x_train), Ragged.from_lists(x_test)


@pytest.mark.parametrize(
    "rules",
    [
        KerasImdbRules(),
        KerasImdbRules(num_words=10_000),
        KerasImdbRules(num_words=5_000, skip_top=20, maxlen=200, oov_char=None),
    ],
)
def test_the_real_file_in_keras_order(real_file: tuple[Ragged, Ragged], rules: KerasImdbRules) -> None:
    orders = shuffled_orders(*map(len, real_file))
    train, test = (part.take(order) for part, order in zip(real_file, orders, strict=True))
    got = keras_ids(train, test, rules)
    highest = max(int(train.ids.max()), int(test.ids.max())) + rules.index_from
    assert max(got.train.ids.max(), got.test.ids.max()) < (rules.num_words or highest)
    if rules.maxlen is None:
        assert len(got.train) == len(got.test) == 25_000
        assert set(got.train.ids[got.train.offsets[:-1]]) == {1}
    # the first reviews that are kept, each beside the reference; their number does not matter to it
    few = [train.take(got.train_rows[:40]), test.take(got.test_rows[:40])]
    limit = KerasImdbRules(**(vars(rules) | {"num_words": rules.num_words or highest}))
    expected = reference(*map(lists, few), limit)
    assert lists(got.train.take(range(40))) == expected[0]
    assert lists(got.test.take(range(40))) == expected[2]
