"""`wordloom compare`: stable keys, the table, files, what it refuses."""

from __future__ import annotations

import csv

import pytest

from fasttext_files import LABELS, SupervisedModel
from wordloom.text_model import TextModel

pytestmark = pytest.mark.usefixtures("workers_here")

OURS = ("--settings", "architecture=mean,dimensions=2,epochs=2", "--threads", "1")


def test_json_keys(answer, reviews):
    document = answer(
        "compare", "reviews.csv", *OURS, "--peers", "tfidf-lr", "--test-split", "0.5", "--seeds", 2
    )
    assert list(document) == [
        *("data", "tested", "labels", "seeds", "imbalanced", "best", "contenders", "not_installed", "failed"),
        *("machine", "files", "interrupted"),
    ]
    assert document["data"] == "reviews.csv"
    assert document["seeds"] == [0, 1]
    assert [each["name"] for each in document["contenders"]] == [OURS[1], "tfidf-lr"]
    assert document["contenders"][0]["options"] == {"architecture": "mean", "dimensions": 2, "epochs": 2} or (
        document["contenders"][0]["options"] == {"dimensions": 2, "epochs": 2}
    )


def test_table_csv_and_picture(run, reviews, tmp_path):
    pytest.importorskip("matplotlib")
    shown = run(
        *("compare", "reviews.csv", *OURS, "--peers", "tfidf-lr", "--folds", 2),
        *("--csv", "figures.csv", "--picture", "picture.svg"),
    )
    assert shown.exit_code == 0, shown.output
    assert "2-fold cross-validation" in shown.stdout
    assert "tfidf-lr" in shown.stdout
    assert "seed 0, 2 folds: accuracy" in shown.stderr
    assert "Wrote figures.csv\nWrote picture.svg" in shown.stdout
    with open(tmp_path / "figures.csv", newline="") as file:
        assert [row["name"] for row in csv.DictReader(file)] == [OURS[1], "tfidf-lr"]
    assert (tmp_path / "picture.svg").read_bytes().startswith(b"<?xml")


def test_several_sources_have_a_table_each_and_a_summary(run, answer, reviews, tmp_path):
    (tmp_path / "other.csv").write_text("text,label\n" + "great film,pos\nawful film,neg\n" * 6)
    several = ("compare", "reviews.csv", "other.csv", *OURS, "--peers", "tfidf-lr", "--folds", 2)
    shown = run(*several, "--csv", "figures.csv")
    assert shown.exit_code == 0, shown.output
    for part in ("reviews.csv: 2-fold", "other.csv: 2-fold", "All of them: accuracy / macro F1"):
        assert part in shown.stdout
    with open(tmp_path / "figures.csv", newline="") as file:
        assert [row["data"] for row in csv.DictReader(file)] == ["reviews.csv"] * 2 + ["other.csv"] * 2
    document = answer(*several)
    assert list(document) == ["comparisons", "summary", "files", "interrupted"]
    assert [each["data"] for each in document["comparisons"]] == ["reviews.csv", "other.csv"]
    assert [each["name"] for each in document["summary"]] == [OURS[1], "tfidf-lr"]
    assert sum(len(each["best_on"]) for each in document["summary"]) == 2


def test_a_saved_model_is_tested_beside_the_others(run, answer, reviews, tmp_path):
    """Its labels may stand in another order, and one of them may be no label of the texts."""
    (tmp_path / "own.csv").write_text("text,label\n" + "great,pos\nawful,neg\nmiddling,fair\n" * 20)
    (tmp_path / "test.csv").write_text("text,label\ngreat film,pos\nawful film,neg\nmiddling,pos\n")
    trained = run("train", "own.csv", "--out", "mine", "--seed", 1, "--no-progress")
    assert trained.exit_code == 0, trained.output
    models = ("compare", "reviews.csv", "--model", "mine", *OURS, "--peers", "none")
    document = answer(*models, "--test", "test.csv", "--seeds", 2)
    mine, trained_now = document["contenders"]
    assert (mine["name"], mine["ours"], len(mine["runs"])) == ("mine", True, 1)
    assert mine["accuracy"] == pytest.approx(2 / 3)
    assert len(trained_now["runs"]) == 2
    assert "mine: trained before" in run(*models, "--test", "test.csv", "--seeds", 1).stdout


