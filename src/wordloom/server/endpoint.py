"""Endpoint: one path and method of the server, from the bytes of a request to those of its answer."""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from wordloom.errors import DataError
from wordloom.plain_values import from_plain
from wordloom.server.json_text import document_of, text_of
from wordloom.server.refusal import Refusal
from wordloom.server.service import Service

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

Handler = Callable[[Service, Any], Awaitable[Any]]
JSON = b"application/json"


@dataclass(frozen=True)
class Form:
    """One form of the body, or of the query, that an endpoint takes.

    made : the dataclass that a request becomes; its own `answered` gives the answer
    schema : of OpenAPI, by the name of a component
    mark : the entry that only this form has
    """

    made: Any
    schema: str
    mark: str


@dataclass(frozen=True)
class Endpoint:
    """A row of `wordloom.server.endpoints`.

    Parameters
    ----------
    path : with {name} where the model's name stands
    summary : what it does, for the description
    answer : the component of OpenAPI that an answer is
    about : a function of the service that gives the answer, where a request says nothing
    forms : of the body for POST, else of the query
    method : GET or POST
    media_type : of the answer
    open : whether it is answered without a token
    """

    path: str
    summary: str
    answer: str = "Document"
    about: Callable[[Service], Any] | None = None
    forms: tuple[Form, ...] = ()
    method: str = "GET"
    media_type: bytes = JSON
    open: bool = False


@dataclass
class Load:
    """The requests that are being received or wait for an answer, and the bytes of their bodies."""

    requests: int = 0
    held_bytes: int = 0


@dataclass
class Handling:
    """One endpoint of a running server, as an ASGI application."""

    endpoint: Endpoint
    service: Service
    load: Load = field(default_factory=Load)
    token: bytes = b""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        load = self.load
        if not self.endpoint.open:
            check_token(scope, self.token)
            if load.requests >= self.service.limits.requests:
                raise Refusal.busy(f"{load.requests:,} requests are being answered, as many as there can be.")
        load.requests += 1
        try:
            body = await self._answer(scope, receive)
        finally:
            load.requests -= 1
        await send_answer(send, 200, body, self.endpoint.media_type)

    async def _answer(self, scope: Scope, receive: Receive) -> bytes:
        name = scope["path_params"].get("name")
        if name is not None:
            self.service.check_name(name)
        if self.endpoint.about is not None:
            document = self.endpoint.about(self.service)
            return document if isinstance(document, bytes) else text_of(document)
        if self.endpoint.method == "GET":
            return text_of(await self._form_of(_query(scope)).answered(self.service))
        body = await self._body(scope, receive)
        try:
            return text_of(await self._form_of(document_of(body)).answered(self.service))
        finally:
            self.load.held_bytes -= len(body)

    def _form_of(self, values: Any) -> Any:
        """The request that the values are, in the form that they have the mark of."""
        forms = self.endpoint.forms
        marks = [form for form in forms if isinstance(values, Mapping) and form.mark in values]
        if len(forms) > 1 and len(marks) != 1:
            names = " or ".join(repr(form.mark) for form in forms)
            raise Refusal(400, f"The body must be an object with {names}, and with one of them only.")
        try:
            return from_plain((marks or forms)[0].made, values)
        except DataError as error:
            raise Refusal(400, f"Not a request that can be answered: {error}") from None

    async def _body(self, scope: Scope, receive: Receive) -> bytes:
        """The whole body. Its bytes count as held from when they arrive; the caller gives them back."""
        most, load = self.service.limits.body_bytes, self.load
        _check_head(scope, most)
        parts: list[bytes] = []
        held = 0
        try:
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise Refusal(400, "The connection was closed before the body was whole.", CLOSE)
                part = message.get("body", b"")
                held += len(part)
                load.held_bytes += len(part)
                if held > most:
                    raise _too_large(held, most)
                if load.held_bytes > self.service.limits.held_bytes:
                    raise Refusal.busy("The requests that wait hold as many bytes as there may be.")
                parts.append(part)
                if not message.get("more_body", False):
                    return parts[0] if len(parts) == 1 else b"".join(parts)
        except BaseException:
            load.held_bytes -= held
            raise


CLOSE = {"Connection": "close"}
"""Of answers that are given before the body has come; the rest of it is not waited for."""


def check_token(scope: Scope, token: bytes) -> None:
    """Refusal (401) for a request without the token, if there is one."""
    if not token:
        return
    given = next((value for name, value in scope["headers"] if name == b"authorization"), b"")
    scheme, _, borne = given.partition(b" ")
    # in constant time, so that the time of the answer does not tell how much of the token is right
    if not hmac.compare_digest(borne.strip(), token) or scheme.lower() != b"bearer":
        raise Refusal(
            401, "The request needs the header 'Authorization: Bearer TOKEN'.", {"WWW-Authenticate": "Bearer"}
        )


def _check_head(scope: Scope, most: int) -> None:
    """Refusal for a body that is announced as too large, or as encoded."""
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit() and int(value[:20]) > most:
            raise _too_large(int(value[:20]), most)
        if name == b"content-encoding" and value.strip().lower() not in (b"", b"identity"):
            raise Refusal(415, "The body is encoded; send plain JSON without Content-Encoding.", CLOSE)
        if name == b"inference-header-content-length":
            raise Refusal(400, "Binary tensors are not taken; send the data as JSON.", CLOSE)


def _too_large(length: int, most: int) -> Refusal:
    return Refusal(413, f"The body has {length:,} bytes or more; at most {most:,} are taken.", CLOSE)


def _query(scope: Scope) -> dict[str, Any]:
    """The values of a query. Refusal (400) for a value that is given twice."""
    try:
        pairs = parse_qsl(
            scope["query_string"].decode("ascii"), keep_blank_values=True, max_num_fields=20, errors="strict"
        )
    except ValueError as error:
        raise Refusal(400, f"The query cannot be read: {str(error)[:200]}.") from None
    values = dict(pairs)
    if len(values) < len(pairs):
        raise Refusal(400, "A value stands in the query twice; give it once.")
    return values


async def send_answer(
    send: Send, status: int, body: bytes, media_type: bytes = JSON, headers: Mapping[str, str] | None = None
) -> None:
    """Send a whole answer."""
    head = [(b"content-type", media_type), (b"content-length", str(len(body)).encode())]
    head += [(name.lower().encode(), value.encode("latin-1")) for name, value in (headers or {}).items()]
    await send({"type": "http.response.start", "status": status, "headers": head})
    await send({"type": "http.response.body", "body": body})


async def send_refusal(send: Send, refusal: Refusal) -> None:
    """Send what a refusal says."""
    await send_answer(send, refusal.status, text_of(refusal.document()), JSON, refusal.headers)
