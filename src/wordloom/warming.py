"""Kernels compiled ahead, so that no worker compiles when it counts.

What a kernel is compiled for follows from the arguments that it gets, so nothing is listed here: small jobs
train, save, load and predict as a user would, with compiled kernels, on a few of the built-in reviews. What
is compiled stays in the folder of `wordloom.kernels.compile_cache`.
"""

from __future__ import annotations

import json
import tempfile
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from wordloom import datasets
from wordloom.architectures import ARCHITECTURES
from wordloom.corpus import Corpus
from wordloom.errors import UsageError, WordloomWarning, did_you_mean
from wordloom.fit import fit
from wordloom.kernels import compiled_throughout
from wordloom.readers import stream_corpus
from wordloom.settings import Settings
from wordloom.targets import GRADED, MULTILABEL, SINGLE
from wordloom.text_model import TextModel
from wordloom.vectors import WordVectors

ARCHITECTURES_COMPILED = tuple(row.name for row in ARCHITECTURES.values() if not row.needs_keras)
"""Those with kernels; networks that Keras trains have none."""

_TEXTS = 200


@dataclass(frozen=True)
class Warmed:
    """What there is afterwards: how many kernels were compiled, how many had been kept, and in which folder.

    The folder is None where none can be written; then what was compiled is lost with this process.
    """

    compiled: int
    kept: int
    folder: Path | None


def warm(architectures: Sequence[str] = ()) -> Warmed:
    """Compile what models of these architectures need to learn and to predict; without any, all there is.

    That includes learning word vectors and reading files of them. Any number of processes may do so at once:
    each kernel is compiled by one of them. Raises UsageError for an architecture that has no kernels.
    """
    from wordloom.kernels.compile_cache import LOOKED_UP, compiled_folder

    for name in architectures:
        if name not in ARCHITECTURES_COMPILED:
            raise UsageError(
                f"There is nothing to compile for the architecture {name!r}. "
                f"{did_you_mean(name, ARCHITECTURES_COMPILED)}"
            )
    before = set(LOOKED_UP)
    with (
        compiled_throughout(),
        warnings.catch_warnings(),
        tempfile.TemporaryDirectory(prefix="wordloom-") as folder,
    ):
        warnings.simplefilter("ignore", WordloomWarning)
        for name in architectures or ARCHITECTURES_COMPILED:
            _use_models(name, Path(folder))
        if not architectures:
            _use_vectors(Path(folder))
    asked = [kept for name, kept in LOOKED_UP.items() if name not in before]
    return Warmed(len(asked) - sum(asked), sum(asked), compiled_folder())


def _use_models(architecture: str, folder: Path) -> None:
    """Train, save, load, predict and explain with every kind of target that an architecture learns, one logit
    and several, with a hidden layer and without."""
    corpus, row = datasets.load("demo").train.subset(range(_TEXTS)), ARCHITECTURES[architecture]
    learned = {
        "two": corpus,
        "three": corpus.retargeted([f"label {i % 3}" for i in range(len(corpus))], SINGLE),
        "several": corpus.retargeted([(label,) for label in corpus.labels], MULTILABEL),
        "graded": corpus.retargeted([float(i % 5) for i in range(len(corpus))], GRADED),
    }
    for name, texts in learned.items():
        if texts.target in row.targets:
            _use_model(texts, architecture, folder / f"{architecture}-{name}")
    if "hidden" in row.settings:
        _use_model(corpus, architecture, folder / f"{architecture}-hidden", hidden=4)
    if row.streams:
        table = folder / "reviews.jsonl"
        rows = zip(corpus.texts, corpus.labels, strict=True)
        table.write_text("".join(json.dumps({"text": text, "label": label}) + "\n" for text, label in rows))
        _use_model(stream_corpus(table).train, architecture, folder / f"{architecture}-streamed")


def _use_model(corpus: Corpus, architecture: str, folder: Path, **settings: Any) -> None:
    if ARCHITECTURES[architecture].one_length:
        settings["maxlen"] = 50
    fit(corpus, Settings(architecture=architecture, epochs=1, random_state=1, **settings)).save(folder)
    model = TextModel.load(folder)
    model.predict(["a good film", "a dull plot"])
    model.explain("a good film")


def _use_vectors(folder: Path) -> None:
    """Learn words, with and without n-grams of characters; read a file of vectors; train on frozen ones."""
    corpus, file = datasets.load("demo").train.subset(range(_TEXTS)), folder / "vectors.txt"
    for longest in (0, 4):
        vectors = WordVectors.learn(corpus.texts, dimensions=16, epochs=1, longest_subword=longest, seed=1)
        vectors.save(file, "glove")
    WordVectors.load(file, words=["film"])
    fit(corpus, Settings(architecture="mean", vectors=WordVectors.load(file), trainable=False))
