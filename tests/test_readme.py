"""The README's commands and Python code run as they stand there."""

from __future__ import annotations

import csv
import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from wordloom.cli.program import program as wordloom_command
from wordloom.datasets import demo

README = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.DOTALL | re.MULTILINE)


def without_figures(line: str) -> str:
    return re.sub(r"\d[\d.,]*", "#", line).rstrip()


@pytest.fixture
def workplace(tmp_path, monkeypatch, compiled_kernels):
    """A folder with the tables that the README speaks of, made from the built-in reviews."""
    monkeypatch.chdir(tmp_path)
    data = demo.load()
    for name, texts, labels in (
        ("reviews.csv", data.train.texts[:1200], data.train.labels[:1200]),
        ("more.csv", data.test.texts[:200], data.test.labels[:200]),
        ("new.csv", data.test.texts[200:230], None),
    ):
        with open(name, "w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(["review", "label"] if labels else ["number", "review"])
            writer.writerows(zip(texts, labels, strict=True) if labels else enumerate(texts))
    return tmp_path


def test_commands(workplace):
    commands = [line for block in blocks("sh") for line in block.splitlines() if line]
    assert len(commands) >= 8
    runner, printed = CliRunner(), []
    for command in commands:
        program, *arguments = shlex.split(command)
        assert program == "wordloom", command
        result = runner.invoke(wordloom_command, arguments)
        assert result.exit_code == 0, f"{command}\n{result.output}"
        printed += result.output.splitlines()
    (shown,) = blocks("text")
    assert {without_figures(line) for line in shown.splitlines()} - {"..."} <= set(
        map(without_figures, printed)
    )
    with open("labelled.csv", newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 30
    assert {row["label"] for row in rows} <= {"neg", "pos"}
    assert (workplace / "history.png").stat().st_size > 1000


def test_python(workplace, capsys):
    (code,) = blocks("python")
    exec(compile(code, "README.md", "exec"), {})
    score, labels, *_ = capsys.readouterr().out.splitlines()
    assert 0.9 < float(score.rstrip("%")) / 100 < 0.99
    assert set(re.findall(r"'(\w+)'", labels)) <= {"neg", "pos"}


def test_figures_are_those_recorded():
    """The README's figures stand on the pages that `make bench` and `wordloom reproduce` wrote."""
    root = Path(__file__).parent.parent
    headline, tutorials = README.split("## The tutorials, reproduced")
    for text, page, expected in (
        (headline, "benchmarks/results.md", 6),
        (tutorials, "docs/reproduced.md", 10),
    ):
        recorded = (root / page).read_text(encoding="utf-8")
        figures = re.findall(r"\d\d\.\d\d ± \d\.\d\d %", text)
        assert len(figures) == expected
        assert all(figure in recorded for figure in figures)


def test_figures_on_other_texts_are_those_recorded():
    section = README.split("## On texts of every kind")[1].split("\n## ")[0]
    recorded = (Path(__file__).parent.parent / "benchmarks" / "texts.md").read_text(encoding="utf-8")
    figures = re.findall(r"\d\d\.\d\d", section)
    assert len(figures) >= 20
    assert all(figure in recorded for figure in figures)


def test_links_lead_somewhere():
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        assert (Path(__file__).parent.parent / target).exists(), target
