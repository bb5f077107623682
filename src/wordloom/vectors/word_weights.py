"""How much each word counts in a document's average: the inverse document frequency, or SIF."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from wordloom.text.vocabulary import Vocabulary

SIF_CONSTANT = 0.01
"""The a of a / (a + p): words that are a larger share of the text than this count less than half. Chosen on
movie reviews; the paper's range, 0.0001 to 0.001, was chosen for the similarity of single sentences."""


def word_weights(kind: str, vocabulary: Vocabulary) -> NDArray[np.float32] | None:
    """The weight of each id of a vocabulary, float32 (V,); reserved ids have 1. None for the kind "none".

    "idf": log(N / document frequency) of N documents. "sif", smooth inverse frequency: a / (a + p) for a word
    that makes up the share p of all running words (Arora, Liang & Ma, ICLR 2017). The paper also takes the
    first principal component away, which a classifier that is fitted to the averages does for itself.
    """
    if kind == "none":
        return None
    weights = np.ones(vocabulary.size, dtype=np.float32)
    if kind == "idf":
        frequencies = np.clip(vocabulary.document_counts, 1, max(vocabulary.n_documents, 1))
        own = np.log(vocabulary.n_documents / frequencies)
    else:
        shares = vocabulary.counts / max(int(vocabulary.counts.sum()), 1)
        own = SIF_CONSTANT / (SIF_CONSTANT + shares)
    weights[vocabulary.convention.index_from + 1 :] = own
    return weights
