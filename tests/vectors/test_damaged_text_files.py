"""Text files of vectors, whole and damaged: the exact table, or a clear error with the line."""

from __future__ import annotations

import re
import warnings
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wordloom.errors import DataError, WordloomWarning
from wordloom.vectors.formats import read, text_pieces

letters = st.characters(exclude_categories=["Cs", "Cc"], exclude_characters=" ")
word = st.text(letters, min_size=1, max_size=6) | st.sampled_from(
    ["a\u00a0b", "n\u0085m", "x\u2028", "at name@domain.com", ". . .", "don't", "1999", "-", "e5", "nan"]
)
number = st.floats(width=32, allow_nan=False, allow_infinity=False)
written = st.sampled_from(["{!r}", "{:.5f}", "{:.6g}", "{:.17g}", "{:.3e}"])
damage = st.sampled_from(
    [
        b"",
        b" ",
        b"\n",
        b"\t",
        b"\r",
        b"nan",
        b"inf",
        b"1e99",
        b"7",
        b"\xff",
        b"\xc2\xa0",
        b"\0",
        b"0.5 ",
        b"-",
    ]
)


@st.composite
def files(draw: st.DrawFn) -> bytes:
    """A good file: words, widths, number forms, header, line ends and trailing spaces of many kinds."""
    dimensions = draw(st.integers(1, 4))
    words = draw(st.lists(word, min_size=1, max_size=12))
    form, end = draw(written), draw(st.sampled_from(["\n", "\r\n", " \n"]))
    lines = [
        " ".join([name, *(form.format(draw(number)) for _ in range(dimensions))]) + end for name in words
    ]
    if draw(st.booleans()):
        lines.insert(0, f"{len(words)} {dimensions}{end}")
    return "".join(lines).encode()


def outcome(path: Path, kernels: str, **wanted) -> tuple[str, object]:
    """What reading ends with: the error's text, or words, bits and warnings."""
    with pytest.MonkeyPatch.context() as patch, warnings.catch_warnings(record=True) as caught:
        patch.setenv("WORDLOOM_KERNELS", kernels)
        patch.setattr(text_pieces, "_PIECE", 64)
        patch.setattr(text_pieces, "_AHEAD", 8)
        warnings.simplefilter("always", WordloomWarning)
        try:
            table = read(path, "glove", **wanted)
        except DataError as error:
            return "error", str(error)
    said = [str(warning.message) for warning in caught]
    return "table", (table.words, table.vectors.tobytes(), table.dimensions, said)


def by_hand(content: bytes, dimensions: int) -> dict[str, bytes]:
    """The first row of each word, by the rule: the word is what stands before the last D fields."""
    rows: dict[str, bytes] = {}
    lines = content.removeprefix(b"\xef\xbb\xbf").split(b"\n")
    if header := re.fullmatch(rb"([0-9]{1,18}) [0-9]{1,9}", lines[0].rstrip(b"\r ")):
        lines = lines[1 : 1 + int(header[1])]
    for line in lines:
        if line.strip(b"\r "):
            name, *fields = line.rstrip(b"\r ").rsplit(b" ", dimensions)
            values = np.array([float(field) for field in fields]).astype(np.float32)
            rows.setdefault(name.decode(), values.tobytes())
    return rows


def check(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    kind, found = outcome(path, "compiled")
    assert outcome(path, "plain") == (kind, found)
    if kind == "error":
        assert "v.txt" in found
        assert re.search(r"line \d|the file is empty|announces", found), found
        return
    words, bits, dimensions, _ = found
    expected = by_hand(content, dimensions)
    assert list(words) == list(expected)
    assert bits == b"".join(expected.values())


@pytest.mark.filterwarnings("ignore::wordloom.errors.WordloomWarning")
@settings(max_examples=80, deadline=None)
@given(content=files())
def test_good_files_give_the_exact_table(content, tmp_path_factory):
    check(tmp_path_factory.mktemp("f") / "v.txt", content)


@settings(max_examples=150, deadline=None)
@given(content=files(), data=st.data())
def test_damaged_files_give_the_exact_table_or_an_error(content, data, tmp_path_factory):
    damaged = bytearray(content)
    for _ in range(data.draw(st.integers(1, 3))):
        start = data.draw(st.integers(0, len(damaged)))
        end = data.draw(st.integers(start, min(len(damaged), start + 6)))
        damaged[start:end] = data.draw(damage | st.binary(max_size=3))
    check(tmp_path_factory.mktemp("f") / "v.txt", bytes(damaged))


@settings(max_examples=60, deadline=None)
@given(content=files(), data=st.data())
def test_part_of_a_file_is_that_part_of_the_table(content, data, tmp_path_factory):
    path = tmp_path_factory.mktemp("f") / "v.txt"
    path.write_bytes(content)
    kind, whole = outcome(path, "plain")
    if kind == "error":
        return
    words, bits, dimensions, _ = whole
    chosen = data.draw(st.lists(st.sampled_from([*words, "no such word"])))
    limit = data.draw(st.none() | st.integers(1, len(words) + 1))
    found = outcome(path, "compiled", words=chosen, limit=limit)
    assert found == outcome(path, "plain", words=chosen, limit=limit)
    part_words, part_bits, _, _ = found[1]
    rows = dict(zip(words, np.frombuffer(bits, dtype="f4").reshape(-1, dimensions), strict=True))
    assert set(part_words) <= set(chosen)
    assert limit is not None or set(part_words) == set(chosen) & set(words)
    assert part_bits == b"".join(rows[name].tobytes() for name in part_words)
