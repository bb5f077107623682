"""`wordloom vectors learn`: tables from texts without labels, written, interrupted and gone on with."""

from __future__ import annotations

import dataclasses
import gzip
import json
import re

import numpy as np
import pytest

from wordloom import WordVectors
from wordloom.cli.commands.vectors_learn import OBJECTIVES, learning_options
from wordloom.loop.callback import CallbackList
from wordloom.vectors.learning import DocumentVectors

TEXTS = ["good film naïve", "a fine good film", "bad dull film", "a bad and dull plot", ""] * 12
SMALL = ["--dimensions", "4", "--min-count", "2", "--epochs", "3"]


@pytest.fixture
def texts(tmp_path):
    """The file `texts.txt` in the current folder of `run`."""
    (tmp_path / "texts.txt").write_text("\n".join(TEXTS), encoding="utf-8")
    return "texts.txt"


@pytest.mark.parametrize("name", ["v.txt", "v.vec.gz", "v.bin", "v.safetensors", "folder"])
def test_what_is_written_is_what_the_library_learns(answer, texts, tmp_path, name):
    document = answer("vectors", "learn", texts, "--out", name, *SMALL)
    assert document["objective"] == "words"
    assert (document["words"], document["dimensions"], document["epochs"]) == (9, 4, 3)
    assert document["words_read"] == sum(len(text.split()) for text in TEXTS)
    assert not document["interrupted"]
    expected = WordVectors.learn(TEXTS, dimensions=4, min_count=2, epochs=3)
    read = WordVectors.load(tmp_path / name)
    assert read.words == expected.words
    np.testing.assert_array_equal(read.vectors, expected.vectors)


def test_text_output_ends_with_a_hint_that_works(run, texts):
    result = run("vectors", "learn", texts, "--out", "v.txt", *SMALL)
    lines = result.stdout.splitlines()
    assert lines[0] == "Wrote v.txt: 9 words, 4 dimensions"
    assert lines[1].startswith("  GloVe text, no header, ")
    command = lines[-1].removeprefix("Try: wordloom ").split()
    assert command == ["neighbors", "v.txt", "film"]
    assert run(*command).exit_code == 0
    read, *told = result.stderr.splitlines()
    assert re.fullmatch(r"reading texts: \d+ words \(\d+\.\d s\)", read)
    assert [line.split("  ")[0] for line in told[:3]] == ["epoch 1/3", "epoch 2/3", "epoch 3/3"]
    assert all(line.endswith(" words/s") for line in told[:3])
    assert told[3].startswith("finished (")


def test_vectors_that_hardly_differ_are_told_with_the_way_out(run, texts, monkeypatch):
    monkeypatch.setattr("wordloom.vectors.description.mean_cosine", lambda table: 0.999)
    shown = " ".join(run("vectors", "learn", texts, "--out", "v.txt", *SMALL).stdout.split())
    assert "(mean cosine 0.999), so neighbors say little" in shown
    assert "--epochs 50" in shown
    monkeypatch.setattr("wordloom.vectors.description.mean_cosine", lambda table: 0.5)
    assert "mean cosine" not in run("vectors", "learn", texts, "--out", "v.txt", *SMALL).stdout


def test_the_labels_of_a_source_play_no_part(answer, reviews, tmp_path):
    """A table with labels, and its texts alone, compressed, on standard input or in a file."""
    answer("vectors", "learn", "reviews.csv", "--out", "a.txt", *SMALL)
    rows = reviews.read_text(encoding="utf-8").splitlines()[1:]
    plain = "\n".join(row.rsplit(",", 1)[0].strip('"') for row in rows).encode()
    (tmp_path / "b.txt.gz").write_bytes(gzip.compress(plain))
    answer("vectors", "learn", "b.txt.gz", "--out", "b.txt", *SMALL)
    answer("vectors", "learn", "-", "--out", "c.txt", "--format", "lines", *SMALL, stdin=plain)
    tables = [(tmp_path / name).read_bytes() for name in ("a.txt", "b.txt", "c.txt")]
    assert tables[0] == tables[1] == tables[2]


def test_documents(answer, texts, tmp_path):
    options = ["--objective", "documents", "--dimensions", "4", "--min-documents", "2", "--epochs", "2"]
    document = answer("vectors", "learn", texts, "--out", "d.safetensors", *options)
    whole = DocumentVectors.load(tmp_path / "d.safetensors")
    assert len(whole.table.pairs)
    words = WordVectors.load(tmp_path / "d.safetensors")
    assert words.words == whole.words.words
    assert document["words"] == len(words)
    np.testing.assert_array_equal(words.vectors, whole.words.vectors)
    np.testing.assert_array_equal(
        WordVectors.load(tmp_path / "d.safetensors", mmap=True).vectors, words.vectors
    )
    answer("vectors", "learn", texts, "--out", "d.txt", *options)
    np.testing.assert_array_equal(WordVectors.load(tmp_path / "d.txt").vectors, words.vectors)


