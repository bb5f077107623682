"""The commands and the Python code in the pages of `docs` run as they stand there, each page in its order."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from wordloom.cli.program import program as wordloom_command

DOCS = Path(__file__).parent.parent / "docs"
BLOCK = re.compile(r"^```(sh|python)\n(.*?)^```", re.DOTALL | re.MULTILINE)
PAGES = {page.name: BLOCK.findall(page.read_text(encoding="utf-8")) for page in sorted(DOCS.glob("*.md"))}
KERAS = {"keras.md"}
"""Pages whose examples need Keras."""


OF_THESE_REVIEWS = {"label_errors.md"}
"""Pages whose code says what is found among the demo reviews as they are: they always have all."""


def cases():
    """Each page on some of the demo reviews; on all of them once more, where it uses them, is exhaustive."""
    for page, blocks in PAGES.items():
        if blocks and page not in OF_THESE_REVIEWS:
            yield pytest.param(page, "some", id=page)
        if any("demo" in block for _, block in blocks):
            marks = () if page in OF_THESE_REVIEWS else pytest.mark.exhaustive
            yield pytest.param(page, "all", id=f"{page}, all reviews", marks=marks)


@pytest.mark.parametrize(("page", "demo_reviews"), cases(), indirect=["demo_reviews"])
def test_examples(page, demo_reviews, tmp_path, monkeypatch, request, workers_here, compiled_kernels):
    if page in KERAS:
        request.getfixturevalue("keras")
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}  # a block may go on where the one before ended
    for language, block in PAGES[page]:
        if language == "python":
            exec(compile(block, page, "exec"), names)
            continue
        for command in filter(None, block.splitlines()):
            program, *arguments = shlex.split(command)
            assert program == "wordloom", command
            result = CliRunner().invoke(wordloom_command, arguments)
            assert result.exit_code == 0, f"{command}\n{result.output}"


def test_most_pages_have_examples():
    assert sum(bool(blocks) for blocks in PAGES.values()) >= 14
