"""`wordloom predict --explain`: which words and n-grams speak for a label, wherever the answer goes."""

from __future__ import annotations

import csv
import io
import json
import random
from html.parser import HTMLParser

import pytest

from wordloom.corpus import Corpus
from wordloom.fit import fit
from wordloom.settings import Settings
from wordloom.text_model import TextModel

EVIL = "<script>alert(1)</script>"


@pytest.fixture(scope="module")
def ngram_model(tmp_path_factory):
    """The folder of an n-gram model, one of whose labels would run in a careless page."""
    draw = random.Random(0)
    fillers = ["the", "film", "was", "a", "plot"]
    texts = [" ".join([*draw.sample(fillers, 3), word]) for word in ("good", "bad") * 30]
    folder = tmp_path_factory.mktemp("explained") / "model"
    settings = Settings(architecture="ngram", ngrams=1, characters=0, random_state=0)
    fit(Corpus(texts, ["pos", EVIL] * 30), settings).save(folder)
    return folder


def test_a_text_is_shown_with_its_strongest_parts_and_what_they_sum_to(run, ngram_model):
    lines = run("predict", ngram_model, "--explain", "A <b>GOOD</b> film").stdout.splitlines()
    assert lines[0].startswith("pos")
    assert lines[1] == "    A <b>GOOD</b> film"
    flip = lines.pop()
    assert flip.startswith("    without ")
    assert "'good'" in flip
    assert flip.endswith(f": {EVIL}")
    rows = [line.split(maxsplit=2) for line in lines[3:]]
    assert rows[0][1:] == ["word", "good"]
    values = [float(row[0]) for row in rows]
    assert values[-1] == pytest.approx(sum(values[:-1]), abs=0.002 * len(values))
    assert lines[-1].endswith("logit of pos (exact)")


def test_words_are_colored_where_the_terminal_has_colors(ngram_model, tmp_path, capsys):
    from wordloom.cli.explanations import say_explanation

    explanation = TextModel.load(ngram_model).explain("a good film, not bad \x1b[2J\u202e", "pos")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("click.utils.should_strip_ansi", lambda *_: False)
        say_explanation(explanation)
    shown = capsys.readouterr().out.splitlines()[0]
    assert "\x1b[34m\x1b[1mgood\x1b[0m" in shown, "blue speaks for the label"
    assert "\x1b[33m\x1b[1mbad\x1b[0m" in shown, "yellow against it"
    assert "\\x1b[2J\\u202e" in shown, "the text itself controls nothing"


def test_a_table_gets_a_column_with_the_strongest_parts(run, ngram_model, tmp_path):
    (tmp_path / "x.csv").write_text("text,explanation\na good film,kept\nbad,kept\n")
    result = run("predict", ngram_model, "--explain", "--input", "x.csv")
    rows = list(csv.reader(io.StringIO(result.stdout)))
    assert rows[0] == ["text", "explanation", "label", "probability", "predicted_explanation"]
    assert rows[1][1] == "kept"
    assert rows[1][4].startswith("good +")
    assert rows[2][2] == EVIL
    assert rows[2][4].startswith("bad +"), "what speaks for the answer, whichever it is"


def test_a_table_of_objects_gets_lists(run, ngram_model, tmp_path):
    (tmp_path / "x.jsonl").write_text('{"text": "a GOOD film"}\n{"text": ""}\n')
    run("predict", ngram_model, "--explain", "--input", "x.jsonl", "--output", "y.jsonl")
    first, second = map(json.loads, (tmp_path / "y.jsonl").read_text().splitlines())
    part = first["explanation"][0]
    assert (part["kind"], part["text"], part["spans"]) == ("word", "good", [[2, 6]])
    assert all(part["kind"] == "start mark" for part in second["explanation"])


def test_json_of_texts_holds_everything(answer, ngram_model):
    (document,) = answer("predict", ngram_model, "--explain", "a good film")
    why = document["explanation"]
    total = why["bias"] + sum(part["value"] for part in why["contributions"])
    assert total == pytest.approx(why["logit"], abs=1e-9)
    assert (why["label"], why["method"]) == ("pos", "exact")
    assert [document["text"][start:end] for start, end, _ in why["highlights"]] == ["a", "good", "film"]
    flip = why["flip"]
    assert ("good" in flip["words"], [2, 6] in flip["spans"], flip["label"]) == (True, True, EVIL)
    assert flip["probability"] < 0.5


