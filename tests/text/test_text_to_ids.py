"""Text to ids against a straightforward reference, on random Unicode text, by every way it can be computed.

The reference below is plain Python on lists and dictionaries, after the source of Keras' `Tokenizer`; it
shares no code with the library.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections import Counter

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from wordloom.text.conventions import CONVENTIONS, IdConvention, convention
from wordloom.text.counting import WordCounts, count_words
from wordloom.text.sequences import Ragged
from wordloom.text.tokenizer import FILTERS, Tokenizer
from wordloom.text.vocabulary import WordSelection, select

KERNELS = ("plain", "compiled")
THREADS = (1, 2, 4)

# control characters, spaces of all kinds, then letters with an unusual lower case or decomposition
SPECIAL = "\x00\x01\x1c\x85\xa0\u2028\u2029\u3000\ufeff"
SPECIAL += "\u0130\u0131\u03a3\u03c3\u03c2\xdf\u1e9e\u212a\ufb01\U0001f600\u0301"
characters = st.one_of(
    st.sampled_from("aAbBkKzZ  '.,-\t\n\r<>&"),
    st.sampled_from(SPECIAL),
    st.characters(),
    st.characters(categories=["Cs"]),
)
texts_strategy = st.lists(st.text(characters, max_size=30), max_size=7)
# few different words, so that counts differ and ties occur
busy_texts = st.lists(st.text(st.sampled_from("aAbB \u0130,"), max_size=20), min_size=1, max_size=7)
tokenizers = st.builds(
    Tokenizer,
    lower=st.booleans(),
    filters=st.sampled_from(
        [FILTERS, "", "A", "ak", "K\x00", "'\\]^-[", "\xe9!", " \u2028,", "\u0130b", "\ud800."]
    ),
    split=st.sampled_from([" ", " ", "-", "_", "\x00", "A", "a", "ab", ", ", "\xe9", "\u0130"]),
    strip_html=st.booleans(),
    keep_punctuation=st.booleans(),
    strip_accents=st.booleans(),
)


def reference_words(text: str, rules: Tokenizer) -> list[str]:
    if rules.strip_html:
        text = re.sub(r"<!--.*?-->", " ", text, flags=re.DOTALL)
        text = html.unescape(re.sub(r"</?[A-Za-z][^<>]*>", " ", text))
    if rules.strip_accents:
        text = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    if rules.lower:
        text = text.lower()
    separated = []
    for character in text:
        if character not in rules.filters:
            separated.append(character)
        elif rules.keep_punctuation and not character.isspace() and character != rules.split:
            separated += [rules.split, character, rules.split]
        else:
            separated.append(rules.split)
    return [word for word in "".join(separated).split(rules.split) if word]


def reference_order(documents: list[list[str]]) -> list[str]:
    """Most frequent first; `sorted` is stable, so ties stay in the order of first sight."""
    counts = Counter(word for words in documents for word in words)
    return sorted(counts, key=counts.__getitem__, reverse=True)


def reference_ids(documents: list[list[str]], vocabulary: list[str], rules: IdConvention) -> list[list[int]]:
    rank = {word: position for position, word in enumerate(vocabulary, start=1)}
    result = []
    for words in documents:
        ids = [] if rules.start is None else [rules.start]
        ids += [rank[word] + rules.index_from if word in rank else -1 for word in words]
        kept = [id_ if id_ >= rules.skip_top else -1 for id_ in ids]
        if rules.unknown is None:
            result.append([id_ for id_ in kept if id_ >= 0])
        else:
            result.append([id_ if id_ >= 0 else rules.unknown for id_ in kept])
    return result


def lists(documents: Ragged) -> list[list[int]]:
    assert documents.ids.dtype == np.int32
    assert documents.offsets.dtype == np.int64
    return [document.tolist() for document in documents]


def counted_every_way(texts: list[str], tokenizer: Tokenizer) -> list[tuple[str, int, WordCounts, Ragged]]:
    ways = []
    with pytest.MonkeyPatch.context() as patch:
        for kernels in KERNELS:
            patch.setenv("WORDLOOM_KERNELS", kernels)
            ways += [(kernels, threads, *count_words(texts, tokenizer, threads)) for threads in THREADS]
    return ways


def check_counting(texts: list[str], tokenizer: Tokenizer) -> None:
    documents = [reference_words(text, tokenizer) for text in texts]
    assert [tokenizer.tokenize(text) for text in texts] == documents
    order = reference_order(documents)
    index = {word: rank for rank, word in enumerate(order, start=1)}
    counts = Counter(word for words in documents for word in words)
    document_counts = Counter(word for words in documents for word in set(words))
    for *way, counted, ranks in counted_every_way(texts, tokenizer):
        assert counted.words == order, way
        assert list(counted.word_index.items()) == list(index.items()), way
        assert counted.counts.tolist() == [counts[word] for word in order], way
        assert counted.document_counts.tolist() == [document_counts[word] for word in order], way
        assert counted.n_documents == len(texts)
        assert lists(ranks) == [[index[word] for word in words] for words in documents], way


@settings(max_examples=150, deadline=None)
@given(texts_strategy, tokenizers)
@example([], Tokenizer())
@example([""], Tokenizer())
@example(["", "  ", "!"], Tokenizer())
@example(["\x00 a\x00 a \x00\x00"], Tokenizer())
@example(["\ud800 \udfff \ud83d\ude00 \U0001f600"], Tokenizer())
@example(["aaaaaaaa aaaaaaaab aaaaaaaac aaaaaaaa\x00 aaaaaaa"], Tokenizer())
def test_words_counts_and_ranks(texts: list[str], tokenizer: Tokenizer) -> None:
    check_counting(texts, tokenizer)


@settings(max_examples=80, deadline=None)
@given(busy_texts)
def test_ties_stay_in_the_order_of_first_sight(texts: list[str]) -> None:
    check_counting(texts, Tokenizer())


@settings(max_examples=80, deadline=None)
@given(
    busy_texts,
    busy_texts,
    tokenizers,
    st.sampled_from(sorted(CONVENTIONS)),
    st.integers(0, 3),
    st.none() | st.integers(6, 12),
)
def test_ids_of_known_and_new_texts(texts, new_texts, tokenizer, name, skip_top, num_words) -> None:
    documents = [reference_words(text, tokenizer) for text in texts]
    new_documents = [reference_words(text, tokenizer) for text in new_texts]
    rules = convention(name, skip_top)
    order = reference_order(documents)[: None if num_words is None else num_words - 1 - rules.index_from]
    if not order:
        return
    expected = reference_ids(documents, order, rules)
    expected_new = reference_ids(new_documents, order, rules)
    with pytest.MonkeyPatch.context() as patch:
        for kernels, threads, counted, ranks in counted_every_way(texts, tokenizer):
            patch.setenv("WORDLOOM_KERNELS", kernels)
            vocabulary, ids = select(counted, ranks, WordSelection(num_words), rules)
            assert vocabulary.words == order
            assert lists(ids) == expected
            assert lists(vocabulary.encode(texts, tokenizer, threads)) == expected
            assert lists(vocabulary.encode(new_texts, tokenizer, threads)) == expected_new
            assert ids.ids.max(initial=0) < vocabulary.size <= (num_words or vocabulary.size)


def test_word_index_order_with_ties() -> None:
    counted, _ = count_words(["the cat sat", "the dog sat on the mat"], Tokenizer())
    assert counted.word_index == {"the": 1, "sat": 2, "cat": 3, "dog": 4, "on": 5, "mat": 6}
    assert list(counted.word_index) == ["the", "sat", "cat", "dog", "on", "mat"]


def test_first_sight_counts_over_all_texts_not_over_each_thread_s_part() -> None:
    # "b" is first seen in the second half, in front of a word of the first half
    texts = ["a c", "c a", "b a", "b c d"]
    for *way, counted, _ in counted_every_way(texts, Tokenizer()):
        assert counted.words == ["a", "c", "b", "d"], way
        assert counted.document_counts.tolist() == [3, 3, 2, 1], way


def test_words_longer_than_a_key_that_share_their_beginning() -> None:
    prefix = "eightbyt"
    words = [prefix + end for end in ("", "e", "f", "e\x00", "\x00", "\x00\x00", "e" * 300, "e" * 301)]
    check_counting([" ".join(words), " ".join(reversed(words)), " ".join(words[3:])], Tokenizer())


def test_words_that_differ_in_zero_bytes_only() -> None:
    words = ["\x00" * n for n in (1, 2, 3, 7, 8, 9, 16, 17)] + ["a\x00", "\x00a", "a"]
    check_counting([" ".join(words), " ".join(words[::-2])], Tokenizer())


def test_more_words_than_the_tables_first_hold() -> None:
    # 16,384 entries at first: grows twice, and once more where a thread's parts are joined
    rng = np.random.default_rng(0)
    numbers = rng.integers(0, 45_000, 70_000).tolist()
    texts = [" ".join(f"w{n * 7919}" for n in numbers[i::9]) for i in range(9)]
    assert len(set(numbers)) > 2 * 16_384
    check_counting(texts, Tokenizer())


@pytest.mark.parametrize("kernels", KERNELS)
def test_texts_of_more_words_than_guessed(kernels: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # one letter a word is twice what room is made for at first
    monkeypatch.setenv("WORDLOOM_KERNELS", kernels)
    texts = ["a b c d " * 500, "", "e " * 3000, "a"]
    counted, ranks = count_words(texts, Tokenizer(), threads=1)
    assert counted.word_index == {"e": 1, "a": 2, "b": 3, "c": 4, "d": 5}
    assert counted.counts.tolist() == [3000, 501, 500, 500, 500]
    assert ranks.lengths.tolist() == [2000, 0, 3000, 1]
    vocabulary, _ = select(counted, ranks, WordSelection(), CONVENTIONS["plain"])
    assert lists(vocabulary.encode(texts, Tokenizer(), threads=1)) == lists(ranks)


@pytest.mark.parametrize("kernels", KERNELS)
def test_one_text_of_ten_megabytes(kernels: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORDLOOM_KERNELS", kernels)
    word = "x" * 5_000_000
    text = f"{word} {'Wonderful pictures, ' * 250_000} {word[:-1]}"
    assert len(text) > 14_000_000
    counted, ranks = count_words([text, "pictures"], Tokenizer(), threads=4)
    assert counted.words == ["pictures", "wonderful", word, word[:-1]]
    assert counted.counts.tolist() == [250_001, 250_000, 1, 1]
    assert ranks.lengths.tolist() == [500_002, 1]
    assert ranks[0][:4].tolist() == [3, 2, 1, 2]
    assert ranks[0][-1] == 4
    vocabulary, _ = select(counted, ranks, WordSelection(num_words=4), CONVENTIONS["plain-unknown"])
    encoded = vocabulary.encode([text], Tokenizer())
    assert np.bincount(encoded.ids).tolist() == [0, 2, 250_000, 250_000]


def test_more_threads_than_texts_and_no_texts() -> None:
    for *_, counted, ranks in counted_every_way([], Tokenizer()):
        assert (len(counted), counted.n_documents, len(ranks)) == (0, 0, 0)
    counted, ranks = count_words(["one text"], Tokenizer(), threads=16)
    assert lists(ranks) == [[1, 2]]
