"""Numbers and texts as they are printed."""

from __future__ import annotations

import json

import pytest

from wordloom.cli import printing


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        (printing.percent(0.8806), "88.1 %"),
        (printing.count(1, "text"), "1 text"),
        (printing.count(2000, "text"), "2,000 texts"),
        (printing.count(0, "entry", "entries"), "0 entries"),
        (printing.size(999), "999 bytes"),
        (printing.size(4_100_000), "4.1 MB"),
        (printing.size(1500), "1.5 kB"),
        (printing.shortened("  a\n b  "), "a b"),
        (printing.shortened("abcdefgh", 5), "abcd…"),
        (printing.shortened("abc def", 5), "abc…"),
        (printing.counted({"a": 1, "b": 2}), "a 1, b 2"),
        (
            printing.counted({str(i): i for i in range(9)}),
            "8 8, 7 7, 6 6, 5 5, 4 4, 3 3, and 3 more labels",
        ),
    ],
)
def test_words(given, shown):
    assert given == shown


def test_table_is_aligned_also_with_wide_letters(capsys):
    printing.table(["label", "n"], [["x", "1,000"], ["好", "2"]], indent=0)
    assert capsys.readouterr().out.splitlines() == ["label      n", "x      1,000", "好         2"]


def test_pairs_wrap_under_their_value(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "45")
    printing.pairs([("a", "one two three four five six seven eight nine"), ("long", "x\ny")])
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("  a     one two")
    assert lines[1].startswith("        ")
    assert lines[-2:] == ["  long  x", "        y"]
    assert all(len(line) < 45 for line in lines)


def test_an_address_is_never_broken(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "40")
    printing.paragraph("see https://example.org/" + "x" * 60)
    assert "https://example.org/" + "x" * 60 in capsys.readouterr().out.splitlines()


def test_json_has_no_nan_and_keeps_letters(capsys):
    printing.print_json({"a": float("nan"), 1: [float("inf"), "é好"], "b": (1, None)})
    text = capsys.readouterr().out
    assert json.loads(text) == {"a": None, "1": [None, "é好"], "b": [1, None]}
    assert "é好" in text


def test_json_of_half_a_surrogate_pair():
    assert json.loads(printing.json_text(["\ud83d", "é"])) == ["\ud83d", "é"]
