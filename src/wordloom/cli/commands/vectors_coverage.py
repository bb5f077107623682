"""`wordloom vectors coverage`: how many words of texts a table knows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from wordloom.cli.command import Command, json_option
from wordloom.cli.printing import heading, paragraph, percent, print_json, say, table
from wordloom.cli.reading import SOURCE_HELP, Reading, reading_options
from wordloom.cli.settings_options import setting_option
from wordloom.cli.vector_files import TableReading, load_vectors, undecodable_option

if TYPE_CHECKING:
    from wordloom.vectors.coverage import Coverage


@click.command(
    cls=Command,
    examples=[
        "wordloom vectors coverage glove.6B.100d.txt imdb",
        "wordloom vectors coverage glove.6B.100d.txt reviews.csv --num-words 10000 --missing 50 --json",
    ],
    about=SOURCE_HELP,
)
@click.argument("file")
@click.argument("source")
@click.option(
    "--num-words", type=click.IntRange(min=2), help="Only the most frequent words, as in training; else all."
)
@click.option(
    "--missing",
    type=click.IntRange(min=0),
    default=20,
    show_default=True,
    help="How many missing words to list.",
)
@undecodable_option
@setting_option("split_characters")
@setting_option("normalization")
@reading_options
@json_option
def command(
    file: str,
    source: str,
    num_words: int | None,
    missing: int,
    undecodable: str,
    split_characters: bool,
    normalization: str | None,
    reading: Reading,
    as_json: bool,
) -> None:
    """Show how many words of texts a table of vectors knows, and what is missing.

    FILE is a file of word vectors or a model folder. Words are those of the training texts of SOURCE, as
    networks on word vectors split them. A missing word comes with a reason (case, apostrophe, hyphen, number,
    accent, spelling) and with what the table has instead.
    """
    from wordloom.fit import tokenizer_of
    from wordloom.settings import Settings
    from wordloom.text.conventions import convention
    from wordloom.text.counting import count_words
    from wordloom.text.vocabulary import WordSelection, select
    from wordloom.vectors.coverage import coverage

    vectors = load_vectors(file, TableReading(undecodable=undecodable))
    rules = Settings(architecture="mean", split_characters=split_characters, normalization=normalization)
    counted, ranks = count_words(reading.dataset(source).train.texts, tokenizer_of(rules))
    vocabulary, _ = select(counted, ranks, WordSelection(num_words), convention("plain"))
    found = coverage(vectors, vocabulary, missing)
    if as_json:
        print_json(_document(found))
        return
    _show(found, file)


def _document(found: Coverage) -> dict[str, object]:
    return {
        "name": found.name,
        "words": found.words,
        "words_known": found.words_known,
        "words_share": found.words_share,
        "running": found.running,
        "running_known": found.running_known,
        "running_share": found.running_share,
        "by_subwords": found.by_subwords,
        "missing": [word._asdict() for word in found.missing],
        "advice": list(found.advice()),
    }


def _show(found: Coverage, file: str) -> None:
    heading(found.name or file)
    say(f"  {found.words_known:,} of {found.words:,} different words ({percent(found.words_share)})")
    say(f"  {found.running_known:,} of {found.running:,} running words ({percent(found.running_share)})")
    if found.by_subwords:
        say(f"  {found.by_subwords:,} of the missing words have an answer from their subwords")
    if not found.missing:
        return
    say()
    heading("Missing words, the most frequent first")
    rows = [
        (word.word, word.why, " + ".join(word.instead) or "-", f"{word.occurrences:,}")
        for word in found.missing
    ]
    table(["word", "why", "instead", "times"], rows, left=3)
    for sentence in found.advice():
        paragraph(sentence, indent=2)
