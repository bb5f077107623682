"""`wordloom fasttext cbow`, `print-ngrams` and `dump`: what is not there, and what to use."""

from __future__ import annotations

from collections.abc import Sequence

import click

from wordloom.cli.fasttext_arguments import FastTextCommand
from wordloom.errors import UsageError


def _refusal(name: str, message: str, example: str) -> click.Command:
    @click.command(name, cls=FastTextCommand, examples=[example], help=message)
    @click.argument("arguments", nargs=-1, type=click.UNPROCESSED, metavar="...")
    def refused(arguments: Sequence[str]) -> None:
        raise UsageError(message)

    return refused


cbow = _refusal(
    "cbow",
    "There is no cbow: word vectors are learned by skipgram (wordloom vectors learn).",
    "wordloom fasttext skipgram -input texts.txt -output vectors",
)
print_ngrams = _refusal(
    "print-ngrams",
    "There is no print-ngrams: print-word-vectors prints the vector that a word's n-grams make, for words "
    "that the model does not hold too.",
    "echo word | wordloom fasttext print-word-vectors vectors.bin",
)
dump = _refusal(
    "dump",
    "There is no dump: wordloom inspect MODEL shows a model's settings and sizes, wordloom vectors convert "
    "writes its word vectors as text.",
    "wordloom inspect model.bin",
)
