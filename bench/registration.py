"""Plots of registration: estimates of the sensors' errors over time, beside the true ones.

    python -m bench.registration BIASED MISDESCRIBED

The folders hold the shared scenarios of these names, with what is wrong with each sensor in their judge.json. Draws
docs/plots/registration-azimuth.svg, -range, -clock and -place.
"""

from __future__ import annotations

import json
import math
import sys
from pathlib import Path
from typing import Any

from bench.plots import LINES, Limit, Plot, Series, keep
from lowsky.cli.tracking import track
from lowsky.core import ERROR_NAMES, Course, Registration, warm
from lowsky.wire.table import Scenario, read_input


def run(folder: Path) -> tuple[Scenario, Registration, list[dict[str, Any]]]:
    """The scenario, what was found at its end, and the truth of each sensor."""
    scenario = read_input(folder)
    found = track(scenario).registration
    assert found is not None
    hidden = json.loads((folder / "judge.json").read_text())["hidden"]
    return scenario, found, hidden


def series(course: Course, name: str, start_ns: int, label: str) -> Series:
    """One error over time with twice its standard deviation as a band."""
    c = ERROR_NAMES.index(name)
    factor = math.degrees(1.0) if name.endswith("_rad") else 1.0
    value, sigma = course.estimate[:, c] * factor, course.sigma[:, c] * factor
    seconds = (course.time_ns - start_ns) / 1e9
    return Series(
        label, seconds.tolist(), value.tolist(), LINES, (value - 2 * sigma).tolist(), (value + 2 * sigma).tolist()
    )


def draw(name: str, title: str, unit: str, error: str, truth: str, folder: Path) -> None:
    """One plot of one error of all radars of a scenario; dashed: the truth."""
    scenario, found, hidden = run(folder)
    rows = [i for i, sensor in enumerate(scenario.site.sensors) if sensor.kind.word.startswith("radar")]
    lines = [series(found.courses[i], error, scenario.start_ns, scenario.site.sensors[i].id) for i in rows]
    limits = [Limit("", float(hidden[i][truth])) for i in rows]
    keep(name, Plot(title, "s", unit, lines, limits))


def draw_place(folder: Path) -> None:
    """East and north of a displaced sensor."""
    scenario, found, hidden = run(folder)
    lines, limits = [], []
    for i, sensor in enumerate(scenario.site.sensors):
        east, north = hidden[i]["moved_m"]
        if math.hypot(east, north) > 0:
            for error, value in (("east_m", east), ("north_m", north)):
                label = f"{sensor.id} {error.removesuffix('_m')}"
                lines.append(series(found.courses[i], error, scenario.start_ns, label))
                limits.append(Limit("", float(value)))
    keep("registration-place", Plot("Place of a displaced radar", "s", "m", lines, limits))


def main() -> int:
    """The command."""
    biased, misdescribed = (Path(argument) for argument in sys.argv[1:3])
    warm()
    draw("registration-azimuth", "Azimuth", "degrees", "azimuth_rad", "bias_azimuth_deg", biased)
    draw("registration-range", "Range", "m", "range_m", "bias_range_m", biased)
    draw("registration-clock", "Clock", "s", "clock_s", "clock_offset_s", biased)
    draw_place(misdescribed)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
