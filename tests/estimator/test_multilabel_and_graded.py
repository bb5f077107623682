"""scikit-learn's conventions for several labels a text, and for grades; its checks written anew on texts."""

from __future__ import annotations

import pickle

import numpy as np
import pandas as pd
import pytest
import scipy.sparse
from sklearn.base import clone, is_regressor
from sklearn.exceptions import DataConversionWarning, NotFittedError
from sklearn.metrics import accuracy_score, f1_score, r2_score
from sklearn.model_selection import GridSearchCV, KFold, cross_val_score
from sklearn.pipeline import Pipeline
from sklearn.utils.multiclass import type_of_target

from wordloom import TextClassifier, TextRegressor
from wordloom.errors import DataError, UsageError
from wordloom.targets import checked_targets

X = ["a song", "the story", "song and story", "nothing here", "a fine song", "the dull story"] * 10
SETS = [["music"], ["plot"], ["music", "plot"], [], ["music"], ["plot"]] * 10
NAMES = ["music", "plot"]
MATRIX = np.array([[name in labels for name in NAMES] for labels in SETS], dtype=int)
GRADES = np.array([4.0, 2.0, 3.0, 3.0, 5.0, 1.0] * 10)
SETTINGS = {"architecture": "ngram", "characters": 0, "epochs": 6, "random_state": 0}
UNFITTED = {"predict", "predict_proba", "predict_log_proba", "decision_function"}


def classifier(**changes):
    return TextClassifier(**(SETTINGS | changes))


def regressor(**changes):
    return TextRegressor(**(SETTINGS | changes))


@pytest.fixture(scope="module")
def of_matrix():
    return classifier().fit(X, MATRIX)


@pytest.fixture(scope="module")
def graded():
    return regressor().fit(X, GRADES)


def test_an_indicator_matrix_gives_one_of_the_same_shape(of_matrix):
    found = of_matrix.predict(X)
    assert (found.shape, found.dtype, type_of_target(found)) == (
        MATRIX.shape,
        np.int64,
        "multilabel-indicator",
    )
    np.testing.assert_array_equal(found, MATRIX)
    assert of_matrix.classes_.tolist() == [0, 1]
    assert f1_score(MATRIX, found, average="micro") == 1.0


@pytest.mark.parametrize("form", [scipy.sparse.csr_matrix, scipy.sparse.coo_array, np.asfortranarray])
@pytest.mark.parametrize("dtype", [bool, float])
def test_indicators_come_in_any_form(of_matrix, form, dtype):
    other = classifier().fit(X, form(MATRIX.astype(dtype)))
    np.testing.assert_array_equal(other.predict_proba(X), of_matrix.predict_proba(X))
    assert other.score(X, form(MATRIX.astype(dtype))) == 1.0


def test_rows_of_0_and_1_are_an_indicator_matrix_as_scikit_learn_takes_them(of_matrix):
    rows = [row.tolist() for row in MATRIX]
    found = classifier().fit(X, rows)
    assert found.classes_.tolist() == [0, 1]
    np.testing.assert_array_equal(found.predict(X), MATRIX)
    assert of_matrix.score(X, rows) == 1.0
    assert checked_targets([(0, 1, 0), (1, 1, 1)]) == ([(1,), (0, 1, 2)], "multilabel")
    assert checked_targets([(0, 1), (1, 0)]) == ([(0, 1), (0, 1)], "multilabel")  # could be labels


def test_a_matrix_whose_columns_are_not_the_labels_has_no_score(of_matrix):
    with pytest.raises(DataError, match="should have the 2 columns of the first fit"):
        of_matrix.score(X, np.c_[MATRIX, MATRIX])
    of_lists = classifier().fit(X, SETS)
    assert of_lists.score(X, pd.DataFrame(MATRIX, columns=NAMES)) == 1.0
    with pytest.raises(DataError, match="have no names; give lists of labels"):
        of_lists.score(X, MATRIX)


def test_a_column_without_a_text_keeps_its_place():
    wide = np.insert(MATRIX, 1, 0, axis=1)
    estimator = classifier().fit(X, wide)
    np.testing.assert_array_equal(estimator.predict(X), wide)
    probabilities = estimator.predict_proba(X)
    assert probabilities.shape == wide.shape
    assert not probabilities[:, 1].any()
    assert np.isfinite(estimator.predict_log_proba(X)).all()
    assert np.isfinite(estimator.decision_function(X)).all()
    assert estimator.classes_.tolist() == [0, 1, 2]
    assert estimator.score(X, wide) == 1.0


