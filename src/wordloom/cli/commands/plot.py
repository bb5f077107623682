"""`wordloom plot`: pictures of a model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from wordloom.cli.command import Command, json_option
from wordloom.cli.parts import part_of, split_option
from wordloom.cli.printing import print_json, say
from wordloom.cli.reading import Reading, reading_options
from wordloom.cli.vector_files import is_model, load_vectors
from wordloom.cli.writing import check_targets, overwrite_option
from wordloom.errors import UsageError

if TYPE_CHECKING:
    from wordloom.corpus import Corpus
    from wordloom.text_model import TextModel

KINDS = (
    *("history", "confusion", "reliability", "coverage", "predicted", "errors", "by-length", "lengths"),
    "words",
)


@click.command(
    cls=Command,
    examples=[
        "wordloom plot my-model --out history.png",
        "wordloom plot my-model --kind confusion --data test.csv --out confusion.svg",
        "wordloom plot my-model --kind all --data imdb --out pictures",
        "wordloom plot glove.6B.100d.txt --kind words --words great,terrible,king --out words.png",
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
@overwrite_option
@click.option(
    "--kind", type=click.Choice([*KINDS, "all"]), default="history", show_default=True, help="What to draw."
)
@click.option(
    "--words",
    metavar="WORD,WORD,...",
    help="With --kind words: these words and those nearest to them.",
)
@click.option("--data", metavar="SOURCE", help="Labelled texts, in any format that evaluate takes.")
@reading_options
@split_option
@json_option
def command(
    model: str, out: Path, overwrite: bool, kind: str, words: str | None, as_json: bool, **data: Any
) -> None:
    """Draw a picture of a model as .png, .svg or .pdf.

    history: accuracy and loss of each epoch. confusion: which labels of the texts in --data were
    taken for which. reliability: how often the model is right beside how sure it is; of several labels for
    each text, how often a text has a label. coverage: how right it is on the texts that it is surest of.
    predicted and errors: of a model of grades, its predictions beside the grades, and how far off they are.
    by-length: accuracy of short and long texts, of grades the mean error. lengths: how long these texts
    are, and where the model cuts them. words: a map of the most influential words, or of --words; MODEL
    may then be a file of word vectors, of which the first words are drawn. With all, --out is a folder;
    the pictures that need --data are left out without it, and those of which the model has nothing to
    show (a model on n-grams has no word vectors).
    """
    from wordloom.cli.pictures import OF_MODELS, Pictures, kinds_of
    from wordloom.text_model import TextModel

    if words is not None or not is_model(model):
        check_targets(out, overwrite=overwrite)
        _say_written([_word_map(model, kind, words, out)], as_json=as_json)
        return
    if kind not in (*OF_MODELS, "all") and data["data"] is None:
        raise UsageError(f"The picture {kind!r} needs labelled texts: --data SOURCE.")
    if kind == "all" and out.suffix:
        raise UsageError(f"With --kind all, --out is a folder; {str(out)!r} looks like a file.")
    loaded = TextModel.load(model)
    files = {kind: out}
    if kind == "all":
        there = kinds_of(loaded, with_texts=data["data"] is not None)
        files = {each: out / f"{each}.png" for each in KINDS if each in there}
    check_targets(*files.values(), overwrite=overwrite)
    pictures = Pictures(loaded, _corpus(model=loaded, **data))
    if kind != "all":
        _say_written([pictures.write(kind, out)], as_json=as_json)
        return
    _say_written(*pictures.write_all(files), as_json=as_json)
    if pictures.corpus is None and not as_json:
        say("For pictures of the model's answers, name labelled texts with --data.")


def _say_written(
    files: Sequence[Path], left_out: Mapping[str, str] | None = None, as_json: bool = False
) -> None:
    if as_json:
        print_json({"files": [str(file) for file in files], "left_out": left_out or {}})
        return
    for file in files:
        say(f"Wrote {file}")
    for kind, why in (left_out or {}).items():
        say(f"Left out {kind}: {why}")


def _word_map(model: str, kind: str, words: str | None, out: Path) -> Path:
    """A map of the words of a table, or of a model."""
    from wordloom.cli.pictures import write_word_map

    if kind != "words":
        what = f"{model} is a file of word vectors" if words is None else "--words is given"
        raise UsageError(f"{what}: that goes with --kind words, not with {kind!r}.")
    chosen = [word.strip() for word in (words or "").split(",") if word.strip()]
    return write_word_map(load_vectors(model), chosen, out)


def _corpus(reading: Reading, model: TextModel, data: str | None, split: str | None) -> Corpus | None:
    if data is None:
        return None
    return part_of(reading.for_target(model.target).dataset(data, model.columns), split)
