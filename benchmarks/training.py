"""Training of the tutorials' networks: wordloom against Keras, on the same padded ids, in one process.

Called with the name of a Keras backend ("jax" or "tensorflow"). Both train three epochs with the same
settings and are then scored on the test reviews; Keras has compiled its step in a warm-up before it is timed,
as wordloom has its kernels.
"""

from __future__ import annotations

import os
import statistics
import sys

backend = sys.argv[1] if len(sys.argv) > 1 else "jax"
os.environ["KERAS_BACKEND"] = backend
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras  # noqa: E402
import numpy as np  # noqa: E402
from keras import layers  # noqa: E402

from side_by_side import compare, imdb, report  # noqa: E402
from wordloom.kernels.pooled import ADAM, UpdateRule  # noqa: E402
from wordloom.models.pooled import POOLINGS, NetworkShape, PooledNetwork  # noqa: E402
from wordloom.recipes import recipes  # noqa: E402
from wordloom.recipes.recipe_runs import in_keras_order  # noqa: E402
from wordloom.settings import Settings  # noqa: E402
from wordloom.text.conventions import convention  # noqa: E402
from wordloom.text.counting import count_words  # noqa: E402
from wordloom.text.sequences import Ragged  # noqa: E402
from wordloom.text.tokenizer import Tokenizer  # noqa: E402
from wordloom.text.vocabulary import WordSelection, select  # noqa: E402
from wordloom.training.networks import LabeledDocuments, TrainingPlan, train  # noqa: E402

GOALS = {("flatten-50d", "jax"): 7, ("flatten-50d", "tensorflow"): 15, ("mean-32d", "jax"): 5}
ROUNDS = 3


class Experiment:
    """A recipe on ids that are already padded, trainable by either side."""

    def __init__(self, settings: Settings) -> None:
        data, self.settings = in_keras_order(imdb()), settings
        assert data.test is not None
        counted, ranks = count_words(data.train.texts, Tokenizer())
        vocabulary, ids = select(counted, ranks, WordSelection(settings.num_words), convention(settings.ids))
        self.x = ids.padded(settings.maxlen)
        self.y = np.array([label == "pos" for label in data.train.labels], dtype=np.int32)
        self.x_test = vocabulary.encode(data.test.texts, Tokenizer()).padded(settings.maxlen)
        self.y_test = np.array([label == "pos" for label in data.test.labels], dtype=np.int32)
        self.accuracies: dict[str, list[float]] = {"wordloom": [], f"Keras on {backend}": []}
        self.seed = 0

    def ours(self) -> None:
        settings, self.seed = self.settings, self.seed + 1
        shape = NetworkShape(
            settings.architecture, settings.num_words, settings.dimensions, 0, 2, settings.maxlen, True
        )
        rule = UpdateRule(
            POOLINGS[settings.architecture], ADAM, settings.batch_size, 0.001, 0.0, np.uint64(self.seed)
        )
        examples = LabeledDocuments(_ragged(self.x), self.y, np.ones(len(self.y)))
        network = PooledNetwork.initial(shape, self.seed)
        self.network, _ = train(network, examples, None, TrainingPlan(rule, settings.epochs, None))

    def theirs(self) -> None:
        settings = self.settings
        keras.utils.set_random_seed(self.seed)
        pooling = layers.Flatten() if settings.architecture == "flatten" else layers.GlobalAveragePooling1D()
        self.model = keras.Sequential(
            [
                layers.Input((settings.maxlen,)),
                layers.Embedding(settings.num_words, settings.dimensions),
                pooling,
                layers.Dense(1, activation="sigmoid"),
            ]
        )
        self.model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])
        self.model.fit(self.x, self.y, epochs=settings.epochs, batch_size=settings.batch_size, verbose=0)

    def score(self) -> None:
        right = (self.network.logits(_ragged(self.x_test))[:, 0] > 0) == self.y_test
        self.accuracies["wordloom"].append(float(right.mean()))
        their_right = (self.model.predict(self.x_test, verbose=0)[:, 0] > 0.5) == self.y_test
        self.accuracies[f"Keras on {backend}"].append(float(their_right.mean()))


def _ragged(matrix: np.ndarray) -> Ragged:
    return Ragged(matrix.ravel(), np.arange(len(matrix) + 1, dtype=np.int64) * matrix.shape[1])


def main() -> None:
    for name in ("flatten-50d", "mean-32d"):
        experiment = Experiment(recipes()[name].settings)
        experiment.ours()
        experiment.theirs()
        sides = {"wordloom": experiment.ours, f"Keras on {backend}": experiment.theirs}
        seconds: dict[str, list[float]] = {side: [] for side in sides}
        for _ in range(ROUNDS):
            for side, values in compare(sides, rounds=1, warm_up=False).items():
                seconds[side] += values
            experiment.score()
        report(
            f"training {name}",
            seconds,
            against=f"Keras on {backend}",
            goal=GOALS.get((name, backend), 0),
            accuracy={side: statistics.fmean(found) for side, found in experiment.accuracies.items()},
        )


if __name__ == "__main__":
    main()
