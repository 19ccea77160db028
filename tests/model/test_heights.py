"""Heights against published figures: NGA's test points of EGM96 and the table of the standard atmosphere."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lowsky.model.heights import Datum, ellipsoidal_height, geoid_undulation_m, pressure_height_m

# OUTINTPT.DAT of NGA's EGM96 interpolation package: latitude, longitude, undulation m
NGA_POINTS = [
    (38.6281550, 269.7791550, -31.628),
    (-14.6212170, 305.0211140, -2.969),
    (46.8743190, 102.4487290, -43.575),
    (-23.6174460, 133.8747120, 15.871),
    (38.6254730, 359.9995000, 50.066),
    (-0.4667440, 0.0023000, 17.329),
]
# ICAO Doc 7488: geopotential height m, pressure hPa
STANDARD_ATMOSPHERE = [(-1000, 1139.29), (0, 1013.25), (500, 954.61), (1000, 898.75), (5000, 540.20), (11000, 226.32)]


@pytest.mark.parametrize(("latitude", "longitude", "undulation"), NGA_POINTS)
def test_geoid_agrees_with_the_published_points(latitude: float, longitude: float, undulation: float) -> None:
    assert float(geoid_undulation_m(latitude, longitude)) == pytest.approx(undulation, abs=1.2)
    assert float(geoid_undulation_m(latitude, longitude - 360.0)) == pytest.approx(undulation, abs=1.2)


def test_geoid_at_the_poles_and_its_known_extremes() -> None:
    poles = geoid_undulation_m([90.0, 90.0, -90.0, -90.0], [0.0, 77.7, 0.0, -120.2])
    assert poles == pytest.approx([13.606, 13.606, -29.535, -29.535], abs=0.02)
    latitude, longitude = np.mgrid[-90:91, -180:180]
    everywhere = geoid_undulation_m(latitude, longitude)
    low, high = np.argmin(everywhere), np.argmax(everywhere)
    assert everywhere.min() == pytest.approx(-106.5, abs=0.6)  # south of India
    assert (latitude.flat[low], longitude.flat[low]) == pytest.approx((5, 79), abs=2)
    assert everywhere.max() == pytest.approx(85.0, abs=1.0)  # New Guinea
    assert (latitude.flat[high], longitude.flat[high]) == pytest.approx((-8, 147), abs=2)


@given(st.floats(-90, 90), st.sampled_from([-180.0, 0.0, 180.0, 360.0, 17.0]))
def test_geoid_has_no_seam(latitude: float, longitude: float) -> None:
    a, b = geoid_undulation_m(latitude, [longitude - 1e-7, longitude + 1e-7])
    assert a == pytest.approx(b, abs=1e-4)


def test_geoid_keeps_shape_and_missing() -> None:
    found = geoid_undulation_m(np.array([[50.0], [np.nan]]), np.array([8.0, np.nan, 9.0]))
    assert np.isnan(found).tolist() == [[False, True, False], [True, True, True]]


@pytest.mark.parametrize(("height", "pressure"), STANDARD_ATMOSPHERE)
def test_standard_atmosphere(height: float, pressure: float) -> None:
    assert float(pressure_height_m(pressure)) == pytest.approx(height, abs=0.6)


def test_qnh_moves_heights_by_its_own_height() -> None:
    """1 hPa is 8.3 m near sea level: an altimeter set to standard reads too low under high pressure."""
    ground = float(geoid_undulation_m(50.0, 8.0))
    height, sigma = ellipsoidal_height([0.0, 1000.0], 50.0, 8.0, Datum.PRESSURE, qnh_hpa=1023.25)
    assert height - ground == pytest.approx([83.0, 1083.0], abs=0.5)
    assert sigma == pytest.approx([np.hypot(8.7, 0.5), np.hypot(np.hypot(8, 43.3), 0.5)], abs=0.3)


def test_pressure_alone_says_how_little_it_knows() -> None:
    height, sigma = ellipsoidal_height(300.0, 50.0, 8.0, Datum.PRESSURE)
    assert float(height) == pytest.approx(300.0 + float(geoid_undulation_m(50.0, 8.0)))
    assert float(sigma) == pytest.approx(np.hypot(85.0, 12.0), abs=0.1)


def test_other_datums() -> None:
    height, sigma = ellipsoidal_height([120.0], [50.0], [8.0], Datum.ELLIPSOID)
    assert (height.tolist(), sigma.tolist()) == ([120.0], [0.0])
    height, sigma = ellipsoidal_height([120.0], [50.0], [8.0], Datum.TAKEOFF, takeoff_height_m=210.0)
    assert (height.tolist(), sigma.tolist()) == ([330.0], [0.0])
    height, sigma = ellipsoidal_height([0.0, np.nan], [50.0, 50.0], [8.0, 8.0], Datum.MSL)
    assert height[0] == pytest.approx(47.7, abs=1.0)
    assert np.isnan(height[1])
    assert sigma.tolist() == [0.5, 0.5]


def test_what_is_needed_is_asked_for() -> None:
    with pytest.raises(ValueError, match="height of the place of take-off"):
        ellipsoidal_height(1.0, 50.0, 8.0, Datum.TAKEOFF)
    with pytest.raises(ValueError, match=r"QNH 29\.92 hPa is not between 850 and 1100"):
        ellipsoidal_height(1.0, 50.0, 8.0, Datum.PRESSURE, qnh_hpa=29.92)
