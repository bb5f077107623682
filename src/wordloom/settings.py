"""Settings: the one home of every parameter of a model and its training.

The fields below are the signature of `TextClassifier`, the options of `wordloom train`, the `settings` in a
saved model's `config.json` and the table in `docs/settings.md`; adding one here adds it everywhere. Values
are checked by `Settings.checked`, not when they are set, as scikit-learn asks of its estimators.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from wordloom.errors import UsageError, did_you_mean

ARCHITECTURES = ("mean", "max", "flatten")
OPTIMIZERS = {"adam": 0.001, "rmsprop": 0.001, "sgd": 0.01}
"""The optimisers with Keras' default learning rates."""
ID_CONVENTIONS = ("plain", "plain-unknown", "imdb")
SIDES = ("pre", "post")
VALIDATION_MODES = ("stratified", "tail")


def _setting(default: Any, group: str, about: str, choices: Sequence[str] = ()) -> Any:
    return field(default=default, metadata={"group": group, "about": about, "choices": tuple(choices)})


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Settings:
    """Every parameter with its default; `wordloom.settings.describe` says what each is for."""

    architecture: str = _setting(
        "mean", "network", "how the words' vectors become one vector of the document", ARCHITECTURES
    )
    dimensions: int = _setting(50, "network", "width D of the word vectors")
    hidden: int = _setting(0, "network", "units H of a hidden ReLU layer; 0 for none")
    dropout: float = _setting(0.0, "network", "share of units dropped before the output layer")
    word_dropout: float = _setting(0.0, "network", "share of words dropped from each document in training")
    mask_padding: bool = _setting(
        True, "network", "leave padding out of mean and max; off, they run over all maxlen positions"
    )
    num_words: int | None = _setting(
        20_000, "text", "number of ids V, reserved ones included: the most frequent words; none for all"
    )
    min_count: int = _setting(1, "text", "drop words that occur less often in the training texts")
    max_document_frequency: float = _setting(
        1.0, "text", "drop words that stand in a larger share of the training texts"
    )
    skip_top: int = _setting(0, "text", "the most frequent words that count as unknown")
    ids: str = _setting(
        "plain",
        "text",
        "id convention: plain (words from 1, unknown words left out), plain-unknown (1 unknown, words from "
        "2), imdb (1 start, 2 unknown, words from 4)",
        ID_CONVENTIONS,
    )
    maxlen: int | None = _setting(
        None, "text", "longest text in ids; none means no limit (flatten: 95 % of the texts fit, at most 500)"
    )
    padding: str = _setting("pre", "text", "side on which short texts are padded", SIDES)
    truncating: str = _setting("pre", "text", "side on which long texts are cut", SIDES)
    lower: bool = _setting(True, "text", "lower the text")
    filters: str | None = _setting(
        None, "text", "characters that separate words besides spaces; none for Keras' list"
    )
    strip_html: bool = _setting(False, "text", "remove tags and resolve entities such as &amp;")
    keep_punctuation: bool = _setting(False, "text", "punctuation marks become words of their own")
    strip_accents: bool = _setting(False, "text", "remove accents")
    tokenizer: Callable[[str], Sequence[str]] | None = _setting(
        None, "text", "own function from a text to a list of words, instead of the rules (Python only)"
    )
    optimizer: str = _setting("adam", "training", "optimiser, with Keras' defaults", tuple(OPTIMIZERS))
    learning_rate: float | None = _setting(
        None, "training", "learning rate; none for Keras' default of the optimiser"
    )
    batch_size: int = _setting(32, "training", "documents in one step")
    epochs: int | None = _setting(
        None,
        "training",
        "passes over the texts; none trains until the validation loss stops falling (at most 100 passes), "
        "without validation data for 1,000 steps",
    )
    patience: int | None = _setting(
        2, "training", "epochs without a better validation loss before training stops; none never stops"
    )
    validation_split: float = _setting(
        0.1, "training", "share of the texts held out for validation; 0 for none"
    )
    validation_mode: str = _setting(
        "stratified",
        "training",
        "stratified (seeded, by class) or tail (Keras': the last rows)",
        VALIDATION_MODES,
    )
    class_weight: Mapping[Any, float] | str | None = _setting(
        None,
        "training",
        "weight of each class in the loss: a mapping, 'balanced', or none (Python only for a mapping)",
    )
    threads: int | None = _setting(
        None, "training", "threads to use; none for all cores. The result does not depend on it"
    )
    random_state: Any = _setting(None, "training", "seed of every random choice; none draws a new one")
    verbose: int = _setting(0, "training", "1 shows the progress of training")

    def checked(self) -> Settings:
        """A plain copy of these settings; UsageError says what is wrong with all of those that are."""
        wrong = [*_wrong_choices(self), *_wrong_numbers(self)]
        if wrong:
            raise UsageError("; ".join(wrong) + ".")
        return Settings(**values_of(self))


