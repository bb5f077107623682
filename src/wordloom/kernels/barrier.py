"""A barrier for threads inside compiled code: each says how far it is and waits for the others.

A few microseconds between two batches are too short for the interpreter's locks, so waiting threads watch a
counter, and give their core away if the others take long. Works where the C library has `sched_yield`.
"""

# mypy: disable-error-code="no-untyped-call,call-arg"
from __future__ import annotations

import sys

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic
from numba.np import arrayobj

from wordloom.kernels.compiling import part

AVAILABLE = sys.platform != "win32"
"""Whether this platform has the barrier; where not, training runs in one thread."""

STRIDE = 8
"""int64 places between two threads' counters, so that each has a cache line of its own."""

_SPINS = 4000
_give_core_away = types.ExternalFunction("sched_yield", types.int32())


def _element(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
    array_type, index_type = signature.args[:2]
    array = arrayobj.make_array(array_type)(context, builder, arguments[0])
    index = context.cast(builder, arguments[1], index_type, types.intp)
    shapes, strides = cgutils.unpack_tuple(builder, array.shape), cgutils.unpack_tuple(builder, array.strides)
    return cgutils.get_item_pointer2(
        context, builder, array.data, shapes, strides, array_type.layout, [index], wraparound=False
    )


@intrinsic
def _load(typing_context, array, index):  # type: ignore[no-untyped-def]
    def generate(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        pointer = _element(context, builder, signature, arguments)
        return builder.load_atomic(pointer, "acquire", 8, typ=ir.IntType(64))

    return types.int64(array, index), generate


@intrinsic
def _store(typing_context, array, index, value):  # type: ignore[no-untyped-def]
    def generate(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        pointer = _element(context, builder, signature, arguments)
        value = context.cast(builder, arguments[2], signature.args[2], types.int64)
        builder.store_atomic(value, pointer, "release", 8)
        return context.get_dummy_value()

    return types.void(array, index, value), generate


def counters(threads: int) -> np.ndarray:
    """Counters for a group of threads, all at 0: int64 (threads * STRIDE,)."""
    return np.zeros(threads * STRIDE, dtype=np.int64)


@part
def wait(progress, thread, threads, number):  # type: ignore[no-untyped-def]
    """Say that `thread` has reached barrier `number` (they rise by one), and wait for all `threads`.

    What a thread wrote before the barrier, every other thread reads after it.
    """
    if threads == 1:
        return
    _store(progress, thread * STRIDE, number)
    for other in range(threads):
        spins = 0
        while _load(progress, other * STRIDE) < number:
            spins += 1
            if spins > _SPINS:
                _give_core_away()
