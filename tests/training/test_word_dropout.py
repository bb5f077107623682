"""Word dropout: about the right share, other words each epoch, the same for the same seed."""

from __future__ import annotations

import numpy as np
import pytest

from wordloom.text.sequences import Ragged
from wordloom.training import word_dropout
from wordloom.training.word_dropout import drop_words

RNG = np.random.default_rng(0)
LENGTHS = [0, 1, 5000, 0, 3, 12_000, 40, 0]
DOCUMENTS = Ragged.from_lists([RNG.integers(1, 1000, length).tolist() for length in LENGTHS])


def dropped(rate=0.3, seed=1, epoch=0, padded=False, documents=DOCUMENTS):
    return drop_words(documents, rate, seed, epoch, padded)


@pytest.mark.parametrize("rate", [0.05, 0.3, 0.9])
def test_the_share_is_about_right(rate):
    n = len(DOCUMENTS.ids)
    left_out = n - len(dropped(rate).ids)
    assert abs(left_out - rate * n) < 5 * np.sqrt(n * rate * (1 - rate))


def test_what_is_kept_stays_in_order():
    for before, after in zip(DOCUMENTS, dropped(), strict=True):
        rest = iter(before.tolist())
        assert all(id_ in rest for id_ in after.tolist())
    assert len(dropped()) == len(DOCUMENTS)
    assert dropped().lengths[0] == 0


def test_padded_documents_keep_their_length_and_get_padding():
    after = dropped(padded=True)
    np.testing.assert_array_equal(after.offsets, DOCUMENTS.offsets)
    changed = after.ids != DOCUMENTS.ids
    assert (after.ids[changed] == 0).all()
    np.testing.assert_array_equal(
        after.ids[after.ids != 0], dropped().ids
    )  # the same words as without padding


def test_seed_and_epoch_decide_and_nothing_else():
    np.testing.assert_array_equal(dropped().ids, dropped().ids)
    assert not np.array_equal(dropped(epoch=1).ids, dropped().ids)
    assert not np.array_equal(dropped(seed=2).ids, dropped().ids)
    assert not np.array_equal(dropped(seed=2**64 - 1).ids, dropped().ids)


def test_each_document_has_draws_of_its_own():
    twins = Ragged.from_lists([list(range(1, 201))] * 2)
    one, other = dropped(documents=twins)
    assert one.tolist() != other.tolist()


def test_pieces_of_the_work_do_not_show(monkeypatch):
    whole = dropped().ids
    monkeypatch.setattr(word_dropout, "_AT_ONCE", 7)
    few = Ragged(DOCUMENTS.ids[:5001], np.array([0, 0, 1, 5001]))
    piecewise = drop_words(few, 0.3, 1, 0, False).ids
    np.testing.assert_array_equal(piecewise, whole[: len(piecewise)])


def test_a_share_of_zero_keeps_everything():
    np.testing.assert_array_equal(dropped(0.0).ids, DOCUMENTS.ids)


def test_no_documents():
    empty = Ragged(np.zeros(0, np.int32), np.zeros(1, np.int64))
    assert len(dropped(documents=empty)) == 0
