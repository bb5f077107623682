"""scikit-learn's contract for an estimator, on texts.

`check_estimator` skips nearly everything for an estimator that takes texts. The checks that need no data are
scikit-learn's own; those that fit are written anew here, under the names they have there.
"""

from __future__ import annotations

import importlib
import inspect
import pickle
import warnings

import joblib
import numpy as np
import pytest
from sklearn.base import clone, is_classifier
from sklearn.exceptions import NotFittedError, SkipTestWarning
from sklearn.utils.validation import check_is_fitted

from wordloom import TextClassifier, TextRegressor
from wordloom.architectures import ARCHITECTURES
from wordloom.errors import DataError, WordloomError
from wordloom.settings import Settings, values_of

X = [
    "a good film",
    "a bad film",
    "good story, good cast",
    "bad story and bad cast",
    "so good",
    "so bad",
    "it was good",
    "it was bad",
    "",
    "\u00e9t\u00e9 good \U0001f600",
]
Y = ["pos", "neg", "pos", "neg", "pos", "neg", "pos", "neg", "neg", "pos"]

WITHOUT_DATA = [
    "check_estimator_cloneable",
    "check_estimator_repr",
    "check_estimator_tags_renamed",
    "check_valid_tag_types",
    "check_no_attributes_set_in_init",
    "check_do_not_raise_errors_in_init_or_set_params",
    "check_mixin_order",
    "check_get_params_invariance",
    "check_set_params",
    "check_parameters_default_constructible",
]
METHODS = ["predict", "predict_proba", "predict_log_proba", "decision_function"]


def classifier(**changes):
    return TextClassifier(
        **({"dimensions": 4, "epochs": 30, "learning_rate": 0.05, "random_state": 0} | changes)
    )


@pytest.fixture(scope="module")
def fitted():
    return classifier().fit(X, Y)


@pytest.fixture(scope="module")
def estimator_checks():
    """scikit-learn's module, which imports many others."""
    return importlib.import_module("sklearn.utils.estimator_checks")


@pytest.mark.parametrize("estimator", [TextClassifier, TextRegressor])
@pytest.mark.parametrize("name", WITHOUT_DATA)
def test_scikit_learns_own_check(estimator_checks, name, estimator):
    check = getattr(estimator_checks, name, None)
    if check is None:
        pytest.skip(f"this scikit-learn has no {name}")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", category=FutureWarning)
        check(estimator.__name__, estimator())


@pytest.mark.parametrize("estimator", [TextClassifier, TextRegressor])
def test_check_estimator_does_not_fail_for_what_it_does_not_skip(estimator_checks, estimator):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", category=SkipTestWarning)
        results = estimator_checks.check_estimator(estimator())
    if results is not None:  # scikit-learn 1.6 and newer
        assert {result["status"] for result in results} <= {"passed", "skipped"}


def test_the_signature_has_every_setting_keyword_only_with_its_default():
    signature = inspect.signature(TextClassifier.__init__)
    parameters = list(signature.parameters.values())[1:]
    assert {p.kind for p in parameters} == {inspect.Parameter.KEYWORD_ONLY}
    assert {p.name: p.default for p in parameters} == values_of(Settings())
    assert inspect.signature(TextClassifier).parameters.keys() == signature.parameters.keys() - {"self"}


def test_wrong_names_and_positions_are_type_errors():
    with pytest.raises(TypeError, match=r"no parameter 'dimension'\. Did you mean 'dimensions'"):
        TextClassifier(dimension=5)
    with pytest.raises(TypeError, match=r"'ngram'\. Did you mean 'ngrams'.* 'epoch'\. Did you mean 'epochs'"):
        TextClassifier(ngram=2, hidden=3, epoch=4)
    with pytest.raises(TypeError):
        TextClassifier("mean")


def test_set_params_names_a_parameter_that_is_not_there():
    with pytest.raises(ValueError, match=r"Invalid parameter 'ngram' .*Did you mean 'ngrams'"):
        TextClassifier().set_params(ngram=5)
    estimator = TextClassifier()
    assert estimator.set_params(ngrams=2, hidden=3) is estimator
    assert (estimator.ngrams, estimator.hidden) == (2, 3)


def test_init_and_set_params_take_any_value_and_fit_refuses_it():
    odd = TextClassifier(dimensions="many").set_params(epochs=object())
    assert odd.get_params()["dimensions"] == "many"
    with pytest.raises(WordloomError, match=r"dimensions must .*; epochs must"):
        odd.fit(X, Y)


