"""The base map's file, read by a reader of its own (PMTiles version 3, Mapbox Vector Tile 2.1): what is land, what is a
border, and that no border crosses the Crimean neck."""

from __future__ import annotations

import gzip
import struct
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from math import asinh, atan, degrees, floor, pi, radians, sinh, tan
from pathlib import Path
from typing import NamedTuple

import pytest

ARCHIVE = Path(__file__).resolve().parent.parent.parent / "web" / "assets" / "basemap.pmtiles"
ZOOM = 7
Line = list[tuple[float, float]]


class Entry(NamedTuple):
    """A directory's entry: a run of tiles, or with run 0 a further directory."""

    tile: int
    run: int
    offset: int
    length: int


def varints(data: bytes) -> Iterator[int]:
    """Unsigned numbers of seven bits a byte, least significant first."""
    value = shift = 0
    for byte in data:
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            yield value
            value = shift = 0


def directory(data: bytes) -> list[Entry]:
    """A directory, section 4 of the specification."""
    numbers = varints(gzip.decompress(data))
    count = next(numbers)
    columns = [[next(numbers) for _ in range(count)] for _ in range(4)]
    entries: list[Entry] = []
    tile = 0
    for step, run, length, offset in zip(*columns, strict=True):
        tile += step
        after = entries[-1].offset + entries[-1].length if entries else 0
        entries.append(Entry(tile, run, offset - 1 if offset else after, length))
    return entries


def tile_number(x: int, y: int) -> int:
    """Place of a tile on the Hilbert curve of the zoom, after all tiles of lower zooms."""
    number: int = (4**ZOOM - 1) // 3
    side = 2 ** (ZOOM - 1)
    while side:
        right, down = int(bool(x & side)), int(bool(y & side))
        number += side * side * ((3 * right) ^ down)
        if not down:
            if right:
                x, y = side - 1 - (x & (side - 1)), side - 1 - (y & (side - 1))
            x, y = y, x
        side //= 2
    return number


@cache
def archive() -> tuple[bytes, tuple[int, ...]]:
    """The file, and the offsets and lengths that its head names."""
    data = ARCHIVE.read_bytes()
    return data, struct.unpack_from("<8Q", data, 8)


def tile(x: int, y: int) -> bytes:
    """Content of a tile, b"" where there is none."""
    data, (root, root_length, _, _, leaves, _, tiles, _) = archive()
    wanted = tile_number(x, y)
    entries = directory(data[root : root + root_length])
    while True:
        before = [entry for entry in entries if entry.tile <= wanted]
        if not before:
            return b""
        found = before[-1]
        if found.run:
            start = tiles + found.offset
            inside = wanted < found.tile + found.run
            return gzip.decompress(data[start : start + found.length]) if inside else b""
        entries = directory(data[leaves + found.offset : leaves + found.offset + found.length])


def fields(data: bytes) -> Iterator[tuple[int, bytes | int]]:
    """Numbers and contents of a protobuf message's fields."""
    at = 0

    def number() -> int:
        nonlocal at
        end = at
        while data[end] >= 128:
            end += 1
        value = next(varints(data[at : end + 1]))
        at = end + 1
        return value

    while at < len(data):
        key = number()
        if key & 7 == 2:
            length = number()
            yield key >> 3, data[at : at + length]
            at += length
        else:
            yield key >> 3, number()


def lines(x: int, y: int, layer: str) -> list[Line]:
    """Lines or rings of a layer of a tile, as (latitude, longitude)."""
    found: list[Line] = []
    for _, content in fields(tile(x, y)):
        parts = list(fields(content)) if isinstance(content, bytes) else []
        extent = next((value for number, value in parts if number == 5 and isinstance(value, int)), 4096)
        if (1, layer.encode()) not in parts:
            continue
        for number, feature in parts:
            if number == 2 and isinstance(feature, bytes):
                geometry = next(value for key, value in fields(feature) if key == 4 and isinstance(value, bytes))
                found += [[place(x + u / extent, y + v / extent) for u, v in line] for line in commands(geometry)]
    return found


