"""Sums that stay in the processor's vector registers until they are whole: products of small matrices, sums
of named rows of a table, and steps of such rows.

A loop over the columns of a row reads and writes the row again for every term. Here a tile of `ROWS` rows and
some columns of the result is held in registers while all its terms are added, so each number that is loaded
takes part in several products. Vectors of this kind cannot be written in Python, so these loops are given to
the compiler as its own instructions.

They are worth it: with plain loops of numba in their place one thread learns 184,000 words a second by
skip-gram instead of 866,000, and 36,000 views of documents instead of 187,000 (100 dimensions, float32,
AVX-512); a product as careful as plain loops allow takes twice as long.
"""

# mypy: disable-error-code="no-untyped-call"
from __future__ import annotations

from typing import Any

import llvmlite.binding as llvm
import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic
from numba.np import arrayobj
from numpy.typing import NDArray

from wordloom.kernels.compiling import part

ROWS = 4
"""Rows of a tile; rows of the result are padded to a multiple of it."""

VECTOR = 16
"""Columns of the narrowest tile; columns of the result are padded to a multiple of it."""

_LINE = 64  # bytes; a vector that lies across two lines of the cache is read twice


def _most_vectors():  # type: ignore[no-untyped-def]
    """Vectors of columns in the widest tile whose sums the processor's registers can hold."""
    try:
        return 4 if llvm.get_host_cpu_features().get("avx512f", False) else 1
    except RuntimeError:  # not known on every kind of processor
        return 1


def pointer_to(context, builder, kind, array, first):  # type: ignore[no-untyped-def]
    """A pointer to element number `first` of an array of this kind."""
    return builder.gep(arrayobj.make_array(kind)(context, builder, array).data, [first])


def spread(builder, kind, one):  # type: ignore[no-untyped-def]
    """A number in all lanes of a vector."""
    lanes = ir.Constant(ir.VectorType(ir.IntType(32), VECTOR), [0] * VECTOR)
    first = builder.insert_element(ir.Constant(kind, ir.Undefined), one, ir.IntType(32)(0))
    return builder.shuffle_vector(first, first, lanes)


