"""`similarity`, `analogy`, `odd-one-out` and `vectors ...`: tables asked, described, converted and scored."""

from __future__ import annotations

import json

import numpy as np
import pytest

from wordloom import WordVectors
from wordloom.vectors import SubwordVectors
from wordloom.vectors.subwords import SubwordRule

WORDS = ["man", "woman", "king", "queen", "film", "don't", "Plot"]


@pytest.fixture
def table(tmp_path):
    """The file `v.txt` of a small table in the current folder."""
    rows = [[1, 0, 0], [0, 1, 0], [1, 0, 2], [0, 1, 2], [-1, -1, 1], [-1, 0, 0], [0, -1, 0]]
    WordVectors(WORDS, rows).save(tmp_path / "v.txt")
    return "v.txt"


def test_similarity_of_pairs(run, answer, table):
    document = answer("similarity", table, "man", "king")
    assert document == {"words": ["man", "king"], "similarity": pytest.approx(1 / np.sqrt(5))}
    assert [pair["words"] for pair in answer("similarity", table, "man", "king", "man", "woman")] == [
        ["man", "king"],
        ["man", "woman"],
    ]
    assert run("similarity", table, "man", "king").stdout.split() == ["man", "king", "0.4472"]
    lines = run("similarity", table, "man", "king", "woman", "king").stdout.splitlines()
    assert lines[0].index("king") == lines[1].index("king")


def test_a_word_without_a_partner(fails, table):
    assert "'woman' is left alone" in fails(2, "similarity", table, "man", "king", "woman")


def test_analogy(run, answer, table):
    document = answer("analogy", table, "man", "king", "woman", "-n", "2")
    assert list(document) == ["a", "b", "c", "answers"]
    assert document["answers"][0]["word"] == "queen"
    assert len(document["answers"]) == 2
    assert run("analogy", table, "man", "king", "woman").stdout.splitlines()[1].split()[0] == "queen"
    assert "queen" not in [
        near["word"] for near in answer("analogy", table, "man", "king", "queen")["answers"]
    ]


def test_odd_one_out(run, answer, table):
    document = answer("odd-one-out", table, "king", "queen", "Plot")
    assert document["odd"] == "Plot"
    assert document["words"][0]["word"] == "Plot"
    assert run("odd-one-out", table, "king", "queen", "Plot").stdout.startswith("Plot is the odd one out")


def test_unknown_words(fails, table):
    for command in (["similarity", table, "man", "kin"], ["analogy", table, "man", "kin", "woman"]):
        assert "Did you mean 'king'" in fails(3, *command)


def test_info(run, answer, table, model):
    document = answer("vectors", "info", table)
    assert (document["words"], document["dimensions"], document["with_capitals"]) == (7, 3, 1)
    assert "7" in run("vectors", "info", table).stdout
    assert answer("vectors", "info", model)["words"] > 5


def test_convert_round_trip(answer, run, table, tmp_path):
    for out in ("v.bin", "v.vec.gz", "v.safetensors", "folder"):
        document = answer("vectors", "convert", table, out)
        assert document["words"] == 7
        assert WordVectors.load(tmp_path / out).words == tuple(WORDS)
    back = answer("vectors", "convert", "v.safetensors", "w.txt")
    assert back["format"] == "glove"
    assert (tmp_path / "w.txt").read_bytes() == (tmp_path / "v.txt").read_bytes()
    assert "Wrote x.bin: 7 words" in run("vectors", "convert", table, "x.bin", "--to", "glove").stdout


def test_convert_a_model(answer, model, tmp_path):
    document = answer("vectors", "convert", model, "m.vec")
    assert len(WordVectors.load(tmp_path / "m.vec")) == document["words"] > 5


def test_convert_says_that_subwords_are_left_out(run, answer, tmp_path):
    rows = np.ones((6, 2), dtype=np.float32)
    table = SubwordVectors.composed(["film", "plot"], rows, SubwordRule(3, 6, 4))
    table.save(tmp_path / "ft.bin")
    assert "The subwords are left out" in run("vectors", "convert", "ft.bin", "w.vec").stdout
    assert WordVectors.load(tmp_path / "w.vec").words == ("film", "plot")
    document = answer("vectors", "convert", "ft.bin", "copy.bin")
    assert (document["format"], document["subwords_left_out"]) == ("fasttext", False)


def test_convert_words_that_a_format_cannot_hold(fails, answer, tmp_path):
    WordVectors(["a b", "c"], np.eye(2)).save(tmp_path / "v.safetensors")
    assert "'a b'" in fails(3, "vectors", "convert", "v.safetensors", "w.txt")
    document = answer("vectors", "convert", "v.safetensors", "w.txt", "--on-unwritable", "skip")
    assert document["left_out"] == ["a b"]


def test_coverage(run, answer, table, tmp_path):
    (tmp_path / "r.csv").write_text("text,label\nking dont dont plot zzz,pos\nfilm king,neg\n")
    document = answer("vectors", "coverage", table, "r.csv")
    assert (document["words"], document["words_known"]) == (5, 2)
    assert (document["running"], document["running_known"]) == (7, 3)
    assert document["missing"][0] == {
        "word": "dont",
        "occurrences": 2,
        "why": "apostrophe",
        "instead": ["don't"],
    }
    assert {word["word"]: word["why"] for word in document["missing"]}["plot"] == "case"
    shown = run("vectors", "coverage", table, "r.csv", "--missing", "1").stdout
    assert "2 of 5 different words (40.0 %)" in shown
    assert "plot" not in shown


def test_evaluate(run, answer, table, tmp_path):
    (tmp_path / "pairs.txt").write_text("man king 3\nman woman 1\nman plot 1.5\nman dog 2\n")
    (tmp_path / "questions.txt").write_text(": royal\nman king woman queen\nman king woman dog\n")
    document = answer("vectors", "evaluate", table, "pairs.txt", "questions.txt")
    (pairs,), (questions,) = document["similarity"], document["analogies"]
    assert (pairs["set"], pairs["pairs"], pairs["scored"]) == ("pairs.txt", 4, 3)
    assert (questions["asked"], questions["accuracy"]) == (1, 1.0)
    assert questions["sections"][0]["section"] == "royal"
    shown = run("vectors", "evaluate", table, "pairs.txt", "questions.txt").stdout
    assert "100.0 %" in shown
    assert "3 of 4" in shown
    (tmp_path / "few.txt").write_text("man king 3\n")
    assert (
        json.loads(run("vectors", "evaluate", table, "few.txt", "--json").stdout)["similarity"][0]["spearman"]
        is None
    )
