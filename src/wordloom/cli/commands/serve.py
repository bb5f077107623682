"""`wordloom serve`: answer for a model over HTTP."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import click

from wordloom.cli.command import SIZE, Command, json_option
from wordloom.cli.listening_options import listening_options, secret_of
from wordloom.cli.printing import print_json, say
from wordloom.errors import MissingExtraError
from wordloom.server.limits import Limits

_DEFAULTS = Limits()


@click.command(
    cls=Command,
    examples=[
        "wordloom serve my-model",
        "wordloom serve my-model --port 0 --json",
        "wordloom serve my-model --processes 4",
        "wordloom serve my-model --host 0.0.0.0 --name reviews --max-texts 100",
    ],
)
@click.argument("model")
@listening_options(8000)
@click.option("--name", help="What the model is called in paths; the name of its folder if not given.")
@click.option(
    "--max-body",
    "body_bytes",
    type=SIZE,
    default=_DEFAULTS.body_bytes,
    metavar="SIZE",
    help="Largest size of a request, for example 10M. [default: 4M]",
)
@click.option(
    "--max-texts",
    "texts",
    type=click.IntRange(min=1),
    default=_DEFAULTS.texts,
    show_default=True,
    metavar="N",
    help="Most texts in a request.",
)
@click.option(
    "--max-characters",
    "characters",
    type=click.IntRange(min=1),
    default=_DEFAULTS.characters,
    show_default=True,
    metavar="N",
    help="Most characters in a text.",
)
@click.option(
    "--timeout",
    "seconds",
    type=click.FloatRange(min=0.001),
    default=_DEFAULTS.seconds,
    show_default=True,
    metavar="SECONDS",
    help="How long a request may take to arrive, and then wait for its turn.",
)
@click.option(
    "--processes",
    type=click.IntRange(1, 256),
    default=1,
    show_default=True,
    metavar="N",
    help="Processes that answer, each with its own copy of the model and on a core of its own.",
)
@json_option
def command(
    model: str, host: str, port: int, name: str | None, processes: int, as_json: bool, **limits: Any
) -> None:
    """Answer for a model over HTTP, with JSON.

    POST /predict takes {"inputs": TEXT or [TEXT, ...]} as Hugging Face has it, or {"instances": [TEXT, ...]}
    as TF Serving; /v1/models/NAME:predict and :explain, /v2/models/NAME/infer (Open Inference Protocol),
    /neighbors, /metadata and /healthz are there too, and /openapi.json describes all of them.

    For example: curl localhost:8000/predict -d '{"inputs": "not a dull minute"}'

    If the environment variable WORDLOOM_TOKEN is set, requests must bear it: Authorization: Bearer TOKEN.
    SIGTERM and Ctrl-C end the server when it has answered what was asked by then.
    """
    try:
        from wordloom.server.listening import address_of, listener, serve
        from wordloom.server.processes import ServedModel, serve_in_processes
    except ModuleNotFoundError as error:
        raise MissingExtraError("Serving a model", str(error.name), "serve") from None
    from wordloom.kernels import compiled_throughout
    from wordloom.server import application
    from wordloom.text_model import TextModel

    bounds = Limits(**{**limits, "body_bytes": int(limits["body_bytes"])})
    with listener(host, port) as listening:
        name = name or Path(model).resolve().name
        secret = secret_of(listening, host, "use the model; set {token} to a secret that requests bear.")
        made = application(TextModel.load(model), name, bounds, secret)
        ready = partial(_tell_ready, name, address_of(listening), as_json)
        if processes > 1:
            del made  # the processes have their own
            serve_in_processes(ServedModel(model, name, bounds, secret), listening, processes, ready)
        else:
            with compiled_throughout():
                serve(made, listening, bounds, ready)


def _tell_ready(name: str, url: str, as_json: bool) -> None:
    if as_json:
        print_json({"name": name, "url": url}, indent=None)
    else:
        say(f"Serving {name} at {url}")
