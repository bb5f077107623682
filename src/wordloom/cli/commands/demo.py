"""`wordloom demo`: the main job in one go, with everything it can show."""

from __future__ import annotations

import warnings
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from wordloom.cli.command import Command, json_option, seed_option, threads_option
from wordloom.cli.printing import heading, pairs, percent, print_json, say
from wordloom.cli.reading import said
from wordloom.cli.writing import check_model_target, check_targets, overwrite_option
from wordloom.errors import MissingExtraError, WordloomWarning

if TYPE_CHECKING:
    from wordloom.cli.score_report import Result
    from wordloom.corpus import Dataset
    from wordloom.text_model import TextModel

QUERY = "great"
EXAMPLE = "The music was wonderful, but the plot was dull and the acting terrible."
MODEL, WORD_MODEL = "model", "word-model"
_NEAREST, _EFFECTS = 8, 3
_PICTURES = (("history", WORD_MODEL), ("lengths", MODEL), ("confusion", MODEL), ("words", WORD_MODEL))


@click.command(
    cls=Command,
    examples=["wordloom demo", "wordloom demo --out my-demo --seed 7", "wordloom demo --json"],
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=Path("wordloom-demo"),
    show_default=True,
    metavar="DIR",
    help="Folder for the results.",
)
@overwrite_option
@seed_option("Seed of every random choice.")
@threads_option
@json_option
def command(out: Path, overwrite: bool, seed: int, threads: int | None, as_json: bool) -> None:
    """Train on film reviews and show what comes out: a classifier with an honest score and why a text
    got its label, word vectors and the words nearest to 'great', and a folder with both models, the
    vectors, pictures and a report.

    Uses the IMDB reviews where they are on this machine (see wordloom data), else 4,000 built-in
    ones; it downloads nothing.
    """
    from wordloom.cli.score_report import tested
    from wordloom.cli.training_run import trained
    from wordloom.settings import Settings

    for name in (MODEL, WORD_MODEL):
        check_model_target(out / name, overwrite)
    check_targets(out, overwrite=overwrite)
    settings = Settings(random_state=seed, threads=threads).checked()
    dataset = _reviews()
    if not as_json:
        _say_data(dataset)
        heading("Training the classifier")
    result = tested(trained(dataset.train, settings, not as_json), dataset, False, threads)
    result.recorded().save(out / MODEL)
    example = _explained(result.model)
    if not as_json:
        _say_findings(result, example)
        heading("Training word vectors, with a classifier on their mean")
    settings = replace(settings, architecture="mean")
    words = tested(trained(dataset.train, settings, not as_json), dataset, False, threads)
    nearest = _nearest(words.model)
    if not as_json:
        _say_words(words, nearest)
    files = _write(result, words, out)
    if as_json:
        print_json(
            {
                **result.to_config(),
                "word_model": words.to_config(),
                "neighbors": nearest,
                "example": example,
                "files": [str(file) for file in files],
            }
        )
    else:
        _say_files(out, files)


def _reviews() -> Dataset:
    from wordloom import datasets
    from wordloom.datasets import imdb

    return datasets.load("demo" if imdb.find() is None else "imdb")


def _nearest(model: TextModel) -> dict[str, Any] | None:
    """The words nearest to QUERY; None if the texts do not hold it."""
    from wordloom.vectors import neighbors

    vectors = model.vectors()
    if QUERY not in vectors:
        return None
    found = [near._asdict() for near in neighbors(vectors, QUERY, _NEAREST)]
    return {"word": QUERY, "metric": "cosine", "neighbors": found}


def _explained(model: TextModel) -> dict[str, Any]:
    """The prediction for EXAMPLE and what each of its words adds to the log-odds of the predicted label."""
    answer = next(model.predict_stream([EXAMPLE]))
    effects = {effect.word: effect.effect for effect in model.explain(EXAMPLE).words if effect.known}
    return {"text": EXAMPLE, "label": answer.label, "probability": answer.probability, "effects": effects}


