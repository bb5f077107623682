"""`wordloom fasttext nn`, `analogies`, `print-word-vectors`, `print-sentence-vectors`: words from a pipe."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, BinaryIO

import click

from wordloom.cli.fasttext_arguments import FastTextCommand, model_place
from wordloom.cli.printing import output_is_the_work, tell
from wordloom.cli.vector_files import TableReading, load_vectors
from wordloom.controls import visible
from wordloom.errors import DataError, UsageError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from wordloom.vectors import WordVectors
    from wordloom.vectors.queries import Neighbor

_ANSWERS = click.argument("k", type=click.INT, default=10, metavar="[K]")


@click.command(cls=FastTextCommand, examples=["echo film | wordloom fasttext nn vectors.bin 5"])
@click.argument("model")
@_ANSWERS
def nn(model: str, k: int) -> None:
    """Answer each word from standard input with its K nearest words and their cosine similarities."""
    from wordloom.vectors import neighbors

    table = _table(model)
    _answer(table, "Query word? ", 1, k, lambda words: neighbors(table, words[0], k))


@click.command(
    cls=FastTextCommand, examples=["echo king man woman | wordloom fasttext analogies vectors.bin"]
)
@click.argument("model")
@_ANSWERS
def analogies(model: str, k: int) -> None:
    """Answer each three words A B C from standard input with the K words nearest to A - B + C.

    wordloom analogy takes the words as in "B is to A as C is to what".
    """
    from wordloom.vectors import analogy

    with output_is_the_work() as output:
        output.write(f"Loading model {visible(model)}\n".encode())
    table = _table(model)
    _answer(
        table,
        "Query triplet (A - B + C)? ",
        3,
        k,
        lambda words: analogy(table, words[1], words[0], words[2], n=k),
    )


def _answer(
    table: WordVectors,
    prompt: str,
    size: int,
    k: int,
    ask: Callable[[Sequence[str]], Sequence[Neighbor]],
) -> None:
    """Answer `size` words of standard input at a time until it ends."""
    if k < 1:
        raise UsageError(f"k needs to be 1 or higher, not {k}.")
    with output_is_the_work() as output:
        output.write(prompt.encode())
        output.flush()
        waiting: list[str] = []
        for word in _words(_stdin()):
            waiting.append(word)
            if len(waiting) < size:
                continue
            try:
                near = ask(waiting)
            except (KeyError, DataError) as error:  # a word without a vector
                near = []
                tell(str(error))
            waiting = []
            lines = [f"{visible(one.word)} {1 - one.distance:.6g}\n" for one in near]
            output.write("".join([*lines, prompt]).encode("utf-8", "surrogateescape"))
            output.flush()


@click.command(
    cls=FastTextCommand, examples=["cat words.txt | wordloom fasttext print-word-vectors vectors.bin"]
)
@click.argument("model")
def print_word_vectors(model: str) -> None:
    """Print each word from standard input and its vector; zeros for a word without one."""
    import numpy as np

    table = _table(model)
    nothing = np.zeros(table.dimensions, dtype=np.float32)
    with output_is_the_work() as output:
        for word in _words(_stdin()):
            vector = _vector(table, word)
            shown = f"{visible(word)} {_numbers(nothing if vector is None else vector)}\n"
            output.write(shown.encode("utf-8", "surrogateescape"))


@click.command(
    cls=FastTextCommand, examples=["cat texts.txt | wordloom fasttext print-sentence-vectors m.bin"]
)
@click.argument("model")
def print_sentence_vectors(model: str) -> None:
    """Print the vector of each line from standard input.

    Of a classifier of fastText's it is what it classifies by, the mean of the line's words and n-grams; of
    word vectors the mean of its words' directions.
    """
    stream = _stdin()
    rows = _of_classifier(model, stream) if _is_classifier(model) else _of_words(_table(model), stream)
    with output_is_the_work() as output:
        for row in rows:
            output.write(f"{_numbers(row)}\n".encode())


def _is_classifier(model: str) -> bool:
    from wordloom.fasttext_import import is_fasttext_classifier

    return is_fasttext_classifier(model_place(model))


def _of_classifier(model: str, stream: BinaryIO) -> Iterator[NDArray[np.float32]]:
    from wordloom.cli.fasttext_arguments import line_model
    from wordloom.fasttext_lines import lines_of

    answering = line_model(model)
    network: Any = answering.model.network
    for some in lines_of(stream):
        yield from network.hidden(network.prepared(answering.ids(some)))


def _of_words(table: WordVectors, stream: BinaryIO) -> Iterator[NDArray[np.float32]]:
    import numpy as np

    for line in stream:
        found = [_vector(table, word) for word in _words([line])]
        rows = np.array([row for row in found if row is not None and row.any()], dtype=np.float32)
        if not len(rows):
            yield np.zeros(table.dimensions, dtype=np.float32)
            continue
        units = rows / np.linalg.norm(rows, axis=1, keepdims=True)
        yield units.mean(axis=0, dtype=np.float32)


def _table(model: str) -> WordVectors:
    return load_vectors(str(model_place(model)), TableReading(undecodable="replace"))


def _stdin() -> BinaryIO:
    from wordloom.readers.source import standard_input

    return standard_input()


def _words(stream: Iterable[bytes]) -> Iterator[str]:
    """The words of a stream as they come; ASCII's white space is between them."""
    for line in stream:
        for word in line.split():
            yield word.decode("utf-8", "surrogateescape")


def _vector(table: WordVectors, word: str) -> NDArray[np.float32] | None:
    """A word's vector; None for a word without one."""
    try:
        return table[word]
    except KeyError:
        return None


def _numbers(row: NDArray[np.float32]) -> str:
    """Numbers as fastText prints them, with a space behind each."""
    return "".join(f"{number:.5g} " for number in row.tolist())
