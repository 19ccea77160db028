"""Items to records and datablocks, by the same description that they are read by.

    encode(62, [{"010": {"SAC": 25, "SIC": 1}, "040": 17, "105": {"LAT": 52.1, "LON": 21.0}, ...}], "1.21")

takes what `reading` gives: values in the unit of the specification, rounded to its last bit; `edition` "" is the
newest. Items come in the order of the profile whatever that of the dict. Spare bits are 0; the parts of an extended
item are written as far as values are given (a part needs all its fields); nothing is left out or cut silently.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from .bits import Value, write_fields
from .description import category, name_of
from .layout import RANDOM, Category, Compound, Explicit, Extended, Fixed, Layout, Repetitive, octets_of
from .reading import FURTHER, HEADER_OCTETS

MAX_BLOCK_OCTETS = 0xFFFF


def encode(number: int, items: Iterable[Mapping[str, Any]], edition: str = "") -> bytes:
    """A datablock of category `number` with one record for each mapping of items.

    Raises:
        KeyError: if the category or this edition of it is not described.
        ValueError: naming the item and field, if a value cannot be written; if there is no record; or if the
            datablock has over 65,535 octets.
    """
    layout = category(name_of(number), edition)
    return datablock(number, b"".join(write_record(layout, one) for one in items))


def datablock(number: int, records: bytes) -> bytes:
    """Records with their header.

    Raises:
        ValueError: if there are none, or too many octets.
    """
    length = HEADER_OCTETS + len(records)
    if not records or length > MAX_BLOCK_OCTETS:
        raise ValueError(f"a datablock of category {number} cannot have {length} octets")
    return bytes([number]) + length.to_bytes(2, "big") + records


def write_record(layout: Category, items: Mapping[str, Any]) -> bytes:
    """One record.

    Raises:
        ValueError: naming the item and field, if one cannot be written.
    """
    order = layout.profiles[_profile(layout, items)].order
    unknown = items.keys() - {name for name in order if name and name != RANDOM}
    if unknown or not items:
        said = f"has no item {sorted(unknown)[0]!r}" if unknown else "needs an item"
        raise ValueError(f"a record of category {layout.name} edition {layout.edition} {said}")
    flags = [name in items for name in order]
    body = b"".join(_write(layout.items[name], items[name], name) for name in order if name and name in items)
    return field_specification(flags, layout.fspec_octets) + body


def _profile(layout: Category, items: Mapping[str, Any]) -> int:
    """Which profile the first field of the selecting item chooses."""
    if not layout.selector or layout.selector not in items:
        return 0
    head = layout.items[layout.selector]
    first = head.parts[0].fields[0] if isinstance(head, Extended) else None
    return int(first is not None and items[layout.selector].get(first.name) == 1)


def field_specification(flags: list[bool], octets: int = 0) -> bytes:
    """A field specification: as short as can be, or without FX in a number of octets."""
    if octets:
        bits = "".join("1" if flag else "0" for flag in flags).ljust(8 * octets, "0")
        return int(bits, 2).to_bytes(octets, "big")
    last = max((i for i, flag in enumerate(flags) if flag), default=0) // 7
    padded = flags + [False] * 7
    octet = [sum(flag << (7 - i) for i, flag in enumerate(padded[7 * k : 7 * k + 7])) for k in range(last + 1)]
    return bytes(value | (k < last) for k, value in enumerate(octet))


def _write(layout: Layout, value: Value, name: str) -> bytes:
    if isinstance(layout, Fixed):
        return write_fields(layout, value, name).to_bytes(octets_of(layout), "big")
    if isinstance(layout, Extended):
        return _extended(layout, value, name)
    if isinstance(layout, Repetitive):
        return _repetitive(layout, value, name)
    if isinstance(layout, Explicit):
        return _explicit(value, name)
    return _compound(layout, value, name)


def _extended(layout: Extended, value: Value, name: str) -> bytes:
    known = [part.names for part in layout.parts]
    if not isinstance(value, dict) or value.keys() - set().union(*known) - {FURTHER}:
        raise ValueError(f"{name}: {value!r} is not made of the fields of this item")
    further = bytes.fromhex(value.get(FURTHER, ""))
    if further and layout.ends:
        raise ValueError(f"{name}: nothing can follow the fields of this item")
    last = len(known) - 1 if further else max((i for i, names in enumerate(known) if names & value.keys()), default=0)
    octets = b""
    for i, part in enumerate(layout.parts[: last + 1]):
        fields = {field: value[field] for field in known[i] if field in value}
        more = i < last or bool(further)
        number = write_fields(part, fields, name)
        number = number if part.bits % 8 == 0 else number << 1 | more
        octets += number.to_bytes((part.bits + 1) // 8, "big")
    return octets + further


def _repetitive(layout: Repetitive, value: Value, name: str) -> bytes:
    if not isinstance(value, list) or not (value or layout.count_octets):
        raise ValueError(f"{name}: {value!r} is no list of elements")
    numbers = [write_fields(layout.element, one, name) for one in value]
    if layout.count_octets:
        if len(numbers) >= 1 << 8 * layout.count_octets:
            raise ValueError(f"{name}: {len(numbers)} elements are too many")
        head = len(numbers).to_bytes(layout.count_octets, "big")
    else:
        head = b""
        numbers = [number << 1 | (i < len(numbers) - 1) for i, number in enumerate(numbers)]
    return head + b"".join(number.to_bytes(layout.octets, "big") for number in numbers)


def _explicit(value: Value, name: str) -> bytes:
    octets = bytes.fromhex(value)
    if len(octets) > 254:
        raise ValueError(f"{name}: {len(octets)} octets are too many")
    return bytes([len(octets) + 1]) + octets


def _compound(layout: Compound, value: Value, name: str) -> bytes:
    names = [subitem[0] if subitem else None for subitem in layout.subitems]
    if not isinstance(value, dict) or value.keys() - set(names):
        raise ValueError(f"{name}: {value!r} is not made of the subitems of this item")
    flags = [subitem is not None and subitem in value for subitem in names]
    present = [subitem for subitem in layout.subitems if subitem is not None and subitem[0] in value]
    return field_specification(flags) + b"".join(_write(inner, value[sub], f"{name}/{sub}") for sub, inner in present)
