"""Result: a trained model with its scores and the baselines' on the test texts; as text, as plain values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from wordloom.cli.output import paragraph, say
from wordloom.cli.reading import summary
from wordloom.cli.scores import say_baselines, say_scores, say_unseen, without_training_texts
from wordloom.cli.training import course, without_test_text
from wordloom.corpus import Dataset
from wordloom.evaluation.baselines import Baseline, majority, tfidf_logistic_regression
from wordloom.evaluation.on_corpus import class_numbers, scores_on
from wordloom.evaluation.scores import MOST_LABELS_RECORDED, Scores
from wordloom.text_model import TextModel


@dataclass(frozen=True)
class Result:
    """A model, the texts it was trained on, and what it reached; `scores` is None without test texts."""

    model: TextModel
    dataset: Dataset
    scores: Scores | None
    baselines: tuple[Baseline, ...]
    unseen: Scores | None = None
    """The scores without the test texts that occur in training; None if none or all do."""

    def recorded(self) -> TextModel:
        """The model with the scores in its record."""
        config = self.to_config()
        test = config["test"]
        if test is not None and len(test["labels"]) > MOST_LABELS_RECORDED:
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
            "seed": model.record["seed"],
            "settings": model.record["settings"],
            "training": course(model),
            "test": test,
            "baselines": [baseline.to_config() for baseline in self.baselines],
        }

    def _weights_would_change_something(self) -> bool:
        """Whether the labels of the training texts differ in number and were not weighted."""
        counts = self.dataset.train.counts().values()
        return self.model.record["settings"]["class_weight"] is None and len(set(counts)) > 1

    def say(self) -> None:
        """All scores, or what there is instead of them."""
        if self.scores is None or self.dataset.test is None:
            paragraph(without_test_text(self.model))
            return
        say_scores(self.scores, f"Test on {self.scores.n:,} texts of {self.dataset.test.name}")
        if self.unseen is not None:
            say_unseen(self.scores, self.unseen)
        if self.scores.rare and self._weights_would_change_something():
            paragraph("To weigh rare labels more in training: --class-weight balanced.", indent=2)
        say()
        say("  Beside it, on the same texts:")
        say_baselines(self.baselines, indent=4)


def tested(model: TextModel, dataset: Dataset, all_baselines: bool, threads: int | None) -> Result:
    """Score a model and the baselines on the test part of its data set, if there is one.

    all_baselines : also TF-IDF with logistic regression, which takes longer than the model itself
    """
    train, test = dataset.train, dataset.test
    if test is None:
        return Result(model, dataset, None, ())
    train_numbers, test_numbers = (class_numbers(corpus, model.labels) for corpus in (train, test))
    baselines = [majority(train_numbers, test_numbers, len(model.labels))]
    if all_baselines:
        baselines.append(tfidf_logistic_regression(train, test))
    scores, unseen = scores_on(model, test, train, threads)
    return Result(model, dataset, scores, tuple(baselines), unseen)
