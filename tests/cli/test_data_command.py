"""`wordloom data`: names, where the data is, downloads on request only."""

from __future__ import annotations

import http.server
import threading

import pytest

from wordloom.corpus import Corpus, Dataset
from wordloom.readers import read_corpus


@pytest.fixture
def server():
    """The address of a server that has nothing."""

    class Empty(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_error(404)

        def log_message(self, *args):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Empty) as httpd:
        threading.Thread(target=httpd.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{httpd.server_port}"
        httpd.shutdown()


def test_list(answer, run):
    assert [list(entry) for entry in answer("data")] == [["name", "about", "path"]] * 2
    assert [entry["name"] for entry in answer("data")] == ["demo", "imdb"]
    assert "not on this machine yet" in run("data").stdout


def test_a_source_of_ones_own_is_shown_with_its_columns_parts_and_repeated_texts(answer, run, tmp_path):
    path = tmp_path / "reviews.csv"
    path.write_text("body,stars,split\nfine,1,train\nfine,0,train\npoor,0,train\nfine,1,test\nnew,,unsup\n")
    found = answer("data", str(path), "--text", "body", "--label", "stars")
    assert (found["path"], found["downloaded"]) == (str(path), False)
    assert found["train"]["classes"] == {"0": 2, "1": 1}
    assert found["test"]["texts"] == 1
    notes = " ".join(found["notes"])
    for said in (
        "1 of 3 texts repeat an earlier one",
        "1 of 1 test texts occur in training",
        "1 without a label",
    ):
        assert said in notes
    assert "Use it by its name" not in run("data", str(path)).stdout


def test_a_path_that_is_not_there_is_no_name_of_a_data_set(run):
    assert "no such file" in run("data", "missing.csv").stderr
    assert "There is no data set 'imbd'" in run("data", "imbd").stderr


def test_every_known_data_set_is_described():
    from wordloom.cli.commands.data import ABOUT
    from wordloom.datasets import NAMES

    assert set(ABOUT) == set(NAMES)


def test_demo(answer, run):
    document = answer("data", "demo")
    assert list(document) == ["name", "path", "downloaded", "train", "test", "notes"]
    assert document["train"]["classes"] == {"neg": 1500, "pos": 1500}
    assert document["downloaded"] is False
    assert "wordloom train demo" in run("data", "demo").stdout


@pytest.mark.slow
@pytest.mark.parametrize("name", ["r.csv", "r.tsv", "r.jsonl", "r.json", "r.csv.gz"])
@pytest.mark.parametrize(
    "demo_reviews", ["some", pytest.param("all", marks=pytest.mark.exhaustive)], indirect=True
)
def test_a_written_data_set_is_read_back(run, tmp_path, demo_reviews, name):
    from wordloom.datasets import demo, load
    from wordloom.readers import read_corpus

    said = run("data", "demo", "--split", "train", "--out", str(tmp_path / name)).stdout
    assert f"Wrote {demo.SIZES['train']:,} texts to {tmp_path / name}." in said
    train = load("demo").train
    back = read_corpus(tmp_path / name).train
    assert (back.texts, back.labels) == (train.texts, train.labels)
    run("data", "demo", "--out", str(tmp_path / "test.csv"))
    assert len(read_corpus(tmp_path / "test.csv").train) == demo.SIZES["test"]


def test_out_needs_a_data_set_and_a_table(fails, tmp_path):
    assert "go with a name" in fails(2, "data", "--out", str(tmp_path / "a.csv"))
    assert "choose such a name" in fails(2, "data", "demo", "--out", str(tmp_path / "a.xlsx"))


def test_imdb_is_downloaded_once(answer, monkeypatch, tmp_path):
    from wordloom import datasets
    from wordloom.datasets import download, imdb

    fetched = []

    def fetch(remote, target, callbacks):
        for callback in callbacks:
            callback.on_step("downloading", remote.size // 2, remote.size, "byte")
        fetched.append((remote.url, target))
        return target

    monkeypatch.setattr(download, "download", fetch)
    monkeypatch.setattr(imdb, "find", lambda: fetched[0][1] if fetched else None)
    tiny = Dataset(Corpus(["a"], ["neg"]), Corpus(["b"], ["pos"]), name="imdb", notes=(imdb.TERMS,))
    monkeypatch.setattr(datasets, "load", lambda name, target: tiny)
    document = answer("data", "imdb", "--source", "http://mirror/aclImdb_v1.tar.gz")
    assert fetched[0][0] == "http://mirror/aclImdb_v1.tar.gz"
    assert fetched[0][1].name == "aclImdb_v1.tar.gz"
    assert document["downloaded"] is True
    assert "cites Maas" in document["notes"][0]
    assert answer("data", "imdb")["downloaded"] is False
    assert len(fetched) == 1


def test_a_failed_download_says_where_to_put_the_file(fails, server):
    message = fails(1, "data", "imdb", "--source", f"{server}/x.tar.gz")
    assert "404" in message
    assert "put it here" in message


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (["imbd"], "Did you mean 'imdb'?"),
        (["--source", "http://x"], "go with a name"),
        (["demo", "--source", "http://x"], "is for imdb"),
    ],
)
def test_what_cannot_be(fails, arguments, part):
    assert part in fails(2, "data", *arguments)


def test_bar(capsys):
    from wordloom.cli.commands.data import DownloadBar

    with DownloadBar("file") as bar:
        for done in range(0, 1001, 5):
            bar.on_step("downloading", done * 1000, 1_000_000, "byte")
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 11
    assert lines[0] == "file: 0.0 of 1.0 MB"
    assert lines[-1] == "file: 1.0 of 1.0 MB"


def test_several_labels_and_grades_are_shown(answer, run, tmp_path):
    path = tmp_path / "moods.csv"
    path.write_text("text,labels\none,joy|love\ntwo,joy\nthree,love\n")
    assert answer("data", str(path))["train"] | {"name": ""} == {
        "name": "",
        "texts": 3,
        "target": "multilabel",
        "classes": {"joy": 2, "love": 2},
    }
    assert "joy 2, love 2" in run("data", str(path)).stdout
    assert answer("data", str(path), "--target", "single")["train"]["classes"]["joy|love"] == 1
    assert answer("data", str(path), "--label-separator", ";")["train"]["classes"]["joy|love"] == 1
    graded = tmp_path / "stars.csv"
    graded.write_text("text,stars\none,1\ntwo,5\nthree,3\n")
    grades = answer("data", str(graded), "--target", "graded")["train"]["grades"]
    assert grades == {"lowest": 1.0, "highest": 5.0, "mean": 3.0}
    assert "grades from 1 to 5" in run("data", str(graded), "--target", "graded").stdout


@pytest.mark.parametrize("name", ["out.csv", "out.jsonl", "out.tsv"])
def test_what_is_written_has_the_same_labels_and_grades(run, tmp_path, name):
    path = tmp_path / "moods.csv"
    path.write_text('text,labels\none,"""a|b""|c"\ntwo,c\nthree,\n')
    read = ("--target", "multilabel")
    assert run("data", str(path), *read, "--out", str(tmp_path / name)).exit_code == 0
    written = read_corpus(tmp_path / name, target="multilabel", label_separator="|")
    assert written.train.labels == [("a|b", "c"), ("c",), ()]
    graded = tmp_path / "stars.csv"
    graded.write_text("text,stars\none,1\ntwo,0.25\n")
    assert run("data", str(graded), "--target", "graded", "--out", str(tmp_path / f"g{name}")).exit_code == 0
    assert read_corpus(tmp_path / f"g{name}", target="graded").train.labels == [1.0, 0.25]
