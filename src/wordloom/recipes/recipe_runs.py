"""Run recipes on the IMDB reviews over several seeds."""

from __future__ import annotations

import dataclasses
import os
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wordloom import datasets
from wordloom.architectures import with_ability
from wordloom.comparison.forecast import about
from wordloom.corpus import Corpus, Dataset
from wordloom.errors import DataError, Interrupted, MissingExtraError, UsageError
from wordloom.evaluation.intervals import RepeatedScore, sample_deviation
from wordloom.evaluation.on_corpus import score_on
from wordloom.fit import FitInput, fit
from wordloom.label_curve import CurvePoint
from wordloom.loop.callback import Callback, CallbackList
from wordloom.models.keras.backend import keras_module
from wordloom.recipes.few_labels import curve, with_learned_vectors
from wordloom.recipes.recipe import BEST_VALIDATION, LAST_VALIDATION, Recipe, chosen
from wordloom.recipes.vector_tables import VectorTables, description
from wordloom.settings import Settings, without_unused
from wordloom.text.keras_imdb import shuffled_orders
from wordloom.text_model import TextModel
from wordloom.vectors.queries import neighbors

_NEIGHBORS, _CURVE_WIDTH = 20, 100
_SCORING, _LOADING = 0.5, 5.0
"""Seconds to score a model on 25,000 reviews; to read the reviews and make or load compiled code."""


@dataclass(frozen=True)
class RecipeResult(RepeatedScore):
    """What a recipe gave, seed by seed.

    Parameters
    ----------
    recipe : what was run
    values : the recipe's metric, one number a seed
    seconds : time of fitting from raw texts, one number a seed
    model : the model of the first seed; None for recipes with `learning`
    nearest : the 20 words nearest to `recipe.neighbors_of` in that model, itself first
    curve : accuracy against the number of labels, for recipes with `learning` if it was asked for
    """

    recipe: Recipe
    values: tuple[float, ...]
    seconds: tuple[float, ...]
    model: TextModel | None
    nearest: tuple[str, ...] = ()
    curve: tuple[CurvePoint, ...] = ()

    def to_config(self) -> dict[str, Any]:
        """As plain values; the keys are stable."""
        published = self.recipe.published
        config: dict[str, Any] = {
            "recipe": self.recipe.name,
            "metric": self.recipe.metric,
            "published": list(published) if isinstance(published, tuple) else published,
            "mean": self.mean,
            "std": self.std,
            "values": list(self.values),
            "seconds": list(self.seconds),
            "difference": self.recipe.difference(self.mean),
            "source": self.recipe.source,
            "about": self.recipe.about,
        }
        if self.model is not None and "vectors" in self.model.record:
            config["vectors"] = self.model.record["vectors"]
        if self.recipe.neighbors_of:
            config["neighbors_of"] = self.recipe.neighbors_of
            config["neighbors"] = list(self.nearest)
            config["published_neighbors"] = list(self.recipe.published_neighbors)
        if self.curve:
            config["curve"] = [point.to_config() for point in self.curve]
        return config


@dataclass(frozen=True)
class _FewLabelsOptions:
    """How the recipe with `learning` is run; `table` is for the curve, None without one on this machine."""

    threads: int | None
    curves: bool
    table: Path | None


