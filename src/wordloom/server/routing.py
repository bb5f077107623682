"""The ASGI application: routes from the rows of endpoints, errors as JSON, the worker's beginning and end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from functools import partial

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from wordloom.server.description import description
from wordloom.server.endpoint import Endpoint, Handling, Load
from wordloom.server.endpoints import ENDPOINTS
from wordloom.server.json_text import text_of
from wordloom.server.refusal import Refusal
from wordloom.server.service import Service


def made_application(
    service: Service, token: str | None = None, further: Sequence[Endpoint] = ()
) -> Starlette:
    """The application that answers for a service; see `wordloom.server.application`.

    further : endpoints that an application has beside its own, or in the place of those of the same path
    """
    load, borne = Load(), (token or "").encode()
    described = partial(description, ENDPOINTS, bool(borne))
    rows = (*further, *ENDPOINTS, Endpoint("/openapi.json", "This description", about=described))
    routes = [
        Route(row.path, Handling(row, service, load, borne), methods=[row.method], name=row.path)
        for row in rows
    ]

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        service.worker.measure()
        yield
        await asyncio.to_thread(service.worker.stop)

    made = Starlette(routes=routes, lifespan=lifespan, exception_handlers=dict(_HANDLERS))
    made.router.redirect_slashes = False  # a redirect would be one more answer that is no JSON
    return made


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refusal)
    body = text_of(error.document())
    return Response(body, error.status, error.headers, "application/json")


async def _not_routed(request: Request, error: Exception) -> Response:
    """The answer for a path that there is not, or a method that it has not."""
    assert isinstance(error, HTTPException)
    allowed = (error.headers or {}).get("Allow", "")
    message = f"This path takes {allowed}." if allowed else "There is no such path; see /openapi.json."
    return await _refused(request, Refusal(error.status_code, message, error.headers))


async def _failed(request: Request, error: Exception) -> Response:
    """The answer for a bug; Starlette goes on to raise it, so that the server's log has its traceback."""
    return await _refused(request, Refusal(500, "The server failed; its log says why."))


_HANDLERS: dict[type[Exception], Callable[[Request, Exception], Awaitable[Response]]] = {
    Refusal: _refused,
    HTTPException: _not_routed,
    Exception: _failed,
}
