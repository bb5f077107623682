"""fit: settings become tokenizer, vocabulary and network; the record says how a model came about."""

from __future__ import annotations

import json
import platform

import numpy as np
import pytest

import wordloom
from wordloom.corpus import Corpus
from wordloom.errors import DataError, UsageError
from wordloom.fit import FitInput, fit, seed_of, tokenizer_of
from wordloom.fit.architecture_choice import by_architecture
from wordloom.settings import Settings
from wordloom.text.tokenizer import FILTERS

TEXTS = [
    "The film was good",
    "The end was bad",
    "Good cast: <b>good</b> end!",
    "the story; bad",
    "caf\u00e9 good",
    "",
]
LABELS = ["pos", "neg", "pos", "neg", "pos", "neg"]
CORPUS = Corpus(TEXTS, LABELS, name="reviews")


def model(corpus=CORPUS, extra=None, **changes):
    return fit(corpus, Settings(**({"dimensions": 4, "epochs": 2, "random_state": 0} | changes)), extra)


def words(**changes):
    return list(model(**changes).vocabulary.words)


def test_the_vocabulary_is_ranked_by_count_and_first_sight():
    assert words()[:6] == ["good", "the", "was", "end", "bad", "b"]


@pytest.mark.parametrize(
    ("ids", "num_words", "expected"),
    [
        ("plain", 4, ["good", "the", "was"]),  # Keras: ids below num_words
        ("plain-unknown", 4, ["good", "the"]),
        ("imdb", 6, ["good", "the"]),
        ("plain", 2, ["good"]),
    ],
)
def test_num_words_counts_reserved_ids(ids, num_words, expected):
    made = model(ids=ids, num_words=num_words)
    assert list(made.vocabulary.words) == expected
    assert made.network.shape.vocabulary_size == made.vocabulary.size == num_words


def test_text_settings_reach_the_tokenizer_and_the_vocabulary():
    assert "The" in words(lower=False)
    assert "b" not in words(strip_html=True)
    assert "<" in words(keep_punctuation=True)
    assert "cafe" in words(strip_accents=True)
    assert "end!" in words(filters="")
    assert words(min_count=3) == ["good", "the"]
    assert "good" not in words(max_document_frequency=0.4)
    assert words(tokenizer=lambda text: list(text[:1])) == ["T", "G", "t", "c"]
    assert model(skip_top=2).encode(["good the was"]).ids.tolist() == [3]
    assert model(skip_top=2, ids="plain-unknown").encode(["good the was"]).ids.tolist() == [1, 1, 4]


def test_no_filters_given_are_keras():
    assert tokenizer_of(Settings()).filters == FILTERS
    assert tokenizer_of(Settings(filters="x")).filters == "x"


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"min_count": 9}, "empty vocabulary"),
        ({"num_words": 3, "ids": "imdb"}, "empty vocabulary"),
        ({"tokenizer": lambda text: text}, "must return a list of strings"),
    ],
)
def test_texts_that_the_settings_leave_nothing_of(changes, says):
    with pytest.raises(DataError, match=says):
        model(**changes)


def test_network_settings_reach_the_network():
    shape = model(architecture="flatten", dimensions=3, hidden=5, maxlen=7, padding="post").network.shape
    assert (shape.architecture, shape.dimensions, shape.hidden, shape.maxlen) == ("flatten", 3, 5, 7)
    assert (shape.padding, shape.truncating, shape.padded, shape.n_classes) == ("post", "pre", True, 2)
    assert not model().network.shape.padded
    assert model().network.shape.maxlen is None
    assert model(mask_padding=False, maxlen=3).network.shape.padded


def test_flatten_needs_a_length_and_the_mean_none():
    with pytest.raises(UsageError, match="maxlen=None sets no limit, and 'flatten' cuts and pads all texts"):
        model(architecture="flatten", maxlen=None)
    assert model(architecture="mean", maxlen=None).network.shape.maxlen is None


def test_flatten_is_as_long_as_all_but_one_text_in_twenty():
    lengths = [*range(1, 101)]
    texts = Corpus([" ".join(["w"] * length) for length in lengths], [i % 2 for i in lengths])
    assert model(texts, architecture="flatten").network.shape.maxlen == 95
    endless = Corpus(["w " * 2000, "x " * 1500] * 2, [0, 1, 0, 1])
    assert model(endless, architecture="flatten").network.shape.maxlen == 500
    short = Corpus(["w", ""] * 4, [0, 1] * 4)
    assert model(short, architecture="flatten").network.shape.maxlen == 1


