"""An n-gram model within a number of bytes: what is given up for it, and in which order.

A model that fits stays as it is. Else the n-grams are written in few bytes, weights become whole numbers of 8
bits (quantization), the counts of words are left out, and then the least influential words and n-grams
(pruning). On IMDB 8 bits cost nothing, and training again with the rows that stay gave no better model than
leaving the others out.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wordloom.errors import UsageError
from wordloom.evaluation.scores import MOST_LABELS_RECORDED
from wordloom.fit.inputs import Task
from wordloom.loop.history import History
from wordloom.models.compact_ngrams import BYTES_OF_AN_NGRAM, ROWS_A_BYTE_MORE, bytes_of_last_words
from wordloom.models.ngram import NgramNetwork
from wordloom.models.pruning import RowChoice, choose_rows, telling
from wordloom.settings import Settings, to_config
from wordloom.storage import escaped
from wordloom.text.conventions import IdConvention
from wordloom.text.sequences import Ragged
from wordloom.text.vocabulary import Vocabulary
from wordloom.training.linear import Trained, Validation

_HEADER = 600
"""Names and places of the arrays, in their file."""
_CONFIG, _CONFIG_A_CLASS, _CONFIG_A_CELL = 4200, 250, 12
"""What config.json takes besides settings, history and labels: scores, for each label and each pair too."""
_LABELS_NAMED = 4
_MOST_THREADS, _A_TIME = 4096, 30
_COUNTS = 16


@dataclass(frozen=True, eq=False)
class ValidationRows:
    """The documents for validation, as rows, and what scores them."""

    rows: Ragged
    validation: Validation


@dataclass(frozen=True, eq=False)
class SizedModel:
    """A model that fits, the logits of the documents for validation, and an entry for the record."""

    vocabulary: Vocabulary
    network: NgramNetwork
    logits: NDArray[np.float32] | None
    record: dict[str, Any]


def refuse_plain_ids(settings: Settings) -> None:
    """Raise UsageError for a limit together with ids that know no unknown word."""
    if settings.max_size is not None and settings.ids == "plain":
        raise UsageError(
            "max_size makes words unknown, and with ids='plain' the words around them would become n-grams "
            "that there were not in training; choose ids='plain-start'."
        )


def limit_size(
    task: Task,
    vocabulary: Vocabulary,
    network: NgramNetwork,
    trained: Trained,
    documents: Ragged,
    judged: ValidationRows | None,
) -> SizedModel:
    """The model, with less and less in it until its folder has at most `max_size` bytes.

    network : with the weights that are kept; documents : N documents as rows

    The logits are those of weights that have not learned from the documents for validation, with the rows
    that these weights speak for. Raises UsageError, with the least size, if there is room for no word.
    """
    limit, taken = task.settings.max_size or 0, _config_bytes(task, trained.history) + _HEADER
    written = [len(escaped(word).encode()) + 1 for word in vocabulary.words]
    plain = sum(array.nbytes for array in network.arrays().values()) + _COUNTS * len(written) + sum(written)
    if taken + plain <= limit:
        return SizedModel(vocabulary, network, trained.logits, {"limit": limit, "left_out": []})
    held = np.zeros(len(network.weights), dtype=np.int64)
    for part in documents.parts():
        held += np.bincount(part.ids, minlength=len(held))
    marks = network.shape.n_words - len(written)  # a start mark that stands in n-grams has a row, but no word
    letters = np.array([0] * marks + written, dtype=np.int64)
    candidates = _Candidates(letters, marks + _skipped(vocabulary.convention), held, documents)
    choice, small = candidates.reduced(network, limit - taken)
    if choice.n_words <= marks:
        least = taken + candidates.a_word(network)
        raise UsageError(
            f"max_size is {limit:,} bytes, but a model of these texts takes at least {least:,}: settings, "
            "history and scores take room too. Raise max_size (--max-size on the command line)."
        )
    record = _record(limit, network, small, marks)
    logits = None
    if judged is not None and trained.logits is not None:
        unseen = choice, small
        if trained.first is not None:
            weights, bias = trained.first
            unseen = candidates.reduced(
                dataclasses.replace(network, weights=weights, bias=bias), limit - taken
            )
        logits = unseen[1].logits(unseen[0].rows(judged.rows), task.settings.threads)
        record["validation"] = judged.validation.scored(logits)
    return SizedModel(choice.vocabulary(vocabulary, marks), small, logits, record)


def _skipped(ids: IdConvention) -> int:
    """How many of the most frequent words count as unknown."""
    return max(ids.skip_top - ids.index_from - 1, 0)


@dataclass(frozen=True, eq=False)
class _Candidates:
    """The rows to choose from.

    letters : int64 (W,), the bytes of each word in the file
    always : so many of the first rows stay, so that others do not take their numbers
    held : int64 (W + G,), how many documents hold each row
    documents : as rows
    """

    letters: NDArray[np.int64]
    always: int
    held: NDArray[np.int64]
    documents: Ragged

    def cost(self, network: NgramNetwork, last_words: int) -> NDArray[np.float64]:
        """float64 (W + G,): the bytes of each row."""
        n_words, columns = len(self.letters), network.weights.shape[1]
        cost = np.full(len(network.weights), columns + 1 / ROWS_A_BYTE_MORE)
        cost[:n_words] += self.letters
        cost[n_words:] += BYTES_OF_AN_NGRAM + last_words
        return cost

    def a_word(self, network: NgramNetwork) -> int:
        """The bytes that one word takes at most."""
        return int(np.ceil(self.cost(network, 0)[: len(self.letters)].max()))

    def reduced(self, network: NgramNetwork, room: int) -> tuple[RowChoice, NgramNetwork]:
        """The most influential rows, and the network of only these."""
        shape = network.shape
        told = telling(network.weights, self.held, network.pairs, shape.n_words)
        told[: self.always] = np.inf
        few = bytes_of_last_words(1)
        choice = choose_rows(told, self.cost(network, few), shape.n_words, room)
        needed = bytes_of_last_words(choice.n_words)
        if needed > few:
            choice = choose_rows(told, self.cost(network, needed), shape.n_words, room)
        lengths = np.concatenate([choice.rows(part).lengths for part in self.documents.parts()])
        mean_rows = float(lengths.mean()) or 1.0
        n_ngrams = len(choice.kept) - choice.n_words
        shape = dataclasses.replace(shape, n_words=choice.n_words, n_ngrams=n_ngrams, mean_rows=mean_rows)
        pairs = choice.pairs(network.pairs, network.shape.n_words)
        return choice, NgramNetwork(shape, pairs, network.weights[choice.kept], network.bias).compact()


def _record(limit: int, whole: NgramNetwork, small: NgramNetwork, marks: int) -> dict[str, Any]:
    left_out = ["weights beyond 8 bits", "counts of words"]
    if len(small.weights) < len(whole.weights):
        left_out.append("least influential words and n-grams")
    words = [small.shape.n_words - marks, whole.shape.n_words - marks]
    ngrams = [small.shape.n_ngrams, whole.shape.n_ngrams]
    return {"limit": limit, "left_out": left_out, "words": words, "ngrams": ngrams}


def _config_bytes(task: Task, history: History) -> int:
    """About how much config.json will take, with scores on a test added to the record; rather too much."""
    names: Sequence[Any] = [task.corpus.name, *task.classes] * _LABELS_NAMED
    # Neither times nor threads may decide which rows stay.
    settings = to_config(task.settings) | {"threads": _MOST_THREADS}
    told = json.dumps([settings, history.history, names], indent=4)
    classes = len(task.classes)
    cells = classes**2 if classes <= MOST_LABELS_RECORDED else 0
    return len(told) + _A_TIME * len(history) + _CONFIG + _CONFIG_A_CLASS * classes + _CONFIG_A_CELL * cells
