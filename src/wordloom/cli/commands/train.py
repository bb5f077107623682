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
from wordloom.cli.parts import test_options, validation_texts, with_test_part
from wordloom.cli.printing import bytes_on_disk, count, paragraph, print_json, say, size, tell
from wordloom.cli.reading import SOURCE_HELP, Reading, reading_options, said, say_read
from wordloom.cli.settings_options import settings_options
from wordloom.cli.training_run import Streaming, streaming_options
from wordloom.cli.writing import check_model_target, overwrite_option
from wordloom.errors import UsageError
from wordloom.settings import Settings

if TYPE_CHECKING:
    from wordloom.cli.score_report import Result
    from wordloom.corpus import Corpus, Dataset
    from wordloom.fit import FitInput
    from wordloom.text_model import TextModel


@dataclass(frozen=True)
class TrainOptions:
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
        "wordloom train corpus --workers 8 --out my-model",
        "wordloom train train.csv --validation dev.csv --test test.csv --out my-model",
        "wordloom train train.jsonl --test test.jsonl --baselines --json --out my-model",
        "wordloom train new.csv --from my-model --out my-newer-model",
    ],
)
@click.argument("sources", nargs=-1, required=True, metavar="SOURCE...")
@click.option(
    "--out", required=True, type=click.Path(path_type=Path), metavar="DIR", help="Folder for the model."
)
@overwrite_option
@click.option(
    "--from",
    "base",
    metavar="MODEL",
    help="Continue the training of this model on the texts, which may have new labels, instead of training a "
    "new one. It keeps its settings (n-grams, and networks that pool word vectors).",
)
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
def command(
    sources: tuple[str, ...],
    base: str | None,
    reading: Reading,
    streaming: Streaming,
    settings: Settings,
    **rest: Any,
) -> int:
    """Train a classifier and word vectors on labelled texts.

    If the source has a test part, or --test or --test-split is given, the model is scored on texts
    that it has not seen. Several sources are files of one table; with --stream, --workers or --executor also
    folders of them and patterns in quotes. Ctrl-C ends training and keeps the best so far.
    """
    from wordloom.cli.training_run import trained
    from wordloom.fit import seed_of

    options = TrainOptions(**rest)
    check_model_target(options.out, options.overwrite)
    if base is not None:
        return _learn_on(base, sources, reading, streaming, options)
    _refuse_two_validations(options)
    streaming.check(settings, options.in_memory)
    settings = dataclasses.replace(settings, random_state=seed_of(settings.random_state))
    files = streaming.files(sources)
    with streaming.passes(options.out, len(files)) as passes:
        given = streaming.dataset(files, reading, options.shows_progress)
        dataset, extra = _prepared(given, options, settings, reading)
        extra = dataclasses.replace(extra, passes=passes)
        model = trained(dataset.train, settings, options.shows_progress, extra)
    result, code = _tested(model, dataset, options, settings)
    # What evaluate looks for: a score on texts of the training is none, also if some were held out.
    result.recorded().with_record(source_fingerprint=given.train.fingerprint()).save(options.out)
    _report(result, options)
    return code


def _learn_on(
    base: str, sources: tuple[str, ...], reading: Reading, streaming: Streaming, options: TrainOptions
) -> int:
    """`--from`: the model after it has learned on from the sources' texts."""
    from wordloom.cli.training_run import learned_on
    from wordloom.text_model import TextModel

    refused = {
        **options.in_memory,
        "--validation": options.validation,
        "--stream": streaming.stream,
        "--executor": streaming.executor,
        "--workers": streaming.workers,
        "--scratch": streaming.scratch,
    }
    if wrong := [name for name, value in refused.items() if value]:
        raise UsageError(
            f"{' and '.join(wrong)}: for training a new model, not for one that learns on (--from). Leave it "
            "out, or train on all texts without --from."
        )
    context = click.get_current_context()
    given = {
        field.name: context.params[field.name]
        for field in dataclasses.fields(Settings)
        if context.get_parameter_source(field.name) is ParameterSource.COMMANDLINE
    }
    model = TextModel.load(base)
    columns = model.columns
    dataset = reading.for_target(model.target).of_all(sources, columns)
    seed = given.get("random_state", model.record.get("seed", 0))
    read = dataset
    dataset = with_test_part(read, reading, options.test, options.test_split, seed, model.labels)
    if not options.as_json:
        say_read(dataset)
    updated = learned_on(model, dataset.train, options.shows_progress, given)
    result, code = _tested(updated, dataset, options, Settings(threads=given.get("threads")))
    result.recorded().with_record(source_fingerprint=read.train.fingerprint()).save(options.out)
    _report(result, options)
    return code


