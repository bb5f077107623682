"""`wordloom score`: a model on a corpus in shards, filtered, and resumed where it was."""

from __future__ import annotations

import os
import warnings
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from wordloom.cli.command import Command, json_option
from wordloom.cli.printing import count, print_json, say, tell
from wordloom.cli.reading import encoding_option, prefix_option, table_format_option, text_option
from wordloom.errors import DataError, UsageError, WordloomWarning

if TYPE_CHECKING:
    from wordloom.scoring import Summary

_SHOWN, _NAMED = 20, 3


@click.command(
    cls=Command,
    examples=[
        "wordloom score my-model 'corpus/*.parquet' --out scores",
        "wordloom score my-model corpus --out best --keep 'pos>=0.9' --workers 8",
        "wordloom score my-model corpus --out best --keep pos:top:10% --per language",
        "wordloom score --out scores --report",
        "wordloom score my-model long.jsonl.zst --out scores --windows 3x2000 --combine max",
    ],
)
@click.argument("model", required=False)
@click.argument("shards", nargs=-1, metavar="SHARD...")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    required=True,
    metavar="FOLDER",
    help="Where the outputs go, one of the same name for each shard.",
)
@click.option("--rows", is_flag=True, help="Write the shards' own columns too, not ids and scores alone.")
@click.option(
    "--keep",
    metavar="RULE",
    help="Write only the rows, whole, whose score is high enough, 'pos>=0.9', or is among the best of the "
    "corpus, pos:top:10%. Of a model of grades: 'grade>=3', top:10%.",
)
@click.option("--per", metavar="COLUMN", help="With top: a percentile for each value of this column.")
@click.option(
    "--id",
    metavar="COLUMN",
    help="Column with the ids of documents. [default: one with a usual name for them, else the row number]",
)
@click.option(
    "--windows",
    metavar="NxSIZE",
    help="Score so many windows of so many characters, 3x2000, in the place of a long text: its beginning, "
    "its middle, its end.",
)
@click.option(
    "--combine",
    type=click.Choice(["mean", "max", "min"]),
    default="mean",
    show_default=True,
    help="How the scores of a text's windows become one.",
)
@text_option
@table_format_option
@encoding_option
@prefix_option
@click.option(
    "--output-format",
    type=click.Choice(["parquet", "jsonl", "csv"]),
    help="How outputs are written. [default: as the shard; JSON Lines for others]",
)
@click.option(
    "--workers",
    type=click.IntRange(1, 4096),
    metavar="N",
    help="Processes that score, each with its own copy of the model. [default: the cores of this machine]",
)
@click.option(
    "--executor",
    default="local",
    show_default=True,
    metavar="WHO",
    help="Who does the work: local, ray (a cluster of this machine's own, or --executor auto: the one it is "
    "part of) or ray://HOST:PORT.",
)
@click.option("--strict", is_flag=True, help="Stop at the first shard that cannot be read.")
@click.option("--no-progress", is_flag=True, help="Do not show how far it is.")
@click.option(
    "--report",
    is_flag=True,
    help="Say at the end how the scores in --out lie, with examples, and which columns alone predict them; "
    "without MODEL and SHARD of what is there already. --rows gives it texts and columns to look at.",
)
@json_option
def command(
    model: str | None,
    shards: tuple[str, ...],
    out: Path,
    workers: int | None,
    executor: str,
    strict: bool,
    report: bool,
    no_progress: bool,
    as_json: bool,
    text: tuple[str, ...] | None,
    **settings: Any,
) -> None:
    """Score the texts of a corpus in shards.

    Shards are files of Parquet, JSON Lines, CSV, TSV or lines of text, packed or not, folders of them,
    patterns in quotes, and addresses that fsspec knows, such as s3://. For each there is one file of the same
    name in the folder --out, with the id of each document and a column for each label's probability,
    or with the whole rows.

    Each output appears whole or not at all. Give the command again after an interruption: what is done is
    passed over. A shard that has changed, or that was scored with another model or other settings, is
    done again. Shards that cannot be read are named at the end, and the exit code is 3.
    """
    if model is None and report:
        _say_scores(out, as_json)
        return
    if model is None or not shards:
        raise UsageError("Name a model and shards to score, or --report for a report on what is in --out.")
    from wordloom.executors import WhenNeeded, executor_of
    from wordloom.scoring import ScoreSettings, find_shards, score

    chosen = ScoreSettings(text=tuple(text) if text else None, **settings)
    callbacks = [] if no_progress else _progress()
    files = find_shards(shards)
    workers = min(workers or os.cpu_count() or 1, len(files))
    doing = WhenNeeded(partial(executor_of, executor, workers))
    found = score(model, files, out, chosen, doing, strict=strict, callbacks=callbacks)
    if not as_json:
        _report(found, out)
    if report:
        _say_scores(out, as_json, found)
    elif as_json:
        print_json(_document(found, out))
    if found.failed:
        raise _failure(found)


