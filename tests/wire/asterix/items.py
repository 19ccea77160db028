"""Strategies for items of every category, derived from its description; and the fixtures' editions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from lowsky.wire.asterix.bits import Value
from lowsky.wire.asterix.description import CATEGORIES, category, editions, name_of
from lowsky.wire.asterix.layout import (
    ASCII,
    ICAO,
    OCTAL,
    RANDOM,
    SIGNED,
    SPARE,
    Category,
    Compound,
    Explicit,
    Extended,
    Field,
    Fixed,
    Layout,
    Repetitive,
    Scale,
)

ICAO_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ 0123456789"
ALL_EDITIONS = [(number, edition) for number in CATEGORIES for edition in editions(name_of(number))]


def numbers(scale: Scale, bits: int) -> st.SearchStrategy[Value]:
    """Every value of a field."""
    if scale.kind == OCTAL:
        return st.integers(0, (1 << bits) - 1).map(lambda n: f"{n:0{-(-bits // 3)}o}")
    if scale.kind == ASCII:
        return st.binary(min_size=bits // 8, max_size=bits // 8).map(lambda b: b.decode("latin-1"))
    if scale.kind == ICAO:
        return st.text(ICAO_LETTERS, min_size=bits // 6, max_size=bits // 6)
    low = -(1 << (bits - 1)) if scale.kind == SIGNED else 0
    counts = st.integers(low, low + (1 << bits) - 1)
    lsb = scale.lsb
    return counts if lsb is None else counts.map(lambda n: n * lsb)


@st.composite
def fields(draw: st.DrawFn, fixed: Fixed) -> Value:
    """A value of an item of fields."""
    found: dict[str, Value] = {}
    for field in fixed.fields:
        if field.group:
            found[field.name] = draw(fields(Fixed(field.group)))
        elif field.name != SPARE:
            found[field.name] = draw(numbers(_scale(field, found), field.bits))
    return found.get("", found)


def _scale(field: Field, before: dict[str, Value]) -> Scale:
    return field.scale if field.depends is None else dict(field.depends[1])[before[field.depends[0]]]


@st.composite
def extended(draw: st.DrawFn, layout: Extended) -> Value:
    """The first parts of an item, as many as are drawn."""
    found: dict[str, Value] = {}
    for part in layout.parts[: draw(st.integers(1, len(layout.parts)))]:
        found |= draw(fields(part))
    return found


def item(layout: Layout) -> st.SearchStrategy[Value]:
    """A value of an item."""
    if isinstance(layout, Fixed):
        return fields(layout)
    if isinstance(layout, Extended):
        return extended(layout)
    if isinstance(layout, Repetitive):
        return st.lists(fields(layout.element), min_size=int(layout.count_octets == 0), max_size=3)
    if isinstance(layout, Explicit):
        return st.binary(max_size=9).map(bytes.hex)
    assert isinstance(layout, Compound)
    inner = {s[0]: item(s[1]) for s in layout.subitems if s is not None}
    return st.fixed_dictionaries({}, optional=inner)


@st.composite
def record(draw: st.DrawFn, layout: Category) -> dict[str, Value]:
    """Some items of one profile."""
    which = draw(st.integers(0, len(layout.profiles) - 1))
    names = sorted({name for name in layout.profiles[which].order if name and name != RANDOM} - {layout.selector})
    chosen = draw(st.lists(st.sampled_from(names), min_size=1, max_size=6, unique=True))
    items = {name: draw(item(layout.items[name])) for name in chosen}
    if layout.selector:
        head = draw(item(layout.items[layout.selector]))
        items[layout.selector] = head | {next(iter(head)): which}
    return items


def datablocks(data: bytes) -> Iterator[bytes]:
    """Datablocks one after another."""
    at = 0
    while at < len(data):
        length = max(int.from_bytes(data[at + 1 : at + 3], "big"), 3)
        yield data[at : at + length]
        at += length


def edition_of(path: Path) -> dict[int, str]:
    """The edition that a fixture's name says."""
    found = re.match(r"cat(\d+)_ed([\d.]+?)\.(ast|pcap|lib|aster)", path.name)
    return {int(found[1]): found[2]} if found else {}


def lookup(chosen: dict[int, str]) -> Any:
    """Categories in these editions, the others in their newest."""
    return lambda number: category(name_of(number), chosen.get(number, ""))
