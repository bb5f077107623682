"""Kernels compiled ahead: afterwards nothing that a user does with a model is compiled."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from wordloom.errors import UsageError
from wordloom.warming import warm

WORK = """
import json, sys
from pathlib import Path
from wordloom.cli.program import program
from wordloom.kernels.compile_cache import LOOKED_UP
from wordloom.warming import warm

folder, architecture = Path(sys.argv[1]), sys.argv[2:]
warmed = warm(architecture)
assert warmed.compiled + warmed.kept == len(LOOKED_UP)
before = set(LOOKED_UP)
rows = [{"text": f"a {word} film with {i} jokes", "label": f"{word}|film", "stars": i % 4}
        for i in range(40) for word in ("good", "dull", "loud")]
(folder / "texts.jsonl").write_text("".join(json.dumps(row) + "\\n" for row in rows))
several = ["--label-separator", "|"]
stars = ["--label", "stars", "--target", "graded"]
hidden = ["--architecture", "mean", "--hidden", "4", "--dropout", "0.2"]
everything = [[], several, stars, ["--stream"], ["--max-size", "20k"], ["--characters", "0"], hidden,
              *(["--architecture", name, "--maxlen", "9"] for name in ("mean", "max", "pooled", "flatten")),
              ["--architecture", "documents"]]
for options in [hidden] if architecture else everything:
    model = str(folder / "model")
    arguments = ["train", str(folder / "texts.jsonl"), "--epochs", "2", "--no-progress", "--overwrite"]
    program([*arguments, *options, "--out", model], standalone_mode=False)
    for command in (["predict", model, "a good film"], ["predict", model, "--explain", "a good film"]):
        program(command, standalone_mode=False)
learn = ["vectors", "learn", str(folder / "texts.jsonl"), "--epochs", "2"]
for options in () if architecture else ([], ["--longest-subword", "4"], ["--objective", "documents"]):
    program([*learn, *options, "--overwrite", "--out", str(folder / "vectors.txt")], standalone_mode=False)
print(json.dumps(sorted(set(LOOKED_UP) - before)))
"""


@pytest.mark.parametrize("architecture", [["mean"], pytest.param([], marks=pytest.mark.exhaustive)], ids=str)
def test_after_warming_no_command_compiles(tmp_path, architecture):
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", WORK, str(tmp_path), *architecture],
        env=os.environ | {"WORDLOOM_KERNELS": "compiled"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1]) == []


def test_an_architecture_without_kernels_is_an_error():
    with pytest.raises(UsageError, match="nothing to compile for the architecture 'lstm'"):
        warm(["lstm"])
