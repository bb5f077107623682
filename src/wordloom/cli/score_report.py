"""A model's scores and the baselines' on the test texts; as text, as plain values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from wordloom.cli.printing import count, heading, pairs, paragraph, percent, say, shortened, table
from wordloom.cli.reading import summary
from wordloom.cli.scores_by_target import macro_f1_text, say_grades, say_multilabel, say_scored_baselines
from wordloom.cli.training_run import training_summary, without_test_text
from wordloom.corpus import Dataset
from wordloom.evaluation.baselines import Baseline, ScoredBaseline
from wordloom.evaluation.by_target import AnyScores, baselines_on, evaluated_on
from wordloom.evaluation.grade_scores import GradeScores
from wordloom.evaluation.multilabel_scores import MultilabelScores
from wordloom.evaluation.scores import MOST_LABELS_RECORDED, Scores
from wordloom.text_model import TextModel

if TYPE_CHECKING:
    from wordloom.evaluation.calibration import Confidence

_WHOLE_MATRIX, _CONFUSED_PAIRS = 8, 8
_ALL_LABELS, _WORST_LABELS = 40, 20
_SURE = 0.8
_LABEL_WIDTH = 24


def accuracy_text(accuracy: float, interval: Sequence[float]) -> str:
    """ "88.1 %  (95 % interval 87.7 to 88.5 %)"."""
    low, high = interval
    return f"{percent(accuracy)}  (95 % interval {100 * low:.1f} to {100 * high:.1f} %)"


def say_scores(scores: Scores, title: str) -> None:
    """All of the scores: some figures, a line for each class, what was taken for what.

    Of very many classes those with the lowest F1 are shown.
    """
    confidence = scores.confidence
    heading(title)
    pairs(
        [
            ("accuracy", accuracy_text(scores.accuracy, scores.accuracy_interval)),
            ("macro F1", macro_f1_text(scores)),
            ("log loss", f"{scores.log_loss:.3f}"),
            (
                "calibration error",
                f"{100 * confidence.calibration_error():.1f} points between probability and accuracy",
            ),
            *_surest(confidence),
        ]
    )
    unknown = int(scores.unknown.sum())
    if unknown:
        paragraph(
            f"{unknown:,} of the {count(scores.n, 'text')} have a label that the model does not have; they "
            "count as wrong. Macro F1 is the mean of the model's own labels, and the log loss is that of the "
            "other texts.",
            indent=2,
        )
    say()
    names = [shortened(str(label), _LABEL_WIDTH) for label in scores.labels]
    _say_labels(scores, names)
    say()
    if len(names) <= _WHOLE_MATRIX:
        _say_matrix(scores, names)
    else:
        _say_confused_pairs(scores, names)
    if scores.rare:
        label, number = scores.rare[0]
        say()
        paragraph(
            f"The label {shortened(str(label), _LABEL_WIDTH)!r} has {number:,} of the "
            f"{count(scores.n, 'text')}: accuracy says little about rare labels; look at macro F1 "
            "and at their recall.",
            indent=2,
        )


def say_any_scores(scores: AnyScores, title: str) -> None:
    """The scores of a model of any target."""
    if isinstance(scores, MultilabelScores):
        say_multilabel(scores, title)
    elif isinstance(scores, GradeScores):
        say_grades(scores, title)
    else:
        say_scores(scores, title)


def main_score(scores: AnyScores) -> str:
    """The score that says most, with its interval: "accuracy 88.1 %  (95 % interval 87.7 to 88.5 %)"."""
    if isinstance(scores, MultilabelScores):
        return f"micro F1 {accuracy_text(scores.micro_f1, scores.micro_f1_interval)}"
    if isinstance(scores, GradeScores):
        low, high = scores.mae_interval
        return f"mean error {scores.mae:.3f}  (95 % interval {low:.3f} to {high:.3f})"
    return f"accuracy {accuracy_text(scores.accuracy, scores.accuracy_interval)}"


def say_unseen(scores: AnyScores, unseen: AnyScores) -> None:
    """What is left of the scores without the texts that occur in training as well."""
    if isinstance(unseen, MultilabelScores):
        both = f"micro F1 {percent(unseen.micro_f1)} and macro F1 {macro_f1_text(unseen)}"
    elif isinstance(unseen, GradeScores):
        both = f"Spearman {unseen.spearman:.3f} and a mean error of {unseen.mae:.3f}"
    else:
        accuracy = accuracy_text(unseen.accuracy, unseen.accuracy_interval)
        both = f"accuracy {accuracy} and macro F1 {macro_f1_text(unseen)}"
    say()
    paragraph(
        f"{scores.n - unseen.n:,} of the {count(scores.n, 'text')} occur in training as well; without them: "
        f"{both} on {count(unseen.n, 'text')}.",
        indent=2,
    )


_OF_UNSEEN = ("n", "accuracy", "accuracy_interval", "micro_f1", "macro_f1", "log_loss", "spearman", "mae")


def without_training_texts(unseen: AnyScores) -> dict[str, Any]:
    """The same in plain values."""
    config = unseen.to_config()
    return {name: config[name] for name in _OF_UNSEEN if name in config}


def _surest(confidence: Confidence) -> list[tuple[str, str]]:
    """The accuracy on the surest texts, where these are fewer than all."""
    number, everything = confidence.covered(_SURE), len(confidence.right)
    if number == everything:
        return []
    accuracy = percent(confidence.accuracy_at(_SURE))
    return [
        (
            f"surest {percent(_SURE, 0)}",
            f"on the surest {number:,} of {everything:,} texts accuracy is {accuracy}",
        )
    ]


def _say_labels(scores: Scores, names: Sequence[str]) -> None:
    shown = np.arange(len(names))
    if len(names) > _ALL_LABELS:
        judged = np.flatnonzero(np.asarray(scores.support))
        shown = judged[np.argsort(np.asarray(scores.f1)[judged], kind="stable")[:_WORST_LABELS]]
        say(f"  The {len(shown)} labels with the lowest F1 of {len(names):,}; --json has all:")
    rows = []
    for i in shown.tolist():
        n = scores.support[i]
        of_label = [percent(scores.recall[i]), percent(scores.f1[i])] if n else ["-", "-"]
        rows.append([names[i], percent(scores.precision[i]), *of_label, f"{n:,}"])
    table(["label", "precision", "recall", "F1", "texts"], rows)


def say_baselines(baselines: Sequence[Baseline], indent: int = 2) -> None:
    """What simple methods reach on the same texts."""
    names = {"majority": "most frequent label for all"}
    rows = [
        (
            names.get(baseline.name, baseline.name),
            f"{accuracy_text(baseline.accuracy, baseline.accuracy_interval)}, "
            f"macro F1 {percent(baseline.macro_f1)}",
        )
        for baseline in baselines
    ]
    pairs(rows, indent)


def _say_matrix(scores: Scores, names: Sequence[str]) -> None:
    say("  True label down, predicted label across:")
    rows = [[name, *(f"{cell:,}" for cell in row)] for name, row in zip(names, scores.confusion, strict=True)]
    table(["", *names], rows)


def _say_confused_pairs(scores: Scores, names: Sequence[str]) -> None:
    rows = [
        [names[true], names[taken], f"{number:,}"]
        for true, taken, number in scores.most_confused(_CONFUSED_PAIRS)
    ]
    if not rows:
        say(f"  None of the {count(scores.n, 'text')} was taken for another label.")
        return
    say("  Most frequent mistakes:")
    table(["true", "predicted", "texts"], rows, left=2)


@dataclass(frozen=True)
class Result:
    """A model, the texts it was trained on, and what it reached; `scores` is None without test texts."""

    model: TextModel
    dataset: Dataset
    scores: AnyScores | None
    baselines: tuple[Baseline | ScoredBaseline, ...]
    unseen: AnyScores | None = None
    """The scores without the test texts that occur in training; None if none or all do."""

    @property
    def seed(self) -> int:
        """Of this training; of a model that has learned on, of the last one."""
        updates = self.model.record.get("updates")
        return int((updates[-1] if updates else self.model.record)["seed"])

    def recorded(self) -> TextModel:
        """The model with the scores in its record."""
        config = self.to_config()
        test = config["test"]
        if test is not None and len(test.get("labels", ())) > MOST_LABELS_RECORDED:
            test = {name: value for name, value in test.items() if name != "confusion"}
        return self.model.with_record(scores={"test": test, "baselines": config["baselines"]})

    def to_config(self) -> dict[str, Any]:
        """In plain values; the keys are stable."""
        model, dataset = self.model, self.dataset
        test = None
        if self.scores is not None and dataset.test is not None:
            test = {"name": dataset.test.name, **self.scores.to_config()}
            if self.unseen is not None:
                test["without_training_texts"] = without_training_texts(self.unseen)
        return {
            "data": {
                "train": summary(dataset.train),
                "test": None if dataset.test is None else summary(dataset.test),
                "notes": list(dataset.notes),
            },
            "seed": self.seed,
            "settings": model.record["settings"],
            "training": training_summary(model),
            "test": test,
            "baselines": [baseline.to_config() for baseline in self.baselines],
        }

    def _weights_would_change_something(self) -> bool:
        """Whether the classes of the training texts differ in size and were not weighted."""
        counts = self.dataset.train.counts().values()
        return self.model.record["settings"]["class_weight"] is None and len(set(counts)) > 1

    def say(self) -> None:
        """All scores, or what there is instead of them."""
        if self.scores is None or self.dataset.test is None:
            paragraph(without_test_text(self.model))
            return
        say_any_scores(self.scores, f"Test on {self.scores.n:,} texts of {self.dataset.test.name}")
        if self.unseen is not None:
            say_unseen(self.scores, self.unseen)
        if isinstance(self.scores, Scores):
            self._say_of_rare(self.scores)
        say()
        say("  Beside it, on the same texts:")
        say_baselines([each for each in self.baselines if isinstance(each, Baseline)], indent=4)
        say_scored_baselines([each for each in self.baselines if isinstance(each, ScoredBaseline)], indent=4)

    def _say_of_rare(self, scores: Scores) -> None:
        """What can be done for rare labels."""
        if scores.rare and self._weights_would_change_something():
            paragraph("To weigh rare labels more in training: --class-weight balanced.", indent=2)
        if scores.rare and self.model.record["settings"]["optimize"] == "accuracy":
            paragraph("For the answers that are best for macro F1: --optimize macro-f1.", indent=2)


def tested(model: TextModel, dataset: Dataset, all_baselines: bool, threads: int | None) -> Result:
    """Score a model and the baselines on the test part of its data set, if there is one.

    all_baselines : also TF-IDF with logistic regression, which takes longer than the model itself
    """
    train, test = dataset.train, dataset.test
    if test is None:
        return Result(model, dataset, None, ())
    baselines = baselines_on(model, train, test, all_baselines)
    scores, unseen = evaluated_on(model, test, train, threads, unknown_labels="wrong")
    return Result(model, dataset, scores, tuple(baselines), unseen)
