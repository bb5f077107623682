"""Files and folders that appear whole or not at all, whatever goes wrong while they are written."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from wordloom import atomic
from wordloom.atomic import passing_folder, previous_of, replacing_file, replacing_folder
from wordloom.errors import UsageError

NO_SPACE = OSError(errno.ENOSPC, "No space left on device")


def contents(folder: Path) -> dict[str, str]:
    """Every file below a folder, hidden ones too."""
    return {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*") if path.is_file()}


def no_space(*_: object) -> None:
    raise NO_SPACE


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "scores.json"
    path.write_text("old")
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "model"
    path.mkdir()
    (path / "config.json").write_text("old")
    (path / "only-in-old").write_text("old")
    return path


OLD_FOLDER = {"model/config.json": "old", "model/only-in-old": "old"}


def fill(folder: Path, error: BaseException | None = None) -> None:
    """Write a new folder; with `error`, half of it."""
    (folder / "config.json").write_text("new")
    if error:
        raise error
    (folder / "part").mkdir()
    (folder / "part" / "weights").write_text("new")


NEW_FOLDER = {"model/config.json": "new", "model/part/weights": "new"}


def write_half(file: Path, error: BaseException) -> None:
    file.write_text("half")
    raise error


def test_a_file_is_replaced(file: Path) -> None:
    with replacing_file(file) as temporary:
        temporary.write_text("new")
        assert temporary.parent == file.parent  # a rename to another disk would copy
        assert file.read_text() == "old"
    assert contents(file.parent) == {"scores.json": "new"}


def test_a_new_file_in_folders_that_are_not_there_yet(tmp_path: Path) -> None:
    with replacing_file(str(tmp_path / "a" / "b" / "new.txt")) as temporary:
        temporary.write_text("new")
    assert contents(tmp_path) == {"a/b/new.txt": "new"}


@pytest.mark.parametrize("error", [ValueError("bad"), KeyboardInterrupt(), NO_SPACE])
def test_an_error_while_writing_leaves_the_old_file(file: Path, error: BaseException) -> None:
    with pytest.raises(type(error)), replacing_file(file) as temporary:
        write_half(temporary, error)
    assert contents(file.parent) == {"scores.json": "old"}


@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_a_disk_that_is_full_at_the_end_leaves_the_old_file(file: Path, call: str, monkeypatch) -> None:
    monkeypatch.setattr(os, call, no_space)
    with pytest.raises(OSError, match="No space left"), replacing_file(file) as temporary:
        temporary.write_text("new")
    assert contents(file.parent) == {"scores.json": "old"}


def test_nothing_written_is_an_error(file: Path) -> None:
    with pytest.raises(FileNotFoundError), replacing_file(file):
        pass
    assert contents(file.parent) == {"scores.json": "old"}


def test_a_folder_is_replaced_as_a_whole(folder: Path) -> None:
    with replacing_folder(folder) as temporary:
        fill(temporary)
        assert temporary.parent == folder.parent
        assert (folder / "config.json").read_text() == "old"
    assert contents(folder.parent) == NEW_FOLDER
    assert os.listdir(folder.parent) == ["model"]


def test_a_new_folder_in_folders_that_are_not_there_yet(tmp_path: Path) -> None:
    with replacing_folder(str(tmp_path / "a" / "b" / "model")) as temporary:
        fill(temporary)
    assert contents(tmp_path / "a" / "b") == NEW_FOLDER


def test_a_folder_is_replaced_again_and_again(folder: Path) -> None:
    for number in range(3):
        with replacing_folder(folder) as temporary:
            (temporary / "number").write_text(str(number))
    assert contents(folder.parent) == {"model/number": "2"}


@pytest.mark.parametrize("error", [ValueError("bad"), KeyboardInterrupt(), NO_SPACE])
def test_an_error_while_filling_leaves_the_old_folder(folder: Path, error: BaseException) -> None:
    with pytest.raises(type(error)), replacing_folder(folder) as temporary:
        fill(temporary, error)
    assert contents(folder.parent) == OLD_FOLDER
    assert os.listdir(folder.parent) == ["model"]


def test_a_disk_that_is_full_when_flushing_leaves_the_old_folder(folder: Path, monkeypatch) -> None:
    monkeypatch.setattr(os, "fsync", no_space)
    with pytest.raises(OSError, match="No space left"), replacing_folder(folder) as temporary:
        fill(temporary)
    assert contents(folder.parent) == OLD_FOLDER


def failing_renames(monkeypatch: pytest.MonkeyPatch, failing: set[int], error: BaseException) -> None:
    """Let the renames of these numbers (from 1) raise."""
    rename, calls = os.rename, []

    def counted(source: Path, target: Path) -> None:
        calls.append(target)
        if len(calls) in failing:
            raise error
        rename(source, target)

    monkeypatch.setattr(os, "rename", counted)


@pytest.mark.parametrize("number", [1, 2])
def test_a_rename_that_fails_leaves_the_old_folder(folder: Path, number: int, monkeypatch) -> None:
    failing_renames(monkeypatch, {number}, NO_SPACE)
    with pytest.raises(OSError, match="No space left"), replacing_folder(folder) as temporary:
        fill(temporary)
    assert contents(folder.parent) == OLD_FOLDER
    assert os.listdir(folder.parent) == ["model"]


def test_a_rename_that_fails_for_a_new_folder_leaves_nothing(tmp_path: Path, monkeypatch) -> None:
    failing_renames(monkeypatch, {1}, NO_SPACE)
    with pytest.raises(OSError, match="No space left"), replacing_folder(tmp_path / "model") as temporary:
        fill(temporary)
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize(("failing", "error"), [({2, 3}, NO_SPACE), ({2}, KeyboardInterrupt())])
def test_what_cannot_be_renamed_back_stays_as_the_previous_folder(
    folder, failing, error, monkeypatch
) -> None:
    with monkeypatch.context() as patch:
        failing_renames(patch, failing, error)
        with pytest.raises(type(error)), replacing_folder(folder) as temporary:
            fill(temporary)
    previous = previous_of(folder)
    assert os.listdir(folder.parent) == [previous.name]
    assert contents(previous) == {"config.json": "old", "only-in-old": "old"}
    # an error in the next attempt leaves it there
    with pytest.raises(ValueError, match="bad"), replacing_folder(folder) as temporary:
        raise ValueError("bad")
    assert os.listdir(folder.parent) == [previous.name]
    # and the next save takes its place
    with replacing_folder(folder) as temporary:
        fill(temporary)
    assert contents(folder.parent) == NEW_FOLDER
    assert os.listdir(folder.parent) == ["model"]


KILLED = """
import os, sys
from pathlib import Path
from wordloom.atomic import replacing_folder
if sys.argv[2] == "between":
    rename, calls = os.rename, []
    os.rename = lambda a, b: os._exit(9) if calls else (calls.append(a), rename(a, b))
