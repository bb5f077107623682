"""Keras 2's Tokenizer: figures worked out by hand, then Keras' own on random texts where it is installed."""

from __future__ import annotations

import copy
import json
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from wordloom.errors import DataError, UsageError, WordloomWarning
from wordloom.keras_compat import Tokenizer, bulk, text, tokenizer_from_json

TEXTS = ["the cat sat", "the dog sat on the mat"]
ATTRIBUTES = ("word_index", "index_word", "word_counts", "word_docs", "index_docs", "document_count")


def fitted(texts: list[Any] = TEXTS, **options: Any) -> Tokenizer:
    tokenizer = Tokenizer(**options)
    tokenizer.fit_on_texts(texts)
    return tokenizer


def test_ids_by_frequency_with_ties_in_the_order_of_first_sight(way) -> None:
    tokenizer = fitted(num_words=4)
    assert list(tokenizer.word_index.items()) == [
        *(("the", 1), ("sat", 2), ("cat", 3), ("dog", 4), ("on", 5), ("mat", 6)),
    ]
    assert tokenizer.index_word[6] == "mat"
    assert list(tokenizer.word_counts.items()) == [
        *(("the", 3), ("cat", 1), ("sat", 2), ("dog", 1), ("on", 1), ("mat", 1)),
    ]
    assert tokenizer.word_docs == {"the": 2, "sat": 2, "cat": 1, "dog": 1, "on": 1, "mat": 1}
    assert tokenizer.index_docs == {1: 2, 2: 2, 3: 1, 4: 1, 5: 1, 6: 1}
    assert tokenizer.document_count == 2


def test_num_words_keeps_the_ids_below_it(way) -> None:
    texts = ["the cat sat on mat zebra", ""]
    assert fitted(num_words=4).texts_to_sequences(texts) == [[1, 3, 2], []]
    assert fitted(num_words=4, oov_token="?").texts_to_sequences(texts) == [[2, 1, 3, 1, 1, 1], []]
    assert fitted().texts_to_sequences(texts) == [[1, 3, 2, 5, 6], []]
    assert fitted(num_words=1).texts_to_sequences(texts) == [[], []]
    assert fitted(num_words=1, oov_token="?").texts_to_sequences(["the", "zebra"]) == [[1], [1]]
    assert list(fitted(oov_token="?").word_index)[:2] == ["?", "the"]


def test_apostrophes_stay_and_line_feeds_separate(way) -> None:
    tokenizer = fitted(["Don't stop-me,  now!\tYeah\nOK\r\nend\u00a0x"])
    assert list(tokenizer.word_index) == ["don't", "stop", "me", "now", "yeah", "ok\r", "end\xa0x"]


def test_an_oov_token_that_is_a_word_of_the_texts_keeps_the_later_id(way) -> None:
    tokenizer = fitted(["a b b"], oov_token="a")
    assert list(tokenizer.word_index.items()) == [("a", 3), ("b", 2)]
    assert tokenizer.texts_to_sequences(["b zebra a"]) == [[2, 3, 3]]


def test_counts_add_up_over_calls(way) -> None:
    together, apart = fitted([*TEXTS, "a dog"]), fitted()
    apart.fit_on_texts(iter(["a dog"]))
    for name in ATTRIBUTES:
        assert getattr(apart, name) == getattr(together, name)
    assert list(apart.word_counts) == list(together.word_counts)


def test_lists_of_words_and_characters() -> None:
    tokenizer = fitted([["The", "cat."], "the cat.", ["", "a b"]])
    assert tokenizer.word_index == {"the": 1, "cat.": 2, "cat": 3, "": 4, "a b": 5}
    assert tokenizer.texts_to_sequences([["CAT."], "cat."]) == [[2], [3]]
    letters = fitted(["aAb", ["A", "xy"]], char_level=True)
    assert letters.word_index == {"a": 1, "b": 2, "xy": 3}
    assert letters.texts_to_sequences(["ba!"]) == [[2, 1]]
    whole = Tokenizer(char_level=True)  # a book's notebook fits on one string: each letter is a document
    whole.fit_on_texts("abca")
    assert (whole.word_index, whole.document_count) == ({"a": 1, "b": 2, "c": 3}, 4)
    numbers = fitted([[3, 3, 5]], lower=False)
    assert numbers.word_index == {3: 1, 5: 2}


