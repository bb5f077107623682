"""Command: a click command with examples and with its options in sections; and the option `--json`."""

from __future__ import annotations

import inspect
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
