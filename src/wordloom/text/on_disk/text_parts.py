"""TextParts: texts in parts, gone through by jobs that an executor has done, and documents made of them.

All texts are one part in this process. For other processes each file is one, and what jobs find lies in a
folder that goes when the parts are closed.
"""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wordloom.errors import DataError, UsageError
from wordloom.executors import Executor, InProcess
from wordloom.loop.callback import CallbackList
from wordloom.streamed_texts import StreamedTexts
from wordloom.text.on_disk.array_store import ArrayStore
from wordloom.text.on_disk.part_jobs import CutJob, PartJob, SpellJob, Workplace, part_name
from wordloom.text.on_disk.stored_documents import StoredDocuments
from wordloom.text.on_disk.temporary_arrays import Scratch
from wordloom.text.sequences import offsets_of
from wordloom.text.vocabulary import Vocabulary

TEXTS_AT_ONCE, LETTERS_AT_ONCE = 50_000, 8_000_000
"""A chunk of texts: working on it takes up to about 30 bytes a letter."""


@dataclass(frozen=True)
class Passes:
    """How to go through texts that stay on disk.

    Parameters
    ----------
    scratch : where temporary files go
    threads : None for all cores
    callbacks : told how much has been read
    texts_at_once, letters_at_once : after so many texts or letters a chunk ends; the result does not
        depend on them
    executor : who counts, a file at a time; None: this process. It is closed when all is counted
    """

    scratch: Scratch = field(default_factory=Scratch)
    threads: int | None = None
    callbacks: CallbackList = field(default_factory=CallbackList)
    texts_at_once: int = TEXTS_AT_ONCE
    letters_at_once: int = LETTERS_AT_ONCE
    executor: Executor | None = None


class TextParts:
    """Texts in parts.

    Parameters
    ----------
    texts : all of them
    passes : how they are gone through
    """

    def __init__(self, texts: StreamedTexts, passes: Passes) -> None:
        self._executor = passes.executor or InProcess()
        alone = isinstance(self._executor, InProcess)
        self.texts = [texts] if alone else texts.files
        self.callbacks = passes.callbacks
        self._ends = contextlib.ExitStack()
        folder = None if alone else self._ends.enter_context(passes.scratch.new_folder())
        self.store = ArrayStore(passes.scratch, folder)
        self.place = Workplace(self.store, passes.threads, passes.texts_at_once, passes.letters_at_once)

    def __len__(self) -> int:
        return len(self.texts)

    def names(self, name: str) -> list[str]:
        """What something is called that belongs to every part."""
        return [part_name(part, name) for part in range(len(self))]

    def close(self) -> None:
        """End all work, and remove what is in files that have names."""
        self._executor.close()
        self._ends.close()

    def do(self, kind: Callable[..., PartJob], *values: Any, step: Step | None = None) -> None:
        """Have a job of a kind done for each part; `values` come after place, part and name."""
        for _ in self.in_order(self.jobs(kind, *values), step):
            pass

    def jobs(self, kind: Callable[..., PartJob], *values: Any) -> list[PartJob]:
        """A job of a kind for each part, as `do` has them done."""
        return [kind(self.place, part, texts.name, *values) for part, texts in enumerate(self.texts)]

    def in_order(self, jobs: Sequence[PartJob], step: Step | None = None) -> Iterator[int]:
        """Have jobs on parts, or on ranges, 0 to N-1 done. Gives the numbers of those that are done, rising:
        what is put together of the first ones need not wait for the last.

        Raises what the first one to fail raised: DataError or UsageError.
        """
        done, inside, first = set[int](), 0, 0

        def told(more: int) -> None:
            if step is not None and inside + more < step.total:
                self.callbacks.on_step(step.name, inside + more, step.total, step.unit)

        for job in jobs:
            self._executor.submit(dataclasses.replace(job, place=dataclasses.replace(job.place, told=told)))
        for _ in jobs:
            job, result = self._executor.next()
            if "error" in result:
                raise (UsageError if result.get("usage") else DataError)(result["error"])
            if step is not None:
                inside += step.sizes[job.part]
                told(0)
            done.add(job.part)
            while first in done:
                yield first
                first += 1

    def documents(self, name: str) -> PartedDocuments:
        """Documents that jobs have left under this name."""
        return PartedDocuments(self, name)

    def joined(self, jobs: Sequence[PartJob], name: str) -> StoredDocuments:
        """The documents that jobs leave under this name as one, which stays when the parts are closed."""
        found = StoredDocuments(self.store.scratch)
        for part in self.in_order(jobs):
            own = self.store.documents(part_name(part, name))
            if len(self) == 1:
                return own
            for chunk in own:
                found.append(chunk)
            self.store.drop_documents(part_name(part, name))
        return found

    def drop(self, *names: str) -> None:
        """Let go of arrays that belong to every part."""
        for name in names:
            self.store.drop(*self.names(name))


@dataclass(frozen=True)
class Step:
    """A step of the work that callbacks are told of.

    Parameters
    ----------
    name, unit : as they are told
    sizes : of each part, in that unit
    """

    name: str
    unit: str
    sizes: Sequence[int]

    @property
    def total(self) -> int:
        """Of all parts."""
        return sum(self.sizes)


class PartedDocuments:
    """N documents of ids in parts; the lengths are in memory, 8 bytes a document.

    Parameters
    ----------
    parts : the texts they are of
    name : of the documents in each part
    """

    def __init__(self, parts: TextParts, name: str) -> None:
        self.parts, self.name = parts, name
        self.of_parts = [parts.store.get(f"{own}-lengths", np.int64) for own in parts.names(name)]
        """The lengths of each part's documents."""
        self.lengths: NDArray[np.int64] = np.concatenate(self.of_parts)
        """How many ids each document has, int64 (N,)."""

    def __len__(self) -> int:
        return len(self.lengths)

    @property
    def offsets(self) -> NDArray[np.int64]:
        """int64 (N+1,): where each document's ids begin."""
        return offsets_of(self.lengths)

    def truncated(self, maxlen: int, truncating: str = "pre") -> PartedDocuments:
        """As `Ragged.truncated`."""
        name = f"{self.name}-cut"
        self.parts.do(CutJob, self.name, name, maxlen, truncating)
        return self.parts.documents(name)

    def spelled(self, vocabulary: Vocabulary) -> tuple[PartedDocuments, NDArray[np.int64]]:
        """The texts as the characters of a vocabulary, and how often each id stands there."""
        assert vocabulary.alphabet is not None
        first, size = vocabulary.first_character, vocabulary.highest_id + 1
        self.parts.do(SpellJob, vocabulary.alphabet.codes.tolist(), first, size)
        counts = [self.parts.store.get(name, np.int64) for name in self.parts.names("occurrences")]
        return self.parts.documents("spelled"), np.sum(counts, axis=0)
