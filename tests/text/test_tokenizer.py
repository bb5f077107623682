"""The tokenizer's rules: Keras' exactly by default, every option, and what is saved of them."""

from __future__ import annotations

import functools
import itertools
import json
import re
import unicodedata

import pytest

from wordloom.errors import DataError, UsageError
from wordloom.text.counting import count_words
from wordloom.text.tokenizer import FILTERS, Tokenizer, function_name

KERAS_TEXT = "Don't stop-me,  now!\tYeah\nOK\r\nend\u00a0x"
KERAS_WORDS = ["don't", "stop", "me", "now", "yeah", "ok\r", "end\xa0x"]


def words(text: str, **options) -> list[str]:
    """The words of one text by both ways: `tokenize`, and bytes through the word kernels."""
    tokenizer = Tokenizer(**options)
    counted, ranks = count_words([text], tokenizer, threads=1)
    from_kernels = [counted.words[rank - 1] for rank in ranks.ids.tolist()]
    assert from_kernels == tokenizer.tokenize(text)
    return from_kernels


def letters(text: str) -> list[str]:
    """An own tokenizer function: every letter is a word."""
    return list(text)


def letters_one_by_one(text: str):
    yield from text


class Splitter:
    def __call__(self, text: str) -> list[str]:
        return text.split()

    @staticmethod
    def by_bar(text: str) -> list[str]:
        return text.split("|")


def test_keras_vector() -> None:
    assert words(KERAS_TEXT) == KERAS_WORDS


def test_keras_filters() -> None:
    assert Tokenizer().filters == FILTERS == '!"#$%&()*+,-./:;<=>?@[\\]^_`{|}~\t\n'
    assert words("".join(f"a{c}" for c in FILTERS)) == ["a"] * len(FILTERS)


@pytest.mark.parametrize("text", ["", " ", "  \n\t ", "!!! ...", "-"])
def test_texts_without_words(text: str) -> None:
    assert words(text) == []


@pytest.mark.parametrize(
    "joint", ["'", "\r", "\x0b", "\x0c", "\x00", "\x1c", "\x85", "\xa0", "\u2028", "\u2014"]
)
def test_what_python_would_split_at_stays_in_a_word(joint: str) -> None:
    assert words(f"a{joint}b c") == [f"a{joint}b", "c"]


@pytest.mark.parametrize(
    ("text", "lowered"),
    [
        ("ÄÖÜ", "äöü"),
        ("İ", "i\u0307"),
        ("ΟΔΟΣ", "οδος"),  # a final sigma
        ("Σ Σα", "σ σα"),
        ("ΑΣ-ΑΣ", "ας ας"),
        ("Straße STRASSE", "straße strasse"),
        ("\u212aELVIN", "kelvin"),  # the Kelvin sign becomes an ASCII letter
        ("Ǆ", "ǆ"),
        ("😀 GRINNING", "😀 grinning"),
    ],
)
def test_lower_follows_every_script(text: str, lowered: str) -> None:
    assert words(text) == lowered.split(" ")


def test_lower_off_keeps_capitals() -> None:
    assert words("The THE the", lower=False) == ["The", "THE", "the"]


def test_lower_comes_before_the_filters() -> None:
    # as in Keras: after lowering there is no capital left to filter, and small letters filter both
    assert words("xAyaz", filters="A") == ["xayaz"]
    assert words("xAyaz", filters="a") == ["x", "y", "z"]
    assert words("xAyaz", filters="A", lower=False) == ["x", "yaz"]
    assert words("0\u212a1k2", filters="k") == ["0", "1", "2"]


def test_split_may_be_a_capital_that_lowering_removes() -> None:
    assert words("oneAtwo,three", split="A") == ["oneatwo", "three"]
    assert words("oneAtwo,three", split="A", lower=False) == ["one", "two", "three"]


def test_split_of_one_character() -> None:
    assert words("a b-c,d", split="-", filters=",") == ["a b", "c", "d"]
    assert words("a\x00b", split="\x00", filters="") == ["a", "b"]


def test_split_of_several_characters() -> None:
    assert words("a b--c-d,e", split="--", filters=",") == ["a b", "c-d", "e"]
    # a filter that is part of the split gives one split more, as in Keras
    assert words("xabyaz", split="ab", filters="a") == ["x", "by", "z"]


def test_filters_and_split_beyond_ascii() -> None:
    assert words("a…bé c", filters="…é") == ["a", "b", "c"]
    assert words("a→b c", split="→", filters="") == ["a", "b c"]


