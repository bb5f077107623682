"""CorpusReport: what the outputs of a scored corpus hold, read once in constant memory.

The distribution counts every score. Examples and columns are taken from documents drawn at random, the same
ones each time.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from wordloom.errors import DataError
from wordloom.readers.columns import id_column, is_habitual
from wordloom.readers.picking import pick_format, table_of
from wordloom.readers.source import ReadOptions, Source
from wordloom.scoring.column_effects import ColumnEffect, column_effect, ranks
from wordloom.scoring.distribution import PERCENTILES, Distribution
from wordloom.scoring.job import NOTES, OUTPUT

SAMPLED = 20_000
DECILES = 10
_EXAMPLES = 2
_ROWS_AT_ONCE = 8192
Row = Mapping[str, Any]


@dataclass(frozen=True)
class ScoredFile:
    """An output of scoring: where it is, how many rows it has, and its columns of scores."""

    path: Path
    rows: int
    titles: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class ScoreReport:
    """What is said of the scores in one column.

    Parameters
    ----------
    title : of the column
    distribution : of all scores
    deciles : examples at each tenth of the scores, the lowest first: (score, row without the scores)
    effects : of the other columns, the strongest first
    """

    title: str
    distribution: Distribution
    deciles: Sequence[Sequence[tuple[float, Row]]]
    effects: Sequence[ColumnEffect]

    @property
    def suspicious(self) -> list[ColumnEffect]:
        """The columns that alone predict the score."""
        return [effect for effect in self.effects if effect.is_suspicious]

    def to_document(self) -> dict[str, Any]:
        """As plain values for JSON."""
        found = self.distribution
        edges, counts = found.histogram()
        return {
            "column": self.title,
            "documents": found.n,
            "mean": found.mean,
            "lowest": found.lowest,
            "highest": found.highest,
            "percentiles": dict(zip(map(str, PERCENTILES), found.percentiles(), strict=True)),
            "histogram": {"edges": edges, "counts": counts},
            "deciles": [
                [{"score": score, "row": dict(row)} for score, row in examples] for examples in self.deciles
            ],
            "columns": [
                {"column": effect.column, "share": effect.share, "suspicious": effect.is_suspicious}
                | {"mean_ranks": dict(effect.means)}
                for effect in self.effects
            ],
        }


@dataclass(frozen=True, eq=False)
class CorpusReport:
    """The reports of all columns of scores; `without_score` counts documents without text."""

    files: int
    documents: int
    without_score: int
    scores: Sequence[ScoreReport]

    def to_document(self) -> dict[str, Any]:
        """As plain values for JSON."""
        return {
            "files": self.files,
            "documents": self.documents,
            "without_score": self.without_score,
            "scores": [score.to_document() for score in self.scores],
        }


def corpus_report(files: Sequence[ScoredFile], seed: int = 0) -> CorpusReport:
    """Report on the outputs of a run.

    Raises DataError for no files, for one that cannot be read or does not have its columns of scores, and
    for outputs with scores of different labels.
    """
    if not files:
        raise DataError("There are no outputs of scoring to report on. Score a corpus first.")
    titles = files[0].titles
    other = next((file for file in files if file.titles != titles), None)
    if other is not None:
        raise DataError(
            f"{other.path} has the scores {', '.join(other.titles)}, {files[0].path} {', '.join(titles)}: "
            "they are of different models. Score all shards with one model, into one folder."
        )
    total = sum(file.rows for file in files)
    sampled = set(random.Random(seed).sample(range(total), min(total, SAMPLED)))
    distributions = [Distribution() for _ in titles]
    rows: list[tuple[list[float], Row]] = []
    first = 0
    for file in files:
        for number, scores, row in _read(file, distributions):
            if first + number in sampled:
                rows.append((scores, {key: value for key, value in row.items() if key not in titles}))
        first += file.rows
    matrix = np.array([scores for scores, _ in rows], dtype=np.float32).reshape(len(rows), len(titles))
    described = [
        _described(titles[column], distributions[column], matrix[:, column], [row for _, row in rows])
        for column in _told(matrix)
    ]
    without = total - max((one.n for one in distributions), default=0)
    return CorpusReport(len(files), total, without, described)


def _read(file: ScoredFile, distributions: Sequence[Distribution]) -> Iterator[tuple[int, list[float], Row]]:
    """The rows of an output with their numbers and scores; the scores are counted."""
    source, options = Source(file.path), ReadOptions()
    if not file.rows:
        return
    table = table_of(source, pick_format(source, None, options, need_label=False), options)
    waiting: list[list[float]] = []
    try:
        lacks = next((title for title in file.titles if title not in table.columns), None)
        if lacks is not None:
            raise DataError(f"{file.path}: has no column {lacks!r}, where the scores were. Score it again.")
        for number, (_, row) in enumerate(table.rows):
            scores = [_number(row[title]) for title in file.titles]
            waiting.append(scores)
            if len(waiting) == _ROWS_AT_ONCE:
                _count(waiting, distributions)
                waiting = []
            yield number, scores, row
    finally:
        table.close()
    _count(waiting, distributions)


def _number(value: Any) -> float:
    return float("nan") if value is None or value == "" else float(value)


def _count(scores: list[list[float]], distributions: Sequence[Distribution]) -> None:
    columns = np.array(scores, dtype=np.float32).reshape(len(scores), len(distributions))
    for column, distribution in enumerate(distributions):
        distribution.add(columns[:, column])


def _told(scores: np.ndarray) -> range:
    """The columns that are worth a report: of two probabilities that add up to 1 only the second."""
    n = scores.shape[1]
    add_up = n == 2 and bool(np.allclose(np.nansum(scores, axis=1)[~np.isnan(scores[:, 0])], 1, atol=1e-4))
    return range(1, 2) if add_up else range(n)


def _described(title: str, distribution: Distribution, scores: np.ndarray, rows: list[Row]) -> ScoreReport:
    there = np.flatnonzero(~np.isnan(scores))
    scores, rows = scores[there], [rows[row] for row in there]
    rank = ranks(scores)
    effects = [column_effect(name, [row.get(name) for row in rows], rank) for name in _sorting(rows)]
    found = sorted((one for one in effects if one is not None), key=lambda one: (-one.share, one.column))
    return ScoreReport(title, distribution, _examples(scores, rank, rows), found)


def _sorting(rows: Sequence[Row]) -> list[str]:
    """The columns that may sort documents: neither ids nor texts."""
    names = list(dict.fromkeys(name for row in rows[:100] for name in row))
    own_id = id_column(names, ())
    return [name for name in names if name != own_id and not (is_habitual(name) and _is_text(name, rows))]


def _is_text(name: str, rows: Sequence[Row]) -> bool:
    return len({str(row.get(name)) for row in rows}) > len(rows) / 2


def _examples(scores: np.ndarray, rank: np.ndarray, rows: list[Row]) -> list[list[tuple[float, Row]]]:
    """Of each tenth of the scores the documents nearest to its middle."""
    found = []
    for decile in range(DECILES):
        inside = np.flatnonzero((rank * DECILES).astype(np.int64).clip(0, DECILES - 1) == decile)
        middle = (decile + 0.5) / DECILES
        nearest = inside[np.argsort(np.abs(rank[inside] - middle), kind="stable")[:_EXAMPLES]]
        found.append([(float(scores[row]), rows[row]) for row in nearest])
    return found


def scored_files(out: Path) -> list[ScoredFile]:
    """The outputs that a run of scoring has written whole into a folder, in the order of their names.

    Raises DataError for a folder that scoring did not write.
    """
    if not Path(out, NOTES).is_dir():
        raise DataError(f"{out}: holds no outputs of scoring. Name the folder that they were written to.")
    found = []
    for path in sorted(Path(out, NOTES, OUTPUT).rglob("*.json")):
        note = json.loads(path.read_text(encoding="utf-8"))
        if all(Path(out, name).exists() for name in note["files"]):
            found.append(ScoredFile(Path(out, note["output"]), note["kept"], tuple(note["columns"])))
    return found