def test_an_own_analyzer() -> None:
    tokenizer = fitted(["a-b", "b-c"], analyzer=lambda text: (part for part in text.split("-")))
    assert tokenizer.word_index == {"b": 1, "a": 2, "c": 3}
    assert tokenizer.word_docs == {"a": 1, "b": 2, "c": 1}
    assert tokenizer.texts_to_sequences(["c-a"]) == [[3, 2]]


def test_notebooks_may_change_the_tables(way) -> None:
    tokenizer = fitted(num_words=3, oov_token="?")
    tokenizer.word_index = {word: id_ for word, id_ in tokenizer.word_index.items() if id_ <= 3}
    tokenizer.word_index["zebra"] = 2
    assert tokenizer.texts_to_sequences(["the zebra sat on"]) == [[2, 2, 1, 1]]


def test_back_to_text() -> None:
    tokenizer = fitted(num_words=4)
    assert tokenizer.sequences_to_texts([[1, 3, 2, 5, 0], (), np.array([2, 99])]) == [
        "the cat sat",
        "",
        "sat",
    ]
    assert fitted(oov_token="?").sequences_to_texts([[0, 2, 99]]) == ["? the ?"]
    assert next(tokenizer.sequences_to_texts_generator(iter([[1]]))) == "the"
    assert next(tokenizer.texts_to_sequences_generator(iter(["sat the"]))) == [2, 1]


def test_matrices() -> None:
    tokenizer = fitted(num_words=4)
    texts = ["the cat the mat", "", "zebra"]
    assert tokenizer.texts_to_matrix(texts).tolist() == [[0, 1, 0, 1], [0] * 4, [0] * 4]
    assert tokenizer.texts_to_matrix(texts, "count").tolist()[0] == [0, 2, 0, 1]
    assert tokenizer.texts_to_matrix(texts, mode="freq").tolist()[0] == [0, 2 / 3, 0, 1 / 3]
    tfidf = tokenizer.texts_to_matrix(texts, "tfidf")
    assert tfidf[0].tolist() == [0, (1 + np.log(2)) * np.log(1 + 2 / 3), 0, np.log(1 + 2 / 2)]
    assert tfidf.dtype == np.float64
    # ids that have no column count in the length of a text
    assert tokenizer.sequences_to_matrix([[1, 50, 0]], "freq").tolist() == [[1 / 3, 1 / 3, 0, 0]]
    assert fitted().texts_to_matrix(["mat"]).shape == (1, 7)
    assert tokenizer.sequences_to_matrix(np.array([[1, 2], [0, 3]]), "binary").tolist() == [
        *([0, 1, 1, 0], [1, 0, 0, 1]),
    ]


def test_tfidf_after_sequences_alone() -> None:
    tokenizer = Tokenizer(num_words=3)
    tokenizer.fit_on_sequences([[1, 1, 2], np.array([1])])
    assert (tokenizer.document_count, tokenizer.index_docs) == (2, {1: 2, 2: 1})
    assert tokenizer.sequences_to_matrix([[2]], "tfidf").tolist() == [[0, 0, np.log(2)]]


def test_json_and_copies() -> None:
    tokenizer = fitted(num_words=4, oov_token="<OOV>")
    config = json.loads(tokenizer.to_json())
    assert config["class_name"] == "Tokenizer"
    assert json.loads(config["config"]["index_word"])["1"] == "<OOV>"
    for again in (tokenizer_from_json(tokenizer.to_json(indent=2)), copy.deepcopy(tokenizer)):
        assert again.get_config() == tokenizer.get_config()
        again.fit_on_texts(["new words"])  # Keras' own stops here, its tables are plain dictionaries then
        assert again.document_count == 3
    assert text.Tokenizer is Tokenizer


def test_names_of_keras_1() -> None:
    assert Tokenizer(nb_words=7).num_words == 7
    with pytest.raises(TypeError, match=r"nwords.*Did you mean 'num_words'"):
        Tokenizer(nwords=7)
    assert fitted(num_words=4.0).texts_to_sequences(["the dog"]) == [[1]]  # as 1e4


