"""A text whose words are colored by what they add, as a piece of HTML that stands on its own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from wordloom.controls import visible
from wordloom.explain.contributions import Contribution, Highlight, shown_of
from wordloom.labels import Label

FOR, AGAINST = "42, 120, 214", "230, 126, 34"
"""Blue and orange, which people who mix up red and green tell apart; on light and on dark pages."""
_STRONGEST = 0.75
_FAINTEST = 0.03


def html_of(
    label: Label,
    probability: float,
    note: str,
    text: str,
    highlights: Sequence[Highlight],
    contributions: Sequence[Contribution],
) -> str:
    """The label and its probability, the text with colored words, and the strongest contributions.

    note : what stands behind the probability
    contributions : the strongest first
    """
    head = f"<strong><bdi>{shown(str(label))}</bdi></strong> {probability:.3f} <small>({note})</small>"
    rows = "".join(
        f'<tr><td style="text-align:right">{part.value:+.3f}</td><td style="text-align:left">'
        f"<bdi>{shown(part.text)}</bdi> <small>{part.kind}</small></td></tr>"
        for part in shown_of(contributions)
    )
    words = (
        '<div style="white-space:pre-wrap;overflow-wrap:anywhere;unicode-bidi:isolate;line-height:1.6">'
        f"{colored(text, highlights)}</div>"
    )
    return f'<div class="wordloom-explanation"><p>{head}</p>{words}<table>{rows}</table></div>'


def page_of(explanations: Iterable[str]) -> str:
    """A page with the explanations of some texts, given as pieces of HTML, for light and dark screens."""
    each = "<hr>".join(explanations)
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>Explanations</title>'
        '<meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark">'
        "<style>body{font-family:sans-serif;max-width:50em;margin:1em auto;padding:0 1em}</style></head>"
        f"<body>{each}</body></html>\n"
    )


def colored(text: str, highlights: Sequence[Highlight]) -> str:
    """The text alone, escaped, with a `mark` around each word that adds something."""
    pieces, done = [], 0
    highest = max((abs(each.value) for each in highlights), default=0.0)
    for start, end, value in highlights:
        strength = _STRONGEST * abs(value) / highest
        if strength < _FAINTEST:
            continue
        color = FOR if value > 0 else AGAINST
        pieces.append(shown(text[done:start]))
        pieces.append(
            f'<mark style="color:inherit;border-radius:.2em;background:rgba({color},{strength:.2f})" '
            f'title="{value:+.3f}">{shown(text[start:end])}</mark>'
        )
        done = end
    return "".join([*pieces, shown(text[done:])])


def shown(text: str) -> str:
    """A text in HTML: escaped, and with what would turn the direction of writing or is no letter visible.

    Half of a surrogate pair, which UTF-8 does not have, is an escape as well.
    """
    return escape(visible(text).encode("utf-8", "backslashreplace").decode("utf-8"))
