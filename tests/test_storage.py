"""A model on disk: bit-exact there and back, every damage named, nothing replaced that is no model."""

from __future__ import annotations

import itertools
import json
import pickle
import shutil

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from safetensors.numpy import load as safetensors_of

from wordloom import storage
from wordloom.corpus import Corpus
from wordloom.errors import DataError, UsageError
from wordloom.fit import fit
from wordloom.settings import Settings, without_unused
from wordloom.storage import CARD, CONFIG, VOCABULARY, WEIGHTS, StoredModel, check_target, escaped, unescaped
from wordloom.text_model import TextModel

FILES = [CONFIG, VOCABULARY, WEIGHTS]
ODD_WORDS = [*'\\\x00\t \x1f\x85\xa0\u2028\ufeff\ud800"{', "\\n", "a\\u0041", "line\nfeed", "car\rriage"]
ODD_WORDS += ["\\\\\n", "\udfff\ud800", "caf\u00e9", "\U0001f600"]


def odd_words(text):
    return text.split("|")


def model(words=("good", "bad", "film"), labels=("neg", "pos"), **changes):
    texts = ["|".join(words), "|".join(reversed(words)), words[0], words[-1]]
    settings = {"dimensions": 4, "epochs": 2, "random_state": 0, "tokenizer": odd_words}
    corpus = Corpus(texts, [labels[i % 2] for i in range(4)], name="small")
    return fit(corpus, without_unused(Settings(**(settings | changes))))


@pytest.fixture
def folder(tmp_path):
    model(tokenizer=None).save(tmp_path / "model")
    return tmp_path / "model"


def stored(number=1, words=("one",)):
    return StoredModel({"number": number}, list(words), {"array": np.full(1000, number, dtype=np.float32)})


def message(path):
    with pytest.raises(DataError) as caught:
        TextModel.load(path)
    return str(caught.value)


@pytest.mark.parametrize(
    ("architecture", "ids"),
    [
        *itertools.product(["mean", "max", "pooled", "flatten"], ["plain", "plain-unknown", "imdb"]),
        # Keras compiles for seconds, and what is stored of the words does not depend on the layers
        ("cnn", "imdb"),
        pytest.param("bilstm", "plain-unknown", marks=pytest.mark.exhaustive),
    ],
)
def test_a_model_comes_back_bit_by_bit(tmp_path, architecture, ids):
    made = model(ODD_WORDS, architecture=architecture, ids=ids, hidden=3, units=3, lower=False)
    made.save(tmp_path / "model")
    back = TextModel.load(tmp_path / "model", odd_words)
    assert list(back.vocabulary.words) == list(made.vocabulary.words)
    assert set(back.vocabulary.words) == set(ODD_WORDS)
    for one, other in (
        (made.network.arrays(), back.network.arrays()),
        (
            {"counts": made.vocabulary.counts, "documents": made.vocabulary.document_counts},
            {"counts": back.vocabulary.counts, "documents": back.vocabulary.document_counts},
        ),
    ):
        for name, array in one.items():
            assert other[name].dtype == array.dtype
            np.testing.assert_array_equal(other[name], array)
    assert back.network.shape == made.network.shape
    assert back.vocabulary.convention == made.vocabulary.convention
    assert back.vocabulary.n_documents == made.vocabulary.n_documents
    assert back.tokenizer == made.tokenizer
    assert back.labels == made.labels
    assert back.history == made.history
    assert back.record == made.record
    texts = ["|".join(ODD_WORDS), "", "zebra", "good"]
    np.testing.assert_array_equal(back.predict_proba(texts), made.predict_proba(texts))


@pytest.mark.parametrize("labels", [("neg", "pos"), (0, 1), (-5, 2**40), ("\ud800", "a\nb"), ("", "\u00e9")])
def test_labels_keep_their_type_and_characters(tmp_path, labels):
    made = model(labels=labels)
    made.save(tmp_path / "model")
    back = TextModel.load(tmp_path / "model", odd_words)
    assert back.labels == made.labels
    assert [type(label) for label in back.labels] == [type(label) for label in labels]


def test_a_loaded_model_saves_to_the_same_bytes(tmp_path, folder):
    TextModel.load(folder).save(tmp_path / "again")
    for name in FILES:
        assert (tmp_path / "again" / name).read_bytes() == (folder / name).read_bytes()


@given(st.text(alphabet=st.characters() | st.sampled_from("\\nru\n\r0d8\ud800\udfff")))
def test_any_word_stands_on_one_line_and_comes_back(word):
    line = escaped(word)
    assert "\n" not in line
    assert "\r" not in line
    assert unescaped(line.encode().decode()) == word


def test_the_folder_holds_three_files_of_data_a_card_and_no_code(folder, monkeypatch):
    assert sorted(file.name for file in folder.iterdir()) == sorted([*FILES, CARD])
    config = json.loads((folder / CONFIG).read_text(encoding="ascii"))
    assert list(config)[:2] == ["format", "sha256"]
    assert set(safetensors_of((folder / WEIGHTS).read_bytes())) >= {"embedding", "output"}
    for name in FILES:
        assert (folder / name).read_bytes()[:1] != b"\x80"  # how a pickle begins

    def refuse(*_, **__):
        raise AssertionError("unpickled")

    for name in ("load", "loads", "Unpickler"):
        monkeypatch.setattr(pickle, name, refuse)
    TextModel.load(folder)


