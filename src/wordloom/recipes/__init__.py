"""The published experiments, as data, run over several seeds beside their published figures."""

from wordloom.recipes.recipe import METRICS, Recipe, chosen, names, recipes
from wordloom.recipes.recipe_report import markdown, table_rows, write_reports
from wordloom.recipes.recipe_runs import RecipeResult, run_recipes

__all__ = [
    "METRICS",
    "Recipe",
    "RecipeResult",
    "chosen",
    "markdown",
    "names",
    "recipes",
    "run_recipes",
    "table_rows",
    "write_reports",
]
