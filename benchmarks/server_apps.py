"""The applications that the benchmark of the server loads: a constant answer, and a model under granian.

python server_apps.py      serves the constant on a free port, with uvicorn as `wordloom serve` sets it up
"""

from __future__ import annotations

import json
import os
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

ANSWER = [{"label": "pos", "score": 0.9876543210123456}]


async def _constant(request: Request) -> JSONResponse:
    await request.body()
    return JSONResponse(ANSWER)


constant = Starlette(routes=[Route("/predict", _constant, methods=["POST"])])


def model() -> Any:
    """The application of the model in the folder that SERVED_MODEL names."""
    from wordloom.server import application
    from wordloom.text_model import TextModel

    return application(TextModel.load(os.environ["SERVED_MODEL"]))


def main() -> None:
    from wordloom.server import Limits
    from wordloom.server.listening import address_of, listener, serve

    with listener("127.0.0.1", 0) as listening:
        serve(
            constant,
            listening,
            Limits(),
            lambda: print(json.dumps({"url": address_of(listening)}), flush=True),
        )


if __name__ == "__main__":
    main()
