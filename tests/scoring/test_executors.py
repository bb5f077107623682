"""Who does the jobs: workers that die, runs that are killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest

from shards import contents, rows_of, written
from wordloom.scoring import LocalProcesses, ScoreSettings, score
from wordloom.scoring.job import NOTES

DEADLY = """
import os, sys
from pathlib import Path
from wordloom.executors import worker
from wordloom.scoring import job

plain, marks = job._plain_scores, Path(sys.argv[1])

def scores(model, texts):
    if "deadly" in texts or ("once" in texts and not (marks / "died").exists()):
        (marks / "died").touch()
        os.kill(os.getpid(), 9)
    return plain(model, texts)

job._plain_scores = scores
worker.main()
"""


@pytest.fixture
def deadly(tmp_path, monkeypatch):
    """Processes that are killed when they meet a text "deadly", and the first time that they meet "once"."""
    (tmp_path / "marks").mkdir()
    (tmp_path / "deadly_worker.py").write_text(DEADLY)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")]))
    processes = LocalProcesses(2)
    for worker in processes._workers:
        worker.command = [sys.executable, str(tmp_path / "deadly_worker.py"), str(tmp_path / "marks")]
    return processes


def test_a_shard_whose_worker_died_is_done_by_another(scorer, corpus, tmp_path, deadly):
    written(corpus / "d.jsonl", [{"id": 0, "text": "once"}, *rows_of(5, 7)])
    found = score(scorer, corpus, tmp_path / "out", executor=deadly)
    assert (tmp_path / "marks" / "died").exists()
    assert (found.failed, len(found.outputs)) == ([], 4)
    score(scorer, corpus, tmp_path / "undisturbed")
    assert contents(tmp_path / "out") == contents(tmp_path / "undisturbed")


def test_a_shard_that_ends_every_worker_is_reported_and_the_others_are_done(scorer, corpus, tmp_path, deadly):
    shard = written(corpus / "d.jsonl", [{"id": 0, "text": "deadly"}])
    found = score(scorer, corpus, tmp_path / "out", executor=deadly)
    assert len(found.outputs) == 3
    ((address, reason),) = found.failed
    assert address == str(shard)
    assert "3 workers ended over it" in reason
    assert "signal 9" in reason


def test_a_run_that_is_killed_leaves_nothing_half_written_and_is_gone_on_with(scorer, tmp_path):
    for number in range(6):
        written(tmp_path / "corpus" / f"{number}.jsonl", rows_of(3000, number))
    command = [sys.executable, "-m", "wordloom", "score", scorer, str(tmp_path / "corpus")]
    command += ["--out", str(tmp_path / "out"), "--keep", "good:top:10%", "--workers", "2", "--no-progress"]
    process = subprocess.Popen(command)
    ends = time.monotonic() + 60
    while time.monotonic() < ends and not any((tmp_path / "out" / NOTES).rglob("*.scores")):
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    settings = ScoreSettings(keep="good:top:10%")
    score(scorer, tmp_path / "corpus", tmp_path / "undisturbed", settings)
    whole = contents(tmp_path / "undisturbed")
    for name, data in contents(tmp_path / "out").items():
        assert data == whole[name]
    assert subprocess.run(command, stdout=subprocess.DEVNULL).returncode == 0
    assert contents(tmp_path / "out") == whole
