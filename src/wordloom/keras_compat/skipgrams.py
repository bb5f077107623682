"""Skip-gram pairs of `keras.preprocessing.sequence`, sampled as Keras samples them.

`wordloom vectors learn` learns skip-gram vectors without such lists, from texts, in compiled kernels.
Source: keras-preprocessing 1.1, keras_preprocessing/sequence.py; Mikolov et al., arXiv 1301.3781.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wordloom.errors import DataError, UsageError
from wordloom.keras_compat.hashed_words import described

_GAMMA = 0.577
_SEEDS = 10_000_000


def make_sampling_table(size: int, sampling_factor: float = 1e-5) -> NDArray[np.float64]:
    """float64 (size,): the probability that an occurrence of the word of rank i is kept, by Zipf's law.

    For `skipgrams`; frequent words are kept less often. Row 0 is that of rank 1, since id 0 is no word.
    Raises UsageError for a size below 1.
    """
    if not hasattr(size, "__index__") or size < 1:
        raise UsageError(f"make_sampling_table: size must be a whole number of 1 or more, not {size!r:.60}.")
    rank = np.arange(size)
    rank[0] = 1
    inverse_frequency = rank * (np.log(rank) + _GAMMA) + 0.5 - 1.0 / (12.0 * rank)
    f = sampling_factor * inverse_frequency
    return np.asarray(np.minimum(1.0, f / np.sqrt(f)))


def skipgrams(
    sequence: Sequence[int],
    vocabulary_size: int,
    window_size: int = 4,
    negative_samples: float = 1.0,
    shuffle: bool = True,
    categorical: bool = False,
    sampling_table: Any = None,
    seed: int | None = None,
) -> tuple[list[list[int]], list[Any]]:
    """Pairs of words of one text with the label 1, and of words with sampled words, label 0.

    Returns `couples, labels`. As in Keras, Python's own `random` gives the numbers, seeded by `shuffle`.
    Raises DataError for what is no sequence of ids and for an id without a row in `sampling_table`,
    UsageError for a vocabulary too small to draw from.

    Parameters
    ----------
    sequence : ids of one text; 0 is no word and is passed over
    vocabulary_size : highest id + 1
    window_size : words on either side that are paired with a word
    negative_samples : sampled pairs for each pair of the text; a sampled word may stand beside it too
    shuffle : whether the pairs are returned in random order
    categorical : labels [0, 1] and [1, 0] in the place of 1 and 0
    sampling_table : probabilities of `make_sampling_table`
    seed : of the order of the pairs only, as in Keras; call `random.seed` before for the same pairs
    """
    couples = list(_pairs(_ids(sequence), window_size, sampling_table))
    labels: list[Any] = [[0, 1] if categorical else 1 for _ in couples]
    if negative_samples > 0 and couples:
        sampled = _negatives(couples, vocabulary_size, int(len(couples) * negative_samples))
        couples += sampled
        labels += [[1, 0]] * len(sampled) if categorical else [0] * len(sampled)
    if shuffle:
        seed = random.randint(0, _SEEDS) if seed is None else seed
        for shuffled in (couples, labels):
            random.seed(seed)
            random.shuffle(shuffled)
    return couples, labels


def _ids(sequence: Any) -> list[Any]:
    ids = sequence.tolist() if hasattr(sequence, "tolist") else sequence
    if isinstance(ids, str | bytes) or not isinstance(ids, Sequence):
        raise DataError(f"skipgrams: the ids of one text expected, found {described(sequence)}.")
    wrong = next((id_ for id_ in ids if not hasattr(id_, "__index__")), None)
    if wrong is not None:
        raise DataError(
            f"skipgrams: ids of one text expected, found {described(wrong)} among them. Call it once a text."
        )
    return list(ids)


def _pairs(ids: Sequence[int], window_size: int, sampling_table: Any) -> Iterator[list[int]]:
    for place, word in enumerate(ids):
        if not word or (sampling_table is not None and _is_left_out(word, sampling_table)):
            continue
        for other in range(max(0, place - window_size), min(len(ids), place + window_size + 1)):
            if other != place and ids[other]:
                yield [word, ids[other]]


def _is_left_out(word: int, sampling_table: Any) -> bool:
    try:
        return bool(sampling_table[word] < random.random())
    except IndexError:
        raise DataError(
            f"skipgrams: the id {word} has no row in sampling_table, which has {len(sampling_table)}. "
            "Make it with make_sampling_table(vocabulary_size)."
        ) from None


def _negatives(couples: Sequence[list[int]], vocabulary_size: int, number: int) -> list[list[int]]:
    if vocabulary_size < 2:
        raise UsageError(
            f"skipgrams: vocabulary_size must be the highest id + 1, so 2 or more, not {vocabulary_size}."
        )
    words = [word for word, _ in couples]
    random.shuffle(words)
    last = vocabulary_size - 1
    return [[words[i % len(words)], random.randint(1, last)] for i in range(number)]
