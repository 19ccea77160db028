"""Descriptions of categories as the integer tables that `kernels.asterix_items` goes by, and which fields are wanted.

A field is wanted by its path: "040/RHO" (item, field), "120/CAL/D" (compound item, subitem, field), "020/TST" (in
whichever part of the extended item it is), "070" or "010" (an item, or all the bits of its fields as one number),
"120/RDS/DOP" (of the first element), "040/@" (the offset of the item in the data). A path that an edition does not
have is a column of NaN.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lowsky.kernels import asterix_items as steps

from .layout import RANDOM, SIGNED, Category, Compound, Explicit, Extended, Field, Fixed, Layout, Repetitive, octets_of

NEVER = 0  # a slot that no item uses
CATEGORY_NUMBERS = 256


@dataclass(frozen=True, slots=True)
class Columns:
    """The fields wanted of a category: `fields` (c, 4) and `scales` (c,) as `kernels.asterix.extract` takes them."""

    paths: tuple[str, ...]
    fields: NDArray[np.int64]
    scales: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Tables:
    """See `kernels.asterix_items`; `columns` by the number of a category."""

    roots: NDArray[np.int32]
    nodes: NDArray[np.int32]
    links: NDArray[np.int32]
    slots: int
    columns: dict[int, Columns]
    categories: dict[int, Category]


def make_tables(categories: Mapping[int, Category], wanted: Mapping[int, Sequence[str]]) -> Tables:
    """The tables of some categories by number; `wanted` are the paths of each, none for those not named."""
    building = _Building()
    columns = {}
    slots = 1
    for number, layout in categories.items():
        paths = tuple(wanted.get(number, ()))
        part = _Part(building, layout, paths)
        building.roots[number] = part.root
        columns[number] = part.columns()
        slots = max(slots, part.slots)
    nodes = np.array(building.nodes, dtype=np.int32).reshape(-1, steps.NODE_COLUMNS)
    links = np.array(building.links, dtype=np.int32)
    return Tables(building.roots, nodes, links, slots, columns, dict(categories))


class _Building:
    """Rows so far."""

    def __init__(self) -> None:
        self.nodes: list[tuple[int, ...]] = []
        self.links: list[int] = []
        self.roots = np.full((CATEGORY_NUMBERS, 3), steps.NOTHING, dtype=np.int32)

    def node(self, kind: int, a: int = 0, b: int = 0, slot: int = steps.NOTHING, links: Sequence[int] = ()) -> int:
        first = len(self.links)
        self.links += links
        self.nodes.append((kind, a, b, slot, first, len(links)))
        return len(self.nodes) - 1


class _Part:
    """One category: its nodes, its slots, its columns."""

    def __init__(self, building: _Building, layout: Category, paths: tuple[str, ...]) -> None:
        self._building, self._paths = building, paths
        self.slots = NEVER + 1
        self._column: dict[str, tuple[int, int, int, int, float]] = {}
        items = {name: self._node(item, name) for name, item in layout.items.items()}
        fixed = {None: steps.NOTHING, RANDOM: steps.RANDOM}
        records = [
            building.node(steps.COMPOUND, links=[items[name] if name in items else fixed[name] for name in p.order])
            for p in layout.profiles
        ]
        other = (items[layout.selector], records[1]) if layout.selector else (steps.NOTHING, steps.NOTHING)
        self.root = (records[0], *other)

    def columns(self) -> Columns:
        """Of all paths that are wanted."""
        rows = [self._column.get(path, (NEVER, 0, 0, 0, 1.0)) for path in self._paths]
        fields = np.array([row[:4] for row in rows], dtype=np.int64).reshape(-1, 4)
        return Columns(self._paths, fields, np.array([row[4] for row in rows], dtype=np.float64))

    def _slot(self, path: str, n: int = 1) -> int:
        """The first of n slots for an item, NOTHING if no field of it is wanted."""
        if not any(wanted == path or wanted.startswith(f"{path}/") for wanted in self._paths):
            return steps.NOTHING
        self.slots += n
        return self.slots - n

    def _node(self, layout: Layout, path: str) -> int:
        make = self._building.node
        if isinstance(layout, Compound):
            links = [self._node(s[1], f"{path}/{s[0]}") if s else steps.NOTHING for s in layout.subitems]
            return make(steps.COMPOUND, links=links)
        slot = self._slot(path, len(layout.parts) if isinstance(layout, Extended) else 2)
        self._column[f"{path}/@"] = (slot, 0, 0, 0, 1.0)
        if isinstance(layout, Fixed):
            self._name(layout, path, slot)
            self._column.setdefault(path, (slot, 0, layout.bits, 0, 1.0))
            return make(steps.FIXED, octets_of(layout), slot=slot)
        if isinstance(layout, Extended):
            for k, part in enumerate(layout.parts):
                self._name(part, path, slot + k)
            return make(
                steps.EXTENDED, int(layout.ends), slot=slot, links=[(part.bits + 1) // 8 for part in layout.parts]
            )
        if isinstance(layout, Repetitive):
            self._name(layout.element, path, slot + 1)
            kind = steps.COUNTED if layout.count_octets else steps.CHAINED
            return make(kind, layout.count_octets, layout.octets, slot)
        assert isinstance(layout, Explicit)
        return make(steps.EXPLICIT, slot=slot)

    def _name(self, fixed: Fixed, path: str, slot: int, first: int = 0) -> None:
        for field in fixed.fields:
            own = f"{path}/{field.name}" if field.name else path
            if field.group:
                self._name(Fixed(field.group), own, slot, first)
            elif slot >= 0:
                self._column[own] = (slot, first, *_number(field))
            first += field.bits


def _number(field: Field) -> tuple[int, int, float]:
    """Bits, whether signed, value of the last."""
    return field.bits, int(field.scale.kind == SIGNED), field.scale.lsb or 1.0
