"""`wordloom fasttext supervised` and `skipgram`: training by fastText's flags, with wordloom's trainers."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from wordloom.architectures import ARCHITECTURES
from wordloom.cli.command import SIZE
from wordloom.cli.commands.fasttext_quantize import QUANTIZE
from wordloom.cli.fasttext_arguments import (
    FastTextCommand,
    Flag,
    flags_argument,
    flags_text,
    parsed,
    settings_from,
    table_of,
)
from wordloom.cli.parts import validation_texts
from wordloom.cli.printing import bytes_on_disk, size, tell
from wordloom.cli.reading import Reading
from wordloom.cli.writing import check_model_target, writing_to
from wordloom.errors import UsageError, WordloomWarning
from wordloom.target_names import AUTO, MULTILABEL

if TYPE_CHECKING:
    from wordloom.corpus import Corpus
    from wordloom.settings import Settings
    from wordloom.vectors import WordVectors

LOSSES = {"softmax": AUTO, "hs": AUTO, "ova": MULTILABEL, "one-vs-all": MULTILABEL, "ns": MULTILABEL}
"""fastText's losses and what the labels are in wordloom; of softmax the lines decide."""
_DURATION = 300.0
_FILES = (
    Flag("input", str, "file of lines with labels"),
    Flag("output", str, "folder of the model (no OUTPUT.bin and OUTPUT.vec; the other commands find it)"),
)
_NO_STEPS = "steps are not fastText's; the rate is wordloom's"
_BOTH = (
    Flag("thread", int, "threads; the result does not depend on them", "threads"),
    Flag("seed", int, "seed of every random choice", "random_state"),
    Flag("verbose", int, "0 shows no progress"),
    Flag("lrUpdateRate", int, "the rate falls at every step", unused=True),
    Flag("saveOutput", bool, "there is no file of output vectors", unused=True),
)
_TRAINING = table_of(
    *_FILES,
    Flag("wordNgrams", int, "words in the longest n-gram; left out, by the size of the texts", "ngrams"),
    Flag("maxn", int, "characters in the longest n-gram of characters, 0 for none", "characters"),
    Flag("minCount", int, "words that occur less often are dropped", "min_count"),
    Flag("epoch", int, "passes over the lines; left out, held-out lines decide", "epochs"),
    Flag("loss", str, "softmax, hs: one label; ova, ns: several. All are exact"),
    Flag("label", str, "what labels begin with"),
    Flag("pretrainedVectors", str, "trains averaged word vectors that begin as these", "vectors"),
    Flag("autotune-validation", str, "searches settings; these lines validate the winner"),
    Flag("autotune-duration", int, "seconds of the search [300]"),
    Flag("autotune-modelsize", str, "the largest size of the folder, 2M for example", "max_size"),
    *_BOTH,
    Flag("lr", float, _NO_STEPS, unused=True),
    Flag(
        "dim",
        int,
        "n-grams have weights and no vectors; pretrained vectors have their own width",
        unused=True,
    ),
    Flag("bucket", int, "n-grams are counted exactly, nothing is hashed", unused=True),
    Flag("minn", int, "n-grams of characters of all lengths up to -maxn count", unused=True),
    Flag("minCountLabel", int, "every label is learned", unused=True),
    Flag("neg", int, "no labels are sampled", unused=True),
    Flag("ws", int, "there is no window", unused=True),
    Flag("t", float, "no words are left out by chance", unused=True),
    Flag("autotune-metric", str, "accuracy, or macro F1 of uneven labels", unused=True),
    Flag("autotune-predictions", int, "accuracy, or macro F1 of uneven labels", unused=True),
)
SUPERVISED = table_of(
    *_TRAINING.values(),
    *(
        replace(flag, about="for quantize", setting="", unused=True)
        for flag in QUANTIZE.values()
        if flag.name not in _TRAINING
    ),
)
"""fastText takes all flags in all commands."""
SKIPGRAM = table_of(
    Flag("input", str, "file of lines; labels are left out"),
    Flag("output", str, "writes OUTPUT.bin, which fastText opens, and OUTPUT.vec"),
    Flag("dim", int, "numbers in a vector", "dimensions"),
    Flag("ws", int, "words to each side, at most", "window"),
    Flag("epoch", int, "passes over the lines", "epochs"),
    Flag("minCount", int, "words that occur less often have no vector", "min_count"),
    Flag("neg", int, "sampled words for each pair", "negatives"),
    Flag("lr", float, "the rate at the beginning", "learning_rate"),
    Flag("t", float, "more frequent words are left out by chance", "subsample"),
    Flag("minn", int, "characters in the shortest n-gram of characters", "shortest_subword"),
    Flag("maxn", int, "characters in the longest one; 0 for none", "longest_subword"),
    Flag("bucket", int, "rows of the n-grams of characters", "buckets"),
    Flag("label", str, "what labels begin with"),
    Flag("loss", str, "negative sampling alone is there: ns"),
    *_BOTH,
)


