"""`wordloom reproduce`: published experiments run again, our figures beside the published ones."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from wordloom.cli.command import Command, json_option, seed_option, threads_option
from wordloom.cli.failures import SUCCESS, as_far_as_it_came
from wordloom.cli.printing import count, heading, pairs, print_json, say, table
from wordloom.cli.writing import check_targets, overwrite_option, writing_to

if TYPE_CHECKING:
    from wordloom.recipes import RecipeResult


@click.command(
    cls=Command,
    examples=[
        "wordloom reproduce --list",
        "wordloom reproduce --seeds 3 --out reproduced",
        "wordloom reproduce flatten-50d --seeds 1 --json",
    ],
)
@click.argument("recipe", nargs=-1, metavar="[RECIPE]...")
@click.option(
    "--seeds", metavar="N", type=click.IntRange(min=1), default=3, show_default=True, help="How many seeds."
)
@seed_option("The first seed.")
@threads_option
@click.option(
    "--vectors",
    metavar="FILE",
    help="Word vectors for the recipes that start from GloVe; the official file is looked for if not given.",
)
@click.option("--out", type=click.Path(path_type=Path), metavar="DIR", help="Folder for the reports.")
@overwrite_option
@click.option("--list", "only_list", is_flag=True, help="Name the recipes and stop.")
@json_option
def command(recipe: Sequence[str], only_list: bool, out: Path | None, as_json: bool, **run: Any) -> int:
    """Run published experiments on the IMDB reviews, each with several seeds, and show the published
    figure beside ours: mean, standard deviation, difference in percentage points, seconds of
    fitting.

    Without a RECIPE all of them are run; --list names them. With --out the table is also written as
    Markdown and JSON, with pictures and the files that the tutorials write.
    """
    from wordloom import recipes
    from wordloom.training.progress import Progress

    if only_list:
        _list(recipe, as_json)
        return SUCCESS
    recipes.chosen(recipe)
    check_targets(out, overwrite=run["overwrite"])
    with Progress() as progress:
        results, code = as_far_as_it_came(
            lambda: recipes.run_recipes(
                recipe,
                run["seeds"],
                first_seed=run["seed"],
                threads=run["threads"],
                vectors=run["vectors"],
                curves=out is not None,
                callbacks=[progress],
            )
        )
    files: list[Path] = []
    if out is not None:
        with writing_to(out):
            files = recipes.write_reports(results, out)
    if as_json:
        print_json([result.to_config() for result in results])
    else:
        _say(results, files)
    return code


def _list(names: Sequence[str], as_json: bool) -> None:
    from wordloom import recipes
    from wordloom.recipes.recipe_report import published_text

    wanted = recipes.chosen(names)
    if as_json:
        keys = ("name", "about", "metric", "published", "source")
        print_json([{key: getattr(each, key) for key in keys} for each in wanted])
        return
    for each in wanted:
        heading(each.name)
        published = f"{each.metric} {published_text(each.published)}\n{each.source}"
        pairs([("setting", each.about), ("published", published)])


def _say(results: Sequence[RecipeResult], files: Sequence[Path]) -> None:
    from wordloom.recipes import table_rows

    header, *rows = table_rows(results)
    table(header, rows, left=2, indent=0)
    for result in results:
        if result.nearest:
            say()
            say(
                f"Words nearest to {result.recipe.neighbors_of!r} ({result.recipe.name}, Euclidean distance):"
            )
            pairs(
                [
                    ("published", " ".join(result.recipe.published_neighbors)),
                    ("wordloom", " ".join(result.nearest)),
                ]
            )
    if files:
        say()
        say(f"Wrote {count(len(files), 'file')}:")
        for file in files:
            say(f"  {file}")
