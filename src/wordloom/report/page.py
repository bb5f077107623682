"""The page: its parts laid out by templates, within a size, under a policy that lets nothing in."""

from __future__ import annotations

import base64
import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from wordloom.atomic import replacing_file
from wordloom.controls import visible
from wordloom.errors import DataError
from wordloom.report import tables
from wordloom.report.embedded_texts import EmbeddedTexts, embedded_texts
from wordloom.report.figures import figures_of
from wordloom.report.kind import Kind, cut, percent
from wordloom.report.of_grades import OfGrades
from wordloom.report.of_labels import OfLabels
from wordloom.report.of_sets import OfSets
from wordloom.report.subject import Subject, check_extra
from wordloom.targets import GRADED, MULTILABEL, SINGLE

if TYPE_CHECKING:
    from jinja2 import Environment

LARGEST_PAGE = 3_000_000
"""Bytes of a page at most."""
_BYTES_OF_TEXTS = 2_000_000
_FIRST_SUSPECTS = 3
KINDS: dict[str, Callable[[Subject], Kind]] = {SINGLE: OfLabels, MULTILABEL: OfSets, GRADED: OfGrades}
"""What a report is for texts of each target."""


@dataclass(frozen=True)
class Page:
    """A report as HTML.

    Parameters
    ----------
    html : the page, UTF-8, at most LARGEST_PAGE bytes
    texts : which texts stand in it
    left_out : what there is no room for or nothing to show of, in sentences
    """

    html: bytes
    texts: EmbeddedTexts
    left_out: tuple[str, ...]

    def write(self, file: str | os.PathLike[str]) -> None:
        """Write the page to a file, whole or not at all."""
        with replacing_file(file) as temporary:
            temporary.write_bytes(self.html)


def render(subject: Subject) -> Page:
    """The report on a model and texts.

    Raises MissingExtraError if Jinja2 or matplotlib is not installed, and what `evaluated_on` raises for
    texts that cannot be scored.
    """
    check_extra()
    kind = KINDS[subject.model.target](subject)
    parts = _parts(subject, kind)
    room = LARGEST_PAGE - len(_html(subject, kind, parts, EmbeddedTexts("", 0, 0, 0)))
    if room < 0:
        raise DataError(
            f"The report takes {LARGEST_PAGE - room:,} bytes without a text, more than {LARGEST_PAGE:,}."
        )
    texts = embedded_texts(subject, kind, min(room, _BYTES_OF_TEXTS))
    return Page(_html(subject, kind, parts, texts), texts, tuple(_left_out(parts, texts)))


def _parts(subject: Subject, kind: Kind) -> dict[str, Any]:
    """What the templates show, but for the texts."""
    return {
        **kind.parts(),
        "model": cut(subject.name, 80, end=True),
        "source": cut(subject.source, 80, end=True),
        "scores": subject.scores,
        "lists": kind.lists,
        "unseen": subject.unseen,
        "trained_on_them": subject.trained_on_them,
        "figures": figures_of(subject),
        "known": subject.known,
        "unknown_words": tables.unknown_words(subject),
        "has_characters": subject.model.vocabulary.alphabet is not None,
        "record": tables.record_rows(subject),
    }


def _html(subject: Subject, kind: Kind, parts: dict[str, Any], texts: EmbeddedTexts) -> bytes:
    environment = _environment()
    style, script = (
        _source(environment, "page.css"),
        "".join(_source(environment, name) for name in ("shared.js", f"{kind.name}.js", "page.js")),
    )
    policy = (
        "default-src 'none'; "
        f"style-src '{_hash(style)}'; script-src '{_hash(script)}'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )
    written = environment.get_template(f"{kind.name}.html").render(
        **parts,
        policy=policy,
        style=style,
        script=script,
        texts=texts,
        first_suspects=_first(subject, kind),
        notes=_left_out(parts, texts),
    )
    # Half of a surrogate pair has no place in UTF-8; it is shown as its escape, which JSON reads as it was.
    return written.encode("utf-8", "backslashreplace")


def _first(subject: Subject, kind: Kind) -> list[dict[str, Any]]:
    """The first suspects, as the first screen shows them."""
    return [
        {
            "place": cut(subject.place(row), 60, end=True),
            "labels": kind.suspect(row),
            "text": cut(" ".join(subject.corpus.texts[row][:400].split()), 90),
        }
        for row in kind.lists.suspects[:_FIRST_SUSPECTS]
    ]


def _left_out(parts: dict[str, Any], texts: EmbeddedTexts) -> list[str]:
    """What is not in the page, a sentence each."""
    said = []
    if texts.shown < texts.of:
        said.append(
            f"{texts.of - texts.shown:,} of the {texts.of:,} texts in the lists are left out to keep the "
            f"page below {LARGEST_PAGE // 1_000_000} MB; each list has its clearest cases first."
        )
    if texts.shortened:
        are, their = ("is", "its") if texts.shortened == 1 else ("are", "their")
        said.append(
            f"{texts.shortened:,} of the {texts.shown:,} texts shown {are} too long for the page, and "
            f"{their} middle is left out; each text's place says where to find it whole."
        )
    for name, what in (("labels", "scores by label"), ("words", "words of each label")):
        part = parts.get(name, {"rows": (), "all": 0})
        shown = len(part.get("rows", part.get("labels", ())))
        if 0 < shown < part["all"]:
            said.append(f"The {what} are those of {shown:,} of {part['all']:,} labels.")
    return said


def _environment() -> Environment:
    import jinja2
    from markupsafe import Markup

    def shown(value: Any) -> Any:
        return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("wordloom.report"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=shown,
    )
    environment.filters["percent"] = percent
    environment.filters["number"] = lambda count: f"{count:,}"
    return environment


def _source(environment: Environment, name: str) -> str:
    """A style sheet or script of the templates, as it stands."""
    assert environment.loader is not None
    return environment.loader.get_source(environment, name)[0]


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return f"sha256-{base64.b64encode(digest).decode()}"
