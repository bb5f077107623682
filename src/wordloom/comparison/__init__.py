"""Settings of ours and peers side by side: same texts, same splits, same seeds, each in its own process."""

from typing import NoReturn

from wordloom.comparison.comparing import ComparisonPlan, compare, compare_each
from wordloom.comparison.contender import Contender
from wordloom.comparison.registry import (
    PEERS,
    chosen_peers,
    chosen_settings,
    known_settings,
    saved_contender,
    settings_contender,
)
from wordloom.comparison.results import Comparison, ContenderResult, Difference, Failure
from wordloom.comparison.summary import ContenderSummary, summaries

__all__ = [
    "PEERS",
    "Comparison",
    "ComparisonPlan",
    "Contender",
    "ContenderResult",
    "ContenderSummary",
    "Difference",
    "Failure",
    "chosen_peers",
    "chosen_settings",
    "compare",
    "compare_each",
    "known_settings",
    "saved_contender",
    "settings_contender",
    "summaries",
]

_RENAMED = {"Entry": "ContenderResult", "Summary": "ContenderSummary"}


def __getattr__(name: str) -> NoReturn:
    if name in _RENAMED:
        raise ImportError(f"wordloom.comparison.{name} is now wordloom.comparison.{_RENAMED[name]}.")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
