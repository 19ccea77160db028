"""Output "geojson": a file that always holds the newest picture, replaced as a whole."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from pathlib import Path

from lowsky.model.air import Air
from lowsky.model.bearing import Bearing
from lowsky.model.errors import InputError
from lowsky.model.sensor import Sensor

from .contract import Books, House, OutputKind, OutputOptions, Setting
from .features import Located, document, located
from .periods import checked_period


class GeoJsonOptions(OutputOptions, frozen=True):
    """[[outputs]] kind = "geojson"."""

    period_s: float = 1.0
    ellipses: bool = True
    places: bool = True
    bearings: bool = True


class GeoJsonFile:
    """Writes one file. Who reads it never sees a part of it."""

    kind = "geojson"

    def __init__(self, options: GeoJsonOptions, path: Path) -> None:
        self.name, self.to = options.name, str(path)
        self._options, self._path = options, path

    async def run(self, house: House, books: Books) -> None:
        """Write every period until cancelled."""
        while True:
            air = await house.tick(self._options.period_s)
            places = located(house.place_rows, house.places) if self._options.places else ()
            bearings = house.bearings(0) if self._options.bearings else ()
            drill, sensors = house.drill, house.site.sensors
            try:
                size = await asyncio.to_thread(self._write, air, drill, places, bearings, sensors)
            except OSError as error:
                raise OSError(f"{self._path} cannot be written: {error.strerror or error}") from None
            books.sent(size)
            books.say("running")

    def _write(
        self, air: Air, drill: bool, places: Located, bearings: Sequence[Bearing], sensors: Sequence[Sensor]
    ) -> int:
        """In a thread, as a thousand ellipses take their time; the size of the file."""
        body = document(air, drill, self._options.ellipses, places, bearings, sensors)
        _replace(self._path, body)
        return len(body)


def _replace(path: Path, body: bytes) -> None:
    """Put a whole new file in the place of the old one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        unfinished.write_bytes(body)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def make(options: GeoJsonOptions, setting: Setting) -> GeoJsonFile:
    """The output of a table.

    Raises:
        InputError: naming field and value.
    """
    checked_period(options.period_s, setting.here)
    address = setting.link.address
    if address.query:
        raise InputError(f"{setting.here}.to: a file that is written takes nothing behind '?'")
    path = setting.folder / address.path
    if path.is_dir():
        raise InputError(f"{setting.here}.to: {path} is a folder; a file is needed")
    return GeoJsonFile(options, path)


KIND = OutputKind("geojson", "a GeoJSON file with the newest picture", ("file",), GeoJsonOptions, make)
