"""Other people's tables: units, datums, times as text, and errors in their own words."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from lowsky.model.errors import InputError
from lowsky.model.heights import Datum, geoid_undulation_m
from lowsky.model.report import Quantity
from lowsky.model.sensor import Sensor
from lowsky.wire.table import read_input, read_mapped, read_scenario, track_table
from lowsky.wire.table.mapping import COLUMNS, TEXT_COLUMNS
from lowsky.wire.table.rows import NUMERIC, TEXT
from lowsky.wire.table.sensors import SensorEntry, SensorsFile
from tests.wire.tables import T0, folder, picture, plots, save, site

DOCS = Path(__file__).resolve().parents[2] / "docs"
RADAR = '[[sensors]]\nid = "radar"\nkind = "radar_3d"\nlat = 50.0\nlon = 8.0\nheight_m = 120.0\n'
SHIP = '[[sensors]]\nid = "ais"\nkind = "cooperative"\nlat = 50.0\nlon = 8.0\nheight_m = 0.0\nmax_range_m = 50000.0\n'


def mapped(path: Path, columns: dict[str, Any], text: str, suffix: str = ".csv", sensors: str = RADAR + SHIP) -> Any:
    """Read a table of the columns through a TOML of the text."""
    save(path / f"t{suffix}", columns)
    (path / "t.toml").write_text(f'file = "t{suffix}"\n{text}\n{sensors}')
    return read_mapped(path / "t.toml")


POLAR = 'sensor = "radar"\n[columns]\ntime = "t"\nrange = "r"\nazimuth = "a"\n'


def test_units_are_turned_into_ours(tmp_path: Path) -> None:
    columns = {"t": [1_750_000_000_250], "r": [1.5], "a": [np.pi], "d": [-10.0], "s": [0.01], "rcs": [-12.5]}
    text = """sensor = "radar"
    [columns]
    time = { name = "t", unit = "ms" }
    range = { name = "r", unit = "nm" }
    azimuth = { name = "a", unit = "rad" }
    range_rate = { name = "d", unit = "kn" }
    sigma_range = { name = "s", unit = "km" }
    rcs = "rcs"
    """
    reports = mapped(tmp_path, columns, text).reports
    assert reports.time_ns[0] == 1_750_000_000_250_000_000
    assert reports.range_m[0] == pytest.approx(2778.0)
    assert reports.azimuth_rad[0] == pytest.approx(np.pi)
    assert reports.range_rate_mps[0] == pytest.approx(-5.14444, abs=1e-5)
    assert reports.sigma_range_m[0] == pytest.approx(10.0)
    assert reports.rcs_dbsm[0] == -12.5


TIMES = {
    "2025-06-15T15:06:40Z": 0.0,
    "2025-06-15 15:06:40.25": 0.25,
    "2025-06-15T17:06:41.123456789+02:00": 1.123456789,
    "2025-06-15T09:36:40-05:30": 0.0,
    "2025-06-15T15:06Z": -40.0,
}


@pytest.mark.parametrize(("suffix", "spoilt"), [(".csv", False), (".csv", True), (".parquet", False)])
def test_iso_times(tmp_path: Path, suffix: str, spoilt: bool) -> None:
    bad = ["2025-02-30T00:00:00Z", "15.06.2025 15:06", "soon"] if spoilt else []
    n = len(TIMES) + len(bad)
    columns = {"t": [*TIMES, *bad], "r": [1.0] * n, "a": [2.0] * n}
    found = mapped(tmp_path, columns, POLAR.replace('"t"', '{ name = "t", unit = "iso" }'), suffix)
    order = np.argsort(found.reports.raw)
    after = (found.reports.time_ns[order] - int(T0) * 10**9) / 1e9
    assert after.tolist() == pytest.approx(list(TIMES.values()), abs=3e-7)
    assert [m.split("t as time_s: ")[1] for m in found.problems.messages] == [f"{b!r} is not a number" for b in bad]


def test_timestamps_of_parquet(tmp_path: Path) -> None:
    for kind in (pa.timestamp("us", tz="Europe/Berlin"), pa.timestamp("ms")):
        columns = {"t": pa.array([1_750_000_000], pa.int64()).cast(pa.timestamp("s")).cast(pa.timestamp("us"))}
        columns["t"] = pa.array([1_750_000_000 * (1_000_000 if kind.unit == "us" else 1000)], kind)
        found = mapped(tmp_path, columns | {"r": [1.0], "a": [2.0]}, POLAR, ".parquet")
        assert found.reports.time_ns.tolist() == [1_750_000_000 * 10**9]


VESSEL = """sensor = "ais"
[columns]
time = "t"
identity = "mmsi"
latitude = "y"
longitude = "x"
speed = { name = "sog", unit = "kn", missing = [102.3] }
course = { name = "cog", missing = [360.0] }
[height]
datum = "msl"
constant_m = 4.0
"""


def test_vessels_by_speed_and_course(tmp_path: Path) -> None:
    columns = {"t": [T0, T0, T0], "mmsi": [211, 211, 5], "y": [50.1, 50.2, 50.1], "x": [8.1, 8.1, 8.3]}
    columns |= {"sog": [10.0, 102.3, 7.0], "cog": [90.0, 10.0, 360.0]}
    reports = mapped(tmp_path, columns, VESSEL).reports
    assert reports.raw.tolist() == [0, 2, 1]  # equal receipts: by place
    assert reports.east_mps.tolist() == pytest.approx([5.14444, np.nan, np.nan], abs=1e-5, nan_ok=True)
    assert reports.north_mps[0] == pytest.approx(0.0, abs=1e-9)
    placed = Quantity.POSITION | Quantity.HEIGHT
    assert reports.quantities.tolist() == [placed | Quantity.VELOCITY, placed, placed]
    assert set(reports.identities) == {"211", "5"}
    assert reports.height_m == pytest.approx(4.0 + geoid_undulation_m(reports.latitude_deg, reports.longitude_deg))
    assert reports.sigma_height_m == pytest.approx(np.hypot(8.0, 0.5))


def test_height_datums_widen_sigmas(tmp_path: Path) -> None:
    columns = {"t": [T0], "y": [50.1], "x": [8.1], "h": [1000.0], "s": [3.0]}
    head = (
        'sensor = "ais"\n[columns]\ntime = "t"\nlatitude = "y"\nlongitude = "x"\nheight = { name = "h", unit = "ft" }\n'
    )
    sea = float(geoid_undulation_m(50.1, 8.1))
    plain = mapped(tmp_path, columns, head).reports
    assert (plain.height_m[0], np.isnan(plain.sigma_height_m[0])) == (pytest.approx(304.8), True)
    alone = mapped(tmp_path, columns, head + 'sigma_height = "s"\n[height]\ndatum = "pressure"\n').reports
    assert alone.height_m[0] == pytest.approx(304.8 + sea)
    assert alone.sigma_height_m[0] == pytest.approx(np.sqrt(9 + 85**2 + (0.04 * 304.8) ** 2 + 0.25))
    told = mapped(tmp_path, columns, head + '[height]\ndatum = "pressure"\nqnh_hpa = 1023.25\n').reports
    assert told.height_m[0] - alone.height_m[0] == pytest.approx(83.0, abs=0.5)
    assert told.sigma_height_m[0] == pytest.approx(np.sqrt(64 + 8**2 + (0.04 * 387.8) ** 2 + 0.25), abs=0.01)
    above = mapped(tmp_path, columns, head + '[height]\ndatum = "takeoff"\ntakeoff_height_m = 200.0\n').reports
    assert above.height_m[0] == pytest.approx(504.8)


def test_messages_name_the_tables_own_columns(tmp_path: Path) -> None:
    columns = {"t": [T0] * 4, "r": ["1", "-3", "far", "4"], "a": [0.0, 0.0, 0.0, 400.0]}
    found = mapped(tmp_path, columns, POLAR.replace('"r"', '{ name = "r", unit = "km" }'))
    assert [m.split(", ", 1)[1] for m in found.problems.messages] == [
        "row 1 (line 3), r as range_m: -3000 is not between 0 and 10000000",
        "row 2 (line 4), r as range_m: 'far' is not a number",
        "row 3 (line 5), a as azimuth_deg: 400 is not between -180 and 360",
    ]
    assert found.reports.range_m.tolist() == [1000.0]


def test_bad_speeds_name_both_columns(tmp_path: Path) -> None:
    columns = {"t": [T0], "mmsi": [1], "y": [50.1], "x": [8.1], "sog": ["fast"], "cog": ["12"]}
    (said,) = mapped(tmp_path, columns, VESSEL).problems.messages
    assert said.endswith("sog with cog as east_mps: 'fast with 12' is not a number")


def test_a_position_far_beyond_reach_is_a_corrupt_report(tmp_path: Path) -> None:
    columns = {"t": [T0, T0], "mmsi": [1, 1], "y": [50.1, 50.1], "x": [8.1, 48.1], "sog": [1, 1], "cog": [1, 1]}
    found = mapped(tmp_path, columns, VESSEL)
    (said,) = found.problems.messages
    assert said.endswith(
        "row 1 (line 3), y as lat, x as lon: '50.100000 48.100000' is over twice max_range_m from the sensor"
    )


def test_the_sensor_may_be_a_column_and_looks_a_file(tmp_path: Path) -> None:
    save(tmp_path / "looks.csv", {"sensor": ["radar"], "time_s": [T0], "received_s": [T0 + 1]})
    columns = {"who": ["radar", "nobody"], "t": [T0, T0], "r": [1.0, 1.0], "a": [2.0, 2.0]}
    text = 'looks_file = "looks.csv"\n' + POLAR.replace('sensor = "radar"\n', "") + 'sensor = "who"'
    found = mapped(tmp_path, columns, text)
    assert len(found.reports) == 1
    assert found.looks.assumed.tolist() == [False]
    assert "who as sensor: 'nobody' is no sensor of this site" in found.problems.messages[0]


def test_a_mapping_of_lowskys_own_columns_reads_the_same(tmp_path: Path) -> None:
    there = folder(tmp_path)
    own = {"time": "time_s", "received": "received_s", "range": "range_m", "azimuth": "azimuth_deg"}
    own |= {"elevation": "elevation_deg", "range_rate": "range_rate_mps", "latitude": "lat", "longitude": "lon"}
    own |= {"height": "height_m", "identity": "identity", "sensor": "sensor"}
    lines = "\n".join(f'{k} = "{v}"' for k, v in own.items())
    (there / "t.toml").write_text(
        f'file = "plots.parquet"\nlooks_file = "looks.parquet"\nsensors_file = "sensors.json"\n[columns]\n{lines}'
    )
    a, b = read_input(there), read_input(there / "t.toml")
    assert a.reports.identities == b.reports.identities
    for name in ("range_m", "time_ns", "received_ns", "azimuth_rad", "height_m", "identity", "raw"):
        assert np.array_equal(getattr(a.reports, name), getattr(b.reports, name), equal_nan=True)
    assert (a.start_ns, a.end_ns) == (b.start_ns, b.end_ns)


REFUSED = [
    ("", "missing required field `columns`"),
    ("sensor = 4", "Expected `str"),
    (POLAR + 'rang = "r"', "columns: 'rang' is not one of time, received, range"),
    (POLAR.replace('"r"', '{ name = "r", unit = "furlong" }'), "columns.range.unit: 'furlong' is not one of m, km, ft"),
    (POLAR.replace('sensor = "radar"', ""), 'either sensor = "id" or a column for sensor is needed'),
    (POLAR.replace('"radar"', '"x"', 1), "sensor: 'x' is not described"),
    (POLAR.replace('"a"', '"b"'), "t.csv has no column 'b'"),
    (POLAR.replace('time = "t"\n', ""), "columns: time is missing"),
    (POLAR + 'speed = "r"', "speed and course belong together"),
    (POLAR + '[height]\ndatum = "moon"', "Invalid enum value 'moon' - at `$.height.datum`"),
    (POLAR + '[height]\ndatum = "takeoff"', "datum takeoff needs takeoff_height_m"),
    (POLAR + "[height]\nqnh_hpa = 29.92", "height.qnh_hpa: 29.92 is not between 850 and 1100"),
    ('delimiter = ""\n' + POLAR, "delimiter: '' is not one character"),
    ('sensors_file = "s.json"\n' + POLAR, "either [[sensors]] or sensors_file is needed"),
    ("file = = 3", "is not TOML"),
]


@pytest.mark.parametrize(("text", "message"), REFUSED)
def test_mappings_that_are_refused(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        mapped(tmp_path, {"t": [T0], "r": [1.0], "a": [2.0]}, text)
    assert message in str(caught.value)
    assert str(tmp_path) in str(caught.value)


def test_mapping_absent_or_binary(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"t\.toml does not exist"):
        read_mapped(tmp_path / "t.toml")
    (tmp_path / "t.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(InputError, match=r"t\.toml is not TOML"):
        read_mapped(tmp_path / "t.toml")


def test_the_example_of_the_documentation_is_read(tmp_path: Path) -> None:
    (block,) = re.findall(r"```toml\n(.*?)```", (DOCS / "tables.md").read_text(), re.DOTALL)
    (tmp_path / "night.toml").write_text(block)
    (tmp_path / "night.csv").write_text(
        "t;arrived;rho;theta;doppler;alt;lat;lon\n"
        "1750000000250;2025-06-15 15:06:41;1.5;0.5;999.9;1000;50.04;8.57\n"
        "1750000001250;2025-06-15 15:06:42;1.4;0.5;20;;;\n"
    )
    reports = read_mapped(tmp_path / "night.toml").reports
    assert reports.range_m.tolist() == [1500.0, 1400.0]
    assert np.isnan(reports.range_rate_mps).tolist() == [True, False]
    assert (reports.received_ns - reports.time_ns).tolist() == [750_000_000] * 2


def test_the_first_radar_example_is_read_whole() -> None:
    found = read_input(DOCS / "examples" / "first-radar.toml")
    assert not found.problems
    assert len(found.reports) == 192
    assert found.start_ns == 1_777_924_800 * 10**9  # 2026-05-04T20:00:00Z
    near = np.diff(found.looks.time_ns)
    assert (near == 1_000_000_000).all()
    assert found.reports.quantities.tolist() == [15] * 192


def test_the_documentation_names_every_key_and_column() -> None:
    text = (DOCS / "tables.md").read_text()
    named = set(re.findall(r"`([a-z_0-9]+)`", text))
    fields = {f for struct in (SensorEntry, SensorsFile) for f in struct.__struct_fields__}
    expected = {*COLUMNS, *TEXT_COLUMNS, *NUMERIC, *TEXT, *Datum, *fields} - {"scenario"}
    expected |= {unit for _, units in COLUMNS.values() for unit in units}
    expected |= set(track_table(picture(), site()).column_names)
    assert sorted(expected - named) == []


def test_the_documented_defaults_are_the_sensors_own() -> None:
    sensor = Sensor("", 0, 0.0, 0.0, 0.0)  # type: ignore[arg-type]
    text = (DOCS / "tables.md").read_text()
    sigmas = [sensor.sigma_range_m, *np.degrees([sensor.sigma_azimuth_rad, sensor.sigma_elevation_rad])]
    words = ", ".join(f"{s:g}" for s in [*sigmas, sensor.sigma_range_rate_mps])
    assert f"one standard deviation; default {words} |" in text
    declared = (sensor.sigma_position_m, sensor.sigma_height_m, sensor.sigma_velocity_mps)
    assert f"velocity; default {', '.join(f'{s:g}' for s in declared)} |" in text
    assert f"default {sensor.min_range_m:g} and {sensor.max_range_m:g} |" in text


def test_real_tables_of_ships_and_aircraft(shared: Path, tmp_path: Path) -> None:
    data = shared / "data" / "ais" / "solent" / "SolentAIS_20160112_130211.csv"
    text = VESSEL.replace('"t"', '{ name = "Time", unit = "iso" }').replace('"mmsi"', '"MMSI"')
    text = text.replace('"y"', '"Latitude_degrees"').replace('"x"', '"Longitude_degrees"')
    text = text.replace('"sog"', '"SOG_knots"').replace('"cog"', '"COG_degrees"')
    ais = SHIP.replace("50.0\nlon = 8.0", "50.75\nlon = -1.3").replace("50000", "100000")
    (tmp_path / "ais.toml").write_text(f"file = '{data}'\n{text}\n{ais}")
    found = read_input(tmp_path / "ais.toml")
    assert len(found.reports) == 18_622
    assert len(found.reports.identities) == 91
    assert found.problems.rejected == 1
    assert "54.83" in found.problems.messages[0]  # the corrupt longitude its description warns of
    data = shared / "data" / "adsb" / "opensky" / "OpenSky_Plane_States.csv"
    columns = {"time": "lastposupdate", "received": "time", "identity": "icao24", "latitude": "lat", "longitude": "lon"}
    columns |= {"height": "geoaltitude", "east": "x_speed", "north": "y_speed", "up": "vertrate"}
    adsb = SHIP.replace("50.0\nlon = 8.0", "52.2\nlon = -1.7").replace("50000", "400000")
    lines = "\n".join(f'{k} = "{v}"' for k, v in columns.items())
    (tmp_path / "adsb.toml").write_text(f"file = '{data}'\nsensor = 'ais'\n[columns]\n{lines}\n{adsb}")
    found = read_input(tmp_path / "adsb.toml")
    assert (len(found.reports), len(found.reports.identities), found.problems.rejected) == (6052, 84, 0)
    bits = Quantity.POSITION | Quantity.HEIGHT | Quantity.VELOCITY
    assert set(found.reports.quantities.tolist()) == {int(bits)}


def test_folders_are_read_by_read_input_too(tmp_path: Path) -> None:
    there = folder(tmp_path)
    assert len(read_input(str(there)).reports) == len(read_scenario(there).reports) == len(plots()["time_s"])
