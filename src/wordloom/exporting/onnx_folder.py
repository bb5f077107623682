"""A folder with a model for ONNX runtimes: the network, the tokenizer's rules, an example in two languages.

The network takes ids, since ONNX has no operator that could replace by Unicode's rules; so texts become ids
outside, by `tokenizer.json`, which the examples read in some forty lines.
"""

from __future__ import annotations

import importlib.resources
import os
from typing import Any

from wordloom import __version__
from wordloom.atomic import replacing_files
from wordloom.exporting.onnx_graph import FILLER, onnx_model
from wordloom.exporting.plain_json import plain_label, utf8_json
from wordloom.exporting.text_rules import text_rules
from wordloom.targets import label_thresholds
from wordloom.text.vocabulary import Vocabulary
from wordloom.text_model import TextModel

NETWORK, TOKENIZER, EXAMPLE, SCRIPT, MODULE = (
    *("model.onnx", "tokenizer.json", "example.py", "example.mjs", "wordloom.js"),
)


def write_onnx_folder(model: TextModel, path: str | os.PathLike[str]) -> None:
    """Write the network, the tokenizer and the examples to a folder; other files in it stay.

    Raises UsageError for a network of Keras' layers and for a tokenizer that is a function,
    MissingExtraError without the package onnx.
    """
    static = importlib.resources.files("wordloom.exporting")
    rules = utf8_json(tokenizer_rules(model))
    contents = {
        NETWORK: onnx_model(model.network).SerializeToString(),
        TOKENIZER: rules,
        EXAMPLE: (static / "onnx_examples" / "example_python.txt").read_bytes(),
        SCRIPT: (static / "onnx_examples" / "example.mjs").read_bytes(),
        MODULE: (static / "browser" / MODULE).read_bytes(),
    }
    with replacing_files(path, contents) as files:
        for file, content in zip(files, contents.values(), strict=True):
            file.write_bytes(content)


def tokenizer_rules(model: TextModel) -> dict[str, Any]:
    """What makes ids of texts, and an answer of probabilities, as plain values."""
    shape = model.network.shape
    padded = getattr(shape, "padded", False)
    return {
        "wordloom": __version__,
        "labels": [plain_label(label) for label in model.labels],
        "target": model.target,
        "thresholds": label_thresholds(model.thresholds, len(model.labels)).tolist(),
        "text": text_rules(model.tokenizer, model.vocabulary.words),
        "lower": model.tokenizer.lower,
        **_ids(model.vocabulary),
        "maxlen": shape.maxlen,
        "keeps_end": getattr(shape, "truncating", "pre") == "pre",
        "padded": padded,
        "pads_before": padded and shape.padding == "pre",
        "filler": FILLER,
    }


def _ids(vocabulary: Vocabulary) -> dict[str, Any]:
    """The ids of words from the first on, of characters, and of marks; null for a word that is left out."""
    ids = vocabulary.convention
    first = ids.index_from + 1
    skipped = max(ids.skip_top - first, 0)
    start = ids.unknown if ids.start is not None and ids.start < ids.skip_top else ids.start
    alphabet = vocabulary.alphabet
    return {
        "words": vocabulary.words[skipped:],
        "first_word": first + skipped,
        "unknown": ids.unknown,
        "start": start,
        "alphabet": None if alphabet is None else alphabet.codes.tolist(),
        "first_character": vocabulary.first_character,
    }
