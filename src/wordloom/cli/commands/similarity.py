"""`wordloom similarity`: how similar words are."""

from __future__ import annotations

from collections.abc import Sequence

import click

from wordloom.cli.command import Command, json_option
from wordloom.cli.output import pairs, print_json
from wordloom.cli.vectors import TableReading, load_vectors, table_options
from wordloom.errors import UsageError


@click.command(
    cls=Command,
    examples=[
        "wordloom similarity my-model great superb",
        "wordloom similarity glove.6B.100d.txt king queen man woman --json",
    ],
)
@click.argument("model")
@click.argument("words", nargs=-1, required=True, metavar="A B [C D]...")
@table_options
@json_option
def command(model: str, words: Sequence[str], table_reading: TableReading, as_json: bool) -> None:
    """Say how similar the words of each pair are.

    MODEL is a model folder or a file of word vectors. The cosine similarity is 1 for the same direction,
    0 for a right angle and -1 for opposite directions.
    """
    from wordloom.vectors import similarity

    if len(words) % 2:
        raise UsageError(f"Words are compared two by two, and {words[-1]!r} is left alone.")
    vectors = load_vectors(model, table_reading)
    couples = list(zip(words[::2], words[1::2], strict=True))
    found = [similarity(vectors, a, b) for a, b in couples]
    if as_json:
        answers = [
            {"words": [a, b], "similarity": value} for (a, b), value in zip(couples, found, strict=True)
        ]
        print_json(answers[0] if len(answers) == 1 else answers)
        return
    width = max(map(len, words[::2]))
    pairs([(f"{a:{width}}  {b}", f"{value:z.4f}") for (a, b), value in zip(couples, found, strict=True)])
