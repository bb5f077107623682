"""What comes from files never controls the terminal: it is shown as escapes, whoever reads the output."""

from __future__ import annotations

import ast
import csv
import io
import json
import warnings
from pathlib import Path

import pytest

from source_trees import source_trees
from wordloom.cli import printing
from wordloom.cli.commands.data import DownloadBar
from wordloom.cli.failures import exit_code
from wordloom.cli.leaderboard import Leaderboard
from wordloom.errors import DataError, WordloomWarning
from wordloom.settings import Settings
from wordloom.tuning import Trial

TITLE = "\x1b]0;owned\x07"
COLOR = "\x1b[31m"
CONTROLS = [TITLE, COLOR, "\x9b2J", "\r", "\x08", "\x7f", "\u202e", "\u2066", "\u2028"]
CLI = Path(printing.__file__).parent


def harmless(text: str) -> bool:
    """Whether a printed text holds nothing that a terminal obeys but line feeds."""
    return not any(c != "\n" and (ord(c) < 32 or 127 <= ord(c) < 160) for c in text) and not (
        {*"\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u2028\u2029"} & {*text}
    )


@pytest.mark.parametrize("control", CONTROLS)
def test_every_way_of_printing_shows_escapes(control, capsys):
    given = f"a{control}b"
    shown = given.replace(control, control.encode("unicode_escape").decode())
    shown = shown.replace("\\x0d", "\\r")
    for print_it in (
        printing.say,
        printing.heading,
        printing.page,
        printing.paragraph,
        printing.tell,
        lambda text: printing.pairs([(text, text)]),
        lambda text: printing.table([text], [[text]]),
        lambda text: printing.tell_of("error", "red", text),
    ):
        print_it(given)
        printed = capsys.readouterr()
        assert harmless(printed.out + printed.err)
        assert shown in printed.out + printed.err


def test_a_label_with_a_line_feed_makes_no_line_of_its_own(capsys):
    printing.say("a\nforged")
    printing.table(["x\ny"], [["1\t2"]], indent=0)
    assert capsys.readouterr().out.splitlines() == ["a\\nforged", "x\\ny", "1\\t2"]


def test_letters_of_every_script_stay_as_they_are(capsys):
    text = "é 好 🙂 👩‍💻 שלום مرحبا हिन्दी"
    printing.say(text)
    assert capsys.readouterr().out == f"{text}\n"


def test_tables_are_aligned_by_what_is_shown(capsys):
    printing.table(["label", "n"], [["\x1b", "1"], ["abcdefg", "2"]], indent=0)
    assert len({len(line) for line in capsys.readouterr().out.splitlines()}) == 1


@pytest.mark.parametrize("control", CONTROLS)
def test_json_escapes_and_reads_as_the_same(control, capsys):
    printing.print_json({control: [control]})
    text = capsys.readouterr().out
    assert harmless(text)
    assert json.loads(text) == {control: [control]}


def test_errors_and_warnings(capsys):
    def run():
        warnings.warn(f"odd label {TITLE}", WordloomWarning, stacklevel=1)
        raise DataError(f"{COLOR}.csv: no such file")

    exit_code(run)
    printed = capsys.readouterr().err
    assert harmless(printed)
    assert "\\x1b]0;owned\\x07" in printed
    assert "error: \\x1b[31m.csv" in printed


def test_progress(capsys):
    stream = io.StringIO()
    DownloadBar(f"x{COLOR}").on_step("downloading", 1, 10, "byte")
    Leaderboard(stream).on_trial_begin(Trial(1, Settings(vectors=f"{TITLE}.txt"), 1), None)
    assert harmless(stream.getvalue() + capsys.readouterr().err)


class _Terminal(io.StringIO):
    def isatty(self):
        return True


def test_the_leaderboard_on_a_terminal(monkeypatch):
    monkeypatch.setenv("TERM", "xterm")
    stream = _Terminal()
    with Leaderboard(stream) as board:
        board.on_trial_begin(Trial(1, Settings(vectors="[/nonsense]\x1b]0;owned\x07.txt"), 1), None)
    assert "\x1b]0;" not in stream.getvalue()
    assert "[/nonsense]\\x1b]0;owned\\x07.txt" in stream.getvalue()


@pytest.fixture
def hostile(tmp_path):
    """A table whose texts, labels and column names hold what terminals obey."""
    path = tmp_path / f"hostile{COLOR}.csv"
    with open(path, "w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(["text", "label"])
        for i in range(40):
            word, label = (f"great{COLOR}", f"pos{TITLE}") if i % 2 else ("\u202eawful", "neg\x9b2J\u202e")
            rows.writerow([f"the film was {word} and {TITLE} {i}", label])
    return path


def test_commands_on_a_hostile_table(run, hostile):
    told = []
    for command in (
        ("train", hostile, "--out", f"model{COLOR}", "--test-split", "0.5", "--keep-punctuation"),
        ("train", hostile, "--out", "mean", "--architecture", "mean", "--epochs", "2", "--progress"),
        ("predict", "mean", f"the {COLOR} film", f"{TITLE}"),
        ("evaluate", "mean", hostile),
        ("inspect", "mean"),
        ("neighbors", "mean", "film"),
        ("neighbors", "mean", f"{TITLE}"),
        ("train", f"{TITLE}", "--out", "other"),
        ("train", hostile, "--out", "other", "--text", f"{COLOR}"),
        ("train", hostile, "--out", "other", "--architecture", f"{COLOR}"),
        (f"{COLOR}",),
    ):
        result = run(*command)
        assert result.exit_code in (0, 2, 3), result.output
        assert harmless(result.output), command
        told.append(result.output)
    assert "\\x1b" in told[0]
    assert "pos\\x1b]0;owned\\x07" in told[4]


def test_machine_output_keeps_the_data_exactly(run, answer, hostile):
    run("train", hostile, "--out", "mean", "--architecture", "mean", "--epochs", "2")
    with open(hostile, newline="", encoding="utf-8") as file:
        texts = [row["text"] for row in csv.DictReader(file)]
    table = run("predict", "mean", "--input", hostile).stdout_bytes.decode()
    assert [row["text"] for row in csv.DictReader(io.StringIO(table, newline=""))] == texts
    lines = run("predict", "mean", "--input", hostile, "--json").stdout
    assert harmless(lines)
    assert [json.loads(line)["text"] for line in lines.splitlines()] == texts


@pytest.mark.slow
def test_nothing_in_the_command_line_prints_but_output():
    """So that nothing that is printed can miss the escapes."""
    for path, tree in source_trees().items():
        if CLI not in path.parents or path.name == "printing.py":
            continue
        for node in ast.walk(tree):
            called = ast.unparse(node.func) if isinstance(node, ast.Call) else ""
            assert called not in ("print", "click.echo", "click.secho"), path
            assert not called.endswith(("stdout.write", "stderr.write", "_stream.write")), path


@pytest.mark.parametrize("control", CONTROLS)
def test_a_table_on_a_terminal_shows_escapes_and_in_a_file_every_character(control):
    from wordloom.cli.writing import _ForTerminal

    for stream, kept in ((_ForTerminal, False), (io.TextIOWrapper, True)):
        there = io.BytesIO()
        with stream(there, encoding="utf-8", newline="") as file:
            file.write(f"a{control}b,pos\n")
            file.flush()
            shown = there.getvalue().decode()
        assert (shown == f"a{control}b,pos\n") is kept
        assert kept or harmless(shown)
