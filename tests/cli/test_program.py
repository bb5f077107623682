"""The program as a whole: starts fast, explains itself, ends with the right exit code."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys

import pytest

from wordloom import __version__
from wordloom.cli.commands import fasttext, vectors
from wordloom.cli.program import COMMANDS, program
from wordloom.formats import LABELLED, TABLES, VECTOR_FORMATS

# Each command as a user types it, those of a group with the group's name.
NAMES = [
    *(name for name in COMMANDS if name not in ("vectors", "fasttext")),
    *(f"vectors {name}" for name in vectors.COMMANDS),
]
AS_IN_FASTTEXT = [
    f"fasttext {name}" for name, about in fasttext.COMMANDS.items() if not about.startswith("Not there")
]
HEAVY = ("numpy", "numba", "sklearn", "scipy", "matplotlib", "rich", "pandas", "pyarrow", "safetensors")
SLOW = ("json", "logging")
"""Of Python's own; commands need them, and what is said of the program itself does not."""
OF_MANY_TEXTS = (
    "concurrent.futures",
    *(f"wordloom.{name}" for name in ("corpus", "streamed_texts", "text.ngrams", "text.hashed_ngrams")),
)
"""For training, for many texts or for other models; a single answer waits for none of it."""


def imported_after(*arguments: str) -> list[str]:
    """Which heavy packages a fresh process has imported after running the program."""
    code = (
        "import sys\n"
        "from wordloom.cli import main\n"
        f"sys.argv = ['wordloom', *{list(arguments)!r}]\n"
        "try:\n    main()\n"
        "except SystemExit as end:\n    assert end.code == 0, end.code\n"
        f"print(*[name for name in {(*HEAVY, *SLOW, *OF_MANY_TEXTS)!r} if name in sys.modules])\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.splitlines()[-1].split()


@pytest.mark.parametrize(
    "arguments", [["--help"], ["--version"], [], ["train", "--help"], ["demo", "--help"]]
)
def test_help_and_version_import_nothing_heavy(arguments):
    of_a_command = len(arguments) > 1
    assert set(imported_after(*arguments)) <= (set(SLOW) if of_a_command else set())


def test_predicting_a_text_imports_neither_compiler_nor_scikit_learn_nor_pictures(model):
    assert imported_after("predict", str(model), "great film") == ["numpy", "safetensors", *SLOW]


def test_python_dash_m():
    done = subprocess.run([sys.executable, "-m", "wordloom", "--version"], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, f"wordloom {__version__}\n")


@pytest.mark.slow
def test_a_closed_pipe_is_quiet(model, tmp_path):
    (tmp_path / "texts.txt").write_text("great film\n" * 20_000)
    pipe = f"{sys.executable} -m wordloom predict {model} --input {tmp_path}/texts.txt | head -n 1"
    done = subprocess.run(["sh", "-c", pipe], capture_output=True, text=True, env=dict(os.environ))
    assert done.stdout == "text,label,probability\n"
    assert done.stderr == ""


def test_without_a_command_the_help_is_shown(run):
    result = run()
    assert result.exit_code == 0
    for name, about in COMMANDS.items():
        assert name in result.stdout
        assert about in result.stdout


def test_a_group_shows_its_commands(run, fails):
    assert all(about in run("vectors").stdout for about in vectors.COMMANDS.values())
    assert fails(2, "vectors", "inof").startswith("There is no command 'inof'. Did you mean 'info'?")


def test_unknown_command_offers_near_ones(fails):
    assert fails(2, "trian").startswith("There is no command 'trian'. Did you mean 'train'?")


def test_unknown_option_of_the_program(fails):
    assert "--verson" in fails(2, "--verson")


def command_of(name):
    """The command of a name, or of a group's name and its own."""
    group, _, own = name.rpartition(" ")
    return (program.get_command(None, group) if group else program).get_command(None, own)


@pytest.mark.parametrize("name", [*NAMES, *AS_IN_FASTTEXT])
def test_every_command_explains_itself_with_examples_that_parse(run, name):
    command = command_of(name)
    assert len(command.examples) >= (1 if name in AS_IN_FASTTEXT else 2)
    assert any("--json" in option.opts for option in command.params) == (name in NAMES)
    for example in command.examples:
        words = shlex.split(example.split("|")[-1])
        assert words[: len(name.split()) + 1] == ["wordloom", *name.split()]
        command.make_context(name, words[len(name.split()) + 1 :])
    shown = run(*name.split(), "--help")
    assert shown.exit_code == 0
    assert all(example in shown.stdout for example in command.examples)


@pytest.mark.parametrize("name", NAMES)
def test_no_option_of_a_command_lacks_help(name):
    for option in command_of(name).params:
        if option.param_type_name == "option":
            assert option.help, option.name


def test_help_names_every_format_that_the_readers_know():
    for name, formats in (("train", LABELLED), ("evaluate", LABELLED), ("predict", TABLES)):
        described = next(o for o in program.get_command(None, name).params if o.name == "format").help
        assert described.rsplit(": ", 1)[1].rstrip(".").split(", ") == list(formats)


def test_export_offers_every_format_of_vectors_that_is_written():
    for name, option in (("export", "format"), ("vectors convert", "to"), ("vectors learn", "to")):
        offered = next(o for o in command_of(name).params if o.name == option).type.choices
        assert list(offered) == [row.name for row in VECTOR_FORMATS.values() if row.writes]


@pytest.mark.slow
def test_help_without_docstrings():
    """`python -OO` leaves docstrings out; what settings are for is no docstring."""
    script = """
import click
from wordloom.cli.program import program
from wordloom.settings import describe

def show(command, path):
    context = click.Context(command, info_name=path)
    print("##", path, bool(command.help), len(command.get_help(context)) > 100)
    for name in getattr(command, "table", ()):
        show(command.get_command(context, name), f"{path} {name}")

show(program, "wordloom")
learn = program.get_command(None, "vectors").get_command(None, "learn")
print(learn.get_help(click.Context(learn)))
assert False, "asserts are left out too"
"""
    result = subprocess.run([sys.executable, "-OO", "-c", script], capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    commands = [line for line in result.stdout.splitlines() if line.startswith("## wordloom ")]
    assert len(commands) > 20
    assert [line for line in commands if not line.endswith(" True True")] == []
    assert "Words to each side of a word" in " ".join(result.stdout.split())
