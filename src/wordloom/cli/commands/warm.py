"""`wordloom warm`: compiles kernels before they are needed."""

from __future__ import annotations

import click

from wordloom.architectures import ARCHITECTURES
from wordloom.cli.command import Command, json_option
from wordloom.cli.printing import count, print_json, say


@click.command(
    cls=Command,
    examples=["wordloom warm", "wordloom warm --architecture ngram --json"],
)
@click.option(
    "--architecture",
    "architectures",
    multiple=True,
    type=click.Choice([row.name for row in ARCHITECTURES.values() if not row.needs_keras]),
    help="Compile for models of this architecture alone. May be given again. [default: all there is]",
)
@json_option
def command(architectures: tuple[str, ...], as_json: bool) -> None:
    """Compile all that training and predicting need, once on a machine.

    What is compiled is kept for all later runs, so that a worker or a server answers at once. Any number of
    workers may call this at the same time: each piece is compiled by one of them. What a read-only folder
    that NUMBA_CACHE_DIR names holds already is loaded from there.
    """
    from wordloom.warming import warm

    warmed = warm(architectures)
    if as_json:
        folder = None if warmed.folder is None else str(warmed.folder)
        print_json({"compiled": warmed.compiled, "kept": warmed.kept, "folder": folder})
        return
    say(f"Compiled {count(warmed.compiled, 'kernel')}; {warmed.kept:,} were there.")
    if warmed.folder is not None:
        say(f"They are kept in {warmed.folder}.")
