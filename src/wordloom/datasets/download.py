"""Downloading one file: resumed where it stopped, its checksum compared before it gets its name.

Bytes go to `NAME.part` beside the target. A break leaves the part there, and the next try asks the server for
the rest; a server that cannot send a rest sends the whole again.
"""

from __future__ import annotations

import hashlib
import http
import http.client
import os
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from wordloom.errors import WordloomError
from wordloom.loop.callback import Callback, CallbackList

_CHUNK_BYTES = 1 << 16
_AGENT = "wordloom"
_PASSING = (408, 429, 500, 502, 503, 504)  # answers that may be another in a moment


class DownloadError(WordloomError):
    """A file that could not be downloaded whole; the message says where to put it by hand."""


@dataclass(frozen=True)
class RemoteFile:
    """A file with a known place and checksum.

    Parameters
    ----------
    url : http or https
    size : bytes
    sha256 : 64 hexadecimal digits
    """

    url: str
    size: int
    sha256: str


@dataclass(frozen=True)
class Patience:
    """How long to try: `tries` without a new byte in between; `pause` s after the first, then doubled."""

    tries: int = 4
    pause: float = 1.0
    timeout: float = 30.0


def download(
    remote: RemoteFile, target: Path, callbacks: Sequence[Callback] = (), patience: Patience | None = None
) -> Path:
    """Download `remote` to `target` and return it; its folder is made. Callbacks are told of the bytes.

    Raises DownloadError without a network, for an answer such as 404, for a disk that cannot be written to,
    and for a wrong checksum (the part is removed then).
    """
    patience = patience or Patience()
    part = target.with_name(f"{target.name}.part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        _fetch_all(remote, part, target, CallbackList(callbacks), patience)
        _compare_checksum(remote, part, target)
        os.replace(part, target)
    except OSError as error:
        raise DownloadError(
            f"{part}: cannot be written: {error.strerror or error}. Make room, or name another folder with "
            "the environment variable WORDLOOM_CACHE."
        ) from error
    return target


class _Broken(Exception):
    """The connection failed in a way that may pass; trying again makes sense."""


def _fetch_all(
    remote: RemoteFile, part: Path, target: Path, callbacks: CallbackList, patience: Patience
) -> None:
    failures, reached = 0, _size(part)
    while _size(part) < remote.size:
        try:
            _fetch_rest(remote, part, target, callbacks, patience.timeout)
        except _Broken as error:
            failures = 1 if _size(part) > reached else failures + 1
            reached = max(reached, _size(part))
            if failures >= patience.tries:
                raise _failed(remote, target, f"the download failed ({error})") from None
            time.sleep(patience.pause * 2 ** (failures - 1))


def _fetch_rest(
    remote: RemoteFile, part: Path, target: Path, callbacks: CallbackList, timeout: float
) -> None:
    start = _size(part)
    response = _opened(remote, target, start, timeout)
    if response is None:  # the server has no bytes after `start`: what is there is not of this file
        part.unlink()
        return
    with response:
        append = response.status == http.HTTPStatus.PARTIAL_CONTENT
        if append and not response.headers.get("Content-Range", "").startswith(f"bytes {start}-"):
            part.unlink(missing_ok=True)
            raise _Broken("the server sent another range than asked for")
        done = start if append else 0
        with open(part, "ab" if append else "wb") as file:
            for chunk in _chunks(response):
                file.write(chunk)
                done += len(chunk)
                callbacks.on_step(f"downloading {target.name}", done, remote.size, "byte")
    if done < remote.size:
        raise _Broken(f"the connection ended after {done:,} of {remote.size:,} bytes")


def _opened(remote: RemoteFile, target: Path, start: int, timeout: float) -> http.client.HTTPResponse | None:
    """The answer to a request for the bytes from `start` on; None where the server has none there."""
    headers = {"User-Agent": _AGENT} | ({"Range": f"bytes={start}-"} if start else {})
    request = urllib.request.Request(remote.url, headers=headers)
    try:
        return cast(http.client.HTTPResponse, urllib.request.urlopen(request, timeout=timeout))
    except urllib.error.HTTPError as error:
        error.close()
        if error.code == http.HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE and start:
            return None
        if error.code in _PASSING:
            raise _Broken(f"the server answered {error.code}") from None
        raise _failed(remote, target, f"the server answered {error.code} {error.reason}") from None
    except urllib.error.URLError as error:
        raise _Broken(str(error.reason)) from None
    except (http.client.HTTPException, OSError) as error:
        raise _Broken(str(error) or type(error).__name__) from None


def _chunks(response: http.client.HTTPResponse) -> Iterator[bytes]:
    """The body; a lost connection is told apart from a full disk, which is an OSError as well."""
    while True:
        try:
            chunk = response.read(_CHUNK_BYTES)
        except (http.client.HTTPException, OSError) as error:
            raise _Broken(str(error) or type(error).__name__) from None
        if not chunk:
            return
        yield chunk


def _compare_checksum(remote: RemoteFile, part: Path, target: Path) -> None:
    with open(part, "rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != remote.sha256:
        size = _size(part)
        part.unlink()
        raise _failed(
            remote,
            target,
            f"what came is not the expected file ({size:,} bytes, SHA-256 {found[:12]}..., expected "
            f"{remote.size:,} bytes, {remote.sha256[:12]}...) and was removed; try once more",
        )


def _failed(remote: RemoteFile, target: Path, what: str) -> DownloadError:
    return DownloadError(
        f"{remote.url}: {what}. If it stays so, download the file in another way and put it here: {target}"
    )


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0
