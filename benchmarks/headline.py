"""Ours and every peer side by side: accuracy and time on the same texts, as `wordloom compare` measures them.

Called with "imdb" (its test part, five seeds; also draws docs/pictures/accuracy-against-time.png), "mr"
(sentence polarity, ten folds) or "trec" (questions of six classes, its test part, five seeds).
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from side_by_side import imdb, report_figure
from wordloom import plots
from wordloom.comparison import (
    ComparisonPlan,
    ContenderResult,
    chosen_peers,
    chosen_settings,
    compare,
)
from wordloom.comparison.comparison_report import markdown
from wordloom.corpus import Dataset
from wordloom.readers import read_corpus
from wordloom.training.progress import Progress

PICTURE = Path(__file__).parent.parent / "docs" / "pictures" / "accuracy-against-time.png"
TITLES = {"imdb": "IMDB reviews", "mr": "Sentence polarity", "trec": "Questions (TREC)"}
SCIKIT_LEARN = ("tfidf-lr", "tfidf-svm", "tuned-lr", "characters-svm", "complement-nb", "nb-svm")
FASTTEXT = ("fasttext-bigrams", "fasttext-trigrams")


def dataset(name: str) -> Dataset:
    """The texts, or an end that says which folder is looked for."""
    if name == "imdb":
        return imdb()
    folder = Path(os.environ.get("WORDLOOM_DATA", ".")) / name
    if not folder.is_dir():
        sys.exit(f"{folder} is not there; put the data set there, or set WORDLOOM_DATA to the folder above.")
    return read_corpus(folder, encoding="latin-1")


def main(name: str) -> None:
    settings = ["ngram", "mean", "flatten"]
    contenders = [*chosen_settings(settings), *chosen_peers(["all"])]
    plan = ComparisonPlan(folds=10, seeds=1) if name == "mr" else ComparisonPlan(seeds=5)
    with Progress() as progress:
        found = compare(dataset(name), contenders, plan, [progress])
    page = markdown(found)
    if name == "imdb":
        plots.save(plots.accuracy_against_time(found.to_config()["contenders"]), PICTURE)
        page += "\n![Accuracy against time](../docs/pictures/accuracy-against-time.png)\n"
    print(json.dumps({"benchmark": f"Beside the peers: {TITLES[name]}", "page": page}), flush=True)
    entries = {entry.contender.name: entry for entry in found.entries}
    ours = entries["ngram"]
    beside_scikit_learn(TITLES[name], ours, entries)
    if name == "imdb":
        goals_on_imdb(ours, entries)


def beside_scikit_learn(title: str, ours: ContenderResult, entries: dict[str, ContenderResult]) -> None:
    """Our accuracy, with the best of scikit-learn's as its goal."""
    best = max((entries[name] for name in SCIKIT_LEARN if name in entries), key=lambda each: each.accuracy)
    what = f"{title}: accuracy, to reach scikit-learn's best ({best.contender.name})"
    report_figure(what, 100 * ours.accuracy, "%", round(100 * best.accuracy, 2), False)


def goals_on_imdb(ours: ContenderResult, entries: dict[str, ContenderResult]) -> None:
    """The figures that the headline stands for."""
    report_figure("IMDB reviews: accuracy, mean of the seeds", 100 * ours.accuracy, "%", 92.5, False)
    svm = entries["tfidf-svm"]
    what = "IMDB reviews: times faster than TF-IDF with a linear SVM, training and prediction"
    report_figure(what, svm.seconds / ours.seconds, "times", 4, False)
    report_figure("IMDB reviews: model on disk", ours.size / 1e6, "MB", 40, True)
    rivals = [entries[name] for name in FASTTEXT if name in entries]
    if not rivals:
        print("fastText is not installed, so its rows are left out.", file=sys.stderr)
        return
    best = max(rivals, key=lambda each: each.accuracy)
    what = f"IMDB reviews: accuracy beyond fastText's best ({best.contender.name})"
    report_figure(what, 100 * (ours.accuracy - best.accuracy), "points", 2.3, False)
    what = f"IMDB reviews: times faster than fastText's best ({best.contender.name})"
    report_figure(what, best.seconds / ours.seconds, "times", 2, False)
    bigrams = entries["fasttext-bigrams"]
    what = "IMDB reviews: times faster than fastText's bigrams"
    report_figure(what, bigrams.seconds / ours.seconds, "times", 1, False)


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "imdb")
