"""Which texts of a source are for training, for tests and for validation, and which a model is judged by."""

from __future__ import annotations

import dataclasses
import functools
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from wordloom.cli.command import Function
from wordloom.cli.reading import Reading, reading_options
from wordloom.errors import DataError, UsageError, WordloomWarning
from wordloom.target_names import GRADED, MULTILABEL

if TYPE_CHECKING:
    from wordloom.corpus import Corpus, Dataset
    from wordloom.labels import Label
    from wordloom.origin import Columns
    from wordloom.text_model import TextModel

split_option = click.option(
    "--split",
    type=click.Choice(["train", "test"]),
    help="Which part of the source, if it has two; the test part if not given.",
)


def part_of(dataset: Dataset, split: str | None) -> Corpus:
    """The part asked for, else the test part, else the only part. DataError for a part that is not there."""
    if split == "test" and dataset.test is None:
        raise DataError(f"{dataset.name}: has no test part. Leave out --split test to take all of it.")
    if split != "train" and dataset.test is not None:
        return dataset.test
    return dataset.train


@dataclass(frozen=True)
class Judging:
    """Which texts of a source a model is judged by, and what it was trained on.

    Parameters
    ----------
    reading : how the source is read
    split : the part that is asked for
    unknown_labels : what texts with a label that the model lacks are, as in `score_on`
    trained_on : the source of the training texts, where it is given
    """

    reading: Reading
    split: str | None
    unknown_labels: str
    trained_on: str | None

    def texts(self, model: TextModel, source: str) -> tuple[Dataset, Corpus, Corpus | None]:
        """What the source holds, the texts to judge by, and the training texts if they are known.

        Warns if the model was trained on the texts that it is judged by.
        """
        reading = self.reading.for_target(model.target)
        dataset = reading.dataset(source, model.columns)
        corpus = part_of(dataset, self.split)
        warn_if_trained_on(model, corpus)
        training = dataset.train if corpus is dataset.test else None
        if self.trained_on is not None:
            training = reading.dataset(self.trained_on, model.columns).train
        return dataset, corpus, training


def judging_options(function: Function) -> Function:
    """Add the options of `Judging` and `Reading`; the command gets one `Judging` as `judging`."""

    @functools.wraps(function)
    def with_judging(
        reading: Reading, split: str | None, unknown_labels: str, trained_on: str | None, **options: Any
    ) -> Any:
        return function(judging=Judging(reading, split, unknown_labels, trained_on), **options)

    unknown_labels = click.option(
        "--unknown-labels",
        type=click.Choice(["wrong", "skip"]),
        default="wrong",
        help="What to do with texts whose label the model does not have: count them as wrong, or skip "
        "them. [default: wrong]",
    )
    trained_on = click.option(
        "--trained-on",
        metavar="SOURCE",
        help="The texts that the model was trained on: how many of those scored occur there is said, with "
        "the score without them. [default: the training part of SOURCE, if it has two]",
    )
    return reading_options(split_option(unknown_labels(trained_on(with_judging))))


def test_options(about_test: str, about_split: str) -> Callable[[Function], Function]:
    """Add --test and --test-split, with what the command does with such texts as their help."""

    def with_test(function: Function) -> Function:
        function = click.option(
            "--test-split",
            type=click.FloatRange(0, 1, min_open=True, max_open=True),
            metavar="SHARE",
            help=about_split,
        )(function)
        return click.option("--test", metavar="SOURCE", help=about_test)(function)

    return with_test


def with_test_part(
    dataset: Dataset,
    reading: Reading,
    test: str | None,
    test_split: float | None,
    seed: int,
    learned: Sequence[Label] = (),
) -> Dataset:
    """The data set with the test part asked for, its labels in the type of the training's.

    test : a source of labelled texts; test_split : the share of the training texts to hold out,
    drawn by `seed`
    learned : labels that the model knows before it is trained on these texts

    Test labels that the model will not know are told now, not after the training. Texts with them count as
    wrong; DataError if there are no others.
    """
    from wordloom.repeats import about_seen

    train, part = dataset.train, dataset.test
    noted: list[str] = []
    if test_split is not None:
        if test is not None or part is not None:
            other = "--test" if test is not None else "the source's own test part"
            raise UsageError(f"--test-split and {other} do not go together; leave out --test-split.")
        train, part = _held_out(train, test_split, seed)
    elif test is not None:
        part, noted = _read_part(test, reading, train)
    if part is not None:
        part = _respelled(part, train, learned, "wrong")
        noted.append(about_seen(part, train))
    notes = dict.fromkeys((*dataset.notes, *filter(None, noted)))
    return dataclasses.replace(dataset, train=train, test=part, notes=tuple(notes))


