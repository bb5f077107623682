"""Training from the command line: files larger than memory, others that count, progress shown, what is said
of it afterwards."""

from __future__ import annotations

import functools
import os
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from wordloom.architectures import with_ability
from wordloom.cli.command import Function
from wordloom.cli.printing import count, percent, size
from wordloom.cli.reading import Reading
from wordloom.errors import UsageError
from wordloom.setting import AUTO
from wordloom.target_names import GRADED, MULTILABEL

if TYPE_CHECKING:
    from wordloom.corpus import Corpus, Dataset
    from wordloom.fit import FitInput
    from wordloom.settings import Settings
    from wordloom.text.on_disk.text_parts import Passes
    from wordloom.text_model import TextModel


@dataclass(frozen=True)
class Streaming:
    """Whether texts stay in their files, and who counts.

    Parameters
    ----------
    stream : as the user says
    scratch : where temporary files go; None: beside the model
    executor, workers : as `wordloom.executors.executor_of` takes them; with either, texts stay in their files
    """

    stream: bool
    scratch: Path | None
    executor: str | None = None
    workers: int | None = None

    @property
    def streams(self) -> bool:
        """Whether texts stay in their files."""
        return self.stream or self.shares

    @property
    def shares(self) -> bool:
        """Whether others count than this process."""
        return self.executor is not None or self.workers is not None

    def check(self, settings: Settings, others: Mapping[str, Any]) -> None:
        """UsageError for what does not go with streaming, before anything is read.

        others : other options by name, with what was given for them
        """
        if not self.streams:
            if self.scratch is not None:
                raise UsageError("--scratch goes with --stream, which is what needs temporary files.")
            return
        wrong = [name for name, value in others.items() if value]
        if settings.architecture not in (AUTO, *with_ability("streams")):
            wrong.append(f"--architecture {settings.architecture}")
        if settings.vectors is not None:
            wrong.append("--vectors")
        if wrong:
            raise UsageError(
                f"{' and '.join(wrong)}: needs the texts in memory, and {self.option} leaves them in their "
                "file. "
                "Only the n-gram model learns from such texts. Leave out one of them."
            )

    @property
    def option(self) -> str:
        """The option that leaves texts in their files."""
        return "--stream" if self.stream else "--executor" if self.executor is not None else "--workers"

    def files(self, sources: Sequence[str]) -> list[str]:
        """The sources; where texts stay in files, those in folders, of patterns and at addresses, as scoring
        lists them.

        Raises DataError for a folder or a pattern without files.
        """
        from wordloom.addresses import is_address
        from wordloom.scoring.shards import find_shards, is_pattern

        if not self.streams:
            return list(sources)
        files: list[str] = []
        for source in sources:
            several = os.path.isdir(source) or is_pattern(source) or is_address(source)
            files += [shard.address for shard in find_shards([source])] if several else [source]
        return files

    def dataset(self, sources: Sequence[str], reading: Reading, shown: bool) -> Dataset:
        """What the sources hold, their texts in memory or left in their files."""
        if not self.streams:
            return reading.of_all(sources)
        if not shown:
            return reading.streamed(sources)
        from wordloom.training.progress import Progress

        with Progress() as progress:
            return reading.streamed(sources, [progress])

    def passes(self, out: Path, files: int) -> AbstractContextManager[Passes]:
        """How training goes through the texts of some files; out: where the model will be."""
        from wordloom.executors import executor_of
        from wordloom.text.on_disk.temporary_arrays import Scratch
        from wordloom.text.on_disk.text_parts import Passes

        if not self.streams:
            return Passes().closing()
        scratch = Scratch.beside(out) if self.scratch is None else Scratch(str(self.scratch.absolute()))
        if not self.shares:
            return Passes(scratch).closing()
        workers = min(self.workers or os.cpu_count() or 1, files)
        return Passes(scratch, executor=executor_of(self.executor or "local", workers)).closing()


