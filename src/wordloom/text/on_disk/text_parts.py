"""TextParts: texts in parts, gone through by jobs that an executor has done, and documents made of them.

All texts are one part in this process. For other processes each file is one, and what jobs find lies in a
folder that goes when the parts are closed.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wordloom.executors import Executor, InProcess
from wordloom.loop.callback import CallbackList
from wordloom.streamed_texts import StreamedTexts
from wordloom.text.on_disk.array_store import ArrayStore
from wordloom.text.on_disk.ordered_jobs import OrderedJobs, Step
from wordloom.text.on_disk.part_jobs import CutJob, PartJob, SpellJob, Workplace, part_name
from wordloom.text.on_disk.stored_documents import StoredDocuments
from wordloom.text.on_disk.temporary_arrays import Scratch
from wordloom.text.sequences import offsets_of
from wordloom.text.vocabulary import Vocabulary

TEXTS_AT_ONCE, LETTERS_AT_ONCE = 50_000, 8_000_000
"""A chunk of texts: working on it takes up to about 30 bytes a letter."""


@dataclass(frozen=True)
class Passes:
    """How to go through texts that stay on disk, and the owner of whoever does it.

    Parameters
    ----------
    scratch : where temporary files go
    threads : None for all cores
    callbacks : told how much has been read
    texts_at_once, letters_at_once : after so many texts or letters a chunk ends; the result does not
        depend on them
    executor : who counts, a file at a time, and has `solver="batch"` work out gradients; None: this process.
        It is closed when there is no more for it to do, at the latest when the fit ends, however that ends
    folders : those that others work in, as far as they are still there
    """

    scratch: Scratch = field(default_factory=Scratch)
    threads: int | None = None
    callbacks: CallbackList = field(default_factory=CallbackList)
    texts_at_once: int = TEXTS_AT_ONCE
    letters_at_once: int = LETTERS_AT_ONCE
    executor: Executor | None = None
    folders: contextlib.ExitStack = field(default_factory=contextlib.ExitStack, repr=False, compare=False)

    @contextlib.contextmanager
    def closing(self) -> Iterator[Passes]:
        """A block at whose end nobody works any more; then the folders go that were worked in."""
        with self.folders:
            try:
                yield self
            finally:
                self.close_executor()

    def close_executor(self) -> None:
        """End whoever does the work: there is no more of it."""
        if self.executor is not None:
            self.executor.close()


def work_place(
    passes: Passes, in_memory: bool = False
) -> tuple[Workplace, OrderedJobs, contextlib.ExitStack]:
    """Where jobs work, what has them done, and what removes, when closed, the folder that others need for it.

    It is closed only when all jobs are done: after a failure some may still be at work there, and the folder
    goes when the passes have ended them (see `Passes.closing`).

    in_memory : whether this process keeps arrays in memory, not in files
    """
    ends = passes.folders.enter_context(contextlib.ExitStack())
    executor = passes.executor or InProcess()
    alone = isinstance(executor, InProcess)
    folder = None if alone else ends.enter_context(passes.scratch.new_folder())
    store = ArrayStore(passes.scratch, folder, in_memory and alone)
    place = Workplace(store, passes.threads, passes.texts_at_once, passes.letters_at_once)
    return place, OrderedJobs(executor, passes.callbacks), ends


class TextParts:
    """Texts in parts.

    Parameters
    ----------
    texts : all of them
    passes : how they are gone through
    """

    def __init__(self, texts: StreamedTexts, passes: Passes) -> None:
        self.callbacks = passes.callbacks
        self.place, jobs, self._ends = work_place(passes)
        self.store, self.in_order = self.place.store, jobs.in_order
        self.texts = [texts] if self.store.folder is None else texts.files

    def __len__(self) -> int:
        return len(self.texts)

    def names(self, name: str) -> list[str]:
        """What something is called that belongs to every part."""
        return [part_name(part, name) for part in range(len(self))]

    def close(self) -> None:
        """Remove what is in files that have names; all jobs are done."""
        self._ends.close()

    def do(self, kind: Callable[..., PartJob], *values: Any, step: Step | None = None) -> None:
        """Have a job of a kind done for each part; `values` come after place, part and name."""
        for _ in self.in_order(self.jobs(kind, *values), step):
            pass

    def jobs(self, kind: Callable[..., PartJob], *values: Any) -> list[PartJob]:
        """A job of a kind for each part, as `do` has them done."""
        return [kind(self.place, part, texts.name, *values) for part, texts in enumerate(self.texts)]

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
