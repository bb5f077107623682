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
from wordloom.models.ngram import NgramNetwork, NgramRows, NgramShape
from wordloom.models.pruning import RowChoice, choose_rows, influence_of
from wordloom.settings import Settings, to_config
from wordloom.storage import escaped
from wordloom.text.characters import Alphabet
from wordloom.text.conventions import IdConvention
from wordloom.text.sequences import Ragged
from wordloom.text.vocabulary import Vocabulary

_HEADER = 600
"""Names and places of the arrays, in their file."""
_CONFIG, _CONFIG_A_CLASS, _CONFIG_A_CELL = 4200, 250, 12
"""What config.json takes besides settings, history and labels: scores, for each label and each pair too."""
_LABELS_NAMED = 4
_MOST_THREADS, _A_TIME = 4096, 30
_COUNTS = 16
_CODE, _CONFIG_OF_CHARACTERS = 4, 1000
"""Bytes of a character's code point; and in config.json and as headers of arrays what characters take."""


@dataclass(frozen=True, eq=False)
class ValidationRows:
    """M documents for validation.

    Parameters
    ----------
    rows : the documents
    targets : as the output has them
    weights : float64 (M,), how much each counts
    """

    rows: NgramRows
    targets: NDArray[Any]
    weights: NDArray[np.float64]

    def words(self) -> ValidationRows:
        """The same documents as words and their n-grams only."""
        return dataclasses.replace(self, rows=NgramRows(self.rows.words))

    def characters(self) -> ValidationRows:
        """The same documents as characters and their n-grams only, in the place of the words."""
        assert self.rows.characters is not None
        return dataclasses.replace(self, rows=NgramRows(self.rows.characters))

    def scored(self, shape: NgramShape, logits: NDArray[np.float32]) -> dict[str, float]:
        """Loss and accuracy of logits (M, K)."""
        loss, accuracy = shape.output.mean_scores(logits, self.targets, self.weights)
        return {"val_loss": loss, "val_accuracy": accuracy}


@dataclass(frozen=True, eq=False)
class TrainedNgrams:
    """What training gives.

    Parameters
    ----------
    network : with the weights that are kept
    unseen : with those that have not learned from the documents for validation; None if they were not kept
    logits : of the documents for validation, float32 (M, K), from weights that have not learned from them
    history : what training measured
    record : entries for the model's record
    """

    network: NgramNetwork
    unseen: NgramNetwork | None
    logits: NDArray[np.float32] | None
    history: History
    record: dict[str, Any]


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
    trained: TrainedNgrams,
    documents: NgramRows,
    validation: ValidationRows | None,
) -> SizedModel:
    """The model, with less and less in it until its folder has at most `max_size` bytes.

    documents : N documents as rows

    The logits are those of weights that have not learned from the documents for validation, with the rows
    that these weights speak for. Raises UsageError, with the least size, if there is room for no word.
    """
    network = trained.network
    limit, taken = task.settings.max_size or 0, _config_bytes(task, trained.history) + _HEADER
    taken += len(json.dumps(trained.record, indent=4))
    written = [len(escaped(word).encode()) + 1 for word in vocabulary.words]
    plain = sum(array.nbytes for array in network.arrays().values()) + _COUNTS * len(written) + sum(written)
    if vocabulary.alphabet is not None:
        taken += _CONFIG_OF_CHARACTERS
        plain += vocabulary.alphabet.codes.nbytes
    if taken + plain <= limit:
        return SizedModel(vocabulary, network, trained.logits, {"limit": limit, "left_out": []})
    marks = network.shape.n_words - len(written)  # a start mark that stands in n-grams has a row, but no word
    letters = np.array([0] * marks + written, dtype=np.int64)
    skipped = marks + _skipped(vocabulary.convention)
    candidates = _candidates(network, documents, letters, skipped)
    reduced = _reduced(candidates, network, limit - taken)
    if reduced.words.n_words <= marks and len(candidates) > 1:  # characters need words beside them
        return limit_size(task, *_without_characters(vocabulary, trained), documents, validation)
    if reduced.words.n_words <= marks:
        least = taken + candidates[0].a_word(network)
        raise UsageError(
            f"max_size is {limit:,} bytes, but a model of these texts takes at least {least:,}: settings, "
            "history and scores take room too. Raise max_size (--max-size on the command line)."
        )
    record = _record(limit, network, reduced.network, marks)
    logits = None
    if validation is not None and trained.logits is not None:
        unseen = reduced
        if trained.unseen is not None:
            unseen = _reduced(candidates, trained.unseen, limit - taken)
        logits = unseen.network.logits(unseen.rows(validation.rows), task.settings.threads)
        record["validation"] = validation.scored(network.shape, logits)
    return SizedModel(reduced.vocabulary(vocabulary, marks), reduced.network, logits, record)


