"""Which rows stay in a model of limited size: the influential ones, with all that they need to be found."""

from __future__ import annotations

import numpy as np
import pytest

from wordloom.models.pruning import RowChoice, choose_rows, influence_of
from wordloom.text.conventions import convention
from wordloom.text.sequences import Ragged
from wordloom.text.vocabulary import Vocabulary

WORDS = ["a", "b", "c", "d"]
# rows 4: a b, 5: a c, 6: b d; row 7: (a b) c, row 8: (b d) a
PAIRS = np.array([[0, 1], [0, 2], [1, 3], [4, 2], [6, 0]], dtype=np.int32)
A_WORD, AN_NGRAM = 9, 4
COST = np.array([A_WORD] * 4 + [AN_NGRAM] * 5, dtype=np.float64)


def chosen(weights, most_bytes, documents=None):
    column = np.array(weights, dtype=np.float32)[:, None]
    held = np.ones(len(weights), dtype=np.int64) if documents is None else np.array(documents)
    return RowChoice.of(choose_rows(influence_of(column, held, PAIRS, 4), COST, most_bytes), 4)


def test_what_an_ngram_needs_stays_with_it():
    choice = chosen([0, 0, 0, 0, 0, 0, 0, 9, 0], 3 * A_WORD + 2 * AN_NGRAM)
    assert choice.kept.tolist() == [0, 1, 2, 4, 7]
    assert choice.n_words == 3
    assert choice.pairs(PAIRS, 4).tolist() == [[0, 1], [3, 2]]


def test_the_most_influential_rows_stay():
    assert chosen([1, 5, 1, -6, 0, 0, 0, 0, 0], 2 * A_WORD).kept.tolist() == [1, 3]
    # squared weight times documents
    assert chosen([1, 5, 1, 6, 0, 0, 0, 0, 0], A_WORD, [100] + [1] * 8).kept.tolist() == [0]


def test_all_columns_tell():
    weights = np.zeros((9, 2), dtype=np.float32)
    weights[0], weights[1] = (3, -3), (4, 0)
    influence = influence_of(weights, np.ones(9, dtype=np.int64), PAIRS, 4)
    assert influence[:4].tolist() == [18, 16, 0, 0]


@pytest.mark.parametrize("seed", range(20))
def test_whatever_stays_can_be_found_and_fits(seed):
    rng = np.random.default_rng(seed)
    weights, held, room = rng.normal(0, 1, 9), rng.integers(1, 9, 9), int(rng.integers(0, 70))
    choice = chosen(weights, room, held)
    new = choice.pairs(PAIRS, 4)
    assert (new >= 0).all()
    assert (new[:, 0] < choice.n_words + np.arange(len(new))).all()
    assert choice.n_words * A_WORD + len(new) * AN_NGRAM <= room
    assert [tuple(row) for row in new.tolist()] == sorted(tuple(row) for row in new.tolist())


def test_all_stay_if_there_is_room():
    choice = chosen(np.zeros(9), 10_000)
    assert choice.kept.tolist() == list(range(9))
    assert (choice.pairs(PAIRS, 4) == PAIRS).all()


def test_documents_and_words_follow():
    choice = chosen([0, 9, 0, 8, 0, 0, 7, 0, 0], 2 * A_WORD + AN_NGRAM)
    documents = Ragged.from_lists([[0, 1, 4], [], [1, 3, 6], [2]])
    assert [row.tolist() for row in choice.rows(documents)] == [[0], [], [0, 1, 2], []]
    vocabulary = Vocabulary(WORDS, np.arange(4)[::-1], np.arange(4)[::-1], 4, convention("plain-unknown"))
    assert choice.vocabulary(vocabulary).words == ["b", "d"]
