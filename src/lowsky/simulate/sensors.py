"""All sensors of a scene at work on one stage: their reports and looks in order of receipt, made as time goes on.

Looks are made in order of their times, whoever asks and however often; what was made waits until it is received. So the
same scene gives the same reports to the last bit, in one piece or in thousands.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lowsky.model.geodesy import Frame
from lowsky.model.report import LookBatch, ReportBatch, look_batch, report_batch
from lowsky.model.sensor import Sensor
from lowsky.model.timebase import NS_PER_S, ns_from_s

from .air import Air
from .faults import NONE, Faults
from .flight import Traits, traits_of
from .motion import STEP_S, Bools, Floats, Motion
from .watch import VALUES, Seen, Watch
from .world import Moment, Stage, World

Longs = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Cast:
    """Who is in a recorded motion: the motion in the region's frame, what each object declares ("" for nothing) and its
    mean radar cross section in dBsm (n,)."""

    motion: Motion
    identity: tuple[str, ...]
    rcs_dbsm: Floats


@dataclass(frozen=True, slots=True)
class Observation:
    """What was reported, in order of receipt, and from which object each report came (-1: from none)."""

    reports: ReportBatch
    looks: LookBatch
    source: NDArray[np.int32]


class Crew:
    """Sensors with their faults on one stage. Each draws from a generator of its own, so one more sensor leaves the
    others' reports as they were."""

    def __init__(
        self, frame: Frame, sensors: tuple[Sensor, ...], rngs: list[np.random.Generator],
        faults: dict[str, Faults] | None = None, air: Air | None = None,
    ) -> None:  # fmt: skip
        wrong = faults or {}
        self._watches = [Watch(frame, s, rng, wrong.get(s.id, NONE), air) for s, rng in zip(sensors, rngs, strict=True)]
        self._waiting: list[tuple[int, Seen]] = []  # looks whose reports or whose own message are not received yet

    def due(self, until_s: float) -> tuple[float, int] | None:
        """Time and index of the next look, if it is not after `until_s`."""
        time_s, index = min((w.next_s, i) for i, w in enumerate(self._watches))
        return (time_s, index) if time_s <= until_s else None

    def look(self, index: int, stage: Stage) -> None:
        """Make the next look of a sensor."""
        seen = self._watches[index].look(stage)
        if seen is not None:
            self._waiting.append((index, seen))

    def received(self, start_ns: int, after_ns: int, until_ns: int) -> Observation:
        """What is received after one time and up to another, by receipt; what was received before is forgotten."""
        waiting, pieces = self._waiting, [seen for _, seen in self._waiting]
        count = [len(s) for s in pieces]
        sensor = np.repeat(np.array([i for i, _ in waiting], dtype=np.int32), count)
        stamp = start_ns + ns_from_s(np.array([s.stamp_s for s in pieces]))
        told = start_ns + ns_from_s(np.array([s.told_s for s in pieces]))
        received = start_ns + ns_from_s(np.concatenate([np.empty(0), *(s.received_s for s in pieces)]))
        rows = _between(received, after_ns, until_ns)
        values = np.concatenate([np.empty((0, len(VALUES))), *(s.values for s in pieces)])[rows]
        names = np.concatenate([np.empty(0, dtype=object), *(s.identity for s in pieces)])[rows]
        source = np.concatenate([np.empty(0, dtype=np.int64), *(s.source for s in pieces)])[rows]
        reports = _batch(values, names, sensor[rows], np.repeat(stamp, count)[rows], received[rows])
        looks = _between(told, after_ns, until_ns)
        which = np.array([i for i, _ in waiting], dtype=np.int64)[looks]
        # a look is told after the last of its reports
        self._waiting = [w for w, late in zip(waiting, told > until_ns, strict=True) if late]
        return Observation(reports, look_batch(which, stamp[looks], told[looks]), source.astype(np.int32))


def _between(received_ns: Longs, after_ns: int, until_ns: int) -> Longs:
    """Rows received after one time and up to another, by receipt; ties stay in the order of the looks."""
    rows = np.flatnonzero((received_ns > after_ns) & (received_ns <= until_ns))
    return rows[np.argsort(received_ns[rows], kind="stable")]


def _batch(
    values: Floats, names: NDArray[np.object_], sensor: NDArray[np.int32], time_ns: Longs, received_ns: Longs
) -> ReportBatch:
    """A batch of reports with a table of the identities that are in it, sorted."""
    declared = np.flatnonzero(names != "")
    table = tuple(sorted({str(name) for name in names[declared]}))
    number = {name: i for i, name in enumerate(table)}
    identity = np.full(len(names), -1, dtype=np.int32)
    identity[declared] = [number[str(name)] for name in names[declared]]
    columns = {name: values[:, i] for i, name in enumerate(VALUES)}
    return report_batch(
        len(names), table, sensor=sensor, time_ns=time_ns, received_ns=received_ns, identity=identity, **columns
    )


class Played:
    """A stage of recorded motion, in the region's frame."""

    def __init__(self, cast: Cast) -> None:
        motion = cast.motion
        self._motion, self._now_s = motion, 0.0
        self.traits: Traits = traits_of(motion.kind, cast.rcs_dbsm, list(cast.identity))
        self.number: Longs = np.arange(len(motion))

    def at(self, time_s: float) -> Moment:
        """All objects at a time of the motion."""
        self._now_s = time_s
        return Moment(*self._motion.at(time_s))

    def path(self, rows: Longs) -> tuple[Floats, Bools, int]:
        """Where objects were at each step up to the present one, and to its end."""
        steps = min(int(self._now_s / STEP_S + 1e-9), len(self._motion.alive) - 1) + 1
        past, last = self._motion.position[:steps, rows], self._motion.velocity[steps - 1, rows]
        return np.concatenate([past, (past[-1] + last * STEP_S)[None]]), self._motion.alive[:steps, rows], 0


def observe(
    frame: Frame, sensors: tuple[Sensor, ...], cast: Cast, start_ns: int, seeds: np.random.Generator,
    faults: dict[str, Faults] | None = None, air: Air | None = None,
) -> Observation:  # fmt: skip
    """Everything the sensors report of a recorded motion: looks from its beginning to before its end."""
    crew, stage = Crew(frame, sensors, seeds.spawn(len(sensors)), faults, air), Played(cast)
    before_end = np.nextafter(cast.motion.duration_s, 0.0)
    while (due := crew.due(before_end)) is not None:
        crew.look(due[1], stage)
    return crew.received(start_ns, start_ns - NS_PER_S, np.iinfo(np.int64).max)


def observe_until(crew: Crew, world: World, until_s: float) -> None:
    """Let world and sensors go on to a time, look by look."""
    while (due := crew.due(until_s)) is not None:
        world.advance(int(due[0] / STEP_S + 1e-9))
        crew.look(due[1], world)
    world.advance(int(until_s / STEP_S + 1e-9))
