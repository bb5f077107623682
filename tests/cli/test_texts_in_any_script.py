"""The options that say how texts in scripts without spaces become words, of every command that has them."""

from __future__ import annotations

import csv

import pytest

from wordloom import TextModel, WordVectors

SMALL = ["--threads", "1", "--no-progress", "--seed", "1"]


@pytest.fixture
def meals(tmp_path):
    """The file `meals.csv` in the current folder of `run`."""
    rows = [
        (f"{dish}{what}", label)
        for dish in ("面条", "饺子", "米饭", "汤")
        for what, label in (("很好吃", "pos"), ("太难吃", "neg"), ("cafe\u0301好", "pos"), ("café差", "neg"))
    ] * 4
    with open(tmp_path / "meals.csv", "w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("text", "label"), *rows])
    return "meals.csv"


@pytest.mark.slow
@pytest.mark.parametrize("architecture", ["ngram", "mean"])
def test_chinese_is_learned_without_any_option(run, meals, tmp_path, architecture):
    options = ["--architecture", architecture, "--epochs", "30", *SMALL]
    assert run("train", meals, "--out", "m", *options).exit_code == 0
    words = set(TextModel.load(tmp_path / "m").vocabulary.words)
    assert {"面", "吃", "café"} <= words
    assert not any(len(word) > 1 for word in words - {"café"})
    shown = run("predict", "m", "牛肉好吃", "牛肉难吃").stdout.split()
    assert (shown[0], shown[3]) == ("pos", "neg")


@pytest.mark.filterwarnings("ignore::wordloom.errors.WordloomWarning")
def test_words_that_are_set_apart_already_stay_whole_if_asked(run, meals, tmp_path):
    options = ["--architecture", "ngram", "--no-split-characters", "--normalization", "none", *SMALL]
    assert run("train", meals, "--out", "m", *options).exit_code == 0
    words = TextModel.load(tmp_path / "m").vocabulary.words
    assert {"面条很好吃", "面条cafe\u0301好", "面条café差"} <= set(words)


def test_word_vectors_are_learned_and_looked_up_by_the_same_rules(run, answer, meals, tmp_path):
    small = ["--dimensions", "4", "--epochs", "1", "--min-count", "1"]
    answer("vectors", "learn", meals, "--out", "v.txt", *small)
    assert {"面", "café"} <= set(WordVectors.load(tmp_path / "v.txt").words)
    assert answer("vectors", "coverage", "v.txt", meals)["words_share"] == 1
    whole = ["--no-split-characters", "--normalization", "none"]
    assert answer("vectors", "coverage", "v.txt", meals, *whole)["words_share"] == 0
    answer("vectors", "learn", meals, "--out", "w.txt", *small, *whole)
    assert {"面条很好吃", "面条cafe\u0301好"} <= set(WordVectors.load(tmp_path / "w.txt").words)


def test_an_unknown_normal_form_is_named(run, meals):
    result = run("train", meals, "--out", "m", "--normalization", "NFX")
    assert result.exit_code != 0
    assert "NFX" in result.stderr
    assert "NFKC" in result.stderr
