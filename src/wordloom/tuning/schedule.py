"""Schedule: which settings are tried on how many texts, one trial after the other.

First every family's starting point on all training texts. Then brackets of successive halving: nine
random candidates on a ninth of the texts, the best three of them on a third, the best of these on all. With
few texts there are fewer steps, or every candidate is tried on all.

Source: K. Jamieson, A. Talwalkar, "Non-stochastic best arm identification and hyperparameter optimization",
AISTATS 2016.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass

from wordloom.settings import Settings
from wordloom.tuning.space import Space

KEPT, MOST_RUNGS = 3, 3
"""One candidate of so many goes on to the next rung."""
FEWEST_IN_A_SHARE = 1000
"""No share holds fewer training texts than this: on less, what is good on all of them does not show."""


@dataclass(frozen=True)
class Trial:
    """Settings to try.

    Parameters
    ----------
    number : from 1, in the order of the trials
    settings : what to train with
    share : of the training texts, above 0, up to 1
    """

    number: int
    settings: Settings
    share: float


def shares_for(texts: int) -> tuple[float, ...]:
    """The rungs of a bracket for so many training texts, the last one 1."""
    rungs = [1.0]
    while len(rungs) < MOST_RUNGS and texts * rungs[0] / KEPT >= FEWEST_IN_A_SHARE:
        rungs.insert(0, rungs[0] / KEPT)
    return tuple(rungs)


def schedule(space: Space, texts: int, seed: int) -> Generator[Trial, float, None]:
    """Trials without end; it is sent the loss of each (lower is better, infinite for one that failed)."""
    number, sampled = 1, 0
    for settings in space.starting_points():
        yield Trial(number, settings, 1.0)
        number += 1
    shares = shares_for(texts)
    while True:
        rung = [space.candidate(sampled + i, seed) for i in range(KEPT ** (len(shares) - 1))]
        sampled += len(rung)
        for share in shares:
            losses = []
            for settings in rung:
                losses.append((yield Trial(number, settings, share)))
                number += 1
            best = sorted(range(len(rung)), key=lambda i: (losses[i], i))
            rung = [rung[i] for i in best[: max(len(rung) // KEPT, 1)]]
