"""What is kept of compiled kernels: never stale, in a folder that can be written, and said when it is new."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
import warnings
from pathlib import Path

import numpy as np
import pytest
from numba.core.errors import TypingError

import wordloom
from wordloom.atomic import Lock
from wordloom.cli.failures import exit_code, notices_in_short
from wordloom.errors import WordloomWarning
from wordloom.kernels import compile_cache, subwords
from wordloom.kernels.compiling import entry

SOURCES = Path(wordloom.__file__).parent


@pytest.fixture
def package(tmp_path):
    """A copy of the package in a folder of its own, without anything compiled."""
    target = tmp_path / "site"
    shutil.copytree(SOURCES, target / "wordloom", ignore=shutil.ignore_patterns("__pycache__"))
    return target


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Where kernels of this test are kept; nothing has been said in it yet."""
    monkeypatch.setattr(compile_cache, "compiled_folder", lambda: tmp_path)
    compile_cache._say_what_takes_long.cache_clear()
    yield tmp_path
    compile_cache._say_what_takes_long.cache_clear()


def doubling():
    """A kernel that this process has not compiled yet."""

    def double(numbers):
        for i in range(len(numbers)):
            numbers[i] *= 2
        return numbers

    return entry(double)


def run(code, package, **environment):
    """Run code on a copy of the package; what it prints."""
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"NUMBA_CACHE_DIR": "", "PYTHONPATH": str(package), **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


KERNEL = """
from wordloom.kernels.compiling import entry
from wordloom.kernels.constant import FACTOR

@entry
def times(number):
    return number * FACTOR
"""


def test_a_changed_constant_of_another_file_changes_the_compiled_kernel(package):
    kernels = package / "wordloom" / "kernels"
    code = "from wordloom.kernels.own import times; print(times(3))"
    (kernels / "own.py").write_text(KERNEL)
    for factor in (2, 50):  # of other sizes, since Python dates its own bytecode to the second
        (kernels / "constant.py").write_text(f"FACTOR = {factor}\n")
        assert run(code, package) == str(3 * factor)
        left = [[file.name.split("-")[0] for file in each.iterdir()] for each in kernels.glob("*/compiled-*")]
        assert left == [["own.times"]], "what was compiled from the old sources is removed"


HASH_A_WORD = """
import sys
import numpy as np
from wordloom.kernels import subwords_compiled
print(subwords_compiled.hashes(np.frombuffer(b"ab", np.uint8), np.array([0, 2]))[0])
print("numba.typed.typeddict" in sys.modules)
"""


def test_a_kept_kernel_is_loaded_without_the_compiler_behind_it(tmp_path):
    """Half a second less until the first answer; what has to be compiled all the same is compiled."""
    where = {"NUMBA_CACHE_DIR": str(tmp_path)}
    compiled, kept = (run(HASH_A_WORD, SOURCES.parent, **where).split() for _ in range(2))
    assert (compiled[1], kept[1]) == ("True", "False")
    assert compiled[0] == kept[0]


