"""`from_keras`: a trained Keras text model and its word index as a TextModel that takes raw text."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from wordloom.errors import DataError, UsageError
from wordloom.labels import Label
from wordloom.models.keras.conversion import as_pooled
from wordloom.models.keras.logits import Sides, network_of
from wordloom.models.keras.model_reader import loaded_model, read_model
from wordloom.text.conventions import IdConvention, convention
from wordloom.text.tokenizer import Tokenizer
from wordloom.text.vocabulary import Vocabulary
from wordloom.text_model import TextModel

_NO_WORD = "<unused {}>"


def from_keras(
    model: Any,
    vocabulary: Vocabulary | Mapping[str, int],
    *,
    ids: str | IdConvention = "plain",
    num_words: int | None = None,
    labels: Sequence[Label] | None = None,
    maxlen: int | None = None,
    padding: str = "pre",
    truncating: str = "pre",
    tokenizer: Tokenizer | None = None,
    safe_mode: bool = True,
) -> TextModel:
    """A TextModel that answers as a trained Keras model does, from raw text and without Keras.

    Raises DataError for what cannot be read (the layer is named), a word index that does not fit the
    embedding's rows, and a damaged file; MissingExtraError without Keras.

    Parameters
    ----------
    model : a Keras model, or the path of a .keras or .h5 file: an Embedding, then known layers in one chain,
        the last a Dense layer with sigmoid, softmax or logits
    vocabulary : the word index, word -> number, as `Tokenizer.word_index` and `imdb.get_word_index()` have
        it; or a Vocabulary
    ids : how the numbers of a word index became ids: "plain" as they are, "plain-unknown" as they are with 1
        for unknown words (a Tokenizer with `oov_token`), "imdb" plus 3 (see `wordloom.text.conventions`)
    num_words : how many ids are in use, where the embedding has more rows; None for all rows
    labels : the C labels in the order of the classes; None for 0, 1, ...
    maxlen, padding, truncating : how texts were cut and padded; None takes the length of the model's input
    tokenizer : how texts become words; None for the rules of Keras' Tokenizer
    safe_mode : refuse a file with a Lambda layer, since reading it would run its code
    """
    source = None
    if isinstance(model, str | os.PathLike):
        source = os.path.basename(os.fspath(model))
        model = loaded_model(model, safe_mode)
    read = read_model(model)
    rows = num_words or len(read.embedding)
    if rows > len(read.embedding):
        raise UsageError(f"num_words={rows:,}, but the embedding has {len(read.embedding):,} rows.")
    read = dataclasses.replace(read, embedding=read.embedding[:rows])
    words = _vocabulary(vocabulary, rows, convention(ids) if isinstance(ids, str) else ids)
    network = network_of(read, Sides(maxlen, padding, truncating))
    record = {"keras": {"model": getattr(model, "name", None), "file": source}}
    return TextModel(
        tokenizer or Tokenizer(),
        words,
        _labels(labels, network.shape.n_classes),
        as_pooled(network) or network,
        record,
    )


def _labels(labels: Sequence[Label] | None, n_classes: int) -> tuple[Label, ...]:
    if labels is None:
        return tuple(range(n_classes))
    if len(set(labels)) != n_classes or len(labels) != n_classes:
        raise UsageError(
            f"The Keras model tells {n_classes} classes apart; labels names {list(labels)!r:.80}."
        )
    return tuple(labels)


def _vocabulary(given: Vocabulary | Mapping[str, int], rows: int, ids: IdConvention) -> Vocabulary:
    if isinstance(given, Vocabulary):
        if given.size != rows:
            raise DataError(
                f"The vocabulary has {given.size:,} ids, the embedding has {rows:,} rows. Hand over the "
                "vocabulary that the model was trained with."
            )
        return given
    by_rank = _words_by_rank(given, ids)
    first, last = ids.index_from + 1, max(by_rank) + ids.index_from
    if last < rows - 1:
        raise DataError(
            f"The word index does not fit the embedding: its highest id is {last:,}, the embedding has "
            f"{rows:,} rows, for ids to {rows - 1:,}. If the rows behind were never used, "
            f"say num_words={last + 1}."
        )
    words = [by_rank.get(id_ - ids.index_from, _NO_WORD.format(id_)) for id_ in range(first, rows)]
    if not words:
        raise DataError(
            f"The embedding has {rows} rows, none of them for a word: ids of words start at {first}."
        )
    counts = np.zeros(len(words), dtype=np.int64)
    return Vocabulary(words, counts, counts, 0, ids)


def _words_by_rank(index: Mapping[str, int], ids: IdConvention) -> dict[int, str]:
    """Rank -> word of a word index; DataError names a number that cannot be one."""
    if not isinstance(index, Mapping) or not index:
        raise DataError(f"A word index, word -> number, expected as vocabulary; found {index!r:.60}.")
    shift = ids.index_from if ids.start is None else 0  # Tokenizer's numbers are ids, those of imdb are ranks
    by_rank: dict[int, str] = {}
    for word, number in index.items():
        if not isinstance(word, str) or not isinstance(number, int | np.integer) or number < 1:
            raise DataError(
                f"The word index has {word!r:.40}: {number!r:.40}; words with whole numbers from 1 expected."
            )
        rank = int(number) - shift
        if rank < 1:
            continue  # the word that stands for unknown ones
        if rank in by_rank:
            raise DataError(f"The word index gives {by_rank[rank]!r} and {word!r} the same number {number}.")
        by_rank[rank] = word
    if not by_rank:
        raise DataError("The word index has no words besides reserved ones.")
    return by_rank
