"""A few of the benchmark's kills: of a worker and of the driver, while an output is being written."""

from __future__ import annotations

import importlib
import os
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parent.parent.parent / "benchmarks"
KINDS = ("worker in a write", "driver in a write")


@pytest.mark.skipif(not os.path.isdir("/proc/self/task"), reason="finds workers in /proc, which Linux has")
def test_a_kill_in_a_write_leaves_no_half_output_and_the_end_is_that_of_an_undisturbed_run(
    scorer, tmp_path, monkeypatch
):
    pytest.importorskip("pyarrow", reason="needs pyarrow")
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    kills = importlib.import_module("scoring_kills")
    corpus = kills.Corpus(tmp_path, Path(scorer), documents=600, shards=3)
    assert len(corpus.expected) == 3
    found = kills.scoring_kills(corpus, 2, KINDS)
    assert [counts["wrong"] for counts in found.values()] == [0, 0]
    assert sum(counts["killed"] for counts in found.values()) >= 1
