"""The package's source files, each parsed once in a run of the tests."""

from __future__ import annotations

import ast
import functools
from pathlib import Path

import wordloom

SOURCE = Path(wordloom.__file__).parent


@functools.cache
def source_trees() -> dict[Path, ast.Module]:
    """File -> its syntax tree, sorted by file; the trees are shared, so nobody changes them."""
    files = sorted(SOURCE.rglob("*.py"))
    return {file: ast.parse(file.read_text(encoding="utf-8"), str(file)) for file in files}
