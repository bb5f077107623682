"""The real IMDB reviews, where WORDLOOM_DATA names a folder that holds them."""

from __future__ import annotations

from pathlib import Path

import pytest

from wordloom.corpus import Dataset


@pytest.fixture(scope="session")
def imdb_reviews(data_folder: Path, request, tmp_path_factory) -> Dataset:
    """The reviews as text; what was read once is kept in pytest's cache folder, not in the user's."""
    from wordloom import datasets
    from wordloom.datasets import imdb

    cache = getattr(request.config, "cache", None)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(
            "WORDLOOM_CACHE", str(cache.mkdir("wordloom") if cache else tmp_path_factory.mktemp("cache"))
        )
        if imdb.find() is None:
            pytest.skip(f"needs the IMDB reviews in {data_folder}")
        return datasets.load("imdb")
