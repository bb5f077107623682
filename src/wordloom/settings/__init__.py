"""Settings: the one home of every parameter of a model and its training.

The fields below are the signature of `TextClassifier`, the options of `wordloom train`, the `settings` in a
saved model's `config.json` and the table in `docs/settings.md`; adding one here adds it everywhere. Values
are checked by `Settings.checked`, not when they are set, as scikit-learn asks of its estimators. Which
setting applies to which architecture stands in `wordloom.architectures`.
"""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from wordloom.architectures import ARCHITECTURES, COMBINED_POOLINGS, scope
from wordloom.errors import UsageError, did_you_mean
from wordloom.setting import AUTO, NORMAL_FORMS, Range, rows_of
from wordloom.setting import setting as _setting
from wordloom.settings.applicability import Unused, has_convex_output, refuse_unused, unused
from wordloom.settings.markdown import as_markdown
from wordloom.settings.values import (
    RANDOM_STATES,
    frozen_epochs,
    is_random_state,
    plain,
    wrong_values,
)

__all__ = [
    "BATCH",
    "DIMENSIONS",
    "ID_CONVENTIONS",
    "NORMAL_FORMS",
    "OPTIMIZERS",
    "RANDOM_STATES",
    "Settings",
    "Unused",
    "describe",
    "from_names",
    "frozen_epochs",
    "has_convex_output",
    "is_random_state",
    "refuse_unused",
    "settings_table",
    "to_config",
    "unknown_names",
    "unused",
    "values_of",
    "without_unused",
]

