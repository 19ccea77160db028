"""The tracker's memory: allocation, enlargement, saving and restoring of the tables in `kernels.layout`.

Every table starts small and doubles up to a named limit, so memory is bounded and a large site costs nothing before
it is there. Enlarging copies; nothing a kernel decides depends on a capacity.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..kernels import crew, layout
from ..kernels.layout import World

GRID_CELLS = 256  # along each axis; the border cells stand for all beyond
BUCKETS = 1 << 14
LINES = 2048
CLUES = 512


@dataclass(frozen=True, slots=True)
class Capacity:
    """First and greatest number of rows of a table, and what is counted, for the message when it is full."""

    first: int
    most: int
    what: str


TRACKS = Capacity(1024, 1 << 20, "tracks")
WAITING = Capacity(2048, 1 << 22, "reports of the last seconds")
PLOTS = Capacity(512, 1 << 22, "reports of a frame")
CANDIDATES = Capacity(512, 1 << 20, "candidate tracks of a frame")
EDGES = Capacity(2048, 1 << 23, "pairs of a track and a report of a frame")
JOINTS = Capacity(1024, 1 << 22, "sets of tracks of a frame")
ROWS = Capacity(8192, 1 << 23, "picture rows of one input, or numbers given lately")
TRACE = Capacity(4096, 1 << 23, "trace rows of one input")

LEARNT = ("scores", "background", "corrections", "sights", "pairs", "links", "course")
"""Tables with a row a sensor, of what was learnt of it."""
SAVED = ("tracks", "spots", "free", "head", "ground", "queues", "lines", "clues", *LEARNT)
"""Tables that make up the state, with `tally`: what a snapshot holds. The pool and the numbers are kept beside it, the
others are given anew or are work space."""
OF_TRACKS = ("tracks", "spots")
"""Those of them with a row a track."""
OF_SENSORS = ("queues", "lists", *LEARNT)
"""Tables with a row a sensor."""
RECEIVED = (
    "now_ns broken_ns dense_ns horizon_ns behind waiting waiting_free received next_number numbered sorted "
    "shown_ns used late duplicate incomplete aside late_looks previewing saved rows traced"
).split()
"""Fields of `tally` that say what was received and given: going back to a snapshot leaves them as they are."""
NEVER = (
    "now_ns dense_ns settled_ns front_ns sweep_ns snapshot_ns label_ns appeared_ns horizon_ns shown_ns confirm_ns "
    "learnt_ns renew_ns"
).split()
"""Fields of `tally` that are times of what has not happened yet."""
GIVEN = ("rules", "sensors")
"""Tables made anew from settings and site; saved to tell that a state is restored under others than its own."""
DRAWN = ("horizon_rad", "masked", "all_round", "place_m")
"""What may change of a sensor while it runs: its horizon and its corrected place. Taken over from the saved state."""


def table(dtype: np.dtype[Any], *shape: int) -> Any:
    """A zeroed record array."""
    return np.zeros(shape, dtype=dtype).view(np.recarray)


def new_world(rules: Any, sensors: Any, traced: bool) -> World:
    """Fresh tables for the given rules (one record) and sensors (S,); `traced`: with room for a trace."""
    n, waiting, count = TRACKS.first, WAITING.first, len(sensors)
    world = World(
        rules=rules,
        sensors=sensors,
        tracks=table(layout.TRACK, n),
        spots=table(layout.SPOT, n),
        free=np.arange(n, dtype=np.int32)[::-1].copy(),
        head=np.full(BUCKETS, -1, dtype=np.int32),
        ground=table(layout.CELL, layout.LAYERS, GRID_CELLS, GRID_CELLS),
        pool=table(layout.REPORT, waiting),
        turns=table(layout.TURN, waiting),
        pool_free=np.arange(waiting, dtype=np.int32)[::-1].copy(),
        numbers=table(layout.NUMBER, ROWS.first),
        lines=table(layout.LINE, LINES),
        clues=table(layout.CLUE, CLUES),
        **sensor_tables(count),
        tally=table(layout.TALLY, 1)[0],
        work=new_work(0),
        frame=table(layout.FRAME, 1)[0],
        crew=np.zeros(crew.WORDS, dtype=np.int64),
        near=np.zeros(n, dtype=np.int32),
        meetings=table(layout.MEETING, n),
        picked=np.zeros(PLOTS.first, dtype=np.int32),
        plots=table(layout.PLOT, PLOTS.first),
        candidates=table(layout.CANDIDATE, CANDIDATES.first),
        edges=table(layout.EDGE, EDGES.first),
        joints=table(layout.JOINT, JOINTS.first),
        undo=table(layout.TRACK, n),
        undo_of=np.zeros(n, dtype=np.int32),
        saved=np.zeros(n, dtype=np.uint8),
        trace=table(layout.TRACE, TRACE.first if traced else 0),
        rows=table(layout.ROW, ROWS.first),
    )
    _begin(world)
    return world


def new_work(who: int) -> Any:
    """Work space of a thread that works a tracker's events: number 0, or of one that helps it."""
    work = table(layout.WORK, 1)[0]
    work["who"], work["step_dt"] = who, np.nan
    return work


