"""Corpus: what it takes and refuses (each message in full where users see it), and how it is divided."""

from __future__ import annotations

import hashlib
import re

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wordloom.corpus import Corpus, Dataset
from wordloom.draws import held_out_rows, rows_by_label
from wordloom.errors import DataError, WordloomWarning
from wordloom.labels import checked_labels, warn_about_similar_labels, warn_about_single_texts
from wordloom.plain_texts import checked_texts

TEXTS = ["", "one", "zwei 東京", "\x00", "x" * 10_000, "one"]
LABELS = ["b", "a", "b", "c", "a", "b"]
GRADES = "Numbers that are grades are learned with target='graded' (--target graded), by TextRegressor."
SETS = (
    "Texts with several labels are learned with target='multilabel' (--target multilabel), which takes a "
    "list of labels for every text."
)


def fails(message: str):
    """A DataError with exactly this message."""
    return pytest.raises(DataError, match=f"^{re.escape(message)}$")


def test_texts_and_labels_as_given() -> None:
    corpus = Corpus(TEXTS, LABELS, name="mine")
    assert (corpus.texts, corpus.labels, corpus.name, len(corpus)) == (TEXTS, LABELS, "mine", 6)
    assert corpus.classes == ["a", "b", "c"]
    assert corpus.counts() == {"a": 2, "b": 3, "c": 1}
    assert list(corpus.counts()) == corpus.classes


def test_a_corpus_is_shown_without_its_texts() -> None:
    shown = repr(Corpus(["a long text"] * 1000, ["no", "yes"] * 500, name="reviews"))
    assert shown == "<Corpus reviews: 1,000 texts, 2 classes: 'no', 'yes'>"
    assert repr(Corpus([str(i) for i in range(9)], list(range(9)), "x")).endswith(
        "9 classes: 0, 1, 2, 3, 4, ...>"
    )


def test_an_empty_corpus() -> None:
    corpus = Corpus([], [])
    assert (len(corpus), corpus.classes, corpus.counts()) == (0, [], {})
    assert [len(part) for stratify in (True, False) for part in corpus.split(0.5, stratify=stratify)] == [
        0
    ] * 4
    assert len(corpus.shuffled(1)) == len(corpus.sample(3)) == 0


@pytest.mark.parametrize(
    "form",
    [
        list,
        tuple,
        iter,
        pd.Series,
        pl.Series,
        lambda values: np.array(values, dtype=object),
        lambda values: pd.Series(values).array,
        lambda values: pd.DataFrame({"column": values}, index=range(10, 16))["column"],
        lambda values: (value for value in values),
    ],
    ids=[
        "list",
        "tuple",
        "iterator",
        "pandas",
        "polars",
        "objects",
        "pandas array",
        "other index",
        "generator",
    ],
)
def test_every_form_of_texts_and_labels(form) -> None:
    corpus = Corpus(form(TEXTS), form(LABELS))
    assert corpus.texts == TEXTS
    assert corpus.labels == LABELS
    assert {type(text) for text in corpus.texts} == {type(label) for label in corpus.labels} == {str}
    assert Corpus(form(TEXTS), form([1, 0, 1, 2, 0, 1])).labels == [1, 0, 1, 2, 0, 1]


def test_numpy_strings_become_plain_ones_and_the_caller_s_list_stays() -> None:
    given_texts = [np.str_("a"), "b"]
    texts = checked_texts(given_texts)
    assert [type(text) for text in texts] == [str, str]
    assert [type(text) for text in given_texts] == [np.str_, str]
    assert checked_texts(np.array(["a", "bc"])) == ["a", "bc"]


