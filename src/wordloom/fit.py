"""From labelled texts and settings to a trained TextModel.

Needs no scikit-learn; `TextClassifier` and the command line both stand on this.
"""

from __future__ import annotations

import platform
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wordloom import __version__
from wordloom.corpus import Corpus, Label, warn_about_similar_labels, warn_about_single_texts
from wordloom.errors import DataError, UsageError
from wordloom.kernels.pooled import Rule
from wordloom.models.pooled import OPTIMIZERS, POOLINGS, NetworkShape, PooledNetwork
from wordloom.settings import OPTIMIZERS as LEARNING_RATES
from wordloom.settings import RANDOM_STATES, Settings, frozen_epochs, is_random_state, to_config
from wordloom.text.conventions import convention
from wordloom.text.counting import count_words
from wordloom.text.sequences import Ragged
from wordloom.text.tokenizer import FILTERS, Tokenizer
from wordloom.text.vocabulary import Vocabulary, WordSelection, select
from wordloom.text_model import TextModel
from wordloom.training.loop import Examples, Listener, Plan, Silence, train
from wordloom.training.validation import validation_rows
from wordloom.vectors.starting import StartingVectors, starting_vectors

_FLATTEN_LIMIT = 500


@dataclass(frozen=True)
class FitInput:
    """What can come to a fit besides texts, labels and settings.

    Parameters
    ----------
    sample_weight : float64 (N,), how much each document counts in the loss
    validation : texts to validate on, instead of some held out from training
    vocabulary_texts : texts to count words in and choose the vocabulary from, instead of the corpus'
    listener : hears of the progress
    """

    sample_weight: Any = None
    validation: Corpus | None = None
    vocabulary_texts: Sequence[str] | None = None
    listener: Listener = field(default_factory=Silence)


def fit(corpus: Corpus, settings: Settings, extra: FitInput | None = None) -> TextModel:
    """Train a model on labelled texts.

    Raises
    ------
    UsageError : settings that have no meaning
    DataError : no texts, one class only, no words, sample weights that do not fit
    """
    settings, extra, began = settings.checked(), extra or FitInput(), time.perf_counter()
    seed = seed_of(settings.random_state)
    classes, targets = _classes(corpus)
    weights = _weights(corpus, classes, targets, settings.class_weight, extra.sample_weight)
    tokenizer = tokenizer_of(settings)
    vocabulary, ids = _vocabulary(corpus, tokenizer, settings, extra.vocabulary_texts)
    start = starting_vectors(settings.vectors, vocabulary, settings.unknown_vectors, seed)
    shape = _shape(settings, vocabulary, len(classes), ids, start)
    network = PooledNetwork.initial(shape, seed)
    if start is not None:
        network = network.with_parameters(network.parameters._replace(embedding=start.rows))
    arranged = network.arranged(ids)
    if extra.validation is None:
        rows, held_out = validation_rows(
            corpus.labels, settings.validation_split, settings.validation_mode, seed
        )
        validation = _examples(arranged, targets, weights, held_out) if len(held_out) else None
    else:
        rows, validation = (
            np.arange(len(corpus)),
            _given_validation(extra.validation, classes, network, vocabulary, tokenizer),
        )
    training = _examples(arranged, targets, weights, rows)
    network, history = train(network, training, validation, _plan(settings, seed, extra.listener))
    record = {
        "wordloom": __version__,
        "python": platform.python_version(),
        "numpy": np.__version__,
        "seed": seed,
        "settings": to_config(settings),
        "data": {
            "name": corpus.name,
            "fingerprint": corpus.fingerprint(),
            "texts": len(corpus),
            "empty_texts": int((ids.lengths <= (vocabulary.convention.start is not None)).sum()),
            "trained_on": len(training),
            "validated_on": len(validation) if validation is not None else 0,
            "classes": {str(label): count for label, count in corpus.counts().items()},
        },
        "seconds": time.perf_counter() - began,
    }
    if start is not None:
        record["vectors"] = start.to_config()
    return TextModel(tokenizer, vocabulary, tuple(classes), network, record, history)


def seed_of(random_state: Any) -> int:
    """A seed from None (a new one), an integer, or NumPy's RandomState or Generator (drawn from it)."""
    if random_state is None:
        return secrets.randbits(31)
    if isinstance(random_state, np.random.RandomState):
        return int(random_state.randint(2**31 - 1))
    if isinstance(random_state, np.random.Generator):
        return int(random_state.integers(2**31 - 1))
    if isinstance(random_state, int | np.integer) and is_random_state(random_state):
        return int(random_state)
    raise UsageError(f"random_state must be {RANDOM_STATES}, not {random_state!r:.60}.")


def tokenizer_of(settings: Settings) -> Tokenizer:
    """The tokenizer that the settings describe."""
    return Tokenizer(
        lower=settings.lower,
        filters=FILTERS if settings.filters is None else settings.filters,
        strip_html=settings.strip_html,
        keep_punctuation=settings.keep_punctuation,
        strip_accents=settings.strip_accents,
        function=settings.tokenizer,
    )


def _classes(corpus: Corpus) -> tuple[list[Label], NDArray[np.int32]]:
    if not len(corpus):
        raise DataError(f"{corpus.name}: there are no texts to train on.")
    counts = corpus.counts()
    classes = list(counts)
    if len(classes) < 2:
        raise DataError(
            f"{corpus.name}: all {len(corpus):,} texts have the label {classes[0]!r}; a classifier needs "
            "texts of two classes or more."
        )
    _refuse_swapped(corpus, classes)
    warn_about_similar_labels(classes, corpus.name)
    warn_about_single_texts(counts, corpus.name)
    number = {label: i for i, label in enumerate(classes)}
    return classes, np.array([number[label] for label in corpus.labels], dtype=np.int32)


