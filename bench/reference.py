"""Tracks with perfect association: what a scenario allows when someone tells which object each report came from.

    python -m bench.reference FOLDER --out tracks.parquet
    python -m bench.reference FOLDER... --set manoeuvring.across=6 --set hovering.leave=0.2

FOLDER holds a scenario with its sources. Each object gets a causal IMM-EKF (`bench.imm`) fed with its own reports; a
row stands at each whole second from its `--show-from`th report (1: the first) until `--hold` seconds after its last
report ("truth": while it lives). The rows are judged and divided by the reference figures of the README
beside the judge. The difference between lowsky and this is what association, initiation and
existence cost; the difference between two settings of this is what a motion model costs. It also gives the switches
that belong to the score's own matching rather than to a tracker.

Where the folder tells what is wrong with a sensor (the judge's own file), this is told it too: place, accuracy, biases
and clock are the true ones. It starts objects from reports with a range or a declared position; lines alone start
nothing here, and late reports are used as if in order.
"""

from __future__ import annotations

import argparse
import copy
import json
import tempfile
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from bench import folders, imm
from bench.targets import Reference, parse_references
from lowsky.model.geodesy import ecef_from_geodetic, enu_axes, geodetic_from_ecef

Array = NDArray[np.float64]
Table = dict[str, NDArray[Any]]

# Densities of white acceleration in m^2/s^3, rates in 1/s. Chosen on the scenarios' first three seeds.
DEFAULTS: dict[str, dict[str, float]] = {
    "steady": dict(along=0.0025, across=0.0025, vertical=0.08, decay=0.0, turn_deg=0.0, leave=0.04, start=0.15),
    "manoeuvring": dict(along=1.5, across=24.0, vertical=0.25, decay=0.0, turn_deg=0.0, leave=0.0625, start=0.3),
    "hovering": dict(along=0.5, across=2.0, vertical=0.2, decay=1.0, turn_deg=0.0, leave=0.4, start=0.4),
}
HIDDEN = ("bias_range_m", "bias_azimuth_deg", "clock_offset_s")
TRUE = ("sigma_range_m", "sigma_azimuth_deg", "sigma_elevation_deg", "sigma_range_rate_mps")
BIRTH = dict(height_m=150.0, height_sigma_m=120.0, speed_sigma_mps=25.0, climb_sigma_mps=3.0)


def read(path: Path) -> Table:
    """A parquet file as columns."""
    table = pq.read_table(path)
    return {name: table[name].to_numpy(zero_copy_only=False) for name in table.column_names}


def model_bank(settings: dict[str, dict[str, float]]) -> tuple[Array, Array, Array, Array]:
    """Rows of models (m, 5), rates of leaving (m,), shares of where to (m, m) and first probabilities (m,)."""
    rows = list(settings.values())
    models = np.array([[r["along"], r["across"], r["vertical"], r["decay"], np.radians(r["turn_deg"])] for r in rows])
    m = len(rows)
    start = np.array([r["start"] for r in rows])
    share = (np.ones((m, m)) - np.eye(m)) / max(m - 1, 1)
    return models, np.array([r["leave"] for r in rows]), share, start / start.sum()


