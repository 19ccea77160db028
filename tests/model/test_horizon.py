"""Horizons: straight between corners round the compass, and clear words for what is not one."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lowsky.model.horizon import horizon_bins, horizon_elevation, horizon_from_degrees, horizon_from_json

degrees = st.lists(
    st.tuples(st.integers(0, 359).map(float), st.floats(-10.0, 60.0)), min_size=1, max_size=9, unique_by=lambda c: c[0]
)


@given(degrees, st.floats(-10.0, 10.0))
def test_between_corners_it_is_straight_and_it_closes(corners: list[tuple[float, float]], at_rad: float) -> None:
    azimuth, elevation = (list(column) for column in zip(*corners, strict=True))
    horizon = horizon_from_degrees(azimuth, elevation)
    seen = math.degrees(float(horizon_elevation(horizon, np.array([at_rad]))[0]))
    assert min(elevation) - 1e-9 <= seen <= max(elevation) + 1e-9
    turned = horizon_elevation(horizon, np.array([at_rad + 2 * math.pi]))
    assert math.degrees(float(turned[0])) == pytest.approx(seen, abs=1e-4)
    at_corners = np.degrees(horizon_elevation(horizon, np.radians(azimuth)))
    assert at_corners == pytest.approx(elevation, abs=1e-6)


def test_halfway_and_across_north() -> None:
    horizon = horizon_from_degrees([350.0, 10.0, 90.0], [4.0, 8.0, 0.0])
    seen = np.degrees(horizon_elevation(horizon, np.radians([0.0, 355.0, 50.0])))
    assert seen == pytest.approx([6.0, 5.0, 4.0])
    assert np.degrees(horizon_bins(horizon, 72))[[0, 71]] == pytest.approx([6.5, 5.5])


def test_no_corners_hide_nothing() -> None:
    assert (horizon_bins((), 8) == -math.pi / 2).all()
    assert horizon_from_json("") == ()


@pytest.mark.parametrize("text", [
    "nonsense", "[]", "3", "null", '{"azimuth_deg": [1]}', '{"azimuth_deg": [1], "elevation_deg": []}',
    '{"azimuth_deg": [-1], "elevation_deg": [0]}', '{"azimuth_deg": [1], "elevation_deg": [91]}',
    '{"azimuth_deg": ["x"], "elevation_deg": [1]}', '{"azimuth_deg": [NaN], "elevation_deg": [1]}',
    '{"azimuth_deg": null, "elevation_deg": [1]}',
    json.dumps({"azimuth_deg": [1] * 721, "elevation_deg": [1] * 721}),
])  # fmt: skip
def test_what_is_no_horizon_is_refused_in_words(text: str) -> None:
    with pytest.raises(ValueError, match="horizon"):
        horizon_from_json(text)
