"""`wordloom evaluate`: stable keys, labels compared as text, the right part of a source."""

from __future__ import annotations

import numpy as np
import pytest

from wordloom.cli.score_report import say_scores
from wordloom.evaluation.scores import score


def test_json_keys_and_values(answer, model, tmp_path):
    (tmp_path / "x.csv").write_text("text,label\ngreat film,pos\nawful film,neg\nawful plot,pos\n")
    document = answer("evaluate", model, "x.csv")
    assert list(document) == [
        *("accuracy", "accuracy_interval", "macro_f1", "log_loss", "n", "labels", "confusion", "per_class"),
        *("calibration", "model", "source", "columns", "notes"),
    ]
    assert document["n"] == 3
    assert document["labels"] == ["neg", "pos"]
    assert document["confusion"] == [[1, 0], [1, 1]]
    assert document["accuracy"] == pytest.approx(2 / 3)
    low, high = document["accuracy_interval"]
    assert 0 < low < 2 / 3 < high < 1
    assert document["per_class"][0]["support"] == 1


def test_text_output(run, model, reviews):
    shown = run("evaluate", model, "reviews.csv").stdout
    assert "60 texts of reviews.csv" in shown
    assert "accuracy           100.0 %  (95 % interval 94.0 to 100.0 %)" in shown
    assert "True label down" in shown
    assert "points between probability and accuracy" in shown
    assert "on the surest 48 of 60 texts accuracy is 100.0 %" in shown


def test_accuracy_and_macro_f1_stand_side_by_side(run, model, tmp_path):
    (tmp_path / "x.csv").write_text("text,label\n" + "great film,pos\n" * 9 + "great plot,neg\n")
    lines = [line.split() for line in run("evaluate", model, "x.csv").stdout.splitlines()]
    place = next(number for number, words in enumerate(lines) if words[:1] == ["accuracy"])
    assert lines[place][1:3] == ["90.0", "%"]
    assert lines[place + 1] == ["macro", "F1", "47.4", "%"]  # the mean of 18/19 and 0


def test_the_test_part_is_taken_unless_another_is_asked_for(answer, fails, model, tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "train.csv").write_text("text,label\n" + "great,pos\ndull,neg\n" * 3)
    (tmp_path / "data" / "test.csv").write_text("text,label\ngreat,pos\ndull,neg\n")
    assert answer("evaluate", model, "data")["n"] == 2
    assert answer("evaluate", model, "data", "--split", "train")["n"] == 6
    (tmp_path / "x.csv").write_text("text,label\ngreat,pos\n")
    assert answer("evaluate", model, "x.csv")["n"] == 1
    assert "has no test part" in fails(3, "evaluate", model, "x.csv", "--split", "test")


def test_one_unknown_label_counts_as_wrong_and_is_named_by_its_line(run, answer, model, tmp_path):
    (tmp_path / "x.csv").write_text("text,label\ngreat,pos\ndull,negg\nsuperb,pos\n")
    result = run("evaluate", model, "x.csv")
    assert result.exit_code == 0
    assert "x.csv, line 3: the model has no label 'negg' (1 of 3 texts" in result.stderr
    assert (
        "Did you mean 'neg'? Known labels: 'neg', 'pos'. These texts are counted as wrong." in result.stderr
    )
    assert "1 of the 3 texts have a label that the model does not have" in " ".join(result.stdout.split())
    document = answer("evaluate", model, "x.csv")
    assert (document["n"], document["unknown_labels"]) == (3, 1)
    assert document["accuracy"] == pytest.approx(2 / 3)


def test_unknown_labels_can_be_left_out(run, answer, model, tmp_path):
    (tmp_path / "x.csv").write_text("text,label\ngreat,pos\ndull,negg\nsuperb,pos\n")
    assert "These texts are left out." in run("evaluate", model, "x.csv", "--unknown-labels", "skip").stderr
    document = answer("evaluate", model, "x.csv", "--unknown-labels", "skip")
    assert (document["n"], document["accuracy"]) == (2, 1.0)
    assert "unknown_labels" not in document


def test_no_known_label_at_all_is_an_error(fails, model, tmp_path):
    (tmp_path / "x.csv").write_text("text,label\ngreat,a\ndull,b\n")
    assert "no label 'a'" in fails(3, "evaluate", model, "x.csv")


def test_scores_on_training_texts_are_warned_about(run, reviews, tmp_path):
    options = ("--epochs", "1", "--dimensions", "2", "--threads", "1")
    assert run("train", "reviews.csv", "--out", "whole", *options).exit_code == 0
    assert run("train", "reviews.csv", "--out", "part", "--test-split", "0.2", *options).exit_code == 0
    for name in ("whole", "part"):
        result = run("evaluate", name, "reviews.csv")
        assert result.exit_code == 0
        assert "warning: reviews.csv: the model was trained on these texts" in result.stderr
    (tmp_path / "new.csv").write_text("review,sentiment\ngreat,pos\ndull,neg\n")
    assert run("evaluate", "whole", "new.csv").stderr == ""


def test_many_labels_show_the_most_frequent_mistakes(run, tmp_path):
    words = [f"word{i}" for i in range(10)]
    rows = "".join(f"{word},{i}\n" for i, word in enumerate(words)) * 4
    (tmp_path / "x.csv").write_text("text,label\n" + rows)
    options = ("--epochs", "1", "--dimensions", "2", "--threads", "1", "--seed", "0", "--no-progress")
    assert run("train", "x.csv", "--out", "m", *options).exit_code == 0
    assert "Most frequent mistakes:" in run("evaluate", "m", "x.csv").stdout


@pytest.mark.parametrize(
    ("damage", "part"),
    [
        (lambda folder: (folder / "vocabulary.txt").unlink(), "vocabulary.txt is missing"),
        (
            lambda folder: (folder / "weights.safetensors").write_bytes(b"x"),
            "weights.safetensors is truncated",
        ),
        (lambda folder: (folder / "config.json").write_text("{"), "config.json is damaged"),
    ],
)
def test_damaged_model(fails, reviews, model, tmp_path, damage, part):
    import shutil

    shutil.copytree(model, tmp_path / "m")
    damage(tmp_path / "m")
    assert part in fails(3, "evaluate", "m", "reviews.csv")


def test_missing_model(fails, reviews):
    assert "There is no model folder nowhere" in fails(3, "evaluate", "nowhere", "reviews.csv")


def test_300_labels_are_shown_in_a_page(capsys):
    true = np.arange(900) % 300
    predicted = np.where(true < 20, 299, true)  # the first twenty are never right
    scores = score(np.eye(300)[predicted], true, range(300))
    say_scores(scores, "a model")
    shown = capsys.readouterr().out
    assert len(shown.splitlines()) < 50
    assert "The 20 labels with the lowest F1 of 300" in shown
    lines = shown.split("F1  texts\n")[1].splitlines()
    assert [line.split()[0] for line in lines[:20]] == [str(label) for label in range(20)]


def test_two_texts_have_no_surest_80_percent(capsys):
    say_scores(score(np.array([[0.9, 0.1], [0.2, 0.8]]), np.array([0, 0]), ("a", "b")), "a model")
    shown = capsys.readouterr().out
    assert "50.0 %" in shown
    assert "surest" not in shown


def test_labels_without_texts_that_lower_macro_f1_are_told_of(run, model, tmp_path):
    (tmp_path / "good.csv").write_text("text,label\na great film,pos\na lovely plot,pos\n")
    shown = run("evaluate", model, "good.csv").stdout
    assert "macro F1           50.0 %  (1 label without texts here counts as 0)" in shown
