"""The kernels that read rows of decimals: one body of tests for the plain twin and the compiled one."""

from __future__ import annotations

import struct

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from wordloom.kernels import vector_text, vector_text_compiled

KERNELS = (vector_text, vector_text_compiled)
both = pytest.mark.parametrize("kernels", KERNELS, ids=["plain", "compiled"])


def as_data(content: bytes) -> np.ndarray:
    return np.frombuffer(content + b"\n" * (-len(content) % 64), dtype=np.uint8)


def find(kernels, content: bytes, dimensions: int, capacity: int = 100, begin: int = 0) -> np.ndarray:
    """The places of the lines that are found."""
    places, found = kernels.find_rows(as_data(content), begin, len(content), dimensions, capacity)
    assert places.shape == (capacity, 4)
    return places[:found]


def read_number(kernels, text: bytes) -> np.float32 | None:
    """One number through `parse_rows`, None where it is not understood."""
    data = as_data(b"w " + text + b"\n")
    places = np.array([[0, 1, 2 + len(text), 1]])
    numbers = np.full((1, 1), np.nan, dtype=np.float32)
    understood = kernels.parse_rows(data, places, np.zeros(1, dtype=np.int64), numbers)
    return numbers[0, 0] if understood[0] else None


def expected(text: bytes) -> np.float32 | None:
    """What Python makes of it: None if it is no plain decimal number in float32's range."""
    if text.translate(None, b"0123456789+-.eE"):
        return None
    try:
        with np.errstate(over="ignore"):
            number = np.float32(float(text))
    except ValueError:
        return None
    return number if np.isfinite(number) else None


def same(a: np.float32 | None, b: np.float32 | None) -> bool:
    return (a is None and b is None) or (a is not None and b is not None and a.tobytes() == b.tobytes())


def check(text: bytes, must: bool = True) -> None:
    """Both kernels give Python's number; if not `must`, they may leave it to Python instead."""
    for kernels in KERNELS:
        found = read_number(kernels, text)
        assert same(found, expected(text)) or (not must and found is None), (kernels.__name__, text, found)


@pytest.mark.parametrize(
    "text",
    [
        *(b"0", b"-0", b"-0.0", b"+1", b"1.", b".5", b"-.5", b"00.50", b"1e5", b"1E+05", b"1e-05", b"0e9999"),
        *(b"16777217", b"9007199254740993", b"123456789.123456789", b"0.000000000000000000001", b"1e-400"),
        *(b"1e-45", b"7.1e-46", b"3.4028235e38", b"1e38", b"-2e-99999999999999999999", b"5e00000000000001"),
        b"1000000000000000000000000000000",
        b"0." + b"0" * 400 + b"1",
        b"1" + b"0" * 30 + b"e-30",
        b"0.1000000000000000055511151231257827021181583404541015625",
    ],
)
def test_numbers_that_are_understood(text: bytes) -> None:
    check(text)
    assert expected(text) is not None


@pytest.mark.parametrize(
    "text",
    [
        *(
            b"",
            b"-",
            b"+",
            b".",
            b"-.",
            b"e5",
            b".e5",
            b"1e",
            b"1e+",
            b"--1",
            b"+-1",
            b"-+1",
            b"1.2.3",
            b"1..2",
        ),
        *(
            b"nan",
            b"inf",
            b"-inf",
            b"Infinity",
            b"1_0",
            b"0x10",
            b"1,5",
            b"1e39",
            b"-3.5e38",
            b"1e99999999999",
        ),
        *(b"1 ", b" 1", b"1e5.0", b"1-2", b"1\t", b"\xd9\xa1", b"1\x00"),
    ],
)
def test_fields_that_are_no_numbers(text: bytes) -> None:
    assert expected(text.replace(b" ", b"x")) is None
    check(text)


def test_halves_between_two_float32_are_never_guessed() -> None:
    # 1 + 2**-24 lies between two float32; the slightest more must round up, the slightest less down
    half = b"1.000000059604644775390625"
    for text in (half, half + b"0" * 30 + b"1", half[:-1] + b"4999", half[:-1] + b"4", half[:-1] + b"6"):
        check(text, must=False)
    for text in (b"1.00000005960464", b"1.00000005960465", b"16777219", b"16777217.0000"):
        check(text)


