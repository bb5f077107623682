"""`wordloom analogy`: A is to B as C is to what?"""

from __future__ import annotations

import click

from wordloom.cli.command import Command, json_option
from wordloom.cli.output import heading, pairs, print_json
from wordloom.cli.vectors import TableReading, load_vectors, table_options


@click.command(
    cls=Command,
    examples=[
        "wordloom analogy glove.6B.100d.txt man king woman",
        "wordloom analogy glove.6B.100d.txt france paris italy -n 3 --json",
    ],
)
@click.argument("model")
@click.argument("a")
@click.argument("b")
@click.argument("c")
@click.option("-n", "n", type=click.IntRange(min=1), default=5, show_default=True, help="How many words.")
@table_options
@json_option
def command(model: str, a: str, b: str, c: str, n: int, table_reading: TableReading, as_json: bool) -> None:
    """A is to B as C is to what? The words that answer it.

    MODEL is a model folder or a file of word vectors. The answers are the words nearest to B - A + C, all
    three at length 1 and none of them an answer; cosine distance.
    """
    from wordloom.vectors import analogy

    found = analogy(load_vectors(model, table_reading), a, b, c, n)
    if as_json:
        print_json({"a": a, "b": b, "c": c, "answers": [near._asdict() for near in found]})
        return
    heading(f"{a} is to {b} as {c} is to (cosine distance)")
    pairs([(near.word, f"{near.distance:z.4f}") for near in found])
