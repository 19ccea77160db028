"""Positions carried on to their receipt: as an exact geodesic goes, and only where that makes sense."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod

from lowsky.wire.carry import carry_on

S = 1_000_000_000
WGS84 = Geod(ellps="WGS84")


def columns(latitude: float, longitude: float, east: float, north: float, **more: float) -> dict[str, np.ndarray]:
    told = {"latitude_deg": latitude, "longitude_deg": longitude, "east_mps": east, "north_mps": north}
    told |= {"sigma_position_m": 10.0, "sigma_velocity_mps": 0.5} | more
    return {name: np.array([value]) for name, value in told.items()}


def carry(told: dict[str, np.ndarray], age_s: float) -> int:
    times = np.array([0]), np.array([round(age_s * S)])
    return int(carry_on(told, *times, acceleration_mps2=0.3, limit_s=10.0)[0])


@given(st.floats(-80, 80), st.floats(-180, 180), st.floats(-30, 30), st.floats(-30, 30), st.floats(0.1, 10))
def test_it_goes_as_the_geodesic_does(lat: float, lon: float, east: float, north: float, age_s: float) -> None:
    told = columns(lat, lon, east, north)
    assert carry(told, age_s) == round(age_s * S)
    bearing, speed = np.degrees(np.arctan2(east, north)), np.hypot(east, north)
    to_lon, to_lat, _ = WGS84.fwd(lon, lat, bearing, speed * age_s)
    _, _, off_m = WGS84.inv(to_lon, to_lat, told["longitude_deg"][0], told["latitude_deg"][0])
    assert off_m < 0.1
    assert told["sigma_position_m"][0] == pytest.approx(np.sqrt(100 + (0.5 * age_s) ** 2 + (0.15 * age_s**2) ** 2))


@pytest.mark.parametrize(
    ("told", "age_s"),
    [
        (columns(51, 4, 10, 0), 11.0),
        (columns(51, 4, 10, 0), 0.0),
        (columns(51, 4, 10, 0), -1.0),
        (columns(51, 4, np.nan, 0), 1.0),
        (columns(90.5, 4, 10, 10), 1.0),
        (columns(51, 181, 10, 10), 1.0),
    ],
)
def test_what_cannot_be_carried_stays(told: dict[str, np.ndarray], age_s: float) -> None:
    before = {name: column.copy() for name, column in told.items()}
    assert carry(told, age_s) == 0
    assert all(np.array_equal(told[name], before[name], equal_nan=True) for name in told)


def test_heights_climb() -> None:
    told = columns(51, 4, 10, 0, height_m=100.0, up_mps=-2.0)
    carry(told, 3.0)
    assert told["height_m"] == pytest.approx([94.0])
