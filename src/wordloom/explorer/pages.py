"""The endpoints of the explorer: its page, style and scripts, all from packages, and what the scripts ask."""

from __future__ import annotations

from functools import cache, partial
from importlib.resources import files
from typing import Any

from wordloom.explorer.explored import Explored
from wordloom.explorer.source_questions import SORTED, SaveQuestion, SuspectsQuestion, TextsQuestion
from wordloom.explorer.text_questions import FlipQuestion, NearestQuestion, RowQuestion, TextQuestion
from wordloom.explorer.word_questions import MapQuestion, MovedQuestion, WordQuestion
from wordloom.server.endpoint import Endpoint, Form

_OWN, _REPORT, _BOKEH = "wordloom.explorer", "wordloom.report", "bokeh"
_SHARED = "\nexport { made, visible, percent, number, counted, save, marked, themeButton };\n"
_SCRIPT, _STYLE, _HTML = (
    b"text/javascript; charset=utf-8",
    b"text/css; charset=utf-8",
    b"text/html; charset=utf-8",
)
_STATIC = (
    ("/", _OWN, "static/index.html", _HTML),
    ("/page.css", _REPORT, "templates/page.css", _STYLE),
    ("/explorer.css", _OWN, "static/explorer.css", _STYLE),
    ("/shared.js", _REPORT, "templates/shared.js", _SCRIPT),
    ("/bokeh.js", _BOKEH, "server/static/js/bokeh.min.js", _SCRIPT),
    ("/bokeh-api.js", _BOKEH, "server/static/js/bokeh-api.min.js", _SCRIPT),
    *(
        (f"/{name}.js", _OWN, f"static/{name}.js", _SCRIPT)
        for name in (
            "explorer",
            "asking",
            "text_panel",
            "words_panel",
            "map_panel",
            "texts_panel",
            "suspects_panel",
        )
    ),
)
"""Path, package, file in it, type: everything that a browser loads. No path of a request is looked up."""


@cache
def _content(package: str, name: str) -> bytes:
    found = files(package).joinpath(name).read_bytes()
    return found + _SHARED.encode() if name.endswith("shared.js") else found


def _file(package: str, name: str, explored: Any) -> bytes:
    return _content(package, name)


def _about(explored: Any) -> dict[str, Any]:
    assert isinstance(explored, Explored)
    corpus, target = explored.corpus, explored.more.corrections
    return {
        "name": explored.name,
        "labels": [str(label) for label in explored.labels],
        "target": explored.model.target,
        "network": explored.model.network.described,
        "words": len(explored.model.vocabulary.words),
        "tables": [{"name": name, "words": len(vectors)} for name, vectors in explored.tables],
        "source": None if corpus is None else {"name": explored.subject().source, "texts": len(corpus)},
        "corrections": None if target is None else target.name,
        "sorts": list(SORTED),
        "longest": explored.limits.characters,
    }


def _asking(path: str, summary: str, form: Any, mark: str, method: str = "POST") -> Endpoint:
    return Endpoint(path, summary, forms=(Form(form, "Document", mark),), method=method)


ENDPOINTS = (
    *(
        Endpoint(path, "A part of the page", about=partial(_file, package, name), media_type=kind, open=True)
        for path, package, name, kind in _STATIC
    ),
    Endpoint("/explore/about", "What is explored", about=_about),
    _asking("/explore/text", "What the model says of a text, and why", TextQuestion, "text"),
    _asking("/explore/flips", "What would change the answer", FlipQuestion, "text"),
    _asking("/explore/nearest", "The nearest texts", NearestQuestion, "text"),
    _asking("/explore/row", "A text of the source", RowQuestion, "row", "GET"),
    _asking("/explore/words", "Questions to word vectors", WordQuestion, "kind"),
    _asking("/explore/moved", "Words whose neighbors changed", MovedQuestion, "before", "GET"),
    _asking("/explore/map", "Points of words", MapQuestion, "table", "GET"),
    _asking("/explore/texts", "Texts of the source", TextsQuestion, "show"),
    _asking("/explore/suspects", "Texts with something wrong", SuspectsQuestion, "start", "GET"),
    _asking("/explore/corrections", "Save decisions as a table of corrections", SaveQuestion, "actions"),
)
