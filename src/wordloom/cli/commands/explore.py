"""`wordloom explore`: a page in the browser to look into a model and its texts."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from wordloom.cli.command import Command, json_option, threads_option
from wordloom.cli.listening_options import listening_options, secret_of
from wordloom.cli.printing import print_json, say
from wordloom.cli.reading import SOURCE_HELP, Reading, reading_options, say_read
from wordloom.cli.vector_files import load_vectors
from wordloom.cli.writing import check_targets, overwrite_option
from wordloom.errors import UsageError

if TYPE_CHECKING:
    from wordloom.corpus import Dataset
    from wordloom.explorer.explored import Explorable


@click.command(
    cls=Command,
    about=SOURCE_HELP,
    examples=[
        "wordloom explore my-model",
        "wordloom explore my-model reviews.csv --corrections corrections.csv",
        "wordloom explore my-model imdb --vectors glove.txt --port 0",
    ],
)
@click.argument("model")
@click.argument("source", required=False)
@click.option(
    "--vectors",
    "tables",
    multiple=True,
    metavar="FILE",
    help="Word vectors, or another model, to show beside the model's own; may be given several times.",
)
@click.option(
    "--corrections",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Where the page saves decisions about texts; without it they are downloaded by the browser.",
)
@overwrite_option
@listening_options(8001)
@threads_option
@reading_options
@json_option
def command(
    model: str,
    source: str | None,
    tables: tuple[str, ...],
    corrections: Path | None,
    overwrite: bool,
    host: str,
    port: int,
    threads: int | None,
    reading: Reading,
    as_json: bool,
) -> None:
    """Look into a model and its texts in a browser.

    The page shows, while a text is typed, what the model says and which words speak for it; the words
    nearest to a word in one or several tables of word vectors; a map of words; the texts of SOURCE by error,
    confidence, length and words, each with its explanation; and labels that are probably wrong, to be
    corrected in place and carried out with wordloom correct. Nothing is sent anywhere.

    If the environment variable WORDLOOM_TOKEN is set, open the page as ADDRESS/#token=SECRET.
    """
    from wordloom.explorer import application, check_extra

    check_extra()
    from wordloom.explorer.explored import Explored
    from wordloom.kernels import compiled_throughout
    from wordloom.server.listening import address_of, is_loopback, listener, serve
    from wordloom.text_model import TextModel

    if corrections is not None and source is None:
        raise UsageError("--corrections holds decisions about texts: name a SOURCE as well.")
    check_targets(corrections, overwrite=overwrite)
    with listener(host, port) as listening:
        secret = secret_of(listening, host, "read the texts; set {token} to a secret (#token=SECRET).")
        loaded = TextModel.load(model)
        dataset = None
        if source is not None:  # read as the model's own texts were
            dataset = reading.for_target(loaded.target).dataset(source, loaded.columns)
        if dataset is not None and not as_json:
            say_read(dataset)
        more = _explorable(dataset, tables, corrections, threads)
        explored = Explored(loaded, Path(model).resolve().name, more)
        url = address_of(listening)

        def ready() -> None:
            explored.begin()
            if as_json:
                print_json({"name": explored.name, "url": url}, indent=None)
            else:
                say(f"Exploring {explored.name} at {url} (Ctrl-C ends it)")

        with compiled_throughout():
            serve(application(explored, secret, is_loopback(listening)), listening, explored.limits, ready)


def _explorable(
    dataset: Dataset | None, tables: tuple[str, ...], corrections: Path | None, threads: int | None
) -> Explorable:
    from wordloom.checks.checking import CheckPlan
    from wordloom.explorer.explored import Explorable
    from wordloom.settings import Settings

    plan = CheckPlan(Settings(architecture="ngram", random_state=0, threads=threads))
    named = [(Path(file).name, load_vectors(file)) for file in tables]
    return Explorable(named, dataset, corrections, plan)
