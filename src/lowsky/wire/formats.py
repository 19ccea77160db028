"""The formats that come in, by name: how each makes a decoder and a reader, and which options it takes.

A format is declared by one `Format` in its own package and listed in `_HOMES`. Packages are imported when they are
first asked for: a site that hears no radar does not load what reads one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import msgspec

from .decoded import Context, Decoder, Reader
from .names import SensorNames


class Options(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """What the configuration of a source of any format may say; a format with more to say derives from it."""

    sensor: str = ""  # everything from this source is this sensor's
    sensors: dict[str, str] = {}  # the format's own name of a sender to the id of the sensor that it is

    def names(self, context: Context) -> SensorNames:
        """The sensors of the site as this source names them.

        Raises:
            InputError: naming the source, if one of them is none.
        """
        return SensorNames(context.site, self.sensors, self.sensor)


@dataclass(frozen=True, slots=True)
class Format:
    """One format. `datagrams` in the makers: what is pushed at once ends with a whole message."""

    name: str
    title: str  # for people
    options: type[Options]
    decoder: Callable[[Context, Any, bool], Decoder]  # (context, options, datagrams)
    reader: Callable[[Any, bool], Reader]  # (options, datagrams), for `lowsky decode`
    likeness: Callable[[bytes], float]  # of the first bytes of a file: 0 is no such format, 1 is surely this one


_HOMES: dict[str, str] = {
    "jsonl": "lowsky.wire.jsonl.format",
    "asterix": "lowsky.wire.asterix.format",
    "remoteid": "lowsky.wire.remoteid.format",
    "beast": "lowsky.wire.adsb.beast",
    "avr": "lowsky.wire.adsb.avr",
    "sbs": "lowsky.wire.adsb.sbs",
    "readsb": "lowsky.wire.adsb.readsb",
    "ais": "lowsky.wire.ais.format",
    "cot": "lowsky.wire.cot.format",
    "sapient": "lowsky.wire.sapient.format",
}
"""Name of each format to the module whose `FORMAT` declares it; the order in which they are listed and tried."""


def format_names() -> tuple[str, ...]:
    """All formats."""
    return tuple(_HOMES)


def find_format(name: str) -> Format:
    """A format by name.

    Raises:
        KeyError: if there is none.
    """
    declared: Format = import_module(_HOMES[name]).FORMAT
    return declared


def guess_format(head: bytes) -> Format | None:
    """The format that the first bytes of a file look most like; None: like none."""
    best = max((find_format(name) for name in _HOMES), key=lambda f: f.likeness(head))
    return best if best.likeness(head) > 0.0 else None
