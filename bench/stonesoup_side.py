"""Stone Soup beside lowsky on the same plots: reports a second and score of both, in one run.

    python -m bench.stonesoup_side build/bench/busy-1 --limit 60

Stone Soup (a development dependency, github.com/dstl/Stone-Soup) is set up as its tutorials do for radar: extended
Kalman filter with a nearly constant velocity model, Mahalanobis gates, global nearest neighbour by 2-D assignment,
tracks started by three measurements and deleted some seconds after the last. The range rate of radars that measure
elevation is used; radars that do not are taken at the ground range of a middling height. It works until the time
limit, then both trackers are judged on the part of the scenario that it got through. lowsky's speed is that inside
`core.step`, Stone Soup's that of its tracker's loop without reading and writing.
"""

from __future__ import annotations

import argparse
import itertools
import json
import math
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
from numpy.typing import NDArray

from bench import folders, reference
from lowsky.model.geodesy import ecef_from_geodetic, enu_axes, geodetic_from_ecef

ACCELERATION_DENSITY = 2.0  # m^2/s^3, each axis: between a straight flier and one that turns
GATE = 4.0  # Mahalanobis distance; 0.3 % of true measurements of four quantities lie outside
MIDDLING_HEIGHT_M, HEIGHT_SIGMA_M, SPEED_SIGMA_MPS = 150.0, 120.0, 25.0
DELETE_S, HELD_S = 4.0, 2.5  # without an update: a track, a candidate
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
        begin = time.perf_counter()
        last = begin
        for at_s, count, scan in self.told.scans():
            self.own_s += time.perf_counter() - last  # making detections is not the tracker's time
            yield scan
            last = time.perf_counter()
            self.used += count
            self.reached_s = at_s
            if last - begin > self.limit_s:
                return


def tracker(feed: Feed) -> tuple[Any, Any]:
    """A Stone Soup multi-target tracker over the feed, and its predictor."""
    from stonesoup.dataassociator.neighbour import GNNWith2DAssignment
    from stonesoup.deleter.time import UpdateTimeDeleter
    from stonesoup.hypothesiser.distance import DistanceHypothesiser
    from stonesoup.initiator.simple import MultiMeasurementInitiator
    from stonesoup.measures import Mahalanobis
    from stonesoup.models.transition.linear import CombinedLinearGaussianTransitionModel, ConstantVelocity
    from stonesoup.predictor.kalman import ExtendedKalmanPredictor
    from stonesoup.tracker.simple import MultiTargetTracker
    from stonesoup.types.state import GaussianState
    from stonesoup.updater.kalman import ExtendedKalmanUpdater

    motion = CombinedLinearGaussianTransitionModel([ConstantVelocity(ACCELERATION_DENSITY)] * 3)
    predictor, updater = ExtendedKalmanPredictor(motion), ExtendedKalmanUpdater(None)
    hypothesiser = DistanceHypothesiser(predictor, updater, Mahalanobis(), missed_distance=GATE)
    speed2 = SPEED_SIGMA_MPS**2
    prior = GaussianState(
        [0, 0, 0, 0, MIDDLING_HEIGHT_M, 0], np.diag([1e6, speed2, 1e6, speed2, HEIGHT_SIGMA_M**2, 9.0])
    )
    initiator = MultiMeasurementInitiator(
        prior,
        deleter=UpdateTimeDeleter(timedelta(seconds=HELD_S)),
        data_associator=GNNWith2DAssignment(hypothesiser),
        updater=updater,
        min_points=3,
    )
    whole = MultiTargetTracker(
        initiator=initiator,
        deleter=UpdateTimeDeleter(timedelta(seconds=DELETE_S)),
        detector=feed,
        data_associator=GNNWith2DAssignment(hypothesiser),
        updater=updater,
    )
    return whole, predictor


def followed(told: Measurements, limit_s: float) -> tuple[Feed, Rows, float]:
    """Run Stone Soup; returns the feed (how far it came), the rows, and seconds inside the tracker's loop."""
    feed, rows = Feed(told, limit_s), Rows()
    whole, predictor = tracker(feed)
    second, spent = 1, 0.0
    begin = time.perf_counter()
    tracks: set[Any] = set()
    for when, after in whole:
        spent += time.perf_counter() - begin
        now_s = when.timestamp() - told.start_s
        while second < now_s:
            write_rows(rows, tracks, second, told.start_s, predictor)
            second += 1
        tracks = set(after)
        begin = time.perf_counter()
    return feed, rows, max(spent - feed.own_s, 1e-9)


def write_rows(rows: Rows, tracks: set[Any], second: int, start_s: float, predictor: Any) -> None:
    """The tracks as they stand, predicted to a whole second."""
    when = datetime.fromtimestamp(start_s + second, UTC)
    for one in sorted(tracks, key=lambda track: str(track.id)):
        ahead = predictor.predict(one.state, timestamp=when)
        rows.time_s.append(float(second))
        rows.track.append(str(one.id))
        rows.state.append(np.asarray(ahead.state_vector, dtype=np.float64).ravel())


def main(given: list[str] | None = None) -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, metavar="FOLDER")
    parser.add_argument("--limit", type=float, default=60.0, help="seconds that Stone Soup may take (default: 60)")
    a = parser.parse_args(given)
    told = Measurements(a.folder)
    feed, rows, spent_s = followed(told, a.limit)
    seconds = math.floor(feed.reached_s)
    print(f"\nStone Soup beside lowsky, {a.folder.name}, first {seconds} s")
    theirs = feed.used / spent_s
    with tempfile.TemporaryDirectory() as spare:
        part = cut(a.folder, seconds, Path(spare) / a.folder.name)
        reference.write(part / "theirs.parquet", told.table(rows))
        runs = [folders.track(part, part / "ours.parquet") for _ in range(2)]
        best = min(runs, key=lambda run: float(run.said["core_s"])).said
        ours = best["used"] / max(best["core_s"], 1e-9)
        print(f"reports/s   Stone Soup {theirs:,.0f}   lowsky {ours:,.0f}   ratio {ours / theirs:,.0f}")
        if seconds < SMALLEST_CUT_S:
            print(f"too short to be judged: give Stone Soup more than {a.limit:.0f} s")
            return
        shared = folders.shared_folder()
        for name in ("theirs", "ours"):
            score = folders.judged(shared, part, part / f"{name}.parquet")
            shown = ("gospa_m", "gospa_2d_m", "missed", "false", "switches", "completeness")
            who = "Stone Soup" if name == "theirs" else "lowsky"
            print(f"{who:11s} " + "  ".join(f"{key} {score[key]:.2f}" for key in shown))


if __name__ == "__main__":
    main()
