"""The options that `wordloom.settings.Settings` gives to commands that train; none of them is listed here.

Name, default, choices and help come from `settings.describe`, the type from the field's annotation.
"""

from __future__ import annotations

import dataclasses
import functools
import typing
from collections.abc import Callable, Mapping
from typing import Any

import click

from wordloom import settings as settings_module
from wordloom.cli.command import SIZE, Function, SectionOption, Type
from wordloom.errors import UsageError, did_you_mean
from wordloom.setting import AUTO
from wordloom.settings import NORMAL_FORMS, Settings, describe
from wordloom.settings.values import is_switch

_PYTHON_ONLY = ("tokenizer", "verbose")
_SECTIONS = {"network": "Network", "text": "Words", "vectors": "Pretrained vectors", "training": "Training"}
_OTHER_NAMES = {"random_state": "--seed"}
_SECOND_NAMES = {"optimize": "--optimise"}

_SWITCHES = frozenset(item.name for item in dataclasses.fields(Settings) if is_switch(item))


_WORDS = {"none": None, AUTO: AUTO}


class OrWord(Type):
    """What another type takes, or a word of `_WORDS`: `none` for None, or `auto`."""

    def __init__(self, word: str, inner: Type, metavar: str) -> None:
        self.word, self.inner, self.metavar = word, inner, f"{metavar}|{word}"
        self.name = inner.name

    def get_metavar(self, param: click.Parameter, ctx: click.Context | None = None) -> str:
        return self.metavar

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if value is None or str(value).lower() == self.word:
            return _WORDS[self.word]
        return self.inner.convert(value, param, ctx)


# Settings whose annotation says more than a command line can: labels to weigh, generators of numbers.
_OTHER_TYPES: dict[str, Type] = {
    "normalization": OrWord("none", click.Choice(NORMAL_FORMS), "|".join(NORMAL_FORMS)),
    "class_weight": OrWord("none", click.Choice(["balanced"]), "balanced"),
    "random_state": OrWord("none", click.IntRange(min=0), "INTEGER"),
    "vectors": OrWord("none", click.STRING, "FILE"),
    "max_size": OrWord("none", SIZE, "SIZE"),
}


def settings_options(function: Function) -> Function:
    """Add an option for every setting; the command gets checked `Settings` as `settings`.

    A value without meaning ends the command before it reads anything.
    """
    rows = [row for row in describe() if row["name"] not in _PYTHON_ONLY]
    kinds = _kinds()

    @functools.wraps(function)
    def with_settings(**options: Any) -> Any:
        values = {row["name"]: options.pop(row["name"]) for row in rows}
        for name in _SWITCHES:
            values[name] = AUTO if values[name] is None else values[name]  # a flag was not given
        return function(settings=Settings(**values).checked(), **options)

    for row in reversed(rows):
        with_settings = _option(row, kinds[row["name"]])(with_settings)
    return with_settings


def setting_option(name: str) -> Callable[[Function], Function]:
    """The option of one setting, for a command that trains no classifier but has a use for it."""
    row = next(row for row in describe() if row["name"] == name)
    decorate: Callable[[Function], Function] = _option(row, _kinds()[name])
    return decorate


def settings_from_text(given: str) -> Settings:
    """Settings of the values that `values_from_text` finds; errors as there, or for no meaning."""
    return Settings(**values_from_text(given)).checked()


def values_from_text(given: str) -> dict[str, Any]:
    """Name -> value from "name=value name=value", as the options of the same names take the values.

    Raises UsageError for what is no such pair, an unknown name (with near ones) or a value of another type.
    """
    kinds = _kinds()
    rows = {row["name"]: row for row in describe() if row["name"] not in _PYTHON_ONLY}
    values: dict[str, Any] = {}
    for pair in given.replace(",", " ").split():
        name, equals, text = pair.partition("=")
        name = name.replace("-", "_")
        if not equals:
            raise UsageError(f"Settings are written name=value, for example epochs=3, not {pair!r}.")
        if name not in rows:
            raise UsageError(f"There is no setting {name!r}. {did_you_mean(name, rows)}")
        kind = _type(name, kinds[name], rows[name]["choices"])
        try:
            values[name] = kind.convert(text, None, None)
        except click.BadParameter as error:
            raise UsageError(f"{name}: {error.message}") from error
    return values


def options_of(values: Mapping[str, Any]) -> list[str]:
    """The options that give settings these values, the inverse of `settings_options`."""
    words: list[str] = []
    for name, value in values.items():
        flag = _OTHER_NAMES.get(name, "--" + name.replace("_", "-"))
        if name not in _SWITCHES:
            words += [flag, "none" if value is None else str(value)]
        elif value != AUTO:
            words.append(flag if value else f"--no-{flag[2:]}")
    return words


def _kinds() -> dict[str, Any]:
    """The type of each setting's values."""
    return typing.get_type_hints(Settings, vars(settings_module))


def _option(row: dict[str, Any], kind: Any) -> Any:
    name, default = row["name"], row["default"]
    flag = _OTHER_NAMES.get(name, "--" + name.replace("_", "-"))
    switch = name in _SWITCHES
    if switch:
        flag += f"/--no-{flag[2:]}"
    flags = [flag, _SECOND_NAMES[name]] if name in _SECOND_NAMES else [flag]
    return click.option(
        *flags,
        name,
        cls=SectionOption,
        section=_SECTIONS.get(row["group"], row["group"]),
        type=None if switch else _type(name, kind, row["choices"]),
        default=None if switch and default == AUTO else default,
        help=_help(row),
    )


def _help(row: dict[str, Any]) -> str:
    """What a setting is for, the architectures that have it unless all have, and its default."""
    scope = "" if row["scope"] == "all" else f"for {row['scope']}; "
    return f"{row['about'][:1].upper()}{row['about'][1:]}. [{scope}default: {_shown(row['default'])}]"


def _type(name: str, kind: Any, choices: tuple[str, ...]) -> Type:
    if name in _OTHER_TYPES:
        return _OTHER_TYPES[name]
    if choices:
        return click.Choice(choices)
    parts = typing.get_args(kind) or (kind,)
    if name in _SWITCHES:
        return OrWord(AUTO, click.BOOL, "BOOLEAN") if str in parts else click.BOOL
    plain, metavar = next(
        (found, metavar)
        for python, found, metavar in (
            (int, click.INT, "INTEGER"),
            (float, click.FLOAT, "FLOAT"),
            (str, click.STRING, "TEXT"),
        )
        if python in parts
    )
    found: Type = plain
    if str in parts and plain is not click.STRING:  # "auto" is the only word beside numbers
        found, metavar = OrWord(AUTO, plain, metavar), f"{metavar}|{AUTO}"
    return OrWord("none", found, metavar) if type(None) in parts else found


def _shown(default: Any) -> str:
    words = {None: "none", True: "on", False: "off"}
    return words[default] if default is None or isinstance(default, bool) else str(default)
