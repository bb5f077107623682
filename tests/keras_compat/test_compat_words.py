"""text_to_word_sequence, one_hot, hashing_trick, to_categorical and pad_sequences, beside Keras' own."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import wordloom
from wordloom.errors import DataError, UsageError
from wordloom.keras_compat import (
    hashing_trick,
    one_hot,
    pad_sequences,
    sequence,
    text,
    text_to_word_sequence,
    to_categorical,
)

slow = {"deadline": None, "suppress_health_check": [HealthCheck.function_scoped_fixture]}
SENTENCE = "Don't stop-me,  now!\tYeah\nOK\r\nend\u00a0x"


def test_one_text_to_words() -> None:
    assert text_to_word_sequence(SENTENCE) == ["don't", "stop", "me", "now", "yeah", "ok\r", "end\xa0x"]
    assert text_to_word_sequence("A,b", lower=False) == ["A", "b"]
    assert text_to_word_sequence("A,b", "", True, ",") == ["a", "b"]
    assert text_to_word_sequence("a.b;c", filters=[".", ";"]) == ["a", "b", "c"]
    assert text_to_word_sequence("") == []


def test_hashed_words() -> None:
    # int(hashlib.md5(word.encode()).hexdigest(), 16) % 9 + 1
    ids = hashing_trick("The cat, the hat", 10, "md5")
    assert ids[0] == ids[2]
    assert ids == hashing_trick("the cat the hat", 10, hash_function="md5")
    assert hashing_trick("a b", 50, len) == [2, 2]
    assert hashing_trick("a-b", 50, len, analyzer=lambda text: text.split("-")) == [2, 2]
    assert one_hot("a b a", 100) == [hash(word) % 99 + 1 for word in "aba"]
    assert one_hot("A b", 100, analyzer=str.split) == [hash("A") % 99 + 1, hash("b") % 99 + 1]


def test_names_where_notebooks_look_for_them() -> None:
    assert text.one_hot is one_hot
    assert sequence.pad_sequences is pad_sequences is wordloom.pad_sequences


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: text_to_word_sequence(["a"]), DataError, r"one text expected, found \['a'\] \(list\)"),
        (lambda: one_hot(3, 10), DataError, r"one text expected, found 3 \(int\)"),
        (lambda: one_hot("a", 1), UsageError, "n must be 2 or more, not 1"),
        (lambda: hashing_trick("a", 9, "sha"), UsageError, "hash_function must be"),
        (lambda: text_to_word_sequence("a", split=""), UsageError, "at least one character"),
        (lambda: to_categorical([0, 3], 3), DataError, "row 1: the class 3 is outside 0 to 2"),
        (lambda: to_categorical([-1, 3]), DataError, "row 0: the class -1"),
        (lambda: to_categorical(["a"]), DataError, "Number the classes"),
        (lambda: to_categorical([]), DataError, "num_classes must be given"),
    ],
)
def test_misuse_says_the_way_out(call, error, message) -> None:
    with pytest.raises(error, match=message):
        call()


def test_classes_as_rows() -> None:
    rows = to_categorical([0, 2, 1])
    assert rows.tolist() == [[1, 0, 0], [0, 0, 1], [0, 1, 0]]
    assert rows.dtype == np.float32
    assert to_categorical(np.array([[1], [0]]), 2, dtype="int8").tolist() == [[0, 1], [1, 0]]
    assert to_categorical([[0, 1]], 3).shape == (1, 2, 3)
    assert to_categorical(1, 2).tolist() == [0, 1]
    assert to_categorical([], 3).shape == (0, 3)


@settings(max_examples=80, **slow)
@given(
    st.text(st.sampled_from("aAbB  ,.'\n\u0130\u03a3\xa0") | st.characters(), max_size=20),
    st.sampled_from(["", ",.", "aB"]),
    st.booleans(),
    st.sampled_from([" ", "b", ", "]),
    st.integers(2, 99),
)
def test_words_and_hashes_as_keras(keras_text, text, filters, lower, split, n) -> None:
    rules = {"filters": filters, "lower": lower, "split": split}
    assert text_to_word_sequence(text, **rules) == keras_text.text_to_word_sequence(text, **rules)
    assert one_hot(text, n, **rules) == keras_text.one_hot(text, n, **rules)
    encodable = text.encode("utf-8", "ignore").decode()
    found = hashing_trick(encodable, n, "md5", **rules)
    assert found == keras_text.hashing_trick(encodable, n, "md5", **rules)


@settings(max_examples=60, **slow)
@given(
    st.lists(st.lists(st.integers(-9, 99) | st.floats(-9, 99), max_size=6), min_size=1, max_size=6),
    st.none() | st.integers(1, 8),
    st.sampled_from(["pre", "post"]),
    st.sampled_from(["pre", "post"]),
    st.sampled_from(["int32", "float32"]),
    st.sampled_from([0.0, 7]),
)
def test_padding_as_keras(keras, rows, maxlen, padding, truncating, dtype, value) -> None:
    ours = pad_sequences(rows, maxlen, dtype, padding, truncating, value)
    theirs = keras.utils.pad_sequences(rows, maxlen, dtype, padding, truncating, value)
    assert ours.dtype == theirs.dtype
    assert np.array_equal(ours, theirs)


@given(st.lists(st.integers(0, 5), min_size=1), st.sampled_from([None, 6, 9]))
@settings(**slow)
def test_categories_as_keras(keras, numbers, num_classes) -> None:
    for form in (numbers, np.array(numbers)[:, None], [numbers, numbers]):
        ours, theirs = to_categorical(form, num_classes), keras.utils.to_categorical(form, num_classes)
        assert np.array_equal(ours, theirs)


def test_importing_it_needs_neither_keras_nor_compiled_kernels() -> None:
    code = (
        "import sys; from wordloom.keras_compat import Tokenizer, imdb, pad_sequences; t = Tokenizer();"
        "t.fit_on_texts(['a b']); print(*sorted({'keras', 'numba', 'sklearn'} & set(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=dict(os.environ))
    assert (run.stdout.strip(), run.returncode) == ("", 0), run.stderr
