"""What trials found, and what a search found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from wordloom.settings import Settings
from wordloom.tuning.schedule import Trial
from wordloom.tuning.space import changes


@dataclass(frozen=True)
class TrialResult:
    """A trial that came to its end.

    Parameters
    ----------
    trial : what was tried
    accuracy, macro_f1, log_loss : on the texts kept out for the search
    seconds : of training, from raw texts; with folds of all of them
    memory : bytes that its process had used at most by then; None where the system does not say
    failed : why there is no score; empty if there is one
    """

    trial: Trial
    accuracy: float = 0.0
    macro_f1: float = 0.0
    log_loss: float = 0.0
    seconds: float = 0.0
    memory: int | None = None
    failed: str = ""

    @property
    def whole(self) -> bool:
        """Whether it was trained on all training texts and has a score, so that it can win."""
        return self.trial.share == 1 and not self.failed

    def order(self, measure: str) -> tuple[float, float, int]:
        """What results are sorted by: the measure, then the log loss, then who came first."""
        return -getattr(self, measure), self.log_loss, self.trial.number

    def to_config(self) -> dict[str, Any]:
        """As plain values; the keys are stable."""
        return {
            "trial": self.trial.number,
            "settings": changes(self.trial.settings),
            "share": self.trial.share,
            "accuracy": self.accuracy,
            "macro_f1": self.macro_f1,
            "log_loss": self.log_loss,
            "seconds": self.seconds,
            "memory": self.memory,
            "failed": self.failed,
        }


@dataclass(frozen=True)
class Tuned:
    """What a search found.

    Parameters
    ----------
    results : of all trials, in their order
    measure : "accuracy", or "macro_f1" where classes are rare
    how : what the scores were made on, in words
    stopped : "trials" (all were made), "time" or "interrupted"
    seconds : that the search took
    """

    results: tuple[TrialResult, ...]
    measure: str
    how: str
    stopped: str
    seconds: float

    @property
    def ranked(self) -> list[TrialResult]:
        """The results on all training texts, the best first."""
        whole = [result for result in self.results if result.whole]
        return sorted(whole, key=lambda result: result.order(self.measure))

    @property
    def best(self) -> TrialResult:
        """The winner."""
        return self.ranked[0]

    @property
    def settings(self) -> Settings:
        """The winner's."""
        return self.best.trial.settings

    def to_config(self) -> dict[str, Any]:
        """As plain values; the keys are stable."""
        return {
            "measure": self.measure,
            "scored_on": self.how,
            "stopped": self.stopped,
            "seconds": self.seconds,
            "best": self.best.to_config(),
            "trials": [result.to_config() for result in self.results],
        }
