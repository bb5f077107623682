"""`wordloom vectors info`: a table of word vectors in figures."""

from __future__ import annotations

import dataclasses

import click

from wordloom.cli.command import Command, json_option
from wordloom.cli.printing import count, heading, pairs, print_json, shortened, size
from wordloom.cli.vector_files import TableReading, load_vectors, table_options


@click.command(
    cls=Command,
    examples=["wordloom vectors info glove.6B.100d.txt", "wordloom vectors info my-model --json"],
)
@click.argument("file")
@table_options
@json_option
def command(file: str, table_reading: TableReading, as_json: bool) -> None:
    """Show a table of word vectors in figures.

    FILE is a file of word vectors or a model folder. A mean cosine far above 0 says that all vectors point
    in one direction, which makes every word look like every other.
    """
    from wordloom.vectors.description import describe

    found = describe(load_vectors(file, table_reading))
    if as_json:
        print_json(dataclasses.asdict(found))
        return
    heading(found.name or file)
    rows = [
        ("words", f"{found.words:,}"),
        ("dimensions", f"{found.dimensions:,}"),
        ("size", size(found.bytes)),
        ("lengths", f"{found.shortest:.3g} to {found.longest:.3g}, median {found.median:.3g}"),
        ("mean cosine", f"{found.together:z.3f}"),
        ("zeros", count(found.zeros, "vector")),
        ("with capitals", f"{found.with_capitals:,}"),
        ("with digits", f"{found.with_digits:,}"),
        ("with spaces", f"{found.with_spaces:,}"),
        ("beyond ASCII", f"{found.beyond_ascii:,}"),
        ("first words", "  ".join(shortened(word, 20) for word in found.first_words)),
    ]
    if found.subwords:
        rows.insert(2, ("subwords", f"{found.subwords:,} rows, which answer other words"))
    if found.special:
        rows.append(("special", "  ".join(found.special)))
    pairs(rows)
