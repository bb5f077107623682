"""Progress: the lines of a log, the bar of a terminal, and that the bar always goes away."""

from __future__ import annotations

import gc
import io
import re
import subprocess
import sys
import warnings

import pytest

from wordloom.errors import WordloomWarning
from wordloom.loop.history import History
from wordloom.training.networks import MOST_EPOCHS
from wordloom.training.progress import Progress, described, duration, ending

ROW = {"loss": 0.3121, "accuracy": 0.8714, "val_loss": 0.334, "val_accuracy": 0.862}
ESCAPE = re.compile(r"\x1b\[([0-9;?]*)([A-Za-z])")


class Clock:
    """A clock that stands still until it is told to go on."""

    def __init__(self) -> None:
        self.now = 50.0

    def __call__(self) -> float:
        return self.now


class Terminal(io.StringIO):
    """A stream that says it is a terminal, and knows what a terminal would show of it."""

    def isatty(self) -> bool:
        return True

    @property
    def cursor_shown(self) -> bool:
        codes = re.findall(r"\x1b\[\?25([hl])", self.getvalue())
        return not codes or codes[-1] == "h"

    @property
    def screen(self) -> list[str]:
        """The lines that are not empty; understands what a bar needs: up, erase a line, return, newline."""
        lines, row, column, text, at = [""], 0, 0, self.getvalue(), 0
        while at < len(text):
            if escape := ESCAPE.match(text, at):
                at = escape.end()
                if escape[2] == "A":
                    row -= int(escape[1] or 1)
                    assert row >= 0
                elif escape[2] == "K":
                    assert escape[1] == "2"
                    lines[row] = ""
                continue
            if text[at] == "\n":
                row, column = row + 1, 0
                lines += [""] * (row == len(lines))
            elif text[at] == "\r":
                column = 0
            else:
                lines[row] = lines[row][:column].ljust(column) + text[at] + lines[row][column + 1 :]
                column += 1
            at += 1
        return [line.rstrip() for line in lines if line.strip()]


@pytest.fixture
def terminal(monkeypatch):
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "100")
    return Terminal()


def history(rows: int, best: int, stopped: str = "epochs", validated: bool = True) -> History:
    made = History(best_epoch=best, stopped=stopped)
    for epoch in range(1, rows + 1):
        row = {name: value / epoch for name, value in ROW.items()}
        made.add(row if validated else {"loss": row["loss"], "accuracy": row["accuracy"]}, 0.5)
    return made


def begin(progress: Progress, epochs: int, documents: int = 1000, **more) -> None:
    progress.params = {"epochs": epochs, "steps": documents, "documents": documents, **more}
    progress.on_train_begin({})


def report(progress: Progress, epoch: int, done: int, loss: float = 0.5, accuracy: float = 0.75) -> None:
    """So many documents of this epoch (from 1) are done."""
    if getattr(progress, "now_in", None) != epoch:
        progress.on_epoch_begin(epoch - 1, {})
        progress.now_in = epoch
    progress.on_train_batch_end(done - 1, {"loss": loss, "accuracy": accuracy})


def finish(progress: Progress, made: History) -> None:
    progress.history = made
    progress.on_train_end(made.last)


