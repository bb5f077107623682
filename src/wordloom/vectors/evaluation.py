"""Scores of a table: word similarities that people judged, and analogy questions.

The rules are gensim's, so that scores can be compared: upper and lower case are the same, only the first
300,000 rows count, questions with an unknown word are left out and their share is told.

How well a classifier does with a table is not measured here but in `wordloom.comparison`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from wordloom.errors import DataError
from wordloom.vectors.word_vectors import WordVectors

ROWS = 300_000
_QUESTIONS_AT_A_TIME = 128
_ROWS_AT_A_TIME = 1 << 14

PathLike = str | os.PathLike[str]


@dataclass(frozen=True)
class SimilarityScore:
    """How well cosines follow people's judgments.

    Parameters
    ----------
    name : the file's name
    pairs, scored : pairs in the file, and those whose two words have vectors
    spearman, pearson : correlation of ranks and of values, -1 to 1; NaN if fewer than two pairs are scored or
        all are alike
    """

    name: str
    pairs: int
    scored: int
    spearman: float
    pearson: float

    @property
    def unknown_share(self) -> float:
        """The share of the pairs with a word that has no vector."""
        return 1 - self.scored / self.pairs


@dataclass(frozen=True)
class AnalogySection:
    """The questions of one section; `asked` are those whose four words have vectors."""

    name: str
    questions: int
    asked: int
    correct: int

    @property
    def accuracy(self) -> float:
        """The share of the asked questions that are answered rightly; NaN if none is asked."""
        return self.correct / self.asked if self.asked else float("nan")


@dataclass(frozen=True)
class AnalogyScore:
    """Answers to analogy questions, by section."""

    name: str
    sections: tuple[AnalogySection, ...]

    @property
    def questions(self) -> int:
        """All questions."""
        return sum(section.questions for section in self.sections)

    @property
    def asked(self) -> int:
        """Those whose four words have vectors."""
        return sum(section.asked for section in self.sections)

    @property
    def accuracy(self) -> float:
        """The share of all asked questions that are answered rightly; NaN if none is asked."""
        correct = sum(section.correct for section in self.sections)
        return correct / self.asked if self.asked else float("nan")

    @property
    def unknown_share(self) -> float:
        """The share of the questions with a word that has no vector."""
        return 1 - self.asked / self.questions


def evaluate(vectors: WordVectors, path: PathLike, rows: int = ROWS) -> SimilarityScore | AnalogyScore:
    """The score on a file of judged pairs or of analogy questions, or on a folder of the latter.

    The first line tells: four words or `: section` are analogies. Raises DataError as the two do.
    """
    source = Path(path)
    if source.is_dir():
        return score_analogies(vectors, source, rows)
    first = next(_lines(source), (1, ""))[1]
    analogies = first.startswith(":") or len(first.split()) == 4
    return (score_analogies if analogies else score_similarity)(vectors, source, rows)


def score_similarity(vectors: WordVectors, path: PathLike, rows: int = ROWS) -> SimilarityScore:
    """Correlation of the cosines of word pairs with a score in a file.

    Raises DataError, naming file and line, for a line of another form or a file without pairs.

    Parameters
    ----------
    path : lines of two words and a number, tabs or spaces between them; lines that begin with `#` are
        comments, and the first line may be a header
    rows : only the table's first so many rows count
    """
    source = Path(path)
    index = _first_rows(vectors, rows)
    chosen: list[tuple[int, int]] = []
    judged: list[float] = []
    pairs = 0
    for word, other, score in _pairs(source):
        pairs += 1
        first, second = index.get(word.upper()), index.get(other.upper())
        if first is not None and second is not None:
            chosen.append((first, second))
            judged.append(score)
    if not pairs:
        raise DataError(f"{source}: there are no pairs of words in it.")
    places = np.array(chosen, dtype=np.intp).reshape(-1, 2)
    left, right = (_units(vectors, places[:, side]) for side in (0, 1))
    cosines = np.round((left * right).sum(axis=1), 12)  # so that equal pairs have equal ranks
    truth = np.array(judged)
    return SimilarityScore(
        source.name,
        pairs,
        len(chosen),
        _correlation(_ranks(cosines), _ranks(truth)),
        _correlation(cosines, truth),
    )


def score_analogies(vectors: WordVectors, path: PathLike, rows: int = ROWS) -> AnalogyScore:
    """The share of questions "a is to b as c is to ?" whose answer is the nearest word to B - A + C.

    The inputs, in upper or lower case, are no answers. Raises DataError, naming file and line, for a line of
    another form or if there are no questions.

    Parameters
    ----------
    path : lines of four words, `: name` beginning a section; or a folder of such files (`*.txt`). Questions
        before the first section belong to one with the file's name.
    rows : only the table's first so many rows count, as inputs and as answers
    """
    source = Path(path)
    files = sorted(source.glob("*.txt")) if source.is_dir() else [source]
    questions = {name: found for file in files for name, found in _questions(file).items() if found}
    if not questions:
        raise DataError(f"{source}: there are no analogy questions in it.")
    search = _AnalogySearch(vectors, rows)
    return AnalogyScore(source.name, tuple(search.section(name, found) for name, found in questions.items()))


class _AnalogySearch:
    """The first rows of a table as unit vectors, and which rows are one word in upper and lower case."""

    def __init__(self, vectors: WordVectors, rows: int) -> None:
        self.index = _first_rows(vectors, rows)
        self.same: dict[str, list[int]] = {}
        for row, word in enumerate(vectors.words[:rows]):
            self.same.setdefault(word.upper(), []).append(row)
        self.folded = [word.upper() for word in vectors.words[:rows]]
        self.units = np.empty((len(self.folded), vectors.dimensions), dtype=np.float32)
        for start in range(0, len(self.units), _ROWS_AT_A_TIME):
            part = np.arange(start, min(start + _ROWS_AT_A_TIME, len(self.units)))
            self.units[part] = _units(vectors, part)

    def section(self, name: str, questions: list[tuple[str, ...]]) -> AnalogySection:
        """The score of some questions, whose words are in upper case."""
        asked = [question for question in questions if all(word in self.index for word in question)]
        correct = 0
        for start in range(0, len(asked), _QUESTIONS_AT_A_TIME):
            batch = asked[start : start + _QUESTIONS_AT_A_TIME]
            a, b, c, _ = (
                self.units[[self.index[word] for word in side]] for side in zip(*batch, strict=True)
            )
            scores = (b - a + c) @ self.units.T
            for row, question in enumerate(batch):
                for word in question[:3]:
                    scores[row, self.same[word]] = -np.inf
            answers = scores.argmax(axis=1).tolist()
            correct += sum(
                self.folded[row] == question[3] for row, question in zip(answers, batch, strict=True)
            )
        return AnalogySection(name, len(questions), len(asked), correct)


def _first_rows(vectors: WordVectors, rows: int) -> dict[str, int]:
    """The first row of each word in upper case."""
    index: dict[str, int] = {}
    for row, word in enumerate(vectors.words[:rows]):
        index.setdefault(word.upper(), row)
    return index


def _units(vectors: WordVectors, rows: npt.NDArray[np.intp]) -> npt.NDArray[np.float64]:
    """Chosen rows at length 1, float64; rows of zeros stay zeros."""
    lengths = vectors.lengths[rows, np.newaxis]
    return np.asarray(vectors.vectors[rows] / np.where(lengths > 0, lengths, 1.0))


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    """(number from 1, text) of each line that is neither blank nor a comment."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataError(f"{path}: byte {error.start:,} is not UTF-8. Convert the file to UTF-8.") from None
    except OSError as error:
        raise DataError(f"{path}: {error.strerror or error}.") from None
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip() and not line.startswith("#"):
            yield number, line.strip()


