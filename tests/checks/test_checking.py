"""check: every planted fault is found, and nothing of the kind where there is none."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from wordloom.checks.checking import CheckPlan, check, source_fingerprint
from wordloom.checks.faults import kinds_of
from wordloom.checks.suspects import label_scores
from wordloom.corpus import Corpus, Dataset
from wordloom.errors import UsageError
from wordloom.loop.callback import Callback
from wordloom.settings import Settings

SETTINGS = Settings(architecture="ngram", epochs=4, random_state=0)
WORDS = {
    "pos": "good fine great superb lovely bright warm funny".split(),  # noqa: SIM905
    "neg": "bad poor awful dull bleak weak cold boring".split(),  # noqa: SIM905
}
THINGS = [
    f"{thing}{number}" for thing in ("plot", "cast", "music", "ending", "voice") for number in range(60)
]


def review(label: str, rng: np.random.Generator) -> str:
    return " ".join(f"{rng.choice(THINGS)} was {rng.choice(WORDS[label])}." for _ in range(8))


def reviews(n: int, seed: int) -> tuple[list[str], list[str]]:
    rng = np.random.default_rng(seed)
    labels = ["pos" if row % 2 else "neg" for row in range(n)]
    return [review(label, rng) for label in labels], labels


def corpus(texts, labels, name="reviews") -> Corpus:
    return Corpus(texts, labels, name)


@pytest.fixture(scope="module")
def planted() -> Dataset:
    """200 texts with one fault of each kind behind them, and 20 for testing."""
    texts, labels = reviews(200, 0)
    labels[50], labels[61] = "pos", "neg"  # wrong
    texts += [
        texts[0],  # 200, repeated under another label
        texts[1].upper().replace(".", "!"),  # 201, nearly repeated
        texts[2] + " the end",  # 202, nearly repeated under another label
        "",  # 203
        "?!",  # 204
        "fine",  # 205
        "\u0444\u0438\u043b\u044c\u043c \u0431\u044b\u043b \u0445\u043e\u0440\u043e\u0448\u0438\u0439",  # 206
        review("pos", np.random.default_rng(9)),  # 207, under "Pos "
    ]
    labels += ["pos", labels[1], "pos", "neg", "neg", "pos", "pos", "Pos "]
    test_texts, test_labels = reviews(20, 1)
    test_texts[3], test_labels[3] = f" {texts[5]}\n", labels[5]
    test_texts[4], test_labels[4] = texts[6] + " again", labels[6]
    test_labels[7] = "neg"  # wrong
    return Dataset(corpus(texts, labels), corpus(test_texts, test_labels), "reviews")


@pytest.fixture(scope="module")
def found(planted):
    return check(planted, CheckPlan(SETTINGS))


def rows_of(found, kind):
    return {finding.row for finding in found.of_kind(kind)}


@pytest.mark.slow
def test_every_planted_fault_of_the_texts_is_found_and_nothing_else(found):
    assert rows_of(found, "conflicting") == {0, 200, 2, 202}
    assert rows_of(found, "repeated") == {200, 201, 202}
    assert rows_of(found, "in-training") == {208 + 3, 208 + 4}
    assert rows_of(found, "similar-label") == {207}
    assert rows_of(found, "empty") == {203, 204}
    assert rows_of(found, "one-word") == {205}
    assert rows_of(found, "script") == {206}


@pytest.mark.slow
def test_every_wrong_label_is_found_in_training_and_in_test(found):
    suspects = [finding.row for finding in found.of_kind("wrong-label")]
    assert {50, 61, 208 + 7} <= set(suspects[:6])
    by_row = {finding.row: finding.evidence for finding in found.findings}
    for row, given, suggested in ((50, "pos", "neg"), (61, "neg", "pos"), (215, "neg", "pos")):
        evidence = by_row[row]
        assert (evidence.given, evidence.suggested) == (given, suggested)
        assert evidence.probability_given < 0.5 < evidence.probability_suggested
        assert {word.word for word in evidence.words_suggested} & set(WORDS[suggested])
        assert not {word.word for word in evidence.words_given} & set(WORDS[suggested])


@pytest.mark.slow
def test_the_nearest_texts_have_the_suggested_label(found):
    for finding in found.of_kind("wrong-label"):
        for near in finding.evidence.nearest:
            assert near.row != finding.row
            assert found.corpus.labels[near.row].strip().lower() == finding.evidence.suggested
            assert 0 < near.similarity <= 1


def test_ranks_rise_and_findings_begin_with_them(found):
    ranks = [finding.evidence.rank for finding in found.findings if finding.evidence is not None]
    assert ranks == list(range(1, len(ranks) + 1))
    assert all(finding.evidence is not None for finding in found.findings[: len(ranks)])


def test_a_text_with_several_faults_is_told_once(found):
    rows = [finding.row for finding in found.findings]
    assert len(rows) == len(set(rows))
    (twice,) = (finding for finding in found.findings if finding.row == 200)
    assert {fault.kind for fault in twice.faults} >= {"conflicting", "repeated"}
    assert sum(found.counts().values()) == sum(len({f.kind for f in one.faults}) for one in found.findings)


def test_a_part_and_its_row_are_told(found):
    (leak,) = (finding for finding in found.findings if finding.row == 211)
    assert (leak.part, leak.part_row) == ("test", 3)
    (fault,) = (fault for fault in leak.faults if fault.kind == "in-training")
    assert (fault.other, fault.similarity) == (5, None)


def test_a_label_that_is_spelled_otherwise_is_no_class_of_its_own(found):
    (other,) = (finding for finding in found.findings if finding.row == 207)
    assert other.suggested == "pos"
    assert all(finding.suggested != "Pos " for finding in found.findings)


def test_good_texts_have_nothing_wrong():
    texts, labels = reviews(60, 3)
    found = check(Dataset(corpus(texts, labels)), CheckPlan(SETTINGS, most=0))
    assert found.findings == ()
    assert found.counts() == dict.fromkeys(kinds_of("single"), 0)


@pytest.mark.slow
def test_the_same_seed_finds_the_same_whatever_the_threads(planted):
    settings = [dataclasses.replace(SETTINGS, epochs=1, threads=threads) for threads in (1, 2)]
    one, two = (check(planted, CheckPlan(each, most=5)).findings for each in settings)
    assert [(finding.row, finding.faults, finding.evidence) for finding in one] == [
        (finding.row, finding.faults, finding.evidence) for finding in two
    ]


@pytest.mark.slow
def test_copies_of_a_wrong_label_do_not_speak_for_each_other():
    texts, labels = reviews(80, 4)
    texts += [
        "zzz qqq " + texts[0].replace("was", "is")
    ] * 3  # words that no other text has: whoever learns of one knows all
    labels += ["pos"] * 3
    assert labels[0] == "neg"
    found = check(Dataset(corpus(texts, labels)), CheckPlan(SETTINGS))
    assert {80, 81, 82} <= rows_of(found, "wrong-label")


def test_texts_of_one_label_are_checked_without_a_model():
    found = check(Dataset(corpus(["a b c", "a b c", "d e"], ["x", "x", "x"])), CheckPlan(SETTINGS))
    assert rows_of(found, "repeated") == {1}
    assert rows_of(found, "wrong-label") == set()
    assert "one class" in found.notes[0]


def test_texts_without_any_word_are_told_as_empty():
    found = check(Dataset(corpus(["", "", "!", "?"], ["x", "y", "x", "y"])), CheckPlan(SETTINGS))
    assert rows_of(found, "empty") == {0, 1, 2, 3}
    assert rows_of(found, "wrong-label") == set()


def test_callbacks_are_told_and_ctrl_c_ends_the_check():
    class Interrupts(Callback):
        def __init__(self):
            self.units = set()

        def on_step(self, name, done, total, unit):
            self.units.add(unit)
            if unit == "fold" and done == 1:
                raise KeyboardInterrupt

    told, (texts, labels) = Interrupts(), reviews(40, 5)
    with pytest.raises(KeyboardInterrupt):
        check(Dataset(corpus(texts, labels)), CheckPlan(SETTINGS, callbacks=(told,)))
    assert told.units == {"text", "fold"}


@pytest.mark.parametrize("most", [-1, 1.5, True, "all"])
def test_a_number_of_suspects_without_meaning_is_refused(most):
    with pytest.raises(UsageError, match="most"):
        check(Dataset(corpus(["a", "b"], ["x", "y"])), CheckPlan(SETTINGS, most=most))


def test_the_fingerprint_is_that_of_texts_labels_and_parts():
    texts, labels = reviews(4, 0)
    one = source_fingerprint(Dataset(corpus(texts, labels)))
    assert one == source_fingerprint(Dataset(corpus(texts, labels, "other name")))
    assert one != source_fingerprint(Dataset(corpus(texts, labels[::-1])))
    assert one != source_fingerprint(Dataset(corpus(texts[:2], labels[:2]), corpus(texts[2:], labels[2:])))


def test_of_labels_that_are_equally_unlikely_the_one_comes_first_where_models_are_less_sure():
    probabilities = np.array([[0.1, 0.9, 0.0], [0.1, 0.45, 0.45], [0.05, 0.95, 0.0], [0.9, 0.05, 0.05]])
    scores = label_scores(probabilities, np.array([0, 0, 0, 0], dtype=np.int32))
    assert scores[1] < scores[0]
    assert scores[2] < scores[0]
    assert scores.argmax() == 3
