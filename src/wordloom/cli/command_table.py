"""CommandTable: a group of commands that stand in a table and are imported when they are used."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any, cast

import click

from wordloom.errors import did_you_mean


class CommandTable(click.Group):
    """A group of the commands in a table.

    Parameters
    ----------
    table : the name of each command and what it does, in the order of the help
    prefix : what stands before the name in the name of the command's module in `wordloom.cli.commands`
    others : as `click.Group` takes them
    """

    def __init__(self, *args: Any, table: Mapping[str, str], prefix: str = "", **others: Any) -> None:
        super().__init__(*args, **others)
        self.table, self.prefix = table, prefix

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.table)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.table:
            return None
        name = self.prefix + cmd_name.replace("-", "_")
        command = cast(click.Command, importlib.import_module(f"wordloom.cli.commands.{name}").command)
        command.help = command.help or self.table[cmd_name]  # python -OO leaves docstrings out
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in self.table and not args[0].startswith("-"):
            raise click.UsageError(
                f"There is no command {args[0]!r}. {did_you_mean(args[0], self.table)}", ctx
            )
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(self.table.items()))