@pytest.mark.parametrize(
    ("labels", "plain"),
    [
        ([True, False], [1, 0]),
        (np.array([True, False]), [1, 0]),
        (np.array([3, -1], dtype=np.int8), [3, -1]),
        ([1.0, 2.0], [1, 2]),
        (np.array([0.0, 1.0], dtype=np.float32), [0, 1]),
        ([np.str_("a"), "b"], ["a", "b"]),
        ([np.int64(7), 2**70], [7, 2**70]),
        (pd.Series(["x", "y"], dtype="category"), ["x", "y"]),
        (pd.Series([1, 2], dtype="Int64"), [1, 2]),
    ],
)
def test_labels_become_plain_strings_or_integers(labels, plain: list) -> None:
    checked = checked_labels(labels)
    assert checked == plain
    assert [type(label) for label in checked] == [type(label) for label in plain]


def test_a_single_text_is_refused() -> None:
    message = (
        "Iterable over raw text documents expected, string object received. "
        "Put a single text into a list: [text]."
    )
    for single in ("one text", b"one text", ""):
        with fails(message):
            Corpus(single, ["a"])
    with fails("corpus: one label for each text expected, a single string received."):
        Corpus(["a"], "a")


def test_unequal_lengths() -> None:
    with fails("mine: 2 texts but 1 labels; each text needs exactly one label."):
        Corpus(["a", "b"], ["x"], name="mine")
    with fails("corpus: 1,200 texts but 0 labels; each text needs exactly one label."):
        Corpus(["a"] * 1200, [])


@pytest.mark.parametrize(
    ("text", "shown"),
    [(None, "None"), (float("nan"), "np.nan"), (np.float32("nan"), "np.nan"), (pd.NA, "np.nan")],
)
def test_a_missing_text_is_named_by_its_row(text, shown: str) -> None:
    message = (
        f"mine, row 1: {shown} is an invalid document, expected a string. "
        "Remove the row or fill it with an empty text."
    )
    with fails(message):
        Corpus(["a", text], ["x", "y"], name="mine")


def test_missing_values_of_data_frame_columns() -> None:
    for column in (
        pd.Series(["a", None], dtype="string"),
        pd.Series(["a", None], dtype=object),
        pl.Series(["a", None]),
        pd.Series(["a", np.nan]),
    ):
        with pytest.raises(DataError, match=r"row 1: .* is an invalid document"):
            checked_texts(column)
    for column in (
        pd.Series([1, None], dtype="Int64"),
        pl.Series([1, None]),
        pd.Series(["a", None], dtype="category"),
    ):
        with pytest.raises(
            DataError, match=r"row 1: the label is missing \(.*\). Remove the row or label it."
        ):
            checked_labels(column)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (3, "int (3). Are texts and labels swapped?"),
        (np.int64(3), "int64 (np.int64(3)). Are texts and labels swapped?"),
        (1.5, "float (1.5)."),
        (b"a", "bytes (b'a')."),
        (["a", "b"], "list (['a', 'b'])."),
        (np.array([1, 2]), "ndarray (array([1, 2]))."),
        (["x" * 100], f"list (['{'x' * 58})."),
    ],
)
def test_what_is_no_text_is_named_by_its_row(text, found: str) -> None:
    with fails(f"corpus, row 2: expected a string, found {found}"):
        Corpus(["a", "b", text], ["x", "x", "y"])


def test_rows_may_be_counted_from_another_number() -> None:
    with pytest.raises(DataError, match="row 1001: None"):
        checked_texts(["a", None], first_row=1000)


@pytest.mark.parametrize("label", [None, float("nan"), np.float64("nan"), pd.NA, pd.NaT])
def test_a_missing_label_is_named_by_its_row(label) -> None:
    with fails(f"corpus, row 1: the label is missing ({label}). Remove the row or label it."):
        Corpus(["a", "b"], ["x", label])


@pytest.mark.parametrize(
    ("label", "shown"),
    [
        (0.5, f"0.5 (float). Unknown label type: continuous. {GRADES}"),
        (float("inf"), f"inf (float). Unknown label type: continuous. {GRADES}"),
        (("a",), f"('a',) (tuple). Unknown label type: multilabel-sequences. {SETS}"),
        (b"a", "b'a' (bytes). Unknown label type: unknown."),
    ],
)
def test_what_is_no_label_is_named_by_its_row(label, shown: str) -> None:
    with fails(f"corpus, row 1: a label must be a string or a whole number, found {shown}"):
        Corpus(["a", "b"], [1, label], target="single")


