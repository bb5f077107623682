"""`wordloom train` with few labels, and with texts that have none."""

from __future__ import annotations

import pytest

from wordloom import TextModel

DOCUMENTS = ("--architecture", "documents", "--dimensions", "4", "--epochs", "2", "--seed", "3")


def test_fewer_labels_the_rest_without_labels(answer, run, reviews):
    document = answer("train", "reviews.csv", "--out", "m", "--labels-per-class", "5", *DOCUMENTS)
    assert document["data"]["train"]["classes"] == {"neg": 5, "pos": 5}
    assert document["training"]["cross_validation"]["texts"] == 10
    about = TextModel.load("m").record["documents"]
    assert (about["labelled"], about["unlabelled"]) == (10, 50)
    again = ("--out", "m", "--overwrite", "--labels-per-class", "5", *DOCUMENTS)
    shown = run("train", "reviews.csv", *again).stdout
    assert "Labels are used of 10 training texts, drawn at random." in shown
    assert "Read 50 texts without labels as well." in shown
    assert "in cross-validation on the 10 training texts" in " ".join(shown.split())
    assert run("inspect", "m").exit_code == 0
    assert run("predict", "m", "great film", "").exit_code == 0


def test_texts_without_labels_from_files(answer, reviews, tmp_path):
    (tmp_path / "more.txt").write_text("a lovely film\nthe dull plot was a plot\n")
    (tmp_path / "table.csv").write_text("text\nsuperb actors with a plot\n")
    given = ("--unlabelled", "more.txt", "--unlabelled", "table.csv")
    answer("train", "reviews.csv", "--out", "m", *given, *DOCUMENTS)
    assert TextModel.load("m").record["documents"]["unlabelled"] == 3


def test_what_was_chosen_is_said(run, answer, reviews):
    shown = run("train", "reviews.csv", "--out", "m", "--epochs", "1", "--seed", "1", "--no-progress").stdout
    assert "Chose the architecture ngram: 60 labelled texts are few" in " ".join(shown.split())
    assert TextModel.load("m").record["choice"]["architecture"] == "ngram"
    answer("train", "reviews.csv", "--out", "other", "--architecture", "mean", "--epochs", "1")
    assert "choice" not in TextModel.load("other").record


def test_what_texts_without_labels_are_worth_is_tried_and_said(run, reviews, tmp_path):
    (tmp_path / "more.txt").write_text("a lovely film\nthe dull plot was a plot\n")
    given = ("--unlabelled", "more.txt", "--seed", "1", "--no-progress")
    shown = " ".join(run("train", "reviews.csv", "--out", "m", *given).stdout.split())
    assert "Read 2 texts without labels as well." in shown
    assert "60 labelled texts are few, so cross-validation on them decides; its log loss: ngram 0." in shown
    assert "would help most" not in shown
    tried = TextModel.load("m").record["choice"]["candidates"]
    assert [each["architecture"] for each in tried] == ["ngram", "documents"]
    stepped = run("train", "reviews.csv", "--out", "other", *given, "--epochs", "1")
    assert "the 2 texts without labels are not used" in " ".join(stepped.output.split())


def test_given_vectors_stay_as_they_are_where_labels_are_few(answer, run, reviews, tmp_path):
    lines = [f"{word} {i}.0 {i % 2}.5" for i, word in enumerate(["great", "dull", "film", "plot"])]
    (tmp_path / "table.txt").write_text("\n".join(lines) + "\n")
    given = ("--vectors", "table.txt", "--dimensions", "2")  # n-grams, which might be better, have none
    document = answer("train", "reviews.csv", "--out", "m", *given)
    assert document["settings"]["architecture"] == "mean"
    assert document["settings"]["trainable"] is False
    assert document["settings"]["optimizer"] == "convex"
    document = answer("train", "reviews.csv", "--out", "other", *given, "--epochs", "1")
    assert document["settings"]["trainable"] is True


def test_how_many_words_the_given_vectors_hold_is_said(run, reviews, tmp_path):
    (tmp_path / "table.txt").write_text("great 1.0 2.0\nfilm 0.5 3.0\n")
    given = (
        "train",
        "reviews.csv",
        "--out",
        "m",
        "--vectors",
        "table.txt",
        "--seed",
        "1",
        "--dimensions",
        "2",
    )
    shown = " ".join(run(*given).stdout.split())
    assert "table.txt has a vector for 2 of the 13 words" in shown
    assert "the others begin as zeros" in shown
    assert "table.txt: 2 of 13 words" in run("inspect", "m").stdout
    shown = " ".join(run(*given, "--unknown-vectors", "nearest", "--overwrite").stdout.split())
    assert "the others begin as the words written almost like them" in shown


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--unlabelled", "rest"), "--unlabelled rest means the texts that --labels-per-class leaves"),
        (("--labels-per-class", "0"), "--labels-per-class"),
    ],
)
def test_wrong_options(fails, reviews, options, message):
    assert message in " ".join(fails(2, "train", "reviews.csv", "--out", "m", *options).split())


def test_more_labels_than_there_are(fails, reviews):
    assert "has 30 texts, fewer than the 31" in fails(
        3, "train", "reviews.csv", "--out", "m", "--labels-per-class", "31"
    )
