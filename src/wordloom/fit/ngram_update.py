"""An n-gram model that learns on: from its own weights, with new words, n-grams and labels.

Only the rows that the new texts hold take part, so it takes time like the new texts alone.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from wordloom.fit.calibration import HeldOutLogits, adjusted
from wordloom.fit.inputs import Base, Fitted, Task, empty_texts, grown_vocabulary
from wordloom.fit.max_size import ValidationRows
from wordloom.fit.ngram_counts import class_counts
from wordloom.fit.ngram_part import Classifier, NgramPart
from wordloom.fit.ngram_training import train_classifier
from wordloom.models.class_counts import ClassCounts
from wordloom.models.ngram import NgramNetwork, NgramRows, document_scales
from wordloom.setting import resolved
from wordloom.text.character_ngrams import count_ngrams_inside_words
from wordloom.text.ngram_union import Ngrams, compact, united
from wordloom.text.ngrams import NgramCounts, NgramSelection, count_ngrams
from wordloom.text.sequences import Ragged
from wordloom.text.vocabulary import Vocabulary
from wordloom.training.combination import best_shares
from wordloom.training.linear_epochs import Follower
from wordloom.training.linear_plan import Trained

_BY_RATIOS, _BY_IDF, _RATE_OF_CHARACTERS = ("naive-bayes", 1.0), ("idf", 1.0), 0.4
"""How words learn where there are no characters, and where there are: chosen on training texts, with and
without a label that only new texts have. So was the rate of what is known."""
_FEWEST_OF_CHARACTERS = 2
_ALIKE = 2.0
"""Texts of which none counts more than so many times another one count about equally."""


class _Rows(NamedTuple):
    """The N new texts as rows of one kind, words or characters, and the network on them.

    others : the logits (N, K) of the other kind, which are added; None for none
    """

    network: NgramNetwork
    rows: Ragged
    others: NDArray[np.float32] | None = None


class _Part(NamedTuple):
    """One kind of rows, words or characters, of a model that learns on.

    Parameters
    ----------
    network : with all rows, old and new; weights and bias are NaN where nothing is known yet
    used : int64 (U,), the rows that the new texts hold
    trained : what was learned of them
    """

    network: NgramNetwork
    used: NDArray[np.int64]
    trained: Trained

    def weights(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Weights and bias of all rows, as they were learned."""
        found = np.nan_to_num(self.network.weights)
        found[self.used] = self.trained.weights[: len(self.used)]
        return found, self.trained.bias


def learned_on(task: Task, base: Base) -> Fitted:
    """The network after the task's texts.

    Words are trained with what the characters say as it was, then characters with what the words say. How
    much the weights as they were count in the end is chosen on the texts held out, unless there are new
    labels.
    """
    vocabulary = grown_vocabulary(task, base.vocabulary)
    ids = vocabulary.encode(task.corpus.texts, task.tokenizer, task.settings.threads)
    grown = _grown(task, base, vocabulary, ids)
    rows = grown.prepared(ids, task.settings.threads)
    parts = _trained(task, base, grown, rows)
    network, logits, record = _combined(task, base, parts)
    held_out = task.held_out()[1]
    thresholds = base.thresholds_for(task.output)
    if logits is not None:
        unseen = HeldOutLogits(logits, task.targets[held_out], task.weights[held_out])
        network, adjustments, found = adjusted(task, network, unseen, by_weights=_count_differently(task))
        record, thresholds = {**record, **adjustments}, found or thresholds
    return Fitted(
        vocabulary,
        network,
        parts[0].trained.history,
        trained_on=len(task.corpus),
        validated_on=len(held_out),
        empty_texts=empty_texts(ids, vocabulary),
        record=record,
        thresholds=thresholds,
    )


def _count_differently(task: Task) -> bool:
    """Whether some texts count so much more than others that the few held out should say what of it is left.

    Else shifts are chance: on 250 film reviews in two classes of nearly one size they cost up to 0.2 points.
    """
    return bool(task.weights.max() > _ALIKE * task.weights.min())


