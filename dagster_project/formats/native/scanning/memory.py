"""Eight bytes at once, at any place: what numba's arrays do not offer. Nothing here looks at bounds."""

from typing import Any

import llvmlite.ir as ir
import numpy as np
from numba import njit, types
from numba.extending import intrinsic

EIGHT = 8

bare: Any = njit(error_model="numpy", boundscheck=False)
inlined: Any = njit(inline="always", error_model="numpy", boundscheck=False)
"""Compile a function that raises nothing: no bounds, no division by zero. So it needs nothing of Python."""


@intrinsic
def _load8(typing_context, data, place):
    """The eight bytes of the array of bytes at that place, as one number."""

    def emit(context, builder, signature, arguments):
        return builder.load(_place(context, builder, signature, arguments), align=1)

    return types.uint64(data, types.int64), emit


@intrinsic
def _store8(typing_context, data, place, value):
    """Write eight bytes at that place."""

    def emit(context, builder, signature, arguments):
        builder.store(arguments[2], _place(context, builder, signature, arguments), align=1)
        return context.get_dummy_value()

    return types.void(data, types.int64, types.uint64), emit


@intrinsic
def _first_byte(typing_context, flags):
    """Which byte of the number has the lowest bit that is set; the number is not 0."""

    def emit(context, builder, signature, arguments):
        bits = builder.cttz(arguments[0], ir.Constant(ir.IntType(1), 1))
        return builder.lshr(bits, ir.Constant(ir.IntType(64), 3))

    return types.int64(types.uint64), emit


load8: Any = _load8
store8: Any = _store8
first_byte: Any = _first_byte


def _place(context, builder, signature, arguments):
    array = context.make_array(signature.args[0])(context, builder, arguments[0])
    byte = builder.gep(array.data, [arguments[1]])
    return builder.bitcast(byte, context.get_value_type(types.uint64).as_pointer())


@bare
def word(data, at):
    """The eight bytes from there on; zeros for those beyond the end."""
    if at + EIGHT <= len(data):
        return load8(data, at)
    found = np.uint64(0)
    for place in range(len(data) - 1, at - 1, -1):
        found = (found << np.uint64(8)) | np.uint64(data[place])
    return found


@bare
def copy(source, at, size, out, to):
    """Copy so many bytes; `out` has eight bytes to spare, and what stands behind the copied ones is written over."""
    done = 0
    while done < size and at + done + EIGHT <= len(source):
        store8(out, to + done, load8(source, at + done))
        done += EIGHT
    while done < size:
        out[to + done] = source[at + done]
        done += 1
