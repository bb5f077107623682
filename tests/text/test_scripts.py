"""Texts in any script: characters where no space sets words apart, emoji, and the normal forms of Unicode."""

from __future__ import annotations

import re
import sys
import unicodedata
from functools import partial

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from wordloom.text.counting import count_words
from wordloom.text.scripts import apostrophe_in_a_word, is_plain, parts_of, with_plain_apostrophes
from wordloom.text.tokenizer import Tokenizer

KERNELS = ("plain", "compiled")
RULES = {"split_characters": True, "normalization": "NFC"}
NGRAM = {**RULES, "unicode_punctuation": True, "keep_punctuation": True}


def words(text: str, **options) -> list[str]:
    """The words of one text by every way: `tokenize`, and bytes through both kinds of word kernels."""
    tokenizer = Tokenizer(**options)
    found = tokenizer.tokenize(text)
    with pytest.MonkeyPatch.context() as patch:
        for kernels in KERNELS:
            patch.setenv("WORDLOOM_KERNELS", kernels)
            counted, ranks = count_words([text], tokenizer, threads=1)
            assert [counted.words[rank - 1] for rank in ranks.ids.tolist()] == found, kernels
    return found


SCRIPTS = {
    "Chinese": ("我爱北京", ["我", "爱", "北", "京"]),
    "Chinese beyond the first 65,536 characters": ("𠮷野家", ["𠮷", "野", "家"]),
    "Chinese with a selected variant": ("葛\U000e0100城", ["葛\U000e0100", "城"]),
    "Japanese": ("東京タワーに行く", [*"東京タワーに行く"]),
    "iteration marks": ("人々がキーを", [*"人々がキーを"]),
    "half-width Katakana": ("ｶﾞｷﾞｰ", ["ｶﾞ", "ｷﾞ", "ｰ"]),
    "Thai": ("น้ำที่เกาะ", ["น้ำ", "ที่", "เกาะ"]),
    "Thai, drawn out": ("มาาาก", ["มา", "า", "า", "ก"]),
    "Lao": ("ພາສາລາວ", ["ພາ", "ສາ", "ລາ", "ວ"]),
    "Khmer": ("ភាសាខ្មែរ", ["ភា", "សា", "ខ្មែ", "រ"]),
    "Burmese": ("မန္တလေးမြို့", ["မ", "န္တ", "လေး", "မြို့"]),
    "Bopomofo": ("ㄅㄆ", ["ㄅ", "ㄆ"]),
}


@pytest.mark.parametrize("script", SCRIPTS)
@pytest.mark.parametrize("rules", [RULES, NGRAM])
def test_each_character_of_a_script_without_spaces_is_a_word(script, rules) -> None:
    text, found = SCRIPTS[script]
    expected = [unicodedata.normalize("NFC", word) for word in found]
    assert words(text, **rules) == expected
    assert words(unicodedata.normalize("NFD", text), **rules) == expected


@pytest.mark.parametrize("script", SCRIPTS)
def test_without_the_rule_such_a_text_is_one_word(script) -> None:
    text, _ = SCRIPTS[script]
    assert words(text) == [text]
    assert len(words(text, split_characters=True)) > 1


@pytest.mark.parametrize("text", ["ภาษาไทยเป็นภาษาที่มีระดับเสียง", "မြန်မာဘာသာစကား", "ភាសាខ្មែរ", "ພາສາລາວ ນໍ້າ"])
def test_no_vowel_sign_is_lost_or_becomes_a_word(text) -> None:
    found = words(text, **NGRAM)
    assert "".join(found) == text.replace(" ", "")
    assert not any(unicodedata.category(word[0]).startswith("M") for word in found)


MIXED = [
    ("我用iPhone12拍照", ["我", "用", "iphone12", "拍", "照"]),
    ("价格99.50元", ["价", "格", "99", "50", "元"]),
    ("ราคา ๑๒๓ บาท ok", ["รา", "คา", "๑๒๓", "บา", "ท", "ok"]),
    ("ＡＢＣ１２です", ["ａｂｃ１２", "で", "す"]),
    ("한국어와 日本語", ["한국어와", "日", "本", "語"]),
    ("Москва和Αθήνα", ["москва", "和", "αθήνα"]),
    ("好\u3000吃\u200b的", ["好", "吃", "的"]),
    ("สวัสดี\u200bครับ", ["ส", "วั", "ส", "ดี", "ค", "รั", "บ"]),
]


