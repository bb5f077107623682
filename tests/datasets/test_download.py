"""The downloader against a local server: whole, broken and resumed, altered, missing, unwilling."""

from __future__ import annotations

import contextlib
import hashlib
import os
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from wordloom.datasets.download import DownloadError, Patience, RemoteFile, download
from wordloom.loop.callback import Callback

CONTENT = bytes(range(256)) * 1200  # 307,200 bytes, several chunks
QUICK = Patience(tries=3, pause=0.0, timeout=5.0)


class Server(ThreadingHTTPServer):
    """Serves CONTENT; how it misbehaves is set on it."""

    daemon_threads = True
    content = CONTENT
    ranges = True
    shift = 0  # how far off its answers to a range are
    status: int | None = None
    cuts: list[int]  # each answer ends after so many bytes, until the list is used up

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.cuts = []
        self.asked: list[str | None] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/file.tar.gz"


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        wanted = self.headers.get("Range")
        self.server.asked.append(wanted)
        if self.server.status is not None:
            self.send_error(self.server.status)
            return
        start = int(wanted.removeprefix("bytes=").removesuffix("-")) if wanted and self.server.ranges else 0
        if start >= len(self.server.content):
            self.send_error(416)
            return
        body = self.server.content[start:]
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(body)))
        if start:
            shifted = start + self.server.shift
            self.send_header("Content-Range", f"bytes {shifted}-{len(self.server.content) - 1}/*")
        self.end_headers()
        with contextlib.suppress(ConnectionError):
            self.wfile.write(body[: self.server.cuts.pop(0)] if self.server.cuts else body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def remote(server: Server, content: bytes = CONTENT) -> RemoteFile:
    return RemoteFile(server.url, len(content), hashlib.sha256(content).hexdigest())


class Seen(Callback):
    """What was told."""

    def __init__(self) -> None:
        self.bytes: list[int] = []
        self.steps: set[tuple[str, int | None, str]] = set()

    def on_step(self, name: str, done: int, total: int | None, unit: str) -> None:
        self.bytes.append(done)
        self.steps.add((name, total, unit))


def test_a_whole_download_with_progress(server: Server, tmp_path: Path) -> None:
    seen = Seen()
    target = tmp_path / "new" / "folder" / "file.tar.gz"
    done = download(remote(server), target, [seen], QUICK)
    assert done == target
    assert target.read_bytes() == CONTENT
    assert os.listdir(target.parent) == ["file.tar.gz"]
    assert seen.bytes == sorted(seen.bytes)
    assert seen.bytes[-1] == len(CONTENT)
    assert seen.steps == {("downloading file.tar.gz", len(CONTENT), "byte")}


def test_a_connection_that_ends_early_is_resumed_where_it_stopped(server: Server, tmp_path: Path) -> None:
    server.cuts = [100_000, 50_000, 1]
    download(remote(server), tmp_path / "file", patience=QUICK)
    assert (tmp_path / "file").read_bytes() == CONTENT
    assert server.asked == [None, "bytes=100000-", "bytes=150000-", "bytes=150001-"]


def test_a_later_call_goes_on_with_the_part(server: Server, tmp_path: Path) -> None:
    server.cuts = [1000, 0, 0, 0]
    with pytest.raises(DownloadError, match=r"connection ended after 1,000 of 307,200 bytes"):
        download(remote(server), tmp_path / "file", patience=QUICK)
    assert os.listdir(tmp_path) == ["file.part"]
    server.cuts, server.asked = [], []
    download(remote(server), tmp_path / "file", patience=QUICK)
    assert server.asked == ["bytes=1000-"]
    assert (tmp_path / "file").read_bytes() == CONTENT


def test_a_server_without_ranges_sends_the_whole_again(server: Server, tmp_path: Path) -> None:
    server.ranges, server.cuts = False, [100_000]
    seen = Seen()
    download(remote(server), tmp_path / "file", [seen], QUICK)
    assert (tmp_path / "file").read_bytes() == CONTENT
    assert server.asked == [None, "bytes=100000-"]
    assert seen.bytes[-1] == len(CONTENT)


def test_a_server_that_sends_another_range(server: Server, tmp_path: Path) -> None:
    (tmp_path / "file.part").write_bytes(CONTENT[:500])
    server.shift = 10
    download(remote(server), tmp_path / "file", patience=QUICK)
    assert (tmp_path / "file").read_bytes() == CONTENT
    assert server.asked == ["bytes=500-", None]


def test_a_part_longer_than_what_the_server_has(server: Server, tmp_path: Path) -> None:
    (tmp_path / "file.part").write_bytes(CONTENT + b"more")
    with pytest.raises(DownloadError, match=r"not the expected file .* removed"):
        download(remote(server), tmp_path / "file", patience=QUICK)
    assert os.listdir(tmp_path) == []
    (tmp_path / "file.part").write_bytes(CONTENT[:400])
    server.content = CONTENT[:300]  # answers 416 to the rest of a part that is not of its file
    with pytest.raises(DownloadError, match=r"connection ended after 300 of"):
        download(remote(server), tmp_path / "file", patience=QUICK)
    assert server.asked[:2] == ["bytes=400-", None]


def test_a_part_that_is_whole_is_not_asked_for_again(server: Server, tmp_path: Path) -> None:
    (tmp_path / "file.part").write_bytes(CONTENT)
    download(remote(server), tmp_path / "file", patience=QUICK)
    assert server.asked == []
    assert os.listdir(tmp_path) == ["file"]


def test_a_wrong_checksum_leaves_nothing(server: Server, tmp_path: Path) -> None:
    expected = remote(server)
    server.content = CONTENT[:-1] + b"!"
    (tmp_path / "file").write_bytes(b"old")
    with pytest.raises(DownloadError, match=r"not the expected file .*SHA-256.* put it here: .*file"):
        download(expected, tmp_path / "file", patience=QUICK)
    assert os.listdir(tmp_path) == ["file"]
    assert (tmp_path / "file").read_bytes() == b"old"


def test_a_file_that_is_gone_is_asked_for_once(server: Server, tmp_path: Path) -> None:
    server.status = 404
    with pytest.raises(DownloadError, match=r"answered 404 .*another way and put it here: .*file"):
        download(remote(server), tmp_path / "file", patience=QUICK)
    assert server.asked == [None]


def test_a_busy_server_is_asked_again(server: Server, tmp_path: Path) -> None:
    server.status = 503
    with pytest.raises(DownloadError, match=r"answered 503"):
        download(remote(server), tmp_path / "file", patience=QUICK)
    assert server.asked == [None] * QUICK.tries


def test_without_a_network(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound and not listening: connections are refused
        nowhere = RemoteFile(f"http://127.0.0.1:{taken.getsockname()[1]}/x", 10, "0" * 64)
        with pytest.raises(DownloadError, match=r"download failed \(.*put it here: .*wanted.tar.gz"):
            download(nowhere, tmp_path / "wanted.tar.gz", patience=QUICK)


def test_a_folder_that_cannot_be_made(server: Server, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(DownloadError, match=r"cannot be written.*WORDLOOM_CACHE"):
        download(remote(server), tmp_path / "file" / "below", patience=QUICK)
