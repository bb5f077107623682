"""The page on old notebooks: its example runs, and its table of imports holds."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import numpy as np
import pytest

PAGE = (Path(__file__).parents[2] / "docs" / "old_notebooks.md").read_text(encoding="utf-8")


def test_the_example_runs(capsys) -> None:
    code = re.findall(r"^```python\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)[0]
    exec(compile(code, "old_notebooks.md", "exec"), {})
    assert capsys.readouterr().out.splitlines() == [
        "[[2, 7, 4, 5, 1, 1]]",
        "[[0 0 2 7 4 5 1 1]]",
        "['the dog sat on <OOV> <OOV>']",
        "8",
    ]


def test_every_new_import_is_there() -> None:
    imports = re.findall(r"\| `from (wordloom\S*) import ([\w, ]+)` \|", PAGE)
    assert len(imports) == 11
    for module, names in imports:
        for name in names.partition(" as ")[0].split(", "):
            assert hasattr(importlib.import_module(module), name)


def test_keras_3_has_and_lacks_what_the_page_says(keras) -> None:
    rows = re.findall(r"^\| `from (keras\S*) import ([\w, ]+)` \| (removed|there)", PAGE, re.MULTILINE)
    assert len(rows) == 9
    for module, names, state in rows:
        for name in names.split(", "):
            assert has(module, name) == (state != "removed"), (module, name)
    assert not has("keras.preprocessing", "text")


def has(module: str, name: str) -> bool:
    try:
        return hasattr(importlib.import_module(module), name)
    except ImportError:
        return False


def test_keras_3_refuses_what_the_page_says_and_takes_what_it_advises(keras, tmp_path) -> None:
    matrix = np.ones((9, 2))
    layers = [keras.layers.Embedding(9, 2), keras.layers.Flatten(), keras.layers.Dense(1)]
    with pytest.warns(UserWarning, match="`input_length` is deprecated"):
        keras.layers.Embedding(9, 2, input_length=4)
    with pytest.raises(ValueError, match="expecting 0 weights"):
        keras.Sequential(layers).layers[0].set_weights([matrix])
    model = keras.Sequential([keras.Input((4,)), *layers])
    model.layers[0].set_weights([matrix])
    with pytest.raises(ValueError, match=r"must end in `\.weights\.h5`"):
        model.save_weights(tmp_path / "pre_trained.h5")
    with pytest.raises(ValueError, match=r"not recognized: \{'lr'"):
        keras.optimizers.RMSprop(lr=1e-4)
    for name in ("accuracy", "acc"):
        model.compile(keras.optimizers.RMSprop(learning_rate=1e-4), "binary_crossentropy", metrics=[name])
        history = model.fit(np.ones((4, 4), int), np.array([0, 1, 0, 1]), validation_split=0.5, verbose=0)
        assert set(history.history) == {name, "loss", f"val_{name}", "val_loss"}