@pytest.mark.parametrize(("text", "found"), MIXED)
def test_latin_words_and_numbers_within_such_texts_stay_words(text, found) -> None:
    assert words(text, **RULES, unicode_punctuation=True) == found


def test_chinese_punctuation_separates_words_or_is_one() -> None:
    text = "很快，“好吃”！ok。"
    assert words(text, **RULES, unicode_punctuation=True) == ["很", "快", "好", "吃", "ok"]
    assert words(text, **NGRAM) == ["很", "快", "，", "“", "好", "吃", "”", "！", "ok", "。"]
    # Keras' list holds none of it; what stands in these scripts' blocks is a character of theirs then
    assert words("很快，ok。", **RULES) == ["很", "快", "，", "ok", "。"]


def test_a_quotation_mark_between_chinese_characters_is_no_apostrophe() -> None:
    assert words("他说’好’吧", **RULES, unicode_punctuation=True) == ["他", "说", "好", "吧"]
    assert words("我don’t知道", **RULES, unicode_punctuation=True) == ["我", "don't", "知", "道"]


EMOJI = [
    ("😀😀👍🏽", ["😀", "😀", "👍🏽"]),
    ("great😀film", ["great", "😀", "film"]),
    ("👨‍👩‍👧‍👦👩🏽‍💻🏳️‍🌈", ["👨‍👩‍👧‍👦", "👩🏽‍💻", "🏳️‍🌈"]),
    ("🇩🇪🇫🇷🇯", ["🇩🇪", "🇫🇷", "🇯"]),
    ("🏴󠁧󠁢󠁥󠁮󠁧󠁿🏴󠁧󠁢󠁷󠁬󠁳󠁿", ["🏴󠁧󠁢󠁥󠁮󠁧󠁿", "🏴󠁧󠁢󠁷󠁬󠁳󠁿"]),
    ("❤❤️☀️☀", ["❤", "❤️", "☀️", "☀"]),
    ("1️⃣2️⃣12 10️⃣", ["1️⃣", "2️⃣", "12", "1", "0️⃣"]),
    ("Disney© Disney©️ ok™", ["disney©", "disney", "©️", "ok™"]),
    ("好吃😋👍", ["好", "吃", "😋", "👍"]),
    ("wow‼️ ⁉️", ["wow", "‼️", "⁉️"]),
    ("🫠🫨🩷", ["🫠", "🫨", "🩷"]),
]


@pytest.mark.parametrize(("text", "found"), EMOJI)
@pytest.mark.parametrize("rules", [RULES, NGRAM, {**RULES, "unicode_punctuation": True}])
def test_each_emoji_is_a_word_with_all_that_belongs_to_it(text, found, rules) -> None:
    assert words(text, **rules) == found


def test_cafe_is_one_word_however_it_is_written() -> None:
    assert words("café cafe\u0301 CAFÉ CAFE\u0301", normalization="NFC") == ["café"] * 4
    assert len({*words("café cafe\u0301")}) == 2
    # the small letter is one character, its capital is not
    assert words("\u01f0 J\u030c", normalization="NFC") == ["\u01f0"] * 2
    assert words("한국 " + unicodedata.normalize("NFD", "한국"), normalization="NFC") == ["한국"] * 2
    assert words("ガ " + unicodedata.normalize("NFD", "ガ"), **RULES) == ["ガ"] * 2


def test_nfkc_makes_plain_letters_of_their_variants() -> None:
    assert words("ﬁn ＡＢＣ ①② ℌello ｶﾞ", normalization="NFKC") == ["fin", "abc", "12", "hello", "ガ"]
    assert words("ﬁn", normalization="NFC") == ["ﬁn"]
    assert words("a！b", normalization="NFKC") == ["a", "b"]


