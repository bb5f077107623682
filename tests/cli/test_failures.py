"""Which exit code and which line on standard error each end has."""

from __future__ import annotations

import errno
import warnings

import click
import pytest

from wordloom.cli.failures import exit_code, warnings_in_short
from wordloom.cli.writing import writing_to
from wordloom.errors import DataError, MissingExtraError, UsageError, WordloomError, WordloomWarning


def raising(error):
    def run():
        raise error

    return run


@pytest.mark.parametrize(
    ("error", "code", "line"),
    [
        (DataError("bad row"), 3, "error: bad row\n"),
        (UsageError("bad option"), 2, "error: bad option\n"),
        (WordloomError("no luck"), 1, "error: no luck\n"),
        (MissingExtraError("Drawing", "matplotlib", "plot"), 1, "error: Drawing needs the package"),
        (FileNotFoundError(errno.ENOENT, "No such file", "x.csv"), 3, "error: x.csv: No such file.\n"),
        (PermissionError(errno.EACCES, "Permission denied"), 3, "error: Permission denied.\n"),
        (MemoryError(), 1, "error: there is not enough memory"),
        (click.UsageError("no such option"), 2, "error: no such option\n"),
        (click.ClickException("other"), 1, "error: other\n"),
        (click.Abort(), 130, "interrupted\n"),
        (BrokenPipeError(errno.EPIPE, "Broken pipe"), 1, ""),
    ],
)
def test_ends(error, code, line, capsys):
    assert exit_code(raising(error)) == code
    captured = capsys.readouterr()
    assert captured.err.startswith(line)
    assert captured.out == ""


def test_success_and_the_codes_that_click_gives():
    assert exit_code(lambda: None) == 0
    assert exit_code(lambda: 2) == 2


def test_a_bug_keeps_its_traceback():
    with pytest.raises(ZeroDivisionError):
        exit_code(raising(ZeroDivisionError()))


def test_warnings_are_one_line_each_and_come_once(capsys):
    def run():
        for _ in range(3):
            warnings.warn("labels look alike", WordloomWarning, stacklevel=1)

    assert exit_code(run) == 0
    assert capsys.readouterr().err == "warning: labels look alike\n"


def test_other_warnings_are_left_to_python():
    with pytest.warns(UserWarning, match="from elsewhere"), warnings_in_short():
        warnings.warn("from elsewhere", UserWarning, stacklevel=1)


def test_writing_names_the_target_not_the_temporary_file():
    with pytest.raises(DataError, match=r"^out\.csv: cannot be written: No space"), writing_to("out.csv"):
        raise OSError(errno.ENOSPC, "No space left on device", ".out.csv.1.partial")


def test_ctrl_c_before_training(run, monkeypatch, reviews):
    import wordloom.readers

    def interrupted(*args, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr(wordloom.readers, "read_corpus", interrupted)
    result = run("train", "reviews.csv", "--out", "m")
    assert result.exit_code == 130
    assert result.stderr.strip() == "interrupted"
