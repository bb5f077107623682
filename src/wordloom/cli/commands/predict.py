"""`wordloom predict`: labels for texts on the command line, or for a table row by row."""

from __future__ import annotations

import warnings
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from wordloom.cli.command import Command
from wordloom.cli.printing import count, counted, print_json, say, shortened, tell
from wordloom.cli.reading import encoding_option, prefix_option, table_format_option, text_option
from wordloom.cli.writing import check_targets, overwrite_option, writing_to
from wordloom.errors import UsageError, WordloomWarning

if TYPE_CHECKING:
    from wordloom.readers import TableStream
    from wordloom.text_model import Prediction, TextModel

Row = dict[str, Any]


@dataclass(frozen=True)
class Input:
    """A table to predict on, and where the answers go (None: standard output)."""

    input: str
    output: Path | None
    text: tuple[str, ...] | None
    format: str | None
    encoding: str | None
    label_prefix: str | None
    overwrite: bool
    as_json: bool


@click.command(
    cls=Command,
    examples=[
        'wordloom predict my-model "A fine film."',
        'wordloom predict my-model --json "A fine film." "Not for me."',
        "wordloom predict my-model --input new.csv --text body --output labelled.csv",
        "cat texts.txt | wordloom predict my-model --input - --json",
    ],
)
@click.argument("model")
@click.argument("texts", nargs=-1, metavar="[TEXT]...")
@click.option("--input", metavar="FILE", help="Table to predict on; - for standard input.")
@text_option
@table_format_option
@encoding_option
@prefix_option
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Where to write the table; standard output if not given. The file appears whole or not at all.",
)
@overwrite_option
@click.option(
    "--json",
    "as_json",
    is_flag=True,
    help="Print JSON instead: a list of the texts; of a table, an object a line.",
)
def command(model: str, texts: Sequence[str], as_json: bool, **options: Any) -> None:
    """Label texts with a trained model.

    Texts on the command line are answered with a line each: label and probability. With --input, a
    table (CSV, TSV, JSON Lines, Parquet, or plain text with a text a line) comes back in its own
    order with the columns label and probability added, whatever its length; where the table has
    such columns, the new ones are called predicted_label and predicted_probability.
    """
    given = Input(as_json=as_json, **options)
    if bool(texts) == (options["input"] is not None):
        raise UsageError("Give either texts or --input FILE (--input - for standard input).")
    check_targets(given.output, overwrite=given.overwrite)
    from wordloom.text_model import TextModel

    if texts:
        names = ("output", "text", "format", "encoding", "label_prefix")
        unused = [f"--{name.replace('_', '-')}" for name in names if options[name] is not None]
        if unused:
            raise UsageError(f"{', '.join(unused)} goes with --input FILE, not with texts.")
        _predict_texts(TextModel.load(model), texts, as_json)
    else:
        _predict_table(TextModel.load(model), given)


def _predict_texts(model: TextModel, texts: Sequence[str], as_json: bool) -> None:
    predictions = list(model.predict_stream(texts))
    _warn_about_unknown(model, texts)
    if as_json:
        print_json([_document(text, answer) for text, answer in zip(texts, predictions, strict=True)])
        return
    width = max(len(str(label)) for label in model.labels)
    for text, answer in zip(texts, predictions, strict=True):
        beside = f"  {shortened(text)}" if len(texts) > 1 else ""
        say(f"{answer.label!s:{width}}  {answer.probability:.3f}{beside}")


def _warn_about_unknown(model: TextModel, texts: Sequence[str]) -> None:
    """Warn of the texts without a known word where they are the fewer: of most, the model has warned."""
    known = model.vocabulary.word_index
    unknown = [text for text in texts if not any(word in known for word in model.tokenizer.tokenize(text))]
    for text in unknown if 2 * len(unknown) <= len(texts) else ():
        warnings.warn(
            f"The model knows no word of {shortened(text, 40)!r}; its answer has nothing to go by.",
            WordloomWarning,
            stacklevel=3,
        )


def _document(text: str, answer: Prediction) -> dict[str, Any]:
    return {
        "text": text,
        "label": answer.label,
        "probability": answer.probability,
        "probabilities": answer.probabilities,
    }


def _predict_table(model: TextModel, given: Input) -> None:
    from wordloom.cli.writing import DOCUMENTS, output_of, written_table
    from wordloom.readers import open_table

    labels: Counter[Any] = Counter()
    empty = 0
    with ExitStack() as stack:
        opened = open_table(
            given.input,
            text=given.text,
            format=given.format,
            encoding=given.encoding,
            columns=model.columns,
            label_prefix=given.label_prefix,
        )
        table = stack.enter_context(opened)
        if table.names_columns:
            tell(f"{table.name}: {table.chosen}.")
        if given.output is not None:
            stack.enter_context(writing_to(given.output))
        written = DOCUMENTS if given.as_json else output_of(table, given.output)
        write = stack.enter_context(written_table(written, given.output))
        for row, answer in _answered(model, table):
            text = table.text_of(row)
            labels[answer.label] += 1
            empty += not text.strip()
            write(_document(text, answer) if given.as_json else row, answer)
    if empty:
        _warn_about_empty(table.name, empty, sum(labels.values()))
    if given.output is not None:
        _report(given.output, {label: labels[label] for label in model.labels}, empty, given.as_json)


def _answered(model: TextModel, table: TableStream) -> Iterator[tuple[Row, Prediction]]:
    """Rows with their predictions; only the rows between text and answer are held."""
    waiting: deque[Row] = deque()

    def texts() -> Iterator[str]:
        for row in table:
            waiting.append(row)
            yield table.text_of(row)

    for answer in model.predict_stream(texts()):
        yield waiting.popleft(), answer


def _warn_about_empty(name: str, empty: int, total: int) -> None:
    are = "is" if empty == 1 else "are"
    warnings.warn(
        f"{name}: {empty:,} of {count(total, 'text')} {are} empty; their answers have nothing to go by.",
        WordloomWarning,
        stacklevel=3,
    )


def _report(output: Path, labels: dict[Any, int], empty: int, as_json: bool) -> None:
    total = sum(labels.values())
    if as_json:
        print_json({"output": str(output), "n": total, "labels": labels, "empty": empty})
    else:
        say(f"Wrote {output}: {count(total, 'text')}; {counted(labels)}")
