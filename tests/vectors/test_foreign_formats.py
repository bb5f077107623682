"""Files of other programs: each is named, with what to do."""

from __future__ import annotations

import pickle
import re
import sqlite3
import subprocess
import sys

import numpy as np
import pytest

from wordloom.errors import DataError, WordloomWarning
from wordloom.vectors.formats import read

COMMAND = re.compile(r'python -c "(.*)"')


@pytest.mark.parametrize("protocol", range(6))
def test_pickles_of_every_protocol_are_named(protocol, tmp_path):
    for name, value in (("a", {"the": 0}), ("b", [1, 2]), ("c", pickle.PickleError("x")), ("d", (1, "a"))):
        path = tmp_path / f"{name}.model"
        path.write_bytes(pickle.dumps(value, protocol))
        if protocol < 2 and name == "d":
            continue  # a tuple alone begins as a text may
        with pytest.raises(DataError, match="a Python pickle, which wordloom does not open"):
            read(path)


@pytest.mark.slow
@pytest.mark.parametrize("protocol", range(6))
@pytest.mark.parametrize("kind", ["KeyedVectors", "Word2Vec", "FastText"])
def test_the_export_line_for_gensims_files_makes_a_file_that_is_read(kind, protocol, tmp_path, monkeypatch):
    models = pytest.importorskip("gensim.models")
    path = tmp_path / "our.model"
    texts = [["one", "two", "three"], ["two", "three", "four"]]
    if kind == "KeyedVectors":
        saved = models.KeyedVectors(3)
        saved.add_vectors(["a", "b"], np.arange(6, dtype=np.float32).reshape(2, 3))
        expected = saved
    else:
        more = {"bucket": 100} if kind == "FastText" else {}
        saved = getattr(models, kind)(texts, vector_size=3, min_count=1, epochs=1, workers=1, **more)
        expected = saved.wv
    saved.save(str(path), pickle_protocol=protocol)
    with pytest.raises(DataError, match=rf"gensim saved \({kind}\)") as caught:
        read(path)
    code = COMMAND.search(str(caught.value))[1]
    if protocol in (0, 4):
        if (kind, protocol) == ("Word2Vec", 4):
            subprocess.run([sys.executable, "-c", code], check=True, cwd=tmp_path)
        else:  # a process of its own, which imports gensim, is started once
            monkeypatch.chdir(tmp_path)
            exec(code, {})
        table = read(tmp_path / "our.bin")
        assert sorted(table.words) == sorted(expected.index_to_key)
        assert all(np.allclose(table[word], expected[word], atol=1e-6) for word in table.words)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"\x93NUMPY\x01\0v\0{'descr'", r"a NumPy array, which holds no words.*WordVectors\(words, array\)"),
        (b"FiFu\0\0\0\0", "finalfusion convert -f finalfusion -t word2vec"),
        (b"\x89HDF\r\n\x1a\n", "an HDF5 file"),
        (b"PAR1\0", "a Parquet file"),
        (b"7z\xbc\xaf\x27\x1c", "7z archive"),
        (b"GGUF\3\0", "GGUF"),
        (b"20000 300 4 5 2 2166136261 < >\n0 0.1 0.2\n", "floret vectors.*print-word-vectors"),
        (b"a" * 257 + b"ustar\0", "tar archive"),
    ],
)
def test_other_formats_are_named_with_what_to_do(content, message, tmp_path):
    path = tmp_path / "vectors"
    path.write_bytes(content)
    with pytest.raises(DataError, match=f"(?s){message}"):
        read(path)


def test_a_magnitude_file_is_named(tmp_path):
    with sqlite3.connect(tmp_path / "v.magnitude") as base:
        base.execute("create table magnitude (key text)")
    base.close()
    with pytest.raises(DataError, match=r"(?s)\.magnitude.*from pymagnitude import Magnitude"):
        read(tmp_path / "v.magnitude")


def test_an_npz_archive_is_named(tmp_path):
    np.savez(tmp_path / "v.npz", a=np.eye(2))
    with pytest.raises(DataError, match=r"a NumPy archive \(\.npz\)"):
        read(tmp_path / "v.npz")


def test_folders_of_other_programs_are_named(tmp_path):
    spacy, sentences = tmp_path / "en_core", tmp_path / "minilm"
    (spacy / "vocab").mkdir(parents=True)
    (spacy / "meta.json").write_text('{"lang": "en"}')
    sentences.mkdir()
    (sentences / "modules.json").write_text("[]")
    (sentences / "config.json").write_text("{}")
    with pytest.raises(DataError, match=r"(?s)a spaCy pipeline.*spacy\.load"):
        read(spacy)
    with pytest.raises(DataError, match="depends on the whole sentence"):
        read(sentences)


def test_words_that_look_like_a_pickle_are_still_vectors(tmp_path):
    path = tmp_path / "v.txt"
    path.write_bytes(b"(i 1 2\n(lp0 3 4\ncat 5 6\n")
    assert read(path).words == ("(i", "(lp0", "cat")


def test_a_header_without_rows_and_a_list_of_counts_warn(tmp_path):
    path = tmp_path / "v.txt"
    path.write_bytes(b"0 300\n")
    with pytest.warns(WordloomWarning, match=r"the header '0 300' announces no rows"):
        assert len(read(path)) == 0
    path.write_bytes(b"the 1061396\nof 593677\n")
    with pytest.warns(WordloomWarning, match="as in a list of counts"):
        assert read(path)["of"].tolist() == [593677]
    assert read(path, header=False)["of"].tolist() == [593677]  # said, so not doubted
    path.write_bytes(b"the 0.5\nof 2\n")
    assert len(read(path)) == 2
