"""ModelConfig: what config.json of a model folder says of the model, every value checked.

The meaning of the values is that of `TextModel`; the arrays and words that they describe stand in the other
two files and are compared with them by `TextModel.load`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wordloom.errors import DataError
from wordloom.plain_values import check_ranges, checked, from_plain
from wordloom.storage import StoredModel
from wordloom.targets import GRADED, SINGLE
from wordloom.text.characters import Alphabet
from wordloom.text.conventions import IdConvention
from wordloom.text.vocabulary import Vocabulary

COUNTS = "word_counts", "word_document_counts"
"""Arrays with a number for each word, besides those of the network."""
CHARACTERS = "characters"
"""The array of the alphabet's code points, where a model has characters."""
KEPT_BUCKETS = "kept_buckets"
"""The array of hashed n-grams that were kept, where a model has such n-grams and some were pruned."""
_SECTIONS = ("settings", "data", "scores", "size", "head", "choice", "vectors", "optimized")


# What is calculated with, where a record has it; the other entries are shown as they are.
_OPTIONAL: dict[str, Any] = {"settings.max_size": int | None, "data.trained_on": int}
_REQUIRED: dict[str, dict[str, Any]] = {
    "vectors": {"name": str, "words": int, "words_known": int, "running_words_known": float},
    "scores.test": {"name": str, "n": int},
}
_REQUIRED_OF_CLASSES = {"scores.test": {"accuracy": float, "accuracy_interval": list[float]}}


@dataclass(frozen=True)
class ModelConfig:
    """Plain values; see `TextModel` for what they mean.

    Parameters
    ----------
    kind : of the network (see `wordloom.models.kinds`)
    labels : C different ones
    tokenizer, ids, network, training : the values of Tokenizer, IdConvention, the network's shape, History
    n_documents : how many texts the vocabulary was made from
    record : how the model came about
    thresholds : of several labels, from which probability on each is given
    hashed : the values of `HashedNgrams`; None without
    """

    kind: str
    labels: list[Any]
    tokenizer: dict[str, Any]
    ids: dict[str, Any]
    n_documents: int
    network: dict[str, Any]
    record: dict[str, Any]
    training: dict[str, Any]
    thresholds: list[float] = field(default_factory=list)
    hashed: dict[str, Any] | None = None

    def __post_init__(self) -> None:
        check_ranges(self, n_documents=(0, 2**62))
        for place, label in enumerate(self.labels):
            if self.network.get("target") == GRADED:
                checked(label, float, f"labels.{place}")
            elif type(label) is not str and type(label) is not int:  # numbers may have any number of digits
                raise DataError(
                    f"the entry 'labels.{place}' must be a string or a whole number, not {label!r:.60}."
                )
        for name in _SECTIONS:
            if not isinstance(self.record.get(name, {}), dict | None):
                raise DataError(f"'record.{name}' must be an object.")

        self._check_record()

    def _check_record(self) -> None:
        for place, hint in _OPTIONAL.items():
            section, name = place.split(".")
            if name in (self.record.get(section) or {}):
                checked(self.record[section][name], hint, f"record.{place}")
        for where, entries in _REQUIRED.items():
            _check_entries(_inside(self.record, where), entries, f"record.{where}")
        if self.network.get("target", SINGLE) == SINGLE:
            for where, entries in _REQUIRED_OF_CLASSES.items():
                _check_entries(_inside(self.record, where), entries, f"record.{where}")

    def to_config(self) -> dict[str, Any]:
        """As plain values for JSON; without what plays no part, where earlier versions did not have it."""
        return {name: v for name, v in vars(self).items() if v or name not in ("thresholds", "hashed")}

    @staticmethod
    def read(config: Mapping[str, Any]) -> ModelConfig:
        """From config.json; entries that are not known are left out. Raises DataError that names an entry."""
        known = [field.name for field in fields(ModelConfig)]
        return from_plain(ModelConfig, {name: config[name] for name in known if name in config})

    def vocabulary(self, stored: StoredModel) -> Vocabulary:
        """The words with their counts; a compact model has none."""
        n_words = len(stored.words)
        if len(set(stored.words)) != n_words:
            raise DataError("a word stands in the vocabulary twice.")
        if "steps" in stored.arrays:
            counts = [np.zeros(n_words, dtype=np.int64)] * 2
        else:
            counts = [_counts(stored, name, n_words) for name in COUNTS]
        convention = from_plain(IdConvention, self.ids, "ids")
        codes = stored.arrays.get(CHARACTERS)
        alphabet = None if codes is None else Alphabet(codes)
        pruned = stored.arrays.get(KEPT_BUCKETS)
        hashed = None
        if self.hashed is not None:
            from wordloom.text.hashed_ngrams import HashedNgrams

            hashed = HashedNgrams.from_config(self.hashed, pruned)
        return Vocabulary(stored.words, counts[0], counts[1], self.n_documents, convention, alphabet, hashed)


def _inside(record: Mapping[str, Any], place: str) -> Any:
    found: Any = record
    for name in place.split("."):
        found = None if found is None else found.get(name)
    return found


def _check_entries(found: Any, entries: Mapping[str, Any], place: str) -> None:
    if found is None:
        return
    checked(found, dict, place)
    for name, hint in entries.items():
        checked(found.get(name), hint, f"{place}.{name}")


def _counts(stored: StoredModel, name: str, n_words: int) -> NDArray[np.int64]:
    found = stored.arrays.get(name)
    if found is None or found.dtype != np.int64 or found.shape != (n_words,):
        what = "none" if found is None else f"{found.dtype} of the shape {found.shape}"
        raise DataError(f"{n_words:,} words need as many whole numbers {name!r}, found {what}.")
    if (found < 0).any():
        raise DataError(f"{name!r} has a number below 0.")
    return found
