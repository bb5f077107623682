"""Writes the folder that it is given: a small folder or file of each format that a version saves.

Run it with the version whose formats are to be kept: `python tests/saved/write.py tests/saved/VERSION`, and
`models` behind it where only models have new formats; then only those of that version are written.
`tests/test_saved_formats.py` reads what is there with the present one.
"""

from __future__ import annotations

import json
import sys
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wordloom.corpus import Corpus
from wordloom.fit import FitInput, fit
from wordloom.settings import Settings
from wordloom.target_names import GRADED, MULTILABEL
from wordloom.text.tokenizer import Tokenizer
from wordloom.text_model import TextModel
from wordloom.vectors import WordVectors
from wordloom.vectors.learning import (
    LearningSettings,
    SkipGramSettings,
    learn_document_vectors,
    learn_word_vectors,
)

WORDS = "a the film plot actor scene caf\u00e9 \u65e5\u672c it's back\\slash".split()  # noqa: SIM905
SIDES = {
    "neg": ["bad", "dull", "poor"],
    "pos": ["good", "great", "fine"],
    "so-so": ["fair", "usual", "plain"],
}
PREDICTED = ["a good film", "the plot, bad and dull", "", "unknown", "caf\u00e9 \u65e5\u672c fair fine " * 4]
MODELS = {
    "mean": {"architecture": "mean", "dimensions": 4, "hidden": 3},
    "mean-convex": {"architecture": "mean", "word_weights": "sif", "trainable": False, "hidden": 0},
    "max": {"architecture": "max", "dimensions": 3, "ids": "imdb"},
    "flatten": {"architecture": "flatten", "dimensions": 3, "maxlen": 6, "ids": "plain-unknown"},
    "ngram": {"architecture": "ngram", "ngrams": 2},
    "ngram-small": {"architecture": "ngram", "ngrams": 2, "max_size": 13_000},
    "documents": {"architecture": "documents", "dimensions": 4},
    **{name: {"architecture": name, "dimensions": 4, "units": 3} for name in ("lstm", "gru", "bilstm")},
    "cnn": {"architecture": "cnn", "dimensions": 4, "units": 3, "maxlen": 8},
}
NEW = {
    "0.2.0": {
        "ngram-characters": {"architecture": "ngram", "ngrams": 2, "characters": 3},
        "ngram-multilabel": {"architecture": "ngram", "ngrams": 2, "characters": 0},
        "mean-graded": {"architecture": "mean", "dimensions": 4},
        "ngram-counts": {"architecture": "ngram", "ngrams": 2, "characters": 0},
        "pooled": {"architecture": "pooled", "dimensions": 4},
    }
}
"""Models that versions have brought, for formats that those before did not have."""
N_PARTS = {
    "mean": 3,
    "ngram": 3,
    "gru": 3,
    "ngram-counts": 18,
}  # classes of these models; the others have two
TOKENIZER = Tokenizer(strip_html=True)  # named, since another one may be usual in another version
WORD_SETTINGS = SkipGramSettings(dimensions=4, epochs=2, min_count=1, seed=0, longest_subword=4, buckets=50)
DOCUMENT_SETTINGS = LearningSettings(dimensions=4, epochs=2, min_documents=1, seed=0)
EPOCHS = dict.fromkeys(("mean", "max", "flatten", "lstm", "gru", "bilstm", "cnn"), 20)


def corpus(n_classes: int, name: str = "") -> Corpus:
    """Texts with a label each or, as the model's name says, two of them, or grades."""
    draw = np.random.default_rng(0)
    sides = SIDES if n_classes <= len(SIDES) else {f"side{n}": [f"own{n}"] for n in range(n_classes)}
    labels = [list(sides)[row % n_classes] for row in range(36)]
    texts = [" ".join([*draw.choice(WORDS, 4), *draw.choice(sides[label], 2)]) for label in labels]
    if name.endswith(MULTILABEL):
        sets = [(label, "every") if row % 2 else (label,) for row, label in enumerate(labels)]
        return Corpus(texts, sets, name="small", target=MULTILABEL)
    if name.endswith(GRADED):
        grades = [float(list(SIDES).index(label) + 1) for label in labels]
        return Corpus(texts, grades, name="small", target=GRADED)
    return Corpus(texts, labels, name="small")


def table() -> WordVectors:
    words = [*WORDS, *(word for own in SIDES.values() for word in own)]
    return WordVectors(
        words, np.random.default_rng(1).normal(size=(len(words), 4)).astype(np.float32), "table"
    )


def probabilities_of(model: TextModel, texts: list[str]) -> NDArray[np.float64]:
    """Also those behind the grades of a model that has no labels."""
    return model.network.probabilities(model.encode(texts), None)


def write_models(folder: Path, models: Mapping[str, Any]) -> None:
    for name, own in models.items():
        texts = corpus(N_PARTS.get(name, 2), name)
        chosen = {"random_state": 0, **own} | ({"epochs": EPOCHS[name]} if name in EPOCHS else {})
        if name == "mean-convex":
            chosen["vectors"] = table()
        extra = FitInput(unlabelled=list(texts.texts) * 3) if name == "documents" else FitInput()
        model = fit(texts, Settings(**chosen), extra)
        model.save(folder / name)
        answers = {
            "texts": PREDICTED,
            "labels": list(model.labels),
            "probabilities": probabilities_of(model, PREDICTED).tolist(),
        }
        (folder / name / "answers.json").write_text(json.dumps(answers, indent=1) + "\n")


def write_vectors(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    given = table()
    for name in ("glove.txt", "word2vec.vec", "word2vec-binary.bin", "table.safetensors", "projector"):
        given.save(folder / name)
    texts = list(corpus(3).texts)
    words = learn_word_vectors(
        texts, WORD_SETTINGS, tokenizer=TOKENIZER, checkpoint=folder / "words.checkpoint"
    )
    words.save(folder / "fasttext.bin", "fasttext")
    documents = learn_document_vectors(
        texts, DOCUMENT_SETTINGS, tokenizer=TOKENIZER, checkpoint=folder / "documents.checkpoint"
    )
    documents.save(folder / "documents.safetensors")
    answers = {
        "words": list(given.words),
        "vectors": given.vectors.tolist(),
        "texts": texts,
        "learned": {word: words[word].tolist() for word in (*words.words[:3], "films")},
        "documents": documents.encode(PREDICTED).tolist(),
    }
    (folder / "answers.json").write_text(json.dumps(answers, indent=1) + "\n")


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    target = Path(sys.argv[1])
    if sys.argv[2:] == ["models"]:
        write_models(target / "models", NEW[target.name])
    else:
        write_models(target / "models", MODELS)
        write_vectors(target / "vectors")
