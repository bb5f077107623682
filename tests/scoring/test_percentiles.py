"""Exact thresholds from counts: those that sorting all scores would give."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wordloom.scoring.percentiles import ScoredPart, exact_thresholds, ordered_bits, score_of_bits

SCORES = st.floats(-1e6, 1e6, width=32) | st.sampled_from([0.0, -0.0, 0.5, 1.0, float("nan")])


@given(st.lists(st.tuples(SCORES, st.integers(0, 2)), max_size=60), st.integers(1, 100), st.integers(1, 4))
@settings(max_examples=40, deadline=None)
def test_thresholds_are_those_of_sorted_scores_whatever_the_shards(documents, percent, shards):
    scores = np.array([score for score, _ in documents], dtype=np.float32)
    groups = np.array([group for _, group in documents], dtype=np.int32)
    parts = [ScoredPart(scores[shard::shards], groups[shard::shards]) for shard in range(shards)]
    lowest, sizes = exact_thresholds(lambda: parts, 3, percent / 100)
    for group in range(3):
        own = np.sort(scores[(groups == group) & ~np.isnan(scores)])
        assert sizes[group] == len(own)
        if len(own):
            assert lowest[group] == own[-max(-(-percent * len(own) // 100), 1)]
        else:
            assert np.isnan(lowest[group])


@given(st.lists(st.floats(width=32, allow_nan=False), min_size=2, max_size=2))
def test_bits_have_the_order_of_their_scores(pair):
    bits = ordered_bits(np.array(pair, dtype=np.float32))
    assert (bits[0] < bits[1]) == (pair[0] < pair[1])
    assert score_of_bits(int(bits[0])) == pytest.approx(pair[0], rel=0, abs=0)
