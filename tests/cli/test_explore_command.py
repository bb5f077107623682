"""`wordloom explore`: what it refuses to start with."""

from __future__ import annotations

import socket

import pytest

for package in ("uvicorn", "bokeh"):
    pytest.importorskip(package, reason="needs the extra: pip install 'wordloom[explorer]'")


def test_a_port_in_use_is_refused_with_the_way_out(fails):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        message = fails(2, "explore", "no-model", "--port", taken.getsockname()[1])
    assert "--port 0 takes a free one" in message


def test_a_file_for_corrections_needs_texts_to_correct(fails, tmp_path):
    message = fails(2, "explore", "no-model", "--corrections", tmp_path / "corrections.csv")
    assert "name a SOURCE" in message


def test_a_file_for_corrections_is_not_written_over_by_chance(fails, tmp_path):
    file = tmp_path / "corrections.csv"
    file.write_text("mine")
    assert "--overwrite" in fails(2, "explore", "no-model", "demo", "--corrections", file)


def test_a_source_is_read_as_the_texts_of_the_model_were(run, monkeypatch, tmp_path):
    rows = ["a song,music", "a story,plot", "a song and a story,music|plot", "a,"]
    (tmp_path / "moods.csv").write_text("said,moods\n" + "\n".join(rows * 5) + "\n")
    columns = ("--text", "said", "--label", "moods", "--target", "multilabel")
    run("train", "moods.csv", *columns, "--seed", "1", "--threads", "1", "--no-progress", "--out", "m")
    taken = []
    monkeypatch.setattr("wordloom.server.listening.serve", lambda *_: None)
    monkeypatch.setattr("wordloom.explorer.application", lambda explored, *_: taken.append(explored))
    assert run("explore", "m", "moods.csv", "--port", 0).exit_code == 0
    assert taken[0].corpus.labels[2:4] == [("music", "plot"), ()]
