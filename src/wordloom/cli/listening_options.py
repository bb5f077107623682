"""Commands that answer over HTTP: where they listen, and the secret that requests must bear."""

from __future__ import annotations

import os
import socket
import warnings
from typing import TYPE_CHECKING

import click

from wordloom.errors import UsageError, WordloomWarning

if TYPE_CHECKING:
    from wordloom.cli.command import Function

TOKEN = "WORDLOOM_TOKEN"
"""The environment variable with the secret."""


def listening_options(port: int) -> Function:
    """A decorator that adds --host and --port; a command takes `host` and `port`."""

    def add(function: Function) -> Function:
        at_host = click.option(
            "--host",
            default="127.0.0.1",
            show_default=True,
            help="The address to listen on. Others than the default can be reached from other machines.",
        )
        at_port = click.option(
            "--port",
            type=click.IntRange(0, 65_535),
            default=port,
            show_default=True,
            help="The port; 0 for any that is free.",
        )
        return at_host(at_port(function))

    return add


def secret_of(listening: socket.socket, host: str, open_to_all: str) -> str:
    """The secret; empty for none, of which a WordloomWarning is given if other machines can connect.

    White space around it is no part of it, as a file of secrets may end with a line break, and a header of
    HTTP cannot.

    open_to_all : what anybody can then do, and how requests bear a secret, with {token} in it

    Raises UsageError for a secret of white space alone.
    """
    from wordloom.server.listening import is_loopback

    given = os.environ.get(TOKEN, "")
    secret = given.strip()
    if given and not secret:
        raise UsageError(f"{TOKEN} has nothing but white space, which is no secret. Set one, or unset it.")
    if not secret and not is_loopback(listening):
        text = f"Anybody who reaches {host} can {open_to_all.format(token=TOKEN)}"
        warnings.warn(text, WordloomWarning, stacklevel=3)
    return secret
