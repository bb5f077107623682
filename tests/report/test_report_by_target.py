"""Reports on texts with several labels each, and with grades: what they hold, and that all of it is data."""

from __future__ import annotations

import html.parser
import json
import re

import numpy as np
import pytest

from wordloom.checks.doubts import GradeDoubts, SetDoubts
from wordloom.corpus import Corpus
from wordloom.evaluation.by_target import GradeAnswers, SetAnswers
from wordloom.report import LARGEST_PAGE, Subject, render
from wordloom.report.text_lists import EXTRA, HIT, MISSED, grade_lists, set_lists

pytest.importorskip("jinja2")
pytest.importorskip("matplotlib")


def data_of(page):
    return json.loads(re.search(rb'id="data">(.*?)</script>', page.html, re.DOTALL)[1])


class Tags(html.parser.HTMLParser):
    def __init__(self, page):
        super().__init__()
        self.found = []
        self.feed(page.html.decode())

    def handle_starttag(self, tag, attributes):
        self.found.append((tag, dict(attributes)))


def test_hostile_labels_and_texts_are_data_and_no_address_leads_outside(other_page):
    tags = Tags(other_page).found
    assert [one.get("type") for tag, one in tags if tag == "script"] == ["application/json", None]
    assert b"alert(1)</script>" not in other_page.html
    assert not [one for _, one in tags if "style" in one or any(name.startswith("on") for name in one)]
    for _, attributes in tags:
        for name in ("src", "href", "action"):
            assert (attributes.get(name) or "#").startswith(("#", "data:"))
    ids = [one["id"] for _, one in tags if one.get("id")]
    assert len(ids) == len(set(ids))
    assert len(other_page.html) <= LARGEST_PAGE
    assert b"some/folder" not in other_page.html


def test_the_figures_are_those_of_evaluate(other_page, other_subject):
    corpus = other_subject.corpus
    scores = other_subject.model.evaluate(corpus.texts, corpus.labels)
    assert other_subject.scores.to_config() == scores.to_config()
    shown = other_page.html.decode().replace("\u00a0", " ")
    if corpus.target == "graded":
        wanted = [f"{scores.mae:.2f}", *(f"{end:.3f}" for end in (scores.spearman, *scores.pearson_interval))]
    else:
        wanted = [
            f"{100 * value:.1f} %" for value in (scores.micro_f1, *scores.micro_f1_interval, scores.macro_f1)
        ]
    for figure in wanted:
        assert figure in shown


def test_the_texts_labelled_wrongly_are_the_first_suspects(other_page):
    data = data_of(other_page)
    first = [data["texts"][place]["at"] for place in data["lists"]["suspects"]["shown"][:2]]
    assert {place.rpartition(", ")[2] for place in first} == {"row 0", "row 1"}


def test_the_same_texts_give_the_same_page(other_page, other_subject):
    again = Subject(other_subject.model, other_subject.corpus, other_subject.name, other_subject.training)
    assert render(again).html == other_page.html


def test_labels_that_the_model_lacks_count_as_missed_and_are_shown(other_subject):
    if other_subject.corpus.target == "graded":
        pytest.skip("grades have no labels")
    corpus = Corpus(["great film", "awful"], [["<b>new</b>"], ["dull & poor"]], "x.csv")
    with pytest.warns(match="the model does not have the label"):
        page = render(Subject(other_subject.model, corpus, "model", unknown_labels="wrong"))
    (own,) = (one for one in data_of(page)["texts"] if one["text"] == "great film")
    assert own["unknown"] == ["<b>new</b>"]


def sets(probabilities, indicators):
    p, has = np.array(probabilities, dtype=float), np.array(indicators, dtype=bool)
    n = len(p)
    return SetAnswers(("a", "b"), np.full(2, 0.5), p, has, np.zeros(n, np.int64), np.ones(n, bool))


def test_texts_of_several_labels_stand_in_the_cells_of_what_is_right_missed_and_needless():
    lists = set_lists(sets([[0.9, 0.1], [0.2, 0.8], [0.6, 0.55]], [[1, 0], [1, 1], [0, 1]]))
    assert lists.errors == [1, 2]
    assert lists.cells == {(0, HIT): [0], (0, MISSED): [1], (0, EXTRA): [2], (1, HIT): [2, 1]}
    assert lists.unsure[0] == 2


def test_a_label_is_doubted_if_the_opposite_is_as_sure_as_it_usually_is():
    p = np.array([[0.9], [0.8], [0.05], [0.1], [0.95], [0.04]])
    doubts = SetDoubts.of(p, np.array([[1], [1], [0], [0], [0], [1]], dtype=bool))
    assert doubts.doubtful[:, 0].tolist() == [False] * 4 + [True, True]
    assert set(doubts.ranked()[:2].tolist()) == {4, 5}


def test_the_farthest_grades_come_first_and_far_ones_are_doubted():
    rng = np.random.default_rng(0)
    predicted = rng.uniform(1, 5, 300)
    grades = predicted + rng.normal(0, 0.1, 300)
    grades[7] += 2
    assert GradeDoubts.of(predicted, grades).ranked()[0] == 7
    lists = grade_lists(GradeAnswers(predicted, grades), (grades > 3).astype(np.int64))
    assert lists.errors[0] == lists.suspects[0] == 7
    assert len(lists.cells[(0,)]) + len(lists.cells[(1,)]) == len(lists.errors) == 300
