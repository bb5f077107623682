"""The results of recipes as Markdown, JSON, pictures and the files that the tutorials write."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from wordloom import __version__
from wordloom.atomic import replacing_file
from wordloom.recipes.recipe_runs import RecipeResult
from wordloom.recipes.vector_tables import description


def published_text(published: float | tuple[float, float] | Sequence[float]) -> str:
    """ "86.26 %", or "75 to 76 %" for a range."""
    if isinstance(published, float | int):
        return f"{_percent(published)} %"
    low, high = published
    return f"{_percent(low)} to {_percent(high)} %"


def _percent(share: float) -> str:
    return f"{100 * share:.2f}".rstrip("0").rstrip(".")


def ours_text(result: RecipeResult) -> str:
    """ "87.12 +- 0.21 %": mean and standard deviation over seeds."""
    spread = "" if result.std is None else f" ± {100 * result.std:.2f}"
    return f"{100 * result.mean:.2f}{spread} %"


def table_rows(results: Sequence[RecipeResult]) -> list[list[str]]:
    """Header and one row a recipe, as text."""
    rows = [["recipe", "metric", "published", "wordloom", "difference", "seconds"]]
    for result in results:
        difference = 100 * result.recipe.difference(result.mean)
        rows.append(
            [
                result.recipe.name,
                result.recipe.metric,
                published_text(result.recipe.published),
                ours_text(result),
                f"{difference:+z.2f}",
                f"{np.median(result.seconds):.2f}",
            ]
        )
    return rows


def _seeds_text(results: Sequence[RecipeResult]) -> str:
    """How many seeds there were; of a run that was interrupted some recipes have fewer."""
    numbers = sorted({len(result.values) for result in results}) or [0]
    fewest = f"{numbers[0]} to " if len(numbers) > 1 else ""
    return f"{fewest}{numbers[-1]} seed{'s' if numbers[-1] != 1 else ''}"


def markdown(results: Sequence[RecipeResult]) -> str:
    """A page with the table, sources, neighbors and how it was measured."""
    header, *rows = table_rows(results)
    lines = ["# The tutorials' experiments", ""]
    lines += [
        f"Mean ± standard deviation over {_seeds_text(results)}; difference in points; "
        "seconds of fitting from raw texts (median).",
        "",
        "| " + " | ".join(header) + " |",
        "|" + "---|" * len(header),
        *("| " + " | ".join(row) + " |" for row in rows),
        "",
    ]
    for result in results:
        lines += [
            f"- **{result.recipe.name}**: {result.recipe.about}. Published: {result.recipe.source}."
            f"{_table_text(result)}"
        ]
    for result in results:
        if result.nearest:
            lines += ["", *_neighbor_lines(result)]
    cores = os.cpu_count()
    lines += [
        "",
        f"wordloom {__version__}, Python {platform.python_version()}, NumPy {np.__version__}, {cores} cores, "
        f"{platform.system()} {platform.machine()}.",
    ]
    return "\n".join(lines) + "\n"


def _table_text(result: RecipeResult) -> str:
    found = result.model.record.get("vectors") if result.model is not None else None
    if found is None:
        return ""
    about = description(found["name"], result.recipe.table_width)
    return (
        f" Here the vectors are those of {found['name']}, {about} ({found['dimensions']} dimensions); "
        f"it holds {found['words_known']:,} of the {found['words']:,} words."
    )


def _neighbor_lines(result: RecipeResult) -> list[str]:
    published = result.recipe.published_neighbors
    shared = len(set(published) & set(result.nearest) - {result.recipe.neighbors_of})
    return [
        f"The 20 words nearest to *{result.recipe.neighbors_of}* ({result.recipe.name}, Euclidean distance):",
        "",
        f"- published: {' '.join(published)}",
        f"- wordloom: {' '.join(result.nearest)}",
        "",
        f"{shared} of the {len(published) - 1} published words are among ours.",
    ]


def write_reports(results: Sequence[RecipeResult], folder: str | os.PathLike[str]) -> list[Path]:
    """Write table, pictures and what the tutorials write into a folder; the files in the order written.

    Pictures need matplotlib and are left out without it.
    """
    target = Path(folder)
    written = [
        _text(target / "reproduce.md", markdown(results)),
        _text(target / "reproduce.json", json.dumps([r.to_config() for r in results], indent=1) + "\n"),
    ]
    for result in results:
        if result.recipe.vectors_file and result.model is not None:
            file = target / result.recipe.name / result.recipe.vectors_file
            result.model.vectors().save(file, "glove")
            written.append(file)
        if result.recipe.model_folder and result.model is not None:
            written.append(target / result.recipe.name / result.recipe.model_folder)
            result.model.save(written[-1])
    return written + _pictures(results, target)


def _pictures(results: Sequence[RecipeResult], target: Path) -> list[Path]:
    from wordloom import plots
    from wordloom.errors import MissingExtraError

    written = []
    try:
        picture = plots.reproduction([result.to_config() for result in results])
        written.append(_saved(picture, target / "reproduce.png"))
        for result in results:
            if result.curve:
                points = plots.label_curve([point.to_config() for point in result.curve])
                written.append(_saved(points, target / result.recipe.name / "label-curve.png"))
            if result.model is not None:
                curves, _ = plots.history(result.model.history)
                written.append(_saved(curves, target / result.recipe.name / "history.png"))
    except MissingExtraError:
        return []
    return written


def _saved(picture: object, file: Path) -> Path:
    from wordloom import plots

    plots.save(picture, file)  # type: ignore[arg-type]
    return file


def _text(file: Path, text: str) -> Path:
    with replacing_file(file) as temporary:
        temporary.write_text(text, encoding="utf-8")
    return file
