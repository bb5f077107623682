"""NeighborQuery: which words are asked for at `/neighbors`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, get_args

from wordloom.errors import DataError, shown
from wordloom.plain_values import check_choices
from wordloom.server.service import MOST_NEIGHBORS, Service
from wordloom.vectors.queries import Metric

METRICS = get_args(Metric)


@dataclass(frozen=True)
class NeighborQuery:
    """word : whose neighbors are asked for; n : how many, in digits; metric : of the distance"""

    word: str
    n: str = "10"
    metric: str = "cosine"

    def __post_init__(self) -> None:
        check_choices(self, metric=METRICS)
        plain = self.n.isascii() and self.n.isdigit() and len(self.n) < 10
        if not (plain and 1 <= int(self.n) <= MOST_NEIGHBORS):
            raise DataError(f"'n' must be a whole number from 1 to {MOST_NEIGHBORS:,}, not {shown(self.n)}.")

    async def answered(self, service: Service) -> dict[str, Any]:
        """What `wordloom neighbors --json` says."""
        found = await service.neighbors(self.word, int(self.n), self.metric)
        return {"word": self.word, "metric": self.metric, "neighbors": found}
