"""Texts and labels that are in memory, and data sets known by name."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import wordloom
from wordloom.corpus import Corpus, Dataset
from wordloom.errors import DataError, UsageError, WordloomWarning
from wordloom.readers import read_corpus

TEXTS, LABELS = ["a fine film", "", "très long"], ["pos", "neg", "pos"]


def test_lists_arrays_and_a_pair() -> None:
    for texts, labels in (
        (TEXTS, LABELS),
        (tuple(TEXTS), tuple(LABELS)),
        (np.array(TEXTS), np.array(LABELS)),
        (np.array(TEXTS, dtype=object), iter(LABELS)),
    ):
        dataset = read_corpus(texts, labels)
        assert (dataset.train.texts, dataset.train.labels) == (TEXTS, LABELS)
        assert all(type(text) is str for text in dataset.train.texts)
    assert read_corpus((TEXTS, LABELS)).train.labels == LABELS
    assert any("1 of 3 texts is empty" in note for note in dataset.notes)


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_columns_and_frames(library: str) -> None:
    frames = pytest.importorskip(library)
    frame = frames.DataFrame({"id": [1, 2, 3], "Review": TEXTS, "stars": [5, 1, 4]})
    dataset = read_corpus(frame["Review"], frame["stars"])
    assert (dataset.train.texts, dataset.train.labels) == (TEXTS, [5, 1, 4])
    assert all(type(label) is int for label in dataset.train.labels)
    guessed = read_corpus(frame)
    assert (guessed.train.texts, guessed.train.labels) == (TEXTS, [5, 1, 4])
    assert any("'Review'" in note for note in guessed.notes)
    assert read_corpus(frame, label="id").train.labels == [1, 2, 3]
    with pytest.raises(DataError, match=r"data frame: there is no column 'star' .*Did you mean 'stars'"):
        read_corpus(frame, label="star")


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_missing_values_in_columns_are_named_by_row(library: str) -> None:
    frames = pytest.importorskip(library)
    with pytest.raises(DataError, match=r"data frame, row 1: the text is missing"):
        read_corpus(frames.DataFrame({"text": ["a", None], "label": ["x", "y"]}))
    with pytest.raises(DataError, match=r"row 1: the label is missing"):
        read_corpus(frames.DataFrame({"text": ["a", "b"], "label": ["x", None]}))


def test_pandas_na() -> None:
    pandas = pytest.importorskip("pandas")
    labels = pandas.Series([1, None], dtype="Int64")
    with pytest.raises(DataError, match=r"row 1: the label is missing"):
        read_corpus(["a", "b"], labels)


def test_a_corpus_and_a_dataset_come_back() -> None:
    corpus = Corpus(["a", "b"], [0, 1], name="mine")
    assert read_corpus(corpus).train is corpus
    dataset = Dataset(corpus, test=corpus)
    assert read_corpus(dataset) is dataset
    with pytest.raises(UsageError, match=r"has its labels already"):
        read_corpus(corpus, [0, 1])


def test_what_does_not_go_together() -> None:
    with pytest.raises(UsageError, match=r"need their labels"):
        read_corpus(["a", "b"])
    with pytest.raises(UsageError, match=r"labels= goes with texts in memory"):
        read_corpus("reviews.csv", ["x"])
    with pytest.raises(UsageError, match=r"name the columns of a file"):
        read_corpus(["a"], ["x"], text="review")
    with pytest.raises(DataError, match=r"1 texts but 2 labels"):
        read_corpus(["a"], ["x", "y"])
    with pytest.raises(DataError, match=r"a single string"):
        read_corpus(["a"], "x")
    with pytest.raises(DataError, match=r"swapped"):
        read_corpus([1, 0], ["a", "b"])
    with pytest.raises(DataError, match=r"empty"):
        read_corpus([], [])


def test_a_text_where_a_path_is_expected() -> None:
    with pytest.raises(DataError, match=r"no such file|Texts belong in a list"):
        read_corpus("What a fine film this is. " * 400)
    with pytest.raises(DataError, match=r"no such file|Texts belong in a list"):
        read_corpus("a\0b")


def test_a_misspelled_path_or_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("reviews.csv").write_text("text,label\na,x\n")
    with pytest.raises(DataError, match=r"reviews.cvs: no such file or folder. Did you mean 'reviews.csv'"):
        read_corpus("reviews.cvs")
    with pytest.raises(DataError, match=r"imbd: no such file or folder.*known by name: demo, imdb"):
        read_corpus("imbd")


def test_labels_that_look_alike_are_warned_about() -> None:
    with pytest.warns(WordloomWarning, match=r"'Pos' and 'pos' differ only by case"):
        read_corpus(["a", "b"], ["pos", "Pos"])


def test_one_class_is_no_matter_for_a_reader() -> None:
    assert read_corpus(["a", "b"], ["x", "x"]).train.classes == ["x"]


def test_a_name_means_the_data_set_and_a_path_the_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("demo").write_text("text,label\nmine,x\n")
    by_name = read_corpus("demo")
    assert by_name.name == "demo"
    assert len(by_name.train) > 100
    assert any("./demo" in note for note in by_name.notes)
    assert read_corpus("./demo").train.texts == ["mine"]
    assert read_corpus(Path("demo")).train.texts == ["mine"]


def test_it_is_a_public_name() -> None:
    assert wordloom.read_corpus is read_corpus
