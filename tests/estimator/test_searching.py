"""TextClassifier inside scikit-learn's tools: pipelines, cross-validation, searches, metadata routing."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn import config_context
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import VotingClassifier
from sklearn.exceptions import FitFailedWarning
from sklearn.model_selection import (
    GridSearchCV,
    StratifiedKFold,
    cross_val_predict,
    cross_val_score,
    cross_validate,
)
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer

from wordloom import TextClassifier

X = [
    f"{word} {noun}" for noun in ("film", "story", "cast", "end") for word in ("good", "bad", "dull", "fine")
]
Y = ["pos" if text.startswith(("good", "fine")) else "neg" for text in X]


def classifier(**changes):
    settings = {"dimensions": 4, "epochs": 40, "learning_rate": 0.05, "random_state": 0}
    return TextClassifier(**(settings | changes))


def in_capitals(texts):
    return [text.upper() for text in texts]


def test_pipeline_with_a_function_transformer():
    pipeline = make_pipeline(FunctionTransformer(in_capitals), classifier(lower=False)).fit(X, Y)
    assert pipeline[-1].model_.vocabulary.words[0].isupper()
    assert pipeline.score(X, Y) == 1
    assert pipeline.classes_.tolist() == ["neg", "pos"]
    np.testing.assert_array_equal(pipeline.predict_proba(X), pipeline[-1].predict_proba(in_capitals(X)))


def test_pipeline_passes_sample_weights_by_the_steps_name():
    weights = np.linspace(0.1, 3, len(X))
    pipeline = Pipeline([("same", FunctionTransformer()), ("classifier", classifier())])
    weighted = pipeline.fit(X, Y, classifier__sample_weight=weights).predict_proba(X)
    direct = classifier().fit(X, Y, sample_weight=weights).predict_proba(X)
    np.testing.assert_array_equal(weighted, direct)
    assert (weighted != classifier().fit(X, Y).predict_proba(X)).any()


def test_cross_val_score_equals_folds_by_hand():
    folds = StratifiedKFold(4)
    scores = cross_val_score(classifier(), X, Y, cv=folds)
    by_hand = []
    for train, test in folds.split(X, Y):
        fitted = classifier().fit([X[i] for i in train], [Y[i] for i in train])
        by_hand.append(fitted.score([X[i] for i in test], [Y[i] for i in test]))
    assert scores.tolist() == by_hand


@pytest.mark.parametrize("texts", [X, np.array(X), pd.Series(X, index=range(5, 5 + len(X)))])
def test_cross_validate_with_several_scores_and_any_form_of_texts(texts):
    results = cross_validate(
        classifier(),
        texts,
        Y,
        cv=2,
        scoring=["accuracy", "roc_auc", "neg_log_loss"],
        return_estimator=True,
        error_score="raise",
    )
    assert (results["test_accuracy"] == 1).all()
    assert (results["test_roc_auc"] == 1).all()
    assert (results["test_neg_log_loss"] < 0).all()
    assert all(estimator.model_.labels == ("neg", "pos") for estimator in results["estimator"])


def test_cross_val_predict_gives_probabilities_for_every_text():
    probabilities = cross_val_predict(classifier(), X, Y, cv=4, method="predict_proba")
    assert probabilities.shape == (len(X), 2)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1)


def test_grid_search_over_dimensions_can_be_saved(tmp_path):
    search = GridSearchCV(
        classifier(), {"dimensions": np.array([2, 6]), "hidden": [0, 3]}, cv=2, error_score="raise"
    )
    search.fit(X, Y)
    assert len(search.cv_results_["params"]) == 4
    best = search.best_estimator_
    assert best.model_.network.shape.dimensions == search.best_params_["dimensions"]
    best.model_.save(tmp_path / "model")  # NumPy's numbers are none for JSON
    assert search.predict(["good end"]).tolist() == ["pos"]


def test_grid_search_through_a_pipeline():
    pipeline = Pipeline([("same", FunctionTransformer()), ("classifier", classifier(epochs=5))])
    grid = {"classifier__architecture": ["mean", "max", "flatten"], "classifier__random_state": [0, 1]}
    search = GridSearchCV(pipeline, grid, cv=2, error_score="raise").fit(X, Y)
    assert search.best_params_["classifier__architecture"] in grid["classifier__architecture"]
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()


def test_a_value_without_meaning_fails_its_candidate_only():
    search = GridSearchCV(classifier(), {"dimensions": [4, -1]}, cv=2)
    with (
        pytest.warns(FitFailedWarning, match="dimensions must be a whole number from 1"),
        pytest.warns(UserWarning, match="scores are non-finite"),
    ):
        search.fit(X, Y)
    assert search.best_params_ == {"dimensions": 4}


def test_metadata_routing_through_pipeline_and_cross_validation():
    weights = np.linspace(0.1, 3, len(X))
    with config_context(enable_metadata_routing=True):
        asking = classifier().set_fit_request(sample_weight=True).set_score_request(sample_weight=True)
        pipeline = make_pipeline(FunctionTransformer(), clone(asking)).fit(X, Y, sample_weight=weights)
        results = cross_validate(
            asking, X, Y, cv=2, params={"sample_weight": weights}, return_estimator=True, return_indices=True
        )
        with pytest.raises(ValueError, match="sample_weight"):
            cross_validate(classifier(), X, Y, cv=2, params={"sample_weight": weights}, error_score="raise")
    direct = classifier().fit(X, Y, sample_weight=weights)
    np.testing.assert_array_equal(pipeline.predict_proba(X), direct.predict_proba(X))
    for fitted, rows in zip(results["estimator"], results["indices"]["train"], strict=True):
        by_hand = classifier().fit([X[i] for i in rows], [Y[i] for i in rows], sample_weight=weights[rows])
        np.testing.assert_array_equal(fitted.predict_proba(X), by_hand.predict_proba(X))


@pytest.mark.parametrize(
    "make",
    [
        lambda inner: VotingClassifier([("one", inner), ("two", clone(inner))], voting="soft"),
        lambda inner: CalibratedClassifierCV(inner, cv=2, ensemble=False),
        OneVsRestClassifier,
    ],
    ids=["voting", "calibrated", "one against the rest"],
)
def test_other_estimators_take_it_as_a_part(make):
    fitted = make(classifier()).fit(X, Y)
    assert (fitted.predict(X) == Y).all()
