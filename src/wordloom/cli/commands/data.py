"""`wordloom data`: what a source of labelled texts holds; finds or downloads those known by name."""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from wordloom.cli.command import Command, json_option
from wordloom.cli.parts import part_of, split_option
from wordloom.cli.printing import count, pairs, print_json, say, tell, tell_in_place
from wordloom.cli.reading import Reading, reading_options, say_read, summary
from wordloom.cli.writing import check_targets, overwrite_option
from wordloom.errors import UsageError, did_you_mean
from wordloom.loop.callback import Callback
from wordloom.training.bar import shows_bar

if TYPE_CHECKING:
    from wordloom.corpus import Dataset

ABOUT = {
    "demo": "4,000 short reviews that come with wordloom; for trying things out, no benchmark",
    "imdb": "50,000 film reviews (Maas et al., 2011), half for training, half for testing; 84 MB",
}


@click.command(
    cls=Command,
    examples=[
        "wordloom data",
        "wordloom data imdb",
        "wordloom data demo --split train --out reviews.csv",
        "wordloom data reviews.csv --label stars",
    ],
)
@click.argument("name", metavar="[SOURCE]", required=False)
@reading_options
@click.option(
    "--source", metavar="URL", help="Another place to download imdb from; the same file is expected."
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write a part of the data set to a table, to look at it or try things: .csv, .tsv, .jsonl or .json.",
)
@overwrite_option
@split_option
@json_option
def command(name: str | None, reading: Reading, as_json: bool, **options: Any) -> None:
    """List the data sets known by name, or show what a source holds.

    Says how a source of your own is read: its columns and parts, the texts of each label, texts that
    repeat or have several labels.

    imdb is looked for in the folder that the environment variable WORDLOOM_DATA names, then in the
    cache folder (WORDLOOM_CACHE), and downloaded into the latter if it is in neither.
    """
    source, out, split = options["source"], options["out"], options["split"]
    if name is None:
        if source is not None or out is not None:
            raise UsageError("--source and --out go with a name: wordloom data demo --out reviews.csv.")
        _list(as_json)
        return
    if name not in ABOUT and not _is_path(name):
        raise UsageError(
            f"There is no data set {name!r} and no such file or folder. {did_you_mean(name, ABOUT)}"
        )
    if source is not None and name != "imdb":
        raise UsageError(f"--source is for imdb, and {name} needs none.")
    check_targets(out, overwrite=options["overwrite"])
    downloaded = name == "imdb" and _download_if_missing(source)
    dataset = reading.dataset(name)
    path = _path(name) if name in ABOUT else name
    if out is not None:
        from wordloom.cli.writing import write_corpus

        write_corpus(part_of(dataset, split), out)
    if as_json:
        print_json(_document(name, dataset, path, downloaded))
        return
    say_read(dataset)
    if out is not None:
        say(f"Wrote {count(len(part_of(dataset, split)), 'text')} to {out}.")
    if name in ABOUT:
        say(f"Use it by its name, for example: wordloom train {name} --out {name}-model")


def _is_path(name: str) -> bool:
    """Whether a name is standard input, or a path that is there or looks like one."""
    return name == "-" or Path(name).exists() or bool(Path(name).suffix) or len(Path(name).parts) > 1


def _list(as_json: bool) -> None:
    places = {name: _path(name) for name in ABOUT}
    if as_json:
        print_json([{"name": name, "about": ABOUT[name], "path": places[name]} for name in ABOUT])
        return
    here = {
        "demo": "",
        "imdb": f"\nhere: {places['imdb']}" if places["imdb"] else "\nnot on this machine yet",
    }
    pairs([(name, ABOUT[name] + here[name]) for name in ABOUT], indent=0)


def _path(name: str) -> str | None:
    """Where the data set is; None for one that comes with wordloom and for one that is not there."""
    from wordloom.datasets import imdb

    found = imdb.find() if name == "imdb" else None
    return None if found is None else str(found)


def _download_if_missing(source: str | None) -> bool:
    from wordloom.cache_folder import cache_folder
    from wordloom.datasets import imdb
    from wordloom.datasets.download import download

    if imdb.find() is not None:
        return False
    remote = imdb.ARCHIVE if source is None else dataclasses.replace(imdb.ARCHIVE, url=source)
    with DownloadBar(imdb.ARCHIVE_NAME) as bar:
        download(remote, cache_folder() / imdb.ARCHIVE_NAME, [bar])
    return True


def _document(name: str, dataset: Dataset, path: str | None, downloaded: bool) -> dict[str, Any]:
    return {
        "name": name,
        "path": path,
        "downloaded": downloaded,
        "train": summary(dataset.train),
        "test": None if dataset.test is None else summary(dataset.test),
        "notes": list(dataset.notes),
    }


_WIDTH = 30


class DownloadBar(Callback):
    """Shows how much of a file is there; use it in a `with` block, so that its line ends in any case."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._tenth = -1
        self._drawn = False

    def __enter__(self) -> DownloadBar:
        return self

    def __exit__(self, *error: object) -> None:
        if self._drawn:
            tell_in_place("")

    def on_step(self, name: str, done: int, total: int | None, unit: str) -> None:
        share = done / total if total else 0.0
        amounts = f"{done / 1e6:.1f} of {total / 1e6:.1f} MB" if total else f"{done / 1e6:.1f} MB"
        if shows_bar(sys.stderr):
            bar = ("#" * int(share * _WIDTH)).ljust(_WIDTH)
            tell_in_place(f"{self.name}  [{bar}]  {amounts} ")
            self._drawn = True
        elif int(share * 10) > self._tenth:
            self._tenth = int(share * 10)
            tell(f"{self.name}: {amounts}")
