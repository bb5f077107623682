"""The page: its parts laid out by templates, within a size, under a policy that lets nothing in."""

from __future__ import annotations

import base64
import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from wordloom.atomic import replacing_file
from wordloom.controls import visible
from wordloom.errors import DataError
from wordloom.report import tables
from wordloom.report.embedded_texts import EmbeddedTexts, cut, embedded_texts
from wordloom.report.figures import figures_of
from wordloom.report.subject import Subject, check_extra
from wordloom.report.text_lists import TextLists, text_lists

if TYPE_CHECKING:
    from jinja2 import Environment

LARGEST_PAGE = 3_000_000
"""Bytes of a page at most."""
_BYTES_OF_TEXTS = 2_000_000
_SURE = (0.5, 0.8, 0.9)
_FIRST_SUSPECTS = 3


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

    Raises MissingExtraError if Jinja2 or matplotlib is not installed, UsageError for what the report does not
    support, and what `score_on` raises for texts that cannot be scored.
    """
    check_extra()
    lists, parts = text_lists(subject.answers), _parts(subject)
    place = parts["confusion"]["place"]
    room = LARGEST_PAGE - len(_html(subject, parts, lists, EmbeddedTexts("", 0, 0, 0)))
    if room < 0:
        raise DataError(
            f"The report takes {LARGEST_PAGE - room:,} bytes without a text, more than {LARGEST_PAGE:,}."
        )
    texts = embedded_texts(subject, lists, place, min(room, _BYTES_OF_TEXTS))
    return Page(_html(subject, parts, lists, texts), texts, tuple(_left_out(parts, texts)))


def _parts(subject: Subject) -> dict[str, Any]:
    """What the templates show, but for the texts."""
    scores = subject.scores
    confidence = scores.confidence
    return {
        "model": cut(subject.name, 80, end=True),
        "source": cut(subject.source, 80, end=True),
        "scores": scores,
        "right": int(confidence.right.sum()),
        "unseen": subject.unseen,
        "trained_on_them": subject.trained_on_them,
        "chart": _chart(subject),
        "calibration_error": confidence.calibration_error(),
        "surest": [
            {
                "share": share,
                "texts": confidence.covered(share),
                "accuracy": confidence.accuracy_at(share),
            }
            for share in _SURE
        ],
        "mistakes": tables.mistakes(subject),
        "labels": tables.label_rows(subject),
        "confusion": tables.confusion(subject),
        "figures": figures_of(subject),
        "by_length": subject.by_length,
        "words": tables.label_words(subject),
        "known": subject.known,
        "unknown_words": tables.unknown_words(subject),
        "has_characters": subject.model.vocabulary.alphabet is not None,
        "record": tables.record_rows(subject),
    }


def _chart(subject: Subject) -> list[dict[str, Any]]:
    """The accuracy of the model and of what stands beside it, and where it is drawn, from 0 to 1."""
    scores = subject.scores
    rows = [("this model", scores.accuracy, scores.accuracy_interval)]
    rows += [(name, one.accuracy, one.accuracy_interval) for name, one in subject.baselines]
    lowest = min(low for _, _, (low, _) in rows)
    start = max(0.0, lowest - 0.08 * (1 - lowest) - 0.01)

    def at(share: float) -> float:
        return (share - start) / (1 - start)

    return [
        {
            "name": name,
            "accuracy": accuracy,
            "interval": ends,
            "at": at(accuracy),
            "low": at(ends[0]),
            "high": at(ends[1]),
        }
        for name, accuracy, ends in rows
    ]


def _html(subject: Subject, parts: dict[str, Any], lists: TextLists, texts: EmbeddedTexts) -> bytes:
    environment = _environment()
    style, script = (
        _source(environment, "page.css"),
        "".join(_source(environment, name) for name in ("shared.js", "page.js")),
    )
    policy = (
        "default-src 'none'; "
        f"style-src '{_hash(style)}'; script-src '{_hash(script)}'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )
    written = environment.get_template("page.html").render(
        **parts,
        policy=policy,
        style=style,
        script=script,
        texts=texts,
        lists=lists,
        first_suspects=_first(subject, lists.suspects[:_FIRST_SUSPECTS]),
        notes=_left_out(parts, texts),
    )
    # Half of a surrogate pair has no place in UTF-8; it is shown as its escape, which JSON reads as it was.
    return written.encode("utf-8", "backslashreplace")


def _first(subject: Subject, rows: Sequence[int]) -> list[dict[str, Any]]:
    """The first suspects, as the first screen shows them."""
    answers, labels = subject.answers, subject.model.labels
    return [
        {
            "place": cut(subject.place(row), 60, end=True),
            "true": tables.label_name(labels[answers.targets[row]]),
            "guess": tables.label_name(labels[answers.predicted[row]]),
            "probability": float(answers.probabilities[row].max()),
            "text": cut(" ".join(subject.corpus.texts[row][:400].split()), 90),
        }
        for row in rows
    ]


def _left_out(parts: dict[str, Any], texts: EmbeddedTexts) -> list[str]:
    """What is not in the page, a sentence each."""
    said = []
    if texts.shown < texts.of:
        said.append(
            f"{texts.of - texts.shown:,} of the {texts.of:,} texts in the lists are left out to keep the "
            f"page below {LARGEST_PAGE // 1_000_000} MB; each list begins with its most telling texts."
        )
    if texts.shortened:
        said.append(
            f"{texts.shortened:,} of the {texts.shown:,} texts shown are longer than the page shows and have "
            "lost their middle; the place says where the whole text is."
        )
    for part, what in ((parts["labels"], "scores by label"), (parts["words"], "words of each label")):
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
    environment.filters["percent"] = lambda share, digits=1: f"{100 * share:.{digits}f}\u00a0%"
    environment.filters["probability"] = _probability
    environment.filters["number"] = lambda count: f"{count:,}"
    return environment


def _probability(share: float) -> str:
    """As a percentage that never says 100 of what is not certain."""
    return "> 99.9\u00a0%" if 0.9995 < share < 1 else f"{100 * share:.1f}\u00a0%"


def _source(environment: Environment, name: str) -> str:
    """A style sheet or script of the templates, as it stands."""
    assert environment.loader is not None
    return environment.loader.get_source(environment, name)[0]


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return f"sha256-{base64.b64encode(digest).decode()}"
