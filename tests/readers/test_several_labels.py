"""Texts with several labels, however they are written: in one cell, as lists, marks or columns of 0 and 1."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pytest

from wordloom.corpus import Corpus, Dataset
from wordloom.errors import DataError, UsageError
from wordloom.readers import read_corpus, stream_corpus

SETS = [("joy", "love"), ("anger",), ("joy",), ("love",)]
TEXTS = ["one", "two", "three", "four"]
HINT = "a text has several labels, separated by"


def csv_of(cells, texts=TEXTS) -> str:
    return "text,labels\n" + "".join(f'{text},"{cell}"\n' for text, cell in zip(texts, cells, strict=True))


@pytest.mark.parametrize("separator", ["|", ";", ", "])
def test_cells_that_are_clearly_several_labels_are_read_as_them_and_a_note_says_so(
    written, separator
) -> None:
    path = written("a.csv", csv_of([separator.join(each) for each in SETS]))
    for read in (read_corpus, stream_corpus):
        dataset = read(path)
        assert (dataset.train.target, dataset.train.labels) == ("multilabel", SETS)
        assert [note for note in dataset.notes if HINT in note] == [
            f"{path}: {HINT} {separator.strip()!r}; target='single' (--target single) keeps each "
            "combination as a class."
        ]
        assert dataset.train.columns.separator == separator.strip()


def test_the_target_single_keeps_each_combination_as_a_class(written) -> None:
    dataset = read_corpus(written("a.csv", csv_of(["joy|love", "anger", "joy", "love"])), target="single")
    assert (dataset.train.target, dataset.train.classes) == ("single", ["anger", "joy", "joy|love", "love"])
    assert not any(HINT in note for note in dataset.notes)


def test_a_separator_that_is_named_is_taken_whatever_the_labels(written) -> None:
    path = written("a.csv", csv_of(["a / b", "c", "a/d", ""]))
    for read in (read_corpus, stream_corpus):
        dataset = read(path, label_separator="/")
        assert dataset.train.labels == [("a", "b"), ("c",), ("a", "d"), ()]
        assert any("1 of 4 texts has no label; it is kept" in note for note in dataset.notes)
        assert not any(HINT in note for note in dataset.notes)


def test_a_label_in_quotes_may_hold_the_separator(written) -> None:
    path = written("a.csv", 'text,labels\none,"""rock, pop"", jazz"\ntwo,jazz\nthree,folk\n')
    assert read_corpus(path, label_separator=",").train.labels == [
        ("jazz", "rock, pop"),
        ("jazz",),
        ("folk",),
    ]


def test_where_several_are_wanted_each_label_alone_is_a_set(written) -> None:
    dataset = read_corpus(written("a.csv", csv_of(["a", "b", "a", ""])), target="multilabel")
    assert dataset.train.labels == [("a",), ("b",), ("a",), ()]
    unsure = read_corpus(written("b.csv", csv_of(["a|b", "c|d", "e", "f"])), target="multilabel")
    assert unsure.train.labels == [("a", "b"), ("c", "d"), ("e",), ("f",)]
    assert any(HINT in note for note in unsure.notes)


def test_repeated_and_empty_labels_are_passed_over_and_counted(written) -> None:
    path = written("a.csv", csv_of(["a|b|a", "|b", "a||b|", "a"]))
    dataset = read_corpus(path, label_separator="|")
    assert dataset.train.labels == [("a", "b"), ("b",), ("a", "b"), ("a",)]
    assert f"{path}: cells that hold a label twice: 1; a text has it once." in dataset.notes
    assert any("with nothing between two separators, or at an end: 2;" in note for note in dataset.notes)


def test_an_empty_cell_is_an_error_unless_it_says_that_there_is_no_label(written) -> None:
    path = written("a.csv", csv_of(["joy|love", "joy", "love", ""]))
    with pytest.raises(DataError, match=r"a.csv, line 5: the label is missing .* \(--target multilabel\)"):
        read_corpus(path)
    assert read_corpus(path, target="multilabel").train.labels[-1] == ()
    assert len(read_corpus(path, target="multilabel", missing_label="skip").train) == 3
    assert read_corpus(path, missing_label="unlabelled").unlabelled == ["four"]


def test_numbers_are_labels_in_sets_too(written) -> None:
    dataset = read_corpus(written("a.csv", csv_of(["2|10", "2", "10", "3"])))
    assert dataset.train.labels == [(2, 10), (2,), (10,), (3,)]


@pytest.mark.parametrize("name", ["a.jsonl", "a.json"])
def test_lists_in_json_are_several_labels(written, name: str) -> None:
    rows = [
        {"text": "one", "labels": ["b", "a", "b"]},
        {"text": "two", "labels": []},
        {"text": "x", "labels": "a"},
    ]
    lines = "\n".join(map(json.dumps, rows))
    path = written(name, lines if name == "a.jsonl" else json.dumps(rows))
    dataset = read_corpus(path)
    assert dataset.train.labels == [("a", "b"), (), ("a",)]
    assert f"{path}: cells that hold a label twice: 1; a text has it once." in dataset.notes
    with pytest.raises(DataError, match=r"1: 3 labels \(b, a, b\), and target='single'"):
        read_corpus(path, target="single")
    if name == "a.jsonl":
        streamed = stream_corpus(path)
        assert streamed.train.labels == dataset.train.labels
        assert streamed.train.fingerprint() == dataset.train.fingerprint()