def test_subwords(answer, run, texts, tmp_path):
    """In a fastText model they answer words that are not in the texts; in other forms they are left out."""
    options = [*SMALL, "--longest-subword", "4", "--shortest-subword", "2", "--buckets", "500"]
    document = answer("vectors", "learn", texts, "--out", "v.bin", *options)
    assert (document["format"], document["words"], document["subwords_left_out"]) == ("fasttext", 9, False)
    settings = {"longest_subword": 4, "shortest_subword": 2, "buckets": 500}
    expected = WordVectors.learn(TEXTS, dimensions=4, min_count=2, epochs=3, **settings)
    read = WordVectors.load(tmp_path / "v.bin")
    for word in (*expected.words, "filmed", "naïveté"):
        np.testing.assert_array_equal(read[word], expected[word])
    assert answer("vectors", "info", "v.bin")["subwords"] == 500
    assert run("neighbors", "v.bin", "filmed").exit_code == 0
    shown = " ".join(run("vectors", "learn", texts, "--out", "v.vec", *options).stdout.split())
    assert "The subwords are left out" in shown
    assert answer("vectors", "convert", "v.bin", "w.txt")["subwords_left_out"]
    np.testing.assert_array_equal(WordVectors.load(tmp_path / "w.txt").vectors, expected.vectors)
    result = run("vectors", "learn", texts, "--out", "v.bin.gz", *options)
    assert result.exit_code == 2
    assert "leave out .gz" in result.stderr
    result = run("vectors", "learn", texts, "--out", "v.bin", *options, "--output-weight", "1")
    assert "output_weight must be 0 with subwords" in " ".join(result.stderr.split())


def interrupt(monkeypatch, report):
    """Ctrl-C at the report of this number."""
    told, left = CallbackList.on_train_batch_end, [report]

    def interrupting(self, batch, logs):
        told(self, batch, logs)
        left[0] -= 1
        if not left[0]:
            raise KeyboardInterrupt

    monkeypatch.setattr(CallbackList, "on_train_batch_end", interrupting)


def test_ctrl_c_writes_what_is_learned_and_the_same_command_goes_on(run, texts, tmp_path, monkeypatch):
    command = ["vectors", "learn", texts, "--out", "v.txt", "--checkpoint", "state", *SMALL]
    assert run(*command).exit_code == 0
    expected = (tmp_path / "v.txt").read_bytes()
    assert not (tmp_path / "state").exists(), "not needed any more"
    with monkeypatch.context() as patched:
        interrupt(patched, 2)
        assert run(*command).exit_code == 2, "what was learned to the end is not replaced"
        result = run(*command, "--overwrite")
    assert result.exit_code == 0
    assert "interrupted in epoch 2 of 3" in result.stderr
    assert "run the same command again" in result.stdout
    assert (tmp_path / "v.txt").read_bytes() != expected
    result = run(*command)
    assert "going on from the checkpoint, 2.0 of 3 epochs done" in result.stderr
    assert (tmp_path / "v.txt").read_bytes() == expected
    assert not (tmp_path / "state").exists()


def test_ctrl_c_without_a_checkpoint(run, texts, monkeypatch):
    interrupt(monkeypatch, 1)
    result = run("vectors", "learn", texts, "--out", "v.txt", *SMALL)
    assert "With --checkpoint FILE learning could go on" in result.stdout
    interrupt(monkeypatch, 1)
    document = json.loads(run("vectors", "learn", texts, "--out", "other.txt", *SMALL, "--json").stdout)
    assert (document["interrupted"], document["epochs"]) == (True, 0)


@pytest.mark.parametrize(
    ("arguments", "code", "parts"),
    [
        (["texts.txt", "--out", "v.foo"], 2, ["v.foo", ".txt"]),
        (["texts.txt"], 2, ["--out"]),
        (["nowhere.txt", "--out", "v.txt"], 3, ["nowhere.txt", "no such file"]),
        (["texts.txt", "--out", "v.txt", "--min-count", "1000"], 3, ["choose a lower min_count"]),
        (["texts.txt", "--out", "v.txt", "--window", "0"], 2, ["window must be a whole number of 1 or more"]),
        (["texts.txt", "--out", "v.txt", "--gap", "2"], 2, ["--gap goes with --objective documents"]),
        (["texts.txt", "--out", "texts.txt/v.txt", *SMALL], 3, ["cannot be written"]),
        (["texts.txt", "--out", "v.txt", "--checkpoint", "texts.txt"], 3, ["texts.txt", "no checkpoint"]),
    ],
)
def test_errors(fails, texts, arguments, code, parts):
    message = fails(code, "vectors", "learn", *arguments)
    for part in parts:
        assert part in message


def test_a_place_that_cannot_be_written_to_is_found_out_before_learning(run, texts):
    result = run("vectors", "learn", texts, "--out", "texts.txt/v.txt", *SMALL)
    assert "epoch" not in result.stderr
    result = run("vectors", "learn", texts, "--out", "v.txt", "--checkpoint", "texts.txt/state", *SMALL)
    assert "texts.txt/state: cannot be written" in result.stderr


def test_every_setting_of_learning_is_an_option():
    command = learning_options(lambda settings: None)
    names = {field.name for kind in OBJECTIVES.values() for field in dataclasses.fields(kind)}
    assert {option.name for option in command.__click_params__} == names
    assert all(option.help for option in command.__click_params__)
