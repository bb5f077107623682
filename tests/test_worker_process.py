"""A worker: what it answers, and what is said when it cannot."""

from __future__ import annotations

import json
import subprocess

import pytest

from wordloom.worker_process import TimeIsUp, WorkerFailed, WorkerProcess

ECHO = """
import os, sys, time
from wordloom.worker_process import serve

def handle(request, answer):
    print("what a library prints")
    for number in range(request["times"]):
        answer({"number": number})
    if request["then"] == "fail":
        raise ValueError("these texts are wrong")
    if request["then"] == "sleep":
        time.sleep(600)
    if request["then"] == "die":
        sys.exit("no more of this")

serve(handle)
"""


@pytest.fixture
def worker(tmp_path):
    (tmp_path / "echoing_worker.py").write_text(ECHO)
    with WorkerProcess("echoing_worker", tmp_path, environment={"PYTHONPATH": str(tmp_path)}) as made:
        yield made


def ask(worker, times, then="end", seconds=None):
    return list(worker.ask({"times": times, "then": then}, seconds))


def test_a_process_answers_one_request_after_the_other(worker):
    assert ask(worker, 2) == [{"number": 0}, {"number": 1}]
    process = worker.start()
    assert ask(worker, 0) == []
    assert ask(worker, 1, "fail") == [{"number": 0}, {"failed": "these texts are wrong"}]
    assert worker.start() is process


def test_a_process_that_ends_says_why_and_another_one_takes_its_place(worker):
    with pytest.raises(WorkerFailed, match="no more of this"):
        ask(worker, 1, "die")
    assert ask(worker, 1) == [{"number": 0}]


def test_a_process_that_takes_too_long_is_ended(worker):
    ask(worker, 0)
    process = worker.start()
    with pytest.raises(TimeIsUp):
        ask(worker, 0, "sleep", seconds=0.2)
    assert process.poll() is not None


def test_whoever_stops_listening_ends_the_process(worker):
    answers = worker.ask({"times": 3, "then": "sleep"})
    assert next(answers) == {"number": 0}
    process = worker.start()
    answers.close()
    assert process.poll() is not None


def test_a_process_ends_with_the_one_that_asks_whatever_it_does(worker):
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(worker.command, env=worker.environment, text=True, **pipes) as process:
        process.stdin.write(json.dumps({"times": 1, "then": "sleep"}) + "\n")
        process.stdin.flush()
        assert json.loads(process.stdout.readline()) == {"number": 0}
        process.stdin.close()
        assert process.wait(timeout=60) == 0
