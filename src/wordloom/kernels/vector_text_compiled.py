"""Lines of words and decimal numbers, compiled; see `vector_text` for what each function does.

A decimal of up to 15 digits or so and a small power of ten are both exact in float64, so that one division
gives the float64 that Python's `float` gives (Clinger, How to read floating point numbers accurately, 1990).
Longer ones are worked out up to a known error: if both ends of the interval round to the same float32, that
is the number; if not, which happens once in many million numbers, the row is left to Python.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from wordloom.kernels.compiling import entry, part
from wordloom.kernels.tokens_compiled import (
    RANK_MASK,
    CompiledIndex,
    build_index,
    extended_key,
    find_word,
    secret_of,
)

_LINE_FEED, _SPACE, _RETURN, _TAB = 10, 32, 13, 9
_PLUS, _MINUS, _POINT, _ZERO, _SMALL_E, _LARGE_E = 43, 45, 46, 48, 101, 69

_ONES = np.uint64(0x0101010101010101)
_TOP_BITS = np.uint64(0x8080808080808080)
_ABOVE_SPACES = np.uint64(_SPACE + 1) * _ONES
_ZEROS = np.uint64(_ZERO) * _ONES
_TO_THE_TOP = np.uint64(0x80 - 10) * _ONES  # added to a byte above 9, it sets the top bit

_EXACT_MANTISSA = np.uint64(2**53)
_FULL_MANTISSA = np.uint64(10**18)  # one more digit still fits into 64 bits
_SHORT = 18  # digits that fit into 63 bits
_CERTAIN = 15  # digits that float64 holds exactly
_LARGEST_POWER = 290  # with a mantissa of up to 20 digits, float64 neither overflows nor loses precision
_POWERS = np.array([float(f"1e{k}") for k in range(-_LARGEST_POWER, _LARGEST_POWER + 1)])
_BELOW, _ABOVE = 1.0 - 2.0**-50, 1.0 + 2.0**-50  # the power, the mantissa and their product are rounded
_EXPONENT_LIMIT = 100_000

build_words = build_index


@part
def _at(data, place):  # type: ignore[no-untyped-def]
    return np.int64(data[np.uint64(place)])  # an unsigned index needs no check for a negative one


@part
def _eight(data, place):  # type: ignore[no-untyped-def]
    """The eight bytes from `place` on, the first one lowest: one load, where processors have that order."""
    first = np.uint64(place)
    eight = np.uint64(data[first])
    eight |= np.uint64(data[first + np.uint64(1)]) << np.uint64(8)
    eight |= np.uint64(data[first + np.uint64(2)]) << np.uint64(16)
    eight |= np.uint64(data[first + np.uint64(3)]) << np.uint64(24)
    eight |= np.uint64(data[first + np.uint64(4)]) << np.uint64(32)
    eight |= np.uint64(data[first + np.uint64(5)]) << np.uint64(40)
    eight |= np.uint64(data[first + np.uint64(6)]) << np.uint64(48)
    return eight | np.uint64(data[first + np.uint64(7)]) << np.uint64(56)


@part
def _small_bytes(eight):  # type: ignore[no-untyped-def]
    """Of eight bytes those up to a space: their top bits."""
    return ~(((eight | _TOP_BITS) - _ABOVE_SPACES) | eight) & _TOP_BITS


@part
def _bytes_before(mark):  # type: ignore[no-untyped-def]
    """How many bytes are below the one whose top bit is `mark`."""
    return np.int64(((((mark >> np.uint64(7)) - np.uint64(1)) & _ONES) * _ONES) >> np.uint64(56))


@part
def _count_blanks(eights, first, last):  # type: ignore[no-untyped-def]
    """How many spaces are in `eights[first:last]`, at most 64 bytes, and whether there are bytes below them.

    The count is that of both.
    """
    blanks, lower = np.uint64(0), np.uint64(0)
    for i in range(first, last):
        eight = eights[np.uint64(i)]  # an unsigned index needs no check for a negative one
        small = _small_bytes(eight)
        lower |= small & ~(eight << np.uint64(2))  # of these the space alone has the bit that is moved here
        blanks += small >> np.uint64(7)
    return np.int64((blanks * _ONES) >> np.uint64(56)), lower != 0


@part
def _end_row(data, places, row, start, word_end, line_end, spaces, dimensions):  # type: ignore[no-untyped-def]
    """Note a line that was passed; `word_end` is its first space, or beyond the line."""
    end = line_end
    while end > start and (data[end - 1] == _SPACE or data[end - 1] == _RETURN):
        end -= 1
        spaces -= data[end] == _SPACE
    places[row, 0], places[row, 1], places[row, 2] = start, min(word_end, end), end
    regular = spaces == dimensions and places[row, 1] > start
    for i in range(start, places[row, 1]):
        regular &= data[i] != _TAB
    places[row, 3] = regular


def find_rows(
    data: NDArray[np.uint8], begin: int, end: int, dimensions: int, most: int
) -> tuple[NDArray[np.int64], int]:
    """The places of rows, and how many there are."""
    places = np.empty((most, 4), np.int64)
    return places, _find_rows(data, data.view(np.uint64), (begin, end), dimensions, places)


@entry
def _find_rows(data, eights, span, dimensions, places):  # type: ignore[no-untyped-def]
    begin, end = span
    most, nowhere = len(places), len(data)
    row, start, word_end, spaces = 0, begin, nowhere, 0
    for block in range(begin // 64 * 8, len(eights) if most > 0 and end > begin else 0, 8):
        count, ends = _count_blanks(eights, block, block + 8)
        if not ends and (count == 0 or word_end < nowhere):
            spaces += count
            continue
        for eight in range(block, block + 8):
            count, ends = _count_blanks(eights, eight, eight + 1)
            if not ends and (count == 0 or word_end < nowhere):
                spaces += count
                continue
            small = _small_bytes(_eight(data, 8 * eight))
            while small != 0:
                place = 8 * eight + _bytes_before(small & (~small + np.uint64(1)))
                small &= small - np.uint64(1)
                if data[place] == _SPACE:
                    spaces += 1
                    if word_end == nowhere:
                        word_end = place
                elif data[place] == _LINE_FEED:
                    _end_row(data, places, row, start, word_end, place, spaces, dimensions)
                    row, start, word_end, spaces = row + 1, place + 1, nowhere, 0
                    if row == most or start == end:
                        return row
    return row


def gather_words(data: NDArray[np.uint8], places: NDArray[np.int64]) -> NDArray[np.uint8]:
    """The bytes of each row's word with a line feed after it; nothing before it for irregular rows."""
    lengths = np.where(places[:, 3] != 0, places[:, 1] - places[:, 0], 0)
    blob = np.empty(len(places) + int(lengths.sum()), np.uint8)
    _gather_words(data, places, blob)
    return blob


