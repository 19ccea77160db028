"""Going back: snapshots of the tracker's state at fixed times of validity, and saving and restoring of all of it.

A snapshot is a copy of the tables that make up the state (`memory.SAVED`) and of what of the tally belongs to it. Main
ones, at every multiple of MAIN_NS, are kept from `settled_lag_s` before the newest of them on, so there is always one
from which a report that may still come can be worked in. What was received since the oldest is in the pool, so it and
the pool say everything: that is what is saved, and a restored tracker works the last seconds again.

The snapshots of the seconds between are there to go back less far, where something has come late in the last minute.
From which one goes back changes nothing of what follows, so nothing else goes by them: what is kept and saved must not
show when it was that something came late, or a restored state would not save what the one it came from does.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..kernels import layout, pool, timeline
from ..kernels.layout import World
from ..model.timebase import NS_PER_S
from . import memory
from .memory import DRAWN, GIVEN, OF_TRACKS, RECEIVED, SAVED, grow_pool, grow_rows, grow_tracks, more_free

Tables = dict[str, NDArray[Any]]
STATE_FIELDS = tuple(name for name in layout.TALLY.names or () if name not in RECEIVED)
NOT_SAVED = ("horizon_ns", "dense_ns", "behind", "waiting_free", "sorted", "previewing", "saved", "rows", "traced")
"""Of what was received: what follows from the rest, or is of no more use."""
KEPT = {"reports": pool.REPORTS, "looks": pool.LOOKS}


@dataclass(slots=True, eq=False)
class Snapshot:
    """The state when all that is valid before `label_ns` had been worked, and nothing else."""

    label_ns: int
    tables: Tables


@dataclass(slots=True)
class History:
    """Snapshots, the oldest first; never none."""

    snapshots: list[Snapshot]
    spare: list[Tables] = field(default_factory=list)  # memory of former ones, to be written into again
    rebuilds: int = 0
    settled_ns: int = layout.NEVER_NS  # up to which snapshots have been given as settled

    def settling(self, world: World) -> list[Snapshot]:
        """The snapshots that no report can change any more when the one is taken that is due; each once."""
        until_ns = int(world.tally["label_ns"]) - int(world.rules["window_ns"])
        found = [s for s in self.snapshots if self.settled_ns < s.label_ns <= until_ns]
        self.settled_ns = max(self.settled_ns, until_ns)
        return found

    def take(self, world: World) -> None:
        """Keep a snapshot; forget those that nobody goes back to any more, and what was received before."""
        label_ns, window_ns = int(world.tally["label_ns"]), int(world.rules["window_ns"])
        self.snapshots.append(Snapshot(label_ns, copied(world, self.spare.pop() if self.spare else {})))
        until_ns = label_ns - window_ns
        if is_main(label_ns):
            self._keep(self.snapshots[self._oldest(until_ns) :])
            oldest = self.snapshots[0]
            world.tally["horizon_ns"] = oldest.label_ns
            pool.forget(world, oldest.tables["queues"].view(np.recarray))
            keep_numbers(world, oldest.label_ns)
        after_ns = [s.label_ns for s in self.snapshots[1:]] + [layout.FAR_NS]
        pairs = list(zip(self.snapshots, after_ns, strict=True))
        self._keep([s for s, next_ns in pairs if s is self.snapshots[0] or is_main(s.label_ns) or next_ns > until_ns])

    def _oldest(self, until_ns: int) -> int:
        """Index of the newest main snapshot that is not younger than a time; the first of all counts as one."""
        labels = [s.label_ns for s in self.snapshots]
        return max(k for k, label in enumerate(labels) if k == 0 or (is_main(label) and label <= until_ns))

    def _keep(self, kept: list[Snapshot]) -> None:
        """Keep these snapshots; the memory of the others is used again."""
        self.spare += [s.tables for s in self.snapshots if s not in kept]
        self.snapshots = kept

    def go_back(self, world: World) -> None:
        """Make the world what it was before what broke the order, with all that was received since waiting."""
        span_ns, broken_ns = int(world.rules["frame_ns"]), int(world.tally["broken_ns"])
        while len(self.snapshots) > 1 and self.snapshots[-1].label_ns + span_ns > broken_ns:
            self.spare.append(self.snapshots.pop().tables)
        self.rebuilds += 1
        put_back(world, self.snapshots[-1].tables)
        world.tally["broken_ns"] = layout.FAR_NS
        keep_numbers(world, self.snapshots[0].label_ns)
        timeline.go_on_again(world)

    def with_sensors(self, before: World, world: World) -> None:
        """The sensors were described anew: all that may still be worked again is worked with the new description."""
        for snapshot in self.snapshots:
            ground = np.asarray(memory.table(layout.CELL, *world.ground.shape))
            ground["time_ns"] = layout.NEVER_NS
            np.copyto(looked_at(before._replace(ground=ground)), snapshot.tables["ground"])
            snapshot.tables["ground"] = np.array(looked_at(world._replace(ground=ground)))
            for name, rows in memory.sensor_tables(len(world.sensors)).items():
                if name not in SAVED:
                    continue
                now = np.asarray(rows)
                now[: len(snapshot.tables[name])] = snapshot.tables[name]
                snapshot.tables[name] = now
        self.spare.clear()
        self.work_again(world)

    def work_again(self, world: World) -> None:
        """Let the next tick work everything again that is kept."""
        world.tally["broken_ns"] = min(int(world.tally["broken_ns"]), self.snapshots[0].label_ns)


def is_main(label_ns: int) -> bool:
    """Is a snapshot of this time one of those that are always taken?"""
    return label_ns % timeline.MAIN_NS == 0


def begin_history(world: World) -> History:
    """The history of a world in which nothing has been worked."""
    return History([Snapshot(layout.NEVER_NS, copied(world, {}))])


def copied(world: World, into: Tables) -> Tables:
    """Copies of the tables of the state, in the memory of others where it fits; of tracks the rows ever used."""
    out: Tables = {}
    for name in SAVED:
        whole = np.asarray(looked_at(world) if name == "ground" else getattr(world, name))
        room = into[name].base if name in into else None
        if room is None or room.shape != whole.shape:
            room = np.empty_like(whole)
        out[name] = room[: int(world.tally["highest"])] if name in OF_TRACKS else room[:]
        np.copyto(plain(out[name]), plain(whole[: len(out[name])]))
    stale_ns = int(world.tally["label_ns"]) - int(world.rules["line_age_ns"]) - NS_PER_S
    blank = np.zeros(1, dtype=layout.LINE)
    blank["time_ns"] = layout.NEVER_NS
    stale = out["lines"]["time_ns"] < max(stale_ns, layout.NEVER_NS + 1)  # what ticks left there, too
    plain(out["lines"])[stale] = plain(blank)
    out["tally"] = np.array([world.tally], dtype=layout.TALLY)
    return out


def plain(table: NDArray[Any]) -> NDArray[Any]:
    """The same memory, of which numpy copies a row as so many bytes and not field by field."""
    return table.view(np.dtype((np.void, table.dtype.itemsize)))


def looked_at(world: World) -> NDArray[Any]:
    """The part of the ground that any sensor may ever look at, and two cells more; the rest stays as it began."""
    cell_m, cells = float(world.rules["cell_m"]), world.ground.shape[1]
    place, reach = world.sensors["stated_m"][:, :2], world.sensors["reach_m"][:, 1:]
    low = np.floor((place - reach) / cell_m).min(axis=0, initial=0.0) + cells // 2 - 2
    high = np.floor((place + reach) / cell_m).max(axis=0, initial=0.0) + cells // 2 + 3
    east, north = (slice(*np.clip((low[k], high[k]), 0, cells).astype(int).tolist()) for k in range(2))
    return np.asarray(world.ground[:, east, north])


def put_back(world: World, tables: Tables) -> None:
    """Write the tables of a snapshot into the world, whose tables may have grown since."""
    highest = int(world.tally["highest"])
    for name in OF_TRACKS:
        rows, before = getattr(world, name), tables[name]
        plain(np.asarray(rows))[: len(before)] = plain(before)
        rows[len(before) : highest] = np.zeros(1, dtype=rows.dtype)  # they were not yet used then
    for name in STATE_FIELDS:
        world.tally[name] = tables["tally"][name][0]
    free, top = tables["free"], int(world.tally["tracks_free"])
    while len(free) < len(world.free):
        free, top = more_free(free, top, len(free)), top + len(free)
    world.free[:] = free
    world.tally["tracks_free"] = top
    for name in SAVED:
        if name not in (*OF_TRACKS, "free"):
            whole = np.asarray(looked_at(world) if name == "ground" else getattr(world, name))
            np.copyto(plain(whole), plain(tables[name]))


def keep_numbers(world: World, since_ns: int) -> None:
    """Forget the numbers that were given before every snapshot; sort the others by birth."""
    numbers = world.numbers[: int(world.tally["numbered"])]
    kept = numbers[numbers["given_ns"] >= since_ns]
    kept["order"] = np.argsort(kept["birth"], kind="stable")
    world.numbers[: len(kept)] = kept
    world.tally["numbered"] = world.tally["sorted"] = len(kept)


def give_known(tracks: NDArray[Any], numbers: NDArray[Any]) -> None:
    """Give the tracks of a snapshot that have no number the one that their births were given after it was taken."""
    order = np.argsort(numbers["birth"], kind="stable")
    births = numbers["birth"][order]
    rows = np.flatnonzero((tracks["used"] == 1) & (tracks["number"] == 0))
    places = np.searchsorted(births, tracks["birth"][rows])
    found = places < len(births)
    found[found] = births[places[found]] == tracks["birth"][rows[found]]
    tracks["number"][rows[found]] = numbers["number"][order[places[found]]]


def kept(world: World, column: int) -> NDArray[Any]:
    """A copy of the kept reports, or looks, list by list in order."""
    rows = np.empty(len(world.pool), dtype=np.int32)
    return np.asarray(world.pool[rows[: pool.kept_rows(world, column, rows)]])


def saved_tables(world: World, history: History) -> Tables:
    """Copies of everything that must be kept to go on exactly: name to array."""
    oldest = history.snapshots[0].tables
    out = {name: np.array(oldest[name]) for name in SAVED}
    out["ground"] = np.array(world.ground)
    np.copyto(looked_at(world._replace(ground=out["ground"])), oldest["ground"])
    tally = np.array([world.tally], dtype=layout.TALLY)
    for name in STATE_FIELDS:
        tally[name] = oldest["tally"][name]
    for name in NOT_SAVED:
        tally[name] = 0
    numbers = np.array(world.numbers[: int(world.tally["numbered"])])
    numbers["order"] = 0
    give_known(out["tracks"], numbers)
    out |= {name: kept(world, column) for name, column in KEPT.items()}
    rules = np.array([world.rules], dtype=layout.RULES)
    return {**out, "numbers": numbers, "tally": tally, "rules": rules, "sensors": np.array(world.sensors)}


def restored_world(world: World, tables: Tables) -> tuple[World, History]:
    """Fresh `world` of the same rules and sensors with the saved tables in it, and its history.

    Raises:
        ValueError: if a table is missing or does not fit, or if sensors or rules are not those of the saved state.
    """
    fresh = saved_tables(world, begin_history(world))
    for name, own in fresh.items():
        if name not in tables or tables[name].dtype != own.dtype:
            raise ValueError(f"saved state does not fit: table {name!r} is missing or of another version")
    for name in GIVEN:
        _compare(name, tables[name], fresh[name])
    for name in DRAWN:
        world.sensors[name] = tables["sensors"][name]
    while len(world.tracks) < len(tables["free"]):
        world = grow_tracks(world)
    while len(world.pool) <= len(tables["reports"]) + len(tables["looks"]):
        world = grow_pool(world)
    while len(world.numbers) < len(tables["numbers"]):
        world = grow_rows(world)
    snapshot = {name: _own(tables[name], fresh[name].dtype) for name in (*SAVED, "tally")}
    world.ground[:] = snapshot["ground"]
    snapshot["ground"] = np.array(looked_at(world._replace(ground=snapshot["ground"])))
    for name in RECEIVED:
        if name not in NOT_SAVED:
            world.tally[name] = snapshot["tally"][name][0]
    put_back(world, snapshot)
    world.tally["horizon_ns"] = snapshot["tally"]["label_ns"][0]
    world.numbers[: len(tables["numbers"])] = tables["numbers"]
    for name, column in KEPT.items():
        pool.refill(world, _own(tables[name], layout.REPORT), column)
    history = History([Snapshot(int(snapshot["tally"]["label_ns"][0]), snapshot)])
    keep_numbers(world, history.snapshots[0].label_ns)
    timeline.go_on_again(world)
    return world, history


def _compare(name: str, saved: NDArray[Any], own: NDArray[Any]) -> None:
    """Raise a ValueError that names the first difference."""
    if len(saved) != len(own):
        raise ValueError(f"saved state does not fit: it is of {len(saved)} {name}, not {len(own)}")
    for field_ in own.dtype.names or ():
        if field_ not in DRAWN and not np.array_equal(saved[field_], own[field_], equal_nan=True):
            raise ValueError(f"saved state does not fit: {field_!r} of its {name} differs")


def _own(array: NDArray[Any], dtype: np.dtype[Any]) -> Any:
    """A copy as a table of exactly the given type: files do not keep that a type is aligned, and kernels would be
    compiled once more for another."""
    copy = np.empty(array.shape, dtype=dtype)
    copy[...] = array
    return copy.view(np.recarray) if dtype.names else copy
