"""`wordloom predict`: labels for texts on the command line, or for a table row by row."""

from __future__ import annotations

import itertools
import warnings
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from wordloom.atomic import replacing_file
from wordloom.cli.command import Command
from wordloom.cli.printing import count, counted, print_json, say, shortened, tell
from wordloom.cli.reading import encoding_option, prefix_option, table_format_option, text_option
from wordloom.cli.writing import check_targets, overwrite_option, writing_to
from wordloom.errors import UsageError, WordloomWarning
from wordloom.target_names import GRADED, MULTILABEL, SEPARATOR

if TYPE_CHECKING:
    from wordloom.explain.explanation import Explanation
    from wordloom.readers import TableStream
    from wordloom.text_model import Prediction, TextModel

Row = dict[str, Any]
_UNSURE, _NO_LABEL = "unsure", "no label"

_EXPLAINED_AT_ONCE = 512


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
    threshold: float | None
    top: int | None
    explain: bool
    explain_html: Path | None
    as_json: bool


@dataclass
class _Tally:
    """How many texts were answered with each label (None: with none), in all, and how many were empty."""

    labels: Counter[Any]
    n: int = 0
    empty: int = 0

    def add(self, answer: Prediction) -> None:
        """Count one text."""
        self.n += 1
        self.labels.update(answer.labels or [None])


