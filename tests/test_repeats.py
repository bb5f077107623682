"""Repeated texts: counted by hand, in one part and between parts; a model's score without them."""

from __future__ import annotations

import numpy as np

from wordloom.corpus import Corpus, Dataset
from wordloom.evaluation.on_corpus import scores_on
from wordloom.readers import read_corpus, stream_corpus
from wordloom.repeats import repeats_in, seen_in

TEXTS = ["one", "two", " one ", "", "", "two", "three", "One"]
LABELS = ["a", "b", "a", "a", "b", "a", "a", "b"]


class AlwaysFirst:
    """Gives the first label the probability 0.9."""

    labels = ("a", "b")

    def predict_proba(self, texts, threads=None):
        return np.array([[0.9, 0.1]] * len(texts))


def test_repeated_and_conflicting_texts_are_counted_and_empty_ones_are_not():
    found = repeats_in(Corpus(TEXTS, LABELS))
    assert np.flatnonzero(found.again).tolist() == [2, 5]
    assert np.flatnonzero(found.conflicting).tolist() == [1, 5]
    assert found.texts == 1


def test_one_number_in_two_spellings_is_no_conflict():
    assert repeats_in(Corpus(["x", "x"], [1, True])).texts == 0


def test_no_texts_and_different_texts_have_nothing_repeated():
    assert not repeats_in(Corpus([], [])).again.any()
    assert not repeats_in(Corpus(["a", "b"], ["x", "y"])).again.any()


def test_test_texts_that_occur_in_training_are_found():
    training = Corpus(["one", "", "four"], ["a", "a", "b"])
    assert np.flatnonzero(seen_in(Corpus(TEXTS, LABELS), training)).tolist() == [0, 2]


def test_the_reader_reports_them_by_file_and_line(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text("text,label\none,a\ntwo,b\none,a\ntwo,a\n")
    for read in (read_corpus, stream_corpus):
        (note,) = read(path).notes
        assert "x.csv: 2 of 4 texts repeat an earlier one (the first: " in note
        assert "x.csv, line 4); 1 of them with different labels (the first: " in note
        assert note.endswith("x.csv, line 5).")


def test_the_reader_reports_test_texts_that_occur_in_training(tmp_path):
    (tmp_path / "train.csv").write_text("text,label\none,a\ntwo,b\n")
    (tmp_path / "test.csv").write_text("text,label\ntwo,b\nthree,a\n")
    notes = read_corpus(tmp_path).notes
    assert any("1 of 2 test texts occur in training as well" in note for note in notes)


def test_the_report_looks_at_each_text_once():
    class Counted(str):
        looked = 0

        def strip(self, *chars):
            Counted.looked += 1
            return super().strip(*chars)

    corpus = Corpus(["a", "b"], ["x", "y"])
    object.__setattr__(corpus, "texts", [Counted("a"), Counted("b")])
    for _ in range(3):
        repeats_in(corpus)
    assert Counted.looked == 2


def test_scores_without_the_texts_that_training_has_seen():
    training, test = (
        Corpus(["one", "two"], ["a", "b"]),
        Corpus(["one", "two", "x", "y"], ["a", "b", "a", "a"]),
    )
    whole, unseen = scores_on(AlwaysFirst(), test, training)
    assert (whole.n, whole.accuracy) == (4, 0.75)
    assert (unseen.n, unseen.accuracy) == (2, 1.0)
    assert scores_on(AlwaysFirst(), test, Corpus(["z"], ["a"]))[1] is None
    assert scores_on(AlwaysFirst(), test, test)[1] is None


def test_a_part_keeps_what_is_known_of_its_texts():
    corpus = Corpus(TEXTS, LABELS)
    whole = corpus.text_keys
    part = corpus.subset([5, 1])
    assert part.text_keys.tolist() == whole[[5, 1]].tolist()
    assert Dataset(part).unlabelled == ()
