"""Damaged and hostile files of vectors: the exact table or a short DataError, in bounded memory and time."""

from __future__ import annotations

import gzip
import json
import random
import struct
import tracemalloc
import warnings
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from wordloom.errors import DataError, UsageError, WordloomWarning
from wordloom.vectors import SubwordVectors, WordVectors
from wordloom.vectors.formats import read
from wordloom.vectors.formats.table_builder import TableBuilder, Wanted
from wordloom.vectors.learning import DocumentVectors, LearningSettings, SkipGramSettings, learn_word_vectors
from wordloom.vectors.learning.chunks import Checkpoint, LearningState
from wordloom.vectors.subwords import SubwordRule, Subwords

TEXTS = ["the cat sat on the mat", "the dog sat", "a cat and a dog on a mat"] * 4
SETTINGS = SkipGramSettings(dimensions=4, epochs=2, min_count=1)


def raw_safetensors(path: Path, header: object, data: bytes = b"") -> Path:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    path.write_bytes(len(text).to_bytes(8, "little") + text + data)
    return path


def tensor(dtype: str, shape: list[int], begin: int, end: int) -> dict[str, object]:
    return {"dtype": dtype, "shape": shape, "data_offsets": [begin, end]}


# A file that claims more than it holds


@pytest.mark.parametrize(
    "content",
    [
        b"2 2\n",
        b"the 0.5 1.5\nof 1 2\n",
        b"",
        struct.pack("<ii", 793712314, 12),
        b"999999999 300\n\xff\xfe ",
    ],
)
def test_a_file_with_a_hole_of_50_gb_is_refused_at_once(content, tmp_path):
    path = tmp_path / "v"
    path.write_bytes(content)
    with open(path, "r+b") as stream:
        stream.truncate(50 << 30)
    for format in (None, "glove", "word2vec", "word2vec-binary", "safetensors", "fasttext", "projector"):
        with pytest.raises(DataError, match="hole in the file"):
            read(path, format)


def test_a_line_without_end_takes_little_memory(tmp_path, monkeypatch):
    from wordloom.vectors.formats import byte_streams, text_pieces

    for module in (byte_streams, text_pieces):
        monkeypatch.setattr(module, "LONGEST_LINE", 1 << 21)
    monkeypatch.setattr(text_pieces, "_PIECE", 1 << 16)
    lines = b"the 0.5 1.5\n" + bytes(30 << 20)
    for name, content in (("v.txt", lines), ("v.txt.gz", gzip.compress(lines))):
        path = tmp_path / name
        path.write_bytes(content)
        del content
        for format in ("glove", "projector"):
            tracemalloc.start()
            with pytest.raises(DataError, match=r"a line of more than|expected 2|word before"):
                read(path, format)
            assert tracemalloc.get_traced_memory()[1] < 20 << 20
            tracemalloc.stop()


def test_rows_and_dimensions_of_a_header_claim_no_memory(tmp_path):
    path = tmp_path / "v"
    for header in (b"999999999 999999999\na ", b"1 999999999\na "):
        path.write_bytes(header + b"\1\2\3\xff" * 10)
        tracemalloc.start()
        with pytest.raises(DataError):
            read(path, "word2vec-binary")
        assert tracemalloc.get_traced_memory()[1] < 40 << 20
        tracemalloc.stop()


def test_many_rows_of_one_word_take_little_memory(tmp_path):
    path = tmp_path / "v.txt.gz"
    builder = TableBuilder(path, 1, Wanted())
    room = [builder.takes("a", 1) for _ in range(2)]
    builder.fill(np.ones((1, 1), dtype=np.float32))
    tracemalloc.start()
    for start in range(0, 20_000, 100):
        rows = np.ones((100, 1), dtype=np.float32)
        builder.extend(["a"] * 100, rows, np.arange(start + 3, start + 103), 100).finish()
    assert tracemalloc.get_traced_memory()[0] < 200_000
    tracemalloc.stop()
    with pytest.warns(WordloomWarning, match="20,001 duplicate words, the first is 'a' at line 1"):
        assert len(builder.finish()) == len(set(room)) - 1 == 1


