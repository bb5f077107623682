"""Accuracy on the IMDB test reviews with 200 labels and GloVe vectors, mean over 20 draws.

As users get it: `auto` chooses the mean of frozen vectors, and how strongly the head is regularized is chosen
on the 200. The words are those of the 200 reviews, or of all training reviews, whose labels play no part.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

import numpy as np

from side_by_side import imdb, report_figure
from wordloom.evaluation.on_corpus import score_on
from wordloom.fit import FitInput, fit
from wordloom.recipes.vector_tables import VectorTables
from wordloom.settings import Settings
from wordloom.vectors import WordVectors

DRAWS, LABELS, WIDTH = 20, 200, 100


def accuracies(table: WordVectors, vocabulary_texts: Sequence[str] | None) -> tuple[list[float], float]:
    """Test accuracy of each draw, and the seconds of one fit."""
    data, found = imdb(), []
    assert data.test is not None
    seconds = 0.0
    for draw in range(DRAWS):
        rows = np.random.default_rng([7, draw]).permutation(len(data.train))[:LABELS]
        began = time.perf_counter()
        model = fit(
            data.train.subset(rows),
            Settings(vectors=table, random_state=draw),
            FitInput(vocabulary_texts=vocabulary_texts),
        )
        seconds += time.perf_counter() - began
        found.append(score_on(model, data.test).accuracy)
    return found, seconds / DRAWS


def main() -> None:
    file = VectorTables().find(WIDTH)
    table = WordVectors.load(file)
    for whose, texts in (("the 200 reviews", None), ("all training reviews", imdb().train.texts)):
        found, seconds = accuracies(table, texts)
        what = f"accuracy with 200 labels on GloVe vectors, words of {whose}, mean of {DRAWS} draws"
        spread = float(np.std(found, ddof=1))
        more = {"std": spread, "values": found, "seconds_of_a_fit": seconds, "table": file.name}
        report_figure(what, 100 * float(np.mean(found)), "%", goal=72, at_most=False, **more)
        report_figure("its spread over the draws", 100 * spread, "points", goal=0, at_most=True)


if __name__ == "__main__":
    main()
