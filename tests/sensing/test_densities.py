"""What the sensor model expects: densities integrate to the described numbers, detection ends where it is said to."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.stats import norm

from lowsky.kernels import layout, sensing
from lowsky.kernels.layout import Table
from lowsky.model.sensor import Site
from lowsky.sensing import sensor_table
from lowsky.tracking.memory import table
from tests.kernels.worlds import CAMERA, ORIGIN, RADAR_2D, RADAR_3D, Floats, report, site, small_world

UNDETECTED_M2 = 2e-7
NEAREST_M, FURTHEST_M = 3000.0, 6000.0
AREA_M2 = math.pi * (FURTHEST_M**2 - NEAREST_M**2)
WORLD = small_world()  # only its rules and copies of its sensors are used


def _midpoints(low: float, high: float, n: int) -> tuple[Floats, float]:
    width = (high - low) / n
    middles: Floats = low + width * np.arange(0.5, n)
    return middles, width


def _densities(sensor: Table, values: dict[int, float]) -> Floats:
    """Densities of false reports and new objects; the height is that over the sensor, which stands at 40 m."""
    plot = report(values, variance=1e-4)
    height = 40.0 + values[0] * math.sin(values.get(2, 0.0))
    return np.array(sensing.radar_densities(sensor, plot, UNDETECTED_M2, WORLD.rules, height))


def _over_place(sensor: Table, with_elevation: bool) -> Floats:
    """Both densities integrated over range, azimuth and, if it is measured, elevation."""
    ranges, range_step = _midpoints(NEAREST_M, FURTHEST_M, 5)
    elevations, elevation_step = _midpoints(-0.5, 0.5, 200) if with_elevation else (np.zeros(1), 1.0)
    total = np.zeros(2)
    for r in ranges:
        for elevation in elevations:
            values = {0: r, 1: 0.3} | ({2: elevation} if with_elevation else {})
            total += _densities(sensor, values) * range_step * elevation_step * 2 * math.pi
    return total


def _radar(row: int) -> Table:
    sensor = WORLD.sensors.copy()[row]
    sensor.reach_m[:] = NEAREST_M, FURTHEST_M
    return sensor


@pytest.mark.parametrize("row", [RADAR_3D, RADAR_2D])
def test_densities_integrate_to_the_numbers_described(row: int) -> None:
    sensor = _radar(row)
    false, new = _over_place(sensor, with_elevation=row == RADAR_3D)
    assert false == pytest.approx(sensor.false_plots, rel=0.01)
    assert new == pytest.approx(UNDETECTED_M2 * sensor.detection * AREA_M2, rel=0.02)


def test_range_rate_only_divides_the_density() -> None:
    sensor, place = _radar(RADAR_3D), {0: 4000.0, 1: 0.3, 2: 0.05}
    rates, step = _midpoints(-300.0, 300.0, 600)
    total = sum((_densities(sensor, place | {3: rate}) * step for rate in rates), np.zeros(2))
    np.testing.assert_allclose(total, _densities(sensor, place), rtol=2e-3)


def test_false_lines_integrate_to_their_number() -> None:
    sensor = WORLD.sensors.copy()[CAMERA]
    total = sensing.camera_false_density(sensor) * sensor.view_rad[1] * sensing.CAMERA_BAND_RAD
    assert total == pytest.approx(sensor.false_plots)
    sensor.false_plots = 0.0
    assert sensing.camera_false_density(sensor) > 0.0


@given(st.floats(-50, 50), st.floats(1, 200), st.floats(0.05, 50))
@examples(max_examples=30)
def test_blurred_box_is_a_density_and_impossible_nowhere(low: float, width: float, sigma: float) -> None:
    high, middle = low + width, low + 0.5 * width
    far = 10 * sigma + 20 * width

    def density(x: float) -> float:
        value: float = sensing.box_density(x, low, high, sigma)
        return value

    edges = [edge + k * sigma for edge in (low, high) for k in (-6, 0, 6)]
    assert quad(density, middle - far, middle + far, points=edges, limit=400)[0] == pytest.approx(1.0, abs=1e-4)
    assert density(middle - 3 * width) > 0.0
    assert density(middle) == pytest.approx(
        (norm.cdf(width / 2 / sigma) - norm.cdf(-width / 2 / sigma)) / width, abs=sensing.TAIL / width
    )


@given(st.floats(-8, 8), st.floats(-8, 8), st.floats(0.1, 9))
def test_normal_helpers_are_those_of_scipy(low: float, high: float, sigma: float) -> None:
    assert sensing.normal_share(low, high) == pytest.approx(norm.cdf(high) - norm.cdf(low), abs=1e-12)
    assert sensing.normal_density(low, sigma) == pytest.approx(norm.pdf(low, scale=sigma), rel=1e-12)


@given(st.floats(10, 9000), st.floats(0.1, 800))
def test_detection_ends_at_the_reach_as_far_as_the_place_is_known(range_m: float, sigma_m: float) -> None:
    sensor = _radar(RADAR_3D)
    got = sensing.detection_probability(sensor, np.array([range_m, 1.0, 0.1, 0.0]), sigma_m)
    inside = norm.cdf((FURTHEST_M - range_m) / sigma_m) - norm.cdf((NEAREST_M - range_m) / sigma_m)
    assert got == pytest.approx(sensor.detection * inside, abs=0.003)


def _towards(sensor: Table, sigma_m: float = 1.0) -> Callable[[float, float], float]:
    def detection(azimuth: float, elevation: float) -> float:
        place = np.array([4000.0, azimuth, elevation, 0.0])
        return float(sensing.detection_probability(sensor, place, sigma_m) / sensor.detection)

    return detection


def test_field_of_view_has_edges_also_across_south() -> None:
    sensor = table(layout.SENSOR, 1)[0]
    sensor.reach_m[:], sensor.detection = (0.0, FURTHEST_M), 0.8
    sensor.view_rad[:] = math.pi, 1.0, 0.0, 0.5  # south, a radian wide
    seen = _towards(sensor)
    for azimuth in (math.pi, -math.pi, math.pi - 0.49, -math.pi + 0.49):
        assert seen(azimuth, 0.2) == pytest.approx(1.0)
    for azimuth, elevation in ((0.0, 0.2), (math.pi - 0.51, 0.2), (-math.pi + 0.51, 0.2), (3.0, -0.01), (3.0, 0.51)):
        assert seen(azimuth, elevation) == pytest.approx(0.0, abs=1e-6)
    for azimuth, elevation in ((math.pi - 0.5, 0.2), (-math.pi + 0.5, 0.2), (3.0, 0.0), (3.0, 0.5)):
        assert seen(azimuth, elevation) == pytest.approx(0.5, abs=1e-6)
    assert 0.1 < _towards(sensor, 400.0)(math.pi - 0.55, 0.2) < 0.5  # it may well be within


def test_a_view_all_round_has_no_edge() -> None:
    seen = _towards(_radar(RADAR_3D), 50.0)
    for azimuth in np.linspace(-math.pi, math.pi, 17):
        assert seen(azimuth, 0.3) == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("cut", "all_round"),
    [
        ({}, True),
        ({"azimuth_width_rad": 6.0}, False),
        ({"elevation_min_rad": -1.0}, False),
        ({"elevation_max_rad": 1.0}, False),
        ({"azimuth_centre_rad": 2.0}, True),
    ],
)
def test_only_a_view_of_the_whole_sphere_is_all_round(cut: dict[str, float], all_round: bool) -> None:
    sensor = replace(site().sensors[RADAR_3D], **cut)  # type: ignore[arg-type]
    row = sensor_table(Site((sensor,), ORIGIN))[0]
    assert bool(row.all_round) == all_round
    seen = sensing.detection_probability(row, np.array([1000.0, 3.1, -1.2, 0.0]), 1.0)
    assert seen == pytest.approx(row.detection if all_round or "elevation_max_rad" in cut else 0.0, abs=1e-6)