def test_the_folder_follows_every_file_of_the_kernels(tmp_path, monkeypatch):
    shutil.copytree(SOURCES / "kernels", tmp_path / "kernels", ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(compile_cache, "SOURCES", tmp_path / "kernels")
    files = sorted((tmp_path / "kernels").glob("*.py"))
    assert len(files) > 20
    seen = {compile_cache.folder_name()}
    for file in files:
        file.write_text(file.read_text() + "\n")
        seen.add(compile_cache.folder_name())
    assert len(seen) == len(files) + 1
    monkeypatch.setattr("numba.__version__", "0.0")
    assert compile_cache.folder_name() not in seen


def test_an_installation_that_cannot_be_written_keeps_kernels_with_the_user(package, tmp_path):
    (package / "wordloom" / "kernels" / "__pycache__").write_text("a file, so that no folder can be made")
    code = "from wordloom.kernels.compile_cache import compiled_folder; print(compiled_folder())"
    nowhere = {"WORDLOOM_CACHE": "", "XDG_CACHE_HOME": "/dev/null/no", "HOME": "/dev/null/no"}
    user, temporary = tmp_path / "user", tmp_path / "temporary"
    temporary.mkdir()
    assert run(code, package, WORDLOOM_CACHE=str(user)).startswith(str(user / "kernels" / "compiled-"))
    found = run(code, package, **nowhere, TMPDIR=str(temporary))
    assert found.startswith(str(temporary / "wordloom-kernels"))
    assert Path(found).is_dir()


def test_a_kernel_that_can_be_kept_nowhere_runs_with_one_hint(monkeypatch, folder):
    monkeypatch.setattr(compile_cache, "compiled_folder", lambda: None)
    with pytest.warns(WordloomWarning, match=r"kept nowhere.*Set WORDLOOM_CACHE") as caught:
        results = [doubling()(np.arange(3)).tolist() for _ in range(2)]
    assert results == [[0, 2, 4]] * 2
    assert len(caught) == 1


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="folders have no owner here")
def test_a_folder_that_others_can_write_to_is_not_trusted(tmp_path):
    open_to_all = tmp_path / "open"
    open_to_all.mkdir()
    open_to_all.chmod(0o777)
    assert compile_cache._opened(open_to_all) is None
    (tmp_path / "link").symlink_to(tmp_path / "mine")
    (tmp_path / "mine").mkdir(mode=0o700)
    assert compile_cache._opened(tmp_path / "link") is None
    assert compile_cache._opened(tmp_path / "mine") is not None


def test_a_shared_place_forgets_only_what_was_not_used_for_long(tmp_path):
    old, recent = tmp_path / "compiled-0-0", tmp_path / "compiled-1-1"
    for each in (old, recent):
        each.mkdir()
    long_ago = time.time() - 365 * 24 * 3600
    os.utime(old, (long_ago, long_ago))
    tmp_path.chmod(0o700)
    folder = compile_cache._opened(tmp_path)
    assert sorted(tmp_path.iterdir()) == sorted([recent, folder])


@pytest.mark.parametrize("damage", ["cut", "changed", "empty", "another kernel's"])
def test_a_damaged_file_of_a_kernel_is_made_again(folder, damage):
    assert doubling()(np.arange(3)).tolist() == [0, 2, 4]
    (file,) = folder.iterdir()
    whole = file.read_bytes()
    if damage == "another kernel's":
        compile_cache.write(file, "another key", "no machine code")
    else:
        file.write_bytes({"cut": whole[:-1], "changed": whole[:-1] + b"\0\0", "empty": b""}[damage])
    assert doubling()(np.arange(4)).tolist() == [0, 2, 4, 6]
    assert [path.name for path in folder.iterdir()] == [file.name]
    kernel = doubling()
    kernel(np.arange(3))
    assert kernel.stats.cache_hits, "the new file is whole"


def test_a_full_disk_loses_only_what_would_be_kept(monkeypatch, folder):
    def full(path, content):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    assert doubling()(np.arange(3)).tolist() == [0, 2, 4]
    assert not list(folder.iterdir())


EACH_KIND = """
import sys
import numpy as np
from wordloom.kernels import subwords_compiled
data = np.frombuffer(b"ab", np.uint8)
for kind in sys.argv[1:]:
    print(subwords_compiled.hashes(data, np.array([0, 1, 2], kind)).tolist())
print(sum(subwords_compiled._hash.stats.cache_misses.values()))
"""


