"""The token kernels called directly: one body of tests for the plain twin and the compiled one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wordloom.kernels import tokens, tokens_compiled
from wordloom.kernels.threads import over_ranges, thread_count
from wordloom.kernels.tokens import SEPARATOR
from wordloom.text.counting import decoded_words, encoded_words
from wordloom.text.sequences import offsets_of

KERNELS = (tokens, tokens_compiled)
both = pytest.mark.parametrize("kernels", KERNELS, ids=["plain", "compiled"])


def as_arrays(documents: list[bytes]) -> tuple[np.ndarray, np.ndarray]:
    """Writable bytes and offsets, as `Tokenizer.to_bytes` gives them."""
    data = np.frombuffer(bytearray().join(documents), dtype=np.uint8)
    return data, offsets_of(np.array([len(document) for document in documents], dtype=np.int64))


def make_alphabet(separators: bytes = b" ", alone: bytes = b"", folded: bool = True) -> np.ndarray:
    alphabet = np.zeros((2, 256), dtype=np.uint8)
    alphabet[0] = np.arange(256)
    alphabet[0, list(separators)] = SEPARATOR
    alphabet[1, list(alone)] = 1
    if folded:
        alphabet[:, ord("A") : ord("Z") + 1] = alphabet[:, ord("a") : ord("z") + 1]
    return alphabet


def reference_words(document: bytes, alphabet: np.ndarray) -> list[bytes]:
    """Byte by byte, without any cleverness."""
    words, word = [], b""
    for byte in document:
        letter = bytes([alphabet[0, byte]])
        if alphabet[0, byte] == SEPARATOR or alphabet[1, byte]:
            words += [word, letter if alphabet[0, byte] != SEPARATOR else b""]
            word = b""
        else:
            word += letter
    return [word for word in [*words, word] if word]


def index_of(kernels, words: list[bytes]):
    return kernels.build_index(np.frombuffer(b"".join(words), dtype=np.uint8), as_arrays(words)[1])


def checked_index_words(kernels, documents: list[bytes], alphabet: np.ndarray) -> list[bytes]:
    """Run `index_words`, compare everything it returns with the reference, and return the words."""
    expected = [reference_words(document, alphabet) for document in documents]
    number: dict[bytes, int] = {}
    ranks = [number.setdefault(word, len(number) + 1) for words in expected for word in words]
    data, offsets = as_arrays(documents)
    got_ranks, ends, blob, word_offsets, counts, document_counts = kernels.index_words(
        data, offsets, alphabet
    )
    assert got_ranks.dtype == np.int32
    assert got_ranks.tolist() == ranks
    assert ends.tolist() == np.cumsum([0, *map(len, expected)]).tolist()
    assert blob.tobytes() == b"".join(number)
    assert word_offsets.tolist() == np.cumsum([0, *map(len, number)]).tolist()
    assert counts.tolist() == [ranks.count(rank) for rank in number.values()]
    assert document_counts.tolist() == [sum(word in words for words in expected) for word in number]
    return list(number)


def checked_lookup(kernels, documents: list[bytes], alphabet: np.ndarray, vocabulary: list[bytes]) -> None:
    expected = [reference_words(document, alphabet) for document in documents]
    rank = {word: position for position, word in enumerate(vocabulary, start=1)}
    data, offsets = as_arrays(documents)
    ranks, ends = kernels.lookup_words(data, offsets, alphabet, index_of(kernels, vocabulary))
    assert ranks.dtype == np.int32
    assert ranks.tolist() == [rank.get(word, 0) for words in expected for word in words]
    assert ends.tolist() == np.cumsum([0, *map(len, expected)]).tolist()


@both
@pytest.mark.parametrize(
    "documents",
    [
        [],
        [b""],
        [b"", b"", b""],
        [b"   ", b" a ", b"a"],
        [b"one"],
        [b"The the tHE", b"", b"THE end"],
        [b"\x00", b"\x00\x00 \x00", b"a\x00"],
        [b"12345678 123456789 1234567890 12345678", b"123456789 1234567"],
        [b"x" * 1000 + b" " + b"x" * 999 + b"y", b"x" * 1000],
        [bytes(range(255))],
        ["Füße 😀 東京 東京".encode(), b"\xed\xa0\x80"],
    ],
)
def test_corner_rows(kernels, documents: list[bytes]) -> None:
    alphabet = make_alphabet(b" ")
    words = checked_index_words(kernels, documents, alphabet)
    checked_lookup(kernels, documents, alphabet, words)
    checked_lookup(kernels, documents, alphabet, words[::2])
    checked_lookup(kernels, documents, alphabet, [])


byte_documents = st.lists(
    st.lists(st.sampled_from(b"aAbBzZ  .,!\x00\x7f\x80\xfe\xff") | st.integers(0, 255), max_size=40).map(
        bytes
    ),
    max_size=6,
)


@pytest.mark.slow
@settings(max_examples=150, deadline=None)
@given(byte_documents, st.binary(max_size=4), st.binary(max_size=4), st.booleans())
def test_random_bytes_and_alphabets(documents, separators, alone, folded) -> None:
    alphabet = make_alphabet(separators, alone, folded)
    for kernels in KERNELS:
        words = checked_index_words(kernels, documents, alphabet)
        checked_lookup(kernels, documents, alphabet, words[1::2])


@both
def test_bytes_that_are_words_of_their_own(kernels) -> None:
    alphabet = make_alphabet(b" ", b"!.")
    assert checked_index_words(kernels, [b"No!! a.b .", b"!"], alphabet) == [b"no", b"!", b"a", b".", b"b"]


@both
def test_words_are_the_same_wherever_the_bytes_taken_together_end(kernels) -> None:
    rng = np.random.default_rng(0)
    lengths = [0, 1, 31, 32, 33, 63, 64, 65, 4095, 4096, 4097, 0, 32]
    mixed = [rng.choice(list(b"aB !,."), length).astype(np.uint8).tobytes() for length in lengths]
    whole = [b"", b" " * 64, b"!" * 70, b"a" * 3000, b" " + b"b" * 31, b"c" * 32, b"!" + b"d" * 40]
    documents = [*mixed, *whole]
    alphabet = make_alphabet(separators=b" ,", alone=b"!")
    words = checked_index_words(kernels, documents, alphabet)
    checked_lookup(kernels, documents, alphabet, words[::2])


@both
def test_words_that_share_their_first_eight_bytes(kernels) -> None:
    rng = np.random.default_rng(0)
    ends = {bytes(rng.integers(97, 100, rng.integers(1, 6)).astype(np.uint8)) for _ in range(300)}
    words = sorted(b"12345678" + end for end in ends)
    alphabet = make_alphabet()
    assert checked_index_words(kernels, [b" ".join(words[:200]), b" ".join(words)], alphabet) == words
    checked_lookup(kernels, [b" ".join(words)], alphabet, words[::3])


@both
def test_words_of_one_hash(kernels) -> None:
    # beyond the first eight, a byte goes into the key by exclusive or: swapping the 8th and the 9th gives the
    # same key, so only the comparison byte by byte tells these words apart
    words = [b"1234567ab", b"1234567ba", b"1234567cd", b"1234567dc", b"1234567ab--", b"1234567ba--"]
    alphabet = make_alphabet()
    assert checked_index_words(kernels, [b" ".join(words), b" ".join(words[::-1])], alphabet) == words
    checked_lookup(kernels, [b" ".join(words)], alphabet, words[1::2])


@pytest.mark.parametrize("length", [10, 15, 16, 17, 24, 25, 33])
def test_long_words_are_told_apart_wherever_they_differ(length, monkeypatch) -> None:
    monkeypatch.setattr(
        tokens_compiled, "_SECRET", np.uint64(1)
    )  # the order of bytes beyond the eighth is lost
    word = bytes(range(64, 64 + length))
    swapped = [word[:i] + word[i : i + 2][::-1] + word[i + 2 :] for i in range(8, length - 1)]
    words, alphabet = [word, *swapped], make_alphabet(folded=False)
    ends = np.arange(len(words) + 1) * length
    table = tokens_compiled.build_index(np.frombuffer(b"".join(words), np.uint8), ends)[2]
    assert len({int(key) for key in table[:-2:2] if key}) == 1  # so all have one hash
    assert checked_index_words(tokens_compiled, [b" ".join(words)], alphabet) == words
    checked_lookup(tokens_compiled, [b" ".join(words)], alphabet, words[::2])


@both
def test_many_different_words(kernels) -> None:
    # more than two sizes of the hash table; words of one length fill neighboring keys
    words = [b"%d" % n for n in range(100_000, 140_000)]
    data, offsets = as_arrays([b" ".join(words), b" ".join(words[::-1])])
    ranks, ends, blob, word_offsets, counts, document_counts = kernels.index_words(
        data, offsets, make_alphabet()
    )
    assert ranks.tolist() == [*range(1, 40_001), *range(40_000, 0, -1)]
    assert ends.tolist() == [0, 40_000, 80_000]
    assert blob.tobytes() == b"".join(words)
    assert set(np.diff(word_offsets)) == {6}
    assert set(counts.tolist()) == set(document_counts.tolist()) == {2}
    data, offsets = as_arrays([b" ".join(words)])
    found, _ = kernels.lookup_words(data, offsets, make_alphabet(), index_of(kernels, words[5:]))
    assert found.tolist() == [0] * 5 + list(range(1, 39_996))


@both
def test_exactly_as_many_words_as_the_first_table_has_room_for(kernels) -> None:
    for n in (16_383, 16_384, 16_385):
        data, offsets = as_arrays([b" ".join(b"%d" % i for i in range(n)), b"0 1 new"])
        ranks, *_, counts, _ = kernels.index_words(data, offsets, make_alphabet())
        assert ranks.tolist() == [*range(1, n + 1), 1, 2, n + 1]
        assert counts.sum() == n + 3


@both
def test_a_range_of_documents_by_offsets_that_do_not_begin_at_zero(kernels) -> None:
    documents = [b"skip this", b"a b", b"", b"b c"]
    data, offsets = as_arrays(documents)
    ranks, ends, *_ = kernels.index_words(data, offsets[1:], make_alphabet())
    assert ranks.tolist() == [1, 2, 2, 3]
    assert ends.tolist() == [0, 2, 2, 4]
    assert data[:9].tobytes() == b"skip this"
    ranks, ends = kernels.lookup_words(data, offsets[2:], make_alphabet(), index_of(kernels, [b"c"]))
    assert (ranks.tolist(), ends.tolist()) == ([0, 1], [0, 0, 2])


def test_words_to_bytes_and_back() -> None:
    words = ["a", "", "é", "\ud800", "\x00", "😀"]
    assert decoded_words(*encoded_words(words)) == words
    assert decoded_words(*encoded_words([])) == []


@pytest.mark.parametrize("threads", [1, 2, 3, 8, 50])
@pytest.mark.parametrize(
    "lengths", [[], [0], [0, 0, 0], [5], [1] * 20, [100, 0, 0, 1, 1], [1, 1, 1, 100], [0, 9, 0]]
)
def test_ranges_cover_every_document_once_and_in_order(lengths: list[int], threads: int) -> None:
    offsets = offsets_of(np.array(lengths, dtype=np.int64))
    ranges = over_ranges(lambda first, last: (first, last), offsets, threads)
    assert [row for first, last in ranges for row in range(first, last)] == list(range(len(lengths)))
    assert len(ranges) <= max(threads, 1)


def test_ranges_hold_about_equal_work() -> None:
    offsets = offsets_of(np.array([10] * 100 + [1] * 1000))
    (first, cut), (again, last) = over_ranges(lambda a, b: (a, b), offsets, 2)
    assert (first, cut, again, last) == (0, 100, 100, 1100)


def test_an_error_in_a_thread_reaches_the_caller() -> None:
    with pytest.raises(ZeroDivisionError):
        over_ranges(lambda first, last: 1 // (first - 5), np.arange(11), 2)


def test_thread_count() -> None:
    assert thread_count(3) == 3
    assert thread_count(None) >= 1
    with pytest.raises(ValueError, match="1 or more, not 0"):
        thread_count(0)


_PRIME = 0x9E3779B97F4A7C15


def words_of_one_place(length):
    """Words that all fall on one place of a table whose keys are made with this well-known number."""
    if length == 8:
        return [bytes([first, second]) + b"unlike" for first in range(97, 123) for second in range(48, 123)]
    inverse, target = pow(_PRIME, -1, 2**64), 0x123456789ABCDEF
    words = []
    for last in range(256):
        mixed = target ^ last
        mixed ^= mixed >> 32
        for before in range(10):
            begin = (mixed * inverse % 2**64) ^ before
            words.append(begin.to_bytes(8, "little") + bytes([before, last]))
    return words


def longest_run(table):
    """How many entries of a table stand side by side, at most; looking a word up passes no more than that."""
    free = np.flatnonzero(table[1:-2:2] == 0)
    return int(np.diff(np.concatenate([free, free[:1] + len(table) // 2 - 1])).max()) - 1


@pytest.mark.parametrize("length", [8, 10])
def test_words_chosen_to_collide_are_spread_like_any_others(length, monkeypatch):
    words = words_of_one_place(length)
    assert len(set(words)) == len(words) > 1900
    data, offsets = np.frombuffer(b"".join(words), np.uint8), np.arange(len(words) + 1) * length
    assert longest_run(tokens_compiled.build_index(data, offsets)[2]) < 200
    if length == 10:  # so the words are what they claim to be
        monkeypatch.setattr(tokens_compiled, "_SECRET", np.uint64(_PRIME))
        assert longest_run(tokens_compiled.build_index(data, offsets)[2]) >= len(words)


@pytest.mark.slow
def test_what_a_process_draws_for_its_tables_changes_no_result(monkeypatch):
    rng = np.random.default_rng(0)
    documents = [
        b" ".join(b"w%d" % n + b"long" * int(n % 4) for n in rng.integers(0, 900, 50)) for _ in range(40)
    ]
    data, offsets = as_arrays(documents)
    tables, results = set(), set()
    for secret in (3, 0x9E3779B97F4A7C15, 2**64 - 1, 0xDEADBEEFCAFE1235):
        monkeypatch.setattr(tokens_compiled, "_SECRET", np.uint64(secret))
        found = tokens_compiled.index_words(data.copy(), offsets, make_alphabet())
        index = tokens_compiled.build_index(found[2], found[3])
        ranks = tokens_compiled.lookup_words(data.copy(), offsets, make_alphabet(), index)
        tables.add(index[2].tobytes())
        results.add(b"".join(array.tobytes() for array in (*found, *ranks)))
    assert len(tables) == 4
    assert len(results) == 1
