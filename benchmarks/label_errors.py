"""Wrong labels found: some changed on purpose, those that people voted on, and how long a check takes.

In three sets of texts 5 % of the labels are changed at random. Measured is how many of the first n suspects
are among the n that were changed, beside cleanlab's `find_label_issues` on the same probabilities and on
those of TF-IDF with logistic regression in five folds, in its order by self-confidence; where it names fewer
than n, its scores order the rest. Without cleanlab its columns are empty.

The votes are five people's on test reviews of IMDB that another tool suspected (Northcutt et al., "Pervasive
Label Errors in Test Sets", NeurIPS 2021 Datasets and Benchmarks). The models learn from the training reviews
alone. Nothing was chosen by the votes.
"""

from __future__ import annotations

import csv
import importlib.util
import json
import math
import os
import statistics
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

from side_by_side import imdb, report_figure
from wordloom import datasets
from wordloom.checks.checking import CheckPlan, check
from wordloom.checks.suspects import Answers, CrossPlan, answers_on, label_scores
from wordloom.corpus import Corpus, Dataset
from wordloom.draws import stratified_folds
from wordloom.fit import fit
from wordloom.readers import read_corpus
from wordloom.settings import Settings

SEEDS, SHARE, FOLDS = 3, 0.05, 5
SETS = ("agnews", "banking77", "demo")
SETTINGS = Settings(architecture="ngram", random_state=0)
HEAD = ["| texts | wordloom | cleanlab, same probabilities | cleanlab, TF-IDF + LR |", "|---|---|---|---|"]


def training_texts(name: str) -> Corpus:
    """The training part of a set of texts."""
    if name == "demo":
        return datasets.load("demo").train
    return read_corpus(Path(os.environ.get("WORDLOOM_DATA", ".")) / "texts" / f"{name}.csv").train


def changed_labels(corpus: Corpus, seed: int) -> tuple[Corpus, Any]:
    """The corpus with SHARE of its labels changed at random, and which texts they are of."""
    rng, classes = np.random.default_rng([seed, 21]), corpus.classes
    targets = np.array([classes.index(label) for label in corpus.labels])
    chosen = rng.choice(len(targets), round(SHARE * len(targets)), replace=False)
    other = targets.copy()
    other[chosen] = (targets[chosen] + rng.integers(1, len(classes), len(chosen))) % len(classes)
    return Corpus(corpus.texts, [classes[number] for number in other], corpus.name), other != targets


def answers(train: Corpus, test: Corpus | None = None) -> Answers:
    return answers_on(train, test, np.arange(len(train)), CrossPlan(SETTINGS))