@click.command(
    cls=Command,
    examples=[
        'wordloom predict my-model "A fine film."',
        'wordloom predict my-model --json "A fine film." "Not for me."',
        "wordloom predict my-model --input new.csv --text body --output labelled.csv",
        "wordloom predict my-model --input new.csv --threshold 0.9",
        'wordloom predict my-model --top 3 "A fine film."',
        "cat texts.txt | wordloom predict my-model --input - --json",
        'wordloom predict my-model --explain "A fine film."',
        'wordloom predict my-model --explain-html why.html "A fine film."',
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
    "--threshold",
    type=float,
    metavar="NUMBER",
    help="Answer only where the likeliest label has at least this probability, for example 0.9. The other "
    f"texts are unsure: {_UNSURE!r} in the place of the label, an empty cell in a table, null in JSON. Where "
    "texts have several labels: give those of at least this probability. [default: 0; of several labels "
    "those of the training]",
)
@click.option(
    "--top",
    type=click.IntRange(1),
    metavar="K",
    help="Show the K likeliest labels of each text on the command line, whatever their probabilities are.",
)
@click.option(
    "--explain",
    is_flag=True,
    help="Say why: the words and n-grams that speak for the likeliest label and against it, where texts may "
    "have several labels for each that is given. In texts they are colored and listed; a table gets a column "
    "with the ten strongest.",
)
@click.option(
    "--explain-html",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write the explanations of the texts on the command line to a page of HTML.",
)
@click.option(
    "--json",
    "as_json",
    is_flag=True,
    help="Print JSON instead: a list of the texts; of a table, an object a line.",
)
def command(model: str, texts: Sequence[str], **options: Any) -> None:
    """Label texts with a trained model.

    Texts on the command line are answered with a line each: label and probability. With --input, a
    table (CSV, TSV, JSON Lines, Parquet, or plain text with a text a line) comes back in its own
    order with the columns label and probability added, whatever its length; where the table has
    such columns, the new ones are called predicted_label and predicted_probability. Where texts
    have several labels the columns are labels and probabilities, and for grades there is one, grade.
    """
    given = Input(**options)
    if bool(texts) == (options["input"] is not None):
        raise UsageError("Give either texts or --input FILE (--input - for standard input).")
    check_targets(given.output, given.explain_html, overwrite=given.overwrite)
    from wordloom.prediction import checked_threshold
    from wordloom.text_model import TextModel

    if given.threshold is not None:
        checked_threshold(given.threshold)
    if texts:
        names = ("output", "text", "format", "encoding", "label_prefix")
        unused = [f"--{name.replace('_', '-')}" for name in names if options[name] is not None]
        if unused:
            raise UsageError(f"{', '.join(unused)} goes with --input FILE, not with texts.")
        _predict_texts(TextModel.load(model), texts, given)
    elif given.explain_html is not None:
        raise UsageError("--explain-html is for texts on the command line; --explain is for tables too.")
    elif given.top is not None:
        raise UsageError("--top is for texts on the command line; --json has every probability of a table.")
    else:
        _predict_table(TextModel.load(model), given)


def _predict_texts(model: TextModel, texts: Sequence[str], given: Input) -> None:
    if given.top is not None and model.target == GRADED:
        raise UsageError("--top goes with labels, and this is a model of grades; leave it out.")
    from wordloom.cli.explanations import explained_answers

    predictions = list(model.predict_stream(texts, threshold=given.threshold))
    _warn_about_unknown(model, texts)
    wanted = given.explain or given.explain_html is not None
    explanations = explained_answers(model, texts, predictions) if wanted else []
    if given.explain_html is not None:
        _write_page(given.explain_html, list(itertools.chain(*explanations)))
    shown = explanations if given.explain else [()] * len(texts)
    if given.as_json:
        answers = zip(texts, predictions, shown, strict=True)
        print_json(
            [
                _document(text, answer, model.target, given.top) | _why(model, why)
                for text, answer, why in answers
            ]
        )
    else:
        lines = [_line(answer, model.target, given.top) for answer in predictions]
        _say_predictions(model, texts, lines, shown)
    tally = _Tally(Counter())
    for answer in predictions:
        tally.add(answer)
    _tell_unsure(tally, given.threshold, model.target)


def _write_page(target: Path, explanations: Sequence[Explanation]) -> None:
    from wordloom.explain.colored import page_of

    page = page_of(explanation.to_html() for explanation in explanations)
    with writing_to(target), replacing_file(target) as temporary:
        Path(temporary).write_text(page, encoding="utf-8")


def _why(model: TextModel, explanations: Sequence[Explanation]) -> dict[str, Any]:
    from wordloom.cli.explanations import document

    if not explanations:
        return {}
    if model.target == MULTILABEL:
        return {"explanations": [document(explanation) for explanation in explanations]}
    return {"explanation": document(explanations[0], with_flip=model.target != GRADED)}


def _say_predictions(
    model: TextModel,
    texts: Sequence[str],
    lines: Sequence[tuple[str, str]],
    explanations: Sequence[Sequence[Explanation]],
) -> None:
    from wordloom.cli.explanations import say_explanation

    known = [] if model.target == GRADED else [str(label) for label in model.labels]
    width = max(map(len, [*known, *(names for names, _ in lines)]))
    for text, (names, probabilities), own in zip(texts, lines, explanations, strict=True):
        beside = f"  {shortened(text)}" if len(texts) > 1 and not own else ""
        say(f"{names:{width}}  {probabilities}{beside}".rstrip())
        for explanation in own:
            say_explanation(explanation, with_flip=model.target != GRADED)


def _tell_unsure(tally: _Tally, threshold: float | None, target: str) -> None:
    """How many texts have no label, on standard error, if a threshold was given."""
    if not threshold:
        return
    unsure = tally.labels[None]
    if target == MULTILABEL:
        if unsure:
            tell(f"{unsure:,} of {count(tally.n, 'text')} {'has' if unsure == 1 else 'have'} no label.")
    else:
        tell(
            f"{unsure:,} of {count(tally.n, 'text')} {'is' if unsure == 1 else 'are'} unsure: the likeliest "
            f"label has a probability below {threshold:g}."
        )


def _warn_about_unknown(model: TextModel, texts: Sequence[str]) -> None:
    """Warn of the texts without a known word where they are the fewer: of most, the model has warned."""
    from wordloom.text.known_words import PIECES, known_characters, known_words

    ids = model.encode(texts)
    spelled = known_characters(ids, model.vocabulary)
    unknown = [row for row, known in enumerate(known_words(ids, model.vocabulary).tolist()) if not known]
    for row in unknown if 2 * len(unknown) <= len(texts) else ():
        basis = f"goes by {PIECES}" if spelled[row] else "has nothing to go by"
        warnings.warn(
            f"The model knows no word of {shortened(texts[row], 40)!r}; its answer {basis}.",
            WordloomWarning,
            stacklevel=3,
        )


def _document(text: str, answer: Prediction, target: str, top: int | None = None) -> dict[str, Any]:
    """What JSON says of an answer; of `top`, the likeliest labels, which are given whatever they have."""
    found = {"text": text, **answer.fields(target, top)}
    if top and target == MULTILABEL:
        found["labels"] = [label for label, _ in answer.top(top)]
    return found


def _line(answer: Prediction, target: str, top: int | None) -> tuple[str, str]:
    """What is shown of an answer: labels, or a grade; and probabilities."""
    if answer.grade is not None:
        return f"{answer.grade:.3f}", ""
    pairs = answer.top(top) if top else answer.given()
    if not pairs:
        return (_NO_LABEL, "") if target == MULTILABEL else (_UNSURE, f"{answer.probability:.3f}")
    names = ", ".join(str(label) for label, _ in pairs)
    return names, ", ".join(f"{probability:.3f}" for _, probability in pairs)


def _predict_table(model: TextModel, given: Input) -> None:
    from wordloom.cli.writing import DOCUMENTS, output_of, written_table
    from wordloom.prediction import Decisions
    from wordloom.readers import open_table

    Decisions.of(model, given.threshold)  # an error before anything is written
    tally = _Tally(Counter())
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
        trained = None if model.columns is None else model.columns.separator
        written = replace(
            written, explained=given.explain, target=model.target, separator=trained or SEPARATOR
        )
        write = stack.enter_context(written_table(written, given.output))
        for row, answer, explanations in _answered(model, table, given):
            text = table.text_of(row)
            tally.add(answer)
            tally.empty += not text.strip()
            shown = _document(text, answer, model.target) if given.as_json else row
            write(shown, answer, explanations)
    if tally.empty:
        _warn_about_empty(table.name, tally)
    _tell_unsure(tally, given.threshold, model.target)
    if given.output is not None:
        _report(given.output, model, tally, given)


def _answered(
    model: TextModel, table: TableStream, given: Input
) -> Iterator[tuple[Row, Prediction, Sequence[Explanation]]]:
    """Rows with their predictions and what explains them; only those between text and answer are held."""
    waiting: deque[Row] = deque()

    def texts() -> Iterator[str]:
        for row in table:
            waiting.append(row)
            yield table.text_of(row)

    for_answers, for_reasons = itertools.tee(texts()) if given.explain else (texts(), None)
    answers = model.predict_stream(for_answers, threshold=given.threshold)
    if for_reasons is None:
        for answer in answers:
            yield waiting.popleft(), answer, ()
        return
    for answer, explanations in _with_reasons(model, for_reasons, answers):
        yield waiting.popleft(), answer, explanations


def _with_reasons(
    model: TextModel, texts: Iterator[str], answers: Iterator[Prediction]
) -> Iterator[tuple[Prediction, Sequence[Explanation]]]:
    """Each answer with its explanations, some at a time."""
    from wordloom.cli.explanations import explained_answers

    # The answers come first: asking for a text would read on behind those that wait for their answers.
    pairs = zip(answers, texts, strict=False)
    while some := list(itertools.islice(pairs, _EXPLAINED_AT_ONCE)):
        answered = [answer for answer, _ in some]
        explanations = explained_answers(model, [text for _, text in some], answered)
        yield from zip(answered, explanations, strict=True)


def _warn_about_empty(name: str, tally: _Tally) -> None:
    empty, are = tally.empty, "is" if tally.empty == 1 else "are"
    warnings.warn(
        f"{name}: {empty:,} of {count(tally.n, 'text')} {are} empty; their answers have nothing to go by.",
        WordloomWarning,
        stacklevel=3,
    )


def _report(output: Path, model: TextModel, tally: _Tally, given: Input) -> None:
    labels = {} if model.target == GRADED else {label: tally.labels[label] for label in model.labels}
    unsure = {_UNSURE: tally.labels[None]} if given.threshold else {}
    if given.as_json:
        print_json({"output": str(output), "n": tally.n, "labels": labels, **unsure, "empty": tally.empty})
        return
    named = f"; {counted(labels)}" if labels else ""
    none = _NO_LABEL if model.target == MULTILABEL else _UNSURE
    beside = "".join(f"; {none} {number:,}" for number in unsure.values())
    say(f"Wrote {output}: {count(tally.n, 'text')}{named}{beside}")
