"""The tables of a report as plain values: labels, confusion, words, the record."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wordloom.architectures import ARCHITECTURES
from wordloom.errors import DataError
from wordloom.evaluation.by_target import SetAnswers
from wordloom.evaluation.multilabel_scores import MultilabelScores
from wordloom.evaluation.scores import Scores
from wordloom.influential_words import words_of_labels
from wordloom.plots.confusion import most_confused
from wordloom.report.kind import cut, label_name
from wordloom.report.subject import Subject
from wordloom.text_model import TextModel

_LONGEST_WORD, _LONGEST_VALUE = 40, 300
_LABELS, _LABELS_WITH_WORDS, _WORDS, _CLASSES = 200, 60, 15, 24
_LEVELS, _IN_ORDER = 9, 8
_MOST_ENTRIES = 400
_FILES = ("data.name", "data.validation", "settings.vectors", "vectors.name")
"""Entries that may name files: without their folders, which are nobody's business where the page goes."""


def label_rows(scores: Scores | MultilabelScores) -> dict[str, Any]:
    """Precision, recall, F1 and texts of each label; many stand by F1, the lowest first and no others.

    Where texts have several, also its threshold and the texts that are given it rightly, wrongly, or not.
    """
    shown = np.arange(len(scores.labels))
    if len(shown) > _IN_ORDER:
        judged = np.flatnonzero(scores.support)
        shown = judged[np.argsort(scores.f1[judged], kind="stable")[:_LABELS]]
    columns = {
        "precision": scores.precision,
        "recall": scores.recall,
        "f1": scores.f1,
        "texts": scores.support,
    }
    if isinstance(scores, MultilabelScores):
        columns |= {"threshold": scores.thresholds, "hits": scores.hits}
        columns |= {"missed": scores.support - scores.hits, "extra": scores.guesses - scores.hits}
    rows = [
        {"label": label_name(scores.labels[one]), "column": one}
        | {name: column[one].item() for name, column in columns.items()}
        for one in shown.tolist()
    ]
    return {"rows": rows, "all": len(scores.labels)}


def exchanged(answers: SetAnswers, most: int = 15) -> list[dict[str, Any]]:
    """The labels that are most often missed where another one is given that the text does not have."""
    counted, names = answers.counted, answers.labels
    given, has = answers.given[counted], answers.indicators[counted]
    pairs = (has & ~given).T.astype(np.int64) @ (given & ~has).astype(np.int64)
    order = np.argsort(-pairs, axis=None, kind="stable")[:most]
    return [
        {
            "missed": label_name(names[missed]),
            "instead": label_name(names[instead]),
            "count": int(pairs[missed, instead]),
            "cell": (missed, instead),
        }
        for missed, instead in zip(
            *(each.tolist() for each in np.unravel_index(order, pairs.shape)), strict=True
        )
        if pairs[missed, instead]
    ]


def confusion(scores: Scores) -> dict[str, Any]:
    """The confusion table: names, counts, how strong each cell is colored, and the place of each class.

    Of very many classes those with the most mistakes, and one of all others.
    """
    names = [str(label) for label in scores.labels]
    table: NDArray[np.integer] = scores.confusion
    place = np.arange(len(names))
    if len(names) > _CLASSES:
        table, names, place = most_confused(table, names, _CLASSES)
    totals = table.sum(axis=1)
    strength = np.ceil(_LEVELS * table / np.maximum(totals, 1)[:, None]).astype(int)
    rows = [
        {
            "name": label_name(names[true]),
            "texts": int(totals[true]),
            "cells": [
                {"count": int(count), "level": int(level), "right": true == column}
                for column, (count, level) in enumerate(zip(table[true], strength[true], strict=True))
            ],
        }
        for true in range(len(names))
    ]
    unknown = np.zeros(len(names), dtype=np.int64)
    np.add.at(unknown, place, np.broadcast_to(scores.unknown, place.shape))
    return {
        "names": [label_name(name) for name in names],
        "rows": rows,
        "unknown": unknown.tolist() if unknown.any() else None,
        "place": place.tolist(),
        "merged": len(scores.labels) if len(scores.labels) > _CLASSES else 0,
    }


def mistakes(scores: Scores, most: int = 4) -> list[dict[str, Any]]:
    """The most frequent mistakes, with the names of both labels and their places among the classes."""
    labels = scores.labels
    return [
        {
            "true": label_name(labels[true]),
            "guess": label_name(labels[taken]),
            "count": number,
            "cell": (true, taken),
        }
        for true, taken, number in scores.most_confused(most)
    ]


def label_words(model: TextModel) -> dict[str, Any]:
    """The words that speak for each label most; why there are none, for a model without words."""
    try:
        found = words_of_labels(model, _WORDS)
    except DataError as error:
        return {"labels": [], "missing": str(error), "all": 0}
    labels = [
        {
            "label": label_name(label),
            "words": [
                {"word": cut(one.word, _LONGEST_WORD), "evidence": one.evidence, "texts": one.texts}
                for one in words
            ],
        }
        for label, words in list(found.items())[:_LABELS_WITH_WORDS]
    ]
    return {"labels": labels, "missing": "", "all": len(found)}


def unknown_words(subject: Subject) -> list[dict[str, Any]]:
    """The most frequent words of the texts that the model does not know."""
    return [{**one._asdict(), "word": cut(one.word, _LONGEST_WORD)} for one in subject.known.unknown]


def record_rows(subject: Subject) -> list[tuple[str, str]]:
    """How the model came about: all entries of its record but settings that play no part in it."""
    model = subject.model
    entries = {"network": model.network.described, **model.record, "training": model.history.to_config()}
    entries.pop("scores", None)  # of other texts: those of these stand above
    settings, known = entries.get("settings"), ARCHITECTURES.get(model.network.shape.architecture)
    if isinstance(settings, Mapping) and known is not None:
        entries["settings"] = {name: value for name, value in settings.items() if name in known.settings}
    rows = list(_flat("", entries))[:_MOST_ENTRIES]
    return [(name, os.path.basename(value) if name in _FILES else value) for name, value in rows]


def _flat(name: str, value: Any) -> Iterator[tuple[str, str]]:
    """Nested values as names with dots between."""
    if isinstance(value, Mapping) and value:
        for key, inner in list(value.items())[:_MOST_ENTRIES]:
            yield from _flat(f"{name}.{cut(str(key), _LONGEST_WORD)}" if name else str(key), inner)
    else:
        yield name, cut(str(value), _LONGEST_VALUE)
