"""`lowsky explain`: the life of one track: which reports made it, and how sure each association was.

The input is tracked again, with the same result, keeping what the tracker thought: for each report that fell near the
track the probability that it was the track's own, the existence probability before and after, and the likelihood
ratio of the report being the track's over being false or of a new object. Misses show as a fall of existence from
one line to the next.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from lowsky.core.changes import Trace
    from lowsky.wire.table import Scenario

SUMMARY = "tell the life of one track: which reports made it, and how sure each was"

EPILOG = """\
example:
  lowsky simulate small --seed 1 --out small-1
  lowsky explain small-1 3

  time s       seconds after the start, of validity
  row          of the report in plots, from 0
  association  probability that the report was the track's
  existence    probability that there is such an object, before the report and after it
  log10 ratio  likelihood of the report being the track's, over being false or of a new object
"""

LINES = 40


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Input, track and how much to show."""
    parser.add_argument(
        "folder", type=Path, metavar="FOLDER", help="folder as for `lowsky track`, or a TOML that describes a table"
    )
    parser.add_argument("track", type=int, metavar="NUMBER", help="number of the track, as in the tracks written")
    parser.add_argument(
        "--lines", type=int, default=LINES, help="reports to show from the first on; 0: all (default: %(default)s)"
    )
    parser.epilog = EPILOG


@dataclass(frozen=True, slots=True)
class Life:
    """One track: its part of the trace by column name, and when it was shown (ns; -1: never)."""

    number: int
    trace: dict[str, NDArray[Any]]
    first_shown_ns: int
    last_shown_ns: int
    rows: int
    coasting: int


def run(args: argparse.Namespace) -> int:
    """Track again, pick one track, print its life."""
    from lowsky.wire.table import read_input

    scenario = read_input(args.folder)
    life = life_of(scenario, args.track)
    for line in describe(scenario, life, args.lines):
        print(line)
    return 0


def life_of(scenario: Scenario, number: int) -> Life:
    """What the tracker thought of track `number`, from its birth on.

    Raises:
        InputError: if no such track was shown.
    """
    import numpy as np

    from lowsky.model.errors import InputError
    from lowsky.model.picture import Status
    from lowsky.tracking.settings import Settings

    from .feed import follow, pieces, scenario_ticks

    traces: list[Trace] = []
    shown: list[NDArray[np.int64]] = []
    coasting, last = 0, 0
    inputs = pieces(scenario.reports, scenario.looks, scenario_ticks(scenario))
    for result in follow(scenario.site, inputs, Settings(trace=True)):
        picture = result.changes.picture
        own = picture.track == number
        shown.append(picture.time_ns[own])
        coasting += int((picture.status[own] == Status.COASTING).sum())
        last = max(last, int(picture.track.max(initial=0)))
        traces.append(result.changes.trace)
    times = np.concatenate(shown)
    if not len(times):
        raise InputError(
            f"there is no track {number}; the tracks shown are 1 to {last}" if last else "no track is shown"
        )
    return Life(number, _trace_of(traces, number), int(times[0]), int(times[-1]), len(times), coasting)


def _trace_of(traces: list[Trace], number: int) -> dict[str, NDArray[Any]]:
    """The rows of the birth that got the number, also those before it got it."""
    import numpy as np

    columns = {f.name: np.concatenate([getattr(t, f.name) for t in traces]) for f in fields(traces[0])}
    births = np.unique(columns["uid"][columns["number"] == number])
    own = np.isin(columns["uid"], births)
    return {name: values[own] for name, values in columns.items()}


def describe(scenario: Scenario, life: Life, lines: int = LINES) -> Iterator[str]:
    """The lines to print."""
    seconds = (life.trace["time_ns"] - scenario.start_ns) / 1e9
    sensors = [scenario.site.sensors[s].id for s in life.trace["sensor"].tolist()]
    likely = Counter(s for s, p in zip(sensors, life.trace["association"].tolist(), strict=True) if p > 0.5)
    first, last = ((ns - scenario.start_ns) / 1e9 for ns in (life.first_shown_ns, life.last_shown_ns))
    yield f"track     {life.number}"
    yield f"shown     {first:g} s to {last:g} s after the start, {life.rows} rows, {life.coasting} of them coasting"
    if not sensors:
        return
    yield f"reports   {', '.join(f'{n} of {s}' for s, n in sorted(likely.items()))}; the first at {seconds[0]:.2f} s"
    yield ""
    wide = max(6, *map(len, sensors))
    yield f"{'time s':>9}  {'sensor':<{wide}}  {'row':>8}  association  {'existence':<18}  log10 ratio"
    shown = len(sensors) if lines == 0 else min(lines, len(sensors))
    for i in range(shown):
        row = {name: values[i] for name, values in life.trace.items()}
        existence = f"{row['existence_before']:.4f} -> {row['existence_after']:.4f}"
        yield (
            f"{seconds[i]:9.2f}  {sensors[i]:<{wide}}  {row['raw']:>8}  {row['association']:11.4f}  {existence:<18}  "
            f"{row['log10_likelihood_ratio']:11.2f}"
        )
    if shown < len(sensors):
        yield f"and {len(sensors) - shown} more; --lines 0 shows all"
