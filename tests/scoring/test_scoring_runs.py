"""`wordloom.scoring.score`: outputs, what is kept, what is done again, what is refused."""

from __future__ import annotations

import csv
import json
import os
import sys

import numpy as np
import pytest

from fasttext_files import KINDS
from shards import contents, read, rows_of, texts_of, written
from wordloom.atomic import replacing_file
from wordloom.errors import DataError, UsageError
from wordloom.executors import InProcess
from wordloom.scoring import LocalProcesses, ScoreSettings, Stopped, find_shards, score
from wordloom.text_model import TextModel


def scores(model, texts):
    """What Python says of the texts."""
    return TextModel.load(model).predict_proba(texts)


def test_each_shard_gets_an_output_of_its_name_with_ids_and_scores(scorer, corpus, tmp_path):
    found = score(scorer, corpus, tmp_path / "out")
    assert (found.shards, found.total("documents"), found.failed) == (3, 95, [])
    assert set(contents(tmp_path / "out")) == {"a.jsonl", "more/b.jsonl.gz", "more/c.jsonl"}
    rows, output = read(corpus / "more" / "b.jsonl.gz"), read(tmp_path / "out" / "more" / "b.jsonl.gz")
    assert [list(row) for row in output] == [["id", "score_bad", "score_good"]] * 30
    assert [row["id"] for row in output] == [row["id"] for row in rows]
    expected = scores(scorer, [row["text"] for row in rows])
    assert np.array([[row["score_bad"], row["score_good"]] for row in output]) == pytest.approx(
        expected, abs=1e-6
    )


def test_rows_are_written_whole_if_asked_for(scorer, corpus, tmp_path):
    score(scorer, corpus, tmp_path / "out", ScoreSettings(rows=True))
    rows, output = read(corpus / "a.jsonl"), read(tmp_path / "out" / "a.jsonl")
    assert [{name: row[name] for name in rows[0]} for row in output] == rows


def test_csv_stays_csv_and_a_column_that_is_there_keeps_its_name(scorer, tmp_path):
    source = tmp_path / "a.csv"
    source.write_text('text;score_good\n"great; really";7\nawful;8\n')
    score(scorer, source, tmp_path / "out", ScoreSettings(rows=True))
    with open(tmp_path / "out" / "a.csv", newline="") as file:
        rows = list(csv.DictReader(file, delimiter=";"))
    assert [row["text"] for row in rows] == ["great; really", "awful"]
    assert [row["score_good"] for row in rows] == ["7", "8"]
    assert float(rows[0]["predicted_score_good"]) > 0.5 > float(rows[1]["predicted_score_good"])


def test_lines_of_text_become_json_lines_with_the_numbers_of_rows(scorer, tmp_path):
    (tmp_path / "a.txt").write_text("great film\n\nawful film\n")
    score(scorer, tmp_path / "a.txt", tmp_path / "out")
    assert [row["row"] for row in read(tmp_path / "out" / "a.txt.jsonl")] == [0, 1, 2]


def test_only_rows_above_a_threshold_are_written(scorer, corpus, tmp_path):
    found = score(scorer, corpus, tmp_path / "out", ScoreSettings(keep="good>=0.6"))
    rows = read(corpus / "a.jsonl")
    inside = scores(scorer, [row["text"] for row in rows])[:, 1] >= 0.6
    kept = [row["id"] for row in read(tmp_path / "out" / "a.jsonl")]
    assert kept == [row["id"] for row, is_in in zip(rows, inside, strict=True) if is_in]
    assert 0 < len(kept) < len(rows)
    assert found.total("kept") < found.total("documents") == 95


