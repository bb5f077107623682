"""`wordloom vectors convert`: a file of word vectors in another format."""

from __future__ import annotations

from pathlib import Path

import click

from wordloom.cli.command import Command, json_option
from wordloom.cli.vector_files import (
    NAMES_HELP,
    TableReading,
    load_vectors,
    on_unwritable_option,
    report_written,
    table_options,
)
from wordloom.cli.writing import check_targets, overwrite_option, writing_to
from wordloom.formats import WRITTEN_VECTORS


@click.command(
    cls=Command,
    about=NAMES_HELP,
    examples=[
        "wordloom vectors convert glove.6B.100d.txt glove.safetensors",
        "wordloom vectors convert cc.en.300.bin words.vec.gz",
        "wordloom vectors convert glove.6B.100d.txt vectors.bin --to word2vec-binary --json",
    ],
)
@click.argument("file")
@click.argument("out", type=click.Path(path_type=Path))
@table_options
@click.option(
    "--to", type=click.Choice(WRITTEN_VECTORS), help="Format to write, if the name does not say it."
)
@overwrite_option
@on_unwritable_option
@json_option
def command(
    file: str,
    out: Path,
    table_reading: TableReading,
    to: str | None,
    overwrite: bool,
    on_unwritable: str,
    as_json: bool,
) -> None:
    """Write a file of word vectors in another format, bit by bit the same.

    FILE is a file of word vectors or a model folder. The subwords of a fastText model, which answer words
    that it does not hold, stay only in that format: then .bin means it.
    """
    from wordloom.vectors.formats import format_of

    format_of(out, to)  # raises what it may before a long reading
    check_targets(out, overwrite=overwrite)
    vectors = load_vectors(file, table_reading)
    with writing_to(out):
        written = vectors.save(out, to, on_unwritable=on_unwritable)  # type: ignore[arg-type]
    report_written(written, as_json)
