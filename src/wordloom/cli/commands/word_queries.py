"""Questions to word vectors: `wordloom neighbors`, `similarity`, `analogy` and `odd-one-out`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from wordloom.cli.command import Command, json_option
from wordloom.cli.printing import heading, pairs, print_json, say
from wordloom.cli.vector_files import TableReading, load_vectors, table_options
from wordloom.errors import UsageError

if TYPE_CHECKING:
    from wordloom.vectors import WordVectors


@click.command(
    cls=Command,
    examples=[
        "wordloom neighbors my-model great",
        "wordloom neighbors my-model great terrible --metric euclidean -n 20",
        "wordloom neighbors glove.6B.100d.txt king --json",
        "wordloom neighbors classifier.ftz sports --labels",
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
@click.option(
    "--labels", is_flag=True, help="Take each WORD for a label of a fastText classifier, and find labels."
)
@table_options
@json_option
def neighbors(
    model: str,
    words: Sequence[str],
    metric: str,
    n: int,
    labels: bool,
    table_reading: TableReading,
    as_json: bool,
) -> None:
    """Find the words nearest to each WORD.

    MODEL is a model folder or a file of word vectors; its format is found out. Words that a fastText .bin
    model does not hold are answered by its subwords. Cosine distance is 1 minus the cosine similarity (0 same
    direction, 2 opposite); Euclidean distance is the length of the difference.
    """
    from wordloom.vectors import nearest_words

    table = _label_table(model) if labels else load_vectors(model, table_reading)
    found = nearest_words(table, words, n, metric)  # type: ignore[arg-type]
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


def _label_table(model: str) -> WordVectors:
    from wordloom.text_model import TextModel

    return TextModel.load(model).label_vectors()


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
def similarity(model: str, words: Sequence[str], table_reading: TableReading, as_json: bool) -> None:
    """Say how similar the words of each pair are.

    MODEL is a model folder or a file of word vectors. The cosine similarity is 1 for the same direction,
    0 for a right angle and -1 for opposite directions.
    """
    from wordloom.vectors import queries

    if len(words) % 2:
        raise UsageError(f"Words are compared two by two, and {words[-1]!r} is left alone.")
    vectors = load_vectors(model, table_reading)
    couples = list(zip(words[::2], words[1::2], strict=True))
    found = [queries.similarity(vectors, a, b) for a, b in couples]
    if as_json:
        answers = [
            {"words": [a, b], "similarity": value} for (a, b), value in zip(couples, found, strict=True)
        ]
        print_json(answers[0] if len(answers) == 1 else answers)
        return
    width = max(map(len, words[::2]))
    pairs([(f"{a:{width}}  {b}", f"{value:z.4f}") for (a, b), value in zip(couples, found, strict=True)])


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
def analogy(model: str, a: str, b: str, c: str, n: int, table_reading: TableReading, as_json: bool) -> None:
    """A is to B as C is to what? The words that answer it.

    MODEL is a model folder or a file of word vectors. The answers are the words nearest to B - A + C, all
    three at length 1 and none of them an answer; cosine distance.
    """
    from wordloom.vectors import queries

    found = queries.analogy(load_vectors(model, table_reading), a, b, c, n)
    if as_json:
        print_json({"a": a, "b": b, "c": c, "answers": [near._asdict() for near in found]})
        return
    heading(f"{a} is to {b} as {c} is to (cosine distance)")
    pairs([(near.word, f"{near.distance:z.4f}") for near in found])


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
def odd_one_out(model: str, words: Sequence[str], table_reading: TableReading, as_json: bool) -> None:
    """Find the word that does not go with the others.

    MODEL is a model folder or a file of word vectors. It is the word whose vector has the greatest cosine
    distance from the mean of all, each at length 1.
    """
    from wordloom.vectors import queries

    found = queries.odd_one_out(load_vectors(model, table_reading), words)
    if as_json:
        print_json({"odd": found[0].word, "words": [word._asdict() for word in found]})
        return
    say(f"{found[0].word} is the odd one out; cosine distances from the middle of all:")
    pairs([(near.word, f"{near.distance:z.4f}") for near in found])
