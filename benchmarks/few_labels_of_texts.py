"""Few labels of each class, with and without the other training texts as unlabelled ones: auto beside others.

python few_labels_of_texts.py                          (whatever has not been measured with the code as it is)
python few_labels_of_texts.py --sets sms,agnews --labels 8,32 --draws 5 --contenders auto/characters-svm

Every contender gets the same draws of the same number of labels a class. Sets without a test part are tested
on a fifth of their texts, at most 3,000. What was measured is kept in few_labels_of_texts.json as long as the
code stays the same; the tables are written to few_labels_of_texts.md.
"""

from __future__ import annotations

import argparse
import importlib
import json
import sys
import time
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from run import machine
from side_by_side import report_figure
from texts import code_of
from texts_run import dataset
from wordloom.comparison.contender import TrainingTask
from wordloom.comparison.splits import material_of
from wordloom.corpus import Corpus
from wordloom.fit import FitInput, fit
from wordloom.settings import Settings

HERE = Path(__file__).parent
FILE, PAGE = HERE / "few_labels_of_texts.json", HERE / "few_labels_of_texts.md"
SETS = ("agnews", "banking77", "tw_emotion", "sms", "zh_waimai", "imdb")
LABELS, DRAWS, TESTED, FOLDS = (8, 32, 100), 10, 3_000, 5
OURS = {"auto": ("auto", False), "auto, rest": ("auto", True), "documents, rest": ("documents", True)}
"""Name -> architecture, and whether the other training texts come without labels."""
CHOOSES, CHOSEN = "auto, rest", "documents, rest"
"""Where the first chooses `documents`, it is the second, whose learning is not measured again."""
ALTERNATIVES = ("characters-svm", "tfidf-lr", "nb-svm")


class Draws:
    """A set's training texts and tests, from which few labelled texts are drawn."""

    def __init__(self, name: str) -> None:
        data = dataset(name)
        material = material_of(data, None if data.test is not None else FOLDS, None, 0)
        split, targets = material.splits[0], np.asarray(material.targets)
        tests = np.random.default_rng(0).permutation(split.test)[:TESTED]
        self.texts, self.labels = [material.texts[row] for row in split.train], material.labels
        self.targets = targets[split.train]
        self.tests, self.truth = [material.texts[row] for row in tests], targets[tests]

    def drawn(self, labels: int, draw: int) -> tuple[list[int], list[str]]:
        """The rows of so many texts of each class, and the other texts."""
        order = np.random.default_rng([draw, 13]).permutation(len(self.texts))
        rows = [order[self.targets[order] == each][:labels] for each in range(len(self.labels))]
        chosen = np.sort(np.concatenate(rows))
        others = np.setdiff1d(np.arange(len(self.texts)), chosen)
        return chosen.tolist(), [self.texts[row] for row in others]

    def measured(self, who: str, labels: int, draw: int) -> dict[str, Any]:
        """Accuracy, log loss and CPU seconds of one training: other work on the machine does not count."""
        rows, others = self.drawn(labels, draw)
        texts, targets = [self.texts[row] for row in rows], self.targets[rows]
        began = time.process_time()
        if who in OURS:
            architecture, rest = OURS[who]
            extra = FitInput(unlabelled=others if rest else None)
            settings = Settings(architecture=architecture, random_state=draw, threads=1)
            model = fit(Corpus(texts, targets.tolist()), settings, extra)
            seconds = time.process_time() - began
            probabilities = model.predict_proba(self.tests, 1)
            found = {"loss": _loss(probabilities, self.truth), "chosen": model.network.shape.architecture}
            return {
                "accuracy": _accuracy(probabilities.argmax(axis=1), self.truth),
                "seconds": seconds,
                **found,
            }
        train = importlib.import_module(f"wordloom.comparison.contenders.{who.replace('-', '_')}").train
        pipeline = train(TrainingTask(texts, targets, self.labels, draw, 1))
        seconds = time.process_time() - began
        accuracy = _accuracy(pipeline.predict(self.tests), self.truth)
        return {
            "accuracy": accuracy,
            "seconds": seconds,
            "loss": self._calibrated_loss(pipeline, texts, targets),
        }

    def _calibrated_loss(self, pipeline: Any, texts: list[str], targets: Any) -> float:
        """Of its own probabilities, or for a machine without of those of `CalibratedClassifierCV`."""
        from sklearn.base import clone
        from sklearn.calibration import CalibratedClassifierCV

        classifier = pipeline.classifier
        if not hasattr(classifier, "predict_proba"):
            classifier = CalibratedClassifierCV(clone(classifier))
            classifier.fit(pipeline.vectorizer.transform(texts), targets)
        return _loss(classifier.predict_proba(pipeline.vectorizer.transform(self.tests)), self.truth)


