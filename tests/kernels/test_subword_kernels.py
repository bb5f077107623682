"""fastText's hash and n-grams: test vectors from its definition, and one body for both kernels."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wordloom.kernels import subwords, subwords_compiled

KERNELS = (subwords, subwords_compiled)
both = pytest.mark.parametrize("kernels", KERNELS, ids=["plain", "compiled"])


def as_arrays(texts: list[str]) -> tuple[np.ndarray, np.ndarray]:
    encoded = [text.encode() for text in texts]
    data = np.frombuffer(b"".join(encoded), dtype=np.uint8)
    return data, np.cumsum([0, *map(len, encoded)], dtype=np.int64)


def reference_ngrams(text: str, minn: int, maxn: int) -> list[str]:
    """The n-grams of a word with its marks, by place and then by length."""
    return [
        text[i : i + n]
        for i in range(len(text))
        for n in range(max(minn, 1), maxn + 1)
        if i + n <= len(text) and not (n == 1 and (i == 0 or i == len(text) - 1))
    ]


@both
def test_hashes_of_the_conventions(kernels) -> None:
    found = kernels.hashes(*as_arrays(["the", "</s>", "é", "你好", ""]))
    assert found.tolist() == [3020861980, 3617362777, 1023043777, 718964643, 2166136261]
    assert found.dtype == np.uint32


def test_ngrams_of_the_conventions() -> None:
    assert reference_ngrams("<wé>", 1, 3) == ["<w", "<wé", "w", "wé", "wé>", "é", "é>"]


@pytest.mark.slow
@both
@pytest.mark.parametrize(("minn", "maxn"), [(1, 3), (0, 2), (3, 6), (2, 2), (4, 3), (0, 0)])
def test_ids_are_the_hashes_of_the_ngrams(kernels, minn: int, maxn: int) -> None:
    words = ["<wé>", "<>", "<a>", "<日本語です>", "<hello>", "", "<" + "x" * 50 + ">"]
    bucket = 1009
    ids, offsets = kernels.subword_ids(*as_arrays(words), np.array([minn, maxn, bucket]))
    ngrams = [reference_ngrams(word, minn, maxn) for word in words]
    assert offsets.tolist() == np.cumsum([0, *map(len, ngrams)]).tolist()
    hashes = subwords.hashes(*as_arrays([ngram for row in ngrams for ngram in row]))
    assert ids.tolist() == (hashes % bucket).tolist()
    assert ids.dtype == np.int64


@pytest.mark.slow
@settings(max_examples=80, deadline=None)
@given(
    st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=8), max_size=5),
    st.integers(0, 4),
    st.integers(0, 6),
)
def test_both_give_the_same(words: list[str], minn: int, maxn: int) -> None:
    rule = np.array([minn, maxn, 50])
    data, offsets = as_arrays([f"<{word}>" for word in words])
    table = np.random.default_rng(0).normal(size=(60, 5)).astype(np.float32)
    firsts = np.arange(len(words)) - 1
    found = []
    for kernels in KERNELS:
        ids, ends = kernels.subword_ids(data, offsets, rule)
        means = np.full((len(words), 5), np.nan, dtype=np.float32)
        kernels.mean_rows(table, firsts, ids + 10, ends, means)
        hashes = kernels.hashes(data, offsets)
        found.append([ids.tolist(), ends.tolist(), means.tobytes(), hashes.tolist()])
    assert found[0] == found[1]


@both
def test_means_of_rows_by_hand(kernels) -> None:
    table = np.array([[1, 2], [3, 4], [5, 9]], dtype=np.float32)
    means = np.empty((3, 2), dtype=np.float32)
    kernels.mean_rows(table, np.array([0, -1, -1]), np.array([2, 2, 1]), np.array([0, 1, 3, 3]), means)
    assert means.tolist() == [[3, 5.5], [4, 6.5], [0, 0]]
