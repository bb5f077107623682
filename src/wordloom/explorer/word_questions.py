"""Questions on words, asked of all tables side by side; what moved between two of them; and maps."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from wordloom.errors import DataError, WordloomError
from wordloom.explorer.explored import Explored
from wordloom.explorer.text_questions import asked
from wordloom.plain_values import check_choices
from wordloom.server.refusal import Refusal
from wordloom.vectors.movement import movement
from wordloom.vectors.queries import analogy, neighbors, odd_one_out

if TYPE_CHECKING:
    from wordloom.vectors import WordVectors
    from wordloom.vectors.queries import Neighbor

KINDS = ("nearest", "analogy", "odd")
_MOST_WORDS, _LONGEST_WORD, _FOUND = 50, 200, 15
_MOVED, _AMONG, _NEAR_SHOWN = 40, 5_000, 6


@dataclass(frozen=True)
class WordQuestion:
    """kind : "nearest" words of the first word, "analogy" of three, "odd" one out; words : these"""

    kind: str
    words: list[str]

    def __post_init__(self) -> None:
        check_choices(self, kind=KINDS)
        if not 1 <= len(self.words) <= _MOST_WORDS or max(map(len, self.words)) > _LONGEST_WORD:
            raise DataError(
                f"'words' must be 1 to {_MOST_WORDS} words of at most {_LONGEST_WORD} characters."
            )
        if self.kind == "analogy" and len(self.words) != 3:
            raise DataError("An analogy takes three words: A is to B as C is to what?")

    async def answered(self, explored: Explored) -> Any:
        """For each table the words and their distances, or why there are none."""
        return {"tables": await asked(explored, _found, self)}


def _found(explored: Explored, question: WordQuestion) -> list[dict[str, Any]]:
    tables = []
    for name, vectors in explored.tables:
        try:
            found, problem = _answers(vectors, question), ""
        except WordloomError as error:
            found, problem = [], str(error)
        tables.append({"name": name, "found": [list(one) for one in found], "problem": problem})
    return tables


def _answers(vectors: WordVectors, question: WordQuestion) -> list[Neighbor]:
    words = question.words
    if question.kind == "nearest":
        return neighbors(vectors, words[0], _FOUND)
    if question.kind == "analogy":
        return analogy(vectors, words[0], words[1], words[2], n=_FOUND)
    return odd_one_out(vectors, words)


def _digits(name: str, value: str) -> int:
    if not (value.isascii() and value.isdigit() and len(value) < 9):
        raise DataError(f"'{name}' must be a whole number.")
    return int(value)


@dataclass(frozen=True)
class MovedQuestion:
    """before, after : the numbers of two tables, in digits"""

    before: str
    after: str

    async def answered(self, explored: Explored) -> Any:
        """The words whose neighbors changed most; `working` while they are compared."""
        numbers = [_digits("table", value) for value in (self.before, self.after)]
        if max(numbers) >= len(explored.tables):
            raise Refusal(404, "There is no such table; give one more with --vectors.")
        (_, first), (_, second) = (explored.tables[number] for number in numbers)
        found = explored.background.done(f"moved {numbers}", lambda: movement(first, second, _MOVED, _AMONG))
        if found is None:
            return {"working": True}
        near = {"before": None, "after": None}
        words = [
            {**asdict(one), **{side: getattr(one, side)[:_NEAR_SHOWN] for side in near}}
            for one in found.words
        ]
        return {"compared": found.compared, "kept": found.kept, "unmoved": found.unmoved, "words": words}


@dataclass(frozen=True)
class MapQuestion:
    """table : its number, in digits"""

    table: str

    async def answered(self, explored: Explored) -> Any:
        """The points of words; `working` while they are worked out."""
        try:
            number = _digits("table", self.table)
        except DataError as error:
            raise Refusal(400, str(error)) from None
        return explored.points(number) or {"working": True}
