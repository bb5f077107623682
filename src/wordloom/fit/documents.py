"""Vectors of documents, learned from all texts with and without labels, under a convex output layer.

Logits of short documents are shrunk, so that their probabilities are as sure as they are right.
"""

from __future__ import annotations

import math
import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wordloom.errors import UsageError
from wordloom.fit.inputs import Fitted, Task
from wordloom.fit.solvers import output_layer_record, train_output_layer
from wordloom.models.documents import CONVENTION, DocumentNetwork, shrunk_scales
from wordloom.models.output import Output
from wordloom.setting import AUTO
from wordloom.settings import Settings
from wordloom.text.sequences import Ragged
from wordloom.text.vocabulary import Vocabulary
from wordloom.training.convex import OutputLayer, Points, held_out_weights
from wordloom.vectors.learning import DocumentVectors, LearningSettings, learn_document_vectors
from wordloom.vectors.learning.document_vectors import is_document_vectors

_MANY_TEXTS, _FEWEST_DOCUMENTS = 25_000, 2
"""The defaults of learning were chosen on so many texts; of fewer, words need fewer documents for a vector,
two or more, and frequent words are left out less often, or hardly anything would be predicted."""
_CUTS = (5, 10, 20, 40)
"""To how many of their first words the texts are cut."""
_SHRINKAGES = (0.0, *(5.0 * 2**power for power in range(9)))
"""The values to choose from."""
USUAL = 40.0
"""What is taken where no text can be held out: the value chosen most often on 200 IMDB reviews."""
_MOST_TEXTS = 2_000


def fit_documents(task: Task) -> Fitted:
    """Learn vectors of documents, or take those that `vectors` names, and fit a classifier on the labels.

    Every setting of words but the tokenizer's is without meaning here: words and n-grams of enough documents
    have vectors (`min_count` documents, if it is above 1). `dimensions`, `epochs` and `learning_rate` are
    those of learning the vectors.
    """
    settings, began = task.settings, time.perf_counter()
    vectors, record = _vectors(task)
    record["seconds"] = time.perf_counter() - began
    threads = settings.threads
    validation = None
    if (given := task.given_validation()) is not None:
        rows = vectors.encode(given[0].texts, threads).astype(np.float64)
        validation = Points(rows, given[1], np.ones(len(rows)), task.output)
    features = vectors.encode(task.corpus.texts, threads).astype(np.float64)
    points = Points(features, task.targets, task.weights, task.output)
    layer, history = train_output_layer(task, points, validation)
    lengths = vectors.table.find(task.corpus.texts, threads).rows.lengths
    mean_rows = max(float(lengths.mean()), 1.0)
    shrinkage = _shrinkage_of(task, vectors, layer, mean_rows)
    record["short_documents"] = {"shrinkage": shrinkage, "mean_rows": mean_rows}
    network = DocumentNetwork.of(vectors, layer.weights, layer.bias, task.output, shrinkage, mean_rows)
    counts = vectors.table.document_counts[: len(vectors.table.words)]
    return Fitted(
        Vocabulary(vectors.table.words, counts, counts, vectors.table.n_documents, CONVENTION),
        network,
        history,
        trained_on=len(task.corpus),
        validated_on=0 if validation is None else len(validation.targets),
        empty_texts=int((lengths == 0).sum()),
        record={"head": output_layer_record(layer, len(task.corpus)), "documents": record},
        settings=replace(settings, dimensions=network.shape.dimensions, optimizer="convex"),
        tokenizer=vectors.table.tokenizer,
    )


def _vectors(task: Task) -> tuple[DocumentVectors, dict[str, Any]]:
    """The vectors, and where they come from, in plain values."""
    given = task.settings.vectors
    if given is not None:
        vectors, name = _given_vectors(given, task.settings)
        about: dict[str, Any] = {"vectors": name}
    else:
        texts = _texts(task)
        chosen = learning_settings(task.settings, len(texts), task.seed)
        vectors = learn_document_vectors(
            texts,
            chosen,
            task.extra.callbacks,
            tokenizer=task.tokenizer,
            threads=task.settings.threads,
            keep_interrupted=task.extra.keep_interrupted,
        )
        about = {"labelled": len(task.corpus), "unlabelled": len(texts) - len(task.corpus)}
        about |= {"epochs": chosen.epochs, "min_documents": chosen.min_documents}
    table = vectors.table
    about |= {"texts": table.n_documents, "words": len(table.words), "ngrams": len(table.pairs)}
    return vectors, about


