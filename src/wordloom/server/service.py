"""Service: a model as endpoints ask it, whatever the form of their questions and answers."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from wordloom import __version__
from wordloom.errors import DataError, UsageError, WordloomError, shown
from wordloom.labels import Label
from wordloom.prediction import Decisions, Prediction
from wordloom.server.limits import Limits
from wordloom.server.refusal import Refusal
from wordloom.server.worker import Worker

if TYPE_CHECKING:
    from wordloom.text_model import TextModel
    from wordloom.vectors import WordVectors

MOST_NEIGHBORS = 1_000
_SCORES = (
    *("n", "accuracy", "accuracy_interval", "micro_f1", "micro_f1_interval", "macro_f1"),
    *("spearman", "spearman_interval", "mae", "mae_interval"),
)


class Service:
    """A model, its name, the limits on requests, and the worker that predicts.

    Raises UsageError for a name that cannot stand in a path.
    """

    def __init__(self, model: TextModel, name: str, limits: Limits) -> None:
        if not name or not name.isprintable() or set(name) & set("/\\?#%:"):
            raise UsageError(
                f"A model's name is part of a URL; {name!r:.80} cannot be. Choose one of letters, digits, "
                "'-', '_' and '.' (--name)."
            )
        self.model, self.name, self.limits = model, name, limits
        self.labels = list(model.labels)
        self.decisions = Decisions.of(model, None)
        self.worker = Worker(self.rows, limits)

    def rows(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Probabilities, a row a text; those of `TextModel.predict_proba`, without its warnings.

        One thread: another core receives requests meanwhile.
        """
        return self.model.network.probabilities(self.model.encode(texts, 1), 1)

    async def predictions(self, texts: Sequence[str], threshold: float | None = None) -> list[Prediction]:
        """What the model says of each text: as `TextModel.predict_stream`.

        Refusal for too many or too long texts (413), and for a threshold that the model does not take (400).
        """
        self._check_sizes(texts)
        try:
            answers = self.decisions if threshold is None else Decisions.of(self.model, threshold)
        except UsageError as error:
            raise Refusal(400, str(error)) from None
        return list(map(answers.prediction, await self.worker.predictions(texts)))

    async def explanations(self, texts: Sequence[str], label: Label | None = None) -> list[dict[str, Any]]:
        """Why the model answers as it does, for each text. Refusal for too much text or an unknown label."""
        self._check_sizes(texts)
        characters, most = sum(map(len, texts)), self.limits.explained_characters
        if characters > most:
            raise Refusal(
                413, f"The texts have {characters:,} characters; at most {most:,} are explained at a time."
            )
        try:
            return await self.worker.run(explained, self.model, texts, label)
        except WordloomError as error:
            raise Refusal(400, str(error)) from None

    async def neighbors(self, word: str, n: int, metric: str) -> list[dict[str, Any]]:
        """The words nearest to one; Refusal (404) for an unknown word, or a model without word vectors."""
        from wordloom.vectors import UnknownWordError, nearest_words

        try:
            found = await self.worker.run(lambda: nearest_words(self.vectors, [word], n, metric))  # type: ignore[arg-type]
        except (UnknownWordError, DataError) as error:
            raise Refusal(404, str(error.args[0])) from None
        return [near._asdict() for near in found[0]]

    @cached_property
    def vectors(self) -> WordVectors:
        """The model's word vectors, read once; DataError if it has none."""
        return self.model.vectors()

    def check_name(self, name: str) -> None:
        """Refusal (404) for the name of another model."""
        if name != self.name:
            raise Refusal(404, f"There is no model {shown(name)}; this server has {shown(self.name)}.")

    def _check_sizes(self, texts: Sequence[str]) -> None:
        limits = self.limits
        if len(texts) > limits.texts:
            raise Refusal(413, f"{len(texts):,} texts are too many for a request; it takes {limits.texts:,}.")
        for place, text in enumerate(texts):
            if len(text) > limits.characters:
                raise Refusal(
                    413,
                    f"Text {place} has {len(text):,} characters; at most {limits.characters:,} are taken.",
                )

    def metadata(self) -> dict[str, Any]:
        """What the model is, without anything of the machine that it was trained on."""
        record, shape = self.model.record, self.model.network.shape
        data, scores = record.get("data"), record.get("scores")
        found: dict[str, Any] = {
            "name": self.name,
            "wordloom": __version__,
            "architecture": shape.architecture,
            "network": self.model.network.described,
            "target": self.model.target,
            "labels": self.labels,
            "words": len(self.model.vocabulary.words),
            "word_vectors": self.model.network.embedding is not None,
            "limits": dataclasses.asdict(self.limits),
        }
        if isinstance(data, Mapping) and "trained_on" in data:
            found["texts_trained_on"] = data["trained_on"]
        test = scores.get("test") if isinstance(scores, Mapping) else None
        if isinstance(test, Mapping):
            found["test"] = {name: test[name] for name in _SCORES if name in test}
        return found


def explained(model: TextModel, texts: Sequence[str], label: Label | None) -> list[dict[str, Any]]:
    """Explanations as plain values."""
    return [explanation.to_config() for explanation in model.explain_stream(texts, label, threads=1)]