def _grown(task: Task, base: Base, vocabulary: Vocabulary, ids: Ragged) -> NgramNetwork:
    """The network with a row for each new word and n-gram, whose weights are NaN."""
    settings, network = task.settings, base.network
    assert isinstance(network, NgramNetwork)
    words, n = network.shape, len(ids)
    first = words.first_word
    n_words = words.n_words + len(vocabulary.words) - len(base.vocabulary.words)
    of_words = ids.where((ids.ids >= 0) & (ids.ids < first + n_words))
    if words.maxlen is not None:
        of_words = of_words.truncated(words.maxlen, words.truncating)
    counts = np.bincount(of_words.ids[of_words.ids >= first] - first, minlength=n_words)
    selection = NgramSelection(words.longest, resolved(settings.min_documents, 1), settings.max_ngrams)
    found, _ = count_ngrams(of_words, np.minimum(counts, n), first, selection, settings.threads)
    grown = _united(base, task, network, np.arange(words.n_words), (n_words, first, found))
    if network.characters is None:
        return grown
    assert vocabulary.alphabet is not None
    assert base.vocabulary.alphabet is not None
    characters, first = network.characters, vocabulary.first_character + 1
    spelled = vocabulary.spelled(task.corpus.texts, task.tokenizer, settings.threads)
    counts = np.minimum(spelled.occurrences(vocabulary.highest_id + 1)[first:], n)
    selection = NgramSelection(characters.shape.longest, _FEWEST_OF_CHARACTERS, settings.max_ngrams)
    found, _ = count_ngrams_inside_words(spelled, counts, first, selection, settings.threads)
    places = 1 + np.searchsorted(vocabulary.alphabet.codes, base.vocabulary.alphabet.codes)
    singles = np.concatenate([[0], places])  # the boundary comes first
    return grown.with_characters(_united(base, task, characters, singles, (len(counts), first, found)))


def _united(
    base: Base,
    task: Task,
    network: NgramNetwork,
    singles: NDArray[np.int64],
    new: tuple[int, int, NgramCounts],
) -> NgramNetwork:
    """The network of one kind with the rows of the new texts; `new` are the number of singles, the id of the
    first one, and the n-grams."""
    n_singles, first, found = new
    union = united(Ngrams(singles, network.pairs), Ngrams(np.arange(n_singles), found.pairs), n_singles)
    weights = np.full((n_singles + len(union.pairs), task.output.n_logits), np.nan, dtype=np.float32)
    weights[union.rows] = base.output.widened(network.weights, task.output, base.places)
    bias = base.output.widened(network.bias[None], task.output, base.places)[0]
    shape = replace(
        network.shape,
        n_words=n_singles,
        n_ngrams=len(union.pairs),
        first_word=first,
        n_classes=task.output.n_classes,
        characters=None,
    )
    counts = network.counts
    if counts is not None:
        counts = counts.among(union.rows, base.places, (len(weights), task.output.n_classes))
    return NgramNetwork(shape, union.pairs, weights, bias, counts=counts)


def _trained(task: Task, base: Base, network: NgramNetwork, rows: NgramRows) -> list[_Part]:
    """What is learned of words, and then of characters on top of it."""
    fewest, threads = resolved(task.settings.min_documents, 1), task.settings.threads
    of_words = replace(network, shape=replace(network.shape, characters=None), characters=None)
    if network.characters is None or rows.characters is None:
        weighting, rate = _BY_RATIOS
        return [_part(task, base, _Rows(of_words, rows.words), Classifier(weighting, fewest, rate))]
    (weighting, rate), own = _BY_IDF, network.characters
    others = _known(own).logits(NgramRows(rows.characters), threads)
    words = _part(task, base, _Rows(of_words, rows.words, others), Classifier(weighting, fewest, rate))
    classifier = Classifier("naive-bayes", _FEWEST_OF_CHARACTERS, _RATE_OF_CHARACTERS)
    learned = replace(of_words, weights=words.weights()[0], bias=words.weights()[1])
    others = learned.logits(NgramRows(rows.words), threads)
    return [words, _part(task, base, _Rows(own, rows.characters, others), classifier)]


def _known(network: NgramNetwork) -> NgramNetwork:
    """The network with 0 where nothing is known."""
    return replace(network, weights=np.nan_to_num(network.weights), bias=np.nan_to_num(network.bias))


