"""Several labels a text, and grades: what a corpus takes for them, refuses, and gives."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import polars as pl
import pytest
import scipy.sparse
from hypothesis import given, settings
from hypothesis import strategies as st

from wordloom.corpus import Corpus
from wordloom.errors import DataError, UsageError, WordloomWarning

TEXTS = ["one", "two", "three", "four"]
SETS = [("joy", "love"), (), ("anger",), ("joy",)]


def fails(message: str, error: type[Exception] = DataError):
    """An error with exactly this message."""
    return pytest.raises(error, match=f"^{re.escape(message)}$")


@pytest.mark.parametrize(
    "labels",
    [
        SETS,
        [["love", "joy", "love"], [], ["anger"], ["joy"]],
        [{"love", "joy"}, frozenset(), {"anger"}, {"joy"}],
        [np.array(["love", "joy"]), np.array([], dtype=str), np.array(["anger"]), np.array(["joy"])],
        pd.Series([["love", "joy"], [], ["anger"], ["joy"]]),
        pl.Series([["love", "joy"], [], ["anger"], ["joy"]]),
        iter([["love", "joy"], [], ["anger"], ["joy"]]),
        pd.DataFrame({"anger": [0, 0, 1, 0], "joy": [1, 0, 0, 1], "love": [1, 0, 0, 0]}),
        pd.DataFrame({"anger": [0, 0, 1, 0], "joy": [1, 0, 0, 1], "love": [1, 0, 0, 0]}).astype(bool),
        pl.DataFrame({"anger": [0, 0, 1, 0], "joy": [1, 0, 0, 1], "love": [1, 0, 0, 0]}),
    ],
)
def test_lists_of_labels_and_columns_of_zero_and_one_are_several_labels_a_text(labels) -> None:
    corpus = Corpus(TEXTS, labels)
    assert (corpus.target, corpus.labels) == ("multilabel", SETS)
    assert corpus.counts() == {"anger": 1, "joy": 2, "love": 1}
    assert corpus.classes == ["anger", "joy", "love"]


@pytest.mark.parametrize("form", [np.array, scipy.sparse.csr_matrix, scipy.sparse.coo_array])
@pytest.mark.parametrize("dtype", [bool, int, float])
def test_the_labels_of_an_indicator_matrix_are_its_columns_numbers(form, dtype) -> None:
    matrix = np.array([[1, 0, 1], [0, 0, 0], [0, 1, 0], [0, 0, 1]], dtype=dtype)
    corpus = Corpus(TEXTS, form(matrix))
    assert corpus.labels == [(0, 2), (), (1,), (2,)]
    assert corpus.indicators([0, 1, 2]).tolist() == matrix.astype(bool).tolist()


def test_one_label_each_stays_one_label_each() -> None:
    for labels in (
        ["a", "b", "a|b", "b"],
        [1, 2, 1, 2],
        np.array([[1], [2], [1], [2]]),
        [1.0, 2.0, 1.0, 2.0],
    ):
        assert Corpus(TEXTS, labels).target == "single"


def test_grades_are_finite_numbers() -> None:
    corpus = Corpus(TEXTS, [1, "2.5", np.float32(4), True], target="graded")
    assert corpus.labels == [1.0, 2.5, 4.0, 1.0]
    assert all(type(grade) is float for grade in corpus.labels)
    assert corpus.grades.dtype == np.float64
    assert repr(corpus) == "<Corpus corpus: 4 texts, grades from 1 to 4>"
    assert Corpus([], [], target="graded").grades.shape == (0,)


@pytest.mark.parametrize("grade", [float("inf"), "inf", "good", "1_0", "", ["a"], 10**400, b"x"])
def test_what_is_no_grade_is_named_by_its_row(grade) -> None:
    with pytest.raises(DataError, match=r"^corpus, row 1: a grade must be a finite number, found "):
        Corpus(["a", "b"], [1, grade], target="graded")


@pytest.mark.parametrize("grade", [None, float("nan"), pd.NA])
def test_a_missing_grade_is_named_by_its_row(grade) -> None:
    with fails(f"corpus, row 1: the grade is missing ({grade}). Remove the row or grade it."):
        Corpus(["a", "b"], [1, grade], target="graded")


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (
            [["a"], "b"],
            "row 1: a list of labels expected, found 'b'. Write ['b'] for a text with one label and [] for "
            "one without.",
        ),
        (
            [["a"], None],
            "row 1: the labels are missing (None). Remove the row, or give an empty list for a text that has "
            "none.",
        ),
        (
            [["a"], ["b", " "]],
            "row 1: one of the labels is empty. Leave it out; an empty list says that a text has no label.",
        ),
        ([["a"], ["b", None]], "row 1: the label is missing (None). Remove the row or label it."),
        (
            [["a", "c"], ["b", 1]],
            "row 1: label 1 is int, the labels before it are str. Use one kind, for example str(label) for "
            "all.",
        ),
    ],
)
def test_what_is_no_list_of_labels_is_named_by_its_row(labels, message: str) -> None:
    with fails(f"corpus, {message}"):
        Corpus(["a", "b"], labels)


@pytest.mark.parametrize("form", [np.array, scipy.sparse.csr_matrix])
def test_an_indicator_matrix_holds_zero_and_one(form) -> None:
    with fails(
        "corpus, row 1, column 2: a column for each label holds 1 where a text has the label and 0 where "
        "not, found 3."
    ):
        Corpus(["a", "b"], form([[1, 0, 1], [0, 1, 3]]))
    frame = pd.DataFrame({"a": [0.5, 1], "b": [0, 1]})
    with pytest.raises(DataError, match="row 0, column 'a'"):
        Corpus(["a", "b"], frame)


def test_spellings_of_a_number_are_one_label_in_sets_too() -> None:
    with pytest.warns(WordloomWarning, match="'1' and 1 are spellings of one number"):
        assert Corpus(["a", "b"], [["1", 2], [2.0, True]]).labels == [(1, 2), (1, 2)]


def test_unequal_lengths_say_what_each_text_needs() -> None:
    with fails("corpus: 2 texts but 1 lists of labels; each text needs a list, which may be empty."):
        Corpus(["a", "b"], [["x"]])
    with fails("corpus: 1 texts but 2 grades; each text needs exactly one."):
        Corpus(["a"], [1, 2], target="graded")


def test_a_target_that_is_none() -> None:
    with pytest.raises(UsageError, match="Did you mean 'multilabel'"):
        Corpus(["a"], ["b"], target="multi-label")


def test_what_needs_another_target_says_so() -> None:
    graded, several = Corpus(TEXTS, [1, 2, 3, 4], target="graded"), Corpus(TEXTS, SETS)
    with fails(
        "corpus: This is for texts with one label each or several labels each; these have a grade each. Read "
        "them with target='single' (--target single) to make each grade a class.",
        UsageError,
    ):
        graded.classes  # noqa: B018
    with pytest.raises(UsageError, match="for texts with a grade each; these have several labels each"):
        several.grades  # noqa: B018
    with pytest.raises(
        UsageError, match=r"^corpus: A confusion matrix is for texts with one label each; these"
    ):
        several.require("single", what="A confusion matrix")
    several.require("single", "multilabel", what="A confusion matrix")


def test_indicators_of_given_classes() -> None:
    corpus = Corpus(TEXTS, SETS)
    assert corpus.indicators(["love", "x", "joy", "anger"]).astype(int).tolist() == [
        [1, 0, 1, 0],
        [0, 0, 0, 0],
        [0, 0, 0, 1],
        [0, 0, 1, 0],
    ]
    assert Corpus(["a", "b"], ["1", "0"]).indicators([0, 1]).tolist() == [[False, True], [True, False]]
    with fails("corpus, row 2: the label 'anger' is not known. There are: 'love', 'joy'."):
        corpus.indicators(["love", "joy"])


def test_a_subset_and_another_spelling_keep_the_target() -> None:
    corpus = Corpus(TEXTS, SETS)
    assert corpus.subset([1]).target == corpus.subset([]).target == "multilabel"
    assert corpus.respelled([tuple(map(str.upper, each)) for each in SETS]).labels[0] == ("JOY", "LOVE")
    graded = Corpus(TEXTS, [1, 2, 3, 4], target="graded")
    assert graded.shuffled(0).target == "graded"


def test_the_fingerprint_tells_targets_apart() -> None:
    corpora = [
        Corpus(["a"], [["x"]]),
        Corpus(["a"], ["x"]),
        Corpus(["a"], [["x", "y"]]),
        Corpus(["a"], ["x|y"]),
        Corpus(["a"], [[]], target="multilabel"),
        Corpus(["a"], [1]),
        Corpus(["a"], [[1]]),
        Corpus(["a"], [1], target="graded"),
    ]
    assert len({corpus.fingerprint() for corpus in corpora}) == len(corpora)
    assert Corpus(["a"], [["y", "x", "y"]]).fingerprint() == corpora[2].fingerprint()
    assert Corpus(["a"], [["1"]]).fingerprint() == corpora[6].fingerprint()


label_sets = st.lists(st.frozensets(st.sampled_from("abcdefg"), max_size=4), min_size=1, max_size=60)


@settings(max_examples=60, deadline=None)
@given(label_sets, st.floats(0.05, 0.95), st.integers(0, 3))
def test_a_split_of_several_labels_holds_every_text_once(sets, fraction: float, seed: int) -> None:
    corpus = Corpus([str(i) for i in range(len(sets))], sets, target="multilabel")
    rest, part = corpus.split(fraction, seed)
    assert sorted([*rest.texts, *part.texts]) == sorted(corpus.texts)
    assert corpus.split(fraction, seed)[1].texts == part.texts
    labels = dict(zip(corpus.texts, corpus.labels, strict=True))
    assert [labels[text] for text in part.texts] == part.labels


def test_rare_labels_stand_on_both_sides_of_a_split() -> None:
    random = np.random.default_rng(0)
    sets = [{"common"} | ({"usual"} if random.random() < 0.3 else set()) for _ in range(400)]
    for row in (3, 50, 200, 390):
        sets[row] |= {"rare"}
    for row in (7, 300):
        sets[row] = {"once more"}
    rest, part = Corpus([str(i) for i in range(400)], sets).split(0.2, seed=1)
    assert set(rest.classes) == set(part.classes) == {"common", "usual", "rare", "once more"}
    assert part.counts()["usual"] / rest.counts()["usual"] == pytest.approx(0.25, abs=0.03)
    assert len(part) == pytest.approx(80, abs=3)


def test_every_range_of_grades_is_split_alike() -> None:
    grades = np.random.default_rng(0).exponential(size=1000)
    rest, part = Corpus([str(i) for i in range(1000)], grades, target="graded").split(0.2)
    assert len(part) == 200
    assert np.quantile(part.grades, [0.1, 0.5, 0.9]) == pytest.approx(
        np.quantile(rest.grades, [0.1, 0.5, 0.9]), rel=0.2
    )
    few = Corpus([str(i) for i in range(100)], [1] * 90 + [5] * 10, target="graded")
    assert sorted(few.split(0.2)[1].labels) == [1.0] * 18 + [5.0] * 2


def test_a_sample_has_as_many_texts_of_every_label() -> None:
    random = np.random.default_rng(0)
    sets = [set(random.choice(list("abc"), random.integers(0, 3), p=[0.7, 0.2, 0.1])) for _ in range(200)]
    corpus = Corpus([str(i) for i in range(200)], sets)
    drawn = corpus.sample(5, seed=2)
    assert min(drawn.counts().values()) >= 5
    assert len(drawn) <= 15
    with pytest.raises(DataError, match="class 'b' has 47 texts"):
        corpus.sample(100)
    graded = Corpus([str(i) for i in range(40)], [1, 2, 3, 4] * 10, target="graded")
    assert sorted(graded.sample(2).labels) == [1, 1, 2, 2, 3, 3, 4, 4]
    with pytest.raises(DataError, match="a range of grades has 10 texts"):
        graded.sample(11)