def test_columns_of_a_data_frame_are_the_classes():
    frame = pd.DataFrame(MATRIX[:, ::-1], columns=["plot", "music"])
    estimator = classifier().fit(X, frame)
    assert estimator.classes_.tolist() == ["plot", "music"], "in the order of the frame"
    np.testing.assert_array_equal(estimator.predict(X), frame.to_numpy())
    assert estimator.score(X, frame) == 1.0
    rows = estimator.predict_proba(["a song"])[0]
    assert rows[1] > rows[0]


def test_lists_of_labels_give_tuples_of_labels():
    estimator = classifier().fit(X, SETS)
    assert estimator.classes_.tolist() == NAMES
    assert estimator.predict(X) == [tuple(labels) for labels in SETS]
    assert estimator.score(X, SETS) == 1.0
    assert estimator.score(X, [set(labels) for labels in SETS]) == 1.0


def test_the_score_is_subset_accuracy(of_matrix):
    wrong = MATRIX.copy()
    wrong[0] = [1, 1]
    assert of_matrix.score(X, wrong) == pytest.approx(accuracy_score(wrong, of_matrix.predict(X)))
    weights = np.arange(len(X), dtype=float)
    assert of_matrix.score(X, wrong, sample_weight=weights) == pytest.approx(
        accuracy_score(wrong, of_matrix.predict(X), sample_weight=weights)
    )


def test_probabilities_and_decisions_of_each_label_agree(of_matrix):
    p = of_matrix.predict_proba(X)
    assert p.shape == MATRIX.shape
    assert ((p >= 0) & (p <= 1)).all()
    np.testing.assert_allclose(of_matrix.predict_log_proba(X), np.log(p))
    np.testing.assert_allclose(of_matrix.decision_function(X), np.log(p / (1 - p)), atol=1e-9)
    thresholds = np.array(of_matrix.model_.thresholds or [0.5, 0.5])
    np.testing.assert_array_equal(of_matrix.predict(X), p >= thresholds)


def test_check_classifiers_multilabel_representation_invariance(of_matrix):
    """Tuples, sets and an indicator matrix of the same labels teach the same."""
    for labels in (list(map(tuple, SETS)), list(map(set, SETS)), np.array(SETS, dtype=object)):
        other = classifier().fit(X, labels)
        np.testing.assert_array_equal(other.predict_proba(X), of_matrix.predict_proba(X))


def test_check_classifiers_multilabel_output_format(of_matrix):
    for method in UNFITTED:
        assert getattr(of_matrix, method)(X[:5]).shape == (5, 2)
        assert getattr(of_matrix, method)([]).shape == (0, 2)
        with pytest.raises(NotFittedError):
            getattr(classifier(), method)(X)


def test_cross_validation_of_micro_f1_on_an_indicator_matrix():
    scores = cross_val_score(
        classifier(), X, MATRIX, scoring="f1_micro", cv=KFold(3, shuffle=True, random_state=0)
    )
    assert scores.min() > 0.9
    losses = cross_val_score(classifier(), X, MATRIX, scoring="neg_log_loss", cv=KFold(2))
    assert np.isfinite(losses).all()


def test_cross_validation_holds_where_a_fold_has_no_text_of_a_label():
    rare = np.insert(MATRIX, 2, 0, axis=1)
    rare[0, 2] = 1
    with pytest.warns(UserWarning, match="2"):
        scores = cross_val_score(classifier(), X, rare, scoring="f1_micro", cv=KFold(2), error_score="raise")
    assert len(scores) == 2


def test_a_fit_on_one_label_each_forgets_that_there_were_several(of_matrix):
    estimator = clone(of_matrix).fit(X, SETS)
    assert not estimator.indicators_
    estimator.fit(X, ["a" if labels else "b" for labels in SETS])
    assert estimator.predict(X[:1]).tolist() == ["a"]


@pytest.mark.parametrize(
    ("labels", "says"),
    [
        (MATRIX * 2, r"y, row 0, column 0: .* holds 1 .* found 2"),
        (MATRIX[:5], "60|5"),
        ([["a"], "b", ["a"]] * 20, r"y, row 1: a list of labels expected, found 'b'"),
        ([["a"], None, ["a"]] * 20, r"y, row 1: the labels are missing"),
        ([["a"], [""], ["b"]] * 20, r"y, row 1: one of the labels is empty"),
        (np.zeros_like(MATRIX), "none of the 60 texts has a label"),
        (np.ones_like(MATRIX), "every text has the same labels"),
    ],
)
def test_labels_that_are_none_are_named_by_their_row(labels, says):
    with pytest.raises(DataError, match=says):
        classifier().fit(X, labels)


