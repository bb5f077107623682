"""Settings of scoring: what is read of a shard, what of it is scored, and what is written."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from wordloom.errors import UsageError
from wordloom.scoring.windows import Windows

OUTPUT_FORMATS = ("parquet", "jsonl", "csv")


@dataclass(frozen=True)
class ScoreSettings:
    """How shards are scored.

    Raises UsageError for settings that do not go together.

    Parameters
    ----------
    text, format, encoding, label_prefix : how shards are read, as `wordloom.readers.open_table` has them
    id : the column that names a document; None: one that is called as ids are, else the number of the row
    rows : whether the shard's own columns are written before the scores; without, there are ids and scores
    keep : which rows alone are written, and whole: "pos>=0.9", "pos:top:10%"; None: all
    per : the column whose every value has a percentile of its own, for `keep="top:..."`
    windows : "3x2000" to score so many windows of so many characters in the place of a text; None: all of it
    combine : how the scores of windows become one: "mean", "max" or "min"
    output_format : one of OUTPUT_FORMATS; None: that of the shard, and JSON Lines for others
    """

    text: tuple[str, ...] | None = None
    format: str | None = None
    encoding: str | None = None
    label_prefix: str | None = None
    id: str | None = None
    rows: bool = False
    keep: str | None = None
    per: str | None = None
    windows: str | None = None
    combine: str = "mean"
    output_format: str | None = None

    def __post_init__(self) -> None:
        if self.windows is not None:
            Windows.read(self.windows, self.combine)
        elif self.combine != "mean":
            raise UsageError(
                f"combine={self.combine!r} is for windows of texts; give windows too (--windows)."
            )
        if self.output_format not in (None, *OUTPUT_FORMATS):
            raise UsageError(
                f"output_format must be one of {', '.join(OUTPUT_FORMATS)}, not {self.output_format!r:.40}."
            )

    @property
    def parts(self) -> Windows | None:
        """The windows, read."""
        return None if self.windows is None else Windows.read(self.windows, self.combine)

    def of_scores(self) -> dict[str, Any]:
        """Those that scores depend on, or the groups that are stored beside them."""
        names = ("text", "format", "encoding", "label_prefix", "per", "windows", "combine")
        return {name: value for name, value in self.to_config().items() if name in names}

    def to_config(self) -> dict[str, Any]:
        """As plain values for JSON."""
        values = dataclasses.asdict(self)
        return {**values, "text": None if self.text is None else list(self.text)}

    @staticmethod
    def from_config(config: Mapping[str, Any]) -> ScoreSettings:
        """What `to_config` gave."""
        text = config["text"]
        return ScoreSettings(**{**config, "text": None if text is None else tuple(text)})
