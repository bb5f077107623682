"""The options of `wordloom vectors learn` that the settings of learning give it; none of them is listed here.

A setting of both ways of learning is one option. Its default depends on the way, so an option that is not
given is not a setting.
"""

from __future__ import annotations

import dataclasses
import functools
from typing import TYPE_CHECKING, Any

import click

from wordloom.cli.command import Function, SectionOption
from wordloom.errors import UsageError
from wordloom.setting import rows_of
from wordloom.vectors.learning.settings import LearningSettings, SkipGramSettings

if TYPE_CHECKING:
    AnySettings = LearningSettings | SkipGramSettings

OBJECTIVES: dict[str, type[LearningSettings] | type[SkipGramSettings]] = {
    "words": SkipGramSettings,
    "documents": LearningSettings,
}
_NUMBERS = {"int": click.INT, "float": click.FLOAT, "float | None": click.FLOAT}


def learning_options(function: Function) -> Function:
    """Add an option for every setting; the command gets the checked settings of its `objective`.

    Raises UsageError for an option of the other objective and for values without meaning.
    """

    @functools.wraps(function)
    def with_settings(**options: Any) -> Any:
        given = {name: value for name in _names() if (value := options.pop(name)) is not None}
        return function(settings=_settings(options["objective"], given), **options)

    for name in reversed(_names()):
        with_settings = _option(name)(with_settings)
    return with_settings


def _names() -> list[str]:
    return list(dict.fromkeys(name for kind in OBJECTIVES.values() for name in _defaults(kind)))


def _defaults(kind: type[Any]) -> dict[str, Any]:
    return {field.name: field.default for field in dataclasses.fields(kind)}


def _settings(objective: str, given: dict[str, Any]) -> AnySettings:
    kind = OBJECTIVES[objective]
    foreign = [name for name in given if name not in _defaults(kind)]
    if foreign:
        other = next(name for name in OBJECTIVES if name != objective)
        option = foreign[0].replace("_", "-")
        raise UsageError(f"--{option} goes with --objective {other}, not with {objective}; leave it out.")
    return kind.from_names(given).checked()


def _option(name: str) -> Any:
    kinds = {objective: kind for objective, kind in OBJECTIVES.items() if name in _defaults(kind)}
    defaults = {objective: _defaults(kind)[name] for objective, kind in kinds.items()}
    first = next(iter(kinds.values()))
    shown = "; ".join(f"{objective}: {value}" for objective, value in defaults.items())
    if len(set(defaults.values())) == 1:
        shown = str(next(iter(defaults.values())))
    about = next(row["about"] for row in rows_of(first) if row["name"] == name)
    annotation = next(field.type for field in dataclasses.fields(first) if field.name == name)
    return click.option(
        f"--{name.replace('_', '-')}",
        name,
        cls=SectionOption,
        section="Learning" if len(kinds) > 1 else f"Objective {next(iter(kinds))!r}",
        type=_NUMBERS[str(annotation)],
        help=f"{about[:1].upper()}{about[1:].rstrip('.')}. [default: {shown}]".replace(
            " [default: None]", ""
        ),
    )
