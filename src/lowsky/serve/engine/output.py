"""What one turn of the core brought, as handed from its thread to the event loop. Nobody changes it afterwards."""

from __future__ import annotations

from dataclasses import dataclass

from lowsky.core import Changes, CoreInput

from ..feed.columns import Table
from .kinds import KindTable


@dataclass(frozen=True, slots=True)
class Output:
    """One turn. `table` is the picture at `time_ns`, None if nobody asked for one."""

    time_ns: int
    upto_ns: int  # up to when input was consumed
    newest_report_ns: int  # receipt of the newest report consumed so far, 0: none yet
    given: CoreInput
    changes: Changes
    table: Table | None
    kinds: KindTable | None  # at the last tick
    ticked: bool  # whether the input held a tick; notices and scores are then those of it
    spent_s: float  # in this turn, from draining to here
    flush_first: bool  # whether events tell of a new danger, which must be safe on disk before anybody hears of it
