"""The array half of the sensor model is the same model as the compiled half, and both are plain geometry."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lowsky.kernels.measurement import polar
from lowsky.kernels.sensing import detection_probability
from lowsky.model.angles import wrap_pi
from lowsky.model.geodesy import Frame
from lowsky.model.sensor import Origin, Sensor, SensorKind, Site
from lowsky.sensing import sensor_table
from lowsky.sensing.measure import in_view, measure

ORIGIN = Origin(56.0, 11.0, 40.0)
FRAME = Frame(ORIGIN)

states = st.lists(
    st.tuples(*[st.floats(-3e4, 3e4)] * 2, st.floats(-100, 3000), *[st.floats(-100, 100)] * 3), min_size=1, max_size=5
)


def _sensor(east: float, north: float, **described: float) -> Sensor:
    latitude, longitude, height = (float(v) for v in FRAME.to_geodetic([east, north, 20.0]))
    return Sensor("s", SensorKind.RADAR_3D, latitude, longitude, height, **described)  # type: ignore[arg-type]


@given(states, st.floats(-1e4, 1e4), st.floats(-1e4, 1e4))
def test_both_halves_measure_the_same(rows: list[tuple[float, ...]], east: float, north: float) -> None:
    sensor, state = _sensor(east, north), np.array(rows)
    table = sensor_table(Site((sensor,), ORIGIN))
    range_m, azimuth, elevation, rate = measure(FRAME, sensor, state[:, :3], state[:, 3:])
    for i, x in enumerate(state):
        z = np.empty(4)
        polar(table.place_m[0], table.rotation[0], x, z)
        assert range_m[i] == pytest.approx(z[0], abs=1e-6)
        assert rate[i] == pytest.approx(z[3], abs=1e-6)
        off = np.abs([wrap_pi(azimuth[i] - z[1]) * np.cos(elevation[i]), elevation[i] - z[2]])
        assert (off * range_m[i] < 1e-5).all()


def test_measurements_are_those_of_the_plain_geometry() -> None:
    """3-4-5 triangles seen from a sensor at the frame's origin."""
    origin = Sensor("o", SensorKind.RADAR_3D, 56.0, 11.0, 40.0)
    position = np.array([[3000.0, 4000.0, 0.0], [-3000.0, -4000.0, 0.0], [0.0, 100.0, 100.0]])
    velocity = np.array([[3.0, 4.0, 0.0], [3.0, 4.0, 0.0], [7.0, 0.0, 0.0]])
    range_m, azimuth, elevation, rate = measure(FRAME, origin, position, velocity)
    np.testing.assert_allclose(range_m, [5000.0, 5000.0, 100.0 * np.sqrt(2)], atol=1e-6)
    np.testing.assert_allclose(np.degrees(azimuth), [36.8698976, 216.8698976, 0.0], atol=1e-6)
    np.testing.assert_allclose(np.degrees(elevation), [0.0, 0.0, 45.0], atol=1e-6)
    np.testing.assert_allclose(rate, [5.0, -5.0, 0.0], atol=1e-9)


@given(
    st.floats(100, 9000), st.floats(0, 6.28), st.floats(-1.5, 1.5), st.floats(0, 6.28), st.floats(0.2, 6.0),
    st.floats(-1.4, -0.1), st.floats(0.1, 1.4),
)  # fmt: skip
def test_what_is_in_view_is_what_the_tracker_expects_to_be_seen(
    range_m: float, azimuth: float, elevation: float, centre: float, width: float, low: float, high: float
) -> None:
    sensor = _sensor(
        0.0, 0.0, min_range_m=500.0, max_range_m=6000.0, azimuth_centre_rad=centre, azimuth_width_rad=width,
        elevation_min_rad=low, elevation_max_rad=high, detection_probability=0.8,
    )  # fmt: skip
    table = sensor_table(Site((sensor,), ORIGIN))
    place = np.array([range_m, azimuth, elevation, 0.0])
    expected = detection_probability(table[0], place, 1e-3)
    seen = in_view(sensor, np.array([range_m]), np.array([azimuth]), np.array([elevation]))[0]
    assert expected == pytest.approx(0.8 if seen else 0.0, abs=1e-6) or 1e-6 < expected < 0.8 - 1e-6  # on an edge


def test_field_of_view_reaches_across_north_and_ends_at_its_edges() -> None:
    sensor = _sensor(0.0, 0.0, azimuth_centre_rad=0.0, azimuth_width_rad=0.5, elevation_max_rad=0.3)
    azimuth = np.array([0.2, 2 * np.pi - 0.2, 0.3, np.pi, 0.0])
    elevation = np.array([0.1, 0.1, 0.1, 0.1, 0.4])
    assert in_view(sensor, np.full(5, 100.0), azimuth, elevation).tolist() == [True, True, False, False, False]


def test_a_sensor_that_sees_all_round_has_no_gap_at_its_back() -> None:
    sensor = _sensor(0.0, 0.0, azimuth_centre_rad=1.0)
    azimuth = 1.0 + np.pi + np.linspace(-1e-15, 1e-15, 11)
    assert in_view(sensor, np.full(11, 100.0), azimuth, np.zeros(11)).all()
