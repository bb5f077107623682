"""Splits: which texts the contenders train on and which they are tested on; the same for all of them.

To a process of its own they come as files: `texts.jsonl` (a line each: class and text) and `splits.npz`.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from wordloom.corpus import Corpus, Dataset
from wordloom.draws import held_out_rows, stratified_folds
from wordloom.errors import DataError, UsageError
from wordloom.evaluation.on_corpus import class_numbers
from wordloom.evaluation.scores import NO_CLASS
from wordloom.labels import Label
from wordloom.target_names import SINGLE

FOLDS = 10
MOST_TEXTS_FOR_FOLDS = 20_000
"""Without a test part: up to so many texts in FOLDS folds, above that a share of TEST_SHARE held out."""
TEST_SHARE = 0.2


@dataclass(frozen=True, eq=False)
class Split:
    """Rows of training texts and of test texts, among all N texts."""

    train: NDArray[np.int64]
    test: NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Material:
    """All texts with their classes, and the splits; no row is tested twice.

    Parameters
    ----------
    texts : N texts
    targets : int32 (N,), their classes
    labels : the C labels
    splits : one, or one a fold
    how : what the tests are made on, in words
    """

    texts: list[str]
    targets: NDArray[np.int32]
    labels: tuple[Label, ...]
    splits: tuple[Split, ...]
    how: str

    @property
    def tested(self) -> NDArray[np.int64]:
        """The rows that are tested, split after split, (M,)."""
        return np.concatenate([split.test for split in self.splits])

    @property
    def imbalanced(self) -> bool:
        """Whether the rarest class has less than half of an equal share of the texts."""
        counts = np.bincount(self.targets, minlength=len(self.labels))
        return bool(2 * counts.min() * len(counts) < counts.sum())


def material_of(dataset: Dataset, folds: int | None, test_share: float | None, seed: int) -> Material:
    """Cut a data set.

    The test part of the data set is taken if it has one. Else `folds` cuts all texts into stratified parts,
    each the test part once, or `test_share` holds out a share. With none of the two FOLDS folds are made of
    up to MOST_TEXTS_FOR_FOLDS texts, and of more TEST_SHARE is held out.

    Raises UsageError for folds or a share beside a test part, or both; DataError for one class only or for
    fewer texts than folds.
    """
    if folds is not None and test_share is not None:
        raise UsageError("Folds and a test share do not go together: each text is a test text of one fold.")
    train = dataset.train
    require_one_label(train)
    _refuse_one_class(train)
    if dataset.test is not None:
        if folds is not None or test_share is not None:
            raise UsageError(
                f"{dataset.name} has a test part of its own, so nothing is to be held out. Leave out --folds "
                "and --test-split, or give the training file alone."
            )
        return _with_test_part(train, dataset.test)
    if folds is None and test_share is None:
        many = len(train) > MOST_TEXTS_FOR_FOLDS
        folds, test_share = (None, TEST_SHARE) if many else (min(FOLDS, len(train)), None)
    if test_share is not None:
        rest, held_out = _held_out(train, test_share, seed)
        how = f"{len(held_out):,} texts held out of {len(train):,} at random, the same for all"
        return _material(train, (Split(rest, held_out),), how)
    assert folds is not None
    return _material(train, _fold_splits(train, folds, seed), f"{folds}-fold cross-validation")


def require_one_label(train: Corpus) -> None:
    """UsageError for texts that do not have one label each."""
    train.require(SINGLE, what="A comparison of models or settings")


def _with_test_part(train: Corpus, test: Corpus) -> Material:
    if not len(test):
        raise DataError(f"{test.name}: there are no texts to test on.")
    labels = (*train.classes, *_told_of_others(test, train.classes))
    targets = [class_numbers(part, labels) for part in (train, test)]
    rows = np.arange(len(train) + len(test), dtype=np.int64)
    split = Split(rows[: len(train)], rows[len(train) :])
    how = f"{len(train):,} training texts, {len(test):,} test texts"
    return Material([*train.texts, *test.texts], np.concatenate(targets), labels, (split,), how)


def _told_of_others(test: Corpus, known: Sequence[Label]) -> list[Label]:
    """The test labels that no training text has, which no contender can give; with a warning."""
    numbers = class_numbers(test, known, unknown_labels="wrong")
    others = {
        label for label, number in zip(test.labels, numbers.tolist(), strict=True) if number == NO_CLASS
    }
    return sorted(others)


def _material(corpus: Corpus, splits: tuple[Split, ...], how: str) -> Material:
    labels = tuple(corpus.classes)
    return Material(list(corpus.texts), class_numbers(corpus, labels), labels, splits, how)


def _held_out(corpus: Corpus, share: float, seed: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    held_out = held_out_rows(corpus.labels, share, seed)
    if not len(held_out):
        raise DataError(f"{corpus.name}: a share of {share:g} of {len(corpus):,} texts holds out none.")
    return np.setdiff1d(np.arange(len(corpus)), held_out), held_out


def _fold_splits(corpus: Corpus, folds: int, seed: int) -> tuple[Split, ...]:
    """A split for each of the stratified folds."""
    if not 2 <= folds <= len(corpus):
        raise UsageError(f"The number of folds must be from 2 to the {len(corpus):,} texts, not {folds}.")
    targets = class_numbers(corpus, tuple(corpus.classes))
    fold = stratified_folds(targets, folds, np.random.default_rng([seed, 11]))
    return tuple(Split(np.flatnonzero(fold != i), np.flatnonzero(fold == i)) for i in range(folds))


def _refuse_one_class(corpus: Corpus) -> None:
    if len(corpus.classes) < 2:
        raise DataError(
            f"{corpus.name}: a comparison needs texts of two classes or more; there are "
            f"{len(corpus.classes)}."
        )


def write_material(material: Material, folder: Path) -> None:
    """Write texts, classes and splits, for all contenders."""
    with open(folder / "texts.jsonl", "w", encoding="ascii") as stream:
        for target, text in zip(material.targets.tolist(), material.texts, strict=True):
            stream.write(json.dumps([target, text]) + "\n")
    arrays = {}
    for number, split in enumerate(material.splits):
        arrays[f"train{number}"], arrays[f"test{number}"] = split.train, split.test
    np.savez(folder / "splits.npz", **arrays)  # type: ignore[arg-type]


def read_material(folder: Path) -> tuple[list[str], NDArray[np.int32], list[Split]]:
    """Texts (N), classes (N,) and splits; line by line, so that little more memory is used than they take."""
    texts, targets = [], []
    with open(folder / "texts.jsonl", encoding="ascii") as stream:
        for line in stream:
            target, text = json.loads(line)
            texts.append(text)
            targets.append(target)
    with np.load(folder / "splits.npz", allow_pickle=False) as arrays:
        splits = [Split(arrays[f"train{i}"], arrays[f"test{i}"]) for i in range(len(arrays.files) // 2)]
    return texts, np.array(targets, dtype=np.int32), splits
