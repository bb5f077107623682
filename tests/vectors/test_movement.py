"""What moved between two tables: neighbors before and after."""

from __future__ import annotations

import numpy as np
import pytest

from wordloom.errors import DataError, UsageError
from wordloom.vectors import WordVectors
from wordloom.vectors.movement import movement

WORDS = [f"w{n}" for n in range(60)]


def table(rows, words=WORDS, name="", special=()):
    return WordVectors(list(words), np.asarray(rows, dtype=np.float32), name, special)


@pytest.fixture
def rows():
    return np.random.default_rng(0).normal(size=(60, 8))


def test_the_same_table_has_not_moved(rows):
    found = movement(table(rows, name="a"), table(rows, name="b"), n=60)
    assert (found.before, found.after) == ("a", "b")
    assert (found.shared, found.only_before, found.only_after, found.compared) == (60, 0, 0, 60)
    assert found.kept == 1.0
    assert found.unmoved == 60
    assert max(word.distance for word in found.words) < 1e-6
    assert found.words[0].before == found.words[0].after


def test_a_table_that_is_turned_and_stretched_has_not_moved(rows):
    turn, _ = np.linalg.qr(np.random.default_rng(1).normal(size=(8, 8)))
    found = movement(table(rows), table(3 * rows @ turn))
    assert found.words[0].distance < 1e-5
    assert found.kept > 0.999
    assert found.unmoved == 0


def test_the_word_that_changed_places_comes_first(rows):
    after = rows.copy()
    after[7] = -rows[7]
    found = movement(table(rows), table(after), n=3, near=5)
    assert found.words[0].word == "w7"
    assert found.words[0].distance > 0.5
    assert found.words[0].kept == 0.0
    assert len(found.words[0].before) == 5
    assert len(found.words) == 3
    assert found.unmoved == 59
    assert found.kept < 1.0


def test_exact_values():
    """Three words in a plane: similarities to the two others, before and after."""
    before = table([[1, 0], [0.6, 0.8], [0, 1]], ["a", "b", "c"])
    after = table([[1, 0], [0, 1], [0.6, 0.8]], ["a", "b", "c"])
    found = {word.word: word for word in movement(before, after).words}
    assert found["a"].before == ("b", "c")
    assert found["a"].after == ("c", "b")
    assert found["a"].distance == pytest.approx(1.0), "(0.6, 0) and (0, 0.6)"
    assert found["b"].distance == pytest.approx(1 - (0.6 * 0 + 0.8 * 0.8) / (1.0 * 0.8))
    assert found["a"].kept == 1.0


def test_the_words_in_common_and_only_they(rows):
    other = [*(f"w{n}" for n in range(59, 9, -1)), "new", "<start>"]
    after = table(np.vstack([rows[59:9:-1], rows[:2]]), other, special=["<start>"])
    found = movement(table(rows), after, n=100)
    assert (found.shared, found.only_before, found.only_after) == (50, 10, 2)
    assert {word.word for word in found.words} == set(other[:-2])
    assert max(word.distance for word in found.words) < 1e-6
    few = movement(table(rows), after, n=100, among=20)
    assert few.compared == 20
    assert {word.word for word in few.words} == set(other[:20]), "the first of the second table"


def test_words_without_a_direction_are_passed_over(rows):
    after = rows.copy()
    after[3] = 0
    found = movement(table(rows), table(after), n=100)
    assert found.compared == 59
    assert "w3" not in {name for word in found.words for name in (word.word, *word.before, *word.after)}


def test_tables_of_other_widths(rows):
    wide = np.hstack([rows, np.zeros((60, 3))])
    assert movement(table(rows), table(wide)).words[0].distance < 1e-6


def test_the_chunks_do_not_matter(rows, monkeypatch):
    after = rows + np.random.default_rng(2).normal(size=rows.shape)
    whole = movement(table(rows), table(after), n=60)
    monkeypatch.setattr("wordloom.vectors.movement._ROWS_AT_A_TIME", 7)
    parts = movement(table(rows), table(after), n=60)
    assert [word.word for word in parts.words] == [word.word for word in whole.words]
    np.testing.assert_allclose(
        [word.distance for word in parts.words], [word.distance for word in whole.words], atol=1e-6
    )


def test_bad_input(rows):
    with pytest.raises(UsageError, match="n must be 1 or more"):
        movement(table(rows), table(rows), n=0)
    with pytest.raises(DataError, match="2 words in common"):
        movement(table(rows), table(rows[:3], ["w1", "w2", "W3"]))
