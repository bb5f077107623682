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
from wordloom.kernels.register_loops import MOST_VECTORS, VECTOR, pointer_to

_INDEX = ir.IntType(64)
_WIDTHS = _MOST, _MANY, _SOME, _ = MOST_VECTORS * VECTOR, VECTOR, 2 * LANES, LANES
"""Columns at a time, widest first: a sum waits for the term before it however many columns it has."""


class _Rows:
    """A loop over (table, rows, terms, flat array, column, other column), so many columns at a time."""

    def __init__(self, context: Any, builder: Any, kinds: Any, arguments: Any, width: int) -> None:
        self.builder, self.lanes = builder, min(width, VECTOR)
        self.vectors = width // self.lanes
        self.single, self.double = (
            ir.VectorType(each, self.lanes) for each in (ir.FloatType(), ir.DoubleType())
        )
        table, rows, self.terms, flat, self.column, self.other = arguments
        self.table = pointer_to(context, builder, kinds[0], table, _INDEX(0))
        self.rows = pointer_to(context, builder, kinds[1], rows, _INDEX(0))
        self.flat = pointer_to(context, builder, kinds[3], flat, self.column)
        shape = cgutils.create_struct_proxy(kinds[0])(context, builder, table).shape
        self.width = builder.extract_value(shape, 1)

    def row(self, index: Any) -> Any:
        """A pointer to the row that a term names."""
        number = self.builder.sext(self.builder.load(self.builder.gep(self.rows, [index])), _INDEX)
        return self.builder.gep(self.table, [self.builder.mul(number, self.width)])

    def vectors_at(self, start: Any, kind: Any = None) -> list[Any]:
        """Pointers to the vectors of columns from there on, of singles unless `kind` is another one."""
        places = (self.builder.gep(start, [_INDEX(v * self.lanes)]) for v in range(self.vectors))
        return [self.builder.bitcast(place, (kind or self.single).as_pointer()) for place in places]

    def load(self, pointer: Any) -> Any:
        return self.builder.load(pointer, align=4)

    def move(self, start: Any, steps: list[Any], rates: list[Any]) -> None:
        """Weights -= step times rate."""
        for pointer, step, rate in zip(self.vectors_at(start), steps, rates, strict=True):
            moved = self.builder.fsub(self.load(pointer), self.builder.fmul(step, rate))
            self.builder.store(moved, pointer, align=4)


def _loop(generate: Callable[[_Rows], None], width: int) -> Any:
    @intrinsic
    def loop(typing_context, table, rows, terms, flat, column, other):  # type: ignore[no-untyped-def]
        if table.layout != "C":  # a row is found by the table's width
            return None

        def generated(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
            generate(_Rows(context, builder, signature.args, arguments, width))
            return context.get_dummy_value()

        return types.void(table, rows, types.intp, flat, types.intp, types.intp), generated

    return loop


def _sum(rows: _Rows) -> None:
    builder, zero = rows.builder, ir.Constant(rows.double, [0.0] * rows.lanes)
    sums = [cgutils.alloca_once_value(builder, zero) for _ in range(rows.vectors)]
    with cgutils.for_range(builder, rows.terms) as counted:
        start = builder.gep(rows.row(counted.index), [rows.column])
        for pointer, total in zip(rows.vectors_at(start), sums, strict=True):
            term = builder.fpext(rows.load(pointer), rows.double)
            builder.store(builder.fadd(builder.load(total), term), total)
    for pointer, total in zip(rows.vectors_at(rows.flat, rows.double), sums, strict=True):
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
    same = ir.Constant(ir.VectorType(number, rows.lanes), [0] * rows.lanes)
    with cgutils.for_range(builder, rows.terms) as counted:
        row = rows.row(counted.index)
        rate = builder.load(builder.gep(row, [rows.other]))
        first = builder.insert_element(ir.Constant(rows.single, ir.Undefined), rate, number(0))
        rates = [builder.shuffle_vector(first, first, same)] * rows.vectors
        rows.move(builder.gep(row, [rows.column]), steps, rates)


def _over_columns(generate: Callable[[_Rows], None]) -> Any:
    """The loop for any number of columns, as many at a time as stay in registers."""
    most, many, some, few = (_loop(generate, width) for width in _WIDTHS)

    @part
    def over_columns(table, rows, terms, flat, columns, other):  # type: ignore[no-untyped-def]
        done, end = columns
        while done + _MOST <= end:
            most(table, rows, terms, flat, done, other)
            done += _MOST
        while done + _MANY <= end:
            many(table, rows, terms, flat, done, other)
            done += _MANY
        while done + _SOME <= end:
            some(table, rows, terms, flat, done, other)
            done += _SOME
        while done < end:
            few(table, rows, terms, flat, done, other)
            done += LANES

    return over_columns


@part
def _end_of_run(flat, first, columns):  # type: ignore[no-untyped-def]
    """The first column from `first` on, in steps of VECTOR, from which so many numbers are all 0."""
    while first < columns:
        some = False
        for j in range(first, min(first + VECTOR, columns)):
            some |= flat[j] != 0
        if not some:
            return first
        first += VECTOR
    return columns


def _over_steps(generate: Callable[[_Rows], None]) -> Any:
    """The loop for the columns whose steps are not all 0: of many classes a document moves few."""
    run = _over_columns(generate)

    @part
    def over_steps(table, rows, terms, flat, columns, other):  # type: ignore[no-untyped-def]
        done, last = columns
        while done < last:
            end = _end_of_run(flat, done, last)
            run(table, rows, terms, flat, (done, end), other)
            done = max(end, done + VECTOR)

    return over_steps


add_up = _over_columns(_sum)
"""flat[j] = the sum of table[r, j] over `rows[:terms]`, float64, for j from columns[0] to columns[1]; `other`
says nothing."""

move = _over_steps(_move)
"""table[r, j] -= flat[j] table[r, j + other], for r of `rows[:terms]` and j of `columns` as above."""

move_alike = _over_steps(_move_alike)
"""table[r, j] -= flat[j] table[r, other], for the same r and j."""