def test_ascii_texts_are_read_as_ever() -> None:
    text = "".join(map(chr, range(128))) * 2
    assert words(text, **RULES) == words(text)
    assert words(text, **NGRAM) == words(text, unicode_punctuation=True, keep_punctuation=True)


@pytest.mark.slow
def test_all_of_unicodes_punctuation_and_white_space_is_found() -> None:
    apart = partial(parts_of, characters=False, punctuation=True, keep_punctuation=False)
    signs = "".join(map(chr, range(0x80, sys.maxunicode + 1)))
    found = {sign for sign in signs if sign.isspace() or unicodedata.category(sign).startswith("P")}
    assert [sign for sign in found if apart(f"a{sign}b") != ["a", "b"]] == []
    others = "".join(sign for sign in signs if sign not in found)
    assert apart(others) == [others]


def test_the_quick_look_at_bytes_takes_nothing_for_plain_that_is_split_or_composed() -> None:
    apart = partial(parts_of, characters=True, punctuation=False, keep_punctuation=False)
    signs = "".join(chr(code) for code in range(0x80, sys.maxunicode + 1) if not 0xD800 <= code < 0xE000)
    plain = "".join(sign for sign in signs if is_plain(sign.encode()))
    assert set("äßøżЖя„–…€") <= set(plain)
    for text in (plain, plain[::-1], " ".join(plain), "".join(sign * 2 for sign in plain)):
        assert apart(text) == [text] == [unicodedata.normalize("NFC", text)]


@pytest.mark.parametrize("lower", [True, False])
@pytest.mark.parametrize("kept", [True, False])
@pytest.mark.parametrize("punctuation", [True, False])
def test_every_plain_sign_is_read_by_the_rules_wherever_it_stands(lower, kept, punctuation) -> None:
    signs = [chr(code) for code in range(0x80, 0x3000) if is_plain(chr(code).encode())]
    rules = {**RULES, "lower": lower, "keep_punctuation": kept, "unicode_punctuation": punctuation}
    tokenizer = Tokenizer(**rules)
    patterns = ("A{0}b", "{0}I", "x{0}{0}", "1 {0} ", "\u2019{0}\u2019", "a\u2019{0}\u2019b")
    texts = [pattern.format(sign) for sign in signs for pattern in patterns]
    counted, ranks = count_words(texts, tokenizer)
    found = [[counted.words[rank - 1] for rank in ids.tolist()] for ids in ranks]
    assert len(signs) > 700
    assert found == list(map(tokenizer.tokenize, texts))


@settings(max_examples=200, deadline=None)
@given(st.text(st.one_of(st.just("\u2019"), st.sampled_from("aÉ1_我ก♥.\u0301 "), st.characters())))
@pytest.mark.parametrize("apart", [True, False])
def test_apostrophes_are_plain_where_they_stand_between_two_letters_of_a_word(apart, text) -> None:
    expected = apostrophe_in_a_word("\u2019", apart).sub("'", text)
    assert with_plain_apostrophes(text, apart) == expected


def test_all_han_and_kana_are_found() -> None:
    names = re.compile(
        "CJK (UNIFIED|COMPATIBILITY) IDEOGRAPH|HIRAGANA LETTER|KATAKANA LETTER|HALFWIDTH KATAKANA L"
    )
    letters = [
        chr(code) for code in range(sys.maxunicode + 1) if names.match(unicodedata.name(chr(code), ""))
    ]
    apart = partial(parts_of, characters=True, punctuation=False, keep_punctuation=False)
    assert len(letters) > 90_000
    assert apart("".join(letters)) == letters


def test_rules_of_older_models_know_nothing_of_scripts_and_normal_forms() -> None:
    config = Tokenizer(unicode_punctuation=True).to_config()
    assert not config.keys() & RULES.keys()
    assert Tokenizer.from_config(config).tokenize("好吃 cafe\u0301") == ["好吃", "cafe\u0301"]


