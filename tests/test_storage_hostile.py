"""A model folder whose checksums fit and whose contents do not: one clear error that names the entry."""

from __future__ import annotations

import dataclasses
import importlib
import json
import os
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest

from wordloom import storage
from wordloom.corpus import Corpus
from wordloom.errors import DataError
from wordloom.fit import fit
from wordloom.settings import Settings
from wordloom.storage import CONFIG, VOCABULARY, WEIGHTS, StoredModel
from wordloom.text.sequences import Ragged
from wordloom.text_model import TextModel

BENCHMARKS = Path(__file__).parent.parent / "benchmarks"
CORPUS = Corpus(["good film", "bad film", "good", "bad"] * 3, ["pos", "neg"] * 6)


@pytest.fixture(scope="module")
def benchmark():
    """The module that damages things for the benchmark."""
    sys.path.insert(0, str(BENCHMARKS))
    yield importlib.import_module("robustness")
    sys.path.remove(str(BENCHMARKS))


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """A folder with a model of each architecture that tests damage copies of."""
    folder = tmp_path_factory.mktemp("saved")
    for architecture, settings in (("ngram", {}), ("mean", {"dimensions": 4})):
        chosen = Settings(architecture=architecture, epochs=2, random_state=0, **settings)
        fit(CORPUS, chosen).save(folder / architecture)
    return folder


@pytest.fixture
def ngram(saved, tmp_path):
    return shutil.copytree(saved / "ngram", tmp_path / "ngram")


@pytest.fixture
def mean(saved, tmp_path):
    return shutil.copytree(saved / "mean", tmp_path / "mean")


def changed(folder, words=None, arrays=None, **entries):
    """Write other contents into a model folder, with checksums that fit; entries by their path with `__`."""
    whole = storage.load(folder)
    config = json.loads(json.dumps(dict(whole.config)))
    for place, value in entries.items():
        *parents, last = place.split("__")
        inside = config
        for parent in parents:
            inside = inside[parent]
        inside[last] = value
    storage.save(StoredModel(config, words or whole.words, {**whole.arrays, **(arrays or {})}), folder)


def message(folder):
    with pytest.raises(DataError) as caught:
        TextModel.load(folder)
    assert str(folder) in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("value", [-1_000_000, 1_000_000, 2**40, -1, 1.5, None, True, "2"])
@pytest.mark.parametrize("entry", ["network__first_word", "ids__index_from"])
def test_ids_that_would_read_outside_the_weights_are_refused_at_load(ngram, entry, value):
    changed(ngram, **{entry: value})
    message(ngram)


@pytest.mark.parametrize("entry", ["ids__index_from", "ids__start", "ids__unknown"])
@pytest.mark.parametrize("value", [1_000_000, -3, 2**31])
def test_ids_outside_the_embedding_are_refused_at_load(mean, entry, value):
    changed(mean, **{entry: value})
    message(mean)


def test_more_words_than_rows_are_refused_at_load(mean):
    whole = storage.load(mean)
    words = [*whole.words, *(f"more{i}" for i in range(100))]
    counts = {name: np.ones(len(words), np.int64) for name in ("word_counts", "word_document_counts")}
    changed(mean, words, counts)
    assert "needs a vocabulary of as many" in message(mean)


def test_a_word_that_stands_twice_is_refused(mean):
    whole = storage.load(mean)
    changed(mean, [whole.words[0], *whole.words[:-1]])
    assert "a word stands in the vocabulary twice" in message(mean)


@pytest.mark.parametrize(
    ("pairs", "says"),
    [
        (lambda pairs: pairs + 1000, "name rows that there are not"),
        (lambda pairs: pairs - 5, "name rows that there are not"),
        (lambda pairs: pairs[::-1], "do not rise"),
        (lambda pairs: np.concatenate([pairs[:1], pairs[:-1]]), "do not rise"),
        (lambda pairs: pairs.astype(np.int64), "should be int32"),
        (lambda pairs: pairs[:-1], "should have the shape"),
    ],
)
def test_ngrams_that_point_nowhere_are_refused(ngram, pairs, says):
    changed(ngram, arrays={"pairs": pairs(storage.load(ngram).arrays["pairs"])})
    assert says in message(ngram)


@pytest.mark.parametrize(
    ("entry", "value", "says"),
    [
        ("labels", ["a"], "'labels' names 1"),
        ("labels", ["a", "b", "c"], "'labels' names 3"),
        ("labels", ["a", "a"], "'labels' names 2"),
        ("labels", ["a", None], "the entry 'labels.1' must be a string or a whole number, not None"),
        ("labels", "ab", "the entry 'labels' must be a list"),
        ("kind", [], "the entry 'kind' must be a string"),
        ("n_documents", -1, "'n_documents' must be from 0"),
        ("network__maxlen", "x", "the entry 'network.maxlen' must be a whole number or null, not 'x'"),
        ("network__maxlen", 10**12, "'maxlen' must be from 1 to 1,000,000"),
        ("network__padded", 1, "the entry 'network.padded' must be true or false"),
        ("network__padding", "left", "'padding' must be one of pre, post, not 'left'"),
        ("network__dimensions", 10**30, "a number of more than 63 bits"),
        ("network__news", 1, "the entry 'network.news' is not known"),
        ("tokenizer__lower", "yes", "the entry 'tokenizer.lower' must be true or false"),
        ("tokenizer__split", "", "split must be at least one character"),
        ("tokenizer__function", "no colon", "'tokenizer.function' must be the name of a function"),
        ("training__history", {"loss": [1, "x"]}, "the entry 'training.history.loss.1' must be a number"),
        ("training__seconds", {}, "the entry 'training.seconds' must be a list"),
        ("record__settings", 3, "'record.settings' must be an object"),
    ],
)
def test_the_configuration_is_checked_as_a_whole_when_it_is_loaded(mean, entry, value, says):
    changed(mean, **{entry: value})
    assert says in message(mean)