@pytest.mark.parametrize("per", [None, "lang"])
def test_a_percentile_is_that_of_all_shards_together(scorer, corpus, tmp_path, per):
    found = score(scorer, corpus, tmp_path / "out", ScoreSettings(keep="good:top:20%", per=per))
    rows = [row for path in sorted(corpus.rglob("*.jsonl*")) for row in read(path)]
    chances = scores(scorer, [row["text"] for row in rows])[:, 1].astype(np.float32)
    kept = {
        row["id"]
        for path in (tmp_path / "out").rglob("*.jsonl*")
        if "_wordloom" not in path.parts
        for row in read(path)
    }
    expected = set()
    for group in {row["lang"] for row in rows} if per else {""}:
        own = [place for place, row in enumerate(rows) if group in ("", row["lang"])]
        lowest = np.sort(chances[own])[-int(np.ceil(0.2 * len(own)))]
        expected |= {rows[place]["id"] for place in own if chances[place] >= lowest}
        assert found.thresholds[group] == (float(lowest), len(own))
    assert kept == expected


def test_another_percentile_comes_from_the_scores_of_the_first_run(scorer, corpus, tmp_path, monkeypatch):
    score(scorer, corpus, tmp_path / "out", ScoreSettings(keep="good:top:20%"))
    monkeypatch.setattr("wordloom.scoring.job.scores_of", None)
    found = score(scorer, corpus, tmp_path / "out", ScoreSettings(keep="good:top:50%"))
    assert found.total("kept") >= 48


def test_outputs_of_other_shards_do_not_go_with_the_thresholds_and_are_named(scorer, corpus, tmp_path):
    settings = ScoreSettings(keep="good:top:20%")
    assert score(scorer, corpus, tmp_path / "out", settings).others == []
    (corpus / "a.jsonl").unlink()
    assert score(scorer, corpus, tmp_path / "out", settings).others == ["a.jsonl"]
    (tmp_path / "out" / "a.jsonl").unlink()
    assert score(scorer, corpus, tmp_path / "out", settings).others == []


@pytest.mark.slow
def test_grades_are_scored_on_their_scale_and_need_no_label_to_be_kept_by(grader, corpus, tmp_path):
    score(grader, corpus, tmp_path / "out", ScoreSettings(keep="top:10%"))
    grades = [row["grade"] for row in read(tmp_path / "out" / "a.jsonl")]
    assert grades
    assert all(3 < grade <= 5 for grade in grades)


def test_a_second_run_does_nothing(scorer, corpus, tmp_path, monkeypatch):
    score(scorer, corpus, tmp_path / "out")
    before = contents(tmp_path / "out")
    monkeypatch.setattr("wordloom.scoring.job.Job.run", None)
    again = score(scorer, corpus, tmp_path / "out")
    assert (again.skipped, again.changed, again.total("documents")) == (3, [], 95)
    assert contents(tmp_path / "out") == before


def test_a_shard_that_changed_is_done_again_and_reported(scorer, corpus, tmp_path):
    score(scorer, corpus, tmp_path / "out")
    written(corpus / "a.jsonl", rows_of(10, 9))
    again = score(scorer, corpus, tmp_path / "out")
    assert (again.skipped, again.changed) == (2, [str(corpus / "a.jsonl")])
    assert len(read(tmp_path / "out" / "a.jsonl")) == 10


def test_an_output_that_is_gone_or_cut_is_made_again(scorer, corpus, tmp_path):
    score(scorer, corpus, tmp_path / "out")
    before = contents(tmp_path / "out")
    (tmp_path / "out" / "a.jsonl").unlink()
    (tmp_path / "out" / "more" / "c.jsonl").write_text("{")
    assert score(scorer, corpus, tmp_path / "out").skipped == 1
    assert contents(tmp_path / "out") == before


@pytest.mark.slow
def test_processes_give_the_same_bytes(scorer, corpus, tmp_path):
    settings = ScoreSettings(keep="good:top:30%", per="lang")
    score(scorer, corpus, tmp_path / "one", settings)
    found = score(scorer, corpus, tmp_path / "two", settings, LocalProcesses(2))
    assert found.failed == []
    assert contents(tmp_path / "one") == contents(tmp_path / "two")


