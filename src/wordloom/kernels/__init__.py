"""The hot loops: each compiled module stands beside its plain twin with the same names and signatures.

The functions below pick between the two by the size of the work, so that tiny inputs take the plain twin:
nothing is compiled or loaded for a ten-sentence example or a single prediction. Where both give the same
bits, smaller work is compiled too once the process has loaded compiled code; where they add in different
orders, size alone decides. So the same data always gets the same result. `WORDLOOM_KERNELS=plain` or
`=compiled` forces one of them.
"""

from __future__ import annotations

import functools
import importlib
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

# A compiled twin is picked where the plain one takes about as long as a new process needs to load compiled
# code from its cache: about a second on the machine where `benchmarks/kernel_choice.py` measured both, and
# next to nothing for every further kernel. Texts go through several kernels (words, n-grams, sums), so
# what they do together counts: alone, those of the first line would be worth loading at two or three times
# these sizes. What is counted is trained on next, for which compiled code is loaded anyhow.
_BYTES_WORTH_COMPILING, _IDS_WORTH_COMPILING = 4_000_000, 500_000
_DECIMAL_BYTES_WORTH_COMPILING = 16_000_000
_SUBWORD_BYTES_WORTH_COMPILING = 150_000
_ROWS_WORTH_COMPILING = 100_000
_COUNTED_IDS_WORTH_COMPILING = 150_000
_VISITS_WORTH_COMPILING = 400_000
_DOCUMENTS_WORTH_COMPILING = 8_000
_TARGETS_WORTH_COMPILING = 12_000
_WORDS_WORTH_COMPILING = 40_000
# So many rows of a document take the plain linear training as long as the document itself.
_ROWS_AS_LONG_AS_A_DOCUMENT = 4_000
# Multiplying the vector of an id by so many rows takes the plain kernels as long as fetching it.
_UNITS_AS_LONG_AS_AN_ID = 16
# Where compiled code is loaded already, a further kernel is worth loading for so much less.
_LESS_WHERE_LOADED = 200
# And for so much less still, if the process has used it before.
_LESS_WHERE_USED = 900
_throughout = False


def token_kernels(n_bytes: int) -> ModuleType:
    """`kernels.tokens` or `kernels.tokens_compiled`, for texts of `n_bytes` bytes."""
    return _pick_of_same("tokens", n_bytes / _BYTES_WORTH_COMPILING)


def decimal_kernels(n_bytes: int) -> ModuleType:
    """`kernels.vector_text` or `kernels.vector_text_compiled`, for decimal numbers of `n_bytes` bytes."""
    return _pick("vector_text", n_bytes >= _DECIMAL_BYTES_WORTH_COMPILING)


def training_kernels(visits: int) -> ModuleType:
    """`kernels.pooled` or `kernels.pooled_compiled` to train on `visits` ids, repetitions included."""
    return _pick("pooled", visits >= _VISITS_WORTH_COMPILING)


def predicting_kernels(n_ids: int, units: int = 0) -> ModuleType:
    """`kernels.pooled` or `kernels.pooled_compiled` to predict documents of `n_ids` ids.

    `units` says with how many rows of weights the vector of each id is multiplied, if not only their mean is.
    """
    return _pick("pooled", n_ids * (1 + units / _UNITS_AS_LONG_AS_AN_ID) >= _IDS_WORTH_COMPILING)


def subword_kernels(n_bytes: int) -> ModuleType:
    """`kernels.subwords` or `kernels.subwords_compiled`, for words of `n_bytes` bytes."""
    return _pick("subwords", n_bytes >= _SUBWORD_BYTES_WORTH_COMPILING)


def hashed_ngram_kernels(n_bytes: int) -> ModuleType:
    """`kernels.hashed_ngrams` or its compiled twin, for lines of `n_bytes` bytes."""
    return _pick_of_same("hashed_ngrams", n_bytes / _SUBWORD_BYTES_WORTH_COMPILING)


