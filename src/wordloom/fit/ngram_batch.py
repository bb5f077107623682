"""The n-gram model by `solver="batch"`: its texts in shards, which whoever counted them goes through."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import numpy as np

from wordloom.fit.inputs import Task
from wordloom.fit.ngram_part import NgramPart
from wordloom.kernels.linear import Examples
from wordloom.models.ngram import document_scales
from wordloom.settings import BATCH
from wordloom.text.on_disk.text_parts import work_place
from wordloom.training.batch import members_of
from wordloom.training.sharded_loss import ShardedLoss


def examples_of(task: Task, part: NgramPart) -> Examples:
    """The task's texts as rows of one kind."""
    rows = part.rows
    scales = document_scales(rows.lengths, part.shape.mean_rows)
    return Examples(rows.ids, rows.offsets, task.targets, task.weights.astype(np.float32), scales)


@contextlib.contextmanager
def sharded_loss(task: Task, part: NgramPart) -> Iterator[ShardedLoss | None]:
    """The loss of the texts as rows of one kind, if a convex problem is to be solved; else None."""
    if task.settings.solver != BATCH:
        yield None
        return
    members = members_of(task.weights, task.held_out()[0])
    place, jobs, ends = work_place(task.passes, in_memory=not task.corpus.streamed)
    yield ShardedLoss(examples_of(task, part), members, part.shape.output, part.n_rows, place, jobs)
    ends.close()
