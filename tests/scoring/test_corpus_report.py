"""What is said of a scored corpus: how its scores lie, examples, and columns that alone predict them."""

from __future__ import annotations

import json
import random

import numpy as np
import pytest

from wordloom.errors import DataError
from wordloom.scoring.column_effects import column_effect, ranks
from wordloom.scoring.corpus_report import ScoredFile, corpus_report
from wordloom.scoring.distribution import PERCENTILES, Distribution

TITLES = ("score_neg", "score_pos")


def output(path, rows, titles=TITLES):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return ScoredFile(path, len(rows), titles)


def scored(n, seed, source_of=lambda draw, score: draw.choice("ab")):
    draw = random.Random(seed)
    rows = []
    for number in range(n):
        score = round(draw.random(), 6)
        source = source_of(draw, score)
        row = {"id": f"{seed}-{number}", "text": f"text {seed} {number}", "source": source}
        rows.append(row | {"score_neg": 1 - score, "score_pos": score})
    return rows


def test_percentiles_are_those_of_numpy_to_one_part_in_8192_in_any_order_of_parts():
    draw = np.random.default_rng(0)
    scores = np.concatenate([draw.random(5000), draw.normal(0, 3, 5000)]).astype(np.float32)
    whole, parts = Distribution(), Distribution()
    whole.add(scores)
    for part in np.array_split(scores[::-1], 7):
        parts.add(part)
    assert whole.percentiles() == parts.percentiles()
    expected = np.percentile(scores, PERCENTILES, method="inverted_cdf")
    np.testing.assert_allclose(whole.percentiles(), expected, rtol=2 / 8192, atol=1e-6)
    assert (whole.lowest, whole.highest) == (float(scores.min()), float(scores.max()))
    assert sum(whole.histogram()[1]) == whole.n == len(scores)


def test_a_histogram_of_probabilities_goes_from_0_to_1_and_counts_both_ends():
    found = Distribution()
    found.add(np.array([0, 0.02, 0.5, 1, 1, np.nan], dtype=np.float32))
    edges, counts = found.histogram(10)
    assert (edges[0], edges[-1], found.n) == (0, 1, 5)
    assert counts == [2, 0, 0, 0, 0, 1, 0, 0, 0, 2]


def test_percentiles_of_nothing_are_nan_and_its_histogram_is_empty():
    found = Distribution()
    found.add(np.array([np.nan], dtype=np.float32))
    assert np.isnan(found.percentiles()).all()
    assert found.histogram() == ([], [])
    assert np.isnan(found.mean)


def test_a_column_that_splits_the_scores_in_halves_explains_three_quarters():
    scores = np.arange(1000, dtype=np.float32)
    found = column_effect("source", ["b"] * 500 + ["a"] * 500, ranks(scores))
    assert found.share == pytest.approx(0.75, abs=0.01)
    assert list(found.means) == ["a", "b"]
    assert found.is_suspicious


def test_values_drawn_at_random_explain_nothing_however_many_there_are():
    draw = random.Random(0)
    rank = ranks(np.random.default_rng(0).random(4000).astype(np.float32))
    shares = [
        column_effect("site", [draw.randrange(300) for _ in range(4000)], rank).share for _ in range(20)
    ]
    assert abs(np.mean(shares)) < 0.01


def test_ids_and_single_values_are_no_columns_that_sort_documents():
    rank = ranks(np.arange(100, dtype=np.float32))
    assert column_effect("name", list(range(100)), rank) is None
    assert column_effect("lang", ["en"] * 100, rank) is None
    assert column_effect("lang", ["en", "de"] * 50, ranks(np.ones(100, dtype=np.float32))) is None


def test_a_corpus_sorted_by_source_is_named_and_one_that_is_not_is_not(tmp_path):
    by_source = output(
        tmp_path / "0.jsonl", scored(600, 0, lambda draw, score: "good" if score > 0.5 else "poor")
    )
    (found,) = corpus_report([by_source]).scores
    assert [effect.column for effect in found.suspicious] == ["source"]
    by_chance = output(tmp_path / "1.jsonl", scored(600, 1))
    assert not corpus_report([by_chance]).scores[0].suspicious


def test_examples_rise_from_decile_to_decile_with_their_texts(tmp_path):
    files = [output(tmp_path / f"{seed}.jsonl", scored(200, seed)) for seed in range(3)]
    report = corpus_report(files)
    (found,) = report.scores
    assert (report.files, report.documents, found.title) == (3, 600, "score_pos")
    assert len(found.deciles) == 10
    assert all(examples for examples in found.deciles)
    middles = [np.mean([score for score, _ in examples]) for examples in found.deciles]
    assert middles == sorted(middles)
    assert all(set(row) == {"id", "text", "source"} for examples in found.deciles for _, row in examples)
    assert json.loads(json.dumps(report.to_document()))["documents"] == 600


def test_documents_without_a_score_are_counted_and_left_out(tmp_path):
    rows = scored(50, 0)
    rows[3]["score_neg"] = rows[3]["score_pos"] = None
    report = corpus_report([output(tmp_path / "0.jsonl", rows)])
    assert (report.documents, report.without_score, report.scores[0].distribution.n) == (50, 1, 49)


def test_no_outputs_and_outputs_of_different_models_are_refused(tmp_path):
    with pytest.raises(DataError, match="no outputs"):
        corpus_report([])
    first = output(tmp_path / "0.jsonl", scored(5, 0))
    other = output(tmp_path / "1.jsonl", [{"id": 1, "grade": 2.0}], ("grade",))
    with pytest.raises(DataError, match=r"1\.jsonl has the scores grade.*into one folder"):
        corpus_report([first, other])


def test_an_output_without_its_scores_is_named(tmp_path):
    path = output(tmp_path / "0.jsonl", [{"id": 1, "text": "x"}])
    with pytest.raises(DataError, match=r"0\.jsonl: has no column 'score_neg'"):
        corpus_report([path])


def test_empty_outputs_are_reported_as_nothing(tmp_path):
    report = corpus_report([output(tmp_path / "0.jsonl", [])])
    assert (report.documents, report.scores[0].distribution.n) == (0, 0)
