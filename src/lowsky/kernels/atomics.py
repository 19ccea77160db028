"""Words that several threads read and write at once: load, store, add, swap if unchanged, and letting others go first.

What a thread wrote before it stores, adds to or swaps a word, another one sees after it has loaded, added to or swapped
that word (release and acquire of the C11 memory model). Words are elements of an int64 array; outside compiled code
there is one thread, and the plain operations do.
"""

from __future__ import annotations

from typing import Any

from numba.core import cgutils, types
from numba.extending import intrinsic, overload

ir: Any = vars(cgutils)["ir"]  # numba's own view of what it compiles to
WORD_BYTES = 8


def load(words: Any, at: int) -> int:
    """The word at a place."""
    return int(words[at])


def store(words: Any, at: int, value: int) -> None:
    """Write the word at a place."""
    words[at] = value


def add(words: Any, at: int, value: int) -> None:
    """Add to the word at a place."""
    words[at] += value


def swap(words: Any, at: int, old: int, new: int) -> bool:
    """Write the word at a place if it is still the old one; was it?"""
    if words[at] != old:
        return False
    words[at] = new
    return True


def stand_back() -> None:
    """Let the system give this processor to another thread that waits for one."""


def _place(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    """Address of the word that the first two arguments of an intrinsic name."""
    array = context.make_array(signature.args[0])(context, builder, arguments[0])
    return builder.gep(array.data, [context.cast(builder, arguments[1], signature.args[1], types.intp)])


def _word(context: Any, builder: Any, signature: Any, arguments: Any, at: int) -> Any:
    """An argument of an intrinsic as a word."""
    return context.cast(builder, arguments[at], signature.args[at], types.int64)


@intrinsic
def _load(_typing: Any, words: Any, at: Any) -> Any:
    def codegen(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.load_atomic(_place(context, builder, signature, arguments), "acquire", WORD_BYTES)

    return types.int64(words, at), codegen


@intrinsic
def _store(_typing: Any, words: Any, at: Any, value: Any) -> Any:
    def codegen(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        word = _word(context, builder, signature, arguments, 2)
        builder.store_atomic(word, _place(context, builder, signature, arguments), "release", WORD_BYTES)
        return context.get_dummy_value()

    return types.void(words, at, value), codegen


@intrinsic
def _add(_typing: Any, words: Any, at: Any, value: Any) -> Any:
    def codegen(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        word = _word(context, builder, signature, arguments, 2)
        builder.atomic_rmw("add", _place(context, builder, signature, arguments), word, "acq_rel")
        return context.get_dummy_value()

    return types.void(words, at, value), codegen


@intrinsic
def _swap(_typing: Any, words: Any, at: Any, old: Any, new: Any) -> Any:
    def codegen(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        was, wanted = (_word(context, builder, signature, arguments, k) for k in (2, 3))
        place = _place(context, builder, signature, arguments)
        return builder.extract_value(builder.cmpxchg(place, was, wanted, "acq_rel", "monotonic"), 1)

    return types.boolean(words, at, old, new), codegen


@intrinsic
def _stand_back(_typing: Any) -> Any:
    def codegen(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        kind = ir.FunctionType(cgutils.int32_t, [])
        builder.call(cgutils.get_or_insert_function(builder.module, kind, "sched_yield"), [])
        return context.get_dummy_value()

    return types.void(), codegen


@overload(load)
def _compiled_load(words, at):  # numba compares these signatures with those below
    return lambda words, at: _load(words, at)  # type: ignore[call-arg]  # the first argument is numba's


@overload(store)
def _compiled_store(words, at, value):
    return lambda words, at, value: _store(words, at, value)  # type: ignore[call-arg]


@overload(add)
def _compiled_add(words, at, value):
    return lambda words, at, value: _add(words, at, value)  # type: ignore[call-arg]


@overload(swap)
def _compiled_swap(words, at, old, new):
    return lambda words, at, old, new: _swap(words, at, old, new)  # type: ignore[call-arg]


@overload(stand_back)
def _compiled_stand_back():
    return lambda: _stand_back()  # type: ignore[call-arg]
