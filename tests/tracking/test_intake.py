"""Reports into measurement form: sigmas, frames, what is missing, and what makes no sense."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Transformer

from lowsky.kernels.layout import PARTS
from lowsky.model.geodesy import Frame
from lowsky.model.report import ReportBatch, look_batch, report_batch
from lowsky.tracking.intake import BLOCK, look_records, report_records
from lowsky.tracking.settings import Settings
from tests.kernels.worlds import CAMERA, COOPERATIVE, ORIGIN, RADAR_2D, RADAR_3D, START_NS, small_world

FRAME, SETTINGS, SENSORS = Frame(ORIGIN), Settings(), small_world().sensors
NAN = math.nan


def _batch(sensors: list[int], **columns: list[Any]) -> ReportBatch:
    n = len(sensors)
    common: dict[str, Any] = {"sensor": sensors, "time_ns": [START_NS + k for k in range(n)]}
    common["received_ns"] = [START_NS + 100 + k for k in range(n)]
    return report_batch(n, **(common | columns))


def _records(batch: ReportBatch) -> Any:
    return report_records(batch, SENSORS, FRAME, SETTINGS)


def test_angles_and_ranges_stay_and_sigmas_are_the_reports_or_the_sensors() -> None:
    batch = _batch(
        [RADAR_3D, RADAR_3D], range_m=[1000.0, 2000.0], azimuth_rad=[0.5, 6.0], elevation_rad=[0.1, 0.2],
        range_rate_mps=[-3.0, NAN], sigma_range_m=[2.0, NAN], sigma_azimuth_rad=[NAN, 0.01],
        raw=[11, 12], identity=[-1, 4],
    )  # fmt: skip
    out = _records(batch)
    np.testing.assert_allclose(out["values"][:, :4], [[1000, 0.5, 0.1, -3.0], [2000, 6.0 - math.tau, 0.2, 0.0]])
    own = SENSORS[RADAR_3D].sigma
    np.testing.assert_allclose(np.sqrt(out["variance"][:, :4]), [[2.0, *own[1:]], [own[0], 0.01, *own[2:]]])
    assert out["parts"].tolist() == [15, 7]
    assert out["raw"].tolist() == [11, 12]
    assert out["identity"].tolist() == [-1, 4]
    assert out["time_ns"].tolist() == [START_NS, START_NS + 1]
    assert out["received_ns"].tolist() == [START_NS + 100, START_NS + 101]


@given(st.floats(-0.5, 0.5), st.floats(-0.5, 0.5), st.floats(-50, 3000))
def test_a_declared_position_stands_where_proj_puts_it(north_deg: float, east_deg: float, height_m: float) -> None:
    latitude, longitude = ORIGIN.latitude_deg + north_deg, ORIGIN.longitude_deg + east_deg
    out = _records(_batch([COOPERATIVE], latitude_deg=[latitude], longitude_deg=[longitude], height_m=[height_m]))
    proj = Transformer.from_pipeline(
        "+proj=pipeline +step +proj=unitconvert +xy_in=deg +xy_out=rad +step +proj=cart +ellps=WGS84 +step "
        f"+proj=topocentric +ellps=WGS84 +lon_0={ORIGIN.longitude_deg} +lat_0={ORIGIN.latitude_deg} "
        f"+h_0={ORIGIN.height_m}"
    )
    np.testing.assert_allclose(out["values"][0, :3], proj.transform(longitude, latitude, height_m), atol=1e-4)
    own = SENSORS[COOPERATIVE].sigma_declared
    np.testing.assert_allclose(np.sqrt(out["variance"][0, :3]), [own[0], own[0], own[1]])
    assert out["parts"][0] == 7


def test_a_declared_velocity_is_turned_from_the_objects_own_axes() -> None:
    """At 100 km the object's axes are tilted; moved on for a second it is where geodesy says."""
    latitude, longitude, height = 54.5, 11.3, 500.0
    place: dict[str, Any] = dict(latitude_deg=[latitude], longitude_deg=[longitude], height_m=[height])
    out = _records(
        _batch([COOPERATIVE], **place, east_mps=[30.0], north_mps=[-40.0], up_mps=[5.0], sigma_velocity_mps=[0.5])
    )
    radius_m = 6371000.0 + height
    north_deg, east_deg = np.degrees([-40.0 / radius_m, 30.0 / radius_m / math.cos(math.radians(latitude))])
    moved = FRAME.to_enu(latitude + north_deg, longitude + east_deg, height + 5.0)
    np.testing.assert_allclose(out["values"][0, 3:], moved - out["values"][0, :3], atol=0.3)  # sphere for ellipsoid
    assert np.linalg.norm(out["values"][0, 3:]) == pytest.approx(math.sqrt(30**2 + 40**2 + 5**2))
    assert out["parts"][0] == 63
    np.testing.assert_allclose(out["variance"][0, 3:], 0.25)


def test_missing_heights_get_the_prior_and_missing_climbs_too() -> None:
    out = _records(
        _batch(
            [COOPERATIVE], latitude_deg=[54.001], longitude_deg=[10.002], east_mps=[3.0], north_mps=[4.0],
            sigma_position_m=[2.0], sigma_height_m=[1.0],
        )
    )  # fmt: skip
    np.testing.assert_allclose(out["values"][0, :3], FRAME.to_enu(54.001, 10.002, SETTINGS.height_mean_m), atol=1e-6)
    np.testing.assert_allclose(out["variance"][0, :3], [4.0, 4.0, SETTINGS.height_sigma_m**2])
    assert out["variance"][0, 5] == pytest.approx(SETTINGS.speed_up_mps**2)
    assert abs(out["values"][0, 5]) < 0.01
    assert out["parts"][0] == 63


