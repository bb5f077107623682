"""`wordloom vectors`: commands for files of word vectors, one module `vectors_...` each."""

from __future__ import annotations

import click

from wordloom.cli.command import CommandTable
from wordloom.cli.printing import page

COMMANDS = {
    "info": "Show a table of word vectors in figures.",
    "convert": "Write a file of word vectors in another format.",
    "learn": "Learn word vectors from texts without labels.",
    "compare": "Show which words moved from one table to another.",
    "coverage": "Show how many words of texts a table knows, and what is missing.",
    "evaluate": "Score a table on word similarities and analogies.",
}


@click.group(
    cls=CommandTable,
    table=COMMANDS,
    prefix="vectors_",
    invoke_without_command=True,
    epilog="Each command explains itself with --help. Begin with: wordloom vectors info FILE",
)
@click.pass_context
def command(ctx: click.Context) -> None:
    """Look at, convert, learn, compare and score files of word vectors.

    Formats are found out from the content: GloVe text, word2vec text and binary, fastText's .vec and .bin,
    Embedding Projector files, safetensors; the text ones also as .gz. A model folder is a table too.
    """
    if ctx.invoked_subcommand is None:
        page(ctx.get_help())
