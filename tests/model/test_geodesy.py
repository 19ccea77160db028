"""Geodesy against pyproj (PROJ, an independent implementation), closed forms and round trips."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lowsky.model.geodesy import (
    SEMI_MAJOR_M,
    SEMI_MINOR_M,
    Frame,
    ecef_from_geodetic,
    enu_axes,
    geodetic_from_ecef,
    rotate_covariances,
    rotate_vectors,
)
from lowsky.model.sensor import Origin

pyproj = pytest.importorskip("pyproj")

PLACES = [
    Origin(37.75, 126.55, 30.0),
    Origin(-33.9, 18.4, 0.0),
    Origin(0.0, 0.0, -20.0),
    Origin(52.0, 179.99, 100.0),
    Origin(-16.5, -179.95, 0.0),
    Origin(89.7, 25.0, 10.0),
    Origin(-89.9, -120.0, 2800.0),
    Origin(90.0, 0.0, 0.0),
]


def _around(n: int, reach_m: float, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    enu = rng.uniform(-reach_m, reach_m, (n, 3))
    enu[:, 2] = rng.uniform(-500.0, 15_000.0, n) - (enu[:, :2] ** 2).sum(axis=1) / (2 * SEMI_MAJOR_M)
    return enu


@pytest.mark.parametrize("origin", PLACES)
def test_region_frame_agrees_with_proj_within_300_km(origin: Origin) -> None:
    steps = (
        f"+proj=pipeline +step +proj=cart +ellps=WGS84 +step +proj=topocentric +ellps=WGS84 "
        f"+lat_0={origin.latitude_deg} +lon_0={origin.longitude_deg} +h_0={origin.height_m}"
    )
    oracle = pyproj.Transformer.from_pipeline(steps)
    enu = _around(400, 210_000.0, 3)
    latitude, longitude, height = Frame(origin).to_geodetic(enu)
    theirs = np.stack(oracle.transform(longitude, latitude, height, radians=False), axis=-1)
    assert np.abs(theirs - enu).max() < 1e-5
    assert np.abs(Frame(origin).to_enu(latitude, longitude, height) - theirs).max() < 1e-5
    assert (longitude >= -180.0).all()
    assert (longitude < 180.0).all()


def test_ecef_agrees_with_proj_over_the_earth() -> None:
    rng = np.random.default_rng(5)
    latitude, longitude = rng.uniform(-90, 90, 2000), rng.uniform(-180, 180, 2000)
    height = rng.uniform(-10_000, 40_000_000, 2000)
    oracle = pyproj.Transformer.from_pipeline("+proj=cart +ellps=WGS84")
    theirs = np.stack(oracle.transform(longitude, latitude, height, radians=False), axis=-1)
    assert np.abs(ecef_from_geodetic(latitude, longitude, height) - theirs).max() < 1e-7


@given(st.floats(-90, 90), st.floats(-180, 179.999), st.floats(-10_000, 1_000_000))
def test_there_and_back_to_nanometres(latitude: float, longitude: float, height: float) -> None:
    there = ecef_from_geodetic(latitude, longitude, height)
    back = ecef_from_geodetic(*geodetic_from_ecef(there))
    assert np.abs(back - there).max() < 1e-8  # ten units in the last place of an earth radius
    assert float(geodetic_from_ecef(there)[2]) == pytest.approx(height, abs=5e-9)


def test_poles_equator_and_centre_have_closed_forms() -> None:
    latitude, longitude, height = geodetic_from_ecef(
        [[0.0, 0.0, SEMI_MINOR_M + 7.0], [0.0, 0.0, -SEMI_MINOR_M], [-SEMI_MAJOR_M - 5.0, 0.0, 0.0], [0.0, 0.0, 0.0]]
    )
    assert latitude.tolist()[:3] == pytest.approx([90.0, -90.0, 0.0])
    assert longitude.tolist()[:3] == [0.0, 0.0, -180.0]
    assert height[:3] == pytest.approx([7.0, 0.0, 5.0], abs=1e-8)
    assert np.isfinite([latitude[3], longitude[3], height[3]]).all()


def test_the_drop_of_the_horizon_is_the_known_one() -> None:
    """0.8 km of height at 100 km and 3.1 km at 200 km from the origin, for a point of the tangent plane."""
    height = Frame(Origin(37.75, 126.55, 0.0)).to_geodetic([[100_000.0, 0, 0], [200_000.0, 0, 0]])[2]
    assert height == pytest.approx([783.0, 3131.0], abs=10.0)


@given(st.sampled_from(PLACES), st.floats(-2e5, 2e5), st.floats(-2e5, 2e5))
def test_local_rotation_is_a_rotation_whose_up_is_the_vertical(origin: Origin, east: float, north: float) -> None:
    frame, point = Frame(origin), np.array([[east, north, 100.0]])
    rotation = frame.local_rotation(point)[0]
    assert rotation @ rotation.T == pytest.approx(np.eye(3), abs=1e-12)
    assert np.linalg.det(rotation) == pytest.approx(1.0)
    latitude, longitude, height = frame.to_geodetic(point)
    higher = frame.to_enu(latitude, longitude, height + 1000.0) - point
    assert rotate_vectors(rotation[None], higher)[0] == pytest.approx([0.0, 0.0, 1000.0], abs=1e-5)


def test_local_rotation_at_the_origin_is_identity() -> None:
    for origin in PLACES[:-1]:
        assert Frame(origin).local_rotation(np.zeros((1, 3)))[0] == pytest.approx(np.eye(3), abs=1e-9)


def test_rotation_at_a_sensor_gives_north_and_east_by_small_moves() -> None:
    frame = Frame(Origin(60.0, 10.0, 0.0))
    here, north, east = frame.to_enu([60.5, 60.5 + 1e-6, 60.5], [12.0, 12.0, 12.0 + 1e-6], [0.0, 0.0, 0.0])
    rotation = frame.rotation_at(60.5, 12.0)
    for move, axis in ((north - here, 1), (east - here, 0)):
        local = rotation @ (move / np.linalg.norm(move))
        assert local[axis] == pytest.approx(1.0, abs=1e-6)


def test_covariances_turn_as_samples_do() -> None:
    rotation = enu_axes([20.0, -70.0], [30.0, 170.0])
    root = np.random.default_rng(2).normal(size=(2, 3, 3))
    covariance = root @ np.swapaxes(root, 1, 2)
    turned = rotate_covariances(rotation, covariance)
    columns = np.stack([rotate_vectors(rotation, root[:, :, k]) for k in range(3)], axis=2)
    assert turned == pytest.approx(columns @ np.swapaxes(columns, 1, 2))
    assert (turned == np.swapaxes(turned, 1, 2)).all()
