"""Figures of a comparison on predictions made up by hand."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

import wordloom.comparison
from wordloom.comparison import Comparison, Contender, ContenderResult, Failure
from wordloom.comparison.comparison_report import (
    absences,
    behind,
    csv_text,
    explanation,
    header,
    markdown,
    table_rows,
)
from wordloom.comparison.results import Run, difference
from wordloom.comparison.summary import summaries, summary_header, summary_rows

TARGETS = np.array([0, 0, 0, 0, 0, 0, 1, 1], dtype=np.int32)


def entry(
    name: str, *predictions: list[int], kind: str = "tfidf_lr", first: float | None = None
) -> ContenderResult:
    rows = np.array(predictions, dtype=np.int32)
    runs = tuple(
        Run(seed, 0, float((row == TARGETS).mean()), 2.0 + seed, 0.5) for seed, row in enumerate(rows)
    )
    return ContenderResult(
        Contender(name, f"about {name}", kind), rows, TARGETS, 3, runs, first, 1_500_000, None
    )


RIGHT = entry("right", TARGETS.tolist(), [0, 0, 0, 0, 0, 0, 1, 0], kind="wordloom", first=9.5)
ZEROS = entry("zeros", [0] * 8, [0] * 8)


def comparison(imbalanced: bool = False) -> Comparison:
    absent = Contender("absent", "is not here", "x", {}, ("no-such-thing",), ("no_such_thing",))
    failed = Failure(Contender("broken", "breaks", "x"), "it broke")
    return Comparison(
        "hand",
        "by hand",
        ("a", "b", "c"),
        (0, 1),
        imbalanced,
        (ZEROS, RIGHT),
        (absent,),
        (failed,),
        "a machine",
    )


def test_figures_of_an_entry():
    assert RIGHT.accuracies == [1.0, 7 / 8]
    assert RIGHT.accuracy == 15 / 16
    assert RIGHT.std == pytest.approx(np.std([1.0, 7 / 8], ddof=1))
    assert RIGHT.train_seconds == 2.5
    assert RIGHT.seconds == 3.0
    assert RIGHT.texts_per_second == 16.0
    low, high = RIGHT.interval
    assert low < 15 / 16 < high <= 1


def test_macro_f1_counts_classes_that_occur():
    # class 0: precision 6/8, recall 1 -> F1 6/7; class 1: 0; class 2 occurs neither in texts nor here
    assert ZEROS.macro_f1 == pytest.approx((6 / 7 + 0) / 2)
    assert entry("other", [2] * 8).macro_f1 == 0


def test_spread_of_one_seed_is_that_of_the_folds():
    whole = entry("x", [0] * 8)
    assert whole.std is None
    runs = (Run(0, 0, 0.5, 1, 1), Run(0, 1, 1.0, 1, 1))
    folded = ContenderResult(whole.contender, whole.predictions, TARGETS, 3, runs, None, 1, None)
    assert folded.std == pytest.approx(np.std([0.5, 1.0], ddof=1))
    assert folded.accuracy == 6 / 8


def test_paired_difference():
    found = difference(ZEROS, RIGHT)
    assert found.points == pytest.approx(6 / 8 - 15 / 16)
    assert found.interval[0] < found.points < found.interval[1]
    assert (found.test.only_a_right, found.test.only_b_right) == (0, 2)
    assert difference(RIGHT, RIGHT).interval == (0, 0)


def test_the_best_and_the_distance_from_it():
    found = comparison()
    assert found.best is RIGHT
    assert found.against_best(RIGHT) is None
    assert behind(found.against_best(ZEROS)) == "18.75"  # p = 0.25: two texts of eight may be chance
    assert behind(None) == "best"


def test_table_names_every_column():
    for imbalanced in (False, True):
        found = comparison(imbalanced)
        names, rows = header(found), table_rows(found)
        assert all(len(row) == len(names) for row in rows)
        assert ("macro F1" in names) == imbalanced
    assert table_rows(comparison())[1][:3] == ["right", "93.75 ± 8.84 %", "67.6 to 100.0"]
    assert table_rows(comparison())[0][-2:] == ["-", "18.75"]


def test_explanation_and_absences():
    text = " ".join(explanation(comparison(True)))
    assert "2 seeds" in text
    assert "right 9.5 s" in text
    assert "class_weight=balanced" in text
    assert "class_weight" not in " ".join(explanation(comparison()))
    assert absences(comparison()) == [
        "absent (is not here) is not installed. To include it:  pip install no-such-thing",
        "broken failed: it broke",
    ]


def test_markdown_and_csv():
    page = markdown(comparison())
    assert "| **right** | 93.75 ± 8.84 % |" in page
    assert "- broken failed: it broke" in page
    lines = csv_text([comparison()]).splitlines()
    assert lines[0].startswith("name,ours,accuracy,std,low,high,macro_f1,behind,p_value,train_seconds")
    assert lines[1].startswith("zeros,False,0.75,0.0,")
    assert len({line.count(",") for line in lines}) == 1


def test_several_comparisons_in_one_table():
    """On `second` the contender that is right could not be run, so it has no mean."""
    first = comparison()
    second = dataclasses.replace(first, name="second", entries=(ZEROS,))
    assert summary_header([first, second]) == ["contender", "hand", "second", "mean", "best on"]
    zeros, right = summary_rows([first, second])
    assert zeros == ["zeros", "75.00 / 42.86", "75.00 / 42.86", "75.00 / 42.86", "1"]
    assert (right[0], right[2:]) == ("right", ["-", "-", "1"])
    assert summaries([first, second])[0].to_config() == {
        "name": "zeros",
        "accuracy": pytest.approx(0.75),
        "macro_f1": pytest.approx(3 / 7),
        "best_on": ["second"],
    }
    lines = csv_text([first, second]).splitlines()
    assert [line.split(",")[:2] for line in lines] == [
        *(["data", "name"], ["hand", "zeros"], ["hand", "right"], ["second", "zeros"])
    ]


def test_plain_values_have_stable_keys():
    config = comparison().to_config()
    assert list(config) == [
        *("data", "tested", "labels", "seeds", "imbalanced", "best", "contenders", "not_installed", "failed"),
        "machine",
    ]
    first = config["contenders"][0]
    assert {"name", "accuracy", "std", "interval", "train_seconds", "size", "memory"} <= set(first)
    assert first["against_best"]["points"] == pytest.approx(-0.1875)
    assert config["contenders"][1]["against_best"] is None


@pytest.mark.parametrize(("old", "new"), [("Entry", "ContenderResult"), ("Summary", "ContenderSummary")])
def test_the_old_name_of_a_class_names_the_new_one(old: str, new: str) -> None:
    with pytest.raises(ImportError, match=f"wordloom.comparison.{old} is now wordloom.comparison.{new}"):
        getattr(wordloom.comparison, old)
    assert new in wordloom.comparison.__all__
