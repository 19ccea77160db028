"""Places and directions against PROJ, and there and back again."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Transformer

from lowsky.model.sensor import Sensor, SensorKind
from lowsky.wire.sapient.positions import (
    DEGREES,
    RADIANS,
    UTM,
    Directions,
    Places,
    directions_of,
    placed_from,
    places_of,
    seen_from,
)
from lowsky.wire.sapient.utm import utm_from_geodetic

SENSOR = Sensor("radar", SensorKind.RADAR_3D, 54.35, 18.66, 40.0)
NAN = float("nan")


def one(xyz: tuple[float, ...], errors: tuple[float, ...], system: int, zone: int = 0, unit: str = "auto") -> Places:
    return places_of(
        np.array([xyz]),
        np.array([errors]),
        np.array([system]),
        np.array([zone]),
        np.array([False]),
        unit,  # type: ignore[arg-type]
    )


def test_the_three_coordinate_systems_tell_one_place() -> None:
    easting, northing, _ = utm_from_geodetic(54.37, 18.6, 34, False)
    for xyz, system, zone in [
        ((18.6, 54.37, 100.0), DEGREES, 0),
        ((np.radians(18.6), np.radians(54.37), 100.0), RADIANS, 0),
        ((float(easting), float(northing), 100.0), UTM, 34),
    ]:
        places = one(xyz, (NAN, NAN, NAN), system, zone)
        np.testing.assert_allclose([places.latitude_deg[0], places.longitude_deg[0]], [54.37, 18.6], atol=1e-12)
        assert places.height_m[0] == 100.0


@pytest.mark.parametrize(
    ("xyz", "zone"), [((318720.0, 6e6, 0.0), 0), ((9e6, 6e6, 0.0), 34), ((5e5, -1.0, 0.0), 34), ((5e5, 2e7, 0.0), 34)]
)
def test_utm_without_zone_or_far_out_of_it_is_no_place(xyz: tuple[float, ...], zone: int) -> None:
    assert np.isnan(one(xyz, (NAN, NAN, NAN), UTM, zone).latitude_deg[0])


@pytest.mark.parametrize(
    ("system", "unit", "error", "metres"),
    [
        (DEGREES, "auto", 10.0, 10.0),
        (DEGREES, "auto", 0.5, 0.5),
        (DEGREES, "auto", 0.0001, 11.1),
        (DEGREES, "metres", 0.0001, 0.0001),
        (DEGREES, "coordinates", 0.02, 2220.0),
        (RADIANS, "auto", 10.0, 10.0),
        (RADIANS, "auto", 1e-6, 1e-6 * 180 / np.pi * 111_000),
        (UTM, "coordinates", 12.0, 12.0),
    ],
)
def test_errors_of_places_are_metres_or_degrees(system: int, unit: str, error: float, metres: float) -> None:
    xyz = (500_000.0, 6e6, 0.0) if system == UTM else (0.0, 0.0, 0.0)
    places = one(xyz, (NAN, error, 5.0), system, 31, unit)
    assert places.variance_north_m2[0] ** 0.5 == pytest.approx(metres, rel=1e-9)
    assert places.sigma_height_m[0] == 5.0


def test_an_error_of_a_grid_is_turned_by_its_convergence() -> None:
    easting, northing, turn = utm_from_geodetic(70.0, 24.0, 34, False)  # 3 degrees off the middle, far north
    places = one((float(easting), float(northing), 0.0), (100.0, 1.0, NAN), UTM, 34)
    assert places.variance_north_m2[0] == pytest.approx((100 * np.sin(turn)) ** 2 + np.cos(turn) ** 2)
    assert places.sigma_m[0] == pytest.approx(np.sqrt((100**2 + 1) / 2))


def test_what_is_seen_equals_proj() -> None:
    rng = np.random.default_rng(3)
    latitude, longitude = 54.35 + rng.uniform(-0.3, 0.3, 200), 18.66 + rng.uniform(-0.5, 0.5, 200)
    height = rng.uniform(0.0, 5000.0, 200)
    nothing = np.full(200, NAN)
    seen = seen_from(SENSOR, Places(latitude, longitude, height, nothing, nothing, nothing), height)
    pipeline = (
        "+proj=pipeline +step +proj=unitconvert +xy_in=deg +xy_out=rad +step +proj=cart +ellps=WGS84 "
        f"+step +proj=topocentric +ellps=WGS84 +lon_0={SENSOR.longitude_deg} +lat_0={SENSOR.latitude_deg} "
        f"+h_0={SENSOR.height_m}"
    )
    east, north, up = Transformer.from_pipeline(pipeline).transform(longitude, latitude, height)
    np.testing.assert_allclose(seen.range_m, np.sqrt(east**2 + north**2 + up**2), atol=1e-6)
    np.testing.assert_allclose(np.sin(seen.azimuth_rad - np.arctan2(east, north)), 0.0, atol=1e-11)
    np.testing.assert_allclose(seen.elevation_rad, np.arctan2(up, np.hypot(east, north)), atol=1e-11)


@given(
    azimuth=st.floats(0.0, 6.28), elevation=st.floats(-0.5, 1.5), range_m=st.floats(1.0, 1e5), sigma=st.floats(0.1, 100)
)
def test_a_direction_placed_is_seen_as_it_was(azimuth: float, elevation: float, range_m: float, sigma: float) -> None:
    angle = sigma * 1e-4
    was = Directions(*(np.array([v]) for v in (range_m, azimuth, elevation, sigma, angle, angle)))
    places = placed_from(SENSOR, was)
    seen = seen_from(SENSOR, places, places.height_m)
    assert seen.range_m[0] == pytest.approx(range_m, abs=1e-6)
    assert np.sin(seen.azimuth_rad[0] - azimuth) == pytest.approx(0.0, abs=1e-6 / (range_m * np.cos(elevation)))
    assert seen.elevation_rad[0] == pytest.approx(elevation, abs=1e-8 + 1e-8 / range_m)


def test_errors_seen_from_a_sensor_are_those_of_a_simulation() -> None:
    rng = np.random.default_rng(5)
    n, sigmas = 20_000, np.array([30.0, 10.0, 20.0])
    at = placed_from(SENSOR, Directions(*(np.array([v]) for v in (3000.0, 0.7, 0.3, NAN, NAN, NAN))))
    metre = np.array([1 / (111_320 * np.cos(np.radians(54.35))), 1 / 111_320])
    off = rng.normal(size=(n, 3)) * sigmas
    drawn = seen_from(
        SENSOR,
        Places(
            *(at.latitude_deg + off[:, 1] * metre[1], at.longitude_deg + off[:, 0] * metre[0]), *[np.full(n, NAN)] * 4
        ),
        at.height_m + off[:, 2],
    )
    at.variance_east_m2, at.variance_north_m2, at.sigma_height_m = (np.array([v]) for v in (900.0, 100.0, 20.0))
    told = seen_from(SENSOR, at, at.height_m)
    assert told.sigma_range_m[0] == pytest.approx(np.std(drawn.range_m), rel=0.03)
    assert told.sigma_azimuth_rad[0] == pytest.approx(np.std(drawn.azimuth_rad), rel=0.03)
    assert told.sigma_elevation_rad[0] == pytest.approx(np.std(drawn.elevation_rad), rel=0.03)


def test_a_place_straight_above_has_an_azimuth_of_no_worth() -> None:
    above = Places(*(np.array([v]) for v in (SENSOR.latitude_deg, SENSOR.longitude_deg, 1000.0, 25.0, 25.0, 5.0)))
    seen = seen_from(SENSOR, above, above.height_m)
    assert seen.sigma_azimuth_rad[0] == np.pi
    assert seen.elevation_rad[0] == pytest.approx(np.pi / 2)


def test_a_place_without_height_has_no_elevation() -> None:
    low = Places(*(np.array([v]) for v in (54.37, 18.6, NAN, 25.0, 25.0, NAN)))
    seen = seen_from(SENSOR, low, low.height_m)
    assert np.isnan(seen.elevation_rad[0])
    assert seen.range_m[0] == pytest.approx(4480.0, abs=20.0)


@pytest.mark.parametrize(
    ("system", "values", "expected"),
    [
        (1, (10.0, 350.0, 2000.0), (2000.0, 350.0, 10.0)),
        (2, (np.radians(10.0), np.radians(350.0), 2000.0), (2000.0, 350.0, 10.0)),
        (3, (10.0, -10.0, 2.0), (2000.0, 350.0, 10.0)),
        (4, (np.radians(10.0), np.radians(-10.0), 2.0), (2000.0, 350.0, 10.0)),
    ],
)
def test_the_four_unit_systems_of_directions(
    system: int, values: tuple[float, float, float], expected: tuple[float, float, float]
) -> None:
    seen = directions_of(np.array([values]), np.array([values]), np.array([system]), np.zeros(1))
    found = (seen.range_m[0], np.degrees(seen.azimuth_rad[0]), np.degrees(seen.elevation_rad[0]))
    np.testing.assert_allclose(found, expected, rtol=1e-12)
    assert seen.sigma_range_m[0] == pytest.approx(2000.0)
    turned = directions_of(np.array([values]), np.array([values]), np.array([system]), np.radians([20.0]))
    assert np.degrees(turned.azimuth_rad[0]) == pytest.approx(10.0)
