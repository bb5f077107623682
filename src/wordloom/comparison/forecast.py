"""What a comparison will do and about how long it will take, said before it begins."""

from __future__ import annotations

from collections.abc import Sequence

from wordloom.comparison.contender import Contender
from wordloom.comparison.splits import Material

_CHARACTERS = 65_000_000
"""Of the IMDB reviews, 25,000 to train on and as many to test on; see `Contender.seconds`."""
_STARTING = 2.0
"""Seconds until a contender's process has imported what it needs."""


SECONDS = {"auto": 2.3, "ngram": 2.3, "mean": 1.8, "max": 1.8, "flatten": 1.7}
"""What one training and test of our architectures took on these, with two cores."""
_OTHERS, _SMALLEST = 40.0, 0.3


def expected_seconds(architecture: str, characters: float) -> float:
    """About how long one training on texts of so many characters takes, and the test of as many."""
    return _SMALLEST + SECONDS.get(architecture, _OTHERS) * characters / (_CHARACTERS / 2)


def forecast(contenders: Sequence[Contender], material: Material, seeds: Sequence[int]) -> list[str]:
    """Lines for people: the contenders, the number of trainings, and about how long they take."""
    splits = material.splits
    runs = {each.name: len(splits) * (1 if each.one_seed else len(seeds)) for each in contenders}
    lines = [
        f"Will train {', '.join(runs)}: {sum(runs.values())} trainings and tests, each on "
        f"{len(splits[0].train):,} and {len(splits[0].test):,} texts."
    ]
    size = sum(len(text) for text in material.texts) / _CHARACTERS
    known = [each for each in contenders if each.seconds is not None]
    seconds = sum(
        _STARTING + (runs[each.name] + each.compiles) * (each.seconds or 0.0) * size for each in known
    )
    unknown = [each.name for each in contenders if each.seconds is None]
    without = f", and what {' and '.join(unknown)} will take" if unknown else ""
    if contenders:
        lines.append(f"It takes about {about(seconds)}{without} (by times measured on two cores).")
    return lines


def about(seconds: float) -> str:
    """A time as people say it: "10 seconds", "3 minutes", "2.5 hours"."""
    for unit, length in (("hour", 3600.0), ("minute", 60.0)):
        if seconds >= 1.5 * length:
            number = f"{seconds / length:.1f}".removesuffix(".0") if length > 60 else f"{seconds / 60:.0f}"
            return f"{number} {unit}s"
    return f"{max(10 * round(seconds / 10), 5)} seconds"
