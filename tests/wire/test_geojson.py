"""GeoJSON as RFC 7946 has it: rings, heights, ellipses that hold what they promise."""

from __future__ import annotations

import itertools
import json
import math
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lowsky.model.bearing import Bearing
from lowsky.model.geodesy import Frame
from lowsky.model.heights import geoid_undulation_m
from lowsky.model.picture import Status
from lowsky.model.place import Place, Shape
from lowsky.model.sensor import Origin, Sensor, SensorKind
from lowsky.wire.geojson import (
    SIGMAS,
    bearing_features,
    collection,
    object_features,
    place_features,
    uncertainty_features,
)
from lowsky.wire.objects import ObjectRecord, ellipse_of, iso, object_records
from tests.airs import air

FINDER = Sensor("finder", SensorKind.BEARING, 56.0, 11.0, 50.0, max_range_m=5000.0)


def area(ring: list[list[float]]) -> float:
    return 0.5 * sum(a[0] * b[1] - b[0] * a[1] for a, b in itertools.pairwise(ring))


def test_an_object_is_a_point_with_its_height_and_its_record() -> None:
    rows = air([7], identity=["F00001"], level=2, kind=1, kind_probability=0.8)
    document = json.loads(collection(object_features(rows, True), rows.time_ns, True))
    assert set(document) == {"type", "time", "drill", "features"}
    assert (document["time"], document["drill"]) == ("2023-11-14T22:13:20.000Z", True)
    (feature,) = document["features"]
    assert feature["id"] == 7
    assert feature["geometry"] == {"type": "Point", "coordinates": [11.0, 56.0, 120.0]}
    told = feature["properties"]
    assert (told["what"], told["identity"], told["level"]) == ("object", "F00001", "warning")
    assert (told["kind"], told["kind_probability"], told["drill"]) == ("multirotor", 0.8, True)
    assert (told["speed_mps"], told["course_deg"]) == (15.0, 126.9)
    assert told["height_m"] - told["height_msl_m"] == pytest.approx(float(geoid_undulation_m(56.0, 11.0)), abs=0.11)
    assert told["rcs_dbsm"] is None
    assert told["last_report"] == "2023-11-14T22:13:19.700Z"


def test_records_fit_their_own_schema() -> None:
    rows = air([1, 2], status=[Status.COASTING, Status.ENDED], velocity_mps=[(0.0, 0.0, 0.0), (1.0, 1.0, 0.0)])
    text = msgspec.json.encode(object_records(rows, False))
    records = msgspec.json.decode(text, type=list[ObjectRecord], strict=True)
    assert [r.status for r in records] == ["coasting", "ended"]
    assert [r.course_deg for r in records] == [None, 45.0]


def test_what_has_ended_is_not_drawn() -> None:
    rows = air([1, 2], status=[Status.CONFIRMED, Status.ENDED])
    assert [f["id"] for f in object_features(rows, False)] == [1]
    assert len(uncertainty_features(rows)) == 1


@given(
    st.floats(0.5, 300.0), st.floats(0.5, 300.0), st.floats(-0.99, 0.99), st.floats(-80.0, 80.0), st.floats(-180, 180)
)
def test_the_ellipse_is_the_covariance_s(east_m: float, north_m: float, rho: float, lat: float, lon: float) -> None:
    covariance = np.eye(6)
    covariance[:2, :2] = [[east_m**2, rho * east_m * north_m], [rho * east_m * north_m, north_m**2]]
    rows = air([1], covariance=covariance, latitude_deg=lat, longitude_deg=lon, height_m=0.0)
    major, minor, _ = ellipse_of(rows.covariance)
    np.testing.assert_allclose(
        np.linalg.eigvalsh(covariance[:2, :2]), [minor[0] ** 2, major[0] ** 2], rtol=1e-6, atol=1e-6 * major[0] ** 2
    )
    (feature,) = uncertainty_features(rows)
    ring = feature["geometry"]["coordinates"][0]
    assert ring[0] == ring[-1]
    assert area(ring) > 0.0
    points = np.array(ring)
    enu = Frame(Origin(lat, lon, 0.0)).to_enu(points[:, 1], points[:, 0], 0.0)[:, :2]
    mahalanobis = np.sqrt(np.einsum("ki,ij,kj->k", enu, np.linalg.inv(covariance[:2, :2]), enu))
    # seven digits of a degree are a centimetre, which along a thin ellipse's short axis is more than nothing
    np.testing.assert_allclose(mahalanobis, SIGMAS, rtol=2e-3, atol=0.02 / minor[0])


