"""Targets: files and folders that a command will write, looked at before its work begins.

What is there already is replaced only with `--overwrite`: a model of hours is not to be lost by a name used
twice.
"""

from __future__ import annotations

import os
from pathlib import Path

import click

from wordloom.atomic import previous_of
from wordloom.errors import DataError, UsageError

overwrite_option = click.option(
    "--overwrite", is_flag=True, help="Replace what is there under this name already."
)


def check_targets(*targets: Path | None, overwrite: bool) -> None:
    """Raise what writing to one of these would meet, and UsageError for one that would be lost.

    None is a target that was not asked for. Empty files and folders are nothing to lose.
    """
    for target in filter(None, targets):
        check_can_write(target)
        if target.exists() and not (target.is_file() or target.is_dir()):
            raise UsageError(f"{target}: is a device or a pipe, which cannot be replaced. Name a file.")
        kept = previous_of(target)  # of a folder whose replacement was cut off
        if not overwrite and (_holds_something(target) or (not target.exists() and _holds_something(kept))):
            raise UsageError(f"{target} exists already: --overwrite replaces it, or choose another name.")


def check_model_target(target: Path, overwrite: bool) -> None:
    """`check_targets` for a model; UsageError for a folder with anything else in it, whatever is asked."""
    from wordloom import storage

    storage.check_target(target)
    check_targets(target, overwrite=overwrite)


def check_can_write(target: Path) -> None:
    """DataError if a file of this name could not be made: to be asked before long work."""
    folder = next(parent for parent in target.absolute().parents if parent.exists())
    if not folder.is_dir():
        raise DataError(f"{target}: cannot be written: {folder} is a file, not a folder.")
    if not os.access(folder, os.W_OK):
        raise DataError(f"{target}: cannot be written: you may not write to {folder}.")


def _holds_something(place: Path) -> bool:
    return any(place.iterdir()) if place.is_dir() else place.exists() and place.stat().st_size > 0
