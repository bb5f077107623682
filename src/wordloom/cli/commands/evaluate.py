"""`wordloom evaluate`: the scores of a model on labelled texts."""

from __future__ import annotations

import click

from wordloom.cli.command import Command, json_option
from wordloom.cli.parts import Judging, judging_options
from wordloom.cli.printing import paragraph, print_json
from wordloom.cli.reading import SOURCE_HELP


@click.command(
    cls=Command,
    about=SOURCE_HELP,
    examples=[
        "wordloom evaluate my-model test.csv --trained-on train.csv",
        "wordloom evaluate my-model imdb",
        "wordloom evaluate my-model reviews.tsv --text body --label stars --json",
    ],
)
@click.argument("model")
@click.argument("source")
@judging_options
@json_option
def command(model: str, source: str, judging: Judging, as_json: bool) -> None:
    """Score a model on labelled texts; of a source with two parts the test part is taken.

    Shows accuracy with its 95 % interval and macro F1 (the mean of all labels' F1, so rare labels
    weigh as much as others), log loss, how well the probabilities are calibrated, precision, recall
    and F1 of each label, and which labels were taken for which. Of a model of several labels micro
    and macro F1, precision and recall at k, and each label; of grades correlations and errors.
    """
    from wordloom.cli.score_report import say_any_scores, say_unseen, without_training_texts
    from wordloom.evaluation.by_target import evaluated_on
    from wordloom.text_model import TextModel

    loaded = TextModel.load(model)
    dataset, corpus, training = judging.texts(loaded, source)
    scores, unseen = evaluated_on(loaded, corpus, training, unknown_labels=judging.unknown_labels)
    if as_json:
        more = {} if unseen is None else {"without_training_texts": without_training_texts(unseen)}
        columns = None if corpus.columns is None else corpus.columns.to_config()
        read = {"source": corpus.name, "columns": columns, "notes": list(dataset.notes)}
        print_json({**scores.to_config(), **more, "model": model, **read})
        return
    columns_read = () if corpus.columns is None else (f"{corpus.name}: {corpus.columns}.",)
    for note in (*columns_read, *(note for note in dataset.notes if note not in columns_read)):
        paragraph(note)
    say_any_scores(scores, f"{model} on {scores.n:,} texts of {corpus.name}")
    if unseen is not None:
        say_unseen(scores, unseen)