@pytest.mark.parametrize("estimator", ["of_matrix", "graded"])
def test_clones_and_pickles(estimator, request):
    fitted = request.getfixturevalue(estimator)
    copy = clone(fitted)
    assert copy.get_params() == fitted.get_params()
    assert not hasattr(copy, "model_")
    again = pickle.loads(pickle.dumps(fitted))  # noqa: S301
    np.testing.assert_array_equal(again.predict(X), fitted.predict(X))


def test_grades_are_numbers_on_the_scale(graded):
    found = graded.predict(X)
    assert (found.shape, found.dtype) == ((60,), np.float64)
    assert ((found >= 1) & (found <= 5)).all()
    assert graded.score(X, GRADES) == pytest.approx(r2_score(GRADES, found))
    assert graded.score(X, GRADES) > 0.9
    assert graded.predict([]).shape == (0,)
    assert not hasattr(graded, "predict_proba")
    assert not hasattr(graded, "classes_")


def test_the_regressor_says_what_it_is():
    assert is_regressor(TextRegressor())
    tags = TextRegressor().__sklearn_tags__()
    assert tags.input_tags.string
    assert tags.target_tags.required
    assert repr(TextRegressor(dimensions=8)) == "TextRegressor(dimensions=8)"
    with pytest.raises(TypeError, match="TextRegressor has no parameter 'epoch'"):
        TextRegressor(epoch=3)
    with pytest.raises(NotFittedError):
        TextRegressor().predict(X)


@pytest.mark.parametrize("form", [list, pd.Series, lambda y: y.astype(np.float32), lambda y: y.astype(int)])
def test_grades_come_in_any_form(graded, form):
    np.testing.assert_array_equal(regressor().fit(X, form(GRADES)).predict(X), graded.predict(X))


def test_check_supervised_y_2d(graded):
    with pytest.warns(DataConversionWarning, match=r"change the shape of y to \(n_samples,\)"):
        other = regressor().fit(X, GRADES[:, None])
    np.testing.assert_array_equal(other.predict(X), graded.predict(X))


@pytest.mark.parametrize(
    ("grades", "says"),
    [
        (None, "requires y to be passed, but the target y is None"),
        ([*GRADES[:-1], np.nan], "y, row 59: the grade is missing"),
        ([*GRADES[:-1], np.inf], "y, row 59: a grade must be a finite number, found inf"),
        (["good"] * 60, "y, row 0: a grade must be a finite number, found 'good'"),
        (np.full(60, 2.0), "all 60 texts have the grade 2"),
        (GRADES[:7], "60|7"),
        (MATRIX, r"y: one dimension expected, found the shape \(60, 2\)"),
    ],
)
def test_grades_that_are_none_are_refused(grades, says):
    with pytest.raises(DataError, match=says):
        regressor().fit(X, grades)


def test_validation_texts_have_grades_or_lists_of_labels_too():
    both = {"validation": (X[:6], GRADES[:6])}
    assert "val_loss" in regressor(epochs=2).fit(X, GRADES, **both).history_.history
    several = classifier(epochs=2).fit(X, SETS, validation=(X[:6], SETS[:6]))
    assert len(several.history_.history["val_loss"]) == 2
    matrix = classifier(epochs=2).fit(X, MATRIX, validation=(X[:6], MATRIX[:6]))
    assert matrix.history_.history == several.history_.history
    with pytest.raises(DataError, match="validation labels, row 0: a list of labels expected"):
        classifier().fit(X, SETS, validation=(X[:2], ["music", "plot"]))
    with pytest.raises(UsageError, match=r"validation=\(X, y\)"):
        regressor().fit(X, GRADES, validation=X)


def test_a_pipeline_and_a_search_of_grades():
    folds = KFold(2, shuffle=True, random_state=0)
    scores = cross_val_score(regressor(), X, GRADES, cv=folds)
    assert scores.min() > 0.8
    search = GridSearchCV(Pipeline([("grade", regressor())]), {"grade__epochs": [1, 6]}, cv=folds)
    search.fit(X, GRADES)
    assert set(search.best_params_) == {"grade__epochs"}
    assert search.best_score_ == pytest.approx(search.cv_results_["mean_test_score"].max())
    assert search.predict(["a fine song"])[0] > search.predict(["the dull story"])[0]