@settings(max_examples=150, deadline=None)
@given(
    st.from_regex(rb"[+-]?[0-9]{0,25}\.?[0-9]{0,25}([eE][+-]?[0-9]{1,4})?", fullmatch=True)
    | st.binary(max_size=6)
    | st.text("0123456789+-.eE", max_size=12).map(str.encode)
)
@example(b"18446744073709551615")
@example(b"18446744073709551616")
@example(b"9999999999999999999e-10")
@example(b"99999999999999999999999")
def test_any_text_is_pythons_number_or_left_to_python(text: bytes) -> None:
    if b" " not in text:
        check(text, must=False)


@settings(max_examples=100, deadline=None)
@given(st.floats(width=32, allow_nan=False, allow_infinity=False), st.integers(0, 17))
def test_numbers_as_programs_write_them(number: float, digits: int) -> None:
    for text in (repr(number), str(np.float32(number)), f"{number:.{digits}e}", f"{number:.{digits}g}"):
        check(text.encode(), must=False)
    if abs(number) < 1e6:
        check(f"{number:.{min(digits, 8)}f}".encode())


def test_random_doubles_in_full_length_are_almost_always_understood() -> None:
    bits = np.random.default_rng(1).integers(0, 2**63, 20_000, dtype=np.int64)
    doubles = [d for d in struct.unpack(f"<{len(bits)}d", bits.tobytes()) if 1e-40 < d < 3e38]
    content = b" ".join([b"w", *(repr(d).encode() for d in doubles)]) + b"\n"
    data = as_data(content)
    for kernels in KERNELS:
        places = find(kernels, content, len(doubles))
        numbers = np.empty((1, len(doubles)), dtype=np.float32)
        assert kernels.parse_rows(data, places, np.zeros(1, dtype=np.int64), numbers).all()
        assert numbers[0].tolist() == np.array(doubles).astype(np.float32).tolist()


@settings(max_examples=100, deadline=None)
@given(st.lists(st.from_regex(rb"-?[0-9]\.[0-9]{1,9}", fullmatch=True), min_size=1, max_size=40))
@example([b"0.1234567", b"0.12345678", b"-9.9999999", b"5.0", b"0.123456"])
def test_usual_numbers_in_a_row_whatever_follows_them(fields: list[bytes]) -> None:
    content = b" ".join([b"w", *fields]) + b"\n"
    data = as_data(content)
    for kernels in KERNELS:
        places = find(kernels, content, len(fields))
        numbers = np.empty((1, len(fields)), dtype=np.float32)
        assert kernels.parse_rows(data, places, np.zeros(1, dtype=np.int64), numbers).all()
        assert numbers[0].tobytes() == np.array([float(field) for field in fields]).astype("f4").tobytes()


def test_usual_numbers_after_each_other() -> None:
    kinds = [b"7", b".5", b"5.", b"1e-1", b"0.5e1", b"12.25", b"+0.5", b"-0.0"]
    kinds += [b"-3.1415926535"[:n] for n in range(4, 14)] + [b"2.7182818284"[:n] for n in range(3, 13)]
    fields = [kind for first in kinds for second in kinds for kind in (first, second)]
    content = b" ".join([b"w", *fields]) + b"\r\n"
    for kernels in KERNELS:
        places = find(kernels, content, len(fields))
        numbers = np.empty((1, len(fields)), dtype=np.float32)
        assert kernels.parse_rows(as_data(content), places, np.zeros(1, dtype=np.int64), numbers).all()
        assert numbers[0].tobytes() == np.array([float(field) for field in fields]).astype("f4").tobytes()


@pytest.mark.parametrize(
    "wrong", [b"0.12x34", b"0.1\x80", b"0.12\xff5", b"0.1\t2", b"0.1/2", b"0.1:2", b"0.-1"]
)
def test_bytes_beside_the_digits_are_no_digits(wrong: bytes) -> None:
    content = b"w " + wrong + b" 0.25 0.5\n" + b"x 1 2 3\n" * 20
    data = as_data(content)
    places = np.array([[0, 1, 2 + len(wrong) + 9, 1]])
    for kernels in KERNELS:
        numbers = np.empty((1, 3), dtype=np.float32)
        assert not kernels.parse_rows(data, places, np.zeros(1, dtype=np.int64), numbers).any()


# Rows


