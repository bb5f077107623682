"""`wordloom fasttext quantize`: a classifier that fastText has trained, made small."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path

import click

from wordloom.cli.fasttext_arguments import (
    FastTextCommand,
    Flag,
    flags_argument,
    flags_text,
    parsed,
    settings_from,
    table_of,
)
from wordloom.cli.printing import bytes_on_disk, size, tell
from wordloom.cli.writing import check_targets, writing_to
from wordloom.errors import DataError, UsageError

_SMALL = (
    "a model of wordloom's is made small when it is trained, with wordloom fasttext supervised "
    "-autotune-modelsize 2M (wordloom train --max-size 2M)"
)
_FOR_RETRAIN = "for -retrain, which is not there"
QUANTIZE = table_of(
    Flag("output", str, "name of the model: OUTPUT.bin is read, OUTPUT.ftz written"),
    Flag("cutoff", int, "so many words and n-grams stay, those with the longest vectors [all]", "cutoff"),
    Flag("qnorm", bool, "the length of each vector has a byte of its own", "qnorm"),
    Flag("qout", bool, "the labels' vectors are quantized too", "qout"),
    Flag("dsub", int, "numbers of a vector that share a byte [2]", "dsub"),
    Flag("seed", int, "seed of every random choice", "seed"),
    Flag("input", str, "the lines it was trained on; they are not read"),
    Flag("verbose", int, "nothing is shown"),
    Flag("retrain", bool, "nothing is trained again; refused with -cutoff", unused=True),
    *(
        Flag(name, kind, _FOR_RETRAIN, unused=True)
        for name, kind in (("epoch", int), ("lr", float), ("thread", int))
    ),
)


@click.command(
    cls=FastTextCommand,
    about=flags_text(QUANTIZE),
    examples=[
        "wordloom fasttext quantize -output model -qnorm",
        "wordloom fasttext quantize -output model -qnorm -cutoff 100000",
    ],
)
@flags_argument
def quantize(flags: Sequence[str]) -> None:
    """Make a classifier that fastText has trained small, by fastText's flags.

    OUTPUT.bin is read and stays as it is; OUTPUT.ftz, which fastText and wordloom open, replaces one that is
    there. The training is as it was: nothing is learned again.
    """
    from wordloom.fasttext_quantizing import Quantizing, quantized_model
    from wordloom.vectors.formats.fasttext_writer import write_fasttext

    values = parsed(flags, QUANTIZE, needed=("output",))
    if "retrain" in values and values.get("cutoff"):  # without -cutoff, fastText does not train either
        raise UsageError(
            "-retrain: fastText's training is not there. Leave it out, with a larger -cutoff, or use "
            f"fastText itself; {_SMALL}."
        )
    names = [field.name for field in fields(Quantizing)]
    settings = Quantizing(**settings_from(values, QUANTIZE, names))
    source, target = _source(values["output"]), Path(f"{values['output']}.ftz")
    check_targets(target, overwrite=True)
    small = quantized_model(source, settings)
    with writing_to(target):
        write_fasttext(small, target)
    tell(f"Wrote {target} ({size(bytes_on_disk(target))}; {source}: {size(bytes_on_disk(source))}).")


def _source(output: str) -> Path:
    """The model to read. Raises UsageError and DataError, with a way out, where there is none."""
    place = Path(f"{output}.bin")
    if place.exists():
        return place
    if Path(output).is_dir():
        raise UsageError(f"{output} is a folder, and quantize is for fastText's own models: {_SMALL}.")
    if Path(output).is_file():
        raise UsageError(f"{output} is a file; -output is its name without the ending .bin.")
    message = f"{place} cannot be opened for loading: there is no such file."
    if Path(f"{output}.ftz").exists():
        message += f" {output}.ftz is there, which is quantized already and loads as it is."
    raise DataError(message)