def test_arrays_of_texts(way) -> None:
    for texts in (np.array(TEXTS), np.array(TEXTS, dtype=object), tuple(TEXTS)):
        assert fitted(texts).get_config() == fitted().get_config()
        assert fitted().texts_to_sequences(texts) == fitted().texts_to_sequences(TEXTS)


def test_chunks_follow_each_other(monkeypatch) -> None:
    monkeypatch.setattr(bulk, "_CHARACTERS_AT_ONCE", 5)
    tokenizer = Tokenizer()
    tokenizer.fit_on_texts(text for text in TEXTS)
    assert tokenizer.get_config() == fitted().get_config()
    assert tokenizer.texts_to_sequences(iter(TEXTS)) == tokenizer.texts_to_sequences(TEXTS)
    with pytest.raises(DataError, match="row 2"):
        tokenizer.texts_to_sequences(iter([*TEXTS, None]))


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        (["a", None], r"row 1: there is no text \(None\). Remove the row, or fill it with an empty text"),
        ([float("nan")], r"row 0: there is no text \(nan\)"),
        ([3], r"row 0: a text or a list of words expected, found 3 \(int\)"),
        ([[3, 4]], r"row 0: a list of words expected, found 3 \(int\).* sequences_to_texts"),
        ([b"a"], r"row 0: bytes instead of a text .* text.decode\(\)"),
        ([("a", "b")], r"row 0: .*\(tuple\). Make it a list of words: list\(row\)"),
        ([np.array(["a"])], "row 0: a text or a list of words expected"),
        (7, r"a list of texts expected, found 7 \(int\)"),
        (b"text", "a list of texts expected"),
    ],
)
@pytest.mark.parametrize("method", ["fit_on_texts", "texts_to_sequences", "texts_to_matrix"])
def test_what_are_no_texts(texts, message: str, method: str) -> None:
    with pytest.raises(DataError, match=message):
        getattr(fitted(), method)(texts)


def test_a_whole_table_is_refused() -> None:
    pandas = pytest.importorskip("pandas")
    table = pandas.DataFrame({"text": TEXTS})
    with pytest.raises(DataError, match=r"one column expected.*data\['text'\]"):
        Tokenizer().fit_on_texts(table)
    assert fitted(table["text"]).word_index == fitted().word_index


def test_what_was_hardly_meant_is_done_as_keras_does_it_with_a_warning() -> None:
    with pytest.warns(WordloomWarning, match=r"fit_on_texts: found one text .* Put it into a list: \[text\]"):
        tokenizer = fitted("ab a")
    assert (tokenizer.word_index, tokenizer.document_count) == ({"a": 1, "b": 2}, 4)
    with pytest.warns(WordloomWarning, match=r"knows no words yet. Call fit_on_texts first"):
        assert Tokenizer().texts_to_sequences(TEXTS) == [[], []]
    with pytest.warns(WordloomWarning, match="knows no words yet"):
        assert Tokenizer(oov_token="?").texts_to_sequences(["a b"]) == [[None, None]]


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda t: t.sequences_to_texts([1, 2]), DataError, r"row 0: a sequence of ids .* \[sequence\]"),
        (lambda t: t.sequences_to_texts(["the"]), DataError, "row 0.*texts go to texts_to_sequences"),
        (lambda t: t.sequences_to_matrix([1]), DataError, "row 0: a sequence of ids expected"),
        (lambda t: t.sequences_to_matrix(["the"]), DataError, "row 0.*Texts go to texts_to_matrix"),
        (lambda t: t.sequences_to_matrix([[], [1.5]]), DataError, "row 1: whole numbers expected"),
        (lambda t: t.sequences_to_matrix([[-1]]), DataError, "row 0: the id -1 is below 0"),
        (lambda t: t.sequences_to_matrix([[1]], "tf-idf"), UsageError, "'tf-idf'. Did you mean 'tfidf'"),
        (lambda t: t.fit_on_sequences([3]), DataError, "fit_on_sequences, row 0"),
        (lambda t: t.fit_on_sequences(3), DataError, "a list of sequences of ids expected, found 3"),
        (lambda t: t.sequences_to_texts("the"), DataError, "a list of sequences of ids expected"),
        (lambda t: t.sequences_to_matrix(None), DataError, "a list of sequences of ids expected"),
        (lambda t: Tokenizer("9"), UsageError, "num_words must be a whole number or None, not '9'"),
        (lambda t: Tokenizer().sequences_to_matrix([[1]]), UsageError, "Specify a dimension"),
        (lambda t: Tokenizer(5).sequences_to_matrix([[1]], "tfidf"), UsageError, "Fit the Tokenizer"),
        (lambda t: tokenizer_from_json("tokenizer.json"), DataError, "For a file, hand over what it holds"),
        (lambda t: tokenizer_from_json("[]"), DataError, "not the JSON of a Keras Tokenizer"),
        (lambda t: tokenizer_from_json('{"config": {}}'), DataError, "word_counts"),
    ],
)
def test_misuse_says_the_way_out(call, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message) as caught:
        call(fitted())
    assert isinstance(caught.value, ValueError)


