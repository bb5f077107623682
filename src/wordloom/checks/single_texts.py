"""What is wrong with a text by itself: no word, a single one, a script that the others are not written in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from wordloom.checks.faults import EMPTY, ONE_WORD, SCRIPT, Fault
from wordloom.text.scripts import script_of
from wordloom.text.text_rows import TextRows

_NEARLY_ALL = 0.95
"""The share of the texts with letters that must be in one script for another one to be unexpected."""


def of_few_words(texts: Sequence[str], rows: TextRows) -> Iterator[Fault]:
    """The texts that are empty, have no word but signs, or have a single word.

    rows : the texts as words and pairs of words; a text with one of them has one word
    """
    for row, (text, length) in enumerate(zip(texts, rows.rows.lengths.tolist(), strict=True)):
        if not length:
            yield Fault(row, EMPTY, detail="has no word" if text.strip() else "is empty")
        elif length == 1:
            yield Fault(row, ONE_WORD)


def of_other_scripts(texts: Sequence[str]) -> Iterator[Fault]:
    """The texts most of whose letters are of another script than those of nearly all texts."""
    scripts = [script_of(text) for text in texts]
    counts = Counter(filter(None, scripts))
    if len(counts) < 2:
        return
    usual, n_usual = counts.most_common(1)[0]
    share = n_usual / sum(counts.values())
    if share < _NEARLY_ALL:
        return
    for row, script in enumerate(scripts):
        if script not in ("", usual):
            yield Fault(
                row, SCRIPT, detail=f"is written in {script}; {100 * share:.1f} % of the texts in {usual}"
            )
