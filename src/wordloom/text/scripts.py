"""Scripts: where words begin and end in texts whose words no space sets apart.

A character of Chinese, Japanese, Thai, Lao, Khmer or Burmese is a word of its own, and so is an emoji. What
is written on, under or around a character belongs to it: combining marks, vowel signs, variation selectors,
and of an emoji its skin tone and what it is joined to. So a character here is what a reader sees as one,
about a grapheme cluster of Unicode's Standard Annex #29. In Thai and Lao a vowel that is a letter of its
own stays with its consonant as well (Thai character clusters, Theeramunkong et al. 2000). All other
scripts, numbers, and Latin words within such texts stay as they are.

What is a mark, a digit or punctuation says Python's `unicodedata`. Which characters are emoji says Unicode's
emoji-data.txt; its newest blocks are taken whole, so that emoji to come are known too.
"""

from __future__ import annotations

import functools
import itertools
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence

Ranges = Sequence[tuple[int, int]]
Rules = tuple[bool, bool, bool]
"""The arguments of `parts_of` after the text."""

_CHINESE_AND_JAPANESE: Ranges = (
    *((0x2E80, 0x2FDF), (0x3001, 0x312F)),  # radicals; punctuation, kana, Bopomofo
    *((0x31A0, 0x31BF), (0x31F0, 0x31FF)),
    *((0xFF01, 0xFF0F), (0xFF1A, 0xFF20), (0xFF3B, 0xFF40), (0xFF5B, 0xFF9D)),  # of full and half width
)
_HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_HAN_AND_KANA_BEYOND = "\U0001aff0-\U0001b16f\U00020000-\U0003fffd"
_WITH_VOWEL_SIGNS: Ranges = (
    *((0x0E00, 0x0EFF), (0x1000, 0x109F), (0x1780, 0x17FF)),  # Thai and Lao; Burmese; Khmer
    *((0xA9E0, 0xA9FF), (0xAA60, 0xAA7F)),  # further letters of Burmese
)
_MARKS = (
    "\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u200c\u200d\u20d0-\u20ff\u302a-\u302f\u3099\u309a"
    "\ufe00-\ufe0f\ufe20-\ufe2f\uff9e\uff9f\U000e0100-\U000e01ef"
)
"""What belongs to the character before it, besides the scripts' own vowel signs."""
_SPACES = "\u3000\u200b"
"""The wide space, and the one without width that sets words of Thai, Khmer and Burmese apart."""

# A vowel before its consonant, and vowels behind it, that are letters to Unicode.
_LEADING, _CONSONANTS = "\u0e40-\u0e44\u0ec0-\u0ec4", "\u0e01-\u0e2e\u0e81-\u0eae\u0edc-\u0edf"
_FOLLOWING, _LAST = "\u0e32\u0e33\u0e45\u0eb2\u0eb3\u0ebd", "\u0e30\u0eb0"
# The signs that put the next consonant under the one before, each with the consonants.
_STACKED = "\u17d2[\u1780-\u17a2]|\u1039[\u1000-\u1021\u103f]"

