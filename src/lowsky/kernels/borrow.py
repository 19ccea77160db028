"""Arrays without reference counts inside kernels.

Numba counts references to every array that a compiled function takes out of a tuple or slices, atomically, also where
the caller outlives the call; for small kernels on one big group of tables this was half of all time. `borrowed` gives
the same array without an owner: it must not outlive the call into which the real one was passed. Nothing else does.
"""

from __future__ import annotations

from typing import Any

from numba.core import cgutils, types
from numba.extending import intrinsic, overload


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
