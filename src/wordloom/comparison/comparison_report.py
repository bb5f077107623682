"""A comparison as text: the rows of a table, Markdown, and CSV."""

from __future__ import annotations

import io
from collections.abc import Sequence

from wordloom.comparison.results import Comparison, ContenderResult, Difference
from wordloom.csv_writer import csv_writer


def header(comparison: Comparison) -> list[str]:
    """The names of the columns of `row`."""
    macro = ["macro F1"] if comparison.imbalanced else []
    return [
        "contender",
        "accuracy",
        "95 % interval",
        *macro,
        "train s",
        "texts/s",
        "size",
        "memory",
        "behind",
    ]


def table_rows(comparison: Comparison) -> list[list[str]]:
    """A row a contender, in the order in which they were asked for."""
    return [row(comparison, entry) for entry in comparison.entries]


def row(comparison: Comparison, entry: ContenderResult) -> list[str]:
    """One contender as text; "behind" is the distance from the best in points, `*` if p < 0.05."""
    low, high = entry.interval
    macro = [f"{100 * entry.macro_f1:.2f} %"] if comparison.imbalanced else []
    return [
        entry.contender.name,
        with_spread(entry.accuracy, entry.std),
        f"{100 * low:.1f} to {100 * high:.1f}",
        *macro,
        seconds_text(entry.train_seconds),
        f"{entry.texts_per_second:,.0f}",
        megabytes(entry.size),
        megabytes(entry.memory),
        behind(comparison.against_best(entry)),
    ]


def with_spread(accuracy: float, std: float | None) -> str:
    """ "92.51 ± 0.06 %"."""
    spread = "" if std is None else f" ± {100 * std:.2f}"
    return f"{100 * accuracy:.2f}{spread} %"


def seconds_text(seconds: float) -> str:
    """Three digits that say something."""
    return f"{seconds:.2f}" if seconds < 10 else f"{seconds:.1f}"


def megabytes(n_bytes: int | None) -> str:
    """Bytes as "38.1 MB"; "-" if unknown."""
    if n_bytes is None:
        return "-"
    number = n_bytes / 1e6
    return f"{number:,.1f} MB" if number < 100 else f"{number:,.0f} MB"


def behind(difference: Difference | None) -> str:
    """ "0.31 *": points behind the best, marked if the paired test says that it is not chance."""
    if difference is None:
        return "best"
    return f"{-100 * difference.points:.2f}{' *' if difference.test.p_value < 0.05 else ''}"


def explanation(comparison: Comparison) -> list[str]:
    """What the columns mean, a sentence or two each."""
    n, seeds = len(comparison.best.targets), len(comparison.seeds)
    over = f"{seeds} seeds" if seeds > 1 else "the folds" if len(comparison.best.runs) > 1 else "one run"
    spread = f" ± its standard deviation over {over}" if comparison.best.std is not None else ""
    measure = "macro F1" if comparison.imbalanced else "accuracy"
    lines = [
        f"Accuracy{spread} on {n:,} test texts ({comparison.how}). The interval is that of so many texts.",
        "Seconds from raw texts to a model (median), predicted raw texts a second, model on disk, peak "
        "memory of the contender's own process with its texts.",
        f"Behind: points of accuracy behind the best ({comparison.best.contender.name}, by {measure}); * "
        "where McNemar's test of the same texts with the first seed has p < 0.05.",
    ]
    compiled = [entry for entry in comparison.entries if entry.first_seconds is not None]
    if compiled:
        firsts = ", ".join(f"{each.contender.name} {each.first_seconds:.1f} s" for each in compiled)
        lines.append(
            "The first training and test in a process, in which code is compiled or loaded, is left out of "
            f"the times: {firsts}."
        )
    saved = [entry.contender.name for entry in comparison.entries if not entry.contender.trains]
    if saved:
        lines.append(f"{', '.join(saved)}: trained before; the seconds are those of loading.")
    trained = [entry.contender for entry in comparison.entries if entry.contender.trains]
    once = [each.name for each in trained if each.one_seed]
    if once and seeds > 1:
        lines.append(
            f"{', '.join(once)}: with the first seed only, since the seed changes next to nothing there."
        )
    if comparison.imbalanced:
        lines.append(
            "The rarest class has less than half of an equal share of the texts, so look at macro F1, the "
            "mean of the F1 of all classes. To weigh rare classes more: --settings class_weight=balanced."
        )
    return lines


def absences(comparison: Comparison) -> list[str]:
    """A line for each contender that is not in the table, with what to do."""
    lines = [
        f"{each.name} ({each.about}) is not installed. To include it:  {each.install}"
        for each in comparison.not_installed
    ]
    return lines + [f"{each.contender.name} failed: {each.reason}" for each in comparison.failed]


def markdown(comparison: Comparison) -> str:
    """A table with its explanation, without a title."""
    names = header(comparison)
    lines = ["| " + " | ".join(names) + " |", "|" + "---|" * len(names)]
    for entry in comparison.entries:
        cells = row(comparison, entry)
        if entry.contender.is_ours:
            cells[0] = f"**{cells[0]}**"
        lines.append("| " + " | ".join(cells) + " |")
    lines += ["", *(line + "\n" for line in explanation(comparison))]
    lines += [f"- {entry.contender.name}: {_described(entry)}" for entry in comparison.entries]
    lines += [f"- {line}" for line in absences(comparison)]
    lines += ["", f"Machine: {comparison.machine}."]
    return "\n".join(lines) + "\n"


def _described(entry: ContenderResult) -> str:
    versions = ", ".join(f"{name} {version}" for name, version in entry.contender.versions.items())
    return f"{entry.contender.about}{f' ({versions})' if versions else ''}"


_CSV_COLUMNS = ("name", "ours", "accuracy", "std", "low", "high", "macro_f1", "behind", "p_value")
_CSV_MEASURES = ("train_seconds", "predict_seconds", "first_seconds", "texts_per_second", "size", "memory")


def csv_text(comparisons: Sequence[Comparison]) -> str:
    """A header and a line a contender; shares of 1, seconds, bytes; empty where there is nothing.

    Of several comparisons each line begins with the name of the data.
    """
    stream = io.StringIO()
    writer = csv_writer(stream)
    several = len(comparisons) > 1
    writer.writerow([*(["data"] if several else []), *_CSV_COLUMNS, *_CSV_MEASURES])
    for comparison in comparisons:
        for entry in comparison.entries:
            writer.writerow([*([comparison.name] if several else []), *_csv_row(comparison, entry)])
    return stream.getvalue()


def _csv_row(comparison: Comparison, entry: ContenderResult) -> list[object]:
    beside = comparison.against_best(entry)
    figures = (entry.accuracy, entry.std, *entry.interval, entry.macro_f1)
    paired = (0.0, None) if beside is None else (-beside.points, beside.test.p_value)
    measures = (getattr(entry, name) for name in _CSV_MEASURES)
    return [entry.contender.name, entry.contender.is_ours, *figures, *paired, *measures]
