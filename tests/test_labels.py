"""Labels: a number is one label however it is written, wherever it comes from; what is no number stays."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from wordloom import TextClassifier
from wordloom.corpus import Corpus
from wordloom.errors import DataError, WordloomWarning
from wordloom.evaluation.on_corpus import class_numbers
from wordloom.labels import (
    as_numbers,
    checked_labels,
    joined_labels,
    label_key,
    split_labels,
    warn_about_joined_labels,
)
from wordloom.readers import read_corpus

TEXTS = ["good film", "bad film", "fine film", "poor film"]


def csv_of(values) -> str:
    return "text,label\n" + "".join(f"{text},{value}\n" for text, value in zip(TEXTS, values, strict=True))


@pytest.mark.parametrize("values", [[1, 0, 1, 0], [1.0, 0.0, 1.0, 0.0], [True, False, True, False]])
def test_a_number_is_the_same_label_from_memory_csv_json_and_parquet(tmp_path, values):
    sources = {"frame": pd.DataFrame({"text": TEXTS, "label": values})}
    (tmp_path / "x.csv").write_text(csv_of(values))
    rows = [json.dumps({"text": text, "label": value}) for text, value in zip(TEXTS, values, strict=True)]
    (tmp_path / "x.jsonl").write_text("\n".join(rows))
    (tmp_path / "x.txt").write_text(
        "".join(f"__label__{v} {t}\n" for t, v in zip(TEXTS, values, strict=True))
    )
    sources |= {name: tmp_path / name for name in ("x.csv", "x.jsonl", "x.txt")}
    if pytest.importorskip("pyarrow"):
        sources["frame"].to_parquet(tmp_path / "x.parquet")
        sources["parquet"] = tmp_path / "x.parquet"
    for name, source in sources.items():
        labels = read_corpus(source).train.labels
        assert [(type(label), label) for label in labels] == [(int, 1), (int, 0)] * 2, name
    assert Corpus(TEXTS, values).labels == [1, 0, 1, 0]


def test_true_and_false_that_become_numbers_are_noted(tmp_path):
    (tmp_path / "x.csv").write_text(csv_of(["True", "False"] * 2))
    notes = read_corpus(tmp_path / "x.csv").notes
    assert any("labels False and True are read as the numbers 0 and 1" in note for note in notes)


@pytest.mark.parametrize(
    ("labels", "classes"),
    [
        (["1", "1.0", "2", "2"], ["1", "2"]),
        (["1.0", "1", "x", "x"], ["1", "x"]),
        ([1, "1.0", "2", 2], [1, 2]),
        (["True", "true", "no", "no"], ["True", "no"]),
    ],
)
def test_two_spellings_of_a_number_are_one_class_with_a_notice(labels, classes):
    with pytest.warns(WordloomWarning, match="are spellings of one number and are taken as one class"):
        corpus = Corpus(TEXTS, labels)
    assert corpus.classes == classes


COMPOSED, DECOMPOSED = "facturaci\u00f3n", "facturacio\u0301n"


def test_a_label_with_an_accent_as_one_character_or_two_is_one_class_with_a_notice():
    with pytest.warns(WordloomWarning, match="is written in 2 Unicode forms, which look the same"):
        corpus = Corpus(TEXTS, [DECOMPOSED, COMPOSED, "login", "login"])
    assert corpus.classes == [COMPOSED, "login"]


def test_parts_with_a_label_in_two_unicode_forms_agree_without_a_word(tmp_path, recwarn):
    (tmp_path / "x.csv").write_text(
        f"text,label,split\na,{COMPOSED},train\nb,login,train\nc,{DECOMPOSED},test\n", encoding="utf-8"
    )
    data = read_corpus(tmp_path / "x.csv")
    assert class_numbers(data.test, data.train.classes).tolist() == [0]
    assert not recwarn.list


@pytest.mark.parametrize("labels", [["01", "1"], ["1e0", "1"], ["1.5", "1.50"], ["1,0", "1"], ["a", "a\0"]])
def test_what_is_no_plain_number_keeps_its_class(labels):
    assert checked_labels(labels) == labels
    assert label_key(labels[0]) != label_key(labels[1])


def test_integers_of_any_size_stay_exact(tmp_path):
    large = [2**63, -1, 2**70, 2**63 + 1]
    assert Corpus(TEXTS, large).labels == large
    (tmp_path / "x.csv").write_text(csv_of(large))
    assert read_corpus(tmp_path / "x.csv").train.labels == large
    corpus = Corpus(TEXTS, [str(label) for label in large])
    assert class_numbers(corpus, large).tolist() == [0, 1, 2, 3]


def test_a_model_of_numbers_is_scored_on_any_spelling():
    for spelled in ([1, 0, 1, 0], ["1", "0", "1", "0"], ["1.0", "0.0"] * 2, ["True", "False"] * 2):
        assert class_numbers(Corpus(TEXTS, spelled), [0, 1]).tolist() == [1, 0, 1, 0]
    # a model may know strings that spell one number: what is written alike comes first
    with pytest.warns(WordloomWarning):
        corpus = Corpus(TEXTS[:2], ["1.0", "1"])
    assert class_numbers(corpus, ["1.0", "1"]).tolist() == [1, 1]


def classifier():
    return TextClassifier(dimensions=4, epochs=1, random_state=0, validation_split=0)


@pytest.mark.parametrize("labels", [["a", "a\0"] * 2, [2**63, -1] * 2, [2**70, 1] * 2])
def test_the_estimator_gives_back_labels_that_numpy_would_change(labels):
    fitted = classifier().fit(TEXTS, labels)
    assert fitted.classes_.tolist() == sorted(set(labels))
    assert set(fitted.predict(TEXTS).tolist()) <= set(labels)


def test_the_estimator_takes_two_spellings_for_one_class():
    with pytest.warns(WordloomWarning, match="spellings of one number"):
        fitted = classifier().fit(TEXTS, ["1", "1.0", "2", "2"])
    assert fitted.classes_.tolist() == ["1", "2"]


def test_the_estimator_takes_the_values_of_a_dict():
    told = dict(zip(TEXTS, ["pos", "neg"] * 2, strict=True))
    assert classifier().fit(list(told), told.values()).classes_.tolist() == ["neg", "pos"]


@pytest.mark.parametrize("form", [np.array, pd.DataFrame])
def test_labels_in_one_column_are_taken_with_scikit_learns_warning(form):
    from sklearn.exceptions import DataConversionWarning

    labels = form([["pos"], ["neg"], ["pos"], ["neg"]])
    with pytest.warns(DataConversionWarning, match="column-vector y"):
        fitted = classifier().fit(TEXTS, labels)
    assert fitted.classes_.tolist() == ["neg", "pos"]
    assert read_corpus(TEXTS, labels).train.labels == ["pos", "neg"] * 2


def test_weights_and_explanations_take_any_spelling_of_a_label():
    texts, labels = TEXTS * 2, [1, 0] * 4
    settings = {"dimensions": 2, "epochs": 2, "random_state": 0, "validation_split": 0}
    plain = TextClassifier(**settings, class_weight={1: 9}).fit(texts, labels)
    spelled = TextClassifier(**settings, class_weight={"1.0": 9}).fit(texts, labels)
    np.testing.assert_array_equal(plain.predict_proba(texts), spelled.predict_proba(texts))
    model = plain.model_
    assert model.explain("good film", "1").to_config() == model.explain("good film", 1).to_config()


def test_unsup_is_no_label_to_learn():
    with pytest.raises(DataError, match="'unsup' says that a text has no label"):
        classifier().fit(TEXTS, ["pos", "neg", "unsup", "unsup"])


def test_labels_of_a_file_are_numbers_only_if_all_of_them_spell_one():
    assert as_numbers(["1", "2.0", "True", "-3"]) == {"1": 1, "2.0": 2, "True": 1, "-3": -3}
    assert as_numbers(["1", "x"]) == {} == as_numbers(["01"]) == as_numbers([])


def test_labels_that_are_several_in_one_are_warned_of():
    labels = ["joy", "love", "joy|love", "love|joy"]
    with pytest.warns(WordloomWarning, match=r"2 of 4 labels are several in one, such as 'joy\|love'"):
        warn_about_joined_labels(labels, "texts")


@pytest.mark.parametrize("labels", [["a|b", "c|d", "a", "e"], ["|", "a", "b", "c"], [1, 2, 3, 4]])
@pytest.mark.filterwarnings("error::wordloom.errors.WordloomWarning")
def test_a_mark_inside_a_label_is_no_second_label(labels):
    warn_about_joined_labels(labels, "texts")
    assert read_corpus((TEXTS, labels)).train.target == "single"


@given(st.lists(st.text(st.characters(codec="utf-8"), min_size=1)), st.sampled_from(["|", ";", ", ", "||"]))
@example(["|", "0"], "||")
def test_labels_joined_in_a_cell_are_split_into_the_same_ones(labels, separator):
    cell = joined_labels(labels, separator)
    assert split_labels(cell, separator) == (labels or [""])


@pytest.mark.parametrize(
    ("cell", "labels"),
    [
        ("a|b", ["a", "b"]),
        (" a | b ", ["a", "b"]),
        ("a||b|", ["a", "", "b", ""]),
        ('"a|b"|c', ["a|b", "c"]),
        ('c| "a|b" ', ["c", "a|b"]),
        ('5" disk|b', ['5" disk', "b"]),
        ('"say ""no"""|b', ['say "no"', "b"]),
        ('"open|b', ['"open', "b"]),
        ("a", ["a"]),
        ('a|"b"|', ["a", "b", ""]),
    ],
)
def test_a_cell_of_several_labels(cell, labels):
    assert split_labels(cell, "|") == labels
