"""The ids that `keras.datasets.imdb.load_data` makes of lists of word ranks, odd corners included.

Ranks count from 1 (most frequent word), as in Keras' `imdb.npz`. Three corners differ from what one would
expect, and from what Keras' documentation says; models trained on its ids depend on them:

- without `num_words` the highest id of all counts as unknown;
- `skip_top` makes the start mark unknown too;
- `maxlen` removes documents of `maxlen` ids or more (the start mark counts), it does not cut them.

Reading the file is not done here (see `wordloom.readers.keras_npz`).
Source: keras/src/datasets/imdb.py, `load_data`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wordloom.errors import DataError
from wordloom.text.conventions import IMDB_INDEX_FROM, START_ID, UNKNOWN_ID, IdConvention
from wordloom.text.sequences import Ragged
from wordloom.text.vocabulary import ids_of_ranks

KERAS_SEED = 113


@dataclass(frozen=True)
class KerasImdbRules:
    """The parameters of `load_data`, under Keras' names and with its defaults.

    Parameters
    ----------
    num_words : ids from this one on are unknown; None or 0 takes the highest id of all documents
    skip_top : ids below this one are unknown
    maxlen : documents of so many ids or more are removed; None or 0 keeps all
    start_char : id put before every document, or None
    oov_char : what unknown ids become; None leaves them out
    index_from : what is added to a rank
    """

    num_words: int | None = None
    skip_top: int = 0
    maxlen: int | None = None
    start_char: int | None = START_ID
    oov_char: int | None = UNKNOWN_ID
    index_from: int = IMDB_INDEX_FROM


@dataclass(frozen=True)
class KerasIds:
    """Training and test documents as ids, and which rows of the input they are.

    Parameters
    ----------
    train, test : the documents that `maxlen` left
    train_rows, test_rows : int64 (N,), rising; the labels that belong to them are `labels[train_rows]`
    """

    train: Ragged
    train_rows: NDArray[np.int64]
    test: Ragged | None = None
    test_rows: NDArray[np.int64] | None = None


def shuffled_orders(
    n_train: int, n_test: int, seed: int = KERAS_SEED
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The order in which `load_data` gives the file's rows: int64 (n_train,) and int64 (n_test,).

    One legacy NumPy generator shuffles the training rows first and then the test rows, so the order of
    the test rows depends on how many training rows there are.
    """
    rng = np.random.RandomState(seed)  # the order is defined by this old generator
    orders = np.arange(n_train, dtype=np.int64), np.arange(n_test, dtype=np.int64)
    for order in orders:
        rng.shuffle(order)
    return orders


def keras_ids(train: Ragged, test: Ragged | None = None, rules: KerasImdbRules | None = None) -> KerasIds:
    """Documents of ranks as the ids that `load_data` gives, in the order they come in.

    To have its order as well, take the rows of `shuffled_orders` first. Without a test part the highest
    id is that of the training documents alone.

    Raises DataError for a rank below 1, and where `maxlen` leaves no document of a part.
    """
    rules = rules or KerasImdbRules()
    train_rows = _short_rows(train, rules, "training")
    train = train.take(train_rows)
    if test is None:
        size = _limit([train], rules)
        return KerasIds(_ids(train, rules, size), train_rows)
    test_rows = _short_rows(test, rules, "test")
    test = test.take(test_rows)
    size = _limit([train, test], rules)
    return KerasIds(_ids(train, rules, size), train_rows, _ids(test, rules, size), test_rows)


def _short_rows(ranks: Ragged, rules: KerasImdbRules, part: str) -> NDArray[np.int64]:
    """The rows that `maxlen` leaves."""
    if len(ranks.ids) and ranks.ids.min() < 1:
        place = int(np.argmax(ranks.ids < 1))
        row = int(np.searchsorted(ranks.offsets, place, side="right")) - 1
        raise DataError(f"{part} row {row}: the rank {ranks.ids[place]} is not a word; ranks count from 1.")
    if not rules.maxlen:
        return np.arange(len(ranks))
    rows = np.flatnonzero(ranks.lengths + (rules.start_char is not None) < rules.maxlen)
    if not len(rows):
        raise DataError(
            f"No {part} document has fewer than {rules.maxlen} ids (the start mark counts), so maxlen leaves "
            "none. Increase maxlen."
        )
    return rows


def _limit(parts: list[Ragged], rules: KerasImdbRules) -> int:
    """The first id that is too high: `num_words`, or the highest id of all documents.

    Keras stops with an error at a document without any id; here it has no say in the highest id.
    """
    if rules.num_words:
        return rules.num_words
    highest = [int(part.ids.max()) + rules.index_from for part in parts if len(part.ids)]
    if rules.start_char is not None and any(len(part) for part in parts):
        highest.append(rules.start_char)
    return max(highest, default=0)


def _ids(ranks: Ragged, rules: KerasImdbRules, size: int) -> Ragged:
    convention = IdConvention(rules.start_char, rules.oov_char, rules.index_from, rules.skip_top)
    return ids_of_ranks(ranks, convention, size)
