"""UTM against PROJ: to less than a micrometre, in the zone of a place and in those beside it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import CRS, Geod, Proj, Transformer

from lowsky.wire.sapient.utm import geodetic_from_utm, natural_zone, parse_zone, utm_from_geodetic


@pytest.mark.parametrize("south", [False, True])
@pytest.mark.parametrize("zone", [1, 30, 34, 60])
def test_utm_equals_proj(zone: int, south: bool) -> None:
    rng = np.random.default_rng(zone + 100 * south)
    latitude = rng.uniform(-80.0, 0.0, 500) if south else rng.uniform(0.0, 84.0, 500)
    longitude = (6.0 * zone - 183.0 + rng.uniform(-9.0, 9.0, 500) + 180.0) % 360.0 - 180.0
    utm = CRS.from_epsg((32700 if south else 32600) + zone)
    there = Transformer.from_crs("EPSG:4326", utm, always_xy=True)
    expected = there.transform(longitude, latitude)
    easting, northing, convergence = utm_from_geodetic(latitude, longitude, zone, south)
    np.testing.assert_allclose([easting, northing], expected, rtol=0.0, atol=1e-6)
    back = geodetic_from_utm(easting, northing, zone, south)
    _, _, metres = Geod(ellps="WGS84").inv(longitude, latitude, back[1], back[0])
    assert np.max(metres) < 1e-6
    np.testing.assert_allclose(back[2], convergence, atol=1e-12)


def test_convergence_is_the_direction_of_grid_north() -> None:
    factors = Proj(proj="utm", zone=34, ellps="WGS84").get_factors([19.0, 24.0, 18.66], [54.0, 50.0, 54.35])
    _, _, convergence = utm_from_geodetic([54.0, 50.0, 54.35], [19.0, 24.0, 18.66], 34, False)
    np.testing.assert_allclose(np.degrees(convergence), factors.meridian_convergence, atol=1e-9)


@pytest.mark.parametrize(
    ("text", "south", "expected"),
    [
        ("30U", False, (30, False)),
        ("30N", False, (30, False)),
        ("30N", True, (30, False)),
        ("30n", False, (30, False)),
        ("7M", False, (7, True)),
        ("07C", False, (7, True)),
        ("56S", True, (56, True)),
        ("56S", False, (56, False)),
        ("34", False, (34, False)),
        ("34", True, (34, True)),
        (" 34 U ", False, (34, False)),
        ("0U", False, None),
        ("61U", False, None),
        ("30I", False, None),
        ("30O", False, None),
        ("30Z", False, None),
        ("", False, None),
        ("30UU", False, None),
        ("U30", False, None),
    ],
)
def test_zones(text: str, south: bool, expected: tuple[int, bool] | None) -> None:
    assert parse_zone(text, south) == expected


@given(longitude=st.floats(-180.0, 359.9))
def test_a_place_lies_in_its_natural_zone(longitude: float) -> None:
    zone = natural_zone(longitude)
    assert 1 <= zone <= 60
    assert abs((longitude - (6 * zone - 183) + 180.0) % 360.0 - 180.0) <= 3.0 + 1e-9


@given(text=st.text(max_size=8))
def test_no_text_breaks_the_reader_of_zones(text: str) -> None:
    found = parse_zone(text)
    assert found is None or 1 <= found[0] <= 60
