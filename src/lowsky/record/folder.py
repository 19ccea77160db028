"""A scenario as if it came in live: small inputs by time of receipt, each journalled before the core steps."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from lowsky.core import CoreInput
from lowsky.model.errors import InputError
from lowsky.model.place import Place
from lowsky.wire.table import Scenario

from .files import segments_of
from .header import Setup
from .limits import Limits
from .merging import own_table
from .recovery import begin_recording
from .threads import NS_PER_S

INPUT_NS = 100_000_000  # of receipt in one input
LONGEST_NS = 31 * 86_400 * NS_PER_S  # a longer span is nearly always a wrong clock in the input


@dataclass(frozen=True, slots=True)
class Recorded:
    """What was recorded."""

    reports: int
    inputs: int
    bytes: int


def live_inputs(scenario: Scenario, every_ns: int) -> Iterator[CoreInput]:
    """The scenario in inputs of `INPUT_NS`, with ticks at whole multiples of `every_ns`, to its end.

    Raises:
        InputError: if it spans more than a month.
    """
    columns = (scenario.reports.received_ns, scenario.looks.received_ns)
    last_ns = max([scenario.start_ns, *(int(c[-1]) for c in columns if len(c))])
    end_ns = scenario.end_ns if scenario.end_ns is not None else last_ns
    if end_ns - scenario.start_ns > LONGEST_NS:
        raise InputError(f"the reports span {(end_ns - scenario.start_ns) / NS_PER_S / 86_400:.0f} days, more than 31")
    ticks_ns = np.arange(scenario.start_ns // every_ns + 1, end_ns // every_ns + 1, dtype=np.int64) * every_ns
    reports = replace(scenario.reports, raw=np.arange(len(scenario.reports), dtype=np.int64))
    all_columns = (*columns, ticks_ns)
    done = [0, 0, 0]
    for until_ns in range(scenario.start_ns + INPUT_NS, end_ns + INPUT_NS, INPUT_NS):
        upto = [int(np.searchsorted(c, min(until_ns, end_ns), side="right")) for c in all_columns]
        (r, k, t), done = (slice(a, b) for a, b in zip(done, upto, strict=True)), upto
        given = CoreInput(own_table(reports.take(r)), scenario.looks.take(k), ticks_ns[t])
        if len(given.reports) or len(given.looks) or len(given.ticks_ns):
            yield given


def record_scenario(
    scenario: Scenario,
    folder: Path,
    every_s: float = 0.2,
    places: tuple[Place, ...] = (),
    limits: Limits | None = None,
    advance: Callable[[int], None] | None = None,
) -> Recorded:
    """Record a scenario into a folder that holds no recording yet.

    Args:
        every_s: between pictures.
        places: to be protected.
        advance: told the time reached, ns, now and then.

    Raises:
        InputError: if the folder holds a recording, or the disk refuses.
    """
    if not 0.01 <= every_s <= 3600.0:
        raise InputError(f"{every_s} s between pictures is not between 0.01 and 3600")
    if folder.is_dir() and segments_of(folder):
        raise InputError(f"{folder} holds a recording already")
    recorder = begin_recording(folder, Setup(scenario.site, None, places), scenario.start_ns, limits).recorder
    inputs = 0
    try:
        for given in live_inputs(scenario, round(every_s * NS_PER_S)):
            _, sequence = recorder.step(given)
            inputs += 1
            recorder.ready(sequence, timeout_s=60.0)  # here the core is faster than any disk
            if advance and len(given.ticks_ns):
                advance(int(given.ticks_ns[-1]))
    finally:
        recorder.close()
    status = recorder.journal.status
    if status.lost_inputs:
        raise InputError(f"not all could be recorded: {status.reason}")
    return Recorded(recorder.reports, inputs, status.bytes)