with replacing_folder(sys.argv[1]) as temporary:
    (temporary / "config.json").write_text("new")
    if sys.argv[2] == "inside":
        os._exit(9)
"""


@pytest.mark.parametrize("moment", ["inside", "between"])
def test_a_killed_process_leaves_the_old_folder_whole(folder: Path, moment: str) -> None:
    assert subprocess.run([sys.executable, "-c", KILLED, str(folder), moment], check=False).returncode == 9
    left = folder if moment == "inside" else previous_of(folder)
    assert contents(left) == {"config.json": "old", "only-in-old": "old"}
    assert folder.exists() == (moment == "inside")
    with replacing_folder(folder) as temporary:
        fill(temporary)
    assert contents(folder) == {"config.json": "new", "part/weights": "new"}
    assert not previous_of(folder).exists()


def test_a_file_is_not_replaced_by_a_folder(file: Path) -> None:
    with pytest.raises(UsageError, match=r"scores\.json is a file"), replacing_folder(file):
        pytest.fail("must not come this far")
    assert contents(file.parent) == {"scores.json": "old"}


def test_a_link_to_a_folder_is_replaced_and_what_it_points_to_stays(folder: Path) -> None:
    link = folder.with_name("link")
    try:
        link.symlink_to(folder, target_is_directory=True)
    except OSError:
        pytest.skip("this system makes no links")
    for _ in range(2):
        with replacing_folder(link) as temporary:
            fill(temporary)
    assert not link.is_symlink()
    assert contents(link) == {"config.json": "new", "part/weights": "new"}
    assert contents(folder) == {"config.json": "old", "only-in-old": "old"}
    assert sorted(os.listdir(folder.parent)) == ["link", "model"]


def test_the_previous_folder_is_hidden_beside_its_successor(tmp_path: Path) -> None:
    assert previous_of(tmp_path / "model") == tmp_path / ".model.previous"


LEFT_OVER = """
import os, signal, sys
from pathlib import Path
from wordloom.atomic import {function}
with {function}(Path(sys.argv[1])) as temporary:
    (temporary / "part" if temporary.is_dir() else temporary).write_text("half")
    print(temporary.name, flush=True)
    if sys.argv[2] == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    sys.stdin.read()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such locks")
