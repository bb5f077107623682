"""The settings that a search tries: a starting point for each family of architectures, then random draws.

Draws come from (seed, number) alone, so candidate 17 of a seed is the same however many came before it in
whatever time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from wordloom.corpus import Corpus
from wordloom.errors import UsageError
from wordloom.setting import AUTO
from wordloom.settings import Settings, from_names, unused, values_of, without_unused

_LOOKED_AT = 1000


@dataclass(frozen=True)
class Between:
    """A number between two ends, sampled evenly on a scale of ratios, with two digits."""

    low: float
    high: float

    def draw(self, rng: np.random.Generator) -> float:
        return float(f"{np.exp(rng.uniform(np.log(self.low), np.log(self.high))):.1e}")


@dataclass(frozen=True)
class Family:
    """Settings that go together.

    Parameters
    ----------
    start : settings that are known to be good
    choices : for a random draw, setting -> values of which one is taken, or a `Between`
    weight : how often it is sampled, beside the others
    """

    start: Mapping[str, Any]
    choices: Mapping[str, Sequence[Any] | Between] = field(default_factory=dict)
    weight: float = 1.0


_WORDS: dict[str, Sequence[Any]] = {
    "keep_punctuation": (False, True),
    "num_words": (10_000, 20_000, 50_000),
    "min_count": (1, 2),
}
_TRAINING: dict[str, Sequence[Any] | Between] = {
    "learning_rate": Between(0.0005, 0.02),
    "batch_size": (16, 32, 64),
    "dropout": (0.0, 0.2, 0.5),
}
_POOLED: dict[str, Sequence[Any] | Between] = {
    **_WORDS,
    **_TRAINING,
    "dimensions": (16, 32, 50, 100),
    "word_dropout": (0.0, 0.1, 0.3),
}
FAMILIES: dict[str, Family] = {
    "ngram": Family(
        {"architecture": "ngram"},
        {
            "ngrams": (2, 3, 4),
            "dropout": (0.0, 0.3, 0.5),
            "learning_rate": Between(0.8, 6.0),
            "keep_punctuation": (False, True),
            "min_documents": (AUTO, AUTO, 2, 3),
        },
        3.0,
    ),
    "mean": Family({"architecture": "mean"}, _POOLED, 2.0),
    "max": Family({"architecture": "max"}, _POOLED),
    "pooled": Family({"architecture": "pooled"}, {**_POOLED, "pooling": ("mean+max+min", "mean+max")}),
    "flatten": Family(
        {"architecture": "flatten", "num_words": 10_000, "maxlen": 200},
        {
            **_WORDS,
            **_TRAINING,
            "dimensions": (8, 16, 32, 50),
            "maxlen": (100, 200, 400),
            "word_dropout": (0.0, 0.3),
        },
        0.5,
    ),
}
"""Architecture -> family, in the order in which their starting points are tried."""


@dataclass(frozen=True)
class Space:
    """What is searched.

    Parameters
    ----------
    families : chosen ones
    fixed : settings that all candidates share, stronger than what is sampled
    markup : whether texts hold tags or entities, so that `strip_html` is a choice too
    """

    families: tuple[Family, ...]
    fixed: Mapping[str, Any] = field(default_factory=dict)
    markup: bool = False

    def starting_points(self) -> list[Settings]:
        """One for each family."""
        return [_together(family, self.fixed) for family in self.families]

    def candidate(self, number: int, seed: int) -> Settings:
        """A random draw."""
        rng = np.random.default_rng([seed, 17, number])
        weights = np.array([family.weight for family in self.families])
        family = self.families[int(rng.choice(len(weights), p=weights / weights.sum()))]
        choices = {**family.choices, **({"strip_html": (False, True)} if self.markup else {})}
        sampled = {name: _sampled(values, rng) for name, values in choices.items()}
        return without_unused(from_names({**family.start, **sampled, **self.fixed}), keep=self.fixed)


def space_for(corpus: Corpus, fixed: Mapping[str, Any]) -> Space:
    """All families that the fixed settings apply to; markup is looked for in the first texts.

    Raises UsageError for an unknown setting, one without meaning, or some that no family has together; for an
    architecture that no family is of the fixed settings are the only family.
    """
    from_names(fixed).checked()
    wanted = fixed.get("architecture")
    known = tuple(family for name, family in FAMILIES.items() if wanted in (None, name))
    known = known or (Family({"architecture": wanted}, {**_WORDS, **_TRAINING}),)
    fitting = tuple(family for family in known if not _left_out(family, fixed))
    if not fitting:
        why = _left_out(known[0], fixed)
        raise UsageError(f"No architecture that is searched has {' and '.join(fixed)} together: {why}.")
    some = corpus.texts[:_LOOKED_AT]
    markup = sum("<" in text and ">" in text for text in some) * 20 >= len(some)
    return Space(fitting, fixed, markup)


def _together(family: Family, fixed: Mapping[str, Any]) -> Settings:
    """A family's starting point with the fixed settings, and without what plays no part beside them."""
    return without_unused(from_names({**family.start, **fixed}), keep=fixed)


def _left_out(family: Family, fixed: Mapping[str, Any]) -> str:
    """Why fixed settings play no part in a family; empty if all do."""
    return "; ".join(found.why for found in unused(_together(family, fixed)))


def changes(settings: Settings) -> dict[str, Any]:
    """Name -> value of the settings that are not the defaults; without seed and threads."""
    default = values_of(Settings())
    left_out = ("random_state", "threads", "verbose")
    return {
        name: value
        for name, value in values_of(settings).items()
        if value != default[name] and name not in left_out
    }


def _sampled(values: Sequence[Any] | Between, rng: np.random.Generator) -> Any:
    return values.draw(rng) if isinstance(values, Between) else values[int(rng.integers(len(values)))]
