"""The look-ups of a published tutorial in rows of the official GloVe file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from wordloom.vectors import WordVectors
from wordloom.vectors.formats import detect
from wordloom.vectors.word_vectors import UnknownWordError

NAME = "glove.6B.100d.sample.txt"


@pytest.fixture(scope="module")
def sample(data_folder: Path) -> Path:
    if not (data_folder / NAME).is_file():
        pytest.skip(f"needs {NAME} in {data_folder}")
    return data_folder / NAME


def test_rows_as_the_tutorial_prints_them(sample: Path) -> None:
    table = WordVectors.load(sample)
    assert table.words == ("after", "sky")
    assert table.dimensions == 100
    assert table["after"][:4].tolist() == np.float32([0.37711, -0.34471, 0.13405, -0.01171]).tolist()
    assert table["sky"][:4].tolist() == np.float32([-0.19728, -0.19332, 0.47003, -0.20349]).tolist()
    assert detect(sample) == "glove"


def test_every_number_is_that_of_the_text(sample: Path) -> None:
    table = WordVectors.load(sample)
    for line in sample.read_text(encoding="utf-8").splitlines():
        word, *numbers = line.split(" ")
        assert np.array_equal(table[word], np.array(numbers, dtype=np.float64).astype(np.float32))


def test_a_word_that_is_not_there_is_named(sample: Path) -> None:
    table = WordVectors.load(sample)
    assert "is" not in table
    with pytest.raises(UnknownWordError, match=r"glove.6B.100d.sample.*there is no vector for 'is'"):
        table["is"]
    with pytest.raises(KeyError):  # code that takes the table for a dictionary
        table["is"]


def test_written_and_read_again(sample: Path, tmp_path: Path) -> None:
    table = WordVectors.load(sample)
    table.save(tmp_path / "again.txt")
    assert np.array_equal(WordVectors.load(tmp_path / "again.txt").vectors, table.vectors)
