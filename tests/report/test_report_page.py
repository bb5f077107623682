"""The page of a report: nothing in it can leave its place, it stays small, and it says what it leaves out."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import html.parser
import json
import random
import re
import tomllib
import warnings
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wordloom import report
from wordloom.corpus import Corpus
from wordloom.errors import MissingExtraError, UsageError
from wordloom.evaluation.on_corpus import Answered
from wordloom.fit import fit
from wordloom.report import LARGEST_PAGE, Subject, render
from wordloom.report import page as page_module
from wordloom.report.embedded_texts import LONGEST_TEXT, safe_json
from wordloom.report.figures import DRAWN, Figure
from wordloom.report.kind import cut
from wordloom.report.tables import record_rows
from wordloom.report.text_lists import label_lists
from wordloom.settings import Settings as ModelSettings

pytest.importorskip("jinja2")
pytest.importorskip("matplotlib")


class Elements(html.parser.HTMLParser):
    """The elements of a page with their attributes, and what stands in scripts and styles."""

    def __init__(self, page: bytes) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.inside: list[str] = []
        self.raw = False
        self.feed(page.decode())

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))
        self.raw = tag in ("script", "style")
        self.inside += [""] * self.raw

    def handle_endtag(self, tag):
        self.raw = False

    def handle_data(self, data):
        if self.raw:
            self.inside[-1] += data

    def tags(self, name):
        return [attributes for tag, attributes in self.elements if tag == name]


def data_of(page):
    return json.loads(Elements(page.html).inside[1])


def test_the_page_has_two_scripts_of_its_own_whatever_labels_texts_and_names_hold(page):
    found = Elements(page.html)
    assert [one.get("type") for one in found.tags("script")] == ["application/json", None]
    assert len(found.tags("style")) == 1
    assert not found.tags("iframe") + found.tags("object") + found.tags("base")
    assert not [one for _, one in found.elements if any(name.startswith("on") for name in one)]
    assert b"alert(1)</script>" not in page.html


def test_nothing_in_the_page_names_an_outside_address(page):
    for tag, attributes in Elements(page.html).elements:
        for name in ("src", "href", "action", "srcset", "data", "poster"):
            address = attributes.get(name) or "#"
            assert address.startswith(("#", "data:")), (tag, attributes)
    assert not re.search(rb"""@import|url\((?!#)|https?://(?!www\.w3\.org/)""", page.html)


def test_the_policy_allows_the_scripts_that_are_there_and_nothing_else(page):
    found = Elements(page.html)
    (policy,) = [one["content"] for one in found.tags("meta") if one.get("http-equiv")]
    assert policy.startswith("default-src 'none';")
    assert "unsafe" not in policy
    style, _, script = found.inside
    for kind, text in (("style", style), ("script", script)):
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{kind}-src 'sha256-{digest}'" in policy
    assert not [one for _, one in found.elements if "style" in one]


def test_overrides_of_the_direction_of_writing_are_visible_escapes_outside_of_the_data(page):
    before, _, after = page.html.decode().partition('id="data">')
    assert not re.search("[\u202a-\u202e\u2066-\u2069]", before + after.partition("</script>")[2])


def test_ids_are_different_and_references_lead_somewhere(page):
    elements = Elements(page.html).elements
    ids = [one["id"] for _, one in elements if one.get("id")]
    assert len(ids) == len(set(ids))
    wanted = {one["href"][1:] for _, one in elements if (one.get("href") or "").startswith("#")}
    wanted |= {
        found for _, one in elements for found in re.findall(r"url\(#(.+?)\)", one.get("clip-path") or "")
    }
    assert wanted <= set(ids)


@given(st.recursive(st.text() | st.floats(allow_nan=False, allow_infinity=False), st.lists, max_leaves=9))
def test_json_in_the_page_reads_as_what_it_was_and_holds_nothing_that_html_knows(value):
    written = safe_json(value)
    assert not set("<>&") & set(written)
    assert json.loads(written.encode("utf-8", "backslashreplace")) == value


def without_pictures(patch):
    """Pictures are most of the work; that they are there is tested elsewhere."""
    none = Figure("", "", "none")
    patch.setattr(page_module, "figures_of", lambda subject: dict.fromkeys(DRAWN[subject.model.target], none))


@settings(max_examples=15)
@given(st.lists(st.text(max_size=60), min_size=1, max_size=4), st.text(min_size=1, max_size=30))
def test_any_text_and_any_label_stand_in_the_page_as_data(model, texts, label):
    corpus = Corpus([*texts, "great"], [*[label] * len(texts), "fine"], label)
    with (
        pytest.MonkeyPatch.context() as patch,
        pytest.warns() if label not in model.labels else contextlib.nullcontext(),
    ):
        without_pictures(patch)
        found = render(Subject(model, corpus, label))
    elements = Elements(found.html)
    assert len(elements.tags("script")) == 2
    held = {one["text"] for one in data_of(found)["texts"]}
    assert held <= {"great", *texts}


def test_the_figures_are_those_of_evaluate(page, subject, model, corpus):
    scores = model.evaluate(corpus.texts, corpus.labels)
    assert subject.scores.to_config() == scores.to_config()
    shown = page.html.decode().replace("\u00a0", " ")
    for figure in (scores.accuracy, *scores.accuracy_interval, scores.macro_f1):
        assert f"{100 * figure:.1f} %" in shown
    counts = [
        int(one["data-count"]) for one in Elements(page.html).tags("button") if one.get("data-by") == "place"
    ]
    assert counts == scores.confusion[scores.confusion > 0].tolist()


def test_suspects_are_the_rows_with_a_wrong_label(page):
    data = data_of(page)
    suspects = [data["texts"][place]["at"] for place in data["lists"]["suspects"]["shown"]]
    wrong = {f"row {row}" for row in range(9)}
    assert len(suspects) >= 7
    assert {place.rpartition(", ")[2] for place in suspects} <= wrong


def test_a_source_of_long_texts_stays_below_three_megabytes_and_tells_what_is_left_out(model, monkeypatch):
    without_pictures(monkeypatch)
    rng = random.Random(0)
    texts = ["".join(rng.choices("abc <&>\u4e2d\u0301\U0001f600\u202e\x00", k=1600)) for _ in range(640)]
    texts[0] = "x" * 10_000_000
    labels = [model.labels[i % 3] for i in range(640)]
    found = render(Subject(model, Corpus(texts, labels, "long.csv"), "model"))
    assert len(found.html) <= LARGEST_PAGE
    assert 100 < found.texts.shown < found.texts.of
    said = " ".join(found.left_out)
    assert f"{found.texts.of - found.texts.shown:,} of the {found.texts.of:,} texts" in said
    assert "too long for the page" in said
    for one in data_of(found)["texts"]:
        assert len(one["text"]) == LONGEST_TEXT
        assert one["cut"][1] == (10_000_000 if one["at"] == "long.csv, row 0" else 1600) - LONGEST_TEXT


def test_very_many_labels_stay_below_three_megabytes_and_tell_what_is_left_out(monkeypatch):
    without_pictures(monkeypatch)
    labels = [f"label {number} " + "x" * 200 for number in range(400)]
    corpus = Corpus([f"word{number}" for number in range(400)], labels, "many.csv")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = fit(
            corpus, ModelSettings(architecture="mean", dimensions=2, epochs=1, random_state=0, threads=1)
        )
        found = render(Subject(model, corpus, "model"))
    assert len(found.html) <= LARGEST_PAGE
    said = " ".join(found.left_out)
    assert "scores by label are those of 200 of 400 labels" in said
    assert "words of each label are those of 60 of 400 labels" in said
    assert max(map(len, data_of(found)["labels"])) <= 60


def test_the_folders_of_the_machine_are_not_told(page):
    assert b"some/folder" not in page.html
    assert {one["at"].partition(", ")[0] for one in data_of(page)["texts"]} == {
        "<img src=x onerror=alert(1)>.csv"
    }


def test_the_record_leaves_out_settings_that_play_no_part(subject):
    names = [name for name, _ in record_rows(subject)]
    assert "settings.dimensions" in names
    assert not {"settings.ngrams", "settings.kernel_size", "settings.units"} & set(names)


def test_the_same_texts_give_the_same_page(page, subject):
    again = Subject(subject.model, subject.corpus, subject.name, subject.training)
    assert render(again).html == page.html


def test_a_model_without_word_vectors_says_so_in_the_place_of_the_map(corpus):
    model = fit(corpus, ModelSettings(architecture="ngram", random_state=0, threads=1))
    found = render(Subject(model, corpus, "model"))
    assert "has no word vectors" in found.html.decode()
    assert "trained on these very texts" in found.html.decode()


@pytest.mark.parametrize("package", ["jinja2", "matplotlib"])
def test_a_missing_package_is_named_with_the_line_that_installs_it(subject, monkeypatch, package):
    from wordloom.report import subject as module

    monkeypatch.setattr(
        module.importlib.util, "find_spec", lambda name: None if name == package else object()
    )
    with pytest.raises(MissingExtraError, match=rf"'{package}'.*pip install 'wordloom\[report\]'"):
        report.render(subject)


def test_texts_of_another_kind_than_the_models_are_refused_with_the_way_out(model):
    with pytest.raises(
        UsageError, match=r"A report on my model is for texts with one label each; these have sev"
    ):
        Subject(model, Corpus(["great", "dull"], [["fine"], []]), "my model")
    with pytest.raises(UsageError, match=r"these have a grade each.*--target single"):
        Subject(model, Corpus(["great", "dull"], [1, 2.5], target="graded"), "my model")


def answers(probabilities, targets):
    p = np.array(probabilities)
    labels = tuple(f"label{i}" for i in range(p.shape[1]))
    return Answered(labels, p, np.array(targets, dtype=np.int32), np.ones(len(p), dtype=bool))


def test_lists_begin_with_what_says_most():
    lists = label_lists(
        answers([[0.9, 0.1], [0.2, 0.8], [0.55, 0.45], [0.05, 0.95], [0.3, 0.7]], [0, 0, 0, 0, -1])
    )
    assert lists.errors == [3, 1, 4]  # a label that the model lacks surprises by itself, so it stands last
    assert lists.unsure[0] == 2
    assert lists.cells == {(-1, 1): [4], (0, 0): [2, 0], (0, 1): [3, 1]}
    assert sorted(lists.by_turns()) == [0, 1, 2, 3, 4]


def test_a_label_is_suspect_if_the_model_is_as_sure_of_another_as_it_usually_is_of_that():
    lists = label_lists(answers([[0.1, 0.9], [0.4, 0.6], [0.2, 0.8], [0.1, 0.9]], [0, 0, 1, 1]))
    assert lists.errors == [0, 1]
    assert lists.suspects == [0]  # label1 has 0.85 on average among its own


def test_no_list_has_all_its_texts_before_another_has_any():
    n = 3000
    p = np.column_stack([np.linspace(0.0, 0.49, n), np.linspace(1.0, 0.51, n)])
    lists = label_lists(answers(p, [0] * (n - 10) + [1] * 10))
    first = list(lists.by_turns())[:400]
    assert set(lists.unsure[:20]) <= set(first)
    assert set(lists.cells[(1, 1)][:4]) <= set(first)
    assert set(lists.errors[:60]) <= set(first)


def test_a_cut_text_keeps_its_beginning_or_its_end():
    assert cut("abcdef", 6) == "abcdef"
    assert cut("abcdef", 4) == "abc…"
    assert cut("abcdef", 4, end=True) == "…def"


def test_every_template_is_part_of_the_wheel():
    root = Path(__file__).parent.parent.parent
    patterns = tomllib.loads((root / "pyproject.toml").read_text())["tool"]["setuptools"]["package-data"][
        "wordloom"
    ]
    files = list((root / "src" / "wordloom" / "report" / "templates").iterdir())
    assert len(files) >= 4
    assert [file.name for file in files if f"**/*{file.suffix}" not in patterns] == []
