"""`wordloom inspect`: what is inside a model."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from wordloom.cli.command import Command, json_option
from wordloom.cli.printing import (
    bytes_on_disk,
    count,
    heading,
    pairs,
    percent,
    print_json,
    say,
    shortened,
    size,
    table,
)
from wordloom.cli.writing import check_targets, overwrite_option, write_rows, writing_to
from wordloom.errors import DataError, UsageError, did_you_mean
from wordloom.target_names import GRADED, MULTILABEL

if TYPE_CHECKING:
    from wordloom.text_model import TextModel

_FREQUENT, _NEAREST, _EPOCHS = 20, 5, 10
_LABEL_WORDS = "label", "kind", "word", "evidence", "texts"


@click.command(
    cls=Command,
    examples=[
        "wordloom inspect my-model",
        "wordloom inspect my-model --word great",
        "wordloom inspect my-model --words 10",
        "wordloom inspect my-model --words 100 --csv words.csv",
        "wordloom inspect my-model --json",
    ],
)
@click.argument("model")
@click.option("--word", metavar="WORD", help="Show this word: counts, neighbors, what it speaks for.")
@click.option(
    "--words",
    type=click.IntRange(min=1),
    metavar="N",
    help="Show the N words and n-grams that speak for each label most, and the N n-grams of characters.",
)
@click.option(
    "--csv",
    "to_csv",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write what --words shows to a table.",
)
@overwrite_option
@json_option
def command(
    model: str, word: str | None, words: int | None, to_csv: Path | None, overwrite: bool, as_json: bool
) -> None:
    """Show a model's labels, vocabulary, settings, training and scores, or with --word one of its
    words, or with --words what speaks for each label.
    """
    from wordloom.text_model import TextModel

    if to_csv is not None and words is None:
        raise UsageError("--csv writes what --words shows: say how many, for example --words 100.")
    check_targets(to_csv, overwrite=overwrite)
    loaded = TextModel.load(model)
    if words is not None:
        _label_words(loaded, words, to_csv, as_json)
        return
    if word is not None:
        document = _word(loaded, word)
        print_json(document) if as_json else _say_word(document)
        return
    document = _model(loaded, Path(model))
    print_json(document) if as_json else _say_model(document)


def _model(model: TextModel, path: Path) -> dict[str, Any]:
    from wordloom.cli.training_run import training_summary

    vocabulary, shape = model.vocabulary, model.network.shape
    counts = zip(
        vocabulary.words, vocabulary.counts.tolist(), vocabulary.document_counts.tolist(), strict=True
    )
    return {
        "path": str(path),
        "bytes": bytes_on_disk(path) if path.exists() else None,
        "target": model.target,
        "labels": list(model.labels),
        "architecture": shape.architecture,
        "dimensions": shape.dimensions,
        "maxlen": shape.maxlen,
        "network": {"kind": model.network.kind, **dataclasses.asdict(shape)},
        "described": model.network.described,
        "weights": sum(array.size for name, array in model.network.arrays().items() if "counts." not in name),
        "vocabulary": {
            "words": len(vocabulary.words),
            "ids": vocabulary.size,
            "texts": vocabulary.n_documents,
        },
        "tokenizer": model.tokenizer.to_config(),
        "most_frequent": [
            {"word": word, "count": n or None, "texts": texts or None}  # a small model may not know them
            for (word, n, texts), _ in zip(counts, range(_FREQUENT), strict=False)
        ],
        "training": training_summary(model),
        "history": model.history.history,
        "record": dict(model.record),
    }


def _labels_row(labels: Sequence[Any], target: str) -> tuple[str, str]:
    if target == GRADED:
        return "grades", f"from {labels[0]:g} to {labels[-1]:g}"
    shown = ", ".join(shortened(str(label), 24) for label in labels[:12]) + ", ..." * (len(labels) > 12)
    several = " (several for each text)" if target == MULTILABEL else ""
    return "labels", f"{len(labels)}: {shown}{several}"


def _say_model(document: Mapping[str, Any]) -> None:
    record = document["record"]
    data, scores = record.get("data", {}), record.get("scores", {})
    heading(f"{document['path']} ({size(document['bytes'] or 0)})")
    vocabulary = document["vocabulary"]
    rows = [
        _labels_row(document["labels"], document["target"]),
        ("network", document["described"]),
        ("weights", f"{document['weights']:,}"),
        ("vocabulary", f"{count(vocabulary['words'], 'word')} from {count(vocabulary['texts'], 'text')}"),
        ("words", _rules_text(document["tokenizer"])),
        ("most frequent", " ".join(entry["word"] for entry in document["most_frequent"])),
        ("trained on", _trained_on_text(data, record.get("updates", ()))),
        *_update_rows(record.get("updates", ())),
        *_vectors_row(record.get("vectors")),
        *_combination_row(record.get("combination")),
        ("seed", str(record.get("seed"))),
        (
            "made by",
            f"wordloom {record.get('wordloom')}, Python {record.get('python')}, NumPy {record.get('numpy')}",
        ),
        ("settings", _settings_text(record.get("settings", {}))),
        ("test", _test_text(scores.get("test"))),
    ]
    pairs(rows)
    _say_history(document["history"], document["training"]["best_epoch"], document["target"])


def _rules_text(rules: Mapping[str, Any]) -> str:
    """By which rules texts become words: those that are on, by their names."""
    named = [name if value is True else f"{name}={value}" for name, value in rules.items() if value]
    return ", ".join(rule for rule in named if not rule.startswith(("filters", "split=")))


def _trained_on_text(data: Mapping[str, Any], updates: Sequence[Mapping[str, Any]]) -> str:
    """The texts of the training; what was learned from since is counted in the record, and said beside."""
    since = sum(entry["texts"] - entry["validated_on"] for entry in updates)
    return f"{data.get('name', 'unknown')}, {count(data.get('trained_on', 0) - since, 'text')}"


def _update_rows(updates: Sequence[Mapping[str, Any]]) -> list[tuple[str, str]]:
    """What the model has learned on from since."""
    rows = []
    for entry in updates:
        labels = f"; new labels: {', '.join(map(str, entry['new_labels']))}" if entry["new_labels"] else ""
        what = f"{entry['data']}, {count(entry['texts'], 'text')}, {count(entry['new_words'], 'new word')}"
        rows.append(("learned on from", what + labels))
    return rows


def _vectors_row(started: Mapping[str, Any] | None) -> list[tuple[str, str]]:
    """Which pretrained vectors the training started from, and how many of its words they held."""
    if started is None:
        return []
    held = f"{started['words_known']:,} of {count(started['words'], 'word')}"
    return [
        ("vectors", f"{started['name']}: {held}, {percent(started['running_words_known'])} of running words")
    ]


def _combination_row(combination: Mapping[str, Any] | None) -> list[tuple[str, str]]:
    """How much words and characters count, where both were trained."""
    from wordloom.cli.training_run import shares_text

    return [] if not combination else [("shares", shares_text(combination))]


def _test_text(test: Mapping[str, Any] | None) -> str:
    if test is None:
        return "not tested"
    from wordloom.cli.score_report import accuracy_text

    where = f"on {count(test['n'], 'text')} of {test['name']}"
    if "spearman" in test:
        return f"Spearman {test['spearman']:.3f}, mean error {test['mae']:.3f} {where}"
    if "micro_f1" in test:
        return f"micro F1 {percent(test['micro_f1'])}, macro F1 {percent(test['macro_f1'])} {where}"
    accuracy = accuracy_text(test["accuracy"], test["accuracy_interval"])
    return f"accuracy {accuracy} on {count(test['n'], 'text')} of {test['name']}"


def _settings_text(saved: Mapping[str, Any]) -> str:
    from wordloom.settings import describe

    usual = {row["name"]: row["default"] for row in describe()}
    changed = [f"{name}={saved[name]}" for name in usual if name in saved and saved[name] != usual[name]]
    return ", ".join(entry for entry in changed if not entry.startswith("random_state")) or "all defaults"


def _say_history(measured: Mapping[str, list[float]], best: int, target: str) -> None:
    from wordloom.training.progress import shown_metrics

    epochs = len(measured.get("loss", []))
    if not epochs:
        return
    history = shown_metrics(measured, target)
    say()
    heading("Training")
    names = sorted(history, key=lambda name: (name.startswith("val_"), "accuracy" in name))
    shown = sorted({*range(min(epochs, _EPOCHS - 2)), best - 1, epochs - 1})
    rows = []
    for epoch in shown:
        cells = [percent(history[n][epoch]) if "acc" in n else f"{history[n][epoch]:.4f}" for n in names]
        rows.append([f"{epoch + 1}{' (kept)' if epoch + 1 == best else ''}", *cells])
    table(["epoch", *(name.replace("val_", "validation ").replace("_", " ") for name in names)], rows)


def _word(model: TextModel, word: str) -> dict[str, Any]:
    from wordloom.vectors import neighbors

    vocabulary = model.vocabulary
    if word not in vocabulary.word_index:
        raise DataError(f"The model does not know the word {word!r}. {_near(word, model)}".rstrip())
    id_ = vocabulary.word_index[word]
    rank = vocabulary.words.index(word)
    vectors = model.vectors()
    probabilities = model.predict_proba([word])[0].tolist()
    return {
        "word": word,
        "id": id_,
        "count": int(vocabulary.counts[rank]),
        "texts": int(vocabulary.document_counts[rank]),
        "probabilities": dict(zip(map(str, model.labels), probabilities, strict=True)),
        "neighbors": [near._asdict() for near in neighbors(vectors, word, _NEAREST)]
        if vectors[word].any()
        else [],
    }


def _label_words(model: TextModel, n: int, to_csv: Path | None, as_json: bool) -> None:
    from wordloom.influential_words import KINDS, words_of_labels

    of_words, of_characters = (words_of_labels(model, n, kinds=kinds) for kinds in (KINDS[:2], KINDS[2:]))
    found = ((label, one) for label in model.labels for one in (*of_words[label], *of_characters[label]))
    rows = [{"label": label, **vars(one)} for label, one in found]
    if to_csv is not None:
        with writing_to(to_csv):
            write_rows(_LABEL_WORDS, [{**row, "texts": row["texts"] or ""} for row in rows], to_csv)
    if as_json:
        print_json(rows)
    elif to_csv is not None:
        say(f"Wrote {to_csv}: {count(len(rows), 'row')}")
    else:
        _say_label_words(model, rows)


def _say_label_words(model: TextModel, rows: Sequence[Mapping[str, Any]]) -> None:
    for label in model.labels:
        heading(str(label))
        own = [row for row in rows if row["label"] == label]
        cells = [
            [row["word"], row["kind"], f"{row['evidence']:.3f}", f"{row['texts'] or '':}"] for row in own
        ]
        table(["word", "kind", "evidence", "texts"], cells, left=2)


def _near(word: str, model: TextModel) -> str:
    hint = did_you_mean(word, model.vocabulary.words)
    return hint if hint.startswith("Did") else ""


def _say_word(document: Mapping[str, Any]) -> None:
    heading(document["word"])
    alone = ", ".join(f"{label} {p:.3f}" for label, p in list(document["probabilities"].items())[:12])
    nearest = ", ".join(f"{near['word']} {near['distance']:z.4f}" for near in document["neighbors"])
    pairs(
        [
            ("id", str(document["id"])),
            ("count", f"{count(document['count'], 'time')} in {count(document['texts'], 'training text')}"),
            ("alone", alone),
            ("nearest", nearest + " (cosine distance)" * bool(nearest)),
        ]
    )
