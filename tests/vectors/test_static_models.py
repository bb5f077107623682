"""model2vec's folders and StaticEmbedding's: tables of the vectors of their tokens."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from wordloom import WordVectors
from wordloom.errors import DataError, MissingExtraError, WordloomWarning

tokenizers = pytest.importorskip("tokenizers", reason="the extra 'static' is not installed")

TOKENS = ["[PAD]", "[UNK]", "good", "film", "##s"]


def static_folder(folder: Path, tensors: dict[str, np.ndarray]) -> Path:
    """A folder as model2vec writes it."""
    folder.mkdir(parents=True, exist_ok=True)
    vocabulary = {token: number for number, token in enumerate(TOKENS)}
    made = tokenizers.Tokenizer(tokenizers.models.WordPiece(vocabulary, unk_token="[UNK]"))
    made.pre_tokenizer = tokenizers.pre_tokenizers.BertPreTokenizer()
    made.add_special_tokens(["[PAD]", "[UNK]"])
    made.save(str(folder / "tokenizer.json"))
    (folder / "config.json").write_text('{"model_type": "model2vec", "normalize": true}')
    save_file(tensors, folder / "model.safetensors")
    return folder


@pytest.fixture
def rows() -> np.ndarray:
    return np.random.default_rng(3).normal(size=(5, 4)).astype(np.float32)


def test_a_model2vec_folder_loads_as_vectors_of_its_tokens(rows, tmp_path):
    folder = static_folder(tmp_path / "potion", {"embeddings": rows})
    for path in (folder, folder / "model.safetensors"):
        table = WordVectors.load(path)
        assert table.words == tuple(TOKENS)
        assert (table.vectors == rows).all()
        assert table.special == {"[PAD]", "[UNK]"}
        assert table.name == "potion"
    assert WordVectors.load(folder, words=["film"]).words == ("film",)
    assert len(WordVectors.load(folder, limit=3)) == 3


@pytest.mark.parametrize("inside", ["", "0_StaticEmbedding"])
def test_a_static_embedding_of_sentence_transformers_loads(inside, rows, tmp_path):
    folder = tmp_path / "model"
    static_folder(folder / inside, {"embedding.weight": rows})
    (folder / "modules.json").write_text("[]")
    assert (WordVectors.load(folder)["film"] == rows[3]).all()


def test_weights_and_mapping_give_the_vectors_that_the_library_averages(rows, tmp_path):
    weights = np.array([0, 0, 0.5, 2, 1], dtype=np.float64)
    mapping = np.array([0, 0, 1, 1, 2])
    tensors = {"embeddings": rows[:3].copy(), "weights": weights, "mapping": mapping}
    table = WordVectors.load(static_folder(tmp_path / "m", tensors))
    assert np.allclose(table.vectors, rows[mapping] * weights[:, None], atol=1e-6)


@pytest.mark.parametrize("dtype", ["float16", "float64", "int8"])
def test_any_type_of_number_is_read(dtype, rows, tmp_path):
    stored = (rows * 20).astype(dtype)
    table = WordVectors.load(static_folder(tmp_path / "m", {"embeddings": stored}))
    assert (table.vectors == stored.astype(np.float32)).all()


def test_bfloat16_is_read(rows, tmp_path):
    folder = static_folder(tmp_path / "m", {"embeddings": rows})
    upper = (rows.view(np.uint32) >> 16).astype(np.uint16)
    write_raw(folder / "model.safetensors", "BF16", rows.shape, upper.tobytes())
    assert (WordVectors.load(folder).vectors == (upper.astype(np.uint32) << 16).view(np.float32)).all()


def write_raw(path: Path, dtype: str, shape: tuple[int, ...], data: bytes) -> None:
    header = {"embeddings": {"dtype": dtype, "shape": list(shape), "data_offsets": [0, len(data)]}}
    text = json.dumps(header).encode()
    path.write_bytes(len(text).to_bytes(8, "little") + text + data)


def test_tensors_that_do_not_fit_the_tokenizer_are_refused(rows, tmp_path):
    def load(**tensors: np.ndarray) -> WordVectors:
        return WordVectors.load(static_folder(tmp_path / "m", tensors))

    with pytest.raises(DataError, match="a token asks for number 4, but there are 4 vectors"):
        load(embeddings=rows[:4].copy())
    for wrong in (9, -1):
        with pytest.raises(DataError, match=f"a token asks for number {wrong}"):
            load(embeddings=rows, mapping=np.array([0, 1, 2, 3, wrong]))
    with pytest.raises(DataError, match="4 entries in 'mapping'"):
        load(embeddings=rows, mapping=np.arange(4))
    with pytest.raises(DataError, match="4 entries in 'weights'"):
        load(embeddings=rows, weights=np.ones(4, np.float32))
    with pytest.raises(DataError, match=r"should be .* with 2 dimensions"):
        load(embeddings=np.arange(5, dtype=np.float32))
    with pytest.raises(DataError, match="should be I64"):
        load(embeddings=rows, mapping=np.arange(5, dtype=np.float32))
    with pytest.raises(DataError, match="no table of a static model"):
        load(other=rows)
    with pytest.raises(DataError, match=r"row 2 \('good'\): a number is NaN"):
        load(embeddings=np.where(np.arange(5)[:, None] == 2, np.nan, rows).astype(np.float32))
    with pytest.warns(WordloomWarning, match="1 of 6 vectors belong to no token"):
        assert len(load(embeddings=np.concatenate([rows, rows[:1]]))) == 5


def test_eight_bit_floats_are_refused_with_their_name(rows, tmp_path):
    folder = static_folder(tmp_path / "m", {"embeddings": rows})
    write_raw(folder / "model.safetensors", "F8_E4M3", (5, 4), bytes(20))
    with pytest.raises(DataError, match="found F8_E4M3"):
        WordVectors.load(folder)


def test_a_damaged_tokenizer_is_a_data_error(rows, tmp_path):
    folder = static_folder(tmp_path / "m", {"embeddings": rows})
    for content in (b"", b"{", b"[]", b"\xff", b"{" * 100_000, b'{"added_tokens": 3}'):
        (folder / "tokenizer.json").write_bytes(content)
        with pytest.raises(DataError, match="not a whole tokenizer"):
            WordVectors.load(folder)


def test_without_the_package_the_extra_is_named(rows, tmp_path, monkeypatch):
    folder = static_folder(tmp_path / "m", {"embeddings": rows})
    monkeypatch.setitem(__import__("sys").modules, "tokenizers", None)
    with pytest.raises(MissingExtraError, match=r"wordloom\[static\]"):
        WordVectors.load(folder)
