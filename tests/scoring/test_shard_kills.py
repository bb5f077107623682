"""A few of the benchmark's kills: of a worker and of the driver, while an output or a model is being made."""

from __future__ import annotations

import importlib
import os
from pathlib import Path

import pytest

from shards import rows_of, written

BENCHMARKS = Path(__file__).parent.parent.parent / "benchmarks"
pytestmark = pytest.mark.skipif(
    not os.path.isdir("/proc/self/task"), reason="finds processes in /proc, which Linux has"
)


@pytest.fixture
def kills(monkeypatch):
    """The benchmark's module; processes whose parents are killed become children of this one."""
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    module = importlib.import_module("shard_kills")
    with importlib.import_module("process_tree").adopting():
        yield module


def assert_well(kills):
    for kind, counts in kills.found.items():
        assert +counts == {"killed": 1}, kind


def test_a_kill_in_a_write_leaves_no_half_output_and_the_end_is_that_of_an_undisturbed_run(
    kills, scorer, tmp_path
):
    for number in range(3):
        written(tmp_path / "corpus" / f"{number}.jsonl", rows_of(2000, number))
    command = kills.scoring(tmp_path, Path(scorer))
    assert len(command.expected) == 3
    assert_well(kills.Kills(command, ("worker in a write", "driver in a write")).until(2))


def test_training_that_is_killed_while_others_count_makes_the_same_model_when_given_again(kills, tmp_path):
    command = kills.training(tmp_path, 120)
    assert "weights.safetensors" in command.expected
    assert_well(kills.Kills(command, ("driver",)).until(1))
    assert [path.name for path in (tmp_path / "killed").iterdir()] == ["model"]