def test_a_shard_that_cannot_be_read_is_named_and_the_others_are_done(scorer, corpus, tmp_path):
    (corpus / "bad.parquet").write_bytes(b"PAR1 and nothing else")
    (corpus / "other.jsonl").write_text('{"id": 1, "body": 2}\n')
    found = score(scorer, corpus, tmp_path / "out", ScoreSettings(text=("text",)))
    assert [address for address, _ in found.failed] == [
        str(corpus / "bad.parquet"),
        str(corpus / "other.jsonl"),
    ]
    assert "not a whole Parquet file" in found.failed[0][1] or "pyarrow" in found.failed[0][1]
    assert "'text'" in found.failed[1][1]
    assert len(found.outputs) == 3
    with pytest.raises(Stopped, match="What is done is kept"):
        score(scorer, corpus, tmp_path / "strict", ScoreSettings(text=("text",)), strict=True)


def test_documents_without_text_have_no_score_and_are_never_kept(scorer, tmp_path):
    rows = [{"id": 1, "text": None}, {"id": 2, "text": "great"}, {"id": 2, "text": "awful"}]
    shard = written(tmp_path / "a.jsonl", rows)
    found = score(scorer, shard, tmp_path / "out")
    assert read(tmp_path / "out" / "a.jsonl")[0] == {"id": 1, "score_bad": None, "score_good": None}
    assert (found.total("without_text"), found.total("repeated_ids")) == (1, 1)
    kept = score(scorer, shard, tmp_path / "kept", ScoreSettings(keep="good<=1"))
    assert kept.total("kept") == 2


@pytest.mark.parametrize("keep", ["good>=90", "good<-0.1"])
def test_a_threshold_that_no_probability_can_be_at_is_an_error(scorer, tmp_path, keep):
    shard = written(tmp_path / "a.jsonl", [{"id": 1, "text": "great"}])
    with pytest.raises(UsageError, match="between 0 and 1"):
        score(scorer, shard, tmp_path / "out", ScoreSettings(keep=keep))


def test_a_percentile_of_nothing_is_an_error(scorer, tmp_path):
    shard = written(tmp_path / "a.jsonl", [{"id": 1, "text": None}])
    with pytest.raises(DataError, match="no percentile"):
        score(scorer, shard, tmp_path / "out", ScoreSettings(keep="good:top:10%"))


def test_a_group_of_three_keeps_one(scorer, tmp_path):
    rows = [{"id": n, "text": text, "lang": "xx"} for n, text in enumerate(["great", "awful", "film"])]
    found = score(
        scorer,
        written(tmp_path / "a.jsonl", rows),
        tmp_path / "out",
        ScoreSettings(keep="good:top:10%", per="lang"),
    )
    assert found.total("kept") == 1


@pytest.mark.parametrize(
    ("keep", "per", "message"),
    [
        ("top:10%", None, "does not say by which label"),
        ("fine>=0.5", None, "no label 'fine'"),
        ("good:top:0%", None, "above 0"),
        ("good:top:200%", None, "at most 1"),
        ("good", None, "not understood"),
        ("good>=high", None, "not a number"),
        ("good>=0.5", "lang", "percentile"),
    ],
)
def test_rules_that_mean_nothing_are_refused(scorer, corpus, tmp_path, keep, per, message):
    with pytest.raises(UsageError, match=message):
        score(scorer, corpus, tmp_path / "out", ScoreSettings(keep=keep, per=per))
    assert not (tmp_path / "out").exists()


def test_a_folder_with_other_files_is_not_written_to(scorer, corpus, tmp_path):
    written(tmp_path / "out" / "mine.jsonl", [])
    with pytest.raises(UsageError, match="holds other files"):
        score(scorer, corpus, tmp_path / "out")
    score(scorer, corpus / "a.jsonl", tmp_path / "own")
    with pytest.raises(UsageError, match="lies in the output folder"):
        score(scorer, tmp_path / "own" / "a.jsonl", tmp_path / "own")


