"""Architectures: a row for each, the one place that says what it is and which settings it knows.

Adding an architecture is its own files and a row here: the estimator, the command line, `docs/settings.md`,
the checks of settings and the choice of "auto" read these rows. What a setting means stands in
`wordloom.settings`; how a network is fitted, in the module that the row names.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from wordloom.target_names import SINGLE, TARGETS

_EVERYWHERE = (
    *("architecture", "lower", "filters", "strip_html", "keep_punctuation", "strip_accents"),
    *("split_characters", "normalization", "tokenizer"),
    *("calibrate", "optimize", "class_weight", "threads", "random_state", "verbose"),
)
_WORDS = ("num_words", "min_count", "max_document_frequency", "skip_top", "ids", "maxlen", "truncating")
_EPOCHS = ("dropout", "learning_rate", "epochs", "patience", "validation_split", "validation_mode")
_ON_VECTORS = (
    *(*_EVERYWHERE, *_WORDS, *_EPOCHS, "dimensions", "hidden", "word_dropout", "padding", "vectors"),
    *("trainable", "unknown_vectors", "optimizer", "batch_size"),
)
_POOLED = (*_ON_VECTORS, "mask_padding", "pull_back")
_RECURRENT = (*_ON_VECTORS, "units", "layers", "mask_padding")
_OF_NETWORKS: Mapping[str, Any] = {
    **{"dropout": 0.0, "num_words": 20_000, "ids": "plain", "strip_html": False},
    **{"keep_punctuation": False},
}
_OF_ANY_LENGTH = {**_OF_NETWORKS, "maxlen": None}


COMBINED_POOLINGS = ("mean+max+min", "mean+max", "mean+min", "max+min")
"""Poolings that stand side by side in the architecture "pooled"."""


@dataclass(frozen=True)
class Architecture:
    """One row.

    Parameters
    ----------
    name : as the setting `architecture` has it
    module, function : what fits it, a module of `wordloom.fit` and its function of a task
    settings : the names of those that apply
    left_open : what settings stand for whose default, "auto", leaves them to the architecture; others
        of that kind depend on the texts and are resolved where it is fitted
    streams : whether texts may stay in their file
    needs_keras : whether Keras trains it
    word_vectors : whether its model has vectors of words
    learns_unlabelled : whether it learns from texts without labels, unless vectors are given
    one_length : whether all texts are cut and padded to one length, also without a maxlen
    convex_output : whether an output layer over frozen vectors can be solved for
    unicode_punctuation : whether all of Unicode's punctuation separates words, if `filters` are not set
    targets : what it learns, of `wordloom.targets.TARGETS`
    update : what a model of it learns on with, a module of `wordloom.fit` with a function `learned_on`; empty
        for nothing
    """

    name: str
    module: str
    function: str
    settings: tuple[str, ...]
    left_open: Mapping[str, Any] = field(default_factory=lambda: _OF_NETWORKS)
    streams: bool = False
    needs_keras: bool = False
    word_vectors: bool = True
    learns_unlabelled: bool = False
    one_length: bool = False
    convex_output: bool = False
    unicode_punctuation: bool = False
    targets: tuple[str, ...] = TARGETS
    update: str = ""


def _keras(name: str, *settings: str) -> Architecture:
    return Architecture(
        name, "keras", "fit_keras", settings, needs_keras=True, one_length=True, targets=(SINGLE,)
    )


_ROWS = (
    Architecture(
        "mean",
        "pooled",
        "fit_pooled",
        (*_POOLED, "word_weights"),
        _OF_ANY_LENGTH,
        convex_output=True,
        update="pooled_update",
    ),
    Architecture(
        "max",
        "pooled",
        "fit_pooled",
        _POOLED,
        _OF_ANY_LENGTH,
        convex_output=True,
        update="pooled_update",
    ),
    Architecture(
        "pooled",
        "pooled",
        "fit_pooled",
        (*_POOLED, "pooling"),
        _OF_ANY_LENGTH,
        convex_output=True,
        update="pooled_update",
    ),
    Architecture(
        "flatten",
        "pooled",
        "fit_pooled",
        (*_ON_VECTORS, "pull_back"),
        one_length=True,
        update="pooled_update",
    ),
    Architecture(
        "ngram",
        "ngram",
        "fit_ngram",
        (
            *_EVERYWHERE,
            *_WORDS,
            *_EPOCHS,
            "ngrams",
            "min_documents",
            "characters",
            "max_ngrams",
            "max_size",
            "solver",
        ),
        # dropout: by the length of the texts, in words
        {
            **{"num_words": None, "ids": "plain-start", "maxlen": None},
            **{"strip_html": True, "keep_punctuation": True},
        },
        streams=True,
        word_vectors=False,
        unicode_punctuation=True,
        update="ngram_update",
    ),
    Architecture(
        "documents",
        "documents",
        "fit_documents",
        (*_EVERYWHERE, "dimensions", "min_count", "vectors", "learning_rate", "epochs"),
        {
            **{"dropout": 0.0, "num_words": None, "ids": "plain-unknown", "strip_html": True},
            **{"keep_punctuation": False},
        },
        learns_unlabelled=True,
        unicode_punctuation=True,
    ),
    _keras("lstm", *_RECURRENT),
    _keras("gru", *_RECURRENT),
    _keras("bilstm", *_RECURRENT),
    _keras("cnn", *_ON_VECTORS, "units", "layers", "kernel_size"),
)
ARCHITECTURES: Mapping[str, Architecture] = {row.name: row for row in _ROWS}
"""Name -> row, in the order in which they are named to users."""


def with_ability(ability: str) -> list[str]:
    """The names of the architectures that have an ability, a switch of the rows such as "streams"."""
    return [row.name for row in _ROWS if getattr(row, ability)]


def scope(setting: str) -> str:
    """The architectures that a setting applies to, in few words: "all", "mean, max" or "all but ngram"."""
    inside = [row.name for row in _ROWS if setting in row.settings]
    outside = [name for name in ARCHITECTURES if name not in inside]
    if not outside:
        return "all"
    return f"all but {', '.join(outside)}" if len(outside) < len(inside) else ", ".join(inside)
