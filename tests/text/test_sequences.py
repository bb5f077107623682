"""Ragged documents and `pad_sequences`, against simple references on lists."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import wordloom
from wordloom.errors import DataError, UsageError
from wordloom.text.sequences import Ragged, offsets_of, pad_sequences

CORNERS = [[1, 2, 3, 4, 5], [], [6], [7, 7], [], list(range(100, 130)), []]
documents = st.lists(st.lists(st.integers(-5, 2**31 - 1), max_size=6), max_size=8)
sides = st.sampled_from(["pre", "post"])


def lists(ragged: Ragged) -> list[list[int]]:
    assert ragged.ids.dtype == np.int32
    assert ragged.offsets.dtype == np.int64
    assert ragged.offsets[0] == 0
    assert ragged.offsets[-1] == len(ragged.ids)
    return [row.tolist() for row in ragged]


def reference_cut(row: list, maxlen: int, truncating: str) -> list:
    return row[max(len(row) - maxlen, 0) :] if truncating == "pre" else row[:maxlen]


def reference_padded(rows: list[list], maxlen: int, padding: str, truncating: str, value) -> list[list]:
    matrix = []
    for row in rows:
        kept = reference_cut(row, maxlen, truncating)
        fill = [value] * (maxlen - len(kept))
        matrix.append(fill + kept if padding == "pre" else kept + fill)
    return matrix


def test_ragged_from_lists_and_back() -> None:
    ragged = Ragged.from_lists(CORNERS)
    assert lists(ragged) == CORNERS
    assert len(ragged) == 7
    assert ragged.lengths.tolist() == [5, 0, 1, 2, 0, 30, 0]
    assert ragged.offsets.tolist() == [0, 5, 5, 6, 8, 8, 38, 38]
    assert ragged[3].tolist() == [7, 7]
    assert lists(Ragged.from_lists([])) == []
    assert offsets_of(np.array([], dtype=np.int64)).tolist() == [0]


def test_rows_are_counted_from_the_end_too_and_end_somewhere() -> None:
    ragged = Ragged.from_lists(CORNERS[:4])
    assert ragged[-1].tolist() == [7, 7]
    assert ragged[-4].tolist() == [1, 2, 3, 4, 5]
    for row in (4, -5):
        with pytest.raises(IndexError):
            ragged[row]
        with pytest.raises(IndexError):
            ragged.take([row])


@settings(deadline=None)
@given(st.data())
def test_take_against_lists(data: st.DataObject) -> None:
    rows = data.draw(documents.filter(len))
    ragged = Ragged.from_lists(rows)
    chosen = data.draw(st.lists(st.integers(-len(rows), len(rows) - 1), max_size=8))
    assert lists(ragged.take(chosen)) == [rows[i] for i in chosen]
    assert lists(ragged.take(np.array(chosen, dtype=np.int32))) == [rows[i] for i in chosen]
    mask = data.draw(st.lists(st.booleans(), min_size=len(rows), max_size=len(rows)))
    assert lists(ragged.take(mask)) == [row for row, kept in zip(rows, mask, strict=True) if kept]
    start, stop = sorted(data.draw(st.tuples(st.integers(0, len(rows)), st.integers(0, len(rows)))))
    assert lists(ragged.take(range(start, stop))) == rows[start:stop]


def test_take_refuses_booleans_of_another_number() -> None:
    with pytest.raises(IndexError):
        Ragged.from_lists(CORNERS).take([True, False])


@settings(deadline=None)
@given(documents, st.integers(0, 8), sides, sides, st.integers(-2, 9))
def test_truncated_and_padded_against_lists(rows, maxlen, padding, truncating, value) -> None:
    ragged = Ragged.from_lists(rows)
    assert lists(ragged.truncated(maxlen, truncating)) == [
        reference_cut(row, maxlen, truncating) for row in rows
    ]
    matrix = ragged.padded(maxlen, padding, truncating, value)
    assert matrix.shape == (len(rows), maxlen)
    assert matrix.dtype == np.int32
    assert matrix.tolist() == reference_padded(rows, maxlen, padding, truncating, value)
    # what was taken out before makes the documents stand apart in memory
    backwards = ragged.take(range(len(rows) - 1, -1, -1))
    assert backwards.padded(maxlen, padding, truncating, value).tolist() == matrix.tolist()[::-1]


def test_ragged_refuses_unknown_sides_and_negative_lengths() -> None:
    ragged = Ragged.from_lists(CORNERS)
    with pytest.raises(UsageError, match='truncating must be "pre" or "post", not \'left\''):
        ragged.truncated(3, "left")
    with pytest.raises(UsageError, match="padding must be"):
        ragged.padded(3, padding="before")
    with pytest.raises(UsageError, match="negative: -1"):
        ragged.truncated(-1)


def test_keras_vectors() -> None:
    rows = [[1, 2, 3, 4, 5], [6], []]
    assert pad_sequences(rows, 3).tolist() == [[3, 4, 5], [0, 0, 6], [0, 0, 0]]
    assert pad_sequences(rows, 3, padding="post", truncating="post").tolist() == [
        [1, 2, 3],
        [6, 0, 0],
        [0, 0, 0],
    ]
    assert pad_sequences(rows).tolist() == [[1, 2, 3, 4, 5], [0, 0, 0, 0, 6], [0] * 5]
    assert pad_sequences(rows, 3).dtype == np.int32
    assert pad_sequences(rows, 3, value=-1).tolist()[1] == [-1, -1, 6]
    assert wordloom.pad_sequences is pad_sequences


def test_floats_are_cut_toward_zero() -> None:
    assert pad_sequences([[1.9, -1.9], [0.5]], value=-2.7).tolist() == [[1, -1], [-2, 0]]
    ragged = Ragged.from_lists([[1, 2], [3]])
    assert pad_sequences(ragged, 3, value=-2.7).tolist() == [[-2, 1, 2], [-2, -2, 3]]
    assert pad_sequences([[1.9], []], dtype="float32", value=0.5).tolist() == [[np.float32(1.9)], [0.5]]


@settings(deadline=None)
@given(documents, st.none() | st.integers(1, 8), sides, sides, st.integers(-2, 9))
def test_pad_sequences_of_every_form_against_lists(rows, maxlen, padding, truncating, value) -> None:
    if not rows and maxlen is None:
        return
    length = max(map(len, rows)) if maxlen is None else maxlen
    expected = reference_padded(rows, length, padding, truncating, value)
    forms = [
        *(rows, tuple(rows), [np.array(row, dtype=np.int64) for row in rows], Ragged.from_lists(rows)),
        np.array([*rows, None], dtype=object)[:-1],
    ]
    for form in forms:
        for dtype in ("int32", "int64"):
            padded = pad_sequences(form, maxlen, dtype, padding, truncating, value)
            assert padded.dtype == dtype
            assert padded.shape == (len(rows), length)
            assert padded.tolist() == expected


def test_sequences_of_vectors() -> None:
    padded = pad_sequences([[[1, 2], [3, 4]], [], [[5, 6]]], dtype="float32", value=9)
    assert padded.tolist() == [[[1, 2], [3, 4]], [[9, 9], [9, 9]], [[9, 9], [5, 6]]]


def test_sequences_of_words() -> None:
    assert pad_sequences([["a", "b"], ["c"]], dtype=object, value="").tolist() == [["a", "b"], ["", "c"]]
    assert pad_sequences([["a"], ["c", "d"]], dtype="U3", value="pad", padding="post").tolist()[0] == [
        "a",
        "pad",
    ]
    assert pad_sequences([[b"a"], []], dtype="S1", value="x").tolist() == [[b"a"], [b"x"]]


def test_empty_rows_only() -> None:
    assert pad_sequences([[], []]).shape == (2, 0)  # as Keras does
    assert pad_sequences([[], []], 2).tolist() == [[0, 0], [0, 0]]
    assert pad_sequences([], 3).shape == (0, 3)


@pytest.mark.parametrize("form", [list, Ragged.from_lists])
def test_a_maxlen_of_0_gives_rows_without_columns_where_keras_does(form) -> None:
    assert pad_sequences(form([[1, 2], [3]]), 0, truncating="post").shape == (2, 0)
    assert pad_sequences(form([[], []]), 0).shape == (2, 0)
    with pytest.raises(UsageError, match="Keras cuts nothing off"):
        pad_sequences(form([[], [3]]), 0)


@pytest.mark.parametrize(
    ("sequences", "options", "error", "message"),
    [
        ([], {}, UsageError, "no sequences, so maxlen must be given"),
        ([[1]], {"maxlen": 0}, UsageError, 'truncating="post" for rows without columns'),
        ([[1]], {"maxlen": -3}, UsageError, "maxlen must be a whole number of 0 or more, not -3"),
        ([[1]], {"maxlen": "3"}, UsageError, "maxlen must be a whole number of 0 or more, not '3'"),
        (["a b"], {}, DataError, "row 0: a sequence expected, found 'a b'. Turn texts into ids first"),
        ([[1], ["a"]], {}, DataError, "row 1: holds more than numbers"),
        ([[1], [None]], {}, DataError, "row 1: holds more than numbers"),
        (iter([[1]]), {}, DataError, "an iterator has no length"),
        ([[1], 2], {}, DataError, "row 1: a sequence expected, found 2"),
        ([1, 2], {}, DataError, "row 0"),
        ([[1]], {"padding": "left"}, UsageError, 'padding must be "pre" or "post", not \'left\''),
        ([[1]], {"truncating": "x"}, UsageError, "truncating must be"),
        ([[1]], {"value": "x"}, UsageError, "'x' is text, which needs dtype=object"),
        (Ragged.from_lists([[1]]), {"value": "3"}, UsageError, "'3' is text, which needs dtype=object"),
        ([[[1, 2]], [[1, 2, 3]]], {}, DataError, r"row 1: elements have the shape \(3,\).* \(2,\)"),
        ([[1], [[1]]], {}, DataError, "row 1"),
    ],
)
def test_what_cannot_be_padded(sequences, options: dict, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message) as caught:
        pad_sequences(sequences, **options)
    assert isinstance(caught.value, ValueError)  # what Keras raises


def test_only_some_ids_of_each_document():
    documents = Ragged(np.array([5, 6, 7, 8], dtype=np.int32), np.array([0, 2, 2, 4]))
    some = documents.where(np.array([False, True, True, True]))
    assert [some[row].tolist() for row in range(3)] == [[6], [], [7, 8]]
    none = documents.where(np.zeros(4, dtype=bool))
    assert none.lengths.tolist() == [0, 0, 0]
    assert none.ids.dtype == np.int32
