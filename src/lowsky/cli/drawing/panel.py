"""What stands round the map: title strip, side panel with numbers and legend, scale bar and north arrow."""

from __future__ import annotations

import datetime

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from lowsky.model.sensor import SensorKind

from . import palette
from .layers import SENSOR_MARKS
from .view import PLOT_TRAIL_S, View

Rows = list[tuple[str, str]]
LONGEST_NAME = 40  # characters of a folder's name that fit left of the time

SENSOR_WORDS = {
    SensorKind.RADAR_3D: "3-D radar",
    SensorKind.RADAR_2D: "2-D radar",
    SensorKind.CAMERA: "camera",
    SensorKind.COOPERATIVE: "receiver",
    SensorKind.BEARING: "direction finder",
    SensorKind.ACOUSTIC: "microphone",
    SensorKind.POST: "listening post",
}


def draw_title(axes: Axes, view: View, right: str) -> None:
    """The strip above: what this is and when, and at its right end the main figures."""
    _blank(axes)
    stamp = datetime.datetime.fromtimestamp(round(view.time_s), tz=datetime.UTC)
    axes.text(0.014, 0.5, "lowsky", color=palette.TRACK, fontsize=palette.LARGE_PT, weight="bold", va="center")
    name = view.name if len(view.name) <= LONGEST_NAME else view.name[: LONGEST_NAME - 1] + "…"
    axes.text(0.078, 0.5, name, parse_math=False, color=palette.TEXT, fontsize=palette.LARGE_PT, va="center")
    axes.text(
        0.5, 0.5, f"{stamp:%Y-%m-%d %H:%M:%S} UTC", color=palette.TEXT, fontsize=palette.LARGE_PT, va="center",
        ha="center", family="monospace",
    )  # fmt: skip
    axes.text(0.986, 0.5, right, color=palette.TEXT, fontsize=palette.NORMAL_PT + 1, va="center", ha="right")


def object_rows(view: View, outside: int) -> Rows:
    """The numbers of the moment."""
    coasting = int(view.present.coasting.sum())
    rows = [("confirmed", str(len(view.present) - coasting)), ("coasting", str(coasting))]
    if view.truth is not None:
        rows.append(("true objects", str(len(view.truth_now))))
    if outside:
        rows.append(("outside the map", str(outside)))
    return rows


def draw_side(axes: Axes, view: View, sections: list[tuple[str, Rows]], leader_s: float) -> None:
    """The panel at the right: sections of numbers, sensors by kind, and the legend."""
    _blank(axes)
    y = 0.975
    for title, rows in [*sections, ("SENSORS", _sensor_rows(view))]:
        y = _section(axes, y, title, rows)
    y = _heading(axes, y, "LEGEND")
    for handle, text in _legend(view, leader_s):
        handle.set_data([0.10], [y]) if handle.get_linestyle() == "None" else handle.set_data([0.06, 0.14], [y, y])
        axes.add_line(handle)
        axes.text(0.2, y, text, color=palette.TEXT, fontsize=palette.NORMAL_PT, va="center")
        y -= 0.03


def _section(axes: Axes, y: float, title: str, rows: Rows) -> float:
    if not rows:
        return y
    y = _heading(axes, y, title)
    for name, value in rows:
        axes.text(0.06, y, name, color=palette.FAINT_TEXT, fontsize=palette.NORMAL_PT, va="center")
        axes.text(0.94, y, value, color=palette.TEXT, fontsize=palette.NORMAL_PT, va="center", ha="right")
        y -= 0.028
    return y - 0.022


def _heading(axes: Axes, y: float, title: str) -> float:
    axes.text(0.06, y, title, color=palette.FAINT_TEXT, fontsize=palette.SMALL_PT, weight="bold", va="center")
    axes.plot([0.06, 0.94], [y - 0.016] * 2, color=palette.EDGE, linewidth=0.8)
    return y - 0.038


def _sensor_rows(view: View) -> Rows:
    kinds = [s.kind for s in view.sensors]
    return [(text, str(kinds.count(kind))) for kind, text in SENSOR_WORDS.items() if kind in kinds]


def _legend(view: View, leader_s: float) -> list[tuple[Line2D, str]]:
    def mark(marker: str, colour: str, face: str, size: float = 5.0) -> Line2D:
        return Line2D([], [], linestyle="None", marker=marker, color=colour, markerfacecolor=face, markersize=size)

    def line(colour: str, **style: object) -> Line2D:
        return Line2D([], [], color=colour, **{"linewidth": 1.2, **style})  # type: ignore[arg-type]

    entries = [
        (mark("o", palette.TRACK, palette.TRACK), "confirmed"),
        (mark("o", palette.COASTING, palette.PAGE), "coasting: not seen lately"),
        (line(palette.TRACK, linewidth=1.4), f"velocity, {leader_s:g} s ahead"),
        (line(palette.TRACK, alpha=0.4), f"trail, {view.trail_s:g} s"),
        (mark("o", palette.TRACK, "none", 11.0), "95 % of position"),
    ]
    if view.truth is not None:
        entries.append((line(palette.TRUTH, linestyle=(0, (1, 2))), "truth"))
    entries.append((mark("o", palette.PLOT, palette.PLOT, 2.5), f"plots, last {PLOT_TRAIL_S:g} s"))
    for kind, text in SENSOR_WORDS.items():
        if any(s.kind is kind for s in view.sensors):
            entries.append((mark(SENSOR_MARKS[kind], palette.SENSOR, palette.PAGE), text))
    entries.append((line(palette.SENSOR, linestyle=(0, (6, 4)), alpha=0.6, linewidth=0.9), "reach of a sensor"))
    return entries


def draw_scale(axes: Axes) -> None:
    """A scale bar of a round length at the lower left, and north at the upper left."""
    left, right = axes.get_xlim()
    bottom, top = axes.get_ylim()
    width, height = right - left, top - bottom
    length = round_length(width * 0.2)
    x, y = left + 0.02 * width, bottom + 0.025 * height
    axes.plot(
        [x, x, x + length, x + length], [y + 0.008 * height, y, y, y + 0.008 * height], color=palette.TEXT,
        linewidth=1.2, zorder=9, solid_joinstyle="miter",
    )  # fmt: skip
    text = f"{length / 1000:g} km" if length >= 1000 else f"{length:g} m"
    axes.text(x + length / 2, y + 0.008 * height, text, color=palette.TEXT, fontsize=palette.NORMAL_PT, ha="center",
              va="bottom", zorder=9)  # fmt: skip
    axes.annotate(
        "N", xy=(0.022, 0.975), xytext=(0.022, 0.915), xycoords="axes fraction", color=palette.TEXT, ha="center",
        va="center", fontsize=palette.NORMAL_PT, arrowprops={"arrowstyle": "-|>", "color": palette.TEXT, "lw": 1.1},
        zorder=9,
    )  # fmt: skip


def round_length(longest_m: float) -> float:
    """The longest of 1, 2, 5 times a power of ten that is not longer than that, m."""
    power = 10.0 ** np.floor(np.log10(longest_m))
    return float(max(f * power for f in (1, 2, 5) if f * power <= longest_m * (1 + 1e-9)))


def _blank(axes: Axes) -> None:
    axes.set_facecolor(palette.PAGE)
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1)
    axes.set_xticks([])
    axes.set_yticks([])
    for spine in axes.spines.values():
        spine.set_visible(False)