def _pairs(path: Path) -> Iterator[tuple[str, str, float]]:
    first = True
    for number, line in _lines(path):
        fields = line.split("\t") if line.count("\t") >= 2 else line.split()
        try:
            word, other, score = fields[0].strip(), fields[1].strip(), float(fields[2])
        except (IndexError, ValueError):
            if first and len(fields) >= 2:  # a header
                first = False
                continue
            raise DataError(
                f"{path}, line {number:,}: two words and a number expected, found {line!r:.60}."
            ) from None
        first = False
        if not np.isfinite(score):
            raise DataError(f"{path}, line {number:,}: the score {fields[2]!r} is not finite.")
        yield word, other, score


def _questions(path: Path) -> dict[str, list[tuple[str, ...]]]:
    """Section -> questions, in upper case."""
    name = path.stem
    found: dict[str, list[tuple[str, ...]]] = {name: []}
    for number, line in _lines(path):
        if line.startswith(":"):
            name = line[1:].strip()
            found.setdefault(name, [])
            continue
        words = tuple(line.upper().split())
        if len(words) != 4:
            raise DataError(f"{path}, line {number:,}: four words expected, found {line!r:.60}.")
        found[name].append(words)
    return found


def _ranks(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Ranks from 1; equal values share the mean of theirs."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    lasts = np.cumsum(counts)
    return np.asarray((lasts - (counts - 1) / 2)[inverse])


def _correlation(a: npt.NDArray[np.float64], b: npt.NDArray[np.float64]) -> float:
    if len(a) < 2:
        return float("nan")
    a, b = a - a.mean(), b - b.mean()
    size = float(np.sqrt((a * a).sum() * (b * b).sum()))
    return float((a * b).sum()) / size if size > 0 else float("nan")
