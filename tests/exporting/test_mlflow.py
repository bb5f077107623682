"""A model as an MLflow pyfunc, from code."""

from __future__ import annotations

import sys

import pandas as pd
import pytest

from wordloom.errors import MissingExtraError, UsageError
from wordloom.exporting.mlflow_model import write_mlflow_model
from wordloom.targets import GRADED, MULTILABEL

TEXTS = ["a great film", "awful plot, poor day"]


@pytest.fixture(scope="module")
def mlflow():
    pytest.importorskip("mlflow.pyfunc", reason="needs the extra: pip install 'wordloom[mlflow]'")
    import mlflow

    return mlflow


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["several classes", "several labels", "grades"])
def test_the_pyfunc_answers_as_the_model_does(mlflow, kinds, tmp_path, kind):
    model = kinds[kind]
    model.save(tmp_path / "saved")
    write_mlflow_model(tmp_path / "saved", tmp_path / "made")
    table = pd.DataFrame({"id": [7, 8], "text": TEXTS}, index=[3, 5])
    found = mlflow.pyfunc.load_model(str(tmp_path / "made")).predict(table)
    assert list(found.index) == [3, 5]
    values = model.predict(TEXTS)
    if model.target == GRADED:
        assert found["grade"].tolist() == pytest.approx(values)
        return
    if model.target == MULTILABEL:
        assert [tuple(labels) for labels in found["labels"]] == values
    else:
        assert found["label"].tolist() == values
    probabilities = found[[f"P({label})" for label in model.labels]].to_numpy()
    assert probabilities.ravel().tolist() == pytest.approx(model.predict_proba(TEXTS).ravel().tolist())


@pytest.mark.slow
def test_nothing_is_pickled_and_a_second_one_takes_the_place(mlflow, kinds, tmp_path):
    kinds["several classes"].save(tmp_path / "saved")
    for _ in range(2):
        write_mlflow_model(tmp_path / "saved", tmp_path / "made")
    names = [file.name for file in (tmp_path / "made").rglob("*")]
    assert {"MLmodel", "model.py", "requirements.txt", "config.json"} <= set(names)
    assert not [name for name in names if name.endswith((".pkl", ".pickle", ".joblib"))]


def test_a_folder_with_other_files_is_not_replaced(mlflow, kinds, tmp_path):
    kinds["several classes"].save(tmp_path / "saved")
    (tmp_path / "made").mkdir()
    (tmp_path / "made" / "notes.txt").write_text("mine")
    with pytest.raises(UsageError, match="not an MLflow model"):
        write_mlflow_model(tmp_path / "saved", tmp_path / "made")
    assert (tmp_path / "made" / "notes.txt").read_text() == "mine"


def test_without_mlflow_the_way_to_install_it_is_said(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "mlflow", None)
    monkeypatch.setitem(sys.modules, "mlflow.pyfunc", None)
    with pytest.raises(MissingExtraError, match=r"wordloom\[mlflow\]"):
        write_mlflow_model(tmp_path / "saved", tmp_path / "made")