def test_a_declared_height_near_zero_is_a_height() -> None:
    out = _records(_batch([COOPERATIVE], latitude_deg=[54.0], longitude_deg=[10.0], height_m=[0.0]))
    assert out["values"][0, 2] == pytest.approx(-ORIGIN.height_m)
    assert out["variance"][0, 2] == pytest.approx(SENSORS[COOPERATIVE].sigma_declared[1] ** 2)


@pytest.mark.parametrize(
    ("sensor", "columns", "parts"),
    [
        (RADAR_3D, {"range_m": 1000.0, "azimuth_rad": 1.0}, 3),
        (RADAR_3D, {"range_m": 1000.0}, 0),
        (RADAR_2D, {"azimuth_rad": 1.0, "range_rate_mps": 1.0}, 0),
        (RADAR_2D, {"range_m": 1000.0, "azimuth_rad": 1.0, "range_rate_mps": 1.0}, 11),
        (CAMERA, {"azimuth_rad": 1.0, "elevation_rad": 0.1, "range_m": 9.0}, 6),
        (CAMERA, {"azimuth_rad": 1.0}, 0),
        (COOPERATIVE, {"east_mps": 1.0, "north_mps": 1.0}, 0),
        (COOPERATIVE, {"latitude_deg": 54.0}, 0),
        (COOPERATIVE, {"azimuth_rad": 1.0, "range_m": 1000.0}, 0),
    ],
)
def test_a_report_without_what_its_kind_needs_has_no_parts(sensor: int, columns: dict[str, float], parts: int) -> None:
    out = _records(_batch([sensor], **{name: [value] for name, value in columns.items()}))
    assert out["parts"][0] == parts
    assert np.isfinite(out["values"]).all()
    assert np.isfinite(out["variance"]).all()


WILD = st.sampled_from([NAN, math.inf, -math.inf, 1e300, -1e300, 0.0, -5.0, 1.0, 54.0, 300.0])
NAMES = (
    "range_m azimuth_rad elevation_rad range_rate_mps latitude_deg longitude_deg height_m east_mps north_mps up_mps "
    "sigma_range_m sigma_azimuth_rad sigma_position_m sigma_height_m sigma_velocity_mps"
).split()


@given(st.sampled_from([RADAR_3D, RADAR_2D, CAMERA, COOPERATIVE]), st.lists(WILD, min_size=15, max_size=15))
def test_nothing_that_is_no_number_gets_in(sensor: int, values: list[float]) -> None:
    """Whatever the bit mask says: parts that are there are finite and as unsure as something positive."""
    columns: dict[str, list[Any]] = {name: [value] for name, value in zip(NAMES, values, strict=True)}
    out = _records(_batch([sensor], quantities=[127], **columns))
    has = [c for c in range(PARTS) if out["parts"][0] & (1 << c)]
    assert np.isfinite(out["values"][0, has]).all()
    assert (out["variance"][0, has] > 0).all()
    assert np.isfinite(out["variance"][0, has]).all()
    assert (np.abs(out["values"][0, has]) < 1e8).all()


def test_mixed_batches_are_the_rows_one_by_one() -> None:
    rng, n = np.random.default_rng(3), 40
    sensors = rng.integers(0, 4, n)
    columns: dict[str, Any] = {
        "range_m": rng.uniform(500, 5000, n), "azimuth_rad": rng.uniform(0, 6, n),
        "elevation_rad": rng.uniform(0, 1, n), "latitude_deg": 54 + rng.uniform(-0.1, 0.1, n),
        "longitude_deg": 10 + rng.uniform(-0.1, 0.1, n),
        "east_mps": rng.normal(size=n), "north_mps": rng.normal(size=n),
    }  # fmt: skip
    batch = report_batch(n, sensor=sensors, time_ns=np.arange(n), received_ns=np.arange(n), **columns)
    whole = _records(batch)
    for k in range(n):
        one = _records(batch.take(np.array([k])))
        assert one[0].tobytes() == whole[k].tobytes()


def test_looks_are_copied() -> None:
    times = np.array([START_NS, START_NS + 5])
    out = look_records(look_batch(np.array([2, 0]), times, times + 1))
    assert out["sensor"].tolist() == [2, 0]
    assert out["time_ns"].tolist() == times.tolist()


def test_records_of_a_large_batch_are_those_of_its_parts() -> None:
    """They are filled in block by block: neither the size of a block nor where a batch is cut shows."""
    rng, n = np.random.default_rng(3), 2 * BLOCK + 77
    columns = {
        "range_m": rng.uniform(-10.0, 9e3, n), "azimuth_rad": rng.uniform(-7.0, 7.0, n),
        "elevation_rad": rng.uniform(0.0, 1.7, n), "latitude_deg": rng.uniform(37.0, 38.0, n),
        "longitude_deg": rng.uniform(126.0, 127.0, n), "sigma_range_m": np.where(rng.random(n) < 0.5, NAN, 3.0),
        "raw": np.arange(n),
    }  # fmt: skip
    sensors = rng.choice([RADAR_3D, RADAR_2D, CAMERA, COOPERATIVE], n).tolist()
    batch = _batch(sensors, **{name: column.tolist() for name, column in columns.items()})
    whole = _records(batch)
    cuts = [0, 1, BLOCK - 1, BLOCK + 500, n]
    parts = [_records(batch.take(slice(a, b))) for a, b in itertools.pairwise(cuts)]
    for name in whole.dtype.names:  # not their bytes: those between the fields are anything
        np.testing.assert_array_equal(whole[name], np.concatenate([part[name] for part in parts]))
    assert len(np.unique(whole["parts"])) > 3
