"""How much short documents are held back, so that their probabilities are as sure as they are right.

A classifier on averages of vectors is fitted on whole texts. The average of a few words varies more, so its
logits come out as large as those of a whole text, while it says far less. How much to hold it back
(`wordloom.models.documents.document_scales`) is chosen on the training texts alone: each is held out in its
turn, cut to its first words, and the value with the lowest log loss is taken.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wordloom.fit.task import Task
from wordloom.models.documents import document_scales
from wordloom.models.output import Output, log_losses
from wordloom.text.sequences import Ragged
from wordloom.training.convex import Head, Points, held_out_weights
from wordloom.vectors.learning import DocumentVectors

CUTS = (5, 10, 20, 40)
"""To how many of their first words the texts are cut."""
SHRINKAGES = (0.0, *(5.0 * 2**power for power in range(9)))
"""The values to choose from."""
USUAL = 40.0
"""What is taken where no text can be held out: the value chosen most often on 200 IMDB reviews."""
_MOST_TEXTS = 2_000


def shrinkage_of(task: Task, vectors: DocumentVectors, head: Head, mean_rows: float) -> float:
    """The shrinkage with the lowest weighted log loss on the task's texts, held out in turn and cut short.

    mean_rows : words and n-grams in a training text. Of many texts, evenly chosen ones take part. Nothing is
    held back if the settings ask for probabilities as training leaves them.
    """
    if not task.settings.calibrate:
        return 0.0
    texts = np.arange(0, len(task.corpus), -(-len(task.corpus) // _MOST_TEXTS))
    chosen = [task.corpus.texts[text] for text in texts.tolist()]
    points = Points(
        vectors.encode(chosen, task.settings.threads).astype(np.float64),
        task.targets[texts],
        task.weights[texts],
        len(task.classes),
    )
    losses = np.zeros(len(SHRINKAGES))
    for part in _parts(points, vectors, chosen, head.strength, task.seed):
        losses += [part.loss(document_scales(part.lengths, value, mean_rows)) for value in SHRINKAGES]
    return SHRINKAGES[int(losses.argmin())] if losses.any() else USUAL


@dataclass(frozen=True, eq=False)
class _Part:
    """M texts cut short: their logits without bias (M, K), the bias (K,), their lengths, classes, weights."""

    logits: NDArray[np.float64]
    bias: NDArray[np.float64]
    lengths: NDArray[np.int64]
    targets: NDArray[np.int32]
    weights: NDArray[np.float64]

    def loss(self, scales: NDArray[np.float32]) -> float:
        """The weighted sum of the log losses."""
        logits = self.logits * scales[:, None] + self.bias
        probabilities = Output.of_logits(logits.shape[1]).probabilities(logits)
        return float(self.weights @ log_losses(probabilities, self.targets))


def _parts(
    points: Points, vectors: DocumentVectors, texts: Sequence[str], strength: float, seed: int
) -> Iterator[_Part]:
    """Each fold's texts at each of the lengths."""
    cut = [_cut(vectors, vectors.table.numbered(texts), words) for words in CUTS]
    for fold in held_out_weights(points, strength, seed):
        rows = fold.rows
        for features, lengths in cut:
            logits = features[rows] @ fold.weights.T
            yield _Part(logits, fold.bias, lengths[rows], points.targets[rows], points.weights[rows])


def _cut(vectors: DocumentVectors, ids: Ragged, words: int) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """The vectors of the texts' first words, and how many words and n-grams they hold."""
    documents = vectors.table.find_in(ids.truncated(words, "post"))
    return vectors.average(documents), documents.rows.lengths
