"""Refusal: a request that is not answered as it asks, as a status and a JSON document that says why."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

REASONS = {
    400: "invalid_request",
    401: "unauthorized",
    404: "not_found",
    405: "method_not_allowed",
    408: "too_slow",
    413: "too_large",
    415: "unsupported_encoding",
    431: "head_too_large",
    500: "internal_error",
    503: "overloaded",
}
"""What the statuses are called in `error.code`; a document of OpenAPI lists them too."""


class Refusal(Exception):
    """A request that is refused.

    Parameters
    ----------
    status : of HTTP, one of REASONS
    message : what is wrong, and the way out
    headers : further headers of the answer
    """

    def __init__(self, status: int, message: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.status, self.message, self.headers = status, message, dict(headers or {})

    @staticmethod
    def busy(message: str) -> Refusal:
        """The server has too much to do; the client may come again."""
        return Refusal(503, f"{message} Try again in a moment.", {"Retry-After": "1"})

    def document(self) -> dict[str, Any]:
        """What the answer says."""
        error = {"status": self.status, "code": REASONS.get(self.status, "error"), "message": self.message}
        return {"error": error}
