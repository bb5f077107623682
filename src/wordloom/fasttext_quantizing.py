"""A classifier of fastText's made small: its longest rows, as codes of a product quantizer.

The result is what fastText's `quantize` makes, a `.ftz`. Not done here is its `-retrain`, training on what a
cutoff leaves.

Source: A. Joulin et al., "FastText.zip: Compressing text classification models", 2016;
`FastText::quantize` and `Dictionary::prune` of fastText 0.9.3
"""

from __future__ import annotations

import os
import warnings
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from wordloom.errors import DataError, UsageError, WordloomWarning
from wordloom.fasttext_import import parts_of
from wordloom.kernels.coded_rows import CENTROIDS
from wordloom.plain_values import check_ranges
from wordloom.vectors.coded_rows import CodedRows
from wordloom.vectors.formats.fasttext_file import FastTextDictionary, FastTextFile, read_fasttext
from wordloom.vectors.product_quantizer import Floats, quantized_rows, row_lengths

_END_OF_LINE = b"</s>"
_OUTPUT_WIDTH = 2


@dataclass(frozen=True)
class Quantizing:
    """How small, under fastText's names.

    Parameters
    ----------
    cutoff : so many words and n-grams stay, those with the longest rows; 0 for all
    qnorm : whether a row's length has a code of its own
    qout : whether the labels' rows are quantized too
    dsub : numbers in a piece of a row, which takes a byte
    seed : of the first centroids
    """

    cutoff: int = 0
    qnorm: bool = False
    qout: bool = False
    dsub: int = 2
    seed: int = 0

    def __post_init__(self) -> None:
        most = 2**31 - 1
        check_ranges(self, cutoff=(0, most), dsub=(1, most), seed=(0, most))


def quantized_model(path: str | os.PathLike[str], settings: Quantizing) -> FastTextFile:
    """The quantized model of a supervised one (`.bin`), for `write_fasttext`.

    Raises DataError for a file that is damaged, no classifier or quantized already, UsageError for settings
    that do not fit it.
    """
    place = Path(path)
    found = read_fasttext(place)
    parts_of(found, place)  # which checks it
    try:
        return quantized(found, settings)
    except (UsageError, DataError) as error:
        raise type(error)(f"{place}: {error}") from error


def quantized(file: FastTextFile, settings: Quantizing) -> FastTextFile:
    """A classifier with fewer and smaller rows. Raises as `quantized_model` does."""
    table, output = file.input, file.output
    if isinstance(table, CodedRows) or isinstance(output, CodedRows):
        raise DataError("the model is quantized already. Take the .bin that it was made from.")
    if settings.qout and len(output) < CENTROIDS:
        raise UsageError(
            f"-qout needs {CENTROIDS} labels or more, and the model has {len(output):,}, whose rows take "
            f"{output.nbytes:,} bytes as they are. Leave -qout out."
        )
    dictionary, table = _cut(file.dictionary, table, settings.cutoff)
    if len(table) < CENTROIDS:
        raise UsageError(
            f"{len(table):,} words and n-grams are too few to be quantized, which takes {CENTROIDS} or more."
            + (" Give a larger -cutoff." if settings.cutoff else " The model is small as it is.")
        )
    return replace(
        file,
        dictionary=dictionary,
        input=quantized_rows(table, settings.dsub, settings.qnorm, settings.seed),
        output=quantized_rows(output, _OUTPUT_WIDTH, settings.qnorm, settings.seed)
        if settings.qout
        else output,
    )


def _cut(dictionary: FastTextDictionary, table: Floats, cutoff: int) -> tuple[FastTextDictionary, Floats]:
    """The words and n-grams whose rows are the longest, and these rows; the end of a line always stays."""
    if not cutoff:
        return dictionary, table
    if cutoff >= len(table):
        warnings.warn(
            f"-cutoff {cutoff:,} plays no part: the model has {len(table):,} words and n-grams.",
            WordloomWarning,
            stacklevel=4,
        )
        return dictionary, table
    lengths, n_words = row_lengths(table), len(dictionary.words)
    if _END_OF_LINE in dictionary.words:
        lengths[dictionary.words.index(_END_OF_LINE)] = np.inf
    rows = np.sort(np.argsort(-lengths, kind="stable")[:cutoff])
    words, ngrams = rows[rows < n_words], rows[rows >= n_words]
    counts = np.concatenate([dictionary.counts[words], dictionary.counts[n_words:]])
    pruned = np.stack([ngrams - n_words, np.arange(len(ngrams))], axis=1).astype(np.int32)
    kept = [dictionary.words[row] for row in words.tolist()]
    return replace(dictionary, words=kept, counts=counts, pruned=pruned), table[rows]
