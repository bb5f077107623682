"""`wordloom vectors learn`: word vectors from texts without labels."""

from __future__ import annotations

import dataclasses
import functools
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from wordloom.cli.command import Command, Function, SectionOption, json_option, threads_option
from wordloom.cli.printing import paragraph, say
from wordloom.cli.reading import encoding_option, prefix_option, text_option
from wordloom.cli.settings_options import setting_option
from wordloom.cli.vector_files import report_written
from wordloom.cli.writing import check_can_write, check_targets, overwrite_option, writing_to
from wordloom.errors import UsageError
from wordloom.formats import WRITTEN_VECTORS
from wordloom.loop.callback import Callback, Logs
from wordloom.setting import rows_of
from wordloom.vectors.learning.settings import LearningSettings, SkipGramSettings

if TYPE_CHECKING:
    AnySettings = LearningSettings | SkipGramSettings
    from wordloom.vectors import WordVectors
    from wordloom.vectors.formats import Written
    from wordloom.vectors.learning import DocumentVectors

OBJECTIVES: dict[str, type[LearningSettings] | type[SkipGramSettings]] = {
    "words": SkipGramSettings,
    "documents": LearningSettings,
}
_NUMBERS = {"int": click.INT, "float": click.FLOAT, "float | str": click.FLOAT}


def learning_options(function: Function) -> Function:
    """Add an option for every setting; the command gets the checked settings of its `objective`.

    Raises UsageError for an option of the other objective and for values without meaning.
    """

    @functools.wraps(function)
    def with_settings(**options: Any) -> Any:
        given = {name: value for name in _names() if (value := options.pop(name)) is not None}
        return function(settings=_settings(options["objective"], given), **options)

    for name in reversed(_names()):
        with_settings = _option(name)(with_settings)
    return with_settings


def _names() -> list[str]:
    return list(dict.fromkeys(name for kind in OBJECTIVES.values() for name in _defaults(kind)))


def _defaults(kind: type[Any]) -> dict[str, Any]:
    return {field.name: field.default for field in dataclasses.fields(kind)}


def _settings(objective: str, given: dict[str, Any]) -> AnySettings:
    kind = OBJECTIVES[objective]
    foreign = [name for name in given if name not in _defaults(kind)]
    if foreign:
        other = next(name for name in OBJECTIVES if name != objective)
        option = foreign[0].replace("_", "-")
        raise UsageError(f"--{option} goes with --objective {other}, not with {objective}; leave it out.")
    return kind.from_names(given).checked()


def _option(name: str) -> Any:
    kinds = {objective: kind for objective, kind in OBJECTIVES.items() if name in _defaults(kind)}
    defaults = {objective: _defaults(kind)[name] for objective, kind in kinds.items()}
    first = next(iter(kinds.values()))
    shown = "; ".join(f"{objective}: {value}" for objective, value in defaults.items())
    if len(set(defaults.values())) == 1:
        shown = str(next(iter(defaults.values())))
    about = next(row["about"] for row in rows_of(first) if row["name"] == name)
    annotation = next(field.type for field in dataclasses.fields(first) if field.name == name)
    return click.option(
        f"--{name.replace('_', '-')}",
        name,
        cls=SectionOption,
        section="Learning" if len(kinds) > 1 else f"Objective {next(iter(kinds))!r}",
        type=_NUMBERS[str(annotation)],
        help=f"{about[:1].upper()}{about[1:]}. [default: {shown}]",
    )


_SHORTEST_HINT, _FIRST_HINT = 4, 100
_ALIKE = 0.95
"""Above this mean cosine neighbors were hardly better than chance: 600 texts of 20 words came to 0.999 in 5
epochs; in 50 to 0.7, and the neighbors were right."""


