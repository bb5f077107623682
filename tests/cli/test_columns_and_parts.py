"""Columns, parts, labels and repeated texts on the command line: what is read is said, nothing is lost."""

from __future__ import annotations

import pytest

QUICK = ("--epochs", "1", "--dimensions", "2", "--threads", "1", "--seed", "0", "--no-progress")


@pytest.fixture
def table(tmp_path):
    def write(name: str, content: str):
        (tmp_path / name).write_text(content)

    return write


@pytest.fixture
def tickets(run, table):
    """A model trained on the column "subject"."""
    rows = "".join(
        f"{i},{'refund' if i % 2 else 'crash'} {i},{'billing' if i % 2 else 'tech'}\n" for i in range(20)
    )
    table("train.csv", "ticket_id,subject,queue\n" + rows)
    options = ("--text", "subject", "--label", "queue", "--out", "m")
    assert run("train", "train.csv", *options, *QUICK).exit_code == 0


@pytest.mark.parametrize("rows", [1, 2, 12])
def test_predict_reads_the_column_trained_on_and_says_so(run, tickets, table, rows):
    content = "ticket_id,subject\n" + "".join(f"{1000 + i},refund\n" for i in range(rows))
    table("new.csv", content)
    for result in (
        run("predict", "m", "--input", "new.csv"),
        run("predict", "m", "--input", "-", stdin=content),
    ):
        assert "text from the column 'subject'." in result.stderr
        lines = result.stdout.splitlines()
        assert lines[0] == "ticket_id,subject,label,probability"
        assert len(lines) == rows + 1
    alone = run("predict", "m", "refund").stdout.split()
    assert lines[1].split(",")[2] == alone[0]


def test_evaluate_reads_the_columns_trained_on_and_says_so(run, answer, tickets, table):
    table("new.csv", "text,label,subject,queue\na,x,refund,billing\nb,y,crash,tech\n")
    assert "text from the column 'subject', labels from 'queue'." in run("evaluate", "m", "new.csv").stdout
    assert answer("evaluate", "m", "new.csv")["columns"] == {"text": ["subject"], "label": "queue"}


@pytest.mark.parametrize("named", [("--text", "title", "--text", "body"), ("--text", "title,body")])
def test_several_columns_are_joined_and_remembered(run, answer, table, named):
    table("x.csv", "body,title,label\nis good,film,pos\nis bad,play,neg\nso good,f,pos\nso bad,g,neg\n")
    document = answer("train", "x.csv", *named, "--out", "m", *QUICK)
    assert any("text from the columns 'title' and 'body'" in note for note in document["data"]["notes"])
    table("new.csv", "title,body\nfilm,is good\n")
    result = run("predict", "m", "--input", "new.csv", "--json")
    assert '"text": "film is good"' in result.stdout
    assert "text from the columns 'title' and 'body'." in result.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("train", "x.csv", "--out", "m", "--seed", "1", "--seed", "2"),
        ("evaluate", "m", "x.csv", "--label", "a", "--label", "b"),
        ("predict", "m", "--input", "a", "--input", "b"),
        ("vectors", "learn", "x.csv", "--out", "v.txt", "--epochs", "1", "--epochs", "2"),
        ("train", "x.csv", "--out", "m", "--progress", "--no-progress"),
        ("neighbors", "m", "word", "--json", "--json"),
    ],
)
def test_an_option_given_twice_is_an_error(fails, arguments):
    assert "is given 2 times; give it once." in fails(2, *arguments)


def test_missing_labels_are_counted_and_learned_from_if_asked(run, fails, answer, table):
    table("x.csv", "text,label\n" + "good film,pos\nbad film,neg\n" * 3 + "some film,\n")
    assert "line 8: the label is missing" in fails(3, "train", "x.csv", "--out", "m", *QUICK)
    document = answer("train", "x.csv", "--missing-label", "skip", "--out", "m", *QUICK)
    assert any("1 of 7 rows has no label; left out" in note for note in document["data"]["notes"])
    result = run("train", "x.csv", "--missing-label", "unlabelled", "--out", "n", *QUICK)
    assert result.exit_code == 0
    assert "Read 1 text without labels as well." in result.stdout
    assert answer("evaluate", "m", "x.csv", "--missing-label", "skip")["n"] == 6


def test_train_reports_repeats_and_the_score_without_them(run, answer, table):
    rows = "".join(f"good film {i % 5},pos\nbad film {i},neg\n" for i in range(20))
    table("x.csv", "text,label\n" + rows + "bad film 3,pos\n")
    document = answer("train", "x.csv", "--test-split", "0.3", "--out", "m", *QUICK)
    notes = document["data"]["notes"]
    assert any(
        "16 of 41 texts repeat an earlier one" in note and "1 of them with different" in note
        for note in notes
    )
    seen = next(note for note in notes if "test texts occur in training" in note)
    without = document["test"]["without_training_texts"]
    assert f"{document['test']['n'] - without['n']} of {document['test']['n']} test texts" in seen
    shown = run("train", "x.csv", "--test-split", "0.3", "--out", "m2", *QUICK).stdout
    assert "occur in training as well; without them: accuracy" in " ".join(shown.split())


def test_evaluate_reports_test_texts_that_the_source_trains_on(answer, run, model, table):
    table("x.csv", "split,text,label\ntrain,great,pos\ntrain,dull,neg\ntest,great,pos\ntest,poor,neg\n")
    document = answer("evaluate", model, "x.csv")
    assert (document["n"], document["without_training_texts"]["n"]) == (2, 1)
    assert "1 of the 2 texts occur in training" in " ".join(run("evaluate", model, "x.csv").stdout.split())


def test_evaluate_leaves_out_texts_of_a_file_that_it_was_trained_on(answer, model, table):
    table("old.csv", "text,label\ngreat,pos\npoor,neg\n")
    table("x.csv", "text,label\ngreat,pos\nso dull,neg\n")
    document = answer("evaluate", model, "x.csv", "--trained-on", "old.csv")
    assert (document["n"], document["without_training_texts"]["n"]) == (2, 1)


def test_a_test_split_of_one_text_a_class_is_refused_before_training(fails, table, tmp_path):
    table("x.csv", "text,label\na b,x\nc d,y\ne f,z\n")
    message = fails(3, "train", "x.csv", "--test-split", "0.5", "--out", "m", *QUICK)
    assert "no class has two texts, so none can be held out" in message
    assert not (tmp_path / "m").exists()
