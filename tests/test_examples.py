"""The examples run, with the built-in reviews, and their page says what they print in full."""

from __future__ import annotations

import importlib.util
import re
import runpy
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent.parent / "examples"
SCRIPTS = sorted(path.stem for path in FOLDER.glob("*.py") if path.stem != "run_all")
PAGE = (FOLDER / "README.md").read_text(encoding="utf-8")
NEEDS = {"averaged_and_lstm": ("keras",)}


@pytest.mark.parametrize(
    "demo_reviews", ["some", pytest.param("all", marks=pytest.mark.exhaustive)], indirect=True
)
@pytest.mark.parametrize("name", SCRIPTS)
def test_it_runs_and_draws(
    name: str, demo_reviews, tmp_path: Path, monkeypatch, capsys, compiled_kernels
) -> None:
    for package in ("matplotlib", *NEEDS.get(name, ())):
        if importlib.util.find_spec(package) is None:
            pytest.skip(f"needs {package}")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", [f"{name}.py", "--quick"])
    runpy.run_path(str(FOLDER / f"{name}.py"), run_name="__main__")
    printed = capsys.readouterr().out
    assert f"Written: {name}.png" in printed.splitlines()
    assert (tmp_path / f"{name}.png").stat().st_size > 20_000
    accuracies = [float(found) for found in re.findall(r"accuracy:? +(\d+\.\d+)%", printed)]
    assert accuracies
    assert all(40 < accuracy <= 100 for accuracy in accuracies)


@pytest.mark.parametrize("name", SCRIPTS)
def test_it_is_short_and_says_what_was_found(name: str) -> None:
    text = (FOLDER / f"{name}.py").read_text(encoding="utf-8")
    assert len(text.splitlines()) < 60
    about = text.split('"""')[1]
    assert "The tutorial" in about
    assert "We find" in about
    assert f"python {name}.py --quick" in about


def test_the_page_shows_every_example_with_the_figures_it_printed() -> None:
    sections = re.split(r"^## ", PAGE, flags=re.MULTILINE)[1:]
    output = (FOLDER / "output.txt").read_text(encoding="utf-8").split("== ")[1:]
    printed = {part.split("\n", 1)[0]: part for part in output}
    assert sorted(printed) == SCRIPTS
    for name in SCRIPTS:
        (section,) = [part for part in sections if f"[{name}.py]({name}.py)" in part]
        assert f"pictures/{name}.png" in section
        assert (FOLDER / "pictures" / f"{name}.png").stat().st_size > 20_000
        ours = section.split("We find", 1)[1]
        figures = re.findall(r"(\d+\.\d+) %", ours)
        assert figures
        assert all(f"{figure}%" in printed[name] for figure in figures), (name, figures)
