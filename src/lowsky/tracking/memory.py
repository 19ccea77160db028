"""The tracker's memory: allocation, enlargement, saving and restoring of the tables in `kernels.layout`.

Every table starts small and doubles up to a named limit, so memory is bounded and a large site costs nothing before
it is there. Enlarging copies; nothing a kernel decides depends on a capacity.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..kernels import layout
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
WAITING = Capacity(2048, 1 << 22, "waiting reports")
LOOKS = Capacity(256, 1 << 20, "waiting looks")
PLOTS = Capacity(512, 1 << 22, "reports of a frame")
CANDIDATES = Capacity(512, 1 << 20, "candidate tracks of a frame")
EDGES = Capacity(2048, 1 << 23, "pairs of a track and a report of a frame")
JOINTS = Capacity(1024, 1 << 22, "sets of tracks of a frame")
ROWS = Capacity(8192, 1 << 23, "picture rows of one input")
TRACE = Capacity(4096, 1 << 23, "trace rows of one input")

LEARNT = ("scores", "background", "corrections", "sights", "pairs", "links", "course")
"""Tables with a row a sensor, of what was learnt of it."""
SAVED = ("tracks", "spots", "free", "head", "ground", "queues", "pool", "pool_free", "looks", "lines", "clues", *LEARNT)
"""Tables that make up the state, with `tally`; the others are given anew or are work space."""
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
        queues=table(layout.QUEUE, count),
        pool=table(layout.REPORT, waiting),
        pool_free=np.arange(waiting, dtype=np.int32)[::-1].copy(),
        looks=table(layout.LOOK, LOOKS.first),
        lines=table(layout.LINE, LINES),
        clues=table(layout.CLUE, CLUES),
        **learnt_tables(count),
        tally=table(layout.TALLY, 1)[0],
        work=table(layout.WORK, 1)[0],
        near=np.zeros(n, dtype=np.int32),
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


def learnt_tables(count: int) -> dict[str, Any]:
    """The tables `LEARNT`, of sensors (count,) that nothing is known of."""
    corrections, sights = table(layout.CORRECTION, count), table(layout.SIGHT, count, layout.SIGHTS)
    corrections["kept"] = 1.0
    sights["time_ns"] = layout.NEVER_NS
    return {
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
    _begin_queues(world.queues)
    world.work["step_dt"] = np.nan
    tally = world.tally
    for name in ("now_ns", "settled_ns", "sweep_ns", "appeared_ns", "confirm_ns", "learnt_ns", "renew_ns"):
        tally[name] = layout.NEVER_NS
    tally["oldest_ns"] = layout.FAR_NS
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


def _begin_queues(queues: Any) -> None:
    """Values of empty queues that are not zero."""
    queues["head"], queues["tail"] = -1, -1
    queues["oldest_ns"], queues["look_ns"] = layout.FAR_NS, layout.NEVER_NS
    queues["frame_ns"], queues["looked_ns"], queues["loose"] = layout.NEVER_NS, layout.NEVER_NS, -1.0


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
        name: doubled(getattr(world, name), TRACKS) for name in ("tracks", "spots", "near", "undo", "undo_of", "saved")
    }
    free = _more_free(world.free, int(world.tally["tracks_free"]), len(world.tracks))
    world.tally["tracks_free"] += len(world.tracks)
    return world._replace(free=free, **grown)


def grow_pool(world: World) -> World:
    """Twice the pool of waiting reports."""
    pool = doubled(world.pool, WAITING)  # first, so that nothing has changed where this fails
    free = _more_free(world.pool_free, int(world.tally["waiting_free"]), len(world.pool))
    world.tally["waiting_free"] += len(world.pool)
    return world._replace(pool=pool, pool_free=free)


def _more_free(free: NDArray[np.int32], top: int, old: int) -> NDArray[np.int32]:
    """A stack of free rows for twice the rows: lower rows stay on top, so they are taken first."""
    more = np.zeros(2 * old, dtype=np.int32)
    more[:old] = np.arange(old, 2 * old, dtype=np.int32)[::-1]
    more[old : old + top] = free[:top]
    return more


def grow_looks(world: World) -> World:
    """Twice the room for waiting looks."""
    return world._replace(looks=doubled(world.looks, LOOKS))


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
    """Twice the room for picture rows of one input."""
    return world._replace(rows=doubled(world.rows, ROWS))


def with_sensors(world: World, sensors: Any) -> World:
    """The world with other sensor records (S,): no fewer than before; what waits and was learnt of a row stays."""
    n, count = len(world.sensors), len(sensors)
    queues, learnt = table(layout.QUEUE, count), learnt_tables(count)
    _begin_queues(queues)
    queues[:n] = world.queues
    for name, rows in learnt.items():
        rows[:n] = getattr(world, name)
    return world._replace(sensors=sensors, queues=queues, **learnt)


def saved_tables(world: World) -> dict[str, NDArray[Any]]:
    """Copies of everything that must be kept to go on exactly: name to array."""
    out = {name: np.array(getattr(world, name)) for name in (*SAVED, "sensors")}
    out["tally"] = np.array([world.tally], dtype=layout.TALLY)
    out["rules"] = np.array([world.rules], dtype=layout.RULES)
    return out


def restored_world(world: World, tables: dict[str, NDArray[Any]]) -> World:
    """Fresh `world` of the same rules and sensors with the saved tables in it.

    Raises:
        ValueError: if a table is missing or does not fit, or if sensors or rules are not those of the saved state.
    """
    fresh = saved_tables(world)
    for name, own in fresh.items():
        if name not in tables or tables[name].dtype != own.dtype:
            raise ValueError(f"saved state does not fit: table {name!r} is missing or of another version")
    for name in GIVEN:
        _compare(name, tables[name], fresh[name])
    for field in DRAWN:
        world.sensors[field] = tables["sensors"][field]
    while len(world.tracks) < len(tables["tracks"]):
        world = grow_tracks(world)
    put = {name: _own(tables[name], fresh[name].dtype) for name in SAVED}
    return world._replace(tally=_own(tables["tally"], layout.TALLY)[0], **put)


def _compare(name: str, saved: NDArray[Any], own: NDArray[Any]) -> None:
    """Raise a ValueError that names the first difference."""
    if len(saved) != len(own):
        raise ValueError(f"saved state does not fit: it is of {len(saved)} {name}, not {len(own)}")
    for field in own.dtype.names or ():
        if field not in DRAWN and not np.array_equal(saved[field], own[field], equal_nan=True):
            raise ValueError(f"saved state does not fit: {field!r} of its {name} differs")


def _own(array: NDArray[Any], dtype: np.dtype[Any]) -> Any:
    """A copy as a table of exactly the given type: files do not keep that a type is aligned, and kernels would be
    compiled once more for another."""
    copy = np.empty(array.shape, dtype=dtype)
    copy[...] = array
    return copy.view(np.recarray) if dtype.names else copy
