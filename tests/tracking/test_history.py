"""Snapshots hold what changes and no more; their memory is used again; going back gives the state as it was."""

from __future__ import annotations

import numpy as np

from lowsky.kernels.layout import NEVER_NS
from lowsky.tracking.history import begin_history, copied, looked_at, put_back
from lowsky.tracking.memory import SAVED
from tests.core.scenes import run, small
from tests.kernels.worlds import add_track, small_world


def test_the_ground_that_is_not_copied_stays_as_it_began() -> None:
    world = run(small()).state.world
    assert (np.asarray(looked_at(world))["time_ns"] != NEVER_NS).any()
    ground = world.ground.copy()
    looked_at(world._replace(ground=ground))["time_ns"] = NEVER_NS
    assert (ground["time_ns"] == NEVER_NS).all()
    assert looked_at(world).nbytes < world.ground.nbytes / 4


def test_what_is_put_back_is_what_was_copied() -> None:
    world = small_world()
    for k in range(3):
        add_track(world, np.full(6, 100.0 * k))
    snapshot = copied(world, {})
    before = {name: np.array(getattr(world, name)) for name in SAVED if name != "lines"}
    for k in range(4):  # one of them in a row that was not used then
        add_track(world, np.full(6, 1000.0 * k))
    world.tracks["x"][:7] += 1.0
    world.ground[:, 128, 128]["density"] = 7.0
    world.tally.next_number = 9
    put_back(world, snapshot)
    for name, table in before.items():
        np.testing.assert_array_equal(np.asarray(getattr(world, name)), table, err_msg=name)
    assert (world.tally.tracks, world.tally.highest, world.tally.next_number) == (3, 3, 9)


def test_memory_of_former_snapshots_is_used_again() -> None:
    world = small_world()
    add_track(world, np.zeros(6))
    first = copied(world, {})
    room = {name: first[name].base for name in SAVED}
    add_track(world, np.ones(6))
    again = copied(world, first)
    assert all(again[name].base is room[name] for name in SAVED)
    assert len(again["tracks"]) == 2
    assert begin_history(world).snapshots[0].label_ns == NEVER_NS
