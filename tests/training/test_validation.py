"""Which texts are held out: by class and seeded, or Keras' tail, which warns about sorted data."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from wordloom.corpus import Corpus
from wordloom.draws import stratified_folds
from wordloom.errors import DataError, UsageError, WordloomWarning
from wordloom.fit import FitInput, fit
from wordloom.settings import Settings
from wordloom.training.validation import FEWEST, validation_rows


def test_stratified_holds_out_each_class_in_proportion():
    labels = ["a"] * 100 + ["b"] * 50 + ["c"] * 10
    training, held_out = validation_rows(labels, 0.2, "stratified", seed=1)
    counts = {label: sum(labels[i] == label for i in held_out) for label in "abc"}
    assert counts == {"a": 20, "b": 10, "c": 2}
    np.testing.assert_array_equal(np.sort(np.concatenate([training, held_out])), np.arange(160))
    assert (np.diff(training) > 0).all()
    assert (np.diff(held_out) > 0).all()


def test_stratified_depends_on_the_seed_alone():
    labels = [0, 1] * 100
    one, again, other = (validation_rows(labels, 0.2, "stratified", seed)[1].tolist() for seed in (1, 1, 2))
    assert one == again != other


def test_stratified_keeps_a_text_of_every_class_on_each_side():
    labels = [0] * 200 + [1] * 2 + [2]
    training, held_out = validation_rows(labels, 0.3, "stratified", seed=0)
    assert {labels[i] for i in training} == {0, 1, 2}
    assert {labels[i] for i in held_out} == {0, 1}


@pytest.mark.parametrize(("n", "held_out"), [(FEWEST * 10 - 10, 0), (FEWEST * 10, FEWEST)])
def test_too_few_texts_to_tell_anything_are_not_held_out(n, held_out):
    labels = [0, 1] * (n // 2)
    training, out = validation_rows(labels, 0.1, "stratified", seed=0)
    assert len(out) == held_out
    assert len(training) == n - held_out


def test_nothing_is_held_out_without_a_share():
    for mode in ("stratified", "tail"):
        training, held_out = validation_rows([0, 1] * 100, 0.0, mode, seed=0)
        assert len(held_out) == 0
        assert training.tolist() == list(range(200))


@pytest.mark.parametrize(
    ("n", "fraction", "first"), [(10, 0.2, 8), (10, 0.25, 7), (25_000, 0.2, 20_000), (5, 0.5, 2), (7, 0.9, 0)]
)
def test_the_tail_is_keras(n, fraction, first):
    """Keras trains on the first floor(n * (1 - fraction)) rows."""
    labels = [0, 1] * n
    if not first:
        with pytest.raises(UsageError, match="leaves none of 7 texts to train on"):
            validation_rows(labels[:n], fraction, "tail", seed=0)
        return
    training, held_out = validation_rows(labels[:n], fraction, "tail", seed=0)
    assert training.tolist() == list(range(first))
    assert held_out.tolist() == list(range(first, n))


def test_a_tail_of_one_class_is_warned_about():
    with pytest.warns(WordloomWarning, match=r"last 20 texts.* all have the label 'pos'.* seem to be sorted"):
        validation_rows(["neg"] * 50 + ["pos"] * 50, 0.2, "tail", seed=0)


def test_a_class_that_only_the_tail_has_is_warned_about():
    with pytest.warns(WordloomWarning, match=r"label 'pos' stands only among the last 60 texts"):
        validation_rows(["neg"] * 50 + ["pos"] * 50, 0.6, "tail", seed=0)


def test_a_mixed_tail_is_not_warned_about():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        validation_rows(["neg", "pos"] * 50, 0.2, "tail", seed=0)


SORTED = Corpus(["bad film", "bad end"] * 60 + ["good film", "good end"] * 60, [0] * 120 + [1] * 120)


def settings(**changes):
    return Settings(**({"dimensions": 4, "epochs": 3, "random_state": 0} | changes))


def test_fit_warns_about_sorted_texts_in_the_tail_mode_only():
    with pytest.warns(WordloomWarning, match="seem to be sorted"):
        model = fit(SORTED, settings(validation_mode="tail", validation_split=0.2))
    assert model.record["data"]["trained_on"] == 192
    assert model.record["data"]["validated_on"] == 48
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        fit(SORTED, settings(validation_split=0.2))


def test_given_validation_texts_are_used_and_nothing_is_held_out():
    validation = Corpus(["good film", "bad film"], [1, 0], name="own")
    model = fit(SORTED, settings(epochs=20, learning_rate=0.02), FitInput(validation=validation))
    assert model.record["data"]["trained_on"] == 240
    assert model.record["data"]["validated_on"] == 2
    probabilities = model.predict_proba(validation.texts)
    loss = -np.log(probabilities[[0, 1], [1, 0]]).mean()
    assert min(model.history.history["val_loss"]) == pytest.approx(loss, abs=1e-6)
    assert model.history.history["val_accuracy"][-1] == 1


def test_given_validation_texts_must_fit():
    with pytest.raises(DataError, match=r"own, row .*: the model has no label 2 .*Known labels: 0, 1"):
        fit(SORTED, settings(), FitInput(validation=Corpus(["good"], [2], name="own")))
    with pytest.raises(DataError, match="own: there are no texts to validate on"):
        fit(SORTED, settings(), FitInput(validation=Corpus([], [], name="own")))


def test_folds_hold_every_class_in_equal_parts():
    targets = np.repeat([0, 1, 2, 3], [50, 17, 1, 2])
    folds = stratified_folds(targets, 5, np.random.default_rng(0))
    for members in (targets == 0, targets == 1, targets < 4):
        sizes = np.bincount(folds[members], minlength=5)
        assert sizes.max() - sizes.min() <= 1
    assert len(set(folds[targets == 3])) == 2
    assert stratified_folds(targets[:0], 5, np.random.default_rng(0)).tolist() == []
