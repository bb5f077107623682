"""Lines as fastText's commands read them, and what a model says of each: fastText's own models and ours.

A line ends at a line feed or at a token `</s>`, and only then has the token of a line's end: the last line of
a file may be without. Probabilities of fastText's models are those that it prints, with 0.00001 added; of
equally likely labels come those that its heap keeps.

Source: `Dictionary::getLine`, `Loss::predict` and `Meter` of fastText 0.9.3
"""

from __future__ import annotations

import heapq
import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import BinaryIO, NamedTuple

import numpy as np
from numpy.typing import NDArray

from wordloom.errors import UsageError
from wordloom.evaluation.multilabel_scores import AtK
from wordloom.models.fasttext import FastTextNetwork
from wordloom.models.label_tree import rounded_exp
from wordloom.readers.line_formats import PREFIX, labels_and_text
from wordloom.targets import GRADED
from wordloom.text.hashed_ngrams import bytes_of_lines
from wordloom.text.sequences import Ragged
from wordloom.text_model import TextModel

ALL_LABELS = -1
"""In the place of k."""
RECORDED_PREFIX = "label_prefix"
"""The entry of a model's record that says how its labels began in the lines that it learned from."""
_END = re.compile(rb"\n|(?<![^ \n\r\t\v\f\0])</s>(?=[ \n\r\t\v\f\0]|\Z)")
_SEPARATORS = re.compile(rb"[ \n\r\t\v\f\0]+")
_BYTES_AT_ONCE, _LINES_AT_ONCE, _NUMBERS_AT_ONCE = 1 << 20, 4096, 1 << 22


class LineAnswer(NamedTuple):
    """Of one line.

    named : the numbers of the model's labels that the line names, in its order
    has_features : whether it holds anything to go by
    best : the numbers of the likeliest labels with their probabilities, the likeliest first
    """

    named: tuple[int, ...]
    has_features: bool
    best: tuple[tuple[int, float], ...]


class Lines(NamedTuple):
    """Some lines without their ends, and whether all of them have one; if not, there is one line only."""

    lines: list[bytes]
    ended: bool


def lines_of(stream: BinaryIO) -> Iterator[Lines]:
    """The lines of a stream, as they come: what a pipe has so far is not held back for more."""
    rest = b""
    read = getattr(stream, "read1", stream.read)
    while data := read(_BYTES_AT_ONCE):
        whole, feed, after = (rest + data).rpartition(b"\n") if b"\n" in data else (b"", b"", rest + data)
        rest = after
        if feed:
            yield from _chunks(_END.split(whole))
    last = _END.split(rest)
    yield from _chunks(last[:-1])
    if last[-1]:
        yield Lines(last[-1:], False)


def _chunks(lines: list[bytes]) -> Iterator[Lines]:
    for first in range(0, len(lines), _LINES_AT_ONCE):
        yield Lines(lines[first : first + _LINES_AT_ONCE], True)


