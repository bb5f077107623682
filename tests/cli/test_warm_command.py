"""`wordloom warm`: says what was compiled and where it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from wordloom import warming
from wordloom.warming import Warmed


@pytest.fixture
def asked(monkeypatch):
    """The architectures that were asked for; nothing is compiled."""
    found = []

    def warm(architectures):
        found.extend(architectures)
        return Warmed(compiled=3, kept=1200, folder=Path("kernels"))

    monkeypatch.setattr(warming, "warm", warm)
    return found


def test_what_was_compiled_is_said(run, asked):
    done = run("warm", "--architecture", "ngram", "--architecture", "mean")
    assert done.exit_code == 0
    assert done.stdout == "Compiled 3 kernels; 1,200 were there.\nThey are kept in kernels.\n"
    assert asked == ["ngram", "mean"]


def test_the_document(answer, asked):
    assert answer("warm") == {"compiled": 3, "kept": 1200, "folder": "kernels"}
    assert asked == []


def test_an_architecture_without_kernels_is_refused(fails, asked):
    assert "'lstm' is not one of" in fails(2, "warm", "--architecture", "lstm")