def _failure(found: Summary) -> DataError:
    """The error at the end of a run in which shards failed; the reasons of several stand before it."""
    reasons = [reason for _, reason in found.failed]
    what = f"{count(len(reasons), 'shard')} of {found.shards:,} could not be scored"
    if len(reasons) == 1:
        return DataError(f"{what}: {reasons[0]}")
    for reason in reasons[:_SHOWN]:
        tell(f"  {reason}")
    if len(reasons) > _SHOWN:
        tell(f"  and {len(reasons) - _SHOWN:,} more (--json lists all)")
    return DataError(f"{what}, for the reasons above. Give the command again when they can be read.")


def _say_scores(out: Path, as_json: bool, found: Summary | None = None) -> None:
    """The report on what is in the output folder, with what a run did if there was one."""
    from wordloom.cli.corpus_report import say_corpus_report, warn_of_columns
    from wordloom.scoring.corpus_report import corpus_report, scored_files

    report = corpus_report(scored_files(out))
    if not as_json:
        say_corpus_report(report)
        return
    print_json((_document(found, out) if found else {}) | {"report": report.to_document()})
    warn_of_columns(report)


def _progress() -> list[Any]:
    from wordloom.training.progress import Progress

    return [Progress()]


def _report(found: Summary, out: Path) -> None:
    from wordloom.scoring.run import small_groups

    documents, kept = found.total("documents"), found.total("kept")
    rate = ""
    if found.documents_read:
        documents_a_second, megabytes = found.documents_read / found.seconds, found.megabytes / found.seconds
        rate = f" in {found.seconds:,.1f} s ({documents_a_second:,.0f} documents"
        rate += f" and {megabytes:,.1f} MB a second)"
    share = f", {kept:,} kept ({kept / documents:.1%})" if kept != documents else ""
    say(f"Wrote {out}: {count(documents, 'document')} of {count(len(found.outputs), 'shard')}{share}{rate}")
    if found.skipped:
        say(f"{count(found.skipped, 'shard')} had been done before.")
    if found.changed:
        tell(f"Done again, since something had changed: {', '.join(found.changed[:_SHOWN])}")
    for name, (lowest, size) in list(found.thresholds.items())[:_SHOWN]:
        group = f"{name or '(none)'}: " if len(found.thresholds) > 1 else ""
        say(f"{group}kept from a score of {lowest:.6g} on, of {count(size, 'document')}")
    _warn(found, list(small_groups(found.thresholds)))


def _warn(found: Summary, small: list[str]) -> None:
    warned = []
    if columns := _other_columns(found):
        warned.append(columns)
    if lines := found.without_columns:
        warned.append(
            f"{_named(lines)} without names of columns, unlike the others: each line is a document. If that "
            "is none of the corpus, as a README.md, name the others by a pattern, 'corpus/*.parquet'."
        )
    if found.empty:
        warned.append(f"no documents in {_named(found.empty)}.")
    if found.others:
        warned.append(
            f"the output folder has {_named(found.others, 'output')} of other shards as well, which an "
            "earlier run kept by other thresholds. Delete what is not meant to be there, or name another "
            "folder."
        )
    if without := found.total("without_text"):
        warned.append(f"{count(without, 'document')} without text: no score, never kept.")
    if repeated := found.total("repeated_ids"):
        warned.append(
            f"{count(repeated, 'id')} repeated within a shard, so that scores cannot be told apart by them; "
            "--rows writes the rows too, --id names another column."
        )
    if small and len(found.thresholds) > 1:
        names = ", ".join(repr(name) for name in small[:_SHOWN])
        warned.append(f"groups of fewer than 10 documents, of which a percentile says little: {names}.")
    for message in warned:
        warnings.warn(message, WordloomWarning, stacklevel=4)


def _other_columns(found: Summary) -> str:
    """What is said of texts from columns of several names, or from others than the model knows; or ""."""
    columns, trained = found.columns, found.trained_on
    if len(columns) < 2 and (not trained or trained in columns):
        return ""
    parts = (f"{' and '.join(map(repr, names))} in {_named(own)}" for names, own in columns.items())
    learned = f"; the model learned from {' and '.join(map(repr, trained))}" if trained else ""
    return f"texts are from the column {', '.join(parts)}{learned}. If that is wrong, name it (--text)."


def _named(names: list[str], what: str = "shard") -> str:
    """ "3 shards (a.jsonl, b.jsonl, c.jsonl)"."""
    more = ", ..." if len(names) > _NAMED else ""
    return f"{count(len(names), what)} ({', '.join(names[:_NAMED])}{more})"


def _document(found: Summary, out: Path) -> dict[str, Any]:
    return {
        "output": str(out),
        "shards": found.shards,
        **{name: found.total(name) for name in ("documents", "kept", "without_text", "repeated_ids")},
        "skipped": found.skipped,
        "changed": found.changed,
        "others": found.others,
        "failed": [{"shard": address, "reason": reason} for address, reason in found.failed],
        "thresholds": {
            name: {"score": lowest, "documents": size} for name, (lowest, size) in found.thresholds.items()
        },
        "seconds": found.seconds,
        "megabytes": found.megabytes,
    }