_EMOJI = (
    "\u2194-\u2199\u21a9\u21aa\u231a\u231b\u2328\u23cf\u23e9-\u23f3\u23f8-\u23fa\u25aa\u25ab\u25b6\u25c0"
    "\u25fb-\u25fe\u2600-\u2604\u260e\u2611\u2614\u2615\u2618\u261d\u2620\u2622\u2623\u2626\u262a\u262e\u262f"
    "\u2638-\u263a\u2640\u2642\u2648-\u2653\u265f\u2660\u2663\u2665\u2666\u2668\u267b\u267e\u267f\u2692-\u2697"
    "\u2699\u269b\u269c\u26a0\u26a1\u26a7\u26aa\u26ab\u26b0\u26b1\u26bd\u26be\u26c4\u26c5\u26c8\u26ce\u26cf"
    "\u26d1\u26d3\u26d4\u26e9\u26ea\u26f0-\u26f5\u26f7-\u26fa\u26fd\u2702\u2705\u2708-\u270d\u270f\u2712\u2714"
    "\u2716\u271d\u2721\u2728\u2733\u2734\u2744\u2747\u274c\u274e\u2753-\u2755\u2757\u2763\u2764\u2795-\u2797"
    "\u27a1\u27b0\u27bf\u2934\u2935\u2b05-\u2b07\u2b1b\u2b1c\u2b50\u2b55"
)
_EMOJI_BEYOND = (
    "\U0001f004\U0001f0cf\U0001f170\U0001f171\U0001f17e\U0001f17f\U0001f18e\U0001f191-\U0001f19a\U0001f201"
    "\U0001f202\U0001f21a\U0001f22f\U0001f232-\U0001f23a\U0001f250\U0001f251\U0001f300-\U0001f64f"
    "\U0001f680-\U0001f6ff\U0001f7e0-\U0001f7eb\U0001f7f0\U0001f90c-\U0001f9ff\U0001fa70-\U0001faff"
)
"""Emoji beyond the first 65,536 characters; the flags' letters are not among them."""
_SIGNS, _SIGNS_OF_PUNCTUATION = "\xa9\xae\u2122\u2139\u24c2\u3297\u3299", "\u203c\u2049"
"""What is an emoji only with the variation selector behind it: signs of ordinary texts, and punctuation."""
_FLAG_LETTERS = "\U0001f1e6-\U0001f1ff"
_OF_EMOJI = "\ufe0e\ufe0f\u20e3\u0300-\u036f\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f"
APOSTROPHE = "\u2019"
"""The typographic one: punctuation, but not inside a word."""
_KEYCAP, _KEYCAP_FRAME = "[0-9]\ufe0f?\u20e3", "\u20e3"

# Where there is punctuation; between stand some 60,000 letters of Chinese, Korean and others.
_SEARCHED_FOR_PUNCTUATION: Ranges = (
    *((0x80, 0x33FF), (0xA490, 0xABFF), (0xFB00, 0xFFFF), (0x10000, 0x12FFF)),
    *((0x16A60, 0x16FFF), (0x1BC90, 0x1BCAF), (0x1DA80, 0x1DA8F), (0x1E5F0, 0x1E5FF), (0x1E950, 0x1E95F)),
)
# What `is_plain` may be true of, in two bytes and in three.
_PLAIN: Ranges = ((0x80, 0x2FF), (0x400, 0x4FF), (0x2000, 0x203F), (0x2080, 0x20BF))
# First bytes of Latin letters up to U+02FF, of Cyrillic ones, and of signs from U+2000 on.
_PLAIN_BYTES = bytes([*range(0xC0), *range(0xC2, 0xCC), *range(0xD0, 0xD4), 0xE2])
# Of these signs plain are currencies and those up to U+203F, but for three spaces.
_NOT_PLAIN = re.compile(rb"\xe2(?:[^\x80\x82]|\x80[\x80\x81\x8b])")


def parts_of(text: str, characters: bool, punctuation: bool, keep_punctuation: bool) -> list[str]:
    """The parts of a text that no word goes across, in order; ASCII is left for others to split.

    characters : characters of scripts without spaces, and emoji, are parts of their own
    punctuation : white space and punctuation beyond ASCII, as Unicode has it, belong to no part
    keep_punctuation : such punctuation marks are parts of their own
    """
    return parts_pattern(text, characters, punctuation, keep_punctuation).findall(text)


def parts_pattern(text: str, characters: bool, punctuation: bool, keep_punctuation: bool) -> re.Pattern[str]:
    """What finds the parts of a text, by the rules of `parts_of`."""
    return _pattern(characters, punctuation, keep_punctuation, characters and _KEYCAP_FRAME in text)


def classes_of(rules: Rules) -> tuple[str, str, str]:
    """Three classes: characters that are parts of their own, those that stand between parts, and those of
    which their neighbors say what they are. One that is in several is what the last of them says."""
    characters, punctuation, keep_punctuation = rules
    marks, _, spaces = _punctuation() if punctuation else ("", "", "")
    alone, between, others = "", marks + spaces, APOSTROPHE
    if punctuation and keep_punctuation:
        alone, between = marks, spaces
    if characters:
        alone, between = alone + _characters(without="P" if punctuation else "")[0], between + _SPACES
        others += class_of(_codes(_WITH_VOWEL_SIGNS)) + _MARKS + _EMOJI + _OF_EMOJI
        others += _SIGNS + _SIGNS_OF_PUNCTUATION + _KEYCAP_FRAME
    return alone, between, others


