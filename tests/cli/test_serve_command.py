"""`wordloom serve`: what it refuses to start with; a process that answers, bounds its clients, ends well."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from wordloom.errors import WordloomError
from wordloom.server import Limits

pytest.importorskip("uvicorn", reason="needs the extra: pip install 'wordloom[serve]'")
from wordloom.server.listening import listener
from wordloom.server.processes import ServedModel, serve_in_processes

TEXT = json.dumps({"inputs": "the film was superb"}).encode()
HEAD = b"POST /predict HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % len(TEXT)


def test_a_port_in_use_is_an_error_that_says_the_way_out(fails, model):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        message = fails(2, "serve", model, "--port", taken.getsockname()[1])
    assert re.search(r"Cannot listen on 127.0.0.1, port \d+: Address already in use.*--port 0", message)


def test_a_host_that_there_is_not_is_an_error(fails, model):
    assert "no host 'no.such.host.invalid'" in fails(2, "serve", model, "--host", "no.such.host.invalid")


def test_a_name_that_no_path_can_hold_is_an_error(fails, model):
    assert "part of a URL" in fails(2, "serve", model, "--port", 0, "--name", "a/b")


def test_a_model_that_there_is_not_is_an_error(fails):
    assert "no-model" in fails(3, "serve", "no-model", "--port", 0)


def test_without_the_extra_the_error_says_how_to_install_it(fails, model, monkeypatch):
    for name in [name for name in sys.modules if name.startswith("wordloom.server.listening")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    assert "pip install 'wordloom[serve]'" in fails(1, "serve", model, "--port", 0)


@pytest.mark.parametrize("token", ["", "secret"])
def test_other_machines_are_warned_of_unless_there_is_a_token(run, model, token, monkeypatch):
    monkeypatch.setenv("WORDLOOM_TOKEN", token)
    monkeypatch.setattr("wordloom.server.listening.serve", lambda *_: None)
    warned = run("serve", model, "--host", "0.0.0.0", "--port", 0).stderr
    assert ("WORDLOOM_TOKEN" in warned) == (not token)
    assert run("serve", model, "--port", 0).stderr == ""


def test_a_secret_is_taken_without_the_line_break_that_a_file_ends_with(run, fails, model, monkeypatch):
    taken = []
    monkeypatch.setattr("wordloom.server.listening.serve", lambda application, *_: taken.append(application))
    monkeypatch.setenv("WORDLOOM_TOKEN", " secret\r\n")
    run("serve", model, "--port", 0)
    handling = next(route.endpoint for route in taken[0].routes if route.path == "/predict")
    assert handling.token == b"secret"
    monkeypatch.setenv("WORDLOOM_TOKEN", " \n")
    assert "white space, which is no secret" in fails(2, "serve", model, "--port", 0)


class Server:
    """A server in a process of its own."""

    def __init__(self, model, *options, command=None):
        usual = ["-m", "wordloom", "serve", str(model), "--port", "0", "--json", *options]
        command = [sys.executable, *(command or usual)]
        environment = {**os.environ, "WORDLOOM_KERNELS": "plain"}
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
        self.url = json.loads(self.process.stdout.readline())["url"]

    def connection(self):
        """A connection to it."""
        return socket.create_connection(("127.0.0.1", int(self.url.rpartition(":")[2])), timeout=60)

    def stop(self):
        """Its exit code after SIGTERM."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60)


def received(connection, until=b""):
    """Everything that comes until the other side closes, or until these bytes."""
    found = b""
    while not (until and until in found) and (piece := connection.recv(65_536)):
        found += piece
    return found.decode()


def wait_until_closed(server):
    """Until the server accepts no connections."""
    with contextlib.suppress(ConnectionError):
        while True:
            server.connection().close()


@pytest.fixture(scope="module")
def server(model):
    """A server whose clients have half a second to send a request."""
    started = Server(model, "--timeout", "0.5")
    yield started
    assert started.stop() == 0


def test_a_process_answers_and_ends_on_sigterm_with_success(server):
    request = urllib.request.Request(f"{server.url}/predict", TEXT)
    with urllib.request.urlopen(request) as answer:
        assert json.load(answer)[0]["label"] == "pos"
        assert answer.headers["content-type"] == "application/json"


@pytest.mark.parametrize("sent", [b"", b"POST /predict HTTP/1.1\r\nHost", HEAD + TEXT[:5]])
def test_a_client_that_does_not_go_on_is_told_so_and_left(server, sent):
    with server.connection() as connection:
        connection.sendall(sent)
        answer = received(connection)
    assert answer.startswith("HTTP/1.1 408 ")
    assert "did not arrive within 0.5 s" in answer


def test_a_client_may_ask_again_and_is_left_when_it_stops_in_between(server):
    with server.connection() as connection:
        for _ in range(2):
            connection.sendall(HEAD + TEXT)
            assert received(connection, until=b"}]").startswith("HTTP/1.1 200 ")
        connection.sendall(HEAD[:10])
        assert received(connection).startswith("HTTP/1.1 408 ")


