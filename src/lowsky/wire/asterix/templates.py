"""Many records at once: columns of values to octets, by the same description that single records are written by.

Records with the same items and subitems have the same bits at the same places. A template knows these places and the
octets that never change (field specifications, FX, spare bits); filling it is a few array operations a field. Rows that
lack an item are written by another template. Repetitive and explicit items, and fields whose unit depends on another
field, are not written here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .bits import write_fields
from .description import category
from .layout import ASCII, ICAO, OCTAL, SIGNED, SPARE, Compound, Extended, Field, Fixed, Layout, Scale
from .writing import field_specification

Path = tuple[str, ...]
Bools = NDArray[np.bool_]
TEXTS = (ASCII, ICAO, OCTAL)
MOST_TEMPLATES = 256  # kept; each is one set of items that records have


@dataclass(frozen=True, slots=True)
class Column:
    """Values of one field: one for all rows, or n; and which rows have the item (None: all)."""

    values: Any
    present: Bools | None = None


Columns = Mapping[Path, Column]


@dataclass(frozen=True, slots=True)
class Slot:
    """Where a field stands in a record."""

    path: Path
    first_bit: int
    bits: int
    scale: Scale


@dataclass(frozen=True, slots=True)
class Template:
    """All records of one set of fields."""

    octets: bytes  # with zeros where values go
    slots: tuple[Slot, ...]


def write_columns(number: int, edition: str, columns: Columns, count: int) -> list[bytes]:
    """`count` records of a category, in the order of the rows.

    Raises:
        KeyError: if the category or this edition of it is not described.
        ValueError: naming the field, if a value cannot be written, or a field is missing or unknown.
    """
    records: list[bytes] = [b""] * count
    for rows, paths in _alike(columns, count):
        made = _template(number, edition, frozenset(paths))
        octets = _filled(made, columns, rows).tobytes()
        width = len(made.octets)
        for i, row in enumerate(rows.tolist()):
            records[row] = octets[i * width : (i + 1) * width]
    return records


def _alike(columns: Columns, count: int) -> Iterator[tuple[NDArray[np.int64], list[Path]]]:
    """Rows that have the same fields, with those fields."""
    masks = [(path, column.present) for path, column in columns.items() if column.present is not None]
    distinct = list({id(mask): mask for _, mask in masks}.values())
    code = np.zeros(count, dtype=np.int64)
    for i, mask in enumerate(distinct):
        code |= mask.astype(np.int64) << i
    for one in np.unique(code).tolist():
        rows = np.flatnonzero(code == one)
        absent = {path for path, mask in masks if not mask[rows[0]]}
        yield rows, [path for path in columns if path not in absent]


@lru_cache(MOST_TEMPLATES)
def _template(number: int, edition: str, paths: frozenset[Path]) -> Template:
    layout = category(f"{number:03d}", edition)
    order = layout.profiles[0].order
    heads = {path[0] for path in paths}
    unknown = heads - {name for name in order if name}
    if unknown:
        raise ValueError(f"a record of category {layout.name} edition {layout.edition} has no item {min(unknown)!r}")
    making = _Making(paths)
    making.constant(field_specification([name in heads for name in order]))
    for name in order:
        if name in heads:
            making.item(layout.items[name], (name,))
    if paths - {slot.path for slot in making.slots}:
        raise ValueError(f"{'/'.join(min(paths - {s.path for s in making.slots}))} is no field of its item")
    return Template(making.octets(), tuple(making.slots))


class _Making:
    """A template on the way."""

    def __init__(self, paths: frozenset[Path]) -> None:
        self.slots: list[Slot] = []
        self._paths, self._value, self._bits = paths, 0, 0

    def octets(self) -> bytes:
        """What never changes."""
        return self._value.to_bytes(self._bits // 8, "big")

    def constant(self, octets: bytes) -> None:
        """These octets."""
        self._put(int.from_bytes(octets, "big"), 8 * len(octets))

    def item(self, layout: Layout, path: Path) -> None:
        """An item or subitem."""
        if isinstance(layout, Fixed):
            self._fields(layout.fields, path)
        elif isinstance(layout, Extended):
            self._extended(layout, path)
        elif isinstance(layout, Compound):
            self._compound(layout, path)
        else:
            raise ValueError(f"{'/'.join(path)} is no item that is written in columns")

    def _put(self, value: int, bits: int) -> None:
        self._value, self._bits = self._value << bits | value, self._bits + bits

    def _fields(self, fields: Sequence[Field], path: Path) -> None:
        for field in fields:
            here = (*path, field.name) if field.name else path
            if field.group:
                self._fields(field.group, here)
            elif field.name == SPARE:
                self._put(0, field.bits)
            elif here not in self._paths or field.depends is not None:
                raise ValueError(f"{'/'.join(here)} is missing, or cannot be written in columns")
            else:
                self.slots.append(Slot(here, self._bits, field.bits, field.scale))
                self._put(0, field.bits)

    def _extended(self, layout: Extended, path: Path) -> None:
        wanted = [any((*path, field.name) in self._paths for field in part.fields) for part in layout.parts]
        last = max((i for i, is_there in enumerate(wanted) if is_there), default=0)
        for i, part in enumerate(layout.parts[: last + 1]):
            self._fields(part.fields, path)
            self._put(int(i < last), 1)

    def _compound(self, layout: Compound, path: Path) -> None:
        inside = {p[len(path)] for p in self._paths if len(p) > len(path) and p[: len(path)] == path}
        flags = [subitem is not None and subitem[0] in inside for subitem in layout.subitems]
        self.constant(field_specification(flags))
        for subitem, is_there in zip(layout.subitems, flags, strict=True):
            if subitem is not None and is_there:
                self.item(subitem[1], (*path, subitem[0]))


def _filled(made: Template, columns: Columns, rows: NDArray[np.int64]) -> NDArray[np.uint8]:
    """Records (rows, octets)."""
    out = np.tile(np.frombuffer(made.octets, dtype=np.uint8), (len(rows), 1))
    for slot in made.slots:
        values = columns[slot.path].values
        own = values if np.ndim(values) == 0 else np.asarray(values)[rows]
        number = _numbers(slot, own).astype(np.uint64)
        end = slot.first_bit + slot.bits
        number = number << np.uint64(-end % 8)
        for octet in range((end - 1) // 8, slot.first_bit // 8 - 1, -1):
            out[:, octet] |= (number & np.uint64(255)).astype(np.uint8)
            number = number >> np.uint64(8)
    return out


def _numbers(slot: Slot, values: Any) -> NDArray[np.int64]:
    """The bits of values in the unit of the specification, rounded to the last bit."""
    if slot.scale.kind in TEXTS:
        field = Fixed((Field("", slot.bits, slot.scale),))
        texts = np.atleast_1d(values).tolist()
        return np.array([write_fields(field, text, "/".join(slot.path)) for text in texts], dtype=np.int64)
    scaled = np.asarray(values, dtype=np.float64) if slot.scale.lsb is not None else np.asarray(values)
    number = scaled if slot.scale.lsb is None else np.rint(scaled / slot.scale.lsb)
    low = -(1 << (slot.bits - 1)) if slot.scale.kind == SIGNED else 0
    wrong = ~((number >= low) & (number < low + (1 << slot.bits)))  # also what is not a number
    if wrong.any():
        first = np.atleast_1d(values)[np.atleast_1d(wrong)][0]
        raise ValueError(f"{'/'.join(slot.path)}: {first!r} has no such bits")
    return number.astype(np.int64) & np.int64((1 << slot.bits) - 1)
