"""`wordloom vectors compare`: which words moved from one table to another."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from wordloom.cli.command import Command, json_option
from wordloom.cli.printing import count, heading, percent, print_json, say, shortened, table
from wordloom.cli.vector_files import TableReading, is_model, load_vectors, undecodable_option

if TYPE_CHECKING:
    from wordloom.influential_words import LeaningChange
    from wordloom.vectors import WordVectors
    from wordloom.vectors.movement import Movement

_SHOWN_NEAR = 4


@click.command(
    cls=Command,
    examples=[
        "wordloom vectors compare glove.6B.50d.txt updated_glove_embeddings.txt",
        "wordloom vectors compare glove.6B.50d.txt my-model",
        "wordloom vectors compare learned-2023.txt learned-2024.txt -n 50 --json",
    ],
)
@click.argument("before")
@click.argument("after")
@click.option(
    "-n", "number", type=click.IntRange(min=1), default=15, show_default=True, help="How many words to list."
)
@click.option(
    "--rows",
    type=click.IntRange(min=3),
    default=10_000,
    show_default=True,
    help="Compare the first so many words of AFTER that BEFORE holds too.",
)
@undecodable_option
@json_option
def command(before: str, after: str, number: int, rows: int, undecodable: str, as_json: bool) -> None:
    """Show which words moved from one table to another.

    BEFORE and AFTER are files of word vectors or model folders: a pretrained table and what training made
    of it, or two tables that were learned apart. A word has moved far if its nearest words are not near it
    any more. If AFTER is a model that started from BEFORE, its words whose leaning to a label changed most
    are shown too.
    """
    from wordloom.vectors.movement import movement

    reading = TableReading(undecodable=undecodable)
    tables = load_vectors(before, reading), load_vectors(after, reading)
    found = movement(*tables, n=number, among=rows)
    leanings = _leanings(Path(after), tables[0], number) if is_model(after) else ()
    if as_json:
        changes = [dataclasses.asdict(change) for change in leanings]
        print_json({**dataclasses.asdict(found), "leanings": changes})
        return
    _show(found, before, after)
    if leanings:
        say()
        _show_leanings(leanings)


def _leanings(model: Path, before: WordVectors, number: int) -> tuple[LeaningChange, ...]:
    """Empty for a model whose network cannot be asked with other vectors."""
    from wordloom.influential_words import leaning_changes
    from wordloom.models.pooled import PooledNetwork
    from wordloom.text_model import TextModel

    loaded = TextModel.load(model)
    network = loaded.network
    if not isinstance(network, PooledNetwork) or network.shape.dimensions != before.dimensions:
        return ()
    return leaning_changes(loaded, before, number)


def _show(found: Movement, before: str, after: str) -> None:
    heading(f"From {before} to {after}")
    say(
        f"  {count(found.shared, 'word')} in both, {found.only_before:,} only in the first, "
        f"{found.only_after:,} only in the second"
    )
    say(
        f"  {found.compared:,} compared: {percent(found.kept)} of the nearest words are the same, "
        f"{count(found.unmoved, 'vector')} the same to the last bit"
    )
    say()
    heading("Moved furthest")
    rows = [
        (word.word, _listed(word.before), _listed(word.after), f"{word.distance:.3f}") for word in found.words
    ]
    table(["word", "nearest before", "nearest after", "distance"], rows, left=3)


def _show_leanings(leanings: tuple[LeaningChange, ...]) -> None:
    heading("Leaning changed most")
    rows: list[tuple[Any, ...]] = [
        (change.word, str(change.label), f"{change.before:+z.2f}", f"{change.after:+z.2f}")
        for change in leanings
    ]
    table(["word", "towards", "before", "after"], rows, left=2)


def _listed(words: tuple[str, ...]) -> str:
    return shortened(" ".join(words[:_SHOWN_NEAR]), 40)
