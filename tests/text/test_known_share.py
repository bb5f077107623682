"""How much of the words of some texts a vocabulary has, and which frequent words it lacks."""

from __future__ import annotations

from wordloom.text.conventions import IdConvention
from wordloom.text.counting import count_words
from wordloom.text.known_words import UnknownWord, known_share, known_words
from wordloom.text.sequences import Ragged
from wordloom.text.tokenizer import Tokenizer
from wordloom.text.vocabulary import WordSelection, select

TOKENIZER = Tokenizer()
COUNTED, _ = count_words(["a b b zzz zzz", "zzz b yyy", ""], TOKENIZER)


def known(*texts):
    return select(*count_words(texts, TOKENIZER), WordSelection(), IdConvention())[0]


def test_shares_of_different_and_of_running_words():
    found = known_share(COUNTED, known("b a c"))
    assert (found.words, found.words_known) == (4, 2)
    assert (found.running, found.running_known) == (8, 4)
    assert found.unknown == (UnknownWord("zzz", 3, 2), UnknownWord("yyy", 1, 1))
    assert [one.word for one in known_share(COUNTED, known("b a c"), most=1).unknown] == ["zzz"]


def test_a_vocabulary_with_all_words_lacks_none():
    found = known_share(COUNTED, known("a b yyy zzz"))
    assert found.unknown == ()
    assert found.running_known == found.running


def test_texts_without_words_have_none_that_are_known():
    vocabulary = known("b a c")
    ids = Ragged.from_lists([[], [1, 0, 2, 9], [], [0], []])  # 0 is no word, 9 beyond the last
    assert known_words(ids, vocabulary).tolist() == [0, 2, 0, 0, 0]
    assert known_words(ids.take([0, 2]), vocabulary).tolist() == [0, 0]