def test_clone_copies_the_parameters_and_nothing_learned(fitted):
    copy = clone(fitted)
    assert copy is not fitted
    assert copy.get_params() == fitted.get_params()
    assert set(vars(copy)) == set(values_of(Settings()))


def test_tags_say_what_it_is():
    assert is_classifier(TextClassifier())
    tags = TextClassifier().__sklearn_tags__()
    assert tags.input_tags.string
    assert not tags.input_tags.two_d_array
    assert tags.target_tags.required
    assert tags.classifier_tags.multi_label


def test_repr_shows_what_differs_from_the_defaults(fitted):
    assert repr(TextClassifier(dimensions=8)) == "TextClassifier(dimensions=8)"
    assert "TextClassifier" in fitted._repr_html_()


def test_fit_returns_self_and_leaves_the_parameters_alone():
    estimator = classifier(epochs=2)
    before = {name: value for name, value in vars(estimator).items()}
    assert estimator.fit(X, Y) is estimator
    after = vars(estimator)
    assert all(after[name] is value for name, value in before.items())
    learned = set(after) - set(before)
    assert learned == {"model_", "classes_", "history_"}
    assert not hasattr(estimator, "n_features_in_")  # texts have no number of columns


def test_fit_score_takes_y(fitted):
    for method in (TextClassifier.fit, TextClassifier.score):
        assert list(inspect.signature(method).parameters)[1:3] == ["X", "y"]
    assert fitted.score(X, Y) == np.mean(fitted.predict(X) == np.array(Y))


@pytest.mark.parametrize("method", METHODS)
def test_unfitted_use_is_a_not_fitted_error(method):
    with pytest.raises(NotFittedError):
        getattr(TextClassifier(), method)(X)
    with pytest.raises(NotFittedError):
        check_is_fitted(TextClassifier())


def test_fit_check_is_fitted(fitted):
    check_is_fitted(fitted)
    with pytest.raises(NotFittedError):
        check_is_fitted(clone(fitted))


def test_a_fit_that_fails_leaves_an_unfitted_estimator_unfitted():
    estimator = classifier()
    with pytest.raises(DataError):
        estimator.fit(X, Y[:3])
    with pytest.raises(NotFittedError):
        estimator.predict(X)


def test_dict_unchanged_by_predicting(fitted):
    before = {name: id(value) for name, value in vars(fitted).items()}
    for method in METHODS:
        getattr(fitted, method)(X)
    assert {name: id(value) for name, value in vars(fitted).items()} == before


def test_fit_is_idempotent_with_a_fixed_random_state(fitted):
    again = clone(fitted).fit(X, Y)
    twice = clone(fitted).fit(X, Y).fit(X, Y)
    for other in (again, twice):
        np.testing.assert_array_equal(other.predict_proba(X), fitted.predict_proba(X))


def test_fit_forgets_what_was_learned_before():
    estimator = classifier().fit(["x one", "y two"] * 3, [0, 1] * 3).fit(X, Y)
    np.testing.assert_array_equal(estimator.predict_proba(X), classifier().fit(X, Y).predict_proba(X))
    assert estimator.classes_.tolist() == ["neg", "pos"]


def test_random_states_of_numpy_are_drawn_from():
    one = classifier(random_state=np.random.RandomState(3)).fit(X, Y)
    other = classifier(random_state=np.random.RandomState(3)).fit(X, Y)
    np.testing.assert_array_equal(one.predict_proba(X), other.predict_proba(X))
    generator = np.random.default_rng(3)
    first, second = (classifier(random_state=generator).fit(X, Y).predict_proba(X) for _ in range(2))
    assert (first != second).any()


def test_without_a_random_state_every_fit_differs():
    one, other = (classifier(random_state=None).fit(X, Y) for _ in range(2))
    assert one.model_.record["seed"] != other.model_.record["seed"]
    assert (one.predict_proba(X) != other.predict_proba(X)).any()


