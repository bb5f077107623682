"""A model behind a URL: texts in, labels out, over HTTP with JSON, in the forms that other servers speak.

`application` makes the ASGI application of one model and `listening.serve` runs it; they need the extra
`wordloom[serve]` (Starlette and uvicorn). What endpoints ask of a model stands in `service.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wordloom.errors import MissingExtraError
from wordloom.server.limits import Limits

if TYPE_CHECKING:
    from starlette.applications import Starlette

    from wordloom.text_model import TextModel

__all__ = ["Limits", "application"]


def application(
    model: TextModel, name: str = "model", limits: Limits | None = None, token: str | None = None
) -> Starlette:
    """The ASGI application that answers for a model.

    Any ASGI server runs it; one process holds one model. Raises MissingExtraError without Starlette.

    Parameters
    ----------
    model : TextModel
    name : what the model is called in the paths of requests
    limits : on requests; those of `Limits` if none are given
    token : what requests must bear as `Authorization: Bearer TOKEN`; None or empty for no such check
    """
    try:
        import starlette  # noqa: F401
    except ModuleNotFoundError:
        raise MissingExtraError("Serving a model", "starlette", "serve") from None
    from wordloom.server.routing import made_application
    from wordloom.server.service import Service

    return made_application(Service(model, name, limits or Limits()), token)
