"""Every written format reads back with the same words and the same bits."""

from __future__ import annotations

import gzip

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from wordloom.errors import DataError, UsageError, WordloomWarning
from wordloom.vectors import WordVectors
from wordloom.vectors.formats import FORMATS, convert, detect, glove_text, read, text_lines, write
from wordloom.vectors.formats.detection import codec_of

NAMES = {
    "glove": "t.txt",
    "word2vec": "t.vec",
    "word2vec-binary": "t.bin",
    "projector": "folder",
    "safetensors": "t.safetensors",
    "fasttext": "t.model",
}
"""For each format a name that tells it; the last one's has to be said."""

any_float = st.floats(width=32, allow_nan=False, allow_infinity=False)


def random_bits(count: int, seed: int = 0) -> np.ndarray:
    """Finite float32 numbers of every size: random bit patterns, then the corners."""
    bits = np.random.default_rng(seed).integers(0, 2**32, size=2 * count, dtype=np.uint32)
    numbers = bits.view(np.float32)
    corners = [0.0, -0.0, 1e-45, -1e-45, 1.1754942e-38, 1.1754944e-38, 3.4028235e38, -3.4028235e38]
    corners += [7.038531e-26, 0.1, 1 / 3, 1.0, 16777216.0, 16777218.0, 1e16, 9.999999e15, 1e-4, 9.9e-5]
    return np.concatenate([np.array(corners, dtype=np.float32), numbers[np.isfinite(numbers)]])[:count]


def same_bits(a: np.ndarray, b: np.ndarray) -> bool:
    return a.shape == b.shape and (a.view(np.uint32) == b.view(np.uint32)).all()


@pytest.mark.slow
@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("dimensions", [2, 7, 50])
def test_random_bits_read_back(name, dimensions, tmp_path):
    vectors = random_bits(600 * dimensions, seed=dimensions).reshape(600, dimensions)
    words = ["<start>", "the", "don't", "a\u00a0b", "\u0085x", "日本語", "x" * 3000, *map(str, range(593))]
    table = WordVectors(words, vectors, special=["<start>"])
    done = table.save(tmp_path / NAMES[name], "fasttext" if name == "fasttext" else None)
    assert (done.format, done.rows, done.left_out, done.escaped) == (name, 600, (), ())
    assert not done.subwords_left_out
    assert detect(tmp_path / NAMES[name]) == name
    for back in (WordVectors.load(tmp_path / NAMES[name]), read(tmp_path / NAMES[name], name)):
        assert back.words == table.words
        assert same_bits(back.vectors, table.vectors)
        assert not back.vectors.flags.writeable


@pytest.mark.slow
@given(data=st.data())
@pytest.mark.parametrize("name", FORMATS)
def test_any_words_and_numbers_read_back(name, data, tmp_path_factory):
    refused = codec_of(name).unwritable
    word = st.text(st.characters(exclude_categories=["Cs"]), max_size=12).filter(lambda w: not refused(w))
    words = data.draw(st.lists(word, min_size=1, max_size=6, unique=True))
    shape = (len(words), data.draw(st.integers(2 if name == "projector" else 1, 4)))
    vectors = data.draw(hnp.arrays(np.float32, shape, elements=any_float))
    path = tmp_path_factory.mktemp("t") / NAMES[name]
    write(WordVectors(words, vectors), path, name)
    back = read(path, name)
    assert back.words == tuple(words)
    assert same_bits(back.vectors, vectors)


@pytest.mark.parametrize("source", FORMATS)
@pytest.mark.parametrize("target", FORMATS)
def test_conversions_keep_words_and_bits(source, target, tmp_path):
    table = WordVectors(["the", "don't", "日本語"], random_bits(12, seed=1).reshape(3, 4))
    table.save(tmp_path / "a" / NAMES[source], source)
    said = "fasttext" if target == "fasttext" else None
    done = convert(tmp_path / "a" / NAMES[source], tmp_path / "b" / NAMES[target], target_format=said)
    assert (done.format, done.rows) == (target, 3)
    back = read(tmp_path / "b" / NAMES[target])
    assert back.words == table.words
    assert same_bits(back.vectors, table.vectors)
    with pytest.raises(UsageError, match="does not tell the format"):
        convert(tmp_path / "a" / NAMES[source], tmp_path / "b.csv")


def test_text_is_the_shortest_that_reads_back():
    numbers = random_bits(20_000)
    texts = text_lines.shortest(numbers.reshape(-1, 4))
    flat = [text for row in texts for text in row]
    back = np.array([np.float32(float(text)) for text in flat])
    assert same_bits(back, numbers)
    assert same_bits(text_lines.parse(flat), numbers)
    assert text_lines.shortest(np.array([[0.1, -0.0, 1e-45, 1]], dtype=np.float32)) == [
        [b"0.1", b"-0.0", b"1e-45", b"1.0"]
    ]
    digits = [text.lstrip(b"-").split(b"e")[0].replace(b".", b"").strip(b"0") for text in flat]
    assert max(map(len, digits)) == 9  # what a float32 needs at most


def test_parse_is_python_float_rounded():
    texts = [b"0.1", b"-1.5e-3", b"16777217", b"1e-50", b"00.5", b".5", b"5.", b"+2", b"123456789.123456789"]
    assert same_bits(text_lines.parse(texts), np.array([np.float32(float(t)) for t in texts]))
    for text in (b"nan", b"inf", b"1_0", b"", b"1e39", b" 1", b"0x1p3", b"1e", b"--1", b"\xd9\xa1"):
        assert text_lines.parse([text]) is None
        assert text_lines.what_is_wrong(text)


