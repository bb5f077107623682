"""Where words stand in the original text: the words are the tokenizer's, spans hold what made them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wordloom.text.spans import words_with_spans
from wordloom.text.tokenizer import Tokenizer

RULES = {
    "Keras": {},
    "as it is written": {"lower": False},
    "HTML": {"strip_html": True},
    "without accents": {"strip_accents": True, "strip_html": True},
    "punctuation": {"keep_punctuation": True, "unicode_punctuation": True, "split_characters": True},
    "n-grams": {
        **{"strip_html": True, "keep_punctuation": True, "unicode_punctuation": True},
        **{"split_characters": True, "normalization": "NFC"},
    },
    "compatibility": {"normalization": "NFKC", "split_characters": True, "strip_html": True},
    "every rule": {
        **{"strip_html": True, "keep_punctuation": True, "unicode_punctuation": True, "strip_accents": True},
        **{"split_characters": True, "normalization": "NFKC"},
    },
    "other split": {"split": "|", "filters": "^]-\\ "},
    "long split": {"split": "--", "filters": "-,", "keep_punctuation": True, "unicode_punctuation": True},
}
PIECES = [
    *("<br />", "<b>", "<!-- a -->", "<!--", "-->", "<", ">", "&amp;", "&eacute;", "&notit;", "&#x1F600;"),
    *(
        "&#0;",
        "&nbsp",
        "&ampx",
        "AT&T",
        "&",
        ";",
        "e\u0301",
        "é",
        "İ",
        "I\u0307",
        "ΟΔΟΣ ",
        "ς",
        "ﬁ",
        "½",
        "㍿",
    ),
    *(
        "한국",
        "\u1112\u1161\u11ab",
        "ｶﾞ",
        "好吃",
        "น้ำ",
        "ក្រ",
        "👍🏽",
        "👩\u200d👧",
        "🇩🇪",
        "1\ufe0f\u20e3",
        "©\ufe0f",
    ),
    *("don’t", "’", "…", "\u202e", "\ud800", "\0", " ", "\t", "\n", "--", "-", "|", "film", "Good", "\u0344"),
    *("\u09c7\u09be", "\u0dd9\u0dcf", "\u0323\u0307", "q\u0307\u0323", "ǆ", "Ǆ", "\ufb2c", "𑄮"),
]
TEXTS = st.lists(st.sampled_from(PIECES) | st.characters() | st.text(max_size=4), max_size=25).map("".join)


@pytest.mark.parametrize("rules", RULES.values(), ids=RULES)
@settings(max_examples=60)
@given(text=TEXTS)
def test_words_are_those_of_the_tokenizer_and_spans_lie_in_the_text_in_order(rules, text):
    tokenizer = Tokenizer(**rules)
    words, spans = words_with_spans(tokenizer, text)
    assert words == tokenizer.tokenize(text)
    assert all(0 <= start < end <= len(text) for start, end in spans)
    assert spans == sorted(spans)
    assert [end for _, end in spans] == sorted(end for _, end in spans)
