"""What is told of lasting errors, and that it outlives a restart."""

from __future__ import annotations

import numpy as np

from lowsky.core.registered import registration_of
from lowsky.kernels import errors, layout
from lowsky.kernels.correction import put_place
from lowsky.tracking.history import begin_history, restored_world, saved_tables
from lowsky.tracking.memory import new_world
from tests.kernels.site_of_sights import S, Sights

GOOD = [0.0] * layout.ERRORS


def displaced() -> Sights:
    """A site with one displaced sensor, long enough to be found."""
    site = Sights([GOOD, [0.0] * 5 + [70.0, -45.0], GOOD])
    site.run(40)
    return site


def test_a_displaced_sensor_is_told_with_its_history() -> None:
    site = displaced()
    told = registration_of(site.world)
    assert list(told.displaced) == [False, True, False]
    assert list(told.in_force) == [False, True, False]
    assert told.known.all()
    course = told.courses[1]
    assert (np.diff(course.time_ns) >= 0).all()
    assert {"corrected", "displaced"} <= set(course.event)


def test_it_is_copied_only_when_it_was_renewed() -> None:
    site = displaced()
    told = registration_of(site.world)
    assert registration_of(site.world, told) is told
    site.run(2)
    assert registration_of(site.world, told) is not told


def test_a_history_forgets_its_oldest_notes_only() -> None:
    site = Sights([GOOD, GOOD])
    table = site.world.corrections
    for k in range(layout.COURSE + 5):
        row = site.world.course[0, int(table["next_note"][0])]
        row["time_ns"], row["event"] = k * S, errors.NOTHING
        table["next_note"][0] = (table["next_note"][0] + 1) % layout.COURSE
        table["notes"][0] = min(table["notes"][0] + 1, layout.COURSE)
    course = registration_of(site.world).courses[0]
    assert course.time_ns.tolist() == [k * S for k in range(5, layout.COURSE + 5)]


def test_what_was_learnt_is_kept_over_a_restart() -> None:
    site = displaced()
    world, fresh = site.world, Sights([GOOD, GOOD, GOOD]).world
    saved = saved_tables(world, begin_history(world))
    again, _ = restored_world(new_world(fresh.rules, fresh.sensors, False), saved)
    for name in ("corrections", "links", "pairs", "sights", "course"):
        kept, was = getattr(again, name), getattr(world, name)
        assert all((kept[field] == was[field]).all() for field in was.dtype.names if was[field].dtype.names is None)
    put_place(again, 1)
    assert (again.sensors["place_m"] == world.sensors["place_m"]).all()
    assert again.corrections["in_force"][1]
