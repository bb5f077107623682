"""`wordloom export`: a model's word vectors, or its network for Keras, as a file that other programs read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from wordloom.cli.command import Command, json_option
from wordloom.cli.printing import bytes_on_disk, print_json, say, size
from wordloom.cli.vector_files import NAMES_HELP, load_vectors, on_unwritable_option, report_written
from wordloom.cli.writing import check_targets, overwrite_option, writing_to
from wordloom.errors import UsageError
from wordloom.formats import WRITTEN_VECTORS


@click.command(
    cls=Command,
    about=NAMES_HELP,
    examples=[
        "wordloom export my-model --vectors word_embeddings.txt",
        "wordloom export my-model --vectors vectors.bin --format word2vec-binary",
        "wordloom export my-model --vectors projector-files --format projector",
        "wordloom export my-model --keras my-model.keras",
    ],
)
@click.argument("model")
@click.option(
    "--vectors", type=click.Path(path_type=Path), metavar="FILE", help="The file of word vectors to write."
)
@click.option(
    "--keras",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write the network as a Keras model instead: FILE.keras, or FILE.weights.h5 for its weights alone.",
)
@click.option(
    "--api",
    type=click.Choice(["sequential", "functional"]),
    default="sequential",
    show_default=True,
    help="What the Keras model is made with.",
)
@overwrite_option
@click.option("--format", type=click.Choice(WRITTEN_VECTORS), help="Its format, if the name does not say it.")
@on_unwritable_option
@json_option
def command(model: str, vectors: Path | None, keras: Path | None, overwrite: bool, **rest: Any) -> None:
    """Write the word vectors of a model, or its network for Keras, as a file.

    MODEL is a model folder, or a file of word vectors to convert.
    """
    if (vectors is None) == (keras is None):
        raise UsageError(
            "Say what to write: --vectors FILE for word vectors, or --keras FILE for a Keras model."
        )
    check_targets(vectors, keras, overwrite=overwrite)
    if vectors is not None:
        _export_vectors(model, vectors, rest["format"], rest["on_unwritable"], rest["as_json"])
    if keras is not None:
        _export_keras(model, keras, rest["api"], rest["as_json"])


def _export_vectors(model: str, path: Path, format: str | None, on_unwritable: str, as_json: bool) -> None:
    from wordloom.vectors.formats import write

    table = load_vectors(model)
    with writing_to(path):
        written = write(table, path, format, on_unwritable=on_unwritable)  # type: ignore[arg-type]
    report_written(written, as_json)


def _export_keras(model: str, path: Path, api: str, as_json: bool) -> None:
    from wordloom.models.keras.model import save_keras_model
    from wordloom.text_model import TextModel

    made = TextModel.load(model)
    with writing_to(path):
        content = save_keras_model(made.to_keras(api), path)
    if as_json:
        print_json({"path": str(path), "content": content, "api": api, "bytes": bytes_on_disk(path)})
        return
    say(f"Wrote {path}: {content} ({size(bytes_on_disk(path))})")
    shape = made.network.shape
    length = (
        "of any length" if shape.maxlen is None else f"padded to {shape.maxlen} on the side {shape.padding!r}"
    )
    say(f"  It takes ids of this model's vocabulary, {length}.")
