"""Corrections: what a table says becomes of each text, and what is refused with file and line."""

from __future__ import annotations

import csv
import io

import pytest

from wordloom.checks.checking import CheckPlan, check, source_fingerprint
from wordloom.checks.corrections import COLUMNS, corrected, read_corrections, write_corrections
from wordloom.corpus import Corpus, Dataset
from wordloom.errors import DataError
from wordloom.settings import Settings

TRAIN = Corpus(["a b", "c d", "e f", "g h"], ["x", "y", "x", "<b>z</b>"], "texts")
TEST = Corpus(["i j"], ["y"], "texts")
DATA = Dataset(TRAIN, TEST, "texts")
FINGERPRINT = source_fingerprint(DATA)


@pytest.fixture
def table(tmp_path):
    """A file of corrections with these rows: (part, row, action, and other cells by name)."""

    def written(*rows, delimiter=",", fingerprint=FINGERPRINT):
        names = ["part", "row", "label", "suggested", "line", "action", "fingerprint"]
        stream = io.StringIO()
        writer = csv.DictWriter(stream, names, delimiter=delimiter, restval="")
        writer.writeheader()
        for part, row, action, *more in rows:
            cells = {"part": part, "row": row, "action": action, "fingerprint": fingerprint}
            writer.writerow(cells | (more[0] if more else {}))
        path = tmp_path / "corrections.csv"
        path.write_text(stream.getvalue(), encoding="utf-8", newline="")
        return path

    return written


def test_actions_are_carried_out(table):
    path = table(
        ("train", 0, "change to y"),
        ("train", 1, "Drop"),
        ("train", 2, "keep"),
        ("train", 3, "change", {"suggested": "x"}),
        ("test", 0, " CHANGE TO <b>z</b> "),
    )
    found = read_corrections(path, DATA)
    assert (found.relabelled, found.dropped, found.kept, found.undecided) == (3, 1, 1, 0)
    after = corrected(DATA, found)
    assert after.train.texts == ["a b", "e f", "g h"]
    assert after.train.labels == ["y", "x", "x"]
    assert after.test.labels == ["<b>z</b>"]
    assert DATA.train.labels == ["x", "y", "x", "<b>z</b>"]
    assert after.train.fingerprint() == Corpus(after.train.texts, after.train.labels).fingerprint()


def test_an_empty_action_leaves_a_text_as_it_is(table):
    found = read_corrections(table(("train", 0, ""), ("train", 1, "  ")), DATA)
    assert (dict(found.changes), found.kept, found.undecided) == ({}, 0, 2)


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_a_table_saved_by_a_spreadsheet_is_read(table, delimiter):
    found = read_corrections(table(("train", 0, "drop"), delimiter=delimiter), DATA)
    assert found.dropped == 1


def test_corrections_of_another_source_are_refused(table):
    path = table(("train", 0, "drop"), fingerprint="0" * 32)
    with pytest.raises(DataError, match=r"corrections\.csv, line 2: .*another source"):
        read_corrections(path, DATA)


@pytest.mark.parametrize(
    ("row", "says"),
    [
        (("train", 4, "drop"), "no row '4'"),
        (("train", "-1", "drop"), "no row '-1'"),
        (("train", "first", "drop"), "no row 'first'"),
        (("train", "", "drop"), "no row ''"),
        (("dev", 0, "drop"), "no part 'dev'"),
        (("train", 0, "change to xx"), "has the label 'xx'"),
        (("train", 0, "change to"), "no label to change to"),
        (("train", 0, "change it"), "none of keep, drop"),
        (("train", 0, "change"), "no label to change to"),
        (("train", 0, "remove"), "none of keep, drop"),
        (("train", 0, "drop", {"label": "y"}), "sorted without the others"),
        (("train", 0, "drop", {"line": "9"}), "sorted without the others"),
    ],
)
def test_what_is_wrong_in_a_row_is_refused_with_file_and_line(table, row, says):
    with pytest.raises(DataError, match=rf"corrections\.csv, line 3: .*{says}"):
        read_corrections(table(("train", 1, "keep"), row), DATA)


def test_two_decisions_about_one_text_are_refused_and_the_same_twice_is_one(table):
    with pytest.raises(DataError, match=r"line 3: decides otherwise about the text of .*line 2"):
        read_corrections(table(("train", 0, "drop"), ("train", 0, "keep")), DATA)
    assert read_corrections(table(("train", 0, "drop"), ("train", 0, "drop")), DATA).dropped == 1


def test_a_new_label_is_allowed_where_that_is_said(table):
    path = table(("train", 0, "change to new one"))
    with pytest.raises(DataError, match="--new-labels"):
        read_corrections(path, DATA)
    after = corrected(DATA, read_corrections(path, DATA, new_labels=True))
    assert after.train.labels[0] == "new one"


def test_labels_that_are_numbers_stay_numbers(table):
    data = Dataset(Corpus(["a", "b"], [1, 2], "texts"), name="texts")
    fingerprint = source_fingerprint(data)
    path = table(("train", 0, "change to 2.0"), fingerprint=fingerprint)
    assert corrected(data, read_corrections(path, data)).train.labels == [2, 2]
    path = table(("train", 0, "change to 3"), fingerprint=fingerprint)
    assert corrected(data, read_corrections(path, data, new_labels=True)).train.labels == [3, 2]
    path = table(("train", 0, "change to three"), fingerprint=fingerprint)
    with pytest.raises(DataError, match="whole numbers"):
        read_corrections(path, data, new_labels=True)


def test_dropping_all_texts_is_refused(table):
    data = Dataset(Corpus(["a"], ["x"], "texts"), name="texts")
    path = table(("train", 0, "drop"), fingerprint=source_fingerprint(data))
    with pytest.raises(DataError, match="all texts would be dropped"):
        corrected(data, read_corrections(path, data))


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"a,b\n1,2\n", "line 1: has no column 'part'"),
        (b"part,row,action,action,fingerprint\n", "two columns are named 'action'"),
        (b"part,row,action,fingerprint\ntrain,0,drop\n", "line 2: 3 cells"),
        (b"part,row,action,fingerprint\n\xff,0,drop,x\n", "not UTF-8"),
        (b'part,row,action,fingerprint\n"x"y,0,drop,x\n', "is not CSV"),
        (b"", "has no column 'part'"),
    ],
)
def test_a_file_that_is_no_table_of_corrections_is_refused(tmp_path, content, says):
    path = tmp_path / "c.csv"
    path.write_bytes(content)
    with pytest.raises(DataError, match=says):
        read_corrections(path, DATA)


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(DataError, match="cannot be read"):
        read_corrections(tmp_path / "none.csv", DATA)


def test_what_check_writes_is_read_back_with_nothing_decided(tmp_path):
    labels = ["<script>alert(1)</script>", "y\u202e", 'x, "quoted"\nand more']
    texts = ["a </script> text", "a </script> text", "=1+1", "", "\u202eturned " + "long " * 20_000]
    data = Dataset(
        Corpus(texts, [labels[0], labels[1], labels[2], labels[0], labels[1]], "texts"), name="texts"
    )
    checked = check(data, CheckPlan(Settings(architecture="ngram"), most=0))
    path = tmp_path / "c.csv"
    with open(path, "w", encoding="utf-8", newline="") as stream:
        write_corrections(checked, stream)
    assert path.stat().st_size < 20_000
    with open(path, encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert tuple(rows[0]) == COLUMNS
    assert len(rows) == len(checked.findings) > 2
    assert read_corrections(path, data).undecided == len(rows)