@dataclass(frozen=True)
class LearnOptions:
    """What to learn and where to write it."""

    out: Path
    to: str | None
    objective: str
    checkpoint: Path | None
    overwrite: bool
    threads: int | None
    split_characters: bool
    normalization: str | None
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
@click.option(
    "--to", type=click.Choice(WRITTEN_VECTORS), help="Format of the file, if its name does not say it."
)
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
@setting_option("split_characters")
@setting_option("normalization")
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

    options = LearnOptions(**rest)
    with_subwords = getattr(settings, "longest_subword", 0) > 0
    chosen = format_of(options.out, options.to, with_subwords)
    _check_targets(options)  # not only after hours of learning
    began = time.perf_counter()
    with open_texts(source, text=text, format=format, encoding=encoding, label_prefix=label_prefix) as texts:
        if not options.as_json:
            for note in texts.notes:
                paragraph(note)
        outcome = _Outcome()
        with Progress() as progress:
            callbacks = [outcome] if options.as_json else [outcome, progress]
            learned = _learned(texts, settings, options, callbacks)
    table, written = _written(learned, options, chosen)
    if options.checkpoint is not None and not outcome.interrupted:
        options.checkpoint.unlink(missing_ok=True)
    report_written(
        written,
        options.as_json,
        objective=options.objective,
        words_read=outcome.words,
        epochs=outcome.epochs,
        interrupted=outcome.interrupted,
        seconds=time.perf_counter() - began,
    )
    if not options.as_json:
        _say_next(table, options, outcome.interrupted)


class _Outcome(Callback):
    """How learning went: the words that were read, the whole epochs, whether it was interrupted."""

    words, epochs, interrupted = 0, 0, False

    def on_step(self, name: str, done: int, total: int | None, unit: str) -> None:
        self.words = done

    def on_train_end(self, logs: Logs) -> None:
        assert self.history is not None
        self.epochs = self.params["initial_epoch"] + len(self.history)
        self.interrupted = self.history.stopped == "interrupted"


def _check_targets(options: LearnOptions) -> None:
    if options.checkpoint is None:
        check_targets(options.out, overwrite=options.overwrite)
        return
    check_can_write(options.checkpoint)
    # Learning that was interrupted has written what it had; the same command goes on from there.
    check_targets(options.out, overwrite=options.overwrite or options.checkpoint.exists())


def _learned(
    texts: Iterable[str], settings: AnySettings, options: LearnOptions, callbacks: Sequence[Callback]
) -> WordVectors | DocumentVectors:
    from wordloom.vectors import learning

    by_words = isinstance(settings, learning.SkipGramSettings)
    rules = dataclasses.replace(
        (learning.word_learning if by_words else learning.document_learning).TOKENIZER,
        split_characters=options.split_characters,
        normalization=options.normalization,
    )
    more: dict[str, Any] = {"tokenizer": rules, "threads": options.threads, "checkpoint": options.checkpoint}
    if isinstance(settings, learning.SkipGramSettings):
        return learning.learn_word_vectors(texts, settings, callbacks, **more)
    return learning.learn_document_vectors(list(texts), settings, callbacks, **more)


def _written(
    learned: WordVectors | DocumentVectors, options: LearnOptions, format: str
) -> tuple[WordVectors, Written]:
    """The words' table, and what was written of it."""
    from wordloom.vectors import WordVectors
    from wordloom.vectors.formats import Written, write

    with writing_to(options.out):
        if isinstance(learned, WordVectors):
            return learned, write(learned, options.out, format, on_unwritable="skip")
        if format != "safetensors":
            return learned.words, write(learned.words, options.out, format, on_unwritable="skip")
        learned.save(options.out)
        return learned.words, Written(options.out, format, len(learned.words), learned.words.dimensions)


def _say_next(table: WordVectors, options: LearnOptions, interrupted: bool) -> None:
    if interrupted and options.checkpoint is not None:
        say(f"The state is in {options.checkpoint}: run the same command again to go on.")
    elif interrupted:
        say("With --checkpoint FILE learning could go on another time.")
    if not interrupted and options.objective != "documents":
        _say_if_alike(table)
    hints = (word for word in table.words[_FIRST_HINT:] if len(word) >= _SHORTEST_HINT and word.isalpha())
    say(f"Try: wordloom neighbors {options.out} {next(hints, table.words[0])}")


def _say_if_alike(table: WordVectors) -> None:
    """A word on vectors that have hardly left the direction in which all of them begin to grow."""
    from wordloom.vectors.description import mean_cosine

    together = mean_cosine(table)
    if together > _ALIKE:
        paragraph(
            f"The vectors point in nearly one direction (mean cosine {together:.3f}), so neighbors say "
            "little: so few words of text need more epochs, --epochs 50 for example, or more text."
        )
