"""Which labels the map carries and what they say: sensors' names, one label a group, numbers of single tracks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from . import palette
from .labels import groups, place_labels
from .view import ELLIPSE_95, Present, View

Floats = NDArray[np.float64]
Longs = NDArray[np.int64]

MOST_LABELS = 80
GROUP_CELL_PX, GROUP_WIDEST_PX = 7.0, 150.0
MOST_NUMBERS = 3  # a larger group is told by its count, not by the numbers of its tracks
LINE_STEP_PX = 6.0  # leaders and trails are kept free at points this far apart
FARTHEST_LABEL_PX = 30.0
SCALE_BAR_PX = 44.0  # foot of the map that belongs to the scale bar


@dataclass(frozen=True, slots=True)
class _Caption:
    """A label to be: text, colour, what it names (middle and half size, px), and how many tracks it tells of."""

    text: str
    colour: str
    at: Floats
    half: Floats
    tracks: int


def group_tracks(axes: Axes, present: Present) -> Longs:
    """Groups of tracks that stand too close together on the page for labels of their own: (n,) number, -1 for none."""
    if not len(present):
        return np.empty(0, dtype=np.int64)
    return groups(axes.transData.transform(present.place), GROUP_CELL_PX, 2, GROUP_WIDEST_PX)


def crowded(group: Longs) -> NDArray[np.bool_]:
    """Which tracks (n,) are of a group so large that it is told by its count; their marks are drawn smaller."""
    size = np.bincount(group[group >= 0], minlength=1)
    return np.asarray((group >= 0) & (size[np.maximum(group, 0)] > MOST_NUMBERS))


def draw_captions(axes: Axes, view: View, group: Longs, leader_s: float) -> int:
    """Draw as many labels as find room, the most important first; returns how many tracks they tell of."""
    pixels = axes.transData.transform(np.concatenate([view.present.place, view.sensor_place]))
    tracks, sensors = pixels[: len(view.present)], pixels[len(view.present) :]
    (left, bottom), (right, top) = axes.bbox.get_points()
    inside = np.asarray(((tracks > (left, bottom)) & (tracks < (right, top))).all(axis=1))
    captions = [_Caption(s.id, palette.SENSOR, at, np.zeros(2), 0) for s, at in zip(view.sensors, sensors, strict=True)]
    pixels_per_m = float(axes.bbox.width / np.diff(axes.get_xlim())[0])
    captions += _track_captions(view.present, tracks, group, inside, _ellipse_reach(view.present, pixels_per_m))
    chosen, middles = place_labels(
        np.array([c.at for c in captions]), text_sizes([c.text for c in captions]), np.array([c.half for c in
        captions]), np.concatenate([sensors, tracks[inside]]), _line_points(axes, view, leader_s),
        (float(left) + 4, float(bottom) + SCALE_BAR_PX, float(right) - 4, float(top) - 4),
    )  # fmt: skip
    for i, (x, y) in zip(chosen, axes.transData.inverted().transform(middles), strict=True):
        axes.text(
            x, y, captions[i].text, color=captions[i].colour, fontsize=palette.SMALL_PT, ha="center", va="center",
            zorder=8, linespacing=1.05, family="monospace", parse_math=False,
        )  # fmt: skip
    return sum(captions[i].tracks for i in chosen)


def _ellipse_reach(present: Present, pixels_per_m: float) -> Floats:
    """Half width and half height of the 95 % ellipses (n, 2), px; a huge one does not push its label away for ever."""
    sigma_m = np.sqrt(np.nan_to_num(np.stack([present.covariance[:, 0, 0], present.covariance[:, 1, 1]], axis=-1)))
    return np.asarray(np.minimum(ELLIPSE_95 * sigma_m * pixels_per_m, FARTHEST_LABEL_PX))


def _track_captions(
    present: Present, pixels: Floats, group: Longs, inside: NDArray[np.bool_], reach: Floats
) -> list[_Caption]:
    """Groups and single tracks inside the map, soonest at the middle first; a group counts as its soonest member."""
    captions: list[_Caption] = []
    told: set[int] = set()
    speed = np.hypot(*present.velocity.T)
    for i in importance(present):
        if not inside[i] or group[i] in told or len(captions) >= MOST_LABELS:
            continue
        if group[i] < 0:
            captions.append(_Caption(_words(str(present.track[i]), speed[i]), palette.TEXT, pixels[i], reach[i], 1))
            continue
        told.add(int(group[i]))
        members = group == group[i]
        low, high = pixels[members].min(axis=0), pixels[members].max(axis=0)
        known = speed[members][np.isfinite(speed[members])]
        many = members.sum() > MOST_NUMBERS
        first = f"{members.sum()} objects" if many else " ".join(map(str, present.track[members]))
        words = _words(first, float(np.median(known)) if len(known) else np.nan)
        captions.append(_Caption(words, palette.TEXT, (low + high) / 2, (high - low) / 2, int(members.sum())))
    return captions


def _words(first: str, speed_mps: float) -> str:
    return f"{first}\n{speed_mps:.0f} m/s" if np.isfinite(speed_mps) else first


def importance(present: Present) -> Longs:
    """Rows in the order in which they deserve a label: by the seconds to the middle of the sensors at the closing
    speed, then, for what does not close, by distance."""
    distance = np.hypot(*present.place.T)
    closing = -(present.place * np.nan_to_num(present.velocity)).sum(axis=1) / np.maximum(distance, 1.0)
    seconds = np.where(closing > 1.0, distance / np.maximum(closing, 1.0), 1e6 + distance)
    return np.lexsort((present.track, seconds))


def _line_points(axes: Axes, view: View, leader_s: float) -> Floats:
    """Points along velocity leaders and trails, px."""
    start, ahead = view.present.place, np.nan_to_num(view.present.velocity) * leader_s
    pixels_per_m = float(axes.bbox.width / np.diff(axes.get_xlim())[0])
    steps = max(2, int(np.hypot(*ahead.T).max(initial=0.0) * pixels_per_m / LINE_STEP_PX))
    share = np.linspace(0.0, 1.0, min(steps, 40))[:, None, None]
    leaders = (start + share * ahead).reshape(-1, 2)
    return np.asarray(axes.transData.transform(np.concatenate([leaders, view.trails.place])))


def text_sizes(texts: Sequence[str]) -> Floats:
    """Width and height in px of monospaced texts of the small size: 0.602 em a character, 1.3 em a line with its
    gap."""
    em = palette.SMALL_PT / 72 * palette.PIXELS_PER_INCH
    lines = [t.split("\n") for t in texts]
    return np.array([(max(map(len, ls)) * 0.602 * em + 2, len(ls) * 1.3 * em) for ls in lines]).reshape(-1, 2)
