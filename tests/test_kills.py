"""A few of the kills of the benchmark: what stands under a name is nothing, or the old or new one, whole."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parent.parent / "benchmarks"
A_FEW = """
import json, pathlib, sys
import kills
found = kills.all_kills(pathlib.Path(sys.argv[1]), 4)
print("found " + json.dumps(found))
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="kills copies of the process, which needs fork")
def test_a_kill_leaves_nothing_the_old_or_the_whole_new_one_and_no_stray_file(tmp_path):
    environment = {**os.environ, "PYTHONPATH": str(BENCHMARKS)}
    command = [sys.executable, "-c", A_FEW, str(tmp_path)]
    ran = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    found = json.loads(ran.stdout.splitlines()[-1].removeprefix("found "))
    assert set(found) == {"train", "save", "export", "vectors learn"}
    for name, counts in found.items():
        assert (counts["wrong"], counts["left"]) == (0, 0), (name, ran.stderr)
    assert sum(counts["killed"] for counts in found.values()) > 2
