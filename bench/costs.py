"""What a report costs: over objects, sensors, false plots, lateness, and over an hour. Draws the plots of the docs.

    python -m bench.costs [objects sensors false-plots lateness hour] [--seconds 30] [--repeat 2]

Scenes are made by the shared scenario script with other numbers in it: the `scaleN` scenes for objects, `busy` with
other sensors, false plots or delays for the rest. Each is tracked by `lowsky track` in a process of its own; its time
inside `core.step`, in seconds of the processor, divided by its reports counts, the best of several runs. The hour
is one run, looked at each minute.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from bench import folders
from bench.plots import BOTH, LINES, Limit, Plot, Series, keep

SEED = 1
OBJECTS = (100, 300, 1000, 3000, 10_000)
SENSORS = (1, 2, 4, 8, 16, 32)
FALSE_PLOTS = (0, 10, 30, 100, 300, 1000)
DELAYS_S = (0.0, 0.25, 0.5, 1.0, 2.0)
HOUR_S = 3600.0
WANTED = 300_000  # reports a second
COST = "microseconds of processor a report"


def scenario_script() -> Any:
    """The shared script that makes scenes, as a module."""
    path = folders.shared_folder() / "bench" / "scenario.py"
    sys.dont_write_bytecode = True
    spec = importlib.util.spec_from_file_location("scenario", path)
    if spec is None or spec.loader is None:
        raise SystemExit(f"no script {path}")
    module = importlib.util.module_from_spec(spec)
    sys.modules["scenario"] = module  # its dataclasses look themselves up
    spec.loader.exec_module(module)
    return module


def scene(name: str, kind: str, seconds: float, change: Callable[[Any, Any], None] | None = None) -> Path:
    """The folder of a scene of the shared script with another duration and whatever else `change` does to it."""
    folder = folders.CACHE / "costs" / name
    if not (folder / "truth.parquet").exists():
        script = scenario_script()
        rng = np.random.default_rng([SEED, sum(map(ord, name))])
        described = script.describe(kind, rng)
        described.duration_s = seconds
        if change:
            change(described, rng)
        script.save(folder, SEED, *script.report(described, *script.move(described, rng), rng))
    return folder


def cost(folder: Path, repeat: int) -> dict[str, float]:
    """Microseconds a report, times real time and peak memory of a scene."""
    runs = [folders.track(folder, folder / "tracks.parquet") for _ in range(repeat)]
    best = min(runs, key=lambda run: float(run.said["core_s"]))
    core_s, duration_s = (
        float(best.said["core_s"]),
        float(json.loads((folder / "sensors.json").read_text())["duration_s"]),
    )
    return {
        "us": 1e6 * core_s / max(best.said["used"], 1),
        "realtime": duration_s / core_s,
        "mib": min(run.peak_mib for run in runs),
        "reports": best.said["used"],
    }


def draw(name: str, title: str, label: str, at: list[float], found: list[dict[str, float]], log: bool) -> None:
    """Keep the plot of one measurement and say its figures."""
    series = [Series("", at, [f["us"] for f in found])]
    keep(f"cost-{name}", Plot(title, label, COST, series, [Limit("300,000 reports/s", 1e6 / WANTED)], log_x=log))
    for value, f in zip(at, found, strict=True):
        print(
            f"{name} {value:g}: {f['us']:.2f} us a report, {f['realtime']:.0f} x real time, {f['mib']:.0f} MiB",
            flush=True,
        )


def over_objects(seconds: float, repeat: int) -> None:
    """The `scaleN` scenes: the same density, a growing area with its grid of radars."""
    found = [cost(scene(f"objects-{n}", f"scale{n}", seconds), repeat) for n in OBJECTS]
    draw("objects", "Cost of a report over the number of objects", "objects", list(OBJECTS), found, True)
    memory = Series("", list(OBJECTS), [f["mib"] for f in found])
    keep("memory-objects", Plot("Memory of the whole process", "objects", "MiB", [memory], log_x=True))


def over_sensors(seconds: float, repeat: int) -> None:
    """The objects of `busy` seen by more and more 3-D radars that all cover them."""

    def radars(count: int) -> Callable[[Any, Any], None]:
        def change(described: Any, rng: Any) -> None:
            ring = scenario_script().ring
            described.sensors = ring(count, 2000, "radar_3d", "radar", rng, false_plots_per_scan=20)

        return change

    found = [cost(scene(f"sensors-{n}", "busy", seconds, radars(n)), repeat) for n in SENSORS]
    draw(
        "sensors",
        "Cost of a report over the number of radars",
        "radars, all of the same 50 objects",
        list(SENSORS),
        found,
        True,
    )


def over_false_plots(seconds: float, repeat: int) -> None:
    """`busy` with more and more false plots a scan."""

    def clutter(count: int) -> Callable[[Any, Any], None]:
        def change(described: Any, _rng: Any) -> None:
            for sensor in described.sensors:
                sensor.false_plots_per_scan = float(count)

        return change

    found = [cost(scene(f"false-plots-{n}", "busy", seconds, clutter(n)), repeat) for n in FALSE_PLOTS]
    title = "Cost of a report over false plots"
    draw("false-plots", title, "false plots a scan of each of three radars", list(FALSE_PLOTS), found, False)


def over_lateness(seconds: float, repeat: int) -> None:
    """`busy` with a mean extra delay of the reports, as in `late`."""

    def late(delay_s: float) -> Callable[[Any, Any], None]:
        def change(described: Any, _rng: Any) -> None:
            described.delay_mean_s = delay_s

        return change

    found = [cost(scene(f"late-{delay:g}", "busy", seconds, late(delay)), repeat) for delay in DELAYS_S]
    title = "Cost of a report over lateness, out of order"
    draw("lateness", title, "mean extra delay of a report, s", list(DELAYS_S), found, False)


def over_an_hour(_seconds: float, _repeat: int) -> None:
    """An hour of `busy` in one process: cost and memory, minute by minute."""
    folder = scene("hour", "busy", HOUR_S)
    command = [sys.executable, "-m", "bench.hour", str(folder)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=folders.surroundings())
    minutes = json.loads(done.stdout.splitlines()[-1])
    at = [float(m["minute"]) for m in minutes]
    label = "minute of the scene"
    series = [Series("", at, [m["us_a_report"] for m in minutes], LINES)]
    keep(
        "hour-cost", Plot("An hour of busy: cost of a report", label, COST, series, y_range=(0.0, 2 * series[0].y[-1]))
    )
    held = [Series("", at, [m["resident_mib"] for m in minutes], BOTH)]
    top = 1.2 * max(held[0].y)
    keep("hour-memory", Plot("An hour of busy: resident memory", label, "MiB", held, y_range=(0.0, top)))
    for m in (minutes[1], minutes[9], minutes[-1]):
        print(
            f"hour, minute {m['minute']}: {m['us_a_report']:.2f} us a report, {m['resident_mib']:.0f} MiB", flush=True
        )


WHAT: dict[str, Callable[[float, int], None]] = {
    "objects": over_objects,
    "sensors": over_sensors,
    "false-plots": over_false_plots,
    "lateness": over_lateness,
    "hour": over_an_hour,
}


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", nargs="*", default=list(WHAT), choices=list(WHAT), metavar="WHAT")
    parser.add_argument("--seconds", type=float, default=30.0, help="of each scene but the hour")
    parser.add_argument("--repeat", type=int, default=2, help="runs of a scene, the fastest counts (default: 2)")
    a = parser.parse_args()
    for name in a.what:
        WHAT[name](a.seconds, a.repeat)
    return 0


if __name__ == "__main__":
    sys.exit(main())
