"""`wordloom neighbors` and `wordloom export`: vectors of a model or of a file, asked and written."""

from __future__ import annotations

import numpy as np
import pytest

from wordloom import TextModel, WordVectors


def test_one_word_is_one_object(answer, model):
    document = answer("neighbors", model, "great", "-n", "2")
    assert list(document) == ["word", "metric", "neighbors"]
    assert (document["word"], document["metric"]) == ("great", "cosine")
    assert {near["word"] for near in document["neighbors"]} == {"superb", "lovely"}
    assert list(document["neighbors"][0]) == ["word", "distance"]
    distances = [near["distance"] for near in document["neighbors"]]
    assert distances == sorted(distances)


def test_several_words_are_a_list_in_order(answer, model):
    documents = answer("neighbors", model, "great", "dull", "--metric", "euclidean")
    assert [(each["word"], each["metric"]) for each in documents] == [
        ("great", "euclidean"),
        ("dull", "euclidean"),
    ]


def test_text_output_is_aligned(run, model):
    lines = run("neighbors", model, "great", "dull", "-n", "3").stdout.splitlines()
    assert lines[0] == "great (cosine distance)"
    assert lines[4] == ""
    assert lines[5] == "dull (cosine distance)"
    assert len({line.index("0.") for line in lines[1:4]}) == 1


@pytest.mark.parametrize("name", ["v.txt", "v.vec", "v.bin", "v.safetensors", "folder", "v.txt.gz"])
def test_exported_vectors_are_those_of_the_model(answer, model, tmp_path, name):
    document = answer("export", model, "--vectors", name)
    learned = TextModel.load(model).vectors()
    fields = ["path", "format", "words", "dimensions", "bytes", "left_out", "escaped", "subwords_left_out"]
    assert list(document) == fields
    assert (document["words"], document["dimensions"]) == (len(learned), 4)
    read = WordVectors.load(tmp_path / name)
    assert read.words == learned.words
    np.testing.assert_array_equal(read.vectors, learned.vectors)
    assert answer("neighbors", name, "great") == answer("neighbors", model, "great")


def test_export_by_named_format_and_conversion_of_a_file(run, answer, model, tmp_path):
    result = run("export", model, "--vectors", "v.dat", "--format", "word2vec")
    assert result.stdout.startswith("Wrote v.dat: ")
    assert (tmp_path / "v.dat").read_text().split("\n")[0].endswith(" 4")
    assert answer("export", "v.dat", "--vectors", "v.txt")["format"] == "glove"


def test_words_that_a_format_cannot_hold(run, answer, fails, tmp_path):
    WordVectors(["a b", "c"], [[1.0, 2.0], [3.0, 4.0]]).save(tmp_path / "v.safetensors")
    message = fails(3, "export", "v.safetensors", "--vectors", "v.vec")
    assert "'a b'" in message
    result = run("export", "v.safetensors", "--vectors", "v.vec", "--on-unwritable", "skip", "--json")
    assert result.exit_code == 0
    assert '"a b"' in result.stdout
    assert "warning: " in result.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "parts"),
    [
        (["neighbors", "MODEL", "Great"], 3, ["no vector for 'Great'", "Did you mean 'great'?"]),
        (["neighbors", "MODEL", "great", "--metric", "cos"], 2, ["'cos'"]),
        (["neighbors", "MODEL", "great", "-n", "0"], 2, ["-n"]),
        (["neighbors", "MODEL"], 2, ["WORD"]),
        (["neighbors", "nowhere", "great"], 3, ["nowhere", "no file of word vectors"]),
        (["neighbors", "x.csv", "great"], 3, ["x.csv"]),
        (["export", "MODEL", "--vectors", "v.foo"], 2, ["v.foo", ".txt"]),
        (["export", "MODEL", "--vectors", "v.txt", "--format", "glve"], 2, ["'glve'"]),
        (["export", "MODEL", "--vectors", "x.csv/v.txt"], 3, ["cannot be written"]),
        (["export", "MODEL"], 2, ["--vectors", "--keras", "--web"]),
        (["export", "MODEL", "--web", "site"], 2, ["'ngram'"]),
        (["export", "nowhere", "--web", "site"], 3, ["no model folder nowhere"]),
        (["export", "MODEL", "--vectors", "v.txt", "--keras", "m.keras"], 2, ["--vectors", "--keras"]),
    ],
)
def test_what_cannot_be(fails, model, tmp_path, arguments, code, parts):
    (tmp_path / "x.csv").write_text("text,label\ngood,1\nbad,0\n")
    message = fails(code, *[str(model) if part == "MODEL" else part for part in arguments])
    assert all(part in message for part in parts), message