def _refuse_swapped(corpus: Corpus, classes: list[Label]) -> None:
    """DataError if the labels look like texts: many are different, and they are longer than the texts."""
    if 2 * len(classes) <= len(corpus) or len(set(corpus.texts)) >= len(classes) or not any(corpus.texts):
        return
    written = [label for label in corpus.labels if isinstance(label, str)]
    if sum(map(len, written)) > sum(map(len, corpus.texts)):
        raise DataError(
            f"{corpus.name}: {len(classes):,} different labels for {len(corpus):,} texts, longer than the "
            f"texts and more varied. Are texts and labels swapped? The first label is {classes[0]!r:.60}."
        )


def _weights(
    corpus: Corpus, classes: list[Label], targets: NDArray[np.int32], class_weight: Any, sample_weight: Any
) -> NDArray[np.float64]:
    """How much each document counts in the loss, float64 (N,); the settings' check has seen class_weight."""
    weights = np.ones(len(corpus)) if sample_weight is None else _sample_weight(sample_weight, len(corpus))
    if class_weight is None:
        return weights
    if isinstance(class_weight, str):
        of_class = len(corpus) / (len(classes) * np.bincount(targets, minlength=len(classes)))
    else:
        unknown = [label for label in class_weight if label not in classes]
        if unknown:
            raise UsageError(f"class_weight names the class {unknown[0]!r}; the classes are {classes!r}.")
        of_class = np.array([float(class_weight.get(label, 1.0)) for label in classes])
    return weights * of_class[targets]


def _sample_weight(given: Any, n: int) -> NDArray[np.float64]:
    try:
        weights = np.array(given, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise DataError(f"sample_weight must hold a number for each text: {error}.") from error
    if weights.shape != (n,):
        raise DataError(
            f"sample_weight must hold one number for each of the {n:,} texts; its shape is {weights.shape}."
        )
    wrong = np.flatnonzero(~np.isfinite(weights) | (weights < 0))
    if len(wrong):
        row = wrong[0]
        raise DataError(
            f"sample_weight, row {row}: a finite number of 0 or more expected, found {weights[row]}."
        )
    if not weights.any():
        raise DataError("sample_weight is 0 for every text, so there is nothing to learn from.")
    return weights


def _vocabulary(
    corpus: Corpus, tokenizer: Tokenizer, settings: Settings, other_texts: Sequence[str] | None
) -> tuple[Vocabulary, Ragged]:
    texts = corpus.texts if other_texts is None else other_texts
    counted, ranks = count_words(texts, tokenizer, settings.threads)
    selection = WordSelection(settings.num_words, settings.min_count, settings.max_document_frequency)
    vocabulary, ids = select(counted, ranks, selection, convention(settings.ids, settings.skip_top))
    if other_texts is not None:
        ids = vocabulary.encode(corpus.texts, tokenizer, settings.threads)
    return vocabulary, ids


def _shape(
    settings: Settings, vocabulary: Vocabulary, n_classes: int, ids: Ragged, start: StartingVectors | None
) -> NetworkShape:
    flatten = settings.architecture == "flatten"
    maxlen = settings.maxlen
    if flatten and maxlen is None:
        maxlen = int(np.clip(np.quantile(ids.lengths, 0.95), 1, _FLATTEN_LIMIT))
    if not settings.mask_padding and maxlen is None:
        raise UsageError("mask_padding=False pools over all positions, so it needs a maxlen.")
    return NetworkShape(
        architecture=settings.architecture,
        vocabulary_size=vocabulary.size,
        dimensions=settings.dimensions if start is None else start.rows.shape[1],
        hidden=settings.hidden,
        n_classes=n_classes,
        maxlen=maxlen,
        padded=flatten or not settings.mask_padding,
        padding=settings.padding,
        truncating=settings.truncating,
    )


def _examples(
    arranged: Ragged, targets: NDArray[np.int32], weights: NDArray[np.float64], rows: NDArray[np.int64]
) -> Examples:
    documents = arranged if len(rows) == len(arranged) else arranged.take(rows)
    return Examples(documents, targets[rows], weights[rows])


def _given_validation(
    corpus: Corpus,
    classes: list[Label],
    network: PooledNetwork,
    vocabulary: Vocabulary,
    tokenizer: Tokenizer,
) -> Examples:
    if not len(corpus):
        raise DataError(f"{corpus.name}: there are no texts to validate on.")
    number = {label: i for i, label in enumerate(classes)}
    unknown = sorted({str(label) for label in corpus.labels if label not in number})
    if unknown:
        raise DataError(
            f"{corpus.name}: the label {unknown[0]!r} is not in the training texts ({classes!r})."
        )
    ids = network.arranged(vocabulary.encode(corpus.texts, tokenizer))
    targets = np.array([number[label] for label in corpus.labels], dtype=np.int32)
    return Examples(ids, targets, np.ones(len(corpus)))


def _plan(settings: Settings, seed: int, listener: Listener) -> Plan:
    rate = settings.learning_rate
    rule = Rule(
        pooling=POOLINGS[settings.architecture],
        optimizer=OPTIMIZERS[settings.optimizer],
        batch_size=int(settings.batch_size),
        learning_rate=float(LEARNING_RATES[settings.optimizer] if rate is None else rate),
        dropout=float(settings.dropout),
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
        listener,
    )
