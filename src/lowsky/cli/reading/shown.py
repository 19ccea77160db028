"""Items as text for people and as lines of JSON for programs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import msgspec

from .items import Item, Place

ONE_LINE = 100  # characters that the fields of an item may have together to stand on one line
DEEPEST = 12
WIDEST_TEXT = 300  # characters of one value


def as_json(item: Item) -> str:
    """One object: number, format, where it comes from, and `item` or `error`."""
    place = item.place
    head: dict[str, Any] = {"n": item.number, "format": item.format}
    known = {"byte": place.byte, "packet": place.packet, "from": place.source or None, "to": place.target or None}
    head |= {name: value for name, value in known.items() if value is not None}
    if place.time_ns is not None:
        head["time"] = utc(place.time_ns)
    error = {"error": item.error} if item.error else {}
    rest = item.readable
    return msgspec.json.encode(head | error | ({"item": rest} if rest else {}), enc_hook=str).decode()


def as_text(item: Item) -> str:
    """A line of what and where, with the fields behind it or, if they are many, below it."""
    head = f"{item.number} {item.format}{_where(item.place)}"
    fields = item.fields
    if item.error:
        return f"{head}: ERROR {_scalar(item.error)}" + "".join(f"\n  {line}" for line in _tree(item.readable, 1))
    if all(_plain(value) for value in fields.values()):
        line = "  ".join(f"{_scalar(name)}={_scalar(value)}" for name, value in fields.items() if value is not None)
        if len(line) <= ONE_LINE:
            return f"{head}: {line}"
    return head + "".join(f"\n  {line}" for line in _tree(fields, 1))


def utc(time_ns: int) -> str:
    """2024-05-01T12:00:00.123456Z"""
    try:
        return datetime.fromtimestamp(time_ns // 1000 / 1e6, UTC).isoformat(timespec="microseconds")[:-6] + "Z"
    except (ValueError, OverflowError, OSError):
        return f"{time_ns} ns"


def _where(place: Place) -> str:
    words = []
    if place.byte is not None:
        words.append(f"byte {place.byte}")
    if place.packet is not None:
        words.append(f"packet {place.packet}")
    if place.time_ns is not None:
        words.append(utc(place.time_ns))
    if place.source:
        words.append(f"{place.source} to {place.target}")
    return f" ({', '.join(words)})" if words else ""


def _plain(value: Any) -> bool:
    return not isinstance(value, (dict, list, tuple))


def _tree(fields: dict[str, Any], depth: int) -> Iterator[str]:
    """Fields one a line; what is inside them stands further in."""
    for word, value in fields.items():
        name = _scalar(word)
        if isinstance(value, dict) and value and depth < DEEPEST:
            yield f"{name}:"
            yield from (f"  {line}" for line in _tree(value, depth + 1))
        elif isinstance(value, (list, tuple)) and any(isinstance(v, dict) for v in value) and depth < DEEPEST:
            for index, inner in enumerate(value):
                yield from _tree({f"{name}[{index}]": inner}, depth)
        elif isinstance(value, (list, tuple)):
            yield f"{name}: {', '.join(map(_scalar, value)) or 'none'}"
        else:
            yield f"{name}: {_scalar(value)}"


def _scalar(value: Any) -> str:
    if value is None or value == {}:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = f"{value:.10g}" if isinstance(value, float) else str(value)
    text = "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in text)
    return text if len(text) <= WIDEST_TEXT else text[: WIDEST_TEXT - 3] + "..."
