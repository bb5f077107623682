"""Streaming: the options for training on a file that may be larger than memory."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from wordloom.architectures import AUTO, with_ability
from wordloom.cli.command import Function
from wordloom.cli.reading import Reading
from wordloom.errors import UsageError

if TYPE_CHECKING:
    from wordloom.corpus import Corpus, Dataset
    from wordloom.fit import FitInput
    from wordloom.settings import Settings
    from wordloom.text_model import TextModel


@dataclass(frozen=True)
class Streaming:
    """Whether texts stay in their file, and where temporary files go (None: beside the model)."""

    stream: bool
    scratch: Path | None

    def check(self, settings: Settings, others: Mapping[str, Any]) -> None:
        """UsageError for what does not go with streaming, before anything is read.

        others : other options by name, with what was given for them
        """
        if not self.stream:
            if self.scratch is not None:
                raise UsageError("--scratch goes with --stream, which is what needs temporary files.")
            return
        wrong = [name for name, value in others.items() if value]
        if settings.architecture not in (AUTO, *with_ability("streams")):
            wrong.append(f"--architecture {settings.architecture}")
        if settings.vectors is not None:
            wrong.append("--vectors")
        if wrong:
            raise UsageError(
                f"{' and '.join(wrong)}: needs the texts in memory, and --stream leaves them in their file. "
                "Only the n-gram model learns from such texts. Leave out one of them."
            )

    def dataset(self, source: str, reading: Reading, shown: bool) -> Dataset:
        """What the file holds."""
        from wordloom.training.progress import Progress

        if not shown:
            return reading.streamed(source, [])
        with Progress() as progress:
            return reading.streamed(source, [progress])

    def trained(
        self, corpus: Corpus, settings: Settings, out: Path, shown: bool, extra: FitInput
    ) -> TextModel:
        """A model trained on the corpus."""
        from wordloom.cli.training import trained
        from wordloom.text.on_disk.temporary_arrays import Scratch
        from wordloom.text.on_disk.vocabulary_pass import Passes

        scratch = Scratch.beside(out) if self.scratch is None else Scratch(str(self.scratch))
        return trained(corpus, settings, shown, replace(extra, passes=Passes(scratch)))


def streaming_options(function: Function) -> Function:
    """Add --stream and --scratch; the command gets a `Streaming` as `streaming`."""

    @functools.wraps(function)
    def with_streaming(stream: bool, scratch: Path | None, **options: Any) -> Any:
        return function(streaming=Streaming(stream, scratch), **options)

    scratch = click.option(
        "--scratch",
        type=click.Path(path_type=Path, exists=True, file_okay=False, writable=True),
        metavar="DIR",
        help="Folder for the temporary files of --stream, which are about ten times as large as the texts "
        "and go when the command ends, however it ends. [default: beside the model]",
    )
    stream = click.option(
        "--stream",
        is_flag=True,
        help="Leave the texts in their file, which may be larger than memory, and read it again and again; "
        "the model is the same. For the n-gram model and CSV, TSV, JSON Lines, Parquet and fastText files.",
    )
    return stream(scratch(with_streaming))
