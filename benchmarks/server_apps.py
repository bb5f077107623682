"""The applications that the benchmark of the server loads, besides `wordloom serve` itself.

python server_apps.py constant      `wordloom serve` with a model that answers a constant
python server_apps.py bare          constant JSON from Starlette alone, under uvicorn set up in the same way

Either is served on a free port. `model`, `constant` and `bare` make them for other servers too.
"""

from __future__ import annotations

import json
import os
import sys
from types import SimpleNamespace
from typing import Any

import numpy as np
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from wordloom.server import Limits, application
from wordloom.server.listening import address_of, listener, serve
from wordloom.text_model import TextModel

LABELS = ("neg", "pos")
ANSWER = [{"label": "pos", "score": 0.75}]


def bare() -> Starlette:
    """Constant JSON and nothing else."""

    async def answer(request: Request) -> JSONResponse:
        await request.body()
        return JSONResponse(ANSWER)

    return Starlette(routes=[Route("/predict", answer, methods=["POST"])])


def constant() -> Starlette:
    """Everything of wordloom's server but the prediction."""
    network = SimpleNamespace(probabilities=lambda texts, threads: np.array([[0.25, 0.75]] * len(texts)))
    model: Any = SimpleNamespace(
        labels=LABELS, target="single", thresholds=(), network=network, encode=lambda texts, threads: texts
    )
    return application(model)


def model() -> Starlette:
    """The model in the folder that SERVED_MODEL names."""
    return application(TextModel.load(os.environ["SERVED_MODEL"]))


def main() -> None:
    made = {"bare": bare, "constant": constant}[sys.argv[1]]()
    with listener("127.0.0.1", 0) as listening:
        url = json.dumps({"url": address_of(listening)})
        serve(made, listening, Limits(), lambda: print(url, flush=True))


if __name__ == "__main__":
    main()