FEW_CONNECTIONS = """
import json, sys
from wordloom.server import Limits, application
from wordloom.server.listening import address_of, listener, serve
from wordloom.text_model import TextModel
limits = Limits(connections=2)
with listener("127.0.0.1", 0) as listening:
    url = json.dumps({"url": address_of(listening)})
    made = application(TextModel.load(sys.argv[1]), limits=limits)
    serve(made, listening, limits, lambda: print(url, flush=True))
"""


def test_more_connections_than_there_can_be_are_refused_in_json(model):
    server = Server(model, command=["-c", FEW_CONNECTIONS, str(model)])
    with server.connection() as one, server.connection() as two:
        for connection in (one, two):
            connection.sendall(HEAD + TEXT)
            assert received(connection, until=b"}]").startswith("HTTP/1.1 200 ")
        with server.connection() as third:
            answer = received(third)
    assert answer.startswith("HTTP/1.1 503 ")
    assert "Retry-After: 1" in answer
    assert '"code":"overloaded"' in answer
    assert server.stop() == 0


def test_a_head_without_end_is_refused(server):
    with server.connection() as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nX: " + b"a" * 100_000)
        assert received(connection).startswith("HTTP/1.1 431 ")


@pytest.mark.parametrize(
    "head", [b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\n", b"GET / HTTP/1.1\r\n" + b"X: abcdefgh\r\n" * 8_000]
)
def test_a_large_head_is_refused_though_it_comes_whole(server, head):
    with server.connection() as connection:
        connection.sendall(head + b"\r\n")
        assert received(connection).startswith("HTTP/1.1 431 ")


def test_who_sends_too_much_can_read_that_it_is_too_much(server):
    request = urllib.request.Request(f"{server.url}/predict", b" " * 20_000_000)
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request, timeout=60)
    assert refused.value.code == 413
    assert "at most 4,000,000" in json.load(refused.value)["error"]["message"]


def test_who_goes_on_sending_what_was_refused_is_left(server):
    head = b"POST /predict HTTP/1.1\r\nHost: x\r\nContent-Length: 999999999\r\n\r\n"
    with server.connection() as connection, pytest.raises(ConnectionError):
        connection.sendall(head + b" " * 100_000_000)


def test_what_is_not_http_is_refused_in_json(server):
    with server.connection() as connection:
        connection.sendall(b"\x16\x03\x01\x00\x00 hello\r\n\r\n")
        answer = received(connection)
    assert answer.startswith("HTTP/1.1 400 ")
    assert '"code":"invalid_request"' in answer


def test_a_request_that_has_begun_is_answered_before_the_process_ends(model):
    server = Server(model)
    with server.connection() as connection:
        connection.sendall(HEAD + TEXT[:5])
        with urllib.request.urlopen(f"{server.url}/healthz"):  # so the head has been read
            pass
        server.process.send_signal(signal.SIGTERM)
        wait_until_closed(server)
        connection.sendall(TEXT[5:])
        answer = received(connection)
    assert answer.startswith("HTTP/1.1 200 ")
    assert server.process.wait(60) == 0


def answering(server):
    """The processes that answer for a server of several."""
    children = Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children")
    if not children.exists():
        pytest.skip("the processes of a process are found in Linux's /proc")
    commands = {
        int(child): Path(f"/proc/{child}/cmdline").read_text() for child in children.read_text().split()
    }
    return [child for child, command in commands.items() if "spawn_main" in command]


def answers(server):
    request = urllib.request.Request(f"{server.url}/predict", TEXT)
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)[0]["label"]


def wait_for(condition):
    ends = time.monotonic() + 60
    while not condition() and time.monotonic() < ends:
        time.sleep(0.1)
    assert condition()


def test_of_several_processes_one_that_dies_is_replaced_and_all_end_on_sigterm(model):
    server = Server(model, "--processes", "2")
    first = answering(server)
    assert len(first) == 2
    os.kill(first[0], signal.SIGKILL)
    wait_for(lambda: len(answering(server)) == 2 and answering(server) != first)
    assert answers(server) == "pos"
    assert server.stop() == 0
    wait_until_closed(server)


def test_no_process_goes_on_when_the_one_that_started_them_is_killed(model):
    server = Server(model, "--processes", "2")
    assert answers(server) == "pos"
    server.process.kill()
    server.process.wait()
    wait_until_closed(server)


def test_processes_that_cannot_start_are_an_error(tmp_path):
    served = ServedModel(str(tmp_path / "gone"), "gone", Limits(), "")
    with listener("127.0.0.1", 0) as listening, pytest.raises(WordloomError, match="ended before they began"):
        serve_in_processes(served, listening, 2, ready=pytest.fail)
