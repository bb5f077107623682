"""`wordloom check` and `correct` of tables with several labels or grades: written again as they were."""

from __future__ import annotations

import csv
import json

import pytest

SETS = "text,labels,note\r\n" + "".join(
    f'"{text} {row}",{labels},"a, b"\r\n'
    for row in range(24)
    for text, labels in (("soup bread", "food"), ("price bill", "money"), ("soup price", "food|money"))
)
GRADES = "text,grade,note\n" + "".join(
    f"{text} thing{row},{grade},x\n"
    for row in range(24)
    for text, grade in (("good", 5), ("bad", 1), ("good bad", 3))
)
SEVERAL, GRADED = ("--label", "labels"), ("--label", "grade", "--target", "graded")


@pytest.fixture
def decided(run, tmp_path):
    """Checks a file and writes actions, by the lines of texts, into the table of corrections."""

    def made(file, options, actions):
        result = run("check", file, *options, "--csv", "c.csv", "--most", "100", "--overwrite")
        assert result.exit_code == 0, result.output
        with open(tmp_path / "c.csv", encoding="utf-8", newline="") as stream:
            rows = list(csv.DictReader(stream))
        for row in rows:
            row["action"] = actions.get(int(row["line"]), "")
        assert {int(row["line"]) for row in rows} >= set(actions)
        with open(tmp_path / "c.csv", "w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, rows[0])
            writer.writeheader()
            writer.writerows(rows)
        return result.stdout

    return made


def test_a_table_with_wrong_and_missing_labels_comes_out_as_it_should_be(run, decided, tmp_path):
    right = SETS.encode()
    lines = SETS.splitlines(keepends=True)
    lines[10] = lines[10].replace(",food,", ",food|money,")
    lines[15] = lines[15].replace("food|money", "food")
    lines[20] = lines[20].replace(",money,", ",food|money,")
    (tmp_path / "t.csv").write_bytes("".join(lines).encode())
    shown = decided("t.csv", SEVERAL, {11: "change", 16: "add money", 21: "remove food"})
    assert "Labels that are probably missing" in shown
    assert "t.csv, line 16: food, probably with money (" in " ".join(shown.split())
    result = run("correct", "t.csv", "c.csv", "--out", "out.csv", *SEVERAL)
    assert result.exit_code == 0, result.output
    assert "3 with other labels" in " ".join(result.stdout.split())
    assert (tmp_path / "out.csv").read_bytes() == right


def test_lists_of_labels_in_json_lines_stay_lists(run, decided, tmp_path):
    rows = [
        {"text": f"{text} {n}", "labels": labels}
        for n in range(20)
        for text, labels in (
            ("soup", ["food"]),
            ("price", ["money"]),
            ("soup price", ["food", "money"]),
            ("x", []),
        )
    ]
    wrong = [dict(row) for row in rows]
    wrong[4] = {**wrong[4], "labels": ["food", "money"]}
    (tmp_path / "t.jsonl").write_text("\n".join(map(json.dumps, wrong)) + "\n")
    decided("t.jsonl", SEVERAL, {5: "remove money"})
    assert run("correct", "t.jsonl", "c.csv", "--out", "out.jsonl", *SEVERAL).exit_code == 0
    assert [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()] == rows


def test_labels_that_do_not_stand_in_one_cell_are_written_as_a_table(run, decided, tmp_path):
    lines = ["__label__food soup", "__label__money price", "__label__food __label__money soup price"] * 12
    lines[4] = "__label__food __label__money price"
    (tmp_path / "t.txt").write_text("\n".join(lines) + "\n")
    decided("t.txt", (), {5: "change to money"})
    assert run("correct", "t.txt", "c.csv", "--out", "out.txt").exit_code == 2
    assert run("correct", "t.txt", "c.csv", "--out", "out.csv").exit_code == 0
    with open(tmp_path / "out.csv", encoding="utf-8", newline="") as stream:
        assert [row["label"] for row in csv.DictReader(stream)] == ["food", "money", "food|money"] * 12


def test_a_table_with_wrong_grades_comes_out_as_it_should_be(run, decided, answer, tmp_path):
    lines = GRADES.splitlines(keepends=True)
    lines[10], lines[20] = lines[10].replace(",5,", ",1,"), lines[20].replace(",1,", ",5,")
    (tmp_path / "t.csv").write_text("".join(lines))
    shown = decided("t.csv", GRADED, {11: "change", 21: "change to 1"})
    assert "Grades that are probably wrong" in shown
    assert "t.csv, line 11: 1, probably 5" in " ".join(shown.split())
    result = run("correct", "t.csv", "c.csv", "--out", "out.csv", *GRADED)
    assert "2 with another grade" in " ".join(result.stdout.split())
    assert (tmp_path / "out.csv").read_text() == GRADES
    found = answer("check", "t.csv", *GRADED)
    assert found["counts"]["wrong-grade"] >= 2
    assert found["findings"][0]["evidence"]["probability_label"] is None
