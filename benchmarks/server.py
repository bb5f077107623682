"""`wordloom serve` with the n-gram model of the IMDB reviews: under load, and under attack.

python server.py [ANSWERS]     1,000,000 if it is not said

16 clients in a process of their own send single reviews, each its next one when it has its answer; every
answer is compared with the model's. Beside it, in turns and with the same clients: two processes of it, which
share the two cores with the clients; the same server with a constant in the place of the prediction, the
same uvicorn and Starlette answering constant JSON, and granian in the place of uvicorn, if it is installed.
Then good and bad clients of every kind come together: 36,000 bad requests are an hour of ten a second.
"""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from server_apps import ANSWER
from side_by_side import imdb, report_figure
from wordloom.fit import fit
from wordloom.memory import memory_of
from wordloom.settings import Settings
from wordloom.text_model import TextModel

HERE = Path(__file__).parent
REVIEWS, ROUNDS, IN_A_ROUND, CLIENTS = 5_000, 5, 10_000, 16
BAD_REQUESTS, SLOW_REQUESTS = 36_000, 2_000
OURS, TWO = "wordloom serve", "wordloom serve --processes 2"
CONSTANT, BARE = "the same server answering a constant", "Starlette alone"
SERVE = [sys.executable, "-m", "wordloom", "serve"]


def written(document: Any) -> str:
    """JSON as servers write it."""
    return json.dumps(document, separators=(",", ":"))


def plan_of(model: TextModel, texts: list[str]) -> dict[str, Any]:
    """What the clients send, and the answers that they expect."""
    rows = model.predict_proba(texts).tolist()
    best = [max(row) for row in rows]
    answers = [
        [{"label": model.labels[row.index(score)], "score": score}]
        for row, score in zip(rows, best, strict=True)
    ]
    return {
        "host": "127.0.0.1",
        "path": "/predict",
        "bodies": [written({"inputs": text}) for text in texts],
        "expected": list(map(written, answers)),
        "connections": CLIENTS,
        "clients": CLIENTS,
        "bad_requests": BAD_REQUESTS,
        "slow_requests": SLOW_REQUESTS,
    }


@contextlib.contextmanager
def running(command: list[str], **environment: str) -> Iterator[tuple[int, int]]:
    """(port, process id) of a server that says its URL in JSON."""
    process = subprocess.Popen(
        command, cwd=HERE, stdout=subprocess.PIPE, text=True, env={**os.environ, **environment}
    )
    try:
        assert process.stdout is not None
        url = json.loads(process.stdout.readline())["url"]
        yield int(url.rpartition(":")[2]), process.pid
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0, "the server did not end well"


@contextlib.contextmanager
def granian(app: str, folder: str) -> Iterator[int]:
    """The port of an application under granian, with one worker as uvicorn has."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "granian", "--interface", "asgi", "--port", str(port)]
    command += ["--log-level", "error", "--factory", f"server_apps:{app}"]
    environment = {**os.environ, "SERVED_MODEL": folder, "WORDLOOM_KERNELS": "compiled"}
    process = subprocess.Popen(command, cwd=HERE, env=environment)
    try:
        for _ in range(200):
            time.sleep(0.1)
            with contextlib.suppress(ConnectionRefusedError), socket.create_connection(("127.0.0.1", port)):
                break
        yield port
    finally:
        process.terminate()
        process.wait(60)


def clients(script: str, plan: dict[str, Any]) -> dict[str, Any]:
    """What clients in a process of their own saw."""
    with tempfile.NamedTemporaryFile("w", suffix=".json", encoding="utf-8") as file:
        json.dump(plan, file)
        file.flush()
        done = subprocess.run(
            [sys.executable, script, file.name], cwd=HERE, stdout=subprocess.PIPE, check=True
        )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def processor_seconds(pid: int) -> float:
    """Seconds of processor time that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def load(plan: dict[str, Any], folder: str, answers: int) -> None:
    """Requests a second and their slowest hundredth, beside constant JSON."""
    constant = {**plan, "expected": [written(ANSWER)] * len(plan["bodies"])}
    with contextlib.ExitStack() as stack:
        ours = stack.enter_context(running([*SERVE, folder, "--port", "0", "--json"]))
        two = stack.enter_context(running([*SERVE, folder, "--port", "0", "--json", "--processes", "2"]))
        ports = {OURS: (plan, ours[0]), TWO: (plan, two[0])}
        for name, app in ((CONSTANT, "constant"), (BARE, "bare")):
            started = stack.enter_context(running([sys.executable, "server_apps.py", app]))
            ports[name] = (constant, started[0])
        if importlib.util.find_spec("granian") is not None:
            ports["granian, the model"] = (plan, stack.enter_context(granian("model", folder)))
            ports["granian, Starlette alone"] = (constant, stack.enter_context(granian("bare", folder)))
        rounds: dict[str, list[dict[str, Any]]] = {name: [] for name in ports}
        for number in range(ROUNDS + 1):
            for name, (sent, port) in ports.items():
                seen = clients("load_client.py", {**sent, "port": port, "requests": IN_A_ROUND})
                assert not seen["wrong"], (name, seen)
                if number:  # the first one warms up
                    rounds[name].append(seen)
        report_rounds(rounds)
        report_long_run(plan, ours, max(answers - (ROUNDS + 1) * IN_A_ROUND, IN_A_ROUND))


