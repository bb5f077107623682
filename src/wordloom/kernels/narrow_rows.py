"""Loops over named rows of a table with a column for each class: their sums, and steps of their weights.

Like `register_loops`, whose vectors are too wide for a few classes: here a table has a multiple of `LANES`
columns. Sums are of doubles, term after term, and products are rounded before they are subtracted, so results
have the bits of plain loops, in half the time for 3 to 10 classes.
"""

# mypy: disable-error-code="no-untyped-call"
from __future__ import annotations

from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from wordloom.kernels.compiling import part
from wordloom.kernels.linear import LANES
from wordloom.kernels.register_loops import pointer_to

_MOST_VECTORS = 4
_SINGLE, _DOUBLE = (ir.VectorType(kind, LANES) for kind in (ir.FloatType(), ir.DoubleType()))
_INDEX = ir.IntType(64)


class _Rows:
    """A loop over (table, rows, flat array, column, other column), some vectors of columns at a time."""

    def __init__(self, context: Any, builder: Any, kinds: Any, arguments: Any, vectors: int) -> None:
        self.builder, self.vectors = builder, vectors
        table, rows, flat, self.column, self.other = arguments
        self.table = pointer_to(context, builder, kinds[0], table, _INDEX(0))
        self.rows = pointer_to(context, builder, kinds[1], rows, _INDEX(0))
        self.flat = pointer_to(context, builder, kinds[2], flat, self.column)
        shapes = [
            cgutils.create_struct_proxy(kind)(context, builder, array).shape
            for kind, array in ((kinds[0], table), (kinds[1], rows))
        ]
        self.width = builder.extract_value(shapes[0], 1)
        self.terms = builder.extract_value(shapes[1], 0)

    def row(self, index: Any) -> Any:
        """A pointer to the row that a term names."""
        number = self.builder.sext(self.builder.load(self.builder.gep(self.rows, [index])), _INDEX)
        return self.builder.gep(self.table, [self.builder.mul(number, self.width)])

    def vectors_at(self, start: Any, kind: Any = _SINGLE) -> list[Any]:
        """Pointers to the vectors from there on."""
        places = (self.builder.gep(start, [_INDEX(v * LANES)]) for v in range(self.vectors))
        return [self.builder.bitcast(place, kind.as_pointer()) for place in places]

    def load(self, pointer: Any) -> Any:
        return self.builder.load(pointer, align=4)

    def move(self, start: Any, steps: list[Any], rates: list[Any]) -> None:
        """Weights -= step times rate."""
        for pointer, step, rate in zip(self.vectors_at(start), steps, rates, strict=True):
            moved = self.builder.fsub(self.load(pointer), self.builder.fmul(step, rate))
            self.builder.store(moved, pointer, align=4)


def _loop(generate: Callable[[_Rows], None], vectors: int) -> Any:
    @intrinsic
    def loop(typing_context, table, rows, flat, column, other):  # type: ignore[no-untyped-def]
        def generated(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
            generate(_Rows(context, builder, signature.args, arguments, vectors))
            return context.get_dummy_value()

        return types.void(table, rows, flat, types.intp, types.intp), generated

    return loop


def _sum(rows: _Rows) -> None:
    builder, zero = rows.builder, ir.Constant(_DOUBLE, [0.0] * LANES)
    sums = [cgutils.alloca_once_value(builder, zero) for _ in range(rows.vectors)]
    with cgutils.for_range(builder, rows.terms) as counted:
        start = builder.gep(rows.row(counted.index), [rows.column])
        for pointer, total in zip(rows.vectors_at(start), sums, strict=True):
            term = builder.fpext(rows.load(pointer), _DOUBLE)
            builder.store(builder.fadd(builder.load(total), term), total)
    for pointer, total in zip(rows.vectors_at(rows.flat, _DOUBLE), sums, strict=True):
        builder.store(builder.load(total), pointer, align=8)


def _move(rows: _Rows) -> None:
    builder = rows.builder
    steps = [rows.load(pointer) for pointer in rows.vectors_at(rows.flat)]
    with cgutils.for_range(builder, rows.terms) as counted:
        start = builder.gep(rows.row(counted.index), [rows.column])
        rates = [rows.load(pointer) for pointer in rows.vectors_at(builder.gep(start, [rows.other]))]
        rows.move(start, steps, rates)


def _move_alike(rows: _Rows) -> None:
    builder, number = rows.builder, ir.IntType(32)
    steps = [rows.load(pointer) for pointer in rows.vectors_at(rows.flat)]
    same = ir.Constant(ir.VectorType(number, LANES), [0] * LANES)
    with cgutils.for_range(builder, rows.terms) as counted:
        row = rows.row(counted.index)
        rate = builder.load(builder.gep(row, [rows.other]))
        first = builder.insert_element(ir.Constant(_SINGLE, ir.Undefined), rate, number(0))
        rates = [builder.shuffle_vector(first, first, same)] * rows.vectors
        rows.move(builder.gep(row, [rows.column]), steps, rates)


def _over_columns(generate: Callable[[_Rows], None]) -> Any:
    """The loop for any number of columns, as many at a time as stay in registers."""
    wide, narrow = _loop(generate, _MOST_VECTORS), _loop(generate, 1)

    @part
    def over_columns(table, rows, flat, columns, other):  # type: ignore[no-untyped-def]
        done = 0
        while done + _MOST_VECTORS * LANES <= columns:
            wide(table, rows, flat, done, other)
            done += _MOST_VECTORS * LANES
        while done < columns:
            narrow(table, rows, flat, done, other)
            done += LANES

    return over_columns


add_up = _over_columns(_sum)
"""flat[:columns] = the sum of the rows' first columns, float64; `other` says nothing."""

move = _over_columns(_move)
"""table[rows, j] -= flat[j] table[rows, j + other], for j below `columns`."""

move_alike = _over_columns(_move_alike)
"""table[rows, j] -= flat[j] table[rows, other], for j below `columns`."""