@pytest.mark.parametrize(
    "architecture",
    ["mean", "max", "pooled", "flatten", pytest.param("cnn", marks=pytest.mark.exhaustive)],
)
def test_sample_order_and_subset_invariance(architecture):
    sizes = {
        name: 3 for name in ("hidden", "units", "kernel_size") if name in ARCHITECTURES[architecture].settings
    }
    fitted = classifier(architecture=architecture, **sizes).fit(X, Y)
    order = np.random.default_rng(0).permutation(len(X))
    whole = fitted.predict_proba(X)
    shuffled = fitted.predict_proba([X[i] for i in order])
    single = np.concatenate([fitted.predict_proba([text]) for text in X])
    np.testing.assert_allclose(shuffled, whole[order], atol=1e-6)
    np.testing.assert_allclose(single, whole, atol=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize("kernels", ["plain", "compiled"])
def test_pickle_and_joblib_keep_everything(tmp_path, monkeypatch, kernels):
    monkeypatch.setenv("WORDLOOM_KERNELS", kernels)
    estimator = classifier(epochs=3).fit(X, Y)
    expected = estimator.predict_proba(X)  # also fills what the vocabulary keeps for the next time
    joblib.dump(estimator, tmp_path / "classifier.joblib")
    copies = pickle.loads(pickle.dumps(estimator)), joblib.load(tmp_path / "classifier.joblib")  # noqa: S301
    for copy in copies:
        np.testing.assert_array_equal(copy.predict_proba(X), expected)
        np.testing.assert_array_equal(copy.predict(X), estimator.predict(X))
        assert copy.get_params() == estimator.get_params()
        assert copy.history_.history == estimator.history_.history
    unfitted = pickle.loads(pickle.dumps(classifier()))  # noqa: S301
    assert unfitted.get_params() == classifier().get_params()


@pytest.mark.parametrize("labels", [Y, [0, 1, 2, 0, 1, 2, 0, 1, 2, 0]])
def test_predictions_probabilities_and_decisions_agree(labels):
    estimator = classifier().fit(X, labels)
    probabilities, decisions = estimator.predict_proba(X), estimator.decision_function(X)
    n_classes = len(set(labels))
    assert probabilities.shape == (len(X), n_classes)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1)
    assert ((probabilities >= 0) & (probabilities <= 1)).all()
    np.testing.assert_allclose(estimator.predict_log_proba(X), np.log(probabilities))
    np.testing.assert_array_equal(estimator.predict(X), estimator.classes_[probabilities.argmax(axis=1)])
    if n_classes == 2:
        assert decisions.shape == (len(X),)
        np.testing.assert_array_equal(decisions > 0, probabilities.argmax(axis=1) == 1)
        np.testing.assert_array_equal(decisions.argsort(), probabilities[:, 1].argsort())
    else:
        assert decisions.shape == (len(X), n_classes)
        np.testing.assert_array_equal(decisions.argmax(axis=1), probabilities.argmax(axis=1))


def test_one_label_is_an_error_that_names_it():
    with pytest.raises(ValueError, match=r"all 3 texts have the label 'pos'; .* classes"):
        classifier().fit(X[:3], ["pos"] * 3)


def test_a_probability_of_zero_has_a_finite_logarithm(fitted, monkeypatch):
    monkeypatch.setattr(type(fitted.model_), "predict_proba", lambda *_: np.array([[1.0, 0.0]]))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert fitted.predict_log_proba(["x"])[0, 0] == 0
        assert -700 < fitted.predict_log_proba(["x"])[0, 1] < -600


@pytest.mark.parametrize(
    ("check", "labels", "weights", "says"),
    [
        ("check_requires_y_none", None, None, "requires y to be passed, but the target y is None"),
        ("check_classifiers_regression_target", np.linspace(0.1, 2, 10), None, "Unknown label type: "),
        ("check_dtype_object", [{"a": 1}] * 10, None, "Unknown label type"),
        ("check_fit2d_1sample", ["a"] * 10, None, "one class"),
        ("check_all_zero_sample_weights_error", Y, np.zeros(10), "weight.*zero"),
    ],
)
def test_errors_hold_the_words_that_scikit_learns_checks_look_for(check, labels, weights, says):
    assert check.startswith("check_")  # the check that it is taken from
    with pytest.raises(ValueError, match=says):
        classifier().fit(X, labels, sample_weight=weights)


def test_no_texts_have_no_predictions(fitted):
    assert fitted.predict([]).tolist() == []
    assert fitted.predict_proba([]).shape == (0, 2)
    assert fitted.decision_function([]).shape == (0,)


@pytest.mark.parametrize("form", [tuple, np.array, lambda texts: np.array(texts, dtype=object), iter])
def test_texts_come_in_any_form(fitted, form):
    np.testing.assert_array_equal(fitted.predict_proba(form(X)), fitted.predict_proba(X))
    estimator = classifier(epochs=2).fit(form(X), form(Y))
    np.testing.assert_array_equal(estimator.predict(X), classifier(epochs=2).fit(X, Y).predict(X))
