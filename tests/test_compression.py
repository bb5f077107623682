"""Packed files: recognized by their first bytes, read as a stream, damage told."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from packers import PACKERS, zipped
from wordloom import compression
from wordloom.compression import packing, plain_name, reading
from wordloom.errors import DataError, MissingExtraError

TEXT = b"".join(b"line %d of the text\n" % number for number in range(20_000))


def content(path: Path) -> bytes:
    with reading(path) as stream:
        return stream.read()


@pytest.mark.parametrize("kind", PACKERS)
@pytest.mark.parametrize("data", [TEXT, b"", b"a"], ids=["long", "empty", "short"])
def test_what_a_file_is_packed_with_is_told_by_its_bytes_and_not_by_its_name(
    kind: str, data: bytes, tmp_path: Path
) -> None:
    path = tmp_path / "any.name"
    path.write_bytes(PACKERS[kind](data))
    assert packing(path) == kind
    assert content(path) == data


@pytest.mark.parametrize("data", [b"", b"BZhello world and more", b"\x1f", b"PK is a word"])
def test_a_file_that_is_not_packed_is_read_as_it_is(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "a.gz"
    path.write_bytes(data)
    assert packing(path) is None
    assert content(path) == data


@pytest.mark.parametrize("kind", ["gzip", "bzip2", "xz", "zstd"])
def test_several_packed_parts_one_after_another_are_one_text(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(PACKERS[kind](TEXT) + PACKERS[kind](b"") + PACKERS[kind](b"and more"))
    assert content(path) == TEXT + b"and more"


@pytest.mark.slow
@pytest.mark.parametrize("kind", PACKERS)
@pytest.mark.parametrize("part", [0.3, 0.9, 0.9999])
def test_a_packed_file_cut_short_is_an_error(kind: str, part: float, tmp_path: Path) -> None:
    path = tmp_path / "cut"
    whole = PACKERS[kind](TEXT)
    path.write_bytes(whole[: int(part * len(whole))])
    with pytest.raises(DataError, match=r"cut: the compressed data is damaged or cut short .*again"):
        content(path)


@pytest.mark.slow
@pytest.mark.parametrize("kind", PACKERS)
def test_a_damaged_packed_file_is_an_error_or_the_same_text(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "damaged"
    whole = PACKERS[kind](TEXT)
    for place in range(11, len(whole), max(1, len(whole) // 40)):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0x5A]) + whole[place + 1 :])
        try:
            read = content(path)
        except DataError:
            continue
        # zstd has no checksum unless it was asked for one; a zip's dates and the like may be anything
        assert kind == "zstd" or read == TEXT


def test_a_member_of_a_zip_archive_is_named_as_if_the_archive_were_a_folder(tmp_path: Path) -> None:
    path = tmp_path / "glove.zip"
    path.write_bytes(zipped(b"rows", "a/50d.txt", "100d.txt", "__MACOSX/._100d.txt"))
    assert content(path / "a" / "50d.txt") == b"rows"
    assert packing(path / "100d.txt") == "zip"
    with pytest.raises(
        DataError, match=r"archive of 2 files \(a/50d.txt, 100d.txt\). Name one of them: .*zip/a"
    ):
        content(path)
    with pytest.raises(DataError, match=r"no such file in the archive. It holds a/50d.txt, 100d.txt"):
        content(path / "200d.txt")


def test_an_archive_of_very_many_files_has_a_short_message(tmp_path: Path) -> None:
    path = tmp_path / "many.zip"
    path.write_bytes(zipped(b"", *(f"{number}" * 100 for number in range(200))))
    with pytest.raises(DataError) as caught:
        content(path)
    assert len(str(caught.value)) < 1_500


def test_a_workbook_says_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "sheet.xlsx"
    path.write_bytes(zipped(b"", "[Content_Types].xml", "xl/workbook.xml"))
    with pytest.raises(DataError, match=r"Excel workbook.*Save the sheet as CSV"):
        content(path)


def test_an_encrypted_member_says_so(tmp_path: Path) -> None:
    path = tmp_path / "secret.zip"
    data = bytearray(zipped(b"text"))
    data[data.rindex(b"PK\x03\x04") + 6] |= 1  # the flag in the local header
    data[data.rindex(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(data)
    with pytest.raises(DataError, match=r"encrypted.*Unpack the archive first"):
        content(path)


@pytest.mark.parametrize("kind", PACKERS)
def test_a_small_file_that_unpacks_without_end_is_refused(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "bomb"
    path.write_bytes(PACKERS[kind](bytes(1 << 23)))
    assert len(content(path)) == 1 << 23  # not much in all
    monkeypatch.setattr(compression, "_UNQUESTIONED", 1 << 20)
    with pytest.raises(DataError, match=r"unpacks to more than 250 times its size.*unpack it yourself"):
        content(path)


def test_zstd_without_its_package_gives_the_line_that_installs_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if sys.version_info >= (3, 14):
        pytest.skip("Python has its own zstd from 3.14 on")
    monkeypatch.setitem(sys.modules, "zstandard", None)
    path = tmp_path / "a.zst"
    path.write_bytes(b"\x28\xb5\x2f\xfd rest")
    with pytest.raises(MissingExtraError, match=r"pip install 'wordloom\[zstd\]'"):
        content(path)


@pytest.mark.parametrize(
    ("name", "plain"),
    [("a.csv.gz", "a.csv"), ("A.TSV.BZ2", "A.TSV"), ("a.zst", "a"), ("a.tgz", "a.tar"), ("a.csv", "a.csv")],
)
def test_the_plain_name_has_no_ending_of_a_packing(name: str, plain: str) -> None:
    assert plain_name(Path(name)) == plain
