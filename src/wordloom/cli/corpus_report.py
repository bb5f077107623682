"""What `wordloom score --report` prints: histogram, percentiles, examples, and columns that alone predict."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from wordloom.cli.printing import count, heading, pairs, percent, say, shortened
from wordloom.errors import WordloomWarning

if TYPE_CHECKING:
    from wordloom.scoring.column_effects import ColumnEffect
    from wordloom.scoring.corpus_report import CorpusReport, ScoreReport

_BAR, _SHOWN_VALUES, _SHOWN_COLUMNS = 40, 4, 8
_ID_WIDTH = 24


def say_corpus_report(report: CorpusReport) -> None:
    """The report as text; warns of columns that alone predict a score."""
    without = f", {report.without_score:,} of them without a score" if report.without_score else ""
    say(f"{count(report.documents, 'document')} in {count(report.files, 'output')}{without}")
    for scores in report.scores:
        _say_scores(scores)
    warn_of_columns(report)


def warn_of_columns(report: CorpusReport) -> None:
    """Warn of each column that alone predicts a score."""
    for scores in report.scores:
        label = scores.title.removeprefix("score_")
        rule = "top:10%" if label == scores.title else f"{label}:top:10%"
        for effect in scores.suspicious:
            highest, *_, lowest = (shortened(value, 30) for value in effect.means)
            warnings.warn(
                f"The column {effect.column!r} alone explains {percent(effect.share, 0)} of how "
                f"{scores.title} ranks documents (highest for {highest!r}, lowest for {lowest!r}), so it "
                f"sorts by {effect.column!r} more than by what texts say. Look at examples; train on labels "
                f"of all of them, or keep a share of each: --keep {rule} --per {effect.column}.",
                WordloomWarning,
                stacklevel=3,
            )


def _say_scores(scores: ScoreReport) -> None:
    heading(scores.title)
    found = scores.distribution
    from wordloom.scoring.distribution import PERCENTILES

    if not found.n:
        say("No document has a score.")
        return
    _say_histogram(*found.histogram())
    percentiles = zip(PERCENTILES, found.percentiles(), strict=True)
    shown = {"mean": found.mean, "lowest": found.lowest}
    shown |= {f"{share} %": value for share, value in percentiles}
    shown["highest"] = found.highest
    pairs([(name, f"{value:.4g}") for name, value in shown.items()])
    heading("Examples of each tenth, the lowest scores first")
    for examples in scores.deciles:
        for score, row in examples:
            say(f"{score:8.4f}  {shortened(_told(row), 90)}")
    if scores.effects:
        heading("How far columns alone explain the ranks")
        pairs([(one.column, _effect(one)) for one in scores.effects[:_SHOWN_COLUMNS]])


def _say_histogram(edges: Sequence[float], counts: Sequence[int]) -> None:
    most = max(counts)
    for low, number in zip(edges, counts, strict=False):
        say(f"{low:8.4g}  {'#' * -(-number * _BAR // most):{_BAR}}  {number:,}")


def _told(row: Mapping[str, Any]) -> str:
    """What names a document and its longest string, which is its text where the outputs have texts."""
    longest = max((value for value in row.values() if isinstance(value, str)), key=len, default="")
    first = next(iter(row.values()), "")
    return longest if first == longest else f"{shortened(str(first), _ID_WIDTH)}  {longest}"


def _effect(effect: ColumnEffect) -> str:
    values = list(effect.means.items())
    ends = values if len(values) <= _SHOWN_VALUES else [*values[:2], *values[-2:]]
    return f"{percent(max(effect.share, 0))}; mean rank: " + ", ".join(
        f"{shortened(name, 30) or '(none)'} {mean:.2f}" for name, mean in ends
    )
