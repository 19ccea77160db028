"""The night at Norrhavn: who comes, where vessels may be, what the raid reaches, what is wrong, and the chart."""

from __future__ import annotations

import json
from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray

from lowsky.model.geodesy import Frame
from lowsky.model.kinds import Kind
from lowsky.model.place import Shape
from lowsky.model.sensor import SensorKind
from lowsky.model.timebase import NS_PER_S
from lowsky.simulate import LiveScene
from lowsky.simulate.harbour import ACT_S, AIR, DEMO_S, HARBOUR, chart, shipping
from lowsky.simulate.harbour.shipping import FERRY_IDENTITY
from lowsky.simulate.live import START_NS, Truth
from lowsky.simulate.sensors import Observation
from lowsky.simulate.world import World
from tests.simulate.flights import record

FRAME = Frame(chart.GROUND)


def inside(points: NDArray[np.float64], ring: list[tuple[float, float]]) -> NDArray[np.bool_]:
    """Which points (n, 2) are within a ring, by the even-odd rule."""
    at, found = np.array(ring), np.zeros(len(points), dtype=np.bool_)
    for (x0, y0), (x1, y1) in zip(at, np.roll(at, -1, axis=0), strict=True):
        crosses = (y0 > points[:, 1]) != (y1 > points[:, 1])
        with np.errstate(divide="ignore", invalid="ignore"):
            found ^= crosses & (points[:, 0] < (x1 - x0) * (points[:, 1] - y0) / (y1 - y0) + x0)
    return found


@dataclass(frozen=True)
class Demo:
    """Ten minutes: the scene, what was received, and the truth each second."""

    scene: LiveScene
    seen: Observation
    truth: list[Truth]

    def paths(self, kind: Kind) -> dict[int, NDArray[np.float64]]:
        """Of each object of a kind its second, east and north (t, 3)."""
        rows: dict[int, list[NDArray[np.float64]]] = {}
        for second, truth in enumerate(self.truth):
            at = FRAME.to_enu(truth.latitude_deg, truth.longitude_deg, truth.height_m)
            for i in np.flatnonzero(truth.kind == kind):
                rows.setdefault(int(truth.number[i]), []).append(np.array([second, at[i, 0], at[i, 1]]))
        return {number: np.array(path) for number, path in rows.items()}


@pytest.fixture(scope="module")
def demo() -> Demo:
    scene, truth = LiveScene("harbour", 1), []
    for second in range(round(DEMO_S) + 1):
        scene.step(START_NS + second * NS_PER_S)
        truth.append(scene.truth(START_NS + second * NS_PER_S))
    return Demo(scene, scene.observe(START_NS + round(DEMO_S * NS_PER_S)), truth)


