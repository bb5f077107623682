"""`wordloom demo`: on the built-in reviews, everything written and said."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from wordloom import TextModel, WordVectors
from wordloom.cli.program import program
from wordloom.datasets import demo as reviews


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """The folder that the demo filled, and what it said."""
    folder = tmp_path_factory.mktemp("demo")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WORDLOOM_DATA", "")
        patch.setenv("WORDLOOM_CACHE", str(folder / "cache"))
        patch.setattr(reviews, "SIZES", {"train": 1200, "test": 400})
        patch.setenv("WORDLOOM_KERNELS", "compiled")  # plain ones take six times as long for these reviews
        result = CliRunner().invoke(program, ["demo", "--out", str(folder / "out"), "--threads", "2"])
    assert result.exit_code == 0, result.output
    return folder / "out", result


def test_files(demo):
    folder, _ = demo
    assert sorted(path.name for path in folder.iterdir()) == [
        *(
            "confusion.png",
            "history.png",
            "lengths.png",
            "model",
            "report.html",
            "vectors.txt",
            "word-model",
            "words.png",
        ),
    ]
    model = TextModel.load(folder / "model")
    assert model.record["scores"]["test"]["n"] == 400
    assert model.record["seed"] == 0
    words = TextModel.load(folder / "word-model")
    assert words.network.shape.architecture == "mean"
    assert len(WordVectors.load(folder / "vectors.txt")) == len(words.vocabulary.words)


def test_what_it_says(demo):
    folder, result = demo
    for part in (
        "the built-in reviews",
        "no benchmark",
        "wordloom data imdb",
        "95 % interval",
        "one label for all  50.0 %",
        "Words nearest to 'great'",
        "for it",
        f"wordloom predict {folder / 'model'}",
    ):
        assert " ".join(part.split()) in " ".join(result.stdout.split())  # lines end where the terminal does
    assert max(map(len, result.stdout.splitlines())) <= 130
    assert "warning" not in result.stderr


def test_a_missing_matplotlib_costs_only_the_pictures_and_the_report(run, monkeypatch, tmp_path):
    from wordloom import datasets, report
    from wordloom.cli import pictures
    from wordloom.corpus import Corpus, Dataset
    from wordloom.errors import MissingExtraError

    def missing(*args, **options):
        raise MissingExtraError("Drawing", "matplotlib", "plot")

    corpus = Corpus(["great film", "dull film"] * 5, ["pos", "neg"] * 5)
    monkeypatch.setattr(datasets, "load", lambda name: Dataset(corpus, corpus, name=name))
    monkeypatch.setattr(pictures.Pictures, "write", missing)
    monkeypatch.setattr(report, "render", missing)
    result = run("demo", "--json")
    assert result.exit_code == 0
    document = json.loads(result.stdout)
    assert document["files"] == [
        *("wordloom-demo/model", "wordloom-demo/word-model", "wordloom-demo/vectors.txt")
    ]
    assert "warning: No pictures: Drawing needs the package 'matplotlib'" in result.stderr
    assert "warning: No report: Drawing needs the package 'matplotlib'" in result.stderr
    assert list(document)[-4:] == ["word_model", "neighbors", "example", "files"]
    assert document["neighbors"]["word"] == "great"
    assert document["test"]["n"] == 10


def test_a_folder_that_is_in_the_way(fails, tmp_path):
    (tmp_path / "out" / "model").mkdir(parents=True)
    (tmp_path / "out" / "model" / "letter.txt").touch()
    assert "not a wordloom model" in fails(2, "demo", "--out", "out")
