"""The n-gram model: count, choose the number of epochs on held-out texts, learn from all texts."""

from __future__ import annotations

import dataclasses
import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wordloom.errors import WordloomWarning
from wordloom.evaluation.calibration import best_scale, best_scale_and_shift
from wordloom.fit.calibration import FEWEST
from wordloom.fit.inputs import Fitted, Task, empty_texts, vocabulary_and_ids, vocabulary_and_stored_ids
from wordloom.fit.max_size import ValidationRows, limit_size, refuse_plain_ids
from wordloom.kernels.linear import Examples, Layer
from wordloom.models.ngram import NgramNetwork, NgramShape, document_scales, weighted_sums
from wordloom.settings import Settings
from wordloom.text.ngrams import NgramCounts, NgramSelection, count_ngrams
from wordloom.text.on_disk.ngram_passes import count_stored_ngrams
from wordloom.text.on_disk.stored_documents import MappedRagged, StoredDocuments
from wordloom.text.sequences import Ragged
from wordloom.text.vocabulary import Vocabulary
from wordloom.training.linear import LinearPlan, Trained, Validation, rule_of, train_linear

_MANY_WORDS = 1_000_000
_DROPOUT, _SHORT = 0.5, 50
"""Texts of fewer words than _SHORT, on average, have none to spare: questions and sentences were told apart
better without dropout, reviews and their first 120 words with it."""
_LONGEST, _LONGEST_OF_FEW = 4, 2
"""Words in an n-gram where there are _MANY_WORDS, and where there are fewer."""
_SCORED = 6
"""So often, or oftener, the texts for validation are gone through."""
_FEWEST_IDS = 100
_FEWEST_OF_A_CLASS = 5
"""With fewer texts of a class held out, nothing is known of how far logits should be shifted for it."""
_MOST_WEIGHTS = 1 << 25
"""Rows times classes: training takes about 24 bytes for each of them, so 800 MB at most."""


@dataclass(frozen=True, eq=False)
class _Counted:
    """The N training texts as words and n-grams.

    Parameters
    ----------
    task : with settings that suit the texts in the place of every None
    vocabulary : the words
    empty_texts : texts without one
    counts : the n-grams
    rows : the texts as rows of words and n-grams
    shape : of the network
    """

    task: Task
    vocabulary: Vocabulary
    empty_texts: int
    counts: NgramCounts
    rows: Ragged
    shape: NgramShape


def fit_ngram(task: Task) -> Fitted:
    """Train a weight for every word and n-gram.

    The number of epochs is chosen on the texts held out for validation; the weights that are kept have then
    been learnt from all texts in so many epochs. Texts given for validation are not learnt from.
    """
    refuse_plain_ids(task.settings)
    counted = _count(task)
    task, vocabulary, counts = counted.task, counted.vocabulary, counted.counts
    held_out, trained, judged = _trained(counted)
    network, logits = NgramNetwork(counted.shape, counts.pairs, trained.weights, trained.bias), trained.logits
    record: dict[str, Any] = {
        "ngrams": {
            "min_documents": task.settings.min_documents,
            "kept": [len(vocabulary.words), *counts.kept[1:]],
            "dropped": list(counts.dropped),
            "epochs_chosen_on": len(held_out),
        }
    }
    if task.settings.max_size is not None:
        sized = limit_size(task, vocabulary, network, trained, counted.rows, judged)
        vocabulary, network, logits = sized.vocabulary, sized.network, sized.logits
        record["size"] = sized.record
    if task.settings.calibrate and len(held_out) >= FEWEST and logits is not None:
        network, record["calibration"] = _calibrated(task, network, logits, held_out)
    return Fitted(
        vocabulary,
        network,
        trained.history,
        trained_on=len(task.corpus),
        validated_on=len(held_out) if task.extra.validation is None else len(task.extra.validation),
        empty_texts=counted.empty_texts,
        record=record,
        settings=task.settings,
    )


