"""Words of a file that are not UTF-8 or blank: an error with its place, or left out or replaced."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from wordloom.errors import DataError, UsageError, WordloomWarning
from wordloom.vectors import SubwordVectors, WordVectors
from wordloom.vectors.formats import read

BAD, GOOD = b"caf\xe9", b"world"
ROWS = np.array([[1, 2, 3], [4, 5, 6]], dtype="<f4")


def glove(path: Path) -> Path:
    path.write_bytes(b"world 4 5 6\ncaf\xe9 1 2 3\n")
    return path


def word2vec(path: Path) -> Path:
    path.write_bytes(b"2 3\nworld 4 5 6\ncaf\xe9 1 2 3\n")
    return path


def word2vec_binary(path: Path) -> Path:
    path.write_bytes(
        b"2 3\n"
        + b"".join(w + b" " + r.tobytes() + b"\n" for w, r in zip((GOOD, BAD), ROWS[::-1], strict=True))
    )
    return path


def fasttext(path: Path) -> Path:
    head = struct.pack("<ii12id", 793712314, 12, 3, 5, 5, 1, 5, 1, 2, 2, 0, 0, 0, 100, 1e-4)
    words = b"".join(word + b"\0" + struct.pack("<qb", 1, 0) for word in (GOOD, BAD))
    matrix = struct.pack("<?2q", False, 2, 3)
    path.write_bytes(
        head
        + struct.pack("<3i2q", 2, 2, 0, 2, -1)
        + words
        + matrix
        + ROWS[::-1].tobytes()
        + matrix
        + ROWS.tobytes()
    )
    return path


def safetensors(path: Path) -> Path:
    words = np.frombuffer(GOOD + BAD, dtype=np.uint8)
    tensors = {"vectors": ROWS[::-1].copy(), "words": words, "offsets": np.array([0, 5, 9])}
    save_file(tensors, path)
    return path


def projector(path: Path) -> Path:
    path.mkdir()
    (path / "vectors.tsv").write_bytes(b"4\t5\t6\n1\t2\t3\n")
    (path / "metadata.tsv").write_bytes(b"world\ncaf\xe9\n")
    return path


def labelled_projector(path: Path) -> Path:
    path.write_bytes(b"world\t4\t5\t6\ncaf\xe9\t1\t2\t3\n")
    return path


ALL = (glove, word2vec, word2vec_binary, fasttext, safetensors, projector, labelled_projector)


@pytest.mark.parametrize("mmap", [False, True])
@pytest.mark.parametrize("make", ALL)
def test_a_word_that_is_not_utf8_is_an_error_skipped_or_replaced(make, mmap, tmp_path, monkeypatch):
    monkeypatch.setenv("WORDLOOM_CACHE", str(tmp_path / "cache"))
    path = make(tmp_path / "vectors")
    mmap = mmap and make is not fasttext
    with pytest.raises(
        DataError, match=r"(line|row) [123]: the word b'caf\\xe9' is not UTF-8.*--undecodable"
    ):
        assert WordVectors.load(path, mmap=mmap).words
    with pytest.warns(WordloomWarning, match=r"1 word left out \((line|row) [123]: the word b'caf\\xe9'"):
        skipped = WordVectors.load(path, mmap=mmap, undecodable="skip")
    assert skipped.words == ("world",)
    assert skipped.vectors.tolist() == [[4, 5, 6]]
    monkeypatch.setenv("WORDLOOM_CACHE", str(tmp_path / "other"))
    with pytest.warns(WordloomWarning, match="1 word read with U"):
        replaced = WordVectors.load(path, mmap=mmap, undecodable="replace")
    assert replaced.words == ("world", "caf\ufffd")
    assert replaced.vectors.tolist() == [[4, 5, 6], [1, 2, 3]]


@pytest.mark.parametrize(
    ("content", "place", "replaced"),
    [
        (b"3 2\nhello 1 2\n  2 3\nx 3 4\n", "line 3: ' ' begins or ends", "\ufffd"),
        (b"hello 1 2\n 2 3\nx 3 4\n", "line 2: no word before", "\ufffd"),
        (b"hello 1 2\nso  2 3\nx 3 4\n", "line 2: 'so ' begins or ends", "so"),
    ],
)
def test_one_blank_word_does_not_stop_a_load(content, place, replaced, tmp_path):
    path = tmp_path / "v.txt"
    path.write_bytes(content)
    with pytest.raises(DataError, match=place):
        read(path)
    with pytest.warns(WordloomWarning, match=rf"1 word left out \({place}"):
        assert read(path, undecodable="skip").words == ("hello", "x")
    with pytest.warns(WordloomWarning, match="1 word read with"):
        table = read(path, undecodable="replace")
    assert table.words == ("hello", replaced, "x")
    assert table[replaced].tolist() == [2, 3]


def test_a_blank_word_of_a_binary_file_is_left_out(tmp_path):
    path = tmp_path / "v.bin"
    path.write_bytes(b"3 1\na \0\0\0\0 \0\0\0\0\nb \0\0\0\0\n")
    with pytest.warns(WordloomWarning, match=r"1 word left out \(row 1: no word before"):
        assert read(path, "word2vec-binary", undecodable="skip").words == ("a", "b")


def test_blank_lines_of_metadata_are_words_where_rows_ask_for_them(tmp_path):
    path = projector(tmp_path / "p")
    (path / "metadata.tsv").write_bytes(b"\nworld\n")
    with pytest.raises(DataError, match="do not belong together"):
        read(path)
    with pytest.warns(WordloomWarning, match=r"1 word left out \(line 1: a blank line"):
        table = read(path, undecodable="skip")
    assert dict(zip(table.words, table.vectors.tolist(), strict=True)) == {"world": [1, 2, 3]}


def test_many_words_are_counted_and_the_first_is_named(tmp_path):
    path = tmp_path / "v.txt"
    path.write_bytes(b"\xff 1 2\na 1 2\n\xfe 3 4\n" + b"\xfd 1 1\n" * 3)
    with pytest.warns(WordloomWarning, match=r"5 words left out \(the first in line 1: the word b'\\xff'"):
        assert read(path, undecodable="skip").words == ("a",)
    with pytest.warns(WordloomWarning) as caught:
        table = read(path, undecodable="replace")
    assert table.words == ("\ufffd", "a")  # the first of equal words
    assert table["\ufffd"].tolist() == [1, 2]
    assert any("4 duplicate words" in str(warning.message) for warning in caught)


def test_rows_without_their_word_count_for_the_limit_and_for_the_header(tmp_path):
    path = word2vec_binary(tmp_path / "v.bin")
    with pytest.warns(WordloomWarning, match="1 word left out"):
        assert len(read(path, undecodable="skip")) == 1
    assert read(path, undecodable="skip", limit=1).words == ("world",)
    assert read(path, undecodable="skip", words=["world"]).words == ("world",)


def test_a_replaced_word_of_a_fasttext_model_keeps_the_vector_of_its_own_subwords(tmp_path):
    words = ["caf", "cafe"]
    numbers = np.random.default_rng(1).normal(size=(2 + 50, 4)).astype(np.float32)
    numbers.flags.writeable = False
    from wordloom.vectors.subwords import SubwordRule

    table = SubwordVectors.composed(words, numbers, SubwordRule(1, 3, 50))
    path = tmp_path / "m.bin"
    table.save(path)
    path.write_bytes(path.read_bytes().replace(b"cafe\0", b"caf\xe9\0"))
    ids, _ = SubwordRule(1, 3, 50).ids([b"caf\xe9"])
    expected = np.concatenate([numbers[1:2], numbers[2 + ids]]).mean(axis=0)
    with pytest.warns(WordloomWarning, match="1 word read with"):
        found = read(path, undecodable="replace")
    assert np.allclose(found["caf\ufffd"], expected, atol=1e-6)
    with pytest.warns(WordloomWarning, match="1 word left out"):
        skipped = read(path, undecodable="skip")
    assert skipped.words == ("caf",)
    assert (skipped["caf"] == table["caf"]).all()
    assert (skipped["unseen"] == table["unseen"]).all()


def test_an_unknown_policy_is_refused(tmp_path):
    with pytest.raises(UsageError, match=r"undecodable='skipp' is unknown\. Did you mean 'skip'"):
        read(glove(tmp_path / "v.txt"), undecodable="skipp")