def _accuracy(predicted: Any, truth: Any) -> float:
    return float((np.asarray(predicted) == truth).mean())


def _loss(probabilities: Any, truth: Any) -> float:
    of_truth = probabilities[np.arange(len(truth)), truth]
    return float(-np.log(np.maximum(of_truth, 1e-15)).mean())


def _figure(runs: dict[str, Any], name: str) -> tuple[float, float]:
    """Mean, and standard error over the draws."""
    values = [run[name] for run in runs.values()]
    error = float(np.std(values, ddof=1) / len(values) ** 0.5) if len(values) > 1 else float("nan")
    return float(np.mean(values)), error


def page(results: dict[str, Any]) -> str:
    """A table of each measure: rows are a set and a number of labels, columns contenders."""
    columns, lines = (*OURS, *ALTERNATIVES), []
    for title, name, factor, digits in (
        ("Accuracy, %", "accuracy", 100, 1),
        ("Log loss", "loss", 1, 3),
        ("CPU seconds of a training, one thread", "seconds", 1, 2),
    ):
        lines += [f"## {title}", "", f"| texts | labels of each class | draws | {' | '.join(columns)} |"]
        lines.append("|" + "---|" * (len(columns) + 3))
        for key, found in results.items():
            cells = []
            for who in columns:
                mean, error = _figure(found[who], name) if found.get(who) else (None, 0.0)
                spread = "" if error != error else f" ± {factor * error:.{digits}f}"
                cells.append("-" if mean is None else f"{factor * mean:.{digits}f}{spread}")
            draws = sorted({len(runs) for runs in found.values()})
            said = " to ".join(str(n) for n in dict.fromkeys((draws[0], draws[-1])))
            lines.append(f"| {' | '.join(key.split('/'))} | {said} | {' | '.join(cells)} |")
        lines.append("")
    return "\n".join(lines)


def reached(found: dict[str, Any], ours: str, others: Sequence[str]) -> bool:
    """Whether ours is as accurate as the best of the others, within one standard error, on the same draws."""
    behind = [0.0]
    for who in others:
        same = sorted(set(found.get(who, {})) & set(found[ours]))
        differences = [found[who][draw]["accuracy"] - found[ours][draw]["accuracy"] for draw in same]
        if len(same) > 1:
            behind.append(np.mean(differences) - np.std(differences, ddof=1) / len(same) ** 0.5)
    return bool(max(behind) <= 0)


def measure_all(wanted: argparse.Namespace, results: dict[str, Any], save: Callable[[], None]) -> None:
    """Whatever is wanted and not there yet, one training after the other."""
    for name in wanted.sets.split(","):
        draws = Draws(name)
        for labels in map(int, wanted.labels.split(",")):
            found = results.setdefault(f"{name}/{labels}", {})
            for draw in range(wanted.draws):
                for who in wanted.contenders.split("/"):
                    runs, code = found.setdefault(who, {}), code_of("default" if who in OURS else who)
                    if runs.get(str(draw), {}).get("code") == code:
                        continue
                    chosen = found.get(CHOOSES, {}).get(str(draw), {})
                    if who == CHOSEN and (chosen.get("code"), chosen.get("chosen")) == (code, "documents"):
                        runs[str(draw)] = dict(chosen)  # the same model from the same texts and seed
                    else:
                        runs[str(draw)] = {"code": code, **draws.measured(who, labels, draw)}
                    save()
                print(f"{name}, {labels} labels, draw {draw}", file=sys.stderr, flush=True)


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--sets", default=",".join(SETS))
    parser.add_argument("--labels", default=",".join(map(str, LABELS)))
    parser.add_argument("--draws", type=int, default=DRAWS)
    parser.add_argument("--contenders", default="/".join([*OURS, *ALTERNATIVES]), help="with / between them")
    results = json.loads(FILE.read_text()) if FILE.exists() else {}
    warnings.simplefilter("ignore")
    measure_all(
        parser.parse_args(arguments),
        results,
        lambda: FILE.write_text(json.dumps(results, indent=1) + "\n") and None,
    )
    text = page(results)
    PAGE.write_text(
        f"# Few labels\n\nWritten by `benchmarks/few_labels_of_texts.py`.\n\n{text}\nMachine: {machine()}.\n"
    )
    print(json.dumps({"benchmark": "Few labels", "page": text}), flush=True)
    for ours, others in (("auto", ALTERNATIVES), ("auto, rest", (*OURS, *ALTERNATIVES))):
        rows = [row for row in results.values() if row.get(ours)]
        count = sum(reached(row, ours, [who for who in others if who != ours]) for row in rows)
        report_figure(f"few labels: rows where {ours!r} reaches the best", count, "rows", len(rows), False)


if __name__ == "__main__":
    main(sys.argv[1:])
