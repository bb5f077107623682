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
