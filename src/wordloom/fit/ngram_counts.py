"""What an n-gram model keeps of its texts besides weights, so that it can learn on as if it still had them:
in how many of each class each row stands.

With many classes this takes little beside the weights, of which each row has one for every class. Where it
would take more it is left out, and the model learns on by its weights alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from wordloom.fit.inputs import Task
from wordloom.fit.ngram_part import NgramPart
from wordloom.kernels import linear_kernels
from wordloom.kernels.linear import Examples
from wordloom.models.class_counts import ClassCounts, fewest_bytes
from wordloom.models.ngram import NgramNetwork
from wordloom.targets import SINGLE
from wordloom.text.sequences import Ragged

_LARGEST_SHARE = 0.1
"""Of the bytes of weights and n-grams."""
_FEWEST_BYTES_OF_A_ROW = 3
"""For one text of one class."""


def class_counts(task: Task, rows: Ragged, n_rows: int) -> NDArray[np.float32]:
    """float32 (V, C): how many of the task's texts, as rows, of each class hold each of V rows."""
    ones = np.ones(len(task.targets), dtype=np.float32)
    examples = Examples(rows.ids, rows.offsets, task.targets, ones, ones)
    kernels = linear_kernels(len(rows.ids))  # both twins give the same bits, since counts are whole numbers
    return np.asarray(kernels.class_sums(examples, np.arange(len(ones)), (n_rows, task.output.n_classes)))


def with_counts(task: Task, parts: Sequence[NgramPart], network: NgramNetwork) -> NgramNetwork:
    """The network with counts of the task's texts, if they take little beside its weights.

    parts : the texts as rows, of words and of characters
    """
    output = task.output
    if output.target != SINGLE or output.n_logits < output.n_classes or task.settings.max_size is not None:
        return network
    networks = [each for each in (network, network.characters) if each is not None]
    n_bytes = sum(each.pairs.nbytes + each.weights.nbytes for each in networks)
    most = int(_LARGEST_SHARE * n_bytes)
    if _FEWEST_BYTES_OF_A_ROW * sum(len(each.weights) for each in networks) > most:
        return network
    sums = [class_counts(task, part.rows, part.n_rows) for part, _ in zip(parts, networks, strict=False)]
    if sum(map(fewest_bytes, sums)) > most:
        return network
    found = list(map(ClassCounts.of, sums))
    if sum(counts.n_bytes for counts in found) > most:
        return network
    counted = [replace(each, counts=counts) for each, counts in zip(networks, found, strict=True)]
    return replace(counted[0], characters=counted[1]) if len(counted) > 1 else counted[0]
