"""Letting the kernels work events; on the way tables are enlarged, snapshots kept and gone back to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..kernels import codes, layout, timeline
from ..tracking.memory import grow_edges, grow_plots, grow_pool, grow_rows, grow_tracks, table
from .hands import helped
from .settled import settled_picture

if TYPE_CHECKING:
    from .state import CoreState

GROW = {
    codes.GROW_TRACKS: grow_tracks,
    codes.GROW_POOL: grow_pool,
    codes.GROW_PLOTS: grow_plots,
    codes.GROW_EDGES: grow_edges,
    codes.GROW_ROWS: grow_rows,
}


def work(state: CoreState, events: tuple[NDArray[Any], ...], reports: Any, looks: Any) -> None:
    """Let the kernels work events: their kinds, rows in the records of reports and looks, and times (n,), in order."""
    kinds, rows, times_ns = events
    at = 0
    if state.settling:
        state.world.tally["dense_ns"] = layout.FAR_NS  # the picture of each second is written from its snapshot
    while True:
        with helped(state.world, state.threads, len(kinds) - at):
            code, at = timeline.run(state.world, kinds, rows, times_ns, at, reports, looks)
        if code == codes.DONE:
            return
        if code == codes.SNAPSHOT:
            if state.settling:
                state.settled += [settled_picture(state, snapshot) for snapshot in state.history.settling(state.world)]
            state.history.take(state.world)
        elif code == codes.GO_BACK:
            state.history.go_back(state.world)
        else:
            state.world = GROW[code](state.world)


def put_in_order(state: CoreState) -> None:
    """Work in now what came late, and would be at the next tick."""
    if int(state.world.tally["broken_ns"]) != layout.FAR_NS:
        state.history.go_back(state.world)
        work_again(state)


def work_again(state: CoreState) -> None:
    """Work what a state that was put back holds of the last seconds, up to where it was."""
    now_ns = int(state.world.tally["now_ns"])
    if now_ns != layout.NEVER_NS:
        none = table(layout.REPORT, 0)
        kinds, rows, times_ns = (np.array([v]) for v in (np.int8(codes.PAUSE), np.int64(0), np.int64(now_ns)))
        work(state, (kinds, rows, times_ns), none, none)
