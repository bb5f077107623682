"""Markup: the tags, comments and entities of HTML in a text, and the text without them."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

TAG = re.compile(r"</?[A-Za-z][^<>]*>")
"""A tag of HTML."""
LINE_BREAK = re.compile("<br />")
"""The tag that most texts with any have; `str.replace`, which counts first, takes a fifth longer."""


def has_markup(text: str) -> bool:
    """Whether a text may hold any."""
    return "<" in text or "&" in text


def without_markup(text: str) -> str:
    """A space in place of every tag and comment, and the signs that entities name."""
    if not has_markup(text):
        return text
    # ten times as fast as TAG; what is left may be a tag around it, and then it counts
    without_breaks = LINE_BREAK.sub(" ", text)
    text = TAG.sub(" ", _without_comments(text)) if "<" in without_breaks else without_breaks
    return html.unescape(text)


def comments_of(text: str) -> Iterator[tuple[int, int]]:
    """Where every `<!-- comment -->` of a text begins and ends; what is not closed is none.

    Not a regular expression: it would look for the end of every unclosed comment anew.
    """
    start = text.find("<!--")
    while start >= 0 and (end := text.find("-->", start + 4)) >= 0:
        yield start, end + 3
        start = text.find("<!--", end + 3)


def _without_comments(text: str) -> str:
    """A space in place of every comment."""
    parts, position = [], 0
    for start, end in comments_of(text):
        parts.append(text[position:start])
        position = end
    return " ".join([*parts, text[position:]])
