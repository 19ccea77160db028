"""Items with the names and units that people look for: `{"040 Measured Position in Polar Co-ordinates": {"RHO [NM]":
197.7, ...}}`. Expansion fields are opened where they are described."""

from __future__ import annotations

from typing import Any

from .bits import Value, scale_beside
from .description import EXPANSIONS, category
from .layout import Category, Compound, Explicit, Extended, Field, Fixed, Layout, Repetitive
from .reading import read_expansion

EXPANSION = "RE"


def named(layout: Category, items: dict[str, Value]) -> dict[str, Any]:
    """The same items, readable."""
    return {_title(layout, name): _item(layout, name, value) for name, value in items.items()}


def _title(layout: Category, name: str) -> str:
    item = layout.items[name]
    unit = _unit_of_one(item)
    return f"{name} {layout.titles[name]}" + (f" [{unit}]" if unit else "")


def _item(layout: Category, name: str, value: Value) -> Any:
    expansion = f"{layout.name}re"
    if name == EXPANSION and expansion in EXPANSIONS:
        inner = read_expansion(layout.number, value)
        if inner is not None:
            return named(category(expansion), inner)
    return _value(layout.items[name], value)


def _value(layout: Layout, value: Value) -> Any:
    if isinstance(layout, Fixed):
        return _fields(layout, value)
    if isinstance(layout, Extended):
        known = Fixed(tuple(f for part in layout.parts for f in part.fields))
        return _fields(known, value)
    if isinstance(layout, Repetitive):
        return [_fields(layout.element, one) for one in value]
    if isinstance(layout, Explicit):
        return value
    assert isinstance(layout, Compound)
    inner = dict(subitem for subitem in layout.subitems if subitem is not None)
    return {_with_unit(name, _unit_of_one(inner[name])): _value(inner[name], one) for name, one in value.items()}


def _fields(fixed: Fixed, value: Value) -> Any:
    if not isinstance(value, dict):
        return value
    by_name: dict[str, Field] = {field.name: field for field in fixed.fields}
    found = {}
    for name, one in value.items():
        field = by_name.get(name)
        if field is not None and field.group:
            found[name] = _fields(Fixed(field.group), one)
        else:
            found[_with_unit(name, scale_beside(field, value).unit if field else "")] = one
    return found


def _unit_of_one(layout: Layout) -> str:
    """The unit of an item that is one value."""
    if isinstance(layout, Repetitive):
        layout = layout.element
    alone = isinstance(layout, Fixed) and len(layout.fields) == 1 and not layout.fields[0].name
    return layout.fields[0].scale.unit if isinstance(layout, Fixed) and alone else ""


def _with_unit(name: str, unit: str) -> str:
    return f"{name} [{unit}]" if unit else name
