"""Letters that the usual font lacks: drawn in an installed font that has them, or named in a warning.

matplotlib's own font has Latin, Greek, Cyrillic, Arabic and Hebrew letters; others become empty boxes.
"""

from __future__ import annotations

import contextlib
import functools
import unicodedata
import warnings
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from wordloom.errors import WordloomWarning

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from matplotlib.text import Text

# Fonts of many scripts by the names that systems install them under; any other installed font comes after.
_PREFERRED = (
    "Noto Sans CJK",
    "Source Han Sans",
    "Noto Sans SC",
    "WenQuanYi",
    "Droid Sans Fallback",
    "Microsoft YaHei",
    "SimHei",
    "PingFang",
    "Hiragino Sans",
    "Yu Gothic",
    "Malgun Gothic",
    "Arial Unicode",
    "Noto Sans",
)
# Joiners and variation selectors have no shape; combining marks have, in the fonts of their script.
_SHAPELESS = ("Cc", "Cf", "Zs", "Zl", "Zp")


def make_readable(figure: Figure) -> None:
    """Give each text with letters that its font lacks an installed font that has them.

    A `WordloomWarning` names the letters that no installed font has, and the way out.
    """
    boxes: set[str] = set()
    for text in _texts(figure):
        lacking = _lacking(text.get_text(), tuple(text.get_fontfamily()))
        if lacking:
            text.set_fontfamily([*text.get_fontfamily(), *_families_with(lacking)])
            boxes |= _lacking(text.get_text(), tuple(text.get_fontfamily()))
    if boxes:
        shown = ", ".join(sorted(boxes)[:8]) + ", ..." * (len(boxes) > 8)
        warnings.warn(
            f"{len(boxes):,} letters are drawn as empty boxes, since no installed font has them ({shown}). "
            "Install one that does, for Chinese, Japanese and Korean for example Noto Sans CJK (on Debian: "
            "apt install fonts-noto-cjk), and draw again.",
            WordloomWarning,
            stacklevel=3,
        )


@contextlib.contextmanager
def without_box_warnings() -> Iterator[None]:
    """matplotlib warns of every box each time it is drawn; `make_readable` has warned of all at once."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=r"Glyph \d+ .*missing from")
        yield


def families_for(text: str) -> list[str]:
    """The font families to write a text with: the usual one, and one with the letters that it lacks."""
    from matplotlib.font_manager import FontProperties

    usual = FontProperties().get_family()
    return [*usual, *_families_with(_lacking(text, tuple(usual)))]


def _texts(figure: Figure) -> Iterable[Text]:
    """All texts of a figure; those at the ticks are made when they are asked for."""
    from matplotlib.text import Text

    for ax in figure.axes:
        ax.get_xticklabels()
        ax.get_yticklabels()
    return figure.findobj(Text)  # type: ignore[return-value]


def _lacking(text: str, families: tuple[str, ...]) -> set[str]:
    """The letters that none of the families has."""
    if text.isascii():
        return set()
    drawn = {letter for letter in text if unicodedata.category(letter) not in _SHAPELESS}
    return {letter for letter in drawn if not any(ord(letter) in _letters(path) for path in _files(families))}


def _files(families: tuple[str, ...]) -> list[str]:
    """The files of the fonts that matplotlib would draw these families with."""
    from matplotlib.font_manager import FontProperties, fontManager

    return list(fontManager._find_fonts_by_props(FontProperties(family=list(families))))  # type: ignore[attr-defined]


def _families_with(letters: set[str]) -> list[str]:
    """Installed families that together have as many of the letters as can be had."""
    families: list[str] = []
    for path in _installed() if letters else ():
        found = {letter for letter in letters if ord(letter) in _letters(path)}
        if found:
            families.append(_family_of(path))
            letters = letters - found
        if not letters:
            break
    return families


@functools.lru_cache(1)
def _installed() -> tuple[str, ...]:
    """The files of all installed fonts, preferred families first, then by name."""
    from matplotlib.font_manager import findSystemFonts, fontManager

    listed = {entry.fname for entry in fontManager.ttflist}
    for path in set(findSystemFonts()) - listed:  # installed since matplotlib made its list
        with contextlib.suppress(Exception):  # a damaged font is no reason to draw nothing
            fontManager.addfont(path)
    entries = {entry.fname: entry.name for entry in fontManager.ttflist}
    return tuple(sorted(entries, key=lambda path: (_rank(entries[path]), entries[path], path)))


def _rank(family: str) -> int:
    return next((place for place, name in enumerate(_PREFERRED) if family.startswith(name)), len(_PREFERRED))


def _family_of(path: str) -> str:
    from matplotlib.font_manager import fontManager

    return next(entry.name for entry in fontManager.ttflist if entry.fname == path)


@functools.lru_cache(64)
def _letters(path: str) -> frozenset[int]:
    """The code points that a font file has shapes for.

    None for a file that cannot be read, and for the Last Resort font, which has a box for each script.
    """
    from matplotlib.font_manager import get_font

    if "LastResort" in path:
        return frozenset()
    try:
        return frozenset(get_font(path).get_charmap())
    except (OSError, RuntimeError):
        return frozenset()
