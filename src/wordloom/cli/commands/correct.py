"""`wordloom correct`: labelled texts written again with the corrections that a person decided on."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from wordloom.cli.command import Command, json_option
from wordloom.cli.printing import count, counted, print_json, say
from wordloom.cli.reading import SOURCE_HELP, Reading, reading_options
from wordloom.cli.writing import check_targets, overwrite_option, write_corpus, writing_to
from wordloom.errors import DataError, UsageError
from wordloom.formats import TEXT_FORMATS, WRITTEN_TABLES, listed
from wordloom.target_names import GRADED, MULTILABEL, SINGLE

if TYPE_CHECKING:
    from wordloom.checks.corrections import Corrections
    from wordloom.corpus import Dataset
    from wordloom.readers import Relabeller

WRITTEN_CELLS = ("csv", "tsv", "jsonl", "json")
"""Formats whose files are written again with several labels in a cell; of others a table is."""
_ANOTHER = {SINGLE: "another label", MULTILABEL: "other labels", GRADED: "another grade"}


@click.command(
    cls=Command,
    about=SOURCE_HELP,
    examples=[
        "wordloom correct reviews.csv corrections.csv --out corrected.csv",
        "wordloom correct reviews.csv corrections.csv --out corrected.csv --new-labels",
    ],
)
@click.argument("source")
@click.argument("corrections", type=click.Path(path_type=Path))
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="FILE",
    required=True,
    help="Where to write the corrected texts, in the format of the source; .gz at the end compresses them. "
    "Of a folder or an archive a table is written, with the columns text and label.",
)
@click.option(
    "--new-labels",
    is_flag=True,
    help="Let a text get a label that no text of the source has; else it is taken for a slip.",
)
@overwrite_option
@reading_options
@json_option
def command(
    source: str, corrections: Path, reading: Reading, out: Path, as_json: bool, **options: Any
) -> None:
    """Carry out the corrections in a table that wordloom check wrote, with its column action filled in.

    A row says keep (as an empty cell does), drop, change (to the label in the column suggested) or change
    to LABEL; where texts have several labels also add LABEL and remove LABEL, and several are written with
    the source's separator between them. The source stays as it is; in the new file everything but the changed
    labels and dropped rows is as it was, other columns included. Give the options for reading that the check
    had.
    """
    from wordloom.atomic import replacing_file
    from wordloom.checks.corrections import corrected, read_corrections
    from wordloom.readers import ReadOptions, relabeller_of

    check_targets(out, overwrite=options["overwrite"])
    _refuse_source(source, corrections, out)
    read_as = {name: value for name, value in asdict(reading).items() if name != "format"}
    relabeller, dataset = (
        relabeller_of(source, ReadOptions(**read_as), reading.format),
        reading.dataset(source),
    )
    if relabeller is not None and not _has_cells(dataset, relabeller.format):
        relabeller = None
    _refuse_other_format(relabeller, out)
    found = read_corrections(corrections, dataset, options["new_labels"])
    after = corrected(dataset, found)
    with writing_to(out):
        if relabeller is None:
            write_corpus(after.train, out, after.test)
        else:
            with replacing_file(out) as temporary:
                relabeller.write(_edits(dataset, found), temporary, out.name.endswith(".gz"))
    _report(dataset, found, after, out, as_json)


def _refuse_source(source: str, corrections: Path, out: Path) -> None:
    """UsageError for a target that is the source or the corrections; DataError for what is read only once."""
    if source == "-":
        raise DataError("standard input can be read only once. Write it to a file and give its path.")
    for name, other in (("source", Path(source)), ("corrections", corrections)):
        if out.exists() and other.exists() and out.samefile(other):
            raise UsageError(f"--out {out} is the file of the {name}, which stays as it is. Choose another.")


def _refuse_other_format(relabeller: Relabeller | None, out: Path) -> None:
    """UsageError for a name that says another format than the one that is written."""
    suffix = Path(out.name.removesuffix(".gz")).suffix.lower()
    if relabeller is None:
        if suffix not in WRITTEN_TABLES:
            raise UsageError(
                f"--out {out}: of this source a table is written, as {listed(WRITTEN_TABLES)}. Name one so."
            )
        return
    others = (row for row in TEXT_FORMATS.values() if suffix in row.suffixes)
    own = TEXT_FORMATS[relabeller.format]
    if suffix not in (*own.suffixes, *own.may_end) and (other := next(others, None)) is not None:
        raise UsageError(
            f"--out {out}: the source is written again in its own format, {own.title}, not as {other.title}. "
            "Choose another name."
        )


def _has_cells(dataset: Dataset, format: str) -> bool:
    """Whether a text's labels stand in one cell that can be written again; a single one always does."""
    columns = dataset.train.columns
    one_cell = columns is not None and columns.label is not None and format in WRITTEN_CELLS
    return dataset.train.target != MULTILABEL or one_cell


def _edits(dataset: Dataset, found: Corrections) -> dict[int, Any]:
    """The changes by the places of the texts in their file."""
    from wordloom.checks.checking import TEST, TRAIN
    from wordloom.checks.corrections import separator_of
    from wordloom.readers.relabelling import SetCell

    def cell(label: Any) -> Any:
        if isinstance(label, tuple):
            return SetCell(label, separator_of(dataset.train))
        return int(label) if isinstance(label, float) and label.is_integer() else label

    places = {
        name: part.places.number
        for name, part in ((TRAIN, dataset.train), (TEST, dataset.test))
        if part is not None and part.places is not None
    }
    return {int(places[part][row]): cell(change.label) for (part, row), change in found.changes.items()}


def _report(dataset: Dataset, found: Corrections, after: Dataset, out: Path, as_json: bool) -> None:
    left = [part for part in (after.train, after.test) if part is not None]
    n_texts, labels = sum(map(len, left)), Counter[Any]()
    for part in left:
        labels.update({} if part.target == GRADED else part.counts())
    figures = {
        "relabelled": found.relabelled,
        "dropped": found.dropped,
        "kept": found.kept,
        "undecided": found.undecided,
    }
    if as_json:
        print_json(
            {
                "output": str(out),
                "source": dataset.name,
                **figures,
                "texts": n_texts,
                "labels": labels,
            }
        )
        return
    say(
        f"Wrote {out}: {count(n_texts, 'text')}{'; ' * bool(labels)}{counted(dict(sorted(labels.items())))}. "
        f"{found.relabelled:,} with {_ANOTHER[dataset.train.target]}, {found.dropped:,} dropped, "
        f"{found.kept:,} kept as they are, {found.undecided:,} not decided on, which stay."
    )
