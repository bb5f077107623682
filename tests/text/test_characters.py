"""Characters of words as numbers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wordloom.errors import DataError
from wordloom.text.characters import Alphabet


def test_a_word_is_spelled_between_boundaries():
    alphabet = Alphabet.of(["ab", "b\U0001f600"])
    assert alphabet.codes.tolist() == [ord("a"), ord("b"), 0x1F600]
    assert [row.tolist() for row in alphabet.spelled(["ba", "", "\U0001f600z"])] == [
        [1, 3, 2, 1],
        [1, 1],
        [1, 4, 0, 1],
    ]
    assert alphabet.size == 5


@given(st.lists(st.text(max_size=5), max_size=8))
def test_spelling_can_be_read_back(words):
    alphabet = Alphabet.of(words)
    spelled = alphabet.spelled(words)
    assert len(spelled) == len(words)
    for word, ids in zip(words, spelled, strict=True):
        assert ids[0] == ids[-1] == 1
        assert "".join(chr(alphabet.codes[number - 2]) for number in ids[1:-1]) == word


def test_words_set_apart_end_with_a_character_that_breaks_ngrams():
    alphabet = Alphabet.of(["ab"])
    assert [row.tolist() for row in alphabet.spelled(["ba", "", "b"], apart=True)] == [
        [1, 3, 2, 1, 0],
        [1, 1, 0],
        [1, 3, 1, 0],
    ]


def test_lone_surrogates_are_characters_like_others():
    assert Alphabet.of(["a\udc80"]).spelled(["\udc80"])[0].tolist() == [1, 3, 1]


@pytest.mark.parametrize("codes", [[98, 97], [97, 97], [0x110000]])
def test_what_is_no_alphabet_is_refused(codes):
    with pytest.raises(DataError, match="'characters'"):
        Alphabet(np.array(codes, dtype=np.uint32))
