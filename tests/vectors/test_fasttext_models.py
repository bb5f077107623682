"""fastText's .bin models: small ones written here by the format's description."""

from __future__ import annotations

import pickle
import struct
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pytest

from wordloom.errors import DataError, UsageError
from wordloom.kernels import subwords
from wordloom.vectors import SubwordVectors, UnknownWordError, WordVectors, analogy, neighbors, similarity
from wordloom.vectors.formats import detect, read

WORDS = ["</s>", "the", "café", "日本", "running"]
D, BUCKET = 4, 300


@dataclass(frozen=True)
class Model:
    """What a .bin file says."""

    words: tuple[str, ...] = tuple(WORDS)
    labels: tuple[str, ...] = ()
    bucket: int = BUCKET
    minn: int = 3
    maxn: int = 6
    kind: int = 2
    version: int = 12
    magic: int = 793712314
    pruned: int = -1
    quantised: bool = False
    extra: dict[str, bytes] = field(default_factory=dict)

    def matrix(self) -> np.ndarray:
        size = (len(self.words) + self.bucket, D)
        return np.random.default_rng(7).normal(size=size).astype("<f4")

    def write(self, path: Path) -> Path:
        settings = (D, 5, 5, 1, 5, 1, 2, self.kind, self.bucket, self.minn, self.maxn, 100)
        entries = [*((word, 0) for word in self.words), *((label, 1) for label in self.labels)]
        rows = self.matrix()
        output = np.zeros((len(self.words), D), dtype="<f4")
        path.write_bytes(
            struct.pack("<ii12id", self.magic, self.version, *settings, 1e-4)
            + struct.pack("<iiiqq", len(entries), len(self.words), len(self.labels), 100, self.pruned)
            + b"".join(name.encode() + b"\0" + struct.pack("<qb", 20, kind) for name, kind in entries)
            + struct.pack("<?qq", self.quantised, *rows.shape)
            + rows.tobytes()
            + struct.pack("<?qq", False, *output.shape)
            + output.tobytes()
            + self.extra.get("end", b"")
        )
        return path


def ngram_rows(word: str, model: Model) -> list[int]:
    data = np.frombuffer(f"<{word}>".encode(), dtype=np.uint8)
    rule = np.array([model.minn, model.maxn, model.bucket])
    ids, _ = subwords.subword_ids(data, np.array([0, len(data)]), rule)
    return (ids + len(model.words)).tolist()


def mean(rows: np.ndarray) -> list[float]:
    """As fastText does it: added up in float32, one after the other, times a float32."""
    total = np.zeros(D, dtype=np.float32)
    for row in rows:
        total += row
    return (total * np.float32(1 / len(rows))).tolist()


@pytest.fixture
def model(tmp_path) -> SubwordVectors:
    return WordVectors.load(Model().write(tmp_path / "m.bin"))


def test_words_are_means_of_their_row_and_their_ngrams(tmp_path, model):
    assert detect(tmp_path / "m.bin") == "fasttext"
    rows = Model().matrix()
    assert model.words == tuple(WORDS)
    assert model["</s>"].tolist() == rows[0].tolist()
    for row, word in enumerate(WORDS[1:], start=1):
        assert model[word].tolist() == mean(rows[[row, *ngram_rows(word, Model())]])
    assert not model.vectors.flags.writeable


def test_subwords_answer_other_words(model):
    for word in ("cafés", "the end", "日", "x" * 200):
        assert word not in model
        assert model[word].tolist() == mean(Model().matrix()[ngram_rows(word, Model())])
        assert not model[word].flags.writeable
    assert similarity(model, "cafés", "cafés") == pytest.approx(1)
    assert [found.word for found in neighbors(model, "cafés", n=9)] == sorted(
        WORDS, key=lambda word: -similarity(model, "cafés", word)
    )
    assert "the" not in [found.word for found in analogy(model, "the", "cafés", "runner")]
    assert model.subset(["cafés", "the"])["cafés"].tolist() == model["cafés"].tolist()
    with pytest.raises(UnknownWordError):
        model[""]  # shorter than any n-gram
    with pytest.raises(UnknownWordError):
        model.row("cafés")
    with pytest.raises(UnknownWordError):
        model[3]  # type: ignore[index]


