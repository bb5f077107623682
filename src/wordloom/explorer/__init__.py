"""The explorer: a page in the browser to look into a model and its texts.

It is the server of `wordloom.server` with further endpoints and a page. Explanations, suspects and maps are
those of `explain`, `checks` and `vectors`; what is here asks for them and lays them out. It needs the extra
`wordloom[explorer]`: that of the server, and Bokeh for its script, which draws the map.
"""

from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING, Any

from wordloom.errors import MissingExtraError

if TYPE_CHECKING:
    from wordloom.explorer.explored import Explored

__all__ = ["application", "check_extra"]


def check_extra() -> None:
    """MissingExtraError if a package that the explorer needs is not installed."""
    for package in ("starlette", "uvicorn", "httptools", "bokeh"):
        if importlib.util.find_spec(package) is None:
            raise MissingExtraError("Exploring a model", package, "explorer")


def application(explored: Explored, token: str = "", local: bool = True) -> Any:
    """The ASGI application of the explorer. Raises MissingExtraError without its extra.

    token : what requests must bear, as for `wordloom.server.application`
    local : whether only this machine is to be answered: requests under another host's name are refused
    """
    check_extra()
    from wordloom.explorer.guard import guarded
    from wordloom.explorer.pages import ENDPOINTS
    from wordloom.server.routing import made_application

    return guarded(made_application(explored, token, ENDPOINTS), local)