OPTIMIZERS = {"adam": 0.001, "rmsprop": 0.001, "sgd": 0.01}
"""The optimizers with Keras' default learning rates."""
DIMENSIONS = 50
"""The width of learned word vectors where none is given."""
ID_CONVENTIONS = ("plain", "plain-unknown", "plain-start", "imdb")
BATCH = "batch"
"""The solver of a convex problem over all texts at once."""
SIDES = ("pre", "post")
VALIDATION_MODES = ("stratified", "tail")
OPTIMIZED = (AUTO, "accuracy", "macro-f1", "micro-f1")
WORD_WEIGHTS = ("auto", "none", "idf", "sif")
UNKNOWN_VECTORS = ("zeros", "random", "subword", "nearest")


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Settings:
    """Every parameter with its default; `wordloom.settings.describe` says what each is for."""

    architecture: str = _setting(
        "auto",
        "network",
        "kind of model: mean and max pool the vectors of a text's words, pooled has several poolings side "
        "by side, flatten the vectors in their order; ngram has a weight for every word and n-gram; "
        "documents has vectors of whole documents, learned from texts with and without labels; lstm, gru, "
        "bilstm and cnn need Keras. auto means one chosen by the labels and texts, which is told",
        (AUTO, *ARCHITECTURES),
    )
    dimensions: int | str = _setting(
        AUTO,
        "network",
        "width D of the word vectors; auto means 50 (documents: 100)",
        numbers=Range(1, 100000),
    )
    pooling: str = _setting(
        COMBINED_POOLINGS[0],
        "network",
        "poolings of pooled that stand side by side: mean, largest and smallest value of each dimension "
        "of the word vectors",
        COMBINED_POOLINGS,
    )
    hidden: int = _setting(0, "network", "units H of a hidden ReLU layer; 0 for none", numbers=Range(0, 1e6))
    units: int = _setting(
        128,
        "network",
        "units of an lstm or gru (each way of a bilstm), filters of a cnn",
        numbers=Range(1, 100000),
    )
    layers: int = _setting(
        1, "network", "recurrent or convolutional layers, one on top of the other", numbers=Range(1, 100)
    )
    kernel_size: int = _setting(5, "network", "words in one window of a cnn", numbers=Range(1, 10000))
    ngrams: int | str = _setting(
        AUTO,
        "network",
        "longest n-gram, in words; auto means 4 from a million words on, else 2",
        numbers=Range(1, 16),
    )
    min_documents: int | str = _setting(
        AUTO,
        "network",
        "drop n-grams that occur in fewer training texts; auto means 2 from a million words on, else 1",
        numbers=Range(1, 1e9),
    )
    characters: int | str = _setting(
        "auto",
        "network",
        "longest n-gram of characters inside words; 0 for none. auto means 5, but 0 with maxlen, skip_top "
        "or max_document_frequency, and for a million words or more in long texts",
        numbers=Range(0, 16),
    )
    max_ngrams: int = _setting(
        10_000_000,
        "network",
        "most n-grams to keep: those that occur in the most texts",
        numbers=Range(0, 2**30),
    )
    max_size: int | None = _setting(
        None,
        "network",
        "largest size of the saved n-gram model, in bytes; the least influential n-grams are pruned to "
        "keep within it",
        numbers=Range(1, 2**62),
    )
    dropout: float | str = _setting(
        AUTO,
        "network",
        "share of units dropped in training before the output layer (ngram: of n-grams); auto means 0 "
        "(ngram with long texts: 0.5)",
        numbers=Range(0, 0.99),
    )
    word_dropout: float = _setting(
        0.0, "network", "share of words dropped from each document in training", numbers=Range(0, 0.99)
    )
    mask_padding: bool = _setting(
        True,
        "network",
        "leave padding out of mean, max, pooled and recurrent layers; if off, they run over all maxlen "
        "positions",
    )
    num_words: int | str | None = _setting(
        "auto",
        "text",
        "number of ids V, reserved ones included: the most frequent words. none keeps all words, auto "
        "means 20,000 (ngram, documents: all)",
        numbers=Range(2, 2**31 - 1),
    )
    min_count: int = _setting(
        1, "text", "drop words that occur less often in the training texts", numbers=Range(1, 2**62)
    )
    max_document_frequency: float = _setting(
        1.0,
        "text",
        "drop words that occur in a larger share of the training texts",
        numbers=Range(0, 1, open=True),
    )
    skip_top: int = _setting(
        0, "text", "the most frequent words that count as unknown", numbers=Range(0, 2**31 - 1)
    )
    ids: str = _setting(
        "auto",
        "text",
        "id convention: plain (words from 1, unknown words left out), plain-unknown (1 unknown, words "
        "from 2), plain-start (1 unknown, 2 start, words from 3), imdb (1 start, 2 unknown, words from "
        "4). auto means plain (ngram: plain-start, documents: plain-unknown)",
        ("auto", *ID_CONVENTIONS),
    )
    maxlen: int | str | None = _setting(
        AUTO,
        "text",
        "longest text in ids; none for no limit. auto means none (flatten, lstm, gru, bilstm, cnn: 95 % of "
        "the texts fit, at most 500)",
        numbers=Range(1, 1e6),
    )
    padding: str = _setting("pre", "text", "side on which short texts are padded", SIDES)
    truncating: str = _setting("pre", "text", "side on which long texts are cut", SIDES)
    lower: bool = _setting(True, "text", "make all letters lower case")
    filters: str = _setting(
        AUTO,
        "text",
        "characters that separate words besides spaces; auto means Keras' list (ngram, documents: all of "
        "Unicode's punctuation and white space too)",
    )
    strip_html: bool | str = _setting(
        AUTO, "text", "remove tags and resolve entities such as &amp;; auto means off (ngram, documents: on)"
    )
    keep_punctuation: bool | str = _setting(
        AUTO, "text", "make punctuation marks words of their own; auto means off (ngram: on)"
    )
    strip_accents: bool = _setting(False, "text", "remove accents")
    split_characters: bool = _setting(
        True,
        "text",
        "make each character of a script without spaces (Chinese, Japanese, Thai, Lao, Khmer, Burmese) "
        "and each emoji a word of its own; off is for texts whose words are separated already",
    )
    normalization: str | None = _setting(
        "NFC",
        "text",
        "Unicode normal form that texts are brought into first. NFC: é is the same as one character and "
        "as e with an accent behind it; NFKC: full-width letters and ligatures become plain letters too; "
        "none leaves texts as they are",
    )
    tokenizer: Callable[[str], Sequence[str]] | None = _setting(
        None, "text", "own function from a text to a list of words, instead of the rules (Python only)"
    )
    vectors: Any = _setting(
        None,
        "vectors",
        "pretrained word vectors to start from, a file or a WordVectors; their width replaces dimensions",
    )
    trainable: bool | str = _setting(
        True, "vectors", "whether the word vectors learn: yes, no, or 'after N epochs'"
    )
    pull_back: float = _setting(
        0.0,
        "vectors",
        "strength of an L2 penalty that pulls the vectors of a batch's words back to those they started from",
        numbers=Range(0, 1e6),
    )
    unknown_vectors: str = _setting(
        "zeros",
        "vectors",
        "how words without a pretrained vector start: zeros; random, like the table's columns; subword, "
        "from the n-grams of a fastText model; nearest, from words with almost the same spelling",
        UNKNOWN_VECTORS,
    )
    word_weights: str = _setting(
        "auto",
        "vectors",
        "weight of each word in the mean of frozen vectors: none (all the same), idf (inverse document "
        "frequency), sif (a / (a + p) for a word of frequency p). auto means sif with the optimizer "
        "convex, else none",
        WORD_WEIGHTS,
    )
    optimizer: str = _setting(
        "auto",
        "training",
        "optimizer, with Keras' defaults; convex solves for the output layer over frozen word vectors, "
        "with an L2 penalty chosen by cross-validation. auto means convex for frozen vectors with mean, "
        "max or pooled, if hidden, epochs and learning_rate are not set, else adam",
        ("auto", *OPTIMIZERS, "convex"),
    )
    solver: str = _setting(
        AUTO,
        "training",
        "how the weights of n-grams are found: auto by gradient steps, one text at a time (with few "
        "labels by least squares); batch by L-BFGS on the log loss of all texts, with an L2 penalty on "
        "the distance from naive Bayes' ratios, which several processes or machines can share. Each epoch "
        "of batch is a strength of the penalty, and the texts held out for validation choose one",
        (AUTO, BATCH),
    )
    learning_rate: float | str = _setting(
        AUTO,
        "training",
        "learning rate; auto means Keras' default for the optimizer. For ngram one step changes a text's "
        "logit by the rate times its error, and auto means 2.5",
        numbers=Range(0, 1000),
    )
    batch_size: int = _setting(32, "training", "documents in one step", numbers=Range(1, 1e7))
    epochs: int | str = _setting(
        AUTO,
        "training",
        "passes over the texts; auto means until the validation loss stops falling (at most 100), or "
        "1,000 steps without validation data",
        numbers=Range(1, 1e6),
    )
    patience: int | None = _setting(
        2,
        "training",
        "epochs without a better validation loss before training stops; none never stops early",
        numbers=Range(0, 1e6),
    )
    validation_split: float = _setting(
        0.1, "training", "share of texts held out for validation; 0 for none", numbers=Range(0, 0.9)
    )
    validation_mode: str = _setting(
        "stratified",
        "training",
        "how texts are held out: stratified (by class, at random from the seed) or tail (the last rows, "
        "as in Keras)",
        VALIDATION_MODES,
    )
    calibrate: bool = _setting(
        True,
        "training",
        "make probabilities match the share of answers that are right: logits are scaled on the texts "
        "held out for validation, if there are 200 or more; with documents the logits of short texts are "
        "reduced as well",
    )
    optimize: str = _setting(
        AUTO,
        "training",
        "score that answers are tuned for on the texts held out for validation, if there are 200 or more. "
        "accuracy leaves answers as they are; macro-f1 shifts logits, if each class has 5 of these texts "
        "or more. For several labels micro-f1 and macro-f1 choose thresholds, and accuracy means a half. "
        "auto means accuracy, for several labels micro-f1",
        OPTIMIZED,
    )
    class_weight: Mapping[Any, float] | str | None = _setting(
        None,
        "training",
        "weight of each class in the loss: 'balanced', none, or a mapping (Python only)",
    )
    threads: int | None = _setting(
        None,
        "training",
        "threads to use; none means all cores. The result does not depend on it",
        numbers=Range(1, 4096),
    )
    random_state: Any = _setting(
        None, "training", "seed of every random choice; none means a new one each time"
    )
    verbose: int = _setting(0, "training", "1 shows the progress of training")

    def checked(self) -> Settings:
        """A copy with plain numbers (a NumPy 8 or 8.0 becomes 8).

        Raises UsageError that names every setting with a value that has no meaning, or that plays no part in
        the architecture (with "auto" that is known in `fit`).
        """
        if wrong := wrong_values(self):
            raise UsageError("; ".join(wrong) + ".")
        checked = Settings(
            **{item.name: plain(item, getattr(self, item.name)) for item in dataclasses.fields(Settings)}
        )
        refuse_unused(checked)
        return checked


