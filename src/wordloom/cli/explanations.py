"""Explanations as the command line shows them: colored text, a cell of a table, JSON, a page of HTML."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from wordloom.cli.printing import Piece, colored, table

if TYPE_CHECKING:
    from wordloom.explain.explanation import Explanation

_STRONGEST = 10
"""Parts that are listed of each text in a table."""
_SHOWN_CHARACTERS = 2000
_FAINTEST, _STRONG = 0.05, 0.4
"""Shares of a text's strongest word from which words are colored, and are bold."""
_SMALLEST_SHOWN = 0.0005
_FOR, _AGAINST = "blue", "yellow"


def say_explanation(explanation: Explanation) -> None:
    """The text with its words colored, where there are colors, and its strongest parts."""
    colored(list(_pieces(explanation)), indent=4)
    rows = [
        [f"{part.value:+.3f}", part.kind, part.text]
        for part in explanation.contributions[:_STRONGEST]
        if abs(part.value) >= _SMALLEST_SHOWN
    ]
    rows.append([f"{explanation.bias:+z.3f}", "", "bias" if explanation.method == "exact" else "the rest"])
    rows.append([f"{explanation.logit:+z.3f}", "", f"logit of {explanation.label} ({explanation.method})"])
    table(["adds", "kind", "part"], rows, left=3, indent=4)


def _pieces(explanation: Explanation) -> Iterator[Piece]:
    text, done = explanation.text[:_SHOWN_CHARACTERS], 0
    highest = max((abs(each.value) for each in explanation.highlights), default=0.0)
    for start, end, value in explanation.highlights:
        if end > len(text) or abs(value) < _FAINTEST * highest:
            continue
        yield Piece(text[done:start])
        yield Piece(text[start:end], _FOR if value > 0 else _AGAINST, abs(value) >= _STRONG * highest)
        done = end
    yield Piece(text[done:] + "…" * (len(explanation.text) > len(text)))


def strongest(explanation: Explanation) -> list[dict[str, Any]]:
    """The strongest parts as plain values, for a table of objects."""
    return explanation.to_config(_STRONGEST)["contributions"]  # type: ignore[no-any-return]


def cell(explanation: Explanation) -> str:
    """The strongest parts in one cell: `not a dull +1.234; cast -0.512; cas (characters) -0.101`."""
    from wordloom.explain.parts import NGRAM
    from wordloom.explain.text_words import WORD

    named = (
        (part, f" ({part.kind})" * (part.kind not in (WORD, NGRAM))) for part in explanation.contributions
    )
    return "; ".join(
        f"{part.text}{kind} {part.value:+z.3f}" for part, kind in itertools.islice(named, _STRONGEST)
    )


def document(explanation: Explanation) -> dict[str, Any]:
    """All there is to say of an explanation, beside the text, the label and the probability."""
    whole = explanation.to_config()
    return {name: whole[name] for name in whole if name not in ("text", "probability")}
