"""A file for each class, and questions with coarse and fine classes."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import pytest

from wordloom.errors import DataError, UsageError
from wordloom.readers import read_corpus


def files(root: Path, contents: dict[str, str], encoding: str = "utf-8") -> Path:
    for name, text in contents.items():
        data = text.encode(encoding)
        (root / name).write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    return root


@pytest.mark.parametrize(
    "names",
    [
        ("sentences.neg", "sentences.pos"),
        ("neg.txt", "pos.txt"),
        ("neg.txt.gz", "pos.txt"),
        ("sentences.neg.gz", "sentences.pos.gz"),
    ],
)
def test_the_class_is_what_tells_the_names_apart(tmp_path: Path, names: tuple[str, str]) -> None:
    about = {"README.txt": "read me", ".hidden": "no"}
    files(tmp_path, {**about, names[0]: "dull\n\nbad\u0085film\r\n", names[1]: "fine"})
    dataset = read_corpus(tmp_path)
    assert dataset.train.texts == ["dull", "bad\u0085film", "fine"]
    assert dataset.train.labels == ["neg", "neg", "pos"]
    assert dataset.test is None
    assert any("the classes are neg, pos" in note for note in dataset.notes)
    assert read_corpus(tmp_path, format="class-files").train == dataset.train


@pytest.mark.parametrize(
    "contents",
    [
        {"only.txt": "a"},
        {"a.csv": "text,label\na,x\nb,y", "a.pos": "x"},
        {"a.pos": "x", "b.neg": "y"},
        {"a": "x", "b": "y"},
    ],
)
def test_other_folders_are_not_taken_for_it(tmp_path: Path, contents: dict[str, str]) -> None:
    files(tmp_path, contents)
    with pytest.raises(DataError, match=r"no texts in a file for each class"):
        read_corpus(tmp_path, format="class-files")
    if "a.csv" not in contents:
        with pytest.raises(DataError, match=r"holds no labelled text .* a file for each class"):
            read_corpus(tmp_path)


def test_a_bad_byte_names_file_and_line(tmp_path: Path) -> None:
    files(tmp_path, {"a.neg": "dull\ncaf\u00e9\n", "a.pos": "fine\n"}, encoding="latin-1")
    with pytest.raises(DataError, match=r"a\.neg, line 2: .*--encoding latin-1"):
        read_corpus(tmp_path)
    assert read_corpus(tmp_path, encoding="latin-1").train.texts == ["dull", "caf\u00e9", "fine"]


QUESTIONS = "DESC:manner How did it begin ?\nNUM:dist How far is Aspen ?\n\nHUM:ind\tWho was he ?\n"


def test_questions(tmp_path: Path) -> None:
    files(tmp_path, {"train.label": QUESTIONS, "test.label": "NUM:date When ?\n"})
    dataset = read_corpus(tmp_path)
    assert dataset.train.texts == ["How did it begin ?", "How far is Aspen ?", "Who was he ?"]
    assert dataset.train.labels == ["DESC", "NUM", "HUM"]
    assert dataset.test is not None
    assert dataset.test.labels == ["NUM"]
    fine = read_corpus(tmp_path / "train.label", label="fine")
    assert fine.train.labels == ["DESC:manner", "NUM:dist", "HUM:ind"]
    with pytest.raises(UsageError, match=r"'coarse' or 'fine', not 'other'"):
        read_corpus(tmp_path / "train.label", label="other")


def test_a_line_of_another_form_is_named(tmp_path: Path) -> None:
    files(tmp_path, {"a.label": QUESTIONS + "no class here\n", "empty.label": "\n"})
    with pytest.raises(DataError, match=r"a\.label, line 5: 'COARSE:fine question' expected, found 'no cl"):
        read_corpus(tmp_path / "a.label", format="questions")
    with pytest.raises(DataError, match=r"holds no questions"):
        read_corpus(tmp_path / "empty.label", format="questions")


@pytest.mark.data
@pytest.mark.skipif("WORDLOOM_DATA" not in os.environ, reason="WORDLOOM_DATA names no folder of real data")
def test_the_real_sets() -> None:
    data = Path(os.environ["WORDLOOM_DATA"])
    polarity = read_corpus(data / "mr", encoding="latin-1").train
    assert polarity.counts() == {"neg": 5331, "pos": 5331}
    trec = read_corpus(data / "trec", encoding="latin-1")
    assert (len(trec.train), len(trec.test or [])) == (5452, 500)
    assert len(trec.train.classes) == 6
    assert len(read_corpus(data / "trec", label="fine", encoding="latin-1").train.classes) == 50
