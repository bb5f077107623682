"""`wordloom curve`: accuracy against the number of labels, for several settings side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from wordloom.cli.command import Command, json_option, seed_option, threads_option
from wordloom.cli.failures import INTERRUPTED, as_far_as_it_came
from wordloom.cli.parts import test_options, with_test_part
from wordloom.cli.printing import heading, paragraph, print_json, say, table, tell
from wordloom.cli.reading import SOURCE_HELP, Reading, reading_options, say_read
from wordloom.cli.writing import check_targets, overwrite_option, writing_to
from wordloom.errors import UsageError, did_you_mean

if TYPE_CHECKING:
    from wordloom.corpus import Corpus, Dataset
    from wordloom.label_curve import CurvePlan, CurvePoint
    from wordloom.settings import Settings


@click.command(
    cls=Command,
    about=SOURCE_HELP,
    examples=[
        "wordloom curve imdb --vectors glove.6B.100d.txt --picture label-curve.png",
        "wordloom curve reviews.csv --sizes 20,100,all --draws 10 --json",
        "wordloom curve reviews.csv --settings mean --settings architecture=flatten,epochs=5",
    ],
)
@click.argument("source")
@click.option(
    "--settings",
    multiple=True,
    metavar="NAME|PAIRS",
    help="flatten, mean, n-grams, documents, with --vectors also 'flatten, vectors' and 'mean, vectors' "
    "(frozen), or pairs such as architecture=mean,epochs=5. May be given again. [default: all names]",
)
@click.option("--vectors", metavar="FILE", help="Pretrained word vectors, for the settings that use them.")
@click.option(
    "--sizes",
    metavar="N,N,...",
    default="20,50,100,200,500,1000,2000,5000,all",
    show_default=True,
    help="Numbers of labelled texts to train on; all means all of them, once.",
)
@click.option(
    "--draws",
    type=click.IntRange(min=1),
    metavar="N",
    default=5,
    show_default=True,
    help="Draws of each size.",
)
@seed_option("The first seed.")
@test_options(
    "Labelled texts to test on.",
    "Hold out this share of the texts to test on; 0.2 if there are no others.",
)
@threads_option
@click.option("--picture", type=click.Path(path_type=Path), metavar="FILE", help="Draw the curves.")
@overwrite_option
@reading_options
@json_option
def command(source: str, reading: Reading, as_json: bool, picture: Path | None, **options: Any) -> int:
    """Show how accuracy grows with the number of labels.

    Each setting is trained on the same draws of labelled texts, several for each number, and scored on
    the test part. The setting documents also learns from all training texts without their labels, once.
    """
    from wordloom.label_curve import CurvePlan, label_curve, require_one_label
    from wordloom.training.progress import Progress

    check_targets(picture, overwrite=options["overwrite"])
    settings = _settings(options["settings"], options["vectors"])
    plan = CurvePlan(_sizes(options["sizes"]), options["draws"], options["seed"], options["threads"])
    given = reading.dataset(source)
    require_one_label(given.train)
    dataset = _tested(given, reading, options)
    if not as_json:
        say_read(dataset)
    assert dataset.test is not None
    train, test = dataset.train, dataset.test
    if expected := _forecast(train, settings, plan):
        tell(expected)
    with Progress() as progress:
        points, code = as_far_as_it_came(lambda: label_curve(train, test, settings, plan, [progress]))
    files = [] if picture is None else [_drawn(points, picture)]
    if as_json:
        print_json(
            {
                "source": dataset.name,
                "test": dataset.test.name,
                "points": [point.to_config() for point in points],
                "files": [str(file) for file in files],
                "interrupted": code == INTERRUPTED,
            }
        )
        return code
    _say(points, dataset, plan, files)
    return code


def _forecast(train: Corpus, settings: Mapping[str, Settings], plan: CurvePlan) -> str:
    """What will be trained and about how long it takes, for people."""
    from wordloom.comparison.forecast import about, expected_seconds

    sizes = sorted({len(train) if size is None else size for size in plan.sizes})
    runs = [(size, plan.draws if size < len(train) else 1) for size in sizes if 2 <= size <= len(train)]
    if not runs:
        return ""
    letters = sum(map(len, train.texts))
    seconds = sum(
        draws * expected_seconds(each.architecture, letters * size / max(len(train), 1))
        for each in settings.values()
        for size, draws in runs
    )
    trainings = len(settings) * sum(draws for _, draws in runs)
    return (
        f"Will train {', '.join(settings)} on {', '.join(f'{size:,}' for size, _ in runs)} labels: "
        f"{trainings} trainings. It takes about {about(seconds)} (by times measured on two cores)."
    )


def _settings(given: Sequence[str], vectors: str | None) -> dict[str, Settings]:
    from wordloom.cli.settings_options import settings_from_text
    from wordloom.label_curve import known_settings

    known, found = known_settings(vectors), {}
    for name in given or known:
        if name not in known and name in known_settings(""):
            raise UsageError(f"The settings {name!r} need pretrained word vectors: --vectors FILE.")
        if "=" not in name and name not in known:
            raise UsageError(f"There are no settings {name!r}. {did_you_mean(name, known)}")
        found[name] = known[name] if name in known else settings_from_text(name)
    return found


def _sizes(text: str) -> tuple[int | None, ...]:
    words = [word.strip() for word in text.split(",") if word.strip()]
    if not all(word == "all" or word.isdecimal() for word in words):
        raise UsageError(
            f"--sizes takes whole numbers and the word all, for example 20,100,all; not {text!r}."
        )
    return tuple(None if word == "all" else int(word) for word in words)


def _tested(dataset: Dataset, reading: Reading, options: dict[str, Any]) -> Dataset:
    share = options["test_split"]
    if share is None and options["test"] is None and dataset.test is None:
        share = 0.2
    return with_test_part(dataset, reading, options["test"], share, options["seed"])


def _drawn(points: Sequence[CurvePoint], picture: Path) -> Path:
    from wordloom import plots

    with writing_to(picture):
        return plots.save(plots.label_curve([point.to_config() for point in points]), picture)


def _say(points: Sequence[CurvePoint], dataset: Dataset, plan: CurvePlan, files: Sequence[Path]) -> None:
    from wordloom.label_curve import table_rows

    assert dataset.test is not None
    header, *rows = table_rows(points)
    say()
    heading(f"Accuracy (%) on {len(dataset.test):,} texts of {dataset.test.name}")
    table(header, rows, left=0)
    say()
    paragraph(f"Mean ± standard deviation over {plan.draws} draws of labelled texts.", indent=2)
    if any(size is not None and size > len(dataset.train) for size in plan.sizes):
        many = f"There are {len(dataset.train):,} training texts: larger numbers of labels are left out."
        paragraph(many, indent=2)
    for file in files:
        say(f"Wrote {file}")