@click.command(
    cls=FastTextCommand,
    about=flags_text(SUPERVISED),
    examples=[
        "wordloom fasttext supervised -input train.txt -output model",
        "wordloom fasttext supervised -input train.txt -output model -wordNgrams 2 -epoch 25 -lr 0.5",
        "wordloom fasttext supervised -input train.txt -output small -autotune-modelsize 2M",
    ],
)
@flags_argument
def supervised(flags: Sequence[str]) -> None:
    """Train wordloom's n-gram model on lines with labels, by fastText's flags.

    The model is not one of fastText's and is saved as a folder, OUTPUT, which replaces a model of this name.
    wordloom train is the same with all settings.
    """
    from wordloom.fasttext_lines import RECORDED_PREFIX
    from wordloom.readers.line_formats import PREFIX

    values = parsed(flags, SUPERVISED)
    out = Path(values["output"])
    settings = _supervised_settings(values)
    check_model_target(out, overwrite=True)
    prefix = values.get("label", PREFIX)
    reading = Reading(format="fasttext", label_prefix=prefix, target=_target(values.get("loss", "softmax")))
    corpus = reading.dataset(values["input"]).train
    validation = None
    if "autotune-validation" in values:
        validation, _ = validation_texts(values["autotune-validation"], reading, corpus)
        settings = _tuned(corpus, settings, values.get("autotune-duration", _DURATION))
    from wordloom.cli.training_run import trained
    from wordloom.fit import FitInput

    model = trained(corpus, settings, values.get("verbose", 2) > 0, FitInput(validation=validation))
    record = {"source_fingerprint": corpus.fingerprint(), RECORDED_PREFIX: prefix}
    model.with_record(**record).save(out)
    tell(f"Saved to the folder {out} ({size(bytes_on_disk(out))}); wordloom fasttext takes {out}.bin for it.")


def _supervised_settings(values: Mapping[str, Any]) -> Settings:
    from wordloom.settings import Settings

    architecture = "mean" if "pretrainedVectors" in values else "ngram"
    given = settings_from(values, SUPERVISED, ARCHITECTURES[architecture].settings)
    if "max_size" in given:
        given["max_size"] = SIZE.convert(given["max_size"], None, None)
    return Settings(**{"architecture": architecture, "random_state": 0, **given}).checked()


def _target(loss: str) -> str:
    if loss not in LOSSES:
        raise UsageError(f"Unknown loss: {loss}. There are {', '.join(LOSSES)}.")
    return LOSSES[loss]


def _tuned(corpus: Corpus, settings: Settings, seconds: float) -> Settings:
    """The best settings that a search of so many seconds finds, with those that are given as they are."""
    from wordloom.settings import Settings as Defaults
    from wordloom.settings import values_of
    from wordloom.tuning import TuningPlan, tune

    default = values_of(Defaults())
    own = ("random_state", "threads")
    fixed = {
        name: value
        for name, value in values_of(settings).items()
        if value != default[name] and name not in own
    }
    plan = TuningPlan(
        seconds,
        seed=settings.random_state,
        threads=settings.threads,
        trains_winner=True,
        fixed=fixed,
    )
    tell(f"Searching settings for at most {seconds:g} seconds; -autotune-duration is how long.")
    found = tune(corpus, plan).settings
    return replace(found, random_state=settings.random_state, threads=settings.threads)


@click.command(
    cls=FastTextCommand,
    about=flags_text(SKIPGRAM),
    examples=[
        "wordloom fasttext skipgram -input texts.txt -output vectors",
        "wordloom fasttext skipgram -input texts.txt -output vectors -dim 50 -maxn 0",
    ],
)
@flags_argument
def skipgram(flags: Sequence[str]) -> None:
    """Learn word vectors from lines, by fastText's flags.

    wordloom vectors learn is the same with all settings.
    """
    values = parsed(flags, SKIPGRAM)
    if values.get("loss", "ns") != "ns":
        raise UsageError(f"-loss {values['loss']}: word vectors are learned by negative sampling, -loss ns.")
    table = _learned(values)
    for ending, name in ((".bin", "fasttext"), (".vec", "word2vec")):
        _write(table, Path(values["output"] + ending), name)


def _learned(values: Mapping[str, Any]) -> WordVectors:
    from wordloom.readers import open_texts
    from wordloom.training.progress import Progress
    from wordloom.vectors.learning import SkipGramSettings, learn_word_vectors

    known = [*(field.name for field in fields(SkipGramSettings)), "threads", "random_state"]
    given = settings_from(values, SKIPGRAM, known)
    threads, seed = given.pop("threads", None), given.pop("random_state", 0)
    given = {"window": 5, "shortest_subword": 3, "longest_subword": 6, "seed": seed, **given}
    if not given["longest_subword"]:
        given = {name: value for name, value in given.items() if name not in ("shortest_subword", "buckets")}
    settings = SkipGramSettings.from_names(given).checked()
    with open_texts(values["input"], format=None, label_prefix=values.get("label")) as texts:
        if not values.get("verbose", 2):
            return learn_word_vectors(texts, settings, [], threads=threads)
        with Progress() as progress:
            return learn_word_vectors(texts, settings, [progress], threads=threads)


def _write(table: WordVectors, path: Path, format: str) -> None:
    from wordloom.vectors.formats import write

    with writing_to(path):
        written = write(table, path, format, on_unwritable="skip")
    if written.left_out:
        warnings.warn(
            f"{path}: {len(written.left_out):,} words cannot be written.", WordloomWarning, stacklevel=2
        )
    tell(f"Wrote {path} ({size(bytes_on_disk(path))}).")
