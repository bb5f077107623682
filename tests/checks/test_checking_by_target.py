"""check and correct where texts have several labels, or grades: planted faults are found and go away."""

from __future__ import annotations

import csv
import io

import numpy as np
import pytest

from wordloom.checks.checking import CheckPlan, check, source_fingerprint
from wordloom.checks.corrections import corrected, read_corrections, write_corrections
from wordloom.checks.evidence import suggested_grade
from wordloom.corpus import Corpus, Dataset
from wordloom.errors import DataError
from wordloom.fit.cross_validation import out_of_fold
from wordloom.settings import Settings

SETTINGS = Settings(architecture="ngram", epochs=6, random_state=0, threads=1)
WORDS = {
    "food": ("soup", "bread", "cook"),
    "money": ("price", "bill", "cheap"),
    "staff": ("waiter", "rude", "kind"),
}
WRONG, MISSING = 10, 21


def with_topics(rng, topics):
    words = [f"thing{rng.integers(300)}" for _ in range(5)]
    words += [str(rng.choice(WORDS[topic])) for topic in topics for _ in range(3)]
    return " ".join(rng.permutation(words))


def of_sets(n=150):
    """Texts with the words of their topics, two of them with a wrong set, and other faults behind."""
    rng, names = np.random.default_rng(0), list(WORDS)
    sets = [tuple(name for bit, name in enumerate(names) if row >> bit & 1) for row in range(n)]
    texts = [with_topics(rng, own) for own in sets]
    right = list(sets)
    sets[WRONG] = (*sets[WRONG], "food")  # row 10: money alone, by its bits 010 and 8
    sets[MISSING] = tuple(name for name in sets[MISSING] if name != "staff")
    more = [(texts[0], sets[0]), (texts[1], ("money",)), ("", ()), ("soup", ("Food",))]
    return [*texts, *(text for text, _ in more)], [*sets, *(own for _, own in more)], right


def of_grades(n=150):
    rng = np.random.default_rng(0)
    grades = [float(row % 5 + 1) for row in range(n)]
    texts = []
    for grade in grades:
        words = (
            ["good"] * int(grade) + ["bad"] * int(6 - grade) + [f"thing{rng.integers(300)}" for _ in range(4)]
        )
        texts.append(" ".join(rng.permutation(words)))
    right = list(grades)
    grades[WRONG], grades[MISSING + 3] = 5.0, 1.0  # 1 and 5
    return [*texts, texts[2], texts[3]], [*grades, grades[2], 1.0], right


@pytest.fixture(scope="module")
def sets():
    texts, labels, _ = of_sets()
    data = Dataset(Corpus(texts, labels, "topics"), name="topics")
    return data, check(data, CheckPlan(SETTINGS))


@pytest.fixture(scope="module")
def grades():
    texts, labels, _ = of_grades()
    data = Dataset(Corpus(texts, labels, "grades", target="graded"), name="grades")
    return data, check(data, CheckPlan(SETTINGS))


def rows_of(found, kind):
    return [finding.row for finding in found.of_kind(kind)]


def test_a_wrong_label_and_a_missing_one_are_the_first_and_told_apart(sets):
    _, found = sets
    assert set(rows_of(found, "wrong-label")[:2]) == {WRONG, 151}
    assert set(rows_of(found, "missing-label")[:2]) == {MISSING, 151}
    by_row = {finding.row: finding.evidence for finding in found.findings}
    wrong, missing = by_row[WRONG], by_row[MISSING]
    assert [(one.label, one.add) for one in wrong.changes] == [("food", False)]
    assert [(one.label, one.add) for one in missing.changes] == [("staff", True)]
    assert wrong.changes[0].probability < 0.5 < missing.changes[0].probability
    assert set(wrong.suggested) == set(wrong.given) - {"food"}
    assert set(missing.suggested) == set(missing.given) | {"staff"}
    assert {word.word for word in missing.words_suggested} & set(WORDS["staff"])
    assert all("staff" in found.corpus.labels[near.row] for near in missing.nearest)
    assert all("food" not in found.corpus.labels[near.row] for near in wrong.nearest)


def test_other_faults_of_texts_with_several_labels_are_found(sets):
    _, found = sets
    assert {150, 151} <= set(rows_of(found, "repeated"))
    assert set(rows_of(found, "conflicting")) == {1, 151}
    assert rows_of(found, "empty") == [152]
    assert rows_of(found, "similar-label") == [153]
    (spelled,) = found.of_kind("similar-label")
    assert ("food",) in {fault.suggested for fault in spelled.faults}
    assert "wrong-grade" not in found.counts()


def test_grades_far_from_what_models_say_are_the_first_with_a_grade_to_take(grades):
    _, found = grades
    assert set(rows_of(found, "wrong-grade")[:3]) == {WRONG, MISSING + 3, 151}
    by_row = {finding.row: finding.evidence for finding in found.findings}
    low, high = by_row[WRONG], by_row[MISSING + 3]
    assert low.suggested < low.given == 5.0
    assert high.suggested > high.given == 1.0
    assert "bad" in {word.word for word in low.words_suggested}
    assert "good" in {word.word for word in high.words_suggested}
    assert set(rows_of(found, "conflicting")) == {3, 151}
    assert 150 in rows_of(found, "repeated")
    assert next(iter(found.counts())) == "wrong-grade"
    assert low.probability_given is None