def test_the_record_says_how_the_model_came_about(folder):
    record = TextModel.load(folder).record
    assert record["seed"] == 0
    assert record["settings"]["dimensions"] == 4
    assert record["data"]["texts"] == 4
    assert record["data"]["classes"] == {"neg": 2, "pos": 2}
    assert set(record) >= {"wordloom", "python", "numpy", "seconds"}


def test_a_file_is_never_replaced(tmp_path):
    (tmp_path / "file").write_text("mine")
    for refused in (check_target, lambda path: storage.save(stored(), path)):
        with pytest.raises(UsageError, match="is a file; a model is a folder"):
            refused(tmp_path / "file")
    assert (tmp_path / "file").read_text() == "mine"


@pytest.mark.parametrize(
    "content",
    [
        {"thesis.txt": "mine"},
        {
            "config.json": '{"model_type": "bert"}',
            "weights.safetensors": "theirs",
            "vocabulary.txt": "theirs",
        },
        {"config.json": "not JSON"},
        {"config.json": "[1]"},
        {"vocabulary.txt": "", "weights.safetensors": ""},
    ],
)
def test_a_folder_that_is_no_model_is_never_replaced(tmp_path, content):
    for name, text in content.items():
        (tmp_path / name).write_text(text)
    for refused in (check_target, lambda path: storage.save(stored(), path)):
        with pytest.raises(UsageError, match="not a wordloom model, so it is not replaced"):
            refused(tmp_path)
    assert {file.name: file.read_text() for file in tmp_path.iterdir()} == content


def test_the_current_folder_is_never_replaced(tmp_path, monkeypatch):
    (tmp_path / "inside").mkdir()
    monkeypatch.chdir(tmp_path / "inside")
    for path in (".", "..", tmp_path, ""):
        with pytest.raises(UsageError, match="is the current folder or one above it"):
            storage.save(stored(), path)


def test_an_empty_folder_and_a_damaged_model_may_be_replaced(tmp_path):
    (tmp_path / "model").mkdir()
    storage.save(stored(1), tmp_path / "model")
    (tmp_path / "model" / CONFIG).write_bytes(b"{ truncated")
    storage.save(stored(2), tmp_path / "model")
    assert storage.load(tmp_path / "model").config["number"] == 2


def test_missing_parents_are_made(tmp_path):
    storage.save(stored(), tmp_path / "a" / "b" / "model")
    assert storage.load(tmp_path / "a" / "b" / "model").words == ["one"]


def test_a_link_to_a_model_stays_a_link(tmp_path):
    storage.save(stored(1), tmp_path / "real")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    storage.save(stored(2), tmp_path / "link")
    assert (tmp_path / "link").is_symlink()
    assert (
        storage.load(tmp_path / "real").config["number"]
        == storage.load(tmp_path / "link").config["number"]
        == 2
    )


def test_other_files_in_a_model_survive_a_new_save(tmp_path):
    target = tmp_path / "model"
    storage.save(stored(1), target)
    (target / "notes.txt").write_text("mine")
    (target / "plots").mkdir()
    (target / "plots" / "loss.png").write_bytes(b"picture")
    storage.save(stored(2), target)
    assert (target / "notes.txt").read_text() == "mine"
    assert (target / "plots" / "loss.png").read_bytes() == b"picture"
    assert storage.load(target).config["number"] == 2
    assert [path.name for path in tmp_path.iterdir()] == ["model"]


def test_an_own_tokenizer_is_saved_by_name_and_asked_for(tmp_path):
    model().save(tmp_path / "model")
    config = json.loads((tmp_path / "model" / CONFIG).read_text())
    assert config["tokenizer"]["function"] == f"{__name__}:odd_words"
    assert "tokenizer_function=" in message(tmp_path / "model")
    with pytest.raises(DataError, match=r"odd_words'; the one handed over is called 'stored'"):
        TextModel.load(tmp_path / "model", stored)
    assert TextModel.load(tmp_path / "model", odd_words).predict(["good|bad"])


def test_a_function_without_a_name_is_refused_before_anything_is_written(tmp_path, folder):
    before = (folder / WEIGHTS).read_bytes()
    nameless = model(tokenizer=lambda text: text.split())
    for path in (folder, tmp_path / "new"):
        with pytest.raises(UsageError, match="cannot be saved: it has no name"):
            nameless.save(path)
    assert not (tmp_path / "new").exists()
    assert (folder / WEIGHTS).read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["model"]


def test_a_moved_model_is_the_same_model(tmp_path, folder):
    shutil.move(folder, tmp_path / "elsewhere")
    assert TextModel.load(tmp_path / "elsewhere").labels == ("neg", "pos")
