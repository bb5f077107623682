"""A corpus of short documents in shards, of the sentences of the built-in reviews: to try scoring with.

A document is one to four sentences, most of them of one opinion. It comes from one of four sources, and in
some of these praise is more usual than in others. As `demo`, it is for trying things out, and no benchmark.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from wordloom.atomic import replacing_file
from wordloom.datasets import demo
from wordloom.errors import MissingExtraError, UsageError

SOURCES = {"magazine": 0.5, "forum": 0.4, "shop": 0.65, "diary": 0.5}
"""Source -> the share of its documents that praise."""
_LENGTHS = (1, 2, 2, 3, 3, 4)
_OF_THE_OPINION = 0.85
_SENTENCE_END = re.compile(r"(?<=[.?!]) ")
Columns = dict[str, list[str]]


def write(folder: Path, documents: int = 1_000_000, shards: int = 16, seed: int = 0) -> list[Path]:
    """Write Parquet shards `part-00.parquet`, ... with the columns id, source and text; their paths.

    Shards differ by one document at most, and each follows from the seed and its number alone. The same
    seed gives the same documents with any version of Python. Raises UsageError for numbers below 1,
    MissingExtraError without pyarrow.
    """
    if min(documents, shards) < 1:
        raise UsageError(f"{documents:,} documents in {shards:,} shards: both must be at least 1.")
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError:
        raise MissingExtraError("Writing Parquet", "pyarrow", "corpora") from None
    sentences = _sentences(seed)
    paths = [folder / f"part-{shard:02}.parquet" for shard in range(shards)]
    for shard, path in enumerate(paths):
        size = documents * (shard + 1) // shards - documents * shard // shards
        table = pyarrow.table(dict(_columns(sentences, shard, size, random.Random(f"{seed} {shard}"))))
        with replacing_file(path) as temporary:
            pyarrow.parquet.write_table(table, temporary, compression="zstd", row_group_size=10_000)
    return paths


def _sentences(seed: int) -> dict[str, list[str]]:
    """Label -> the different sentences of the reviews with it, in patterns that no training review has."""
    found: dict[str, dict[str, None]] = {label: {} for label in ("neg", "pos")}
    for review in demo.reviews(seed + 1)["test"]:
        found[review.label].update(dict.fromkeys(_SENTENCE_END.split(review.text)))
    return {label: list(sentences) for label, sentences in found.items()}


def _columns(sentences: dict[str, list[str]], shard: int, size: int, rng: random.Random) -> Columns:
    names = list(SOURCES)
    sources = [names[int(rng.random() * len(names))] for _ in range(size)]
    texts = [" ".join(_drawn(sentences, SOURCES[source], rng.random)) for source in sources]
    return {"id": [f"{shard:02}-{row:06}" for row in range(size)], "source": sources, "text": texts}


def _drawn(sentences: dict[str, list[str]], praise: float, draw: Any) -> Iterator[str]:
    label, other = ("pos", "neg") if draw() < praise else ("neg", "pos")
    for _ in range(_LENGTHS[int(draw() * len(_LENGTHS))]):
        pool: Sequence[str] = sentences[label if draw() < _OF_THE_OPINION else other]
        yield pool[int(draw() * len(pool))]
