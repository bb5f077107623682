"""The n-gram model on IMDB, from raw text, with scikit-learn's usual answer beside it.

Training and the prediction of the 25,000 test reviews count. The number of epochs is chosen on reviews held
out from training, a new seed in each round.
"""

from __future__ import annotations

import statistics

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import make_pipeline
from sklearn.svm import LinearSVC

from side_by_side import compare, imdb, report, report_figure
from wordloom.fit import fit
from wordloom.settings import Settings

ROUNDS = 5
PEER = "TF-IDF(1,2) + LinearSVC"


class Experiment:
    """The same reviews for either side; keeps the accuracy of every round."""

    def __init__(self) -> None:
        data = imdb()
        assert data.test is not None
        self.train, self.test = data.train, data.test
        self.labels = np.array(data.test.labels)
        self.accuracies: dict[str, list[float]] = {"wordloom": [], PEER: []}
        fit(self.train, Settings(architecture="ngram", epochs=1)).predict(self.test.texts)  # compiles

    def ours(self) -> None:
        seed = len(self.accuracies["wordloom"])
        model = fit(self.train, Settings(architecture="ngram", random_state=seed))
        self.note("wordloom", model.predict(self.test.texts))

    def peer(self) -> None:
        pipeline = make_pipeline(TfidfVectorizer(ngram_range=(1, 2)), LinearSVC())
        self.note(PEER, pipeline.fit(self.train.texts, self.train.labels).predict(self.test.texts))

    def note(self, side: str, found: object) -> None:
        self.accuracies[side].append(float((np.array(found) == self.labels).mean()))


def main() -> None:
    experiment = Experiment()
    seconds = compare({"wordloom": experiment.ours, PEER: experiment.peer}, ROUNDS, warm_up=False)
    means = {side: statistics.mean(found) for side, found in experiment.accuracies.items()}
    report("n-gram model, IMDB from raw text", seconds, PEER, 4, accuracy=means)
    ours = experiment.accuracies["wordloom"]
    report_figure(
        f"n-gram model, IMDB accuracy, mean of {ROUNDS} seeds",
        100 * means["wordloom"],
        "%",
        92.5,
        at_most=False,
        spread=100 * statistics.stdev(ours),
        seeds=ours,
    )


main()
