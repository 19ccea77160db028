"""However many threads share the work of a frame, and whether they come at all: the same picture, the same state."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import numpy as np
import pytest

from lowsky.core import CoreState, hands, new_state, picture_hash, restore_state, save_state
from lowsky.kernels import crew
from lowsky.model.sensor import SensorKind
from lowsky.model.timebase import NS_PER_S
from tests.core.scenes import Flight, Ran, Scene, camera, cut, fly, go_on, radar, receiver, sensor, tables_equal

pytestmark = pytest.mark.compiled  # plain Python has no words that threads may share
SPAN_S = 12


@lru_cache(maxsize=1)
def crowd() -> Scene:
    """Sixty objects before two radars, a camera, a direction finder, a microphone and a receiver, a fifth of all
    reports up to two seconds late."""
    rng = np.random.default_rng(7)
    places, speeds = rng.uniform(-3000.0, 3000.0, (60, 2)), rng.normal(0.0, 20.0, (60, 2))
    flights = [
        Flight((*p, 80.0 + 10.0 * k), (*v, 0.0), f"id-{k}" if k % 4 == 0 else "")
        for k, (p, v) in enumerate(zip(places.tolist(), speeds.tolist(), strict=True))
    ]
    sensors = (
        radar("west", -2000.0, resolution_range_m=60.0, resolution_azimuth_rad=0.03),
        radar("east", 2500.0, 400.0, false_plots_per_scan=60.0),
        camera("eye", 0.0, -800.0),
        sensor("finder", SensorKind.BEARING, 500.0, 2500.0, max_range_m=8000.0, sigma_azimuth_rad=0.02),
        sensor("ear", SensorKind.ACOUSTIC, -700.0, 300.0, max_range_m=2500.0, sigma_azimuth_rad=0.05),
        receiver(),
    )
    scene = fly(sensors, flights, float(SPAN_S), 3)
    late_ns = np.where(rng.random(len(scene.reports)) < 0.2, rng.uniform(0.0, 2e9, len(scene.reports)), 0.0)
    reports = replace(scene.reports, received_ns=scene.reports.received_ns + late_ns.astype(np.int64))
    return replace(scene, reports=reports.take(np.argsort(reports.received_ns, kind="stable")))


@pytest.fixture(autouse=True)
def _always(monkeypatch: pytest.MonkeyPatch) -> None:
    """Helpers are called however little there is to do."""
    monkeypatch.setattr(hands, "TRACKS", 0)
    monkeypatch.setattr(hands, "EVENTS", 0)


def begun(threads: int) -> CoreState:
    """A new core with settled pictures on so many threads."""
    state = new_state(crowd().site)
    state.threads, state.settling = threads, True
    return state


def ran(threads: int, every_s: int = 3) -> Ran:
    """The crowd in pieces on so many threads."""
    cuts = [crowd().start_ns + k * NS_PER_S for k in range(1, SPAN_S, every_s)]
    return go_on(begun(threads), cut(crowd(), cuts))


@pytest.fixture(scope="module")
def alone() -> Ran:
    """The crowd on one thread."""
    return ran(1)


def settled(ran: Ran) -> list[str]:
    """Hashes of the settled pictures."""
    return [picture_hash(change.settled) for change in ran.changes]


def jobs(state: CoreState) -> int:
    """How many jobs were offered to helpers."""
    return int(state.world.crew[crew.TAKEN]) >> crew.PARTS


@pytest.mark.parametrize("threads", [2, 3, 8, 50])
def test_threads_do_not_show(alone: Ran, threads: int) -> None:
    together = ran(threads)
    assert jobs(alone.state) == 0
    assert jobs(together.state) > 0
    assert len(alone.numbers) > 40
    assert (together.hash, together.counts) == (alone.hash, alone.counts)
    assert settled(together) == settled(alone)
    assert tables_equal(save_state(together.state), save_state(alone.state))


def test_a_state_goes_on_with_other_threads(alone: Ran) -> None:
    first, second = cut(crowd(), [crowd().start_ns + 5 * NS_PER_S])
    before = go_on(begun(3), [first])
    state = restore_state(crowd().site, None, (), None, save_state(before.state))
    assert state.threads == 1
    state.threads = 2
    state.settling = True
    after = go_on(state, [second])
    assert after.counts == alone.counts
    assert tables_equal(save_state(after.state), save_state(alone.state))


def test_helpers_have_gone_when_the_step_is_over() -> None:
    state = ran(4).state
    assert state.world.crew[crew.HANDS] == 0
    assert state.world.crew[crew.STOP] == 1


def test_nobody_is_called_for_little(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hands, "EVENTS", 10**9)
    assert jobs(ran(4).state) == 0


def test_what_a_helper_raises_is_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(world: object) -> None:
        raise MemoryError("no more")

    monkeypatch.setattr(hands, "_help", fail)
    with pytest.raises(MemoryError, match="no more"):
        ran(2)
