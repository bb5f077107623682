"""`wordloom evaluate`: the scores of a model on labelled texts."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import click

from wordloom.cli.command import Command, json_option
from wordloom.cli.output import print_json
from wordloom.cli.reading import SOURCE_HELP, Reading, part_of, reading_options, split_option
from wordloom.errors import WordloomWarning

if TYPE_CHECKING:
    from wordloom.corpus import Corpus
    from wordloom.text_model import TextModel


@click.command(
    cls=Command,
    about=SOURCE_HELP,
    examples=[
        "wordloom evaluate my-model test.csv",
        "wordloom evaluate my-model imdb",
        "wordloom evaluate my-model reviews.tsv --text body --label stars --json",
    ],
)
@click.argument("model")
@click.argument("source")
@reading_options
@split_option
@json_option
def command(model: str, source: str, reading: Reading, split: str | None, as_json: bool) -> None:
    """Score a model on labelled texts; of a source with two parts the test part is taken.

    Shows accuracy with its 95 % interval, log loss, how well the probabilities are calibrated,
    precision, recall and F1 of each label, and which labels were taken for which.
    """
    from wordloom.cli.scores import say_scores
    from wordloom.evaluation.on_corpus import score_on
    from wordloom.text_model import TextModel

    loaded = TextModel.load(model)
    corpus = part_of(reading.dataset(source), split)
    _warn_if_trained_on(loaded, corpus)
    scores = score_on(loaded, corpus)
    if as_json:
        print_json({**scores.to_config(), "model": model, "source": corpus.name})
    else:
        say_scores(scores, f"{model} on {scores.n:,} texts of {corpus.name}")


def _warn_if_trained_on(model: TextModel, corpus: Corpus) -> None:
    record = model.record
    known = (record.get("source_fingerprint"), record.get("data", {}).get("fingerprint"))
    if corpus.fingerprint() in known:
        warnings.warn(
            f"{corpus.name}: the model was trained on these texts, so its score on them says nothing about "
            "other texts.",
            WordloomWarning,
            stacklevel=2,
        )
