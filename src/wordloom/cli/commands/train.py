"""`wordloom train`: labelled texts in, a model folder and an honest score out."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from wordloom.architectures import with_ability
from wordloom.cli.command import Command, json_option
from wordloom.cli.failures import INTERRUPTED, SUCCESS
from wordloom.cli.output import bytes_on_disk, count, counted, paragraph, print_json, say, size, tell
from wordloom.cli.reading import SOURCE_HELP, Reading, reading_options, say_read
from wordloom.cli.settings_options import settings_options
from wordloom.cli.streaming import Streaming, streaming_options
from wordloom.cli.targets import check_model_target, overwrite_option
from wordloom.cli.tested_part import test_options, validation_texts, with_test_part
from wordloom.errors import UsageError
from wordloom.settings import Settings

if TYPE_CHECKING:
    from wordloom.cli.results import Result
    from wordloom.corpus import Corpus, Dataset
    from wordloom.text_model import TextModel


@dataclass(frozen=True)
class Order:
    """What to do besides training: where to save, what to test on, what to say."""

    out: Path
    overwrite: bool
    test: str | None
    test_split: float | None
    validation: str | None
    labels_per_class: int | None
    unlabelled: tuple[str, ...]
    baselines: bool
    progress: bool | None
    as_json: bool

    @property
    def shows_progress(self) -> bool:
        return not self.as_json if self.progress is None else self.progress

    @property
    def in_memory(self) -> dict[str, Any]:
        """The options that need all texts in memory."""
        return {
            "--labels-per-class": self.labels_per_class,
            "--unlabelled": self.unlabelled,
            "--baselines": self.baselines,
        }


@click.command(
    cls=Command,
    about=SOURCE_HELP,
    examples=[
        "wordloom train reviews.csv --out my-model",
        "wordloom train reviews.csv --text body --label stars --test-split 0.2 --out my-model",
        "wordloom train imdb --out imdb-model --architecture flatten --maxlen 200 --epochs 3 --seed 1",
        "wordloom train imdb --labels-per-class 100 --unlabelled rest --out few-labels",
        "wordloom train imdb --max-size 2M --out small-model",
        "wordloom train huge.csv.gz --stream --out my-model",
        "wordloom train train.csv --validation dev.csv --test test.csv --out my-model",
        "wordloom train train.jsonl --test test.jsonl --baselines --json --out my-model",
    ],
)
@click.argument("source")
@click.option(
    "--out", required=True, type=click.Path(path_type=Path), metavar="DIR", help="Folder for the model."
)
@overwrite_option
@test_options(
    "Labelled texts to score the model on.",
    "Share of the texts to keep out of training and score on, for example 0.2.",
)
@click.option(
    "--validation",
    metavar="SOURCE",
    help="Labelled texts to validate on (early stopping, calibration), in the place of a share of the texts.",
)
@click.option(
    "--labels-per-class",
    type=click.IntRange(min=1),
    metavar="K",
    help="Use the labels of so many texts of each class, drawn at random, and no others.",
)
@click.option(
    "--unlabelled",
    multiple=True,
    metavar="SOURCE|rest",
    help="Texts without labels to learn from as well (architecture documents), in any format; rest: those "
    "that --labels-per-class leaves. May be given again. [default: rest, with the architecture documents]",
)
@reading_options
@streaming_options
@click.option(
    "--baselines", is_flag=True, help="Also score TF-IDF with logistic regression on the same test texts."
)
@click.option("--progress/--no-progress", default=None, help="Show each epoch; on, unless --json is given.")
@json_option
@settings_options
def command(source: str, reading: Reading, streaming: Streaming, settings: Settings, **rest: Any) -> int:
    """Train a classifier and word vectors on labelled texts.

    If the source has a test part, or --test or --test-split is given, the model is scored on texts
    that it has not seen. Ctrl-C ends training and keeps the best so far.
    """
    from wordloom.cli.training import notes, trained
    from wordloom.fit import FitInput, seed_of

    order = Order(**rest)
    check_model_target(order.out, order.overwrite)
    _refuse_two_validations(order)
    streaming.check(settings, order.in_memory)
    settings = dataclasses.replace(settings, random_state=seed_of(settings.random_state))
    shown = order.shows_progress
    given = streaming.dataset(source, reading, shown) if streaming.stream else reading.dataset(source)
    dataset = with_test_part(given, reading, order.test, order.test_split, settings.random_state)
    if not order.as_json:
        say_read(dataset)
    extra = FitInput(validation=_validation(dataset, order, reading), keep_interrupted=True)
    dataset, unlabelled = _without_labels(dataset, order, settings, reading)
    if streaming.stream:
        model = streaming.trained(dataset.train, settings, order.out, shown, extra)
    else:
        model = trained(dataset.train, settings, shown, dataclasses.replace(extra, unlabelled=unlabelled))
    result, code = _tested(model, dataset, order, settings)
    # What evaluate looks for: a score on texts of the training is none, also if some were held out.
    result.recorded().with_record(source_fingerprint=given.train.fingerprint()).save(order.out)
    if order.as_json:
        print_json({"model": str(order.out), "bytes": bytes_on_disk(order.out), **result.to_config()})
        return code
    for text in notes(model):
        paragraph(text)
    say()
    result.say()
    say()
    say(f"Saved to {order.out} ({size(bytes_on_disk(order.out))}); seed {settings.random_state}.")
    say(f'Try: wordloom predict {order.out} "a text of yours"')
    return code


def _refuse_two_validations(order: Order) -> None:
    """UsageError for --validation beside an explicit --validation-split or --validation-mode."""
    given = click.get_current_context().get_parameter_source
    for name in ("validation_split", "validation_mode"):
        if order.validation is not None and given(name) is ParameterSource.COMMANDLINE:
            option = f"--{name.replace('_', '-')}"
            raise UsageError(
                f"{option} says what to hold out of the texts, and --validation gives texts in the place of "
                "that. Leave out one of them."
            )


def _validation(dataset: Dataset, order: Order, reading: Reading) -> Corpus | None:
    if order.validation is None:
        return None
    corpus, notes = validation_texts(order.validation, reading, dataset.train)
    if not order.as_json:
        say(f"Read {corpus.name}: {count(len(corpus), 'text')} to validate on; {counted(corpus.counts())}")
        for note in notes:
            paragraph(note, indent=2)
    return corpus


def _tested(model: TextModel, dataset: Dataset, order: Order, settings: Settings) -> tuple[Result, int]:
    """The model with its scores, and the exit code; Ctrl-C leaves out the scores, not the model."""
    from wordloom.cli.results import Result, tested

    try:
        return tested(model, dataset, order.baselines, settings.threads), SUCCESS
    except KeyboardInterrupt:
        tell("interrupted before all was scored: the model is saved without scores.")
        return Result(model, dataclasses.replace(dataset, test=None), None, ()), INTERRUPTED


def _without_labels(
    dataset: Dataset, order: Order, settings: Settings, reading: Reading
) -> tuple[Dataset, list[str] | None]:
    """The data set with the labels that the options leave, and the texts to learn from without labels."""
    from wordloom.cli.unlabelled import REST, labels_left, unlabelled_texts

    rest: list[str] = []
    if order.labels_per_class is not None:
        train, rest = labels_left(dataset.train, order.labels_per_class, settings.random_state)
        dataset = dataclasses.replace(dataset, train=train)
        if not order.as_json:
            say(f"Labels are used of {count(len(train), 'training text')}, drawn at random.")
    elif REST in order.unlabelled:
        raise UsageError("--unlabelled rest means the texts that --labels-per-class leaves; give both.")
    # Those that the source marks as such are used where something learns from them, or where asked for.
    learns = settings.architecture in with_ability("learns_unlabelled")
    wanted = order.unlabelled or ((REST,) if rest and learns else ())
    texts = [*dataset.unlabelled] if learns or reading.missing_label == "unlabelled" else []
    texts += unlabelled_texts(wanted, rest, reading, dataset.train.columns)
    if texts and not order.as_json:
        say(f"Read {count(len(texts), 'text')} without labels as well.")
    return dataset, texts or None
