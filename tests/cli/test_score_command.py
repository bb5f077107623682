"""`wordloom score`: what it says, writes and refuses."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from shards import rows_of, written
from wordloom.errors import DataError
from wordloom.scoring import score


@pytest.fixture
def shards(tmp_path):
    """A folder of two shards."""
    for number in range(2):
        written(tmp_path / "corpus" / f"{number}.jsonl", rows_of(20, number))
    return tmp_path / "corpus"


def test_a_corpus_is_scored_and_a_second_run_says_that_it_was_done(run, model, shards, tmp_path):
    arguments = ("score", model, shards, "--out", tmp_path / "out", "--workers", 1)
    first = run(*arguments)
    assert "40 documents of 2 shards" in first.stdout
    assert "documents and" in first.stdout
    assert (tmp_path / "out" / "1.jsonl").exists()
    assert "2 shards had been done before" in run(*arguments).stdout


def test_a_folder_of_shards_is_listed_once(run, model, shards, tmp_path, monkeypatch):
    listed = []
    rglob = Path.rglob
    monkeypatch.setattr(
        Path, "rglob", lambda folder, pattern: listed.append(folder) or rglob(folder, pattern)
    )
    run("score", model, shards, "--out", tmp_path / "out", "--workers", 1)
    assert listed.count(shards) == 1


def test_no_cluster_is_started_where_all_is_done(run, fails, model, shards, tmp_path, monkeypatch):
    def no_cluster(who, workers):
        raise DataError(f"{who}: no cluster answers.")

    monkeypatch.setattr("wordloom.executors.executor_of", no_cluster)
    arguments = ("score", model, shards, "--out", tmp_path / "out", "--executor", "ray")
    assert "no cluster answers" in fails(3, *arguments)
    score(str(model), shards, tmp_path / "out")
    assert "2 shards had been done before" in run(*arguments).stdout


def test_outputs_have_the_format_that_is_asked_for(run, model, shards, tmp_path):
    options = ("--workers", 1, "--output-format", "csv")
    assert run("score", model, shards, "--out", tmp_path / "out", *options).exit_code == 0
    names = sorted(path.name for path in (tmp_path / "out").glob("*.csv"))
    assert len(names) == 2
    header, first, *_ = (tmp_path / "out" / names[0]).read_text().splitlines()
    assert header.split(",")[0] == "id"
    assert len(first.split(",")) == len(header.split(","))


def test_json_has_the_thresholds_of_each_group(run, model, shards, tmp_path):
    options = ("--keep", "pos:top:10%", "--per", "lang", "--workers", 1, "--json")
    found = json.loads(run("score", model, shards, "--out", tmp_path / "out", *options).stdout)
    assert set(found["thresholds"]) == {"de", "en"}
    assert found["documents"] == 40
    assert 0 < found["kept"] < 40


def test_shards_that_failed_are_named_and_the_exit_code_says_so(run, fails, model, shards, tmp_path):
    (shards / "bad.parquet").write_bytes(b"PAR1")
    message = fails(3, "score", model, shards, "--out", tmp_path / "out", "--workers", 1)
    assert "1 shard of 3 could not be scored" in message
    assert "bad.parquet" in message
    assert (tmp_path / "out" / "0.jsonl").exists()


def test_the_reasons_of_several_shards_stand_on_lines_of_their_own(run, model, shards, tmp_path):
    for number in range(25):
        (shards / f"bad-{number:02}.parquet").write_bytes(b"PAR1")
    told = run("score", model, shards, "--out", tmp_path / "out", "--workers", 1).stderr.splitlines()
    reasons = [line for line in told if "bad-" in line]
    assert [f"bad-{number:02}.parquet: is not a whole" in line for number, line in enumerate(reasons)] == [
        True
    ] * 20
    assert "  and 5 more (--json lists all)" in told
    assert any(line.startswith("error: 25 shards of 27 could not be scored") for line in told)


def test_columns_of_texts_that_are_not_those_of_the_training_are_warned_of(run, model, shards, tmp_path):
    written(shards / "other.jsonl", [{"id": 1, "body": "great film"}])
    written(shards / "empty.jsonl", [])
    told = " ".join(run("score", model, shards, "--out", tmp_path / "out", "--workers", 1).stderr.split())
    assert "from the column 'text' in 2 shards" in told
    assert f"'body' in 1 shard ({shards}/other.jsonl)" in told
    assert "(--text)" in told
    assert f"no documents in 1 shard ({shards}/empty.jsonl)" in told


def test_a_readme_among_the_shards_is_told_of(run, model, shards, tmp_path):
    (shards / "README.md").write_text("# What this is\n\nGreat films.\n", encoding="utf-8")
    result = run("score", model, shards, "--out", tmp_path / "out", "--workers", 1)
    assert "README.md) without names of columns, unlike the others" in " ".join(result.stderr.split())
    (shards / "README.md").rename(tmp_path / "alone.md")
    for which in (shards, tmp_path / "alone.md"):
        again = run("score", model, which, "--out", tmp_path / "other", "--workers", 1)
        assert "unlike the others" not in again.stderr


def test_a_rule_without_a_label_says_how_to_write_it(fails, model, shards, tmp_path):
    message = fails(2, "score", model, shards, "--out", tmp_path / "out", "--keep", "top:10%")
    assert "pos:top:10%" in message


def test_a_report_shows_percentiles_and_examples_of_what_is_in_the_folder(run, model, shards, tmp_path):
    out = tmp_path / "out"
    scored = run("score", model, shards, "--out", out, "--rows", "--workers", 1, "--report").stdout
    assert "40 documents in 2 outputs" in scored
    again = run("score", "--out", out, "--report")
    assert again.exit_code == 0, again.output
    for line in ("score_pos", "50 %", "Examples of each tenth", "lang"):
        assert line in again.stdout


def test_a_report_in_json_is_one_document_with_what_the_run_did(run, model, shards, tmp_path):
    arguments = ("score", model, shards, "--out", tmp_path / "out", "--rows", "--workers", 1)
    found = json.loads(run(*arguments, "--report", "--json").stdout)
    (scores,) = found["report"]["scores"]
    assert (found["documents"], scores["documents"], scores["column"]) == (40, 40, "score_pos")
    assert len(scores["deciles"]) == 10


def test_a_source_that_alone_predicts_the_score_is_warned_of(run, model, tmp_path):
    texts = {"shop": "the film was great", "forum": "the film was awful"}
    rows = [
        {"id": number, "text": texts[source], "source": source}
        for number, source in enumerate(["shop", "forum"] * 20)
    ]
    written(tmp_path / "corpus" / "0.jsonl", rows)
    arguments = ("score", model, tmp_path / "corpus", "--out", tmp_path / "out", "--rows", "--workers", 1)
    told = run(*arguments, "--report").stderr
    assert "'source' alone explains" in told
    assert "--keep pos:top:10% --per source" in told


def test_a_report_on_a_folder_without_outputs_and_a_run_without_a_model_say_the_way_out(fails, tmp_path):
    (tmp_path / "other").mkdir()
    assert "holds no outputs" in fails(3, "score", "--out", tmp_path / "other", "--report")
    assert "--report" in fails(2, "score", "--out", tmp_path / "other")
