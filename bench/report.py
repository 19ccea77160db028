"""Tables of the benchmark: a line a run, a mean a scenario, and beside it what was wanted."""

from __future__ import annotations

import math
import statistics
from dataclasses import dataclass
from typing import Any

Figures = dict[str, Any]

# key of the figure, heading, format
COLUMNS = (
    ("ratio", "3-D", ".3f"),
    ("ratio_2d", "horiz.", ".3f"),
    ("switches", "switches", ".3f"),
    ("spurious", "spurious", ".4f"),
    ("false_tracks_per_hour", "false/h", ".1f"),
    ("nees_2d", "NEES", ".2f"),
    ("confirm_s", "confirm s", ".2f"),
    ("count_right", "count", ".3f"),
    ("ghost_s", "ghost s", ".0f"),
    ("reports_per_s", "reports/s", ",.0f"),
    ("realtime", "x real", ",.0f"),
    ("peak_mib", "MiB", ",.0f"),
    ("wall_s", "wall s", ".1f"),
)
# key of the target, key of the figure, whether less is better
LIMITS = (
    ("gospa", "ratio", True),
    ("gospa_2d", "ratio_2d", True),
    ("switches", "switches", True),
    ("switches_above", "switches_above", True),
    ("spurious", "spurious", True),
    ("false_tracks_per_hour", "false_tracks_per_hour", True),
    ("confirm_s", "confirm_s", True),
    ("count_right", "count_right", False),
    ("ghost_s", "ghost_s", True),
    ("biases", "biases", True),
    ("rate", "reports_per_s", False),
    ("realtime", "realtime", False),
    ("per_report", "per_report", True),
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """One target of one scenario and what was measured."""

    scenario: str
    what: str
    wanted: str
    found: float
    met: bool


def cell(value: Any, form: str) -> str:
    """A figure as text; what is absent or undefined is a dash."""
    return "-" if value is None or math.isnan(value) else format(value, form)


def line(row: Figures) -> str:
    """One run on one line."""
    cells = (f"{cell(row.get(key), form):>10}" for key, _, form in COLUMNS)
    return f"{row['scenario']:<11}{row.get('seed', 'mean')!s:>4} " + "".join(cells)


def means(rows: list[Figures]) -> list[Figures]:
    """The mean of each figure over the seeds of a scenario, in the order of the runs; memory is the largest."""
    found = []
    for name in dict.fromkeys(row["scenario"] for row in rows):
        of_it = [row for row in rows if row["scenario"] == name]
        keys = [key for key, value in of_it[0].items() if isinstance(value, float)]
        mean: Figures = {"scenario": name}
        mean.update({key: statistics.fmean(float(row[key]) for row in of_it) for key in keys})
        mean["peak_mib"] = max(float(row["peak_mib"]) for row in of_it)
        found.append(mean)
    return found


def with_per_report(rows: list[Figures], targets: dict[str, Figures]) -> list[Figures]:
    """The same rows with `per_report`: time a report as a multiple of that in the scenario which the target names."""
    rates = {row["scenario"]: float(row["reports_per_s"]) for row in rows}
    for row in rows:
        other = targets.get(row["scenario"], {}).get("per_report_of")
        if other in rates:
            row["per_report"] = rates[other] / rates[row["scenario"]]
    return rows


def verdicts(rows: list[Figures], targets: dict[str, Figures]) -> list[Verdict]:
    """Each target of each scenario that was measured."""
    found = []
    for row in rows:
        target = targets.get(row["scenario"], {})
        for key, figure, less in LIMITS:
            value = row.get(figure)
            if key in target and value is not None:
                met = value <= target[key] if less else value >= target[key]
                found.append(Verdict(row["scenario"], key, f"{'<=' if less else '>='} {target[key]:,}", value, met))
        if "nees_2d" in target and row.get("nees_2d") is not None:
            low, high = target["nees_2d"]
            met = low <= row["nees_2d"] <= high
            found.append(Verdict(row["scenario"], "nees_2d", f"{low} to {high}", row["nees_2d"], met))
    return found


def table(rows: list[Figures], mean_rows: list[Figures], found: list[Verdict]) -> str:
    """All runs, then the means, then the targets."""
    head = f"{'scenario':<11}{'seed':>4} " + "".join(f"{title:>10}" for _, title, _ in COLUMNS)
    lines = ["", head, *map(line, rows), "", "means over the seeds", *map(line, mean_rows), "", "targets"]
    for v in found:
        lines.append(f"{v.scenario:<11} {v.what:<22} {v.wanted:>14} {v.found:>14,.3f}  {'ok' if v.met else 'MISSED'}")
    return "\n".join(lines)


def markdown(mean_rows: list[Figures], found: list[Verdict]) -> str:
    """The means and the targets as two Markdown tables."""
    titles = ["scenario", *(title for _, title, _ in COLUMNS)]
    lines = ["| " + " | ".join(titles) + " |", "|---" * len(titles) + "|"]
    for row in mean_rows:
        lines.append("| " + " | ".join([row["scenario"], *(cell(row.get(k), f) for k, _, f in COLUMNS)]) + " |")
    lines += ["", "| scenario | target | wanted | found | |", "|---|---|---|---|---|"]
    for v in found:
        lines.append(f"| {v.scenario} | {v.what} | {v.wanted} | {v.found:,.3f} | {'met' if v.met else 'missed'} |")
    return "\n".join(lines) + "\n"
