"""TextClassifier.fit with callbacks, validation texts, and callbacks of scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest

from wordloom import Callback, TextClassifier
from wordloom.errors import DataError, UsageError
from wordloom.estimator_callbacks import set_callbacks

X = ["good film", "bad film", "great acting", "poor acting"] * 20
y = [True, False, True, False] * 20


def classifier(**changes):
    return TextClassifier(**({"architecture": "ngram", "epochs": 4, "random_state": 0} | changes))


class Epochs(Callback):
    def __init__(self, stop_at=None):
        self.epochs, self.stop_at = [], stop_at

    def on_epoch_end(self, epoch, logs):
        self.epochs.append((epoch, logs))
        self.stop_training = epoch == self.stop_at


def test_callbacks_are_told_and_may_stop_training():
    told = Epochs(stop_at=1)
    fitted = classifier().fit(X, y, callbacks=[told])
    assert [epoch for epoch, _ in told.epochs] == [0, 1]
    assert fitted.history_.stopped == "callback"
    assert told.history is fitted.history_


def test_callbacks_change_nothing():
    told = classifier().fit(X, y, callbacks=[Epochs()])
    np.testing.assert_array_equal(told.predict_proba(X), classifier().fit(X, y).predict_proba(X))


def test_what_a_callback_raises_reaches_the_caller():
    class Broken(Callback):
        def on_train_begin(self, logs):
            raise RuntimeError("broken")

    with pytest.raises(RuntimeError, match="broken"):
        classifier().fit(X, y, callbacks=[Broken()])


def test_what_is_no_callback_is_refused():
    with pytest.raises(UsageError, match=r"callbacks must be a list of wordloom\.Callback"):
        classifier().fit(X, y, callbacks=[print])


def test_validation_texts_are_measured_and_not_learned_from():
    told = Epochs()
    fitted = classifier().fit(X, y, validation=(["good", "neverseen"], [True, False]), callbacks=[told])
    assert all("val_loss" in logs for _, logs in told.epochs)
    assert "neverseen" not in fitted.model_.vocabulary.words
    assert fitted.model_.record["data"]["validated_on"] == 2
    assert fitted.model_.record["data"]["trained_on"] == len(X)


def test_validation_texts_that_cannot_be_used():
    with pytest.raises(UsageError, match=r"validation=\(X, y\)"):
        classifier().fit(X, y, validation=["good"])
    with pytest.raises(DataError, match="the model has no label 'maybe'"):
        classifier().fit(X, ["yes" if one else "no" for one in y], validation=(["good"], ["maybe"]))
    with pytest.raises(UsageError, match=r"validation_split=0\.3 plays no part"):
        classifier(validation_split=0.3).fit(X, y, validation=(["good"], [True]))


class Tasks:
    def __init__(self):
        self.names, self.scores, self.ends = [], [], 0

    def setup(self, estimator, context): ...

    def teardown(self, estimator, context):
        self.ends += 1

    def on_fit_task_begin(self, estimator, context): ...

    def on_fit_task_end(self, estimator, context, *, X, y, fitted_estimator):
        self.names.append(context.task_name)
        if fitted_estimator is not None:
            self.scores.append(fitted_estimator.score(X, y))
        return self.names.count("epoch") == 3


def test_callbacks_of_scikit_learn():
    pytest.importorskip("sklearn.callback")
    tasks = Tasks()
    fitted = classifier().set_callbacks(tasks).fit(X, y)
    assert tasks.names == ["epoch"] * 3 + ["fit"]
    assert fitted.history_.stopped == "callback"
    assert tasks.scores == [fitted.score(X, y)]
    assert tasks.ends == 1


def test_scikit_learn_without_callbacks_is_told(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "sklearn.callback", None)
    with pytest.raises(UsageError, match=r"scikit-learn 1\.9"):
        set_callbacks(classifier(), [Tasks()])