@pytest.mark.parametrize("number", [0, -7, True, 1.0, "1", None])
def test_only_formats_that_there_are_can_be_read(mean, number, benchmark):
    config = json.loads((mean / CONFIG).read_text())
    (mean / CONFIG).write_text(json.dumps(config | {"format": number}))
    importlib.import_module("damage").reseal(mean)
    assert "it names no format" in message(mean)


def test_json_that_is_nested_deeply_or_has_a_number_without_end(mean):
    text = (mean / CONFIG).read_text()
    for odd, says in (("[" * 900 + "]" * 900, "nested more than 50 levels"), ("9" * 5000, "damaged")):
        (mean / CONFIG).write_text(text.replace('"neg"', odd, 1))
        assert says in message(mean)


def test_a_vocabulary_that_is_not_utf8_is_named_with_its_line(mean, benchmark):
    lines = (mean / VOCABULARY).read_bytes().split(b"\n")
    (mean / VOCABULARY).write_bytes(b"\n".join([lines[0], b"caf\xe9", *lines[2:]]))
    importlib.import_module("damage").reseal(mean)
    assert f"{VOCABULARY}, line 2: a word is not UTF-8" in message(mean)


@pytest.mark.parametrize(
    ("dtype", "shape"), [("BF16", [8, 4]), ("F8_E4M3", [8, 8]), ("F32", [2**62, 0]), ("U8", [1] * 70 + [64])]
)
def test_weights_of_a_type_or_shape_that_is_not_read(mean, benchmark, dtype, shape):
    n_bytes = 0 if 0 in shape else 64
    header = {"embedding": {"dtype": dtype, "shape": shape, "data_offsets": [0, n_bytes]}}
    text = json.dumps(header).encode()
    (mean / WEIGHTS).write_bytes(len(text).to_bytes(8, "little") + text + bytes(n_bytes))
    importlib.import_module("damage").reseal(mean)
    message(mean)


@pytest.mark.parametrize("number", [np.nan, np.inf, -np.inf])
def test_weights_that_are_not_finite_are_refused(mean, number):
    embedding = storage.load(mean).arrays["embedding"].copy()
    embedding[1, 1] = number
    changed(mean, arrays={"embedding": embedding})
    assert "'embedding' hold a number that is NaN or infinite" in message(mean)


@pytest.mark.parametrize("name", [CONFIG, VOCABULARY, WEIGHTS])
def test_a_device_a_pipe_and_a_file_larger_than_memory_are_not_read(mean, name):
    file = mean / name
    file.unlink()
    os.mkfifo(file)
    assert "is not an ordinary file but a pipe" in message(mean)
    file.unlink()
    file.symlink_to("/dev/zero")
    assert "is not an ordinary file but a device" in message(mean)
    file.unlink()
    with open(file, "wb") as stream:
        stream.truncate(1 << 40)
    assert "at most" in message(mean)


def test_arrays_from_python_are_checked_like_those_of_a_file(ngram, mean):
    model = TextModel.load(ngram)
    for arrays in ({"weights": model.network.weights[:-1]}, {"pairs": model.network.pairs + 50}):
        with pytest.raises(DataError):
            dataclasses.replace(model.network, **arrays)
    with pytest.raises(DataError, match="needs a vocabulary of as many"):
        TextModel(model.tokenizer, model.vocabulary, model.labels, TextModel.load(mean).network)
    for network in (model.network, TextModel.load(mean).network):
        for ids in ([-1], [10**6]):
            with pytest.raises(DataError, match="outside the embedding's"):
                network.probabilities(Ragged.from_lists([ids]))
        with pytest.raises(DataError, match="offsets do not rise"):
            network.probabilities(Ragged(np.ones(3, np.int32), np.array([0, 2, 1, 9])))


def test_damage_of_every_kind_ends_in_the_exact_result_or_a_clear_error(benchmark, tmp_path, monkeypatch):
    """A few dozen of the benchmark's cases; the benchmark runs 20,000, with compiled kernels."""
    monkeypatch.setenv("WORDLOOM_KERNELS", "plain")
    whole, own = tmp_path / "whole", tmp_path / "own"
    whole.mkdir()
    own.mkdir()
    benchmark.make(whole)
    shutil.copy(whole / benchmark.BESIDE, own)
    subjects = benchmark.subjects_in(whole)
    for number in range(80):
        subject = benchmark.subject_of(subjects, number)
        outcome, words = benchmark.outcome_of(subject, number, own)
        assert outcome in ("exact", "error", "other"), (number, subject.path.name, words)
