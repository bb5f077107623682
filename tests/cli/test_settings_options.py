"""Every setting is an option of `train`, with the setting's default, and nothing lists them twice."""

from __future__ import annotations

import dataclasses

import click
import pytest
from click.testing import CliRunner

from wordloom.cli.settings_options import settings_options
from wordloom.settings import Settings, describe, values_of

OPTIONS = {row["name"] for row in describe()} - {"tokenizer", "verbose"}


def settings_of(*arguments):
    """The settings that a command gets for these arguments; or click's result if it got none."""
    caught = []

    @click.command()
    @settings_options
    def command(settings):
        caught.append(settings)

    result = CliRunner().invoke(command, arguments)
    return caught[0] if caught else result


def test_every_setting_is_an_option():
    command = settings_options(lambda settings: None)
    assert {option.name for option in command.__click_params__} == OPTIONS


def test_defaults_are_those_of_the_settings():
    assert values_of(settings_of()) == values_of(Settings())


@pytest.mark.parametrize(
    ("arguments", "name", "value"),
    [
        (["--architecture", "max"], "architecture", "max"),
        (["--dimensions", "7"], "dimensions", 7),
        (["--num-words", "none"], "num_words", None),
        (["--num-words", "500"], "num_words", 500),
        (["--num-words", "auto"], "num_words", "auto"),
        ([], "keep_punctuation", "auto"),
        (["--no-keep-punctuation"], "keep_punctuation", False),
        (["--maxlen", "20"], "maxlen", 20),
        (["--maxlen", "none"], "maxlen", None),
        (["--epochs", "auto"], "epochs", "auto"),
        (["--learning-rate", "0.5"], "learning_rate", 0.5),
        (["--no-mask-padding", "--maxlen", "9"], "mask_padding", False),
        (["--strip-html"], "strip_html", True),
        (["--no-lower"], "lower", False),
        (["--filters", ".,"], "filters", ".,"),
        (["--filters", ""], "filters", ""),
        (["--class-weight", "balanced"], "class_weight", "balanced"),
        (["--class-weight", "none"], "class_weight", None),
        (["--seed", "12"], "random_state", 12),
        (["--threads", "2"], "threads", 2),
        (["--patience", "none"], "patience", None),
    ],
)
def test_values(arguments, name, value):
    settings = settings_of(*arguments)
    assert getattr(settings, name) == value
    others = dataclasses.replace(Settings(), **{name: value})
    if "--maxlen" not in arguments:
        assert values_of(settings) == values_of(others)


@pytest.mark.parametrize(
    "arguments",
    [["--optimizer", "adamm"], ["--dimensions", "wide"], ["--seed", "-1"], ["--class-weight", "0.5"]],
)
def test_values_that_click_refuses(arguments):
    assert settings_of(*arguments).exit_code == 2


def test_values_without_meaning_are_refused_before_the_command_begins():
    result = settings_of("--epochs", "0", "--dropout", "2")
    assert "epochs must be" in str(result.exception)
    assert "dropout must be" in str(result.exception)


def test_help_shows_defaults_and_sections(run):
    shown = " ".join(run("train", "--help").stdout.split())
    for part in (
        "Network:",
        "Words:",
        "Training:",
        "[default: auto]",
        "INTEGER|none",
        "--seed",
        "[default: on]",
    ):
        assert part in shown
