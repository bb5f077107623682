"""Static models of texts, model2vec's folders and sentence-transformers' StaticEmbedding, as word vectors.

A table of vectors in `model.safetensors` and the tokenizer in `tokenizer.json` beside it; the folder itself,
or `0_StaticEmbedding` in it. The words are the tokenizer's tokens as it spells them (`##ing`, `▁the`). A
text's vector in those libraries is the mean of its tokens' vectors; the weight that model2vec may give each
token is multiplied in here. Tensors: `embeddings` or `embedding.weight` (R, D); perhaps
`weights`, a number for each token, and `mapping`, a row for each token (a quantized vocabulary shares rows).
Does not write them, and does not split words into tokens.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import numpy.typing as npt

from wordloom.errors import DataError, MissingExtraError
from wordloom.tensor_file import TensorFile, begins_tensors, reading_tensors
from wordloom.vectors.formats.codec import Codec, Sample
from wordloom.vectors.formats.table_builder import Wanted, selected
from wordloom.vectors.formats.word_decoder import warn
from wordloom.vectors.word_vectors import WordVectors

TENSORS, TOKENIZER = "model.safetensors", "tokenizer.json"
_FOLDERS = ("", "0_StaticEmbedding")
_TABLES = ("embeddings", "embedding.weight")
_ROW_TYPES = ("I64", "I32", "I16", "U8")
_MOST_BYTES = 1 << 28
"""Of a tokenizer's file; the largest vocabularies take a tenth."""


def _folder_of(path: Path) -> Path | None:
    """The folder with the two files, of a folder or of its file of tensors; None if there is none."""
    if path.is_file():
        path = path.parent if path.name == TENSORS else path / "none"
    for name in _FOLDERS:
        folder = path / name
        if (folder / TENSORS).is_file() and (folder / TOKENIZER).is_file():
            return folder
    return None


def _read(path: Path, wanted: Wanted) -> WordVectors:
    """The vectors of the tokens, in the order of their numbers; the tokenizer's special ones are `special`.

    Raises DataError for a folder without the files, and for tensors that do not fit the tokenizer;
    MissingExtraError without the package `tokenizers`.
    """
    folder = _folder_of(path)
    if folder is None:
        raise DataError(f"{path}: a static model is a folder with {TENSORS} and {TOKENIZER}; there is none.")
    ids, special = _tokens(folder / TOKENIZER)
    numbers = np.fromiter(ids.values(), dtype=np.int64, count=len(ids))
    with reading_tensors(folder / TENSORS) as file:
        rows = _rows(file, numbers)
    title = path.parent if path.is_file() else path
    table = selected(ids, rows, title, wanted)
    return WordVectors(table.words, table.vectors, table.name, special.intersection(table.words))


def _tokens(path: Path) -> tuple[dict[str, int], frozenset[str]]:
    """The tokens with their numbers, in the order of these, and which of them are special."""
    try:
        from tokenizers import Tokenizer
    except ImportError:
        raise MissingExtraError("Reading a static model", "tokenizers", "static") from None
    if path.stat().st_size > _MOST_BYTES:
        raise DataError(f"{path}: {path.stat().st_size:,} bytes are no tokenizer.")
    try:
        text = path.read_bytes().decode("utf-8")
        found: dict[str, int] = Tokenizer.from_str(text).get_vocab(with_added_tokens=True)
        added = json.loads(text).get("added_tokens", [])
        special = frozenset(str(token["content"]) for token in added if token.get("special"))
    except Exception as error:  # the package raises Exception itself
        raise DataError(
            f"{path}: not a whole tokenizer ({str(error)[:200]}). Fetch the model again."
        ) from None
    return dict(sorted(found.items(), key=lambda item: item[1])), special


def _rows(file: TensorFile, numbers: npt.NDArray[np.int64]) -> npt.NDArray[np.float32]:
    """float32 (T, D), the vectors of the tokens with these numbers."""
    name = next((name for name in _TABLES if name in file.names), None)
    if name is None:
        there = ", ".join(sorted(file.names)[:20]) or "none"
        raise DataError(
            f"{file.path}: no table of a static model ({' or '.join(_TABLES)}); there are {there:.300}. A "
            "model whose vectors depend on the whole sentence has no table of word vectors."
        )
    table = file.floats(name, 2)
    if table.shape[1] == 0:
        raise DataError(f"{file.path}: the vectors have no dimensions, shape {table.shape}.")
    rows = numbers
    if "mapping" in file.names:
        mapping = file.load("mapping", _ROW_TYPES, 1).astype(np.int64)
        _check_index(file, numbers, len(mapping), "entries in 'mapping'")
        rows = mapping[numbers]
    elif len(table) > len(numbers):
        warn(f"{file.path}: {len(table) - len(numbers):,} of {len(table):,} vectors belong to no token.")
    _check_index(file, rows, len(table), "vectors")
    vectors = table[rows]
    if "weights" in file.names:
        weights = file.floats("weights", 1)
        _check_index(file, numbers, len(weights), "entries in 'weights'")
        vectors *= weights[numbers, np.newaxis]
    return vectors


def _check_index(file: TensorFile, index: npt.NDArray[np.int64], size: int, what: str) -> None:
    outside = index[(index < 0) | (index >= size)]
    if len(outside):
        raise DataError(
            f"{file.path}: a token asks for number {outside[0]:,}, but there are {size:,} {what}; the file "
            f"does not belong to its {TOKENIZER}."
        )


def _holds(sample: Sample) -> bool:
    return begins_tensors(sample.data) and _folder_of(sample.path) is not None


STATIC = Codec(_read, _holds, holds_folder=lambda path: _folder_of(path) is not None)
