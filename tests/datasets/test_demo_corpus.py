"""The built-in corpus of short documents: its shards, and that a seed always gives the same ones."""

from __future__ import annotations

import pytest

from wordloom.datasets import demo_corpus
from wordloom.errors import UsageError

parquet = pytest.importorskip("pyarrow.parquet", reason="needs pyarrow")


def rows(paths):
    return [row for path in paths for row in parquet.read_table(path).to_pylist()]


def test_shards_hold_all_documents_evenly_under_ids_that_do_not_repeat(tmp_path):
    paths = demo_corpus.write(tmp_path, documents=103, shards=4)
    assert [path.name for path in paths] == [f"part-0{shard}.parquet" for shard in range(4)]
    assert {parquet.read_table(path).num_rows for path in paths} == {25, 26}
    found = rows(paths)
    assert len({row["id"] for row in found}) == len(found) == 103
    assert {row["source"] for row in found} == set(demo_corpus.SOURCES)
    assert all(row["text"].strip() for row in found)


@pytest.mark.slow
def test_the_same_seed_gives_the_same_bytes_and_another_one_other_documents(tmp_path):
    first, again, other = (
        demo_corpus.write(tmp_path / name, 200, 2, seed)
        for name, seed in (("first", 0), ("again", 0), ("other", 1))
    )
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in again]
    assert rows(first) != rows(other)
    assert rows(first[:1])[0]["text"] != rows(first[1:])[0]["text"]


def test_no_documents_and_no_shards_are_refused(tmp_path):
    for documents, shards in ((0, 1), (1, 0)):
        with pytest.raises(UsageError, match="at least 1"):
            demo_corpus.write(tmp_path, documents, shards)
