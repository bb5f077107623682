"""NgramNetwork: logits by hand, unknown words, files of weights that do not fit."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from wordloom.errors import DataError
from wordloom.models import ngram
from wordloom.models.kinds import network_class
from wordloom.models.ngram import NgramNetwork, NgramShape
from wordloom.text.sequences import Ragged

SHAPE = NgramShape(
    architecture="ngram", n_words=3, n_ngrams=2, longest=3, n_classes=2, first_word=2, mean_rows=4.0
)
# rows: 0 not, 1 good, 2 film, 3 not good, 4 not good film
PAIRS = np.array([[0, 1], [3, 2]], dtype=np.int32)
WEIGHTS = np.array([[-1], [2], [0.5], [-4], [-8]], dtype=np.float32)
NETWORK = NgramNetwork(SHAPE, PAIRS, WEIGHTS, np.array([0.25], dtype=np.float32))


def logits(*documents, network=NETWORK):
    return network.logits(network.prepared(Ragged.from_lists(documents)))[:, 0].tolist()


def test_logits_by_hand():
    """good film: (2 + 0.5) * sqrt(4 / 2); not good film: five rows; nothing: the bias."""
    found = logits([3, 4], [2, 3, 4], [], [3, 3, 3])
    expected = [2.5 * 2**0.5 + 0.25, -10.5 * 0.8**0.5 + 0.25, 0.25, 2 * 2 + 0.25]
    assert found == pytest.approx(expected)


def test_no_ngram_jumps_over_an_unknown_word():
    assert logits([2, 1, 3])[0] == pytest.approx((-1 + 2) * 2**0.5 + 0.25)


def test_long_documents_are_cut_on_the_side_asked_for():
    cut = dataclasses.replace(NETWORK, shape=dataclasses.replace(SHAPE, maxlen=1))
    assert logits([2, 3, 4], network=cut) == pytest.approx([0.5 * 2 + 0.25])
    cut = dataclasses.replace(NETWORK, shape=dataclasses.replace(SHAPE, maxlen=1, truncating="post"))
    assert logits([2, 3, 4], network=cut) == pytest.approx([-1 * 2 + 0.25])


def test_plain_and_compiled_kernels_give_the_same(monkeypatch):
    rng = np.random.default_rng(0)
    documents = [rng.integers(1, 5, length).tolist() for length in rng.integers(0, 30, 40)]
    monkeypatch.setenv("WORDLOOM_KERNELS", "plain")
    plain = logits(*documents)
    monkeypatch.setenv("WORDLOOM_KERNELS", "compiled")
    assert logits(*documents) == pytest.approx(plain, rel=1e-5)


def test_threads_change_no_bit(monkeypatch):
    monkeypatch.setenv("WORDLOOM_KERNELS", "compiled")
    rng = np.random.default_rng(0)
    ids = Ragged.from_lists([rng.integers(1, 5, length).tolist() for length in rng.integers(0, 30, 40)])
    one = NETWORK.probabilities(ids, threads=1)
    assert one.tobytes() == NETWORK.probabilities(ids, threads=3).tobytes()
    np.testing.assert_allclose(one.sum(axis=1), 1)


@pytest.mark.parametrize("kernels", ["plain", "compiled"])
def test_probabilities_are_those_of_the_logits_bit_by_bit(monkeypatch, kernels):
    monkeypatch.setenv("WORDLOOM_KERNELS", kernels)
    characters = NgramShape("ngram", 2, 1, 2, 2, 7, 3.0)
    own = NgramNetwork(characters, PAIRS[:1], WEIGHTS[:3], np.array([0.5], dtype=np.float32))
    short = dataclasses.replace(NETWORK, shape=dataclasses.replace(SHAPE, maxlen=3))
    rng = np.random.default_rng(0)
    for network in (NETWORK, short, NETWORK.with_characters(own)):
        ids = [rng.integers(1, network.n_ids, length).tolist() for length in rng.integers(0, 30, 40)]
        documents = Ragged.from_lists(ids)
        expected = network.shape.output.probabilities(network.logits(network.prepared(documents)))
        assert network.probabilities(documents).tobytes() == expected.tobytes()
        with monkeypatch.context() as patch:  # as for very many words
            patch.setattr(ngram, "_WORTH_LARGE_PAGES", 0)
            assert network.probabilities(documents).tobytes() == expected.tobytes()


def test_no_documents():
    assert NETWORK.probabilities(Ragged.from_lists([])).shape == (0, 2)


def test_scaled_logits():
    np.testing.assert_allclose(logits([2, 3], network=NETWORK.scaled(2)), np.multiply(2, logits([2, 3])))


def test_arrays_and_config_make_the_network_again():
    again = network_class("ngram").from_config(dataclasses.asdict(SHAPE), NETWORK.arrays())
    assert again.shape == SHAPE
    assert logits([2, 3, 4], network=again) == logits([2, 3, 4])
    assert again.embedding is None
    assert "2 n-grams" in again.described


@pytest.mark.parametrize(
    ("name", "array", "says"),
    [
        ("weights", np.zeros((4, 1), np.float32), r"'weights' should have the shape \(5, 1\)"),
        ("pairs", np.array([[0, 1], [4, 2]], np.int32), "rows that there are not"),
        ("pairs", np.array([[0, 3], [3, 2]], np.int32), "rows that there are not"),
        ("pairs", np.array([[0, 1], [-1, 2]], np.int32), "rows that there are not"),
    ],
)
def test_arrays_that_do_not_fit(name, array, says):
    with pytest.raises(DataError, match=says):
        NgramNetwork.from_config(dataclasses.asdict(SHAPE), NETWORK.arrays() | {name: array})
