"""Stone Soup beside lowsky on the same plots: reports a second and score of both, in one run.

    python -m bench.stonesoup_side build/bench/busy-1 --setup jpda --limit 60 --json beside.json

Stone Soup (a development dependency, github.com/dstl/Stone-Soup) is set up as `bench.stonesoup_setups` says. The range
rate of radars that measure elevation is used; radars that do not are taken at the ground range of a middling height.
Sensors that are no radars it has no use for, and late reports are sorted for it before, as if all had come in time. It
works until the time limit, then both trackers are judged on the part of the scenario that it got through. lowsky's
speed is that inside `core.step`, Stone Soup's that of its tracker's loop without reading and writing, in seconds of
the processor.
"""

from __future__ import annotations

import argparse
import itertools
import json
import math
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
from numpy.typing import NDArray

from bench import folders, reference
from bench.stonesoup_setups import MIDDLING_HEIGHT_M, SETUPS, Setup, tracker
from lowsky.model.geodesy import ecef_from_geodetic, enu_axes, geodetic_from_ecef

SMALLEST_CUT_S = 15.0  # the judge's warm-up is 10 s
Scan = tuple[datetime, set[Any]]


def cut(folder: Path, seconds: float, out: Path) -> Path:
    """A copy of a scenario folder that ends `seconds` after its start: everything received, and the truth, by then."""
    out.mkdir(parents=True, exist_ok=True)
    about = json.loads((folder / "sensors.json").read_text())
    end_s = about["start_s"] + seconds
    about["duration_s"] = seconds
    (out / "sensors.json").write_text(json.dumps(about))
    (out / "judge.json").write_text((folder / "judge.json").read_text())
    kept = np.flatnonzero(reference.read(folder / "plots.parquet")["received_s"] <= end_s)
    for name in ("plots", "sources"):
        pq.write_table(pq.read_table(folder / f"{name}.parquet").take(kept), out / f"{name}.parquet")
    for name, column in (("looks", "received_s"), ("truth", "time_s")):
        table = pq.read_table(folder / f"{name}.parquet")
        keep = table[column].to_numpy() <= end_s
        pq.write_table(table.filter(keep), out / f"{name}.parquet")
    return out


@dataclass
class Rows:
    """Confirmed tracks at whole seconds, east-north-up m in the frame of the first sensor."""

    time_s: list[float] = field(default_factory=list)
    track: list[str] = field(default_factory=list)
    state: list[NDArray[np.float64]] = field(default_factory=list)


class Measurements:
    """The plots of a folder as scans of Stone Soup detections, and the way back to the earth."""

    def __init__(self, folder: Path) -> None:
        from stonesoup.models.measurement.nonlinear import CartesianToBearingRange, CartesianToElevationBearingRangeRate

        about = json.loads((folder / "sensors.json").read_text())
        self.start_s, self.sensors = float(about["start_s"]), {s["id"]: s for s in about["sensors"]}
        first = about["sensors"][0]
        self.origin, self.axes = (
            ecef_from_geodetic(first["lat"], first["lon"], 0.0),
            enu_axes(first["lat"], first["lon"]),
        )
        self.plots = reference.read(folder / "plots.parquet")
        self.models = {}
        for name, s in self.sensors.items():
            place = self.axes @ (ecef_from_geodetic(s["lat"], s["lon"], s["height_m"]) - self.origin)
            az, el = math.radians(s["sigma_azimuth_deg"]), math.radians(s["sigma_elevation_deg"])
            far, rate = s["sigma_range_m"], s["sigma_range_rate_mps"]
            at = place.reshape(3, 1)
            if s["kind"] == "radar_3d":
                noise = np.diag([el**2, az**2, far**2, rate**2])
                self.models[name] = CartesianToElevationBearingRangeRate(
                    6, (0, 2, 4), noise, translation_offset=at, velocity_mapping=(1, 3, 5)
                )
            elif s["kind"] == "radar_2d":
                self.models[name] = CartesianToBearingRange(
                    6, (0, 2), np.diag([az**2, far**2]), translation_offset=at[:2]
                )
            if name in self.models:
                self.models[name].sensor, self.models[name].stands = name, tuple(place)

    def scans(self) -> Iterator[tuple[float, int, Scan]]:
        """Seconds after the start, number of plots and the scan, in order of time; sensors that are neither kind of
        radar are left out."""
        of_it = np.isin(self.plots["sensor"].astype(str), list(self.models))
        rows = np.flatnonzero(of_it)
        rows = rows[np.lexsort((self.plots["sensor"][rows].astype(str), self.plots["time_s"][rows]))]
        keys = list(zip(self.plots["time_s"][rows], self.plots["sensor"][rows], strict=True))
        breaks = [0, *(i for i in range(1, len(keys)) if keys[i] != keys[i - 1]), len(keys)]
        for begin, end in itertools.pairwise(breaks):
            time_s = float(keys[begin][0])
            when = datetime.fromtimestamp(time_s, UTC)
            found = {self.detection(int(row), when) for row in rows[begin:end]}
            yield time_s - self.start_s, end - begin, (when, found)

    def detection(self, row: int, when: datetime) -> Any:
        """One plot. Stone Soup counts bearings anticlockwise from east."""
        from stonesoup.types.angle import Bearing, Elevation
        from stonesoup.types.detection import Detection

        sensor = str(self.plots["sensor"][row])
        bearing = Bearing(math.pi / 2 - math.radians(self.plots["azimuth_deg"][row]))
        far_m = float(self.plots["range_m"][row])
        values: list[Any] = [bearing, math.sqrt(max(far_m**2 - MIDDLING_HEIGHT_M**2, 1.0))]
        if self.sensors[sensor]["kind"] == "radar_3d":
            elevation = Elevation(math.radians(self.plots["elevation_deg"][row]))
            values = [elevation, bearing, far_m, float(self.plots["range_rate_mps"][row])]
        return Detection(np.array(values, dtype=object), timestamp=when, measurement_model=self.models[sensor])

    def table(self, rows: Rows) -> dict[str, Any]:
        """Columns as the judge reads them."""
        state = np.array(rows.state).reshape(-1, 6)
        lat, lon, height = geodetic_from_ecef(state[:, ::2] @ self.axes + self.origin)
        return dict(time_s=self.start_s + np.array(rows.time_s), track=rows.track, lat=lat, lon=lon, height_m=height)


