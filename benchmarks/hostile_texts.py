"""Texts that rules of Unicode and HTML disagree on, as they come in no collection: made of what tokenizers
treat in a way of its own, in any order. A test of exported models uses them too."""

from __future__ import annotations

import random
from collections.abc import Sequence

_CAPITALS = ["İ", "I\u0307", "ẞ", "Σ", "ΑΣ", "Σ'Σ", "ΟΔΟΣ.", "Ǆ", "Ⴀ", "Ა", "Ꭰ", "𐐀", "K", "Å", "ᾈ", "Ω", "ﬀ"]
_MARKS = [
    "\u0301",
    "\u0323",
    "\u0307",
    "\u0345",
    "\u05b0",
    "\u0e34",
    "\u1ab0",
    "\u200d",
    "\u200c",
    "\ufe0f",
    "\u20e3",
]
_COMPOSING = [
    "e\u0301",
    "\u1100\u1161\u11a8",
    "가\u11a8",
    "\u0fb2\u0f71",
    "ȩ\u0306",
    "ﾊﾞ",
    "ガ",
    "q\u0323\u0307",
]
_NOT_ASSIGNED = [
    "\U000105d2\u0307",
    "a\U0001e08f\u0323",
    "\u0378",
    "\U0002ebf0",
    "\U000e0fff",
    "\ufdd0",
    "\uffff",
]
_SCRIPTS = [
    "你好",
    "面条很好吃",
    "ラーメン",
    "อร่อยมาก",
    "ແຊບ",
    "ឆ្ងាញ់",
    "ခေါက်",
    "ไม่ดี",
    "สวัสดี",
    "한국어",
    "שלום",
    "مرحبا",
]
_EMOJI = ["👍🏽", "👩‍👩‍👧", "🇩🇪🇫", "1️⃣", "©️", "©", "‼️", "☎", "😋😋", "🏴\U000e0067\U000e007f", "㊗️"]
_SIGNS = [
    "’",
    "don’t",
    "’tis",
    "好’好",
    "l’été",
    "“ja”",
    "…",
    "—",
    "。",
    "、",
    "\u00a0",
    "\u3000",
    "\u200b",
    "\u2028",
    "_",
    "€5",
]
_HTML = [
    *(
        "<b>",
        "</b>",
        "<!--",
        "-->",
        "<!-- x -->",
        "<",
        ">",
        "&",
        "&amp;",
        "&ampx",
        "&notit;",
        "&#8217;",
        "&#x41;",
    ),
    *(
        "&#0;",
        "&#128;",
        "&#xd800;",
        "&#1114112;",
        "&#x1F600",
        "&CounterClockwiseContourIntegral;",
        "&#xfffe;",
    ),
    *(
        "&amp;lt;",
        "&#",
        "&#x;",
        "&;",
        "&lt;b&gt;",
        "&nbsp;",
        "&zwj;",
        "&NotEqualTilde;",
        "<a\nb>",
        "<é>",
        "&é;",
    ),
]
_HALVES = ["\ud800", "\udfff", "\ud83d", "\ude00"]
_CONTROLS = ["\0", "\t", "\r\n", "\x1c", "\x7f", "\x85", "\ufeff", "\u202e", "\v", "\f", "\x1f"]
_PIECES = (_CAPITALS, _MARKS, _COMPOSING, _NOT_ASSIGNED, _SCRIPTS, _EMOJI, _SIGNS, _HTML, _HALVES, _CONTROLS)
_HIGHEST = 0x10FFFF


def hostile_texts(n: int, words: Sequence[str], seed: int = 0) -> list[str]:
    """N texts; `words` are what a model knows, so that its answers depend on them."""
    rng = random.Random(seed)
    return [_text(rng, words) for _ in range(n)]


def _text(rng: random.Random, words: Sequence[str]) -> str:
    kinds = rng.sample(_PIECES, rng.randint(1, 4))
    pieces = []
    for _ in range(rng.randint(0, 30)):
        draw = rng.random()
        piece = rng.choice(words) if draw < 0.4 else rng.choice(rng.choice(kinds))
        if draw > 0.97:
            piece = chr(rng.randint(0, _HIGHEST))
        piece = piece.upper() if rng.random() < 0.1 else piece
        pieces.append(piece + rng.choice(["", " ", " ", ".", ","]))
    return whole("".join(pieces))


def whole(text: str) -> str:
    """Two halves of a surrogate pair side by side as the character that they are where texts are UTF-16."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
