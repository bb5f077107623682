"""Small models of n-grams of every kind, and texts that rules of Unicode and HTML disagree on."""

from __future__ import annotations

import random
import sys
from pathlib import Path

import numpy as np

from wordloom import TextModel
from wordloom.corpus import Corpus
from wordloom.fit import fit
from wordloom.settings import Settings
from wordloom.targets import GRADED, MULTILABEL, SINGLE

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))
from hostile_texts import hostile_texts

GOOD = [
    "great film",
    "fine day",
    "很好吃",
    "อร่อยมาก",
    "おいしい",
    "schön",
    "😋",
    "l’été",
    "Καλός",
    "naïve",
    "cafe\u0301",
]
BAD = [
    "awful plot",
    "poor day",
    "太难吃",
    "แย่จัง",
    "まずい",
    "übel",
    "👎🏽",
    "didn’t",
    "κακός",
    "résumé",
    "ş\u0323",
]
FILLERS = ["the", "a film", "it was", "1️⃣", "…", "&amp;", "<b>so</b>", "ΟΔΟΣ", "x\ud800y", "?!", "_"]
LABELS = {SINGLE: ["bad", "good"], MULTILABEL: [["bad", "long"], ["good"]], GRADED: [1, 4]}


def corpus(target: str = SINGLE, n: int = 120, seed: int = 0) -> Corpus:
    """Texts in several scripts, some with the fillers of the other side."""
    rng = random.Random(seed)
    texts, labels = [], []
    for i in range(n):
        words = [*rng.choices(FILLERS, k=3), *rng.choices((BAD, GOOD)[i % 2], k=3)]
        rng.shuffle(words)
        texts.append(" ".join(words))
        labels.append(LABELS[target][i % 2] if target != SINGLE or i % 10 else "neither")
    return Corpus(texts, labels, name="small", target=target)


KINDS: dict[str, tuple[str, dict]] = {
    "several classes": (SINGLE, {}),
    "several labels": (MULTILABEL, {"ngrams": 3}),
    "grades": (GRADED, {"keep_punctuation": False}),
    "characters": (SINGLE, {"characters": 4}),
    "characters of labels": (MULTILABEL, {"characters": 3, "lower": False}),
    "limited in size": (SINGLE, {"max_size": 15_000, "characters": 3}),
    "NFKC without accents": (SINGLE, {"normalization": "NFKC", "strip_accents": True}),
    "words between spaces": (
        SINGLE,
        {"split_characters": False, "normalization": None, "strip_html": False, "filters": "]^-\\."},
    ),
    "ids of Keras": (SINGLE, {"ids": "imdb", "skip_top": 6, "maxlen": 5, "num_words": 40}),
    "the first words": (GRADED, {"ids": "plain", "maxlen": 4, "truncating": "post", "filters": ""}),
}


def fitted(name: str) -> TextModel:
    """The model of a kind."""
    target, changes = KINDS[name]
    settings = {"architecture": "ngram", "epochs": 3, "random_state": 1, "characters": 0} | changes
    return fit(corpus(target), Settings(**settings))


def texts_for(model: TextModel, n: int = 300) -> list[str]:
    """Texts of the kind that the model learned from, and hostile ones."""
    words = [*GOOD, *BAD, *FILLERS, *model.vocabulary.words[:50]]
    return ["", " ", *corpus(n=20, seed=9).texts, *hostile_texts(n, words, seed=3)]


def answers_of(model: TextModel, texts: list[str]) -> np.ndarray:
    """(N, C) probabilities, of grades their place on the scale."""
    return model.network.probabilities(model.encode(texts))
