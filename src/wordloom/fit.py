"""From labelled texts and settings to a trained TextModel.

Needs no scikit-learn; `TextClassifier` and the command line both stand on this.
"""

from __future__ import annotations

import platform
import secrets
import time
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wordloom import __version__
from wordloom.corpus import Corpus, Label, warn_about_similar_labels
from wordloom.errors import DataError, UsageError, WordloomWarning
from wordloom.kernels.pooled import Rule
from wordloom.models.pooled import OPTIMIZERS, POOLINGS, NetworkShape, PooledNetwork
from wordloom.settings import OPTIMIZERS as LEARNING_RATES
from wordloom.settings import Settings, to_config
from wordloom.text.conventions import convention
from wordloom.text.counting import count_words
from wordloom.text.sequences import Ragged
from wordloom.text.tokenizer import FILTERS, Tokenizer
from wordloom.text.vocabulary import Vocabulary, WordSelection, select
from wordloom.text_model import TextModel
from wordloom.training.loop import Examples, Listener, Plan, Silence, train
from wordloom.training.validation import validation_rows

_FLATTEN_LIMIT = 500


@dataclass(frozen=True)
class FitInput:
    """What can come to a fit besides texts, labels and settings.

    Parameters
    ----------
    sample_weight : float64 (N,), how much each document counts in the loss
    validation : texts to validate on, instead of some held out from training
    listener : hears of the progress
    """

    sample_weight: Any = None
    validation: Corpus | None = None
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
    vocabulary, ids = _vocabulary(corpus, tokenizer, settings)
    shape = _shape(settings, vocabulary, len(classes), ids)
    network = PooledNetwork.initial(shape, seed)
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
            "empty_texts": int((ids.lengths == 0).sum()),
            "trained_on": len(training),
            "validated_on": len(validation) if validation is not None else 0,
            "classes": {str(label): count for label, count in corpus.counts().items()},
        },
        "seconds": time.perf_counter() - began,
    }
    return TextModel(tokenizer, vocabulary, tuple(classes), network, record, history)


def seed_of(random_state: Any) -> int:
    """A seed from None (a new one), an integer, or NumPy's RandomState or Generator (drawn from it)."""
    if random_state is None:
        return secrets.randbits(31)
    if isinstance(random_state, np.random.RandomState):
        return int(random_state.randint(2**31 - 1))
    if isinstance(random_state, np.random.Generator):
        return int(random_state.integers(2**31 - 1))
    if (
        isinstance(random_state, int | np.integer)
        and not isinstance(random_state, bool)
        and random_state >= 0
    ):
        return int(random_state)
    raise UsageError(
        f"random_state must be None, a whole number from 0, or a RandomState, not {random_state!r}."
    )


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
    warn_about_similar_labels(classes, corpus.name)
    single = [label for label, count in counts.items() if count == 1]
    if single:
        named = ", ".join(repr(label) for label in single[:5])
        warnings.warn(
            f"{corpus.name}: {len(single)} class(es) with one text only "
            f"({named}{', ...' * (len(single) > 5)}): too few to learn from, and none is left to validate on. "
            "Add texts, or merge or drop the class.",
            WordloomWarning,
            stacklevel=4,
        )
    number = {label: i for i, label in enumerate(classes)}
    return classes, np.array([number[label] for label in corpus.labels], dtype=np.int32)


def _weights(
    corpus: Corpus, classes: list[Label], targets: NDArray[np.int32], class_weight: Any, sample_weight: Any
) -> NDArray[np.float64]:
    weights = np.ones(len(corpus))
    if sample_weight is not None:
        weights = np.array(sample_weight, dtype=np.float64)
        if weights.shape != (len(corpus),) or not np.isfinite(weights).all() or (weights < 0).any():
            raise DataError(
                f"sample_weight must hold a finite number of 0 or more for each of the {len(corpus):,} "
                f"texts; it has the shape {weights.shape}."
            )
    if class_weight is None:
        return weights
    if isinstance(class_weight, str):
        if class_weight != "balanced":
            raise UsageError(f"class_weight must be None, 'balanced' or a mapping, not {class_weight!r}.")
        of_class = len(corpus) / (len(classes) * np.bincount(targets, minlength=len(classes)))
    elif isinstance(class_weight, Mapping):
        unknown = [label for label in class_weight if label not in classes]
        if unknown:
            raise UsageError(f"class_weight names the class {unknown[0]!r}; the classes are {classes!r}.")
        of_class = np.array([float(class_weight.get(label, 1.0)) for label in classes])
    else:
        raise UsageError(f"class_weight must be None, 'balanced' or a mapping, not {class_weight!r}.")
    return weights * of_class[targets]


def _vocabulary(corpus: Corpus, tokenizer: Tokenizer, settings: Settings) -> tuple[Vocabulary, Ragged]:
    counted, ranks = count_words(corpus.texts, tokenizer, settings.threads)
    selection = WordSelection(settings.num_words, settings.min_count, settings.max_document_frequency)
    return select(counted, ranks, selection, convention(settings.ids, settings.skip_top))


def _shape(settings: Settings, vocabulary: Vocabulary, n_classes: int, ids: Ragged) -> NetworkShape:
    flatten = settings.architecture == "flatten"
    maxlen = settings.maxlen
    if flatten and maxlen is None:
        maxlen = int(np.clip(np.quantile(ids.lengths, 0.95), 1, _FLATTEN_LIMIT))
    if not settings.mask_padding and maxlen is None:
        raise UsageError("mask_padding=False pools over all positions, so it needs a maxlen.")
    return NetworkShape(
        architecture=settings.architecture,
        vocabulary_size=vocabulary.size,
        dimensions=settings.dimensions,
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
    )
    return Plan(rule, settings.epochs, settings.patience, settings.word_dropout, settings.threads, listener)