# safetensors


@pytest.mark.parametrize("dtype", ["BF16", "F8_E4M3", "F8_E5M2", "F16", "C64", "BOOL"])
def test_types_that_numpy_does_not_know_are_a_data_error(dtype, tmp_path):
    size = {"BF16": 2, "F16": 2, "C64": 8}.get(dtype, 1)
    header = {
        "vectors": tensor(dtype, [2, 1], 0, 2 * size),
        "words": tensor("U8", [2], 2 * size, 2 * size + 2),
        "offsets": tensor("I64", [3], 2 * size + 2, 2 * size + 26),
    }
    path = raw_safetensors(tmp_path / "v.safetensors", header, bytes(2 * size + 26))
    told = f"'vectors' should be F32 .* found {dtype}"
    if dtype == "C64":  # which old versions of safetensors do not read at all
        told += "|not a whole safetensors file"
    for mmap in (False, True):
        with pytest.raises(DataError, match=told):
            read(path, mmap=mmap)
    with pytest.raises(DataError):
        DocumentVectors.load(path)


@pytest.mark.parametrize("shape", [[0, 1 << 62], [1 << 62, 0], [1 << 63, 2], [-1, 2], [2], [1, 2, 3]])
@pytest.mark.parametrize("mmap", [False, True])
def test_huge_and_odd_shapes_are_a_data_error(shape, mmap, tmp_path):
    header = {
        "vectors": tensor("F32", shape, 0, 0),
        "words": tensor("U8", [0], 0, 0),
        "offsets": tensor("I64", [1], 0, 8),
    }
    path = raw_safetensors(tmp_path / "v.safetensors", header, bytes(8))
    with pytest.raises(DataError):
        read(path, mmap=mmap)


@pytest.mark.parametrize(
    "record",
    [
        "[" * 100_000,
        "3",
        "[]",
        '{"special": 3}',
        '{"name": 3}',
        '{"version": "1"}',
        '{"version": true}',
        '{"version": 0}',
        '{"version": ' + "9" * 5000 + "}",
    ],
)
def test_damaged_metadata_are_a_data_error(record, tmp_path):
    path = tmp_path / "v.safetensors"
    tensors = {
        "vectors": np.eye(2, dtype=np.float32),
        "words": np.frombuffer(b"ab", dtype=np.uint8),
        "offsets": np.array([0, 1, 2]),
    }
    save_file(tensors, path, {"wordloom": record})
    for mmap in (False, True):
        with pytest.raises(DataError, match=r"metadata|newer"):
            read(path, mmap=mmap)


@pytest.mark.parametrize("offsets", [[0, -(2**63), 2], [0, 2**63 - 1, 2], [0, 3, 2], [1, 1, 2], [0, 1, 3]])
def test_offsets_that_overflow_are_a_data_error(offsets, tmp_path):
    path = tmp_path / "v.safetensors"
    tensors = {
        "vectors": np.eye(2, dtype=np.float32),
        "words": np.frombuffer(b"ab", dtype=np.uint8),
        "offsets": np.array(offsets, dtype=np.int64),
    }
    save_file(tensors, path)
    with pytest.raises(DataError, match="offsets do not cover"):
        read(path)
    with pytest.raises(DataError, match="offsets do not cover"):
        assert read(path, mmap=True).words


# Vectors of documents and checkpoints


