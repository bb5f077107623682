"""Search for the best settings on given texts, within limits of time and memory."""

from typing import Any

from wordloom.tuning.schedule import Trial
from wordloom.tuning.search import TuningCallback, TuningPlan, tune
from wordloom.tuning.space import changes
from wordloom.tuning.trials import TrialResult, Tuned

__all__ = ["Trial", "TrialResult", "Tuned", "TuningCallback", "TuningPlan", "changes", "tune"]


def __getattr__(name: str) -> Any:
    if name == "TuningListener":
        raise ImportError("TuningListener is now TuningCallback, and listener= is callbacks=[...].")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