def test_lists_in_json_are_taken_as_they_are(written) -> None:
    lines = ['{"text": "one", "labels": ["a", "b", "a|b"]}', '{"text": "two", "labels": ["a"]}']
    assert read_corpus(written("a.jsonl", "\n".join(lines))).train.labels == [("a", "a|b", "b"), ("a",)]


def test_several_marks_on_a_line_of_fasttext_are_several_labels(written) -> None:
    path = written("a.txt", "__label__a one __label__b\n__label__c two\nno label\n")
    for read in (read_corpus, stream_corpus):
        dataset = read(path)
        assert (dataset.train.texts if read is read_corpus else list(dataset.train.texts)) == ["one", "two"]
        assert dataset.train.labels == [("a", "b"), ("c",)]
        assert any("1 of 3 rows has no label; left out" in note for note in dataset.notes)
    assert stream_corpus(path).train.fingerprint() == read_corpus(path).train.fingerprint()
    assert read_corpus(written("b.txt", "__label__a one\n__label__b two\n")).train.target == "single"


FLAGS = "id,comment,toxic,insult\n1,one,1,0\n2,two,0,0\n3,three,1,1\n4,four,0,1\n"


@pytest.mark.parametrize("label", ["toxic,insult", ["toxic", "insult"], "toxic, insult"])
def test_a_column_of_zero_and_one_for_each_label(written, label) -> None:
    path = written("a.csv", FLAGS)
    for read in (read_corpus, stream_corpus):
        dataset = read(path, label=label)
        assert dataset.train.labels == [("toxic",), (), ("insult", "toxic"), ("insult",)]
        assert dataset.train.columns.labels == ("toxic", "insult")
        assert dataset.train.columns.names == ("comment", "toxic", "insult")
    again = read_corpus(written("b.csv", FLAGS), columns=dataset.train.columns)
    assert again.train.labels == dataset.train.labels


def test_columns_of_zero_and_one_are_named_where_no_column_of_labels_is_found(written) -> None:
    with pytest.raises(DataError, match=r"name them all: label='toxic,insult' \(--label toxic,insult\)"):
        read_corpus(written("a.csv", FLAGS))


def test_columns_of_labels_that_hold_something_else(written) -> None:
    path = written("a.csv", FLAGS.replace("4,four,0,1", "4,four,0,yes"))
    with pytest.raises(
        DataError, match=r"a.csv, line 5: the column 'insult' holds 'yes'. A column for each label"
    ):
        read_corpus(path, label="toxic,insult")
    path = written("b.csv", FLAGS.replace("4,four,0,1", "4,four,,1"))
    with pytest.raises(DataError, match=r"b.csv, line 5: the label is missing \(column 'toxic'\)"):
        read_corpus(path, label="toxic,insult")
    assert len(read_corpus(path, label="toxic,insult", missing_label="skip").train) == 3
    with pytest.raises(UsageError, match=r"does not go with target='graded'"):
        read_corpus(path, label="toxic,insult", target="graded")
    with pytest.raises(DataError, match="'toxic' is named twice for the labels"):
        read_corpus(path, label="toxic,toxic")


def test_lists_and_class_labels_in_parquet(tmp_path: Path) -> None:
    pa, parquet = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    table = pa.table({"text": ["one", "two"], "labels": [[1, 0], []], "vector": [[0.5], [0.25]]})
    features = {"labels": {"feature": {"names": ["joy", "love"], "_type": "ClassLabel"}, "_type": "List"}}
    metadata = {b"huggingface": json.dumps({"info": {"features": features}}).encode()}
    parquet.write_table(table.replace_schema_metadata(metadata), tmp_path / "a.parquet")
    assert read_corpus(tmp_path / "a.parquet").train.labels == [("joy", "love"), ()]
    parquet.write_table(table, tmp_path / "b.parquet")
    assert read_corpus(tmp_path / "b.parquet").train.labels == [(0, 1), ()]


@pytest.mark.parametrize(
    "source",
    [
        (TEXTS, SETS),
        (TEXTS, ["joy|love", "anger", "joy", "love"]),
        pd.DataFrame({"text": TEXTS, "labels": [list(each) for each in SETS]}),
        pd.DataFrame({"text": TEXTS, "labels": [np.array(each) for each in SETS]}),
        pl.DataFrame({"text": TEXTS, "labels": [list(each) for each in SETS]}),
        Corpus(TEXTS, SETS),
        Dataset(Corpus(TEXTS, SETS)),
    ],
)
def test_several_labels_in_memory(source) -> None:
    assert read_corpus(source).train.labels == SETS


