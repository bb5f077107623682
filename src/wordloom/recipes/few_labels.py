"""Few labels: vectors learned from all training reviews without labels, then a classifier on some labels.

The classifier is what `architecture="documents"` gives users; how strongly it is regularized is chosen by
cross-validation on the labelled reviews alone. Test reviews are used for the score only.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from wordloom.corpus import Corpus, Dataset
from wordloom.fit import tokenizer_of
from wordloom.label_curve import CurvePlan, CurvePoint, known_settings, label_curve
from wordloom.loop.callback import Callback
from wordloom.settings import Settings, without_unused
from wordloom.vectors import WordVectors
from wordloom.vectors.learning import LearningSettings, learn_document_vectors

_SIZES = (20, 50, 100, 200, 500, 1_000)
_MOST_DRAWS = 3


def with_learned_vectors(
    train: Corpus, settings: Settings, learning: LearningSettings, threads: int | None = None
) -> tuple[Settings, float]:
    """Settings with vectors of documents learned from the training texts, and the seconds that this took."""
    began = time.perf_counter()
    vectors = learn_document_vectors(
        list(train.texts),
        learning,
        tokenizer=tokenizer_of(settings),
        threads=threads,
        keep_interrupted=False,
    )
    ready = replace(settings, architecture="documents", vectors=vectors, threads=threads)
    return without_unused(ready), time.perf_counter() - began


def curve(
    data: Dataset, documents: Settings, table: Path | None, seeds: range, callbacks: Iterable[Callback]
) -> list[CurvePoint]:
    """Accuracy against the number of labels, beside what learns from the labels alone or from a table too."""
    assert data.test is not None
    vectors = None if table is None else WordVectors.load(table)
    settings = {**known_settings(vectors), "documents": documents}
    plan = CurvePlan(_SIZES, min(len(seeds), _MOST_DRAWS), seeds[0], documents.threads)
    return label_curve(data.train, data.test, settings, plan, [*callbacks])