def streaming_options(function: Function) -> Function:
    """Add --stream, --scratch, --executor and --workers; the command gets a `Streaming` as `streaming`."""

    @functools.wraps(function)
    def with_streaming(
        stream: bool, scratch: Path | None, executor: str | None, workers: int | None, **options: Any
    ) -> Any:
        return function(streaming=Streaming(stream, scratch, executor, workers), **options)

    scratch = click.option(
        "--scratch",
        type=click.Path(path_type=Path, exists=True, file_okay=False, writable=True),
        metavar="DIR",
        help="Folder for the temporary files of --stream, which are about ten times as large as the texts "
        "and go when the command ends, however it ends. [default: beside the model]",
    )
    stream = click.option(
        "--stream",
        is_flag=True,
        help="Leave the texts in their file, which may be larger than memory, and read it again and again; "
        "the model is the same. For the n-gram model and CSV, TSV, JSON Lines, Parquet and fastText files.",
    )
    executor = click.option(
        "--executor",
        metavar="WHO",
        help="Who counts words and n-grams, a file at a time: local or processes (of this machine), ray (a "
        "cluster of this machine's own; auto: the one it is part of) or ray://HOST:PORT. With --solver batch "
        "they share out training too. The model is the same. Texts stay in their files, as with --stream. "
        "[default: this process]",
    )
    workers = click.option(
        "--workers",
        type=click.IntRange(1, 4096),
        metavar="N",
        help="Processes of this machine that count. [default: its cores]",
    )
    return stream(scratch(executor(workers(with_streaming))))


_ROWS = {"words": "words", "ngrams": "n-grams"}


def trained(corpus: Corpus, settings: Settings, shown: bool, extra: FitInput | None = None) -> TextModel:
    """A model trained on the corpus; with `shown` its progress is written to standard error."""
    from wordloom.fit import FitInput, fit
    from wordloom.training.progress import Progress

    extra = extra or FitInput()
    if not shown:
        return fit(corpus, settings, extra)
    with Progress() as progress:
        return fit(corpus, settings, replace(extra, callbacks=[progress]))


def learned_on(model: TextModel, corpus: Corpus, shown: bool, settings: Mapping[str, Any]) -> TextModel:
    """The model after it has learned on from the corpus; see `trained`."""
    from wordloom.fit import FitInput, update
    from wordloom.training.progress import Progress

    if not shown:
        return update.learned_on(model, corpus, FitInput(keep_interrupted=True), **settings)
    with Progress() as progress:
        return update.learned_on(
            model, corpus, FitInput(keep_interrupted=True, callbacks=[progress]), **settings
        )


def notes(model: TextModel) -> list[str]:
    """What there is to say of a training, a paragraph each: what was chosen, covered and left out."""
    said = [_choice_text, _combination_text, _vectors_text]
    if model.record.get("updates"):  # nothing of that was chosen anew
        said = [_update_text]
    return [text for of in (*said, _size_text, _optimized_text) if (text := of(model))]


def _update_text(model: TextModel) -> str:
    """What came in when the model learned on."""
    last = model.record["updates"][-1]
    labels = ", ".join(map(str, last["new_labels"])) or "none"
    texts = model.record["data"]["texts"]
    return (
        f"Learned on from {count(last['texts'], 'text')} ({texts:,} in all): "
        f"{count(last['new_words'], 'new word')}; new labels: {labels}."
    )


def _choice_text(model: TextModel) -> str:
    """What was chosen for the user, and why; empty if the user chose."""
    chosen = model.record.get("choice")
    return "" if chosen is None else f"Chose the architecture {chosen['architecture']}: {chosen['why']}."


def _combination_text(model: TextModel) -> str:
    """How much words and characters count; empty if nothing was chosen between them."""
    found = model.record.get("combination", {})
    if "validation" not in found:
        return ""
    return f"Chosen on the texts held out: {shares_text(found)}."


def shares_text(combination: Mapping[str, Any]) -> str:
    """The share of each kind of features in an n-gram model: "words 45.1 %, characters 54.9 %"."""
    shares: dict[str, float] = {}
    for each in combination["classifiers"]:
        shares[each["of"]] = shares.get(each["of"], 0.0) + each["share"]
    return ", ".join(f"{of} {percent(share)}" for of, share in shares.items())


_UNKNOWN = {
    "zeros": "begin as zeros",
    "random": "begin as random draws",
    "subword": "begin as the mean of their parts, if the table has these",
    "nearest": "begin as the words written almost like them, if the table has these",
}


def _vectors_text(model: TextModel) -> str:
    """How many of the model's words the pretrained vectors hold; empty if there were none."""
    found = model.record.get("vectors")
    if found is None:
        return ""
    words, known = found["words"], found["words_known"]
    text = f"{found['name']} has a vector for {known:,} of the {count(words, 'word')}"
    if known == words:
        return f"{text}."
    unknown = _UNKNOWN[model.record["settings"]["unknown_vectors"]]
    return (
        f"{text}, {percent(found['running_words_known'])} of the running words; the others {unknown}. "
        "wordloom vectors coverage lists them."
    )


