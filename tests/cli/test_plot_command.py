"""`wordloom plot`: which pictures are drawn from what."""

from __future__ import annotations

import numpy as np
import pytest

from wordloom import WordVectors

pytest.importorskip("matplotlib")


def test_history_from_the_model_alone(run, model, tmp_path):
    result = run("plot", model, "--out", "h.svg")
    assert result.stdout == "Wrote h.svg\n"
    assert (tmp_path / "h.svg").read_bytes().startswith(b"<?xml")


def test_all_pictures_into_a_folder(answer, model, reviews, tmp_path):
    files = answer("plot", model, "--kind", "all", "--data", "reviews.csv", "--out", "pictures")["files"]
    assert files == [
        f"pictures/{kind}.png"
        for kind in ("history", "confusion", "reliability", "coverage", "by-length", "lengths", "words")
    ]
    for file in files:
        assert (tmp_path / file).read_bytes().startswith(b"\x89PNG")


def test_all_without_texts_leaves_two_out_and_says_so(run, model):
    result = run("plot", model, "--kind", "all", "--out", "pictures")
    assert result.stdout.splitlines()[:2] == ["Wrote pictures/history.png", "Wrote pictures/words.png"]
    assert "--data" in result.stdout


def trained(run, tmp_path, *options):
    (tmp_path / "x.csv").write_text("text,label\n" + "a good film,a\na bad film,b\n" * 20)
    done = run("train", "x.csv", "--out", "m", "--threads", "1", "--seed", "1", "--no-progress", *options)
    assert done.exit_code == 0, done.output
    return "m"


def test_all_pictures_of_the_default_model_are_drawn_but_the_one_it_lacks(run, answer, tmp_path):
    model = trained(run, tmp_path)
    found = answer("plot", model, "--kind", "all", "--data", "x.csv", "--out", "pictures")
    kinds = ("history", "confusion", "reliability", "coverage", "by-length", "lengths")
    assert found["files"] == [f"pictures/{kind}.png" for kind in kinds]
    assert list(found["left_out"]) == ["words"]
    result = run("plot", model, "--kind", "all", "--out", "others")
    assert result.exit_code == 0
    assert "Left out words: A model of the architecture 'ngram' has no word vectors" in result.stdout


def test_scores_drawn_of_training_texts_are_warned_about(run, tmp_path):
    model = trained(run, tmp_path, "--architecture", "mean", "--epochs", "1")
    for kind in ("confusion", "all", "lengths"):
        out = "pictures" if kind == "all" else f"{kind}.png"
        result = run("plot", model, "--kind", kind, "--data", "x.csv", "--out", out)
        assert result.exit_code == 0, result.output
        assert result.stderr.count("the model was trained on these texts") == (kind != "lengths")


def test_every_picture_of_answers_is_a_kind_that_can_be_asked_for():
    from wordloom.cli.commands.plot import KINDS
    from wordloom.cli.pictures import OF_MODELS
    from wordloom.plots.of_answers import OF_ANSWERS

    drawn = {kind for kinds in OF_ANSWERS.values() for kind in kinds}
    assert set(KINDS) == {*OF_MODELS, "lengths", *drawn}


def test_a_start_mark_is_no_word_of_a_text(run, tmp_path):
    from wordloom.cli.pictures import Pictures
    from wordloom.readers import read_corpus
    from wordloom.text_model import TextModel

    model = trained(
        run, tmp_path, "--architecture", "mean", "--epochs", "1", "--ids", "imdb", "--maxlen", "3"
    )
    ax = Pictures(TextModel.load(model), read_corpus(tmp_path / "x.csv").train).draw("lengths")
    assert "median 3 words" in ax.get_title(loc="left")
    assert "cut at 2 words" in "".join(text.get_text() for text in ax.texts)


def test_characters_of_words_are_no_words_of_a_text(run, tmp_path):
    from wordloom.plots.of_models import lengths_of
    from wordloom.text_model import TextModel

    model = TextModel.load(trained(run, tmp_path, "--characters", "3"))
    assert model.vocabulary.alphabet is not None
    assert "median 3" in "".join(text.get_text() for text in lengths_of(model, ["a good film"]).texts)


def test_texts_with_unknown_labels_draw_nothing(run, fails, tmp_path):
    model = trained(run, tmp_path, "--architecture", "mean", "--epochs", "1")
    (tmp_path / "y.csv").write_text("text,label\ngood,other\nbad,b\n")
    assert "other" in fails(3, "plot", model, "--kind", "all", "--data", "y.csv", "--out", "p")
    assert not (tmp_path / "p").exists()


def test_words_of_three_classes(run, tmp_path):
    (tmp_path / "x.csv").write_text("text,label\n" + "good,a\nbad,b\nfair,c\n" * 4)
    options = ("--dimensions", "3", "--epochs", "2", "--threads", "1", "--no-progress")
    assert run("train", "x.csv", "--out", "m", *options).exit_code == 0
    assert run("plot", "m", "--kind", "words", "--out", "w.pdf").exit_code == 0


def test_vectors_of_one_dimension_have_no_map(run, fails, tmp_path):
    (tmp_path / "x.csv").write_text("text,label\n" + "good,a\nbad,b\n" * 4)
    options = ("--dimensions", "1", "--epochs", "1", "--threads", "1", "--no-progress")
    assert run("train", "x.csv", "--out", "m", *options).exit_code == 0
    assert "one dimension" in fails(3, "plot", "m", "--kind", "words", "--out", "w.png")


def test_words_of_a_file_of_vectors(run, answer, tmp_path):
    words = ("the", "film", "great", "superb", "awful", "dull")
    WordVectors(words, np.random.default_rng(0).normal(size=(6, 3))).save(tmp_path / "v.txt")
    assert run("plot", "v.txt", "--kind", "words", "--out", "w.png").stdout == "Wrote w.png\n"
    named = ("--kind", "words", "--words", "great, awful")
    assert answer("plot", "v.txt", *named, "--out", "w.svg")["files"] == ["w.svg"]
    assert (tmp_path / "w.svg").read_text().count("<!-- great -->") == 1


def test_named_words_of_a_model(run, fails, model, tmp_path):
    assert run("plot", model, "--kind", "words", "--words", "great", "--out", "w.png").exit_code == 0
    named = ("--kind", "words", "--words", "graet", "--out", "w.png", "--overwrite")
    assert "Did you mean 'great'" in fails(3, "plot", model, *named)
    assert "goes with --kind words" in fails(2, "plot", model, "--words", "great", "--out", "x.png")


def test_a_file_of_vectors_has_no_history(fails, tmp_path):
    WordVectors(["a", "b"], np.eye(2)).save(tmp_path / "v.txt")
    assert "v.txt is a file of word vectors" in fails(2, "plot", "v.txt", "--out", "h.png")


@pytest.mark.parametrize(
    ("arguments", "code", "part"),
    [
        (["--out", "x.gif"], 2, ".png, .svg or .pdf"),
        (["--out", "x.png", "--kind", "confusion"], 2, "--data SOURCE"),
        (["--out", "x.png", "--kind", "lengths"], 2, "--data SOURCE"),
        (["--out", "x.png", "--kind", "all"], 2, "is a folder"),
        (["--out", "x.png", "--kind", "histry"], 2, "'histry'"),
        (["--out", "x.png", "--kind", "confusion", "--data", "none.csv"], 3, "no such file"),
        (["--out", "reviews.csv/x.png"], 3, "cannot be written"),
    ],
)
def test_what_cannot_be(fails, model, reviews, arguments, code, part):
    assert part in fails(code, "plot", model, *arguments)
