"""Networks on word vectors, trained by the one loop: what pooled and sequence networks have in common."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wordloom.fit.task import FitInput, Fitted, Task
from wordloom.fit.unused import warn_of_random_vectors
from wordloom.fit.words import empty_texts
from wordloom.kernels.pooled import MEAN, Rule
from wordloom.models.network import Network
from wordloom.models.pooled import OPTIMIZERS, POOLINGS
from wordloom.settings import OPTIMIZERS as LEARNING_RATES
from wordloom.settings import Settings, frozen_epochs
from wordloom.text.sequences import Ragged
from wordloom.text.vocabulary import Vocabulary
from wordloom.training.networks import Examples, Plan, Trainable, train

_LONGEST = 500


@dataclass(frozen=True)
class Words:
    """The words that a network learns.

    Parameters
    ----------
    vocabulary : V of them
    ids : the N training texts as its ids
    """

    vocabulary: Vocabulary
    ids: Ragged


def trained(task: Task, network: Trainable, words: Words) -> Fitted:
    """Train a network on the task's texts, validating on those held out or given."""
    warn_of_random_vectors(task.settings)
    arranged = network.arranged(words.ids)
    rows, held_out = task.held_out()
    validation = _given_validation(task, network, words.vocabulary)
    if len(held_out):
        validation = _examples(arranged, task.targets, task.weights, held_out)
    training = _examples(arranged, task.targets, task.weights, rows)
    plan = _plan(task.settings, task.seed, task.extra)
    network, history = train(network, training, validation, plan)
    return Fitted(
        words.vocabulary,
        network,
        history,
        trained_on=len(training),
        validated_on=len(validation) if validation is not None else 0,
        empty_texts=empty_texts(words.ids, words.vocabulary),
    )


def usual_longest(ids: Ragged) -> int:
    """The maxlen of networks that need one, if none is set: 95 % of the texts fit, and 500 is the most."""
    return int(np.clip(np.quantile(ids.lengths, 0.95), 1, _LONGEST))


def _examples(
    arranged: Ragged, targets: NDArray[np.int32], weights: NDArray[np.float64], rows: NDArray[np.int64]
) -> Examples:
    documents = arranged if len(rows) == len(arranged) else arranged.take(rows)
    return Examples(documents, targets[rows], weights[rows])


def _given_validation(task: Task, network: Network, vocabulary: Vocabulary) -> Examples | None:
    given = task.given_validation()
    if given is None:
        return None
    corpus, targets = given
    ids = network.arranged(vocabulary.encode(corpus.texts, task.tokenizer))
    return Examples(ids, targets, np.ones(len(corpus)))


def _plan(settings: Settings, seed: int, extra: FitInput) -> Plan:
    rate = settings.learning_rate
    rule = Rule(
        pooling=POOLINGS.get(settings.architecture, MEAN),
        optimizer=OPTIMIZERS[settings.optimizer],
        batch_size=int(settings.batch_size),
        learning_rate=float(LEARNING_RATES[settings.optimizer] if rate is None else rate),
        dropout=float(settings.dropout or 0.0),
        seed=np.uint64(seed),
        pull_back=float(settings.pull_back),
    )
    return Plan(
        rule,
        settings.epochs,
        settings.patience,
        settings.word_dropout,
        frozen_epochs(settings.trainable) or 0.0,
        settings.threads,
        extra.callbacks,
        extra.keep_interrupted,
    )