def test_labels_of_two_kinds() -> None:
    with fails(
        "corpus, row 2: label 1 is int, the labels before it are str. "
        "Use one kind, for example str(label) for all."
    ):
        Corpus(["a", "b", "c"], ["a", "b", 1])


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (3, "texts: a list expected, found int."),
        (None, "texts: a list expected, found NoneType."),
        (np.array([["a"]]), "texts: one dimension expected, found the shape (1, 1)."),
        (np.array("a"), "texts: one dimension expected, found the shape ()."),
        ({"a", "b"}, "texts: a list expected, found a set, which has no order."),
    ],
)
def test_what_is_no_list_of_texts(values, message: str) -> None:
    with fails(message):
        checked_texts(values)


@pytest.mark.parametrize(
    "table", [{"text": ["a"]}, pd.DataFrame({"text": ["a"]}), pl.DataFrame({"text": ["a"]})]
)
def test_a_whole_table_is_refused(table) -> None:
    name = type(table).__name__
    with fails(
        f"texts: one column expected, found a whole table ({name}). "
        "Name the column, for example data['text']."
    ):
        checked_texts(table)


def test_subset_keeps_the_order_asked_for_and_the_name() -> None:
    part = Corpus(TEXTS, LABELS, name="mine").subset(np.array([5, 1, 1]))
    assert (part.texts, part.labels, part.name) == (["one", "one", "one"], ["b", "a", "a"], "mine")


def numbered(*sizes: int) -> Corpus:
    """A corpus of classes of these sizes, mixed; every text is its own row's number."""
    labels = [label for label, size in enumerate(sizes) for _ in range(size)]
    labels = [labels[i] for i in np.random.default_rng(0).permutation(len(labels))]
    return Corpus([str(row) for row in range(len(labels))], labels)


def rows(corpus: Corpus) -> list[int]:
    return [int(text) for text in corpus.texts]


def test_shuffled_is_seeded_and_keeps_pairs() -> None:
    corpus = numbered(30, 20)
    shuffled = corpus.shuffled(3)
    assert sorted(rows(shuffled)) == list(range(50))
    assert rows(shuffled) == rows(corpus.shuffled(3)) != rows(corpus.shuffled(4))
    assert [corpus.labels[row] for row in rows(shuffled)] == shuffled.labels


@settings(deadline=None)
@given(st.lists(st.integers(1, 30), min_size=1, max_size=4), st.floats(0.01, 0.99), st.integers(0, 99))
def test_a_stratified_split_holds_out_the_same_share_of_every_class(
    sizes, fraction: float, seed: int
) -> None:
    corpus = numbered(*sizes)
    rest, held_out = corpus.split(fraction, seed)
    assert sorted(rows(rest) + rows(held_out)) == list(range(len(corpus)))
    assert rows(rest) == sorted(rows(rest))
    assert rows(held_out) == sorted(rows(held_out))
    for label, size in enumerate(sizes):
        n = held_out.labels.count(label)
        assert abs(n - fraction * size) <= 1
        assert (0 < n < size) if size > 1 else n == 0
    assert rows(corpus.split(fraction, seed)[1]) == rows(held_out)


def test_a_split_without_strata_holds_out_the_exact_number() -> None:
    corpus = numbered(10, 90)
    rest, held_out = corpus.split(0.25, seed=1, stratify=False)
    assert (len(rest), len(held_out)) == (75, 25)
    assert sorted(rows(rest) + rows(held_out)) == list(range(100))
    assert rows(held_out) != rows(corpus.split(0.25, seed=2, stratify=False)[1])


@pytest.mark.parametrize("fraction", [0, 1, -0.5, 1.5, float("nan")])
def test_a_fraction_without_meaning(fraction: float) -> None:
    with fails(f"The fraction to hold out must be between 0 and 1, not {fraction}."):
        Corpus(TEXTS, LABELS).split(fraction)