def run(
    progress: Progress, clock: Clock, epochs: int = 3, documents: int = 1000, seconds: float = 10
) -> None:
    """Two reports and a row for every epoch; each half of an epoch takes `seconds`."""
    begin(progress, epochs, documents)
    for epoch in range(1, epochs + 1):
        progress.on_epoch_begin(epoch - 1, {})
        progress.now_in = epoch
        for done in (documents // 2, documents):
            clock.now += seconds
            report(progress, epoch, done)
        progress.on_epoch_end(epoch - 1, ROW)


# A log: anything that is no terminal.


def test_one_line_an_epoch():
    stream, clock = io.StringIO(), Clock()
    progress = Progress(stream, clock=clock)
    run(progress, clock, epochs=2, seconds=0.2)
    finish(progress, history(2, best=2))
    assert stream.getvalue().splitlines() == [
        "epoch 1/2  loss 0.312  accuracy 0.871  val_loss 0.334  val_accuracy 0.862  0.4 s",
        "epoch 2/2  loss 0.312  accuracy 0.871  val_loss 0.334  val_accuracy 0.862  0.4 s",
        "finished (1.0 s); kept epoch 2 of 2: val_loss 0.167  val_accuracy 0.431",
    ]


def test_lines_are_there_at_once():
    class Counting(io.StringIO):
        flushed = 0

        def flush(self) -> None:
            self.flushed += 1

    stream = Counting()
    progress = Progress(stream)
    begin(progress, 2, 10)
    progress.on_epoch_end(0, ROW)
    assert stream.flushed == 1


def test_says_when_the_number_of_epochs_is_open():
    def first_line(epochs: int, at_most: bool | None) -> str:
        stream = io.StringIO()
        progress = Progress(stream, at_most)
        begin(progress, epochs, 10)
        progress.on_epoch_end(2, ROW)
        return stream.getvalue().split("  ")[0]

    assert first_line(20, None) == "epoch 3/20"
    assert first_line(20, True) == "epoch 3 of at most 20"
    assert first_line(MOST_EPOCHS, None) == f"epoch 3 of at most {MOST_EPOCHS}"
    assert first_line(MOST_EPOCHS, False) == f"epoch 3/{MOST_EPOCHS}"


def test_standard_error_is_looked_up_when_training_starts(capsys):
    progress = Progress()
    begin(progress, 1, 10)
    progress.on_epoch_end(0, {"loss": float("nan")})
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("epoch 1/1  loss nan  ")


def test_a_program_without_standard_error(monkeypatch):
    monkeypatch.setattr(sys, "stderr", None)
    clock = Clock()
    progress = Progress(clock=clock)
    run(progress, clock)
    finish(progress, history(3, 3))


def test_a_dumb_terminal_gets_lines(terminal, monkeypatch):
    monkeypatch.setenv("TERM", "dumb")
    clock = Clock()
    run(Progress(terminal, clock=clock), clock)
    assert len(terminal.getvalue().splitlines()) == 3
    assert "\x1b" not in terminal.getvalue()


def test_lines_do_not_import_rich():
    check = (
        "import sys; from wordloom.training.progress import Progress; "
        "from wordloom.loop.history import History; "
        "p = Progress(); p.params = dict(epochs=1, steps=9); p.on_train_begin({}); p.on_epoch_begin(0, {}); "
        "p.on_train_batch_end(8, {'loss': 1.0}); p.on_epoch_end(0, {'loss': 1.0}); "
        "p.history = History({'loss': [1.0]}, 1); p.on_train_end({}); print('rich' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
    assert len(done.stderr.splitlines()) == 2


# The last line.


@pytest.mark.parametrize(
    ("made", "line"),
    [
        (
            history(20, best=20),
            "finished (10.0 s); kept epoch 20 of 20: val_loss 0.017  val_accuracy 0.043",
        ),
        (
            history(9, best=1, stopped="early"),
            "stopped early (4.5 s); kept epoch 1 of 9: val_loss 0.334  val_accuracy 0.862",
        ),
        (
            history(4, best=2, stopped="interrupted"),
            "interrupted (2.0 s); kept epoch 2 of 4: val_loss 0.167  val_accuracy 0.431",
        ),
        (
            history(3, best=3, validated=False),
            "finished (1.5 s); kept epoch 3 of 3: loss 0.104  accuracy 0.290",
        ),
        (
            history(2, best=2, stopped="callback"),
            "stopped by a callback (1.0 s); kept epoch 2 of 2: val_loss 0.167  val_accuracy 0.431",
        ),
        (
            History(stopped="interrupted"),
            "interrupted in the first epoch; kept the weights as they were then",
        ),
        (
            History({"loss": [0.5]}, stopped="interrupted"),
            "interrupted in the first epoch; kept the weights as they were then",
        ),
    ],
)
def test_ending(made, line):
    assert ending(made) == line


def test_the_end_is_said_once():
    stream, clock = io.StringIO(), Clock()
    progress = Progress(stream, clock=clock)
    finish(progress, history(1, 1))
    assert stream.getvalue() == ""
    run(progress, clock, epochs=1)
    finish(progress, history(1, 1))
    finish(progress, history(1, 1))
    progress.close()
    assert len(stream.getvalue().splitlines()) == 2


def test_trains_again():
    stream, clock = io.StringIO(), Clock()
    progress = Progress(stream, clock=clock)
    for _ in range(2):
        clock.now += 1000  # between two trainings; counts for neither
        run(progress, clock, epochs=1, seconds=0.2)
        finish(progress, history(1, 1))
    first, second = stream.getvalue().splitlines()[0::2]
    assert first == second


def test_words():
    assert described({}) == ""
    assert described({"loss": 12.3456, "größe": 1.0}) == "loss 12.346  größe 1.000"
    assert [duration(s) for s in (0, 0.04, 119.9, 125, 3599.6)] == [
        "0.0 s",
        "0.0 s",
        "119.9 s",
        "2:05 min",
        "60:00 min",
    ]


# The bar.


def test_bar_shows_epoch_share_time_and_numbers(terminal):
    clock = Clock()
    progress = Progress(terminal, clock=clock)
    begin(progress, 4, 1000)
    assert terminal.screen[0].startswith("epoch 1/4  ")
    assert re.search(r"  +0%  -:-- left$", terminal.screen[0])
    for done in (250, 500, 1000):
        clock.now += 10
        report(progress, 1, done, 0.5, 0.75)
    # From the first report on: 750 documents in 20 s; 3,000 of 4,000 are left.
    assert re.fullmatch(r"epoch 1/4  .+  +25%  1:20 left", terminal.screen[0])
    assert terminal.screen[1:] == ["loss 0.500  accuracy 0.750"]
    progress.on_epoch_end(0, ROW)
    clock.now += 10
    report(progress, 2, 250, 0.25, 0.8)
    assert terminal.screen[0].startswith("epoch 2/4  ")
    last = "loss 0.250  accuracy 0.800  last epoch: val_loss 0.334  val_accuracy 0.862"
    assert terminal.screen[1:] == [last]


def test_a_message_takes_the_bar_away_and_is_one_line_whatever_it_holds(terminal):
    progress = Progress(terminal, clock=Clock())
    begin(progress, 4, 1000)
    assert terminal.screen
    progress.on_message("a name\n\x1b[31m in red")
    assert terminal.screen == ["a name\\n\\x1b[31m in red"]


def test_bar_promises_no_end_that_may_not_come(terminal):
    clock = Clock()
    progress = Progress(terminal, clock=clock)
    begin(progress, MOST_EPOCHS, 1000)
    for done in (500, 800):
        clock.now += 30
        report(progress, 3, done, 0.5, 0.75)
    assert re.fullmatch(
        rf"epoch 3 of at most {MOST_EPOCHS}  .+  +80%  0:20 left of the epoch", terminal.screen[0]
    )


def test_the_time_left_forgets_a_slow_start(terminal):
    clock = Clock()
    progress = Progress(terminal, at_most=False, clock=clock)
    begin(progress, 100, 100)
    for epoch in range(1, 51):
        for done in (50, 100):
            clock.now += 60 if epoch <= 20 else 1
            report(progress, epoch, done, 0.5, 0.75)
    # The newest reports came once a second; 50 epochs of two seconds are left.
    assert terminal.screen[0].endswith(" 50%  1:40 left")
    progress.close()


def test_bar_leaves_one_line_behind(terminal):
    clock = Clock()
    progress = Progress(terminal, clock=clock)
    run(progress, clock)
    assert len(terminal.screen) == 2
    made = history(3, best=2, stopped="early")
    finish(progress, made)
    assert terminal.screen == [ending(made)]
    assert terminal.cursor_shown


def test_cursor_is_shown_even_while_the_bar_is_there(terminal):
    """So that a killed process leaves no terminal without a cursor."""
    clock = Clock()
    progress = Progress(terminal, clock=clock)
    run(progress, clock)
    assert terminal.cursor_shown
    progress.close()


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt, SystemExit])
def test_an_error_takes_the_bar_away(terminal, error):
    clock, real = Clock(), sys.stderr
    progress = Progress(terminal, clock=clock)

    def failing() -> None:
        with progress:
            run(progress, clock)
            assert terminal.screen
            raise error

    with pytest.raises(error):
        failing()
    assert terminal.screen == []
    assert terminal.cursor_shown
    assert sys.stderr is real
    finish(progress, history(3, 3))
    assert terminal.screen == []