def _given_vectors(given: Any, settings: Settings) -> tuple[DocumentVectors, str]:
    if isinstance(given, DocumentVectors):
        return given, "vectors of documents"
    if isinstance(given, str | os.PathLike) and is_document_vectors(given):
        return DocumentVectors.load(given, settings.tokenizer), os.path.basename(given)
    raise UsageError(
        "architecture='documents' takes vectors of documents, which 'wordloom vectors learn --objective "
        "documents' writes as .safetensors; for a table of words choose the architecture mean."
    )


def _texts(task: Task) -> list[str]:
    """All texts, none of the labelled ones twice."""
    unlabelled = list(task.extra.unlabelled or ())
    there = set(unlabelled)
    return [*unlabelled, *(text for text in task.corpus.texts if text not in there)]


def learning_settings(settings: Settings, texts: int, seed: int) -> LearningSettings:
    """How vectors are learned from so many texts; of few texts words need fewer documents."""
    default = LearningSettings()
    share = min(texts / _MANY_TEXTS, 1.0)
    fewest = max(math.ceil(share**0.25 * default.min_documents), _FEWEST_DOCUMENTS)
    given: dict[str, Any] = {
        "dimensions": settings.dimensions,
        "epochs": settings.epochs,
        "learning_rate": settings.learning_rate,
        "min_documents": settings.min_count if settings.min_count > 1 else fewest,
    }
    chosen = {name: value for name, value in given.items() if value != AUTO}
    subsample = default.subsample / max(share, 0.01)
    return replace(default, **chosen, subsample=subsample, seed=seed % 2**63)


def _shrinkage_of(task: Task, vectors: DocumentVectors, layer: OutputLayer, mean_rows: float) -> float:
    """The shrinkage with the lowest weighted log loss on the task's texts, held out in turn and cut short.

    A classifier on averages of vectors is fitted on whole texts. The average of a few words varies more, so
    its logits come out as large as those of a whole text, while it says far less. How much such logits are
    shrunk (`wordloom.models.documents.shrunk_scales`) is chosen on the training texts alone: each is held
    out in its turn, cut to its first words, and the value with the lowest log loss is taken.

    mean_rows : words and n-grams in a training text. Of many texts, evenly chosen ones take part. Nothing is
    shrunk if the settings ask for probabilities as training leaves them.
    """
    if not task.settings.calibrate:
        return 0.0
    texts = np.arange(0, len(task.corpus), -(-len(task.corpus) // _MOST_TEXTS))
    chosen = [task.corpus.texts[text] for text in texts.tolist()]
    points = Points(
        vectors.encode(chosen, task.settings.threads).astype(np.float64),
        task.targets[texts],
        task.weights[texts],
        task.output,
    )
    losses = np.zeros(len(_SHRINKAGES))
    for part in _cut_texts(points, vectors, chosen, layer.strength, task.seed):
        losses += [part.loss(shrunk_scales(part.lengths, value, mean_rows)) for value in _SHRINKAGES]
    return _SHRINKAGES[int(losses.argmin())] if losses.any() else USUAL


@dataclass(frozen=True, eq=False)
class _CutTexts:
    """M texts cut short: their logits without bias (M, K), the bias (K,), their lengths, targets, weights."""

    output: Output
    logits: NDArray[np.float64]
    bias: NDArray[np.float64]
    lengths: NDArray[np.int64]
    targets: NDArray[Any]
    weights: NDArray[np.float64]

    def loss(self, scales: NDArray[np.float32]) -> float:
        """The weighted sum of the log losses."""
        logits = self.logits * scales[:, None] + self.bias
        return float(self.weights @ self.output.losses_and_slopes(logits, self.targets)[0])


def _cut_texts(
    points: Points, vectors: DocumentVectors, texts: Sequence[str], strength: float, seed: int
) -> Iterator[_CutTexts]:
    """Each fold's texts at each of the lengths."""
    cut = [_cut(vectors, vectors.table.numbered(texts), words) for words in _CUTS]
    for fold in held_out_weights(points, strength, seed):
        rows = fold.rows
        for features, lengths in cut:
            logits = features[rows] @ fold.weights.T
            own = points.take(rows)
            yield _CutTexts(own.output, logits, fold.bias, lengths[rows], own.targets, own.weights)


def _cut(vectors: DocumentVectors, ids: Ragged, words: int) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """The vectors of the texts' first words, and how many words and n-grams they hold."""
    documents = vectors.table.find_in(ids.truncated(words, "post"))
    return vectors.average(documents), documents.rows.lengths