def values_of(settings: Settings) -> dict[str, Any]:
    """Name -> value of every setting."""
    return {item.name: getattr(settings, item.name) for item in dataclasses.fields(Settings)}


def to_config(settings: Settings) -> dict[str, Any]:
    """The settings as JSON holds them; an own tokenizer is kept elsewhere (see `Tokenizer.to_config`)."""
    values = values_of(settings)
    del values["tokenizer"]
    table = values["vectors"]
    if isinstance(table, str | os.PathLike):
        values["vectors"] = os.path.basename(table)
    elif table is not None:
        values["vectors"] = getattr(table, "name", "vectors of documents")
    weights = values["class_weight"]
    if isinstance(weights, Mapping):
        values["class_weight"] = [[_plain_key(label), float(weight)] for label, weight in weights.items()]
    if not isinstance(values["random_state"], int | None):
        values["random_state"] = None
    return values


def without_unused(settings: Settings, keep: Iterable[str] = ()) -> Settings:
    """The settings with the default in the place of what plays no part, but for those to `keep`."""
    default, kept = Settings(), set(keep)
    names = [found.name for found in unused(settings) if found.name not in kept]
    return dataclasses.replace(settings, **{name: getattr(default, name) for name in names})


def describe() -> list[dict[str, Any]]:
    """One row a setting: name, group, default, choices, what it is for, and which architectures have it."""
    return [{**row, "scope": scope(row["name"])} for row in rows_of(Settings)]


def settings_table() -> str:
    """The settings as Markdown: a heading and a table for each group."""
    return as_markdown(describe())


def from_names(values: Mapping[str, Any]) -> Settings:
    """Settings from names and values; UsageError lists every unknown name, with near ones."""
    unknown = unknown_names(values)
    if unknown:
        raise UsageError(" ".join(f"unknown setting {name!r}. {near}" for name, near in unknown.items()))
    return Settings(**values)


def unknown_names(names: Iterable[str]) -> dict[str, str]:
    """Those of the names that are no settings, each with a sentence that offers near ones."""
    known = {item.name for item in dataclasses.fields(Settings)}
    return {name: did_you_mean(name, sorted(known)) for name in names if name not in known}


def _plain_key(label: Any) -> Any:
    return label.item() if hasattr(label, "item") else label  # NumPy's scalars