@pytest.mark.slow
def test_a_forgotten_bar_goes_with_its_object(terminal):
    clock = Clock()
    progress = Progress(terminal, clock=clock)
    run(progress, clock)
    assert terminal.screen
    del progress
    gc.collect()
    assert terminal.screen == []


def test_starting_again_replaces_the_bar(terminal):
    clock = Clock()
    progress = Progress(terminal, clock=clock)
    run(progress, clock)
    begin(progress, 7, 1000)
    assert len(terminal.screen) == 1
    assert terminal.screen[0].startswith("epoch 1/7  ")
    progress.close()
    progress.close()
    assert terminal.screen == []


def test_warnings_stand_above_the_bar_and_output_is_left_alone(terminal, monkeypatch, capsys):
    monkeypatch.setattr(sys, "stderr", terminal)
    clock, out = Clock(), sys.stdout
    with Progress(clock=clock) as progress:
        begin(progress, 2, 10)
        assert sys.stdout is out
        print("result")
        with warnings.catch_warnings():
            warnings.simplefilter("always")
            warnings.showwarning = lambda message, *rest, **more: sys.stderr.write(f"warning: {message}\n")
            warnings.warn("odd [labels]", WordloomWarning)
        clock.now += 1
        report(progress, 1, 5, 0.5, 0.75)
        assert terminal.screen[0] == "warning: odd [labels]"
        assert terminal.screen[1].startswith("epoch 1/2  ")
        assert len(terminal.screen) == 3
    assert sys.stderr is terminal
    assert terminal.screen == ["warning: odd [labels]"]
    assert capsys.readouterr().out == "result\n"


