"""The guard of the explorer: pages of other places may neither ask it nor be shown by it."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from wordloom.server.endpoint import send_refusal
from wordloom.server.refusal import Refusal

if TYPE_CHECKING:
    from starlette.types import Message, Receive, Scope, Send

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; connect-src 'self'; "
    "img-src 'self' data: blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""Everything comes from the server itself. Bokeh sets styles of its own elements; no text becomes markup."""
_HEADERS = [
    (b"content-security-policy", POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cache-control", b"no-store"),
]


def guarded(application: Any, local: bool) -> Any:
    """The application behind the guard; see `wordloom.explorer.application`."""

    async def answered(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await application(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message["headers"], *_HEADERS]}
            await send(message)

        refusal = _refusal(dict(scope["headers"]), local)
        if refusal is None:
            await application(scope, receive, with_headers)
        else:
            await send_refusal(with_headers, refusal)

    return answered


def _refusal(headers: dict[bytes, bytes], local: bool) -> Refusal | None:
    """Why a request is not answered: it comes from a page of another place, or under another name."""
    host = headers.get(b"host", b"").decode("latin-1")
    if local and not _is_local(host):
        return Refusal(
            400, "The explorer answers under the names of this machine only: 127.0.0.1, localhost."
        )
    origin = headers.get(b"origin")
    if origin is not None and urlsplit(origin.decode("latin-1")).netloc != host:
        return Refusal(400, "The explorer does not answer pages of other places.")
    return None


def _is_local(host: str) -> bool:
    try:
        name = urlsplit(f"//{host}").hostname or ""
        return name == "localhost" or ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False