def test_filters_that_mean_something_in_regular_expressions() -> None:
    assert words("a]b^c", filters="^]", keep_punctuation=True) == ["a", "]", "b", "^", "c"]


def test_no_filters() -> None:
    assert words("A b, c\n", filters="") == ["a", "b,", "c\n"]


def test_keep_punctuation() -> None:
    assert words("Well... no,\tno!\n(Don't)", keep_punctuation=True) == [
        *("well", ".", ".", ".", "no", ",", "no", "!", "(", "don't", ")"),
    ]
    assert words("a--b", keep_punctuation=True, split="-") == ["a", "b"]
    assert words("a,b", keep_punctuation=True, split="::") == ["a", ",", "b"]
    assert words("AxB", keep_punctuation=True, filters="x", lower=True) == ["a", "x", "b"]
    assert words("AXB", keep_punctuation=True, filters="x", lower=True) == ["a", "x", "b"]


def test_strip_html() -> None:
    text = 'Good<br /><br>film <a href="x.html">here</a> &amp; caf&eacute;<!-- not\nthis --> 1 < 2 <3'
    assert words(text, strip_html=True) == ["good", "film", "here", "café", "1", "2", "3"]
    assert words("a<br />b") == ["a", "br", "b"]


def test_strip_html_leaves_what_is_no_markup() -> None:
    assert words("x <- y & z", strip_html=True, filters="") == ["x", "<-", "y", "&", "z"]
    assert words("a <!-- open", strip_html=True) == ["a", "open"]
    assert words("<!--a-->b<!--c-->d--> <!-->e", strip_html=True, filters="") == ["b", "d-->", "<!-->e"]
    assert words("<br<br /> a> b<br />c", strip_html=True, filters="") == ["<br", "a>", "b", "c"]


def test_many_unclosed_comments_take_no_time_to_speak_of() -> None:
    # looking for each one's end anew would take hours
    assert len(Tokenizer(strip_html=True).tokenize("<!--a" * 400_000)) == 400_000


def test_strip_accents() -> None:
    assert words("Café NAÏVE Ångström İ ﬁn", strip_accents=True) == ["cafe", "naive", "angstrom", "i", "fin"]
    assert words("e\u0301a", strip_accents=True) == ["ea"]
    # full-width punctuation becomes plain, so it separates
    assert words("a！b", strip_accents=True) == ["a", "b"]


@pytest.mark.parametrize("letters_at_once", [1, 7, 1 << 17])
def test_the_bytes_of_texts_are_the_same_whatever_comes_at_once(letters_at_once, monkeypatch) -> None:
    monkeypatch.setattr("wordloom.text.tokenizer._LETTERS_AT_ONCE", letters_at_once)
    texts = ["", "a", "\u00e9" * 3, "much longer than all that was before it " * 9, "", "b<br />c", "end"]
    expected = [text.replace("<br />", " ").encode() for text in texts]
    for given in (texts, iter(texts), tuple(texts)):
        data, offsets = Tokenizer(strip_html=True).to_bytes(given)
        bounds = itertools.pairwise(offsets.tolist())
        assert [data[start:end].tobytes() for start, end in bounds] == expected
        assert len(data) == offsets[-1]
        assert data.flags.writeable
    data, offsets = Tokenizer().to_bytes([])
    assert (len(data), offsets.tolist()) == (0, [0])


def test_lone_surrogates_survive() -> None:
    assert words("\ud800A \udc00") == ["\ud800a", "\udc00"]
    assert words("\ud83d\ude00 😀") == ["\ud83d\ude00", "😀"]


def test_own_function() -> None:
    assert words("a b", function=letters) == ["a", " ", "b"]
    assert words("ab", function=letters_one_by_one) == ["a", "b"]
    assert words("A|b c||", function=Splitter.by_bar) == ["A", "b c"]
    assert words("a b", function=Splitter()) == ["a", "b"]


@pytest.mark.parametrize("answer", ["one string", None, 3, ["a", 1], ["a", None], [b"a"]])
def test_own_function_with_another_answer_is_named(answer: object) -> None:
    def wrong(text: str) -> object:
        return answer

    with pytest.raises(DataError, match=r"wrong.*must return a list of strings"):
        Tokenizer(function=wrong).tokenize("a")


def test_impossible_rules_are_refused() -> None:
    with pytest.raises(UsageError, match="split"):
        Tokenizer(split="")
    with pytest.raises(UsageError, match="cannot be called"):
        Tokenizer(function="letters")


