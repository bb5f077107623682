"""`wordloom odd-one-out`: the word that does not go with the others."""

from __future__ import annotations

from collections.abc import Sequence

import click

from wordloom.cli.command import Command, json_option
from wordloom.cli.output import pairs, print_json, say
from wordloom.cli.vectors import TableReading, load_vectors, table_options


@click.command(
    cls=Command,
    examples=[
        "wordloom odd-one-out glove.6B.100d.txt breakfast cereal dinner lunch",
        "wordloom odd-one-out my-model great superb awful --json",
    ],
)
@click.argument("model")
@click.argument("words", nargs=-1, required=True, metavar="WORD...")
@table_options
@json_option
def command(model: str, words: Sequence[str], table_reading: TableReading, as_json: bool) -> None:
    """Find the word that does not go with the others.

    MODEL is a model folder or a file of word vectors. It is the word whose vector has the greatest cosine
    distance from the mean of all, each at length 1.
    """
    from wordloom.vectors import odd_one_out

    found = odd_one_out(load_vectors(model, table_reading), words)
    if as_json:
        print_json({"odd": found[0].word, "words": [word._asdict() for word in found]})
        return
    say(f"{found[0].word} is the odd one out; cosine distances from the middle of all:")
    pairs([(near.word, f"{near.distance:z.4f}") for near in found])
