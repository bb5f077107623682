"""Explanations as the command line shows them: colored text, a cell of a table, JSON, a page of HTML."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from wordloom.cli.printing import StyledText, colored, paragraph, table
from wordloom.errors import listed
from wordloom.target_names import MULTILABEL

if TYPE_CHECKING:
    from wordloom.explain.explanation import Explanation
    from wordloom.text_model import Prediction, TextModel

_SHOWN_CHARACTERS = 2000
_FAINTEST, _STRONG = 0.05, 0.4
"""Shares of a text's strongest word from which words are colored, and are bold."""
_FOR, _AGAINST = "blue", "yellow"


def say_explanation(explanation: Explanation, with_flip: bool = True) -> None:
    """The text with its words colored, where there are colors, its strongest parts, and what would change the
    answer.
    """
    from wordloom.explain.contributions import shown_of

    colored(list(_pieces(explanation)), indent=4)
    rows = [[f"{part.value:+.3f}", part.kind, part.text] for part in shown_of(explanation.contributions)]
    rows.append([f"{explanation.bias:+z.3f}", "", "bias" if explanation.method == "exact" else "the rest"])
    rows.append([f"{explanation.logit:+z.3f}", "", f"logit of {explanation.label} ({explanation.method})"])
    table(["adds", "kind", "part"], rows, left=3, indent=4)
    flip = explanation.flips() if with_flip else None
    if flip is not None:
        instead = "no longer given" if flip.label is None else flip.label
        paragraph(f"without {listed(flip.words)}: {instead}", indent=4)


def _pieces(explanation: Explanation) -> Iterator[StyledText]:
    text, done = explanation.text[:_SHOWN_CHARACTERS], 0
    highest = max((abs(each.value) for each in explanation.highlights), default=0.0)
    for start, end, value in explanation.highlights:
        if end > len(text) or abs(value) < _FAINTEST * highest:
            continue
        yield StyledText(text[done:start])
        yield StyledText(text[start:end], _FOR if value > 0 else _AGAINST, abs(value) >= _STRONG * highest)
        done = end
    yield StyledText(text[done:] + "…" * (len(explanation.text) > len(text)))


def explained_answers(
    model: TextModel, texts: Sequence[str], answers: Sequence[Prediction]
) -> list[tuple[Explanation, ...]]:
    """The explanations of each of some texts: of several labels one for each that it is given; else one, for
    the likeliest label or the grade."""
    import numpy as np

    from wordloom.explain.explainer import Explainer

    explainer = Explainer.of(model)
    if model.target != MULTILABEL:
        return [(one,) for one in explainer.explained(texts, model.encode(texts), explainer.column(None))]
    given = [answer.labels or (answer.label,) for answer in answers]
    columns = np.array([explainer.column(label) for own in given for label in own], dtype=np.int64)
    asked = [text for text, own in zip(texts, given, strict=True) for _ in own]
    found = explainer.explained(asked, model.encode(asked), columns)
    return [tuple(itertools.islice(found, len(own))) for own in given]


def strongest(explanations: Sequence[Explanation], target: str) -> Any:
    """The strongest parts as plain values, for a table of objects; of several labels those of each."""
    from wordloom.explain.contributions import MOST_SHOWN

    parts = {str(one.label): one.to_config(MOST_SHOWN)["contributions"] for one in explanations}
    return parts if target == MULTILABEL else next(iter(parts.values()))


def cell(explanations: Sequence[Explanation], target: str) -> str:
    """The strongest parts in one cell: `not a dull +1.234; cast -0.512; cas (characters) -0.101`; of several
    labels those of each behind its name: `joy: lovely +1.234; day -0.512 | love: lovely +0.321`."""
    if target == MULTILABEL:
        return " | ".join(f"{one.label}: {_parts(one)}" for one in explanations)
    return _parts(explanations[0])


def _parts(explanation: Explanation) -> str:
    from wordloom.explain.contributions import shown_of
    from wordloom.explain.parts import NGRAM
    from wordloom.explain.text_words import WORD

    named = (
        (part, f" ({part.kind})" * (part.kind not in (WORD, NGRAM)))
        for part in shown_of(explanation.contributions)
    )
    return "; ".join(f"{part.text}{kind} {part.value:+.3f}" for part, kind in named)


def document(explanation: Explanation, with_flip: bool = True) -> dict[str, Any]:
    """All there is to say of an explanation, beside the text, the label and the probability."""
    whole = explanation.to_config()
    flip = explanation.flips() if with_flip else None
    found = {name: whole[name] for name in whole if name not in ("text", "probability")}
    return found | ({"flip": None if flip is None else flip._asdict()} if with_flip else {})
