"""Several labels a text and grades, beside what scikit-learn and fastText make of them.

python targets.py                                   (all sets)
python targets.py goemotions,sst5                   (these)
python targets.py update                            (models that learn on, see updates.py)

goemotions has 28 labels; sst5 and the IMDB reviews' ratings are grades. scikit-learn's models get TF-IDF of
words and pairs and of characters inside words. Thresholds, and the strength of penalties, are chosen on a
tenth of the training texts, for all in the same way; then everything is fitted on all of them. fastText
(`-loss ova`, bigrams; for grades the mean of the grades by its probabilities) takes part where it is
installed. The tables are what this prints.
"""

from __future__ import annotations

import importlib.util
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import FeatureUnion
from sklearn.svm import LinearSVC

from side_by_side import report_figure
from updates import updates
from wordloom.corpus import Corpus, Dataset
from wordloom.evaluation.grade_scores import score_grades
from wordloom.evaluation.multilabel_scores import score_multilabel
from wordloom.evaluation.thresholds import best_thresholds
from wordloom.fit import fit
from wordloom.readers import read_corpus
from wordloom.settings import Settings

SEEDS = (0, 1, 2)
DATA = Path(os.environ.get("WORDLOOM_DATA", "data"))
Answer = Callable[[Sequence[str]], NDArray[np.float64]]
Fit = Callable[[Corpus, int], Answer]


@dataclass
class Runs:
    """What a contender reached, run by run."""

    name: str
    scores: list[dict[str, float]] = field(default_factory=list)
    fit_seconds: list[float] = field(default_factory=list)
    predict_seconds: list[float] = field(default_factory=list)

    def mean(self, name: str) -> float:
        return statistics.mean(score[name] for score in self.scores)

    def row(self, names: Sequence[str]) -> str:
        cells = []
        for name in names:
            values = [score[name] for score in self.scores]
            spread = f" ± {statistics.stdev(values):.4f}" if len(values) > 1 else ""
            cells.append(f"{statistics.mean(values):.4f}{spread}")
        seconds = [f"{statistics.median(each):.2f}" for each in (self.fit_seconds, self.predict_seconds)]
        return f"| {' | '.join([self.name, *cells, *seconds])} |"


def features() -> FeatureUnion:
    """Words and pairs, and characters inside words."""
    words = TfidfVectorizer(sublinear_tf=True, ngram_range=(1, 2))
    characters = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True)
    return FeatureUnion([("words", words), ("characters", characters)])


def scikit_learn(model: Any, target: Callable[[Corpus], Any], answer: Callable[[Any, Any], Any]) -> Fit:
    """A model of scikit-learn on those features."""

    def fitted(corpus: Corpus, seed: int) -> Answer:
        union = features()
        matrix = union.fit_transform(corpus.texts)
        made = model().fit(matrix, target(corpus))
        return lambda texts: np.asarray(answer(made, union.transform(texts)), dtype=np.float64)

    return fitted


def fasttext(
    lines: Callable[[Corpus], list[str]], answer: Callable[[dict[str, float]], Any], loss: str
) -> Fit:
    """fastText with bigrams."""

    def fitted(corpus: Corpus, seed: int) -> Answer:
        import fasttext as library

        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder, "train.txt")
            texts = [" ".join(text.split()).lower() for text in corpus.texts]
            joined = [f"{labels} {text}" for labels, text in zip(lines(corpus), texts, strict=True)]
            file.write_text("\n".join(joined) + "\n", encoding="utf-8")
            model = library.train_supervised(
                str(file), loss=loss, wordNgrams=2, epoch=25, lr=0.5, thread=2, verbose=0
            )

        def said(texts: Sequence[str]) -> NDArray[np.float64]:
            found = []
            for text in texts:
                pairs = model.f.predict(" ".join(text.split()).lower() + "\n", -1, 0.0, "strict")
                found.append(answer({label.removeprefix("__label__"): p for p, label in pairs}))
            return np.array(found, dtype=np.float64)

        return said

    return fitted


def several_labels(data: Dataset) -> list[Runs]:
    """Every contender on a set with several labels."""
    assert data.test is not None
    train, test, labels = data.train, data.test, data.train.classes
    truth = test.indicators(labels)

    def one_vs_rest(model: Any) -> Callable[[], Any]:
        return lambda: OneVsRestClassifier(model)

    contenders: dict[str, Fit] = {
        "LR, C=5": scikit_learn(
            one_vs_rest(LogisticRegression(C=5, solver="liblinear", dual=True, tol=0.01)),
            lambda corpus: corpus.indicators(labels).astype(int),
            lambda made, matrix: made.predict_proba(matrix),
        ),
        "SVM": scikit_learn(
            one_vs_rest(LinearSVC(C=0.3)),
            lambda corpus: corpus.indicators(labels).astype(int),
            lambda made, matrix: expit(made.decision_function(matrix)),
        ),
    }
    if importlib.util.find_spec("fasttext"):
        contenders["fastText ova"] = fasttext(
            lambda corpus: [" ".join(f"__label__{label}" for label in each) for each in corpus.labels],
            lambda found: [found.get(str(label), 0.0) for label in labels],
            "ova",
        )
    runs = [Runs("wordloom")]
    for seed in SEEDS:
        began = time.perf_counter()
        model = fit(train, Settings(random_state=seed))
        fitted = time.perf_counter()
        probabilities = model.predict_proba(test.texts)
        _note(runs[0], began, fitted)
        runs[0].scores.append(_label_scores(probabilities, truth, labels, np.array(model.thresholds)))
    for name, way in contenders.items():
        rest, part = train.split(0.1, seed=0)
        thresholds = best_thresholds(way(rest, 0)(part.texts), part.indicators(labels), "micro-f1")
        run = Runs(name)
        began = time.perf_counter()
        answer = way(train, 0)
        fitted = time.perf_counter()
        probabilities = answer(test.texts)
        _note(run, began, fitted)
        run.scores.append(_label_scores(probabilities, truth, labels, thresholds))
        runs.append(run)
        print(run.row(("micro F1", "macro F1", "log loss")), file=sys.stderr, flush=True)
    return runs


