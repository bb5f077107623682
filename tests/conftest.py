"""What all tests share: the real data, where WORDLOOM_DATA names it, Keras and a browser, where they are
installed."""

from __future__ import annotations

import importlib.util
import os
import shutil
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import settings

from slow_files import APART, LONGEST_FIRST, OF_A_MARK, SLOW
from wordloom.corpus import Dataset
from wordloom.datasets import demo
from wordloom.text import counting, ngram_finder, ngrams, vocabulary

settings.register_profile("any machine", deadline=None)  # no test depends on how long something takes
settings.load_profile("any machine")

TRAINED_BY_KERAS = {"lstm", "gru", "bilstm", "cnn"}


def pytest_configure(config):
    """Keep what JAX compiles, which takes most of the time of Keras' tests, for other processes and runs.

    Each worker has a folder of its own: JAX does not write its files as a whole, so one that another process
    is writing may be read in part.
    """
    if hasattr(config, "cache"):
        worker = os.environ.get("PYTEST_XDIST_WORKER", "alone")
        os.environ["JAX_COMPILATION_CACHE_DIR"] = str(config.cache.mkdir(f"jax-{worker}"))
        os.environ.setdefault("JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS", "0")
        os.environ.setdefault("JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES", "-1")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """With `--dist loadfile` a file stays in one process, but tests of `APART` go to whichever is free."""
    if config.getvalue("dist") != "loadfile":
        return None
    from xdist.scheduler import LoadFileScheduling

    class Files(LoadFileScheduling):
        def _split_scope(self, nodeid):
            file = super()._split_scope(nodeid)
            return nodeid if file.rpartition("/")[2] in APART else file

    return Files(config, log)


def pytest_deselected(items):
    """Keep in a worker how many tests were left out, which only one process alone would say by itself."""
    told = getattr(items[0].config, "workeroutput", {})
    told["deselected"] = told.get("deselected", 0) + len(items)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node):
    """Every worker leaves the same tests out; the end of the run says how many."""
    reporter = node.config.pluginmanager.getplugin("terminalreporter")
    told = getattr(node, "workeroutput", {})
    if "deselected" in told:
        reporter.stats["deselected"] = [SimpleNamespace()] * told["deselected"]


def pytest_ignore_collect(collection_path, config):
    """Leave files unread of which every test is left out: to import them takes seconds in each process."""
    left_out = {mark for mark in OF_A_MARK if f"not {mark}" in config.option.markexpr}
    return True if any(collection_path.name in OF_A_MARK[mark] for mark in left_out) else None


def pytest_collection_modifyitems(items):
    """Put files that take long first, and mark what is slow or needs real data, Keras or a browser."""
    rank = {name: place for place, name in enumerate(LONGEST_FIRST)}
    items.sort(key=lambda item: rank.get(item.path.name, len(rank)))
    for item in items:
        if item.path.name in SLOW:
            item.add_marker("slow")
        values = item.callspec.params.values() if hasattr(item, "callspec") else ()
        named = {value.get("architecture") if isinstance(value, dict) else str(value) for value in values}
        fixtures = set(getattr(item, "fixturenames", ()))
        if fixtures & {"data_folder", "imdb_reviews"}:
            item.add_marker("data")
        if fixtures & {"chromium", "browser_page"}:
            item.add_marker("browser")
        if named & TRAINED_BY_KERAS or "keras" in fixtures:
            item.add_marker("keras")


def pytest_runtest_setup(item):
    """Skip what needs Keras where it is not installed."""
    if item.get_closest_marker("keras") and importlib.util.find_spec("keras") is None:
        pytest.skip("needs the extra: pip install 'wordloom[keras]'")


