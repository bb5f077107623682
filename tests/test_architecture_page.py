"""docs/architecture.md: what it says of the code is so."""

from __future__ import annotations

import importlib
import os
import re
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import wordloom
from wordloom.cli.program import program

PAGE = (Path(__file__).parent.parent / "docs" / "architecture.md").read_text(encoding="utf-8")
SOURCE = Path(wordloom.__file__).parent


def section(title: str) -> list[list[str]]:
    """The cells of the table under a heading, row by row."""
    text = PAGE.split(f"## {title}\n", 1)[1].split("\n## ", 1)[0]
    rows = [line.strip("|").split(" | ") for line in text.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in row] for row in rows[2:]]


def named(cell: str) -> list[str]:
    """The functions and classes of wordloom that a cell names with their module."""
    return re.findall(r"`((?:\w+\.)+\w+)`", cell)


WALK = section("From `wordloom train` to the saved folder")
FUNCTIONS = [row[0].strip("`") for row in WALK]


def found(name: str) -> Any:
    """What `fit.ngram.fit_ngram` or `text_model.TextModel.save` names."""
    parts = name.split(".")
    for length in range(len(parts) - 1, 0, -1):
        try:
            value = importlib.import_module(".".join(["wordloom", *parts[:length]]))
        except ModuleNotFoundError:
            continue
        for part in parts[length:]:
            value = getattr(value, part)
        return value
    raise AssertionError(f"{name} is no function of wordloom")


def test_the_functions_named_on_the_page_exist() -> None:
    names = [name for row in WALK for cell in row for name in named(cell) if not name[0].isupper()]
    assert len(names) > len(FUNCTIONS)
    for name in names:
        assert callable(found(name)), name


def entered(run: Any) -> list[str]:
    """The functions of wordloom that a call enters, in the order of their first entry."""
    seen: dict[str, None] = {}

    def look(frame: Any, event: str, argument: object) -> None:
        code = frame.f_code
        if event == "call" and code.co_filename.startswith(str(SOURCE)):
            module = os.path.relpath(code.co_filename, SOURCE).removesuffix(".py").replace(os.sep, ".")
            seen.setdefault(f"{module.removesuffix('.__init__')}.{code.co_qualname}")

    before = sys.getprofile()
    threading.setprofile(look)
    sys.setprofile(look)
    try:
        run()
    finally:
        sys.setprofile(before)
        threading.setprofile(None)
    return list(seen)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_training_goes_the_way_that_the_page_shows(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("WORDLOOM_KERNELS", "plain")
    rows = [
        f"a {'superb' if i % 2 else 'dull'} film with plot {i},{'pos' if i % 2 else 'neg'}"
        for i in range(300)
    ]
    table, out = tmp_path / "reviews.csv", tmp_path / "model"
    table.write_text("\n".join(["text,label", *rows]))
    line = ["train", str(table), "--test-split", "0.2", "--out", str(out), "--seed", "1"]
    names = entered(lambda: CliRunner().invoke(program, line, catch_exceptions=False))
    assert (out / "config.json").exists()
    walked = [
        name for name in FUNCTIONS if name != "cli.program.main"
    ]  # which begins with the process' streams
    assert [name for name in names if name in walked] == walked
    also = {name for row in WALK for name in named(row[1]) if not name[0].isupper()}
    assert also - {"cli.failures.exit_code"} <= set(names)


def test_the_glossary_is_in_order_and_says_each_term_once() -> None:
    terms = [row[0] for row in section("Glossary")]
    assert terms == sorted(set(terms))
    assert all(len(row) == 2 and row[1] for row in section("Glossary"))


def test_every_module_of_the_core_and_every_application_is_on_the_page() -> None:
    rows = [row[0] for title in ("The core", "Applications on top of it") for row in section(title)]
    shown = {name.strip("/").removesuffix(".py") for row in rows for name in re.findall(r"`([\w./]+)`", row)}
    there = {
        path.stem for path in SOURCE.iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()
    }
    assert sorted(there - shown - {"__init__", "__main__", "telling_words"}) == []
    assert sorted(shown - there) == []


def test_the_places_that_contributing_names_exist() -> None:
    root = Path(__file__).parent.parent
    text = (root / "CONTRIBUTING.md").read_text(encoding="utf-8").split("## Where things go\n", 1)[1]
    table = [line for line in text.splitlines() if line.startswith("|")]
    places = [place for line in table for place in re.findall(r"`([\w./]+/[\w./]*)`", line)]
    assert len(places) > len(table)
    assert [place for place in places if not (root / place).exists() and not (SOURCE / place).exists()] == []