def test_pooling_over_padding_needs_a_length():
    with pytest.raises(UsageError, match="mask_padding=False pools over all positions, so it needs a maxlen"):
        model(mask_padding=False)


def test_wrong_settings_are_found_before_anything_is_read():
    with pytest.raises(UsageError, match=r"dimensions must .*; hidden must"):
        fit(Corpus([], []), Settings(dimensions=0, hidden=-1))


def test_the_record_says_how_the_model_came_about():
    record = model(class_weight="balanced", dimensions=np.int64(5)).record
    assert json.loads(json.dumps(record)) == record
    assert record["wordloom"] == wordloom.__version__
    assert record["python"] == platform.python_version()
    assert record["numpy"] == np.__version__
    assert record["seed"] == 0
    assert record["settings"]["class_weight"] == "balanced"
    assert record["settings"]["dimensions"] == 5
    assert record["seconds"] > 0
    data = record["data"]
    assert data["name"] == "reviews"
    assert data["fingerprint"] == CORPUS.fingerprint()
    assert (data["texts"], data["trained_on"], data["validated_on"]) == (6, 6, 0)
    assert data["classes"] == {"neg": 3, "pos": 3}


@pytest.mark.parametrize("ids", ["plain", "plain-unknown", "imdb"])
def test_empty_texts_are_counted_under_every_convention(ids):
    assert model(ids=ids).record["data"]["empty_texts"] == 1


def test_a_new_seed_is_drawn_and_recorded_so_that_the_model_can_be_made_again():
    one = model(random_state=None)
    again = model(random_state=one.record["seed"])
    np.testing.assert_array_equal(again.network.parameters.embedding, one.network.parameters.embedding)


def test_seeds():
    assert seed_of(7) == seed_of(np.uint8(7)) == 7
    assert seed_of(2**64 - 1) == 2**64 - 1
    assert seed_of(None) != seed_of(None)
    assert seed_of(np.random.RandomState(1)) == seed_of(np.random.RandomState(1))
    generator = np.random.default_rng(1)
    assert seed_of(generator) != seed_of(generator)
    for wrong in (-1, 2**64, 1.5, True, "7", np.random):
        with pytest.raises(UsageError, match="random_state must be None, a whole number from 0"):
            seed_of(wrong)


def test_the_largest_seed_trains():
    assert model(random_state=2**64 - 1, dropout=0.5, word_dropout=0.3).record["seed"] == 2**64 - 1


def test_labels_are_sorted_and_the_columns_follow():
    made = model(Corpus(["good", "bad", "dull"] * 5, ["c", "a", "b"] * 5), epochs=150, learning_rate=0.05)
    assert made.labels == ("a", "b", "c")
    assert made.predict_proba(["good", "bad", "dull"]).argmax(axis=1).tolist() == [2, 0, 1]


def test_many_classes():
    labels = [f"class {i:02}" for i in range(40)] * 2
    corpus = Corpus([f"word{i % 40} common" for i in range(80)], labels)
    made = model(corpus, epochs=150, learning_rate=0.05, dimensions=16)
    assert made.network.shape.n_logits == 40
    assert made.predict(corpus.texts) == labels


def test_validation_weights_count_in_the_validation_loss():
    rng = np.random.default_rng(0)
    texts = [" ".join(rng.choice(["a", "b", "c"], 3)) for _ in range(200)]
    labels = rng.integers(0, 2, 200)
    weights = np.where(labels == 1, 1.0, 1e-9)
    made = model(
        Corpus(texts, labels),
        FitInput(sample_weight=weights),
        validation_split=0.2,
        learning_rate=0.05,
        epochs=20,
    )
    assert made.history.history["val_loss"][-1] < 0.3  # only the texts of class 1 count, and all say 1


def test_a_corpus_is_left_as_it_was():
    texts, labels = list(TEXTS), list(LABELS)
    corpus = Corpus(texts, labels)
    model(corpus)
    assert texts == TEXTS
    assert labels == LABELS
    assert corpus.texts is texts


@pytest.mark.parametrize(
    ("architecture", "filters", "expected"),
    [
        ("ngram", "auto", ["\u201c", "good", "\u201d"]),
        ("documents", "auto", ["good"]),
        ("mean", "auto", ["\u201cgood\u201d"]),
        ("ngram", FILTERS, ["\u201cgood\u201d"]),
    ],
)
def test_typographic_quotes_stick_to_words_only_under_keras_rules(architecture, filters, expected):
    settings = by_architecture(Settings(architecture=architecture, filters=filters))
    assert tokenizer_of(settings).tokenize("\u201cgood\u201d") == expected
