"""Which texts are tested: each once, in proportion, the same for every contender."""

from __future__ import annotations

import numpy as np
import pytest

from wordloom.comparison.splits import FOLDS, MOST_TEXTS_FOR_FOLDS, material_of
from wordloom.corpus import Corpus, Dataset
from wordloom.errors import DataError, UsageError, WordloomWarning


def corpus(n: int, labels: str = "ab", name: str = "texts") -> Corpus:
    return Corpus([f"text {i}" for i in range(n)], [labels[i % len(labels)] for i in range(n)], name=name)


def test_a_test_part_is_taken_as_it_is():
    material = material_of(Dataset(corpus(6), corpus(4)), None, None, 0)
    (split,) = material.splits
    assert split.train.tolist() == [0, 1, 2, 3, 4, 5]
    assert split.test.tolist() == [6, 7, 8, 9]
    assert material.targets.tolist() == [0, 1] * 5
    assert material.how == "6 training texts, 4 test texts"


def test_a_class_of_test_texts_alone_is_one_that_no_contender_can_give():
    with pytest.warns(WordloomWarning, match="has no label 'c' .*counted as wrong"):
        material = material_of(Dataset(corpus(6), corpus(3, "abc")), None, None, 0)
    assert material.labels == ("a", "b", "c")
    (split,) = material.splits
    assert material.targets[split.test].tolist() == [0, 1, 2]
    assert 2 not in material.targets[split.train]


@pytest.mark.parametrize("folds", [2, 3, 7])
def test_folds_test_each_text_once_and_keep_the_classes_in_proportion(folds):
    material = material_of(Dataset(corpus(50, "aab")), folds, None, 1)
    assert sorted(material.tested) == list(range(50))
    for split in material.splits:
        assert sorted([*split.train, *split.test]) == list(range(50))
        counts = np.bincount(material.targets[split.test], minlength=2)
        assert abs(counts[0] - 34 / folds) < 1
        assert abs(counts[1] - 16 / folds) < 1


def test_the_seed_draws_the_folds():
    first, again, other = (
        material_of(Dataset(corpus(30)), 3, None, seed).tested.tolist() for seed in (1, 1, 2)
    )
    assert first == again != other


def test_without_a_test_part_small_data_is_folded_and_large_data_is_cut_once():
    assert len(material_of(Dataset(corpus(40)), None, None, 0).splits) == FOLDS
    (split,) = material_of(Dataset(corpus(MOST_TEXTS_FOR_FOLDS + 10)), None, None, 0).splits
    assert len(split.test) == 4002
    assert not set(split.test) & set(split.train)
    (split,) = material_of(Dataset(corpus(40)), None, 0.25, 0).splits
    assert len(split.test) == 10


def test_imbalance_is_seen():
    assert not material_of(Dataset(corpus(30, "aab")), 3, None, 0).imbalanced
    assert material_of(Dataset(corpus(30, "aaaab")), 3, None, 0).imbalanced


@pytest.mark.parametrize(
    ("dataset", "folds", "share", "error", "part"),
    [
        (Dataset(corpus(6), corpus(4)), 3, None, UsageError, "has a test part of its own"),
        (Dataset(corpus(6), corpus(4)), None, 0.5, UsageError, "has a test part of its own"),
        (Dataset(corpus(6)), 3, 0.5, UsageError, "do not go together"),
        (Dataset(corpus(6)), 7, None, UsageError, "from 2 to the 6 texts, not 7"),
        (Dataset(corpus(6, "a")), None, None, DataError, "two classes or more; there are 1"),
        (
            Dataset(corpus(6), corpus(4, "c", "later")),
            None,
            None,
            DataError,
            "later, row 0: the model has no",
        ),
    ],
)
def test_what_cannot_be(dataset, folds, share, error, part):
    with pytest.raises(error, match=part):
        material_of(dataset, folds, share, 0)


@pytest.mark.parametrize(
    "given", [Corpus(["a", "b"], [["x"], ["x", "y"]]), Corpus(["a", "b"], [1, 2], target="graded")]
)
def test_several_labels_a_text_and_grades_are_refused_with_the_way_out(given):
    with pytest.raises(UsageError, match=r"A comparison of models or settings is for .* \(--target single\)"):
        material_of(Dataset(given), None, None, 0)