def report_rounds(rounds: dict[str, list[dict[str, Any]]]) -> None:
    """Medians over the rounds, and ratios round by round."""
    for name, seen in rounds.items():
        speeds, slowest = [one["per_second"] for one in seen], [one["p99"] for one in seen]
        spread = f"{min(speeds):,.0f} to {max(speeds):,.0f}"
        report_figure(
            f"server, {name}: requests a second of {CLIENTS} clients ({spread})",
            statistics.median(speeds),
            "a second",
            goal=3_000 if name == OURS else 0,
            at_most=False,
        )
        milliseconds = 1_000 * statistics.median(slowest)
        report_figure(f"server, {name}: 99th percentile", milliseconds, "ms", goal=0, at_most=True)
    for name, goals in ((CONSTANT, (0.5, 3)), (BARE, (0, 0))):
        pairs = list(zip(rounds[OURS], rounds[name], strict=True))
        share = statistics.median(ours["per_second"] / peer["per_second"] for ours, peer in pairs)
        times = statistics.median(ours["p99"] / peer["p99"] for ours, peer in pairs)
        report_figure(f"server: requests a second as a share of {name}'s", share, "", goals[0], at_most=False)
        report_figure(f"server: 99th percentile, of {name}'s", times, "times", goals[1], at_most=True)


def report_long_run(plan: dict[str, Any], server: tuple[int, int], answers: int) -> None:
    """Many answers, every one of them checked."""
    port, pid = server
    before, used = memory_of(pid) or 0, processor_seconds(pid)
    seen = clients("load_client.py", {**plan, "port": port, "requests": answers})
    microseconds = 1e6 * (processor_seconds(pid) - used) / answers
    total = (ROUNDS + 1) * IN_A_ROUND + seen["answers"]
    report_figure("server: processor time a request", microseconds, "microseconds", goal=0, at_most=True)
    report_figure("server: answers compared with the model's", total, "answers", goal=0, at_most=False)
    report_figure("server: of them wrong or lost", seen["wrong"], "answers", goal=0, at_most=True)
    assert not seen["wrong"], seen
    grown = ((memory_of(pid) or 0) - before) / 1e6
    report_figure("server: memory grown meanwhile", grown, "MB", goal=20, at_most=True)


def attack(plan: dict[str, Any], folder: str) -> None:
    """Good and bad clients together; memory after a tenth of them and at the end."""
    with running([*SERVE, folder, "--port", "0", "--json", "--timeout", "2"]) as (port, pid):
        few = {"bad_requests": BAD_REQUESTS // 10, "slow_requests": SLOW_REQUESTS // 10}
        clients("hostile_client.py", {**plan, **few, "port": port})
        before = memory_of(pid) or 0
        seen = clients("hostile_client.py", {**plan, "port": port})
        grown = ((memory_of(pid) or 0) - before) / 1e6
    good, bad = sum(seen["good"].values()), sum(seen["bad"].values())
    report_figure(f"server under attack: bad requests, beside {good:,} good ones", bad, "requests", 0, False)
    report_figure("server under attack: wrong answers to either", seen["n_wrong"], "answers", 0, True)
    report_figure(
        f"server under attack: memory grown, from {before / 1e6:,.0f} MB", grown, "MB", goal=20, at_most=True
    )
    assert not seen["n_wrong"], seen
    print(json.dumps(seen["bad"], indent=1), file=sys.stderr)


def main() -> None:
    answers = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    data = imdb()
    assert data.test is not None
    with tempfile.TemporaryDirectory() as folder:
        fit(data.train, Settings(random_state=0)).save(Path(folder) / "imdb")
        model = TextModel.load(Path(folder) / "imdb")
        plan = plan_of(model, list(data.test.texts[:REVIEWS]))
        load(plan, str(Path(folder) / "imdb"), answers)
        attack(plan, str(Path(folder) / "imdb"))


if __name__ == "__main__":
    main()
