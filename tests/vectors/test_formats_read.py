"""Files as others write them, and files with mistakes: the exact table or an error with its place."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wordloom.errors import DataError, UsageError, WordloomWarning
from wordloom.vectors import WordVectors
from wordloom.vectors.formats import detect, read


@pytest.fixture
def file(tmp_path):
    def make(content: bytes, name: str = "vectors.txt") -> Path:
        path = tmp_path / name
        path.write_bytes(content)
        return path

    return make


def rows(table: WordVectors) -> dict[str, list[float]]:
    return dict(zip(table.words, table.vectors.tolist(), strict=True))


# Text files


def test_tokens_with_spaces_and_unicode_spaces(file):
    content = "a 1 2\n. . . 3 4\nat name@domain.com 5 6\nx\u00a0y 7 8\nn\u0085m\u2028 9 0\nroute 66 0.5 1\n"
    table = read(file(content.encode()))
    assert table.words == ("a", ". . .", "at name@domain.com", "x\u00a0y", "n\u0085m\u2028", "route 66")
    assert table.vectors.tolist() == [[1, 2], [3, 4], [5, 6], [7, 8], [9, 0], [0.5, 1]]


def test_width_is_that_of_most_lines_not_of_the_first(file):
    table = read(file(b"in 1999 1.5 2.5\na 1 2\nb 3 4\n"))
    assert rows(table) == {"in 1999": [1.5, 2.5], "a": [1, 2], "b": [3, 4]}


def test_width_where_every_token_holds_a_space(file):
    assert rows(read(file(b"New York 1 2\nLos Angeles 3 4\n"))) == {"New York": [1, 2], "Los Angeles": [3, 4]}


def test_header_trailing_spaces_crlf_and_blank_end(file):
    expected = {"</s>": [0.25, -1], "é": [1e-3, 2]}
    for content in (
        "2 2\n</s> 0.25 -1 \né 0.001 2 \n",
        "2 2\r\n</s> 0.25 -1\r\né 1e-3 2\r\n\r\n",
        "</s> 0.25 -1\né 0.001 2\n\n\n",
        "\ufeff</s> 0.25 -1\né 0.001 2\n",
        "\ufeff2 2\n</s> 0.25 -1\né 0.001 2\n",
    ):
        found = rows(read(file(content.encode())))
        assert {word: np.float32(v).tolist() for word, v in found.items()} == {
            word: np.float32(v).tolist() for word, v in expected.items()
        }


def test_header_of_a_one_dimensional_file_of_whole_numbers(file):
    path = file(b"2 1\n7 5\n8 6\n")
    assert rows(read(path)) == {"7": [5], "8": [6]}
    assert rows(read(path, header=False)) == {"2": [1], "7": [5], "8": [6]}
    with pytest.raises(DataError, match="line 1: a header of two whole numbers expected"):
        read(file(b"a 1 2\n"), header=True)
    with pytest.raises(DataError, match="format='glove'"):
        read(file(b"a 1 2\n"), "word2vec")


def test_first_of_equal_words_is_kept_and_the_others_counted(file):
    path = file(b"a 1 2\nb 3 4\na 5 6\na 7 8\n")
    with pytest.warns(WordloomWarning, match="2 duplicate words, the first is 'a' at line 3"):
        assert rows(read(path)) == {"a": [1, 2], "b": [3, 4]}


def test_words_and_limit_read_only_what_is_asked_for(file):
    path = file(b"4 2\na 1 2\nb 3 4\nc 5 6\nd 7 x\n")
    assert rows(read(path, words=["c", "a", "zebra"], limit=3)) == {"a": [1, 2], "c": [5, 6]}
    assert rows(read(path, words=["b"])) == {"b": [3, 4]}
    assert rows(read(path, limit=2)) == {"a": [1, 2], "b": [3, 4]}
    assert rows(WordVectors.load(path, limit=3, words=["d", "a"])) == {"a": [1, 2]}
    assert len(read(path, words=["nobody"])) == 0
    with pytest.raises(UsageError, match="at least 1"):
        read(path, limit=0)
    with pytest.raises(UsageError, match="not one string"):
        read(path, words="ab")


def test_more_than_one_block_of_rows(file):
    numbers = np.random.default_rng(0).normal(size=(2500, 3))
    path = file(b"".join(b"w%d %.17g %.17g %.17g\n" % (i, *row) for i, row in enumerate(numbers.tolist())))
    table = read(path)
    assert (table.vectors == numbers.astype(np.float32)).all()
    assert table.words[2400] == "w2400"
    assert (read(path, limit=2049).vectors == numbers[:2049].astype(np.float32)).all()


@pytest.mark.slow
@pytest.mark.parametrize("kernels", ["plain", "compiled"])
@pytest.mark.parametrize("header", [b"", b"40 2\n", b"000000000000000040 2" + b" " * 43 + b"\n"])
@pytest.mark.parametrize("size", [1, 63, 64, 65, 100, 128, 1000])
def test_pieces_that_end_anywhere(size, header, kernels, file, monkeypatch):
    from wordloom.vectors.formats import text_pieces

    monkeypatch.setattr(text_pieces, "_PIECE", size)
    monkeypatch.setattr(text_pieces, "_AHEAD", 5)
    monkeypatch.setenv("WORDLOOM_KERNELS", kernels)
    lines = [b"w%03d 1.5 %d.0" % (i, i) for i in range(40)]
    content = header + b"".join(line + b" " * (63 - len(line)) + b"\n" for line in lines)
    for path in (file(content), file(gzip.compress(content), "v.gz")):
        table = read(path)
        assert table.words == tuple(f"w{i:03d}" for i in range(40))
        assert table.vectors.tolist() == [[1.5, i] for i in range(40)]
    where = content.index(b"w030") + 5
    with pytest.raises(DataError, match=f"line {31 + (header != b'')}: 'x.5' is not a number"):
        read(file(content[:where] + b"x" + content[where + 1 :]))


@pytest.mark.parametrize("kernels", ["plain", "compiled"])
def test_more_rows_than_the_first_lines_let_expect(kernels, file, monkeypatch):
    from wordloom.vectors.formats import text_pieces

    monkeypatch.setattr(text_pieces, "_PIECE", 64)
    monkeypatch.setenv("WORDLOOM_KERNELS", kernels)
    lines = [b"%s %d 0.5" % (b"a" * 500, 0)]  # the table moves while numbers wait to be copied into it
    lines += [b"w%d %d 0.25" % (i % 900, i) for i in range(1, 1000)]
    with pytest.warns(WordloomWarning, match="99 duplicate words, the first is 'w1' at line 902"):
        table = read(file(b"\n".join(lines) + b"\n"))
    assert table.words == ("a" * 500, *(f"w{i}" for i in range(1, 900)), "w0")
    assert table.vectors.tolist() == [[0, 0.5], *([i, 0.25] for i in range(1, 901))]


def test_more_rows_than_announced(file):
    with pytest.warns(WordloomWarning, match="line 3: more rows than the 1"):
        assert rows(read(file(b"1 2\na 1 2\nb 3 4\n"))) == {"a": [1, 2]}


@pytest.mark.parametrize("size", [1, 3, 6, 11, 100])
def test_no_line_end_after_the_last_row_is_reported(size, file, monkeypatch):
    from wordloom.vectors.formats import text_pieces

    monkeypatch.setattr(text_pieces, "_PIECE", size)
    with pytest.warns(WordloomWarning, match="no line end"):
        assert rows(read(file(b"a 1 2\nb 3 4"))) == {"a": [1, 2], "b": [3, 4]}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "empty"),
        (b"\n \n", "empty"),
        (b"a 1 2\nb 1\nc 3 4\n", "line 2: 1 numbers after 'b', expected 2, as most lines have"),
        (b"a 1 2\nb\nc 3 4\n", "line 2: 0 numbers after 'b'"),
        (b"a 1.5 2\nb 1.5 2 3\nc 3 4\n", "line 2: more than 2 numbers"),
        (b"a 1 2\nb 1 2 3\nc 3 4\n", "line 2: more than 2 numbers"),
        (b"a 1 2\nb\t1 2 3\nc 3 4\n", "line 2: more than 2 numbers"),
        (b"a 1 2\nb 1 nan\n", "line 2: 'nan' is not a finite number"),
        (b"a 1 2\nb 1 -Infinity\n", "line 2: '-Infinity' is not a finite number"),
        (b"a 1 2\nb 1 1e99\n", "line 2: '1e99' is too large for float32"),
        (b"a 1 2\nb 1 0,5\n", "line 2: '0,5' is not a number"),
        (b"a 1 2\nb 1 1_0\n", "line 2: '1_0' is not a number"),
        (b"a 1 2\nb 1  2\n", "line 2: an empty field"),
        (b"a 1 2\nb  1 2\n", "line 2: 'b ' begins or ends with white space"),
        (b"a 1 2\n 1 2\n", "line 2: no word before the 2 numbers"),
        (b"a 1 2\n\nb 1 2\n", "line 2: the line is empty, but rows follow"),
        (b"a 1 2\ncaf\xe9 1 2\n", r"line 2: the word b'caf\\xe9' is not UTF-8 \(byte 3"),
        (b"hello\nworld\n", "no word followed by numbers"),
        (b"3 2\na 1 2\nb 3 4\n", "announces 3 rows, the file holds 2"),
        (
            b"2 3\na 1 2\nb 3 4\n",
            "line 2: 2 numbers after 'a', expected 3, as the first line says.*header=False",
        ),
        (b"2 1\na 1.5 2.5\nb 3 4\n", "line 2: more than 1 numbers"),
        (b"2 0\na\nb\n", "line 1: the header says that vectors have 0"),
        (b"5 999999999\na 1 2\n", "line 2: 2 numbers after 'a', expected 999,999,999"),
        (b"PK\x03\x04rest", "damaged or cut short"),
        (b"\xba\x16\x4f\x2f\x0c\0\0\0", "the file ends too early"),
        (b"\x80\x04\x95abc", "pickle"),
        (b"<!DOCTYPE html>\n<p>not found", "web page"),
    ],
)
def test_mistakes_in_text_files(content, message, file):
    with pytest.raises(DataError, match=message) as caught:
        read(file(content))
    assert "vectors.txt" in str(caught.value)


def test_missing_files_and_folders(tmp_path):
    with pytest.raises(DataError, match="no such file"):
        read(tmp_path / "none.txt")
    with pytest.raises(DataError, match="no such file"):
        read(tmp_path / "none.txt", "glove")
    with pytest.raises(DataError, match="a folder without"):
        read(tmp_path)
    with pytest.raises(DataError, match="a folder; a file"):
        read(tmp_path, "glove")
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(DataError, match="Export its vectors"):
        read(tmp_path)


@pytest.mark.parametrize("format", [None, "glove", "word2vec-binary"])
def test_vectors_in_a_pipe_are_refused_because_they_are_read_twice(format, tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(DataError, match=r"is a pipe or a device.*Write it to a file"):
        read(tmp_path / "pipe", format)


@pytest.mark.slow
def test_gzip_is_recognized_by_content_and_its_damage_reported(file):
    packed = gzip.compress(b"".join(b"w%d 0.25 0.5\n" % i for i in range(20_000)))
    assert len(read(file(packed))) == 20_000
    with pytest.raises(DataError, match="damaged or cut short"):
        read(file(packed[: len(packed) // 2]))
    with pytest.raises(DataError, match="damaged or cut short"):
        read(file(packed[:-8] + b"\0" * 8))
    with pytest.raises(DataError, match="damaged or cut short"):
        read(file(packed[:20]))


# word2vec binary


def binary(
    table: dict[bytes, list[float]], end: bytes = b"\n", counts: tuple[int, int] | None = None
) -> bytes:
    width = len(next(iter(table.values())))
    body = b"".join(word + b" " + np.array(v, dtype="<f4").tobytes() + end for word, v in table.items())
    return b"%d %d\n" % (counts or (len(table), width)) + body


@pytest.mark.parametrize("end", [b"\n", b""])
def test_binary_of_the_c_tool_and_of_gensim(end, file):
    table = {b"</s>": [0.1, -0.0, 1e-45], "日本".encode(): [3, 2, 1], b"tab\tword": [0, 0, 0]}
    path = file(binary(table, end), "v.bin")
    assert detect(path) == "word2vec-binary"
    found = read(path)
    assert found.words == ("</s>", "日本", "tab\tword")
    assert found.vectors.tobytes() == np.array(list(table.values()), dtype="<f4").tobytes()
    assert read(path, limit=2).words == ("</s>", "日本")
    assert read(path, words=["日本"]).vectors.tolist() == [[3, 2, 1]]


def test_binary_longer_than_one_chunk(file, monkeypatch):
    from wordloom.vectors.formats import word2vec_binary

    monkeypatch.setattr(word2vec_binary, "_CHUNK", 100)
    table = {b"word%d" % i: [i, i + 0.5, -i, 0.0, 1e30] for i in range(500)}
    assert (read(file(binary(table), "v.bin")).vectors == np.array(list(table.values()), dtype="f4")).all()


def test_mistakes_in_binary_files(file):
    table = {b"a": [1.0, 2.0], b"b": [3.0, 4.0]}
    with pytest.raises(DataError, match="row 1: the file ends inside the row"):
        read(file(binary(table)[:-3]))
    with pytest.raises(DataError, match="row 2: the file ends inside the row"):
        read(file(binary(table, counts=(3, 2))))
    with pytest.raises(DataError, match="bytes follow the 1 rows"):
        read(file(binary(table, counts=(1, 2))))
    assert len(read(file(binary(table, counts=(1, 2))), limit=1)) == 1
    with pytest.raises(DataError, match="the file ends inside"):
        read(file(binary(table, counts=(2, 999_999_999))), "word2vec-binary")
    with pytest.raises(DataError, match=r"row 1 \('b'\): a number is NaN"):
        read(file(binary({b"a": [1.0, 2.0], b"b": [float("nan"), 0.0]})))
    with pytest.raises(DataError, match="not UTF-8"):
        read(file(binary({b"\xff\xfe": [1.0, 2.0]})))
    with pytest.raises(DataError, match="begins with a line of two whole numbers"):
        read(file(b"abc"), "word2vec-binary")
    twice = file(b"2 1\na " + np.float32(1).tobytes() + b"\na " + np.float32(2).tobytes() + b"\n")
    with pytest.warns(WordloomWarning, match="1 duplicate words, the first is 'a' at row 1"):
        assert rows(read(twice)) == {"a": [1]}


# Mutations of good files: the table or a DataError, nothing else

GOOD = {
    "glove": b"the 0.25 -1.5\n. . . 3.0 4e-05\ncaf\xc3\xa9 1.0 2.0\n",
    "word2vec": b"3 2\nthe 0.25 -1.5\nof 3.0 4e-05\ncaf\xc3\xa9 1.0 2.0\n",
    "word2vec-binary": binary({b"the": [0.25, -1.5], b"of": [3.0, 4e-5]}),
}


@pytest.mark.slow
@given(data=st.data())
@pytest.mark.parametrize("name", [*GOOD, None])
@pytest.mark.filterwarnings("ignore::wordloom.errors.WordloomWarning")
def test_damaged_files_give_a_table_or_a_data_error(name, data, tmp_path_factory):
    content = bytearray(data.draw(st.sampled_from(list(GOOD.values()))) if name is None else GOOD[name])
    for _ in range(data.draw(st.integers(1, 3))):
        start = data.draw(st.integers(0, len(content)))
        end = data.draw(st.integers(start, min(len(content), start + 6)))
        piece = st.sampled_from(
            [b"", b" ", b"\n", b"\t", b"nan", b"1e99", b"7", b"\xff", b"\r", b"\0", b"0.5 "]
        )
        content[start:end] = data.draw(piece | st.binary(max_size=4))
    path = tmp_path_factory.mktemp("f") / "v.txt"
    path.write_bytes(content)
    try:
        table = read(path, name)
    except DataError as error:
        said = str(error)
    else:
        assert np.isfinite(table.vectors).all()
        assert len(set(table.words)) == len(table) == len(table.vectors)
        return
    assert "v.txt" in said


# Real files

DATA = os.environ.get("WORDLOOM_DATA")
needs_data = pytest.mark.skipif(not DATA, reason="WORDLOOM_DATA is not set")


@needs_data
@pytest.mark.filterwarnings("ignore:.*no line end")
def test_rows_of_the_official_glove_table():
    path = Path(DATA or "", "glove.6B.100d.sample.txt")
    if not path.exists():
        pytest.skip(f"no {path.name} in WORDLOOM_DATA")
    table = WordVectors.load(path)
    assert table.words == ("after", "sky")
    assert table.dimensions == 100
    assert table["after"][:3].tolist() == np.float32([0.37711, -0.34471, 0.13405]).tolist()


@pytest.mark.data
@needs_data
def test_beginning_of_a_real_table():
    path = Path(DATA or "", "static-en-50k-100d.txt.gz")
    if not path.exists():
        pytest.skip(f"no {path.name} in WORDLOOM_DATA")
    table = WordVectors.load(path, limit=1500)
    with gzip.open(path, "rt", encoding="utf-8", newline="\n") as stream:
        for row, line in zip(range(1500), stream, strict=False):
            word, *fields = line.rstrip("\n").rsplit(" ", 100)
            assert table.words[row] == word
            assert table.vectors[row].tolist() == np.array(list(map(float, fields)), dtype="f4").tolist()
