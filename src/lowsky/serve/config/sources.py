"""Reading [[sources]]: what `kind` each is, where its bytes come from, and the format's own options.

A table whose kind is a format (`lowsky.wire.formats`) says with `via` where the bytes come from; what stands beside the
address belongs to its scheme (`lowsky.serve.net.link`), and everything else to the format.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from lowsky.model.errors import InputError
from lowsky.wire.formats import Format, Options, find_format, format_names

from ..net.link import Link, read_link
from .entries import SimulationSource, TableSource

MAX_SOURCES = 1000
PLAYED: dict[object, type[TableSource] | type[SimulationSource]] = {
    "table": TableSource,
    "simulation": SimulationSource,
}
FORMER = {
    "jsonl-udp": 'kind = "jsonl" and via = "udp://127.0.0.1:5300"',
    "jsonl-tcp": 'kind = "jsonl" and via = "tcp-listen://127.0.0.1:5301" (or "tcp://..." to call them)',
}
"""Kinds of before, and what is said instead."""


@dataclass(frozen=True, slots=True)
class FormatSource:
    """[[sources]] whose kind is a format: bytes of `format` that come over `link`."""

    name: str
    format: Format
    link: Link
    options: Any  # an instance of `format.options`

    @property
    def kind(self) -> str:
        """The format's name."""
        return self.format.name


T = TypeVar("T")
SourceEntry = FormatSource | TableSource | SimulationSource


def sources_of(tables: list[dict[str, Any]], folder: Path, here: str) -> tuple[SourceEntry, ...]:
    """All sources of a file.

    Raises:
        InputError: naming file (`here`), source, field and value.
    """
    if len(tables) > MAX_SOURCES:
        raise InputError(f"{here}: {len(tables)} are more than {MAX_SOURCES}")
    found: dict[str, SourceEntry] = {}
    for index, table in enumerate(tables):
        try:
            entry = source_of(table, folder)
            if not entry.name or entry.name in found:
                raise InputError(f"name: {entry.name!r} is empty or there twice")
        except InputError as error:
            raise InputError(f"{here}[{index}].{error}") from None
        found[entry.name] = entry
    return tuple(found.values())


def source_of(table: dict[str, Any], folder: Path) -> SourceEntry:
    """One source.

    Raises:
        InputError: "field: value reason".
    """
    kind = table.get("kind")
    if kind in FORMER:
        raise InputError(f"kind: {kind!r} is now written as {FORMER[kind]}")
    rest = {name: value for name, value in table.items() if name != "kind"}
    if kind in PLAYED:
        return _struct(rest, PLAYED[kind])
    if kind not in format_names():
        raise InputError(f"kind: {kind!r} is no kind of source; {_near(kind, [*format_names(), *map(str, PLAYED)])}")
    form = find_format(kind)
    link, rest = read_link(rest, "via", folder)
    name = rest.pop("name", "")
    if not isinstance(name, str):
        raise InputError(f"name: {name!r} is no text")
    return FormatSource(name, form, link, options_of(form, rest))


def options_of(form: Format, given: dict[str, Any]) -> Options:
    """A format's options.

    Raises:
        InputError: "field: value reason".
    """
    names = [field.name for field in msgspec.structs.fields(form.options)]
    for name in given:
        if name not in names:
            raise InputError(f"{name}: {form.name} has no such option; {_near(name, names)}")
    return _struct(given, form.options)


def _struct(given: dict[str, Any], kind: type[T]) -> T:
    try:
        return msgspec.convert(given, kind)
    except msgspec.ValidationError as error:
        reason, _, place = str(error).partition(" - at `$.")
        raise InputError(f"{place.rstrip('`')}: {reason}" if place else f"kind: {reason}") from None
    except ValueError as error:  # a format's own checks
        raise InputError(str(error)) from None


def _near(name: object, names: list[str]) -> str:
    near = difflib.get_close_matches(str(name), names, n=1)
    return f"did you mean {near[0]!r}?" if near else f"there are {', '.join(names)}"
