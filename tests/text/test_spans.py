"""Where words stand in the original text: the words are the tokenizer's, spans hold what made them."""

from __future__ import annotations

import html
import unicodedata

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


@pytest.mark.slow
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


def letters(text):
    """A text without what rules may change by what stands beside: case, marks, forms, apostrophes."""
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold()).casefold()
    return (
        "".join(c for c in plain if not unicodedata.combining(c))
        .replace("\u2019", "'")
        .replace("\u03c2", "\u03c3")
    )


# A long separator of characters that separate words themselves leaves some of its own in words.
OF_THE_TEXT = {name: rules for name, rules in RULES.items() if name != "long split"}


@pytest.mark.slow
@pytest.mark.parametrize("rules", OF_THE_TEXT.values(), ids=OF_THE_TEXT)
@settings(max_examples=60)
@given(text=TEXTS)
def test_a_span_holds_what_its_word_was_made_from(rules, text):
    tokenizer = Tokenizer(**rules)
    for word, (start, end) in zip(*words_with_spans(tokenizer, text), strict=True):
        source = text[start:end]
        if tokenizer.strip_html:
            source = html.unescape(source)
        assert letters(word) in letters(source)


EXAMPLES = [
    ({}, "Don't  STOP, now!", ["Don't", "STOP", "now"]),
    ({"strip_html": True}, "<b>caf&eacute;</b><!-- x -->&lt;ok&gt; AT&T", ["caf&eacute;", "ok", "AT", "T"]),
    ({"strip_html": True, "keep_punctuation": True}, "a&amp;b", ["a", "&amp;", "b"]),
    ({"normalization": "NFC"}, "cafe\u0301 \u1112\u1161\u11ab", ["cafe\u0301", "\u1112\u1161\u11ab"]),
    ({"normalization": "NFKC"}, "\ufb01lm \u00bd \u337f", ["\ufb01lm", "\u00bd", "\u337f"]),
    ({"strip_accents": True}, "cafe\u0301 e\u0301t\u00e9", ["cafe\u0301", "e\u0301t\u00e9"]),
    ({}, "\u0130STANBUL x", ["\u0130STANBUL", "x"]),
    (
        {"split_characters": True},
        "\u597d\u5403abc\U0001f44d\U0001f3fd!",
        ["\u597d", "\u5403", "abc", "\U0001f44d\U0001f3fd"],
    ),
    ({"unicode_punctuation": True}, "don\u2019t\u2026 stop\u3000now", ["don\u2019t", "stop", "now"]),
    ({"split": "--"}, "one--two, three", ["one", "two", " three"]),
]


@pytest.mark.parametrize(("rules", "text", "expected"), EXAMPLES)
def test_words_in_their_original_spelling(rules, text, expected):
    _, spans = words_with_spans(Tokenizer(**rules), text)
    assert [text[start:end] for start, end in spans] == expected


def shouted(text):
    return [word.upper() + "!" if word == "gone" else word.upper() for word in text.split()]


def test_words_of_an_own_function_are_looked_for_in_order():
    _, spans = words_with_spans(Tokenizer(function=str.split), "so so GONE \u0130 so")
    assert spans == [(0, 2), (3, 5), (6, 10), (11, 12), (13, 15)]
    _, spans = words_with_spans(Tokenizer(function=lambda text: text.lower().split()), "So gone So")
    assert spans == [(0, 2), (3, 7), (8, 10)]
    assert words_with_spans(Tokenizer(function=shouted), "GONE gone X")[1] == [(0, 4), None, (10, 11)]


def test_words_that_are_nowhere_do_not_use_up_the_time():
    """A hundred thousand words that are not in a text of a million characters."""
    words, spans = words_with_spans(Tokenizer(function=lambda text: ["zz"] * 100_000), "a " * 500_000)
    assert len(words) == len(spans) == 100_000
    assert set(spans) == {None}
