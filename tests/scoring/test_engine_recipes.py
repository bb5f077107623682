"""The recipes for engines in docs/scoring.md keep the rows that scoring keeps, where these are installed."""

from __future__ import annotations

import re
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from shards import rows_of
from wordloom import TextModel
from wordloom.corpus import Corpus
from wordloom.fit import fit
from wordloom.scoring import ScoreSettings, score, scores_of
from wordloom.settings import Settings

PAGE = Path(__file__).parent.parent.parent / "docs" / "scoring.md"
RECIPES = re.findall(r"^```py\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
ENGINES = [re.search(r"(?:import|from) ([\w.]+)", recipe)[1] for recipe in RECIPES]


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A folder with the model "reviews" and the shards "corpus", which the recipes name."""
    parquet = pytest.importorskip("pyarrow.parquet", reason="needs pyarrow")
    from pyarrow import Table

    texts, labels = ["awful dull poor", "great superb lovely"] * 20, ["neg", "pos"] * 20
    settings = Settings(architecture="ngram", random_state=0, threads=1)
    fit(Corpus(texts, labels, name="tiny"), settings).save(tmp_path / "reviews")
    (tmp_path / "corpus").mkdir()
    for number in range(2):
        rows = [{"id": row["id"], "text": row["text"]} for row in rows_of(50, number)]
        parquet.write_table(Table.from_pylist(rows), tmp_path / "corpus" / f"part-{number}.parquet")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYSPARK_PYTHON", sys.executable)
    return tmp_path


def ids_in(place):
    """The ids in all Parquet files at or under a place."""
    from pyarrow import parquet

    files = [place] if place.is_file() else sorted(place.rglob("*.parquet"))
    return sorted(
        number for file in files for number in parquet.ParquetFile(file).read(["id"]).column("id").to_pylist()
    )


@pytest.mark.parametrize(("engine", "recipe"), [*zip(ENGINES, RECIPES, strict=True)], ids=ENGINES)
def test_an_engine_keeps_the_rows_that_scoring_keeps(place, engine, recipe):
    package = engine.partition(".")[0]
    if (found := find_spec(package)) is None or found.origin is None:  # a folder of tests is no package
        pytest.skip(f"needs {package}, which only this recipe uses")
    names = {"model": TextModel.load("reviews"), "TextModel": TextModel, "scores_of": scores_of, "Path": Path}
    exec(compile(recipe, engine, "exec"), names)
    score("reviews", "corpus", "kept", ScoreSettings(keep="pos>=0.9"))
    kept = ids_in(place / "kept")
    assert 0 < len(kept) < 100
    (best,) = place.glob("best*")
    assert ids_in(best) == kept


def test_there_is_a_recipe_for_each_engine():
    known = {engine.partition(".")[0] for engine in ENGINES}
    assert known == {"duckdb", "datasets", "pyspark", "dask", "datatrove"}
