"""The program `wordloom`: its commands, imported when they are used, and how it ends."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import click

from wordloom import __version__
from wordloom.cli.command import CommandTable
from wordloom.cli.failures import exit_code
from wordloom.cli.printing import page, prepare_streams

COMMANDS = {
    "demo": "See the main job in one go, on the IMDB or the built-in reviews.",
    "train": "Train a classifier and word vectors on labelled texts.",
    "evaluate": "Score a model on labelled texts.",
    "check": "Find wrong labels, copies and leaks in labelled texts.",
    "correct": "Carry out corrections of labelled texts.",
    "compare": "Compare settings and peers on your texts: accuracy, time, size.",
    "tune": "Search for the best settings on your texts in a given time.",
    "predict": "Label texts, or a whole table of them.",
    "score": "Score or filter a corpus of any size, shard by shard.",
    "serve": "Answer for a model over HTTP.",
    "explore": "Look into a model and its texts in a browser.",
    "neighbors": "Find the words nearest to a word.",
    "similarity": "Say how similar two words are.",
    "analogy": "Answer: A is to B as C is to what?",
    "odd-one-out": "Find the word that does not go with the others.",
    "vectors": "Learn, look at, convert, compare and score word vectors.",
    "export": "Write a model for other programs: vectors, Keras, ONNX, browsers.",
    "plot": "Draw a model's training curves, errors, text lengths or words.",
    "report": "Write a page on how a model does on labelled texts.",
    "inspect": "Show what is inside a model.",
    "warm": "Compile all kernels ahead, once on a machine.",
    "fasttext": "fastText's commands and flags, for scripts that exist.",
    "data": "List the known data sets; find or download one.",
    "curve": "Show how accuracy grows with the number of labels.",
    "reproduce": "Run published experiments and compare the figures.",
}


class Program(CommandTable):
    """The commands of `COMMANDS`, whose failures end as `failures` says."""

    def main(self, *args: Any, standalone_mode: bool = True, **extra: Any) -> Any:  # type: ignore[override]
        run: Callable[..., Any] = super().main
        if not standalone_mode:
            return run(*args, standalone_mode=False, **extra)
        sys.exit(exit_code(lambda: run(*args, standalone_mode=False, **extra)))


@click.group(
    cls=Program,
    table=COMMANDS,
    shared=dict.fromkeys(("neighbors", "similarity", "analogy", "odd-one-out"), "word_queries"),
    help="Labelled text in; word vectors you can use and a classifier you can ship out.",
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Each command explains itself with --help. Begin with: wordloom demo",
)
@click.version_option(__version__, prog_name="wordloom", message="%(prog)s %(version)s")
@click.pass_context
def program(ctx: click.Context) -> None:
    """The program; without a command it says what there is."""
    if ctx.invoked_subcommand is None:
        page(ctx.get_help())


def main() -> None:
    """Run the program on the process's arguments and end the process."""
    prepare_streams()
    program.main(prog_name="wordloom")
