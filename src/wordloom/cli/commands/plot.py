"""`wordloom plot`: pictures of a model."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from wordloom.cli.command import Command, json_option
from wordloom.cli.output import print_json, say
from wordloom.cli.reading import Reading, part_of, reading_options, split_option
from wordloom.errors import UsageError

if TYPE_CHECKING:
    from wordloom.corpus import Corpus

KINDS = ("history", "confusion", "reliability", "coverage", "lengths", "words")


@click.command(
    cls=Command,
    examples=[
        "wordloom plot my-model --out history.png",
        "wordloom plot my-model --kind confusion --data test.csv --out confusion.svg",
        "wordloom plot my-model --kind all --data imdb --out pictures",
    ],
)
@click.argument("model")
@click.option(
    "--out",
    required=True,
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The picture, or the folder for --kind all.",
)
@click.option(
    "--kind", type=click.Choice([*KINDS, "all"]), default="history", show_default=True, help="What to draw."
)
@click.option("--data", metavar="SOURCE", help="Labelled texts, in any form that evaluate takes.")
@reading_options
@split_option
@json_option
def command(model: str, out: Path, kind: str, reading: Reading, as_json: bool, **data: Any) -> None:
    """Draw a picture of a model as .png, .svg or .pdf.

    history: accuracy and loss of each epoch. confusion: which labels of the texts in --data were
    taken for which. reliability: how often the model is right beside how sure it is. coverage: how
    right it is on the texts that it is surest of. lengths: how long these texts are, and where the
    model cuts them. words: a map of the most telling words. With all, --out is a folder, and the
    pictures that need --data are left out without it.
    """
    from wordloom.cli.pictures import NEED_TEXTS, write_picture
    from wordloom.text_model import TextModel

    if kind in NEED_TEXTS and data["data"] is None:
        raise UsageError(f"The picture {kind!r} needs labelled texts: --data SOURCE.")
    if kind == "all" and out.suffix:
        raise UsageError(f"With --kind all, --out is a folder; {str(out)!r} looks like a file.")
    loaded = TextModel.load(model)
    corpus = _corpus(reading, **data)
    files = {kind: out}
    if kind == "all":
        drawn = [each for each in KINDS if corpus is not None or each not in NEED_TEXTS]
        files = {each: out / f"{each}.png" for each in drawn}
    written = [write_picture(each, file, loaded, corpus) for each, file in files.items()]
    if as_json:
        print_json({"files": [str(file) for file in written]})
        return
    for file in written:
        say(f"Wrote {file}")
    if kind == "all" and corpus is None:
        say("For confusion, reliability, coverage and lengths, name labelled texts with --data.")


def _corpus(reading: Reading, data: str | None, split: str | None) -> Corpus | None:
    return None if data is None else part_of(reading.dataset(data), split)
