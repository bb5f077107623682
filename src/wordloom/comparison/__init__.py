"""Settings of ours and peers side by side: same texts, same splits, same seeds, each in its own process."""

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
from wordloom.comparison.results import Comparison, Difference, Entry, Failure
from wordloom.comparison.summary import Summary, summaries

__all__ = [
    "PEERS",
    "Comparison",
    "ComparisonPlan",
    "Contender",
    "Difference",
    "Entry",
    "Failure",
    "Summary",
    "chosen_peers",
    "chosen_settings",
    "compare",
    "compare_each",
    "known_settings",
    "saved_contender",
    "settings_contender",
    "summaries",
]
