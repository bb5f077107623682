"""A picture as an SVG element that can stand in a page beside others.

matplotlib writes a file of its own: with a declaration, styles, names that every file has alike, and a table
of letter shapes. Here letters are left to the page's fonts, names are made different, and how things look is
said by attributes, which a page may restyle (its dark colors) and which no content policy forbids.
"""

from __future__ import annotations

import io
import re
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from typing import TYPE_CHECKING

from wordloom.plots.figure import figure_of
from wordloom.plots.glyphs import without_box_warnings

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_SVG, _LINK = "{http://www.w3.org/2000/svg}", "{http://www.w3.org/1999/xlink}href"
_LEFT_OUT = {f"{_SVG}{name}" for name in ("metadata", "style", "title", "desc", "script", "a")}
_FONTS = ("font", "font-family", "font-stretch", "font-variant", "font-style")
_SIZE = re.compile(r"(\d+(?:\.\d+)?)px")
_REFERENCE = re.compile(r"url\(#([^)]*)\)")
# what XML cannot hold, a label may: it is left out
_NOT_XML = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def inline_svg(picture: Axes | Sequence[Axes], prefix: str, description: str) -> str:
    """An `<svg>` element without ids, styles or links that could meet those of the page around it.

    picture : what a function of this package returned; prefix : what its ids begin with, another one for
    each picture of a page; description : what is read out in its place
    """
    import matplotlib
    from matplotlib.text import Text

    figure = figure_of(picture if not isinstance(picture, Sequence) else picture[0])
    for text in figure.findobj(Text):
        text.set_text(_NOT_XML.sub("", text.get_text()))  # type: ignore[attr-defined]
    written = io.StringIO()
    with (
        matplotlib.rc_context({"svg.hashsalt": prefix, "svg.fonttype": "none"}),
        without_box_warnings(),
    ):
        figure.savefig(written, format="svg", transparent=True, metadata={"Date": None})
    root = ET.fromstring(written.getvalue())
    _clean(root, prefix)
    for size in ("width", "height"):
        del root.attrib[size]  # the page says how wide; viewBox keeps the shape
    root.attrib |= {"role": "img", "aria-label": _NOT_XML.sub("", description)}
    return ET.tostring(root, encoding="unicode")


def _clean(element: ET.Element, prefix: str) -> None:
    for child in list(element):
        if child.tag in _LEFT_OUT:
            element.remove(child)
        else:
            _clean(child, prefix)
    element.tag = element.tag.removeprefix(_SVG)  # in a page of HTML they go without
    attributes = element.attrib
    for entry in attributes.pop("style", "").split(";"):
        name, _, value = entry.partition(":")
        name, value = name.strip(), value.strip()
        if name == "font":
            size = _SIZE.search(value)
            attributes.update({"font-size": size[1]} if size else {})
        elif name and name not in _FONTS:
            attributes[name] = value
    link = attributes.pop(_LINK, None)
    if link is not None and link.startswith(("#", "data:image/png;base64,")):
        attributes["href"] = f"#{prefix}-{link[1:]}" if link.startswith("#") else link
    for name, value in attributes.items():
        attributes[name] = _REFERENCE.sub(rf"url(#{prefix}-\1)", value)
    if "id" in attributes:
        attributes["id"] = f"{prefix}-{attributes['id']}"