def _size_text(model: TextModel) -> str:
    """What was left out of the model to keep within a size; empty if there was no such limit."""
    found = model.record.get("size")
    if found is None:
        return ""
    limit = size(found["limit"])
    if not found["left_out"]:
        return f"The model is smaller than {limit} as it is; nothing was left out."
    kept = " and ".join(f"{found[what][0]:,} of {found[what][1]:,} {name}" for what, name in _ROWS.items())
    return f"To keep within {limit}, {kept} stay; left out: {', '.join(found['left_out'])}."


def _optimized_text(model: TextModel) -> str:
    """What answers that are best for macro F1 gain, or which thresholds labels have; empty for neither."""
    found = model.record.get("optimized")
    if found is not None and found.get("thresholds"):
        measure = found["measure"].replace("-f1", " F1")
        low, high = min(found["thresholds"]), max(found["thresholds"])
        return (
            f"Chose from which probability on each label is given, for {measure} on the "
            f"{count(found['texts'], 'text')} held out: {low:.2f} to {high:.2f}."
        )
    if found is None or found.get("offsets") is None:
        return ""
    if not any(found["offsets"]):
        return f"On {count(found['texts'], 'text')} held out no shifted logits give a higher macro F1."
    accuracy, macro_f1 = (
        "{} in the place of {}".format(*map(percent, reversed(found[name])))
        for name in ("accuracy", "macro_f1")
    )
    return (
        f"Shifted the labels' logits for macro F1: {macro_f1} on the {count(found['texts'], 'text')} held "
        f"out, accuracy {accuracy}."
    )


def training_summary(model: TextModel) -> dict[str, Any]:
    """How training went, in plain values; `validation` is None if no texts were held out."""
    from wordloom.fit.architecture_choice import cross_validation_of

    history, data = model.history, model.record.get("data", {})
    kept = {name: values[history.best_epoch - 1] for name, values in history.history.items() if values}
    validation = None
    updated = bool(model.record.get("updates"))
    if not updated:  # else these are of the training before
        kept |= model.record.get("combination", {}).get("validation", {})  # of all classifiers together
        kept |= model.record.get("size", {}).get("validation", {})  # of what is left of the model
    optimized = model.record.get("optimized") or {}
    if "accuracy" in optimized:
        kept["val_accuracy"] = optimized["accuracy"][-1]
    if "val_loss" in kept:
        validation = {
            "texts": (model.record["updates"][-1] if updated else data).get("validated_on"),
            "accuracy": kept["val_accuracy"],
            "loss": kept["val_loss"],
        }
    crossed = None
    if not updated and (validation is None or "head" in model.record):
        crossed = cross_validation_of(model.record)
    return {
        "epochs": len(history),
        "best_epoch": history.best_epoch,
        "stopped": history.stopped,
        "seconds": model.record.get("seconds"),
        "trained_on": data.get("trained_on"),
        "accuracy": kept.get("accuracy"),
        "loss": kept.get("loss"),
        "validation": validation,
        "cross_validation": crossed,
    }


def _measured(validation: Mapping[str, Any], target: str) -> str:
    """What was measured on texts held out, as the start of a sentence."""
    if target == GRADED:
        return f"Log loss {validation['loss']:.3f}"
    what = "Accuracy, of each label by itself," if target == MULTILABEL else "Accuracy"
    return f"{what} {percent(validation['accuracy'])}"


def without_test_text(model: TextModel) -> str:
    """What is known of the model's quality if it was not tested, and how to know more."""
    known = training_summary(model)
    validation, crossed = known["validation"], known["cross_validation"]
    way_out = "For a score give texts that the model has not seen: --test FILE or --test-split 0.2."
    if crossed is not None:
        return (
            f"Accuracy {percent(crossed['accuracy'])} in cross-validation on the "
            f"{count(crossed['texts'], 'training text')}. This is no test score: training chose its strength "
            f"by it. {way_out}"
        )
    if validation is None:
        return f"No texts were held out, so nothing is known about other texts. {way_out}"
    given = model.record["data"].get("validation")
    if given is not None:
        return (
            f"{_measured(validation, model.target)} on the {count(validation['texts'], 'text')} of "
            f"{given}, given for validation. This is no test score: training chose its epoch by it. {way_out}"
        )
    return (
        f"{_measured(validation, model.target)} on {count(validation['texts'], 'training text')} held "
        f"out for validation. This is no test score: training chose its epoch by it. {way_out}"
    )
