"""`wordloom curve`."""

from __future__ import annotations

import pytest

QUICK = ("--sizes", "6,all", "--draws", "2", "--settings", "architecture=mean,epochs=2,dimensions=4")


@pytest.mark.slow
def test_the_table(run, reviews, tmp_path):
    result = run("curve", "reviews.csv", *QUICK, "--picture", "curve.png")
    assert result.exit_code == 0, result.output
    assert "Accuracy (%) on 12 texts of reviews.csv (held out)" in result.stdout
    assert "Wrote curve.png" in result.stdout
    first, *rows = result.stderr.splitlines()
    assert first.startswith(f"Will train {QUICK[-1]} on 6, 48 labels: 3 trainings. It takes about ")
    assert len(rows) == 2
    assert (tmp_path / "curve.png").exists()


def test_larger_numbers_than_there_are_texts(run, reviews):
    sizes = ("--sizes", "6,900", "--draws", "1", *QUICK[4:])
    shown = " ".join(run("curve", "reviews.csv", *sizes).stdout.split())
    assert "There are 48 training texts: larger numbers of labels are left out." in shown
    assert "left out" not in run("curve", "reviews.csv", *QUICK).stdout


def test_json(answer, reviews):
    document = answer("curve", "reviews.csv", *QUICK)
    assert list(document) == ["source", "test", "points", "files", "interrupted"]
    assert [point["labels"] for point in document["points"]] == [6, 48]
    assert list(document["points"][0]) == ["setting", "labels", "mean", "std", "values"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--settings", "maen"), "There are no settings 'maen'. Did you mean 'mean'"),
        (("--settings", "mean, vectors"), "The settings 'mean, vectors' need pretrained word vectors: --vec"),
        (("--settings", "epoch=3"), "There is no setting 'epoch'"),
        (("--sizes", "ten"), "--sizes takes whole numbers and the word all"),
        (("--sizes", "1"), "numbers of labels of 2 or more"),
        (("--sizes", "900"), "There are 48 training texts, fewer than the 900 labels asked for"),
    ],
)
def test_wrong_options(fails, reviews, options, message):
    assert message in " ".join(fails(2, "curve", "reviews.csv", *options).split())
