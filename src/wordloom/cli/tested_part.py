"""The texts that a model is tested on: what --test and --test-split ask for, and those it was trained on."""

from __future__ import annotations

import dataclasses
import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from wordloom.cli.command import Function
from wordloom.cli.reading import Reading, part_of
from wordloom.errors import DataError, UsageError, WordloomWarning

if TYPE_CHECKING:
    from wordloom.corpus import Corpus, Dataset
    from wordloom.text_model import TextModel


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
    dataset: Dataset, reading: Reading, test: str | None, test_split: float | None, seed: int
) -> Dataset:
    """The data set with the test part asked for, its labels in the type of the training's.

    test : a source of labelled texts; test_split : the share of the training texts to hold out,
    drawn by `seed`

    A test label that training lacks is an error now, not after the training.
    """
    from wordloom.checks.repeats import about_seen

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
        part = _respelled(part, train)
        noted.append(about_seen(part, train))
    notes = dict.fromkeys((*dataset.notes, *filter(None, noted)))
    return dataclasses.replace(dataset, train=train, test=part, notes=tuple(notes))


def validation_texts(source: str, reading: Reading, train: Corpus) -> tuple[Corpus, list[str]]:
    """Labelled texts to validate on, their labels in the type of the training's, and what to say of them."""
    from wordloom.checks.repeats import about_seen

    part, noted = _read_part(source, reading, train)
    part = _respelled(part, train)
    return part, [note for note in (*noted, about_seen(part, train)) if note]


def _read_part(source: str, reading: Reading, train: Corpus) -> tuple[Corpus, list[str]]:
    given = reading.dataset(source, train.columns)
    return part_of(given, None), list(given.notes)


def _respelled(part: Corpus, train: Corpus) -> Corpus:
    from wordloom.evaluation.on_corpus import class_numbers

    classes = train.classes
    return part.respelled([classes[number] for number in class_numbers(part, classes, "the training data")])


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
    record = model.record
    known = (record.get("source_fingerprint"), record.get("data", {}).get("fingerprint"))
    if corpus.fingerprint() in known:
        warnings.warn(
            f"{corpus.name}: the model was trained on these texts, so its score on them says nothing about "
            "other texts.",
            WordloomWarning,
            stacklevel=2,
        )