def _note(run: Runs, began: float, fitted: float) -> None:
    run.fit_seconds.append(fitted - began)
    run.predict_seconds.append(time.perf_counter() - fitted)


def _label_scores(p: Any, truth: Any, labels: Any, thresholds: Any) -> dict[str, float]:
    found = score_multilabel(np.clip(p, 0, 1), truth, labels, thresholds if len(thresholds) else 0.5)
    return {"micro F1": found.micro_f1, "macro F1": found.macro_f1, "log loss": found.log_loss}


def grades(data: Dataset) -> list[Runs]:
    """Every contender on a set with grades."""
    assert data.test is not None
    train, test = data.train, data.test

    def ridge(alpha: float) -> Fit:
        return scikit_learn(
            lambda: Ridge(alpha=alpha, solver="sparse_cg"),
            lambda corpus: corpus.grades,
            lambda made, matrix: made.predict(matrix),
        )

    rest, part = train.split(0.1, seed=0)
    tried = {a: score_grades(ridge(a)(rest, 0)(part.texts), part.grades).spearman for a in (0.3, 1.0, 3.0)}
    best = max(tried, key=lambda alpha: tried[alpha])
    contenders: dict[str, Fit] = {f"ridge, alpha={best:g}": ridge(best)}
    if importlib.util.find_spec("fasttext"):
        contenders["fastText, expected grade"] = fasttext(
            lambda corpus: [f"__label__{grade:g}" for grade in corpus.labels],
            lambda found: sum(p * float(label) for label, p in found.items()) / (sum(found.values()) or 1.0),
            "softmax",
        )
    contenders["wordloom"] = lambda corpus, seed: _grades_of(fit(corpus, Settings(random_state=seed)))
    runs = []
    for name, way in contenders.items():
        run = Runs(name)
        for seed in SEEDS if name == "wordloom" else SEEDS[:1]:
            began = time.perf_counter()
            answer = way(train, seed)
            fitted = time.perf_counter()
            found = answer(test.texts)
            _note(run, began, fitted)
            scores = score_grades(found, test.grades)
            run.scores.append({"Spearman": scores.spearman, "Pearson": scores.pearson, "MAE": scores.mae})
        runs.append(run)
        print(run.row(("Spearman", "Pearson", "MAE")), file=sys.stderr, flush=True)
    return [runs[-1], *runs[:-1]]


def _grades_of(model: Any) -> Answer:
    return lambda texts: np.array(model.predict(texts))


def table(name: str, runs: Sequence[Runs], names: Sequence[str]) -> str:
    """A table of all contenders."""
    head = ["contender", *names, "fit, s", "predict, s"]
    lines = [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]
    return "\n".join([f"**{name}**", "", *lines, *(run.row(names) for run in runs), ""])


def main() -> None:
    wanted = (sys.argv[1] if len(sys.argv) > 1 else "update,goemotions,sst5,imdb").split(",")
    pages = []
    for name in wanted:
        if name == "update":
            banking = read_corpus(str(DATA / "texts" / "banking77.csv"))
            pages += [updates("banking77", banking, 10), updates("imdb", read_corpus("imdb"), 3)]
            continue
        if name == "goemotions":
            runs = several_labels(read_corpus(str(DATA / "texts" / "goemotions.csv"), target="multilabel"))
            pages.append(table(name, runs, ("micro F1", "macro F1", "log loss")))
            _report_labels(name, runs)
            continue
        source = "imdb" if name == "imdb" else str(DATA / "texts" / f"{name}.csv")
        runs = grades(read_corpus(source, target="graded"))
        pages.append(table(name, runs, ("Spearman", "Pearson", "MAE")))
        ahead = runs[0].mean("Spearman") - max(run.mean("Spearman") for run in runs[1:])
        report_figure(
            f"{name}, grades: Spearman above that of the best other", ahead, "", goal=0.0001, at_most=False
        )
    print(
        json.dumps({"benchmark": "Several labels, grades, models that learn on", "page": "\n".join(pages)}),
        flush=True,
    )


def _report_labels(name: str, runs: Sequence[Runs]) -> None:
    ours, others = runs[0], runs[1:]
    for what in ("micro F1", "macro F1"):
        ahead = 100 * (ours.mean(what) - max(run.mean(what) for run in others))
        report_figure(
            f"{name}, {len(others)} others: {what} above that of the best",
            ahead,
            "points",
            0.0001,
            at_most=False,
        )
    regression = others[0]
    for what, goal in (("fit", 3.0), ("predict", 10.0)):
        times = statistics.median(getattr(regression, f"{what}_seconds")) / statistics.median(
            getattr(ours, f"{what}_seconds")
        )
        report_figure(
            f"{name}: times faster than one-vs-rest LR, {what}", times, "times", goal, at_most=False
        )


if __name__ == "__main__":
    main()
