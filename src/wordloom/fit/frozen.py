"""Frozen word vectors, averaged or maximised, under a convex head: the usual choice for few labels.

Centring, principal axes and head are linear, so they all become the output layer of an ordinary pooled
network.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from wordloom.fit.heads import fit_task_head, head_record
from wordloom.fit.task import Fitted, Task
from wordloom.fit.words import empty_texts
from wordloom.models.pooled import PooledNetwork
from wordloom.text.sequences import Ragged
from wordloom.text.vocabulary import Vocabulary
from wordloom.vectors.learning.document_vectors import principal_axes

_EMPHASIS = 0.5
"""How much the axes in which the documents differ most count, as a power of the spread along them; chosen on
movie reviews, where 0 gives half a point less and standardised columns a little less still."""


def fit_frozen(task: Task, network: PooledNetwork, vocabulary: Vocabulary, ids: Ragged) -> Fitted:
    """The network with the output layer that a convex head on its pooled vectors gives.

    network : mean or max without a hidden layer; its word vectors stay as they are
    ids : the N texts of the task
    """
    threads = task.settings.threads
    pooled = network.features(network.arranged(ids), threads)
    known = pooled[ids.lengths > 0] if ids.lengths.any() else pooled
    center = known.mean(axis=0, dtype=np.float64)
    axes = principal_axes((known - center).astype(np.float32), _EMPHASIS).astype(np.float64)

    def features(of: NDArray[np.float32]) -> NDArray[np.float64]:
        return np.asarray((of - center) @ axes)

    validation = None
    if (given := task.given_validation()) is not None:
        texts = network.arranged(vocabulary.encode(given[0].texts, task.tokenizer, threads))
        validation = features(network.features(texts, threads)), given[1]
    head, history = fit_task_head(task, features(pooled), validation)
    output = head.weights @ axes.T
    weights = network.parameters._replace(
        output=output.astype(np.float32), output_bias=(head.bias - output @ center).astype(np.float32)
    )
    return Fitted(
        vocabulary,
        network.with_parameters(weights),
        history,
        trained_on=len(ids),
        validated_on=0 if validation is None else len(validation[1]),
        empty_texts=empty_texts(ids, vocabulary),
        record={"head": head_record(head, len(ids))},
    )
