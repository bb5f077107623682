"""Few labels on purpose, and texts without labels, as options ask for them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wordloom.cli.reading import Reading
    from wordloom.corpus import Corpus
    from wordloom.origin import Columns

REST = "rest"
"""The texts whose labels are not used."""


def labels_left(corpus: Corpus, per_class: int, seed: int) -> tuple[Corpus, list[str]]:
    """`per_class` texts of each class with their labels, and the other texts."""
    rows = corpus.sample_rows(per_class, seed)
    chosen = set(rows)
    return corpus.subset(rows), [text for row, text in enumerate(corpus.texts) if row not in chosen]


def unlabelled_texts(
    wanted: Sequence[str], rest: Sequence[str], reading: Reading, columns: Columns | None
) -> list[str]:
    """The texts of all sources, in their order; REST stands for `rest`.

    columns : those of the labelled texts, looked for first
    """
    from wordloom.readers import open_texts

    texts: list[str] = []
    for source in wanted:
        if source == REST:
            texts.extend(rest)
            continue
        with open_texts(source, text=reading.text, encoding=reading.encoding, columns=columns) as stream:
            texts.extend(stream)
    return texts
