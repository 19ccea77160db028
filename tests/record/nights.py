"""Small recordings for the tests: the simulator's small scene, cut as live input is, with places and actions."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import numpy as np

from lowsky.core import Changes, CoreInput, CoreState, new_state, step
from lowsky.model.action import Action, ActionKind
from lowsky.model.place import Place, Shape
from lowsky.model.timebase import NS_PER_S
from lowsky.record import Limits, Recorder, Setup, begin_recording
from lowsky.record.merging import divided, own_table
from tests.core.scenes import Scene, small

TICK_NS = 200_000_000
PLACES = (Place("pier", "Pier 4", Shape.POINT, ((56.0, 11.0),), 900.0),)
QUICK = Limits(sync_s=0.05, checkpoint_s=7.0, segment_s=15.0, sample_s=5.0, numbers=10, hold_s=30.0)


@lru_cache(maxsize=4)
def night(seed: int = 1) -> Scene:
    """The small scene with ticks as live."""
    scene = small(seed)
    ticks_ns = scene.start_ns + np.arange(1, 201, dtype=np.int64) * TICK_NS
    rows = np.arange(len(scene.reports), dtype=np.int64)
    return replace(scene, reports=replace(scene.reports, raw=rows), ticks_ns=ticks_ns)


def setup_of(scene: Scene) -> Setup:
    """What the core of a scene is set up with."""
    return Setup(scene.site, None, PLACES)


def actions_of(scene: Scene) -> tuple[Action, ...]:
    """Somebody says what an object is, takes it back, acknowledges, and switches the drill on and off."""
    told = (
        (11.3, ActionKind.SET_KIND, 2, "bird"),
        *((17.05, ActionKind.ACKNOWLEDGE, number, "") for number in range(1, 10)),
        (19.1, ActionKind.SET_KIND, 2, ""),
        (21.0, ActionKind.DRILL, 0, "on"),
        (23.0, ActionKind.DRILL, 0, "off"),
    )
    return tuple(Action(scene.start_ns + round(t * NS_PER_S), k, n, v, "officer") for t, k, n, v in told)


def whole(scene: Scene) -> CoreInput:
    """The scene as one input."""
    return CoreInput(scene.reports, scene.looks, scene.ticks_ns, actions_of(scene))


def cut_every(scene: Scene, lengths_ns: list[int]) -> list[CoreInput]:
    """The scene cut into inputs of the given lengths, over and over; each report batch with a table of its own."""
    rest, at_ns = whole(scene), scene.start_ns
    parts: list[CoreInput] = []
    end_ns = int(scene.ticks_ns[-1]) + NS_PER_S
    while at_ns < end_ns:
        at_ns += lengths_ns[len(parts) % len(lengths_ns)]
        part, rest = divided(rest, at_ns)
        parts.append(replace(part, reports=own_table(part.reports)))
    return parts


@dataclass(slots=True)
class Night:
    """A recording, what was seen while it was made, and the core's state at its end."""

    folder: Path
    scene: Scene
    seen: list[Changes]
    state: CoreState
    recorder: Recorder


def record(
    folder: Path, scene: Scene | None = None, lengths_ns: list[int] | None = None, limits: Limits = QUICK,
    until_s: float = 1e6, close: bool = True,
) -> Night:  # fmt: skip
    """Record a scene (by default the night) in inputs of 0.1 s or of the given lengths, up to some time."""
    scene = scene or night()
    recorder = begin_recording(folder, setup_of(scene), scene.start_ns, limits, "test").recorder
    seen = []
    for given in cut_every(scene, lengths_ns or [100_000_000]):
        if len(given.ticks_ns) and given.ticks_ns[0] > scene.start_ns + until_s * NS_PER_S:
            break
        changes, sequence = recorder.step(given)
        assert recorder.ready(sequence, 30.0)
        seen.append(changes)
    if close:
        recorder.close()
    return Night(folder, scene, seen, recorder.state, recorder)


@lru_cache(maxsize=2)
def at_once(seed: int = 1) -> tuple[CoreState, Changes]:
    """The night stepped as one input, never recorded: what every replay must come to."""
    scene = night(seed)
    return step(new_state(scene.site, None, PLACES), whole(scene))
