"""Files of vectors as they are distributed: packed with one of several programs, or in a zip archive."""

from __future__ import annotations

import bz2
import gzip
import lzma
import zipfile
from collections.abc import Callable

import numpy as np
import pytest

from wordloom.cli.vector_files import load_vectors
from wordloom.errors import DataError
from wordloom.vectors import WordVectors
from wordloom.vectors.formats import read
from wordloom.vectors.formats.safetensors_table import mapped_copy

LINES = b"".join(b"w%d %d 0.5 -1e-3\n" % (i, i) for i in range(3000))
BINARY = b"2 3\n" + b"".join(w + b" " + np.float32([1, 2, 3]).tobytes() + b"\n" for w in (b"a", b"b"))


def zstd(data: bytes) -> bytes:
    package = pytest.importorskip("zstandard", reason="the extra 'zstd' is not installed")
    return bytes(package.ZstdCompressor().compress(data))


PACKERS = {".gz": gzip.compress, ".bz2": bz2.compress, ".xz": lzma.compress, ".zst": zstd}


@pytest.mark.slow
@pytest.mark.parametrize("mmap", [False, True])
@pytest.mark.parametrize("suffix", PACKERS)
def test_packed_vectors_are_those_of_the_plain_file(suffix, mmap, tmp_path, monkeypatch):
    monkeypatch.setenv("WORDLOOM_CACHE", str(tmp_path / "cache"))
    pack: Callable[[bytes], bytes] = PACKERS[suffix]
    plain, packed = tmp_path / "v.txt", tmp_path / f"v.txt{suffix}"
    plain.write_bytes(LINES)
    packed.write_bytes(pack(LINES))
    table, expected = read(packed, mmap=mmap), read(plain)
    assert table.words == expected.words
    assert (table.vectors == expected.vectors).all()
    assert expected.name == "v.txt"
    assert mmap or table.name == "v.txt"
    packed.write_bytes(pack(BINARY))
    assert read(packed).words == ("a", "b")
    assert read(packed, words=["b"], limit=2).words == ("b",)
    cut = pack(LINES)
    packed.write_bytes(cut[: len(cut) // 2])
    with pytest.raises(DataError, match="damaged or cut short"):
        read(packed)


@pytest.fixture
def glove_zip(tmp_path):
    path = tmp_path / "glove.6B.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("glove.6B.50d.txt", b"the 1 2\nof 3 4\n")
        archive.writestr("glove.6B.100d.txt", b"the 1 2 3\nof 4 5 6\n")
    return path


@pytest.mark.parametrize("separator", ["/", ":"])
def test_a_member_of_the_glove_archive_is_read_without_unpacking(separator, glove_zip, tmp_path, monkeypatch):
    monkeypatch.setenv("WORDLOOM_CACHE", str(tmp_path / "cache"))
    path = f"{glove_zip}{separator}glove.6B.100d.txt"
    for table in (read(path), read(path, mmap=True), load_vectors(path)):
        assert table["of"].tolist() == [4, 5, 6]
    assert read(path).name == "glove.6B.100d.txt"
    assert read(f"{glove_zip}{separator}glove.6B.50d.txt", mmap=True).dimensions == 2


def test_an_archive_of_several_files_lists_them(glove_zip):
    for path in (glove_zip, f"{glove_zip}/glove.txt", f"{glove_zip}:glove.txt"):
        with pytest.raises(DataError, match=r"glove\.6B\.50d\.txt, glove\.6B\.100d\.txt"):
            read(path)


def test_the_only_file_of_an_archive_needs_no_name(tmp_path):
    path = tmp_path / "v.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("v.txt", LINES)
    assert len(read(path)) == 3000


def test_formats_that_are_mapped_are_refused_while_packed(tmp_path):
    table = read_lines(tmp_path)
    for name in ("v.safetensors", "m.bin"):
        table.save(tmp_path / name, "fasttext" if name == "m.bin" else None)
        packed = tmp_path / f"{name}.gz"
        packed.write_bytes(gzip.compress((tmp_path / name).read_bytes()))
        with pytest.raises(DataError, match=r"compressed.*unpack it first"):
            read(packed)


def read_lines(folder):
    path = folder / "v.txt"
    path.write_bytes(LINES)
    return read(path)


def test_the_copy_of_a_packed_file_is_made_anew_when_the_file_changes(glove_zip, tmp_path, monkeypatch):
    monkeypatch.setenv("WORDLOOM_CACHE", str(tmp_path / "cache"))
    path = glove_zip / "glove.6B.50d.txt"
    asked = []

    def again():
        asked.append(path)
        return read(path)

    for _ in range(2):
        mapped_copy(path, "glove", again)
    assert len(asked) == 1
    with zipfile.ZipFile(glove_zip, "w") as archive:
        archive.writestr("glove.6B.50d.txt", b"the 9 9\n")
    assert mapped_copy(path, "glove", again)["the"].tolist() == [9, 9]


def test_a_written_gz_file_is_small_without_the_slowest_packing(tmp_path):
    rng = np.random.default_rng(0)
    table = WordVectors([f"w{i}" for i in range(2000)], rng.normal(size=(2000, 20)).astype(np.float32))
    table.save(tmp_path / "v.txt")
    table.save(tmp_path / "v.txt.gz")
    plain, packed = (tmp_path / "v.txt").read_bytes(), (tmp_path / "v.txt.gz").read_bytes()
    assert gzip.decompress(packed) == plain
    assert len(gzip.compress(plain, 9)) < len(packed) < 0.5 * len(plain)
