"""`wordloom neighbors`: the words nearest to a word."""

from __future__ import annotations

from collections.abc import Sequence

import click

from wordloom.cli.command import Command, json_option
from wordloom.cli.output import heading, pairs, print_json, say
from wordloom.cli.vectors import TableReading, load_vectors, table_options


@click.command(
    cls=Command,
    examples=[
        "wordloom neighbors my-model great",
        "wordloom neighbors my-model great terrible --metric euclidean -n 20",
        "wordloom neighbors glove.6B.100d.txt king --json",
    ],
)
@click.argument("model")
@click.argument("words", nargs=-1, required=True, metavar="WORD...")
@click.option(
    "--metric",
    type=click.Choice(["cosine", "euclidean"]),
    default="cosine",
    show_default=True,
    help="How distance is measured.",
)
@click.option(
    "-n", "n", metavar="N", type=click.IntRange(min=1), default=10, show_default=True, help="How many words."
)
@table_options
@json_option
def command(
    model: str, words: Sequence[str], metric: str, n: int, table_reading: TableReading, as_json: bool
) -> None:
    """Find the words nearest to each WORD.

    MODEL is a model folder or a file of word vectors; its format is found out. Words that a fastText .bin
    model does not hold are answered by its subwords. Cosine distance is 1 minus the cosine similarity (0 same
    direction, 2 opposite); Euclidean distance is the length of the difference.
    """
    from wordloom.vectors import nearest_words

    found = nearest_words(load_vectors(model, table_reading), words, n, metric)  # type: ignore[arg-type]
    if as_json:
        answers = [
            {"word": word, "metric": metric, "neighbors": [near._asdict() for near in nearest]}
            for word, nearest in zip(words, found, strict=True)
        ]
        print_json(answers[0] if len(answers) == 1 else answers)
        return
    for number, (word, nearest) in enumerate(zip(words, found, strict=True)):
        if number:
            say()
        heading(f"{word} ({metric} distance)")
        pairs([(near.word, f"{near.distance:z.4f}") for near in nearest])