@pytest.mark.parametrize("kind", ["sets", "grades"])
def test_the_table_is_read_back_and_its_suggestions_carried_out(kind, request, tmp_path):
    data, found = request.getfixturevalue(kind)
    rows = (WRONG, MISSING if kind == "sets" else MISSING + 3)
    path = tmp_path / "c.csv"
    with open(path, "w", encoding="utf-8", newline="") as stream:
        write_corrections(found, stream, dict.fromkeys(rows, "change"))
    read = read_corrections(path, data)
    assert (read.relabelled, read.dropped) == (2, 0)
    after = corrected(data, read)
    right = (of_sets if kind == "sets" else of_grades)()[2]
    for row in rows:
        if kind == "sets":
            assert after.train.labels[row] == tuple(sorted(right[row]))
        else:
            assert abs(after.train.labels[row] - right[row]) < abs(data.train.labels[row] - right[row])
    assert after.train.target == data.train.target


def table(tmp_path, data, action, row=1):
    stream = io.StringIO()
    writer = csv.writer(stream)
    writer.writerow(["part", "row", "action", "suggested", "fingerprint"])
    writer.writerow(["train", row, action, "", source_fingerprint(data)])
    (tmp_path / "c.csv").write_text(stream.getvalue(), encoding="utf-8")
    return tmp_path / "c.csv"


SETS = Dataset(Corpus(["a", "b"], [["x", "y"], ["y"]], "texts"), name="texts")
GRADES = Dataset(Corpus(["a", "b"], [1, 4.5], "texts", target="graded"), name="texts")


@pytest.mark.parametrize(
    ("action", "labels"),
    [
        ("add x", ("x", "y")),
        ("Remove y", ()),
        ("remove x", None),
        ("add y", None),
        ("change to x|y", ("x", "y")),
        ("change to x", ("x",)),
    ],
)
def test_labels_are_added_and_removed(tmp_path, action, labels):
    found = read_corrections(table(tmp_path, SETS, action), SETS)
    assert {change.label for change in found.changes.values()} == ({labels} if labels is not None else set())


@pytest.mark.parametrize(("action", "grade"), [("change to 2", 2.0), ("change to 1.25", 1.25)])
def test_a_text_gets_another_grade(tmp_path, action, grade):
    assert corrected(GRADES, read_corrections(table(tmp_path, GRADES, action), GRADES)).train.labels == [
        1,
        grade,
    ]


@pytest.mark.parametrize(
    ("data", "action", "says"),
    [
        (SETS, "add z", "no text of texts has the label 'z'"),
        (SETS, "add", "says no label to add. Write: add LABEL"),
        (SETS, "change", "no label to change to"),
        (GRADES, "add 2", "none of keep, drop, change and change to LABEL"),
        (GRADES, "change to 9", "the grades of texts go from 1 to 4.5, and 9 is beyond"),
        (GRADES, "change to high", "must be a finite number"),
    ],
)
def test_what_is_wrong_in_a_row_is_refused_with_file_and_line(tmp_path, data, action, says):
    with pytest.raises(DataError, match=rf"c\.csv, line 2: .*{says}"):
        read_corrections(table(tmp_path, data, action), data)


def test_a_new_label_and_a_grade_beyond_are_allowed_where_that_is_said(tmp_path):
    found = read_corrections(table(tmp_path, SETS, "add z"), SETS, new_labels=True)
    assert corrected(SETS, found).train.labels[1] == ("y", "z")
    found = read_corrections(table(tmp_path, GRADES, "change to 9"), GRADES, new_labels=True)
    assert corrected(GRADES, found).train.labels[1] == 9


def test_a_test_part_is_checked_by_models_of_the_training_part():
    texts, labels, _ = of_sets()
    parts = [
        Corpus(texts[:120], labels[:120], "t"),
        Corpus(texts[120:150], [*labels[120:149], ("food", "new")], "t"),
    ]
    found = check(Dataset(*parts, "t"), CheckPlan(SETTINGS))
    assert {finding.part for finding in found.of_kind("wrong-label")} >= {"train"}
    assert rows_of(found, "wrong-label")[0] == WRONG


def test_each_text_has_the_answers_of_a_model_that_has_not_learned_from_it():
    texts, labels, _ = of_grades()
    found = out_of_fold(Corpus(texts, labels, "grades", target="graded"), SETTINGS, folds=3)
    assert found.classes == (1.0, 5.0)
    predicted = 1 + 4 * found.probabilities[:, 1]
    kept = np.delete(np.arange(150), [WRONG, MISSING + 3])
    assert np.corrcoef(predicted[kept], np.array(labels)[kept])[0, 1] > 0.7
    texts, labels, _ = of_sets()
    found = out_of_fold(Corpus(texts[:150], labels[:150], "topics"), SETTINGS, folds=3)
    assert found.probabilities.shape == found.targets.shape == (150, 3)


def test_of_few_grades_one_that_there_is_is_suggested():
    few, many = np.arange(1.0, 6), np.linspace(0, 1, 200)
    assert suggested_grade(5.0, 1.4, few) == 1.0
    assert suggested_grade(5.0, 4.9, few) == 4.0
    assert suggested_grade(1.0, 1.1, few) == 2.0
    assert suggested_grade(0.9, 0.12345, many) == 0.123
