"""Rows without a label, and columns that say which part a row is of."""

from __future__ import annotations

import pandas as pd
import pytest

from wordloom.errors import DataError, UsageError
from wordloom.readers import open_texts, read_corpus, stream_corpus

MISSING = "text,label\na,x\nb,\nc,y\n"
PARTS = (
    "type,review,label\ntest,a,pos\ntrain,b,neg\ntrain,c,unsup\n"
    "test,d,neg\nvalid,e,pos\nunsup,f,\ntrain,g,pos\n"
)


@pytest.fixture
def written(tmp_path):
    def write(content: str, name: str = "x.csv"):
        (tmp_path / name).write_text(content)
        return tmp_path / name

    return write


def test_a_row_without_a_label_is_an_error_that_names_its_line_and_the_way_out(written):
    with pytest.raises(DataError, match=r"x.csv, line 3: the label is missing.*--missing-label skip"):
        read_corpus(written(MISSING))


def test_rows_without_a_label_are_skipped_or_kept_apart_and_counted(written):
    path = written(MISSING)
    for read in (read_corpus, stream_corpus):
        skipped = read(path, missing_label="skip")
        assert list(skipped.train.texts) == ["a", "c"]
        assert any("1 of 3 rows has no label; left out" in note for note in skipped.notes)
    for source in (path, pd.read_csv(path)):
        apart = read_corpus(source, missing_label="unlabelled")
        assert (apart.train.texts, list(apart.unlabelled)) == (["a", "c"], ["b"])
    with pytest.raises(UsageError, match="needs the texts in memory"):
        stream_corpus(path, missing_label="unlabelled")
    with pytest.raises(UsageError, match="Did you mean 'skip'"):
        read_corpus(path, missing_label="skp")


def test_missing_labels_of_texts_in_memory_are_skipped_too():
    dataset = read_corpus(["a", "b", "c"], ["x", None, "y"], missing_label="unlabelled")
    assert (dataset.train.texts, list(dataset.unlabelled)) == (["a", "c"], ["b"])
    with pytest.raises(DataError, match="row 1: the label is missing"):
        read_corpus(["a", "b", "c"], ["x", None, "y"])


def test_lines_of_fasttext_without_a_label_can_be_an_error_or_kept_apart(written):
    path = written("__label__x a\nb\n\n__label__y c\n", "x.txt")
    assert list(read_corpus(path, missing_label="unlabelled").unlabelled) == ["b"]
    with pytest.raises(DataError, match=r"line 2: the label is missing"):
        read_corpus(path, missing_label="error")


def test_a_column_that_says_train_or_test_makes_the_parts_and_unsup_is_no_class(written):
    path = written(PARTS)
    whole = read_corpus(path)
    assert list(whole.unlabelled) == ["c", "f"]
    for dataset in (whole, stream_corpus(path)):
        assert (list(dataset.train.texts), dataset.train.labels) == (["b", "g"], ["neg", "pos"])
        assert (list(dataset.test.texts), dataset.test.labels) == (["a", "d"], ["pos", "neg"])
        note = next(note for note in dataset.notes if "'type' says which part" in note)
        assert "2 for training, 2 for testing, 1 for validation (left out), 2 without a label" in note
    assert stream_corpus(path).train.fingerprint() == whole.train.fingerprint()
    assert read_corpus(pd.read_csv(path)).test.texts == ["a", "d"]
    with open_texts(path) as texts:
        assert list(texts) == ["b", "c", "f", "g"]


def test_a_column_with_other_values_is_no_part(written):
    path = written("type,text,label\nbug,a,x\nfeature,b,y\n")
    assert (read_corpus(path).test, read_corpus(path).notes) == (None, ())
    path = written("split,text,label\n1,a,x\n2,b,y\n")
    assert any("'split' is not used" in note for note in read_corpus(path).notes)
    rows = "".join(f"train,text {i},x\n" for i in range(60))
    with pytest.raises(DataError, match=r"line 62: the column 'split' says to which part.*'other'"):
        read_corpus(written("split,text,label\n" + rows + "other,b,y\n"))


def test_unsup_is_never_a_class(tmp_path, written):
    dataset = read_corpus(["a", "b", "c"], ["pos", "neg", "unsup"])
    assert (dataset.train.classes, list(dataset.unlabelled)) == (["neg", "pos"], ["c"])
    for name in ("good", "bad", "unsup"):
        (tmp_path / "d" / name).mkdir(parents=True)
        written(name, f"d/{name}/1.txt")
    folders = read_corpus(tmp_path / "d")
    assert (folders.train.classes, list(folders.unlabelled)) == (["bad", "good"], ["unsup"])


@pytest.mark.parametrize("slip", ["tset", "", "holdout"])
def test_a_slip_in_a_column_of_parts_is_named_and_no_text_for_testing_is_trained_on(slip, tmp_path):
    rows = ["good a,pos,train", "bad b,neg,train", "fine c,pos,test", f"poor d,neg,{slip}"]
    (tmp_path / "x.csv").write_text("text,label,split\n" + "\n".join(rows) + "\n")
    with pytest.raises(DataError, match=f"line 5: the column 'split' says .* and '{slip}' is none of train"):
        read_corpus(tmp_path / "x.csv")


def test_kinds_of_vehicles_are_no_parts(tmp_path):
    kinds = ["train", "plane", "train", "train", "car"]
    rows = "".join(f"ride {i},{'pos' if i % 2 else 'neg'},{kind}\n" for i, kind in enumerate(kinds))
    (tmp_path / "x.csv").write_text(f"text,label,type\n{rows}")
    dataset = read_corpus(tmp_path / "x.csv")
    assert (len(dataset.train), dataset.test) == (5, None)
    assert any("'type' is not used" in note for note in dataset.notes)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"missing_label": "skipp"},
            "missing_label must be one of error, skip, unlabelled.*Did you mean 'skip'",
        ),
        ({"text": ()}, "text= names no column"),
    ],
)
def test_options_without_meaning_are_refused_before_anything_is_read(tmp_path, options, message):
    with pytest.raises(UsageError, match=message):
        read_corpus(tmp_path / "nothing.csv", **options)
