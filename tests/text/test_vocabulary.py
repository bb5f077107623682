"""Which words a vocabulary holds, under which ids, and the way back to text."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wordloom.errors import DataError, UsageError
from wordloom.text.conventions import CONVENTIONS, IdConvention, convention
from wordloom.text.counting import count_words
from wordloom.text.sequences import Ragged
from wordloom.text.tokenizer import Tokenizer
from wordloom.text.vocabulary import Vocabulary, WordSelection, ids_of_ranks, select

# the examples of Keras' Tokenizer: the:1, sat:2, cat:3, dog:4, on:5, mat:6
TEXTS = ["the cat sat", "the dog sat on the mat"]
NEW = "the cat sat on mat zebra"


def fitted(name: str = "plain", skip_top: int = 0, texts=TEXTS, **selection) -> tuple[Vocabulary, Ragged]:
    counted, ranks = count_words(texts, Tokenizer())
    return select(counted, ranks, WordSelection(**selection), convention(name, skip_top))


def encoded(vocabulary: Vocabulary, *texts: str) -> list[list[int]]:
    return [ids.tolist() for ids in vocabulary.encode(texts, Tokenizer())]


def test_num_words_keeps_the_ids_below_it() -> None:
    vocabulary, ids = fitted(num_words=4)
    assert vocabulary.words == ["the", "sat", "cat"]
    assert vocabulary.word_index == {"the": 1, "sat": 2, "cat": 3}
    assert vocabulary.size == 4
    assert encoded(vocabulary, NEW) == [[1, 3, 2]]
    assert [row.tolist() for row in ids] == [[1, 3, 2], [1, 2, 1]]


def test_plain_unknown_is_the_tokenizer_with_an_oov_token() -> None:
    vocabulary, ids = fitted("plain-unknown", num_words=4)
    assert vocabulary.word_index == {"the": 2, "sat": 3}
    assert vocabulary.size == 4
    assert encoded(vocabulary, NEW) == [[2, 1, 3, 1, 1, 1]]
    assert [row.tolist() for row in ids] == [[2, 1, 3], [2, 1, 3, 1, 2, 1]]


def test_imdb_convention_starts_with_1_and_words_from_4() -> None:
    vocabulary, ids = fitted("imdb", num_words=6)
    assert vocabulary.word_index == {"the": 4, "sat": 5}
    assert encoded(vocabulary, NEW, "", "zebra") == [[1, 4, 2, 5, 2, 2, 2], [1], [1, 2]]
    assert [row.tolist() for row in ids] == [[1, 4, 2, 5], [1, 4, 2, 5, 2, 4, 2]]


def test_without_num_words_every_word_is_kept() -> None:
    for name, size in (("plain", 7), ("plain-unknown", 8), ("imdb", 10)):
        vocabulary, ids = fitted(name)
        assert vocabulary.size == size
        assert len(vocabulary.words) == 6
        assert ids.ids.max() == size - 1  # not so with Keras' load_data, see test_keras_imdb


@pytest.mark.parametrize(
    ("name", "skip_top", "expected"),
    [
        ("plain", 1, [[2, 3], [2]]),  # "the" is left out
        ("plain", 2, [[3], []]),
        ("plain-unknown", 1, [[1, 3, 4], [1, 3, 1]]),
        ("imdb", 1, [[1, 4, 5, 6], [1, 4, 5, 4]]),  # Keras' parameter counts ids
        ("imdb", 2, [[2, 4, 5, 6], [2, 4, 5, 4]]),  # and hits the start mark
        ("imdb", 5, [[2, 2, 5, 6], [2, 2, 5, 2]]),
    ],
)
def test_skip_top(name: str, skip_top: int, expected: list[list[int]]) -> None:
    vocabulary, ids = fitted(name, skip_top, texts=["the sat cat", "the sat the"])
    assert [row.tolist() for row in ids] == expected
    assert encoded(vocabulary, "the sat cat", "the sat the") == expected
    assert vocabulary.words == ["the", "sat", "cat"]


def test_unknown_convention_is_named_with_the_known_ones() -> None:
    with pytest.raises(UsageError, match=r"'keras'.*plain, plain-unknown, plain-start, imdb"):
        convention("keras")


def test_min_count_and_max_document_frequency() -> None:
    texts = ["a a b c", "a b d", "a e e", "a"]
    assert fitted(texts=texts)[0].words == ["a", "b", "e", "c", "d"]
    vocabulary, ids = fitted(texts=texts, min_count=2)
    assert vocabulary.words == ["a", "b", "e"]
    assert vocabulary.counts.tolist() == [5, 2, 2]
    assert vocabulary.document_counts.tolist() == [4, 2, 1]
    assert vocabulary.n_documents == 4
    vocabulary, ids = fitted(texts=texts, max_document_frequency=0.5)
    assert vocabulary.word_index == {"b": 1, "e": 2, "c": 3, "d": 4}
    assert [row.tolist() for row in ids] == [[1, 3], [1, 4], [2, 2], []]
    assert encoded(vocabulary, *texts) == [[1, 3], [1, 4], [2, 2], []]
    vocabulary, ids = fitted(texts=texts, max_document_frequency=0.5, min_count=2, num_words=2)
    assert vocabulary.words == ["b"]
    assert [row.tolist() for row in ids] == [[1], [1], [], []]


@pytest.mark.parametrize("n", [3, 7, 29, 57, 58])
def test_a_word_in_exactly_the_share_of_the_documents_is_kept(n: int) -> None:
    # 0.29 * 100 is 28.999999999999996
    texts = ["all some"] * n + ["all"] * (100 - n)
    assert fitted(texts=texts, max_document_frequency=n / 100)[0].words == ["some"]


@pytest.mark.parametrize(
    ("texts", "selection", "counted"),
    [
        ([], {}, "0 different words in 0 texts"),
        (["", " !"], {}, "0 different words in 2 texts"),
        (["a b"], {"min_count": 2}, "2 different words in 1 texts"),
        (["a", "a"], {"max_document_frequency": 0.9}, "1 different words in 2 texts"),
    ],
)
def test_no_word_left_is_an_error(texts: list[str], selection: dict, counted: str) -> None:
    with pytest.raises(DataError, match=f"empty vocabulary: {counted}, none of them selected; perhaps"):
        fitted(texts=texts, **selection)


def test_num_words_that_leaves_room_for_reserved_ids_only() -> None:
    with pytest.raises(DataError, match="empty vocabulary"):
        fitted("imdb", num_words=4)
    assert fitted("imdb", num_words=5)[0].words == ["the"]


@pytest.mark.parametrize(
    ("selection", "message"),
    [
        ({"num_words": 1}, "num_words must be 2 or more"),
        ({"num_words": 0}, "num_words must be 2 or more"),
        ({"max_document_frequency": 0.0}, "share of the documents.*not 0.0"),
        ({"max_document_frequency": 1.5}, "share of the documents.*not 1.5"),
        ({"max_document_frequency": float("nan")}, "not nan"),
    ],
)
def test_meaningless_selections_are_refused(selection: dict, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        WordSelection(**selection)


def test_decode() -> None:
    vocabulary, _ = fitted("imdb", num_words=6)
    assert vocabulary.decode([0, 0, 1, 4, 2, 5, 3]) == "<start> the <unknown> sat <unused>"
    assert vocabulary.decode(np.array([4, 5], dtype=np.int32)) == "the sat"
    assert vocabulary.decode([]) == ""
    plain, ids = fitted()
    assert [plain.decode(row) for row in ids] == TEXTS
    assert fitted("plain-unknown")[0].decode([1, 2]) == "<unknown> the"


@pytest.mark.parametrize("id_", [-1, 6, 1000])
def test_decode_names_the_place_of_an_impossible_id(id_: int) -> None:
    vocabulary, _ = fitted("imdb", num_words=6)
    with pytest.raises(DataError, match=f"Position 1: id {id_} is outside 0 to 5"):
        vocabulary.decode([4, id_])


def test_word_of_every_id() -> None:
    vocabulary, _ = fitted("imdb", num_words=6)
    assert [vocabulary.word(i) for i in range(6)] == [
        "<pad>",
        "<start>",
        "<unknown>",
        "<unused>",
        "the",
        "sat",
    ]
    vocabulary, _ = fitted("plain-unknown", num_words=4)
    assert [vocabulary.word(i) for i in range(4)] == ["<pad>", "<unknown>", "the", "sat"]
    vocabulary, _ = fitted(num_words=3)
    assert [vocabulary.word(i) for i in range(3)] == ["<pad>", "the", "sat"]


def test_reserved_ids_of_the_conventions() -> None:
    assert CONVENTIONS["plain"].reserved == {0: "<pad>"}
    assert CONVENTIONS["plain-unknown"].reserved == {0: "<pad>", 1: "<unknown>"}
    assert CONVENTIONS["imdb"].reserved == {0: "<pad>", 1: "<start>", 2: "<unknown>", 3: "<unused>"}


def test_encode_takes_unusual_words() -> None:
    words = ["\ud800", "\x00", "don't", "東京", "😀", "x" * 10_000, "ok\r"]
    vocabulary, ids = fitted(texts=[" ".join(words)])
    assert vocabulary.words == words
    assert ids[0].tolist() == [1, 2, 3, 4, 5, 6, 7]
    assert encoded(vocabulary, " ".join(reversed(words)), "x" * 9_999) == [[7, 6, 5, 4, 3, 2, 1], []]


def test_one_vocabulary_serves_both_kernels_in_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    vocabulary, _ = fitted("imdb")
    for kernels in ("plain", "compiled", "plain", "compiled"):
        monkeypatch.setenv("WORDLOOM_KERNELS", kernels)
        assert encoded(vocabulary, NEW, "") == [[1, 4, 6, 5, 8, 9, 2], [1]]


def reference_ids(ranks: list[list[int]], rules: IdConvention, size: int) -> list[list[int]]:
    result = []
    for document in ranks:
        ids = [] if rules.start is None else [rules.start]
        ids += [rank + rules.index_from if rank else None for rank in document]
        known = [id_ is not None and rules.skip_top <= id_ < size for id_ in ids]
        pairs = zip(ids, known, strict=True)
        result.append([i if k else rules.unknown for i, k in pairs if k or rules.unknown is not None])
    return result


@pytest.mark.slow
@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.lists(st.integers(0, 9), max_size=6), max_size=5),
    st.builds(
        IdConvention,
        start=st.none() | st.integers(-1, 4),
        unknown=st.none() | st.integers(0, 9),
        index_from=st.integers(-3, 4),
        skip_top=st.integers(0, 6),
    ),
    st.integers(0, 14),
)
def test_ids_of_ranks_against_a_reference(ranks, rules: IdConvention, size: int) -> None:
    documents = Ragged.from_lists(ranks)
    before = documents.ids.copy()
    expected = reference_ids(ranks, rules, size)
    with pytest.MonkeyPatch.context() as patch:
        for kernels in ("plain", "compiled"):
            patch.setenv("WORDLOOM_KERNELS", kernels)
            result = ids_of_ranks(documents, rules, size)
            assert [row.tolist() for row in result] == expected, kernels
            assert result.ids.dtype == np.int32
            assert result.offsets.dtype == np.int64
            assert documents.ids.tolist() == before.tolist()
