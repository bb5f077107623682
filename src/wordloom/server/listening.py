"""Listening: the socket, uvicorn on it, and clients that open a connection and say nothing or have no end.

uvicorn limits how long an idle connection is kept, but neither how long a request may take to arrive nor how
large its head may be; `_BoundedRequests` does, and refuses connections beyond the limit in JSON. It also lets
clients that are still sending read why they are refused.
"""

from __future__ import annotations

import asyncio
import ipaddress
import signal
import socket
from collections.abc import Callable
from functools import partial
from typing import Any

import uvicorn
from starlette.applications import Starlette
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from wordloom.errors import UsageError
from wordloom.server.json_text import text_of
from wordloom.server.limits import Limits
from wordloom.server.refusal import Refusal

MOST_HEAD_BYTES = 65_536


def listener(host: str, port: int) -> socket.socket:
    """A socket that listens; port 0 stands for any free one.

    Raises UsageError for a port that is in use or not allowed, and for a host that is not this machine's.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except OSError as error:
        raise UsageError(f"There is no host {host!r:.200} to listen on: {error.strerror or error}.") from None
    made = socket.socket(family, kind, protocol)
    try:
        # a port that a server before this one has just left is free, one that another listens on is not
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind(address)
        made.listen(1024)
    except OSError as error:
        made.close()
        raise UsageError(
            f"Cannot listen on {host}, port {port}: {error.strerror or error}. Choose another port with "
            "--port; --port 0 takes a free one."
        ) from None
    return made


def address_of(listening: socket.socket) -> str:
    """The URL of a socket that listens."""
    host, port = listening.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def is_loopback(listening: socket.socket) -> bool:
    """Whether only programs of this machine reach the socket."""
    return ipaddress.ip_address(listening.getsockname()[0].partition("%")[0]).is_loopback


def configuration(
    application: Starlette | Callable[[], Starlette], limits: Limits, **others: Any
) -> uvicorn.Config:
    """How uvicorn is to serve an application, or what makes one (`factory=True`)."""
    return uvicorn.Config(
        application,
        http=partial(_BoundedRequests, limits),  # type: ignore[arg-type]
        ws="none",
        lifespan="on",
        log_level="error",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=int(max(limits.seconds, 1)),
        timeout_graceful_shutdown=int(limits.seconds) + 5,
        **others,
    )


def serve(
    application: Starlette, listening: socket.socket, limits: Limits, ready: Callable[[], None]
) -> None:
    """Answer until SIGTERM or Ctrl-C; what has been asked by then is answered first. In the main thread only.

    ready : called when requests are answered
    """

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            ready()

    config = configuration(application, limits)
    # uvicorn passes a signal on when it has ended; SIGTERM has then done what it should
    before = signal.signal(signal.SIGTERM, lambda *_: None)
    try:
        Server(config).run(sockets=[listening])
    finally:
        signal.signal(signal.SIGTERM, before)


class _BoundedRequests(HttpToolsProtocol):
    """HTTP whose requests must arrive within the limit of time, with heads of a bounded size."""

    def __init__(self, limits: Limits, *args: Any, **others: Any) -> None:
        super().__init__(*args, **others)
        self._limits, self._head_bytes = limits, 0
        self._arriving = self._in_head = False
        self._lingers, self._passed_over = True, -1
        self._ending: asyncio.TimerHandle | None = None
        self._socket: Any = None

    def connection_made(self, transport: Any) -> None:
        self._socket = transport
        super().connection_made(_Transport(transport, self._close, self._is_closing))  # type: ignore[arg-type]
        if len(self.connections) > self._limits.connections:
            self._refuse(Refusal.busy("There are as many connections as there can be."))
        else:
            self._expect()

    def data_received(self, data: bytes) -> None:
        if self._passed_over >= 0:
            self._passed_over += len(data)
            if self._passed_over > self._limits.held_bytes:
                self._socket.abort()
            return
        self._head_bytes += len(data)
        super().data_received(data)
        if not self._arriving:
            self._forget()
        elif self._in_head and self._head_bytes > MOST_HEAD_BYTES:
            self._refuse_head()
        elif self._ending is None:
            self._expect()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._arriving = self._in_head = True

    def on_headers_complete(self) -> None:
        if len(self.url) + sum(len(name) + len(value) for name, value in self.headers) > MOST_HEAD_BYTES:
            self._refuse_head()
            raise ValueError  # ends the parser, whatever follows
        super().on_headers_complete()
        self._in_head = False

    def on_message_complete(self) -> None:
        super().on_message_complete()
        self._arriving, self._head_bytes = False, 0

    def shutdown(self) -> None:
        """As uvicorn's; a server that ends does not wait for those who are still sending."""
        self._lingers = False
        super().shutdown()

    def connection_lost(self, exc: Exception | None) -> None:
        self._forget()
        super().connection_lost(exc)

    def _expect(self) -> None:
        self._ending = self.loop.call_later(self._limits.seconds, self._too_slow)

    def _forget(self) -> None:
        if self._ending is not None:
            self._ending.cancel()
            self._ending = None

    def _is_closing(self) -> bool:
        return self._passed_over >= 0 or self._socket.is_closing()

    def _close(self) -> None:
        """Close the connection, but let a client that is still sending read its answer first.

        A socket that is closed with bytes to read resets the connection, and the answer may be lost. So its
        writing side alone is closed, and what still comes is passed over until the client closes, too: for a
        bounded time, and a bounded number of bytes.
        """
        if not self._lingers or not self._arriving or self._is_closing():
            self._socket.close()
            return
        self._passed_over = 0
        self._socket.write_eof()
        self.flow.resume_reading()
        self._forget()
        self._ending = self.loop.call_later(self._limits.seconds, self._socket.abort)

    def _too_slow(self) -> None:
        self._lingers = False  # for this client one has waited
        self._refuse(Refusal(408, f"The request did not arrive within {self._limits.seconds:g} s."))

    def send_400_response(self, msg: str) -> None:
        """As uvicorn's, but JSON."""
        self._refuse(Refusal(400, "The request is not HTTP/1.1 that can be read."))

    def _refuse_head(self) -> None:
        self._refuse(Refusal(431, f"The head of the request has more than {MOST_HEAD_BYTES:,} bytes."))

    def _refuse(self, refusal: Refusal) -> None:
        if self.transport.is_closing():
            return
        body = text_of(refusal.document())
        headers = {
            "Content-Type": "application/json",
            "Content-Length": str(len(body)),
            "Connection": "close",
            **refusal.headers,
        }
        head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        self.transport.write(STATUS_LINE[refusal.status] + head.encode() + b"\r\n" + body)
        self.transport.close()


class _Transport:
    """A transport whose closing is another's matter; uvicorn closes it by itself."""

    def __init__(self, transport: Any, close: Callable[[], None], is_closing: Callable[[], bool]) -> None:
        self._transport, self.close, self.is_closing = transport, close, is_closing

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)
