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


def test_cut_shards_are_named_and_leave_nothing_behind(scorer, tmp_path):
    corpus = tmp_path / "corpus"
    written(corpus / "good.jsonl", rows_of(5, 0))
    whole = gzip.compress("".join(json.dumps(row) + "\n" for row in rows_of(3000, 1)).encode())
    (corpus / "cut.jsonl.gz").write_bytes(whole[: len(whole) // 2])
    ((address, reason),) = score(scorer, corpus, tmp_path / "out").failed
    assert address == str(corpus / "cut.jsonl.gz")
    assert "cut short" in reason
    left = [path.name for path in (tmp_path / "out").iterdir() if path.is_file()]
    assert left == ["good.jsonl"]


def test_an_empty_shard_is_one_without_documents_as_filters_leave_it(scorer, tmp_path):
    """So the outputs of a filter are a corpus for the next one, whatever the options say of columns."""
    written(tmp_path / "corpus" / "a.jsonl", rows_of(5, 0))
    written(tmp_path / "corpus" / "b.jsonl.gz", rows_of(1, 0))
    (tmp_path / "corpus" / "c.csv").write_text("")
    first = score(scorer, tmp_path / "corpus", tmp_path / "none", ScoreSettings(keep="good>=1"))
    assert (first.failed, first.total("documents"), first.total("kept")) == ([], 6, 0)
    assert (tmp_path / "none" / "c.csv").read_text() == ""
    settings = ScoreSettings(id="id", text=("text",))
    again = score(scorer, str(tmp_path / "none" / "*.jsonl*"), tmp_path / "out", settings)
    assert (again.failed, again.total("documents"), len(again.empty)) == ([], 0, 2)


def test_a_column_that_is_only_left_over_is_not_taken_for_the_texts(scorer, tmp_path):
    (tmp_path / "a.csv").write_text("id,text\n1,great film\n")
    (tmp_path / "b.csv").write_text("id,source\n1,shop\n2,forum\n")
    (tmp_path / "c.csv").write_text("1,great film\n2,awful film\n")  # has no names
    (tmp_path / "d.csv").write_text("id,body\n1,great film\n")
    found = score(scorer, str(tmp_path / "*.csv"), tmp_path / "out")
    ((address, reason),) = found.failed
    assert address == str(tmp_path / "b.csv")
    assert "which column holds the texts? There are: 'id', 'source'." in reason
    assert found.columns == {("text",): [str(tmp_path / "a.csv")], ("body",): [str(tmp_path / "d.csv")]}
    named = score(scorer, tmp_path / "b.csv", tmp_path / "named", ScoreSettings(text=("source",)))
    assert (named.failed, named.total("documents")) == ([], 2)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda content: content[:300] + bytes(200) + content[500:], "is not a whole Parquet file"),
        (lambda content: content[:-100], "is not a whole Parquet file"),
        (lambda content: b"", "is not a whole Parquet file"),
        (lambda content: b"no Parquet at all", "is not a whole Parquet file"),
        (gzip.compress, "Parquet cannot be read while it is compressed"),
        (lambda content: content.replace("ä".encode(), b"\xff\xfe"), "is not UTF-8"),
    ],
)
def test_damage_to_parquet_names_the_shard_wherever_it_is_met(scorer, tmp_path, change, reason):
    pyarrow = pytest.importorskip("pyarrow", reason="needs pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet", reason="needs pyarrow")
    table = pyarrow.table({"text": [f"{number} äh" for number in range(500)]})
    options = {"use_dictionary": False, "write_statistics": False}
    compression = "none" if reason == "is not UTF-8" else "snappy"
    parquet.write_table(table, tmp_path / "a.parquet", compression=compression, **options)
    (tmp_path / "a.parquet").write_bytes(change((tmp_path / "a.parquet").read_bytes()))
    ((_, said),) = score(scorer, tmp_path / "a.parquet", tmp_path / "out").failed
    assert said.startswith(str(tmp_path / "a.parquet"))
    assert reason in said
    assert ".." not in said.removeprefix(str(tmp_path))
