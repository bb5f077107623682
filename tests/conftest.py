"""What all tests share: the real data, where WORDLOOM_DATA names it, and Keras, where it is installed."""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path

import pytest
from hypothesis import settings

from wordloom.corpus import Dataset

settings.register_profile("any machine", deadline=None)  # no test depends on how long something takes
settings.load_profile("any machine")

# Files whose tests compile much, fit long or run whole commands; `make quick` leaves them out.
SLOW = {
    *("test_docs.py", "test_docs_site.py", "test_examples.py", "test_readme.py", "test_demo_command.py"),
    *("test_recipes.py", "test_comparing.py", "test_compare_command.py", "test_ctrl_c.py", "test_kills.py"),
    *("test_fit_streamed.py", "test_fit_ngram.py", "test_fit_documents.py", "test_fit_bad_input.py"),
    *("test_compiled_files.py", "test_storage_hostile.py", "test_calibration.py", "test_ngram_passes.py"),
    *("test_document_vectors.py", "test_decimal_kernels.py", "test_context_kernels.py", "test_pipes.py"),
}
TRAINED_BY_KERAS = {"lstm", "gru", "bilstm", "cnn"}


def pytest_collection_modifyitems(items):
    """Mark the slow tests, and by what they ask for those that need real data or Keras."""
    for item in items:
        if item.path.name in SLOW:
            item.add_marker("slow")
        values = item.callspec.params.values() if hasattr(item, "callspec") else ()
        named = {value.get("architecture") if isinstance(value, dict) else str(value) for value in values}
        fixtures = set(getattr(item, "fixturenames", ()))
        if fixtures & {"data_folder", "imdb_reviews"}:
            item.add_marker("data")
        if named & TRAINED_BY_KERAS or "keras" in fixtures:
            item.add_marker("keras")


def pytest_runtest_setup(item):
    """Skip what needs Keras where it is not installed."""
    if item.get_closest_marker("keras") and importlib.util.find_spec("keras") is None:
        pytest.skip("needs the extra: pip install 'wordloom[keras]'")


@pytest.fixture(scope="session")
def data_folder() -> Path:
    """The folder with the real data sets; tests that need it are skipped without it."""
    folder = os.environ.get("WORDLOOM_DATA")
    if not folder or not Path(folder).is_dir():
        pytest.skip("needs the real data sets: set WORDLOOM_DATA to their folder")
    return Path(folder)


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


@pytest.fixture(scope="session")
def keras():
    """The module, on JAX unless KERAS_BACKEND says otherwise; tests that need it are skipped without it."""
    if importlib.util.find_spec("keras") is None:
        pytest.skip("needs the extra: pip install 'wordloom[keras]'")
    from wordloom.models.keras.backend import keras_module

    return keras_module("Testing")
