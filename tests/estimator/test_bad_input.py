"""What is wrong with texts and labels is said, with the row, or warned about; nothing is guessed."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import polars as pl
import pytest

from wordloom import Corpus, TextClassifier
from wordloom.errors import DataError, WordloomWarning

X = ["good film", "bad film", "good story", "bad story"]
Y = ["pos", "neg", "pos", "neg"]


def classifier(**changes):
    settings = {"dimensions": 4, "epochs": 40, "learning_rate": 0.05, "random_state": 0}
    return TextClassifier(**(settings | changes))


@pytest.fixture(scope="module")
def fitted():
    return classifier().fit(X, Y)


NOT_TEXTS = {
    "one string": ("good film", "Iterable over raw text documents expected, string object received"),
    "one bytes": (b"good film", "string object received"),
    "None": (None, "a list expected, found NoneType"),
    "a number": (5, "a list expected, found int"),
    "None inside": ([*X, None], "row 4: None is an invalid document"),
    "NaN inside": (["a", float("nan")], "row 1: np.nan is an invalid document, expected a string"),
    "NaN of NumPy": (np.array(["a", np.nan], dtype=object), "row 1: np.nan is an invalid document"),
    "NaN of pandas": (pd.Series(["a", None]), "row 1: .* is an invalid document"),
    "NA of pandas": (pd.Series(["a", pd.NA], dtype="string"), "row 1: .* is an invalid document"),
    "null of polars": (pl.Series(["a", None]), "row 1: None is an invalid document"),
    "bytes inside": (["a", b"b"], "row 1: expected a string, found bytes"),
    "numbers": ([0, 1], "row 0: expected a string, found int .* Are texts and labels swapped?"),
    "lists of words": ([["good", "film"]], "row 0: expected a string, found list"),
    "two dimensions": (np.array([["a"], ["b"]]), "one dimension expected"),
    "a data frame": (pd.DataFrame({"text": X}), "one column expected, found a whole table"),
    "a frame of polars": (pl.DataFrame({"text": X}), "one column expected, found a whole table"),
    "a mapping": ({"a": 1}, "one column expected"),
    "a set": ({"a", "b"}, "found a set, which has no order"),
}


@pytest.mark.parametrize(("texts", "says"), NOT_TEXTS.values(), ids=NOT_TEXTS)
@pytest.mark.parametrize("method", ["fit", "predict", "predict_proba", "decision_function"])
def test_what_is_no_list_of_texts_is_refused(fitted, texts, says, method):
    with pytest.raises(ValueError, match=says) as caught:
        classifier().fit(texts, Y) if method == "fit" else getattr(fitted, method)(texts)
    assert isinstance(caught.value, DataError)


def test_unequal_lengths():
    with pytest.raises(DataError, match="4 texts but 3 labels"):
        classifier().fit(X, Y[:3])


def test_swapped_texts_and_labels():
    reviews = [f"the film number {i} was rather long" for i in range(12)]
    with pytest.raises(DataError, match="swapped"):
        classifier().fit([0, 1] * 6, reviews)
    with pytest.raises(DataError, match=r"12 different labels for 12 texts.* Are texts and labels swapped\?"):
        classifier().fit(["neg", "pos"] * 6, reviews)


def test_many_classes_of_their_own_texts_are_not_taken_for_swapped():
    with pytest.warns(WordloomWarning, match=r"12 class\(es\) with one text only"):
        classifier(epochs=1).fit(
            [f"subject {i} and more" for i in range(12)], [f"subject {i}" for i in range(12)]
        )


def test_no_texts():
    with pytest.raises(DataError, match="there are no texts to train on"):
        classifier().fit([], [])


@pytest.mark.parametrize("texts", [["", "", "", ""], ["...", " ", "\n", "!?"]])
def test_texts_without_any_word(texts):
    with pytest.raises(DataError, match=r"empty vocabulary: 0 different words in 4 texts"):
        classifier().fit(texts, Y)


def test_no_word_left_by_the_settings():
    with pytest.raises(DataError, match=r"empty vocabulary: 4 different words .* min_count"):
        classifier(min_count=3).fit(X, Y)


def test_one_class():
    with pytest.raises(
        DataError, match="all 4 texts have the label 1; a classifier needs texts of two classes"
    ):
        classifier().fit(X, [1, 1, 1, 1])


def test_a_class_with_one_text_is_warned_about_and_learned():
    with pytest.warns(WordloomWarning, match=r"1 class\(es\) with one text only \('odd'\)"):
        fitted = classifier().fit([*X, "strange"], [*Y, "odd"])
    assert fitted.classes_.tolist() == ["neg", "odd", "pos"]


def test_a_class_with_one_text_is_never_held_out():
    texts, labels = [*(X * 60), "strange"], [*(Y * 60), "odd"]
    with pytest.warns(WordloomWarning, match="one text only"):
        model = classifier(validation_split=0.2).fit(texts, labels).model_
    assert model.record["data"]["validated_on"] == 48
    assert model.predict(["strange"]) == ["odd"]


@pytest.mark.parametrize(
    ("one", "other"),
    [("pos", "Pos"), ("pos", "pos "), ("very good", "very  good"), ("stra\u00dfe", "STRASSE")],
)
def test_labels_that_differ_by_case_or_spaces_are_warned_about(one, other):
    with pytest.warns(WordloomWarning, match="differ only by case or spaces and are treated as two classes"):
        fitted = classifier(epochs=1).fit(X * 2, [one, "neg", other, "neg"] * 2)
    assert len(fitted.classes_) == 3


def test_good_input_warns_about_nothing():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        fitted = classifier().fit(X, Y)
        fitted.predict(["good", "so bad", "good", "", "never seen"])


def test_empty_texts_are_counted_and_keep_their_place():
    fitted = classifier().fit([X[0], "", *X[1:], " .. "], [Y[0], "neg", *Y[1:], "neg"])
    assert fitted.model_.record["data"]["empty_texts"] == 2
    probabilities = fitted.predict_proba(["good", "", "bad", "?"])
    assert probabilities.shape == (4, 2)
    np.testing.assert_array_equal(probabilities[1], probabilities[3])
    assert probabilities[0, 1] > 0.5 > probabilities[2, 1]


def test_nul_bytes_and_other_odd_characters_are_characters():
    odd = ["a\x00b", "\ufeffgood", "\ud800", "\U0001f600\u200d", "\u2028", "\x85", "a\x1fb"]
    fitted = classifier(filters="").fit(odd * 2, ["pos", "neg"] * len(odd))
    assert set(fitted.model_.vocabulary.words) == {word.lower() for word in odd}
    assert fitted.predict_proba(odd).shape == (len(odd), 2)


def test_a_text_of_ten_megabytes():
    long = "good film " * 1_000_000
    estimator = classifier(epochs=1).fit([long, "bad story", "good", "bad"], Y_LONG)
    probabilities = estimator.predict_proba([long, "good film"])
    np.testing.assert_allclose(probabilities[0], probabilities[1], atol=1e-3)  # the same mean


Y_LONG = ["pos", "neg", "pos", "neg"]


def test_a_corpus_names_itself_in_its_messages():
    with pytest.raises(DataError, match=r"reviews\.csv, row 1: None is an invalid document"):
        Corpus(["a", None], [0, 1], name="reviews.csv")
    with pytest.raises(DataError, match=r"reviews\.csv: 1 texts but 2 labels"):
        Corpus(["a"], [0, 1], name="reviews.csv")


def test_training_that_diverges_says_so():
    wild = classifier(optimizer="sgd", learning_rate=1000, hidden=8, epochs=50)
    with pytest.raises(
        ValueError, match=r"Training diverged: .*loss of epoch \d+ is .* lower learning_rate than 1000"
    ):
        wild.fit(X * 20, [0, 1, 1, 0] * 20)