characters = st.one_of(
    st.sampled_from("aZ09#* .,'’“”！，。\u3000\u200b\u200d\u2060"),
    st.sampled_from("我爱々𠮷葛\U000e0100ーアガｶﾞﾟ\u3099\ufe00"),
    st.sampled_from("เแกขน้ำัะาๅ๑ๆເກ\u0eb2\u0ebd"),
    st.sampled_from("ក្មែរ។မန္တလေး်ြ\u1039၊"),
    st.sampled_from("😀👍🏽❤️⃣🇩🇪👩💻🏴\U000e0067\U000e007f©™‼⁉ℹ"),
    st.sampled_from("éE\u0301\u0327ǰJ\u030cİßΣςﬁ①K\u037e한\u1112\u1161"),
    st.characters(),
)
tokenizers = st.builds(
    Tokenizer,
    lower=st.booleans(),
    filters=st.sampled_from(['!"#$%&()*+,-./:;\n', "", "é！", "0#"]),
    split=st.sampled_from([" ", " ", " ", "-", "我", "ab", "\u200d"]),
    strip_html=st.booleans(),
    keep_punctuation=st.booleans(),
    strip_accents=st.booleans(),
    unicode_punctuation=st.booleans(),
    split_characters=st.booleans(),
    normalization=st.sampled_from([None, "NFC", "NFKC"]),
)


@pytest.mark.slow
@settings(max_examples=300, deadline=None)
@given(st.lists(st.text(characters, max_size=25), max_size=5), tokenizers)
@example(["K", "\u037ea", "ℌ"], Tokenizer(normalization="NFKC"))
def test_both_ways_to_the_words_agree(texts, tokenizer) -> None:
    expected = [tokenizer.tokenize(text) for text in texts]
    with pytest.MonkeyPatch.context() as patch:
        for kernels in KERNELS:
            patch.setenv("WORDLOOM_KERNELS", kernels)
            counted, ranks = count_words(texts, tokenizer)
            assert [[counted.words[rank - 1] for rank in ids.tolist()] for ids in ranks] == expected


@settings(max_examples=300, deadline=None)
@given(st.text(characters, max_size=40), st.booleans())
def test_nothing_but_separators_is_lost(text, lower) -> None:
    tokenizer = Tokenizer(lower=lower, filters="", **RULES)
    left = "".join(tokenizer.tokenize(text))
    expected = Tokenizer(lower=lower, filters="", normalization="NFC").tokenize(text)
    assert left == re.sub("[\u3000\u200b]", "", "".join(expected))
    for word in tokenizer.tokenize(text):  # what is a word stays one
        assert tokenizer.tokenize(word) == [word]


def words_of_all(texts: list[str], tokenizer: Tokenizer) -> list[list[str]]:
    counted, ranks = count_words(texts, tokenizer)
    return [[counted.words[rank - 1] for rank in ids.tolist()] for ids in ranks]


MANY = "我爱北京，" * 5_000
"""So many characters that all texts beside them are set apart together."""


@settings(max_examples=40, deadline=None)
@given(st.lists(st.text(characters, max_size=25), max_size=20), tokenizers)
@example(["我爱我爱我爱ΑΣ", "\u0301爱我爱我爱", "a"], Tokenizer(**RULES))
@example(["我爱我爱\0我爱ΑΣ", "爱我İ爱我爱"], Tokenizer(**RULES))
def test_many_texts_are_split_as_each_alone(texts, tokenizer) -> None:
    texts = [*texts, MANY]
    assert words_of_all(texts, tokenizer) == [tokenizer.tokenize(text) for text in texts]


@pytest.mark.slow
@pytest.mark.parametrize("rules", [RULES, NGRAM, {**RULES, "unicode_punctuation": True}])
def test_every_sign_is_split_among_many_texts_as_alone(rules) -> None:
    tokenizer = Tokenizer(**rules)
    codes = [*range(0x80, 0x3400), *range(0x3400, 0xA000, 97), *range(0xA000, 0x20000, 7)]
    texts = [f"a{chr(code)}b 我{chr(code)}爱" for code in codes]
    assert words_of_all(texts, tokenizer) == [tokenizer.tokenize(text) for text in texts]