def test_processes_that_compile_at_once_do_not_mix_their_files_up(tmp_path):
    environment = os.environ | {"NUMBA_CACHE_DIR": str(tmp_path)}
    at_once = [
        subprocess.Popen([sys.executable, "-c", EACH_KIND, kind], env=environment)
        for kind in ("int32", "int64")
    ]
    assert [process.wait() for process in at_once] == [0] * 2
    done = subprocess.run(
        [sys.executable, "-c", EACH_KIND, "int32", "int64"],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    *found, compiled = done.stdout.splitlines()
    assert found == [str(subwords.hashes(np.frombuffer(b"ab", np.uint8), np.arange(3)).tolist())] * 2
    assert compiled == "0", "both are kept"


def test_of_processes_that_need_a_kernel_at_once_one_compiles_it(tmp_path):
    environment = os.environ | {"NUMBA_CACHE_DIR": str(tmp_path)}
    command = [sys.executable, "-c", EACH_KIND, "int64"]
    at_once = [
        subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) for _ in range(2)
    ]
    compiled = [int(process.communicate()[0].split()[-1]) for process in at_once]
    assert sorted(compiled) == [0, 1]
    assert [path.suffix for path in tmp_path.glob("*/*/*")] == [".nbc"], "no lock is left over"


def test_a_process_that_was_stopped_while_it_compiled_is_not_waited_for_long(folder, monkeypatch):
    monkeypatch.setattr(compile_cache, "_SECONDS_OF_OTHERS", 0.05)
    acquired, stopped = Lock.acquire, Lock()

    def one_more(lock, path, seconds):
        acquired(stopped, path, seconds)
        acquired(lock, path, seconds)

    monkeypatch.setattr(Lock, "acquire", one_more)
    assert doubling()(np.arange(3)).tolist() == [0, 2, 4]


def test_after_a_kernel_that_cannot_be_compiled_nobody_waits_for_it(folder):
    kernel = doubling()
    for _ in range(2):
        with pytest.raises(TypingError):
            kernel({})
    assert kernel(np.arange(3)).tolist() == [0, 2, 4]


@pytest.fixture
def filled_and_read_only(tmp_path, monkeypatch):
    """A place with a compiled kernel in it that this process cannot write to, and one that it can."""
    shared, own = tmp_path / "shared", tmp_path / "own"
    monkeypatch.setattr(compile_cache, "candidates", lambda: [shared, own])
    opened = compile_cache._opened
    caches = (compile_cache.compiled_folder, compile_cache._folders_to_read)

    def forget():
        for cached in caches:
            cached.cache_clear()

    forget()
    doubling()(np.arange(3))
    assert len(list(shared.glob("*/*.nbc"))) == 1
    forget()
    monkeypatch.setattr(compile_cache, "_opened", lambda place: None if place == shared else opened(place))
    yield shared
    forget()


def test_a_shared_folder_that_cannot_be_written_is_loaded_from(filled_and_read_only):
    kernel = doubling()
    assert kernel(np.arange(3)).tolist() == [0, 2, 4]
    assert kernel.stats.cache_hits
    assert kernel(np.arange(3.0)).tolist() == [0, 2, 4]
    assert len(list(filled_and_read_only.parent.glob("own/*/*.nbc"))) == 1, "what it lacks is the user's own"


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="folders have no owner here")
@pytest.mark.parametrize("part", ["the place", "the folder"])
def test_a_shared_folder_that_others_can_write_to_is_not_loaded_from(filled_and_read_only, part):
    inside = filled_and_read_only / compile_cache.folder_name()
    (filled_and_read_only if part == "the place" else inside).chmod(0o777)
    kernel = doubling()
    assert kernel(np.arange(3)).tolist() == [0, 2, 4]
    assert not kernel.stats.cache_hits


def test_the_command_line_says_once_that_kernels_are_compiled(folder, capsys):
    def command():
        with notices_in_short():
            for kernel in (doubling(), doubling()):
                kernel(np.arange(3))
                kernel(np.arange(3.0))

    assert exit_code(command) == 0
    assert capsys.readouterr().err == "compiling kernels, once; this takes some seconds\n"
    compile_cache._say_what_takes_long.cache_clear()
    assert exit_code(command) == 0
    assert capsys.readouterr().err == "", "everything was kept"


def test_the_library_alone_says_nothing(folder, capsys):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        doubling()(np.arange(3))
    assert capsys.readouterr() == ("", "")
