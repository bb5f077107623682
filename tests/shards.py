"""Small shards for tests of scoring: made, written and read."""

from __future__ import annotations

import gzip
import json
import random

WORDS = {"bad": ["awful", "dull", "poor"], "good": ["great", "superb", "lovely"]}
FILLERS = ["the", "film", "was", "a", "plot", "with", "actors"]


def texts_of(n, seed):
    """Texts of some words, those that decide among them."""
    rng = random.Random(seed)
    words = [*FILLERS, *WORDS["bad"], *WORDS["good"]]
    return [" ".join(rng.choices(words, k=rng.randint(1, 12))) for _ in range(n)]


def rows_of(n, seed):
    return [
        {"id": f"{seed}-{number}", "text": text, "lang": "en" if number % 3 else "de"}
        for number, text in enumerate(texts_of(n, seed))
    ]


def written(path, rows):
    """The rows as a shard of JSON Lines, packed if the name says so."""
    path.parent.mkdir(parents=True, exist_ok=True)
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "wt", encoding="utf-8") as file:
        file.writelines(json.dumps(row) + "\n" for row in rows)
    return path


def read(path):
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def contents(folder):
    """Name -> bytes of everything that is written for users; hidden files are not, as what a kill leaves."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "_wordloom" not in path.parts and not path.name.startswith(".")
    }
