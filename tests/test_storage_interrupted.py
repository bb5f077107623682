"""Saving that fails or is killed at any point leaves the old model or the new one, whole; never less."""

from __future__ import annotations

import builtins
import contextlib
import errno
import io
import json
import os
import resource
import shutil
import subprocess
import sys
import time
import warnings

import numpy as np
import pytest

from wordloom import storage
from wordloom.errors import DataError, WordloomWarning
from wordloom.storage import StoredModel

POINTS = [
    *((os, name) for name in ("open", "fsync", "rename", "replace", "mkdir", "unlink", "rmdir")),
    *((shutil, name) for name in ("copy2", "copytree")),
    (io, "open"),
    (builtins, "open"),
]
"""What saving does to the disk; each call of one of these is a point where it may end."""


def stored(number):
    return StoredModel(
        {"number": number}, [f"word{number}"], {"array": np.full(50, number, dtype=np.float32)}
    )


def number_in(target):
    """Which model is there, whole; what the killed save left aside counts, as it does when loading."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", category=WordloomWarning)
        found = storage.load(target)
    number = found.config["number"]
    assert found.words == [f"word{number}"]
    np.testing.assert_array_equal(found.arrays["array"], np.full(50, number, dtype=np.float32))
    return number


@contextlib.contextmanager
def ending_at(point, end):
    """Call `end` in the place of the call number `point` (from 0) to one of POINTS; gives the calls made."""
    calls = []

    def counted(original, name):
        def call(*arguments, **named):
            calls.append(name)
            if len(calls) == point + 1:
                end()
            return original(*arguments, **named)

        return call

    with pytest.MonkeyPatch.context() as patch:
        for module, name in POINTS:
            patch.setattr(module, name, counted(getattr(module, name), name))
        yield calls


def full_disk():
    raise OSError(errno.ENOSPC, "No space left on device")


def ctrl_c():
    raise KeyboardInterrupt


@pytest.mark.parametrize("end", [full_disk, ctrl_c])
def test_a_save_that_ends_at_any_point_leaves_a_whole_model(tmp_path, end):
    target = tmp_path / "model"
    storage.save(stored(0), target)
    (target / "notes.txt").write_text("mine")
    outcomes = []
    for point in range(100):
        before, new = number_in(target), point + 1
        with ending_at(point, end) as calls:
            try:
                storage.save(stored(new), target)
                outcome = "saved"
            except DataError as error:
                outcome, says = "refused", str(error)
            except KeyboardInterrupt:
                outcome = "interrupted"
        found = number_in(target)
        assert found in (before, new), (point, calls)
        if outcome == "saved":
            assert found == new
        if outcome == "refused":
            assert found == before
            assert f"{target}: the disk is full. What was there before is untouched" in says
        outcomes.append(outcome)
        if len(calls) <= point:  # the save was over before this point
            break
        storage.save(stored(new), target)
        assert (target / "notes.txt").read_text() == "mine"  # also where the old folder had stepped aside
    assert outcomes[-1] == "saved"
    assert len(outcomes) > 10
    assert outcomes.count("refused" if end is full_disk else "interrupted") > 8


def test_nothing_is_left_behind_by_a_full_disk(tmp_path):
    target = tmp_path / "model"
    storage.save(stored(0), target)
    for name in ("rename", "fsync"):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(os, name, lambda *_, **__: full_disk())
            with pytest.raises(DataError, match="the disk is full"):
                storage.save(stored(1), target)
        assert number_in(target) == 0
        assert [path.name for path in tmp_path.iterdir()] == ["model"]


def test_a_first_save_that_fails_leaves_no_folder(tmp_path):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda *_: full_disk())
        with pytest.raises(DataError, match="the disk is full"):
            storage.save(stored(1), tmp_path / "model")
    assert list(tmp_path.iterdir()) == []


def test_a_real_limit_of_the_disk_is_reported(tmp_path):
    """The weights do not fit under the limit on file sizes: the system refuses to write them."""
    target = tmp_path / "model"
    storage.save(stored(0), target)
    large = StoredModel({"number": 1}, ["word1"], {"array": np.zeros(100_000, dtype=np.float32)})
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, limits[1]))
    try:
        with pytest.raises(
            DataError, match=r"could not be saved to .*model: File too large\. What was there"
        ):
            storage.save(large, target)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert number_in(target) == 0
    assert [path.name for path in tmp_path.iterdir()] == ["model"]


def test_a_model_that_stepped_aside_is_loaded_with_a_warning(tmp_path):
    target = tmp_path / "model"
    storage.save(stored(3), target)
    target.rename(tmp_path / ".model.previous")
    with pytest.warns(WordloomWarning, match=r"model is missing: saving a new model there was interrupted"):
        assert storage.load(target).config["number"] == 3
    (tmp_path / "link").symlink_to(target)
    with pytest.warns(WordloomWarning, match="is loaded instead"):
        assert storage.load(tmp_path / "link").config["number"] == 3


KILLED_AT_EACH_POINT = """
import os, signal, sys
sys.path.insert(0, os.path.dirname(sys.argv[1]))
from test_storage_interrupted import *
from pathlib import Path
target = Path(sys.argv[2]) / "model"
storage.save(stored(0), target)
(target / "notes.txt").write_text("mine")
report = []
for point in range(100):
    before, new = number_in(target), point + 1
    child = os.fork()
    if not child:
        with ending_at(point, lambda: os.kill(os.getpid(), signal.SIGKILL)) as calls:
            storage.save(stored(new), target)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    report.append([os.WIFSIGNALED(status), before, new, number_in(target)])
    storage.save(stored(new), target)
    assert (target / "notes.txt").read_text() == "mine", point
    if not os.WIFSIGNALED(status):
        break
print(json.dumps(report))
"""


def test_a_kill_at_any_point_leaves_a_whole_model(tmp_path):
    ran = subprocess.run(
        [sys.executable, "-c", KILLED_AT_EACH_POINT, __file__, tmp_path],
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert ran.returncode == 0, ran.stderr
    report = json.loads(ran.stdout)
    assert len(report) > 10
    assert [killed for killed, *_ in report] == [True] * (len(report) - 1) + [False]
    for _, before, new, found in report:
        assert found in (before, new)
    assert any(found == before for _, before, _, found in report)


SAVING_FOR_EVER = """
import itertools, os, sys
sys.path.insert(0, os.path.dirname(sys.argv[1]))
from test_storage_interrupted import *
storage.save(stored(0), sys.argv[2])
print("ready", flush=True)
for number in itertools.count(1):
    storage.save(stored(number), sys.argv[2])
"""


def test_a_kill_at_a_random_moment_leaves_a_whole_model(tmp_path):
    running = [
        subprocess.Popen(
            [sys.executable, "-c", SAVING_FOR_EVER, __file__, tmp_path / str(run)], stdout=subprocess.PIPE
        )
        for run in range(4)
    ]
    for run, process in enumerate(running):
        assert process.stdout.readline() == b"ready\n"
        time.sleep(0.02 + 0.013 * run)
        process.kill()
        process.communicate()
        assert number_in(tmp_path / str(run)) >= 0
