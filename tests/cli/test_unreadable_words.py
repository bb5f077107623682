"""`--undecodable`: what commands do with words of a file that cannot be read."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.mark.parametrize(
    "arguments",
    [
        ("vectors", "info", "FILE"),
        ("vectors", "convert", "FILE", "out.txt"),
        ("vectors", "compare", "FILE", "FILE"),
        ("neighbors", "FILE", "world"),
        ("similarity", "FILE", "world", "other"),
        ("analogy", "FILE", "world", "other", "third"),
        ("odd-one-out", "FILE", "world", "other", "third"),
    ],
)
@pytest.mark.filterwarnings("ignore::wordloom.errors.WordloomWarning")
def test_commands_take_undecodable(arguments, run):
    Path("v.txt").write_bytes(b"world 4 5 6\ncaf\xe9 1 2 3\nother 1 0 2\nthird 0 1 2\nmore 0 1 1\n")
    line = [argument.replace("FILE", "v.txt") for argument in arguments]
    stopped = run(*line)
    assert (stopped.exit_code, "--undecodable" in stopped.stderr) == (3, True)
    assert run(*line, "--undecodable", "skip").exit_code == 0