def test_two_shards_of_one_name_are_refused(scorer, corpus, tmp_path):
    other = written(tmp_path / "other" / "a.jsonl", rows_of(2, 5))
    with pytest.raises(DataError, match=r"would be called a.jsonl. Give the folder above"):
        score(scorer, [corpus, other], tmp_path / "out")


def test_two_outputs_of_one_name_are_told_and_neither_is_left(scorer, tmp_path):
    written(tmp_path / "corpus" / "a.txt.jsonl", rows_of(3, 5))
    (tmp_path / "corpus" / "a.txt").write_text("great\nawful\n")
    written(tmp_path / "corpus" / "b.jsonl", rows_of(2, 5))
    for _ in range(2):
        found = score(scorer, tmp_path / "corpus", tmp_path / "out")
        assert sorted(address.rpartition("/")[2] for address, _ in found.failed) == ["a.txt", "a.txt.jsonl"]
        assert "its output is called a.txt.jsonl, as is that of" in found.failed[0][1]
        assert found.total("documents") == 2
        assert [path.name for path in (tmp_path / "out").glob("*.jsonl")] == ["b.jsonl"]


def test_a_model_that_cannot_be_read_stops_the_run(scorer, corpus, tmp_path):
    import shutil

    shutil.copytree(scorer, tmp_path / "model")
    (tmp_path / "model" / "weights.safetensors").write_bytes(b"")
    with pytest.raises(Stopped, match="truncated"):
        score(tmp_path / "model", corpus, tmp_path / "out")


def test_a_full_disk_stops_the_run_and_a_later_one_goes_on(scorer, corpus, tmp_path, monkeypatch):
    import errno

    from wordloom.scoring import outputs

    def full(self, *_):
        raise OSError(errno.ENOSPC, "No space left on device")

    score(scorer, corpus / "a.jsonl", tmp_path / "out")
    with monkeypatch.context() as patch:
        patch.setattr(outputs._RowWriter, "write", full)
        with pytest.raises(Stopped, match="No space left"):
            score(scorer, corpus, tmp_path / "out")
    assert set(contents(tmp_path / "out")) == {"a.jsonl"}
    assert score(scorer, corpus, tmp_path / "out").skipped == 1


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such locks")
def test_what_killed_runs_left_half_written_is_removed_and_what_is_being_written_is_not(
    scorer, corpus, tmp_path
):
    """Also of shards that are done or gone, which nothing writes any more; not what has other names."""
    score(scorer, corpus, tmp_path / "out")
    names = [".gone.jsonl.0123abcd.partial", "more/.b.jsonl.gz.0123abcd.partial"]
    names.append("_wordloom/output/.a.jsonl.json.0123abcd.partial")
    others = [".mine.partial", "more/b.0123abcd.partial"]
    for name in (*names, *others):
        (tmp_path / "out" / name).write_text("half")
    with replacing_file(tmp_path / "out" / "a.jsonl") as at_work:
        assert score(scorer, corpus, tmp_path / "out").skipped == 3
        assert at_work.exists()
        at_work.write_bytes((tmp_path / "out" / "a.jsonl").read_bytes())
    assert not [name for name in names if (tmp_path / "out" / name).exists()]
    assert [name for name in others if (tmp_path / "out" / name).exists()] == others


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such locks")
def test_what_workers_left_that_ended_before_their_time_is_removed_at_the_end(scorer, corpus, tmp_path):
    left = tmp_path / "out" / ".b.jsonl.gz.0123abcd.partial"

    class Ended(InProcess):
        def close(self):
            left.write_text("half")

    found = score(scorer, corpus, tmp_path / "out", executor=Ended())
    assert len(found.outputs) == 3
    assert not left.exists()