def test_draws_at_most_ten_times_a_second(terminal):
    clock = Clock()
    progress = Progress(terminal, clock=clock)
    begin(progress, 10_000, 1000)
    before = terminal.getvalue()
    for epoch in range(1, 1000):
        report(progress, epoch, 1000, 0.5, 0.75)
        progress.on_epoch_end(epoch - 1, ROW)
    assert terminal.getvalue() == before
    clock.now += 0.1
    report(progress, 1000, 1000, 0.5, 0.75)
    assert terminal.getvalue() != before
    progress.close()


@pytest.mark.parametrize("columns", [1, 8, 24, 63, 64, 80, 300])
def test_fits_any_width(terminal, monkeypatch, columns):
    monkeypatch.setenv("COLUMNS", str(columns))
    clock = Clock()
    progress = Progress(terminal, at_most=True, clock=clock)
    run(progress, clock)
    assert len(terminal.screen) == 2
    assert max(map(len, terminal.screen)) <= columns
    assert ("━" in terminal.screen[0]) == (columns >= 64)
    assert terminal.screen[0].startswith("epoch 3"[: columns - 1])
    progress.close()
    assert terminal.screen == []


@pytest.mark.parametrize("documents", [0, 1])
def test_hardly_any_documents(terminal, documents):
    clock = Clock()
    progress = Progress(terminal, clock=clock)
    run(progress, clock, epochs=1, documents=documents)
    finish(progress, history(1, 1))
    assert terminal.screen == [ending(history(1, 1))]