def test_held_out_rows_are_those_of_the_split() -> None:
    corpus = numbered(12, 8)
    assert held_out_rows(corpus.labels, 0.3, 5).tolist() == rows(corpus.split(0.3, 5)[1])


def test_sample_takes_so_many_of_every_class() -> None:
    corpus = numbered(30, 20, 5)
    sample = corpus.sample(5, seed=2)
    assert sample.counts() == {0: 5, 1: 5, 2: 5}
    assert rows(sample) == sorted(set(rows(sample)))
    assert rows(sample) == rows(corpus.sample(5, seed=2)) != rows(corpus.sample(5, seed=3))
    with fails("corpus: class 2 has 5 texts, fewer than the 6 asked for; ask for fewer per class."):
        corpus.sample(6)


def test_rows_by_label() -> None:
    groups = rows_by_label(["b", "a", "b", "a\x00"])
    assert {label: members.tolist() for label, members in groups.items()} == {
        "a": [1],
        "a\x00": [3],
        "b": [0, 2],
    }
    assert list(groups) == ["a", "a\x00", "b"]
    assert list(rows_by_label([10, 9, -1])) == [-1, 9, 10]
    assert rows_by_label([]) == {}


def test_fingerprint_tells_data_apart() -> None:
    known = Corpus(["a", "bc"], ["x", "y"])
    assert known.fingerprint() == Corpus(("a", "bc"), np.array(["x", "y"]), name="other name").fingerprint()
    others = [
        Corpus(["bc", "a"], ["x", "y"]),
        Corpus(["ab", "c"], ["x", "y"]),
        Corpus(["a", "bc"], ["y", "x"]),
        Corpus(["a", "bc"], [1, 2]),
        Corpus(["a", "bc"], ["1", "2"]),  # the same labels in another spelling
        Corpus(["a", "bc", ""], ["x", "y", "y"]),
        Corpus(["\ud800"], ["\udfff"]),
        Corpus([], []),
    ]
    assert len({corpus.fingerprint() for corpus in [known, *others]}) == 8
    # the same on every machine and in every version
    assert known.fingerprint() == hashlib.blake2b(b"1:'x':a2:'y':bc", digest_size=16).hexdigest()


def test_similar_labels_are_warned_about() -> None:
    with pytest.warns(WordloomWarning) as caught:
        warn_about_similar_labels(
            ["Pos", "neg", "pos ", "Pos", "very  good", "very good", "STRASSE", "straße"], "mine"
        )
    assert [str(warning.message) for warning in caught] == [
        f"mine: the labels {one!r} and {other!r} differ only by case or spaces and are treated "
        "as two classes. Make them equal if they mean the same."
        for one, other in [("Pos", "pos "), ("STRASSE", "straße"), ("very  good", "very good")]
    ]


def test_different_labels_are_not_warned_about(recwarn: pytest.WarningsRecorder) -> None:
    warn_about_similar_labels(["pos", "neg", "pos"], "mine")
    warn_about_similar_labels([1, 2, 1], "mine")
    warn_about_single_texts({"a": 2, "b": 30}, "mine")
    assert not recwarn.list


def test_classes_of_one_text_are_warned_about() -> None:
    with pytest.warns(WordloomWarning, match=r"^mine: 1 class\(es\) with one text only \('b'\): too few"):
        warn_about_single_texts({"a": 2, "b": 1}, "mine")
    with pytest.warns(WordloomWarning, match=r"7 class\(es\) with one text only \(0, 1, 2, 3, 4, \.\.\.\)"):
        warn_about_single_texts(dict.fromkeys(range(7), 1), "mine")


def test_dataset() -> None:
    corpus = Corpus(["a"], ["x"])
    dataset = Dataset(corpus)
    assert (dataset.train, dataset.test, dataset.name, dataset.notes) == (corpus, None, "data", ())
