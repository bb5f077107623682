"""TextClassifier: labels come back in their own type; what class and sample weights do to the loss."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest

from wordloom import TextClassifier
from wordloom.errors import DataError, UsageError, WordloomWarning

X = ["good film", "bad film", "good story", "bad story", "so good", "so bad"]


class OnlyAnArray:
    """What has `__array__` and nothing else."""

    def __init__(self, values):
        self._values = np.asarray(values)

    def __array__(self, dtype=None, copy=None):
        return self._values


def classifier(**changes):
    settings = {
        "dimensions": 4,
        "epochs": 60,
        "learning_rate": 0.05,
        "random_state": 0,
        "validation_split": 0,
    }
    return TextClassifier(**(settings | changes))


ints = [5, -1, 5, -1, 5, -1]
words = ["pos", "neg", "pos", "neg", "pos", "neg"]
truths = [True, False, True, False, True, False]

LABELS = {
    "strings": (words, "U", ["neg", "pos"]),
    "integers": (ints, "i", [-1, 5]),
    "booleans": (truths, "b", [False, True]),
    "whole floats": ([float(i) for i in ints], "f", [-1.0, 5.0]),
    "numpy strings": (np.array(words), "U", ["neg", "pos"]),
    "numpy int8": (np.array(ints, dtype=np.int8), "i", [-1, 5]),
    "numpy uint64": (np.array([2**40, 1] * 3, dtype=np.uint64), "u", [1, 2**40]),
    "numpy booleans": (np.array(truths), "b", [False, True]),
    "numpy floats": (np.array(ints, dtype=np.float32), "f", [-1.0, 5.0]),
    "numpy objects": (np.array(words, dtype=object), "O", ["neg", "pos"]),
    "list of numpy scalars": ([np.int16(i) for i in ints], "i", [-1, 5]),
    "pandas strings": (pd.Series(words, index=range(10, 16)), "OU", ["neg", "pos"]),
    "pandas categories": (pd.Series(words, dtype="category"), "OU", ["neg", "pos"]),
    "pandas integers": (pd.Series(ints), "i", [-1, 5]),
    "pandas nullable integers": (pd.Series(ints, dtype="Int64"), "iO", [-1, 5]),
    "pandas booleans": (pd.Series(truths, dtype="boolean"), "bO", [False, True]),
    "polars strings": (pl.Series(words), "OU", ["neg", "pos"]),
    "polars integers": (pl.Series(ints), "i", [-1, 5]),
    "polars booleans": (pl.Series(truths), "b", [False, True]),
    "an array of somebody else": (OnlyAnArray(ints), "i", [-1, 5]),
}


@pytest.mark.slow
@pytest.mark.parametrize(("labels", "kinds", "classes"), LABELS.values(), ids=LABELS)
def test_classes_are_sorted_and_in_the_labels_own_type(labels, kinds, classes):
    fitted = classifier().fit(X, labels)
    assert fitted.classes_.dtype.kind in kinds
    assert fitted.classes_.tolist() == classes
    predicted = fitted.predict(X)
    assert predicted.dtype == fitted.classes_.dtype
    plain = labels.to_list() if hasattr(labels, "to_list") else np.asarray(labels).tolist()
    assert predicted.tolist() == plain
    assert fitted.score(X, np.asarray(plain)) == 1
    if isinstance(labels, np.ndarray):
        assert fitted.classes_.dtype == labels.dtype
    assert all(type(label) in (str, int) for label in fitted.model_.labels)


def test_three_classes_are_sorted_whatever_their_order():
    fitted = classifier().fit(X, ["c", "a", "b", "c", "a", "b"])
    assert fitted.classes_.tolist() == ["a", "b", "c"]
    assert fitted.predict_proba(X).shape == (6, 3)


def test_labels_sort_as_what_they_are():
    assert classifier().fit(X, [10, 9, 10, 9, 10, 9]).classes_.tolist() == [9, 10]
    assert classifier().fit(X, ["10", "9"] * 3).classes_.tolist() == ["10", "9"]
    assert classifier().fit(X, ["\u00e9", "z"] * 3).classes_.tolist() == ["z", "\u00e9"]


@pytest.mark.parametrize(
    ("labels", "says"),
    [
        ([0.5, 1.0] * 3, "row 0: a label must be a string or a whole number, found 0.5"),
        ([1, 1j] * 3, "row 1: a label must be"),
        (["a", None] * 3, "row 1: the label is missing"),
        ([1, float("nan")] * 3, "row 1: the label is missing"),
        (pd.Series(["a", None] * 3), "row 1: the label is missing"),
        (pd.Series([1, None] * 3, dtype="Int64"), "row 1: the label is missing"),
        (pl.Series(["a", None] * 3), "row 1: the label is missing"),
        (["a", 1] * 3, "row 1: label 1 is int, the labels before it are str"),
        ([b"a", b"b"] * 3, "row 0: a label must be"),
        ("ababab", "a single string received"),
        (None, "requires y to be passed, but the target y is None"),
        (pd.DataFrame({"label": words, "other": words}), "Name the column"),
        (set(words), "no order"),
    ],
)
def test_labels_that_are_none_are_named_with_their_row(labels, says):
    with pytest.raises(DataError, match=says) as caught:
        classifier().fit(X, labels)
    assert str(caught.value).startswith("y")


def test_a_heavy_class_is_predicted_more_often():
    rng = np.random.default_rng(0)
    texts = [" ".join(rng.choice(list("abcdef"), 3)) for _ in range(60)]
    labels = rng.integers(0, 3, 60)  # nothing to learn: the weights decide
    shares = []
    for weight in (0.01, 1, 100):
        fitted = classifier(class_weight={1: weight}, epochs=20).fit(texts, labels)
        shares.append((fitted.predict(texts) == 1).mean())
    assert shares[0] == 0
    assert shares[0] < shares[1] < shares[2]
    assert shares[2] > 0.9


def test_balanced_weights_make_up_for_unequal_classes():
    texts, labels = ["a"] * 30, ["rare" if i % 15 == 0 else "often" for i in range(30)]
    plain, balanced = (classifier(class_weight=w).fit(texts, labels) for w in (None, "balanced"))
    assert plain.predict_proba(["a"])[0, 1] < 0.2
    assert 0.4 < balanced.predict_proba(["a"])[0, 1] < 0.6
    explicit = classifier(class_weight={"often": 30 / (2 * 28), "rare": 30 / (2 * 2)}).fit(texts, labels)
    np.testing.assert_array_equal(explicit.predict_proba(texts), balanced.predict_proba(texts))


@pytest.mark.parametrize(
    ("labels", "key"), [(truths, True), (np.array(ints), 5), ([float(i) for i in ints], 5.0), (words, "pos")]
)
def test_class_weights_take_the_labels_as_they_were_given(labels, key):
    weighted = classifier(class_weight={key: 50}, epochs=3).fit(X, labels)
    plain = classifier(epochs=3).fit(X, labels)
    assert (weighted.decision_function(X) > plain.decision_function(X)).all()


def test_a_class_weight_for_no_class_is_refused():
    with pytest.raises(UsageError, match=r"names the class 'good'; the classes are \['neg', 'pos'\]"):
        classifier(class_weight={"good": 2}).fit(X, words)


def full_batch(texts, labels, weights, rate_per_text=0.2):
    """One step an epoch over all texts, the step as large as the sum of the gradients: comparable over N."""
    estimator = classifier(
        optimizer="sgd", learning_rate=rate_per_text * len(texts), batch_size=1000, epochs=25, hidden=3
    )
    return estimator.fit(texts, labels, sample_weight=weights)


def test_weight_two_is_twice_and_next_to_nothing_is_nothing():
    texts = [*X, X[0]]
    labels = [*words, words[0]]
    twice = full_batch(texts, labels, [2, 1, 1, 1, 1, 1, 1e-12])
    repeated = full_batch(texts, labels, None)
    np.testing.assert_allclose(twice.predict_proba(X), repeated.predict_proba(X), atol=1e-5)
    once = full_batch(texts, labels, [1, 1, 1, 1, 1, 1, 1e-12])
    assert np.abs(once.predict_proba(X) - repeated.predict_proba(X)).max() > 1e-3


@pytest.mark.slow
@pytest.mark.parametrize("architecture", ["mean", "flatten", "ngram", "documents"])
def test_a_text_of_weight_zero_is_as_if_it_were_not_there(architecture):
    """The same bits: neither its words nor its length nor its place among the texts held out play a part."""
    texts, labels = X * 10, words * 10
    mute = "quite other words, so many of them that every length is another one, and good good good bad bad"
    chosen = {"epochs": 20} if architecture == "ngram" else {"epochs": 20, "dimensions": 4}
    alone = TextClassifier(architecture=architecture, random_state=0, **chosen).fit(texts, labels)
    beside = TextClassifier(architecture=architecture, random_state=0, **chosen).fit(
        [mute, *texts[:30], mute, *texts[30:], mute],
        ["pos", *labels[:30], "neg", *labels[30:], "neg"],
        sample_weight=[0, *[1] * 30, 0, *[1] * 30, 0],
    )
    np.testing.assert_array_equal(beside.predict_proba(X), alone.predict_proba(X))
    assert beside.model_.vocabulary.words == alone.model_.vocabulary.words
    assert beside.model_.record["data"] == alone.model_.record["data"]


def test_weights_of_one_change_nothing_and_their_form_does_not_matter():
    expected = classifier().fit(X, words).predict_proba(X)
    for ones in (np.ones(6), [1] * 6, pd.Series(np.ones(6)), pl.Series([1] * 6), OnlyAnArray(np.ones(6))):
        np.testing.assert_array_equal(
            classifier().fit(X, words, sample_weight=ones).predict_proba(X), expected
        )


def test_sample_weights_are_not_overwritten():
    weights = np.array([1.0, 2, 1, 2, 1, 2])
    classifier(class_weight="balanced").fit(X, words, sample_weight=weights)
    assert weights.tolist() == [1, 2, 1, 2, 1, 2]


def test_weights_that_leave_one_class_are_refused_as_texts_of_one_class_are():
    with (
        pytest.warns(WordloomWarning, match="every text with the label 'neg' has the sample_weight 0"),
        pytest.raises(DataError, match="a classifier needs texts of two classes or more"),
    ):
        classifier().fit(X, words, sample_weight=[1, 0, 1, 0, 1, 0])


def test_a_label_whose_texts_all_have_weight_zero_is_left_out_and_told():
    three = ["a", "b", "c"] * 2
    with pytest.warns(WordloomWarning, match="every text with the label 'b'"):
        fitted = classifier().fit(X, three, sample_weight=[1, 0, 1, 1, 0, 1])
    assert fitted.classes_.tolist() == ["a", "c"]


@pytest.mark.parametrize(
    ("weights", "says"),
    [
        ([1, 2], r"one number for each of the 6 texts; its shape is \(2,\)"),
        (1.0, r"its shape is \(\)"),
        (np.ones((6, 1)), r"its shape is \(6, 1\)"),
        ([1, 1, -1, 1, 1, 1], "row 2: a finite number of 0 or more expected, found -1"),
        ([1, 1, 1, float("nan"), 1, 1], "row 3: .* found nan"),
        ([1, 1, 1, 1, float("inf"), 1], "row 4: .* found inf"),
        (["a"] * 6, "must hold a number for each text"),
        ([None] * 6, "row 0"),
        (np.zeros(6), "zero for every text"),
    ],
)
def test_wrong_sample_weights_are_named(weights, says):
    with pytest.raises(DataError, match=f"sample_weight.*{says}"):
        classifier().fit(X, words, sample_weight=weights)


def test_held_out_texts_of_weight_zero_do_not_stop_training():
    texts, labels = X * 40, words * 40
    weights = np.zeros(240)
    weights[:150] = 1
    estimator = classifier(validation_split=0.2, validation_mode="tail", epochs=2)
    history = estimator.fit(texts, labels, sample_weight=weights).history_.history
    assert np.isfinite(history["val_loss"]).all()


@pytest.mark.parametrize("labels", [["a", "a\0"], [2**70, 3], [2**63, -1], ["1", "01"], [1e300, 0.0]])
def test_the_score_is_that_of_the_labels_as_they_are(labels):
    y = [labels[i % 2] for i in range(6)]
    model = classifier().fit(X, y)
    assert model.predict(X).tolist() == y
    assert model.score(X, y) == 1.0
    assert model.score(X, y[::-1]) == 0.0
    assert model.score(X, [y[0]] * 6) == 0.5
    assert model.score(X, [y[0]] * 6, sample_weight=[1, 0, 1, 0, 1, 0]) == 1.0


def test_a_score_with_other_lengths_is_an_error():
    model = classifier().fit(X, [1, 0] * 3)
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        model.score(X, [1, 0])