def _prepared(
    given: Dataset, options: TrainOptions, settings: Settings, reading: Reading
) -> tuple[Dataset, FitInput]:
    """The texts to train and test on, and what else comes to the fit."""
    from wordloom.fit import FitInput

    dataset = with_test_part(given, reading, options.test, options.test_split, settings.random_state)
    if not options.as_json:
        say_read(dataset)
    validation = _validation(dataset, options, reading)
    dataset, unlabelled = _without_labels(dataset, options, settings, reading)
    return dataset, FitInput(validation=validation, unlabelled=unlabelled, keep_interrupted=True)


def _report(result: Result, options: TrainOptions) -> None:
    """What was trained, how good it is and where it is saved."""
    from wordloom.cli.training_run import notes

    n_bytes = bytes_on_disk(options.out)
    if options.as_json:
        print_json({"model": str(options.out), "bytes": n_bytes, **result.to_config()})
        return
    for text in notes(result.model):
        paragraph(text)
    say()
    result.say()
    say()
    say(f"Saved to {options.out} ({size(n_bytes)}); seed {result.seed}.")
    say(f'Try: wordloom predict {options.out} "a text of yours"')


def _refuse_two_validations(options: TrainOptions) -> None:
    """UsageError for --validation beside an explicit --validation-split or --validation-mode."""
    given = click.get_current_context().get_parameter_source
    for name in ("validation_split", "validation_mode"):
        if options.validation is not None and given(name) is ParameterSource.COMMANDLINE:
            option = f"--{name.replace('_', '-')}"
            raise UsageError(
                f"{option} says what to hold out of the texts, and --validation gives texts in the place of "
                "that. Leave out one of them."
            )


def _validation(dataset: Dataset, options: TrainOptions, reading: Reading) -> Corpus | None:
    if options.validation is None:
        return None
    corpus, notes = validation_texts(options.validation, reading, dataset.train)
    if not options.as_json:
        say(f"Read {corpus.name}: {count(len(corpus), 'text')} to validate on; {said(corpus)}")
        for note in notes:
            paragraph(note, indent=2)
    return corpus


def _tested(
    model: TextModel, dataset: Dataset, options: TrainOptions, settings: Settings
) -> tuple[Result, int]:
    """The model with its scores, and the exit code; Ctrl-C leaves out the scores, not the model."""
    from wordloom.cli.score_report import Result, tested

    try:
        return tested(model, dataset, options.baselines, settings.threads), SUCCESS
    except KeyboardInterrupt:
        tell("interrupted before all was scored: the model is saved without scores.")
        return Result(model, dataclasses.replace(dataset, test=None), None, ()), INTERRUPTED


def _without_labels(
    dataset: Dataset, options: TrainOptions, settings: Settings, reading: Reading
) -> tuple[Dataset, list[str] | None]:
    """The data set with the labels that the options leave, and the texts to learn from without labels."""
    from wordloom.cli.parts import REST, labels_left, unlabelled_texts

    rest: list[str] = []
    if options.labels_per_class is not None:
        train, rest = labels_left(dataset.train, options.labels_per_class, settings.random_state)
        dataset = dataclasses.replace(dataset, train=train)
        if not options.as_json:
            say(f"Labels are used of {count(len(train), 'training text')}, drawn at random.")
    elif REST in options.unlabelled:
        raise UsageError("--unlabelled rest means the texts that --labels-per-class leaves; give both.")
    # Those that the source marks as such are used where something learns from them, or where asked for.
    learns = settings.architecture in with_ability("learns_unlabelled")
    wanted = options.unlabelled or ((REST,) if rest and learns else ())
    texts = [*dataset.unlabelled] if learns or reading.missing_label == "unlabelled" else []
    texts += unlabelled_texts(wanted, rest, reading, dataset.train.columns)
    if texts and not options.as_json:
        say(f"Read {count(len(texts), 'text')} without labels as well.")
    return dataset, texts or None