def test_an_old_model_of_fasttexts_stands_beside_new_ones(run, answer, reviews, tmp_path):
    words = ("</s>", "great", "awful", "film")
    old = SupervisedModel(words=words, labels=LABELS[:2], label_counts=(3, 3)).write(tmp_path / "old.bin")
    lines = ["__label__pos great film", "__label__neg awful film", "__label__pos film", "__label__neg great"]
    (tmp_path / "test.txt").write_text("\n".join(lines) + "\n")
    models = ("compare", "reviews.csv", "--model", "old.bin", *OURS, "--peers", "none", "--test", "test.txt")
    document = answer(*models, "--seeds", 1)
    named = [line.split(" ", 1) for line in lines]
    said = TextModel.load(old).predict([text for _, text in named])
    right = [f"__label__{label}" == own for label, (own, _) in zip(said, named, strict=True)]
    assert [each["name"] for each in document["contenders"]] == ["old.bin", OURS[1]]
    assert document["contenders"][0]["accuracy"] == pytest.approx(sum(right) / 4)
    assert "old.bin: trained before" in run(*models, "--seeds", 1).stdout


def test_a_saved_model_needs_texts_that_it_has_not_seen(fails, reviews, model):
    arguments = ("compare", "reviews.csv", "--model", model, *OURS, "--peers", "none")
    assert f"{model.name} may have learned from the texts of reviews.csv" in fails(2, *arguments)


def test_a_model_that_is_not_there_is_told_before_anything_is_trained(run, fails, reviews):
    arguments = (
        "compare",
        "reviews.csv",
        "--model",
        "mine",
        *OURS,
        "--peers",
        "none",
        "--test",
        "reviews.csv",
    )
    assert "There is no model folder mine" in fails(3, *arguments)
    assert "Will train" not in run(*arguments).stderr


def test_test_source(answer, reviews, tmp_path):
    (tmp_path / "test.csv").write_text("text,label\ngreat film,pos\nawful film,neg\n")
    document = answer("compare", "reviews.csv", *OURS, "--peers", "none", "--test", "test.csv", "--seeds", 1)
    assert document["tested"] == "60 training texts, 2 test texts"


def test_list(run, answer):
    entries = answer("compare", "--list")
    assert [entry["name"] for entry in entries][:1] == ["default"]
    assert {"tfidf-svm", "nb-svm", "fasttext-bigrams", "keras-flatten"} <= {
        entry["name"] for entry in entries
    }
    assert "linear SVM" in run("compare", "--list").stdout


@pytest.mark.parametrize(
    ("arguments", "code", "part"),
    [
        ([], 2, "wordloom compare SOURCE"),
        (["reviews.csv", "--peers", "fasttxt"], 2, "Did you mean 'fasttext'"),
        (["reviews.csv", "--settings", "maen"], 2, "Did you mean 'mean'"),
        (["reviews.csv", "--settings", "epoch=3"], 2, "Did you mean 'epochs'"),
        (["reviews.csv", "--settings", "epochs=many"], 2, "epochs: 'many' is not a valid integer"),
        (["reviews.csv", "--settings", "epochs=3 mean"], 2, "written name=value"),
        (["reviews.csv", "--settings", "dimensions=0"], 2, "dimensions must be a whole number"),
        (["reviews.csv", "--folds", "3", "--test-split", "0.2"], 2, "do not go together"),
        (["none.csv"], 3, "no such file"),
        (["reviews.csv", "none.csv"], 3, "no such file"),
        (["reviews.csv", "reviews.csv"], 2, "named twice"),
        (["reviews.csv", "x.csv", "--test", "y.csv"], 2, "--test goes with one source; there are 2"),
        (["reviews.csv", "x.csv", "--picture", "y.svg"], 2, "--picture goes with one source"),
    ],
)
def test_what_cannot_be(fails, reviews, arguments, code, part):
    assert part in fails(code, "compare", *arguments)
