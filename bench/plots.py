"""Plots of the documentation: data kept as JSON beside an SVG drawn from it, docs/plots/NAME.json and NAME.svg.

    from bench.plots import Limit, Plot, Series, keep
    keep("cost-over-objects", Plot("Cost of a report", "objects", "microseconds", [Series("lowsky", x, y)], log_x=True))
    python -m bench.plots            # draw all again from what is kept

Written out because a plot of some lines needs no library, and so that the same data give the same file, byte for byte.
"""

from __future__ import annotations

import json
import math
import sys
from dataclasses import asdict, dataclass, field
from html import escape
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "plots"
WIDTH, HEIGHT = 640, 380
LEFT, RIGHT, TOP, BOTTOM = 72, 20, 64, 52  # room around the field of the plot
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#8a6d00", "#56b4e9")  # told apart by every eye (Okabe and Ito)
STYLE = "font-family:sans-serif;font-size:12px;fill:#222"
TICKS = 6
LINES, POINTS, BOTH, STEPS = "lines", "points", "both", "steps"


@dataclass(frozen=True, slots=True)
class Series:
    """One line, or points; `low` and `high`, if given, are drawn as a band about it."""

    name: str
    x: list[float]
    y: list[float]
    how: str = BOTH
    low: list[float] = field(default_factory=list)
    high: list[float] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Limit:
    """A level that matters, drawn dashed across."""

    name: str
    y: float


@dataclass(frozen=True, slots=True)
class Plot:
    """What is drawn. Axes begin at zero where that is near, unless they are logarithmic."""

    title: str
    x_label: str
    y_label: str
    series: list[Series]
    limits: list[Limit] = field(default_factory=list)
    log_x: bool = False
    log_y: bool = False
    x_range: tuple[float, float] | None = None
    y_range: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Axis:
    """One axis: from value to place on the sheet, and its ticks."""

    low: float
    high: float
    log: bool
    start_px: float
    end_px: float

    def at(self, value: float) -> float:
        """Place of a value on the sheet, px."""
        low, high, value = (math.log10(max(v, 1e-300)) if self.log else v for v in (self.low, self.high, value))
        return self.start_px + (value - low) / (high - low) * (self.end_px - self.start_px)

    def ticks(self) -> list[float]:
        """Round values along the axis."""
        if self.log:
            powers = range(math.floor(math.log10(self.low)), math.ceil(math.log10(self.high)) + 1)
            steps = (1, 2, 5) if len(powers) <= 3 else (1,)
            marks = [s * 10.0**p for p in powers for s in steps]
        else:
            rough = (self.high - self.low) / TICKS
            unit = 10.0 ** math.floor(math.log10(rough))
            step = next(s * unit for s in (1, 2, 5, 10) if s * unit >= rough * 0.999)
            marks = [
                step * k for k in range(math.ceil(self.low / step - 1e-9), math.floor(self.high / step + 1e-9) + 1)
            ]
        return [m for m in marks if self.low * (1 - 1e-9) - 1e-12 <= m <= self.high * (1 + 1e-9) + 1e-12]


def axis(values: list[float], log: bool, given: tuple[float, float] | None, start_px: float, end_px: float) -> Axis:
    """An axis that holds all finite values."""
    if given:
        return Axis(*given, log, start_px, end_px)
    finite = [v for v in values if math.isfinite(v) and (v > 0 or not log)] or [1.0]
    low, high = min(finite), max(finite)
    if log:
        low, high = low / 1.25, high * 1.25
    else:
        low = 0.0 if 0 < low < 0.7 * high else low
        spare = 0.06 * ((high - low) or abs(high) or 1.0)
        low, high = (low if low == 0 else low - spare), high + spare
    return Axis(low, high, log, start_px, end_px)


def number(value: float) -> str:
    """A tick's label."""
    if value != 0 and (abs(value) >= 1e7 or abs(value) < 1e-4):
        return f"{value:.0e}".replace("e+0", "e").replace("e-0", "e-")
    text = f"{value:,.4f}".rstrip("0").rstrip(".")
    return text or "0"


def drawn(plot: Plot) -> str:
    """The plot as SVG."""
    xs = [v for s in plot.series for v in s.x]
    ys = [v for s in plot.series for v in (*s.y, *s.low, *s.high)] + [limit.y for limit in plot.limits]
    across = axis(xs, plot.log_x, plot.x_range, LEFT, WIDTH - RIGHT)
    up = axis(ys, plot.log_y, plot.y_range, HEIGHT - BOTTOM, TOP)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" style="{STYLE}">',
        f"<title>{escape(plot.title)}</title>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
        text(LEFT, 20, plot.title, "font-size:14px;font-weight:bold"),
        *grid(across, up),
        text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 10, plot.x_label, "text-anchor:middle"),
        f'<g transform="translate(16 {(TOP + HEIGHT - BOTTOM) / 2}) rotate(-90)">'
        + text(0, 0, plot.y_label, "text-anchor:middle")
        + "</g>",
        *(dashed(limit, across, up) for limit in plot.limits),
        *(line for s, c in coloured(plot) for line in shape(s, c, across, up)),
        *legend(plot),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def coloured(plot: Plot) -> list[tuple[Series, str]]:
    """Each series with its colour."""
    return [(s, COLOURS[k % len(COLOURS)]) for k, s in enumerate(plot.series)]


