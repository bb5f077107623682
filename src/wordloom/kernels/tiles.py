"""Products of small matrices whose sums stay in the processor's registers until they are whole.

A loop over the columns of a row reads and writes the row again for every term. Here a tile of `ROWS` rows and
some columns of the result is held in registers while all its terms are added, so each number that is loaded
takes part in several products. Vectors of this kind cannot be written in Python, so the tile is given to the
compiler as its own instructions.
"""

# mypy: disable-error-code="no-untyped-call"
from __future__ import annotations

import llvmlite.binding as llvm
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic
from numba.np import arrayobj

from wordloom.kernels.compiling import part

ROWS = 4
"""Rows of a tile; rows of the result are padded to a multiple of it."""

VECTOR = 16
"""Columns of the narrowest tile; columns of the result are padded to a multiple of it."""


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
