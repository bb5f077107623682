"""out_of_fold: every text's probabilities come from a model that has not learned from it."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from wordloom.corpus import Corpus
from wordloom.errors import DataError, UsageError, WordloomWarning
from wordloom.fit import FitInput, fit
from wordloom.fit.cross_validation import OutOfFold, out_of_fold
from wordloom.loop.callback import Callback
from wordloom.settings import Settings

WORDS = {"pos": ("good", "fine", "great"), "neg": ("bad", "poor", "awful")}


def corpus_of(n: int = 60) -> Corpus:
    labels = ["pos" if row % 3 else "neg" for row in range(n)]
    texts = [f"the {WORDS[label][row % 2]} and {WORDS[label][2]} film" for row, label in enumerate(labels)]
    return Corpus(texts, labels, "reviews")


def settings(**changes) -> Settings:
    return Settings(**({"architecture": "ngram", "epochs": 3, "random_state": 0} | changes))


@pytest.fixture(scope="module")
def found() -> OutOfFold:
    return out_of_fold(corpus_of(), settings(), folds=4)


def test_every_text_has_probabilities_that_add_up_to_one(found):
    assert found.classes == ("neg", "pos")
    assert found.probabilities.shape == (60, 2)
    assert found.probabilities.dtype == np.float64
    np.testing.assert_allclose(found.probabilities.sum(axis=1), 1)
    assert (found.probabilities.argmax(axis=1) == found.targets).all()


def test_every_fold_has_its_share_of_every_label(found):
    table = np.array([np.bincount(found.targets[found.fold == fold], minlength=2) for fold in range(4)])
    assert table.sum() == 60
    assert (np.ptp(table, axis=0) <= 1).all()


def test_a_fold_is_answered_by_a_fit_on_the_other_folds(found):
    corpus, inside = corpus_of(), found.fold == 2
    model = fit(corpus.subset(np.flatnonzero(~inside).tolist()), settings())
    own = model.predict_proba(corpus.subset(np.flatnonzero(inside).tolist()).texts)
    np.testing.assert_array_equal(found.probabilities[inside], own)


def test_a_text_with_a_wrong_label_is_not_answered_by_heart():
    corpus = corpus_of()
    labels = list(corpus.labels)
    labels[7] = "neg"
    texts = [*corpus.texts]
    texts[7] += " zzz zzz zzz"  # words that no other text has: whoever learns from it knows its label
    found = out_of_fold(Corpus(texts, labels), settings())
    assert found.probabilities[7].argmax() == 1


@pytest.mark.slow
def test_the_same_seed_gives_the_same_bits_and_another_one_other_folds(found):
    again = out_of_fold(corpus_of(), settings(), folds=4)
    np.testing.assert_array_equal(again.probabilities, found.probabilities)
    other = out_of_fold(corpus_of(), settings(random_state=1), folds=4)
    assert (other.fold != found.fold).any()


def test_a_label_with_fewer_texts_than_folds_is_unknown_only_where_no_text_of_it_is_left():
    corpus = corpus_of(40)
    texts, labels = [*corpus.texts, "odd", "rare one", "rare two"], [*corpus.labels, "odd", "rare", "rare"]
    with pytest.warns(WordloomWarning, match="one text only"):
        found = out_of_fold(Corpus(texts, labels), settings())
    assert found.classes == ("neg", "odd", "pos", "rare")
    assert found.probabilities[40, 1] == 0  # the only text of its label
    assert found.fold[41] != found.fold[42]
    assert (found.probabilities[41:, 3] > 0).all()
    np.testing.assert_allclose(found.probabilities.sum(axis=1), 1)


def test_warnings_are_of_the_texts_as_a_whole():
    labels = [*corpus_of(40).labels, "rare", "rare"]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        out_of_fold(Corpus([*corpus_of(40).texts, "some thing", "some where"], labels), settings(), folds=2)


def test_where_the_other_texts_have_one_label_it_is_certain():
    with pytest.warns(WordloomWarning, match="one text only"):
        found = out_of_fold(Corpus(["a b", "a c", "d e"], ["x", "x", "y"]), settings())
    assert found.fold.tolist() != [0, 0, 0]
    assert found.probabilities[2].tolist() == [1, 0]


def test_weights_go_with_their_texts():
    corpus = corpus_of()
    weights = np.ones(60)
    weights[np.array(corpus.labels) == "neg"] = 0
    weights[:30:3] = 1
    found = out_of_fold(
        corpus, settings(class_weight={"pos": 1, "neg": 2}), 4, FitInput(sample_weight=weights)
    )
    assert found.probabilities.shape == (60, 2)
    with pytest.raises(DataError, match="60"):
        out_of_fold(corpus, settings(), 4, FitInput(sample_weight=np.ones(59)))


def test_a_weight_of_a_label_that_a_fold_lacks_is_no_error():
    corpus = corpus_of(40)
    with pytest.warns(WordloomWarning, match="one text only"):
        out_of_fold(
            Corpus([*corpus.texts, "odd"], [*corpus.labels, "odd"]), settings(class_weight={"odd": 2.0})
        )


def test_callbacks_are_told_of_folds():
    class Told(Callback):
        def __init__(self):
            self.steps = []

        def on_step(self, name, done, total, unit):
            self.steps.append((done, total, unit))

        def on_train_begin(self, logs):
            raise AssertionError("a fold is one step")

    told = Told()
    out_of_fold(corpus_of(), settings(), 3, FitInput(callbacks=[told]))
    assert told.steps == [(done, 3, "fold") for done in range(4)]


def test_ctrl_c_gives_no_probabilities_of_some_texts():
    class Interrupts(Callback):
        def on_step(self, name, done, total, unit):
            if done == 2:
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        out_of_fold(corpus_of(), settings(), 4, FitInput(callbacks=[Interrupts()], keep_interrupted=True))


@pytest.mark.parametrize("folds", [1, 0, 2.0, True])
def test_a_number_of_folds_without_meaning_is_refused(folds):
    with pytest.raises(UsageError, match="folds"):
        out_of_fold(corpus_of(), settings(), folds)


def test_one_label_is_refused_as_in_a_fit():
    with pytest.raises(DataError, match="one class"):
        out_of_fold(Corpus(["a", "b"], ["x", "x"]), settings())
