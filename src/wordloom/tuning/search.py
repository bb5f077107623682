"""Search for the settings that are best on these texts, within a limit of time, trials and memory."""

from __future__ import annotations

import math
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from wordloom.comparison.splits import Material, material_of, write_material
from wordloom.corpus import Corpus, Dataset
from wordloom.errors import DataError, UsageError
from wordloom.loop.callback import Callback
from wordloom.tuning.schedule import Trial, schedule
from wordloom.tuning.space import Space, changes, space_for
from wordloom.tuning.trials import TrialResult, Tuned
from wordloom.worker_process import TimeIsUp, WorkerFailed, WorkerProcess

FEW_TEXTS, FOLDS, SHARE = 5000, 5, 0.2
"""Up to so many texts, candidates are scored in FOLDS folds; of more, SHARE is kept out."""
MOST_KEPT_OUT = 20_000
WORKER = "wordloom.tuning.trial_worker"
_SPARE, _LOADING = 1.3, 0.5
"""To train the winner: so many times what its trial took for as many texts, and seconds to load kernels."""


class TuningCallback(Callback):
    """A callback that is told of the trials of a search too, by Keras Tuner's names; it does nothing."""

    def on_trial_begin(self, trial: Trial, seconds_left: float | None) -> None:
        """A trial begins; so much time is left for the search, None without a limit."""

    def on_trial_end(self, result: TrialResult, measure: str) -> None:
        """A trial is over; `measure` names the figure of the result by which trials are ranked."""


@dataclass(frozen=True)
class TuningPlan:
    """The limits of a search; one of `seconds` and `trials` is needed.

    Parameters
    ----------
    seconds : wall time of all, training the winner once more included if `trains_winner`
    trials : how many are made at most
    memory : bytes that the training process may use, looked at some twenty times a second
    seed : of the draws, of what is kept out, and of every training
    threads : of every training; None for all cores
    trains_winner : whether the winner is trained on all texts afterwards, so that time is kept for it
    fixed : settings that all candidates share, name -> value
    clock : seconds of a steady clock
    """

    seconds: float | None = None
    trials: int | None = None
    memory: int | None = None
    seed: int = 0
    threads: int | None = None
    trains_winner: bool = False
    fixed: Mapping[str, Any] = field(default_factory=dict)
    clock: Callable[[], float] = time.perf_counter


def tune(corpus: Corpus, plan: TuningPlan, callbacks: Sequence[TuningCallback] = ()) -> Tuned:
    """The best settings for labelled texts, found on some of them that are kept out.

    What is kept out (stratified, drawn by the seed) is the same for all candidates: SHARE of the texts, or
    FOLDS folds of few. No text from elsewhere is looked at. With the same seed and number of trials the
    result is the same on any machine; with a limit of time it depends on how many trials fit in. Ctrl-C ends
    the search and keeps what it found.

    Raises UsageError for no limit or one without meaning, DataError for texts that no candidate could be
    trained on, and KeyboardInterrupt if there is nothing to keep.
    """
    _check(plan)
    began = plan.clock()
    material = _material(corpus, plan.seed)
    space = space_for(corpus, plan.fixed)
    with tempfile.TemporaryDirectory() as name:
        write_material(material, Path(name))
        with WorkerProcess(WORKER, Path(name), plan.memory) as worker:
            search = _Search(plan, material, space, worker, callbacks, began)
            stopped = search.run()
    found = Tuned(tuple(search.results), search.measure, material.how, stopped, plan.clock() - began)
    if not found.ranked:
        if stopped == "interrupted":
            raise KeyboardInterrupt
        raise DataError(f"{corpus.name}: {_nothing_found(found, plan)}")
    return found


class _Search:
    """Makes trials until a limit is reached."""

    def __init__(
        self,
        plan: TuningPlan,
        material: Material,
        space: Space,
        worker: WorkerProcess,
        callbacks: Sequence[TuningCallback],
        began: float,
    ) -> None:
        self.plan, self.worker, self.callbacks, self.began = plan, worker, callbacks, began
        self.measure = "macro_f1" if material.imbalanced else "accuracy"
        self.schedule = schedule(space, len(material.splits[0].train), plan.seed)
        # Seconds of training the winner on all texts, for each second of its trial.
        trained = sum(len(split.train) for split in material.splits)
        self.whole = len(material.texts) / trained
        self.results: list[TrialResult] = []

    def run(self) -> str:
        """Why it stopped."""
        try:
            trial = next(self.schedule)
            while True:
                if self.plan.trials is not None and len(self.results) >= self.plan.trials:
                    return "trials"
                left = self.seconds_left()
                if left is not None and left <= 0:
                    return "time"
                for callback in self.callbacks:
                    callback.on_trial_begin(trial, left)
                result = made(trial, self.worker, self.plan, left)
                self.results.append(result)
                for callback in self.callbacks:
                    callback.on_trial_end(result, self.measure)
                trial = self.schedule.send(self._loss(result))
        except TimeIsUp:
            return "time"
        except KeyboardInterrupt:
            return "interrupted"

    def _loss(self, result: TrialResult) -> float:
        return math.inf if result.failed else -float(getattr(result, self.measure))

    def seconds_left(self) -> float | None:
        """For the search, without what training the winner will take; None without a limit."""
        if self.plan.seconds is None:
            return None
        left = self.plan.seconds - (self.plan.clock() - self.began)
        whole = [result for result in self.results if result.whole]
        if self.plan.trains_winner and whole:
            best = min(whole, key=lambda result: result.order(self.measure))
            left -= _LOADING + _SPARE * self.whole * best.seconds
        return left


def made(trial: Trial, worker: WorkerProcess, plan: TuningPlan, seconds: float | None = None) -> TrialResult:
    """Train and score; raises TimeIsUp after so many seconds."""
    values = {**changes(trial.settings), "random_state": plan.seed, "threads": plan.threads}
    try:
        (answer,) = worker.ask({"settings": values, "share": trial.share}, seconds)
    except WorkerFailed as error:
        return TrialResult(trial, failed=str(error))
    return TrialResult(trial, **answer)


def _material(corpus: Corpus, seed: int) -> Material:
    few = len(corpus) <= FEW_TEXTS
    share = min(SHARE, MOST_KEPT_OUT / max(len(corpus), 1))
    folds = min(FOLDS, len(corpus)) if few else None
    return material_of(Dataset(corpus, name=corpus.name), folds, None if few else share, seed)


def _check(plan: TuningPlan) -> None:
    if plan.seconds is None and plan.trials is None:
        raise UsageError("A search needs a limit: seconds or trials.")
    for name in ("seconds", "trials", "memory"):
        value = getattr(plan, name)
        if value is not None and not value > 0:
            raise UsageError(f"The limit of {name} must be above 0, not {value!r}.")


def _nothing_found(found: Tuned, plan: TuningPlan) -> str:
    failures = [result.failed for result in found.results if result.failed]
    if failures:
        return f"none of the {len(found.results)} trials could be trained. The first: {failures[0]}"
    return f"no trial ended within {plan.seconds:g} s. Give more time, or fewer texts."