def coded_kernels(n_rows: int) -> ModuleType:
    """`kernels.coded_rows` or its compiled twin, to add up or multiply `n_rows` rows."""
    return _pick_of_same("coded_rows", n_rows / _ROWS_WORTH_COMPILING)


def ngram_kernels(n_ids: int) -> ModuleType:
    """`kernels.ngrams` or `kernels.ngrams_compiled`, to find n-grams in documents of `n_ids` words."""
    return _pick_of_same("ngrams", n_ids / _IDS_WORTH_COMPILING)


def average_kernels(n_ids: int) -> ModuleType:
    """The same, for averages of the vectors of `n_ids` words or n-grams."""
    return _pick("ngrams", n_ids >= _IDS_WORTH_COMPILING)


def ngram_counting_kernels(n_ids: int) -> ModuleType:
    """`kernels.ngram_counting` or `kernels.ngram_counting_compiled`, for documents of `n_ids` ids."""
    return _pick_of_same("ngram_counting", n_ids / _COUNTED_IDS_WORTH_COMPILING)


def product_kernels(n_ids: int) -> ModuleType:
    """`kernels.row_products` or its compiled twin, for features of documents of `n_ids` words or n-grams."""
    return _pick("row_products", n_ids >= _IDS_WORTH_COMPILING)


def linear_kernels(rows: int) -> ModuleType:
    """`kernels.linear` or `kernels.linear_compiled`, to add up the weights of `rows` rows of documents."""
    return _pick_of_same("linear", rows / (2 * _IDS_WORTH_COMPILING))


def linear_training_kernels(documents: int, rows: int) -> ModuleType:
    """The same, to train on so many documents that hold so many rows in all, repetitions included."""
    documents += rows // _ROWS_AS_LONG_AS_A_DOCUMENT
    return _pick("linear", documents >= _DOCUMENTS_WORTH_COMPILING)


def learning_kernels(visits: int) -> ModuleType:
    """`kernels.document_cbow` or `kernels.document_cbow_compiled`, to predict `visits` n-grams in all."""
    return _pick("document_cbow", visits >= _TARGETS_WORTH_COMPILING)


def skipgram_kernels(visits: int) -> ModuleType:
    """`kernels.skipgram` or `kernels.skipgram_compiled`, to learn from `visits` words in all."""
    return _pick("skipgram", visits >= _WORDS_WORTH_COMPILING)


@contextmanager
def compiled_throughout() -> Iterator[None]:
    """Compiled kernels for work of any size: for a process that runs on, such as a server.

    It loads them once and then answers many small questions, which takes the compiled ones a fraction of the
    time. `WORDLOOM_KERNELS` goes before this.
    """
    global _throughout
    before, _throughout = _throughout, True
    try:
        yield
    finally:
        _throughout = before


def index_of(owner: object, kernels: ModuleType, build: Callable[[], Any]) -> Any:
    """What `build` makes for these kernels to look things up in; made once and kept with its owner."""
    indexes: dict[str, Any] = vars(owner).setdefault("_indexes", {})
    if kernels.__name__ not in indexes:
        indexes[kernels.__name__] = build()
    return indexes[kernels.__name__]


def _pick_of_same(name: str, size: float) -> ModuleType:
    """One of twins that give the same bits, for work of `size` times what is worth loading compiled code."""
    less = 1
    if "wordloom.kernels.compiling" in sys.modules:
        used = f"wordloom.kernels.{name}_compiled" in sys.modules
        less = _LESS_WHERE_USED if used else _LESS_WHERE_LOADED
    return _pick(name, size * less >= 1)


def _pick(name: str, compiled: bool) -> ModuleType:
    forced = os.environ.get("WORDLOOM_KERNELS", "")
    compiled = forced == "compiled" if forced in ("plain", "compiled") else compiled or _throughout
    return _module(f"{name}_compiled" if compiled else name)


@functools.cache
def _module(name: str) -> ModuleType:
    return importlib.import_module(f"wordloom.kernels.{name}")