def _count(task: Task) -> _Counted:
    most = max(_MOST_WEIGHTS // (1 if len(task.classes) == 2 else len(task.classes)), 1)
    vocabulary, ids = _words(task, most)
    settings = _by_size(task.settings, ids)
    fewest, longest = settings.min_documents or 1, settings.ngrams or 1
    first_word, word_counts = _words_with_rows(vocabulary, len(ids))
    n_words = len(word_counts)
    selection = NgramSelection(longest, fewest, min(settings.max_ngrams, max(most - n_words, 0)))
    counts, rows = _ngrams(task, ids, word_counts, first_word, selection)
    _warn_of_dropped(counts, selection.most)
    shape = NgramShape(
        architecture="ngram",
        n_words=n_words,
        n_ngrams=len(counts.pairs),
        longest=longest,
        n_classes=len(task.classes),
        first_word=first_word,
        mean_rows=float(rows.lengths.mean()) or 1.0,
        maxlen=settings.maxlen,
        truncating=settings.truncating,
    )
    task = dataclasses.replace(task, settings=settings)
    return _Counted(task, vocabulary, empty_texts(ids, vocabulary), counts, rows, shape)


def _vocabulary_and_ids(task: Task) -> tuple[Vocabulary, Ragged | StoredDocuments]:
    return vocabulary_and_stored_ids(task) if task.corpus.streamed else vocabulary_and_ids(task)


def _ngrams(
    task: Task,
    ids: Ragged | StoredDocuments,
    word_counts: NDArray[np.int64],
    first_word: int,
    selection: NgramSelection,
) -> tuple[NgramCounts, Ragged]:
    """The n-grams, and the texts as rows; where the ids are on disk, the rows are too."""
    if isinstance(ids, StoredDocuments):
        counts, rows = count_stored_ngrams(ids, word_counts, first_word, selection, task.passes)
        return counts, rows.mapped()
    return count_ngrams(ids, word_counts, first_word, selection, task.settings.threads)


def _trained(counted: _Counted) -> tuple[NDArray[np.int64], Trained, ValidationRows | None]:
    """The texts that were held out, what was trained, and what the number of epochs was chosen on."""
    task, counts, rows, shape = counted.task, counted.counts, counted.rows, counted.shape
    settings = task.settings
    scales = document_scales(rows.lengths, shape.mean_rows)
    examples = Examples(rows.ids, rows.offsets, task.targets, task.weights.astype(np.float32), scales)
    learnt, held_out = task.held_out()
    judged = None
    if len(held_out):
        own = rows.take(held_out)
        judged = _judged(own, shape, task.targets[held_out], task.weights[held_out], settings)
    elif (given := task.given_validation()) is not None:
        zeros = (np.zeros(shape.sizes()[name], np.float32) for name in ("weights", "bias"))
        empty = NgramNetwork(shape, counts.pairs, *zeros)
        encoded = counted.vocabulary.encode(given[0].texts, task.tokenizer, settings.threads)
        found = empty.arranged(encoded, settings.threads)
        judged = _judged(found, shape, given[1], np.ones(len(given[1])), settings)
    plan = LinearPlan(
        classes=shape.n_classes,
        rows=shape.n_words + shape.n_ngrams,
        min_documents=settings.min_documents or 1,
        rule=rule_of(settings.learning_rate, settings.dropout or 0.0, task.seed),
        epochs=settings.epochs,
        patience=settings.patience,
        threads=settings.threads,
        callbacks=task.extra.callbacks,
        keep_first=settings.max_size is not None and len(held_out) > 0,
        keep_interrupted=task.extra.keep_interrupted,
        fetch=rows.fetcher() if isinstance(rows, MappedRagged) else None,
    )
    validation = None if judged is None else judged.validation
    return held_out, train_linear(examples, learnt, validation, plan, refit=len(held_out) > 0), judged


def _judged(
    rows: Ragged,
    shape: NgramShape,
    targets: NDArray[np.int32],
    weights: NDArray[np.float64],
    settings: Settings,
) -> ValidationRows:
    scales = document_scales(rows.lengths, shape.mean_rows)

    def score(layer: Layer) -> NDArray[np.float32]:
        return weighted_sums(rows, scales, layer.table, layer.bias, threads=1, times=_SCORED)

    return ValidationRows(rows, Validation(score, shape.output, targets, weights))


def _calibrated(
    task: Task, network: NgramNetwork, logits: NDArray[np.float32], held_out: NDArray[np.int64]
) -> tuple[NgramNetwork, dict[str, Any]]:
    """The network as sure as it is right on the texts held out, and what was done to its logits.

    Where texts count unequally its logits are shifted too: it has so many weights that it knows the texts it
    learnt from by heart, and then hardly anything is left of how much each of them counted.
    """
    targets, weights = task.targets[held_out], task.weights[held_out]
    fewest = np.bincount(targets, minlength=len(task.classes)).min()
    if (weights == weights[0]).all() or fewest < _FEWEST_OF_A_CLASS:
        scale = best_scale(logits, targets, weights)
        return network.scaled(scale), {"scale": scale, "texts": len(held_out)}
    scale, shift = best_scale_and_shift(logits, targets, weights)
    network = network.scaled(scale)
    network = dataclasses.replace(network, bias=(network.bias + shift).astype(np.float32))
    return network, {"scale": scale, "shift": shift.tolist(), "texts": len(held_out)}


def _by_size(settings: Settings, ids: Ragged | StoredDocuments) -> Settings:
    """The settings, with a value that suits the texts' number and length in the place of every None."""
    many = bool(ids.offsets[-1] >= _MANY_WORDS)
    short = float(ids.lengths.mean()) < _SHORT
    return dataclasses.replace(
        settings,
        ngrams=settings.ngrams or (_LONGEST if many else _LONGEST_OF_FEW),
        min_documents=settings.min_documents or (2 if many else 1),
        dropout=(0.0 if short else _DROPOUT) if settings.dropout is None else settings.dropout,
    )


def _words_with_rows(vocabulary: Vocabulary, n_documents: int) -> tuple[int, NDArray[np.int64]]:
    """The id of row 0, and in how many of the documents each row's word stands.

    A start mark whose id is next to the words' has a row too: n-grams may begin with it.
    """
    ids, counts = vocabulary.convention, vocabulary.document_counts
    if ids.start is not None and ids.start == ids.index_from:
        return ids.start, np.concatenate([[n_documents], counts])
    return ids.index_from + 1, counts


def _words(task: Task, most: int) -> tuple[Vocabulary, Ragged | StoredDocuments]:
    """The vocabulary and the texts' ids. Words take at most half of the rows: for very many classes."""
    settings, room = task.settings, max(most // 2, _FEWEST_IDS)
    if settings.num_words is None or int(settings.num_words) > room:
        task = dataclasses.replace(task, settings=dataclasses.replace(settings, num_words=room))
    vocabulary, ids = _vocabulary_and_ids(task)
    if task.settings is not settings and vocabulary.size >= room:
        warnings.warn(
            f"{len(task.classes):,} labels leave room for the weights of {len(vocabulary.words):,} words; "
            "rarer words were left out, for the sake of memory.",
            WordloomWarning,
            stacklevel=2,
        )
    if settings.maxlen is not None:
        ids = ids.truncated(settings.maxlen, settings.truncating)
    return vocabulary, ids


def _warn_of_dropped(counts: NgramCounts, most: int) -> None:
    if any(counts.dropped):
        named = ", ".join(
            f"{dropped:,} of {length} words" for length, dropped in enumerate(counts.dropped, 1) if dropped
        )
        warnings.warn(
            f"There is room for {most:,} n-grams (max_ngrams, and memory for every class' weights); the "
            f"rarest were left out: {named}. Raise max_ngrams or min_documents, or shorten ngrams.",
            WordloomWarning,
            stacklevel=2,
        )
