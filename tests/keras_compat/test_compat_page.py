"""The page on old notebooks: its example runs, and its table of imports holds."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

PAGE = (Path(__file__).parents[2] / "docs" / "old_notebooks.md").read_text(encoding="utf-8")


def test_the_example_runs(capsys) -> None:
    (code,) = re.findall(r"^```python\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
    exec(compile(code, "old_notebooks.md", "exec"), {})
    assert capsys.readouterr().out.splitlines() == [
        "[[2, 7, 4, 5, 1, 1]]",
        "[[0 0 2 7 4 5 1 1]]",
        "['the dog sat on <OOV> <OOV>']",
        "8",
    ]


def test_every_new_import_is_there() -> None:
    imports = re.findall(r"\| `from (wordloom\.\S+) import ([\w, ]+)` \|", PAGE)
    assert len(imports) == 7
    for module, names in imports:
        for name in names.split(", "):
            assert hasattr(importlib.import_module(module), name)
