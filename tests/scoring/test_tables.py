"""How a shard is read: some rows at a time, no more than a little memory holds, and none before its turn."""

from __future__ import annotations

import gzip
import itertools
import json

import pytest

from shards import rows_of, written
from wordloom.readers.source import Source
from wordloom.scoring import ScoreSettings, score, tables
from wordloom.scoring.tables import open_shard

LONG, ROWS = 10_000, 300


@pytest.fixture
def small_batches(monkeypatch):
    """At most 50 rows and 40,000 characters at a time."""
    monkeypatch.setattr(tables, "_ROWS", 50)
    monkeypatch.setattr(tables, "_CHARACTERS", 4 * LONG)


def shard_of(path, texts):
    """A shard of JSON Lines, or of Parquet without packing in which no two texts are alike."""
    texts = [f"{number} {text}" for number, text in enumerate(texts)]
    if path.suffix != ".parquet":
        return written(path, [{"text": text} for text in texts])
    pyarrow = pytest.importorskip("pyarrow", reason="needs pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet", reason="needs pyarrow")
    parquet.write_table(pyarrow.table({"text": texts}), path, row_group_size=100)
    return path


@pytest.mark.parametrize("name", ["a.jsonl", "a.parquet"])
def test_few_rows_are_read_at_a_time_and_fewer_where_texts_are_long(tmp_path, small_batches, name):
    for length, most in ((10, 50), (LONG, 5)):
        path = shard_of(tmp_path / name, ["x" * length] * ROWS)
        with open_shard(Source(path), ScoreSettings(), None) as table:
            sizes = [len(batch.texts) for batch in table.batches(None)]
        assert sum(sizes) == ROWS
        assert max(sizes) <= most


@pytest.mark.parametrize("name", ["a.jsonl", "a.parquet"])
def test_batches_number_their_rows_from_the_beginning(tmp_path, small_batches, name):
    with open_shard(Source(shard_of(tmp_path / name, ["x"] * ROWS)), ScoreSettings(), None) as table:
        batches = list(table.batches(None))
    starts = [0, *itertools.accumulate(len(batch.texts) for batch in batches)]
    assert [batch.first for batch in batches] == starts[:-1]


def test_a_row_is_not_read_before_its_turn(tmp_path, small_batches):
    """So what is wrong far behind does not matter to the first batch, and is told when it is met."""
    path = shard_of(tmp_path / "a.jsonl", ["x"] * ROWS)
    path.write_text(path.read_text() + "no JSON\n")
    with open_shard(Source(path), ScoreSettings(), None) as table:
        batches = table.batches(None)
        assert len(next(batches).texts) == 50
        with pytest.raises(ValueError, match=f"line {ROWS + 1}"):
            list(batches)


def test_empty_and_cut_shards_are_named_and_leave_nothing_behind(scorer, tmp_path):
    corpus = tmp_path / "corpus"
    written(corpus / "good.jsonl", rows_of(5, 0))
    (corpus / "empty.jsonl").write_bytes(b"")
    whole = gzip.compress("".join(json.dumps(row) + "\n" for row in rows_of(3000, 1)).encode())
    (corpus / "cut.jsonl.gz").write_bytes(whole[: len(whole) // 2])
    found = score(scorer, corpus, tmp_path / "out")
    reasons = {address.rsplit("/", 1)[1]: reason for address, reason in found.failed}
    assert set(reasons) == {"empty.jsonl", "cut.jsonl.gz"}
    assert "empty" in reasons["empty.jsonl"]
    assert "cut short" in reasons["cut.jsonl.gz"]
    left = [path.name for path in (tmp_path / "out").iterdir() if path.is_file()]
    assert left == ["good.jsonl"]