def _candidates(
    network: NgramNetwork, documents: NgramRows, letters: NDArray[np.int64], skipped: int
) -> list[_Candidates]:
    """Words with their n-grams, then characters with theirs, if the network has such.

    letters : int64 (W,), the bytes of each word in the vocabulary's file
    """
    found = [_Candidates(letters, skipped, _document_frequencies(network, documents.words), documents.words)]
    if network.characters is not None and documents.characters is not None:
        own, rows = network.characters, documents.characters
        codes = np.full(own.shape.n_words, _CODE, dtype=np.int64)
        found.append(_Candidates(codes, 1, _document_frequencies(own, rows), rows))  # the boundary stays
    return found


def _without_characters(vocabulary: Vocabulary, trained: TrainedNgrams) -> tuple[Vocabulary, TrainedNgrams]:
    networks = [
        own
        and dataclasses.replace(own, shape=dataclasses.replace(own.shape, characters=None), characters=None)
        for own in (trained.network, trained.unseen)
    ]
    assert networks[0] is not None
    words_only = dataclasses.replace(trained, network=networks[0], unseen=networks[1])
    return dataclasses.replace(vocabulary, alphabet=None), words_only


def _skipped(ids: IdConvention) -> int:
    """How many of the most frequent words count as unknown."""
    return max(ids.skip_top - ids.index_from - 1, 0)


@dataclass(frozen=True, eq=False)
class _Candidates:
    """The rows to choose from.

    letters : int64 (W,), the bytes of each word in the file
    always : so many of the first rows stay, so that others do not take their numbers
    frequencies : int64 (W + G,), how many documents hold each row
    documents : as rows
    """

    letters: NDArray[np.int64]
    always: int
    frequencies: NDArray[np.int64]
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

    def influence(self, network: NgramNetwork) -> NDArray[np.float64]:
        """float64 (W + G,): how influential each row is."""
        influence = influence_of(network.weights, self.frequencies, network.pairs, network.shape.n_words)
        influence[: self.always] = np.inf
        return influence

    def reduced(self, network: NgramNetwork, choice: RowChoice) -> NgramNetwork:
        """The network of only these rows, without the characters that it may have."""
        lengths = np.concatenate([choice.rows(part).lengths for part in self.documents.parts()])
        shape = dataclasses.replace(
            network.shape,
            n_words=choice.n_words,
            n_ngrams=len(choice.kept) - choice.n_words,
            mean_rows=float(lengths.mean()) or 1.0,
            characters=None,
        )
        pairs = choice.pairs(network.pairs, network.shape.n_words)
        return NgramNetwork(shape, pairs, network.weights[choice.kept], network.bias).compact()


