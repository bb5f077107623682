"""Labels to the numbers that are learned, and how much each text counts in the loss."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wordloom.corpus import Corpus
from wordloom.errors import DataError, UsageError, WordloomWarning
from wordloom.evaluation.on_corpus import class_numbers
from wordloom.labels import (
    Label,
    checked_labels,
    label_key,
    marks_unlabelled,
    warn_about_joined_labels,
    warn_about_similar_labels,
    warn_about_single_texts,
)
from wordloom.targets import GRADED, MULTILABEL, SINGLE, labels_in


def learned_targets(corpus: Corpus) -> tuple[list[Any], NDArray[Any]]:
    """The C labels in sorted order, of grades the ends of the scale; and the targets of N texts.

    Targets are as `wordloom.models.output` has them. Raises DataError for texts from which nothing can be
    learned; warns of labels that look like mistakes.
    """
    if corpus.target == SINGLE:
        return class_targets(corpus)
    if not len(corpus):
        raise DataError(f"{corpus.name}: there are no texts to train on.")
    classes = _labels_of_sets(corpus) if corpus.target == MULTILABEL else _ends_of_scale(corpus)
    return classes, targets_among(corpus, classes, corpus.target)


def targets_among(corpus: Corpus, classes: Sequence[Any], target: str) -> NDArray[Any]:
    """The targets of N texts, given the C labels, or the ends of the scale, that a model learns.

    Raises DataError for a label that is none of them, UsageError for texts with another kind of target.
    """
    corpus.require(target, what="A model of this kind")
    if target == MULTILABEL:
        return corpus.indicators(classes).astype(np.float32)
    if target == GRADED:
        lowest, highest = classes
        places = (corpus.grades - lowest) / (highest - lowest)
        return np.asarray(np.clip(places, 0, 1), dtype=np.float32)[:, None]
    return class_numbers(corpus, classes, "the model")


def _labels_of_sets(corpus: Corpus) -> list[Label]:
    """The C labels of texts with several; a text may have none."""
    counts = corpus.counts()
    if not counts:
        raise DataError(f"{corpus.name}: none of the {len(corpus):,} texts has a label to learn.")
    if all(count == len(corpus) for count in counts.values()):
        raise DataError(
            f"{corpus.name}: every text has the same labels ({', '.join(map(repr, counts))}), so there is "
            "nothing to tell apart."
        )
    warn_about_similar_labels(counts, corpus.name)
    warn_about_single_texts(counts, corpus.name)
    return list(counts)


def _ends_of_scale(corpus: Corpus) -> list[float]:
    """The lowest and the highest grade."""
    grades = corpus.grades
    lowest, highest = float(grades.min()), float(grades.max())
    if lowest == highest:
        raise DataError(
            f"{corpus.name}: all {len(corpus):,} texts have the grade {lowest:g}, so there is nothing to "
            "learn."
        )
    if highest - lowest == float("inf"):
        raise DataError(
            f"{corpus.name}: grades from {lowest:g} to {highest:g} are too far apart to calculate with. Are "
            "they right? Give smaller ones, their logarithms for example."
        )
    return [lowest, highest]


def class_targets(corpus: Corpus) -> tuple[list[Label], NDArray[np.int32]]:
    """The C labels in sorted order, and int32 (N,): the number of each text's label among them.

    Raises DataError for no texts and for one class only; warns of labels that look like mistakes.
    """
    if not len(corpus):
        raise DataError(f"{corpus.name}: there are no texts to train on.")
    corpus.require(SINGLE, what="This model")
    counts = corpus.counts()
    classes = list(counts)
    if len(classes) < 2:
        raise DataError(
            f"{corpus.name}: all {len(corpus):,} texts have the label {classes[0]!r}; a classifier needs "
            "texts of two classes or more, not of one class."
        )
    marks = [label for label in classes if marks_unlabelled(label)]
    if marks:
        raise DataError(
            f"{corpus.name}: {marks[0]!r} says that a text has no label and is no class. Leave such texts "
            "out; read_corpus keeps them apart."
        )
    _refuse_swapped(corpus, classes)
    warn_about_similar_labels(classes, corpus.name)
    warn_about_joined_labels(classes, corpus.name)
    warn_about_single_texts(counts, corpus.name)
    number = {label: i for i, label in enumerate(classes)}
    return classes, np.array([number[label] for label in corpus.labels], dtype=np.int32)


def _refuse_swapped(corpus: Corpus, classes: list[Label]) -> None:
    """DataError if the labels look like texts: many are different, and they are longer than the texts."""
    if 2 * len(classes) <= len(corpus) or len(set(corpus.texts)) >= len(classes) or not any(corpus.texts):
        return
    written = [label for label in corpus.labels if isinstance(label, str)]
    if sum(map(len, written)) > sum(map(len, corpus.texts)):
        raise DataError(
            f"{corpus.name}: {len(classes):,} different labels for {len(corpus):,} texts, longer than the "
            f"texts and more varied. Are texts and labels swapped? The first label is {classes[0]!r:.60}."
        )


def without_weightless(corpus: Corpus, sample_weight: Any) -> tuple[Corpus, NDArray[np.float64]]:
    """The texts whose weight is not 0, with their weights float64 (N,); all of them, at 1, for None.

    A weight of 0 leaves a text out of everything: words, lengths and texts held out too. Warns of a label
    that no text is left of. Raises DataError for weights that are none.
    """
    if sample_weight is None:
        return corpus, np.ones(len(corpus))
    weights = _sample_weight(sample_weight, len(corpus))
    if weights.all():
        return corpus, weights
    left = corpus.subset(np.flatnonzero(weights).tolist())
    gone = sorted(map(str, set(labels_in(corpus.labels)) - set(labels_in(left.labels))))
    if gone and corpus.target != GRADED:
        warnings.warn(
            f"{corpus.name}: every text with the label {gone[0]!r} has the sample_weight 0 and is left out, "
            "so the model does not know the label.",
            WordloomWarning,
            stacklevel=3,
        )
    return left, weights[weights > 0]


def loss_weights(
    classes: list[Any], targets: NDArray[Any], class_weight: Any, weights: NDArray[np.float64]
) -> NDArray[np.float64]:
    """How much each document counts in the loss, float64 (N,); the settings' check has seen class_weight.

    weights : float64 (N,), of the texts themselves
    """
    if class_weight is None:
        return weights
    if targets.ndim == 2:
        raise UsageError(
            "class_weight says how much the texts of a class count, and these texts have several labels, or "
            "grades, instead of a class each. Leave it out; sample_weight says how much each text counts."
        )
    if isinstance(class_weight, str):
        of_class = len(targets) / (len(classes) * np.bincount(targets, minlength=len(classes)))
    else:
        named = checked_labels(list(class_weight), "class_weight")
        unknown = [label for label in named if label_key(label) not in set(map(label_key, classes))]
        if unknown:
            raise UsageError(f"class_weight names the class {unknown[0]!r}; the classes are {classes!r}.")
        weight = dict(zip(map(label_key, named), class_weight.values(), strict=True))
        of_class = np.array([float(weight.get(label_key(label), 1.0)) for label in classes])
    return np.asarray(weights * of_class[targets])


def _sample_weight(given: Any, n: int) -> NDArray[np.float64]:
    try:
        weights = np.array(given, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise DataError(f"sample_weight must hold a number for each text: {error}.") from error
    if weights.shape != (n,):
        raise DataError(
            f"sample_weight must hold one number for each of the {n:,} texts; its shape is {weights.shape}."
        )
    wrong = np.flatnonzero(~np.isfinite(weights) | (weights < 0))
    if len(wrong):
        row = wrong[0]
        raise DataError(
            f"sample_weight, row {row}: a finite number of 0 or more expected, found {weights[row]}."
        )
    if not weights.any():
        raise DataError("sample_weight is zero for every text, so there is nothing to learn from.")
    return weights
