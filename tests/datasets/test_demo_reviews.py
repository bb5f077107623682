"""The built-in reviews: what the data set promises of itself."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from wordloom.corpus import Dataset
from wordloom.datasets import demo

# Of the texts and labels of seed 0: new values are right only if a part was changed on purpose.
TRAIN_FINGERPRINT = "dee4f1e2328815e1ab3165a6ff6848d1"
TEST_FINGERPRINT = "017bf8c8fa5651619f2162c179347e0c"


@pytest.fixture(scope="module")
def data() -> Dataset:
    return demo.load()


def texts_of(data: Dataset) -> list[str]:
    assert data.test is not None
    return [*data.train.texts, *data.test.texts]


def test_sizes_and_balance(data: Dataset) -> None:
    assert data.test is not None
    assert data.train.counts() == {"neg": 1500, "pos": 1500}
    assert data.test.counts() == {"neg": 500, "pos": 500}
    assert data.name == "demo"
    assert data.notes


def test_labels_are_in_random_order(data: Dataset) -> None:
    first = Counter(data.train.labels[:1500])
    assert 650 < first["neg"] < 850
    changes = sum(a != b for a, b in zip(data.train.labels, data.train.labels[1:], strict=False))
    assert 1350 < changes < 1650


def test_no_text_comes_twice(data: Dataset) -> None:
    assert len(set(texts_of(data))) == 4000


def test_no_sentence_of_training_comes_in_the_test(data: Dataset) -> None:
    assert data.test is not None
    train, test = (
        {sentence for text in part.texts for sentence in re.split(r"(?<=[.?!]) ", text)}
        for part in (data.train, data.test)
    )
    assert not train & test


def test_sentence_patterns_are_disjoint() -> None:
    train, test = demo.sentence_patterns("train"), demo.sentence_patterns("test")
    assert len(train) >= 100
    assert len(test) >= 60
    assert not train & test


def test_reviews_use_only_the_patterns_of_their_split() -> None:
    for split, reviews in demo.reviews().items():
        used = {pattern for review in reviews for pattern in review.patterns}
        assert used <= demo.sentence_patterns(split)
        assert len(used) >= 0.95 * len(demo.sentence_patterns(split))


def test_at_least_300_parts() -> None:
    assert len(demo.grammar().parts()) >= 300


def test_same_seed_same_texts_on_any_python(data: Dataset) -> None:
    assert data.test is not None
    assert data.train.fingerprint() == TRAIN_FINGERPRINT
    assert data.test.fingerprint() == TEST_FINGERPRINT
    assert demo.load(0).train.texts == data.train.texts


def test_another_seed_gives_other_reviews(data: Dataset) -> None:
    other = demo.load(seed=1)
    assert len(set(texts_of(other)) & set(texts_of(data))) < 200
    assert other.train.labels != data.train.labels


def test_every_text_is_clean(data: Dataset) -> None:
    for text in texts_of(data):
        assert not re.search(r"[{}]|\s\s|^\s|\s$|\s[,.;:?!]", text), text
        assert re.search(r"[.?!]$", text), text
        assert not re.search(r"(?:^|[.?!] )[a-z]", text), text
        assert not re.search(r"\b[Aa] (?=[aeio]|hour)(?!one)", text), text
        assert not re.search(r"\b[Aa]n (?=[^aeiouh])", text), text
        assert not re.search(r"\b(\w+) \1\b", text), text


def test_one_to_six_sentences_and_few_of_one() -> None:
    lengths = [len(review.patterns) for part in demo.reviews().values() for review in part]
    assert min(lengths) == 1
    assert max(lengths) == 6
    assert 0.005 < lengths.count(1) / len(lengths) < 0.06


@pytest.mark.parametrize(
    "phrase", [", but ", "not the worst ", "far from ", "not a dull minute", "wasn't", "café"]
)
def test_both_parts_deny_turn_and_understate(data: Dataset, phrase: str) -> None:
    assert any(phrase in text for text in texts_of(data))


def test_negation_is_no_opinion(data: Dataset) -> None:
    counts = {
        label: sum(
            bool(re.search(r"\b(not|never|nothing|nobody|hardly)\b", text.lower()))
            for text, its in zip(data.train.texts, data.train.labels, strict=True)
            if its == label
        )
        for label in ("neg", "pos")
    }
    assert 0.75 < counts["neg"] / counts["pos"] < 1.33


def accuracy(data: Dataset, binary: bool, longest: int) -> float:
    from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    assert data.test is not None
    vectorizer = (CountVectorizer if binary else TfidfVectorizer)(ngram_range=(1, longest), binary=binary)
    model = make_pipeline(vectorizer, LogisticRegression(max_iter=1000))
    model.fit(data.train.texts, data.train.labels)
    return float(model.score(data.test.texts, data.test.labels))


@pytest.mark.parametrize("binary", [pytest.param(False, marks=pytest.mark.exhaustive), True])
def test_single_words_are_not_enough_and_pairs_help(data: Dataset, binary: bool) -> None:
    words, pairs = accuracy(data, binary, 1), accuracy(data, binary, 2)
    assert 0.80 < words < 0.93
    assert words + 0.01 < pairs < 0.98
