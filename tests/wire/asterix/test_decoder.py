"""Records to reports, looks and states: whose, when, and what is made of each field."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lowsky.model.errors import InputError
from lowsky.model.geodesy import ecef_from_geodetic, enu_axes, geodetic_from_ecef
from lowsky.model.heights import geoid_undulation_m, pressure_height_m
from lowsky.model.report import ReportBatch
from lowsky.model.sensor import Sensor, SensorKind, Site, site_of
from lowsky.wire.asterix.decoder import MAX_PENDING_OCTETS, AsterixDecoder
from lowsky.wire.asterix.options import AsterixOptions
from lowsky.wire.asterix.writing import encode
from lowsky.wire.decoded import Context, Decoded, Weather
from tests.wire.asterix.items import datablocks

DAY_NS = 86_400_000_000_000
NOON_NS = 20_000 * DAY_NS + DAY_NS // 2
NOON_S = 43_200.0
PLACE = (52.0, 21.0, 100.0)
SITE = site_of(
    (
        Sensor("turning", SensorKind.RADAR_2D, *PLACE, max_range_m=500e3),
        Sensor("staring", SensorKind.RADAR_3D, *PLACE, max_range_m=500e3),
        Sensor("receiver", SensorKind.COOPERATIVE, *PLACE, max_range_m=500e3),
        Sensor("finder", SensorKind.BEARING, *PLACE),
    )
)
SENSORS = {"1/1": "turning", "1/2": "staring", "1/3": "receiver", "1/4": "finder"}
FROM = {name: {"SAC": 1, "SIC": i + 1} for i, name in enumerate(SENSORS.values())}
PLOT_020 = {"TYP": 1, "SIM": 0, "RDP": 0, "SPI": 0, "RAB": 0}
PLOT = {"010": FROM["turning"], "140": NOON_S, "020": PLOT_020, "040": {"RHO": 4.0, "THETA": 90.0}}


def _decoder(site: Site = SITE, qnh_hpa: float | None = None, datagrams: bool = True, **options: Any) -> AsterixDecoder:
    chosen = AsterixOptions(**{"sensors": SENSORS} | options)
    return AsterixDecoder(Context(site, "radar net", Weather(qnh_hpa)), chosen, datagrams)


def _decode(
    number: int, *items: dict[str, Any], received_ns: int = NOON_NS, edition: str = "", **options: Any
) -> Decoded:
    chosen = options | ({"editions": {str(number): edition}} if edition else {})
    decoder = _decoder(**chosen)
    decoder.push(encode(number, items, edition), received_ns)
    decoded = decoder.take()
    assert decoded.received == len(items)
    return decoded


def _row(reports: ReportBatch, i: int = 0) -> dict[str, float]:
    """The numbers of a report that are there."""
    columns = {n: getattr(reports, n)[i] for n in reports.__slots__ if n not in ("identities", "identity", "raw")}
    return {name: value for name, value in columns.items() if value == value}


def test_a_plot_becomes_a_report() -> None:
    items = PLOT | {
        "220": 0x4B1617,
        "240": "TEST12  ",
        "090": {"V": 0, "G": 0, "FL": 10.0},
        "120": {"CAL": {"D": 0, "CAL": -25.0}},
    }
    decoded = _decode(48, items, qnh_hpa=1013.25)
    row = _row(decoded.reports)
    assert (row["range_m"], row["azimuth_rad"]) == (4 * 1852.0, math.pi / 2)
    assert row["range_rate_mps"] == -25.0
    assert row["time_ns"] == NOON_NS
    assert row["height_m"] == pytest.approx(304.8 + float(geoid_undulation_m(*PLACE[:2])), abs=0.5)
    assert decoded.reports.identities == ("4B1617",)
    assert (decoded.used, decoded.ignored, decoded.problems.rejected) == (1, {}, 0)


def test_flight_levels_go_by_the_pressure_of_the_area_and_only_when_they_are_valid() -> None:
    level = PLOT | {"090": {"V": 0, "G": 0, "FL": 20.0}}
    standard, low = (_decode(48, level, qnh_hpa=q).reports.height_m[0] for q in (1013.25, 1000.0))
    assert low - standard == pytest.approx(-float(pressure_height_m(1000.0)), abs=1.0)
    for flag in ("V", "G"):
        doubted = PLOT | {"090": {"V": 0, "G": 0, "FL": 20.0} | {flag: 1}}
        assert np.isnan(_decode(48, doubted).reports.height_m[0])


def test_a_measured_height_is_above_the_sea_and_gives_a_3d_radar_its_elevation() -> None:
    elevation = math.radians(3.0)
    range_m = 20 * 1852.0
    place = ecef_from_geodetic(*PLACE) + range_m * math.sin(elevation) * enu_axes(*PLACE[:2])[2]
    place = place + range_m * math.cos(elevation) * enu_axes(*PLACE[:2])[0]
    height_m = float(geodetic_from_ecef(place)[2]) - float(geoid_undulation_m(*PLACE[:2]))
    items = PLOT | {"010": FROM["staring"], "040": {"RHO": 20.0, "THETA": 90.0}, "110": {"3DH": height_m / 0.3048}}
    row = _row(_decode(48, items).reports)
    assert row["elevation_rad"] == pytest.approx(elevation, abs=3e-4)  # the height has steps of 25 ft
    assert "elevation_rad" not in _row(_decode(48, items | {"010": FROM["turning"]}).reports)


def test_doubtful_doppler_is_none_and_its_sign_can_be_turned() -> None:
    doppler = PLOT | {"120": {"CAL": {"D": 1, "CAL": 30.0}}}
    assert "range_rate_mps" not in _row(_decode(48, doppler).reports)
    doppler["120"] = {"CAL": {"D": 0, "CAL": 30.0}}
    assert _row(_decode(48, doppler).reports)["range_rate_mps"] == 30.0
    assert _row(_decode(48, doppler, range_rate="approaching").reports)["range_rate_mps"] == -30.0


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"SIM": 1}, "simulated target"),
        ({"RAB": 1}, "fixed transponder"),
        ({"TYP": 0}, "track without detection"),
        ({"TST": 1, "ERR": 0, "XPP": 0, "ME": 0, "MI": 0, "FOEFRI": 0}, "test target"),
        ({"TST": 0, "ERR": 1, "XPP": 0, "ME": 0, "MI": 0, "FOEFRI": 0}, "range beyond item 040"),
    ],
)
def test_what_is_no_detection_of_a_target_is_ignored_by_name(change: dict[str, int], reason: str) -> None:
    decoded = _decode(48, PLOT, PLOT | {"020": PLOT_020 | change}, PLOT)
    assert decoded.ignored == {reason: 1}
    assert decoded.used == len(decoded.reports) == 2


@pytest.mark.parametrize(
    ("said_s", "received_s", "instant_s"),
    [
        (86_399.5, 0.25, -0.5),  # before midnight, received after
        (0.5, -0.25, 0.5),  # a clock a little ahead over midnight
        (43_200.0, 43_201.0, 43_200.0),
        (0.0, 0.0, 0.0),
    ],
)
def test_times_of_day_are_those_nearest_to_the_receipt(said_s: float, received_s: float, instant_s: float) -> None:
    midnight = 20_001 * DAY_NS
    decoded = _decode(48, PLOT | {"140": said_s}, received_ns=midnight + round(received_s * 1e9))
    assert decoded.reports.time_ns[0] == midnight + round(instant_s * 1e9)


def test_times_that_are_none_and_sensors_that_are_none_are_rejected_by_name() -> None:
    timeless = {name: item for name, item in PLOT.items() if name != "140"}
    nameless = {name: item for name, item in PLOT.items() if name != "010"}
    others = (PLOT | {"140": 86_400.5}, timeless, PLOT | {"010": {"SAC": 9, "SIC": 8}}, nameless)
    decoder = _decoder()
    decoder.push(encode(48, [PLOT, *others]), NOON_NS)
    decoded = decoder.take()
    assert (decoded.used, decoded.problems.rejected) == (1, 4)
    assert decoded.problems.counts == {"time is no time": 2, "sensor is no sensor of this site": 2}
    assert decoder.names.unknown == {"9/8": 1, "no SAC/SIC": 1}
    assert "radar net, record 3, sensor: '9/8' is no sensor of this site" in decoded.problems.messages
    assert _decode(48, nameless, sensor="turning").used == 1


def test_tracks_of_a_sensor_beside_its_plots_are_no_reports() -> None:
    head = {"010": FROM["staring"], "145": NOON_S, "020": {"MOMU": 0, "TTAX": 0, "SCD": 3}}
    polar = {"625": {"R": 1500.0}, "627": {"AZ": 45.0}, "628": {"EL": 2.0}}
    plot = head | polar | {"000": {"MT": 1, "RG": 0}}
    track = head | polar | {"000": {"MT": 2, "RG": 0}, "161": 4}
    both = "track of what also comes as plots"
    assert _decode(15, track, track).used == 2
    decoded = _decode(15, track, plot, track)
    assert (decoded.used, decoded.ignored) == (2, {both: 1})
    assert _decode(15, track, plot, track, reports="all").used == 3
    assert _decode(15, track, plot, track, reports="plots").ignored == {both: 2}
    assert _decode(15, track, plot, track, reports="tracks").ignored == {"plot, where tracks are wanted": 1}
    decoder = _decoder()
    for after_s, used in ((0, 1), (59, 0), (61, 1)):
        decoder.push(encode(15, [track if after_s else plot]), NOON_NS + after_s * 1_000_000_000)
        decoded = decoder.take()
        assert decoded.used + decoded.problems.rejected == used, after_s


def test_a_radar_of_category_015_tells_its_sigmas() -> None:
    items = {
        "010": FROM["staring"],
        "000": {"MT": 1, "RG": 0},
        "020": {"MOMU": 0, "TTAX": 0, "SCD": 3},
        "145": NOON_S,
        "625": {"R": 1500.0, "SDR": 3.0},
        "626": {"DV": -12.5, "SDDV": 0.25},
        "627": {"AZ": 45.0, "SDASZ": 0.25},
        "628": {"EL": 2.0, "SDEL": 0.5},
        "630": {"RPS": 17.0},
    }
    row = _row(_decode(15, items).reports)
    assert (row["range_m"], row["sigma_range_m"], row["range_rate_mps"]) == (1500.0, 3.0, -12.5)
    assert row["sigma_azimuth_rad"] == pytest.approx(math.radians(0.25), rel=0.01)
    assert row["elevation_rad"] == pytest.approx(math.radians(2.0), abs=1e-4)
    assert row["sigma_range_rate_mps"] == 0.25
    assert row["snr_db"] == 17.0
    for change, reason in (
        ({"020": {"MOMU": 0, "TTAX": 3, "SCD": 3}}, "simulated target"),
        ({"020": {"MOMU": 0, "TTAX": 1, "SCD": 3}}, "fixed transponder"),
        ({"000": {"MT": 5, "RG": 0}}, "end of track"),
    ):
        assert _decode(15, items | change).ignored == {reason: 1}


def test_a_position_of_a_radar_becomes_polar_coordinates_at_it() -> None:
    items = {
        "010": FROM["staring"],
        "000": {"MT": 2, "RG": 0},
        "145": NOON_S,
        "600": {"P84": {"LATITUDE": 52.02, "LONGITUDE": 21.03}, "HPP": {"SDHPX": 4.0, "SDHPY": 4.0, "COSDHPXY": 0.0}},
        "601": {"GH": 400.0, "SDGH": 6.0},
    }
    row = _row(_decode(15, items).reports)
    offset = enu_axes(*PLACE[:2]) @ (ecef_from_geodetic(52.02, 21.03, 400.0) - ecef_from_geodetic(*PLACE))
    assert row["range_m"] == pytest.approx(float(np.linalg.norm(offset)), abs=0.05)
    assert row["azimuth_rad"] == pytest.approx(math.atan2(offset[0], offset[1]), abs=1e-5)
    assert row["elevation_rad"] == pytest.approx(math.asin(offset[2] / np.linalg.norm(offset)), abs=1e-4)
    assert row["sigma_range_m"] == 4.0
    assert row["sigma_azimuth_rad"] == pytest.approx(4.0 / float(np.linalg.norm(offset[:2])), rel=1e-4)


def test_cartesian_coordinates_count_from_the_sensor() -> None:
    surface = {"010": FROM["turning"], "000": 1, "140": NOON_S, "042": {"X": -300.0, "Y": 400.0}}
    row = _row(_decode(10, surface).reports)
    assert row["range_m"] == 500.0
    assert row["azimuth_rad"] == pytest.approx(2 * math.pi - math.atan2(3, 4))
    plot = {"SSR": 0, "MS": 0, "HF": 0, "VDL4": 0, "UAT": 0, "DME": 0, "OT": 0}
    multilateration = {
        "010": FROM["receiver"],
        "020": plot,
        "140": NOON_S,
        "042": {"X": 3000.0, "Y": -4000.0},
        "110": 164.0 * 6.25,
        "202": {"VX": 10.0, "VY": -20.0},
        "500": {"SDP": {"X": 6.0, "Y": 8.0, "XY": 0.0}},
    }
    row = _row(_decode(20, multilateration).reports)
    back = enu_axes(*PLACE[:2]) @ (
        ecef_from_geodetic(row["latitude_deg"], row["longitude_deg"], row["height_m"]) - ecef_from_geodetic(*PLACE)
    )
    assert back[:2] == pytest.approx([3000.0, -4000.0], abs=0.5)
    assert row["height_m"] == pytest.approx(100.0 + 164.0 * 6.25 * 0.3048)
    assert (row["east_mps"], row["north_mps"]) == (10.0, -20.0)
    assert row["sigma_position_m"] == pytest.approx(math.sqrt(50.0))


def test_velocities_of_category_010_count_quarters() -> None:
    """0x0028 is 40 steps: 10 m/s, which the range of ±8192 m/s in 16 bits asks for."""
    items = {
        "010": FROM["turning"],
        "000": 1,
        "140": NOON_S,
        "042": {"X": 0.0, "Y": 400.0},
        "202": {"VX": 10.0, "VY": 0.0},
    }
    assert encode(10, [items]).endswith(bytes.fromhex("00280000"))
    assert _row(_decode(10, items).reports)["east_mps"] == 10.0


ADSB = {
    "010": FROM["receiver"],
    "040": {"ATP": 0, "ARC": 0, "RC": 0, "RAB": 0},
    "080": 0xF00BA5,
    "073": NOON_S,
    "131": {"LAT": 52.1, "LON": 21.1},
    "140": 1000.0,
    "145": 30.0,
    "160": {"RE": 0, "GS": 0.05, "TA": 90.0},
    "157": {"RE": 0, "GVR": -600.0},
    "210": {"VNS": 0, "VN": 2, "LTT": 2},
}


def test_an_adsb_report_tells_position_velocity_and_how_good_they_are() -> None:
    quality = {"NUCRNACV": 2, "NUCPNIC": 8, "NICBARO": 1, "SIL": 3, "NACP": 9} | {"SILS": 0, "SDA": 2, "GVA": 2}
    decoded = _decode(21, ADSB | {"090": quality})
    row = _row(decoded.reports)
    assert [row["latitude_deg"], row["longitude_deg"]] == pytest.approx([52.1, 21.1])
    assert row["height_m"] == 1000.0 * 0.3048  # geometric before barometric
    assert row["east_mps"] == pytest.approx(0.05 * 1852.0, abs=0.1)
    assert row["up_mps"] == pytest.approx(-600.0 * 0.3048 / 60.0)
    assert row["sigma_position_m"] == pytest.approx(30.0 / 2.4477)
    assert row["sigma_velocity_mps"] == pytest.approx(3.0 / 2.4477)
    assert row["sigma_height_m"] == pytest.approx(45.0 / 1.96)
    assert decoded.reports.identities == ("F00BA5",)
    old = _decode(21, ADSB | {"210": {"VNS": 0, "VN": 0, "LTT": 2}, "090": {"NUCRNACV": 0, "NUCPNIC": 7}})
    assert _row(old.reports)["sigma_position_m"] == pytest.approx(0.05 * 1852.0 / 2.4477)


@pytest.mark.parametrize("check", ["CPR", "LDPJ", "RCF", "IPC"])
def test_adsb_positions_that_the_station_doubts_are_no_reports(check: str) -> None:
    second = {"DCR": 0, "GBS": 0, "SIM": 0, "TST": 0, "SAA": 0, "CL": 0}
    third = {"LLC": 0, "IPC": 0, "NOGO": 0, "CPR": 0, "LDPJ": 0, "RCF": 0}
    decoded = _decode(21, ADSB | {"040": ADSB["040"] | second | third | {check: 1}})  # type: ignore[operator]
    assert decoded.ignored == {"position that the receiving station doubts": 1}


TRACK_080 = {"MON": 0, "SPI": 0, "MRH": 0, "SRC": 0, "CNF": 0}
SECOND_080 = {"SIM": 0, "TSE": 0, "TSB": 0, "FPC": 0, "AFF": 0, "STP": 0, "KOS": 0}
THIRD_080 = {"AMA": 0, "MD4": 0, "ME": 0, "MI": 0, "MD5": 0}
FOURTH_080 = {"CST": 0, "PSR": 0, "SSR": 0, "MDS": 0, "ADS": 0, "SUC": 0, "AAC": 0}
TRACK = {
    "010": FROM["receiver"],
    "070": NOON_S,
    "040": 17,
    "105": {"LAT": 52.1, "LON": 21.1},
    "185": {"VX": 50.0, "VY": -25.0},
    "080": TRACK_080,
}


def test_a_track_of_another_system_is_a_declared_position() -> None:
    items = TRACK | {"130": 1000.0, "220": 600.0, "500": {"APC": {"X": 30.0, "Y": 40.0}, "ATV": {"X": 1.0, "Y": 1.0}}}
    row = _row(_decode(62, items | {"380": {"ADR": 0xF00001}}).reports)
    assert row["height_m"] == 304.8
    assert [row["east_mps"], row["north_mps"], row["up_mps"]] == pytest.approx([50.0, -25.0, 3.048], abs=0.02)
    assert row["sigma_position_m"] == pytest.approx(math.sqrt(1250.0))
    assert row["sigma_velocity_mps"] == 1.0
    corrected = _row(_decode(62, TRACK | {"135": {"QNH": 1, "CTB": 10.0}, "136": 50.0}).reports)
    assert corrected["height_m"] == pytest.approx(304.8 + float(geoid_undulation_m(52.1, 21.1)), abs=0.1)


@pytest.mark.parametrize(
    ("extent", "reason"),
    [
        (SECOND_080 | {"SIM": 1}, "simulated target"),
        (SECOND_080 | {"TSE": 1}, "end of track"),
        (SECOND_080 | THIRD_080 | FOURTH_080 | {"CST": 1}, "track without detection"),
    ],
)
def test_tracks_that_are_not_seen_now_are_no_reports(extent: dict[str, int], reason: str) -> None:
    assert _decode(62, TRACK | {"080": TRACK_080 | extent}).ignored == {reason: 1}


def test_unmanned_aircraft_identify_themselves() -> None:
    items = {
        "010": FROM["receiver"],
        "020": "ABC",
        "030": "X1 ",
        "040": "SERIAL000123",
        "050": "PL",
        "070": NOON_S,
        "080": {"LAT": 52.01, "LON": 21.01},
        "090": 250.0,
        "110": 12.0,
        "185": {"VX": 3.0, "VY": 4.0},
        "220": {"VZ": -1.0},
    }
    decoded = _decode(129, items)
    row = _row(decoded.reports)
    assert decoded.reports.identities == ("ABC-X1-SERIAL000123",)
    assert row["height_m"] == pytest.approx(250.0 + float(geoid_undulation_m(52.01, 21.01)), abs=1e-6)
    assert row["sigma_position_m"] == pytest.approx(12.0 / 2.4477)
    assert (row["east_mps"], row["north_mps"], row["up_mps"]) == (3.0, 4.0, -1.0)


def test_bearings_of_direction_finders_and_of_their_parts() -> None:
    items = {"010": FROM["finder"], "000": 5, "030": NOON_S, "040": 1, "070": 123.25, "200": 4.5}
    row = _row(_decode(205, items).reports)
    assert math.degrees(row["azimuth_rad"]) == pytest.approx(123.25)
    assert math.degrees(row["elevation_rad"]) == pytest.approx(4.5)
    part = items | {"170": 7}
    assert _decode(205, part).reports.sensor.tolist() == [3]
    assert _decode(205, part, sensors={"1/4/7": "finder"}).used == 1
    assert _decode(205, part, sensors={"1/4/8": "finder"}).problems.rejected == 1
    assert _decode(205, items | {"000": 1}).ignored == {"position made of bearings": 1}
    assert _decode(205, items | {"000": 4}).ignored == {"end of a transmission": 1}


def test_old_plots_count_time_in_512_seconds_or_not_at_all() -> None:
    head = {"TYP": 0, "SIM": 0, "SSRPSR": 1, "ANT": 0, "SPI": 0, "RAB": 0}
    items = {"010": FROM["turning"], "020": head, "040": {"RHO": 4.0, "THETA": 180.0}}
    assert _decode(1, items).reports.time_ns[0] == NOON_NS
    timed = _decode(1, items | {"141": (NOON_S - 3.0) % 512.0})
    assert timed.reports.time_ns[0] == NOON_NS - 3_000_000_000
    assert _row(timed.reports)["range_m"] == 4 * 1852.0


def test_editions_are_chosen_by_source_and_unknown_ones_refused() -> None:
    level = PLOT | {"090": {"V": 0, "G": 0, "FL": 300.0}}
    assert _decode(48, level, edition="1.27").used == 1
    for editions, words in (
        ({"48": "9.9"}, "edition '9.9'"),
        ({"99": "1.0"}, "category 099"),
        ({"x": "1"}, "category"),
    ):
        with pytest.raises(InputError, match=words):
            _decoder(editions=editions)


def test_old_editions_are_told_by_errors_and_never_by_reports(shared: Path) -> None:
    """Written to an edition with other items: nearly all break, and what does not says what cannot be."""
    blocks = list(datablocks((shared / "data/asterix/wrong_edition/cat062_old_edition.ast").read_bytes()))
    for block in blocks:
        decoder = _decoder(sensor="receiver")
        decoder.push(block, NOON_NS)
        decoded = decoder.take()
        assert decoded.problems.rejected >= 1
        assert len(decoded.reports) == 0


def test_recorded_radar_messages_become_reports_looks_and_states(shared: Path) -> None:
    data = (shared / "data/asterix/samples/cat_034_048.ast").read_bytes()
    decoder = _decoder(sensor="turning", datagrams=False)
    received = 20_000 * DAY_NS + 27_360_000_000_000
    for i in range(0, len(data), 777):
        decoder.push(data[i : i + 777], received)
    decoder.close(received)
    decoded = decoder.take()
    assert (decoded.received, decoded.problems.rejected) == (162, 0)
    assert (len(decoded.reports), len(decoded.looks)) == (126, 4)
    assert decoded.ignored == {"sector message": 23, "track without detection": 2}
    assert [status.state for status in decoded.statuses] == ["well"]
    assert (np.diff(decoded.reports.received_ns) == 0).all()
    assert np.abs(decoded.looks.time_ns - received).max() < 10_000_000_000


def test_broken_datagrams_cost_nothing_of_others(shared: Path) -> None:
    good = encode(48, [PLOT])
    for line in (shared / "data/asterix/robustness.jsonl").read_text().splitlines():
        case = json.loads(line)
        broken = bytes.fromhex(case["hex"])
        decoder = _decoder()
        for datagram in (good, broken, good, good + broken):
            decoder.push(datagram, NOON_NS)
        decoded = decoder.take()
        at_noon = decoded.reports.time_ns == NOON_NS
        assert at_noon.sum() == 3, case["case"]
        assert decoded.used + sum(decoded.ignored.values()) + decoded.problems.rejected >= 3 + 2 * bool(broken)
        assert decoded.received == decoded.used + sum(decoded.ignored.values()) + decoded.problems.rejected


def test_octets_that_are_lost_are_counted() -> None:
    good = encode(48, [PLOT])
    decoder = _decoder(datagrams=False)
    decoder.push(good + b"\x00garbage" + good * 2 + good[:-1], NOON_NS)
    decoder.close(NOON_NS)
    decoded = decoder.take()
    assert (decoded.used, decoded.problems.rejected) == (3, 2)
    assert decoded.noted == {"octets that could not be read": 8 + len(good) - 4}


def test_what_is_not_taken_in_time_is_counted() -> None:
    decoder = _decoder()
    big = bytes(MAX_PENDING_OCTETS + 1)
    decoder.push(big, NOON_NS)
    decoder.push(encode(48, [PLOT]), NOON_NS)
    decoded = decoder.take()
    assert decoded.problems.counts["octets not taken in time"] == 1
    assert decoder.take().received == 0
