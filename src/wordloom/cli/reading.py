"""Reading: the options that say how labelled text is read, and what is said about what was read."""

from __future__ import annotations

import functools
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any

import click

from wordloom.cli.command import Function
from wordloom.cli.output import count, counted, paragraph, say
from wordloom.errors import DataError
from wordloom.formats import LABELLED, TABLES, TEXT_FORMATS, titles_of

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

    def dataset(self, source: str, columns: Columns | None = None) -> Dataset:
        """What the source holds; `columns` are those a model was trained on, looked for first."""
        from wordloom.readers import read_corpus

        return read_corpus(source, columns=columns, **asdict(self))

    def words(self) -> list[str]:
        """The options that give this, as a user types them."""
        words = [word for name in self.text or () for word in ("--text", name)]
        for name, value in asdict(self).items():
            if value is not None and name != "text":
                words += ["--" + name.replace("_", "-"), value]
        return words

    def streamed(self, source: str, callbacks: Sequence[Callback]) -> Dataset:
        """What a file holds, its texts left in it. See `wordloom.readers.stream_corpus`."""
        from wordloom.readers import stream_corpus

        return stream_corpus(source, callbacks=callbacks, **asdict(self))


def reading_options(function: Function) -> Function:
    """Add the options of `Reading`; the command gets one as `reading`."""

    @functools.wraps(function)
    def with_reading(**options: Any) -> Any:
        values = {field.name: options.pop(field.name) for field in fields(Reading)}
        return function(reading=Reading(**values), **options)

    for option in reversed(
        (
            text_option,
            click.option("--label", metavar="COLUMN", help="Column with the labels, if a guess is wrong."),
            _format_option,
            encoding_option,
            click.option(
                "--missing-label",
                type=click.Choice(["error", "skip", "unlabelled"]),
                help="What a row without a label is: an error, left out, or a text without a label to learn "
                "from as well (architecture documents). [default: error; for fastText skip]",
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
split_option = click.option(
    "--split",
    type=click.Choice(["train", "test"]),
    help="Which part of the source, if it has two; the test part if not given.",
)


def part_of(dataset: Dataset, split: str | None) -> Corpus:
    """The part asked for, else the test part, else the only part. DataError for a part that is not there."""
    if split == "test" and dataset.test is None:
        raise DataError(f"{dataset.name}: has no test part. Leave out --split test to take all of it.")
    if split != "train" and dataset.test is not None:
        return dataset.test
    return dataset.train


def summary(corpus: Corpus) -> dict[str, Any]:
    """A corpus in plain values: name, number of texts, and the texts of each label."""
    return {
        "name": corpus.name,
        "texts": len(corpus),
        "classes": {str(label): number for label, number in corpus.counts().items()},
    }


def say_read(dataset: Dataset) -> None:
    """Say what was read and what the reader noticed."""
    for part, corpus in (("train", dataset.train), ("test", dataset.test)):
        if corpus is not None:
            which = f" ({part})" if dataset.test is not None else ""
            say(f"Read {dataset.name}{which}: {count(len(corpus), 'text')}; {counted(corpus.counts())}")
    for note in dataset.notes:
        paragraph(note, indent=2)