def is_plain(encoded: bytes) -> bool:
    """Whether UTF-8 has certainly no character that is a word of its own, and is in the normal form NFC.

    A quick look at the first bytes of all characters; true of most texts of Latin and Cyrillic letters.
    """
    return not encoded.translate(None, _PLAIN_BYTES) and _NOT_PLAIN.search(encoded) is None


@functools.cache
def plain_separators() -> re.Pattern[str]:
    """Finds the punctuation and white space among the characters that `is_plain` is true of."""
    codes = (code for code in _codes(_PLAIN) if _category(code)[0] == "P" or chr(code).isspace())
    return re.compile(f"[{class_of(codes)}]")


def with_plain_apostrophes(text: str, characters: bool) -> str:
    """A text with plain apostrophes inside its words, where `apostrophe_in_a_word` finds typographic ones.

    Many times as fast as replacing what the expression finds, which looks at every place of the text.
    """
    first, *others = text.split(APOSTROPHE)
    parts = [first]
    for part in others:
        inside = _is_letter_of_a_word(first[-1:], characters) and _is_letter_of_a_word(part[:1], characters)
        parts += ("'" if inside else APOSTROPHE, part)
        first = part
    return "".join(parts)


@functools.lru_cache(maxsize=4096)
def _is_letter_of_a_word(character: str, characters: bool) -> bool:
    return re.fullmatch(letter_of_a_word(characters), character) is not None


@functools.cache
def apostrophe_in_a_word(apostrophe: str, characters: bool) -> re.Pattern[str]:
    """Finds an apostrophe between two letters; characters that are words of their own are no such letters."""
    letter = letter_of_a_word(characters)
    return re.compile(f"(?<={letter}){apostrophe}(?={letter})")


def letter_of_a_word(characters: bool) -> str:
    """The pattern of a letter or digit inside a word, which is none of the characters that are words."""
    alone = "".join(_characters(without="")) if characters else ""
    return rf"[^\W_{alone}]"


@functools.cache
def _pattern(characters: bool, punctuation: bool, keep_punctuation: bool, keycaps: bool) -> re.Pattern[str]:
    """Finds the parts of a text one after the other; what it does not find is no part."""
    marks, far_marks, spaces = _punctuation() if punctuation else ("", "", "")
    near, far, signs = marks + spaces, far_marks, ""
    parts = [f"[{marks}{far_marks}]"] if marks and keep_punctuation else []
    if characters:
        alone, with_vowel_signs = _characters(without="P" if punctuation else "")
        signs = _SIGNS if punctuation else _SIGNS + _SIGNS_OF_PUNCTUATION
        near += alone.replace(_HAN_AND_KANA_BEYOND, "") + with_vowel_signs + _EMOJI + _SPACES + signs
        far += _HAN_AND_KANA_BEYOND + _EMOJI_BEYOND + _FLAG_LETTERS
        parts = [_character_pattern(alone, with_vowel_signs), _emoji_pattern(), *parts]
    # Two classes, since a class is looked up at once only as far as it holds no character from far off.
    rest = [f"[^{near}\U00010000-\U0010ffff]+", f"[^{far}\0-\uffff]+"]
    if signs:
        rest.append(f"[{signs}](?!\ufe0f)")
    if keycaps:
        parts.insert(0, _KEYCAP)
        rest[0] = f"(?!{_KEYCAP})" + rest[0].removesuffix("+")
    return re.compile("|".join([*parts, f"(?:{'|'.join(rest)})+"]))