def text(x: float, y: float, words: str, style: str = "") -> str:
    """Words at a place."""
    return f'<text x="{x:.1f}" y="{y:.1f}" style="{style}">{escape(words)}</text>'


def grid(across: Axis, up: Axis) -> list[str]:
    """Lines and labels of the ticks."""
    parts = []
    for value in across.ticks():
        x = across.at(value)
        parts.append(f'<path d="M{x:.1f} {up.start_px}V{up.end_px}" stroke="#e4e4e4"/>')
        parts.append(text(x, up.start_px + 16, number(value), "text-anchor:middle"))
    for value in up.ticks():
        y = up.at(value)
        parts.append(f'<path d="M{across.start_px} {y:.1f}H{across.end_px}" stroke="#e4e4e4"/>')
        parts.append(text(across.start_px - 6, y + 4, number(value), "text-anchor:end"))
    parts.append(f'<path d="M{across.start_px} {up.end_px}V{up.start_px}H{across.end_px}" stroke="#222" fill="none"/>')
    return parts


def dashed(limit: Limit, across: Axis, up: Axis) -> str:
    """A level with its name."""
    y = up.at(limit.y)
    line = f'<path d="M{across.start_px} {y:.1f}H{across.end_px}" stroke="#666" stroke-dasharray="5 4"/>'
    return line + text(across.end_px - 4, y - 5, limit.name, "text-anchor:end;fill:#555;font-size:11px")


def shape(series: Series, colour: str, across: Axis, up: Axis) -> list[str]:
    """Band, line and points of a series; values that are not finite leave a gap."""
    places = [(across.at(x), up.at(y)) if math.isfinite(y) else None for x, y in zip(series.x, series.y, strict=True)]
    parts = []
    if series.low and series.high:
        there = [(across.at(x), up.at(y)) for x, y in zip(series.x, series.low, strict=True)]
        back = [(across.at(x), up.at(y)) for x, y in zip(series.x, series.high, strict=True)][::-1]
        corners = " ".join(f"{x:.1f},{y:.1f}" for x, y in there + back)
        parts.append(f'<polygon points="{corners}" fill="{colour}" fill-opacity="0.15"/>')
    if series.how != POINTS:
        steps = path(places, series.how == STEPS)
        parts.append(f'<path d="{steps}" fill="none" stroke="{colour}" stroke-width="2" stroke-linejoin="round"/>')
    if series.how in (POINTS, BOTH):
        parts += [f'<circle cx="{p[0]:.1f}" cy="{p[1]:.1f}" r="3.2" fill="{colour}"/>' for p in places if p]
    return parts


def path(places: list[tuple[float, float] | None], steps: bool) -> str:
    """An SVG path through places; None is a gap."""
    words, pen = [], "M"
    for place in places:
        if place is None:
            pen = "M"
            continue
        x, y = place
        words.append(f"{pen}{x:.1f} {y:.1f}" if pen == "M" or not steps else f"H{x:.1f}V{y:.1f}")
        pen = "L"
    return "".join(words)


def legend(plot: Plot) -> list[str]:
    """Names of the series in a row under the title; a single one without a name needs none."""
    parts, x = [], float(LEFT)
    for series, colour in coloured(plot):
        if series.name:
            parts.append(f'<rect x="{x:.1f}" y="34" width="14" height="4" fill="{colour}"/>')
            parts.append(text(x + 19, 41, series.name))
            x += 34 + 6.4 * len(series.name)
    return parts


def keep(name: str, plot: Plot, folder: Path = FOLDER) -> Path:
    """Write the data and the drawing; returns the drawing's file."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.json").write_text(json.dumps(rounded(asdict(plot)), indent=1) + "\n")
    return draw_kept(folder / f"{name}.json")


def rounded(data: Any) -> Any:
    """Numbers to six figures, so that files stay small and their changes readable; NaN becomes null."""
    if isinstance(data, dict):
        return {key: rounded(value) for key, value in data.items()}
    if isinstance(data, (list, tuple)):
        return [rounded(value) for value in data]
    if isinstance(data, float) or hasattr(data, "dtype"):
        return float(f"{float(data):.6g}") if math.isfinite(data) else None
    return data


def draw_kept(data: Path) -> Path:
    """Draw the plot whose data are in a file, into an SVG beside it."""
    given = json.loads(data.read_text())
    series = [Series(**{**s, **{k: numbers(s[k]) for k in ("x", "y", "low", "high")}}) for s in given.pop("series")]
    limits = [Limit(**limit) for limit in given.pop("limits")]
    out = data.with_suffix(".svg")
    out.write_text(drawn(Plot(**given, series=series, limits=limits)))
    return out


def numbers(values: list[float | None]) -> list[float]:
    """Values as kept; null is NaN."""
    return [math.nan if v is None else float(v) for v in values]


def main() -> int:
    """Draw all kept plots again."""
    for data in sorted(FOLDER.glob("*.json")):
        print(draw_kept(data))
    return 0


if __name__ == "__main__":
    sys.exit(main())