def test_patterns_and_folders_name_outputs_by_what_is_below_them(corpus, monkeypatch):
    (corpus / "_SUCCESS").touch()
    (corpus / ".hidden").touch()
    assert [shard.name for shard in find_shards([str(corpus)])] == [
        "a.jsonl",
        "more/b.jsonl.gz",
        "more/c.jsonl",
    ]
    monkeypatch.chdir(corpus)
    assert [shard.name for shard in find_shards(["*/*.jsonl"])] == ["more/c.jsonl"]
    assert [shard.name for shard in find_shards([os.path.join("more", "c.jsonl")])] == ["c.jsonl"]
    with pytest.raises(DataError, match="no files"):
        find_shards(["nothing*.jsonl"])


def test_a_model_of_fasttext_scores_a_corpus(corpus, tmp_path):
    model = KINDS["softmax"].write(tmp_path / "model.bin")
    found = score(model, corpus, tmp_path / "out")
    assert (found.failed, found.total("documents")) == ([], 95)
    assert score(model, corpus, tmp_path / "out").skipped == 3


def test_windows_of_a_long_text_are_scored_and_combined(scorer, tmp_path):
    filler = "film " * 100
    shard = written(tmp_path / "a.jsonl", [{"id": 0, "text": f"great {filler} awful {filler} plot"}])
    found = {}
    for combine in ("mean", "max", "min"):
        score(scorer, shard, tmp_path / combine, ScoreSettings(windows="3x20", combine=combine))
        found[combine] = read(tmp_path / combine / "a.jsonl")[0]["score_good"]
    assert found["min"] < found["mean"] < found["max"]
    assert found["max"] == pytest.approx(scores(scorer, ["great film film film"[:20]])[0, 1], abs=1e-6)


def test_shards_at_addresses_are_read_too(scorer, tmp_path):
    fsspec = pytest.importorskip("fsspec", reason="needs the extra: pip install 'wordloom[corpora]'")
    memory = fsspec.filesystem("memory")
    with memory.open("/corpus/a.jsonl", "wb") as file:
        file.write(b"".join(json.dumps(row).encode() + b"\n" for row in rows_of(5, 1)))
    found = score(scorer, "memory://corpus/*.jsonl", tmp_path / "out")
    assert (found.failed, found.total("documents")) == ([], 5)


@pytest.fixture
def pyarrow():
    """The package with its reader and writer of Parquet."""
    pytest.importorskip("pyarrow.parquet", reason="needs the extra: pip install 'wordloom[parquet]'")
    return sys.modules["pyarrow"]


def test_parquet_keeps_types_and_order(scorer, tmp_path, pyarrow):
    texts = texts_of(3000, 4)
    texts[7] = None
    table = pyarrow.table(
        {"n": pyarrow.array(range(3000), pyarrow.int16()), "text": texts, "tags": [["a", "b"]] * 3000}
    )
    pyarrow.parquet.write_table(table, tmp_path / "a.parquet", row_group_size=700)
    score(scorer, tmp_path / "a.parquet", tmp_path / "out", ScoreSettings(rows=True))
    found = pyarrow.parquet.read_table(tmp_path / "out" / "a.parquet")
    assert found.select(["n", "text", "tags"]).equals(table)
    assert found.column("score_good")[7].as_py() is None
    expected = scores(scorer, [text or "" for text in texts])[:, 1]
    got = np.array(found.column("score_good").to_pylist(), dtype=float)
    assert np.delete(got, 7) == pytest.approx(np.delete(expected, 7), abs=1e-6)


def test_an_empty_parquet_shard_gives_an_empty_output(scorer, tmp_path, pyarrow):
    empty = pyarrow.table({"text": pyarrow.array([], pyarrow.string())})
    pyarrow.parquet.write_table(empty, tmp_path / "a.parquet")
    found = score(scorer, tmp_path / "a.parquet", tmp_path / "out")
    assert (found.failed, found.total("documents")) == ([], 0)
    assert pyarrow.parquet.read_table(tmp_path / "out" / "a.parquet").num_rows == 0