letters = st.text(st.sampled_from("aAbBcC  ,.'\n\t\r\u0130\u03a3\xa0") | st.characters(), max_size=12)
documents = st.lists(letters | st.lists(letters, max_size=3), max_size=5)
plain_documents = st.lists(letters, max_size=5)
options = st.fixed_dictionaries(
    {
        "num_words": st.sampled_from([None, 0, 1, 2, 3, 5, 50]),
        "oov_token": st.sampled_from([None, "<OOV>", "a", ""]),
        "lower": st.booleans(),
        "char_level": st.sampled_from([False, False, False, True]),
        "split": st.sampled_from([" ", " ", "b", ", "]),
        "filters": st.sampled_from(["", ",.", "a\n", '!"#$%&()*+,-./:;<=>?@[\\]^_`{|}~\t\n']),
    }
)


def agree(original: Any, fit: list[list[Any]], new: list[Any], chosen: dict[str, Any]) -> None:
    """Our Tokenizer and Keras' in all they can be asked."""
    ours, theirs = Tokenizer(**chosen), original(**chosen)
    for texts in fit:
        ours.fit_on_texts(texts)
        theirs.fit_on_texts(texts)
    for name in ATTRIBUTES:
        assert getattr(ours, name) == getattr(theirs, name), name
        assert type(getattr(ours, name)) is type(getattr(theirs, name)), name
    assert list(ours.word_index) == list(theirs.word_index)
    assert list(ours.word_counts) == list(theirs.word_counts)
    assert ours.get_config().keys() == theirs.get_config().keys()
    if not ours.word_index:
        return
    sequences = ours.texts_to_sequences(new)
    assert sequences == theirs.texts_to_sequences(new)
    for ids in ([*sequences, [0, 1, 2, 60]], [[0, 1], [2]]):
        assert ours.sequences_to_texts(ids) == theirs.sequences_to_texts(ids)
        for mode in ("binary", "count", "freq", "tfidf") if ours.document_count else ("binary",):
            assert np.array_equal(ours.sequences_to_matrix(ids, mode), theirs.sequences_to_matrix(ids, mode))


slow = {"deadline": None, "suppress_health_check": [HealthCheck.function_scoped_fixture]}


@settings(max_examples=60, **slow)
@given(fit=st.lists(documents, max_size=2), new=documents, chosen=options)
@example(fit=[["a b", ["a", ""]]], new=["b a"], chosen={"oov_token": "a", "num_words": 2})
def test_as_keras_on_random_texts_and_lists(keras_text, fit, new, chosen) -> None:
    agree(keras_text.Tokenizer, fit, new, chosen)


@settings(max_examples=40, **slow)
@given(fit=st.lists(plain_documents, max_size=2), new=plain_documents, chosen=options)
def test_as_keras_on_random_texts_in_every_way(keras_text, way, fit, new, chosen) -> None:
    agree(keras_text.Tokenizer, fit, new, chosen)


def test_each_reads_the_other_s_json(keras_text) -> None:
    theirs = keras_text.Tokenizer(num_words=4, oov_token="?")
    theirs.fit_on_texts(TEXTS)
    ours = fitted(num_words=4, oov_token="?")
    for again in (
        tokenizer_from_json(theirs.to_json()),
        keras_text.tokenizer_from_json(ours.to_json()),
    ):
        assert again.texts_to_sequences(["the dog"]) == ours.texts_to_sequences(["the dog"])
        for name in ATTRIBUTES:
            assert getattr(again, name) == getattr(ours, name)
