"""A reader that goes, closed streams and full disks: what is to be saved is saved."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

pytestmark = pytest.mark.skipif(os.name == "nt", reason="pipes and descriptors as POSIX has them")


def program(*arguments):
    return [sys.executable, "-m", "wordloom", *map(str, arguments)]


def shell(line, folder):
    """What a shell says of a line in which `wordloom` is the program."""
    name = " ".join(program())
    return subprocess.run(
        ["bash", "-c", f'wordloom() {{ {name} "$@"; }}; {line}'],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=600,
    )


def without_reader(folder, *arguments):
    """The exit code of a command whose standard output and error were closed by their reader at once."""
    reading, writing = os.pipe()
    os.close(reading)
    try:
        return subprocess.run(
            program(*arguments), cwd=folder, stdout=writing, stderr=writing, timeout=600
        ).returncode
    finally:
        os.close(writing)


QUICK = ("--architecture", "mean", "--epochs", "2", "--seed", "1")


@pytest.mark.parametrize(
    ("arguments", "file"),
    [
        (("train", "reviews.csv", "--test-split", "0.2", "--out", "made", *QUICK), "made/config.json"),
        (("predict", "MODEL", "--input", "reviews.csv", "--output", "made.csv"), "made.csv"),
        (("export", "MODEL", "--vectors", "made.txt"), "made.txt"),
        (("data", "demo", "--split", "test", "--out", "made.csv"), "made.csv"),
        *(
            pytest.param(*case, marks=pytest.mark.exhaustive)
            for case in (
                (("vectors", "convert", "MODEL", "made.bin"), "made.bin"),
                (("vectors", "learn", "reviews.csv", "--out", "made.vec", "--epochs", "1"), "made.vec"),
            )
        ),
    ],
)
def test_a_reader_that_goes_does_not_take_the_work_with_it(arguments, file, tmp_path, reviews, model):
    arguments = [str(model) if each == "MODEL" else each for each in arguments]
    assert without_reader(tmp_path, *arguments) == 0
    assert (tmp_path / file).stat().st_size


def test_train_into_head_saves_the_model(tmp_path, reviews):
    line = f"wordloom train reviews.csv --out m {' '.join(QUICK)} | head -1; echo ${{PIPESTATUS[0]}}"
    result = shell(line, tmp_path)
    assert result.stdout.splitlines()[-1] == "0"
    assert result.stdout.startswith("Read reviews.csv: 60 texts")
    assert (tmp_path / "m" / "config.json").exists()


def test_a_table_on_standard_output_ends_when_its_reader_goes(tmp_path, reviews, model):
    line = f"wordloom predict {model} --input lines.txt | head -1; echo ${{PIPESTATUS[0]}}"
    (tmp_path / "lines.txt").write_text("a lovely plot\n" * 50_000)
    result = shell(line, tmp_path)
    assert result.stdout.splitlines()[-1] == "1"
    assert result.stderr == ""


def test_all_streams_closed(tmp_path, reviews):
    result = shell(f"wordloom train reviews.csv --out m {' '.join(QUICK)} <&- >&- 2>&-", tmp_path)
    assert result.returncode == 0
    assert (tmp_path / "m" / "config.json").exists()


@pytest.mark.parametrize(
    ("redirection", "message"),
    [
        ("<&-", "standard input is closed. Give a file, or connect standard input."),
        (">&- < reviews.csv", "standard output is closed, and no file to write to is named."),
    ],
)
def test_a_closed_stream_that_is_needed_is_named(redirection, message, tmp_path, reviews, model):
    result = shell(f"wordloom predict {model} --input - {redirection}", tmp_path)
    assert result.returncode == 3
    assert result.stderr.splitlines()[-1] == f"error: {message}"


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="the system has no /dev/full")
@pytest.mark.parametrize("what", ['"a lovely plot"', "--input reviews.csv"])
def test_a_full_disk_behind_standard_output_is_named(what, tmp_path, reviews, model):
    result = shell(f"wordloom predict {model} {what} > /dev/full", tmp_path)
    assert result.returncode == 3
    assert result.stderr.splitlines()[-1] == "error: standard output: No space left on device."


def test_a_deleted_working_folder_is_named(tmp_path, reviews):
    command = f"mkdir gone && cd gone && rmdir ../gone && wordloom train {reviews} --out m"
    result = shell(command, tmp_path)
    assert result.returncode == 3
    assert f"error: {tmp_path}/gone: the folder was deleted" in result.stderr
    assert "Traceback" not in result.stderr