@pytest.mark.parametrize("function", [replacing_file, replacing_folder, passing_folder])
def test_what_a_kill_leaves_is_removed_by_the_next_save(tmp_path, function):
    """And what another process is writing at this moment is not."""
    code = LEFT_OVER.format(function=function.__name__)
    target = tmp_path / "target"
    command = [sys.executable, "-c", code, str(target)]
    living = subprocess.Popen([*command, "live"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    with living:
        assert living.stdout is not None
        at_work = living.stdout.readline().strip()
        killed = subprocess.run([*command, "kill"], capture_output=True, text=True)
        left = tmp_path / killed.stdout.strip()
        assert left.exists()
        others = [tmp_path / ".target.previous", tmp_path / ".target.12345678.partial.txt"]
        for other in others:
            other.write_text("not ours")
        with function(target) as temporary:
            (temporary / "file" if temporary.is_dir() else temporary).write_text("whole")
        assert not left.exists()
        assert (tmp_path / at_work).exists()
        assert others[1].read_text() == "not ours"
        living.communicate("")
    assert target.exists() == (function is not passing_folder)
    assert not (tmp_path / at_work).exists()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such locks")
@pytest.mark.parametrize("function", [replacing_file, replacing_folder, passing_folder])
@pytest.mark.parametrize("moment", ["before it is opened", "before it is held", "when it is held"])
def test_what_another_process_takes_for_left_over_is_made_again(tmp_path, function, moment, monkeypatch):
    """Another one may look between the making and the lock, and removes what nobody holds."""
    taken, hold, lock = [], atomic._hold, atomic._locked

    def removed():
        taken.extend(tmp_path.glob(".target.*.partial"))
        taken[0].rmdir() if taken[0].is_dir() else taken[0].unlink()

    def holding(temporary):
        if not taken and moment == "before it is opened":
            removed()
        return hold(temporary)

    def locking(descriptor):
        if taken or moment == "before it is opened":
            return lock(descriptor)
        removed()
        return lock(descriptor) and moment == "before it is held"

    monkeypatch.setattr(atomic, "_hold", holding)
    monkeypatch.setattr(atomic, "_locked", locking)
    with function(tmp_path / "target") as temporary:
        (temporary / "file" if temporary.is_dir() else temporary).write_text("whole")
        assert len(taken) == 1
        assert temporary not in taken
    assert (tmp_path / "target").exists() == (function is not passing_folder)


def test_an_empty_file_is_a_file(tmp_path):
    with replacing_file(tmp_path / "empty") as temporary:
        temporary.write_bytes(b"")
    assert (tmp_path / "empty").read_bytes() == b""
