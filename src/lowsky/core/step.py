"""The step: consumes one input, updates the state in place, and says what changed.

Deterministic to the bit: events are merged by a stable sort, everything else happens in compiled kernels in a fixed
order, and nothing depends on how input was cut: `step` of two inputs in turn equals `step` of both as one.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..kernels import timeline
from ..kernels.layout import World
from ..model.kinds import Kind
from ..model.picture import PICTURE_COLUMNS, Picture
from ..model.report import no_looks, report_batch
from ..model.sensor import Sensor, SensorKind, site_of
from ..tracking.intake import look_records, report_records
from ..tracking.memory import grow_edges, grow_looks, grow_plots, grow_pool, grow_rows, grow_tracks
from .state import CoreInput, CoreState, new_state

GROW = {
    timeline.GROW_TRACKS: grow_tracks,
    timeline.GROW_POOL: grow_pool,
    timeline.GROW_LOOKS: grow_looks,
    timeline.GROW_PLOTS: grow_plots,
    timeline.GROW_EDGES: grow_edges,
    timeline.GROW_ROWS: grow_rows,
}

COUNTS = "used late duplicate incomplete unused waiting looks late_looks frames tracks joined ended".split()
"""Names of the counters in `Changes.counts`, all since the start. Every report is in exactly one of used, late,
duplicate, incomplete, unused, waiting."""


@dataclass(frozen=True, slots=True)
class Trace:
    """What happened to tracks, one row a noticeable association, in order; made only if `Settings.trace`."""

    time_ns: NDArray[np.int64]
    uid: NDArray[np.int64]  # of the track's birth
    number: NDArray[np.int64]  # public number then, 0: none yet
    raw: NDArray[np.int64]  # the report's row in its source
    sensor: NDArray[np.int32]
    association: NDArray[np.float64]  # probability that the report is the track's
    existence_before: NDArray[np.float64]
    existence_after: NDArray[np.float64]
    log10_likelihood_ratio: NDArray[np.float64]  # of the report being the track's, over false or new


@dataclass(frozen=True, slots=True)
class Changes:
    """What one step brought: the picture at each tick of the input, counters since the start, and the trace."""

    picture: Picture
    counts: dict[str, int]
    trace: Trace


def step(state: CoreState, given: CoreInput) -> tuple[CoreState, Changes]:
    """Consume one input. The state is changed in place and returned.

    Raises:
        MemoryError: if the site outgrows a capacity of `tracking.memory`.
    """
    kinds, rows, times_ns = merge_events(given)
    reports = report_records(given.reports, state.world.sensors, state.frame, state.settings)
    looks = look_records(given.looks)
    at = 0
    while True:
        code, at = timeline.run(state.world, kinds, rows, times_ns, at, reports, looks)
        if code == timeline.DONE:
            break
        state.world = GROW[code](state.world)
    counts = {name: int(state.world.tally[name]) for name in COUNTS}
    return state, Changes(_take_picture(state.world), counts, _take_trace(state.world))


def merge_events(given: CoreInput) -> tuple[NDArray[np.int8], NDArray[np.int64], NDArray[np.int64]]:
    """Kind, row and time of receipt of every event of an input, in order of consumption."""
    n = (len(given.reports), len(given.looks), len(given.ticks_ns))
    kind = np.repeat(np.array([timeline.REPORT, timeline.LOOK, timeline.TICK], dtype=np.int8), n)
    row = np.concatenate([np.arange(k, dtype=np.int64) for k in n])
    time_ns = np.concatenate([given.reports.received_ns, given.looks.received_ns, given.ticks_ns])
    order = np.argsort(time_ns, kind="stable")
    return kind[order], row[order], time_ns[order]


def _take_picture(world: World) -> Picture:
    n = int(world.tally["rows"])
    world.tally["rows"] = 0
    rows = world.rows[:n]
    return Picture(
        time_ns=rows["time_ns"].copy(),
        track=rows["number"].copy(),
        status=rows["status"].astype(np.uint8),
        state=rows["state"].copy(),
        covariance=rows["covariance"].copy(),
        existence=rows["existence"].copy(),
        model_probability=rows["mu"].copy(),
        first_report_ns=rows["first_ns"].copy(),
        last_report_ns=rows["last_ns"].copy(),
        reports=np.rint(rows["hits"]).astype(np.int64),
        identity=rows["identity"].copy(),
        kind=np.full(n, Kind.UNKNOWN, dtype=np.uint8),
    )


def _take_trace(world: World) -> Trace:
    n = int(world.tally["traced"])
    world.tally["traced"] = 0
    rows = world.trace[:n].copy()
    return Trace(
        time_ns=rows["time_ns"],
        uid=rows["uid"],
        number=rows["number"],
        raw=rows["raw"],
        sensor=rows["sensor"],
        association=rows["beta"],
        existence_before=rows["before"],
        existence_after=rows["after"],
        log10_likelihood_ratio=rows["log10_ratio"],
    )


def picture_hash(picture: Picture) -> str:
    """Hash (32 hexadecimal digits) of every bit of a picture: equal pictures, and only those, have equal hashes."""
    digest = hashlib.blake2b(digest_size=16)
    for name in PICTURE_COLUMNS:
        column = np.ascontiguousarray(getattr(picture, name))
        digest.update(f"{name} {column.dtype.str} {column.shape}".encode())
        digest.update(column.tobytes())
    return digest.hexdigest()


def warm() -> None:
    """Compile all kernels, or load them from the cache, by tracking next to nothing."""
    sensors = tuple(Sensor(kind.word, kind, 50.0, 8.0, 0.0) for kind in SensorKind)
    none = report_batch(0)
    step(new_state(site_of(sensors)), CoreInput(none, no_looks(), np.array([0], dtype=np.int64)))
