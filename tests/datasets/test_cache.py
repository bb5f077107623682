"""The cache of read data sets: the same texts back, and never in the way."""

from __future__ import annotations

from pathlib import Path

import pytest

from wordloom.cache_folder import cache_folder
from wordloom.corpus import Corpus, Dataset
from wordloom.datasets.cache import cached, keep, state_of

DATA = Dataset(
    Corpus(
        ["", "one", "schön 日本 \U0001f600", "a\u2028b\0c", "x" * 100_000],
        ["neg", "neg", "pos", "été", "pos"],
    ),
    Corpus(["\ud800 lone"], ["pos"]),
    name="mine",
)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("WORDLOOM_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "source.tar.gz"
    path.write_bytes(b"as it was")
    return path


def test_what_is_kept_comes_back(source: Path) -> None:
    assert cached("mine", source, "1") is None
    keep("mine", source, "1", DATA)
    back = cached("mine", source, "1")
    assert back is not None
    assert back.test is not None
    assert back.train.texts == DATA.train.texts
    assert back.train.labels == DATA.train.labels
    assert (back.test.texts, back.test.labels) == (["\ud800 lone"], ["pos"])


def test_without_a_test_part(source: Path) -> None:
    keep("mine", source, "1", Dataset(DATA.train))
    back = cached("mine", source, "1")
    assert back is not None
    assert back.test is None


def test_another_state_or_another_source_is_not_it(source: Path, tmp_path: Path) -> None:
    keep("mine", source, "1", DATA)
    assert cached("mine", source, "2") is None
    assert cached("mine", tmp_path / "other", "1") is None
    assert cached("other", source, "1") is None


def test_one_file_a_source_however_often_it_changes(source: Path, folder: Path) -> None:
    for state in "123":
        keep("mine", source, state, DATA)
    assert len(list(folder.iterdir())) == 1
    assert cached("mine", source, "3") is not None


@pytest.mark.parametrize("place", [0, 10, 200, -1000, -30])
def test_a_damaged_file_is_as_if_there_were_none(source: Path, folder: Path, place: int) -> None:
    keep("mine", source, "1", DATA)
    (file,) = folder.iterdir()
    data = bytearray(file.read_bytes())
    for damaged in (data[:place], data[:place] + bytes([data[place] ^ 0xFF]) + data[place:][1:], b""):
        file.write_bytes(damaged)
        back = cached("mine", source, "1")
        assert back is None or back.train.texts == DATA.train.texts
    keep("mine", source, "1", DATA)
    assert cached("mine", source, "1") is not None


def test_a_folder_that_cannot_be_made_is_no_error(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("WORDLOOM_CACHE", str(tmp_path / "file" / "below"))
    keep("mine", source, "1", DATA)
    assert cached("mine", source, "1") is None


def test_the_state_of_a_file_and_of_a_folder_changes_with_them(tmp_path: Path, source: Path) -> None:
    seen = [state_of(source)]
    source.write_bytes(b"longer than it was")
    seen.append(state_of(source))
    inside = tmp_path / "folder" / "deep"
    inside.mkdir(parents=True)
    seen.append(state_of(tmp_path / "folder"))
    (inside / "a.txt").write_text("a")
    seen.append(state_of(tmp_path / "folder"))
    (inside / "a.txt").write_text("ab")
    seen.append(state_of(tmp_path / "folder"))
    (inside / "b.txt").write_text("")
    seen.append(state_of(tmp_path / "folder"))
    assert len(set(seen)) == len(seen)
    assert state_of(tmp_path / "folder") == seen[-1]


def test_where_caches_lie(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert cache_folder() == tmp_path / "cache"
    monkeypatch.delenv("WORDLOOM_CACHE")
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert cache_folder() == tmp_path / "xdg" / "wordloom"
    monkeypatch.setattr("sys.platform", "darwin")
    assert cache_folder().parts[-3:] == ("Library", "Caches", "wordloom")
    monkeypatch.setattr("sys.platform", "win32")
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path / "local"))
    assert cache_folder() == tmp_path / "local" / "wordloom"
