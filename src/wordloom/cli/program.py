"""The program `wordloom`: its commands, imported when they are used, and how it ends."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from typing import Any, cast

import click

from wordloom import __version__
from wordloom.cli.failures import exit_code
from wordloom.errors import did_you_mean

COMMANDS = {
    "demo": "See the main job in one go, on the IMDB or the built-in reviews.",
    "train": "Train a classifier and word vectors on labelled texts.",
    "evaluate": "Score a model on labelled texts.",
    "predict": "Label texts, or a whole table of them.",
    "neighbors": "Find the words nearest to a word.",
    "export": "Write a model's word vectors as a file.",
    "plot": "Draw a model's training curves, errors, text lengths or words.",
    "inspect": "Show what is inside a model.",
    "data": "List the known data sets; find or download one.",
    "reproduce": "Run published experiments and compare the figures.",
}


class Program(click.Group):
    """A group whose commands stand in `COMMANDS` and whose failures end as `failures` says."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"wordloom.cli.commands.{cmd_name}")
        return cast(click.Command, module.command)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            raise click.UsageError(f"There is no command {args[0]!r}. {did_you_mean(args[0], COMMANDS)}", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def main(self, *args: Any, standalone_mode: bool = True, **extra: Any) -> Any:  # type: ignore[override]
        run: Callable[..., Any] = super().main
        if not standalone_mode:
            return run(*args, standalone_mode=False, **extra)
        sys.exit(exit_code(lambda: run(*args, standalone_mode=False, **extra)))


@click.group(
    cls=Program,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Each command explains itself with --help. Begin with: wordloom demo",
)
@click.version_option(__version__, prog_name="wordloom", message="%(prog)s %(version)s")
@click.pass_context
def program(ctx: click.Context) -> None:
    """Labelled text in; word vectors you can use and a classifier you can ship out."""
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())


def main() -> None:
    """Run the program on the process's arguments and end the process."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a character that the terminal cannot show must not end the work
            stream.reconfigure(errors="backslashreplace")
    program.main(prog_name="wordloom")