@pytest.fixture(autouse=True, scope="session")
def threads_share_small_work_too():
    """So that small texts show what several threads make of large ones."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(counting, "BYTES_OF_A_THREAD", 1)
        patch.setattr(vocabulary, "BYTES_OF_A_THREAD", 1)
        patch.setattr(ngrams, "PLACES_OF_A_THREAD", 1)
        patch.setattr(ngram_finder, "_IDS_OF_A_THREAD", 1)
        yield


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


@pytest.fixture
def compiled_kernels(monkeypatch):
    """Compiled kernels for work of any size, where it is not kernels that are tested.

    Loaded code takes a fraction of the time that the plain twins take on hundreds of texts.
    """
    monkeypatch.setenv("WORDLOOM_KERNELS", "compiled")


@pytest.fixture
def demo_reviews(request, monkeypatch):
    """All of the built-in reviews or some: examples that run on some of them say as much in a fraction."""
    if request.param == "some":
        monkeypatch.setattr(demo, "SIZES", {"train": 1200, "test": 400})


@pytest.fixture
def workers_here(monkeypatch):
    """What comparisons and searches ask of worker processes is done in this one, without their starts.

    For tests of what is done with the answers; what the processes themselves are for is tested elsewhere.
    """
    from wordloom.comparison import contender_worker
    from wordloom.tuning import trial_worker
    from wordloom.worker_process import WorkerProcess

    modules = {module.__name__: module for module in (contender_worker, trial_worker)}
    in_a_process = WorkerProcess.ask

    def ask(worker, request, seconds=None):
        *_, name, folder = worker.command
        if name not in modules:
            yield from in_a_process(worker, request, seconds)
            return
        answers = []
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(modules[name], "serve", lambda handle: handle(dict(request), answers.append))
            modules[name].main(Path(folder))
        yield from answers

    monkeypatch.setattr(WorkerProcess, "ask", ask)


@pytest.fixture(scope="session")
def keras():
    """The module, on JAX unless KERAS_BACKEND says otherwise; tests that need it are skipped without it."""
    if importlib.util.find_spec("keras") is None:
        pytest.skip("needs the extra: pip install 'wordloom[keras]'")
    from wordloom.models.keras.backend import keras_module

    return keras_module("Testing")


@pytest.fixture
def weights_not_drawn(keras, monkeypatch):
    """Layers of Keras begin with zeros, for tests that give them their weights.

    JAX compiles the draws of each shape, which takes longer than what is tested.
    """

    def zeros(initializer, shape, dtype=None):
        return np.zeros(shape, dtype or "float32")

    for name in ("RandomUniform", "VarianceScaling", "Orthogonal"):
        monkeypatch.setattr(getattr(keras.initializers, name), "__call__", zeros)


# Nothing that Chromium does by itself may reach for the network.
_QUIET = (
    *("--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync"),
)


@pytest.fixture(scope="module")
def chromium():
    """A headless Chromium, driven by Playwright; tests that need one are skipped without it.

    It ends with its module: Playwright keeps an event loop in this thread, where other tests run their own.
    """
    if importlib.util.find_spec("playwright") is None:
        pytest.skip("needs Playwright: pip install 'wordloom[dev]'")
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if program is None:
        pytest.skip("needs Chromium: apt install chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program, args=list(_QUIET), chromium_sandbox=False
        )
        yield browser
        browser.close()


@pytest.fixture
def browser_page(chromium):
    """A function that opens an address in a page of its own, with options as Playwright's contexts have them.

    The test fails on any request to another place than where the page comes from, on any message of error on
    its console, and on any exception in its scripts.
    """
    contexts, wrong = [], []

    def opened(address: str, **options):
        context = chromium.new_context(**options)
        contexts.append(context)
        context.set_default_timeout(20_000)
        page = context.new_page()
        home = address if address.startswith("file:") else "/".join(address.split("/", 3)[:3]) + "/"
        inside = (home, "data:", "blob:")
        page.on("request", lambda one: one.url.startswith(inside) or wrong.append(f"request: {one.url}"))
        page.on("console", lambda one: one.type == "error" and wrong.append(f"console: {one.text}"))
        page.on("pageerror", lambda one: wrong.append(f"exception: {one}"))
        page.goto(address)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert not wrong, "\n".join(wrong)