def _write(result: Result, words: Result, out: Path) -> list[Path]:
    """The models, the vectors, pictures and the report; a warning instead of what needs a missing extra."""
    from wordloom.cli.writing import writing_to

    model, word_model = result.recorded(), words.recorded()
    word_model.save(out / WORD_MODEL)
    with writing_to(out):
        vectors = word_model.vectors().save(out / "vectors.txt", "glove", on_unwritable="skip").path
    files = [out / MODEL, out / WORD_MODEL, vectors]
    try:
        from wordloom.cli.pictures import Pictures

        for kind, shown in _PICTURES:
            of = word_model if shown == WORD_MODEL else model
            pictures = Pictures(of, result.dataset.test, noun="reviews")
            files.append(pictures.write(kind, out / f"{kind}.png"))
    except MissingExtraError as error:
        warnings.warn(f"No pictures: {error}", WordloomWarning, stacklevel=2)
    try:
        files.append(_write_report(result, out / "report.html"))
    except MissingExtraError as error:
        warnings.warn(f"No report: {error}", WordloomWarning, stacklevel=2)
    return files


def _write_report(result: Result, file: Path) -> Path:
    from wordloom.cli.writing import writing_to
    from wordloom.report import Subject, render

    dataset = result.dataset
    assert dataset.test is not None
    page = render(Subject(result.model, dataset.test, "demo model", dataset.train))
    with writing_to(file):
        page.write(file)
    return file


def _say_data(dataset: Dataset) -> None:
    heading(f"Data: {'the IMDB reviews' if dataset.name == 'imdb' else 'the built-in reviews'}")
    parts = [("train", dataset.train), ("test", dataset.test)]
    rows = [(name, said(corpus)) for name, corpus in parts if corpus is not None]
    notes = list(dataset.notes)
    if dataset.name != "imdb":
        notes.append("With the 50,000 IMDB reviews it shows more: wordloom data imdb downloads them.")
    pairs([*rows, ("notes", "\n".join(notes))])
    say()


def _say_findings(result: Result, example: dict[str, Any]) -> None:
    say()
    _say_test(result)
    say()
    heading(f'"{EXAMPLE}"')
    ordered = sorted(example["effects"].items(), key=lambda item: item[1])
    speaks_for = [f"{word} {effect:+z.1f}" for word, effect in reversed(ordered[-_EFFECTS:]) if effect > 0]
    against = [f"{word} {effect:+z.1f}" for word, effect in ordered[:_EFFECTS] if effect < 0]
    pairs(
        [
            ("label", f"{example['label']}, probability {example['probability']:.3f}"),
            ("for it", "  ".join(speaks_for) or "no known word"),
            ("against it", "  ".join(against) or "no known word"),
        ]
    )
    say()


def _say_words(words: Result, nearest: dict[str, Any] | None) -> None:
    say()
    _say_test(words)
    if nearest is not None:
        say()
        heading(f"Words nearest to {QUERY!r} (cosine distance)")
        say("  " + "  ".join(near["word"] for near in nearest["neighbors"]))


def _say_test(result: Result) -> None:
    from wordloom.cli.score_report import accuracy_text
    from wordloom.evaluation.baselines import Baseline
    from wordloom.evaluation.scores import Scores

    scores, majority = result.scores, result.baselines[0]
    assert isinstance(scores, Scores)
    assert isinstance(majority, Baseline)
    heading(f"Test on {scores.n:,} reviews that training has not seen")
    pairs(
        [
            ("accuracy", accuracy_text(scores.accuracy, scores.accuracy_interval)),
            ("one label for all", percent(majority.accuracy)),
        ]
    )


def _say_files(out: Path, files: list[Path]) -> None:
    about = {
        MODEL: "the classifier, a folder",
        WORD_MODEL: "the classifier on word vectors, a folder",
        "vectors.txt": "its word vectors as GloVe text",
        "history.png": "its accuracy and loss after each epoch",
        "lengths.png": "how long the test reviews are",
        "confusion.png": "which label was taken for which",
        "words.png": "map of the most influential words",
        "report.html": "all of it in one page: open it in a browser",
    }
    say()
    heading(f"Written to {out}")
    pairs([(file.name, about[file.name]) for file in files])
    say()
    heading("Try next")
    for line in (
        f'wordloom predict {out / MODEL} "The story was dull and the acting terrible."',
        f"wordloom neighbors {out / WORD_MODEL} terrible",
        f"wordloom report {out / MODEL} your.csv --out report.html",
        "wordloom train your.csv --out your-model",
    ):
        say(f"  {line}")