def test_part_of_a_model(tmp_path):
    path = Model().write(tmp_path / "m.bin")
    whole, part = read(path), read(path, words=["日本", "the", "no"])
    assert part.words == ("the", "日本")
    assert part["日本"].tolist() == whole["日本"].tolist()
    assert part["running"].tolist() != whole["running"].tolist()  # only its subwords are known here
    assert read(path, limit=2).words == ("</s>", "the")


def test_models_without_subwords_and_supervised_ones(tmp_path):
    plain = Model(bucket=0, minn=0, maxn=0)
    table = read(plain.write(tmp_path / "p.bin"))
    assert type(table) is WordVectors
    assert table.vectors.tolist() == plain.matrix().tolist()
    supervised = Model(kind=3, labels=("__label__a", "__label__b"), version=11)
    table = read(supervised.write(tmp_path / "s.bin"))
    assert table.words == tuple(WORDS)
    assert table.vectors.tolist() == supervised.matrix()[: len(WORDS)].tolist()


def test_copies_for_other_processes_keep_the_subwords(model):
    other = pickle.loads(pickle.dumps(model))  # noqa: S301
    assert other["cafés"].tolist() == model["cafés"].tolist()


def test_compiled_kernels_give_the_same_bits(tmp_path, model, monkeypatch):
    monkeypatch.setenv("WORDLOOM_KERNELS", "compiled")
    other = read(tmp_path / "m.bin")
    assert other.vectors.tobytes() == model.vectors.tobytes()
    assert other["cafés"].tobytes() == model["cafés"].tobytes()


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"version": 9}, "version 9"),
        ({"quantised": True}, r"byte [\d,]+: "),
        ({"pruned": 3}, r"byte [\d,]+: "),
        ({"extra": {"end": b"\0"}}, "bytes follow the model"),
        ({"words": ("a", "a")}, "1 duplicate words"),
    ],
)
def test_other_models_are_refused(changed, message, tmp_path):
    path = replace(Model(), **changed).write(tmp_path / "m.bin")
    if "words" in changed:
        with pytest.warns(UserWarning, match=message):
            assert read(path).words == ("a",)
        return
    with pytest.raises(DataError, match=message) as caught:
        read(path)
    assert "m.bin" in str(caught.value)


def test_every_cut_is_refused(tmp_path):
    path = Model(bucket=5).write(tmp_path / "m.bin")
    whole = path.read_bytes()
    for length in range(4, len(whole)):
        path.write_bytes(whole[:length])
        with pytest.raises(DataError, match=r"m\.bin"):
            read(path)


@pytest.mark.slow
def test_every_changed_byte_of_the_header_gives_a_table_or_an_error(tmp_path):
    path = Model(words=("a", "bc"), bucket=3).write(tmp_path / "m.bin")
    whole = path.read_bytes()
    for place in range(4, 150):
        for byte in (0, 1, 127, 255):
            path.write_bytes(whole[:place] + bytes([byte]) + whole[place + 1 :])
            try:
                table = read(path)
            except DataError:
                continue
            assert np.isfinite(table.vectors).all()
            assert len(table.words) == len(table.vectors)


def test_nan_is_found(tmp_path):
    path = Model(bucket=0, minn=0, maxn=0).write(tmp_path / "m.bin")
    whole = path.read_bytes()
    place = whole.index(Model(bucket=0).matrix()[2].tobytes())
    path.write_bytes(whole[:place] + np.float32(np.nan).tobytes() + whole[place + 4 :])
    with pytest.raises(DataError, match=r"row 2 \('café'\): a number is NaN"):
        read(path)


def test_formats_that_a_model_is_not_read_in(tmp_path):
    Model().write(tmp_path / "m.bin")
    with pytest.raises(UsageError, match="leave out mmap"):
        read(tmp_path / "m.bin", mmap=True)
    (tmp_path / "m.bin.gz").write_bytes(b"\x1f\x8b\x08")
    with pytest.raises(DataError, match="unpack it first"):
        read(tmp_path / "m.bin.gz", "fasttext")


@pytest.mark.parametrize("changes", [{}, {"minn": 1, "maxn": 2}])
def test_gensim_agrees(changes, tmp_path):
    fasttext = pytest.importorskip("gensim.models.fasttext")
    path = replace(Model(), **changes).write(tmp_path / "m.bin")
    ours, theirs = read(path), fasttext.load_facebook_vectors(str(path))
    assert tuple(theirs.index_to_key) == ours.words
    for word in (*WORDS[1:], "cafés", "日", "runner"):
        np.testing.assert_allclose(ours[word], theirs[word], rtol=1e-5, atol=1e-7)
