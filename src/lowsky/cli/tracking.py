"""A scenario through the core: tracks and notices at every tick from its start to its end, and what came of the run.

Reading and writing are elsewhere; so is the compilation of kernels (`lowsky.core.warm`), which would count as tracking.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from lowsky.core import CoreInput, Registration
from lowsky.model.notice import NoticeBatch
from lowsky.model.picture import Picture, take_rows
from lowsky.model.place import Place
from lowsky.tracking.settings import Settings
from lowsky.wire.table import Scenario, track_table

from .feed import Followed, follow, last_input_ns, pieces, scenario_ticks
from .progress import progress

Longs = NDArray[np.int64]


@dataclass(slots=True)
class Run:
    """What came of a scenario: Arrow tables of tracks and notices in order of time, numbers of the objects, seconds
    inside `core.step`."""

    tables: list[pa.Table] = field(default_factory=list)
    settled: list[pa.Table] = field(default_factory=list)  # of the settled pictures
    notices: list[NoticeBatch] = field(default_factory=list)
    objects: set[int] = field(default_factory=set)
    counts: dict[str, int] = field(default_factory=dict)  # of `lowsky.core.Changes`, since the start
    core_s: float = 0.0
    cpu_s: float = 0.0
    registration: Registration | None = None  # at the end


def track(
    scenario: Scenario,
    every_s: float = 1.0,
    until_s: float | None = None,
    places: tuple[Place, ...] = (),
    settings: Settings | None = None,
    settling: bool = False,
    threads: int = 1,
) -> Run:
    """Tracks of a scenario, and notices for places, at every tick from its start to its end, or to `until_s` after it.

    With `settling`, also the settled tracks of each second; one more tick behind the end lets the last of them settle.
    So many `threads` share the work; what comes of it does not depend on them.

    Raises:
        InputError: if the scenario spans more days than one run may.
    """
    until_ns = None if until_s is None else scenario.start_ns + round(until_s * 1e9)
    ticks_ns = scenario_ticks(scenario, round(every_s * 1e9), until_ns)
    last_ns = int(ticks_ns[-1]) if len(ticks_ns) else 0
    inputs: Iterator[CoreInput] = pieces(scenario.reports, scenario.looks, ticks_ns, until_ns)
    if settling:
        inputs = chain(inputs, [_behind(scenario, ticks_ns)])
    done = Run()
    with progress("tracking", scenario.start_ns, last_ns) as advance:
        for result in follow(scenario.site, inputs, settings, places, settling, threads):
            _take(done, scenario, result, last_ns, settling)
            if result.tick_ns is not None:
                advance(result.tick_ns)
    return done


def _behind(scenario: Scenario, ticks_ns: Longs) -> CoreInput:
    """A tick so long after all others and everything received that the last second has settled."""
    last_ns = max([last_input_ns(scenario.reports, scenario.looks, scenario.start_ns), *ticks_ns[-1:].tolist()])
    tick_ns = last_ns + round((Settings().settled_lag_s + 2.0) * 1e9)
    nothing = scenario.reports.take(slice(0)), scenario.looks.take(slice(0))
    return CoreInput(*nothing, np.array([tick_ns], dtype=np.int64))


def _take(done: Run, scenario: Scenario, result: Followed, last_ns: int, settling: bool) -> None:
    """Add what came of one piece."""
    changes = result.changes
    if settling:
        settled = upto(changes.settled, last_ns)
        done.settled.append(track_table(settled, scenario.site, changes.identities))
    picture = upto(changes.picture, last_ns)
    done.tables.append(track_table(picture, scenario.site, changes.identities))
    done.notices.append(changes.notices)
    done.objects.update(picture.track.tolist())
    done.counts = changes.counts
    done.core_s += result.core_s
    done.cpu_s += result.cpu_s
    done.registration = changes.registration


def upto(picture: Picture, last_ns: int) -> Picture:
    """The rows up to a time."""
    return take_rows(picture, picture.time_ns <= last_ns) if (picture.time_ns > last_ns).any() else picture
