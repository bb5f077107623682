"""Grades: label columns read as numbers where the caller wants it, and a hint where they look like grades."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from wordloom.corpus import Corpus
from wordloom.datasets import imdb, load
from wordloom.errors import DataError, UsageError
from wordloom.readers import read_corpus, stream_corpus


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", "text,stars\none,5\ntwo,1.5\nthree,3\n"),
        (
            "a.jsonl",
            '{"text": "one", "stars": 5}\n{"text": "two", "stars": 1.5}\n{"text": "three", "stars": "3"}\n',
        ),
        ("a.txt", "__label__5 one\n__label__1.5 two\n__label__3 three\n"),
    ],
)
def test_the_label_column_is_read_as_numbers(written, name: str, content: str) -> None:
    path = written(name, content)
    dataset, streamed = read_corpus(path, target="graded"), stream_corpus(path, target="graded")
    assert (dataset.train.target, dataset.train.labels) == ("graded", [5.0, 1.5, 3.0])
    assert streamed.train.labels == dataset.train.labels
    assert streamed.train.fingerprint() == dataset.train.fingerprint()


@pytest.mark.parametrize("cell", ["good", "inf", "nan", "1e999", "[1]"])
def test_what_is_no_grade_is_named_by_its_line(written, cell: str) -> None:
    path = written("a.csv", f"text,stars\none,5\ntwo,{cell}\n")
    with pytest.raises(DataError, match=r"a.csv, line 3: a grade must be a finite number, found"):
        read_corpus(path, target="graded")
    with pytest.raises(DataError, match=r"line 3: the label is missing"):
        read_corpus(written("b.csv", "text,stars\none,5\ntwo,\n"), target="graded")


def test_grades_in_memory_and_in_folders(tmp_path: Path) -> None:
    assert read_corpus(["a", "b"], [1, 2.5], target="graded").train.labels == [1.0, 2.5]
    frame = pd.DataFrame({"text": ["a", "b"], "score": [1.25, 3]})
    assert read_corpus(frame, target="graded").train.labels == [1.25, 3.0]
    for stars in ("1", "5"):
        (tmp_path / stars).mkdir()
        (tmp_path / stars / "a.txt").write_text("a text")
    assert read_corpus(tmp_path, target="graded").train.labels == [1.0, 5.0]
    (tmp_path / "5").rename(tmp_path / "good")
    with pytest.raises(DataError, match="a grade must be a finite number, found 'good'"):
        read_corpus(tmp_path, target="graded")
    with pytest.raises(UsageError, match="is for texts with one label each; these have several labels each"):
        read_corpus(Corpus(["a"], [["x"]]), target="graded")


@pytest.mark.parametrize(
    ("labels", "hint"),
    [
        (range(1, 6), True),
        (range(11), True),
        (range(-2, 3), True),
        (range(1, 5), False),
        (range(77), False),
        (range(3, 9), False),
        ([1, 2, 4, 5, 6], False),
        (["1.5", "2", "2.5", "3", "0.5"], True),
        (["1.5", "2", "2.5", "3", "x"], False),
        (["a", "b", "c", "d", "e"], False),
    ],
)
def test_labels_that_look_like_grades_are_hinted_at(written, labels, hint: bool) -> None:
    rows = "".join(f"text {label},{label}\n" for label in labels)
    notes = read_corpus(written("a.csv", "text,label\n" + rows)).notes
    assert any("look like grades" in note for note in notes) == hint
    for target in ("single", "graded")[: 1 + all(str(label)[-1].isdigit() for label in labels)]:
        notes = read_corpus(written("a.csv", "text,label\n" + rows), target=target).notes
        assert not any("look like grades" in note for note in notes)


def reviews(root: Path, names: dict[str, str]) -> Path:
    for place, text in names.items():
        (root / place).parent.mkdir(parents=True, exist_ok=True)
        (root / place).write_text(text)
    return root


def test_ratings_are_in_the_names_of_the_files_of_imdb(tmp_path: Path) -> None:
    names = {
        "train/neg/0_3.txt": "dull",
        "train/pos/0_10.txt": "fine",
        "test/neg/1_1.txt": "bad",
        "test/pos/2_7.txt": "ok",
    }
    dataset = read_corpus(reviews(tmp_path / "aclImdb", names), target="graded")
    assert (dataset.train.texts, dataset.train.labels) == (["dull", "fine"], [3.0, 10.0])
    assert dataset.test is not None
    assert dataset.test.labels == [1.0, 7.0]
    other = reviews(tmp_path / "other", {"train/neg/a.txt": "dull", "train/pos/b_8.txt": "fine"})
    with pytest.raises(DataError, match=r"train/neg/a.txt: the name has no rating, as in 7_10.txt"):
        read_corpus(other, target="graded")


def test_imdb_by_its_name_has_grades(tmp_path: Path, monkeypatch) -> None:
    names = {
        f"aclImdb/{part}/{label}/{i}_{rating}.txt": f"{label} {i}"
        for part in ("train", "test")
        for label, ratings in (("neg", (1, 4)), ("pos", (7, 10)))
        for i, rating in enumerate(ratings)
    }
    reviews(tmp_path, names)
    monkeypatch.setenv("WORDLOOM_DATA", str(tmp_path))
    monkeypatch.setenv("WORDLOOM_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(imdb, "REVIEWS_PER_CLASS", 2)
    for _ in range(2):  # the second time from the cache
        dataset = read_corpus("imdb", target="graded")
        assert (dataset.train.target, dataset.train.labels) == ("graded", [1.0, 4.0, 7.0, 10.0])
        assert dataset.train.name == "imdb (train)"
    assert load("imdb").train.labels == ["neg", "neg", "pos", "pos"]
    with pytest.raises(
        DataError, match=r"demo train, row 0: a grade must be a finite number, found '(neg|pos)'"
    ):
        read_corpus("demo", target="graded")
