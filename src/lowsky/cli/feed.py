"""Feeds a recorded scenario to the core: the same reports, looks and ticks as live, in pieces by time of receipt.

The pieces only bound memory and let a progress bar move; the core's result does not depend on how input is cut.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lowsky.core import Changes, CoreInput, new_state, step
from lowsky.model.errors import InputError
from lowsky.model.place import Place
from lowsky.model.report import LookBatch, ReportBatch
from lowsky.model.sensor import Site
from lowsky.model.timebase import NS_PER_S
from lowsky.tracking.settings import Settings
from lowsky.wire.table import Scenario

LONGEST_DAYS = 31  # of one run; a longer span is nearly always a wrong clock in the input
PIECE_NS = 20 * NS_PER_S  # receipt time in one piece at most
PIECE_REPORTS = 40_000  # and about so many reports, at least a second's: tables then stay in the cache

Longs = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Followed:
    """What one piece of input changed, its last tick (None: it had none), and the time inside `core.step`: by the clock
    and of the processors, which other programs on the machine do not lengthen (of threads that help with their waits).
    """

    changes: Changes
    tick_ns: int | None
    core_s: float
    cpu_s: float


def tick_times(start_ns: int, end_ns: int, every_ns: int) -> Longs:
    """Ticks at start + every, start + 2 every, ... up to and including end, int64 ns."""
    return np.arange(start_ns + every_ns, end_ns + 1, every_ns, dtype=np.int64)


def scenario_ticks(scenario: Scenario, every_ns: int = NS_PER_S, until_ns: int | None = None) -> Longs:
    """Ticks of a whole scenario, from its start to its end (or `until_ns`, if that is earlier).

    Raises:
        InputError: if the scenario spans more than `LONGEST_DAYS`.
    """
    end_ns = scenario.end_ns
    if end_ns is None:
        end_ns = last_input_ns(scenario.reports, scenario.looks, scenario.start_ns)
    if until_ns is not None:
        end_ns = min(end_ns, until_ns)
    days = (end_ns - scenario.start_ns) / NS_PER_S / 86_400
    if days > LONGEST_DAYS:
        raise InputError(f"the reports span {days:.0f} days, more than {LONGEST_DAYS}; a shorter part: --until SECONDS")
    return tick_times(scenario.start_ns, end_ns, every_ns)


def last_input_ns(reports: ReportBatch, looks: LookBatch, start_ns: int) -> int:
    """When the last report or look was received, rounded up to whole seconds after the start."""
    lasts = [int(batch.received_ns[-1]) for batch in (reports, looks) if len(batch)]
    return start_ns - (start_ns - max(lasts, default=start_ns)) // NS_PER_S * NS_PER_S


def pieces(reports: ReportBatch, looks: LookBatch, ticks_ns: Longs, until_ns: int | None = None) -> Iterator[CoreInput]:
    """Everything received up to `until_ns` (None: everything), cut by receipt into pieces of at most `PIECE_NS`
    and about `PIECE_REPORTS`.

    There is at least one piece, and none is empty but that one. Gaps of years cost nothing.

    Args:
        reports, looks: ordered by `received_ns`.
        ticks_ns: ordered.
    """
    columns = [reports.received_ns, looks.received_ns, ticks_ns]
    if until_ns is not None:
        columns = [c[: np.searchsorted(c, until_ns, side="right")] for c in columns]
    first = min((int(c[0]) for c in columns if len(c)), default=0)
    piece_ns = piece_length_ns(columns[0])
    numbers = np.unique(np.concatenate([np.unique((c - first) // piece_ns) for c in columns]))
    done = [0, 0, 0]
    for number in numbers if len(numbers) else [0]:
        last = first + (int(number) + 1) * piece_ns - 1
        upto = [int(np.searchsorted(c, last, side="right")) for c in columns]
        r, k, t = (slice(a, b) for a, b in zip(done, upto, strict=True))
        done = upto
        yield CoreInput(reports.take(r), looks.take(k), ticks_ns[t])


def piece_length_ns(received_ns: Longs) -> int:
    """Length of the pieces for reports received at these times (n,), ordered."""
    if len(received_ns) <= PIECE_REPORTS:
        return PIECE_NS
    span_ns = int(received_ns[-1]) - int(received_ns[0])
    return min(PIECE_NS, max(NS_PER_S, span_ns * PIECE_REPORTS // len(received_ns)))


def follow(
    site: Site,
    inputs: Iterable[CoreInput],
    settings: Settings | None = None,
    places: tuple[Place, ...] = (),
    settling: bool = False,
    threads: int = 1,
) -> Iterator[Followed]:
    """Run the core over the pieces, one result a piece; with settled pictures, too, if `settling`.

    With more than one of the `threads` they share the work; what comes of it is the same.

    Call `lowsky.core.warm()` first where `core_s` should not hold the compilation of kernels.
    """
    state = new_state(site, settings, places)
    state.settling, state.threads = settling, threads
    for piece in inputs:
        begin, worked = time.perf_counter(), time.process_time()
        state, changes = step(state, piece)
        core_s, cpu_s = time.perf_counter() - begin, time.process_time() - worked
        until_ns = int(piece.ticks_ns[-1]) if len(piece.ticks_ns) else None
        yield Followed(changes, until_ns, core_s, cpu_s)