def test_a_corpus_keeps_the_target_that_it_has() -> None:
    corpus = Corpus(TEXTS, ["joy|love", "anger", "joy", "love"])
    assert read_corpus(corpus).train.target == "single"
    assert read_corpus(corpus, target="multilabel").train.labels == SETS
    with pytest.raises(
        UsageError, match=r"target='single' \(--target single\) is for texts with one label each"
    ):
        read_corpus(Corpus(TEXTS, SETS), target="single")


def test_parts_of_one_source_are_read_alike(tmp_path: Path) -> None:
    (tmp_path / "train.csv").write_text(csv_of(["joy|love", "anger", "joy", "love"]))
    (tmp_path / "test.csv").write_text(csv_of(["love|anger", "joy"], ["five", "six"]))
    dataset = read_corpus(tmp_path)
    assert dataset.test is not None
    assert dataset.test.labels == [("anger", "love"), ("joy",)]
    column = csv_of(["joy|love", "anger", "joy", "love", "love|anger"], [*TEXTS, "five"])
    lines = zip(column.splitlines(), ["split", *["train"] * 4, "test"], strict=True)
    (tmp_path / "one.csv").write_text("".join(f"{line},{part}\n" for line, part in lines))
    both = read_corpus(tmp_path / "one.csv")
    assert (both.train.labels, both.test.labels) == (SETS, [("anger", "love")])


def test_a_label_that_every_text_has_is_noted(written) -> None:
    dataset = read_corpus(written("a.csv", csv_of(["a|b", "a", "a|b", "a"])), label_separator="|")
    assert any(
        "every text has the label 'a', so nothing can be learned of it" in note for note in dataset.notes
    )


def test_repeated_texts_with_other_sets_conflict(written) -> None:
    path = written("a.csv", csv_of(["a|b", "b|a", "a", "b"], ["x", "x", "y", "y"]))
    notes = read_corpus(path).notes
    assert any(
        "2 of 4 texts repeat an earlier one" in note and "1 of them with different" in note for note in notes
    )


@pytest.mark.parametrize("options", [{"target": "several"}, {"label_separator": ""}])
def test_options_that_mean_nothing(written, options) -> None:
    with pytest.raises(UsageError):
        read_corpus(written("a.csv", csv_of(["a", "b", "a", "b"])), **options)
    with pytest.raises(UsageError, match="means nothing"):
        read_corpus(written("a.csv", csv_of(["a", "b", "a", "b"])), target="graded", label_separator="|")


def test_a_separator_unlike_that_of_the_training_is_found_and_told_of(written) -> None:
    trained = read_corpus(written("a.csv", csv_of(["|".join(each) for each in SETS]))).train.columns
    path = written("b.csv", csv_of([";".join(each) for each in SETS]))
    dataset = read_corpus(path, columns=trained)
    assert dataset.train.labels == SETS
    assert dataset.train.columns.separator == ";"
    assert f"{path}: {HINT} ';', unlike those that the model was trained on ('|')." in dataset.notes


def test_a_separator_that_no_label_holds_is_told_of_where_another_one_is_likely(written) -> None:
    path = written("a.csv", csv_of(["|".join(each) for each in SETS]))
    dataset = read_corpus(path, label_separator=";")
    assert dataset.train.labels[0] == ("joy|love",)
    assert any("no label holds ';'" in note and "with '|' between them" in note for note in dataset.notes)
    assert not any("no label holds" in note for note in read_corpus(path, label_separator="|").notes)


def test_lists_of_0_and_1_in_a_file_are_refused_with_what_to_give_instead(written) -> None:
    rows = [{"text": "one", "labels": [1, 0, 0.0]}, {"text": "two", "labels": [0, 1, True]}]
    path = written("a.jsonl", "\n".join(map(json.dumps, rows)))
    with pytest.raises(DataError, match=r"line 1: holds .* 0 or 1 for each label in its place"):
        read_corpus(path)


def test_null_says_that_nobody_labeled_a_text_also_where_texts_may_have_none(written) -> None:
    path = written("a.jsonl", '{"text": "one", "labels": ["a"]}\n{"text": "two", "labels": null}\n')
    with pytest.raises(DataError, match=r"line 2: the label is missing .* said by an empty list"):
        read_corpus(path, target="multilabel")


def test_a_second_separator_beside_the_first_one_is_told_of(written) -> None:
    cells = ["joy|love", "joy;love", "joy", "love", "anger"]
    path = written("a.csv", csv_of(cells, ["1", "2", "3", "4", "5"]))
    notes = read_corpus(path, label_separator="|").notes
    assert any("several in one with ';' between them, such as 'joy;love', beside" in note for note in notes)
    path = written("b.csv", csv_of(cells[:1] + cells[2:], ["1", "3", "4", "5"]))
    assert not any("several in one" in note for note in read_corpus(path).notes)
