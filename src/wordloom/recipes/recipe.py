"""A recipe: a published experiment as data, with its published figure and where that comes from."""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Any

from wordloom.errors import UsageError, did_you_mean
from wordloom.settings import Settings, from_names
from wordloom.vectors.learning.settings import LearningSettings

TEST = "test accuracy"
LAST_VALIDATION = "last validation accuracy"
BEST_VALIDATION = "best validation accuracy"
METRICS = (TEST, LAST_VALIDATION, BEST_VALIDATION)


@dataclass(frozen=True)
class Recipe:
    """One experiment.

    Parameters
    ----------
    name : what `wordloom reproduce` calls it
    about : the setting in one line
    metric : which of our numbers stands beside the published one, see METRICS
    published : the published figure as a share of 1, or (low, high)
    source : who published it
    settings : the model and its training, but for the seed
    vectors_file : file name for the learned vectors, as the tutorial writes them
    model_folder : folder name for the model, where the tutorial writes its weights
    neighbors_of : word whose 20 nearest words (Euclidean) the tutorial lists
    published_neighbors : these words, nearest first
    table_width : the width of the GloVe table that the tutorial starts from; 0 for no table
    draw : how many training and validation reviews are drawn at random, instead of all for training; the
        words are those of all training reviews
    seconds : that a fit took with two cores, to tell about how long a run will take; None if not measured
    learning : how document vectors are learned from all training reviews without labels, for a classifier on
        the drawn reviews' vectors (see `few_labels`), instead of a network
    """

    name: str
    about: str
    metric: str
    published: float | tuple[float, float]
    source: str
    settings: Settings
    vectors_file: str = ""
    model_folder: str = ""
    neighbors_of: str = ""
    published_neighbors: tuple[str, ...] = ()
    table_width: int = 0
    draw: tuple[int, int] | None = None
    learning: LearningSettings | None = None
    seconds: float | None = None

    def difference(self, value: float) -> float:
        """`value` minus the published figure; 0 inside a published range."""
        if isinstance(self.published, tuple):
            low, high = self.published
            return value - min(max(value, low), high)
        return value - self.published


def _from_toml(name: str, entry: Mapping[str, Any]) -> Recipe:
    values = {key: None if value == "none" else value for key, value in entry.get("settings", {}).items()}
    published = entry["published"]
    learning = LearningSettings(**entry["learning"]).checked() if "learning" in entry else None
    plain = ("vectors_file", "model_folder", "neighbors_of", "table_width", "seconds")
    rest = {key: entry[key] for key in plain if key in entry}
    return Recipe(
        name=name,
        about=entry["about"],
        metric=entry["metric"],
        published=tuple(published) if isinstance(published, list) else published,
        source=entry["source"],
        settings=from_names(values).checked(),
        learning=learning,
        draw=tuple(entry["draw"]) if "draw" in entry else None,
        published_neighbors=tuple(entry.get("published_neighbors", "").split()),
        **rest,
    )


@functools.cache
def recipes() -> dict[str, Recipe]:
    """Name -> recipe, in the order of the file."""
    text = resources.files("wordloom.recipes").joinpath("tutorials.toml").read_text(encoding="utf-8")
    return {name: _from_toml(name, entry) for name, entry in tomllib.loads(text).items()}


def names() -> list[str]:
    """The names of all recipes."""
    return list(recipes())


def chosen(wanted: Sequence[str]) -> list[Recipe]:
    """The recipes of these names, all of them for none; UsageError for an unknown name, with near ones."""
    known = recipes()
    for name in wanted:
        if name not in known:
            raise UsageError(f"There is no recipe {name!r}. {did_you_mean(name, known)}")
    return [known[name] for name in wanted or known]
