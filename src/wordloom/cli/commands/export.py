"""`wordloom export`: a model's word vectors as a file that other programs read."""

from __future__ import annotations

from pathlib import Path

import click

from wordloom.cli.command import Command, json_option
from wordloom.cli.failures import writing_to
from wordloom.cli.vectors import WRITTEN_FORMATS, load_vectors, report_written


@click.command(
    cls=Command,
    examples=[
        "wordloom export my-model --vectors word_embeddings.txt",
        "wordloom export my-model --vectors vectors.bin --format word2vec-binary",
        "wordloom export my-model --vectors projector-files --format projector",
    ],
)
@click.argument("model")
@click.option(
    "--vectors", required=True, type=click.Path(path_type=Path), metavar="FILE", help="The file to write."
)
@click.option("--format", type=click.Choice(WRITTEN_FORMATS), help="Its format, if the name does not say it.")
@click.option(
    "--on-unwritable",
    type=click.Choice(["error", "skip", "escape"]),
    default="error",
    show_default=True,
    help="What to do with words that the format cannot hold, such as those with a space: stop, leave them "
    "out, or write the characters as codes.",
)
@json_option
def command(model: str, vectors: Path, format: str | None, on_unwritable: str, as_json: bool) -> None:
    """Write the word vectors of a model as a file.

    MODEL is a model folder, or a file of word vectors to convert. The format is --format, else what
    the name says: .txt GloVe text, .vec word2vec text (fastText's .vec), .bin word2vec binary,
    .safetensors; a name without an ending is a folder for the Embedding Projector. Add .gz to
    compress one of the first three.
    """
    from wordloom.vectors.formats import write

    table = load_vectors(model)
    with writing_to(vectors):
        written = write(table, vectors, format, on_unwritable=on_unwritable)  # type: ignore[arg-type]
    report_written(written, as_json)
