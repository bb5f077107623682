"""Reads that arrays do not offer: a line of the cache fetched ahead, and eight bytes at once.

A table that does not fit into the cache is read many times faster when all places of a block are asked for
before the first of them is read.
"""

# mypy: disable-error-code="no-untyped-call"
from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from wordloom.kernels.register_loops import pointer_to

_BYTES, _EIGHT, _NUMBER = ir.IntType(8).as_pointer(), ir.IntType(64), ir.IntType(32)
_TO_READ, _CLOSEST, _DATA = _NUMBER(0), _NUMBER(3), _NUMBER(1)


@intrinsic
def prefetch(typing_context, array, place):  # type: ignore[no-untyped-def]
    """Fetch the cache line of `array[place]`; `place` is not checked, and may be any number."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        pointer = pointer_to(context, builder, signature.args[0], *arguments)
        kind = ir.FunctionType(ir.VoidType(), [_BYTES, _NUMBER, _NUMBER, _NUMBER])
        function = builder.module.declare_intrinsic("llvm.prefetch", [_BYTES], kind)
        builder.call(function, [builder.bitcast(pointer, _BYTES), _TO_READ, _CLOSEST, _DATA])
        return context.get_dummy_value()

    return types.void(array, types.uint64), generate


@intrinsic
def eight_bytes(typing_context, array, place):  # type: ignore[no-untyped-def]
    """`array[place:place + 8]` of bytes, which must be there, as one uint64; the first is the lowest."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        pointer = pointer_to(context, builder, signature.args[0], *arguments)
        return builder.load(builder.bitcast(pointer, _EIGHT.as_pointer()), align=1)

    return types.uint64(array, types.uint64), generate
