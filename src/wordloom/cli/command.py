"""Command: a click command with examples and with its options in sections; and the option `--json`."""

from __future__ import annotations

import inspect
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import click

Function = Callable[..., Any]


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
