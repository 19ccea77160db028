"""A long scene in one process, looked at each minute: cost of a report inside the core, and resident memory.

python -m bench.hour FOLDER

Prints one JSON list, an item a minute, as its last line. Pictures are dropped, as live they are handed on.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from bench.soak import resident_mib
from lowsky.cli.feed import follow, pieces, scenario_ticks
from lowsky.core import warm
from lowsky.wire.table import read_input

MINUTE_NS = 60_000_000_000


def minutes(folder: Path) -> list[dict[str, Any]]:
    """Figures of each minute of a scene."""
    warm()
    scenario = read_input(folder)
    ticks_ns = scenario_ticks(scenario)
    found: list[dict[str, Any]] = []
    spent_s, before = 0.0, 0
    for result in follow(scenario.site, pieces(scenario.reports, scenario.looks, ticks_ns)):
        spent_s += result.cpu_s
        counts = result.changes.counts
        reports = counts["used"] + counts["waiting"]
        if result.tick_ns is not None and (result.tick_ns - scenario.start_ns) // MINUTE_NS > len(found):
            at = (result.tick_ns - scenario.start_ns) // MINUTE_NS
            us = 1e6 * spent_s / max(reports - before, 1)
            found.append(
                {"minute": int(at), "us_a_report": us, "resident_mib": resident_mib(), "tracks": counts["tracks"]}
            )
            spent_s, before = 0.0, reports
    return found


if __name__ == "__main__":
    print(json.dumps(minutes(Path(sys.argv[1]))))