class Tags(HTMLParser):
    """The tags of a page, and the text between them."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.text = [], ""
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)

    def handle_data(self, data):
        self.text += data


def test_a_page_of_explanations_holds_texts_and_labels_as_text(run, ngram_model, tmp_path):
    text = f"bad </div>{EVIL} &amp; \u202egood"
    result = run("predict", ngram_model, "--explain-html", "why.html", text, "bad")
    assert result.exit_code == 0, result.output
    page = (tmp_path / "why.html").read_text(encoding="utf-8")
    found = Tags(page)
    assert "script" not in found.tags
    assert EVIL in found.text
    assert "&amp; \\u202e" in found.text
    assert not {"src=", "http:", "https:"} & set(page.split('"'))
    again = run("predict", ngram_model, "--explain-html", "why.html", "bad")
    assert again.exit_code == 2
    assert "why.html exists already" in again.stderr


def test_a_page_is_for_texts_on_the_command_line(fails, ngram_model, tmp_path):
    (tmp_path / "x.csv").write_text("text\ngood\n")
    message = fails(2, "predict", ngram_model, "--input", "x.csv", "--explain-html", "why.html")
    assert message == "--explain-html is for texts on the command line; --explain is for tables too."


def test_a_notebook_shows_an_explanation_by_itself(ngram_model):
    explanation = TextModel.load(ngram_model).explain("a good film \ud800", EVIL)
    found = Tags(explanation._repr_html_())
    assert "script" not in found.tags
    assert 0 < found.tags.count("mark") <= len(explanation.highlights)
    assert "a good film \\ud800" in found.text


def test_each_of_several_labels_of_a_text_is_explained(run, answer, tmp_path):
    texts = ["good plot", "bad plot", "good music", "bad music and plot"] * 8
    sets = [("good", "plot"), ("plot",), ("good", "music"), ("music", "plot")] * 8
    settings = Settings(architecture="ngram", characters=0, random_state=0)
    model = fit(Corpus(texts, sets), settings)
    model.save(tmp_path / "several")
    (given,) = model.predict(["bad music and plot"])
    (document,) = answer("predict", "several", "--explain", "bad music and plot")
    assert [why["label"] for why in document["explanations"]] == list(given)
    shown = run("predict", "several", "--explain", "bad music and plot").stdout
    assert [f"logit of {label} (exact)" in shown for label in given] == [True] * len(given)
    assert len(given) == 2


def test_a_row_of_a_table_has_the_words_of_each_label_that_it_is_given(run, tmp_path):
    texts = ["good plot", "bad plot", "good music", "bad music and plot"] * 8
    sets = [("good", "plot"), ("plot",), ("good", "music"), ("music", "plot")] * 8
    model = fit(Corpus(texts, sets), Settings(architecture="ngram", characters=0, random_state=0))
    model.save(tmp_path / "several")
    (tmp_path / "x.csv").write_text("text\nbad music and plot\ngood plot\nbad\n")
    for output in ("y.csv", "y.jsonl"):
        assert run("predict", "several", "--explain", "--input", "x.csv", "--output", output).exit_code == 0
    given = model.predict(["bad music and plot", "good plot", "bad"])
    with open(tmp_path / "y.csv", encoding="utf-8", newline="") as stream:
        cells = [row["explanation"] for row in csv.DictReader(stream)]
    rows = [json.loads(line) for line in (tmp_path / "y.jsonl").read_text().splitlines()]
    assert len(given[0]) == 2
    for text, labels, cell, row in zip(
        ("bad music and plot", "good plot", "bad"), given, cells, rows, strict=True
    ):
        named = labels or (model.labels[int(model.predict_proba([text])[0].argmax())],)
        assert [part.partition(": ")[0] for part in cell.split(" | ")] == list(named)
        assert list(row["explanation"]) == list(named)
        for label in named:
            strongest = model.explain(text, label).contributions[0]
            assert row["explanation"][label][0]["value"] == pytest.approx(strongest.value)
            assert f"{label}: {strongest.text} {strongest.value:+.3f}" in cell
