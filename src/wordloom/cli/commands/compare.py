"""`wordloom compare`: settings of ours and peers on the same texts, in one table."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from wordloom.cli.command import Command, json_option, seed_option, threads_option
from wordloom.cli.failures import INTERRUPTED, SUCCESS, as_far_as_it_came
from wordloom.cli.parts import with_test_part
from wordloom.cli.printing import heading, paragraph, print_json, say, table
from wordloom.cli.reading import SOURCE_HELP, Reading, reading_options, say_read
from wordloom.cli.writing import check_targets, overwrite_option, writing_to
from wordloom.errors import UsageError

if TYPE_CHECKING:
    from wordloom.comparison import Comparison, Contender


_SHOWN = ("ngram", "mean", "flatten")


@click.command(
    cls=Command,
    about=SOURCE_HELP,
    examples=[
        "wordloom compare reviews.csv",
        "wordloom compare imdb --seeds 5 --picture accuracy-against-time.png --csv figures.csv",
        "wordloom compare train.csv --test test.csv --peers tfidf-svm,nb-svm",
        "wordloom compare train.csv --test test.csv --model reviews --model better-reviews",
        "wordloom compare train.txt --test test.txt --model old.bin --settings default --peers none",
        "wordloom compare tickets.csv reviews.csv tweets.csv --folds 5",
        "wordloom compare reviews.csv --folds 5 --settings default --settings epochs=5 --peers none",
        "wordloom compare --list",
    ],
)
@click.argument("sources", nargs=-1, metavar="[SOURCE]...")
@click.option(
    "--settings",
    multiple=True,
    metavar="NAME|PAIRS",
    help="Settings of ours: a name that --list shows, or pairs such as architecture=mean,epochs=5. May be "
    "given again. [default: ngram, mean, flatten]",
)
@click.option(
    "--peers",
    multiple=True,
    metavar="NAMES",
    help="Peers that --list shows, with commas between them; all; or none. [default: all]",
)
@click.option(
    "--model",
    "models",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="MODEL",
    help="A saved model of yours, a folder or a classifier of fastText's (.bin, .ftz), tested on the test "
    "part, which it must not have learned from. May be given again.",
)
@click.option("--test", metavar="SOURCE", help="Labelled texts to test on.")
@click.option("--folds", type=click.IntRange(min=2), metavar="N", help="Cross-validate in so many folds.")
@click.option(
    "--test-split",
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    metavar="SHARE",
    help="Hold out this share of the texts to test on.",
)
@click.option(
    "--seeds", type=click.IntRange(min=1), metavar="N", help="How many seeds. [default: 3; with folds 1]"
)
@seed_option("The first seed.")
@threads_option
@click.option("--csv", "csv_file", type=click.Path(path_type=Path), metavar="FILE", help="Write the figures.")
@click.option(
    "--picture", type=click.Path(path_type=Path), metavar="FILE", help="Draw accuracy against time."
)
@overwrite_option
@click.option("--list", "only_list", is_flag=True, help="Name the settings and peers, and stop.")
@reading_options
@json_option
def command(
    sources: tuple[str, ...], reading: Reading, only_list: bool, as_json: bool, **options: Any
) -> int:
    """Train settings of ours and other libraries on the same texts and compare them: accuracy with its
    interval, seconds, size and memory, and whether a difference could be chance.

    Each contender has a process of its own. Without a test part or --test, up to 20,000 texts are
    cross-validated in 10 folds, of more a fifth is held out. Peers that are not installed are named
    with the line that installs them. Of several sources each has a table, and a last one sums them up.
    """
    from wordloom import comparison
    from wordloom.comparison.splits import require_one_label
    from wordloom.training.progress import Progress

    contenders = _contenders(options["settings"], options["peers"], options["models"])
    if only_list:
        _list(as_json)
        return SUCCESS
    _check(sources, options)
    given = [reading.dataset(source) for source in sources]
    for dataset in given:
        require_one_label(dataset.train)
    datasets = [with_test_part(each, reading, options["test"], None, options["seed"]) for each in given]
    if not as_json:
        for dataset in datasets:
            say_read(dataset)
    plan = comparison.ComparisonPlan(
        options["seeds"], options["seed"], options["folds"], options["test_split"], options["threads"]
    )
    with Progress() as progress:
        found, code = as_far_as_it_came(
            lambda: comparison.compare_each(datasets, contenders, plan, [progress])
        )
    files = _write(found, options["csv_file"], options["picture"])
    if as_json:
        written = [str(file) for file in files]
        print_json({**_config(found, len(sources)), "files": written, "interrupted": code == INTERRUPTED})
    else:
        _say(found, files)
    return code


def _check(sources: Sequence[str], options: dict[str, Any]) -> None:
    from wordloom.storage import read_config

    if not sources:
        raise UsageError("Name the labelled texts to compare on: wordloom compare SOURCE.")
    twice = [source for source in sources if sources.count(source) > 1]
    if twice:
        raise UsageError(f"{twice[0]} is named twice; name each source once.")
    for option in ("test", "picture"):
        if len(sources) > 1 and options[option] is not None:
            raise UsageError(f"--{option} goes with one source; there are {len(sources)}.")
    for model in options["models"]:  # before others are trained beside it
        if not Path(model).is_file():
            read_config(model)
    check_targets(options["csv_file"], options["picture"], overwrite=options["overwrite"])


def _config(found: Sequence[Comparison], n_sources: int) -> dict[str, Any]:
    """One comparison as it is; several of them and their summary."""
    from wordloom.comparison import summaries

    if n_sources == 1:
        return found[0].to_config()
    return {
        "comparisons": [each.to_config() for each in found],
        "summary": [each.to_config() for each in summaries(found)],
    }


def _contenders(settings: Sequence[str], peers: Sequence[str], models: Sequence[Path]) -> list[Contender]:
    from wordloom.comparison import chosen_peers, saved_contender

    ours = [_settings(given) for given in settings or _SHOWN]
    names = [name.strip() for given in peers for name in given.split(",")]
    return [*map(saved_contender, models), *ours, *chosen_peers(names or ["all"])]


def _settings(given: str) -> Contender:
    """A contender of a known name, or of pairs."""
    from wordloom.cli.settings_options import settings_from_text
    from wordloom.comparison import chosen_settings, settings_contender

    if "=" in given:
        return settings_contender(given, settings_from_text(given))
    return chosen_settings([given])[0]


def _write(found: Sequence[Comparison], csv_file: Path | None, picture: Path | None) -> list[Path]:
    from wordloom import plots
    from wordloom.atomic import replacing_file
    from wordloom.comparison.comparison_report import csv_text

    files = []
    if csv_file is not None:
        with writing_to(csv_file), replacing_file(csv_file) as temporary:
            temporary.write_text(csv_text(found), encoding="utf-8")
        files.append(csv_file)
    if picture is not None:
        with writing_to(picture):
            files.append(plots.save(plots.accuracy_against_time(found[0].to_config()["contenders"]), picture))
    return files


def _list(as_json: bool) -> None:
    from wordloom.comparison import PEERS, known_settings

    contenders = [*known_settings().values(), *PEERS.values()]
    if as_json:
        keys = ("name", "about", "is_ours", "install")
        print_json([{key: getattr(each, key) for key in keys} for each in contenders])
        return
    rows = [[each.name, each.about, each.install or "ready"] for each in contenders]
    table(["name", "what it is", "to install it"], rows, left=3, indent=0)


def _say(found: Sequence[Comparison], files: Sequence[Path]) -> None:
    from wordloom.comparison.comparison_report import absences, explanation, header, table_rows
    from wordloom.comparison.summary import summary_header, summary_rows

    for each in found:
        say()
        heading(f"{each.name}: {each.how}")
        table(header(each), table_rows(each))
        say()
        for line in [*explanation(each), *absences(each)]:
            paragraph(line, indent=2)
    if len(found) > 1:
        say()
        heading("All of them: accuracy / macro F1, %")
        table(summary_header(found), summary_rows(found))
        say()
    paragraph(f"Machine: {found[0].machine}.", indent=2)
    for file in files:
        say(f"Wrote {file}")