def validation_texts(source: str, reading: Reading, train: Corpus) -> tuple[Corpus, list[str]]:
    """Labelled texts to validate on, their labels in the type of the training's, and what to say of them."""
    from wordloom.repeats import about_seen

    part, noted = _read_part(source, reading, train)
    part = _respelled(part, train)
    return part, [note for note in (*noted, about_seen(part, train, validates=True)) if note]


def _read_part(source: str, reading: Reading, train: Corpus) -> tuple[Corpus, list[str]]:
    given = dataclasses.replace(reading, target=train.target).dataset(source, train.columns)
    return part_of(given, None), list(given.notes)


def _respelled(
    part: Corpus, train: Corpus, learned: Sequence[Label] = (), unknown_labels: str = "error"
) -> Corpus:
    """The texts with labels as training has them; as they are if there are others among them.

    unknown_labels : what texts with others are, as in `score_on`
    """
    from wordloom.evaluation.by_target import known_and_unknown
    from wordloom.evaluation.on_corpus import class_numbers
    from wordloom.labels import places_among
    from wordloom.targets import renamed

    part.require(train.target, what=f"A model of {train.name}")
    if train.target == GRADED:
        return part
    classes = list(dict.fromkeys([*learned, *train.classes]))
    if train.target == MULTILABEL:
        known_and_unknown(part, classes, unknown_labels)
    else:
        class_numbers(part, classes, unknown_labels=unknown_labels)
    places = places_among(classes, part.classes)
    if min(places.values()) < 0:
        return part
    return part.respelled(renamed(part.labels, {label: classes[at] for label, at in places.items()}))


def _held_out(corpus: Corpus, share: float, seed: int) -> tuple[Corpus, Corpus]:
    """The corpus without a share of its texts, and these; DataError where none would be held out."""
    rest, part = corpus.split(share, seed)
    if not len(part):
        raise DataError(
            f"{corpus.name}: no class has two texts, so none can be held out to test on (--test-split). Give "
            "more texts, or texts of their own to test on: --test FILE."
        )
    named = dataclasses.replace(part, name=f"{part.name} (held out)")
    vars(named).update({"text_keys": part.text_keys})  # not read again for them
    return rest, named


def warn_if_trained_on(model: TextModel, corpus: Corpus) -> None:
    """Warn of texts that are those of the model's training."""
    from wordloom.evaluation.on_corpus import was_trained_on

    if was_trained_on(model.record, corpus):
        warnings.warn(
            f"{corpus.name}: the model was trained on these texts, so its score on them says nothing about "
            "other texts.",
            WordloomWarning,
            stacklevel=2,
        )


REST = "rest"
"""The texts whose labels are not used."""


def labels_left(corpus: Corpus, per_class: int, seed: int) -> tuple[Corpus, list[str]]:
    """`per_class` texts of each class with their labels, and the other texts."""
    rows = corpus.sample_rows(per_class, seed)
    chosen = set(rows)
    return corpus.subset(rows), [text for row, text in enumerate(corpus.texts) if row not in chosen]


def unlabelled_texts(
    wanted: Sequence[str], rest: Sequence[str], reading: Reading, columns: Columns | None
) -> list[str]:
    """The texts of all sources, in their order; REST stands for `rest`.

    columns : those of the labelled texts, looked for first
    """
    from wordloom.readers import open_texts

    texts: list[str] = []
    for source in wanted:
        if source == REST:
            texts.extend(rest)
            continue
        with open_texts(source, text=reading.text, encoding=reading.encoding, columns=columns) as stream:
            texts.extend(stream)
    return texts