class Feed:
    """Hands the scans to a tracker until the time limit, and counts; writes rows between scans."""

    def __init__(self, told: Measurements, limit_s: float) -> None:
        self.told, self.limit_s = told, limit_s
        self.used, self.reached_s, self.own_s = 0, 0.0, 0.0

    def __iter__(self) -> Iterator[Scan]:
        begin = time.process_time()
        last = begin
        for at_s, count, scan in self.told.scans():
            self.own_s += time.process_time() - last  # making detections is not the tracker's time
            yield scan
            last = time.process_time()
            self.used += count
            self.reached_s = at_s
            if last - begin > self.limit_s:
                return


def followed(told: Measurements, setup: Setup, limit_s: float) -> tuple[Feed, Rows, float]:
    """Run Stone Soup; returns the feed (how far it came), the rows, and seconds inside the tracker's loop."""
    feed, rows = Feed(told, limit_s), Rows()
    whole, predictor = tracker(setup, feed, told.sensors)
    second, spent = 1, 0.0
    begin = time.process_time()
    tracks: set[Any] = set()
    for when, after in whole:
        spent += time.process_time() - begin
        now_s = when.timestamp() - told.start_s
        while second < now_s:
            write_rows(rows, tracks, second, told.start_s, predictor)
            second += 1
        tracks = set(after)
        begin = time.process_time()
    return feed, rows, max(spent - feed.own_s, 1e-9)


def write_rows(rows: Rows, tracks: set[Any], second: int, start_s: float, predictor: Any) -> None:
    """The tracks as they stand, predicted to a whole second."""
    when = datetime.fromtimestamp(start_s + second, UTC)
    for one in sorted(tracks, key=lambda track: str(track.id)):
        ahead = predictor.predict(one.state, timestamp=when)
        rows.time_s.append(float(second))
        rows.track.append(str(one.id))
        rows.state.append(np.asarray(ahead.state_vector, dtype=np.float64).ravel())


def beside(folder: Path, setup: Setup, limit_s: float) -> dict[str, Any]:
    """Figures of both on the part of a folder that Stone Soup gets through; scores only if that is long enough."""
    told = Measurements(folder)
    feed, rows, spent_s = followed(told, setup, limit_s)
    seconds = math.floor(feed.reached_s)
    found: dict[str, Any] = {"folder": folder.name, "setup": setup.name, "seconds": seconds}
    with tempfile.TemporaryDirectory() as spare:
        part = cut(folder, seconds, Path(spare) / folder.name)
        reference.write(part / "theirs.parquet", told.table(rows))
        runs = [folders.track(part, part / "ours.parquet") for _ in range(2)]
        best = min(runs, key=lambda run: float(run.said["core_s"])).said
        found["reports_per_s"] = {"stonesoup": feed.used / spent_s, "lowsky": best["used"] / max(best["core_s"], 1e-9)}
        if seconds >= SMALLEST_CUT_S:
            for who, name in (("stonesoup", "theirs"), ("lowsky", "ours")):
                found[who] = folders.judged(folders.shared_folder(), part, part / f"{name}.parquet")
    return found


def said(found: dict[str, Any]) -> str:
    """The figures in some lines."""
    rates = found["reports_per_s"]
    lines = [
        f"Stone Soup ({found['setup']}) beside lowsky, {found['folder']}, first {found['seconds']} s",
        f"reports/s   Stone Soup {rates['stonesoup']:,.0f}   lowsky {rates['lowsky']:,.0f}"
        f"   ratio {rates['lowsky'] / rates['stonesoup']:,.0f}",
    ]
    for who in ("stonesoup", "lowsky"):
        shown = ("gospa_m", "gospa_2d_m", "missed", "false", "switches", "completeness")
        if who in found:
            lines.append(f"{who:11s} " + "  ".join(f"{key} {found[who][key]:.2f}" for key in shown))
    return "\n".join(lines)


def main(given: list[str] | None = None) -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", type=Path, nargs="+", metavar="FOLDER")
    parser.add_argument("--setup", choices=sorted(SETUPS), nargs="+", default=sorted(SETUPS))
    parser.add_argument(
        "--set", action="append", default=[], metavar="NAME=VALUE", help="change a number of the setups"
    )
    parser.add_argument("--limit", type=float, default=60.0, help="seconds that Stone Soup may take (default: 60)")
    parser.add_argument("--json", type=Path, help="write all figures here")
    a = parser.parse_args(given)
    changes: dict[str, Any] = {name: float(value) for name, value in (change.split("=") for change in a.set)}
    results = []
    for folder in a.folders:
        for name in a.setup:
            results.append(beside(folder, replace(SETUPS[name], **changes), a.limit))
            print("\n" + said(results[-1]), flush=True)
    if a.json:
        a.json.write_text(json.dumps(results, indent=1))


if __name__ == "__main__":
    main()
