"""The kinds of outputs by name, and the making of those that a site has."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

import msgspec

from lowsky.model.errors import InputError
from lowsky.model.sensor import Site

from ..config.site_file import SiteConfig
from ..net.link import read_link
from .contract import OutputKind, Setting, Way

_HOMES: dict[str, str] = {
    "asterix": "lowsky.serve.outputs.asterix",
    "cot": "lowsky.serve.outputs.cot.ways",
    "geojson": "lowsky.serve.outputs.geojson",
    "mqtt": "lowsky.serve.outputs.mqtt",
    "sapient": "lowsky.serve.outputs.sapient.way",
}
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
        make_way(entry, f"{config.path}, outputs[{index}]", config.folder, site)
        for index, entry in enumerate(config.outputs)
    ]


def make_way(entry: dict[str, Any], here: str, folder: Path, site: Site) -> Way:
    """One output from its table, which is the one called `here` in errors.

    Raises:
        InputError: naming field and value.
    """
    name = entry["kind"]
    if name not in _HOMES:
        raise InputError(f"{here}.kind: {name!r} is not one of {', '.join(_HOMES)}")
    kind = find_kind(name)
    own = {field.name for field in msgspec.structs.fields(kind.options)}
    try:
        link, rest = read_link({k: v for k, v in entry.items() if k not in own}, "to", folder, kind.schemes)
    except InputError as error:
        raise InputError(f"{here}.{error}") from None
    try:
        options = msgspec.convert(rest | {k: v for k, v in entry.items() if k in own}, kind.options)
    except msgspec.ValidationError as error:
        reason, _, place = str(error).partition(" - at `$.")
        raise InputError(f"{here}{'.' + place.rstrip('`') if place else ''}: {reason}") from None
    return kind.make(options, Setting(here, folder, site, link))
