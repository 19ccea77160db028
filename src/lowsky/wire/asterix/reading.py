"""One record at a time to its items, by the description: for people, tests and what is rare.

    read_block(bytes.fromhex("..."))  ->  [{"010": {"SAC": 25, "SIC": 201}, "140": 27354.6015625, ...}, ...]

Items are named as in the specification, values are as in `bits`; items of several fields and compounds are dicts,
repetitive items lists, explicit items their octets as hexadecimal text. Octets by which an extended item is longer than
this edition knows are kept as the field FURTHER: a later edition may add some (Part 1, section 4.3.3).
The fast way for many records is `walk`; both follow the same rules and are tested against each other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from lowsky.kernels import asterix_items as steps

from .bits import Value, read_fields
from .description import EXPANSIONS, category, name_of
from .faults import AsterixError
from .layout import RANDOM, Category, Compound, Explicit, Extended, Fixed, Layout, Repetitive, octets_of

HEADER_OCTETS = 3  # category, length
FURTHER = "FX"  # octets of an extended item beyond those known, hexadecimal

Lookup = Callable[[int], Category | None]


def newest(number: int) -> Category | None:
    """The newest edition described of a category, None: not described."""
    try:
        return category(name_of(number))
    except KeyError:
        return None


def read_block(data: bytes, lookup: Lookup = newest) -> list[dict[str, Value]]:
    """The items of each record of one datablock.

    Raises:
        AsterixError: if it is no datablock of a category that is described, or a record of it is broken.
    """
    found = list(records(data, lookup))
    return [items for items, _, _ in found]


def records(data: bytes, lookup: Lookup = newest) -> Iterator[tuple[dict[str, Value], int, int]]:
    """Items, first octet and end of each record of a datablock, up to the first that is broken.

    Raises:
        AsterixError: see `read_block`.
    """
    layout = lookup(data[0]) if data else None
    length = int.from_bytes(data[1:HEADER_OCTETS], "big")
    if layout is None or len(data) < HEADER_OCTETS:
        raise AsterixError("this", steps.GARBAGE, 0)
    if length <= HEADER_OCTETS:
        raise AsterixError(f"the datablock of category {layout.name}", steps.SHORT, 1)
    end, at = min(length, len(data)), HEADER_OCTETS
    while at < end:
        items, after = read_record(layout, data, at, end)
        yield items, at, after
        at = after
    if length > len(data):
        raise AsterixError(f"the datablock of category {layout.name}", steps.LONG, len(data))


def read_record(layout: Category, data: bytes, at: int, end: int) -> tuple[dict[str, Value], int]:
    """The items of the record at octet `at`, and where the next one is.

    Raises:
        AsterixError: if it is broken or reaches beyond `end`.
    """
    cursor = _Cursor(layout, data, at, end)
    return cursor.record(), cursor.at


class _Cursor:
    """Goes through one record."""

    def __init__(self, layout: Category, data: bytes, at: int, end: int) -> None:
        self._layout, self._data, self._end = layout, data, end
        self.at = at

    def record(self) -> dict[str, Value]:
        start = self.at
        flags = self._flags(self._layout.fspec_octets, "the record")
        order = self._layout.profiles[0].order
        if not any(flags):
            raise AsterixError(f"a record of category {self._layout.name}", steps.EMPTY, start)
        items: dict[str, Value] = {}
        for number, present in enumerate(flags):
            if present:
                name = order[number] if number < len(order) else None
                self._item(items, name, number, order)
                if name == self._layout.selector and self._data[self._last] & 0x80:
                    order = self._layout.profiles[1].order
        return items

    def _item(self, items: dict[str, Value], name: str | None, number: int, order: tuple[str | None, ...]) -> None:
        if name is None:
            raise AsterixError(f"item {number + 1} of category {self._layout.name}", steps.UNDEFINED, self.at)
        self._last = self.at
        if name != RANDOM:
            items[name] = self._value(self._layout.items[name], name)
            return
        for _ in range(self._take(1, name)[0]):
            number = self._take(1, name)[0] - 1
            inner = order[number] if 0 <= number < len(order) else None
            if inner is None or inner == RANDOM:
                raise AsterixError(f"item {number + 1} of category {self._layout.name}", steps.UNDEFINED, self.at)
            items[inner] = self._value(self._layout.items[inner], inner)

    def _take(self, n: int, name: str) -> bytes:
        if self.at + n > self._end:
            raise AsterixError(f"item {name} of category {self._layout.name}", steps.CUT, self.at)
        self.at += n
        return self._data[self.at - n : self.at]

    def _flags(self, octets: int, name: str) -> list[bool]:
        """The bits of a field specification, FX left out."""
        if octets:
            number = int.from_bytes(self._take(octets, name), "big")
            return [bool(number >> i & 1) for i in range(8 * octets - 1, -1, -1)]
        flags: list[bool] = []
        while True:
            octet = self._take(1, name)[0]
            flags += [bool(octet >> i & 1) for i in range(7, 0, -1)]
            if not octet & 1:
                return flags

    def _value(self, layout: Layout, name: str) -> Value:
        if isinstance(layout, Fixed):
            return read_fields(layout, int.from_bytes(self._take(octets_of(layout), name), "big"))
        if isinstance(layout, Extended):
            return self._extended(layout, name)
        if isinstance(layout, Repetitive):
            return self._repetitive(layout, name)
        if isinstance(layout, Explicit):
            return self._explicit(name)
        return self._compound(layout, name)

    def _extended(self, layout: Extended, name: str) -> dict[str, Value]:
        found: dict[str, Value] = {}
        for part in layout.parts:
            number = int.from_bytes(self._take((part.bits + 1) // 8, name), "big")
            alone = part.bits % 8 == 0  # without FX
            found |= read_fields(part, number if alone else number >> 1)
            if alone or not number & 1:
                return found
        start = self.at
        while self._take(1, name)[0] & 1:
            pass
        return found | {FURTHER: self._data[start : self.at].hex()}

    def _repetitive(self, layout: Repetitive, name: str) -> list[Value]:
        found = []
        if layout.count_octets:
            for _ in range(int.from_bytes(self._take(layout.count_octets, name), "big")):
                found.append(read_fields(layout.element, int.from_bytes(self._take(layout.octets, name), "big")))
            return found
        while True:
            number = int.from_bytes(self._take(layout.octets, name), "big")
            found.append(read_fields(layout.element, number >> 1))
            if not number & 1:
                return found

    def _explicit(self, name: str) -> str:
        count = self._take(1, name)[0]
        if count == 0:
            raise AsterixError(f"item {name} of category {self._layout.name}", steps.NO_LENGTH, self.at - 1)
        return self._take(count - 1, name).hex()

    def _compound(self, layout: Compound, name: str) -> dict[str, Value]:
        found: dict[str, Value] = {}
        for number, present in enumerate(self._flags(0, name)):
            if present:
                subitem = layout.subitems[number] if number < len(layout.subitems) else None
                if subitem is None:
                    subject = f"subitem {number + 1} of item {name} of category {self._layout.name}"
                    raise AsterixError(subject, steps.UNDEFINED, self.at)
                found[subitem[0]] = self._value(subitem[1], f"{name}/{subitem[0]}")
        return found


def read_expansion(number: int, octets: str) -> dict[str, Value] | None:
    """The items of an RE field given as hexadecimal text; None: none is described or it is something else."""
    name = f"{number:03d}re"
    data = bytes.fromhex(octets)
    if name not in EXPANSIONS:
        return None
    try:
        items, after = read_record(category(name), data, 0, len(data))
    except AsterixError:
        return None
    return items if after == len(data) else None
