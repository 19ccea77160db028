"""The kinds of outputs by name, and the making of those that a site has."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import msgspec

from lowsky.model.errors import InputError
from lowsky.model.sensor import Site

from ..config.site_file import SiteConfig
from .contract import OutputKind, Setting, Way

_HOMES: dict[str, str] = {}
"""Name of each kind to the module whose `KIND` declares it: imported when a site has one."""


def kind_names() -> tuple[str, ...]:
    """All kinds."""
    return tuple(_HOMES)


def find_kind(name: str) -> OutputKind:
    """A kind by name.

    Raises:
        KeyError: if there is none.
    """
    declared: OutputKind = import_module(_HOMES[name]).KIND
    return declared


def make_ways(config: SiteConfig, site: Site) -> list[Way]:
    """The outputs of a site, not started.

    Raises:
        InputError: naming file, output, field and value.
    """
    return [
        make_way(entry, Setting(f"{config.path}, outputs[{index}]", config.folder, site))
        for index, entry in enumerate(config.outputs)
    ]


def make_way(entry: dict[str, Any], setting: Setting) -> Way:
    """One output from its table.

    Raises:
        InputError: naming field and value.
    """
    name = entry["kind"]
    if name not in _HOMES:
        raise InputError(f"{setting.here}.kind: {name!r} is not one of {', '.join(_HOMES)}")
    kind = find_kind(name)
    try:
        options = msgspec.convert(entry, kind.options)
    except msgspec.ValidationError as error:
        reason, _, place = str(error).partition(" - at `$.")
        raise InputError(f"{setting.here}{'.' + place.rstrip('`') if place else ''}: {reason}") from None
    return kind.make(options, setting)