@pytest.fixture(scope="module")
def documents() -> DocumentVectors:
    from wordloom.vectors.learning import learn_document_vectors

    return learn_document_vectors(TEXTS, LearningSettings(dimensions=3, epochs=1, min_documents=1))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"weights": np.array([np.nan], dtype=np.float32)}, r"need as many vectors|'weights' holds NaN"),
        ({"document_counts": np.zeros(1, dtype=np.int64)}, "counts of documents"),
        ({"pairs": np.array([[-1, 0]], dtype=np.int32)}, "counts of documents|not there"),
        ({"projection": np.full((3, 3), np.inf, dtype=np.float32)}, "'projection' holds NaN"),
        ({"offsets": np.array([0, 2**62], dtype=np.int64)}, "offsets do not cover"),
        ({"vectors": np.zeros((1, 3), dtype=np.float64)}, "should be F32"),
    ],
)
def test_vectors_of_documents_that_disagree_are_refused(change, message, documents, tmp_path):
    from safetensors import safe_open

    path = tmp_path / "d.safetensors"
    documents.save(path)
    with safe_open(path, framework="numpy") as container:
        tensors = {name: container.get_tensor(name) for name in container.keys()}  # noqa: SIM118
        metadata = container.metadata()
    save_file({**tensors, **change}, path, metadata)
    with pytest.raises(DataError, match=message):
        DocumentVectors.load(path)


@pytest.mark.parametrize(
    "changes",
    [
        {"tokenizer": 3},
        {"tokenizer": {"lower": 1, "other": 2}},
        {"tokenizer": {"function": 3}},
        {"n_documents": "x"},
        {"n_documents": -1},
        {"version": None},
    ],
)
def test_a_damaged_record_of_document_vectors_is_a_data_error(changes, documents, tmp_path):
    from safetensors import safe_open

    path = tmp_path / "d.safetensors"
    documents.save(path)
    with safe_open(path, framework="numpy") as container:
        tensors = {name: container.get_tensor(name) for name in container.keys()}  # noqa: SIM118
        about = json.loads(container.metadata()["document_vectors"])
    save_file(tensors, path, {"document_vectors": json.dumps(about | changes)})
    with pytest.raises(DataError):
        DocumentVectors.load(path)


def checkpoint_of(path: Path) -> tuple[dict[str, object], LearningState]:
    """What a checkpoint in the middle of learning holds."""
    kept: list[LearningState] = []
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Checkpoint, "save", lambda self, state: kept.append((self, state)))
        learn_word_vectors(TEXTS, SETTINGS, checkpoint=path)
    return kept[0]


@pytest.mark.parametrize(
    "change",
    [
        {"inputs": np.zeros((1, 4), dtype=np.float32)},
        {"outputs": np.zeros((8, 3), dtype=np.float32)},
        {"epoch": 9},
        {"chunk": 10**6},
        {"steps": -1},
        {"epoch": True},
    ],
)
def test_a_checkpoint_whose_numbers_disagree_is_refused(change, tmp_path):
    path = tmp_path / "state"
    checkpoint, state = checkpoint_of(path)
    values = {name: getattr(state, name) for name in ("epoch", "chunk", "steps", "inputs", "outputs")}
    checkpoint.save(LearningState(**{**values, **change}))
    with pytest.raises(DataError, match=r"state: is no checkpoint of learning, or a damaged one.*begin anew"):
        learn_word_vectors(TEXTS, SETTINGS, checkpoint=path)
    checkpoint.save(LearningState(**values))
    assert len(learn_word_vectors(TEXTS, SETTINGS, checkpoint=path)) > 0


# Arrays from Python


@pytest.mark.parametrize(
    ("words", "vectors", "message"),
    [
        (["a"], [1.0, 2.0], "of the shape"),
        (["a", "b"], [[1.0, 2.0], [3.0]], "no table of numbers"),
        (["a"], [["x"]], "must be numbers"),
        (["a"], [[True]], "must be numbers"),
        (["a"], [[1j]], "must be numbers"),
        (["a"], None, "must be numbers"),
        (["a"], [[np.nan]], r"row 0 \('a'\): a number is NaN"),
        (["a"], [[1e39]], "too large for float32"),
        (["a"], np.ma.masked_array([[1.0]], [[True]]), "masked"),
        (None, [[1.0]], "a list of words expected"),
        (3, [[1.0]], "a list of words expected"),
        (["a", "b"], [[1.0]], "2 words but 1 vectors"),
        (["a"], np.zeros((1, 0)), "no dimensions"),
    ],
)
def test_arrays_that_are_no_table_are_refused(words, vectors, message):
    with pytest.raises(DataError, match=message):
        WordVectors(words, vectors)


