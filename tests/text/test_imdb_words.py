"""The words of the real IMDB reviews: how many, and the same ranks as Keras' form of the data."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from wordloom.corpus import Dataset
from wordloom.text.conventions import CONVENTIONS
from wordloom.text.counting import WordCounts, count_words
from wordloom.text.sequences import Ragged, offsets_of
from wordloom.text.tokenizer import Tokenizer
from wordloom.text.vocabulary import Vocabulary, WordSelection, select

WORDS = 88_582
Fitted = tuple[WordCounts, Ragged]


@pytest.fixture(scope="module")
def fitted(imdb_reviews: Dataset) -> Fitted:
    return count_words(imdb_reviews.train.texts, Tokenizer())


@pytest.fixture(scope="module")
def keras_form(data_folder: Path) -> tuple[dict[str, int], Ragged, Ragged]:
    """The word index and the ranks that were made of these reviews with the rules of Keras' `Tokenizer`."""
    paths = data_folder / "imdb.npz", data_folder / "imdb_word_index.json"
    if not all(path.is_file() for path in paths):
        pytest.skip(f"needs imdb.npz and imdb_word_index.json in {data_folder}")
    from wordloom.readers.keras_npz import read_keras_npz

    index = json.loads(paths[1].read_text())
    if len(index) != WORDS:
        pytest.skip(
            "this imdb.npz was not made of these reviews with Keras' rules (the official one was not)"
        )
    x_train, _, x_test, _ = read_keras_npz(paths[0])
    return index, Ragged.from_lists(x_train), Ragged.from_lists(x_test)


def test_number_of_words(imdb_reviews: Dataset, fitted: Fitted) -> None:
    counted, ranks = fitted
    assert len(imdb_reviews.train) == len(ranks) == counted.n_documents == 25_000
    assert len(counted) == len(counted.word_index) == WORDS
    assert counted.words[:5] == ["the", "and", "a", "of", "to"]
    assert counted.counts.sum() == len(ranks.ids)
    assert (np.diff(counted.counts) <= 0).all()
    assert np.array_equal(np.bincount(ranks.ids, minlength=WORDS + 1)[1:], counted.counts)


@pytest.mark.parametrize("threads", [1, 2, 4])
def test_the_number_of_threads_changes_nothing(imdb_reviews: Dataset, fitted: Fitted, threads: int) -> None:
    counted, ranks = count_words(imdb_reviews.train.texts, Tokenizer(), threads)
    for name in ("blob", "offsets", "counts", "document_counts"):
        assert np.array_equal(getattr(counted, name), getattr(fitted[0], name)), name
    assert np.array_equal(ranks.ids, fitted[1].ids)
    assert np.array_equal(ranks.offsets, fitted[1].offsets)


def test_the_word_index_is_that_of_the_keras_form(fitted: Fitted, keras_form) -> None:
    index, x_train, _ = keras_form
    counted, ranks = fitted
    assert counted.word_index == index  # ties too stand in the order of first sight
    assert np.array_equal(ranks.offsets, x_train.offsets)
    assert np.array_equal(ranks.ids, x_train.ids)


@pytest.fixture(scope="module")
def vocabulary(fitted: Fitted) -> Vocabulary:
    return select(*fitted, WordSelection(), CONVENTIONS["plain"])[0]


def test_encoded_test_reviews_are_those_of_the_keras_form(
    imdb_reviews: Dataset, vocabulary, keras_form
) -> None:
    assert imdb_reviews.test is not None
    ids = vocabulary.encode(imdb_reviews.test.texts, Tokenizer())
    assert np.array_equal(ids.offsets, keras_form[2].offsets)
    assert np.array_equal(ids.ids, keras_form[2].ids)


def test_the_plain_kernels_agree_on_some_reviews(imdb_reviews: Dataset, vocabulary, monkeypatch) -> None:
    texts = imdb_reviews.train.texts[::50]
    monkeypatch.setenv("WORDLOOM_KERNELS", "compiled")
    compiled = vocabulary.encode(texts, Tokenizer()), count_words(texts, Tokenizer())
    monkeypatch.setenv("WORDLOOM_KERNELS", "plain")
    plain = vocabulary.encode(texts, Tokenizer()), count_words(texts, Tokenizer())
    assert np.array_equal(compiled[0].ids, plain[0].ids)
    assert compiled[1][0].words == plain[1][0].words
    assert np.array_equal(compiled[1][1].ids, plain[1][1].ids)


def test_num_words_cuts_the_least_frequent_words(fitted: Fitted) -> None:
    counted, ranks = fitted
    cut, ids = select(counted, ranks, WordSelection(num_words=10_000), CONVENTIONS["plain"])
    assert (cut.size, len(cut.words)) == (10_000, 9_999)
    kept = ranks.ids < 10_000
    assert np.array_equal(ids.ids, ranks.ids[kept])
    rows = np.repeat(np.arange(len(ranks)), ranks.lengths)[kept]
    assert np.array_equal(ids.offsets, offsets_of(np.bincount(rows, minlength=len(ranks))))
