"""The contenders known by name: settings of ours, and the peers that people use for labelled text."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from wordloom.comparison.contender import Contender
from wordloom.comparison.forecast import SECONDS
from wordloom.errors import UsageError, did_you_mean
from wordloom.setting import AUTO
from wordloom.settings import Settings, from_names, values_of


def _fasttext(name: str, about: str, seconds: float, **options: Any) -> Contender:
    """Ten dimensions and a high rate: better than 100 at 0.1 on held-out training reviews, and faster."""
    return Contender(
        name,
        f"fastText: {about}",
        "fasttext",
        {"dim": 10, **options},
        ("fasttext",),
        ("fasttext",),
        seconds=seconds,
    )


PEERS = {
    peer.name: peer
    for peer in (
        Contender(
            "tfidf-lr",
            "scikit-learn: TF-IDF of words, logistic regression",
            "tfidf_lr",
            one_seed=True,
            seconds=7.5,
        ),
        Contender(
            "tuned-lr",
            "scikit-learn: TF-IDF of words, logistic regression, C by cross-validation",
            "tuned_lr",
            one_seed=True,
        ),
        Contender(
            "tfidf-svm", "scikit-learn: TF-IDF of words and word pairs, linear SVM", "tfidf_svm", seconds=21
        ),
        Contender(
            "characters-svm",
            "scikit-learn: TF-IDF of words, word pairs and 2 to 5 characters, linear SVM",
            "characters_svm",
            one_seed=True,
        ),
        Contender(
            "complement-nb",
            "scikit-learn: TF-IDF of words and word pairs, complement naive Bayes",
            "complement_nb",
            one_seed=True,
        ),
        Contender(
            "nb-svm",
            "scikit-learn: 1- to 3-grams times naive-Bayes ratios, linear SVM",
            "nb_svm",
            one_seed=True,
            seconds=91,
        ),
        _fasttext("fasttext", "words, 5 epochs", 3.9, wordNgrams=1, epoch=5, lr=0.25),
        _fasttext("fasttext-bigrams", "words and word pairs, 5 epochs", 4.9, wordNgrams=2, epoch=5, lr=0.5),
        _fasttext("fasttext-trigrams", "1- to 3-grams, 10 epochs", 6.5, wordNgrams=3, epoch=10, lr=0.5),
        Contender(
            "keras-flatten",
            "Keras: 50-d embedding, flattened, as in the tutorials",
            "keras_flatten",
            packages=("keras", "jax"),
            modules=("keras", "jax"),
            compiles=True,
            seconds=8.6,
        ),
    )
}
"""Name -> peer, in the order of the table."""

_OURS: dict[str, tuple[str, dict[str, Any]]] = {
    "default": ("wordloom with no option given", {}),
    "ngram": ("wordloom: a weight for every word and n-gram", {"architecture": "ngram"}),
    "mean": ("wordloom: averaged vectors", {"architecture": "mean"}),
    "max": ("wordloom: highest of each dimension", {"architecture": "max"}),
    "pooled": ("wordloom: average, highest and lowest of each dimension", {"architecture": "pooled"}),
    "flatten": (
        "wordloom: the tutorials' flattened vectors",
        {"architecture": "flatten", "num_words": 10_000, "maxlen": 200, "epochs": 3, "validation_split": 0.0},
    ),
}


def settings_contender(name: str, settings: Settings, about: str = "") -> Contender:
    """A contender of these settings of ours; its seed and threads are the comparison's.

    Raises UsageError for settings without meaning and for an own tokenizer, which another process lacks.
    """
    settings.checked()
    if settings.tokenizer is not None:
        raise UsageError("A comparison trains in processes of its own, which do not know an own tokenizer.")
    default = values_of(Settings())
    changed = {key: value for key, value in values_of(settings).items() if value != default[key]}
    for key in ("random_state", "threads", "verbose"):
        changed.pop(key, None)
    about = about or "wordloom: " + name
    seconds = SECONDS.get(settings.architecture) if settings.epochs in (AUTO, 3) else None
    return Contender(name, about, "wordloom", changed, compiles=True, seconds=seconds)


def saved_contender(folder: str | os.PathLike[str]) -> Contender:
    """A model of ours in this folder, or of fastText's in this file, under its name; it is only tested."""
    path = Path(folder).absolute()
    about = f"the model in {folder}"
    return Contender(path.name, about, "saved_model", {"folder": str(path)}, one_seed=True, trains=False)


def known_settings() -> dict[str, Contender]:
    """Name -> contender of ours."""
    return {
        name: settings_contender(name, from_names(values), about) for name, (about, values) in _OURS.items()
    }


def chosen_settings(names: Iterable[str]) -> list[Contender]:
    """The settings of these names; UsageError for an unknown one, with near ones."""
    return _chosen(names, known_settings(), "set of settings")


def chosen_peers(names: Sequence[str]) -> list[Contender]:
    """The peers of these names, installed or not; all of them for "all", none for "none"."""
    if list(names) == ["none"]:
        return []
    return list(PEERS.values()) if list(names) == ["all"] else _chosen(names, PEERS, "peer")


def _chosen(names: Iterable[str], known: dict[str, Contender], noun: str) -> list[Contender]:
    for name in names:
        if name not in known:
            raise UsageError(f"There is no {noun} {name!r}. {did_you_mean(name, known)}")
    return [known[name] for name in dict.fromkeys(names)]