def run_recipes(
    names: Sequence[str],
    seeds: int,
    *,
    first_seed: int = 0,
    threads: int | None = None,
    vectors: str | os.PathLike[str] | None = None,
    curves: bool = False,
    callbacks: Sequence[Callback] = (),
) -> list[RecipeResult]:
    """Run the named recipes (all of them for none), each with `seeds` seeds from `first_seed` on.

    `vectors` is the table for recipes that start from one (see `VectorTables`). `curves` also measures
    accuracy against the number of labels where few are the point. `callbacks` have a message for each
    fit.
    Raises UsageError for an unknown recipe, DataError if the reviews are not there (see
    `wordloom.datasets.load`), and for Ctrl-C Interrupted with the results of the seeds that are complete.
    """
    wanted, tables, told = chosen(names), VectorTables(vectors), CallbackList(callbacks)
    if seeds < 1:
        raise UsageError(f"The number of seeds must be 1 or more, not {seeds}.")
    wanted = _ready(wanted, tables, bool(names), told)
    told.on_message(forecast(wanted, seeds))
    data = in_keras_order(datasets.load("imdb"))
    # compiled code is made or loaded before anything is timed; steps of Keras are compiled in each fit
    warm_up = next((recipe.settings for recipe in wanted if not recipe.draw), None)
    if warm_up is not None:
        if warm_up.architecture in with_ability("needs_keras"):
            warm_up = without_unused(dataclasses.replace(warm_up, architecture="mean"))
        fit(data.train, dataclasses.replace(warm_up, random_state=0, epochs=1, threads=threads))
    seed_range = range(first_seed, first_seed + seeds)
    runs = [_RecipeRun(recipe, told) for recipe in wanted]
    try:
        for run in runs:
            if run.recipe.learning is not None:
                options = _FewLabelsOptions(threads, curves, tables.find_if_any(_CURVE_WIDTH))
                _few_labels(run, data, seed_range, options)
            else:
                _fit_seeds(run, data, seed_range, tables, threads)
            told.on_message(run.finished_line())
    except KeyboardInterrupt:
        complete = [run.result() for run in runs if run.values]
        if not complete:
            raise
        raise Interrupted(complete) from None
    return [run.result() for run in runs]


def forecast(wanted: Sequence[Recipe], seeds: int) -> str:
    """What will be run and about how long it takes, for people."""
    unknown = [recipe.name for recipe in wanted if recipe.seconds is None]
    seconds = sum((recipe.seconds or 0.0) + _SCORING for recipe in wanted) * seeds + _LOADING
    without = f", and what {' and '.join(unknown)} will take" if unknown else ""
    names, plural = ", ".join(recipe.name for recipe in wanted), "s" if seeds != 1 else ""
    time = f"It takes about {about(seconds)}{without} (by times measured on two cores)."
    return f"Will run {names}, each with {seeds} seed{plural}. {time}"


class _RecipeRun:
    """A recipe, and what its seeds gave so far."""

    def __init__(self, recipe: Recipe, callbacks: CallbackList) -> None:
        self.recipe, self.callbacks = recipe, callbacks
        self.values: list[float] = []
        self.seconds: list[float] = []
        self.first: TextModel | None = None
        self.curve: list[CurvePoint] = []

    def add(self, seed: int, value: float, seconds: float) -> None:
        """A seed is done."""
        self.values.append(value)
        self.seconds.append(seconds)
        name, metric = self.recipe.name, self.recipe.metric
        self.callbacks.on_message(f"{name}, seed {seed}: {metric} {value:.2%} in {seconds:.2f} s")

    def finished_line(self) -> str:
        """What the recipe gave, in a line."""
        values, recipe = self.values, self.recipe
        spread = "" if len(values) < 2 else f" ± {100 * (sample_deviation(values) or 0.0):.2f}"
        away = 100 * recipe.difference(statistics.fmean(values))
        return (
            f"{recipe.name} is done: {recipe.metric} {100 * statistics.fmean(values):.2f}{spread} %, "
            f"{away:+.2f} points beside the published figure"
        )

    def result(self) -> RecipeResult:
        """Of the seeds that are done."""
        word = self.recipe.neighbors_of
        nearest = _nearest(self.first, word) if word and self.first is not None else ()
        values, seconds = tuple(self.values), tuple(self.seconds)
        return RecipeResult(self.recipe, values, seconds, self.first, nearest, tuple(self.curve))