class Measured:
    """All reports of a folder in the frame of its first sensor: z, sigma (n, 7), place (n, 3), rotation (n, 3, 3)."""

    def __init__(self, folder: Path) -> None:
        about = json.loads((folder / "sensors.json").read_text())
        self.start_s, self.duration_s = float(about["start_s"]), float(about["duration_s"])
        sensors = told_truly(folder, about["sensors"])
        plots = read(folder / "plots.parquet")
        first = sensors[0]
        self.origin = ecef_from_geodetic(first["lat"], first["lon"], 0.0)
        self.axes = enu_axes(first["lat"], first["lon"])
        order = {s["id"]: i for i, s in enumerate(sensors)}
        who = np.array([order[s] for s in plots["sensor"]])
        stands = np.array([ecef_from_geodetic(s["lat"], s["lon"], s["height_m"]) for s in sensors])
        places = (stands - self.origin) @ self.axes.T
        turns = np.array([enu_axes(s["lat"], s["lon"]) @ self.axes.T for s in sensors])
        self.place, self.rotation = places[who], turns[who]
        wrong = np.array([[s.get(name, 0.0) for name in HIDDEN] for s in sensors])[who]
        self.time_s = plots["time_s"] - self.start_s - wrong[:, 2]
        self.received_s = plots["received_s"] - self.start_s
        enu = (ecef_from_geodetic(plots["lat"], plots["lon"], plots["height_m"]) - self.origin) @ self.axes.T
        angles = [np.radians(plots["azimuth_deg"] - wrong[:, 1]), np.radians(plots["elevation_deg"])]
        self.z = np.column_stack([plots["range_m"] - wrong[:, 0], *angles, plots["range_rate_mps"], enu])
        self.sigma = np.array([sensor_sigmas(s) for s in sensors])[who]

    def birth(self, row: int) -> tuple[Array, Array] | None:
        """Belief before the first report is used: centred on it, vague where it measures, a prior where it does not."""
        z = self.z[row]
        spread = np.array([1e4, 1e4, 1e3, BIRTH["speed_sigma_mps"], BIRTH["speed_sigma_mps"], BIRTH["climb_sigma_mps"]])
        if np.isfinite(z[imm.EAST]):
            where = z[imm.EAST :]
        elif np.isfinite(z[imm.RANGE]):
            far, az, el = z[:3]
            if not np.isfinite(el):
                el = np.arcsin(np.clip((BIRTH["height_m"] - self.place[row, 2]) / far, -1, 1))
                spread[2] = BIRTH["height_sigma_m"]
            local = far * np.array([np.sin(az) * np.cos(el), np.cos(az) * np.cos(el), np.sin(el)])
            where = self.place[row] + self.rotation[row].T @ local
        else:
            return None
        return np.concatenate([where, np.zeros(3)]), np.diag(spread**2)


