"""The commands in the pages of `docs` run as they stand there."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from wordloom.cli.program import program as wordloom_command

DOCS = Path(__file__).parent.parent / "docs"
PAGES = [
    *("compare.md", "few_labels.md", "keras.md", "model_size.md", "probabilities.md", "streaming.md"),
    "tune.md",
    "vectors.md",
]
BEFORE = {"streaming.md": "data demo --out reviews.csv"}  # what the page's Python needs


@pytest.fixture(autouse=True)
def _keras_where_a_page_needs_it(request):
    if request.node.callspec.params["page"] == "keras.md":
        request.getfixturevalue("keras")


@pytest.mark.parametrize("page", PAGES)
def test_commands(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(
        r"^```sh\n(.*?)^```", (DOCS / page).read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE
    )
    commands = [line for block in blocks for line in block.splitlines() if line]
    assert commands
    for command in commands:
        program, *arguments = shlex.split(command)
        assert program == "wordloom", command
        result = CliRunner().invoke(wordloom_command, arguments)
        assert result.exit_code == 0, f"{command}\n{result.output}"


@pytest.mark.parametrize("page", ["few_labels.md", "keras.md", "streaming.md", "tune.md", "vectors.md"])
def test_python(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    if page in BEFORE:
        assert CliRunner().invoke(wordloom_command, shlex.split(BEFORE[page])).exit_code == 0
    text = (DOCS / page).read_text(encoding="utf-8")
    names: dict[str, object] = {}  # a block may go on where the one before ended
    for block in re.findall(r"^```python\n(.*?)^```", text, re.DOTALL | re.MULTILINE):
        exec(compile(block, page, "exec"), names)