def _part(task: Task, base: Base, kind: _Rows, classifier: Classifier) -> _Part:
    """What is learned of rows of one kind. Each text has a row of its own for the logits of the other kind,
    which does not learn."""
    network, rows, others = kind
    used, places = compact(rows.ids, len(network.weights))
    local, weights = Ragged(places, rows.offsets), network.weights[used]
    shape = replace(network.shape, n_words=len(weights), n_ngrams=0)
    nothing = NgramCounts(network.pairs[:0], np.zeros(0, dtype=np.int32), [len(weights)], [0])
    part = NgramPart(nothing, local, shape, [classifier])
    counts, before = network.counts, None
    if counts is None:
        factors = _rate_factors(task, base, weights)
    else:
        here, was = class_counts(task, local, len(used)), counts.of_rows(used)
        factors, before = _rate_factors_by_counts(weights, here, was), (was, int(base.counts.sum()))
        counts = counts.plus(ClassCounts.of_rows_among(here, used, counts.n_rows))
    if others is not None:
        own = np.arange(len(rows), dtype=np.int32) + np.int32(len(used))
        local = local.with_after(Ragged(own, np.arange(len(rows) + 1)))
        scales = document_scales(local.lengths, network.shape.mean_rows)
        weights = np.concatenate([weights, others / scales[:, None]])
        factors = np.concatenate([factors, np.zeros_like(others)])
        if before is not None:
            before = np.concatenate([before[0], np.zeros_like(others)]), before[1]
        part = replace(part, rows=local, shape=replace(shape, n_words=len(weights)))
    part = replace(part, start=(weights, network.bias, factors), before=before)
    held_out = task.held_out()[1]
    validation = None
    if len(held_out):
        taken = NgramRows(local.take(held_out))
        validation = ValidationRows(taken, task.targets[held_out], task.weights[held_out])
    with Follower(task.settings.threads) as follower:
        trained = train_classifier(task, part, classifier, validation, task.extra.callbacks, follower)
    return _Part(replace(network, counts=counts), used, trained)


def _rate_factors(task: Task, base: Base, weights: NDArray[np.float32]) -> NDArray[np.float32]:
    """float32 (U, K): what the learning rate of each weight is multiplied by.

    It is 1 where nothing is known yet, else the new texts' share of all texts of the class, so that what was
    learned from many texts is not overruled by few.
    """
    here = task.output.aims(task.targets).sum(axis=0)
    if task.output.n_logits < len(here):
        share = np.array([here.sum() / (here.sum() + base.counts.sum())])
    else:
        share = here / np.maximum(here + base.counts, 1)
    return np.where(np.isnan(weights), 1.0, share).astype(np.float32)


def _rate_factors_by_counts(
    weights: NDArray[np.float32], here: NDArray[np.float32], before: NDArray[np.float32]
) -> NDArray[np.float32]:
    """float32 (U, K): the same, from how many new and old texts of each class hold a row, (U, C) each."""
    share = (here + 0.5) / (here + before + 1)
    return np.where(np.isnan(weights), 1.0, share).astype(np.float32)


def _combined(
    task: Task, base: Base, parts: list[_Part]
) -> tuple[NgramNetwork, NDArray[np.float32] | None, dict[str, Any]]:
    """One network of all parts, its logits of the texts held out, None for none, and what is recorded."""
    held_out = task.held_out()[1]
    new_labels = len(base.places) < task.output.n_classes
    shares, logits = np.array([1.0, 0.0]), None
    if len(held_out):
        known = [np.asarray(parts[-1].trained.logits)]
        if not new_labels:
            texts = [task.corpus.texts[row] for row in held_out]
            ids = base.vocabulary.encode(texts, task.tokenizer, task.settings.threads)
            known.append(base.network.logits(base.network.prepared(ids)))
            shares = best_shares(known, task.targets[held_out], task.weights[held_out], task.output)
        logits = np.einsum("m,mnk->nk", shares[: len(known)], np.stack(known)).astype(np.float32)
    networks = []
    for part in parts:
        arrays = part.weights()
        old = np.nan_to_num(part.network.weights), np.nan_to_num(part.network.bias)
        mixed = [
            np.float32(shares[0]) * new + np.float32(shares[-1]) * was
            for new, was in zip(arrays, old, strict=True)
        ]
        networks.append(replace(part.network, weights=mixed[0], bias=mixed[1]))
    network = networks[0] if len(networks) == 1 else networks[0].with_characters(networks[1])
    return network, logits, {"shares": dict(zip(("after", "before"), shares.tolist(), strict=True))}
