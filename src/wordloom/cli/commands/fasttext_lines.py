"""`wordloom fasttext test`, `test-label`, `predict` and `predict-prob`: a model on fastText's lines."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, BinaryIO

import click

from wordloom.cli.command import Function
from wordloom.cli.fasttext_arguments import FastTextCommand, line_model
from wordloom.cli.printing import output_is_the_work
from wordloom.controls import visible

if TYPE_CHECKING:
    from wordloom.fasttext_lines import LineModel, LineScores


def line_arguments(function: Function) -> Function:
    """Add MODEL, FILE, k and the threshold, as fastText takes them."""
    for argument in (
        click.argument("threshold", type=click.FLOAT, default=0.0, metavar="[TH]"),
        click.argument("k", type=click.INT, default=1, metavar="[K]"),
        click.argument("file", metavar="FILE"),
        click.argument("model", metavar="MODEL"),
    ):
        function = argument(function)
    return function


@contextmanager
def opened(file: str) -> Iterator[BinaryIO]:
    """A file, or standard input for -."""
    from wordloom.readers.source import standard_input

    if file == "-":
        yield standard_input()
        return
    with open(file, "rb") as stream:
        yield stream


@click.command(
    cls=FastTextCommand,
    examples=["wordloom fasttext predict model.bin texts.txt", "wordloom fasttext predict my-model - 3 0.2"],
)
@line_arguments
def predict(model: str, file: str, k: int, threshold: float) -> None:
    """Print the K likeliest labels of each line whose probability is TH or more.

    FILE is - for standard input, whose lines are answered as they come. K is 1 if it is left out, -1 for
    all labels. A line without labels to print is an empty line.
    """
    _predict(model, file, k, threshold, with_probabilities=False)


@click.command(
    cls=FastTextCommand,
    examples=[
        "wordloom fasttext predict-prob model.ftz texts.txt 2",
        "wordloom fasttext predict-prob m.bin -",
    ],
)
@line_arguments
def predict_prob(model: str, file: str, k: int, threshold: float) -> None:
    """Print the K likeliest labels of each line, each with its probability behind it.

    Probabilities of fastText's models are its own, which have 0.00001 added. FILE, K and TH are those of
    predict.
    """
    _predict(model, file, k, threshold, with_probabilities=True)


def _predict(model: str, file: str, k: int, threshold: float, with_probabilities: bool) -> None:
    from wordloom.fasttext_lines import lines_of

    answering = line_model(model)
    tokens = [visible(token).encode("utf-8", "surrogateescape") for token in answering.tokens]
    with opened(file) as stream, output_is_the_work() as output:
        for some in lines_of(stream):
            for answer in answering.answers([some], k, threshold):
                shown = (
                    tokens[label] + (f" {p:.6g}".encode() if with_probabilities else b"")
                    for label, p in answer.best
                )
                output.write(b" ".join(shown) + b"\n")
            output.flush()


@click.command(
    cls=FastTextCommand,
    examples=["wordloom fasttext test model.bin test.txt", "wordloom fasttext test my-model test.txt 5 0.1"],
)
@line_arguments
def test(model: str, file: str, k: int, threshold: float) -> None:
    """Print how many lines count, and precision and recall of the K likeliest labels.

    Lines count that name a label of the model's; other labels in them do not. wordloom evaluate says more.
    """
    _, scores = _scored(model, file, k, threshold)
    _say_scores(scores, k, "g")


@click.command(
    cls=FastTextCommand,
    examples=[
        "wordloom fasttext test-label model.bin test.txt",
        "wordloom fasttext test-label my-model test.txt 1 0.5",
    ],
)
@line_arguments
def test_label(model: str, file: str, k: int, threshold: float) -> None:
    """Print F1, precision and recall of each label, and what test prints; -------- for a share of nothing."""
    answering, scores = _scored(model, file, k, threshold)
    for number, token in enumerate(answering.tokens):
        shares = [f"{each:.6f}" if math.isfinite(each) else "--------" for each in scores.of_label(number)]
        names = zip(("F1-Score", "Precision", "Recall"), shares, strict=True)
        _say("".join(f"{name} : {shown}  " for name, shown in names) + f" {visible(token)}")
    _say_scores(scores, k, "f")


def _scored(model: str, file: str, k: int, threshold: float) -> tuple[LineModel, LineScores]:
    from wordloom.fasttext_lines import LineScores, lines_of

    answering = line_model(model)
    with opened(file) as stream:
        return answering, LineScores.of(answering, lines_of(stream), k, threshold)


def _say_scores(scores: LineScores, k: int, form: str) -> None:
    from wordloom.fasttext_lines import share

    at = scores.at_k
    _say(f"N\t{scores.n}")
    _say(f"P@{k}\t{share(at.hits, at.given):.3{form}}")
    _say(f"R@{k}\t{share(at.hits, at.gold):.3{form}}")


def _say(line: str) -> None:
    """A line with the tabs that scripts look for."""
    with output_is_the_work() as output:
        output.write(line.encode("utf-8", "surrogateescape") + b"\n")
