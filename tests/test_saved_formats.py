"""What earlier versions saved is read: models with their answers, vectors with their rows, checkpoints."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from saved import write
from wordloom.architectures import ARCHITECTURES
from wordloom.text_model import TextModel
from wordloom.vectors import WordVectors
from wordloom.vectors.learning import DocumentVectors, learn_document_vectors, learn_word_vectors

SAVED = Path(__file__).parent / "saved"
MODELS = sorted(path.parent for path in SAVED.glob("*/models/*/answers.json"))
VECTORS = sorted(path.parent for path in SAVED.glob("*/vectors/answers.json"))
TABLES = ("glove.txt", "word2vec.vec", "word2vec-binary.bin", "table.safetensors", "projector")


def named(path: Path) -> str:
    return "-".join(path.relative_to(SAVED).parts)


def answers_in(folder: Path) -> dict:
    return json.loads((folder / "answers.json").read_text(encoding="utf-8"))


def assert_answers(folder: Path, expected: dict) -> None:
    model = TextModel.load(folder)
    assert list(model.labels) == expected["labels"]
    np.testing.assert_allclose(
        write.probabilities_of(model, expected["texts"]), expected["probabilities"], rtol=0, atol=1e-6
    )


@pytest.fixture
def vectors(request, tmp_path):
    """A copy of what was saved, since checkpoints are written over."""
    return Path(shutil.copytree(request.param, tmp_path / "vectors"))


every_version = pytest.mark.parametrize("vectors", VECTORS, indirect=True, ids=named)


def test_something_of_every_architecture_and_of_every_format_was_saved():
    formats = set()
    for version in SAVED.glob("*/models"):
        expected = write.NEW.get(version.parent.name, write.MODELS)
        assert {path.name for path in version.iterdir()} == set(expected)
        configs = [json.loads((path / "config.json").read_text()) for path in version.iterdir()]
        assert {config["wordloom"] for config in configs} == {version.parent.name}
        formats |= {config["format"] for config in configs}
    assert formats == {1, 2, 3, 4, 6}  # 5 is that of fastText's models, which are made from their files
    assert MODELS
    assert VECTORS


@pytest.mark.parametrize("folder", MODELS, ids=named)
def test_a_model_of_an_older_version_answers_as_it_did(folder):
    assert_answers(folder, answers_in(folder))


@pytest.mark.parametrize("folder", MODELS, ids=named)
def test_a_model_of_an_older_version_is_saved_anew_and_answers_as_it_did(folder, tmp_path):
    TextModel.load(folder).save(tmp_path / "again")
    assert_answers(tmp_path / "again", answers_in(folder))


@every_version
@pytest.mark.parametrize("name", TABLES)
def test_vectors_of_an_older_version_are_the_same_words_and_rows(vectors, name):
    expected, table = answers_in(vectors), WordVectors.load(vectors / name)
    assert list(table.words) == expected["words"]
    assert np.array_equal(table.vectors, np.array(expected["vectors"], dtype=np.float32))


@every_version
def test_subwords_of_an_older_version_answer_words_that_were_never_seen(vectors):
    expected, table = answers_in(vectors)["learned"], WordVectors.load(vectors / "fasttext.bin")
    assert "films" in expected
    assert "films" not in table.words
    for word, row in expected.items():
        np.testing.assert_allclose(table[word], row, rtol=0, atol=1e-6)


@every_version
def test_vectors_of_documents_of_an_older_version_place_texts_as_they_did(vectors):
    found = DocumentVectors.load(vectors / "documents.safetensors").encode(write.PREDICTED)
    np.testing.assert_allclose(found, answers_in(vectors)["documents"], rtol=0, atol=1e-6)


@every_version
def test_learning_goes_on_from_a_checkpoint_of_an_older_version(vectors):
    expected = answers_in(vectors)
    words = learn_word_vectors(
        expected["texts"],
        write.WORD_SETTINGS,
        tokenizer=write.TOKENIZER,
        checkpoint=vectors / "words.checkpoint",
    )
    for word, row in expected["learned"].items():
        np.testing.assert_allclose(words[word], row, rtol=0, atol=1e-6)
    documents = learn_document_vectors(
        expected["texts"],
        write.DOCUMENT_SETTINGS,
        tokenizer=write.TOKENIZER,
        checkpoint=vectors / "documents.checkpoint",
    )
    np.testing.assert_allclose(documents.encode(write.PREDICTED), expected["documents"], rtol=0, atol=1e-6)


WRITTEN = write.MODELS | write.NEW["0.2.0"]


@pytest.mark.slow
@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=[pytest.mark.keras, pytest.mark.exhaustive])
        if ARCHITECTURES[settings["architecture"]].needs_keras
        else name
        for name, settings in WRITTEN.items()
    ],
)
def test_the_program_that_saves_one_of_each_format_writes_a_model_that_is_read(tmp_path, name):
    write.write_models(tmp_path, {name: WRITTEN[name]})
    assert_answers(tmp_path / name, answers_in(tmp_path / name))


@pytest.mark.slow
def test_the_program_that_saves_one_of_each_format_writes_all_files_of_vectors(tmp_path):
    write.write_vectors(tmp_path / "vectors")
    assert {path.name for path in (tmp_path / "vectors").iterdir()} == {
        path.name for path in VECTORS[0].iterdir()
    }


def test_what_a_model_learns_on_with_was_saved():
    model = TextModel.load(SAVED / "0.2.0" / "models" / "ngram-counts")
    counts = model.network.counts
    texts = write.corpus(len(model.labels))
    assert counts.of_rows(np.array([0])).tolist() == [[texts.counts()[label] for label in model.labels]]
