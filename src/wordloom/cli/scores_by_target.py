"""Scores of models of several labels, and of grades, as text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from wordloom.cli.printing import count, heading, pairs, paragraph, percent, say, shortened, table
from wordloom.evaluation.baselines import ScoredBaseline
from wordloom.evaluation.grade_scores import GradeScores
from wordloom.evaluation.multilabel_scores import MultilabelScores
from wordloom.evaluation.scores import Scores

_LABEL_WIDTH, _ALL_LABELS, _WORST_LABELS = 30, 40, 20


def say_multilabel(scores: MultilabelScores, title: str) -> None:
    """Some figures, and a line for each label; of very many labels for those with the lowest F1."""
    heading(title)
    at_k = [
        (
            f"precision at {at.k}",
            f"{percent(at.precision)}  (recall {percent(at.recall)}, of the {_likeliest(at.k)})",
        )
        for at in scores.at_k
    ]
    pairs(
        [
            ("micro F1", _micro_text(scores)),
            ("macro F1", macro_f1_text(scores)),
            ("all labels right", f"{percent(scores.subset_accuracy)} of the texts"),
            ("Hamming loss", f"{percent(scores.hamming_loss)}  (decisions that are wrong)"),
            ("log loss", f"{scores.log_loss:.4f}  (mean of all labels)"),
            ("ranking precision", percent(scores.ranking_precision)),
            *at_k,
        ]
    )
    if scores.unknown:
        paragraph(
            f"{count(scores.unknown, 'label')} of the texts {'is' if scores.unknown == 1 else 'are'} none of "
            "the model's and counted as missed.",
            indent=2,
        )
    say()
    _say_labels(scores)


def _likeliest(k: int) -> str:
    return "likeliest label" if k == 1 else f"{k} likeliest labels"


def macro_f1_text(scores: Scores | MultilabelScores) -> str:
    """The macro F1, and how many labels without texts lower it."""
    without = int((np.asarray(scores.support) == 0).sum())
    counts = "counts" if without == 1 else "count"
    return percent(scores.macro_f1) + (
        f"  ({count(without, 'label')} without texts here {counts} as 0)" if without else ""
    )


def _micro_text(scores: MultilabelScores) -> str:
    precision, recall = percent(scores.micro_precision), percent(scores.micro_recall)
    return f"{percent(scores.micro_f1)}  (precision {precision}, recall {recall})"


def _say_labels(scores: MultilabelScores) -> None:
    shown = np.arange(len(scores.labels))
    if len(shown) > _ALL_LABELS:
        judged = np.flatnonzero(scores.support)
        shown = judged[np.argsort(scores.f1[judged], kind="stable")[:_WORST_LABELS]]
        say(f"  The {len(shown)} labels with the lowest F1 of {len(scores.labels):,}; --json has all:")
    rows = []
    for i in shown.tolist():
        n = scores.support[i]
        of_label = [percent(scores.recall[i]), percent(scores.f1[i])] if n else ["-", "-"]
        name = shortened(str(scores.labels[i]), _LABEL_WIDTH)
        rows.append([name, percent(scores.precision[i]), *of_label, f"{n:,}", f"{scores.thresholds[i]:.3f}"])
    table(["label", "precision", "recall", "F1", "texts", "threshold"], rows)


def say_grades(scores: GradeScores, title: str) -> None:
    """Correlations and errors."""
    heading(title)
    low, high = scores.spearman_interval
    rows = [
        ("Spearman", f"{scores.spearman:.3f}  (95 % interval {low:.3f} to {high:.3f})"),
        ("Pearson", f"{scores.pearson:.3f}"),
        ("mean error", f"{scores.mae:.3f}"),
        ("root mean square", f"{scores.rmse:.3f}"),
    ]
    if scores.auc is not None:
        rows.append((f"AUC from {scores.cut:g}", f"{scores.auc:.3f}"))
    pairs(rows)
    if scores.auc is None:
        paragraph("The texts do not differ in grade, so correlations say nothing of them.", indent=2)


def say_scored_baselines(baselines: Sequence[ScoredBaseline], indent: int = 2) -> None:
    """What simple methods reach on the same texts."""
    rows = []
    for baseline in baselines:
        found: Any = baseline.scores
        if isinstance(found, GradeScores):
            rows.append((baseline.name, f"Spearman {found.spearman:.3f}, mean error {found.mae:.3f}"))
        else:
            both = f"micro F1 {percent(found.micro_f1)}, macro F1 {percent(found.macro_f1)}"
            rows.append((baseline.name, both))
    pairs(rows, indent)
