"""`wordloom vectors compare`: what moved between two tables, or between a table and a model."""

from __future__ import annotations

import numpy as np
import pytest

from wordloom import TextModel, WordVectors


@pytest.fixture
def tables(tmp_path):
    """`before.txt` and `after.vec` in the current folder: the word w7 has turned around."""
    rows = np.random.default_rng(0).normal(size=(40, 6)).astype(np.float32)
    words = [f"w{n}" for n in range(40)]
    WordVectors(words, rows).save(tmp_path / "before.txt")
    rows[7] *= -1
    WordVectors([*words[:30], *"abcdefghij"], rows).save(tmp_path / "after.vec")
    return "before.txt", "after.vec"


def test_two_files(answer, run, tables):
    document = answer("vectors", "compare", *tables, "-n", "3")
    assert (document["shared"], document["only_before"], document["only_after"]) == (30, 10, 10)
    assert document["unmoved"] == 29
    assert len(document["words"]) == 3
    assert document["words"][0]["word"] == "w7"
    assert list(document["words"][0]) == ["word", "distance", "kept", "before", "after"]
    assert document["leanings"] == []
    lines = run("vectors", "compare", *tables, "-n", "3").stdout.splitlines()
    assert lines[0] == "From before.txt to after.vec"
    assert lines[1] == "  30 words in both, 10 only in the first, 10 only in the second"
    assert lines[6].split()[0] == "w7"
    assert len(lines) == 9


def test_a_model_and_the_vectors_it_might_have_started_from(answer, run, model, tmp_path):
    learned = TextModel.load(model).vectors()
    rows = learned.vectors.copy()
    rows[learned.row("great")] = rows[learned.row("awful")]
    WordVectors(learned.words, rows, special=learned.special).save(tmp_path / "before.safetensors")
    document = answer("vectors", "compare", "before.safetensors", model, "-n", "2")
    assert document["words"][0]["word"] == "great"
    change = document["leanings"][0]
    assert list(change) == ["word", "label", "before", "after"]
    assert change["word"] == "great"
    assert change["before"] < 0 < change["after"]
    text = run("vectors", "compare", "before.safetensors", model, "-n", "2").stdout
    assert "Leaning changed most" in text


def test_a_table_of_another_width_has_no_leanings(answer, model, tmp_path):
    learned = TextModel.load(model).vectors()
    wide = np.hstack([learned.vectors, learned.vectors])
    WordVectors(learned.words, wide, special=learned.special).save(tmp_path / "wide.safetensors")
    document = answer("vectors", "compare", "wide.safetensors", model)
    assert document["leanings"] == []
    assert document["kept"] > 0.9


def test_errors(fails, tables, tmp_path):
    (tmp_path / "other.txt").write_text("X 1 2\nY 2 1\n")
    assert "0 words in common" in fails(3, "vectors", "compare", tables[0], "other.txt")
    assert "nowhere" in fails(3, "vectors", "compare", "nowhere", tables[1])
    assert "-n" in fails(2, "vectors", "compare", *tables, "-n", "0")