def values_of(settings: Settings) -> dict[str, Any]:
    """Name -> value of every setting."""
    return {item.name: getattr(settings, item.name) for item in dataclasses.fields(Settings)}


def to_config(settings: Settings) -> dict[str, Any]:
    """The settings as JSON holds them; an own tokenizer is kept elsewhere (see `Tokenizer.to_config`)."""
    values = values_of(settings)
    del values["tokenizer"]
    weights = values["class_weight"]
    if isinstance(weights, Mapping):
        values["class_weight"] = [[label, float(weight)] for label, weight in weights.items()]
    if not isinstance(values["random_state"], int | None):
        values["random_state"] = None
    return values


def describe() -> list[dict[str, Any]]:
    """One row a setting: name, group, default, choices and what it is for."""
    return [
        {"name": item.name, "default": item.default, **item.metadata} for item in dataclasses.fields(Settings)
    ]


def from_names(values: Mapping[str, Any]) -> Settings:
    """Settings from names and values; UsageError lists every unknown name, with near ones."""
    known = {item.name for item in dataclasses.fields(Settings)}
    unknown = [
        f"unknown setting {name!r}. {did_you_mean(name, sorted(known))}"
        for name in values
        if name not in known
    ]
    if unknown:
        raise UsageError(" ".join(unknown))
    return Settings(**values)


def _wrong_choices(settings: Settings) -> list[str]:
    wrong = []
    for item in dataclasses.fields(Settings):
        choices, value = item.metadata["choices"], getattr(settings, item.name)
        if choices and value not in choices:
            wrong.append(f"{item.name} must be one of {', '.join(choices)}, not {value!r}")
    return wrong


# name: (lowest, highest, whether None is allowed, whether it must be whole)
_RANGES: dict[str, tuple[float, float, bool, bool]] = {
    "dimensions": (1, 1e5, False, True),
    "hidden": (0, 1e6, False, True),
    "dropout": (0, 0.99, False, False),
    "word_dropout": (0, 0.99, False, False),
    "num_words": (2, 2**31 - 1, True, True),
    "min_count": (1, 2**62, False, True),
    "max_document_frequency": (0, 1, False, False),
    "skip_top": (0, 2**31 - 1, False, True),
    "maxlen": (1, 1e6, True, True),
    "learning_rate": (0, 1e3, True, False),
    "batch_size": (1, 1e7, False, True),
    "epochs": (1, 1e6, True, True),
    "patience": (0, 1e6, True, True),
    "validation_split": (0, 0.9, False, False),
    "threads": (1, 4096, True, True),
}


def _wrong_numbers(settings: Settings) -> list[str]:
    wrong = []
    for name, (lowest, highest, may_be_none, whole) in _RANGES.items():
        value = getattr(settings, name)
        if value is None and may_be_none:
            continue
        kind = "a whole number" if whole else "a number"
        number = isinstance(value, int | float) or hasattr(value, "__float__")
        if not number or isinstance(value, bool | str) or not lowest <= float(value) <= highest:
            wrong.append(f"{name} must be {kind} from {lowest:g} to {highest:g}, not {value!r}")
        elif whole and int(value) != value:
            wrong.append(f"{name} must be a whole number, not {value!r}")
    return wrong
