"""`wordloom export`: a model, its network or its word vectors, in forms that other programs read."""

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
        "wordloom export my-model --web site",
        "wordloom export my-model --onnx my-model-onnx",
        "wordloom export my-model --mlflow my-model-mlflow",
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
    "--web",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Write an n-gram model for browsers and Node: the model, a module of JavaScript, a page.",
)
@click.option(
    "--onnx",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Write the network for ONNX runtimes, with a tokenizer file and examples.",
)
@click.option(
    "--mlflow",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Write an MLflow model (pyfunc, from code) around the model.",
)
@click.option(
    "--api",
    type=click.Choice(["sequential", "functional"]),
    default="sequential",
    show_default=True,
    help="What the Keras model is made with.",
)
@overwrite_option
@click.option(
    "--format", type=click.Choice(WRITTEN_VECTORS), help="Format of the vectors, if the name does not say it."
)
@on_unwritable_option
@json_option
def command(model: str, overwrite: bool, **rest: Any) -> None:
    """Write a model, its network or its word vectors in a form that other programs read.

    MODEL is a model folder, or a file of word vectors to convert.
    """
    named = [name for name in _WRITERS if rest[name] is not None]
    if len(named) != 1:
        raise UsageError(
            "Say what to write, one of: --vectors FILE for word vectors, --keras FILE for a Keras model, "
            "--web DIR for browsers, --onnx DIR for ONNX runtimes, --mlflow DIR for MLflow."
        )
    target = rest[named[0]]
    check_targets(target, overwrite=overwrite)
    _WRITERS[named[0]](model, target, rest)


def _export_vectors(model: str, path: Path, options: dict[str, Any]) -> None:
    from wordloom.vectors.formats import write

    table = load_vectors(model)
    with writing_to(path):
        written = write(table, path, options["format"], on_unwritable=options["on_unwritable"])
    report_written(written, options["as_json"])


def _export_keras(model: str, path: Path, options: dict[str, Any]) -> None:
    from wordloom.models.keras.model import save_keras_model
    from wordloom.text_model import TextModel

    made = TextModel.load(model)
    with writing_to(path):
        content = save_keras_model(made.to_keras(options["api"]), path)
    if options["as_json"]:
        document = {"path": str(path), "content": content, "api": options["api"]}
        print_json(document | {"bytes": bytes_on_disk(path)})
        return
    say(f"Wrote {path}: {content} ({size(bytes_on_disk(path))})")
    shape = made.network.shape
    length = (
        "of any length" if shape.maxlen is None else f"padded to {shape.maxlen} on the side {shape.padding!r}"
    )
    say(f"  It takes ids of this model's vocabulary, {length}.")


def _export_web(model: str, path: Path, options: dict[str, Any]) -> None:
    from wordloom.exporting.web import MODEL, PAGE, write_web_folder
    from wordloom.text_model import TextModel

    with writing_to(path):
        write_web_folder(TextModel.load(model), path)
    if _written_folder(path, "a model for browsers", options):
        say(f"  The model has {size(bytes_on_disk(path / MODEL))}; see it at work in {PAGE}:")
        say(f"  python -m http.server --directory {path}  (http://localhost:8000)")


def _written_folder(path: Path, content: str, options: dict[str, Any]) -> bool:
    """Say what was written; whether it was said to a person."""
    if options["as_json"]:
        found = sorted(file for file in path.rglob("*") if file.is_file())
        files = {file.relative_to(path).as_posix(): bytes_on_disk(file) for file in found}
        print_json({"path": str(path), "content": content, "files": files})
        return False
    say(f"Wrote {path}: {content} ({size(bytes_on_disk(path))})")
    return True


def _export_onnx(model: str, path: Path, options: dict[str, Any]) -> None:
    from wordloom.exporting.onnx_folder import EXAMPLE, write_onnx_folder
    from wordloom.text_model import TextModel

    with writing_to(path):
        write_onnx_folder(TextModel.load(model), path)
    if _written_folder(path, "a model for ONNX runtimes", options):
        say(f'  Try: python {path / EXAMPLE} "a text of yours"  (pip install onnxruntime)')


def _export_mlflow(model: str, path: Path, options: dict[str, Any]) -> None:
    from wordloom.exporting.mlflow_model import write_mlflow_model

    with writing_to(path):
        write_mlflow_model(model, path)
    if _written_folder(path, "an MLflow model", options):
        say(f"  mlflow.pyfunc.load_model({str(path)!r}).predict(table) answers for its column 'text'.")


_WRITERS = {
    "vectors": _export_vectors,
    "keras": _export_keras,
    "web": _export_web,
    "onnx": _export_onnx,
    "mlflow": _export_mlflow,
}
