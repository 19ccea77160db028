"""A hint to the processor to load a record that is needed a little later, so that its memory answers meanwhile.

With thousands of tracks each is in the cache no more when its turn comes, and a kernel waits for most of its time. The
hint changes no result and may be given for any row there is.
"""

from __future__ import annotations

from typing import Any

from numba.core import cgutils, types
from numba.extending import intrinsic, overload

ir: Any = vars(cgutils)["ir"]  # numba's own view of what it compiles to
LINE_BYTES = 64  # of a processor's cache


def prefetch(table: Any, row: int, first: int, last: int) -> None:
    """Ask for the bytes first to last (constants) of a row of a record array; outside compiled code nothing happens."""


@intrinsic
def _ask(_typing: Any, table: Any, row: Any, first: Any, last: Any) -> Any:
    if not (isinstance(first, types.IntegerLiteral) and isinstance(last, types.IntegerLiteral)):
        return None
    low, high = first.literal_value, last.literal_value

    def codegen(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        array = context.make_array(signature.args[0])(context, builder, arguments[0])
        byte, word = cgutils.voidptr_t, cgutils.int32_t
        size = context.get_constant(types.intp, signature.args[0].dtype.size)
        at = builder.mul(context.cast(builder, arguments[1], signature.args[1], types.intp), size)
        begin = builder.gep(builder.bitcast(array.data, byte), [at])
        kind = ir.FunctionType(ir.VoidType(), [byte, word, word, word])
        ask = builder.module.declare_intrinsic("llvm.prefetch", [byte], kind)
        for offset in range(low, high, LINE_BYTES):
            where = builder.gep(begin, [context.get_constant(types.intp, offset)])
            builder.call(ask, [where, word(0), word(3), word(1)])  # to be read, to be kept, data
        return context.get_dummy_value()

    return types.void(table, row, first, last), codegen


@overload(prefetch)
def _prefetch(table, row, first, last):  # numba compares this signature with the one below
    if not isinstance(table, types.Array):
        return None

    def compiled(table, row, first, last):
        _ask(table, row, first, last)  # type: ignore[call-arg]  # the first argument is numba's

    return compiled
