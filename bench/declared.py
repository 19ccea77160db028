"""Real traffic that declares itself: ADS-B over England and Wales, AIS in the Solent, tracked and scored.

No truth is known but what the reports themselves say, so every fifth report of each identity is held out: it is not
shown to the tracker, and the distance between it and the track that should be there, moved on to its time from the
second before, is the error. Whether each object is one track is counted from all other reports. Both are done twice:
with the declared identities, and with the identities taken away, when the tracker must tell the objects apart by
where they are. The tables are read through the TOML that any user would write.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lowsky.model.geodesy import Frame
from lowsky.model.sensor import Origin

Array = NDArray[np.float64]
HELD_OUT = 5  # every fifth report of an identity
KNOT_MPS = 1852.0 / 3600.0


@dataclass(frozen=True, slots=True)
class Traffic:
    """Reports of one source in order of receipt: when valid and received (s), who, place, velocity east and north."""

    name: str
    time_s: Array
    received_s: Array
    identity: NDArray[np.str_]
    lat: Array
    lon: Array
    height_m: Array
    east_mps: Array
    north_mps: Array

    def __len__(self) -> int:
        return len(self.time_s)

    def take(self, rows: NDArray[Any]) -> Traffic:
        """The given rows."""
        columns = ("time_s", "received_s", "identity", "lat", "lon", "height_m", "east_mps", "north_mps")
        return Traffic(self.name, *(getattr(self, column)[rows] for column in columns))


@dataclass(frozen=True, slots=True)
class Source:
    """How a source is described to the tracker, and how near a track must be to a report to hold it."""

    lat: float
    lon: float
    period_s: float
    detection_probability: float
    max_range_m: float
    sigma_position_m: float
    near_m: float


ADSB = Source(52.2, -1.7, 10.0, 0.9, 400e3, 60.0, 1500.0)
AIS = Source(50.75, -1.2, 10.0, 0.1, 100e3, 15.0, 300.0)


def read_adsb(path: Path) -> Traffic:
    """OpenSky state vectors; the position is as old as `lastposupdate`, and a repeated one is no new report."""
    with path.open(newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["geoaltitude"] and row["onground"] == "False"]
    seen: set[tuple[str, str]] = set()
    fresh = []
    for row in rows:
        key = (row["icao24"], row["lastposupdate"])
        if key not in seen:
            seen.add(key)
            fresh.append(row)
    column = {name: np.array([float(row[name]) for row in fresh]) for name in _ADSB_NUMBERS}
    who = np.array([row["icao24"] for row in fresh])
    order = np.lexsort((who, column["time"]))
    return Traffic(
        "ADS-B", column["lastposupdate"], column["time"], who, column["lat"], column["lon"], column["geoaltitude"],
        column["x_speed"], column["y_speed"],
    ).take(order)  # fmt: skip


_ADSB_NUMBERS = ("time", "lastposupdate", "lat", "lon", "geoaltitude", "x_speed", "y_speed")


def read_ais(path: Path) -> Traffic:
    """Solent reports. Vessels are at sea level, about 47 m above the ellipsoid there."""
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    times = [datetime.fromisoformat(row["Time"]).replace(tzinfo=UTC).timestamp() for row in rows]
    when = np.array(times)
    course = np.radians([float(row["COG_degrees"]) for row in rows])
    speed = KNOT_MPS * np.array([float(row["SOG_knots"]) for row in rows])
    lat = np.array([float(row["Latitude_degrees"]) for row in rows])
    lon = np.array([float(row["Longitude_degrees"]) for row in rows])
    who = np.array([row["MMSI"] for row in rows])
    height = np.full(len(rows), 47.0)
    return Traffic(
        "AIS", when, when, who, lat, lon, height, speed * np.sin(course), speed * np.cos(course)
    ).take(np.argsort(when, kind="stable"))  # fmt: skip


def held_out(traffic: Traffic, source: Source) -> NDArray[np.bool_]:
    """Which reports the tracker is not shown: of each identity the fifth, tenth, ... in order of receipt. A corrupt
    report, from out of the source's reach, is no truth: it is always shown, to be refused."""
    out = np.zeros(len(traffic), dtype=bool)
    for who in np.unique(traffic.identity):
        out[np.flatnonzero(traffic.identity == who)[HELD_OUT - 1 :: HELD_OUT]] = True
    return out & within_reach(traffic, source)


def within_reach(traffic: Traffic, source: Source) -> NDArray[np.bool_]:
    """Which reports declare a place within the source's range."""
    frame = Frame(Origin(source.lat, source.lon, 0.0))
    far_m = np.linalg.norm(frame.to_enu(traffic.lat, traffic.lon, traffic.height_m), axis=1)
    reached: NDArray[np.bool_] = far_m <= source.max_range_m
    return reached


