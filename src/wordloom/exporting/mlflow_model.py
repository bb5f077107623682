"""An MLflow model: a saved folder with a few lines of Python, which MLflow runs as code; nothing is pickled.

See "Models from code" in MLflow's documentation (`python_model` as a path).
"""

from __future__ import annotations

import contextlib
import importlib.resources
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from wordloom import __version__
from wordloom.atomic import replacing_folder
from wordloom.errors import MissingExtraError, UsageError
from wordloom.text_model import TextModel

FOLDER = "model"
"""The name of the saved folder among the artifacts."""
CODE = "model.py"


def write_mlflow_model(model: str | os.PathLike[str], path: str | os.PathLike[str]) -> None:
    """Write an MLflow model around a saved model folder; a folder that is there is replaced if it is one.

    Its `predict` takes a table with a column `text`, or with one column of another name, or a list of texts,
    and gives a table: label and probability, or labels, or grade.

    Raises MissingExtraError without MLflow, DataError for a folder that is no model, UsageError for a target
    with other files in it.
    """
    try:
        import mlflow.pyfunc
    except ModuleNotFoundError:
        raise MissingExtraError("Writing an MLflow model", "mlflow-skinny", "mlflow") from None
    TextModel.load(model)  # damage is told now, not when somebody asks the MLflow model
    code = importlib.resources.files("wordloom.exporting") / "mlflow_code" / "model_code.txt"
    with _emptied(Path(path)) as target, tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / CODE
        script.write_bytes(code.read_bytes())
        mlflow.pyfunc.save_model(
            path=str(target),
            python_model=str(script),
            artifacts={FOLDER: str(Path(model).resolve())},
            pip_requirements=[f"wordloom=={__version__}", "pandas"],
        )


@contextlib.contextmanager
def _emptied(target: Path) -> Iterator[Path]:
    """A place beside the target that becomes it at the end; what is there must be an MLflow model."""
    if target.is_dir() and any(target.iterdir()) and not (target / "MLmodel").exists():
        raise UsageError(
            f"{target} is a folder with other files in it and not an MLflow model, so it is not replaced. "
            "Choose another name."
        )
    with replacing_folder(target) as folder:
        folder.rmdir()  # MLflow makes it
        yield folder
