"""`wordloom train --stream`: the same model and the same report as without it."""

from __future__ import annotations

import json

import pytest

from wordloom import TextModel

NGRAM = ("--architecture", "ngram", "--epochs", "3", "--seed", "3", "--threads", "1")


@pytest.mark.slow
@pytest.mark.parametrize("more", [(), ("--test-split", "0.25"), ("--test", "reviews.csv")])
def test_the_same_model_and_report(answer, reviews, tmp_path, more):
    streamed = answer("train", "reviews.csv", "--stream", "--out", "s", *NGRAM, *more)
    whole = answer("train", "reviews.csv", "--out", "w", *NGRAM, *more)
    for document in (streamed, whole):
        del document["model"], document["bytes"], document["training"]["seconds"]
        for baseline in document["baselines"]:
            del baseline["seconds"]
    assert streamed == whole
    weights = [(tmp_path / name / "weights.safetensors").read_bytes() for name in "sw"]
    assert weights[0] == weights[1]
    models = [TextModel.load(tmp_path / name) for name in "sw"]
    assert models[0].record["source_fingerprint"] == models[1].record["source_fingerprint"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["reviews.csv", "s", "w"]


def test_text_output(run, reviews, tmp_path):
    result = run("train", "reviews.csv", "--stream", "--test-split", "0.25", "--out", "m", *NGRAM)
    assert result.exit_code == 0, result.output
    assert "Read reviews.csv (train): 44 texts; neg 22, pos 22" in result.stdout
    assert "Test on 16 texts of reviews.csv (held out)" in result.stdout
    for line in ("reading labels: 60 texts (", "reading texts: 220 words (", "counting n-grams of 2 words: "):
        assert line in result.stderr
    silent = run("train", "reviews.csv", "--stream", "--out", "other", "--no-progress", *NGRAM)
    assert silent.stderr == ""


def test_a_folder_for_temporary_files(run, answer, reviews, tmp_path):
    (tmp_path / "scratch").mkdir()
    answer("train", "reviews.csv", "--stream", "--scratch", "scratch", "--out", "m", *NGRAM)
    assert list((tmp_path / "scratch").iterdir()) == []
    assert run("train", "reviews.csv", "--stream", "--scratch", "nowhere", "--out", "m").exit_code == 2


@pytest.mark.parametrize(
    ("code", "arguments", "parts"),
    [
        (2, ["reviews.csv", "--architecture", "mean", "--stream"], ["--architecture mean", "n-gram model"]),
        (2, ["reviews.csv", "--stream", "--baselines"], ["--baselines: needs the texts in memory"]),
        (2, ["reviews.csv", "--stream", "--labels-per-class", "5"], ["--labels-per-class"]),
        (2, ["reviews.csv", "--stream", "--dimensions", "7"], ["'mean' needs its texts in memory"]),
        (2, ["reviews.csv", "--scratch", "."], ["--scratch goes with --stream"]),
        (2, ["demo", "--stream"], ["'demo' is read whole"]),
        (3, ["-", "--stream"], ["standard input can be read only once", "CSV"]),
        (3, ["bad.csv", "--stream"], ["bad.csv, line 3: 3 fields"]),
    ],
)
def test_what_goes_wrong(fails, reviews, tmp_path, code, arguments, parts):
    (tmp_path / "bad.csv").write_text("text,label\na,y\nb,n,c\n")
    message = " ".join(fails(code, "train", *arguments, "--out", "m").split())
    for part in parts:
        assert part in message
    assert not (tmp_path / "m").exists()


def test_a_compressed_file(answer, reviews, tmp_path):
    import gzip

    (tmp_path / "x.csv.gz").write_bytes(gzip.compress(reviews.read_bytes()))
    document = answer("train", "x.csv.gz", "--stream", "--out", "m", *NGRAM)
    assert document["data"]["train"]["texts"] == 60
    assert json.loads((tmp_path / "m" / "config.json").read_text())["kind"] == "ngram"