@both
def test_regular_and_irregular_rows(kernels) -> None:
    lines = [
        b"a 1 2",
        b"b 1 2 \r",
        b"",
        b" ",
        b" 1 2",
        b"c 1",
        b"d e 1 2",
        b"t\t 1 2",
        "\u00a0é 1 2".encode(),
    ]
    content = b"\n".join(lines) + b"\n"
    data, places = as_data(content), find(kernels, content, 2)
    assert places[:, 3].tolist() == [1, 1, 0, 0, 0, 0, 0, 0, 1]
    blob = data.tobytes()
    contents = [blob[start:end] for start, end in zip(places[:, 0], places[:, 2], strict=True)]
    assert contents == [line.rstrip(b"\r ") for line in lines]
    words = kernels.gather_words(data, places).tobytes()
    assert words == b"\n".join([b"a", b"b", *[b""] * 6, "\u00a0é".encode(), b""])


@both
def test_only_as_many_rows_as_there_is_room_for(kernels) -> None:
    content = b"a 1\nb 2\nc 3\n"
    for capacity in range(6):
        assert len(find(kernels, content, 1, capacity)) == min(capacity, 3)
    assert kernels.gather_words(as_data(content), find(kernels, content, 1, 0)).tobytes() == b""
    assert len(find(kernels, b"", 1)) == 0


@both
@pytest.mark.parametrize("begin", [0, 1, 7, 8, 63, 64, 65, 130])
def test_rows_from_a_place_on(kernels, begin: int) -> None:
    content = b"x" * begin + b"ab 1\nc 2\n" + b"d" * 100 + b" 3\n"
    data, places = as_data(content), find(kernels, content, 1, begin=begin)
    assert places[:, 0].tolist() == [begin, begin + 5, begin + 9]
    assert places[:, 3].tolist() == [1, 1, 1]
    assert kernels.gather_words(data, places).tobytes() == b"ab\nc\n" + b"d" * 100 + b"\n"


lines_of_bytes = st.lists(
    st.lists(
        st.sampled_from([b" ", b"a", b"\t", b"\r", b"0.5", b"-1e-3", b"\xc2\xa0", b"x" * 70, b" 1" * 40])
        | st.binary(max_size=20)
    )
    .map(b"".join)
    .map(lambda line: line.replace(b"\n", b"")),
    max_size=8,
)


@settings(max_examples=100, deadline=None)
@given(lines_of_bytes, st.integers(1, 5) | st.just(40))
def test_both_find_and_read_the_same_rows(lines: list[bytes], dimensions: int) -> None:
    content = b"".join(line + b"\n" for line in lines)
    data = as_data(content)
    found = []
    for kernels in KERNELS:
        places = find(kernels, content, dimensions)
        assert places[:, 3].tolist() == [
            line.rstrip(b"\r ").count(b" ") == dimensions
            and line[:1] != b" "
            and b"\t" not in line.split(b" ", 1)[0]
            for line in lines
        ]
        rows = np.flatnonzero(places[:, 3])
        numbers = np.zeros((len(rows), dimensions), dtype=np.float32)
        understood = kernels.parse_rows(data, places, rows, numbers)
        numbers[~understood] = 0
        found.append(
            [
                places.tolist(),
                kernels.gather_words(data, places).tobytes(),
                understood.tolist(),
                numbers.tolist(),
            ]
        )
    assert found[0] == found[1]


@both
def test_words_are_looked_up_by_their_bytes(kernels):
    known = ["ab", "longer than eight", "日本", "c", "ab"[:1]]
    blob = "".join(known).encode()
    offsets = np.cumsum([0, *(len(word.encode()) for word in known)])
    index = kernels.build_words(np.frombuffer(blob, dtype=np.uint8), offsets)
    asked = [b"c", b"", "日本".encode(), b"abc", b"longer than eight", b"longer than eighu", b"\xff", b"a"]
    lines = np.frombuffer(b"".join(word + b"\n" for word in asked), dtype=np.uint8)
    assert kernels.look_up(lines, len(asked), index).tolist() == [4, 0, 3, 0, 2, 0, 0, 5]
    assert kernels.look_up(lines[:0], 0, index).tolist() == []
    nothing = kernels.build_words(lines[:0], np.zeros(1, dtype=np.int64))
    assert kernels.look_up(lines, len(asked), nothing).tolist() == [0] * len(asked)