def afloat(where: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which points (n, 2) are in the water and not in a mole."""
    wet = where[:, 0] < chart.SHORE_SLOPE * where[:, 1]
    wet |= inside(where, chart.DOCK) | inside(where, chart.FISHING_DOCK)
    for mole in (chart.NORTH_MOLE, chart.SOUTH_MOLE):
        wet &= ~inside(where, chart.strip(mole, chart.MOLE_WIDTH_M))
    return wet


@pytest.fixture(scope="module")
def round_trip() -> NDArray[np.float64]:
    """Where the ferry is each second for forty minutes (t, 2)."""
    ferry = record(shipping.ferry(np.random.default_rng(1)), 22_800)
    return ferry.position[::10, 0, :2]


def test_vessels_stay_in_the_water(round_trip: NDArray[np.float64], demo: Demo) -> None:
    assert afloat(round_trip).all()
    vessels = demo.paths(Kind.VESSEL)
    assert len(vessels) >= 13
    for path in vessels.values():
        assert afloat(path[:, 1:]).all()


def test_the_ferry_goes_out_and_comes_back_to_its_berth(round_trip: NDArray[np.float64]) -> None:
    off = np.hypot(*(round_trip - chart.BERTH).T)
    assert off[0] < 1.0
    assert off.max() > 5000.0
    assert off[np.argmax(off) :].min() < 60.0
    through = np.hypot(*(round_trip - chart.ENTRANCE).T) < 60.0
    assert np.diff(np.flatnonzero(through)).max() > 300  # out, and minutes later in again


def test_the_raid_reaches_harbour_plant_line_and_ferry(demo: Demo) -> None:
    drones = list(demo.paths(Kind.FIXED_WING).values())
    ferry = demo.paths(Kind.VESSEL)[0]
    assert min(path[0, 0] for path in drones) >= 110  # nothing before
    ended = [path for path in drones if path[-1, 0] < DEMO_S]
    ends = np.array([path[-1, 1:] for path in ended])
    by_ferry = np.hypot(*(ends - ferry[[int(p[-1, 0]) for p in ended], 1:]).T) < 400.0
    assert inside(ends, chart.HARBOUR_AREA).sum() >= 6
    assert (np.hypot(*(ends - chart.PLANT).T) < 450.0).sum() >= 5
    assert by_ferry.sum() >= 5
    assert (np.hypot(*(ends - chart.POWER_LINE[1]).T) < 300.0).sum() >= 2
    passing = [path for path in drones if path[-1, 0] == DEMO_S]
    assert len(passing) == 5
    assert max(path[:, 1].max() for path in passing) < -4000.0


@pytest.mark.parametrize("seed", [1, 6])
def test_sixty_to_a_hundred_and_thirty_objects_an_hour_of_every_kind(seed: int) -> None:
    world = World(HARBOUR.script(AIR), ACT_S, seed)
    assert 60 <= world.traits.body.sum() <= 130
    assert {Kind(k) for k in world.traits.kind[world.traits.body]} == set(Kind)
    assert (~world.traits.body).sum() == 1


def test_the_next_hour_is_another_one_and_the_ferry_stays() -> None:
    world = World(HARBOUR.script(AIR), 2.0, 4)  # an act of two seconds
    first = world.number[world.traits.identity == FERRY_IDENTITY].tolist()
    names = set(world.traits.identity.tolist())
    for act in range(1, 4):
        world.advance(act * 20 + 1)
    assert world.number[world.traits.identity == FERRY_IDENTITY].tolist() == first
    assert len(set(world.traits.identity.tolist()) - names) > 10


def test_ten_sensors_of_every_kind_but_posts_report(demo: Demo) -> None:
    scene, seen = demo.scene, demo.seen
    assert 8 <= len(scene.site.sensors) <= 10
    assert {s.kind for s in scene.site.sensors} == set(SensorKind) - {SensorKind.POST}
    counts = np.bincount(seen.reports.sensor, minlength=len(scene.site.sensors))
    assert counts.min() > 50
    looks = np.bincount(seen.looks.sensor, minlength=len(scene.site.sensors))
    assert (looks * [s.period_s for s in scene.site.sensors]).min() > DEMO_S - 65.0


def test_objects_are_seen_in_the_first_seconds(demo: Demo) -> None:
    seen = demo.seen
    soon = seen.reports.received_ns < START_NS + 2 * NS_PER_S
    assert len(set(seen.source[soon].tolist()) - {-1}) > 15


def test_the_plants_radar_is_silent_for_its_minute(demo: Demo) -> None:
    scene, seen = demo.scene, demo.seen
    index = [s.id for s in scene.site.sensors].index("radar-plant")
    looked = (seen.looks.time_ns[seen.looks.sensor == index] - START_NS) / NS_PER_S
    gap = np.argmax(np.diff(looked))
    assert looked[gap] == pytest.approx(400.0, abs=1.0)
    assert looked[gap + 1] == pytest.approx(460.0, abs=1.0)


def test_a_false_remote_id_is_heard_where_nothing_is(demo: Demo) -> None:
    scene, seen = demo.scene, demo.seen
    index = [s.id for s in scene.site.sensors].index("remote-id")
    mine = (seen.reports.sensor == index) & (seen.source == -1)
    assert mine.sum() > 100
    heard_s = (seen.reports.time_ns[mine] - START_NS) / NS_PER_S
    assert 178.0 < heard_s.min() < heard_s.max() < 482.0
    assert len(set(seen.reports.identity[mine].tolist())) == 1


def test_the_camera_is_described_better_than_it_is(demo: Demo) -> None:
    scene = demo.scene
    said = next(s for s in scene.site.sensors if s.id == "camera-quay")
    true = next(s for s in scene.true_sensors if s.id == "camera-quay")
    assert said.detection_probability > true.detection_probability


def test_places_are_of_every_shape_and_match_the_ground(demo: Demo) -> None:
    scene = demo.scene
    places = {p.shape: p for p in scene.places}
    assert set(places) == set(Shape)
    assert places[Shape.VESSEL].identity == FERRY_IDENTITY
    ring = [tuple(FRAME.to_enu(lat, lon, chart.GROUND.height_m)[:2]) for lat, lon in places[Shape.POLYGON].points_deg]
    inner = np.array([chart.BERTH, chart.ENTRANCE, chart.DOCK[1], chart.FISHING_DOCK[2]])
    assert inside(inner, ring).all()


def test_the_overlay_is_geojson_with_closed_rings_round_the_right_way(demo: Demo) -> None:
    scene = demo.scene
    overlay = json.loads(json.dumps(scene.overlay))
    assert overlay["type"] == "FeatureCollection"
    classes = set()
    for feature in overlay["features"]:
        shape, points = feature["geometry"]["type"], feature["geometry"]["coordinates"]
        classes.add(feature["properties"]["class"])
        assert shape in ("Polygon", "LineString")
        if shape == "Polygon":
            ring = np.array(points[0])
            assert (ring[0] == ring[-1]).all()
            assert np.sum(ring[:-1, 0] * ring[1:, 1] - ring[1:, 0] * ring[:-1, 1]) > 0
        at = np.array(points[0] if shape == "Polygon" else points)
        assert np.abs(at - [chart.LONGITUDE_DEG, chart.LATITUDE_DEG]).max() < 0.25
    assert {"quay", "breakwater", "water", "runway", "building", "fairway"} <= classes


def test_built_things_stand_on_land_and_moles_in_the_sea() -> None:
    blocks = np.array([corner for block in chart.town_blocks() for corner in block])
    assert (blocks[:, 0] > chart.SHORE_SLOPE * blocks[:, 1] + 100.0).all()
    for dock in (chart.DOCK, chart.FISHING_DOCK):
        assert not inside(blocks, dock).any()
    moles = np.array(chart.NORTH_MOLE[1:] + chart.SOUTH_MOLE[1:])
    assert (moles[:, 0] < -100.0).all()
    gap = np.hypot(*np.subtract(chart.NORTH_MOLE[-1], chart.SOUTH_MOLE[-1]))
    assert 150.0 < gap < 400.0
