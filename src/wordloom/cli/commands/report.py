"""`wordloom report`: one HTML page on a model and labelled texts."""

from __future__ import annotations

from pathlib import Path

import click

from wordloom.cli.command import Command, json_option
from wordloom.cli.parts import Judging, judging_options
from wordloom.cli.printing import count, paragraph, print_json, say, size
from wordloom.cli.reading import SOURCE_HELP
from wordloom.cli.writing import check_targets, overwrite_option, writing_to


@click.command(
    cls=Command,
    about=SOURCE_HELP,
    examples=[
        "wordloom report my-model test.csv --out report.html",
        "wordloom report my-model imdb --baselines --out report.html",
        "wordloom report my-model new.csv --trained-on train.csv --out report.html --overwrite",
    ],
)
@click.argument("model")
@click.argument("source")
@click.option(
    "--out", required=True, type=click.Path(path_type=Path), metavar="FILE", help="The page, an HTML file."
)
@overwrite_option
@judging_options
@click.option(
    "--baselines",
    is_flag=True,
    help="Also score TF-IDF with a linear model, trained on the texts that the model was trained on.",
)
@json_option
def command(
    model: str, source: str, out: Path, overwrite: bool, judging: Judging, baselines: bool, as_json: bool
) -> None:
    """Write a page on how a model does on labelled texts, to open in a browser and to send to others.

    It shows the score with its interval beside baselines, which labels were taken for which (a click on a
    cell shows its texts), the worst errors and the rows whose label is probably wrong, how far probabilities
    can be trusted, accuracy by length, the words of each label, a map of words, words that the model does
    not know, the training and the model's record. Where texts have several labels, each label is shown
    with the texts that lack it and those given it needlessly; of grades, predicted beside true ones. Every
    list can be saved as CSV. The page is one file of at most 3 MB that asks for nothing outside of it.
    """
    from wordloom.cli.score_report import main_score
    from wordloom.report import Subject, check_extra, render
    from wordloom.text_model import TextModel

    check_targets(out, overwrite=overwrite)
    check_extra()
    loaded = TextModel.load(model)
    _, corpus, training = judging.texts(loaded, source)
    subject = Subject(loaded, corpus, Path(model).name, training, judging.unknown_labels, baselines)
    page = render(subject)
    with writing_to(out):
        page.write(out)
    scores = subject.scores
    if as_json:
        read = {"file": str(out), "bytes": len(page.html), "texts": page.texts.shown}
        print_json({**read, "left_out": list(page.left_out), **scores.to_config()})
        return
    say(f"Wrote {out} ({size(len(page.html))}): {main_score(scores)} on {count(scores.n, 'text')}")
    for note in page.left_out:
        paragraph(note)
