"""fastText's supervised models (`.bin`, `.ftz`) as what a `TextModel` is made of.

The numbers stay in the file, mapped into memory, and are checked once. Labels lose fastText's prefix if all
of them have it.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from wordloom.errors import DataError
from wordloom.models.fasttext import FastTextNetwork, FastTextShape
from wordloom.models.weights import stored_weights
from wordloom.targets import MULTILABEL, SINGLE
from wordloom.text.conventions import convention
from wordloom.text.hashed_ngrams import LABEL_PREFIX, HashedNgrams
from wordloom.text.vocabulary import Vocabulary
from wordloom.vectors.coded_rows import CodedRows, Rows
from wordloom.vectors.formats.fasttext_file import (
    LOSSES,
    FastTextFile,
    begins_fasttext,
    begins_supervised,
    read_fasttext,
)

LOSS_NAMES = ", ".join(LOSSES.values())


class FastTextParts(NamedTuple):
    """The parts of a `TextModel`; its tokenizer is `LINE_TOKENIZER`."""

    vocabulary: Vocabulary
    labels: tuple[str, ...]
    network: FastTextNetwork
    record: dict[str, Any]


def is_fasttext_file(path: str | os.PathLike[str]) -> bool:
    """Whether a path is a file that begins as fastText's models do."""
    return Path(path).is_file() and begins_fasttext(Path(path))


def is_fasttext_classifier(path: str | os.PathLike[str]) -> bool:
    """Whether a path is a file of fastText's that says it is supervised."""
    return Path(path).is_file() and begins_supervised(Path(path))


def is_quantized_classifier(path: str | os.PathLike[str]) -> bool:
    """Whether a path is a supervised model of fastText's that holds no exact vectors."""
    return is_fasttext_classifier(path) and isinstance(read_fasttext(Path(path)).input, CodedRows)


def fasttext_parts(path: str | os.PathLike[str]) -> FastTextParts:
    """What a supervised model holds.

    Raises DataError, naming file and place, for one that is damaged or not supervised, and for one with a
    single label.
    """
    return parts_of(read_fasttext(Path(path)), Path(path))


def parts_of(found: FastTextFile, place: Path) -> FastTextParts:
    """`fasttext_parts` of a file that is taken apart already; `place` is for the errors."""
    try:
        return _parts(found, place.name)
    except DataError as error:
        raise DataError(f"{place}: {error}") from error


def _parts(found: FastTextFile, name: str) -> FastTextParts:
    settings, dictionary = found.settings, found.dictionary
    if not settings.supervised:
        raise DataError(
            "word vectors that fastText learned without labels (skipgram or cbow), which is no classifier. "
            "Train on top of them: wordloom train --vectors."
        )
    if settings.loss not in LOSSES:
        raise DataError(f"the loss is number {settings.loss:,}; it must be one of {LOSS_NAMES} (1 to 4).")
    if len(dictionary.labels) < 1:
        raise DataError("the dictionary holds no label; the file is damaged.")
    words, tokens = _texts(dictionary.words), _texts(dictionary.labels)
    if "" in words or "" in tokens:
        raise DataError("an empty word stands in the dictionary; the file is damaged.")
    if len({*words, *tokens}) != len(words) + len(tokens):
        raise DataError("a word or label stands in the dictionary twice; the file is damaged.")
    if dictionary.pruned is not None and not isinstance(found.input, CodedRows):
        raise DataError("pruned, but not quantized; fastText itself refuses such models.")
    hashed = HashedNgrams(
        max(settings.word_ngrams, 1),
        max(settings.minn, 0),
        max(settings.maxn, 0),
        settings.bucket,
        tuple(tokens),
        dictionary.pruned,
    )
    counts = dictionary.counts
    vocabulary = Vocabulary(
        words, counts[: len(words)], np.zeros(len(words), np.int64), 0, convention("plain"), hashed=hashed
    )
    record = {"fasttext": {"file": name, **vars(settings), "loss": LOSSES[settings.loss]}}
    return FastTextParts(vocabulary, _labels(tokens), _network(found, counts[len(words) :]), record)


def _network(found: FastTextFile, label_counts: NDArray[np.int64]) -> FastTextNetwork:
    loss = LOSSES[found.settings.loss]
    for name, rows in (("input", found.input), ("output", found.output)):
        _check_finite(rows, name)
    shape = FastTextShape(
        "fasttext",
        found.input.shape[0],
        found.settings.dim,
        len(label_counts),
        loss,
        found.input.width if isinstance(found.input, CodedRows) else 0,
        found.output.width if isinstance(found.output, CodedRows) else 0,
        MULTILABEL if loss in ("ova", "ns") else SINGLE,
    )
    return FastTextNetwork(shape, found.input, found.output, label_counts)


def _check_finite(rows: Rows, name: str) -> None:
    if isinstance(rows, CodedRows):
        named = {
            f"centroids of the {name} matrix": rows.centroids,
            f"lengths of the {name} matrix": rows.norms,
        }
    else:
        named = {f"{name} matrix": rows}
    stored_weights(named, {key: array.shape for key, array in named.items()})


def _texts(spellings: list[bytes]) -> list[str]:
    return [spelling.decode("utf-8", "surrogateescape") for spelling in spellings]


def _labels(tokens: list[str]) -> tuple[str, ...]:
    if all(token.startswith(LABEL_PREFIX) and len(token) > len(LABEL_PREFIX) for token in tokens):
        return tuple(token.removeprefix(LABEL_PREFIX) for token in tokens)
    return tuple(tokens)
