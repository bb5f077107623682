"""`wordloom tune`: the command that it shows gives the winner's bits again; stable keys; refusals."""

from __future__ import annotations

import io
import shlex

import pytest

from wordloom.cli.command import DURATION, SIZE
from wordloom.cli.leaderboard import Leaderboard, line_of
from wordloom.settings import Settings
from wordloom.tuning import Trial, TrialResult

pytestmark = pytest.mark.usefixtures("workers_here")

QUICK = ("--trials", "3", "--settings", "architecture=mean,epochs=2,num_words=200", "--threads", "1")


def test_the_command_trains_the_winner_again_to_the_same_bits(run, answer, reviews, tmp_path):
    document = answer(
        "tune",
        "reviews.csv",
        *QUICK,
        "--seed",
        "3",
        "--test-split",
        "0.2",
        "--out",
        "tuned",
        "--text",
        "review",
    )
    assert list(document) == [
        *("measure", "scored_on", "stopped", "seconds", "best", "trials", "command", "model", "trained"),
    ]
    assert document["model"] == "tuned"
    assert len(document["trials"]) == 3
    assert document["trained"]["test"]["n"] == 12
    program, *arguments = shlex.split(document["command"])
    assert program == "wordloom"
    assert arguments[:4] == ["train", "reviews.csv", "--out", "tuned"]
    arguments[3] = "again"
    assert run(*arguments).exit_code == 0
    for name in ("weights.safetensors", "vocabulary.txt"):
        assert (tmp_path / "again" / name).read_bytes() == (tmp_path / "tuned" / name).read_bytes()


def test_text_output_without_a_model(run, reviews, tmp_path):
    result = run("tune", "reviews.csv", *QUICK)
    assert result.exit_code == 0, result.output
    assert "Best of 3 trials: trial " in result.stdout
    assert "5-fold cross-validation" in result.stdout
    assert "To train it again:\n  wordloom train reviews.csv --out my-model" in result.stdout
    assert result.stderr.count("trial ") == 3
    assert result.stderr.startswith("Will make 3 trials")
    assert not (tmp_path / "my-model").exists()


@pytest.mark.parametrize(
    ("arguments", "code", "part"),
    [
        (["--time-budget", "soon"], 2, "write for example 90s, 5m or 1h"),
        (["--memory-budget", "0"], 2, "write for example 500M or 2G"),
        (["--settings", "epoch=3"], 2, "Did you mean 'epochs'"),
        (["--settings", "epochs=0"], 2, "epochs must be"),
        (["--trials", "2", "--test-split", "0.2", "--test", "reviews.csv"], 2, "do not go together"),
        (["--trials", "2", "--out", "reviews.csv"], 2, "is a file"),
    ],
)
def test_what_cannot_be(fails, reviews, arguments, code, part):
    assert part in fails(code, "tune", "reviews.csv", *arguments)


def test_amounts():
    assert [DURATION.convert(text, None, None) for text in ("90", "1.5m", "2 h", ".5S")] == [
        90,
        90,
        7200,
        0.5,
    ]
    assert [SIZE.convert(text, None, None) for text in ("100", "2k", "500M", "1.5GB")] == [
        100,
        2e3,
        5e8,
        1.5e9,
    ]


RESULTS = [
    TrialResult(Trial(1, Settings(), 1.0), 0.8, 0.8, 0.5, 1.0),
    TrialResult(Trial(2, Settings(epochs=3), 1 / 3), 0.95, 0.95, 0.1, 0.5),
    TrialResult(Trial(3, Settings(epochs=4), 1.0), 0.9, 0.9, 0.3, 200.0),
    TrialResult(Trial(4, Settings(epochs=5), 1.0), failed="too much"),
]


def test_lines_of_trials():
    stream = io.StringIO()
    with Leaderboard(stream) as board:
        for result in RESULTS:
            board.on_trial_begin(result.trial, 10.0)
            board.on_trial_end(result, "accuracy")
    assert stream.getvalue().splitlines() == [
        "trial 1: accuracy 80.00% in 1.0 s, the defaults",
        "trial 2: accuracy 95.00% in 0.5 s on 1/3 of the texts, epochs=3",
        "trial 3: accuracy 90.00% in 3:20 min, epochs=4  best so far",
        "trial 4: epochs=5 failed: too much",
    ]
    assert "macro f1 80.00%" in line_of(RESULTS[0], "macro_f1")


def test_the_table_of_a_terminal(monkeypatch):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    monkeypatch.setenv("TERM", "xterm")
    stream = Terminal()
    with Leaderboard(stream) as board:
        for result in RESULTS:
            board.on_trial_begin(result.trial, 10.0)
            board.on_trial_end(result, "accuracy")
    shown = stream.getvalue()
    last = shown[shown.rindex("log loss") :]
    assert last.index("90.00 %") < last.index("80.00 %")
    assert "95.00 %" not in last  # a trial on a part of the texts cannot win
    assert "trial 4, 10.0 s left: epochs=5" in last
