"""LearningSettings and SkipGramSettings: how vectors are learned from texts without labels."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from wordloom.errors import UsageError, did_you_mean
from wordloom.setting import setting


@dataclass(frozen=True, kw_only=True)
class _Checked:
    """What both kinds of settings can do."""

    @classmethod
    def from_names(cls, values: Mapping[str, Any]) -> Self:
        """Settings from names and values. Raises UsageError that names every unknown one, with near ones."""
        known = [field.name for field in dataclasses.fields(cls)]
        unknown = [
            f"unknown setting {name!r}. {did_you_mean(name, known)}" for name in values if name not in known
        ]
        if unknown:
            raise UsageError(" ".join(unknown))
        return cls(**values)

    def checked(self) -> Self:
        """The same settings. Raises UsageError that names every one with a value that has no meaning."""
        wrong = [
            f"{field.name} must be {_RANGES[field.name]}, not {value!r:.60}"
            for field in dataclasses.fields(self)
            if not _fits(field.name, value := getattr(self, field.name))
        ]
        if wrong:
            raise UsageError("; ".join(wrong) + ".")
        return self


@dataclass(frozen=True, kw_only=True)
class LearningSettings(_Checked):
    """Every parameter of learning vectors for documents; the defaults were chosen on movie reviews."""

    dimensions: int = setting(100, "learning", "width D of the vectors")
    epochs: int = setting(
        18, "learning", "passes over the texts; the learning rate falls in a straight line to 0 at the end"
    )
    learning_rate: float = setting(0.05, "learning", "the rate at the beginning")
    longest_ngram: int = setting(
        3, "learning", "words in the longest n-gram that has a vector; 1 for words only"
    )
    min_documents: int = setting(5, "learning", "words and n-grams in fewer texts have no vector")
    contexts: int = setting(48, "learning", "words and n-grams whose average predicts others of their text")
    targets: int = setting(
        16, "learning", "words and n-grams that are predicted from one average; of short texts fewer"
    )
    negatives: float = setting(10, "learning", "words and n-grams of other texts that count for each target")
    gap: int = setting(3, "learning", "contexts and targets begin at least so many words from each other")
    subsample: float = setting(
        1e-5,
        "learning",
        "rows that are a larger share than this of all n-grams are targets less often, as in word2vec",
    )
    emphasis: float = setting(
        1.5,
        "learning",
        "how much the directions in which documents differ most count in a document's vector, as a power "
        "of the spread; 0 leaves them as they are",
    )
    seed: int = setting(
        0, "learning", "of every random choice; the same seed gives the same bits, for any number of threads"
    )


@dataclass(frozen=True, kw_only=True)
class SkipGramSettings(_Checked):
    """Every parameter of skip-gram with negative sampling.

    The defaults are word2vec's, but for `epochs` and a `learning_rate` that is a little higher (0.025 there),
    since the words of a block move together.
    """

    dimensions: int = setting(100, "learning", "width D of the vectors")
    window: int = setting(
        10,
        "learning",
        "words to each side of a word that are paired with it, at most; each word draws how many",
    )
    negatives: float = setting(5, "learning", "drawn words that count for each pair")
    min_count: int = setting(5, "learning", "words that occur less often have no vector")
    subsample: float = setting(
        1e-3, "learning", "words that are a larger share than this of all words are left out by chance"
    )
    epochs: int = setting(
        5, "learning", "passes over the texts; the learning rate falls in a straight line to 0 at the end"
    )
    learning_rate: float = setting(0.03, "learning", "the rate at the beginning")
    output_weight: float | None = setting(
        None,
        "learning",
        "how much of a word's output vector, by which it is predicted, is added to its input vector, "
        "which predicts words nearby (Levy, Goldberg & Dagan, 2015); 0 for input vectors alone, as "
        "word2vec writes them. If left out 1, and 0 with subwords: a word that is made of them has no "
        "output vector.",
    )
    longest_subword: int = setting(
        0,
        "learning",
        "characters in the longest n-gram of a word that has a vector (6 in fastText), so that words "
        "which are not in the texts have vectors too; 0 for none",
    )
    shortest_subword: int = setting(
        4,
        "learning",
        "characters in the shortest one; the marks < and > of a word's ends count. fastText's 3 takes "
        "longer, and the vectors of movie reviews then agree with human judgements of word similarity by "
        "0.03 (Spearman) less",
    )
    buckets: int = setting(
        200_000,
        "learning",
        "rows that these n-grams share by their hash, B; the table is of V + B vectors. fastText's "
        "2,000,000 gave movie reviews no better vectors",
    )
    seed: int = setting(
        0, "learning", "of every random choice; the same seed gives the same bits, for any number of threads"
    )

    def checked(self) -> Self:
        """The same settings with the `output_weight` that they mean. Raises UsageError as above."""
        if self.output_weight is None:
            return dataclasses.replace(self, output_weight=0 if self.longest_subword else 1).checked()
        super().checked()
        if 0 < self.longest_subword < self.shortest_subword:
            raise UsageError(
                f"shortest_subword ({self.shortest_subword}) must not be above longest_subword "
                f"({self.longest_subword})."
            )
        idle = [
            name
            for name in ("shortest_subword", "buckets")
            if not self.longest_subword and getattr(self, name) != getattr(SkipGramSettings, name)
        ]
        if idle:
            raise UsageError(f"{idle[0]} plays no part without longest_subword; give both or none.")
        if self.longest_subword and self.output_weight:
            raise UsageError(
                "output_weight must be 0 with subwords (longest_subword): a word that is made of them has no "
                "output vector. Leave it out."
            )
        return self


_WHOLE_FROM_1 = "a whole number of 1 or more"
_ABOVE_0 = "a finite number above 0"
_FROM_0 = "a finite number of 0 or more"
_WHOLE_FROM_0 = "a whole number of 0 or more"
_RANGES = {
    "dimensions": _WHOLE_FROM_1,
    "epochs": _WHOLE_FROM_1,
    "learning_rate": _ABOVE_0,
    "longest_ngram": _WHOLE_FROM_1,
    "min_documents": _WHOLE_FROM_1,
    "contexts": _WHOLE_FROM_1,
    "targets": _WHOLE_FROM_1,
    "negatives": _ABOVE_0,
    "window": _WHOLE_FROM_1,
    "min_count": _WHOLE_FROM_1,
    "gap": _WHOLE_FROM_0,
    "longest_subword": _WHOLE_FROM_0,
    "shortest_subword": _WHOLE_FROM_1,
    "buckets": "a whole number from 1 to 2**31 - 1",
    "subsample": _ABOVE_0,
    "emphasis": _FROM_0,
    "output_weight": _FROM_0,
    "seed": "a whole number from 0 to 2**63 - 1",
}


def _fits(name: str, value: Any) -> bool:
    if isinstance(value, bool | str | bytes) or value is None:
        return False
    if "finite" in _RANGES[name]:
        try:
            return float(value) < math.inf and (float(value) > 0 or (_RANGES[name] == _FROM_0 and value == 0))
        except (TypeError, ValueError, OverflowError):
            return False
    if not hasattr(value, "__index__"):
        return False
    lowest = 0 if name == "seed" or _RANGES[name] == _WHOLE_FROM_0 else 1
    return bool(lowest <= value < (2**31 if name == "buckets" else 2**63))