def told_truly(folder: Path, sensors: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The described sensors with what the judge's file says of them instead, where there is one."""
    about = json.loads((folder / "judge.json").read_text()) if (folder / "judge.json").exists() else {}
    if "hidden" not in about:
        return sensors
    lat, lon, height = about["origin"]
    origin, axes = ecef_from_geodetic(lat, lon, height), enu_axes(lat, lon)
    truly = []
    for said, true in zip(sensors, about["hidden"], strict=True):
        place = origin + np.array([true["east"], true["north"], true["up"]]) @ axes
        stands = dict(zip(("lat", "lon", "height_m"), map(float, geodetic_from_ecef(place)), strict=True))
        truly.append({**said, **{name: true[name] for name in (*TRUE, *HIDDEN)}, **stands})
    return truly


def sensor_sigmas(sensor: dict[str, Any]) -> list[float]:
    """Standard deviations of the seven quantities of a described sensor, in the order of `bench.imm`."""
    angles = [np.radians(sensor["sigma_azimuth_deg"]), np.radians(sensor["sigma_elevation_deg"])]
    level, up = sensor["sigma_position_m"], sensor["sigma_height_m"]
    return [sensor["sigma_range_m"], *angles, sensor["sigma_range_rate_mps"], level, level, up]


def track(folder: Path, settings: dict[str, dict[str, float]], show_from: int = 1, hold: str = "truth") -> Table:
    """Rows of perfectly associated tracks, columns as a picture's; `track` is the truth's object."""
    told = Measured(folder)
    source = read(folder / "sources.parquet")["source"]
    truth = read(folder / "truth.parquet")
    models, leave, share, start = model_bank(settings)
    follow: Any = imm.follow
    parts: list[tuple[Array, NDArray[np.int64], Array, Array]] = []

    def one(obj: int) -> tuple[Array, NDArray[np.int64], Array, Array] | None:
        rows = np.flatnonzero(source == obj)
        starts = (k for k in range(len(rows)) if told.birth(rows[k]) is not None)
        first = next(starts, None)
        if first is None:
            return None
        rows = rows[first:]
        x0, p0 = told.birth(rows[0])  # type: ignore[misc]
        ticks = shown_ticks(told, rows, truth, obj, show_from, hold)
        inputs = (told.time_s, told.received_s, told.z, told.sigma, told.place, told.rotation)
        x, p, _ = follow(*(np.ascontiguousarray(a[rows]) for a in inputs), x0, p0, ticks, models, leave, share, start)
        ok = np.isfinite(x[:, 0])
        return ticks[ok], np.full(int(ok.sum()), obj), x[ok], p[ok]

    objects = np.unique(source[source >= 0])
    parts = [part for part in map(one, objects) if part is not None]
    ticks_s, obj, x, p = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    return picture(told, ticks_s, obj, x, p)


def shown_ticks(told: Measured, rows: NDArray[np.int64], truth: Table, obj: int, show_from: int, hold: str) -> Array:
    """Whole seconds at which an object is shown."""
    ticks: Array = np.arange(0.0, told.duration_s + 0.5)
    begin = told.received_s[rows[min(show_from, len(rows)) - 1]]
    if hold == "truth":
        alive = np.round(truth["time_s"][truth["object"] == obj] - told.start_s)
        shown = np.isin(ticks, alive)
    else:
        shown = ticks <= told.received_s[rows[-1]] + float(hold)
    kept: Array = ticks[(ticks >= begin) & shown]
    return kept


def picture(told: Measured, ticks_s: Array, obj: NDArray[np.int64], x: Array, p: Array) -> Table:
    """Columns in geodetic coordinates and the object's own east-north-up."""
    lat, lon, height = geodetic_from_ecef(x[:, :3] @ told.axes + told.origin)
    turn = enu_axes(lat, lon) @ told.axes.T
    v = np.einsum("nij,nj->ni", turn, x[:, 3:])
    c = np.einsum("nij,njk,nlk->nil", turn, p[:, :3, :3], turn)
    return dict(
        time_s=told.start_s + ticks_s, track=obj, lat=lat, lon=lon, height_m=height,
        east_mps=v[:, 0], north_mps=v[:, 1], up_mps=v[:, 2],
        cov_ee=c[:, 0, 0], cov_nn=c[:, 1, 1], cov_en=c[:, 0, 1],
    )  # fmt: skip


def write(path: Path, tracks: Table) -> None:
    """Tracks as a parquet file."""
    pq.write_table(pa.table(tracks), path)


def with_settings(changes: list[str], file: Path | None) -> dict[str, dict[str, float]]:
    """The default models, replaced by those of a TOML file, changed by MODEL.NAME=VALUE items (a new MODEL starts as a
    copy of steady)."""
    settings = tomllib.loads(file.read_text()) if file else copy.deepcopy(DEFAULTS)
    for change in changes:
        where, value = change.split("=")
        model, name = where.split(".")
        settings.setdefault(model, dict(DEFAULTS["steady"]))[name] = float(value)
    return settings


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", type=Path, nargs="+", metavar="FOLDER")
    parser.add_argument("--out", type=Path, help="write the tracks of the (last) folder here")
    parser.add_argument("--no-score", dest="score", action="store_false", help="do not judge the tracks")
    parser.add_argument("--settings", type=Path, help="TOML with a table a model")
    parser.add_argument("--set", action="append", default=[], metavar="MODEL.NAME=VALUE")
    parser.add_argument("--show-from", type=int, default=1)
    parser.add_argument("--hold", default="truth", help='seconds after the last report, or "truth"')
    a = parser.parse_args()
    settings = with_settings(a.set, a.settings)
    shared = folders.shared_folder()
    references = parse_references((shared / "bench" / "README.md").read_text())
    with tempfile.TemporaryDirectory() as spare:
        for folder in a.folders:
            out = a.out or Path(spare) / "tracks.parquet"
            write(out, track(folder, settings, a.show_from, a.hold))
            if a.score:
                report(folder, folders.judged(shared, folder, out), references)


def report(folder: Path, found: dict[str, float], references: dict[tuple[str, int], Reference]) -> None:
    """One line of figures for one folder."""
    about = json.loads((folder / "judge.json").read_text())
    known = references.get((about["scenario"], about["seed"]))
    beside = ""
    if known:
        beside = f" ratio {found['gospa_m'] / known.gospa_m:.3f} / {found['gospa_2d_m'] / known.gospa_2d_m:.3f}"
    names = ("gospa_m", "gospa_2d_m", "localisation_m", "missed", "false", "switches", "nees_2d", "speed_rmse_mps")
    print(f"{folder.name:14s}" + "".join(f" {n} {found[n]:.3f}" for n in names) + beside)


if __name__ == "__main__":
    main()
