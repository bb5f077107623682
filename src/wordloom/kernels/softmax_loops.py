"""Exponentials of many numbers at once, in vectors: what a softmax over many classes mostly consists of.

Calling the exponential of the C library for every class took a third of the time of training on texts of 77
classes. This one is a polynomial around the nearest power of two. It is right to the last two bits, and as it
is made of products and sums alone they are the same on every processor.
"""

# mypy: disable-error-code="no-untyped-call"
from __future__ import annotations

import math
from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from wordloom.kernels.linear import LANES
from wordloom.kernels.register_loops import pointer_to

LOWEST = -700.0
"""Lower numbers count as this one, whose exponential is next to nothing and still has all its bits."""
_LOG2_E = 1.4426950408889634
_LN2 = 6.93147180369123816490e-01, 1.90821492927058770002e-10
"""Its first 32 bits, whose small multiples are exact, and the rest."""
_ROUNDS = 1.5 * 2.0**52
"""Added to a number and taken away again, it leaves a whole one, which also stands in the sum's last bits."""
_POWERS = 14
_EXPONENT_AT = 52

_VECTOR, _BITS = ir.VectorType(ir.DoubleType(), LANES), ir.VectorType(ir.IntType(64), LANES)
_INDEX, _LANE = ir.IntType(64), ir.IntType(32)


def _all(value: float) -> Any:
    return ir.Constant(_VECTOR, [value] * LANES)


def _exponential(builder: Any, given: Any) -> Any:
    """The exponentials of a vector of numbers of 0 or less."""
    x = builder.select(builder.fcmp_ordered("<", given, _all(LOWEST)), _all(LOWEST), given)
    shifted = builder.fadd(builder.fmul(x, _all(_LOG2_E)), _all(_ROUNDS))
    whole = builder.fsub(shifted, _all(_ROUNDS))
    for part_of_ln2 in _LN2:
        x = builder.fsub(x, builder.fmul(whole, _all(part_of_ln2)))
    terms: list[Any] = [_all(1 / math.factorial(power)) for power in range(_POWERS)]
    power = x
    while len(terms) > 1:  # in pairs, so that few products wait for each other
        terms = [
            builder.fadd(terms[i], builder.fmul(terms[i + 1], power)) if i + 1 < len(terms) else terms[i]
            for i in range(0, len(terms), 2)
        ]
        power = builder.fmul(power, power)
    exponent = builder.shl(builder.bitcast(shifted, _BITS), ir.Constant(_BITS, [_EXPONENT_AT] * LANES))
    return builder.bitcast(builder.add(builder.bitcast(terms[0], _BITS), exponent), _VECTOR)


@intrinsic
def exponentials(typing_context, z, highest, found, columns):  # type: ignore[no-untyped-def]
    """found[j] = exp(z[j] - highest) for j below `columns`, a multiple of LANES; their sum.

    z, found : flat, float64
    highest : of all z
    """

    def generate(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        kinds = signature.args
        source = pointer_to(context, builder, kinds[0], arguments[0], _INDEX(0))
        target = pointer_to(context, builder, kinds[2], arguments[2], _INDEX(0))
        first = builder.insert_element(ir.Constant(_VECTOR, ir.Undefined), arguments[1], _LANE(0))
        same = ir.Constant(ir.VectorType(_LANE, LANES), [0] * LANES)
        highest_everywhere = builder.shuffle_vector(first, first, same)
        total = cgutils.alloca_once_value(builder, _all(0.0))
        with cgutils.for_range(builder, builder.udiv(arguments[3], _INDEX(LANES))) as counted:
            place = builder.mul(counted.index, _INDEX(LANES))
            own = builder.bitcast(builder.gep(source, [place]), _VECTOR.as_pointer())
            below = builder.fsub(builder.load(own, align=8), highest_everywhere)
            exponential = _exponential(builder, below)
            to = builder.bitcast(builder.gep(target, [place]), _VECTOR.as_pointer())
            builder.store(exponential, to, align=8)
            builder.store(builder.fadd(builder.load(total), exponential), total)
        lanes = [builder.extract_element(builder.load(total), _LANE(lane)) for lane in range(LANES)]
        while len(lanes) > 1:
            lanes = [builder.fadd(*lanes[i : i + 2]) for i in range(0, len(lanes), 2)]
        return lanes[0]

    return types.float64(z, types.float64, found, types.intp), generate
