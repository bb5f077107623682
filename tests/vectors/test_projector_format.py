"""The Embedding Projector's files, against the rules of TensorBoard's own reader."""

from __future__ import annotations

import numpy as np
import pytest

from wordloom.errors import DataError, WordloomWarning
from wordloom.vectors import WordVectors
from wordloom.vectors.formats import detect, read

# ECMAScript, "WhiteSpace" and "LineTerminator": what `trim` removes.
SPACE = "\t\n\v\f\r \u00a0\u1680\u2028\u2029\u202f\u205f\u3000\ufeff" + "".join(
    map(chr, range(0x2000, 0x200B))
)


def as_projector_reads(content: str) -> list[str]:
    """data-provider.ts: lines end at a line feed, blank ones are skipped, a tab in the first means header."""
    lines = [line for line in content.split("\n")[:-1] if line.strip(SPACE)]
    return lines[1:] if "\t" in lines[0] else lines


def test_three_files_and_their_exact_content(tmp_path):
    (tmp_path / "other.txt").write_text("stays")
    table = WordVectors(["<unknown>", "naïve", "good bye"], [[0.1, 1], [2, -3e-8], [0, 0]])
    table.save(tmp_path, "projector")
    assert (tmp_path / "vectors.tsv").read_bytes() == b"0.1\t1.0\n2.0\t-3e-08\n0.0\t0.0\n"
    assert (tmp_path / "metadata.tsv").read_text(encoding="utf-8") == "<unknown>\nnaïve\ngood bye\n"
    assert (tmp_path / "projector_config.pbtxt").read_text() == (
        'embeddings {\n  tensor_path: "vectors.tsv"\n  metadata_path: "metadata.tsv"\n}\n'
    )
    assert sorted(file.name for file in tmp_path.iterdir()) == [
        "metadata.tsv",
        "other.txt",
        "projector_config.pbtxt",
        "vectors.tsv",
    ]


def test_the_projector_itself_would_see_the_same_words(tmp_path):
    words = ["a", "\u00a0x", "b c", "#!", "1", "null", "\x85", "a\u2028b"]
    WordVectors(words, np.eye(8)).save(tmp_path / "out")
    content = (tmp_path / "out" / "metadata.tsv").read_text(encoding="utf-8")
    assert as_projector_reads(content) == words


def test_needs_two_dimensions(tmp_path):
    with pytest.raises(DataError, match="at least 2 dimensions"):
        WordVectors(["a"], [[1.0]]).save(tmp_path / "out")


def test_folder_config_and_table_name_the_same(tmp_path):
    WordVectors(["a", "b"], np.eye(2)).save(tmp_path / "out")
    for path in (
        tmp_path / "out",
        *(tmp_path / "out" / n for n in ("vectors.tsv", "projector_config.pbtxt")),
    ):
        assert detect(path) == "projector"
        assert read(path).words == ("a", "b")
    assert read(tmp_path / "out", words=["b"]).vectors.tolist() == [[0, 1]]
    assert read(tmp_path / "out", limit=1).words == ("a",)


def test_files_of_others(tmp_path):
    vectors, metadata = tmp_path / "vectors.tsv", tmp_path / "metadata.tsv"
    vectors.write_bytes(b" 1\t2\r\n\n3\t4 \n")
    metadata.write_bytes("Index\tWord\tcount\r\n0\tcafé\t12\r\n\n1\tthe\t\r\n".encode())
    table = read(tmp_path)
    assert table.words == ("café", "the")
    assert table.vectors.tolist() == [[1, 2], [3, 4]]
    metadata.unlink()
    with pytest.raises(DataError, match=r"no metadata\.tsv beside it"):
        read(tmp_path)
    vectors.write_bytes(b"a\t1\t2\nb\t3\t4\n")
    assert read(vectors).words == ("a", "b")
    metadata.write_bytes(b"x\nx\n")
    with pytest.warns(WordloomWarning, match="1 duplicate words, the first is 'x' at row 1"):
        assert read(vectors).words == ("x",)


def test_config_with_other_file_names(tmp_path):
    (tmp_path / "t.tsv").write_text("1\t2\n")
    (tmp_path / "m.tsv").write_text("word\n")
    (tmp_path / "projector_config.pbtxt").write_text(
        "embeddings {\n tensor_name: 'x'\n tensor_path: 't.tsv'\n metadata_path: \"m.tsv\" }"
    )
    assert read(tmp_path).words == ("word",)
    assert read(tmp_path / "t.tsv").words == ("word",)


@pytest.mark.parametrize(
    ("vectors", "metadata", "message"),
    [
        ("1\t2\n3\t4\n", "a\n", "1 words, but vectors.tsv has 2 rows"),
        ("1\t2\n3\n", "a\nb\n", "line 2: 1 numbers, expected 2"),
        ("1\n3\n", "a\nb\n", "line 1: 1 numbers, expected 2"),
        ("1\t2\n3\tnan\n", "a\nb\n", "line 2: 'nan' is not a finite number"),
        ("1\t2\n3\tx\n", "a\nb\n", "line 2: 'x' is not a number"),
        ("1\t2\n3\t4\n", "w\tn\na\t1\nb\n", r"metadata\.tsv, line 3: 1 columns, the header has 2"),
        ("\n", "a\n", "no vectors"),
    ],
)
def test_mistakes(vectors, metadata, message, tmp_path):
    (tmp_path / "vectors.tsv").write_text(vectors)
    (tmp_path / "metadata.tsv").write_text(metadata)
    with pytest.raises(DataError, match=message):
        read(tmp_path)