def _character_pattern(alone: str, with_vowel_signs: str) -> str:
    """A character of a script without spaces, with all that belongs to it; see `_characters`."""
    vowel_signs = class_of(code for code in _codes(_WITH_VOWEL_SIGNS) if _category(code)[0] == "M")
    signs, following = f"[{_MARKS}{vowel_signs}]", f"[{_FOLLOWING}{_LAST}]"
    return (
        f"[{alone}][{_MARKS}]*|"
        f"(?:[{_LEADING}][{_CONSONANTS}]|(?!{following})[{with_vowel_signs}])(?:{_STACKED}|{signs})*"
        f"(?:[{_FOLLOWING}]{signs}*)?[{_LAST}]?|{following}{signs}*"
    )


def _emoji_pattern() -> str:
    """A flag, or an emoji with all that belongs to it and that it is joined to."""
    emoji = f"[{_EMOJI}{_EMOJI_BEYOND}][{_OF_EMOJI}]*"
    selected = f"[{_SIGNS}{_SIGNS_OF_PUNCTUATION}]\ufe0f[{_OF_EMOJI}]*"
    return f"(?:[{_FLAG_LETTERS}]{{1,2}}|{emoji}|{selected})(?:\u200d(?:{emoji})?)*"


@functools.cache
def _characters(without: str) -> tuple[str, str]:
    """Two classes: characters of Chinese and Japanese, and of the scripts with vowel signs, but for marks.

    Digits make numbers and are left out, what is not assigned as well, and the category `without`.
    """
    left = ("M", "Nd", "Z", "Cn", "Sc", *without)
    chosen = [
        class_of(code for code in _codes(ranges) if not _category(code).startswith(left))
        for ranges in (_CHINESE_AND_JAPANESE, _WITH_VOWEL_SIGNS)
    ]
    return _HAN + chosen[0] + _HAN_AND_KANA_BEYOND, chosen[1]


@functools.cache
def _punctuation() -> tuple[str, str, str]:
    """Three classes: the punctuation beyond ASCII, that beyond the first 65,536, and the white space."""
    codes = list(_codes(_SEARCHED_FOR_PUNCTUATION))
    marks = [code for code in codes if _category(code)[0] == "P"]
    near = class_of(code for code in marks if code < 0x10000)
    far = class_of(code for code in marks if code >= 0x10000)
    return near, far, class_of(code for code in codes if chr(code).isspace())


def _category(code: int) -> str:
    return unicodedata.category(chr(code))


def _codes(ranges: Ranges) -> Iterable[int]:
    return itertools.chain.from_iterable(range(first, last + 1) for first, last in ranges)


def class_of(codes: Iterable[int]) -> str:
    """The characters for a class of a pattern, neighbors as a range."""
    runs: list[list[int]] = []
    for code in codes:
        if runs and code == runs[-1][1] + 1:
            runs[-1][1] = code
        else:
            runs.append([code, code])
    return "".join(f"{chr(first)}-{chr(last)}" for first, last in runs)


def script_of(text: str) -> str:
    """The script that most letters of a text are of, such as "Latin"; empty for a text without letters.

    The name of a letter says its script ("CYRILLIC SMALL LETTER A"), but for few. Chinese characters and the
    syllables of Japanese are of one script here, "Chinese or Japanese".
    """
    if text.isascii():
        return "Latin" if any(map(str.isalpha, text)) else ""
    counts: dict[str, int] = {}
    for character, count in Counter(text).items():
        script = _script_of_letter(character)
        counts[script] = counts.get(script, 0) + count
    counts.pop("", None)
    return max(counts, key=lambda script: counts[script]) if counts else ""


_HAN_AND_KANA = ("CJK", "HIRAGANA", "KATAKANA", "IDEOGRAPHIC", "BOPOMOFO", "KANGXI")


@functools.lru_cache(maxsize=1 << 16)
def _script_of_letter(character: str) -> str:
    """Empty for what is no letter."""
    plain = unicodedata.normalize("NFKC", character)[:1] or character  # a letter of full width, or in bold
    if not plain.isalpha():
        return ""
    name, _, _ = unicodedata.name(plain, "").partition(" ")
    name = name.partition("-")[0]
    return "Chinese or Japanese" if name in _HAN_AND_KANA else name.capitalize()