def _tile(vectors):  # type: ignore[no-untyped-def]
    """The instructions for a tile of so many vectors of columns."""

    @intrinsic
    def tile(typing_context, a, a_place, b, b_place, c, c_place, terms):  # type: ignore[no-untyped-def]
        """c = the sum over `terms` of a's numbers times b's rows; a place is (first element, steps)."""

        def generate(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
            number = context.get_value_type(signature.args[0].dtype)
            kind = ir.VectorType(number, VECTOR)
            fused = ("contract",)
            size = context.get_abi_sizeof(number)
            first, row_step, term_step = cgutils.unpack_tuple(builder, arguments[1])
            b_first, b_step = cgutils.unpack_tuple(builder, arguments[3])
            c_first, c_step = cgutils.unpack_tuple(builder, arguments[5])
            a_start = pointer_to(context, builder, signature.args[0], arguments[0], first)
            b_start = pointer_to(context, builder, signature.args[2], arguments[2], b_first)
            c_start = pointer_to(context, builder, signature.args[4], arguments[4], c_first)

            def vector_at(start, row, step, v):  # type: ignore[no-untyped-def]
                place = builder.add(builder.mul(row, step), ir.Constant(row.type, v * VECTOR))
                return builder.bitcast(builder.gep(start, [place]), kind.as_pointer())

            zero = ir.Constant(kind, [0.0] * VECTOR)
            sums = [[cgutils.alloca_once_value(builder, zero) for _ in range(vectors)] for _ in range(ROWS)]
            with cgutils.for_range(builder, arguments[6]) as loop:
                loaded = [
                    builder.load(vector_at(b_start, loop.index, b_step, v), align=size)
                    for v in range(vectors)
                ]
                term = builder.mul(loop.index, term_step)
                for i in range(ROWS):
                    row = builder.mul(row_step, ir.Constant(row_step.type, i))
                    one = builder.load(builder.gep(a_start, [builder.add(term, row)]))
                    everywhere = spread(builder, kind, one)
                    for v in range(vectors):
                        times = builder.fmul(everywhere, loaded[v], flags=fused)
                        builder.store(builder.fadd(builder.load(sums[i][v]), times, flags=fused), sums[i][v])
            for i in range(ROWS):
                for v in range(vectors):
                    place = vector_at(c_start, ir.Constant(c_step.type, i), c_step, v)
                    builder.store(builder.load(sums[i][v]), place, align=size)
            return context.get_dummy_value()

        place, steps = types.UniTuple(types.intp, 2), types.UniTuple(types.intp, 3)
        return types.void(a, steps, b, place, c, place, types.intp), generate

    return tile


MOST_VECTORS = _most_vectors()
_wide, _narrow = _tile(MOST_VECTORS), _tile(1)


@part
def padded(n, multiple):  # type: ignore[no-untyped-def]
    """The next multiple of `multiple` from n on."""
    return (n + multiple - 1) // multiple * multiple


@part
def product(a, row_step, term_step, b, c, rows, columns, terms):  # type: ignore[no-untyped-def]
    """c[:rows, :columns] = the sum over `terms` t of a[i row_step + t term_step] times b[t, :columns].

    `a` is flat, so one product takes it as it is or transposed. `rows` is a multiple of `ROWS` and `columns`
    of `VECTOR`.
    """
    width = VECTOR * MOST_VECTORS
    b_step, c_step = b.shape[1], c.shape[1]
    for i in range(0, rows, ROWS):
        place = (i * row_step, row_step, term_step)
        done = 0
        while done + width <= columns:
            _wide(a, place, b, (done, b_step), c, (i * c_step + done, c_step), terms)
            done += width
        while done < columns:
            _narrow(a, place, b, (done, b_step), c, (i * c_step + done, c_step), terms)
            done += VECTOR


def aligned(array: NDArray[Any]) -> NDArray[Any]:
    """A copy that begins at a line of the cache."""
    memory = np.empty(array.nbytes + _LINE, dtype=np.uint8)
    first = -memory.ctypes.data % _LINE
    copy = memory[first : first + array.nbytes].view(array.dtype).reshape(array.shape)
    copy[:] = array
    return copy


@intrinsic
def prefetch(typing_context, array, place):  # type: ignore[no-untyped-def]
    """Ask for the line of the cache that holds element `place` of a flat array, which is needed soon."""

    def generate(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        pointer = pointer_to(context, builder, signature.args[0], arguments[0], arguments[1])
        byte, number = ir.IntType(8).as_pointer(), ir.IntType(32)
        kind = ir.FunctionType(ir.VoidType(), [byte, number, number, number])
        ask = builder.module.declare_intrinsic("llvm.prefetch", [byte], kind)
        builder.call(ask, [builder.bitcast(pointer, byte), number(0), number(3), number(1)])
        return context.get_dummy_value()

    return types.void(array, types.intp), generate


class _Loop:
    """What the two loops over named rows have in common.

    Their arguments are (table, ids, where the ids begin, weights, (first weight, its step), flat row, where
    it begins, column, terms).
    """

    def __init__(self, context: Any, builder: Any, signature: Any, arguments: Any, vectors: int) -> None:
        self.context, self.builder, self.vectors = context, builder, vectors
        kinds = signature.args
        number = context.get_value_type(kinds[0].dtype)
        self.kind, self.size = ir.VectorType(number, VECTOR), context.get_abi_sizeof(number)
        column, self.terms = arguments[7], arguments[8]
        self.table = pointer_to(context, builder, kinds[0], arguments[0], column)
        shape = cgutils.create_struct_proxy(kinds[0])(context, builder, arguments[0]).shape
        self.width = builder.extract_value(shape, 1)
        self.ids = pointer_to(context, builder, kinds[1], arguments[1], arguments[2])
        first, self.weight_step = cgutils.unpack_tuple(builder, arguments[4])
        self.weights = pointer_to(context, builder, kinds[3], arguments[3], first)
        place = builder.add(arguments[6], column)
        self.single = pointer_to(context, builder, kinds[5], arguments[5], place)

    def vectors_at(self, start: Any) -> list[Any]:
        """Pointers to the vectors of columns of a row."""
        places = (ir.Constant(ir.IntType(64), v * VECTOR) for v in range(self.vectors))
        return [
            self.builder.bitcast(self.builder.gep(start, [place]), self.kind.as_pointer()) for place in places
        ]

    def load(self, pointer: Any) -> Any:
        return self.builder.load(pointer, align=self.size)

    def store(self, value: Any, pointer: Any) -> None:
        self.builder.store(value, pointer, align=self.size)

    def term(self, index: Any) -> tuple[list[Any], Any]:
        """The vectors of the row that a term names, and its weight in all lanes."""
        builder = self.builder
        row = builder.sext(builder.load(builder.gep(self.ids, [index])), ir.IntType(64))
        start = builder.gep(self.table, [builder.mul(row, self.width)])
        weight = builder.load(builder.gep(self.weights, [builder.mul(index, self.weight_step)]))
        return self.vectors_at(start), spread(builder, self.kind, weight)

    def plus(self, one: Any, other: Any, weight: Any) -> Any:
        fused = ("contract",)
        return self.builder.fadd(one, self.builder.fmul(other, weight, flags=fused), flags=fused)


def _signature(table, ids, weights, single):  # type: ignore[no-untyped-def]
    place = types.UniTuple(types.intp, 2)
    arguments = (table, ids, types.intp, weights, place, single, types.intp, types.intp, types.intp)
    return types.void(*arguments)


def _sum(vectors):  # type: ignore[no-untyped-def]
    @intrinsic
    def sum_of_rows(typing_context, table, ids, ids_first, weights, place, single, first, column, terms):  # type: ignore[no-untyped-def]
        """single += the sum over terms of weight times row."""

        def generate(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
            loop = _Loop(context, builder, signature, arguments, vectors)
            whole = loop.vectors_at(loop.single)
            sums = [cgutils.alloca_once_value(builder, loop.load(pointer)) for pointer in whole]
            with cgutils.for_range(builder, loop.terms) as counted:
                pointers, weight = loop.term(counted.index)
                for pointer, total in zip(pointers, sums, strict=True):
                    builder.store(loop.plus(builder.load(total), loop.load(pointer), weight), total)
            for pointer, total in zip(whole, sums, strict=True):
                loop.store(builder.load(total), pointer)
            return context.get_dummy_value()

        return _signature(table, ids, weights, single), generate

    return sum_of_rows


def _steps(vectors):  # type: ignore[no-untyped-def]
    @intrinsic
    def steps_of_rows(typing_context, table, ids, ids_first, weights, place, single, first, column, terms):  # type: ignore[no-untyped-def]
        """Row += weight times single, term after term."""

        def generate(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
            loop = _Loop(context, builder, signature, arguments, vectors)
            step = [loop.load(pointer) for pointer in loop.vectors_at(loop.single)]
            with cgutils.for_range(builder, loop.terms) as counted:
                pointers, weight = loop.term(counted.index)
                for pointer, own in zip(pointers, step, strict=True):
                    loop.store(loop.plus(loop.load(pointer), own, weight), pointer)
            return context.get_dummy_value()

        return _signature(table, ids, weights, single), generate

    return steps_of_rows


def _over_columns(kind):  # type: ignore[no-untyped-def]
    """A loop over terms for rows of any width, wide columns first."""
    wide, narrow = kind(MOST_VECTORS), kind(1)

    @part
    def over_columns(table, ids, ids_first, weights, place, single, first, terms):  # type: ignore[no-untyped-def]
        done, width = 0, table.shape[1]
        while done + VECTOR * MOST_VECTORS <= width:
            wide(table, ids, ids_first, weights, place, single, first, done, terms)
            done += VECTOR * MOST_VECTORS
        while done < width:
            narrow(table, ids, ids_first, weights, place, single, first, done, terms)
            done += VECTOR

    return over_columns


add_rows = _over_columns(_sum)
"""single[first :] += the sum over terms t of weights[place[0] + t place[1]] table[ids[ids_first + t]].

`ids`, `weights` and `single` are flat.
"""

move_rows = _over_columns(_steps)
"""table[ids[ids_first + t]] += weights[place[0] + t place[1]] single[first :], term t after term.

`ids`, `weights` and `single` are flat.
"""
