"""`wordloom vectors evaluate`: a table scored on word similarities and analogies."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from wordloom.cli.command import Command, json_option
from wordloom.cli.printing import heading, percent, print_json, say, table
from wordloom.cli.vector_files import TableReading, load_vectors, table_options

if TYPE_CHECKING:
    from wordloom.vectors.evaluation import AnalogyScore, SimilarityScore


@click.command(
    cls=Command,
    examples=[
        "wordloom vectors evaluate glove.6B.100d.txt EN-WS-353-ALL.txt EN-SIMLEX-999.txt",
        "wordloom vectors evaluate my-model questions-words.txt --json",
    ],
)
@click.argument("file")
@click.argument("sets", nargs=-1, required=True, metavar="SET...")
@table_options
@click.option(
    "--rows",
    type=click.IntRange(min=1),
    default=300_000,
    show_default=True,
    help="Only the table's first rows count.",
)
@json_option
def command(file: str, sets: Sequence[str], table_reading: TableReading, rows: int, as_json: bool) -> None:
    """Score a table on word similarities and analogies.

    FILE is a file of word vectors or a model folder. A SET holds lines of two words and a score that people
    gave them, or of four words (Athens Greece Baghdad Iraq) in sections; or it is a folder of the latter.
    Upper and lower case are the same; what holds an unknown word is left out, and counted.
    """
    from wordloom.vectors.evaluation import SimilarityScore, evaluate

    vectors = load_vectors(file, table_reading)
    scores = [evaluate(vectors, name, rows) for name in sets]
    judged = [score for score in scores if isinstance(score, SimilarityScore)]
    answered = [score for score in scores if not isinstance(score, SimilarityScore)]
    if as_json:
        print_json(
            {
                "similarity": [_similarity(score) for score in judged],
                "analogies": [_analogies(score) for score in answered],
            }
        )
        return
    if judged:
        heading("Word similarity")
        _show_similarity(judged)
    for number, score in enumerate(answered):
        if number or judged:
            say()
        heading(f"Analogies: {score.name}")
        _show_analogies(score)


def _similarity(score: SimilarityScore) -> dict[str, Any]:
    return {
        "set": score.name,
        "pairs": score.pairs,
        "scored": score.scored,
        "unknown_share": score.unknown_share,
        "spearman": score.spearman,
        "pearson": score.pearson,
    }


def _analogies(score: AnalogyScore) -> dict[str, Any]:
    sections = [
        {
            "section": section.name,
            "questions": section.questions,
            "asked": section.asked,
            "correct": section.correct,
            "accuracy": section.accuracy,
        }
        for section in score.sections
    ]
    total = {"questions": score.questions, "asked": score.asked, "accuracy": score.accuracy}
    return {"set": score.name, **total, "unknown_share": score.unknown_share, "sections": sections}


def _show_similarity(scores: Sequence[SimilarityScore]) -> None:
    rows = [
        (
            score.name,
            _number(score.spearman),
            _number(score.pearson),
            f"{score.scored:,} of {score.pairs:,}",
        )
        for score in scores
    ]
    table(["set", "Spearman", "Pearson", "pairs known"], rows)


def _show_analogies(score: AnalogyScore) -> None:
    rows = [
        (section.name, _share(section.accuracy), f"{section.asked:,} of {section.questions:,}")
        for section in score.sections
    ]
    rows.append(("all", _share(score.accuracy), f"{score.asked:,} of {score.questions:,}"))
    table(["section", "right", "questions known"], rows)


def _number(value: float) -> str:
    return "-" if math.isnan(value) else f"{value:z.3f}"


def _share(value: float) -> str:
    return "-" if math.isnan(value) else percent(value)
