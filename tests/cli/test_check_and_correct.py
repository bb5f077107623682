"""`wordloom check` and `wordloom correct`: faults are found, decided on in a table, and gone after that."""

from __future__ import annotations

import csv
import json

import numpy as np
import pytest

WORDS = {
    "pos": ("good", "fine", "great", "superb", "lovely", "bright", "warm", "funny"),
    "neg": ("bad", "poor", "awful", "dull", "bleak", "weak", "cold", "boring"),
}


def review(label: str, rng: np.random.Generator) -> str:
    return " ".join(f"thing{rng.integers(400)} was {rng.choice(WORDS[label])}." for _ in range(8))


def made_rows(n: int = 160) -> list[list[str]]:
    """Rows of id, text, label and note."""
    rng = np.random.default_rng(0)
    labels = ["pos" if row % 2 else "neg" for row in range(n)]
    return [[f"r{row}", review(label, rng), label, f'note, "{row}"'] for row, label in enumerate(labels)]


def write(path, rows):
    with open(path, "w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([("id", "text", "label", "note"), *rows])


def read(path):
    with open(path, encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def decide(path, decision):
    """Fill in the column `action` of a table of corrections."""
    rows = read(path)
    for row in rows:
        row["action"] = decision(row)
    with open(path, "w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, rows[0])
        writer.writeheader()
        writer.writerows(rows)


@pytest.fixture
def faulty(tmp_path):
    """reviews.csv, with planted faults; the rows as they should be in the end."""
    rows = made_rows()
    right = [list(row) for row in rows]
    for row in (40, 81):  # wrong labels
        rows[row][2] = "pos" if rows[row][2] == "neg" else "neg"
    rows[12][2] = "Neg"  # another spelling
    for number, (text, label) in enumerate(
        [
            (rows[0][1], "neg"),  # repeated
            (rows[2][1].upper(), "neg"),  # nearly repeated
            (rows[3][1], "neg"),  # under two labels
            ("", "pos"),
            ("fine", "pos"),
            ("\u0444\u0438\u043b\u044c\u043c \u0431\u044b\u043b \u0445\u043e\u0440\u043e\u0448", "pos"),
        ]
    ):
        rows.append([f"x{number}", text, label, "drop"])
    write(tmp_path / "reviews.csv", rows)
    return right


@pytest.mark.slow
def test_a_table_with_planted_faults_comes_out_as_it_should_be(run, faulty, tmp_path):
    before = (tmp_path / "reviews.csv").read_bytes()
    shown = run("check", "reviews.csv", "--csv", "corrections.csv").stdout
    assert "Labels that are probably wrong" in shown
    assert "reviews.csv, line 42: pos (" in shown
    assert "Texts that stand under another label too: 2" in shown
    assert "'neg' is the usual spelling" in shown
    assert "wordloom correct reviews.csv corrections.csv" in " ".join(shown.split())
    found = {row["id"]: row for row in read(tmp_path / "corrections.csv")}
    for id_, kind in (
        *(("r40", "wrong-label"), ("r81", "wrong-label"), ("r12", "similar-label"), ("x0", "repeated")),
        *(("x1", "repeated"), ("x2", "conflicting"), ("r3", "conflicting"), ("x3", "empty")),
        *(("x4", "one-word"), ("x5", "script")),
    ):
        assert kind in found[id_]["faults"]

    def decision(row):
        if row["id"].startswith("x"):
            return "drop"
        return {"r40": "change", "r81": "change to pos", "r12": "change to neg"}.get(row["id"], "keep")

    decide(tmp_path / "corrections.csv", decision)
    result = run("correct", "reviews.csv", "corrections.csv", "--out", "corrected.csv")
    assert result.exit_code == 0, result.output
    assert "160 texts" in result.stdout
    assert "3 with another label, 6 dropped" in " ".join(result.stdout.split())
    assert (tmp_path / "reviews.csv").read_bytes() == before
    write(tmp_path / "right.csv", faulty)
    assert (tmp_path / "corrected.csv").read_bytes() == (tmp_path / "right.csv").read_bytes()

    again = run("check", "corrected.csv", "--most", "0")
    assert "was not looked for" in again.stdout
    assert "0 texts of 160 with something to look at" in again.stdout


@pytest.mark.slow
def test_json_says_all_that_was_found(answer, faulty):
    found = answer("check", "reviews.csv", "--most", "20")
    assert list(found) == ["source", "fingerprint", "texts", "seconds", "counts", "notes", "findings"]
    assert found["texts"] == {"train": 166, "test": 0}
    assert found["counts"]["conflicting"] == 2
    first = found["findings"][0]
    assert (first["id"], first["part"], first["row"], first["file"], first["line"]) in {
        ("r40", "train", 40, "reviews.csv", 42),
        ("r81", "train", 81, "reviews.csv", 83),
    }
    assert first["evidence"]["rank"] == 1
    assert first["evidence"]["probability_label"] < 0.5
    assert first["evidence"]["words_for_suggested"]
    assert all(near["file"] == "reviews.csv" for near in first["evidence"]["nearest"])


def test_texts_that_would_control_a_terminal_do_not(run, tmp_path):
    rows = [
        [str(row), "a \x1b[2J text\u202e", "<script>x</script>\u202e" if row % 2 else "y", ""]
        for row in range(4)
    ]
    write(tmp_path / "x.csv", rows)
    shown = run("check", "x.csv", "--most", "0").stdout
    assert "\x1b" not in shown
    assert "\u202e" not in shown


def test_a_test_part_is_checked_for_leaks(answer, tmp_path):
    rows = [["text", "label", "split"], ["a fine film it was", "x", "train"], ["bad one again", "y", "train"]]
    rows += [["a fine film it was", "x", "test"], ["other text here", "y", "test"]]
    with open(tmp_path / "parts.csv", "w", newline="") as stream:
        csv.writer(stream).writerows(rows)
    found = answer("check", "parts.csv", "--most", "0")
    assert found["counts"]["in-training"] == 1
    leak = found["findings"][0]
    assert (leak["part"], leak["row"], leak["line"]) == ("test", 0, 4)
    assert leak["faults"][0]["other"]["part"] == "train"


def test_a_folder_becomes_a_table(run, tmp_path):
    for label, texts in (("neg", ["bad film it was", "so dull"]), ("pos", ["good film", "bad film it was"])):
        (tmp_path / "texts" / label).mkdir(parents=True)
        for number, text in enumerate(texts):
            (tmp_path / "texts" / label / f"{number}.txt").write_text(text)
    assert run("check", "texts", "--csv", "c.csv", "--most", "0").exit_code == 0
    found = read(tmp_path / "c.csv")
    assert {row["file"].rsplit("/", 2)[1:] == ["neg", "0.txt"] or row["line"] == "" for row in found} == {
        True
    }
    decide(tmp_path / "c.csv", lambda row: "drop" if row["label"] == "pos" else "keep")
    assert run("correct", "texts", "c.csv", "--out", "x.bin").exit_code == 2
    assert run("correct", "texts", "c.csv", "--out", "x.csv").exit_code == 0
    assert [(row["text"], row["label"]) for row in read(tmp_path / "x.csv")] == [
        ("bad film it was", "neg"),
        ("so dull", "neg"),
        ("good film", "pos"),
    ]


def test_a_folder_with_two_parts_becomes_a_table_that_says_which(run, tmp_path):
    for part, texts in (("train", ["bad film", "so dull", "good one"]), ("test", ["bad film", "fine film"])):
        for number, text in enumerate(texts):
            folder = tmp_path / "texts" / part / ("neg" if number < len(texts) - 1 else "pos")
            folder.mkdir(parents=True, exist_ok=True)
            (folder / f"{number}.txt").write_text(text)
    assert run("check", "texts", "--csv", "c.csv", "--most", "0").exit_code == 0
    (leak,) = (row for row in read(tmp_path / "c.csv") if row["part"] == "test")
    assert "in-training" in leak["faults"]
    decide(tmp_path / "c.csv", lambda row: "drop")
    assert run("correct", "texts", "c.csv", "--out", "x.jsonl").exit_code == 0
    found = [json.loads(line) for line in (tmp_path / "x.jsonl").read_text().splitlines()]
    assert [(row["text"], row["label"], row["split"]) for row in found] == [
        ("bad film", "neg", "train"),
        ("so dull", "neg", "train"),
        ("good one", "pos", "train"),
        ("fine film", "pos", "test"),
    ]


@pytest.mark.parametrize(
    ("change", "arguments", "code", "says"),
    [
        (lambda row: row.update(fingerprint="0" * 32), (), 3, "corrections of another source"),
        (lambda row: row.update(row="999"), (), 3, "line 2: reviews.csv has no row '999'"),
        (lambda row: row.update(action="change to unheard"), (), 3, "--new-labels"),
        (lambda row: row.update(action="change to unheard"), ("--new-labels",), 0, "unheard 1"),
        (lambda row: row.update(action="perhaps"), (), 3, "none of keep, drop"),
    ],
)
def test_corrections_that_do_not_fit_are_refused(run, faulty, tmp_path, change, arguments, code, says):
    run("check", "reviews.csv", "--csv", "c.csv", "--most", "0")
    rows = read(tmp_path / "c.csv")[:1]
    change(rows[0])
    with open(tmp_path / "c.csv", "w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    result = run("correct", "reviews.csv", "c.csv", "--out", "out.csv", *arguments)
    assert result.exit_code == code
    assert says in " ".join(result.output.split())
    assert (tmp_path / "out.csv").exists() == (code == 0)


def test_nothing_is_lost_by_a_name_used_twice(run, faulty, tmp_path):
    (tmp_path / "there.csv").write_text("mine")
    assert run("check", "reviews.csv", "--csv", "there.csv").exit_code == 2
    run("check", "reviews.csv", "--csv", "c.csv", "--most", "0")
    assert run("correct", "reviews.csv", "c.csv", "--out", "there.csv").exit_code == 2
    for target in ("reviews.csv", "c.csv"):
        assert run("correct", "reviews.csv", "c.csv", "--out", target, "--overwrite").exit_code == 2
    assert run("correct", "reviews.csv", "c.csv", "--out", "other.jsonl").exit_code == 2
    assert run("correct", "-", "c.csv", "--out", "o.csv", stdin="text,label\na,b\n").exit_code == 3
    assert (tmp_path / "there.csv").read_text() == "mine"
    assert run("correct", "reviews.csv", "c.csv", "--out", "there.csv", "--overwrite").exit_code == 0
    assert (tmp_path / "there.csv").read_bytes() == (tmp_path / "reviews.csv").read_bytes()
