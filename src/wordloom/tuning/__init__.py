"""Search for the best settings on given texts, within limits of time and memory."""

from wordloom.tuning.schedule import Trial
from wordloom.tuning.search import TuningListener, TuningPlan, tune
from wordloom.tuning.space import changes
from wordloom.tuning.trials import TrialResult, Tuned

__all__ = ["Trial", "TrialResult", "Tuned", "TuningListener", "TuningPlan", "changes", "tune"]
