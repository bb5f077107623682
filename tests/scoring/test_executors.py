"""Who does the jobs: workers that die, runs that are killed."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import time

import pytest

from deadly_workers import deadly_processes
from shards import contents, rows_of, written
from wordloom.executors import InProcess, Outcome
from wordloom.scoring import ScoreSettings, Stopped, score
from wordloom.scoring.job import NOTES

DEADLY = """
from wordloom.scoring import job

plain = job._plain_scores

def scores(model, texts):
    if "deadly" in texts or ("once" in texts and not died()):
        die()
    return plain(model, texts)

job._plain_scores = scores
"""


@pytest.fixture
def deadly(tmp_path, monkeypatch):
    """Processes that are killed when they meet a text "deadly", and the first time that they meet "once"."""
    return deadly_processes(tmp_path, monkeypatch, DEADLY)


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


def test_workers_in_another_folder_find_shards_that_are_named_from_here(
    scorer, corpus, tmp_path, monkeypatch
):
    """As those of a cluster; what is said of a shard has the name that was given."""

    class Elsewhere(InProcess):
        def next(self):
            monkeypatch.chdir("/")
            return super().next()

    (corpus / "bad.jsonl").write_text("{no JSON\n")
    monkeypatch.chdir(corpus.parent)
    found = score(scorer, "corpus", "out", executor=Elsewhere())
    assert len(found.outputs) == 3
    ((address, reason),) = found.failed
    assert address == "corpus/bad.jsonl"
    assert reason.startswith("corpus/bad.jsonl, line 1")
    assert set(contents(tmp_path / "out")) == {"a.jsonl", "more/b.jsonl.gz", "more/c.jsonl"}


def test_a_model_that_another_machine_cannot_read_is_an_error_that_names_the_machine(
    scorer, corpus, tmp_path
):
    model = shutil.copytree(scorer, tmp_path / "model")

    class OnOther(InProcess):
        def next(self):
            shutil.rmtree(model, ignore_errors=True)  # it is not there
            job, result = super().next()
            return Outcome(job, {**result, "machine": "node-7"})

    with pytest.raises(Stopped, match=r"model .* So it is on node-7: every machine must reach .* same paths"):
        score(model, corpus, tmp_path / "out", executor=OnOther())


@pytest.mark.slow
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
