"""Outlook and places: geometry in the region's frame, whose errors count, who is left out."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from numpy.typing import NDArray

from lowsky.assess import Rules
from lowsky.assess.ground import ground_of
from lowsky.assess.habits import steadiness, steady_covariances
from lowsky.assess.outlook import Outlook, outlook
from lowsky.assess.vessels import drifts_of_places, where_places_are
from lowsky.model.notice import NoticeBatch
from lowsky.model.place import Place, Shape
from tests.assess.nights import FRAME, HARBOUR, SECOND_NS, Night, State

INTO: State = (0.0, 3000.0, 200.0, 0.0, -45.0, 0.0)
SHIP = Place("ship", "Ship", Shape.VESSEL, (), 350.0, identity="440123456")


def degrees(*points_m: tuple[float, float]) -> tuple[tuple[float, float], ...]:
    """Latitudes and longitudes of points of the region's plane, east and north m."""
    latitude, longitude, _ = FRAME.to_geodetic(np.array([[*p, 0.0] for p in points_m]))
    return tuple(zip(latitude.tolist(), longitude.tolist(), strict=True))


POLYGON = Place("polygon", "", Shape.POLYGON, degrees((-300, -200), (300, -200), (300, 250), (-300, 250)), 40.0)
CORRIDOR = Place("corridor", "", Shape.CORRIDOR, degrees((-2000, 500), (0, 500), (2000, 900)), 100.0)


def test_ground_is_where_the_places_are() -> None:
    ground = ground_of((HARBOUR, POLYGON, SHIP, CORRIDOR), FRAME)
    assert ground.first.tolist() == [0, 1, 5, 6, 8]
    assert ground.ring.tolist() == [False, True, False, False]
    assert ground.segments[0] == pytest.approx(np.zeros(4), abs=0.01)
    assert ground.segments[4] == pytest.approx([-300.0, 250.0, -300.0, -200.0], abs=0.2)
    assert ground.centre_m[1] == pytest.approx([0.0, 25.0], abs=0.2)
    assert ground.extent_m == pytest.approx([0.0, np.hypot(300, 225), 0.0, np.hypot(2000, 200)], abs=0.3)


def test_no_places_are_no_ground() -> None:
    ground = ground_of((), FRAME)
    assert (len(ground.segments), ground.first.tolist(), len(ground.radius_m)) == (0, [0], 0)


@pytest.mark.parametrize(
    ("place", "edge_m"),
    [(HARBOUR, 300.0), (POLYGON, 290.0), (CORRIDOR, 602.0)],
    ids=lambda v: v.id if isinstance(v, Place) else "",
)
def test_arrival_is_at_the_edge_of_every_shape(place: Place, edge_m: float) -> None:
    """From the north, 3,000 m from the middle; the corridor bends there, and its edge is a little further north."""
    batch: NoticeBatch = Night((place,)).fly({7: INTO}, 1)[-1]
    assert (batch.arrival_ns[0] - batch.time_ns[0]) / SECOND_NS == pytest.approx((3000.0 - edge_m) / 45.0, abs=1.0)
    assert batch.probability[0] > 0.7


def test_steady_flight_forgets_what_only_a_manoeuvre_explains() -> None:
    rules = Rules()
    covariance = np.tile(np.diag([25.0, 25.0, 100.0, 4.0, 4.0, 1.0]) + 0.5, (3, 1, 1))
    out = steady_covariances(covariance, np.array([50.0, 0.0, -50.0]), rules)
    assert out[:, :3, :3] == pytest.approx(covariance[:, :3, :3])
    assert out[0, 3, 3] == pytest.approx(rules.velocity_share**2 * 4.5)
    assert out[1, 3, 3] == pytest.approx(((1.0 + rules.velocity_share) / 2.0) ** 2 * 4.5)
    assert out[2] == pytest.approx(covariance[2])
    assert (np.linalg.eigvalsh(out) > 0.0).all()


def looked(threat: NDArray[np.float64]) -> tuple[Night, Outlook]:
    night = Night((HARBOUR, POLYGON))
    night.tick({1: INTO, 2: INTO, 3: (0.0, 9000.0, 200.0, 0.0, 45.0, 0.0)})
    state = night.state
    where, drifts = where_places_are(state, night.time_ns), drifts_of_places(state, night.time_ns)
    return night, outlook(state.tables["objects"], night.time_ns, threat, state.ground, where, drifts, state.rules)


def test_pairs_are_of_who_may_come_and_is_not_sure_to_be_harmless() -> None:
    _, seen = looked(np.array([1.0, 0.01, 1.0]))
    assert list(zip(seen.object.tolist(), seen.place.tolist(), strict=True)) == [(0, 0), (0, 1)]
    assert np.all(np.diff(seen.near, axis=1) <= 1e-12)


def test_a_doubtful_danger_weighs_less() -> None:
    _, sure = looked(np.array([1.0, 1.0, 1.0]))
    _, half = looked(np.array([1.0, 0.5, 1.0]))
    second = sure.object == 1
    assert half.near[second] == pytest.approx(0.5 * sure.near[second])
    assert half.near[~second] == pytest.approx(sure.near[~second])
    assert half.probability == pytest.approx(sure.probability)


def test_pairs_may_be_left_out() -> None:
    _, seen = looked(np.ones(3))
    rest = seen.without(seen.place == 0)
    assert set(rest.place.tolist()) == {1}
    assert len(rest.near) == len(rest.arrival_s) == len(rest.probability) == len(rest.object)
    assert seen.without(np.zeros(len(seen.object), dtype=np.bool_)) is seen


def test_a_vessel_brings_its_own_uncertainty() -> None:
    widths = []
    for place, flights in ((HARBOUR, {7: INTO}), (SHIP, {1: (0.0, 0.0, 0.0, 5.0, 0.0, 0.0), 7: INTO})):
        night = Night((dataclasses.replace(place, radius_m=300.0),))
        night.identities = ["440123456"]
        batch = night.tick(flights, identities={1: 0})
        widths.append(int(batch.late_ns[0] - batch.early_ns[0]))
    assert widths[1] > 1.1 * widths[0]


def test_what_a_vessel_does_not_say_is_reckoned_on_for_a_while() -> None:
    night = Night((SHIP,))
    night.identities = ["440123456"]
    night.tick({1: (100.0, 50.0, 0.0, 6.0, 2.0, 0.0)}, identities={1: 0})
    before = drifts_of_places(night.state, night.time_ns)
    for _ in range(20):
        night.tick({})
    assert where_places_are(night.state, night.time_ns)[0] == pytest.approx([220.0, 90.0, 6.0, 2.0])
    assert (drifts_of_places(night.state, night.time_ns)[0, 0] > before[0, 0]).all()
    assert steadiness(np.array([[0.96, 0.04, 0.0]]))[0] > 0.0
