"""Accuracy against the number of labels."""

from __future__ import annotations

import numpy as np
import pytest

from messages import Messages
from wordloom import plots
from wordloom.corpus import Corpus
from wordloom.errors import DataError, UsageError
from wordloom.label_curve import CurvePlan, known_settings, label_curve, stratified_order, table_rows
from wordloom.settings import Settings


def corpus(n: int, seed: int = 0) -> Corpus:
    rng = np.random.default_rng(seed)
    words = [f"w{i}" for i in range(20)]
    texts = [" ".join([rng.choice(words[i % 2 :: 2]), *rng.choice(words[i % 2 :: 2], 3)]) for i in range(n)]
    return Corpus(texts, [("neg", "pos")[i % 2] for i in range(n)], name="texts")


def test_every_beginning_of_an_order_holds_the_classes_in_proportion():
    labels = ["a"] * 60 + ["b"] * 30 + ["c"] * 10
    given = Corpus(["x"] * 100, labels)
    order = stratified_order(given, 1)
    assert sorted(order) == list(range(100))
    for n in (10, 20, 50, 70):
        counts = [sum(labels[row] == name for row in order[:n]) for name in "abc"]
        assert np.abs(np.array(counts) - np.array([0.6, 0.3, 0.1]) * n).max() <= 1.5
    assert list(stratified_order(given, 1)) == list(order) != list(stratified_order(given, 2))


def test_a_curve_rises_and_is_the_same_again():
    settings = {"mean": Settings(architecture="mean", dimensions=4, epochs=30, learning_rate=0.1)}
    plan = CurvePlan(sizes=(4, 40, None, 10_000), draws=3)
    messages = Messages()
    points = label_curve(corpus(80), corpus(60, seed=1), settings, plan, [messages])
    assert [point.labels for point in points] == [4, 40, 80]
    assert [len(point.values) for point in points] == [3, 3, 1]
    assert points[0].mean < points[1].mean
    assert points[-1].std is None
    assert [line.split(":")[0] for line in messages.lines] == [f"mean, {n} labels" for n in (4, 40, 80)]
    again = label_curve(corpus(80), corpus(60, seed=1), settings, plan)
    assert again == points


def test_vectors_of_documents_are_learned_once(monkeypatch):
    from wordloom.vectors import learning

    calls = []
    real = learning.learn_document_vectors
    monkeypatch.setattr(
        learning, "learn_document_vectors", lambda *given, **named: calls.append(1) or real(*given, **named)
    )
    settings = {"documents": Settings(architecture="documents", dimensions=4, epochs=1)}
    points = label_curve(corpus(60), corpus(20), settings, CurvePlan(sizes=(10, 20), draws=2))
    assert len(calls) == 1
    assert len(points) == 2


def test_plans_without_meaning_are_refused():
    settings = {"mean": Settings(architecture="mean", epochs=1)}
    for plan in (CurvePlan(sizes=()), CurvePlan(sizes=(1,)), CurvePlan(draws=0), CurvePlan(sizes=(500,))):
        with pytest.raises(UsageError):
            label_curve(corpus(20), corpus(20), settings, plan)
    rare = Corpus(["x"] * 50, ["a"] * 49 + ["b"])
    with pytest.raises(DataError, match="too few for every class"):
        label_curve(rare, rare, settings, CurvePlan(sizes=(3,), draws=1))


def test_known_settings_are_checked_ones():
    assert list(known_settings()) == ["flatten", "mean", "n-grams", "documents"]
    assert list(known_settings("table.txt"))[2:4] == ["flatten, vectors", "mean, vectors"]
    for settings in known_settings("table.txt").values():
        settings.checked()


def test_the_table_and_the_picture(tmp_path):
    settings = {name: Settings(architecture="mean", epochs=1) for name in ("one", "two")}
    points = label_curve(corpus(30), corpus(20), settings, CurvePlan(sizes=(4, None), draws=2))
    rows = table_rows(points)
    assert rows[0] == ["labels", "one", "two"]
    assert [row[0] for row in rows[1:]] == ["4", "30"]
    assert "±" in rows[1][1]
    assert "±" not in rows[2][1]
    ax = plots.label_curve([point.to_config() for point in points])
    assert [text.get_text() for text in ax.get_xticklabels()] == ["4", "30"]
    assert len(ax.get_legend().get_texts()) == 2
    assert plots.save(ax, tmp_path / "curve.png").stat().st_size > 1000
    with pytest.raises(DataError):
        plots.label_curve([])


def test_a_curve_needs_one_label_a_text() -> None:
    several = Corpus(["a", "b"], [["x"], ["x", "y"]])
    with pytest.raises(UsageError, match=r"A curve of accuracy is for texts with one label each"):
        label_curve(several, several, {"mean": Settings(architecture="mean")})
