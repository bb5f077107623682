"""Pickles read without running them: an unpickler that knows the names it is given and refuses any other.

A pickle is a program: it names functions and calls them. Here each name that a file may ask for stands for a
harmless class or function of ours, so nothing but plain values can come out of it. `check_operations` looks
at the program before it runs, for what would take memory or time without end in spite of that.
Source of the operations: Lib/pickletools.py of Python.
"""

from __future__ import annotations

import io
import itertools
import pickle
import pickletools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import IO, Any

DAMAGED = (ValueError, TypeError, AttributeError, LookupError, EOFError, MemoryError, OverflowError)
"""What unpickling raises for a damaged file, besides `pickle.UnpicklingError` for a refused one."""

_TUPLES = frozenset({"EMPTY_TUPLE", "TUPLE", "TUPLE1", "TUPLE2", "TUPLE3"})
_REMEMBERED = frozenset({"PUT", "BINPUT", "LONG_BINPUT", "MEMOIZE"})
_RECALLED = frozenset({"GET", "BINGET", "LONG_BINGET"})
_PLAIN = frozenset(
    (  # noqa: SIM905  # forty names
        "PROTO FRAME STOP MARK NONE NEWTRUE NEWFALSE INT BININT BININT1 BININT2 LONG LONG1 FLOAT BINFLOAT "
        "STRING BINSTRING SHORT_BINSTRING UNICODE BINUNICODE SHORT_BINUNICODE BINUNICODE8 "
        "EMPTY_LIST LIST APPEND APPENDS EMPTY_DICT DICT SETITEM SETITEMS EMPTY_SET ADDITEMS "
        "GLOBAL STACK_GLOBAL REDUCE NEWOBJ BUILD"
    ).split()
)
_HASHING = frozenset({"EMPTY_DICT", "DICT", "SETITEM", "SETITEMS", "EMPTY_SET", "ADDITEMS"})
# Operations of a fixed length that number nothing beyond the first million values: lists of small integers.
_RUN = re.compile(rb"(?:[\](aelt)N\x85-\x89\x94]|[Kqh].|M..|J.{4}|[rj]..[\0-\x0f]\0)*+", re.DOTALL)
_BYTES = frozenset({"SHORT_BINBYTES", "BINBYTES", "BINBYTES8"})
_OF_LISTS = (_PLAIN - _HASHING) | _TUPLES | _REMEMBERED | _RECALLED | _BYTES
_MOST_TUPLES = 1000
# Python hashes whole numbers by their remainder; larger ones can be chosen to share one hash.
_LARGEST = 2**60


@dataclass(frozen=True)
class Known:
    """What a pickle may ask for.

    Parameters
    ----------
    names : (module, name) -> what stands for it
    reads : what the names are, as messages say it ("arrays and lists")
    """

    names: Mapping[tuple[str, str], Any]
    reads: str


class RestrictedUnpickler(pickle.Unpickler):
    """Unpickles with the known names; `pickle.UnpicklingError` names any other. Nothing of it is executed.

    encoding : of the byte strings in pickles of Python 2
    """

    def __init__(self, stream: IO[bytes], known: Known, encoding: str) -> None:
        super().__init__(stream, encoding=encoding)
        self._known = known

    def find_class(self, module: str, name: str) -> Any:
        try:
            return self._known.names[module, name]
        except KeyError:
            raise pickle.UnpicklingError(
                f"its pickle asks for {module}.{name}, and only {self._known.reads} are read. Nothing in it "
                "was executed."
            ) from None


def check_plain_lists(pickled: bytes) -> None:
    """Refuse a program that does more than build lists, tuples and objects of the known classes.

    As `check_operations`, for programs of many millions of operations: no dicts and no sets, so nothing is
    hashed, and a place in the memo is within the program's length. Runs of numbers are passed over at once.
    """
    stream = io.BytesIO(pickled)
    while stream.tell() < len(pickled):
        run = _RUN.match(pickled, stream.tell())
        stream.seek(run.end() if run else stream.tell())
        for operation, argument, _ in itertools.islice(pickletools.genops(stream), 1):
            _check_operation(operation.name, argument, len(pickled))
            if operation.name == "STOP":
                return


def _check_operation(name: str, argument: Any, length: int) -> None:
    if name not in _OF_LISTS:
        raise pickle.UnpicklingError(f"its pickle has the operation {name}, which plain lists do not need.")
    if name in _REMEMBERED and argument is not None and argument > length:
        raise pickle.UnpicklingError(f"its pickle numbers a value {argument:,}, beyond its own length.")


def check_operations(pickled: bytes) -> None:
    """Refuse a program that does more than build plain containers and objects of the known classes.

    Refused are other operations; numbers of 2**60 and more, which include places in the memo beyond all
    memory; and tuples inside tuples without end, whose hash takes time or stack without end.
    Raises pickle.UnpicklingError, ValueError for a damaged pickle. Takes about 0.4 s a million operations.
    """
    memo: dict[int, bool] = {}
    tuples, of_tuple = 0, False
    for name, argument in _operations(pickled):
        if type(argument) is int and not -_LARGEST < argument < _LARGEST:
            raise pickle.UnpicklingError("its pickle holds a whole number of more than 60 bits.")
        if name in _REMEMBERED:
            place = len(memo) if argument is None else argument
            if place > len(pickled):
                raise pickle.UnpicklingError(f"its pickle numbers a value {place:,}, beyond its own length.")
            memo[place] = of_tuple
        elif name in _RECALLED:
            if memo.get(argument):
                raise pickle.UnpicklingError("its pickle uses one tuple in two places.")
        elif name in _TUPLES:
            tuples += 1
        elif name not in _PLAIN:
            raise pickle.UnpicklingError(
                f"its pickle has the operation {name}, which plain containers do not need."
            )
        of_tuple = name in _TUPLES
        if tuples > _MOST_TUPLES:
            raise pickle.UnpicklingError(f"its pickle holds more than {_MOST_TUPLES:,} tuples.")


def _operations(pickled: bytes) -> Iterator[tuple[str, Any]]:
    for operation, argument, _ in pickletools.genops(pickled):
        yield operation.name, argument
