"""Skip-gram vectors learned from texts without labels."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from wordloom.errors import DataError, UsageError
from wordloom.loop.callback import Callback
from wordloom.vectors import WordVectors
from wordloom.vectors.learning import SkipGramSettings, learn_word_vectors

SMALL = SkipGramSettings(dimensions=8, epochs=12, window=3, min_count=3, subsample=1.0, learning_rate=0.05)


def make_texts():
    """Two kinds of texts, told apart by their words, and odd ones."""
    rng = np.random.default_rng(0)
    kinds = [["good", "great", "fine", "naïve", "café"], ["bad", "awful", "poor", "добро", "dull"]]
    return [" ".join(rng.choice(kinds[n % 2], 14)) for n in range(80)] + [
        "",
        "unheard",
        "good",
        "dull " * 100,
    ]


class Stream:
    """Texts that are read again each time, as from a file; counts how often."""

    def __init__(self):
        self.times = 0

    def __iter__(self):
        self.times += 1
        yield from make_texts()


@pytest.fixture(scope="module")
def learned():
    return learn_word_vectors(make_texts(), SMALL)


def test_words_in_the_order_of_their_counts(learned):
    counts = {}
    for word in " ".join(make_texts()).split():
        counts[word] = counts.get(word, 0) + 1
    expected = sorted((word for word in counts if counts[word] >= 3), key=lambda word: -counts[word])
    assert list(learned.words) == expected
    assert learned.dimensions == 8
    assert isinstance(learned, WordVectors)


def test_words_of_a_kind_lie_together(learned):
    vectors = learned.vectors - learned.vectors.mean(axis=0)
    rows = {word: vectors[learned.row(word)] for word in learned.words}
    for word, kin, stranger in [
        ("good", "great", "awful"),
        ("naïve", "café", "добро"),
        ("poor", "bad", "fine"),
    ]:
        assert rows[word] @ rows[kin] > 0 > rows[word] @ rows[stranger]


def test_a_stream_is_read_once_and_gives_the_same(learned):
    stream = Stream()
    again = learn_word_vectors(stream, SMALL)
    assert stream.times == 1
    assert again.words == learned.words
    assert again.vectors.tobytes() == learned.vectors.tobytes()
    from_generator = learn_word_vectors(iter(make_texts()), SMALL)
    assert from_generator.vectors.tobytes() == learned.vectors.tobytes()


@pytest.mark.parametrize("kernels", ["plain", "compiled"])
def test_same_seed_same_bits_for_any_threads(kernels, monkeypatch):
    monkeypatch.setenv("WORDLOOM_KERNELS", kernels)
    results = [learn_word_vectors(make_texts(), SMALL, threads=threads) for threads in (1, 2, 4, None)]
    assert len({result.vectors.tobytes() for result in results}) == 1
    other = learn_word_vectors(make_texts(), dataclasses.replace(SMALL, seed=1))
    assert other.vectors.tobytes() != results[0].vectors.tobytes()


def test_frequent_words_are_left_out_by_chance():
    texts = make_texts()
    epochs = []

    class Epochs(Callback):
        def on_epoch_end(self, epoch, logs):
            epochs.append(epoch)

    thinned = learn_word_vectors(texts, dataclasses.replace(SMALL, subsample=1e-4), [Epochs()])
    assert np.abs(thinned.vectors).max() < 0.2, "next to nothing was left to learn from"
    assert epochs == list(range(SMALL.epochs))


def test_ctrl_c_keeps_what_is_learned():
    ends = []

    class Impatient(Callback):
        def on_epoch_begin(self, epoch, logs):
            if epoch == 2:
                raise KeyboardInterrupt

        def on_train_end(self, logs):
            ends.append((len(self.history), self.history.stopped))

    vectors = learn_word_vectors(make_texts(), SMALL, [Impatient()])
    assert ends == [(2, "interrupted")]
    assert np.abs(vectors.vectors).max() > 0.1


def test_bad_input():
    with pytest.raises(DataError, match="not from one string"):
        learn_word_vectors("one text")
    with pytest.raises(DataError, match="choose a lower min_count"):
        learn_word_vectors(["one text", "another"])
    with pytest.raises(UsageError, match=r"window must be .*; learning_rate must be"):
        learn_word_vectors(make_texts(), SkipGramSettings(window=0, learning_rate=float("inf")))
    with np.errstate(all="ignore"), pytest.raises(UsageError, match="lower learning_rate"):
        learn_word_vectors(make_texts(), dataclasses.replace(SMALL, learning_rate=1e30))


def test_whole_numbers_of_any_type_are_the_same_settings():
    """NumPy's 8 and 8.0 are 8, as for a classifier."""
    given = SkipGramSettings(dimensions=np.int32(8), window=3.0, subsample=1)
    assert given.checked() == SkipGramSettings(dimensions=8, window=3, subsample=1.0).checked()
    assert type(given.checked().dimensions) is int


def test_vectors_are_sums_of_input_and_output_vectors(learned):
    inputs = learn_word_vectors(make_texts(), dataclasses.replace(SMALL, output_weight=0)).vectors
    half = learn_word_vectors(make_texts(), dataclasses.replace(SMALL, output_weight=0.5)).vectors
    outputs = learned.vectors - inputs
    assert np.abs(outputs).max() > 0.1
    np.testing.assert_allclose(half, inputs + 0.5 * outputs, atol=1e-6)
    for value in (-1, None):
        with pytest.raises(UsageError, match="output_weight must be a finite number of 0 or more, or 'auto'"):
            learn_word_vectors(make_texts(), dataclasses.replace(SMALL, output_weight=value))
