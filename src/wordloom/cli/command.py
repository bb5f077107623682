"""What commands are made of: `Command`, groups of commands, options that several have, amounts."""

from __future__ import annotations

import importlib
import inspect
import re
import typing
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

import click

from wordloom.cli.failures import notices_in_short
from wordloom.errors import did_you_mean

Function = Callable[..., Any]
if typing.TYPE_CHECKING:
    Type = click.ParamType[Any]
else:  # older versions of click have no type parameter here
    Type = click.ParamType


class Command(click.Command):
    """A command that ends its help with examples.

    Parameters
    ----------
    examples : command lines as a user types them
    about : a paragraph of the help after those of the function's docstring
    others : as `click.Command` takes them
    """

    def __init__(self, *args: Any, examples: Sequence[str] = (), about: str = "", **others: Any) -> None:
        super().__init__(*args, **others)
        if about:
            self.help = f"{inspect.cleandoc(self.help or '')}\n\n{about}"
        self.examples = tuple(examples)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """As click does, but an option that takes one value and is given twice is an error."""
        if not ctx.resilient_parsing:
            _, _, given = self.make_parser(ctx).parse_args(list(args))
            _refuse_repeated(ctx, given)
        return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """As click does, with what wordloom logs shown."""
        with notices_in_short():
            return super().invoke(ctx)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Options in the sections that they name (see `SectionOption`), the others last."""
        sections: dict[str, list[tuple[str, str]]] = {}
        for param in self.get_params(ctx):
            record = param.get_help_record(ctx) if isinstance(param, click.Option) else None
            if record is not None:
                sections.setdefault(getattr(param, "section", "Options"), []).append(record)
        for title in sorted(sections, key=lambda title: title != "Options"):
            with formatter.section(title):
                formatter.write_dl(sections[title])

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        formatter.write_paragraph()
        formatter.write("Examples:\n")
        for example in self.examples:
            formatter.write(f"  {example}\n")


def _refuse_repeated(ctx: click.Context, given: Sequence[click.Parameter]) -> None:
    """click.UsageError for an option that stands twice and would be used once: the last one would win."""
    for name, times in Counter(param.name for param in given).items():
        param = next(param for param in given if param.name == name)
        if times > 1 and isinstance(param, click.Option) and not (param.multiple or param.count):
            raise click.UsageError(
                f"{'/'.join((*param.opts, *param.secondary_opts))} is given {times} times; give it once.", ctx
            )


class SectionOption(click.Option):
    """An option that stands in a section of its own in the help."""

    def __init__(self, *args: Any, section: str = "Options", **others: Any) -> None:
        super().__init__(*args, **others)
        self.section = section


json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON document instead of text.")
threads_option = click.option(
    "--threads",
    metavar="N",
    type=int,
    help="Threads to use; all cores if not given. The result does not depend on it.",
)


def seed_option(about: str) -> Callable[[Function], Function]:
    """`--seed`, with what it is the seed of."""
    return click.option(
        "--seed", type=click.IntRange(min=0), metavar="N", default=0, show_default=True, help=about
    )


class CommandTable(click.Group):
    """A group of the commands in a table.

    Parameters
    ----------
    table : the name of each command and what it does, in the order of the help
    prefix : what stands before the name in the name of the command's module in `wordloom.cli.commands`
    shared : the module of each command that shares one with others; a command of its own is `command` there,
        one of several has its own name
    others : as `click.Group` takes them
    """

    def __init__(
        self,
        *args: Any,
        table: Mapping[str, str],
        prefix: str = "",
        shared: Mapping[str, str] | None = None,
        **others: Any,
    ) -> None:
        super().__init__(*args, **others)
        self.table, self.prefix, self.shared = table, prefix, shared or {}

    def place_of(self, name: str) -> tuple[str, str]:
        """The module of a command in `wordloom.cli.commands`, and its name there."""
        plain = name.replace("-", "_")
        return (self.shared[name], plain) if name in self.shared else (self.prefix + plain, "command")

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.table)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.table:
            return None
        module, name = self.place_of(cmd_name)
        command = cast(
            click.Command, getattr(importlib.import_module(f"wordloom.cli.commands.{module}"), name)
        )
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


_SECONDS = {"": 1.0, "s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0}
_BYTES = {"": 1.0, "k": 1e3, "m": 1e6, "g": 1e9, "kb": 1e3, "mb": 1e6, "gb": 1e9}


class Amount(Type):
    """A number above 0 with one of some units; the number alone counts in the smallest."""

    def __init__(self, name: str, units: dict[str, float], example: str) -> None:
        self.name, self.units, self.example = name, units, example

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        if isinstance(value, int | float):
            return float(value)
        found = re.fullmatch(r"\s*(\d+\.?\d*|\.\d+)\s*([a-zA-Z]*)\s*", value)
        if found is None or found[2].lower() not in self.units or not float(found[1]):
            self.fail(f"{value!r} is no {self.name}; write for example {self.example}.", param, ctx)
        return float(found[1]) * self.units[found[2].lower()]


DURATION = Amount("time", _SECONDS, "90s, 5m or 1h")
SIZE = Amount("size", _BYTES, "500M or 2G")
