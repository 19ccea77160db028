"""Rows of the feed from the core's picture: against geodesy done the long way, and without what is broken."""

from __future__ import annotations

import numpy as np
import pyproj
import pytest

from lowsky.model.geodesy import Frame
from lowsky.model.picture import Picture
from lowsky.model.sensor import Origin
from lowsky.serve.engine.rows import feed_table
from lowsky.serve.feed.columns import DTYPES, NO_IDENTITY

FRAME = Frame(Origin(56.0, 11.0, 0.0))


def picture_of(states: list[list[float]], **columns: object) -> Picture:
    n = len(states)
    spread = np.tile(np.diag([9.0, 4.0, 25.0, 1.0, 1.0, 1.0]), (n, 1, 1))
    values = dict(
        time_ns=np.full(n, 10**18), track=np.arange(1, n + 1), status=np.ones(n, dtype=np.uint8),
        state=np.array(states, dtype=float).reshape(n, 6), covariance=spread, existence=np.full(n, 0.99),
        model_probability=np.full((n, 3), 1 / 3), first_report_ns=np.full(n, 10**18 - 5 * 10**9),
        last_report_ns=np.full(n, 10**18 - 10**8), rcs_dbsm=np.full(n, np.nan), reports=np.full(n, 12),
        group_n=np.ones(n), identity=np.full(n, -1, dtype=np.int32), kind=np.full(n, 3, dtype=np.uint8),
    ) | columns  # fmt: skip
    return Picture(**{name: values[name] for name in Picture.__slots__})  # type: ignore[arg-type]


def test_positions_and_velocities_are_those_of_pyproj() -> None:
    states = [[1000.0, 2000.0, 300.0, 20.0, -5.0, 1.0], [-80_000.0, 60_000.0, 1500.0, -40.0, 30.0, 0.0]]
    table = feed_table(picture_of(states), FRAME)
    place = (
        f"+proj=pipeline +step +proj=cart +ellps=WGS84 +step +proj=topocentric +ellps=WGS84 +lat_0={56.0} +lon_0={11.0}"
    )
    to_enu = pyproj.Transformer.from_pipeline(place)
    for i, state in enumerate(states):
        lon, lat, height = to_enu.transform(state[0], state[1], state[2], direction="INVERSE")
        assert table["lat"][i] == pytest.approx(lat, abs=1e-9)
        assert table["lon"][i] == pytest.approx(lon, abs=1e-9)
        assert table["height_m"][i] == pytest.approx(height, abs=1e-3)
        later = np.array(state[:3]) + 0.1 * np.array(state[3:])
        lon2, lat2, height2 = to_enu.transform(later[0], later[1], later[2], direction="INVERSE")
        azimuth, _, distance = pyproj.Geod(ellps="WGS84").inv(lon, lat, lon2, lat2)
        speed = np.array([np.sin(np.radians(azimuth)), np.cos(np.radians(azimuth))]) * distance / 0.1
        scale = 1.0 + height / 6.37e6  # the geodesic runs on the ellipsoid, the object above it
        assert [table["east_mps"][i], table["north_mps"][i]] == pytest.approx(speed * scale, abs=2e-3)
        assert table["up_mps"][i] == pytest.approx((height2 - height) / 0.1, abs=2e-3)


def test_near_the_origin_the_covariance_is_as_it_was() -> None:
    table = feed_table(picture_of([[0.0, 0.0, 100.0, 0.0, 0.0, 0.0]]), FRAME)
    assert [table[n][0] for n in ("cov_ee_m2", "cov_en_m2", "cov_nn_m2")] == pytest.approx([9.0, 0.0, 4.0], abs=1e-5)
    assert table["sigma_up_m"][0] == pytest.approx(5.0)


def test_columns_have_their_types_and_unknowns() -> None:
    table = feed_table(picture_of([[0.0] * 6], identity=np.array([-1], dtype=np.int32)), FRAME)
    assert {name: column.dtype for name, column in table.items()} == DTYPES
    assert list(table) == list(DTYPES)
    assert table["identity"][0] == NO_IDENTITY
    assert np.isnan(table["rcs_dbsm"][0])
    assert table["first_report_ms"][0] == (10**18 - 5 * 10**9) / 1e6


@pytest.mark.parametrize("broken", ["state", "covariance", "existence"])
def test_rows_that_do_not_say_where_are_left_out(broken: str) -> None:
    picture = picture_of([[float(i)] * 6 for i in range(3)])
    getattr(picture, broken)[1] = np.nan
    table = feed_table(picture, FRAME)
    assert table["number"].tolist() == [1.0, 3.0]
    assert all(len(column) == 2 for column in table.values())


def test_no_rows_are_a_table_too() -> None:
    table = feed_table(picture_of([]), FRAME)
    assert all(len(column) == 0 for column in table.values())