@dataclass(frozen=True)
class LineModel:
    """A model that answers lines. Raises UsageError for a model of grades.

    Parameters
    ----------
    model : of fastText's, or of ours
    prefix : what its labels begin with in lines
    """

    model: TextModel
    prefix: str

    def __post_init__(self) -> None:
        if self.model.target == GRADED:
            raise UsageError("fastText's commands are for labels, and this is a model of grades.")

    @staticmethod
    def of(model: TextModel) -> LineModel:
        """With the prefix of the lines that the model has learned from."""
        return LineModel(model, str(model.record.get(RECORDED_PREFIX, PREFIX)))

    @cached_property
    def tokens(self) -> tuple[str, ...]:
        """The C labels as they stand in lines."""
        hashed = self.model.vocabulary.hashed
        if hashed is not None:
            return hashed.label_tokens
        return tuple(f"{self.prefix}{label}" for label in self.model.labels)

    @cached_property
    def _numbers(self) -> dict[bytes, int]:
        return {token.encode("utf-8", "surrogateescape"): n for n, token in enumerate(self.tokens)}

    def ids(self, some: Lines) -> Ragged:
        """The ids of lines for a model of fastText's."""
        hashed = self.model.vocabulary.hashed
        assert hashed is not None
        return hashed.line_ids(self.model.vocabulary.words, bytes_of_lines(some.lines), some.ended)

    def answers(self, lines: Iterable[Lines], k: int = 1, threshold: float = 0.0) -> Iterator[LineAnswer]:
        """An answer for each line: the k likeliest labels whose probability is the threshold or more.

        Raises UsageError at once for a k that is neither 1 or more nor ALL_LABELS.
        """
        if k == 0 or k < ALL_LABELS:
            raise UsageError(f"k needs to be 1 or higher, or -1 for all labels, not {k}.")
        return self._answers(lines, len(self.tokens) if k == ALL_LABELS else k, threshold)

    def _answers(self, lines: Iterable[Lines], k: int, threshold: float) -> Iterator[LineAnswer]:
        step = max(1, _NUMBERS_AT_ONCE // len(self.tokens))
        for whole in lines:
            for first in range(0, len(whole.lines), step):
                some = Lines(whole.lines[first : first + step], whole.ended)
                yield from self._of_some(some, k, threshold)

    def _of_some(self, some: Lines, k: int, threshold: float) -> Iterator[LineAnswer]:
        if isinstance(self.model.network, FastTextNetwork):
            ids = self.ids(some)
            plain, logs = self.model.network.reported(ids)
            filled, shown = (ids.lengths > 0).tolist(), rounded_exp(logs)
            threshold = float(np.float32(threshold))
        else:
            texts = [labels_and_text(_decoded(line), self.prefix)[1] for line in some.lines]
            plain = logs = shown = self.model.predict_proba(texts)  # type: ignore[assignment]
            filled = [some.ended or bool(_SEPARATORS.sub(b"", line)) for line in some.lines]
        for row, line in enumerate(some.lines):
            best = self._best(plain[row], logs[row], k, threshold) if filled[row] else []
            pairs = zip(best, shown[row][best].tolist(), strict=True)
            yield LineAnswer(self.named(line), filled[row], tuple(pairs))

    def _best(
        self, plain: NDArray[np.floating], logs: NDArray[np.floating], k: int, least: float
    ) -> list[int]:
        order = self._order
        kept = order[plain[order] >= least]
        ranked = kept[np.argsort(-logs[kept], kind="stable")]
        if (np.diff(logs[ranked[: k + 1]]) < 0).all():
            return ranked[:k].tolist()  # type: ignore[no-any-return]
        return _kept_by_a_heap(kept.tolist(), logs[kept].tolist(), k)

    @cached_property
    def _order(self) -> NDArray[np.int64]:
        """The order in which fastText looks at the labels."""
        network = self.model.network
        if isinstance(network, FastTextNetwork) and network.shape.loss == "hs":
            return network.tree.leaves()
        return np.arange(len(self.tokens))

    def named(self, line: bytes) -> tuple[int, ...]:
        """The numbers of the labels that a line names; those that the model does not have are left out."""
        if self.prefix.encode() not in line and not isinstance(self.model.network, FastTextNetwork):
            return ()
        numbers = self._numbers
        return tuple(numbers[token] for token in _SEPARATORS.split(line) if token in numbers)


@dataclass(frozen=True, eq=False)
class LineScores:
    """How the k likeliest labels of lines fit those that the lines name, as fastText counts it.

    Lines that name no label of the model's, or hold nothing to go by, do not count.

    Parameters
    ----------
    n : lines that count
    at_k : of all labels together
    hits, given, gold : int64 (C,), of each label
    """

    n: int
    at_k: AtK
    hits: NDArray[np.int64]
    given: NDArray[np.int64]
    gold: NDArray[np.int64]

    @staticmethod
    def of(model: LineModel, lines: Iterable[Lines], k: int = 1, threshold: float = 0.0) -> LineScores:
        """The scores of a model on lines; UsageError as `LineModel.answers`."""
        n, counts = 0, np.zeros((3, len(model.tokens)), dtype=np.int64)
        for answer in model.answers(lines, k, threshold):
            if not answer.named or not answer.has_features:
                continue
            n += 1
            given = [label for label, _ in answer.best]
            np.add.at(counts[0], [label for label in given if label in answer.named], 1)
            np.add.at(counts[1], given, 1)
            np.add.at(counts[2], list(answer.named), 1)
        hits, given_, gold = counts
        return LineScores(n, AtK(k, threshold, *map(int, counts.sum(axis=1))), hits, given_, gold)

    def of_label(self, number: int) -> tuple[float, float, float]:
        """F1, precision and recall of a label."""
        hits, given, gold = (int(each[number]) for each in (self.hits, self.given, self.gold))
        return share(2 * hits, given + gold), share(hits, given), share(hits, gold)


def share(part: int, whole: int) -> float:
    """A share; NaN of nothing, as fastText has it."""
    return part / whole if whole else math.nan


def _decoded(line: bytes) -> str:
    return line.decode("utf-8", "replace").replace("\0", " ")


@dataclass(frozen=True)
class _Ranked:
    """A label in a heap, which compares by its logarithm alone."""

    log: float
    label: int

    def __lt__(self, other: _Ranked) -> bool:
        return self.log < other.log


def _kept_by_a_heap(labels: Sequence[int], logs: Sequence[float], k: int) -> list[int]:
    """The k best of labels, of which some are equal: C++'s heaps and Python's keep the same ones."""
    heap: list[_Ranked] = []
    for label, log in zip(labels, logs, strict=True):
        if len(heap) == k and log < heap[0].log:
            continue
        heapq.heappush(heap, _Ranked(log, label))
        if len(heap) > k:
            heapq.heappop(heap)
    return [heapq.heappop(heap).label for _ in range(len(heap))][::-1]