@entry
def _gather_words(data, places, blob):  # type: ignore[no-untyped-def]
    at = 0
    for row in range(len(places)):
        if places[row, 3] != 0:
            for i in range(places[row, 0], places[row, 1]):
                blob[at] = data[i]
                at += 1
        blob[at] = _LINE_FEED
        at += 1


def look_up(blob: NDArray[np.uint8], n: int, index: CompiledIndex) -> NDArray[np.int64]:
    """int64 (n,): which word each is of those that `gather_words` gave, from 1, or 0 for none of them."""
    found = np.zeros(n, np.int64)
    _look_up(blob, index, found)
    return found


@entry
def _look_up(blob, index, found):  # type: ignore[no-untyped-def]
    words, starts, table = index
    secret = secret_of(table)
    start = 0
    for row in range(len(found)):
        key, stop = np.uint64(0), start
        while blob[stop] != _LINE_FEED:
            key = extended_key(key, blob[stop], stop - start, secret)
            stop += 1
        if stop > start:
            place = find_word(table, words, starts, key, blob, start, stop - start)
            found[row] = np.int64(table[place + 1] & RANK_MASK)
        start = stop + 1


@part
def _scaled(mantissa, power, cut):  # type: ignore[no-untyped-def]
    """`mantissa * 10**power` as float32, and whether it is certain; `cut` if digits were left out."""
    if mantissa == 0:
        return np.float32(0.0), not cut
    if power >= -22 and power <= 22 and mantissa <= _EXACT_MANTISSA and not cut:
        if power < 0:
            value = np.float64(mantissa) / _POWERS[_LARGEST_POWER - power]
        else:
            value = np.float64(mantissa) * _POWERS[_LARGEST_POWER + power]
        return np.float32(value), True
    if power < -_LARGEST_POWER:  # less than half of the smallest float32
        return np.float32(0.0), True
    if power > _LARGEST_POWER:
        return np.float32(0.0), False
    value = np.float64(mantissa) * _POWERS[_LARGEST_POWER + power]
    rounded = np.float32(value * _BELOW)
    return rounded, rounded == np.float32(value * _ABOVE)


@part
def _exponent(data, place):  # type: ignore[no-untyped-def]
    """The whole number after an `e`, the place after it, and whether there was one."""
    negative = _at(data, place) == _MINUS
    if negative or _at(data, place) == _PLUS:
        place += 1
    first, value = place, np.int64(0)
    digit = _at(data, place) - _ZERO
    while digit >= 0 and digit <= 9:
        if value < _EXPONENT_LIMIT:
            value = 10 * value + digit
        place += 1
        digit = _at(data, place) - _ZERO
    return -value if negative else value, place, place > first


@part
def _long_mantissa(data, place):  # type: ignore[no-untyped-def]
    """The digits from `place` on as mantissa and power of ten, and whether digits other than 0 were cut."""
    mantissa, power, after_point, cut = np.uint64(0), 0, 0, False
    while True:
        digit = _at(data, place) - _ZERO
        if digit >= 0 and digit <= 9:
            if mantissa < _FULL_MANTISSA:
                mantissa = np.uint64(10) * mantissa + np.uint64(digit)
                power -= after_point
            else:
                cut |= digit != 0
                power += 1 - after_point
        elif _at(data, place) == _POINT and after_point == 0:
            after_point = 1
        else:
            return mantissa, power, cut
        place += 1


