"""Horizons of sensors as they are written: in the description itself, or in a text file beside it.

A horizon file has one corner a line, azimuth and elevation in degrees with spaces, a tab, a comma or a semicolon
between; empty lines and what follows a `#` say nothing. Horizon profiles of planning tools are written so.
"""

from __future__ import annotations

from pathlib import Path

import msgspec

from lowsky.model.errors import InputError
from lowsky.model.horizon import Corners, horizon_from_degrees

LARGEST_BYTES = 1_000_000


class HorizonEntry(msgspec.Struct):
    """Corners in degrees: azimuths clockwise from north, and the least elevation that is seen at each."""

    azimuth_deg: list[float]
    elevation_deg: list[float]


def horizon_of(entry: HorizonEntry | None, file: str | None, folder: Path, here: str) -> Corners:
    """Corners of a sensor's horizon, none if it is open.

    Args:
        entry, file: as described; at most one of them.
        folder: that a file name is relative to.
        here: names the sensor in errors.

    Raises:
        InputError: naming sensor, field and value, or file and line.
    """
    if entry is not None and file is not None:
        raise InputError(f"{here}: horizon and horizon_file are both given, one is meant")
    try:
        if entry is not None:
            return horizon_from_degrees(entry.azimuth_deg, entry.elevation_deg)
        return () if file is None else horizon_from_degrees(*_columns(folder / file, here))
    except ValueError as error:
        raise InputError(f"{here}, {'horizon' if file is None else f'horizon_file {file}'}: {error}") from None


def _columns(path: Path, here: str) -> tuple[list[float], list[float]]:
    try:
        if path.stat().st_size > LARGEST_BYTES:
            raise InputError(f"{here}, horizon_file: {path} is larger than {LARGEST_BYTES} bytes")
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{here}, horizon_file: {path} cannot be read ({error})") from None
    azimuth, elevation = [], []
    for number, line in enumerate(text.splitlines(), 1):
        words = line.partition("#")[0].replace(",", " ").replace(";", " ").split()
        if not words:
            continue
        try:
            a, e = map(float, words)
        except ValueError:
            raise InputError(f"{here}, horizon_file: {path}, line {number}: {line!r} is not two numbers") from None
        azimuth.append(a)
        elevation.append(e)
    return azimuth, elevation
