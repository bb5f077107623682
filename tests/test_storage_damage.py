"""A damaged model folder: what is missing, truncated or altered is named before anything is used."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pytest

from wordloom import storage
from wordloom.corpus import Corpus
from wordloom.errors import DataError
from wordloom.fit import fit
from wordloom.settings import Settings
from wordloom.storage import CONFIG, FORMAT, VOCABULARY, WEIGHTS, StoredModel
from wordloom.text_model import TextModel

FILES = [CONFIG, VOCABULARY, WEIGHTS]


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    corpus = Corpus(["good film", "bad film", "good", "bad"], ["pos", "neg"] * 2)
    folder = tmp_path_factory.mktemp("saved") / "model"
    fit(corpus, Settings(dimensions=4, epochs=2, random_state=0)).save(folder)
    return folder


@pytest.fixture
def folder(saved, tmp_path):
    return shutil.copytree(saved, tmp_path / "model")


def message(path):
    with pytest.raises(DataError) as caught:
        TextModel.load(path)
    return str(caught.value)


@pytest.mark.parametrize("name", FILES)
def test_a_missing_file_is_named(folder, name):
    (folder / name).unlink()
    says = f"it has no {CONFIG}" if name == CONFIG else f"{name} is missing: the model folder is not complete"
    assert says in message(folder)


@pytest.mark.parametrize("name", FILES)
def test_every_truncation_is_noticed(folder, name):
    whole = (folder / name).read_bytes()
    last = len(whole) - (2 if name == CONFIG else 1)  # the config's last line feed means nothing
    for length in sorted({0, 1, last, *np.random.default_rng(0).integers(0, last, 15).tolist()}):
        (folder / name).write_bytes(whole[:length])
        says = message(folder)
        assert name in says
        assert "Restore a copy" in says
        assert ("damaged" if name == CONFIG else "truncated") in says


@pytest.mark.parametrize("name", FILES)
def test_every_altered_byte_is_noticed(folder, name):
    whole = (folder / name).read_bytes()
    meaning = TextModel.load(folder)
    for place in np.random.default_rng(1).integers(0, len(whole), 40).tolist():
        altered = bytearray(whole)
        altered[place] ^= 1 << (place % 8)
        (folder / name).write_bytes(altered)
        try:
            back, says = TextModel.load(folder), ""
        except DataError as error:
            back, says = None, str(error)
        if back is None:
            assert str(folder) in says
        else:  # another spelling of the same JSON, such as a digit more than a number has
            assert name == CONFIG
            assert (back.record, back.history) == (meaning.record, meaning.history)


def test_added_bytes_are_noticed(folder):
    for name in (VOCABULARY, WEIGHTS):
        whole = (folder / name).read_bytes()
        (folder / name).write_bytes(whole + b"\n")
        assert f"{name} is altered: it has {len(whole) + 1:,} bytes" in message(folder)
        (folder / name).write_bytes(whole)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "config.json is damaged"),
        (b"{", "config.json is damaged"),
        (b"\xff\xfe", "config.json is damaged"),
        (b"[" * 100_000, "config.json is damaged"),
        (b"[]", "names no format"),
        (b"{}", "names no format"),
        (b'{"format": "1"}', "names no format"),
        (b'{"format": 1}', "config.json was altered"),
        (
            json.dumps({"format": FORMAT + 1, "wordloom": "9.1"}).encode(),
            f"was written in format {FORMAT + 1} by wordloom 9.1; this is wordloom",
        ),
        (b'{"format": 99}', "was written in format 99 by wordloom (unknown)"),
    ],
)
def test_a_config_that_is_none_of_ours(folder, content, says):
    (folder / CONFIG).write_bytes(content)
    assert says in message(folder)


def test_a_newer_format_names_the_way_out(folder):
    config = json.loads((folder / CONFIG).read_text())
    (folder / CONFIG).write_text(json.dumps(config | {"format": FORMAT + 1}))
    says = message(folder)
    assert f"reads formats up to {FORMAT}" in says
    assert "Upgrade" in says


@pytest.mark.parametrize(
    "change",
    [
        {"network": None},
        {"network": {}},
        {"labels": None},
        {"ids": {"start": 1, "begin": 2}},
        {"training": []},
        {"n_documents": None, "network": "mean"},
    ],
)
def test_a_whole_folder_with_contents_that_do_not_fit(folder, change):
    whole = storage.load(folder)
    storage.save(StoredModel({**whole.config, **change}, whole.words, whole.arrays), folder)
    assert "the model's config and weights do not fit" in message(folder)


def test_weights_of_another_shape(folder):
    whole = storage.load(folder)
    arrays = {**whole.arrays, "embedding": whole.arrays["embedding"][:-1]}
    storage.save(StoredModel(whole.config, whole.words, arrays), folder)
    assert "the weights 'embedding' should have the shape" in message(folder)


def test_paths_that_are_no_models(tmp_path):
    assert f"There is no model folder {tmp_path / 'none'}" in message(tmp_path / "none")
    assert "is not a wordloom model: it has no config.json" in message(tmp_path)
    (tmp_path / "file").write_text("")
    assert "is a file; a wordloom model is a folder" in message(tmp_path / "file")
