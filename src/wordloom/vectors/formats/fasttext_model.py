"""fastText's `.bin` models: the words' vectors, and subwords that answer words which the model does not hold.

The file is taken apart in `fasttext_file`. The matrix stays in it, mapped into memory; the rows of the words
are worked out. Quantised models (`.ftz`) and pruned ones do not hold exact vectors and are not read as such.

Tables with subwords are written as unsupervised models of version 12, others as such models without n-grams.
What a table does not know stands there as follows: the settings of learning are fastText's defaults, a word's
count is its place from the end, the output matrix is zeros. So the vectors are all there; learning cannot go
on from them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from wordloom.errors import DataError
from wordloom.vectors.coded_rows import CodedRows
from wordloom.vectors.formats.byte_streams import writing
from wordloom.vectors.formats.codec import Codec
from wordloom.vectors.formats.fasttext_file import (
    VERSION,
    FastTextDictionary,
    FastTextFile,
    FastTextSettings,
    read_fasttext,
)
from wordloom.vectors.formats.fasttext_writer import write_dense, write_head
from wordloom.vectors.formats.table_builder import TableBuilder, Wanted
from wordloom.vectors.formats.word_decoder import WordDecoder
from wordloom.vectors.subwords import SubwordRule, Subwords, SubwordVectors, means
from wordloom.vectors.word_vectors import WordVectors

Floats = npt.NDArray[np.float32]

_NO_SUBWORDS = SubwordRule(0, 0, 0)
_DEFAULTS = FastTextSettings(
    version=VERSION,
    dim=1,
    ws=5,
    epoch=5,
    min_count=1,
    neg=5,
    word_ngrams=1,
    loss=2,  # by negative sampling
    model=2,  # skip-gram
    bucket=0,
    minn=0,
    maxn=0,
    lr_update_rate=100,
    t=1e-4,
)
_WORDS_AT_A_TIME = 1 << 14


def _read(path: Path, wanted: Wanted) -> WordVectors:
    """The words' vectors as `fasttext print-word-vectors` gives them, with their subwords if there are any.

    Raises DataError for a quantised or pruned model and for a file that is damaged or cut off.
    """
    found = read_fasttext(path)
    table = _dense(path, found)
    spellings = found.dictionary.words
    rule = SubwordRule(found.settings.minn, found.settings.maxn, found.settings.bucket)
    decoder = wanted.decoder(path, "row")
    rows, builder = _wanted_rows(decoder, spellings, table.shape[1], wanted)
    if rule.maxn < 1 or rule.buckets == 0:
        _fill(builder, rows, lambda chosen: table[chosen])
        return builder.finish()
    _fill(builder, rows, lambda chosen: _composed(spellings, table, chosen, rule))
    own = table[: len(spellings)] if len(rows) == len(spellings) else table[rows]
    return SubwordVectors.of(builder.finish(), Subwords(rule, table[len(spellings) :], own))


def _dense(path: Path, found: FastTextFile) -> Floats:
    """The input matrix. Raises DataError for one that does not hold exact vectors."""
    wrong = (
        "a quantised fastText model (.ftz), which does not hold exact vectors"
        if isinstance(found.input, CodedRows)
        else "a pruned fastText model (.ftz)"
    )
    if isinstance(found.input, CodedRows) or found.dictionary.pruned is not None:
        raise DataError(
            f"{path}: {wrong}. Use the .bin that it was made from; a classifier itself loads as a model "
            "(TextModel.load, whose vectors() are near those; wordloom neighbors)."
        )
    return found.input


def _wanted_rows(
    decoder: WordDecoder, spellings: list[bytes], dimensions: int, wanted: Wanted
) -> tuple[list[int], TableBuilder]:
    """The rows of the wanted words, and a table that waits for their vectors."""
    builder = TableBuilder(decoder.path, dimensions, wanted, unit="row")
    rows: list[int] = []
    for row, spelling in enumerate(spellings):
        if builder.complete():
            break
        word = decoder.decoded(spelling, row)
        if word is None:
            builder.pass_by()
        elif builder.takes(word, row):
            rows.append(row)
    decoder.finish()
    builder.expect(len(rows))
    return rows, builder


def _fill(builder: TableBuilder, rows: list[int], vectors_of: Callable[[list[int]], Floats]) -> None:
    for start in range(0, len(rows), _WORDS_AT_A_TIME):
        chosen = rows[start : start + _WORDS_AT_A_TIME]
        vectors = vectors_of(chosen)
        finite = np.isfinite(vectors).all(axis=1)
        if not finite.all():
            place = int(np.argmin(finite))
            word = builder.words[start + place]
            raise DataError(
                f"{builder.path}, row {chosen[place]:,} ({word!r:.60}): a number is NaN or infinite."
            )
        builder.fill(vectors)


def _composed(spellings: list[bytes], table: Floats, chosen: list[int], rule: SubwordRule) -> Floats:
    """The means of the chosen words' own rows and those of their n-grams, which are n-grams of the bytes."""
    ids, offsets = rule.ids([spellings[row] for row in chosen])
    return means(table, np.array(chosen, dtype=np.int64), ids + len(spellings), offsets)


def _unwritable(word: str) -> str | None:
    """Why the format cannot hold the word, as the end of a sentence; None if it can."""
    return "it holds '\\x00'" if "\0" in word else None


def _write(vectors: WordVectors, path: Path) -> None:
    """A model of `vectors`, with their subwords if they have any; see the top of this file."""
    rule, parts = _NO_SUBWORDS, [vectors.vectors]
    if isinstance(vectors, SubwordVectors):
        rule, parts = vectors.subwords.rule, [vectors.subwords.own, vectors.subwords.rows]
    size, dimensions = vectors.vectors.shape
    settings = replace(_DEFAULTS, dim=dimensions, bucket=rule.buckets, minn=rule.minn, maxn=rule.maxn)
    counts = np.arange(size, 0, -1, dtype=np.int64)
    words = [word.encode() for word in vectors.words]
    with writing(path) as stream:
        write_head(stream, settings, FastTextDictionary(words, [], counts, int(counts.sum()), None))
        write_dense(stream, parts)
        write_dense(stream, [np.broadcast_to(np.float32(0), (size, dimensions))])


FASTTEXT = Codec(_read, lambda sample: True, _write, _unwritable)  # the first bytes say it
