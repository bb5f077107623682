"""What fastText's commands share: flags as fastText reads them, its exit code, and the models they name.

A flag has one dash and its value behind it; the last of several counts. Whatever is wrong ends with exit
code 1, as there.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from wordloom.cli.command import Command
from wordloom.errors import DataError, UsageError, WordloomWarning, did_you_mean

if TYPE_CHECKING:
    from wordloom.fasttext_lines import LineModel

ENDINGS = ".bin", ".ftz"


class FastTextCommand(Command):
    """A command that takes arguments as fastText does, numbers below 0 among them, and ends as it does."""

    def __init__(self, *args: Any, **others: Any) -> None:
        # of -epoch, click would take the h for help
        settings = {"ignore_unknown_options": True, "help_option_names": ["--help"]}
        others.setdefault("context_settings", settings)
        super().__init__(*args, **others)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        return _ending_with_1(lambda: super(FastTextCommand, self).parse_args(ctx, args))  # type: ignore[no-any-return]

    def invoke(self, ctx: click.Context) -> Any:
        return _ending_with_1(lambda: super(FastTextCommand, self).invoke(ctx))


def _ending_with_1(work: Callable[[], Any]) -> Any:
    try:
        return work()
    except click.UsageError as error:
        raise _failed(f"{error.format_message()}\nSee: {_path(error.ctx)} --help") from error
    except (UsageError, DataError) as error:
        raise _failed(str(error)) from error
    except FileNotFoundError as error:
        raise _failed(f"{error.filename}: {error.strerror}.") from error


def _failed(message: str) -> click.ClickException:
    return click.ClickException(message)  # whose exit code is 1


def _path(ctx: click.Context | None) -> str:
    return ctx.command_path if ctx is not None else "wordloom fasttext"


@dataclass(frozen=True)
class Flag:
    """A flag of fastText's.

    Parameters
    ----------
    name : without its dash
    kind : of its value; bool for a flag without one
    about : what wordloom makes of it, in few words
    setting : the setting of wordloom's that it gives
    unused : whether it plays no part here, which is told where it is given
    """

    name: str
    kind: type[Any]
    about: str
    setting: str = ""
    unused: bool = False


def table_of(*flags: Flag) -> Mapping[str, Flag]:
    """Name -> flag."""
    return {flag.name: flag for flag in flags}


flags_argument = click.argument("flags", nargs=-1, type=click.UNPROCESSED, metavar="[-FLAG VALUE]...")


def flags_text(flags: Mapping[str, Flag]) -> str:
    """The flags as a part of a command's help."""
    lines = [f"  -{flag.name:24}{flag.about}" for flag in flags.values()]
    return "\n".join(["\b", "Flags:", *lines])


def parsed(
    arguments: Sequence[str], flags: Mapping[str, Flag], needed: Sequence[str] = ("input", "output")
) -> dict[str, Any]:
    """Name -> value of the flags that are given.

    Raises UsageError for what is no flag, with near ones, and where a path that is needed is left out.
    """
    values: dict[str, Any] = {}
    waiting = list(arguments)[::-1]
    while waiting:
        given = waiting.pop()
        flag = flags.get(given.removeprefix("-"))
        if not given.startswith("-"):
            raise UsageError(f"Provided argument without a dash: {given!r:.60}. {_SEE}")
        if flag is None:
            raise UsageError(f"Unknown argument: {given} {did_you_mean(given, [f'-{f}' for f in flags])}")
        if flag.kind is not bool and not waiting:
            raise UsageError(f"{given} is missing an argument. {_SEE}")
        values[flag.name] = True if flag.kind is bool else _value(given, waiting.pop(), flag.kind)
    if not all(values.get(name) for name in needed):
        given = " and ".join({"input": "-input FILE", "output": "-output NAME"}[name] for name in needed)
        raise UsageError(f"Empty input or output path: give {given}. {_SEE}")
    return values


_SEE = "See --help for all flags."


def _value(given: str, text: str, kind: type[Any]) -> Any:
    try:
        return kind(text)
    except ValueError:
        raise UsageError(
            f"{given}: {text!r:.60} is no {'whole number' if kind is int else 'number'}."
        ) from None


def settings_from(
    values: Mapping[str, Any], flags: Mapping[str, Flag], apply: Sequence[str]
) -> dict[str, Any]:
    """Setting -> value of the flags that give one of those that `apply`; warns of flags that play no part."""
    settings = {flags[name].setting: value for name, value in values.items() if flags[name].setting in apply}
    idle = [
        flags[name]
        for name in values
        if flags[name].unused or (flags[name].setting and flags[name].setting not in apply)
    ]
    if idle:
        named = "; ".join(f"-{flag.name} ({flag.about})" for flag in idle)
        warnings.warn(f"These flags play no part in wordloom: {named}.", WordloomWarning, stacklevel=2)
    return settings


def model_place(name: str) -> Path:
    """Where a model is: at this name, or in the folder that `supervised -output` made of it without `.bin`.

    Raises DataError if there is none.
    """
    place = Path(name)
    folder = place.with_suffix("")
    if not place.exists() and place.suffix in ENDINGS and folder.is_dir():
        return folder
    if not place.exists():
        raise DataError(f"{name} cannot be opened for loading: there is no such file or model folder.")
    return place


def line_model(name: str) -> LineModel:
    """A model by the name that scripts know it by."""
    from wordloom.fasttext_lines import LineModel
    from wordloom.text_model import TextModel

    return LineModel.of(TextModel.load(model_place(name)))
