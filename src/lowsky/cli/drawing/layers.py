"""The map's contents, each a function that draws one layer on the axes of the map. Metres east and north."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.colors import to_rgb
from matplotlib.patches import Circle, Wedge
from numpy.typing import NDArray

from lowsky.model.sensor import SensorKind

from . import palette
from .view import ELLIPSE_95, Present, Trails, View

Floats = NDArray[np.float64]

FEW_TRACKS = 150  # so many are drawn at full strength
LEADERS_S = (5.0, 10.0, 20.0, 30.0, 60.0)
SENSOR_MARKS = {
    SensorKind.RADAR_3D: "^",
    SensorKind.RADAR_2D: "v",
    SensorKind.CAMERA: "s",
    SensorKind.COOPERATIVE: "D",
    SensorKind.BEARING: "P",
    SensorKind.ACOUSTIC: "h",
    SensorKind.POST: "o",
}


def draw_plots(axes: Axes, places: Floats) -> None:
    """Raw plots as faint dots."""
    axes.scatter(places[:, 0], places[:, 1], s=2.2, c=palette.PLOT, alpha=0.6, linewidths=0, zorder=1)


def draw_truth(axes: Axes, trails: Trails, now: Floats) -> None:
    """True paths as thin dotted lines, true places as small crosses."""
    lines = _lines(trails)
    axes.add_collection(
        LineCollection(lines, colors=palette.TRUTH, linewidths=0.8, linestyles=(0, (1, 2.5)), alpha=0.6, zorder=2)
    )
    axes.scatter(now[:, 0], now[:, 1], s=16, c=palette.TRUTH, marker="+", linewidths=0.7, alpha=0.9, zorder=2)


def calm(tracks: int) -> float:
    """How strongly each of so many tracks may be drawn, 1 for few and less for many, so that the sum stays calm."""
    return float(np.clip(np.sqrt(FEW_TRACKS / max(tracks, 1)), 0.15, 1.0))


def draw_trails(axes: Axes, trails: Trails, coasting: set[int], trail_s: float, strength: float) -> None:
    """Where tracks came from, fading with age."""
    joined = trails.line[1:] == trails.line[:-1]
    segments = np.stack([trails.place[:-1], trails.place[1:]], axis=1)[joined]
    age = trails.age_s[:-1][joined]
    colours = np.empty((len(segments), 4))
    colours[:] = (*to_rgb(palette.TRACK), 1.0)
    late = np.isin(trails.line[:-1][joined], np.array(sorted(coasting), dtype=np.int64))
    colours[late, :3] = to_rgb(palette.COASTING)
    colours[:, 3] = 0.12 + 0.6 * strength * (1.0 - np.clip(age / max(trail_s, 1.0), 0.0, 1.0)) ** 1.3
    axes.add_collection(LineCollection(list(segments), colors=colours, linewidths=1.1, zorder=3))


def draw_present(axes: Axes, present: Present, leader_s: float, grouped: NDArray[np.bool_], strength: float) -> None:
    """Present places with their 95 % ellipses and velocity leaders: confirmed solid, coasting hollow; smaller
    in groups (n,)."""
    colours = np.where(present.coasting[:, None], to_rgb(palette.COASTING), to_rgb(palette.TRACK))
    known = np.isfinite(present.covariance).all(axis=(1, 2))
    outlines = ellipses(present.place[known], present.covariance[known])
    axes.add_collection(
        PolyCollection(
            list(outlines), facecolors=np.column_stack([colours[known], np.full(known.sum(), 0.10)]),
            edgecolors=np.column_stack([colours[known], np.full(known.sum(), 0.55)]), linewidths=0.7, zorder=4,
        )
    )  # fmt: skip
    moving = np.isfinite(present.velocity).all(axis=1)
    leaders = np.stack([present.place, present.place + present.velocity * leader_s], axis=1)[moving]
    widths = np.where(grouped[moving], 0.6, 0.9 * max(strength, 0.5))
    axes.add_collection(LineCollection(list(leaders), colors=colours[moving], linewidths=widths, zorder=5))
    faces = np.where(present.coasting[:, None], to_rgb(palette.GROUND), colours)
    sizes = np.minimum(np.where(grouped, 6, 17), max(17 * strength, 2.5))
    axes.scatter(
        present.place[:, 0], present.place[:, 1], s=sizes, c=faces, edgecolors=colours.tolist(),
        linewidths=max(strength, 0.5), zorder=6,
    )  # fmt: skip


def ellipses(place: Floats, covariance: Floats, points: int = 48) -> Floats:
    """Outlines (n, points, 2) of the 95 % ellipses of covariances (n, 2, 2) at places (n, 2)."""
    size, axis = np.linalg.eigh(covariance)
    angle = np.linspace(0.0, 2 * np.pi, points, endpoint=False)
    circle = np.stack([np.cos(angle), np.sin(angle)], axis=-1)
    spread = axis * np.sqrt(np.maximum(size, 0.0))[:, None, :] * ELLIPSE_95
    return np.asarray(place[:, None] + np.einsum("nij,pj->npi", spread, circle))


def leader_seconds(present: Present, width_m: float) -> float:
    """A round length of the velocity leaders: the longest whose median stays under a fortieth of the map, less for
    many."""
    speed = np.hypot(*present.velocity[np.isfinite(present.velocity).all(axis=1)].T)
    median = float(np.median(speed)) if len(speed) else 0.0
    fitting = [s for s in LEADERS_S if s * median <= width_m / 40.0 * calm(len(present))]
    return max(fitting, default=LEADERS_S[0])


def draw_sensors(axes: Axes, view: View) -> None:
    """Sensors by their marks, reach as a thin ring, a limited field of view as a wedge."""
    for sensor, place in zip(view.sensors, view.sensor_place, strict=True):
        style: dict[str, Any] = {
            "fill": False, "edgecolor": palette.SENSOR, "linewidth": 0.7, "linestyle": (0, (6, 4)), "alpha": 0.4,
            "zorder": 1,
        }  # fmt: skip
        if sensor.azimuth_width_rad < 2 * np.pi - 1e-9:
            centre, half = 90.0 - np.degrees(sensor.azimuth_centre_rad), np.degrees(sensor.azimuth_width_rad) / 2
            axes.add_patch(Wedge(tuple(place), sensor.max_range_m, centre - half, centre + half, **style))
        else:
            axes.add_patch(Circle(tuple(place), sensor.max_range_m, **style))
        axes.scatter(
            place[0], place[1], s=34, marker=SENSOR_MARKS[sensor.kind], c=palette.GROUND, edgecolors=palette.SENSOR,
            linewidths=1.1, zorder=7,
        )  # fmt: skip


def _lines(trails: Trails) -> list[Floats]:
    cuts = np.flatnonzero(np.diff(trails.line)) + 1
    return np.split(trails.place, cuts) if len(trails.line) else []
