"""An n-gram model for browsers: one packed file, a module of plain JavaScript that reads it, and a page.

The file is gzip of: MAGIC, the length of a JSON text (uint32), the JSON, and arrays one after the other, all
little-endian. Of numbers of several bytes all first bytes come first, then all second ones, and so on, which
packs better. The JSON names the arrays in their order, the words, labels and rules; `browser/wordloom.js`
is what reads it, and says nothing that is not here or in the model.
"""

from __future__ import annotations

import gzip
import importlib.resources
import os
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wordloom.atomic import replacing_files
from wordloom.errors import UsageError
from wordloom.exporting.plain_json import plain_label, utf8_json
from wordloom.exporting.text_rules import text_rules
from wordloom.models.compact_ngrams import compact_pairs, in_steps
from wordloom.models.ngram import NgramNetwork
from wordloom.targets import GRADED, label_thresholds
from wordloom.text.conventions import START_NAME
from wordloom.text.vocabulary import Vocabulary
from wordloom.text_model import TextModel

FORMAT = 1
MAGIC = b"wordloom"
MODEL, MODULE, PAGE = "model.bin", "wordloom.js", "index.html"


def write_web_folder(model: TextModel, path: str | os.PathLike[str]) -> None:
    """Write the model, the module and an example page to a folder; other files in it stay.

    Raises UsageError for a network that is not made of n-grams, and for a tokenizer that is a function.
    """
    packed = web_file(model)
    static = importlib.resources.files("wordloom.exporting") / "browser"
    contents = [packed, (static / MODULE).read_bytes(), (static / PAGE).read_bytes()]
    with replacing_files(path, (MODEL, MODULE, PAGE)) as files:
        for file, content in zip(files, contents, strict=True):
            file.write_bytes(content)


def web_file(model: TextModel) -> bytes:
    """The bytes of the file; the same model gives the same ones."""
    network = model.network
    if not isinstance(network, NgramNetwork):
        raise UsageError(
            f"A model of the architecture {network.shape.architecture!r} has no form for browsers yet; those "
            "of 'ngram' have. --onnx writes the network for ONNX runtimes, which run in browsers as well."
        )
    arrays = _arrays(network, 0)
    header: dict[str, Any] = {
        "format": FORMAT,
        "labels": [plain_label(label) for label in model.labels],
        "target": model.target,
        "thresholds": label_thresholds(model.thresholds, len(model.labels)).tolist(),
        "text": text_rules(model.tokenizer, model.vocabulary.words),
        **_vocabulary(model.vocabulary, network),
        "alphabet": [],
        "shift": 0,
        "tables": [_table(network)],
    }
    if model.target == GRADED:
        header["explained"] = header["labels"][-1]  # whatever the grade, as in Python
    alphabet = model.vocabulary.alphabet
    if network.characters is not None and alphabet is not None:
        # the number of a character and its row are this far apart
        header["shift"] = model.vocabulary.first_character - network.characters.shape.first_word
        header["tables"].append(_table(network.characters))
        header["alphabet"] = alphabet.codes.tolist()
        arrays += _arrays(network.characters, 1)
    header["arrays"] = [[place, name, array.dtype.str[1:], array.size] for place, name, array in arrays]
    text = utf8_json(header)
    parts = [MAGIC, len(text).to_bytes(4, "little"), text, *(_byte_planes(array) for _, _, array in arrays)]
    return gzip.compress(b"".join(parts), compresslevel=9, mtime=0)


def _vocabulary(vocabulary: Vocabulary, network: NgramNetwork) -> dict[str, Any]:
    """The words and the rows of words and marks: -1 breaks n-grams, null is left out."""
    ids, shape = vocabulary.convention, network.shape
    first_id = ids.index_from + 1
    skipped = max(ids.skip_top - first_id, 0)
    unknown = None if ids.unknown is None else max(ids.unknown - shape.first_word, -1)
    start = ids.start
    if start is not None:
        start = unknown if start < ids.skip_top else max(start - shape.first_word, -1)
    cut = [0] if shape.maxlen is None else [-shape.maxlen] if shape.truncating == "pre" else [0, shape.maxlen]
    return {
        "words": vocabulary.words[skipped:],
        "firstRow": first_id + skipped - shape.first_word,
        "unknown": unknown,
        "before": [] if start is None else [[start, -1, START_NAME, 0]],
        "cut": cut,
    }


def _table(network: NgramNetwork) -> dict[str, Any]:
    shape = network.shape
    rows = shape.n_words + shape.n_ngrams
    return {"rows": rows, "singles": shape.n_words, "longest": shape.longest, "meanRows": shape.mean_rows}


def _arrays(network: NgramNetwork, place: int) -> list[tuple[int, str, NDArray[Any]]]:
    """The arrays of a table, with its place among the tables and their names."""
    pairs = compact_pairs(network.pairs, network.shape.n_words)
    steps = network.steps
    weights = network.weights if steps is None else in_steps(network.weights, steps)
    named = {
        "firstSteps": pairs["first_steps"],
        "lastWords": pairs["last_words"],
        "weights": weights,
        "bias": network.bias,
    }
    if steps is not None:
        named["steps"] = steps
    return [(place, name, array) for name, array in named.items()]


def _byte_planes(array: NDArray[Any]) -> bytes:
    little = np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("<")).reshape(-1)
    return little.view(np.uint8).reshape(-1, array.itemsize).T.tobytes()
