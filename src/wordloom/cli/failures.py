"""How a command ends: its exit code, its error, warnings and notices as short lines on standard error."""

from __future__ import annotations

import errno
import os
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from wordloom.cli.printing import end_streams, tell, tell_of
from wordloom.errors import DataError, Interrupted, UsageError, WordloomError, WordloomWarning

SUCCESS, FAILURE, USAGE, BAD_DATA, INTERRUPTED = 0, 1, 2, 3, 130


def exit_code(run: Callable[[], object]) -> int:
    """Run a command of click's that is not in its standalone mode; the exit code that its end means.

    What is wrong with the input or the options is said on standard error; a bug keeps its traceback.
    """
    try:
        with warnings_in_short():
            result = run()
            end_streams()
        return result if isinstance(result, int) else SUCCESS
    except click.UsageError as error:
        return _ended(_usage(error), USAGE)
    except click.Abort:
        tell("interrupted")
        return INTERRUPTED
    except click.ClickException as error:
        return _ended(error.format_message(), error.exit_code)
    except UsageError as error:
        return _ended(str(error), USAGE)
    except DataError as error:
        return _ended(str(error), BAD_DATA)
    except WordloomError as error:
        return _ended(str(error), FAILURE)
    except MemoryError:
        return _ended("there is not enough memory for this.", FAILURE)
    except OSError as error:
        if error.errno == errno.EPIPE:  # whoever reads the work itself has enough of it
            return FAILURE
        return _ended(_described(error), BAD_DATA)


def as_far_as_it_came(work: Callable[[], Any]) -> tuple[Any, int]:
    """What work of several parts found, and the exit code of the command.

    If Ctrl-C ends the work, it is what the complete parts found; without any, Ctrl-C ends the command.
    """
    try:
        return work(), SUCCESS
    except Interrupted as error:
        tell("interrupted; what was complete until then:")
        return error.found, INTERRUPTED


@contextmanager
def warnings_in_short() -> Iterator[None]:
    """Show each WordloomWarning once, as a line on standard error, while the block runs."""
    shown: set[str] = set()
    usual = warnings.showwarning

    def show(message: Warning | str, category: type[Warning], *place: Any, **more: Any) -> None:
        if not issubclass(category, WordloomWarning):
            usual(message, category, *place, **more)
        elif str(message) not in shown:
            shown.add(str(message))
            tell_of("warning", "yellow", str(message))

    with warnings.catch_warnings():
        warnings.simplefilter("always", WordloomWarning)
        warnings.showwarning = show
        yield


@contextmanager
def notices_in_short() -> Iterator[None]:
    """Show what wordloom logs, such as that kernels are compiled, as lines on standard error meanwhile."""
    import logging  # slow to import, and help needs none

    class Notices(logging.Handler):
        """Lines on what is standard error at the time: progress bars put something else in its place."""

        def emit(self, record: logging.LogRecord) -> None:
            tell(record.getMessage())

    logger, handler = logging.getLogger("wordloom"), Notices()
    before = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.setLevel(before)


def _ended(message: str, code: int) -> int:
    tell_of("error", "red", message)
    return code


def _usage(error: click.UsageError) -> str:
    message = error.format_message()
    return f"{message}\nSee: {error.ctx.command_path} --help" if error.ctx is not None else message


def _has_working_folder() -> bool:
    try:
        return Path.cwd().exists()
    except FileNotFoundError:
        return False


def _described(error: OSError) -> str:
    if isinstance(error, FileNotFoundError) and not error.filename and not _has_working_folder():
        folder = os.environ.get("PWD", "the current folder")
        return f"{folder}: the folder was deleted; change to another one and run the command again."
    reason = error.strerror or str(error)
    return f"{error.filename}: {reason}." if error.filename else f"{reason}."