def write_table(traffic: Traffic, source: Source, folder: Path, named: bool) -> Path:
    """The reports as a CSV and the TOML that describes it; returns the TOML."""
    folder.mkdir(parents=True, exist_ok=True)
    stem = f"{traffic.name.lower()}-{'named' if named else 'nameless'}"
    with (folder / f"{stem}.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["valid", "received", "who", "lat", "lon", "height", "east", "north"])
        columns = (traffic.time_s, traffic.received_s, traffic.identity, traffic.lat, traffic.lon, traffic.height_m,
                   traffic.east_mps, traffic.north_mps)  # fmt: skip
        writer.writerows(zip(*(column.tolist() for column in columns), strict=True))
    start_s = math.floor(traffic.received_s[0]) - 1
    lines = [
        f'file = "{stem}.csv"',
        'sensor = "receiver"',
        f"start_s = {start_s}.0",
        f"duration_s = {math.ceil(traffic.received_s[-1]) + 1 - start_s}.0",
        "[columns]",
        'time = "valid"',
        'received = "received"',
        'latitude = "lat"',
        'longitude = "lon"',
        'height = "height"',
        'east = "east"',
        'north = "north"',
        *(['identity = "who"'] if named else []),
        "[[sensors]]",
        'id = "receiver"',
        'kind = "cooperative"',
        f"lat = {source.lat}",
        f"lon = {source.lon}",
        "height_m = 100.0",
        f"period_s = {source.period_s}",
        f"max_range_m = {source.max_range_m}",
        f"detection_probability = {source.detection_probability}",
        "false_plots_per_scan = 0.01",
        f"sigma_position_m = {source.sigma_position_m}",
        "sigma_height_m = 30.0",
        "sigma_velocity_mps = 2.0",
    ]
    path = folder / f"{stem}.toml"
    path.write_text("\n".join(lines) + "\n")
    return path


@dataclass(frozen=True, slots=True)
class Figures:
    """One source tracked once."""

    name: str
    reports: int
    identities: int
    tracks: int
    held: float  # share of the reports shown to the tracker with a track near
    switches: float  # changes of the track's number, an identity
    broken: float  # share of held reports not held by the identity's longest-lived track
    doubled: float  # share of held reports with a second track as near
    error_m: tuple[float, float]  # median and 95 % of the held-out
    lost: float  # share of the held-out without a track near


def scored(traffic: Traffic, source: Source, shown: NDArray[np.bool_], tracks: dict[str, NDArray[Any]]) -> Figures:
    """Figures of a tracks table against the reports, those shown (corrupt ones left out) and those held out."""
    near_m = source.near_m
    frame = Frame(Origin(float(np.median(traffic.lat)), float(np.median(traffic.lon)), 0.0))
    rows = Rows(frame, tracks)
    kept, out = traffic.take(shown & within_reach(traffic, source)), traffic.take(~shown)
    numbers: dict[str, list[int]] = {}
    doubled = 0
    for who, found in zip(kept.identity, near_each(kept, frame, rows, near_m, after=True), strict=True):
        if found:
            numbers.setdefault(str(who), []).append(found[0][1])
            doubled += len(found) > 1
    held = sum(map(len, numbers.values()))
    switches = sum(int(np.count_nonzero(np.diff(n))) for n in numbers.values())
    longest = sum(int(np.unique(n, return_counts=True)[1].max()) for n in numbers.values())
    errors = [found[0][0] for found in near_each(out, frame, rows, near_m, after=False) if found]
    spread = tuple(float(v) for v in np.percentile(errors, [50, 95])) if errors else (math.nan, math.nan)
    identities = len(np.unique(kept.identity))
    return Figures(
        traffic.name, len(kept), identities, len(np.unique(tracks["track"])), held / len(kept), switches / identities,
        1 - longest / max(held, 1), doubled / max(held, 1), (spread[0], spread[1]), 1 - len(errors) / max(len(out), 1),
    )  # fmt: skip


class Rows:
    """Rows of a tracks table, found by their second: horizontal place and velocity in one frame, number."""

    def __init__(self, frame: Frame, tracks: dict[str, NDArray[Any]]) -> None:
        order = np.argsort(tracks["time_s"], kind="stable")
        self.second = np.round(tracks["time_s"][order].astype(float)).astype(np.int64)
        self.place = frame.to_enu(*(tracks[name][order].astype(float) for name in ("lat", "lon", "height_m")))[:, :2]
        self.velocity = np.column_stack([tracks[name][order].astype(float) for name in ("east_mps", "north_mps")])
        self.number = tracks["track"][order].astype(np.int64)

    def at(self, second: int) -> slice:
        """The rows of one second."""
        return slice(*np.searchsorted(self.second, [second, second + 1]))


def near_each(
    reports: Traffic, frame: Frame, rows: Rows, near_m: float, after: bool
) -> Iterable[list[tuple[float, int]]]:
    """For each report the tracks within near_m, as (distance, number), nearest first. After: at the first whole second
    at which the report can have been used, the report moved on by its own velocity; else at the last second before the
    report's validity, the tracks moved on by theirs."""
    place = frame.to_enu(reports.lat, reports.lon, reports.height_m)[:, :2]
    velocity = np.column_stack([reports.east_mps, reports.north_mps])
    for i in range(len(reports)):
        when = float(reports.time_s[i])
        second = math.ceil(reports.received_s[i]) if after else math.floor(when)
        part = rows.at(second)
        ahead_s = when - second
        if after:
            off = rows.place[part] - (place[i] - np.nan_to_num(velocity[i]) * ahead_s)
        else:
            off = rows.place[part] + rows.velocity[part] * ahead_s - place[i]
        far = np.hypot(off[:, 0], off[:, 1])
        order = [int(k) for k in np.argsort(far, kind="stable") if far[k] < near_m]
        yield [(float(far[k]), int(rows.number[part][k])) for k in order]