def sensor_tables(count: int) -> dict[str, Any]:
    """The tables `OF_SENSORS`, of sensors (count,) that nothing is known of."""
    corrections, sights = table(layout.CORRECTION, count), table(layout.SIGHT, count, layout.SIGHTS)
    corrections["kept"] = 1.0
    sights["time_ns"] = layout.NEVER_NS
    return {
        "queues": _new_queues(count),
        "lists": _new_lists(count),
        "scores": _new_scores(count),
        "background": _new_background(count),
        "corrections": corrections,
        "sights": sights,
        "pairs": table(layout.PAIR, count, layout.PAIRS),
        "links": table(layout.LINK, count, layout.LINKS),
        "course": table(layout.NOTE, count, layout.COURSE),
    }


def _begin(world: World) -> None:
    """Values of an empty world that are not zero."""
    world.ground["time_ns"] = layout.NEVER_NS
    tally = world.tally
    for name in NEVER:
        tally[name] = layout.NEVER_NS
    tally["oldest_ns"], tally["broken_ns"] = layout.FAR_NS, layout.FAR_NS
    tally["tracks_free"], tally["waiting_free"] = len(world.tracks), len(world.pool)
    tally["next_uid"], tally["next_number"] = 1, 1


def _new_scores(count: int) -> Any:
    """Scores of sensors that are as described."""
    scores = table(layout.SCORE, count)
    scores["false_scale"], scores["seen_scale"], scores["variance_scale"] = 1.0, 1.0, 1.0
    return scores


def _new_background(count: int) -> Any:
    """Backgrounds of sensors that are as described."""
    background = table(layout.GROUND, count, layout.RINGS * layout.SECTORS)
    background["false_scale"], background["seen_scale"] = 1.0, 1.0
    return background


def _new_queues(count: int) -> Any:
    """Sensors of which nothing has been worked."""
    queues = table(layout.QUEUE, count)
    for name in ("look_ns", "worked_ns", "frame_ns", "looked_ns"):
        queues[name] = layout.NEVER_NS
    queues["loose"] = -1.0
    return queues


def _new_lists(count: int) -> Any:
    """Lists with nothing in them."""
    lists = table(layout.LIST, count, 2)
    lists["head"], lists["next"], lists["tail"], lists["oldest_ns"] = -1, -1, -1, layout.FAR_NS
    return lists


def doubled(array: Any, capacity: Capacity) -> Any:
    """The array with twice the rows, old rows kept, new ones zero.

    Raises:
        MemoryError: beyond the capacity's limit.
    """
    if len(array) >= capacity.most:
        raise MemoryError(f"more than {capacity.most} {capacity.what}")
    new = np.zeros((2 * len(array), *array.shape[1:]), dtype=array.dtype)
    new[: len(array)] = array
    return new.view(np.recarray) if array.dtype.names else new


def grow_tracks(world: World) -> World:
    """Twice the track rows."""
    grown = {
        name: doubled(getattr(world, name), TRACKS)
        for name in ("tracks", "spots", "near", "meetings", "undo", "undo_of", "saved")
    }
    free = more_free(world.free, int(world.tally["tracks_free"]), len(world.tracks))
    world.tally["tracks_free"] += len(world.tracks)
    return world._replace(free=free, **grown)


def grow_pool(world: World) -> World:
    """Twice the pool."""
    pool = doubled(world.pool, WAITING)  # first, so that nothing has changed where this fails
    free = more_free(world.pool_free, int(world.tally["waiting_free"]), len(world.pool))
    world.tally["waiting_free"] += len(world.pool)
    return world._replace(pool=pool, turns=doubled(world.turns, WAITING), pool_free=free)


def more_free(free: NDArray[np.int32], top: int, old: int) -> NDArray[np.int32]:
    """A stack of free rows for twice the rows: lower rows stay on top, so they are taken first."""
    more = np.zeros(2 * old, dtype=np.int32)
    more[:old] = np.arange(old, 2 * old, dtype=np.int32)[::-1]
    more[old : old + top] = free[:top]
    return more


def grow_plots(world: World) -> World:
    """Twice the reports that one frame may hold."""
    return world._replace(plots=doubled(world.plots, PLOTS), picked=doubled(world.picked, PLOTS))


def grow_edges(world: World) -> World:
    """Twice the candidates, edges, joint hypotheses and, if traced, trace rows of one frame."""
    trace = doubled(world.trace, TRACE) if len(world.trace) else world.trace
    return world._replace(
        candidates=doubled(world.candidates, CANDIDATES),
        edges=doubled(world.edges, EDGES),
        joints=doubled(world.joints, JOINTS),
        trace=trace,
    )


def grow_rows(world: World) -> World:
    """Twice the room for picture rows of one input, and for numbers given lately."""
    return world._replace(rows=doubled(world.rows, ROWS), numbers=doubled(world.numbers, ROWS))


def with_sensors(world: World, sensors: Any) -> World:
    """The world with other sensor records (S,): no fewer than before; what waits and was learnt of a row stays."""
    fresh = sensor_tables(len(sensors))
    for name, rows in fresh.items():
        rows[: len(world.sensors)] = getattr(world, name)
    return world._replace(sensors=sensors, **fresh)
