"""How accuracy grows with the number of labels, for several settings side by side.

Every setting gets the same draws of labelled texts; the larger draws hold the smaller ones. Vectors of
documents are learned once, from all training texts without their labels.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wordloom.architectures import with_ability
from wordloom.corpus import Corpus
from wordloom.draws import strata
from wordloom.errors import DataError, Interrupted, UsageError
from wordloom.evaluation.intervals import RepeatedScore
from wordloom.evaluation.on_corpus import score_on
from wordloom.fit import FitInput, fit, tokenizer_of
from wordloom.loop.callback import Callback, CallbackList
from wordloom.settings import Settings, without_unused
from wordloom.target_names import SINGLE

SIZES = (20, 50, 100, 200, 500, 1_000, 2_000, 5_000)


@dataclass(frozen=True)
class CurvePlan:
    """What to measure.

    Parameters
    ----------
    sizes : numbers of labelled texts; None for all texts
    draws : how often texts are drawn for each of them
    seed : of the first draw
    threads : to use; the result does not depend on it
    """

    sizes: tuple[int | None, ...] = (*SIZES, None)
    draws: int = 5
    seed: int = 0
    threads: int | None = None


@dataclass(frozen=True)
class CurvePoint(RepeatedScore):
    """Test accuracies of one setting with one number of labels, a value for each draw."""

    setting: str
    labels: int
    values: tuple[float, ...]

    def to_config(self) -> dict[str, Any]:
        """As plain values; the keys are stable."""
        return {
            "setting": self.setting,
            "labels": self.labels,
            "mean": self.mean,
            "std": self.std,
            "values": list(self.values),
        }


def label_curve(
    train: Corpus,
    test: Corpus,
    settings: Mapping[str, Settings],
    plan: CurvePlan | None = None,
    callbacks: Sequence[Callback] = (),
) -> list[CurvePoint]:
    """Fit each of the settings on more and more labelled texts of `train`, and score it on `test`.

    settings : name -> settings; their seed and threads are the plan's
    callbacks : have a message for each point

    The points come setting by setting, few labels first. Sizes beyond the training texts are left out.
    Raises UsageError for a plan without meaning and for texts that do not have one label each, DataError for
    a draw that lacks a class, and for Ctrl-C Interrupted with the points that are complete.
    """
    require_one_label(train)
    chosen, told = plan or CurvePlan(), CallbackList(callbacks)
    sizes = _sizes(chosen, len(train))
    orders = [stratified_order(train, chosen.seed + draw) for draw in range(chosen.draws)]
    points: list[CurvePoint] = []
    try:
        for name, given in settings.items():
            ready = replace(given.checked(), threads=chosen.threads)
            if ready.architecture in with_ability("learns_unlabelled") and ready.vectors is None:
                ready = _with_document_vectors(ready, train, chosen.seed, told)
            for size in sizes:
                draws = orders if size < len(train) else orders[:1]
                points.append(CurvePoint(name, size, _accuracies(ready, train, test, chosen, draws, size)))
                told.on_message(f"{name}, {size:,} labels: {points[-1].mean:.1%}")
    except KeyboardInterrupt:
        if not points:
            raise
        raise Interrupted(points) from None
    return points


def require_one_label(train: Corpus) -> None:
    """UsageError for texts that do not have one label each."""
    train.require(SINGLE, what="A curve of accuracy")


def _accuracies(
    settings: Settings,
    train: Corpus,
    test: Corpus,
    plan: CurvePlan,
    orders: Sequence[NDArray[np.int64]],
    size: int,
) -> tuple[float, ...]:
    """Of a model on the first `size` texts of each order."""
    values = []
    for draw, order in enumerate(orders):
        labelled = train.subset(np.sort(order[:size]))
        if len(set(labelled.labels)) < len(set(train.labels)):
            raise DataError(f"{train.name}: {size:,} labels are too few for every class to have one.")
        seeded = replace(settings, random_state=plan.seed + draw)
        model = fit(labelled, seeded, FitInput())
        values.append(score_on(model, test, plan.threads, unknown_labels="wrong").accuracy)
    return tuple(values)


def stratified_order(corpus: Corpus, seed: int) -> NDArray[np.int64]:
    """The rows of a corpus, int64 (N,), in a random order whose beginnings hold every class in proportion."""
    rng = np.random.default_rng([seed, 3])
    rows, places = [], []
    for members in strata(corpus.labels):
        rows.append(rng.permutation(members))
        places.append((np.arange(len(members)) + rng.uniform(0.25, 0.75)) / len(members))
    return np.concatenate(rows)[np.argsort(np.concatenate(places), kind="stable")]


def _sizes(plan: CurvePlan, n: int) -> list[int]:
    if plan.draws < 1 or not plan.sizes or any(size is not None and size < 2 for size in plan.sizes):
        raise UsageError("A curve needs one draw or more, and numbers of labels of 2 or more.")
    found = sorted({n if size is None else size for size in plan.sizes})
    inside = [size for size in found if size <= n]
    if not inside:
        raise UsageError(f"There are {n:,} training texts, fewer than the {found[0]:,} labels asked for.")
    return inside


def _with_document_vectors(settings: Settings, train: Corpus, seed: int, callbacks: CallbackList) -> Settings:
    """The settings with vectors of documents, learned from the training texts without their labels."""
    from wordloom.fit.architecture_choice import by_architecture
    from wordloom.fit.documents import learning_settings
    from wordloom.vectors.learning import learn_document_vectors

    began = time.perf_counter()
    vectors = learn_document_vectors(
        train.texts,
        learning_settings(settings, len(train), seed),
        tokenizer=tokenizer_of(by_architecture(settings)),
        threads=settings.threads,
        keep_interrupted=False,
    )
    seconds = time.perf_counter() - began
    callbacks.on_message(
        f"learned vectors of documents from {len(train):,} texts without labels in {seconds:.0f} s"
    )
    return without_unused(replace(settings, vectors=vectors))


def known_settings(vectors: Any = None) -> dict[str, Settings]:
    """The settings that `wordloom curve` compares if none are named; more of them with a table of vectors."""
    flat = Settings(architecture="flatten", num_words=10_000, maxlen=100)
    known = {"flatten": flat, "mean": Settings(architecture="mean")}
    if vectors is not None:
        frozen = Settings(vectors=vectors, trainable=False)
        known["flatten, vectors"] = replace(
            frozen, architecture="flatten", num_words=10_000, maxlen=100, hidden=32
        )
        known["mean, vectors"] = replace(frozen, architecture="mean", num_words=50_000)
    known["n-grams"] = Settings(architecture="ngram")
    known["documents"] = Settings(architecture="documents")
    return known


def table_rows(points: Sequence[CurvePoint]) -> list[list[str]]:
    """Header and a row for each number of labels, as text: mean and standard deviation in per cent."""
    names = list(dict.fromkeys(point.setting for point in points))
    cells = {(point.labels, point.setting): _cell(point) for point in points}
    sizes = sorted({point.labels for point in points})
    return [["labels", *names], *([f"{n:,}", *(cells.get((n, name), "") for name in names)] for n in sizes)]


def _cell(point: CurvePoint) -> str:
    spread = "" if point.std is None else f" ± {100 * point.std:.1f}"
    return f"{100 * point.mean:.1f}{spread}"