def of_tfidf(corpus: Corpus, targets: Any) -> Any:
    """Out-of-fold probabilities (N, C) of TF-IDF with logistic regression."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    fold = stratified_folds(targets, FOLDS, np.random.default_rng(0))
    found, texts = np.zeros((len(targets), int(targets.max()) + 1)), np.array(corpus.texts, dtype=object)
    for number in range(FOLDS):
        inside = fold == number
        model = make_pipeline(TfidfVectorizer(), LogisticRegression(max_iter=1000))
        model.fit(texts[~inside], targets[~inside])
        found[np.ix_(inside, model[-1].classes_)] = model.predict_proba(texts[inside])
    return found


def by_cleanlab(targets: Any, probabilities: Any) -> Any:
    """All texts in the order in which cleanlab suspects their labels."""
    from cleanlab.filter import find_label_issues
    from cleanlab.rank import get_label_quality_scores

    issues = find_label_issues(targets, probabilities, return_indices_ranked_by="self_confidence", n_jobs=1)
    rest = np.argsort(get_label_quality_scores(targets, probabilities), kind="stable")
    return np.concatenate([issues, rest[~np.isin(rest, issues)]])


def precision(order: Any, changed: Any) -> float:
    """The share of changed labels among as many first suspects, in percent."""
    return 100 * float(changed[order[: changed.sum()]].mean())


def planted(name: str) -> dict[str, list[float]]:
    """The precision of each way, for each seed."""
    found: dict[str, list[float]] = {"wordloom": [], "same": [], "tfidf": []}
    corpus = training_texts(name)
    for seed in range(SEEDS):
        noisy, changed = changed_labels(corpus, seed)
        said = answers(noisy)
        order = np.argsort(label_scores(said.probabilities, said.targets), kind="stable")
        found["wordloom"].append(precision(order, changed))
        if importlib.util.find_spec("cleanlab") is not None:
            found["same"].append(precision(by_cleanlab(said.targets, said.probabilities), changed))
            of_other = of_tfidf(noisy, said.targets)
            found["tfidf"].append(precision(by_cleanlab(said.targets, of_other), changed))
        print(name, seed, {way: each[-1:] for way, each in found.items()}, file=sys.stderr, flush=True)
    return found


def voted() -> None:
    """How well the votes are told from the models' answers."""
    folder = Path(os.environ.get("WORDLOOM_DATA", "."))
    file, archive = folder / "imdb_label_votes.csv", folder / "aclImdb_v1.tar.gz"
    if not file.exists() or not archive.exists():
        print("no votes, or no archive with the reviews' names; left out.", file=sys.stderr)
        return
    data = read_corpus(archive)
    test, n_train = data.test, len(data.train)
    assert test is not None
    names = {test.place(row).rsplit(": ", 1)[-1].removesuffix(".txt"): row for row in range(len(test))}
    with open(file, encoding="utf-8", newline="") as stream:
        votes = {names[row["review"]]: int(row["votes_given"]) < 3 for row in csv.DictReader(stream)}
    said = answers(data.train, test)
    rows, wrong = np.array(list(votes)), np.array(list(votes.values()))
    scores = label_scores(said.probabilities, said.targets)[n_train:][rows]
    first = 100 * float(wrong[np.argsort(scores, kind="stable")[:100]].mean())
    report_figure("label errors, votes on IMDB: AUROC", auroc(scores, wrong), "", 0.72, at_most=False)
    report_figure("label errors, votes on IMDB: true of the first 100", first, "%", 90, at_most=False)


def auroc(scores: Any, wrong: Any) -> float:
    """The share of pairs of a wrong and a right label in which the wrong one has the lower score."""
    from sklearn.metrics import roc_auc_score

    return float(roc_auc_score(wrong, -scores))


def timed(data: Dataset) -> None:
    """A check of the training reviews beside one training, in the same run."""
    train = Dataset(data.train, name="imdb")
    began = time.perf_counter()
    fit(data.train, SETTINGS)
    middle = time.perf_counter()
    checked = check(train, CheckPlan(SETTINGS))
    end = time.perf_counter()
    times = (end - middle) / (middle - began)
    report_figure("check of 25,000 reviews / one training", times, "x", 6, at_most=True)
    print(checked.counts(), f"{middle - began:.1f} and {end - middle:.1f} s", file=sys.stderr, flush=True)


def shown(values: list[float]) -> str:
    return f"{statistics.mean(values):.1f} ± {statistics.stdev(values):.1f} %" if values else "-"


def main() -> None:
    lines = list(HEAD)
    for name in SETS:
        found = planted(name)
        lines.append(f"| {name} | {' | '.join(map(shown, found.values()))} |")
        what = f"label errors planted in {name}: precision"
        best = max(statistics.mean(found[way] or [0.0]) for way in ("same", "tfidf"))
        report_figure(
            what, statistics.mean(found["wordloom"]), "%", math.floor(best * 10) / 10, at_most=False
        )
    note = f"Mean and standard deviation of {SEEDS} draws of the {SHARE:.0%} of labels that are changed."
    page = "\n".join([*lines, "", note, ""])
    print(
        json.dumps({"benchmark": "Label errors planted: precision at their number", "page": page}), flush=True
    )
    timed(imdb())
    voted()


if __name__ == "__main__":
    main()
