"""Arrays without reference counts inside kernels.

Numba counts references to every array that a compiled function takes out of a tuple or slices, atomically, also where
the caller outlives the call; for small kernels on one big group of tables this was half of all time. `borrowed` gives
the same array without an owner: it must not outlive the call into which the real one was passed. Nothing else does.

Kernels that do no more than work on such arrays are decorated `@bare`: numba then leaves out even the asking whether
there is anything to count, another tenth of all time. A bare kernel, and what it calls, makes no array and assigns none
to a slice of another (numba might have to copy it): the compiler refuses that.

To call a kernel costs the copying of all its arguments, and `World` alone is 200 words. What is called for each report
or track and does little is decorated `@bare_inlined`, and so becomes a part of its caller. `@merged` does the same one
step earlier: such a kernel is never compiled by itself. numba turns everything that a kernel calls into machine code
again with each kernel of a chain of calls, so this is for those that stand above much and have one caller.
"""

from __future__ import annotations

from typing import Any

from numba.core import cgutils, types
from numba.extending import intrinsic, overload

from .cache import jit

bare: Any = jit(_nrt=False)  # numba's run-time, which counts references, is not there
bare_inlined: Any = jit(_nrt=False, forceinline=True)
merged: Any = jit(inline="always")


def borrowed(array: Any) -> Any:
    """The same array for compiled code without reference count; outside compiled code the array itself."""
    return array


@intrinsic
def _without_owner(_typing: Any, array: Any) -> Any:
    def codegen(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        view = context.make_array(signature.args[0])(context, builder, arguments[0])
        view.meminfo = cgutils.get_null_value(view.meminfo.type)
        view.parent = cgutils.get_null_value(view.parent.type)
        return view._getvalue()

    return array(array), codegen


@overload(borrowed)
def _borrowed(array):  # numba compares this signature with the one below
    if not isinstance(array, types.Array):
        return None

    def compiled(array):
        return _without_owner(array)  # type: ignore[call-arg]  # the first argument is numba's

    return compiled