@dataclass(frozen=True, eq=False)
class _Reduced:
    """A smaller network, and which rows of words and of characters are left; None for no characters."""

    network: NgramNetwork
    words: RowChoice
    characters: RowChoice | None

    def rows(self, documents: NgramRows) -> NgramRows:
        """Documents as the rows that are left."""
        if self.characters is None or documents.characters is None:
            return NgramRows(self.words.rows(documents.words))
        return NgramRows(self.words.rows(documents.words), self.characters.rows(documents.characters))

    def vocabulary(self, vocabulary: Vocabulary, marks: int) -> Vocabulary:
        """The words and characters that are left."""
        small, alphabet = self.words.vocabulary(vocabulary, marks), vocabulary.alphabet
        if self.characters is None or alphabet is None:
            return small
        singles = self.characters.kept[1 : self.characters.n_words] - 1  # row 0 is the boundary
        return dataclasses.replace(small, alphabet=Alphabet(alphabet.codes[singles]))


def _document_frequencies(network: NgramNetwork, documents: Ragged) -> NDArray[np.int64]:
    """int64 (W + G,): how many of the documents hold each row."""
    frequencies = np.zeros(len(network.weights), dtype=np.int64)
    for part in documents.parts():
        frequencies += np.bincount(part.ids, minlength=len(frequencies))
    return frequencies


def _reduced(candidates: Sequence[_Candidates], network: NgramNetwork, budget: int) -> _Reduced:
    """The most influential rows of words and characters, and the network of only these."""
    networks = [network] if network.characters is None else [network, network.characters]
    influence = [own.influence(part) for own, part in zip(candidates, networks, strict=False)]
    bounds = np.cumsum([len(part) for part in influence])[:-1]
    few = bytes_of_last_words(1)
    needed = [few] * len(influence)
    for _ in influence:  # last words that take more bytes leave less room
        costs = [own.cost(part, n) for own, part, n in zip(candidates, networks, needed, strict=False)]
        stays = np.split(choose_rows(np.concatenate(influence), np.concatenate(costs), budget), bounds)
        choices = [RowChoice.of(own, part.shape.n_words) for own, part in zip(stays, networks, strict=True)]
        wanted = [bytes_of_last_words(choice.n_words) for choice in choices]
        if all(own <= had for own, had in zip(wanted, needed, strict=True)):
            break
        needed = [max(pair) for pair in zip(wanted, needed, strict=True)]
    words = candidates[0].reduced(network, choices[0])
    if len(choices) == 1 or len(choices[1].kept) <= 1:
        return _Reduced(words, choices[0], None)
    own = candidates[1].reduced(networks[1], choices[1])
    first = words.shape.first_word + words.shape.n_words + 1
    own = dataclasses.replace(own, shape=dataclasses.replace(own.shape, first_word=first))
    return _Reduced(words.with_characters(own), choices[0], choices[1])


def _record(limit: int, whole: NgramNetwork, small: NgramNetwork, marks: int) -> dict[str, Any]:
    left_out = ["weights beyond 8 bits", "counts of words"]
    if len(small.weights) + _ngrams(small) < len(whole.weights) + _ngrams(whole):
        left_out.append("least influential words and n-grams")
    words = [small.shape.n_words - marks, whole.shape.n_words - marks]
    ngrams = [_ngrams(small), _ngrams(whole)]
    return {"limit": limit, "left_out": left_out, "words": words, "ngrams": ngrams}


def _ngrams(network: NgramNetwork) -> int:
    """N-grams of words and of characters."""
    own = network.shape.characters
    return network.shape.n_ngrams + (0 if own is None else own.n_words + own.n_ngrams)


def _config_bytes(task: Task, history: History) -> int:
    """About how much config.json will take, with scores on a test added to the record; rather too much."""
    names: Sequence[Any] = [task.corpus.name, *task.classes] * _LABELS_NAMED
    # Neither times nor threads may decide which rows stay.
    settings = to_config(task.settings) | {"threads": _MOST_THREADS}
    written = json.dumps([settings, history.history, names], indent=4)
    classes = len(task.classes)
    cells = classes**2 if classes <= MOST_LABELS_RECORDED else 0
    return (
        len(written) + _A_TIME * len(history) + _CONFIG + _CONFIG_A_CLASS * classes + _CONFIG_A_CELL * cells
    )
