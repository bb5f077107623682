"""Word similarities and analogies scored: by hand, odd files, and the real sets where they are present."""

from __future__ import annotations

import math
import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wordloom.errors import DataError
from wordloom.vectors import WordVectors
from wordloom.vectors.description import describe
from wordloom.vectors.evaluation import (
    AnalogyScore,
    SimilarityScore,
    _correlation,
    _ranks,
    evaluate,
    score_analogies,
    score_similarity,
)

COMPASS = WordVectors(
    ["East", "north-east", "north", "west", "nowhere"], [[1, 0], [1, 1], [0, 1], [-1, 0], [0, 0]]
)


@pytest.fixture
def file(tmp_path):
    def make(content: bytes | str, name: str = "set.txt") -> Path:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return make


def test_similarity_by_hand(file):
    path = file(
        "# comment\nword1\tword2\tscore\neast\tnorth-east\t9\r\neast\tNORTH\t5\neast\twest\t1\neast\tz\t3\n"
    )
    found = score_similarity(COMPASS, path)
    assert (found.name, found.pairs, found.scored, found.unknown_share) == ("set.txt", 4, 3, 0.25)
    assert found.spearman == pytest.approx(1)
    assert found.pearson == pytest.approx(np.corrcoef([math.sqrt(0.5), 0, -1], [9, 5, 1])[0, 1])
    assert evaluate(COMPASS, path) == found


def test_too_few_pairs_have_no_correlation(file):
    found = score_similarity(COMPASS, file("east north 3\nx y 1\n"))
    assert math.isnan(found.spearman)
    assert math.isnan(found.pearson)
    assert math.isnan(score_similarity(COMPASS, file("east north 3\nwest north 3\n")).spearman)


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(-3, 3), st.integers(-3, 3)), min_size=2, max_size=30))
def test_rank_correlation_is_scipys(pairs):
    stats = pytest.importorskip("scipy.stats")
    a, b = np.array(pairs, dtype=float).T
    assert _ranks(a).tolist() == stats.rankdata(a).tolist()
    if len(set(a)) > 1 and len(set(b)) > 1:
        assert _correlation(_ranks(a), _ranks(b)) == pytest.approx(stats.spearmanr(a, b).statistic)


def analogies() -> WordVectors:
    words = ["man", "woman", "King", "queen", "uncle", "aunt", "table", "KING"]
    rows = [[1, 0, 0], [0, 1, 0], [1, 0, 2], [0, 1, 2], [1, 0, -1], [0, 1, -1], [1, 1, 0], [0.1, 1, 2]]
    return WordVectors(words, rows)


def test_analogies_by_hand(file):
    path = file(
        ": royal\nman king woman queen\nking man queen woman\nMan King woman TABLE\n"
        ": kin\nman uncle dog aunt\n"
    )
    # "king man queen" wants "woman", but "table" lies nearer to man - king + queen
    found = score_analogies(analogies(), path)
    royal, kin = found.sections
    assert (royal.name, royal.questions, royal.asked, royal.correct) == ("royal", 3, 3, 1)
    assert (kin.name, kin.questions, kin.asked, kin.correct) == ("kin", 1, 0, 0)
    assert math.isnan(kin.accuracy)
    assert (found.questions, found.asked, found.unknown_share) == (4, 3, 0.25)
    assert found.accuracy == royal.accuracy == pytest.approx(1 / 3)
    assert evaluate(analogies(), path).sections[0] == royal
    few = score_analogies(analogies(), path, rows=3)
    assert few.asked == 0


def test_folder_of_analogy_files(file, tmp_path):
    file("man king woman queen\n", "b.txt")
    file("man uncle woman aunt\nwoman aunt man uncle\n", "a.txt")
    found = evaluate(analogies(), tmp_path)
    assert isinstance(found, AnalogyScore)
    assert [(s.name, s.correct) for s in found.sections] == [("a", 2), ("b", 1)]


def test_more_questions_than_one_batch(file):
    path = file("man king woman queen\nman uncle woman aunt\n" * 200)
    assert score_analogies(analogies(), path).sections[0].correct == 400


@pytest.mark.parametrize(
    ("score", "content", "message"),
    [
        (score_similarity, "", "no pairs"),
        (score_similarity, "a b 1\na b c\n", "line 2: two words and a number expected, found 'a b c'"),
        (score_similarity, "a b score\na b score\n", "line 2"),
        (score_similarity, "a\n", "line 1"),
        (score_similarity, "a b nan\n", "line 1: the score 'nan' is not finite"),
        (score_similarity, b"a b 1\n\xff c 2\n", "byte 6 is not UTF-8"),
        (score_analogies, "", "no analogy questions"),
        (score_analogies, ": x\n", "no analogy questions"),
        (score_analogies, "a b c d\na b c\n", "line 2: four words expected"),
    ],
)
def test_mistakes(score, content, message, file):
    with pytest.raises(DataError, match=message) as caught:
        score(COMPASS, file(content))
    assert "set.txt" in str(caught.value)
    with pytest.raises(DataError, match="No such file"):
        score(COMPASS, Path("no such file.txt"))


def test_description():
    found = describe(COMPASS)
    assert (found.words, found.dimensions, found.bytes, found.zeros) == (5, 2, 40, 1)
    assert (found.shortest, found.median, found.longest) == pytest.approx((0, 1, math.sqrt(2)))
    assert (found.with_capitals, found.with_digits, found.with_spaces, found.beyond_ascii) == (1, 0, 0, 0)
    half = math.sqrt(0.5)
    assert found.together == pytest.approx((half + 0 - 1 + half - half + 0) / 6)
    assert describe(COMPASS.subset([])).words == 0
    assert describe(WordVectors(["é 1"], [[2.0]])).beyond_ascii == 1


DATA = os.environ.get("WORDLOOM_DATA")


@pytest.mark.data
@pytest.mark.skipif(not DATA, reason="WORDLOOM_DATA is not set")
def test_real_sets():
    folder = Path(DATA or "")
    table = folder / "static-en-50k-100d.txt.gz"
    if not table.exists() or not (folder / "word-similarity").is_dir():
        pytest.skip("no table or no word-similarity sets in WORDLOOM_DATA")
    vectors = WordVectors.load(table, limit=10_000)
    for path in sorted((folder / "word-similarity").glob("*.txt")):
        found = evaluate(vectors, path)
        assert isinstance(found, SimilarityScore)
        assert found.spearman > 0.2
        assert 0 <= found.unknown_share < 1
    scored = evaluate(vectors, folder / "analogies" / "family.txt")
    assert isinstance(scored, AnalogyScore)
    assert scored.questions == 506
    assert scored.asked > 100
    assert scored.accuracy > 0.2