@part
def _number(data, place):  # type: ignore[no-untyped-def]
    """The number that begins at `place`, the place after it, and whether it is understood and exact."""
    negative = _at(data, place) == _MINUS
    place += np.int64(negative) + np.int64(_at(data, place) == _PLUS)
    first, mantissa, power, cut = place, np.int64(0), 0, False
    digit = _at(data, place) - _ZERO
    while digit >= 0 and digit <= 9:
        mantissa = 10 * mantissa + digit
        place += 1
        digit = _at(data, place) - _ZERO
    digits = place - first
    if _at(data, place) == _POINT:
        point = place
        place += 1
        digit = _at(data, place) - _ZERO
        while digit >= 0 and digit <= 9:
            mantissa = 10 * mantissa + digit
            place += 1
            digit = _at(data, place) - _ZERO
        power = point + 1 - place
        digits -= power
    understood = digits > 0
    whole = np.uint64(mantissa)
    if digits > _SHORT:
        whole, power, cut = _long_mantissa(data, first)
    if _at(data, place) == _SMALL_E or _at(data, place) == _LARGE_E:
        shift, place, known = _exponent(data, place + 1)
        power += shift
        understood &= known
    elif digits <= _CERTAIN and power >= -_CERTAIN:  # what most numbers are
        value = np.float32(np.float64(mantissa) / _POWERS[_LARGEST_POWER - power])
        return -value if negative else value, place, understood
    value, certain = _scaled(whole, power, cut)
    return -value if negative else value, place, understood and certain and np.isfinite(value)


@part
def _eight_digits(digits):  # type: ignore[no-untyped-def]
    """The number that eight digits make, the lowest byte the first: pairs, then fours, then all."""
    pairs = digits * np.uint64(10) + (digits >> np.uint64(8))
    lower = (pairs & np.uint64(0xFF000000FF)) * np.uint64(100 + (1_000_000 << 32))
    upper = ((pairs >> np.uint64(16)) & np.uint64(0xFF000000FF)) * np.uint64(1 + (10_000 << 32))
    return np.int64((lower + upper) >> np.uint64(32))


@part
def _usual_number(data, place, length, mark):  # type: ignore[no-untyped-def]
    """A digit, a point, up to seven decimals and a blank: the number, its length, and a mark where it ends.

    `length` and `mark` are those of the number before. Where the mark is the same, so is the length, which
    then need not be counted: a processor guesses so, and begins with the next number before it is done with
    this one. The mark is 0 for any other number.
    """
    whole = _at(data, place) - _ZERO
    if whole < 0 or whole > 9 or _at(data, place + 1) != _POINT:
        return np.float32(0.0), length, np.uint64(0)
    digits = _eight(data, place + 2) ^ _ZEROS
    others = ((digits + _TO_THE_TOP) | digits) & _TOP_BITS
    found = others & (~others + np.uint64(1))
    if found == 0:
        return np.float32(0.0), length, found
    if found != mark:
        length = 2 + _bytes_before(found)
    if _at(data, place + length) > _SPACE:
        return np.float32(0.0), length, np.uint64(0)
    decimals = digits & ((found >> np.uint64(7)) - np.uint64(1))
    mantissa = whole * 100_000_000 + _eight_digits(decimals)
    return np.float32(np.float64(mantissa) / 1e8), length, found


@part
def _parse_row(data, place, end, numbers, row):  # type: ignore[no-untyped-def]
    """Read D numbers, the first at `place`, the last of them up to `end`."""
    last, usual_end = numbers.shape[1] - 1, len(data) - 10
    length, mark = 0, np.uint64(0)
    for column in range(last + 1):
        negative = np.int64(_at(data, place) == _MINUS)
        value = np.float32(0.0)
        if place < usual_end:
            value, length, mark = _usual_number(data, place + negative, length, mark)
        else:
            mark = np.uint64(0)
        if mark != 0:
            value, place = -value if negative else value, place + negative + length
        else:
            value, place, understood = _number(data, place)
            if not understood:
                return False
        numbers[np.uint64(row), np.uint64(column)] = value
        if column < last:
            if data[place] != _SPACE:
                return False
            place += 1
    return place == end


def parse_rows(
    data: NDArray[np.uint8], places: NDArray[np.int64], rows: NDArray[np.int64], numbers: NDArray[np.float32]
) -> NDArray[np.bool_]:
    """Fill `numbers` with those of the regular `rows`; bool (R,), which could be."""
    understood = np.zeros(len(rows), np.bool_)
    _parse_rows(data, places, rows, numbers, understood)
    return understood


@entry
def _parse_rows(data, places, rows, numbers, understood):  # type: ignore[no-untyped-def]
    for i in range(len(rows)):
        understood[i] = _parse_row(data, places[rows[i], 1] + 1, places[rows[i], 2], numbers, i)
