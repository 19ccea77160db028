"""Kind taxonomy: what an object can be called.

The six words of the scenarios plus "unknown". The order is the order of kind-probability columns, so it may
only be appended to. Kinds are evidence about an object, never a licence to treat it in any way.
"""

from __future__ import annotations

from enum import IntEnum


class Kind(IntEnum):
    """Kind of an object; the integer is its column in kind-probability arrays."""

    UNKNOWN = 0
    MULTIROTOR = 1
    FIXED_WING = 2
    BIRD = 3
    BALLOON = 4
    AIRCRAFT = 5
    VESSEL = 6

    @property
    def word(self) -> str:
        """The word used in files and on the wire, for example "fixed_wing"."""
        return self.name.lower()


def kind_from_word(word: str) -> Kind:
    """The kind of a word such as "fixed_wing".

    Raises:
        ValueError: if the word is none of the taxonomy's.
    """
    try:
        return Kind[word.strip().upper()]
    except KeyError:
        raise ValueError(f"kind {word!r} is not one of {', '.join(k.word for k in Kind)}") from None