def test_ninety_five_of_a_hundred_are_inside() -> None:
    rng = np.random.default_rng(1)
    assert (np.hypot(*rng.normal(size=(2, 100_000))) < SIGMAS).mean() == pytest.approx(0.95, abs=0.003)


def ring_of(feature: dict[str, Any]) -> list[list[float]]:
    ring: list[list[float]] = feature["geometry"]["coordinates"][0]
    return ring


def test_places_of_every_shape() -> None:
    point = Place("pier", "Pier", Shape.POINT, ((56.0, 11.0),), 300.0)
    clockwise = Place("yard", "", Shape.POLYGON, ((56.0, 11.0), (56.1, 11.0), (56.1, 11.1), (56.0, 11.1)), 0.0)
    lane = Place("lane", "", Shape.CORRIDOR, ((56.0, 179.9), (56.0, -179.9)), 100.0)
    ship = Place("ship", "", Shape.VESSEL, (), 200.0, identity="200000001")
    features = place_features([(point, None), (clockwise, None), (lane, None), (ship, (56.0, 11.0)), (ship, None)])
    circle, polygon, line, moving, unseen = features
    longitude, latitude = np.array(ring_of(circle)).T
    east, north, _ = Frame(Origin(56.0, 11.0, 0.0)).to_enu(latitude, longitude, 0.0).T
    np.testing.assert_allclose(np.hypot(east, north), 300.0, atol=0.05)
    for feature in (circle, polygon, moving):
        assert ring_of(feature)[0] == ring_of(feature)[-1]
        assert area(ring_of(feature)) > 0.0
    assert len(ring_of(polygon)) == 5
    assert line["geometry"]["coordinates"] == [[179.9, 56.0], [180.1, 56.0]]
    assert unseen["geometry"] is None
    assert unseen["properties"]["identity"] == "200000001"
    assert polygon["properties"]["name"] == "yard"


def test_a_direction_is_a_line_from_its_sensor() -> None:
    heard = Bearing(0, 1_700_000_000_000_000_000, 1_700_000_000_100_000_000, math.radians(30.0), math.radians(2.0))
    (feature,) = bearing_features([heard], [FINDER])
    points = np.array(feature["geometry"]["coordinates"])
    assert points[0].tolist() == [11.0, 56.0]
    east, north, _ = Frame(Origin(56.0, 11.0, 50.0)).to_enu(points[-1, 1], points[-1, 0], 50.0)
    assert math.degrees(math.atan2(east, north)) == pytest.approx(30.0, abs=0.01)
    assert math.hypot(east, north) == pytest.approx(5000.0, abs=2.0)
    assert feature["properties"] == {
        "what": "bearing", "sensor": "finder", "time": "2023-11-14T22:13:20.000Z", "azimuth_deg": 30.0,
        "sigma_deg": 2.0,
    }  # fmt: skip


def test_an_empty_sky_is_a_document_too() -> None:
    assert json.loads(collection([], 0, False)) == {
        "type": "FeatureCollection", "time": None, "drill": False, "features": [],
    }  # fmt: skip
    assert object_features(air([]), False) == []
    assert uncertainty_features(air([])) == []


def test_times_are_cut_not_rounded() -> None:
    assert iso([1_700_000_000_999_999_999]) == ["2023-11-14T22:13:20.999Z"]
