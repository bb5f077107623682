"""The network of documents' vectors: folded rows give what encode and a linear classifier give."""

from __future__ import annotations

import numpy as np
import pytest

from wordloom.errors import DataError
from wordloom.models.documents import CONVENTION, DocumentNetwork, shrunk_scales
from wordloom.models.kinds import network_class
from wordloom.models.output import Output
from wordloom.text.tokenizer import Tokenizer
from wordloom.text.vocabulary import Vocabulary
from wordloom.vectors.learning import DocumentVectors
from wordloom.vectors.learning.ngram_table import NgramTable

WORDS = ["not", "good", "very", "film"]
PAIRS = np.array([[0, 1], [0, 2], [5, 1]], dtype=np.int32)  # not good, not very, not very good
TEXTS = ["not good film", "not very good", "not zebra good", "", "zebra", "film " * 300, "größe film"]


def vectors(width: int = 4) -> DocumentVectors:
    rng = np.random.default_rng(0)
    counts = np.array([9, 8, 7, 6, 5, 4, 3])
    table = NgramTable(WORDS, PAIRS, counts, 10, Tokenizer())
    draw = [rng.normal(size=size).astype(np.float32) for size in ((7, width), (width,), (width, width))]
    weights = rng.uniform(0.1, 2.0, 7).astype(np.float32)
    return DocumentVectors(table, draw[0], weights, draw[1], draw[2])


def network(classes: int, width: int = 4) -> tuple[DocumentNetwork, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(1)
    k = 1 if classes == 2 else classes
    head, bias = rng.normal(size=(k, width)), rng.normal(size=k)
    return DocumentNetwork.of(vectors(width), head, bias, Output(classes)), head, bias


def ids_of(texts):
    counts = np.ones(len(WORDS), dtype=np.int64)
    return Vocabulary(WORDS, counts, counts, 1, CONVENTION).encode(texts, Tokenizer())


@pytest.mark.slow
@pytest.mark.parametrize("kernels", ["plain", "compiled"])
@pytest.mark.parametrize("classes", [2, 3, 9])  # nine logits are more than four dimensions
def test_the_logits_are_those_of_the_encoded_documents(monkeypatch, classes, kernels):
    monkeypatch.setenv("WORDLOOM_KERNELS", kernels)
    built, head, bias = network(classes)
    found = built.logits(built.prepared(ids_of(TEXTS)))
    np.testing.assert_allclose(found, vectors().encode(TEXTS) @ head.T + bias, rtol=1e-4, atol=1e-5)
    assert built.shape.is_folded == (classes < 9)
    np.testing.assert_array_equal(found[3], found[4])  # no known word
    np.testing.assert_allclose(built.probabilities(ids_of(TEXTS)).sum(axis=1), 1)


def test_ngrams_do_not_jump_over_unknown_words():
    built, _, _ = network(2)
    rows = [row.tolist() for row in built.prepared(ids_of(["not very good", "not zebra good"]))]
    assert rows == [[0, 5, 6, 2, 1], [0, 1]]


@pytest.mark.parametrize("classes", [2, 9])
def test_threads_scaling_and_arrays(classes):
    built, _, _ = network(classes)
    prepared = built.prepared(ids_of(TEXTS))
    whole = built.logits(prepared, threads=1)
    np.testing.assert_array_equal(whole, built.logits(prepared, threads=3))
    np.testing.assert_allclose(built.scaled(0.5).logits(prepared), whole * 0.5, rtol=1e-6)
    config = {
        "architecture": "documents",
        "n_words": 4,
        "n_ngrams": 3,
        "dimensions": 4,
        "n_classes": classes,
    }
    again = network_class("documents").from_config(config, built.arrays())
    np.testing.assert_array_equal(again.logits(again.prepared(ids_of(TEXTS))), whole)
    np.testing.assert_array_equal(built.embedding[2:], vectors().words.vectors)


def test_scales_of_short_documents():
    lengths = np.array([0, 1, 5, 20, 100, 5000])
    scales = shrunk_scales(lengths, 40.0, 100.0)
    np.testing.assert_allclose(scales, [0, 1.4 / 41, 1.4 / 9, 1.4 / 3, 1, 1], rtol=1e-6)
    np.testing.assert_array_equal(shrunk_scales(lengths, 0.0, 100.0), [0, 1, 1, 1, 1, 1])


@pytest.mark.parametrize("classes", [2, 3, 9])
def test_short_documents_are_held_back_and_keep_the_bias(classes):
    _, head, bias = network(classes)
    built = DocumentNetwork.of(vectors(), head, bias, Output(classes), 10.0, 4.0)
    prepared = built.prepared(ids_of(TEXTS))
    scales = shrunk_scales(prepared.lengths, 10.0, 4.0)
    encoded = vectors().encode(TEXTS) @ head.T
    found = built.logits(prepared)
    np.testing.assert_allclose(found, encoded * scales[:, None] + bias, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(found[3], bias, rtol=1e-6)  # an empty text: the bias alone
    np.testing.assert_allclose(built.scaled(0.5).logits(prepared), found * 0.5, rtol=1e-5)


@pytest.mark.parametrize("broken", [{"shrinkage": -1.0}, {"shrinkage": float("inf")}, {"mean_rows": 0.0}])
def test_a_shrinkage_that_is_none_is_refused(broken):
    built, _, _ = network(2)
    with pytest.raises(DataError, match="must be from"):
        DocumentNetwork.from_config({**vars(built.shape), **broken}, built.arrays())


def test_arrays_that_do_not_fit_are_refused():
    built, _, _ = network(2)
    config = {"architecture": "documents", "n_words": 4, "n_ngrams": 3, "dimensions": 4, "n_classes": 2}
    for name in built.arrays():
        with pytest.raises(DataError, match=f"the weights '{name}' should have the shape"):
            DocumentNetwork.from_config(config, {**built.arrays(), name: np.zeros((1, 1, 1), np.float32)})
        missing = {key: value for key, value in built.arrays().items() if key != name}
        with pytest.raises(DataError, match="found None"):
            DocumentNetwork.from_config(config, missing)
    broken = PAIRS.copy()
    broken[0, 0] = 6
    with pytest.raises(DataError, match="'pairs' name rows that there are not"):
        DocumentNetwork.from_config(config, {**built.arrays(), "pairs": broken})