def test_exact_bytes_of_the_text_formats(tmp_path):
    table = WordVectors(["<start>", "café"], [[0.1, -2], [1e-8, 0.3]])
    rows = "<start> 0.1 -2.0\ncafé 1e-08 0.3\n".encode()
    table.save(tmp_path / "a.txt")
    assert (tmp_path / "a.txt").read_bytes() == rows
    table.save(tmp_path / "a.vec")
    assert (tmp_path / "a.vec").read_bytes() == b"2 2\n" + rows
    table.save(tmp_path / "a.bin")
    numbers = table.vectors.astype("<f4")
    assert (tmp_path / "a.bin").read_bytes() == (
        b"2 2\n<start> " + numbers[0].tobytes() + "\ncafé ".encode() + numbers[1].tobytes() + b"\n"
    )


@pytest.mark.parametrize("suffix", [".txt.gz", ".vec.gz", ".bin.gz"])
def test_gzip_by_name_and_with_the_same_bytes_each_time(suffix, tmp_path):
    table = WordVectors(["a", "b"], [[1, 2], [3, 4]])
    table.save(tmp_path / f"one{suffix}")
    table.save(tmp_path / f"two{suffix}")
    one = (tmp_path / f"one{suffix}").read_bytes()
    assert one == (tmp_path / f"two{suffix}").read_bytes()
    assert b"a" in gzip.decompress(one)
    back = WordVectors.load(tmp_path / f"one{suffix}")
    assert back.words == ("a", "b")
    assert back.vectors.tolist() == [[1, 2], [3, 4]]


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("glove", "two words"),
        ("glove", ""),
        ("glove", "line\nend"),
        ("glove", "ok\r"),
        ("glove", "\ufefffirst"),
        ("word2vec", "a\tb"),
        ("word2vec-binary", "two words"),
        ("word2vec-binary", ""),
        ("projector", "a\tb"),
        ("projector", "   "),
        ("projector", ""),
        ("projector", "\u00a0"),
        ("projector", "a\rb"),
        ("safetensors", "half \ud83d"),
        ("fasttext", "a\0b"),
        ("glove", "\ud83d"),
    ],
)
def test_words_that_a_format_cannot_hold(name, word, tmp_path):
    table = WordVectors(["good", word, "fine"], np.eye(3), special=[word])
    path = tmp_path / NAMES[name]
    with pytest.raises(DataError, match=r"the first is .*on_unwritable='skip'"):
        write(table, path, name)
    assert not path.exists()
    with pytest.warns(WordloomWarning, match="left out"):
        done = write(table, path, name, on_unwritable="skip")
    assert done.left_out == (word,)
    assert read(path).words == ("good", "fine")
    assert read(path).vectors.tolist() == [[1, 0, 0], [0, 0, 1]]
    with pytest.warns(WordloomWarning, match="codes"):
        done = write(table, path, name, on_unwritable="escape")
    ((was, now),) = done.escaped
    assert was == word
    assert read(path).words == ("good", now, "fine")


def test_escapes_are_readable():
    from wordloom.vectors.formats import _escaped

    assert _escaped("two words", codec_of("glove")) == "two\\x20words"
    assert _escaped("", codec_of("glove")) == "<empty>"
    assert _escaped(" é\t", codec_of("projector")) == " é\\x09"
    assert _escaped("\u2028", codec_of("projector")) == "\\u2028"
    assert _escaped("  ", codec_of("projector")) == "\\x20\\x20"


def test_escaped_name_that_is_taken_is_refused(tmp_path):
    table = WordVectors(["a b", "a\\x20b"], np.eye(2))
    with pytest.warns(WordloomWarning), pytest.raises(DataError, match="stands in the rows"):
        table.save(tmp_path / "a.txt", on_unwritable="escape")


def test_usage_errors(tmp_path):
    table = WordVectors(["a"], [[1.0, 2.0]])
    with pytest.raises(UsageError, match="Did you mean 'glove'"):
        table.save(tmp_path / "a.txt", "glov")
    with pytest.raises(UsageError, match="does not tell the format"):
        table.save(tmp_path / "a.csv")
    with pytest.raises(UsageError, match="name a folder"):
        table.save(tmp_path / "a.tsv", "projector")
    with pytest.raises(UsageError, match="a folder; name a file"):
        table.save(tmp_path, "glove")
    with pytest.raises(UsageError, match=r"leave out \.gz"):
        table.save(tmp_path / "a.safetensors.gz")
    with pytest.raises(UsageError, match=r"leave out \.gz"):
        table.save(tmp_path / "a.bin.gz", "fasttext")
    with pytest.raises(UsageError, match="Did you mean 'skip'"):
        table.save(tmp_path / "a.txt", on_unwritable="skp")  # type: ignore[arg-type]
    with pytest.raises(DataError, match="no words to write"):
        table.subset([]).save(tmp_path / "a.txt")
    assert list(tmp_path.iterdir()) == []


def test_failed_write_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "a.txt"
    WordVectors(["old"], [[1.0]]).save(path)

    def full_disk(rows):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(glove_text, "shortest", full_disk)
    with pytest.raises(OSError, match="No space"):
        WordVectors(["new"], [[2.0]]).save(path)
    assert path.read_bytes() == b"old 1.0\n"
    assert [file.name for file in tmp_path.iterdir()] == ["a.txt"]
