"""Labelled text for a command: how it is read, and what is said of it."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any

import click

from wordloom.cli.command import Function
from wordloom.cli.printing import count, counted, paragraph, say
from wordloom.formats import LABELLED, TABLES, TEXT_FORMATS, titles_of
from wordloom.target_names import AUTO, GRADED, SINGLE, TARGETS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wordloom.corpus import Corpus, Dataset
    from wordloom.loop.callback import Callback
    from wordloom.origin import Columns

SOURCE_HELP = (
    f"SOURCE is a file or a folder ({titles_of(TEXT_FORMATS[name] for name in LABELLED)}), '-' for standard "
    "input, or the name of a data set: imdb, demo."
)


@dataclass(frozen=True)
class Reading:
    """How a source of labelled text is to be read; None: found out. See `wordloom.read_corpus`."""

    text: tuple[str, ...] | None = None
    label: str | None = None
    format: str | None = None
    encoding: str | None = None
    missing_label: str | None = None
    label_prefix: str | None = None
    target: str = "auto"
    label_separator: str | None = None

    def dataset(self, source: str, columns: Columns | None = None) -> Dataset:
        """What the source holds; `columns` are those a model was trained on, looked for first."""
        from wordloom.readers import read_corpus

        return read_corpus(source, columns=columns, **asdict(self))

    def for_target(self, target: str) -> Reading:
        """This, for labels of a model's target unless the user named one."""
        named = self.target != AUTO or target == SINGLE
        return self if named else dataclasses.replace(self, target=target)

    def words(self) -> list[str]:
        """The options that give this, as a user types them."""
        words = [word for name in self.text or () for word in ("--text", name)]
        for name, value in asdict(self).items():
            if value not in (None, "auto") and name != "text":
                words += ["--" + name.replace("_", "-"), value]
        return words

    def streamed(
        self, sources: Sequence[str], callbacks: Sequence[Callback] = (), columns: Columns | None = None
    ) -> Dataset:
        """What files hold, their texts left in them. See `wordloom.readers.stream_corpus`."""
        from wordloom.readers import stream_corpus

        return stream_corpus(sources, callbacks=callbacks, columns=columns, **asdict(self))

    def of_all(self, sources: Sequence[str], columns: Columns | None = None) -> Dataset:
        """What a source holds, or several files together, in memory; `columns` as in `dataset`."""
        if len(sources) == 1:
            return self.dataset(sources[0], columns)
        found = self.streamed(sources, columns=columns)
        test = None if found.test is None else found.test.in_memory()
        return dataclasses.replace(found, train=found.train.in_memory(), test=test)


def reading_options(function: Function) -> Function:
    """Add the options of `Reading`; the command gets one as `reading`."""

    @functools.wraps(function)
    def with_reading(**options: Any) -> Any:
        values = {field.name: options.pop(field.name) for field in fields(Reading)}
        return function(reading=Reading(**values), **options)

    for option in reversed(
        (
            text_option,
            click.option(
                "--label",
                metavar="COLUMN",
                help="Column with the labels, if a guess is wrong. Several columns, a,b,c, hold 1 or 0, "
                "each for one label.",
            ),
            click.option(
                "--target",
                type=click.Choice([AUTO, *TARGETS]),
                default=AUTO,
                help="What the labels are: one for each text, several, or a number (graded). auto is several "
                "for lists and for cells that clearly hold them, else one.",
            ),
            click.option(
                "--label-separator",
                metavar="TEXT",
                help="What stands between the labels of a text, as in 'joy|love'; found out if not given.",
            ),
            _format_option,
            encoding_option,
            click.option(
                "--missing-label",
                type=click.Choice(["error", "skip", "unlabelled"]),
                help="What to do with a row without a label: stop with an error, skip it, or learn from its "
                "text without a label (architecture documents). [default: error; for fastText skip]",
            ),
            prefix_option,
        )
    ):
        with_reading = option(with_reading)
    return with_reading


text_option = click.option(
    "--text",
    metavar="COLUMN",
    multiple=True,
    callback=lambda ctx, param, value: value or None,
    help="Column with the texts, if a guess is wrong. Several are joined in the order given: --text title "
    "--text body, or --text title,body.",
)
_format_option = click.option(
    "--format",
    metavar="NAME",
    help=f"Format of the source, if a guess is wrong: {', '.join(LABELLED)}.",
)
table_format_option = click.option(
    "--format",
    metavar="NAME",
    help=f"Format of the table, if a guess is wrong: {', '.join(TABLES)}.",
)
encoding_option = click.option(
    "--encoding", metavar="NAME", help="Encoding of the text if it is not UTF-8, for example latin-1."
)
prefix_option = click.option(
    "--label-prefix",
    metavar="PREFIX",
    help="What labels begin with in lines of fastText. [default: __label__]",
)


def summary(corpus: Corpus) -> dict[str, Any]:
    """A corpus in plain values: name, number of texts, and the texts of each label or the range of grades."""
    known = {"name": corpus.name, "texts": len(corpus), "target": corpus.target}
    if corpus.target == GRADED:
        grades = corpus.grades
        return {**known, "grades": {"lowest": grades.min(), "highest": grades.max(), "mean": grades.mean()}}
    return {**known, "classes": {str(label): number for label, number in corpus.counts().items()}}


def said(corpus: Corpus) -> str:
    """The labels of a corpus with their counts, or the range of its grades, in a line."""
    from wordloom.corpus import grade_range

    return grade_range(corpus) if corpus.target == GRADED else counted(corpus.counts()) or "no labels"


def say_read(dataset: Dataset) -> None:
    """Say what was read and what the reader noticed."""
    for part, corpus in (("train", dataset.train), ("test", dataset.test)):
        if corpus is not None:
            which = f" ({part})" if dataset.test is not None else ""
            say(f"Read {dataset.name}{which}: {count(len(corpus), 'text')}; {said(corpus)}")
    for note in dataset.notes:
        paragraph(note, indent=2)
