"""`wordloom vectors learn`: word vectors from texts without labels."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from wordloom.cli.command import Command, json_option, threads_option
from wordloom.cli.failures import writing_to
from wordloom.cli.learning_options import OBJECTIVES, learning_options
from wordloom.cli.output import paragraph, say
from wordloom.cli.reading import encoding_option, prefix_option, text_option
from wordloom.cli.targets import check_can_write, check_targets, overwrite_option
from wordloom.cli.vectors import report_written
from wordloom.formats import WRITTEN_VECTORS
from wordloom.loop.callback import Callback, Logs

if TYPE_CHECKING:
    from wordloom.cli.learning_options import AnySettings
    from wordloom.vectors import WordVectors
    from wordloom.vectors.formats import Written
    from wordloom.vectors.learning import DocumentVectors

_SHORTEST_HINT, _FIRST_HINT = 4, 100
_ALIKE = 0.95
"""Above this mean cosine neighbours were hardly better than chance: 600 texts of 20 words came to 0.999 in 5
epochs; in 50 to 0.7, and the neighbours were right."""


@dataclass(frozen=True)
class Order:
    """What to learn and where to write it."""

    out: Path
    to: str | None
    objective: str
    checkpoint: Path | None
    overwrite: bool
    threads: int | None
    as_json: bool


@click.command(
    cls=Command,
    examples=[
        "wordloom vectors learn reviews.txt --out my-vectors.txt",
        "wordloom vectors learn imdb --out imdb.safetensors --objective documents",
        "wordloom vectors learn wiki.txt.gz --out wiki.vec --dimensions 200 --checkpoint wiki.state",
        "wordloom vectors learn reviews.txt --out reviews.bin --longest-subword 6",
    ],
)
@click.argument("source")
@click.option("--out", required=True, type=click.Path(path_type=Path), metavar="FILE", help="File to write.")
@overwrite_option
@click.option("--to", type=click.Choice(WRITTEN_VECTORS), help="Its format, if the name does not say it.")
@click.option(
    "--objective",
    type=click.Choice(list(OBJECTIVES)),
    default="words",
    show_default=True,
    help="words: skip-gram, a word tells the words around it. documents: vectors of words and n-grams whose "
    "averages tell documents apart; FILE.safetensors keeps all of it, other formats the words.",
)
@click.option(
    "--checkpoint",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Keep the state in this file after each epoch and after Ctrl-C; the same command goes on from it. "
    "It is removed at the end.",
)
@text_option
@click.option(
    "--format", metavar="NAME", help="Format of the source, if a guess is wrong; lines: a text on each line."
)
@encoding_option
@prefix_option
@threads_option
@json_option
@learning_options
def command(
    source: str,
    text: tuple[str, ...] | None,
    format: str | None,
    encoding: str | None,
    label_prefix: str | None,
    settings: AnySettings,
    **rest: Any,
) -> None:
    """Learn word vectors from texts without labels.

    SOURCE is a plain text file with a document on each line, or anything that train reads; labels, if
    there are any, play no part. Text files and tables may be larger than memory: their words are kept as
    numbers in a temporary file (for --objective documents in memory). Ctrl-C ends learning and writes what
    is learned so far.

    With --longest-subword words are made of their n-grams of characters too, so that words which are not
    in the texts have vectors; a fastText model (FILE.bin) keeps these.
    """
    from wordloom.readers import open_texts
    from wordloom.training.progress import Progress
    from wordloom.vectors.formats import format_of

    order = Order(**rest)
    with_subwords = getattr(settings, "longest_subword", 0) > 0
    chosen = format_of(order.out, order.to, with_subwords)
    _check_targets(order)  # not only after hours of learning
    began = time.perf_counter()
    with open_texts(source, text=text, format=format, encoding=encoding, label_prefix=label_prefix) as texts:
        if not order.as_json:
            for note in texts.notes:
                paragraph(note)
        outcome = _Outcome()
        with Progress() as progress:
            callbacks = [outcome] if order.as_json else [outcome, progress]
            learned = _learned(texts, settings, order, callbacks)
    table, written = _written(learned, order, chosen)
    if order.checkpoint is not None and not outcome.interrupted:
        order.checkpoint.unlink(missing_ok=True)
    report_written(
        written,
        order.as_json,
        objective=order.objective,
        words_read=outcome.words,
        epochs=outcome.epochs,
        interrupted=outcome.interrupted,
        seconds=time.perf_counter() - began,
    )
    if not order.as_json:
        _say_next(table, order, outcome.interrupted)


class _Outcome(Callback):
    """How learning went: the words that were read, the whole epochs, whether it was interrupted."""

    words, epochs, interrupted = 0, 0, False

    def on_step(self, name: str, done: int, total: int | None, unit: str) -> None:
        self.words = done

    def on_train_end(self, logs: Logs) -> None:
        assert self.history is not None
        self.epochs = self.params["initial_epoch"] + len(self.history)
        self.interrupted = self.history.stopped == "interrupted"


def _check_targets(order: Order) -> None:
    if order.checkpoint is None:
        check_targets(order.out, overwrite=order.overwrite)
        return
    check_can_write(order.checkpoint)
    # Learning that was interrupted has written what it had; the same command goes on from there.
    check_targets(order.out, overwrite=order.overwrite or order.checkpoint.exists())


def _learned(
    texts: Iterable[str], settings: AnySettings, order: Order, callbacks: Sequence[Callback]
) -> WordVectors | DocumentVectors:
    from wordloom.vectors import learning

    more: dict[str, Any] = {"threads": order.threads, "checkpoint": order.checkpoint}
    if isinstance(settings, learning.SkipGramSettings):
        return learning.learn_word_vectors(texts, settings, callbacks, **more)
    return learning.learn_document_vectors(list(texts), settings, callbacks, **more)


def _written(
    learned: WordVectors | DocumentVectors, order: Order, format: str
) -> tuple[WordVectors, Written]:
    """The words' table, and what was written of it."""
    from wordloom.vectors import WordVectors
    from wordloom.vectors.formats import Written, write

    with writing_to(order.out):
        if isinstance(learned, WordVectors):
            return learned, write(learned, order.out, format, on_unwritable="skip")
        if format != "safetensors":
            return learned.words, write(learned.words, order.out, format, on_unwritable="skip")
        learned.save(order.out)
        return learned.words, Written(order.out, format, len(learned.words), learned.words.dimensions)


def _say_next(table: WordVectors, order: Order, interrupted: bool) -> None:
    if interrupted and order.checkpoint is not None:
        say(f"The state is in {order.checkpoint}: run the same command again to go on.")
    elif interrupted:
        say("With --checkpoint FILE learning could go on another time.")
    if not interrupted and order.objective != "documents":
        _say_if_alike(table)
    hints = (word for word in table.words[_FIRST_HINT:] if len(word) >= _SHORTEST_HINT and word.isalpha())
    say(f"Try: wordloom neighbors {order.out} {next(hints, table.words[0])}")


def _say_if_alike(table: WordVectors) -> None:
    """A word on vectors that have hardly left the direction in which all of them begin to grow."""
    from wordloom.vectors.description import mean_cosine

    together = mean_cosine(table)
    if together > _ALIKE:
        paragraph(
            f"The vectors point in nearly one direction (mean cosine {together:.3f}), so neighbours say "
            "little: so few words of text need more epochs, --epochs 50 for example, or more text."
        )
