"""`wordloom tune`: the best settings for these texts, found in a given time."""

from __future__ import annotations

import dataclasses
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from wordloom.cli.command import DURATION, SIZE, Command, json_option, seed_option, threads_option
from wordloom.cli.failures import INTERRUPTED, SUCCESS
from wordloom.cli.parts import test_options, with_test_part
from wordloom.cli.printing import (
    bytes_on_disk,
    count,
    heading,
    pairs,
    paragraph,
    percent,
    print_json,
    say,
    size,
    tell,
)
from wordloom.cli.reading import SOURCE_HELP, Reading, reading_options, say_read
from wordloom.cli.settings_options import options_of, values_from_text
from wordloom.cli.writing import check_model_target, overwrite_option

if TYPE_CHECKING:
    from wordloom.cli.score_report import Result
    from wordloom.corpus import Dataset
    from wordloom.tuning import Tuned, TuningPlan

_SECONDS = 60.0


@dataclass(frozen=True)
class TuneOptions:
    """Everything but the source and how it is read."""

    out: Path | None
    overwrite: bool
    time_budget: float | None
    trials: int | None
    memory_budget: float | None
    settings: str
    test: str | None
    test_split: float | None
    seed: int
    threads: int | None
    as_json: bool


@click.command(
    cls=Command,
    about=SOURCE_HELP,
    examples=[
        "wordloom tune reviews.csv --time-budget 60s --out my-model",
        "wordloom tune imdb --time-budget 5m --memory-budget 2G --out imdb-model",
        "wordloom tune reviews.csv --trials 20 --seed 1 --test-split 0.2",
        "wordloom tune reviews.csv --settings architecture=mean,dimensions=32 --trials 10 --json",
    ],
)
@click.argument("source")
@click.option(
    "--time-budget",
    type=DURATION,
    metavar="TIME",
    help="Be done after so much time: 90s, 5m, 1h. [default: 60s, without a limit with --trials]",
)
@click.option("--trials", type=click.IntRange(min=1), metavar="N", help="Make at most so many trials.")
@click.option("--memory-budget", type=SIZE, metavar="SIZE", help="End trials that use more: 500M, 2G.")
@click.option("--out", type=click.Path(path_type=Path), metavar="DIR", help="Train the winner and save it.")
@overwrite_option
@click.option(
    "--settings", default="", metavar="PAIRS", help="Settings that stay as they are, for example epochs=5."
)
@test_options(
    "Labelled texts to score the winner on, once.",
    "Share of the texts to keep out of the search and score the winner on, for example 0.2.",
)
@seed_option("Seed of every random choice.")
@threads_option
@reading_options
@json_option
def command(source: str, reading: Reading, **options: Any) -> int:
    """Search architectures and settings for those that do best on texts kept out of training.

    The test part is not looked at in the search; the winner is scored on it once, at the end. Ctrl-C ends the
    search, with exit code 130, and keeps the best of the trials that are complete. Whatever ends it, the
    command that trains the winner again is shown. With the same seed and --trials the result is the same
    every time.
    """
    return _tune(source, reading, TuneOptions(**options))


def _tune(source: str, reading: Reading, options: TuneOptions) -> int:
    from wordloom.cli.leaderboard import Leaderboard
    from wordloom.comparison.splits import require_one_label
    from wordloom.tuning import TuningPlan, tune

    if options.out is not None:
        check_model_target(options.out, options.overwrite)
    fixed = values_from_text(options.settings)
    given = reading.dataset(source)
    require_one_label(given.train)
    dataset = with_test_part(given, reading, options.test, options.test_split, options.seed)
    if not options.as_json:
        say_read(dataset)
    seconds = options.time_budget if options.time_budget or options.trials else _SECONDS
    memory = None if options.memory_budget is None else int(options.memory_budget)
    trains_winner = options.out is not None or dataset.test is not None
    plan = TuningPlan(seconds, options.trials, memory, options.seed, options.threads, trains_winner, fixed)
    if not options.as_json:
        tell(forecast(plan))
    with Leaderboard() as board:
        found = tune(dataset.train, plan, [board])
    code = INTERRUPTED if found.stopped == "interrupted" else SUCCESS
    result = None
    if trains_winner:
        try:
            result = _winner(found, dataset, options)
        except KeyboardInterrupt:
            tell("interrupted: the winner is not trained.")
            code = INTERRUPTED
    if result is not None and options.out is not None:
        result.recorded().with_record(source_fingerprint=given.train.fingerprint()).save(options.out)
    line = command_line(source, reading, options, found)
    if options.as_json:
        trained = result.to_config() if result is not None else None
        out = str(options.out) if options.out is not None and result is not None else None
        print_json({**found.to_config(), "command": line, "model": out, "trained": trained})
    else:
        _say(found, result, options, line)
    return code


def forecast(plan: TuningPlan) -> str:
    """What the search will do and how long it takes at most, for people."""
    from wordloom.comparison.forecast import about

    trials = "as many trials as fit in" if plan.trials is None else count(plan.trials, "trial")
    time = "" if plan.seconds is None else f", at most {about(plan.seconds)}"
    winner = "; the winner is trained on all training texts at the end" if plan.trains_winner else ""
    return f"Will make {trials}{time}{winner}."


def _winner(found: Tuned, dataset: Dataset, options: TuneOptions) -> Result:
    from wordloom.cli.score_report import tested
    from wordloom.cli.training_run import trained

    settings = dataclasses.replace(found.settings, random_state=options.seed, threads=options.threads)
    return tested(trained(dataset.train, settings, False), dataset, False, options.threads)


def command_line(source: str, reading: Reading, options: TuneOptions, found: Tuned) -> str:
    """The command that trains the winner again."""
    from wordloom.tuning import changes

    words = ["wordloom", "train", source, "--out", str(options.out or "my-model")]
    if options.out is not None:
        words.append("--overwrite")  # of the model that is there then
    words += reading.words()
    tests = {"test": options.test, "test-split": options.test_split}
    words += [
        word for name, value in tests.items() if value is not None for word in (f"--{name}", str(value))
    ]
    return shlex.join([*words, *options_of(changes(found.settings)), "--seed", str(options.seed)])


def _say(found: Tuned, result: Result | None, options: TuneOptions, line: str) -> None:
    from wordloom.cli.leaderboard import described
    from wordloom.tuning import changes

    best = found.best
    ends = {"trials": "", "time": " in the time given", "interrupted": " before it was interrupted"}
    say()
    heading(f"Best of {count(len(found.results), 'trial')}{ends[found.stopped]}: trial {best.trial.number}")
    pairs(
        [
            ("settings", described(changes(best.trial.settings))),
            ("accuracy", f"{percent(best.accuracy)} in the search ({found.how})"),
            ("macro F1", percent(best.macro_f1)),
            ("log loss", f"{best.log_loss:.3f}"),
        ]
    )
    paragraph("As the best of several its figures in the search are a little too good.", indent=2)
    if result is not None and result.scores is not None:
        say()
        result.say()
    say()
    say("To train it again:")
    say(f"  {line}")
    if options.out is not None and result is not None:
        say(f"Saved to {options.out} ({size(bytes_on_disk(options.out))}).")
