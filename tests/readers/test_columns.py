"""Columns: those a model was trained on come first, several are joined, identifiers are never guessed."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from wordloom import TextClassifier
from wordloom.errors import DataError, UsageError, WordloomWarning
from wordloom.fit import fit
from wordloom.origin import Columns
from wordloom.readers import open_table, open_texts, read_corpus, stream_corpus
from wordloom.readers.columns import is_identifier
from wordloom.settings import Settings

TRAINED = Columns(("subject",), "queue")


@pytest.mark.parametrize("rows", [1, 2, 9])
def test_the_column_trained_on_is_read_and_its_name_is_a_header(written, rows):
    content = "ticket_id,subject\n" + "".join(f"{1000 + i},refund number {i}\n" for i in range(rows))
    with open_table(written("x.csv", content), columns=TRAINED) as table:
        assert (table.chosen.text, table.has_header) == (("subject",), True)
        assert [table.text_of(row) for row in table] == [f"refund number {i}" for i in range(rows)]


def test_the_columns_trained_on_are_read_for_scores_too(written):
    content = "text,subject,label,queue\n1,refund,x,billing\n2,crash,y,tech\n"
    dataset = read_corpus(written("x.csv", content), columns=TRAINED)
    assert (dataset.train.texts, dataset.train.labels) == (["refund", "crash"], ["billing", "tech"])
    assert dataset.train.columns == TRAINED
    named = read_corpus(written("x.csv", content), text="text", label="label", columns=TRAINED)
    assert named.train.columns == Columns(("text",), "label")


def test_another_column_is_read_with_a_warning(written):
    path = written("x.csv", "id,body\n1,refund please\n")
    with (
        pytest.warns(WordloomWarning, match=r"no column 'subject', which the model was trained on.*'body'"),
        open_table(path, columns=TRAINED) as table,
    ):
        assert table.text_column == "body"


def test_one_of_two_columns_trained_on_is_not_enough(written):
    with pytest.raises(
        DataError, match=r"has no column 'body', which the model was trained on together with"
    ):
        open_table(written("x.csv", "title,n\na,1\n"), columns=Columns(("title", "body")))


@pytest.mark.parametrize("name", ["id", "ticket_id", "Ticket ID", "ticketId", "UserID", "uuid", "", "index"])
def test_names_of_identifiers(name):
    assert is_identifier(name)


@pytest.mark.parametrize("name", ["text", "covid", "idea", "paid", "mid", "keynote", "2"])
def test_names_of_other_columns(name):
    assert not is_identifier(name)


def test_an_identifier_is_never_guessed(written):
    rows = "".join(f"{100000000000 + i},ok\n" for i in range(5))
    with open_table(written("x.csv", "ticket_id,remark\n" + rows)) as table:
        assert table.text_column == "remark"
    with open_table(written("x.csv", "code,remark\n" + rows)) as table:
        assert table.text_column == "remark"
    with pytest.raises(DataError, match="which column holds the labels"):
        read_corpus(written("x.csv", "ticket_id,remark\n" + rows))
    with pytest.raises(DataError, match="which column holds the texts"):
        open_table(written("x.jsonl", '{"id": "1"}\n'))


@pytest.mark.parametrize("named", ["title,body", ["title", "body"], ["title,body"]])
def test_several_columns_are_joined_in_their_order(written, named):
    path = written("x.csv", "body,label,title\nis good,a,Film\nis bad,b,\n")
    for read in (read_corpus, stream_corpus):
        corpus = read(path, text=named).train
        assert list(corpus.texts) == ["Film is good", "is bad"]
        assert corpus.columns == Columns(("title", "body"), "label")
    with open_texts(path, text=named) as texts:
        assert list(texts) == ["Film is good", "is bad"]
    frame = pd.read_csv(path)
    assert read_corpus(frame, text=named).train.texts == ["Film is good", "is bad"]


def test_several_columns_are_checked(written):
    path = written("x.jsonl", json.dumps({"a,b": "x", "c": "y", "d": None, "label": "z"}) + "\n")
    assert read_corpus(path, text="a,b").train.texts == ["x"]
    assert read_corpus(path, text=["c", "d"]).train.texts == ["y"]
    with pytest.raises(DataError, match="there is no column 'e'"):
        read_corpus(path, text="c,e")
    with pytest.raises(DataError, match="'c' is named twice"):
        read_corpus(path, text=["c", "c"])
    with pytest.raises(DataError, match="cannot hold both"):
        read_corpus(path, text="c,label", label="label")
    with pytest.raises(UsageError, match="names no column"):
        read_corpus(path, text=[])


def test_a_repeated_column_of_a_data_frame_is_named():
    frame = pd.DataFrame([["good", "x", "pos"], ["bad", "y", "neg"]], columns=["text", "text", "label"])
    for one in (frame, frame.iloc[:, ::-1]):
        with pytest.raises(DataError, match="data frame: two columns are named 'text'"):
            read_corpus(one)
    frame.columns = ["other", "other", "label"]
    frame["text"] = ["a", "b"]
    assert read_corpus(frame).train.texts == ["a", "b"]


def test_places_are_files_and_lines(tmp_path, written):
    corpus = read_corpus(written("x.csv", 'text,label\n"a\nb",x\nc,y\n')).train
    assert [corpus.place(row).rpartition("/")[2] for row in (0, 1)] == ["x.csv, line 2", "x.csv, line 4"]
    assert corpus.subset([1]).place(0).endswith("x.csv, line 4")
    (tmp_path / "d").mkdir()
    written("d/train-0.csv", "text,label\na,x\n")
    written("d/train-1.csv", "text,label\nb,y\nc,y\n")
    joined = read_corpus(tmp_path / "d").train
    assert [joined.place(row).rpartition("/")[2] for row in range(3)] == [
        "train-0.csv, line 2",
        "train-1.csv, line 2",
        "train-1.csv, line 3",
    ]
    assert read_corpus(["a", "b"], ["x", "y"]).train.place(1) == "texts, row 1"


def test_the_estimator_remembers_the_names_of_its_columns():
    frame = pd.DataFrame({"subject": ["refund", "crash"] * 2, "queue": ["billing", "tech"] * 2})
    classifier = TextClassifier(dimensions=2, epochs=1, random_state=0, validation_split=0)
    assert classifier.fit(frame["subject"], frame["queue"]).model_.columns == TRAINED
    assert classifier.fit(list(frame["subject"]), list(frame["queue"])).model_.columns is None
    model = fit(read_corpus(frame, text="subject", label="queue").train, Settings(dimensions=2, epochs=1))
    assert model.columns == TRAINED


@pytest.mark.parametrize("heading", ["Subject,ticket_id", " subject ,ticket_id", "SUBJECT,Nr"])
def test_the_column_trained_on_may_be_spelled_in_another_case(written, heading):
    with open_table(written("x.csv", f"{heading}\nrefund,1\n"), columns=TRAINED) as table:
        assert table.has_header
        assert [table.text_of(row) for row in table] == ["refund"]


def test_two_columns_that_differ_from_the_one_trained_on_by_case_are_a_guess(written):
    content = "Subject,SUBJECT\nrefund,crash\nbill,screen\n"
    with pytest.warns(WordloomWarning, match="has no column 'subject'"):
        open_table(written("x.csv", content), columns=TRAINED).close()


@pytest.mark.parametrize("rows", [1, 2, 3])
def test_an_identifiers_name_over_numbers_is_a_header_of_few_rows_too(written, rows):
    content = "id,a\n" + "".join(f"{100 + i},refund please\n" for i in range(rows))
    with open_table(written("x.csv", content)) as table:
        assert (table.has_header, table.chosen.text) == (True, ("a",))


def test_columns_that_no_line_names_are_told_to_be_numbers(written):
    path = written("x.csv", "guid,uuid,message_id\na1,b2,hello there\nc,d,hi\n")
    with pytest.raises(DataError, match=r"'1', '2', '3' \(by their numbers, since the first line does not"):
        open_table(path)
