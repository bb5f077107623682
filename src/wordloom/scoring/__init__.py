"""Scoring: a saved model on a corpus in shards, filtered by scores or by exact percentiles.

`score` does it all; `run_job` is what it has done for each shard, by an `Executor`: in this process, in
local processes, or by whatever submits jobs to an engine of its own.
"""

from __future__ import annotations

from wordloom.executors import Executor, InProcess, LocalProcesses, OnRay, Outcome
from wordloom.scoring.job import Job, run_job, scores_of
from wordloom.scoring.run import Stopped, Summary, score
from wordloom.scoring.settings import ScoreSettings
from wordloom.scoring.shards import Shard, find_shards

__all__ = [
    "Executor",
    "InProcess",
    "Job",
    "LocalProcesses",
    "OnRay",
    "Outcome",
    "ScoreSettings",
    "Shard",
    "Stopped",
    "Summary",
    "find_shards",
    "run_job",
    "score",
    "scores_of",
]
