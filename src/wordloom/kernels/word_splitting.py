"""Bytes of texts cut into words, without a branch on where a word ends.

The kinds of 32 bytes are put into one number, two bits each. Where words begin and end is then found for all
of them at once, and only the bits that say so are gone through.
"""

# mypy: disable-error-code="call-arg"
from __future__ import annotations

from typing import Any

import numpy as np
from numba.cpython.unsafe.numbers import trailing_zeros
from numpy.typing import NDArray

from wordloom.kernels.compiling import part
from wordloom.kernels.tokens import SEPARATOR

_LETTER, _KIND_BITS = 0xFF, 8
_APART, _INSIDE, _ALONE = 0, 1, 2
"""Kinds of bytes: between words, inside a word, and a word of its own."""
BYTES_AT_ONCE = 2048
_BYTES_IN_A_NUMBER = 32
"""Bytes whose kinds, two bits each, fit into one number."""
_WORDS_AT_ONCE = 8
"""As many as begin in so many bytes, or fewer, most of the time."""
_FIRST_BITS, _ONE, _TWO = np.uint64(0x5555555555555555), np.uint64(1), np.uint64(2)
_ALL = np.uint64(0xFFFFFFFFFFFFFFFF)


def letters_of(alphabet: NDArray[np.uint8]) -> NDArray[np.uint16]:
    """The alphabet as one table (256,): what each byte is read as, and above that its kind."""
    letters, kinds = alphabet[0].astype(np.int64), np.where(alphabet[1] != 0, _ALONE, _INSIDE)
    apart = letters == SEPARATOR  # read as itself, so that bytes can be read again
    letters[apart], kinds[apart] = np.flatnonzero(apart), _APART
    return np.asarray(letters | kinds << _KIND_BITS, dtype=np.uint16)


def word_buffers() -> tuple[NDArray[Any], ...]:
    """Buffers for the words of a block: starts, stops, keys, and the words that wait for a closer look."""
    n = BYTES_AT_ONCE + _WORDS_AT_ONCE
    return tuple(np.empty(n, kind) for kind in (np.int64, np.int64, np.uint64, np.int64))


@part
def _kinds(data, first, stop, letters):  # type: ignore[no-untyped-def]
    """Fold some bytes in place; their kinds, two bits each, from the lowest on."""
    kinds = np.uint64(0)
    for i in range(np.uint64(stop - first)):
        letter = letters[data[np.uint64(first) + i]]
        data[np.uint64(first) + i] = np.uint8(letter & _LETTER)
        kinds |= np.uint64(letter >> _KIND_BITS) << (_TWO * i)
    return kinds


@part
def _put_places(bits, first, places, n):  # type: ignore[no-untyped-def]
    """Put the places of the bits that are set into `places`, from number n on; how many there are then.

    Several at a time, of which the last may mean nothing: one at a time, the end would be guessed wrong.
    bits : of every pair only the first may be set
    """
    at = np.uint64(n)
    while bits != 0:
        for k in range(_WORDS_AT_ONCE):
            places[at + np.uint64(k)] = first + np.int64(trailing_zeros(bits) >> _ONE)
            n += np.int64(bits != 0)
            bits &= bits - _ONE
        at += np.uint64(_WORDS_AT_ONCE)
    return n


@part
def split(data, position, end, letters, buffers):  # type: ignore[no-untyped-def]
    """Fold the bytes of a block in place, put its words into `buffers`; how many, and where the block ends.

    The block begins between two words, and so it ends.
    """
    starts, stops = buffers[0], buffers[1]
    n, m, before = np.int64(0), np.int64(0), np.uint64(_APART)
    stop = min(position + BYTES_AT_ONCE, end)
    for first in range(position, stop, _BYTES_IN_A_NUMBER):
        size = np.uint64(min(_BYTES_IN_A_NUMBER, stop - first))
        if size == _BYTES_IN_A_NUMBER:
            kinds = _kinds(data, first, first + _BYTES_IN_A_NUMBER, letters)
        else:
            kinds = _kinds(data, first, stop, letters)
        earlier = kinds << _TWO | before
        begins = kinds >> _ONE | (kinds & ~earlier)
        ends = earlier >> _ONE | (earlier & ~kinds)
        n = _put_places(begins & _FIRST_BITS, first, starts, n)
        m = _put_places(ends & _FIRST_BITS & (_ALL >> (np.uint64(64) - _TWO * size)), first, stops, m)
        before = kinds >> (_TWO * size - _TWO)
    while before == _INSIDE and stop < end and letters[data[stop]] >> _KIND_BITS == _INSIDE:
        data[stop] = np.uint8(letters[data[stop]] & _LETTER)
        stop += 1
    stops[m] = stop
    return n, stop
