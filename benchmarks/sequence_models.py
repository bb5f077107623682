"""Sequence models through wordloom and through plain `keras.Model.fit`, on one backend, in one process.

Called with the name of a Keras backend. Both sides train the same network on the same reviews, an epoch in
turn; the first epoch of each, in which the step is compiled, is not counted. Two things are asked: what our
loop costs over Keras' own (batches, progress and history included), and what it gains on texts that are not
cut short, where wordloom puts texts of similar length into one batch. On torch an epoch with a hand-written
`nn.LSTM` goes along.
"""

from __future__ import annotations

import dataclasses
import os
import sys
import time
from collections.abc import Callable
from typing import Any

backend = sys.argv[1] if len(sys.argv) > 1 else "jax"
os.environ["KERAS_BACKEND"] = backend
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras  # noqa: E402
import numpy as np  # noqa: E402

from side_by_side import imdb, report, report_figure  # noqa: E402
from wordloom.corpus import Corpus  # noqa: E402
from wordloom.fit import FitInput, fit  # noqa: E402
from wordloom.loop.callback import Callback, Logs  # noqa: E402
from wordloom.recipes import recipes  # noqa: E402
from wordloom.recipes.recipe_runs import in_keras_order  # noqa: E402
from wordloom.settings import Settings  # noqa: E402

ROUNDS = 3
THEIRS = f"Keras' fit on {backend}"
TEXTS = int(os.environ.get("SEQUENCE_TEXTS", "6400"))


class InTurn(Callback):
    """After each epoch of ours, lets the other side make one, and measures it."""

    def __init__(self, other: Callable[[], Any]) -> None:
        self.other, self.seconds = other, []

    def on_epoch_end(self, epoch: int, logs: Logs) -> None:
        began = time.perf_counter()
        self.other()
        self.seconds.append(time.perf_counter() - began)


def measured(corpus: Corpus, settings: Settings, other: Callable[[], Any]) -> dict[str, list[float]]:
    """Seconds of ROUNDS epochs on both sides."""
    settings = dataclasses.replace(settings, epochs=ROUNDS + 1, validation_split=0.0, random_state=0)
    callback = InTurn(other)
    ours = fit(corpus, settings, FitInput(callbacks=[callback])).history.seconds
    return {"wordloom": ours[1:], THEIRS: callback.seconds[1:]}


def padded(corpus: Corpus, settings: Settings) -> tuple[np.ndarray, np.ndarray]:
    """The reviews as padded ids and numbers of classes, as a notebook would hand them to Keras."""
    quick = dataclasses.replace(settings, architecture="flatten", epochs=1, validation_split=0.0)
    model = fit(corpus, quick)
    shape = model.network.shape
    targets = np.array([label == "pos" for label in corpus.labels], dtype=np.float32)
    return model.encode(corpus.texts).padded(shape.maxlen), targets


def by_keras(settings: Settings, ids: np.ndarray, targets: np.ndarray) -> Callable[[], Any]:
    """One epoch of the same network with plain Keras."""
    masked = settings.mask_padding and settings.architecture == "lstm"
    reading = {
        "lstm": [keras.layers.LSTM(settings.units)],
        "cnn": [
            keras.layers.Conv1D(settings.units, settings.kernel_size, activation="relu"),
            keras.layers.GlobalMaxPooling1D(),
        ],
    }[settings.architecture]
    model = keras.Sequential(
        [
            keras.layers.Input((ids.shape[1],)),
            keras.layers.Embedding(settings.num_words, settings.dimensions, mask_zero=masked),
            *reading,
            keras.layers.Dense(1, activation="sigmoid"),
        ]
    )
    model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])
    return lambda: model.fit(ids, targets, batch_size=settings.batch_size, epochs=1, verbose=0)


def by_hand(settings: Settings, ids: np.ndarray, targets: np.ndarray) -> Callable[[], Any]:
    """One epoch of the same LSTM in plain torch."""
    import torch

    embedding = torch.nn.Embedding(settings.num_words, settings.dimensions)
    lstm = torch.nn.LSTM(settings.dimensions, settings.units, batch_first=True)
    output = torch.nn.Linear(settings.units, 1)
    parts = torch.nn.ModuleList([embedding, lstm, output])
    optimizer = torch.optim.Adam(parts.parameters())
    x, y = torch.from_numpy(ids), torch.from_numpy(targets)

    def epoch() -> None:
        for rows in torch.randperm(len(x)).split(settings.batch_size):
            optimizer.zero_grad()
            _, (last, _) = lstm(embedding(x[rows]))
            loss = torch.nn.functional.binary_cross_entropy_with_logits(output(last[0])[:, 0], y[rows])
            loss.backward()
            optimizer.step()

    return epoch


def main() -> None:
    corpus = in_keras_order(imdb()).train.subset(range(TEXTS))
    recipe = recipes()["lstm-128"].settings
    ids, targets = padded(corpus, recipe)
    seconds = measured(corpus, recipe, by_keras(recipe, ids, targets))
    what = f"an epoch of lstm-128 on {TEXTS:,} reviews, {backend}"
    report(what, seconds, THEIRS, goal=0.95)
    if backend == "torch":
        found = measured(corpus, recipe, by_hand(recipe, ids, targets))[THEIRS]
        report_figure(f"{what}, hand-written nn.LSTM", min(found), "s", goal=0, at_most=True)
        return
    cnn = recipes()["cnn-128"].settings
    seconds = measured(corpus, cnn, by_keras(cnn, ids, targets))
    report(f"an epoch of cnn-128 on {TEXTS:,} reviews, {backend}", seconds, THEIRS, goal=0.95)
    for architecture in ("lstm", "cnn"):
        whole = dataclasses.replace(
            recipe, architecture=architecture, mask_padding=True, maxlen="auto", units=16, batch_size=32
        )
        ids, targets = padded(corpus, whole)
        seconds = measured(corpus, whole, by_keras(whole, ids, targets))
        what = f"an epoch of {architecture}, 16 units, texts to {ids.shape[1]} words, {backend}"
        report(what, seconds, THEIRS, goal=1.3)


if __name__ == "__main__":
    main()