def _fit_seeds(
    run: _RecipeRun, data: Dataset, seeds: range, tables: VectorTables, threads: int | None
) -> None:
    recipe = run.recipe
    for seed in seeds:
        settings = dataclasses.replace(recipe.settings, random_state=seed, threads=threads)
        if recipe.table_width:
            settings = dataclasses.replace(settings, vectors=tables.find(recipe.table_width))
        model = _fitted(recipe, settings, data.train, seed)
        value = _value(recipe, model, data, threads)
        run.first = run.first or model
        run.add(seed, value, float(model.record["seconds"]))


def _few_labels(run: _RecipeRun, data: Dataset, seeds: range, options: _FewLabelsOptions) -> None:
    """Vectors are learned once; each seed draws other reviews to label. Seconds include the learning."""
    recipe, callbacks = run.recipe, run.callbacks
    assert data.test is not None
    assert recipe.learning is not None
    callbacks.on_message(f"{recipe.name} learns vectors from {len(data.train):,} reviews without labels")
    ready, learning = with_learned_vectors(data.train, recipe.settings, recipe.learning, options.threads)
    for seed in seeds:
        labelled = data.train.subset(_drawn(recipe, data.train, seed)[0])
        model = fit(labelled, dataclasses.replace(ready, random_state=seed))
        accuracy = score_on(model, data.test, options.threads).accuracy
        run.add(seed, accuracy, learning + float(model.record["seconds"]))
    if options.curves:
        try:
            run.curve = curve(data, ready, options.table, seeds, callbacks)
        except Interrupted as interrupted:
            run.curve = interrupted.found
            raise


def _ready(
    wanted: Sequence[Recipe], tables: VectorTables, named: bool, callbacks: CallbackList
) -> list[Recipe]:
    """The recipes whose table, or Keras, is there; what is missing is an error for named recipes only."""
    ready = []
    for recipe in wanted:
        try:
            if recipe.settings.architecture in with_ability("needs_keras"):
                keras_module(f"The recipe {recipe.name!r}")
            if recipe.table_width:
                table = tables.find(recipe.table_width).name
                callbacks.on_message(
                    f"{recipe.name} starts from {table}, {description(table, recipe.table_width)}"
                )
            ready.append(recipe)
        except (DataError, MissingExtraError) as error:
            if named:
                raise
            callbacks.on_message(f"{recipe.name} is left out: {error}")
    return ready


def _fitted(recipe: Recipe, settings: Settings, train: Corpus, seed: int) -> TextModel:
    if recipe.draw is None:
        return fit(train, settings)
    rows, held_out = _drawn(recipe, train, seed)
    extra = FitInput(validation=train.subset(held_out), vocabulary_texts=train.texts)
    return fit(train.subset(rows), settings, extra)


def _drawn(recipe: Recipe, train: Corpus, seed: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The rows that a recipe draws for training and for validation, others for each seed."""
    assert recipe.draw is not None
    n_train, n_validation = recipe.draw
    rows = np.random.default_rng([seed, 3]).permutation(len(train))
    return rows[:n_train], rows[n_train : n_train + n_validation]


def in_keras_order(data: Dataset) -> Dataset:
    """The reviews in the order in which Keras' `imdb.load_data` gives them."""
    n_test = len(data.test) if data.test is not None else 0
    train_rows, _ = shuffled_orders(len(data.train), n_test)
    return dataclasses.replace(data, train=data.train.subset(train_rows))


def _value(recipe: Recipe, model: TextModel, data: Dataset, threads: int | None) -> float:
    if recipe.metric == LAST_VALIDATION:
        return model.history.history["val_accuracy"][-1]
    if recipe.metric == BEST_VALIDATION:
        return max(model.history.history["val_accuracy"])
    assert data.test is not None
    return score_on(model, data.test, threads).accuracy


def _nearest(model: TextModel, word: str) -> tuple[str, ...]:
    found = neighbors(model.vectors(), word, n=_NEIGHBORS - 1, metric="euclidean")
    return (word, *(neighbor.word for neighbor in found))
