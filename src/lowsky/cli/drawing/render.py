"""The page: a title strip, the map and a side panel, drawn without a display and written as PNG.

The same view gives the same bytes with the same matplotlib. The map shows all sensors and nearly all tracks; a few far
ones are left outside and counted, so that one airliner 30 km away does not shrink everything else to a spot.
"""

from __future__ import annotations

import os
import warnings
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from numpy.typing import NDArray

from . import captions, layers, palette, panel
from .view import View

Floats = NDArray[np.float64]

STRIP, SIDE = 0.055, 0.19  # shares of the page's height and width
FAR_QUANTILE = 0.98  # of the tracks, by distance from the middle: what the map holds at least
LEAST_WIDTH_M = 500.0


def draw(view: View, path: Path, score: list[tuple[str, str]], headline: str = "") -> int:
    """Write the picture.

    Args:
        view: what to show.
        path: where to; replaced when complete.
        score: names and values for the side panel, empty where there is no truth.
        headline: main figures for the strip; numbers of the moment are put before them.

    Returns:
        How many tracks are told by a label of their own or of their group.
    """
    figure = Figure(
        figsize=(palette.WIDTH_PX / palette.PIXELS_PER_INCH, palette.HEIGHT_PX / palette.PIXELS_PER_INCH),
        dpi=palette.PIXELS_PER_INCH, facecolor=palette.PAGE,
    )  # fmt: skip
    FigureCanvasAgg(figure)
    chart = figure.add_axes((0.0, 0.0, 1.0 - SIDE, 1.0 - STRIP))
    side = figure.add_axes((1.0 - SIDE, 0.0, SIDE, 1.0 - STRIP))
    strip = figure.add_axes((0.0, 1.0 - STRIP, 1.0, STRIP))
    outside = _dress(chart, view)
    left, right = chart.get_xlim()
    leader_s = layers.leader_seconds(view.present, right - left)
    labelled = _fill(chart, view, leader_s)
    panel.draw_scale(chart)
    sections = [("NOW", panel.object_rows(view, outside)), ("SCORE, WHOLE RUN", score)]
    panel.draw_side(side, view, sections, leader_s)
    panel.draw_title(strip, view, headline)
    part = path.with_name(f".{path.name}.part")
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing")  # a box stands for it, as everywhere
        figure.savefig(part, format="png", facecolor=palette.PAGE, metadata={"Software": None})
    os.replace(part, path)
    return labelled


def _dress(chart: Axes, view: View) -> int:
    """Limits, grid and colours of the map; returns how many present tracks are outside."""
    low, high = extent(view, (1 - SIDE) * palette.WIDTH_PX / ((1 - STRIP) * palette.HEIGHT_PX))
    chart.set_facecolor(palette.GROUND)
    chart.set_xlim(low[0], high[0])
    chart.set_ylim(low[1], high[1])
    step = panel.round_length((high[0] - low[0]) / 5)
    chart.set_xticks(np.arange(np.ceil(low[0] / step), high[0] / step) * step)
    chart.set_yticks(np.arange(np.ceil(low[1] / step), high[1] / step) * step)
    chart.tick_params(length=0, labelbottom=False, labelleft=False)
    chart.grid(color=palette.GRID, linewidth=0.7)
    chart.set_axisbelow(True)
    for spine in chart.spines.values():
        spine.set_color(palette.EDGE)
    here = view.present.place
    return int(((here < low) | (here > high)).any(axis=1).sum())


def extent(view: View, aspect: float) -> tuple[Floats, Floats]:
    """Lower left and upper right of the map (2,) each, m: sensors and nearly all tracks, with a margin, of that
    aspect."""
    shown = [view.sensor_place]
    for places in (view.present.place, view.trails.place):
        if len(places):
            off = np.hypot(*(places - view.sensor_place.mean(axis=0)).T)
            shown.append(places[off <= max(np.quantile(off, FAR_QUANTILE), LEAST_WIDTH_M / 2)])
    points = np.concatenate(shown)
    low, high = points.min(axis=0), points.max(axis=0)
    half = np.maximum((high - low) / 2 * 1.08, LEAST_WIDTH_M / 2)
    half = np.array([max(half[0], half[1] * aspect), max(half[1], half[0] / aspect)])
    middle = (low + high) / 2
    return middle - half, middle + half


def _fill(chart: Axes, view: View, leader_s: float) -> int:
    layers.draw_plots(chart, view.plots)
    if view.truth is not None:
        layers.draw_truth(chart, view.truth, view.truth_now)
    coasting = set(view.present.track[view.present.coasting].tolist())
    group = captions.group_tracks(chart, view.present)
    strength = layers.calm(len(view.present))
    layers.draw_trails(chart, view.trails, coasting, view.trail_s, strength)
    layers.draw_present(chart, view.present, leader_s, captions.crowded(group), strength)
    layers.draw_sensors(chart, view)
    if not len(view.present):
        chart.text(0.5, 0.5, "no objects at this moment", transform=chart.transAxes, color=palette.FAINT_TEXT,
                   fontsize=palette.LARGE_PT, ha="center", va="center")  # fmt: skip
    return captions.draw_captions(chart, view, group, leader_s)
