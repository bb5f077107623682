"""`wordloom train` on several files: one corpus, whoever counts it."""

from __future__ import annotations

import csv
import gzip
import sys

import pytest

from wordloom import TextModel

NGRAM = ("--architecture", "ngram", "--epochs", "2", "--seed", "3", "--threads", "1")


@pytest.fixture
def shards(tmp_path, monkeypatch):
    """Two files of reviews in the working folder, one of them packed."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WORDLOOM_KERNELS", "plain")
    for number, opened in enumerate((open, gzip.open)):
        path = tmp_path / f"part-{number}.csv{'.gz' * number}"
        rows = [
            (f"{'great' if i % 2 else 'dull'} film {number} {i % 7}", "np"[i % 2] + "x") for i in range(30)
        ]
        with opened(path, "wt", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([("text", "label"), *rows])
    return ["part-0.csv", "part-1.csv.gz"]


@pytest.mark.slow
def test_the_same_model_in_memory_streamed_and_counted_by_others(answer, shards, tmp_path):
    ways = {"whole": (), "streamed": ("--stream",), "shared": ("--executor", "processes", "--workers", "2")}
    said = [answer("train", *shards, "--out", name, *NGRAM, *way) for name, way in ways.items()]
    for document in said:
        del document["model"], document["bytes"], document["training"]["seconds"]
    assert said[0] == said[1] == said[2]
    assert said[0]["data"]["train"]["texts"] == 60
    for file in ("weights.safetensors", "vocabulary.txt"):
        assert len({(tmp_path / name / file).read_bytes() for name in ways}) == 1
    records = [{**TextModel.load(tmp_path / name).record, "seconds": 0} for name in ways]
    assert records[0] == records[1] == records[2]
    assert records[0]["data"]["name"] == "part-0.csv and 1 more"
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([*shards, *ways])


@pytest.mark.slow
def test_files_at_addresses_are_read_whoever_counts_them(answer, fails, shards, tmp_path):
    pytest.importorskip("fsspec", reason="needs the extra: pip install 'wordloom[corpora]'")
    here = f"file://{tmp_path}"
    ways = {"a": [], "b": ["--executor", "processes", "--workers", "1"]}
    for name, way in ways.items():
        document = answer("train", f"{here}/part-*", "--out", name, *NGRAM, "--stream", *way)
        assert document["data"]["train"]["texts"] == 60
    document = answer("train", *(f"{here}/{shard}" for shard in shards), "--out", "c", *NGRAM)
    assert document["data"]["train"]["name"] == f"{here}/part-0.csv and 1 more"
    assert len({(tmp_path / name / "weights.safetensors").read_bytes() for name in "abc"}) == 1
    message = " ".join(fails(3, "train", f"{here}/nothing.csv", "--out", "d", "--stream").split())
    assert f"{here}/nothing.csv: there are no files" in message


def test_a_folder_and_a_pattern_stand_for_the_files_in_them(answer, fails, shards, tmp_path):
    folder = tmp_path / "corpus" / "more"
    folder.mkdir(parents=True)
    for name in ("_SUCCESS", ".part-0.csv.crc"):  # what other programs leave beside shards
        (folder / name).write_text("")
    for number, shard in enumerate(shards):
        (tmp_path / shard).rename((folder if number else folder.parent) / shard)
    for out, place in (("a", "corpus"), ("b", "corpus/**/part-*")):
        document = answer("train", place, "--out", out, *NGRAM, "--stream")
        assert document["data"]["train"]["texts"] == 60
    weights = [(tmp_path / name / "weights.safetensors").read_bytes() for name in "ab"]
    assert weights[0] == weights[1]
    (tmp_path / "empty").mkdir()
    for place in ("empty", "corpus/*.parquet"):
        assert f"{place}: there are no files" in fails(3, "train", place, "--out", "c", "--stream")


def test_a_model_learns_on_from_several_files(answer, shards, tmp_path):
    answer("train", shards[0], "--out", "first", *NGRAM)
    document = answer("train", *shards, "--from", "first", "--out", "second")
    assert document["data"]["train"]["texts"] == 60


@pytest.mark.parametrize(
    ("content", "parts"),
    [
        ("text,label\na great film,\n", ["bad.csv, line 2", "the label is missing"]),
        ("body,stars\na great film,1\n", ["bad.csv: text from the column 'body'", "--text, --label"]),
        ("text,label\n", ["bad.csv: holds no rows"]),
        ("", ["bad.csv: is empty"]),
        ("text,label\na,b,c\n", ["bad.csv, line 2: 3 fields"]),
        (b"\xff\xfe\x00", ["bad.csv"]),
        (None, ["bad.csv: no such file"]),
    ],
)
def test_a_file_that_cannot_be_used_is_named(fails, shards, tmp_path, content, parts):
    if content is not None:
        (tmp_path / "bad.csv").write_bytes(content if isinstance(content, bytes) else content.encode())
    message = " ".join(fails(3, "train", *shards, "bad.csv", "--out", "m", "--workers", "2").split())
    for part in parts:
        assert part in message
    assert not (tmp_path / "m").exists()


@pytest.mark.parametrize(
    ("code", "arguments", "parts"),
    [
        (3, ["part-0.csv", "."], ["a folder cannot be streamed", "or give it alone"]),
        (2, ["part-0.csv", "demo"], ["'demo' is read whole"]),
        (2, ["part-0.csv", "--workers", "2", "--baselines"], ["--baselines: needs the texts", "--workers"]),
        (2, ["part-0.csv", "--executor", "spark"], ["'spark' is none of local, processes, ray"]),
        (2, ["part-0.csv", "--workers", "2", "--from", "m"], ["--workers: for training a new model"]),
    ],
)
def test_what_goes_wrong(fails, shards, code, arguments, parts):
    message = " ".join(fails(code, "train", *arguments, "--out", "o").split())
    for part in parts:
        assert part in message


def test_files_of_other_formats_are_named(fails, shards, tmp_path):
    (tmp_path / "x.jsonl").write_text('{"text": "a", "label": "nx"}\n')
    message = " ".join(fails(3, "train", *shards, "x.jsonl", "--out", "o", "--workers", "2").split())
    assert "x.jsonl is jsonl, and part-0.csv csv" in message


def test_without_ray_the_error_says_how_to_install_it(fails, shards, monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    message = " ".join(fails(1, "train", *shards, "--executor", "ray", "--out", "o").split())
    assert "pip install 'wordloom[ray]'" in message
