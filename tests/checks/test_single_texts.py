"""What is wrong with a text by itself."""

from __future__ import annotations

import pytest

from wordloom.checks.single_texts import of_few_words, of_other_scripts
from wordloom.text.scripts import script_of
from wordloom.text.text_rows import text_rows
from wordloom.text.tokenizer import Tokenizer


def test_empty_texts_texts_of_signs_and_texts_of_one_word_are_found():
    texts = ["two words", "", " \n", "!!!", "one", "one one", "\u4e00"]
    found = {
        fault.row: (fault.kind, fault.detail) for fault in of_few_words(texts, text_rows(texts, Tokenizer()))
    }
    assert found == {
        1: ("empty", "is empty"),
        2: ("empty", "is empty"),
        3: ("empty", "has no word"),
        4: ("one-word", ""),
        6: ("one-word", ""),
    }


@pytest.mark.parametrize(
    ("text", "script"),
    [
        ("a fine film", "Latin"),
        ("Caf\u00e9 \u00fcber na\u00efve", "Latin"),
        ("\u0444\u0438\u043b\u044c\u043c ok", "Cyrillic"),
        ("\u4f60\u597d\uff0c\u4e16\u754c", "Chinese or Japanese"),
        ("\u65e5\u672c\u306e\u30c6\u30ec\u30d3", "Chinese or Japanese"),
        ("\uff46\uff49\uff4c\uff4d", "Latin"),  # of full width
        ("\u0645\u0631\u062d\u0628\u0627", "Arabic"),
        ("12 345 \u20ac \U0001f600", ""),
        ("", ""),
    ],
)
def test_the_script_of_a_text_is_that_of_most_of_its_letters(text, script):
    assert script_of(text) == script


def test_a_text_in_another_script_than_nearly_all_is_found():
    texts = ["a good film"] * 50 + ["\u0445\u043e\u0440\u043e\u0448\u0438\u0439", "123", ""]
    (found,) = of_other_scripts(texts)
    assert found.row == 50
    assert "Cyrillic" in found.detail
    assert "Latin" in found.detail


def test_where_texts_are_of_several_scripts_none_is_unexpected():
    assert not list(
        of_other_scripts(["a good film"] * 10 + ["\u0445\u043e\u0440\u043e\u0448\u0438\u0439"] * 5)
    )
