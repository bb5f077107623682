"""Writes the folder that it is given: a small folder or file of each format that a version saves.

Run it with the version whose formats are to be kept: `python tests/saved/write.py tests/saved/VERSION`.
`tests/test_saved_formats.py` reads what is there with the present one.
"""

from __future__ import annotations

import json
import sys
import warnings
from pathlib import Path

import numpy as np

from wordloom.corpus import Corpus
from wordloom.fit import FitInput, fit
from wordloom.settings import Settings
from wordloom.text.tokenizer import Tokenizer
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
N_PARTS = {"mean": 3, "ngram": 3, "gru": 3}  # classes of these models; the others have two
TOKENIZER = Tokenizer(strip_html=True)  # named, since another one may be usual in another version
WORD_SETTINGS = SkipGramSettings(dimensions=4, epochs=2, min_count=1, seed=0, longest_subword=4, buckets=50)
DOCUMENT_SETTINGS = LearningSettings(dimensions=4, epochs=2, min_documents=1, seed=0)
EPOCHS = dict.fromkeys(("mean", "max", "flatten", "lstm", "gru", "bilstm", "cnn"), 20)


def corpus(n_classes: int) -> Corpus:
    draw = np.random.default_rng(0)
    labels = [list(SIDES)[row % n_classes] for row in range(36)]
    texts = [" ".join([*draw.choice(WORDS, 4), *draw.choice(SIDES[label], 2)]) for label in labels]
    return Corpus(texts, labels, name="small")


def table() -> WordVectors:
    words = [*WORDS, *(word for own in SIDES.values() for word in own)]
    return WordVectors(
        words, np.random.default_rng(1).normal(size=(len(words), 4)).astype(np.float32), "table"
    )


def write_models(folder: Path) -> None:
    for name, own in MODELS.items():
        texts = corpus(N_PARTS.get(name, 2))
        chosen = {"random_state": 0, **own} | ({"epochs": EPOCHS[name]} if name in EPOCHS else {})
        if name == "mean-convex":
            chosen["vectors"] = table()
        extra = FitInput(unlabelled=list(texts.texts) * 3) if name == "documents" else FitInput()
        model = fit(texts, Settings(**chosen), extra)
        model.save(folder / name)
        answers = {
            "texts": PREDICTED,
            "labels": list(model.labels),
            "probabilities": model.predict_proba(PREDICTED).tolist(),
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
    write_models(target / "models")
    write_vectors(target / "vectors")
