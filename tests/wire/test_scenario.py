"""Scenario folders: what is in them comes out, in an order that no file decides, and bad rows cost only themselves."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lowsky.model.errors import InputError
from lowsky.model.report import REPORT_COLUMNS, Quantity, ReportBatch
from lowsky.wire.table import read_scenario
from tests.wire.tables import RADAR, SHIP, T0, folder, plots, save


def same(a: ReportBatch, b: ReportBatch, but: tuple[str, ...] = ()) -> bool:
    """Whether two batches hold the same reports (NaN equal to NaN)."""
    return a.identities == b.identities and all(
        np.array_equal(getattr(a, n), getattr(b, n), equal_nan=getattr(a, n).dtype.kind == "f")
        for n in REPORT_COLUMNS
        if n not in but
    )


@pytest.mark.parametrize("suffix", [".parquet", ".csv"])
def test_columns_become_a_report_batch(tmp_path: Path, suffix: str) -> None:
    found = read_scenario(folder(tmp_path / "a", suffix))
    given_columns = plots()
    reports = found.reports
    assert len(reports) == 6
    assert not found.problems
    assert reports.sensor.tolist() == [0, 0, 0, 0, 1, 1]
    assert reports.range_m[:4].tolist() == pytest.approx(given_columns["range_m"][:4].tolist(), abs=1e-9)
    assert np.degrees(reports.azimuth_rad[:4]) == pytest.approx(given_columns["azimuth_deg"][:4])
    assert np.isnan(reports.range_m[4:]).all()
    assert reports.quantities[0] == Quantity.RANGE | Quantity.AZIMUTH | Quantity.ELEVATION | Quantity.RANGE_RATE
    assert reports.quantities[5] == Quantity.POSITION | Quantity.HEIGHT
    assert reports.identities == ("211000001",)
    assert reports.identity.tolist() == [-1, -1, -1, -1, 0, 0]
    assert reports.raw.tolist() == list(range(6))
    assert reports.received_ns - reports.time_ns == pytest.approx(100_000_000, abs=200)
    assert found.looks.received_ns[0] - found.looks.time_ns[0] == pytest.approx(350_000_000, abs=200)
    assert (found.start_ns, found.end_ns) == (int(T0) * 10**9, int(T0 + 10) * 10**9)
    assert not found.looks.assumed.any()


def test_csv_and_parquet_give_the_same(tmp_path: Path) -> None:
    a, b = (read_scenario(folder(tmp_path / s[1:], s)) for s in (".parquet", ".csv"))
    assert same(a.reports, b.reports)


@given(st.permutations(range(6)))
def test_order_of_rows_among_equal_receipts_does_not_matter(tmp_path_factory: Any, order: list[int]) -> None:
    tmp_path = tmp_path_factory.mktemp("order")
    columns = plots() | {"time_s": np.full(6, T0), "received_s": np.full(6, T0 + 1)}
    columns["range_m"] = np.array([300.0, 100.0, 100.0, 200.0, np.nan, np.nan])
    a = read_scenario(folder(tmp_path / "a", **columns)).reports
    b = read_scenario(folder(tmp_path / "b", **{k: v[order] for k, v in columns.items()})).reports
    assert same(a, b, but=("raw",))
    assert a.range_m[:4].tolist() == [100.0, 100.0, 200.0, 300.0]
    assert np.asarray(order)[b.raw[:1]] == a.raw[:1]


def test_a_cut_folder_begins_as_the_whole(tmp_path: Path) -> None:
    whole = read_scenario(folder(tmp_path / "a")).reports
    kept = {k: v[:5] for k, v in plots().items()}
    cut = read_scenario(folder(tmp_path / "b", **kept)).reports
    assert same(whole.take(slice(0, 5)), cut)


def test_a_late_receipt_orders_reports(tmp_path: Path) -> None:
    received = plots()["received_s"]
    received[0] += 3.0
    reports = read_scenario(folder(tmp_path, received_s=received)).reports
    assert reports.raw.tolist() == [1, 2, 0, 3, 4, 5]


BAD: list[tuple[str, int, Any, str]] = [
    ("azimuth_deg", 1, 400.0, "azimuth_deg: 400 is not between -180 and 360"),
    ("azimuth_deg", 1, np.nan, "azimuth_deg: no value in a report of a radar_3d"),
    ("elevation_deg", 0, 120.0, "elevation_deg: 120 is not between -90 and 90"),
    ("range_m", 2, -5.0, "range_m: -5 is not between 0"),
    ("range_m", 2, np.inf, "range_m: inf is not finite"),
    ("lat", 5, 95.0, "lat: 95 is not between -90 and 90"),
    ("lon", 5, np.nan, "lon: no value in a report of a cooperative"),
    ("time_s", 3, np.nan, "time_s: no value is no time"),
    ("time_s", 3, -np.inf, "time_s: -inf is not finite"),
    ("time_s", 3, T0 + 900, "time_s: 1750000900 is over 60 s after the receipt"),
    ("received_s", 3, np.inf, "received_s: inf is not finite"),
    ("received_s", 3, T0 + 1e6, "received_s: 1751000000 is over a day after time_s"),
    ("sensor", 3, "nobody", "sensor: 'nobody' is no sensor of this site"),
    ("range_rate_mps", 0, 1e9, "range_rate_mps: 1000000000 is not between"),
]


@pytest.mark.parametrize(("name", "row", "value", "message"), BAD)
@pytest.mark.parametrize("suffix", [".parquet", ".csv"])
def test_a_bad_row_is_named_and_left_out(
    tmp_path: Path, suffix: str, name: str, row: int, value: Any, message: str
) -> None:
    column = plots()[name].copy()
    column[row] = value
    found = read_scenario(folder(tmp_path, suffix, **{name: column}))
    (said,) = found.problems.messages
    line = f" (line {row + 2})" if suffix == ".csv" else ""
    assert said.startswith(f"{tmp_path / ('plots' + suffix)}, row {row}{line}, {message}")
    assert row not in found.reports.raw
    assert len(found.reports) == 5
    assert found.problems.rejected == sum(found.problems.counts.values()) == 1


@pytest.mark.parametrize("suffix", [".parquet", ".csv"])
def test_text_where_a_number_belongs(tmp_path: Path, suffix: str) -> None:
    column = [str(v) for v in plots()["range_m"]]
    column[1], column[2], column[3] = "far", "12,5", " +77 "
    found = read_scenario(folder(tmp_path, suffix, range_m=column))
    assert [m.split(", range_m: ")[1] for m in found.problems.messages] == [
        "'far' is not a number",
        "'12,5' is not a number",
    ]
    assert found.reports.raw.tolist() == [0, 3, 4, 5]
    assert found.reports.range_m[1] == 77.0


def test_csv_lines_with_the_wrong_number_of_fields(tmp_path: Path) -> None:
    path = folder(tmp_path, ".csv") / "plots.csv"
    lines = path.read_text().splitlines()
    lines[2] = "1750000001,radar"
    lines[5] += ",more,and more"
    path.write_text("\n".join(lines) + "\n")
    found = read_scenario(tmp_path)
    assert found.reports.raw.tolist() == [0, 2, 3, 5]
    assert found.problems.messages == (
        f"{path}, row 1 (line 3): has 2 fields, not 11",
        f"{path}, row 4 (line 6): has 13 fields, not 11",
    )


def test_messages_have_a_limit_and_counts_do_not(tmp_path: Path) -> None:
    n = 1000
    columns = plots(n)
    columns["azimuth_deg"][:700] = 400.0
    columns["range_m"][600:650] = -1.0
    found = read_scenario(folder(tmp_path, **columns), limit=5).problems
    assert found.rejected == 700
    assert found.counts["range_m is not between 0 and 10000000"] == 50
    assert len(found.messages) == 5
    assert ", row 4, " in found.messages[-1]
    assert found.lines()[-1] == "and 695 more rows that cannot be used"


def test_one_row_with_two_faults_counts_once(tmp_path: Path) -> None:
    columns = plots()
    columns["azimuth_deg"][1], columns["range_m"][1] = 999.0, -1.0
    assert read_scenario(folder(tmp_path, **columns)).problems.rejected == 1


def test_receipt_absent_or_missing_is_the_time_itself(tmp_path: Path) -> None:
    columns = plots()
    columns["received_s"][2] = np.nan
    reports = read_scenario(folder(tmp_path / "a", **columns)).reports
    at = reports.raw.tolist().index(2)
    assert reports.received_ns[at] == reports.time_ns[at]
    path = folder(tmp_path / "b")
    save(path / "plots.parquet", {k: v for k, v in plots().items() if k != "received_s"})
    reports = read_scenario(path).reports
    assert (reports.received_ns == reports.time_ns).all()


def test_own_sigmas_of_reports_are_read_and_may_be_missing(tmp_path: Path) -> None:
    sigma = np.array([5.0, np.nan, 0.0, 5.0, np.nan, np.nan])
    found = read_scenario(folder(tmp_path, sigma_range_m=sigma, sigma_azimuth_deg=np.full(6, 180 / np.pi)))
    assert found.problems.messages[0].endswith("sigma_range_m: 0 is not between 1e-06 and 1000000")
    assert np.array_equal(found.reports.sigma_range_m, [5.0, np.nan, 5.0, np.nan, np.nan], equal_nan=True)
    assert found.reports.sigma_azimuth_rad == pytest.approx(1.0)


def test_integers_and_nulls_are_numbers_too(tmp_path: Path) -> None:
    ranges = [100, 200, None, 400, None, None]
    found = read_scenario(folder(tmp_path, range_m=ranges))
    assert found.reports.range_m[0] == 100.0
    assert found.problems.counts == {"range_m in a report of a radar_3d": 1}


def test_bad_looks_are_problems_too(tmp_path: Path) -> None:
    path = folder(tmp_path)
    save(path / "looks.parquet", {"sensor": ["radar", "who"], "time_s": [T0, T0], "received_s": [T0 + 1, T0 + 1]})
    found = read_scenario(path)
    assert len(found.looks) == 1
    assert "looks.parquet, row 1, sensor: 'who'" in found.problems.messages[0]


def test_start_and_end_without_being_told(tmp_path: Path) -> None:
    path = folder(tmp_path, sensors={"sensors": [RADAR, SHIP]}, received_s=plots()["received_s"] + 0.7)
    found = read_scenario(path)
    assert (found.start_ns, found.end_ns) == (int(T0) * 10**9, None)


def test_no_reports_is_no_error(tmp_path: Path) -> None:
    found = read_scenario(folder(tmp_path, **{k: v[:0] for k, v in plots().items()}))
    assert len(found.reports) == 0
    assert len(found.looks) == 6


def test_field_of_view_and_sigmas_become_radians(tmp_path: Path) -> None:
    camera = RADAR | {"kind": "camera", "azimuth_from_deg": 350, "azimuth_to_deg": 30, "elevation_from_deg": -5}
    camera |= {"sigma_azimuth_deg": 0.1, "sees": ["bird", "multirotor"], "min_range_m": 20, "elevation_to_deg": 60}
    (sensor, _) = read_scenario(folder(tmp_path, sensors={"sensors": [camera, SHIP]})).site.sensors
    assert np.degrees([sensor.azimuth_centre_rad, sensor.azimuth_width_rad]) == pytest.approx([10.0, 40.0])
    assert np.degrees([sensor.elevation_min_rad, sensor.elevation_max_rad]) == pytest.approx([-5.0, 60.0])
    assert np.degrees(sensor.sigma_azimuth_rad) == pytest.approx(0.1)
    assert [k.word for k in sensor.sees] == ["bird", "multirotor"]
    assert (sensor.min_range_m, sensor.sigma_range_m) == (20.0, 8.0)


SENSORS_REFUSED: list[tuple[Any, str]] = [
    ({"sensors": []}, "describes no sensor"),
    ({}, "missing required field `sensors`"),
    ({"sensors": [{k: v for k, v in RADAR.items() if k != "lat"}]}, "missing required field `lat` - at `$.sensors[0]`"),
    ({"sensors": [RADAR | {"lon": "east"}]}, "Expected `float`, got `str` - at `$.sensors[0].lon`"),
    ({"sensors": [RADAR | {"lat": 91}]}, "sensor 'radar', lat: 91 is not between -90 and 90"),
    ({"sensors": [RADAR | {"kind": "sonar"}]}, "sensor 'radar', kind: 'sonar' is not one of radar_3d, radar_2d"),
    ({"sensors": [RADAR, RADAR]}, "describes sensor 'radar' twice"),
    ({"sensors": [RADAR | {"sigma_range_m": 0}]}, "sigma_range_m: 0 is not between"),
    ({"sensors": [RADAR | {"period_s": 0}]}, "period_s: 0 is not between"),
    ({"sensors": [RADAR | {"sees": ["ufo"]}]}, "sees: kind 'ufo' is not one of"),
    ({"sensors": [RADAR | {"azimuth_to_deg": 5}]}, "belong together"),
    ({"sensors": [RADAR | {"false_height_m": [5, 1]}]}, "false_height_m: [5.0, 1.0] is no span"),
    ({"sensors": [RADAR | {"min_range_m": 9000}]}, "min_range_m: 9000 is not below max_range_m"),
    ({"sensors": [RADAR], "duration_s": -4}, "duration_s: -4 is not above 0"),
    ({"sensors": [RADAR], "start_s": 1e300}, "start_s: 1e+300 is no time"),
]


@pytest.mark.parametrize(("sensors", "message"), SENSORS_REFUSED)
def test_sensors_that_cannot_be_are_refused(tmp_path: Path, sensors: Any, message: str) -> None:
    path = folder(tmp_path)
    (path / "sensors.json").write_text(json.dumps(sensors))
    with pytest.raises(InputError) as caught:
        read_scenario(path)
    assert message in str(caught.value)
    assert str(caught.value).startswith(str(path / "sensors.json"))


@pytest.mark.parametrize("ids", [[1, 1, 1, 1, 2, 2], [1.0, 1.0, 1.0, 1.0, 2.0, 2.0], [" 1"] * 4 + ["2 "] * 2])
def test_sensors_may_be_numbered(tmp_path: Path, ids: list[Any]) -> None:
    sensors = {"sensors": [RADAR | {"id": 1}, SHIP | {"id": "2 "}]}
    path = folder(tmp_path, sensors=sensors, sensor=ids)
    (path / "looks.parquet").unlink()
    assert read_scenario(path).reports.sensor.tolist() == [0, 0, 0, 0, 1, 1]


def test_unknown_fields_of_sensors_are_ignored(tmp_path: Path) -> None:
    path = folder(tmp_path, sensors={"sensors": [RADAR | {"colour": "green"}, SHIP], "owner": {"a": 1}})
    assert len(read_scenario(path).site.sensors) == 2
