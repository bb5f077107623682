"""Vectors of documents, learned from all texts with and without labels, under a convex head."""

from __future__ import annotations

import math
import os
import time
from dataclasses import replace
from typing import Any

from wordloom.errors import UsageError
from wordloom.fit.heads import fit_task_head, head_record
from wordloom.fit.short_documents import shrinkage_of
from wordloom.fit.task import Fitted, Task
from wordloom.models.documents import CONVENTION, DocumentNetwork
from wordloom.settings import Settings
from wordloom.text.vocabulary import Vocabulary
from wordloom.vectors.learning import DocumentVectors, LearningSettings, learn_document_vectors
from wordloom.vectors.learning.document_vectors import is_document_vectors

_MANY_TEXTS, _FEWEST_DOCUMENTS = 25_000, 2
"""The defaults of learning were chosen on so many texts; of fewer, words need fewer documents for a vector,
two or more, and frequent words are left out less often, or hardly anything would be predicted."""


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
        validation = vectors.encode(given[0].texts, threads), given[1]
    features = vectors.encode(task.corpus.texts, threads)
    head, history = fit_task_head(task, features, validation)
    lengths = vectors.table.find(task.corpus.texts, threads).rows.lengths
    mean_rows = max(float(lengths.mean()), 1.0)
    shrinkage = shrinkage_of(task, vectors, head, mean_rows)
    record["short_documents"] = {"shrinkage": shrinkage, "mean_rows": mean_rows}
    network = DocumentNetwork.of(vectors, head.weights, head.bias, len(task.classes), shrinkage, mean_rows)
    counts = vectors.table.document_counts[: len(vectors.table.words)]
    return Fitted(
        Vocabulary(vectors.table.words, counts, counts, vectors.table.n_documents, CONVENTION),
        network,
        history,
        trained_on=len(task.corpus),
        validated_on=0 if validation is None else len(validation[1]),
        empty_texts=int((lengths == 0).sum()),
        record={"head": head_record(head, len(task.corpus)), "documents": record},
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
    chosen = {name: value for name, value in given.items() if value is not None}
    subsample = default.subsample / max(share, 0.01)
    return replace(default, **chosen, subsample=subsample, seed=seed % 2**63)
