"""Prediction from raw text: the 25,000 IMDB test reviews through a trained model, texts per second."""

from __future__ import annotations

import dataclasses
import statistics

from side_by_side import compare, imdb, report_figure
from wordloom.fit import fit
from wordloom.recipes import recipes
from wordloom.settings import Settings


def main() -> None:
    data = imdb()
    assert data.test is not None
    texts = data.test.texts
    chosen = {"defaults": Settings(random_state=0)}
    for name in ("flatten-50d", "mean-32d"):
        chosen[name] = dataclasses.replace(recipes()[name].settings, random_state=0)
    for name, settings in chosen.items():
        model = fit(data.train, settings)
        seconds = compare({name: lambda model=model: model.predict(texts)}, rounds=5)[name]
        report_figure(
            f"prediction from raw text, {name}",
            len(texts) / statistics.median(seconds),
            "reviews a second",
            goal=30_000,
            at_most=False,
        )


if __name__ == "__main__":
    main()