BEYOND_ASCII = [
    ("It was \u201cgreat\u201d, truly.", ["it", "was", "great", "truly"]),
    ("great\u2026", ["great"]),
    ("great\u2014truly", ["great", "truly"]),
    ("great\uff01", ["great"]),
    ("\u00abgreat\u00bb", ["great"]),
    ("\u062c\u0645\u064a\u0644\u060c", ["\u062c\u0645\u064a\u0644"]),
    ("\u0939\u0948\u0964", ["\u0939\u0948"]),  # the vowel sign is a mark, no punctuation
    ("great\u00a0film\u3000here\r\nthere", ["great", "film", "here", "there"]),
    ("don\u2019t \u2018stop\u2019", ["don't", "stop"]),
    ("na\u00efve \U0001f600\U0001f600 10\u20ac", ["na\u00efve", "\U0001f600\U0001f600", "10\u20ac"]),
    ("\U00010100a\U00010100", ["a"]),  # punctuation beyond the first plane
]


@pytest.mark.parametrize(("text", "found"), BEYOND_ASCII)
def test_punctuation_of_every_script_separates_words(text: str, found: list[str]) -> None:
    assert words(text, unicode_punctuation=True) == found


@pytest.mark.parametrize(("text", "found"), BEYOND_ASCII)
def test_punctuation_of_every_script_becomes_words_if_it_is_kept(text: str, found: list[str]) -> None:
    kept = words(text, unicode_punctuation=True, keep_punctuation=True)
    assert [word for word in kept if word in found] == found
    marks = [word for word in kept if word not in found]
    assert all(len(mark) == 1 and unicodedata.category(mark).startswith("P") for mark in marks)


def test_of_ascii_texts_only_white_space_is_read_otherwise() -> None:
    text = "".join(map(chr, range(128)))
    by_keras = words(text, lower=False)
    assert words(text, lower=False, unicode_punctuation=True) == [
        part for word in by_keras for part in re.split("[\r\v\f\x1c-\x1f]", word) if part
    ]


def test_rules_saved_before_know_nothing_of_punctuation_beyond_ascii() -> None:
    config = Tokenizer(keep_punctuation=True).to_config()
    assert "unicode_punctuation" not in config
    assert Tokenizer.from_config(config).tokenize("\u201cgreat\u201d") == ["\u201cgreat\u201d"]


def test_config_round_trip_through_json() -> None:
    for tokenizer in (
        Tokenizer(),
        Tokenizer(
            lower=False,
            filters="é\x00\ud800",
            split="ab",
            strip_html=True,
            keep_punctuation=True,
            strip_accents=True,
        ),
        Tokenizer(unicode_punctuation=True),
    ):
        assert Tokenizer.from_config(json.loads(json.dumps(tokenizer.to_config()))) == tokenizer


def test_own_function_is_demanded_again() -> None:
    config = json.loads(json.dumps(Tokenizer(function=letters).to_config()))
    assert config["function"].endswith(":letters")
    with pytest.raises(DataError, match=r"letters.*tokenizer_function="):
        Tokenizer.from_config(config)
    with pytest.raises(DataError, match=r"letters'; the one handed over is called 'letters_one_by_one"):
        Tokenizer.from_config(config, letters_one_by_one)
    assert Tokenizer.from_config(config, letters).tokenize("ab") == ["a", "b"]


def test_a_function_for_a_model_without_one_is_refused() -> None:
    with pytest.raises(DataError, match="was not trained with a tokenizer function"):
        Tokenizer.from_config(Tokenizer().to_config(), letters)


def test_a_lambda_handed_over_at_load_is_named() -> None:
    config = Tokenizer(function=letters).to_config()
    with pytest.raises(DataError, match=r"letters'; the one handed over is called '.*<lambda>'"):
        Tokenizer.from_config(config, lambda text: [text])


def local_function():
    def inner(text: str) -> list[str]:
        return [text]

    return inner


@pytest.mark.parametrize(
    "function",
    [lambda text: text.split(), local_function(), functools.partial(letters), Splitter(), "a b".split],
    ids=["lambda", "inner", "partial", "instance", "bound builtin"],
)
def test_functions_without_a_name_to_find_them_by_are_not_saved(function) -> None:
    with pytest.raises(UsageError, match=r"cannot be saved.*Define it with `def` at the top of a module"):
        Tokenizer(function=function).to_config()


def test_function_names() -> None:
    assert function_name(letters) == f"{__name__}:letters"
    assert function_name(Splitter.by_bar) == f"{__name__}:Splitter.by_bar"
