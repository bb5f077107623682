"""The curve of the recipe few-labels: what stands beside it."""

from __future__ import annotations

import numpy as np

from wordloom import Corpus, Dataset, WordVectors
from wordloom.recipes import few_labels
from wordloom.recipes.vector_tables import VectorTables
from wordloom.settings import Settings


def reviews(n: int) -> Corpus:
    return Corpus([f"a {('good', 'bad')[i % 2]} film {i}" for i in range(n)], ["pos", "neg"] * (n // 2))


def test_settings_with_pretrained_vectors_are_in_it_where_there_is_a_table(monkeypatch, tmp_path):
    monkeypatch.setattr(few_labels, "_SIZES", (6,))
    monkeypatch.setenv("WORDLOOM_DATA", str(tmp_path))
    monkeypatch.setenv("WORDLOOM_CACHE", str(tmp_path / "cache"))
    data = Dataset(reviews(12), reviews(6))
    documents = Settings(architecture="mean", epochs=1, threads=1)  # in the place of a long learning
    found = []
    for made in (False, True):
        if made:
            WordVectors(["good", "bad", "film"], np.eye(3)).save(tmp_path / "glove.6B.100d.txt")
        table = VectorTables().find_if_any(100)
        points = few_labels.curve(data, documents, table, range(1), [])
        found.append([point.setting for point in points])
    scratch = ["flatten", "mean", "n-grams", "documents"]
    assert found == [scratch, [*scratch[:2], "flatten, vectors", "mean, vectors", *scratch[2:]]]
