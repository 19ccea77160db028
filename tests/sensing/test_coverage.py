"""Coverage against closed forms, and against what a simulated flight over the grid was really reported."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lowsky.model.geodesy import Frame
from lowsky.model.horizon import horizon_from_degrees
from lowsky.model.sensor import Origin, Sensor, SensorKind, Site
from lowsky.sensing.coverage import Coverage, coverage, sight_m

ORIGIN = Origin(54.0, 10.0, 0.0)
RADAR = Sensor("r", SensorKind.RADAR_3D, 54.0, 10.0, 20.0, period_s=2.0, max_range_m=5000.0, detection_probability=0.5)
CAMERA = Sensor("c", SensorKind.CAMERA, 54.0, 10.0, 20.0, period_s=10.0, max_range_m=3000.0, detection_probability=0.6)
NONE = np.full(9, np.nan)


def cover(
    *sensors: Sensor, alive: tuple[bool, ...] = (True,) * 9, height_m: float = 100.0, cells: int = 41
) -> Coverage:
    """Coverage of a site of these sensors."""
    return coverage(Site(sensors, ORIGIN), alive, NONE, height_m, cells=cells)


def ranges(found: Coverage, height_m: float) -> tuple[np.ndarray, np.ndarray]:
    """Slant range m from the origin's mast and azimuth deg of the cells' middles, computed on the spot."""
    n = len(found.seen)
    latitude = found.north_deg + (np.arange(n) + 0.5) * (found.south_deg - found.north_deg) / n
    longitude = found.west_deg + (np.arange(n) + 0.5) * (found.east_deg - found.west_deg) / n
    grid = np.meshgrid(latitude, longitude, indexing="ij")
    at = Frame(ORIGIN).to_enu(grid[0].ravel(), grid[1].ravel(), np.full(n * n, height_m)) - np.array([0, 0, 20.0])
    azimuth = np.degrees(np.arctan2(at[:, 0], at[:, 1])) % 360
    return np.linalg.norm(at, axis=1).reshape(n, n), azimuth.reshape(n, n)


def test_one_radar_is_a_disc_of_the_chance_of_five_looks() -> None:
    found = cover(RADAR)
    distance, _ = ranges(found, 100.0)
    inside = np.abs(distance - 5000.0) > 5.0
    expected = np.where(distance < 5000.0, 1 - 0.5**5, 0.0)
    assert found.seen[inside] == pytest.approx(expected[inside])
    assert found.seen[0, 0] == 0.0
    assert (found.north_deg - found.south_deg) * 111_200 == pytest.approx(2 * 1.05 * 5000, rel=0.01)


def test_two_radars_miss_only_together_and_a_dead_one_counts_for_nothing() -> None:
    other = replace(RADAR, period_s=10.0)
    middle = (20, 20)
    assert cover(RADAR, other).seen[middle] == pytest.approx(1 - 0.5**6)
    assert cover(RADAR, other, alive=(False, True)).seen[middle] == pytest.approx(0.5)
    assert not cover(RADAR, alive=(False,)).seen.any()


@given(st.lists(st.floats(0.05, 0.95), min_size=1, max_size=5))
def test_cameras_place_an_object_where_two_see_it(chances: list[float]) -> None:
    cameras = [replace(CAMERA, detection_probability=p) for p in chances]
    none = math.prod(1 - p for p in chances)
    one = sum(p * math.prod(1 - q for j, q in enumerate(chances) if j != i) for i, p in enumerate(chances))
    assert cover(*cameras, cells=3).seen[1, 1] == pytest.approx(1 - none - one, abs=1e-12)


def test_what_only_hears_does_not_cover() -> None:
    kinds = (SensorKind.COOPERATIVE, SensorKind.BEARING, SensorKind.ACOUSTIC)
    found = cover(*(replace(RADAR, kind=kind) for kind in kinds))
    assert not found.seen.any()
    assert found.north_deg > found.south_deg


def test_live_detection_goes_before_the_described_one() -> None:
    site = Site((RADAR,), ORIGIN)
    assert coverage(site, [True], np.array([0.1]), 100.0, cells=3).seen[1, 1] == pytest.approx(1 - 0.9**5)
    assert coverage(site, [True], np.array([1.7]), 100.0, cells=3).seen[1, 1] == 1.0


def test_a_horizon_hides_the_low_and_not_the_high() -> None:
    horizon = horizon_from_degrees([0.0, 90.0, 90.01, 359.99], [10.0, 10.0, -90.0, -90.0])
    masked = replace(RADAR, horizon=horizon)
    low, high = cover(masked), cover(masked, height_m=3000.0)
    distance, azimuth = ranges(low, 100.0)
    east = (azimuth > 2) & (azimuth < 88) & (distance > 600) & (distance < 4900)
    west = (azimuth > 182) & (azimuth < 358) & (distance < 4900)
    assert east.any()
    assert not low.seen[east].any()
    assert (low.seen[west] > 0.9).all()
    near = ranges(high, 3000.0)[0] < 4900
    assert (high.seen[near] > 0.9).all()


def test_the_bulge_of_the_earth_hides_what_flies_low_far_away() -> None:
    far = replace(RADAR, max_range_m=50_000.0)
    found = cover(far, height_m=30.0, cells=101)
    distance, _ = ranges(found, 30.0)
    limit = sight_m(20.0, 30.0)
    assert limit == pytest.approx(4120 * (math.sqrt(20) + math.sqrt(30)), rel=1e-3)  # the rule of thumb of textbooks
    seen = found.seen > 0
    assert distance[seen].max() < limit
    assert distance[~seen].min() > limit - 1.0


@pytest.mark.parametrize("cells", [0, -1, 501])
def test_grids_have_a_size(cells: int) -> None:
    with pytest.raises(ValueError, match="cells"):
        cover(RADAR, cells=cells)
