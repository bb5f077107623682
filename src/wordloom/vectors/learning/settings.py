"""LearningSettings and SkipGramSettings: how vectors are learned from texts without labels.

Settings of classifiers stand in `wordloom.settings`; what a setting is, for both, in `wordloom.setting`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from wordloom.errors import UsageError, did_you_mean
from wordloom.setting import AUTO, Range, plain_number, setting, wrong_numbers

_FROM_0, _FROM_1, _ABOVE_0 = Range(0), Range(1), Range(0, open=True)


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
        """The same settings with plain numbers (a NumPy 8 or 8.0 becomes 8).

        Raises UsageError that names every one with a value that has no meaning.
        """
        if wrong := wrong_numbers(self):
            raise UsageError("; ".join(wrong) + ".")
        numbers = {
            item.name: plain_number(item, getattr(self, item.name)) for item in dataclasses.fields(self)
        }
        return dataclasses.replace(self, **numbers)


@dataclass(frozen=True, kw_only=True)
class LearningSettings(_Checked):
    """Every parameter of learning vectors for documents; the defaults were chosen on movie reviews."""

    dimensions: int = setting(100, "learning", "width D of the vectors", numbers=_FROM_1)
    epochs: int = setting(
        18,
        "learning",
        "passes over the texts; the learning rate falls in a straight line to 0 at the end",
        numbers=_FROM_1,
    )
    learning_rate: float = setting(0.05, "learning", "learning rate at the beginning", numbers=_ABOVE_0)
    longest_ngram: int = setting(
        3, "learning", "words in the longest n-gram that has a vector; 1 for words only", numbers=_FROM_1
    )
    min_documents: int = setting(
        5, "learning", "words and n-grams in fewer texts have no vector", numbers=_FROM_1
    )
    contexts: int = setting(
        48, "learning", "words and n-grams of a text whose average predicts others of it", numbers=_FROM_1
    )
    targets: int = setting(
        16,
        "learning",
        "words and n-grams predicted from one average; fewer in short texts",
        numbers=_FROM_1,
    )
    negatives: float = setting(
        10, "learning", "negative samples for each target: words and n-grams of other texts", numbers=_ABOVE_0
    )
    gap: int = setting(
        3, "learning", "least distance between contexts and targets, in words", numbers=_FROM_0
    )
    subsample: float = setting(
        1e-5,
        "learning",
        "words and n-grams with a larger share of all occurrences are targets less often, as in word2vec",
        numbers=_ABOVE_0,
    )
    emphasis: float = setting(
        1.5,
        "learning",
        "how much more the directions in which documents differ most count in a document's vector, as a "
        "power of the spread; 0 leaves them as they are",
        numbers=_FROM_0,
    )
    seed: int = setting(
        0,
        "learning",
        "seed of every random choice; the same seed gives the same bits, for any number of threads",
        numbers=Range(0, 2**63 - 1),
    )


@dataclass(frozen=True, kw_only=True)
class SkipGramSettings(_Checked):
    """Every parameter of skip-gram with negative sampling.

    The defaults are word2vec's, but for `epochs` and a `learning_rate` that is a little higher (0.025 there),
    since the words of a block move together.
    """

    dimensions: int = setting(100, "learning", "width D of the vectors", numbers=_FROM_1)
    window: int = setting(
        10,
        "learning",
        "words to each side of a word that are paired with it, at most; how many is random for each word",
        numbers=_FROM_1,
    )
    negatives: float = setting(5, "learning", "negative samples for each pair", numbers=_ABOVE_0)
    min_count: int = setting(5, "learning", "words that occur less often have no vector", numbers=_FROM_1)
    subsample: float = setting(
        1e-3,
        "learning",
        "words with a larger share of all words are left out at random, as in word2vec",
        numbers=_ABOVE_0,
    )
    epochs: int = setting(
        5,
        "learning",
        "passes over the texts; the learning rate falls in a straight line to 0 at the end",
        numbers=_FROM_1,
    )
    learning_rate: float = setting(0.03, "learning", "learning rate at the beginning", numbers=_ABOVE_0)
    output_weight: float | str = setting(
        AUTO,
        "learning",
        "how much of a word's output vector, by which it is predicted, is added to its input vector, "
        "which predicts words nearby (Levy, Goldberg & Dagan, 2015); 0 for input vectors alone, as "
        "word2vec writes them. auto means 1, and 0 with subwords: a word that is made of them has no "
        "output vector",
        numbers=_FROM_0,
    )
    longest_subword: int = setting(
        0,
        "learning",
        "characters in the longest n-gram of a word that has a vector (6 in fastText), so that words "
        "which are not in the texts have vectors too; 0 for none",
        numbers=_FROM_0,
    )
    shortest_subword: int = setting(
        4,
        "learning",
        "characters in the shortest one; the marks < and > of a word's ends count. fastText's 3 takes "
        "longer, and the vectors of movie reviews then agree with human judgments of word similarity by "
        "0.03 (Spearman) less",
        numbers=_FROM_1,
    )
    buckets: int = setting(
        200_000,
        "learning",
        "rows that these n-grams share by their hash, B; the table is of V + B vectors. fastText's "
        "2,000,000 gave movie reviews no better vectors",
        numbers=Range(1, 2**31 - 1),
    )
    seed: int = setting(
        0,
        "learning",
        "seed of every random choice; the same seed gives the same bits, for any number of threads",
        numbers=Range(0, 2**63 - 1),
    )

    def checked(self) -> Self:
        """The same settings with the `output_weight` that they mean. Raises UsageError as above."""
        if self.output_weight == AUTO:
            return dataclasses.replace(self, output_weight=0 if self.longest_subword else 1).checked()
        checked = super().checked()
        if 0 < checked.longest_subword < checked.shortest_subword:
            raise UsageError(
                f"shortest_subword ({checked.shortest_subword}) must not be above longest_subword "
                f"({checked.longest_subword})."
            )
        idle = [
            name
            for name in ("shortest_subword", "buckets")
            if not checked.longest_subword and getattr(checked, name) != getattr(SkipGramSettings, name)
        ]
        if idle:
            raise UsageError(f"{idle[0]} plays no part without longest_subword; give both or none.")
        if checked.longest_subword and checked.output_weight:
            raise UsageError(
                "output_weight must be 0 with subwords (longest_subword): a word that is made of them has no "
                "output vector. Leave it out."
            )
        return checked