def commands(data: bytes) -> list[list[tuple[int, int]]]:
    """Geometry commands of a feature, section 4.3 of the vector tile specification."""
    numbers = varints(data)
    found: list[list[tuple[int, int]]] = []
    x = y = 0
    for command in numbers:
        for _ in range(command >> 3):
            if command & 7 == 7:
                found[-1].append(found[-1][0])
                continue
            dx, dy = next(numbers), next(numbers)
            x, y = x + ((dx >> 1) ^ -(dx & 1)), y + ((dy >> 1) ^ -(dy & 1))
            if command & 7 == 1:
                found.append([])
            found[-1].append((x, y))
    return found


def place(x: float, y: float) -> tuple[float, float]:
    """Latitude and longitude of a point in units of tiles."""
    return degrees(atan(sinh(pi * (1 - 2 * y / 2**ZOOM)))), x / 2**ZOOM * 360 - 180


def point(lat: float, lon: float) -> tuple[float, float]:
    """The other way round."""
    return (lon + 180) / 360 * 2**ZOOM, (1 - asinh(tan(radians(lat))) / pi) / 2 * 2**ZOOM


def crossing(layer: str, south: float, west: float, north: float, east: float) -> int:
    """How many segments of a layer touch a small box (sampled finely along each)."""
    (x0, y1), (x1, y0) = point(south, west), point(north, east)
    count = 0
    for x in range(floor(x0), floor(x1) + 1):
        for y in range(floor(y0), floor(y1) + 1):
            for line in lines(x, y, layer):
                for (lat0, lon0), (lat1, lon1) in pairwise(line):
                    steps = [(lat0 + (lat1 - lat0) * k / 50, lon0 + (lon1 - lon0) * k / 50) for k in range(51)]
                    count += any(south < lat < north and west < lon < east for lat, lon in steps)
    return count


def is_land(lat: float, lon: float) -> bool:
    """Even-odd rule over all rings of the tile."""
    x, y = point(lat, lon)
    inside = False
    for ring in lines(floor(x), floor(y), "land"):
        for (lat0, lon0), (lat1, lon1) in pairwise(ring):
            if (lat0 > lat) != (lat1 > lat) and lon < lon0 + (lat - lat0) / (lat1 - lat0) * (lon1 - lon0):
                inside = not inside
    return inside


def test_size_and_head() -> None:
    data, head = archive()
    assert data[:7] == b"PMTiles"
    assert data[7] == 3
    assert data[100:102] == bytes([0, ZOOM])
    assert len(data) == head[6] + head[7] < 3_600_000


@pytest.mark.parametrize(
    ("lat", "lon", "land"),
    [
        (54.20, 18.30, True),  # Kashubia
        (54.60, 18.70, False),  # Gulf of Gdansk
        (54.85, 18.20, False),  # the Baltic
        (37.55, 126.99, True),  # Seoul
        (37.30, 126.20, False),  # the Yellow Sea
        (-33.30, 149.10, True),  # New South Wales
        (0.0, -30.0, False),  # the Atlantic
        (45.2, 34.2, True),  # Crimea
    ],
)
def test_land_and_sea(lat: float, lon: float, land: bool) -> None:
    assert is_land(lat, lon) is land


def test_no_border_crosses_the_crimean_neck() -> None:
    assert is_land(46.15, 33.75)
    assert crossing("land", 45.9, 33.2, 46.3, 35.1) > 0, "coasts are there, so the box is the right one"
    assert crossing("border", 45.8, 33.2, 46.35, 35.3) == 0


def test_borders_that_should_be_there_are() -> None:
    assert crossing("border", 52.0, 14.4, 53.0, 15.0) > 0  # on the Oder
    assert crossing("border", 49.9, 37.0, 50.6, 38.6) > 0  # between Kharkiv and Belgorod
    assert crossing("border", 37.8, 126.6, 38.4, 128.4) > 0  # in Korea


def test_nothing_lies_beyond_the_antimeridian() -> None:
    assert all(-181 < lon < 181 for line in lines(0, 60, "land") for _, lon in line)
