"""`wordloom fasttext`: fastText's commands, flags and lines of output, in modules `fasttext_...`."""

from __future__ import annotations

import click

from wordloom.cli.command import CommandTable
from wordloom.cli.printing import page

COMMANDS = {
    "supervised": "Train a classifier on lines with labels.",
    "quantize": "Make a classifier of fastText's small.",
    "test": "Print precision and recall at k.",
    "test-label": "Print F1, precision and recall of each label.",
    "predict": "Print the likeliest labels of each line.",
    "predict-prob": "Print the likeliest labels and their probabilities.",
    "skipgram": "Learn word vectors from lines.",
    "cbow": "Not there: names skipgram.",
    "print-word-vectors": "Print the vectors of words from standard input.",
    "print-sentence-vectors": "Print the vectors of lines from standard input.",
    "print-ngrams": "Not there: names what shows n-grams.",
    "nn": "Answer words from standard input with their nearest neighbors.",
    "analogies": "Answer A - B + C from standard input.",
    "dump": "Not there: names what shows a model.",
}
_MODULES = {
    "fasttext_lines": ("test", "test-label", "predict", "predict-prob"),
    "fasttext_training": ("supervised", "skipgram"),
    "fasttext_vectors": ("print-word-vectors", "print-sentence-vectors", "nn", "analogies"),
    "fasttext_quantize": ("quantize",),
    "fasttext_refusals": ("cbow", "print-ngrams", "dump"),
}


@click.group(
    cls=CommandTable,
    table=COMMANDS,
    shared={name: module for module, names in _MODULES.items() for name in names},
    invoke_without_command=True,
    epilog="Each command explains itself with --help. Begin with: wordloom fasttext predict MODEL FILE",
)
@click.pass_context
def command(ctx: click.Context) -> None:
    """fastText's commands, with its flags and its lines of output, for scripts that exist.

    MODEL is a file of fastText's (.bin, .ftz) or a model folder of wordloom's; a name that ends in .bin or
    .ftz where there is only a folder without that ending means the folder. Whatever is wrong ends with exit
    code 1.
    """
    if ctx.invoked_subcommand is None:
        page(ctx.get_help())