@pytest.mark.parametrize(
    ("rule", "rows"),
    [
        (SubwordRule(1, 3, 0), np.zeros((0, 2), np.float32)),
        (SubwordRule(1, 0, 2), np.zeros((2, 2), np.float32)),
        (SubwordRule(1, 3, 3), np.zeros((2, 2), np.float32)),
        (SubwordRule(1, 3, 2), np.zeros((2, 2))),
        (SubwordRule(1, 3, 2), np.zeros((2, 3), np.float32)),
    ],
)
def test_subwords_that_do_not_fit_are_refused(rule, rows):
    table = WordVectors(["a"], [[1.0, 2.0]])
    with pytest.raises(DataError, match=r"subwords need|need other rows"):
        SubwordVectors.of(table, Subwords(rule, rows, table.vectors))


# Mutations of small files


def small_files(folder: Path, documents: DocumentVectors) -> dict[str, bytes]:
    numbers = np.random.default_rng(0).normal(size=(3 + 20, 3)).astype(np.float32)
    numbers.flags.writeable = False
    words = ["the", "naïve", "日本"]
    table = WordVectors(words, numbers[:3])
    with_subwords = SubwordVectors.composed(words, numbers, SubwordRule(1, 3, 20))
    for name in ("v.txt", "v.vec", "v.bin", "v.safetensors", "v.txt.gz"):
        table.save(folder / name)
    with_subwords.save(folder / "m.bin")
    documents.save(folder / "d.safetensors")
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def mutated(content: bytes, rng: random.Random) -> bytes:
    """The content with a few bytes changed, put in, taken out or cut off; numbers at the edges of types."""
    changed = bytearray(content)
    for _ in range(rng.randint(1, 3)):
        at = rng.randrange(len(changed) + 1)
        match rng.randrange(5):
            case 0:
                changed[at : at + 1] = bytes([rng.randrange(256)])
            case 1:
                changed[at : at + rng.randint(1, 8)] = b""
            case 2:
                changed[at:at] = rng.choice([b"\xff", b"\0", b" ", b"\n", b"9", b"-", b"\x80\0"])
            case 3:
                edge = rng.choice([-1, 2**31 - 1, -(2**31), 1 << 20, 0])
                changed[at : at + 4] = struct.pack("<i", edge)
            case 4:
                edge = rng.choice([-1, 2**63 - 1, -(2**63), 1 << 40, 0])
                changed[at : at + 8] = struct.pack("<q", edge)
        if rng.random() < 0.1:
            del changed[rng.randrange(len(changed) + 1) :]
    return bytes(changed)


@pytest.mark.slow
@pytest.mark.parametrize("kernels", ["plain", "compiled"])
def test_mutated_files_give_a_table_or_a_data_error(kernels, documents, tmp_path, monkeypatch):
    monkeypatch.setenv("WORDLOOM_KERNELS", kernels)
    monkeypatch.setenv("WORDLOOM_CACHE", str(tmp_path / "cache"))
    (tmp_path / "good").mkdir()
    rng = random.Random(1)
    files = small_files(tmp_path / "good", documents)
    lengths: list[int] = []
    for name, content in files.items():
        for _ in range(60):
            path = tmp_path / name
            path.write_bytes(mutated(content, rng))
            policy = rng.choice(["error", "skip", "replace"])
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", WordloomWarning)
                try:
                    table = read(path, undecodable=policy, mmap=name != "m.bin" and rng.random() < 0.2)
                    assert len(table.words) == len(set(table.words)) == len(table.vectors)
                    if isinstance(table, SubwordVectors):
                        table["unseen word"]
                    if name == "d.safetensors":
                        assert len(DocumentVectors.load(path).encode(TEXTS)) == len(TEXTS)
                except (DataError, UsageError) as error:
                    said = str(error)
                    lengths.append(len(said))
    assert 0 < max(lengths) < 2000
