"""AIS to reports: what a message means, what is left out, and what costs only itself."""

import json
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lowsky.model.heights import Datum, ellipsoidal_height
from lowsky.wire.ais.messages import MAX_WAITING
from lowsky.wire.ais.positions import times_of
from lowsky.wire.ais.vessels import MAX_VESSELS, Vessel, Vessels
from lowsky.wire.formats import find_format
from tests.wire.ais.made import MMSI, T0, S, checksum, decoder, read, sentences, stream, tagged

KNOT = 1852 / 3600
MINUTE = 60 * S


def test_a_position_of_class_a() -> None:
    reports = read(stream(sentences(1))).reports
    height, sigma = ellipsoidal_height(0.0, 51.01, 4.02, Datum.MSL)
    course = math.radians(100.5)
    assert reports.identities == (str(MMSI),)
    assert reports.latitude_deg == pytest.approx([51.01], abs=1e-6)
    assert reports.longitude_deg == pytest.approx([4.02], abs=1e-6)
    assert reports.height_m == pytest.approx([float(height)])
    assert 40 < reports.height_m[0] < 50  # the sea lies above the ellipsoid here
    assert reports.sigma_height_m == pytest.approx([math.hypot(3.0, float(sigma))])
    assert reports.east_mps == pytest.approx([12.3 * KNOT * math.sin(course)])
    assert reports.north_mps == pytest.approx([12.3 * KNOT * math.cos(course)])
    assert reports.sigma_position_m == pytest.approx([math.hypot(4.1, 12.3 * KNOT * 0.29)])
    assert reports.time_ns.tolist() == [T0]


@pytest.mark.parametrize("kind", [1, 2, 3, 11, 18, 19, 27])
def test_every_type_that_tells_a_position(kind: int) -> None:
    reports = read(stream(sentences(kind))).reports
    assert reports.latitude_deg == pytest.approx([51.01], abs=1e-3 if kind == 27 else 1e-6)
    assert reports.identities == (str(MMSI),)
    assert np.isfinite(reports.east_mps).tolist() == [kind != 11]


@pytest.mark.parametrize(
    ("told", "missing"),
    [({"speed": 102.3}, "east_mps"), ({"course": 360.0}, "north_mps"), ({"speed": 102.3}, "sigma_velocity_mps")],
)
def test_what_is_not_available_is_missing(told: dict[str, Any], missing: str) -> None:
    reports = read(stream(sentences(1, **told))).reports
    assert np.isnan(getattr(reports, missing)).tolist() == [True]
    assert np.isfinite(reports.latitude_deg).all()


def test_who_stands_still_needs_no_course() -> None:
    reports = read(stream(sentences(1, speed=0.0, course=360.0))).reports
    assert (reports.east_mps.tolist(), reports.north_mps.tolist()) == ([0.0], [0.0])


@pytest.mark.parametrize(
    ("message", "name"),
    [
        (sentences(1, lon=181, lat=91), "position not available"),
        (sentences(1, lon=181), "position not available"),
        (sentences(18, lat=91), "position not available"),
        (sentences(27, lon=181, lat=91), "position not available"),
        (sentences(1, second=63), "positioning out of order"),
        (sentences(4, 2_001_234, year=2025, month=6, day=15), "base station"),
        (sentences(11, 2_001_234), "base station"),
        (sentences(21, 992_006_001, name="NOWHERE", virtual_aid=1), "virtual aid to navigation"),
        (sentences(1, 970_010_001, status=15), "distress beacon tested"),
        (sentences(14, text="HELLO"), "safety text"),
        (sentences(24, partno=0, shipname="NOBODY"), "ship described"),
        (sentences(8, dac=1, fid=0, data=b"\0\0"), "message 8"),
        ([b"$GPGGA,123519,4807.038,N,01131.000,E,1,08,0.9,545.4,M,46.9,M,,*47"], "other sentence"),
        ([b"$AIALR,1*00"], "other sentence"),
        ([tagged(b"", b"g:1-2-3")], "tag block alone"),
    ],
)
def test_what_says_nothing_for_the_picture_is_counted_by_what_it_is(message: list[bytes], name: str) -> None:
    decoded = read(stream(message))
    assert (decoded.used, decoded.ignored, decoded.problems.rejected) == (0, {name: 1}, 0)


def test_a_beacon_in_distress_a_buoy_and_an_aircraft_that_searches() -> None:
    active = read(stream(sentences(1, 970_010_001, status=14)))
    assert active.reports.identities == ("970010001",)
    buoy = read(stream(sentences(21, 992_001_001, name="BUOY", virtual_aid=0, second=60)))
    assert buoy.reports.identities == ("992001001",)
    for sensor, datum in ((0, Datum.MSL), (1, Datum.PRESSURE)):
        message = sentences(9, 111_200_001, alt=300, speed=90)
        if sensor:  # the altitude sensor is bit 134
            message = [with_bit(message[0], 134)]
        reports = read(stream(message)).reports
        height, _ = ellipsoidal_height(300.0, 51.01, 4.02, datum)
        assert reports.height_m == pytest.approx([float(height)])
        assert math.hypot(reports.east_mps[0], reports.north_mps[0]) == pytest.approx(90 * KNOT)
    unknown = read(stream(sentences(9, 111_200_001, alt=4095)))
    assert np.isnan(unknown.reports.height_m).all()


def with_bit(line: bytes, bit: int) -> bytes:
    """A sentence with one bit of its payload set."""
    parts = line.split(b",")
    payload = bytearray(parts[5])
    value = payload[bit // 6] - 48
    value = (value - 8 if value > 40 else value) | (32 >> bit % 6)
    payload[bit // 6] = value + (48 if value < 40 else 56)
    parts[5] = bytes(payload)
    body = b",".join(parts)[1:].rpartition(b"*")[0]
    return b"!%s*%02X" % (body, checksum(body))


@pytest.mark.parametrize(
    ("second", "received", "expected"),
    [
        (40, T0, T0),
        (39, T0, T0 - S),
        (43, T0, T0),  # a clock ahead
        (43, T0 + S // 2, T0 + S // 2),
        (46, T0, T0 - 54 * S),
        (59, T0 + 21 * S, T0 + 19 * S),
        (60, T0, T0),
        (61, T0, T0),
    ],
)
def test_times_are_the_told_second_before_the_receipt(second: int, received: int, expected: int) -> None:
    given_ns = np.array([received])
    assert times_of(np.array([second]), given_ns, given_ns).tolist() == [expected]


def test_positions_are_carried_on_to_their_receipt() -> None:
    reports = read(stream(sentences(1, second=38, speed=20.0, course=0.0))).reports
    assert reports.time_ns.tolist() == [T0]
    assert reports.latitude_deg == pytest.approx([51.01 + 2 * 20 * KNOT / 111_270], abs=1e-6)
    assert reports.sigma_position_m[0] > read(stream(sentences(1, speed=20.0))).reports.sigma_position_m[0]
    late = read(stream(sentences(1, second=20, speed=20.0, course=0.0))).reports
    assert late.time_ns.tolist() == [T0 - 20 * S]
    still = read(stream(sentences(1, second=38, speed=102.3))).reports
    assert still.time_ns.tolist() == [T0 - 2 * S]


def test_the_time_of_a_tag_block_is_used_only_if_wanted() -> None:
    told = [tagged(sentences(1, second=60)[0], b"s:station,c:%d" % (T0 // S - 3))]
    assert read(stream(told)).reports.time_ns.tolist() == [T0]
    clocked = read(stream(told), clock="tag").reports
    assert clocked.time_ns.tolist() == [T0]  # carried on to its receipt
    far = [tagged(sentences(1, second=60)[0], b"c:%d" % ((T0 // S - 120) * 1000))]
    assert read(stream(far), clock="tag").reports.time_ns.tolist() == [T0 - 120 * S]


def test_accuracies() -> None:
    def sigma(kind: int = 1, **told: Any) -> float:
        return float(read(stream(sentences(kind, speed=0.0, **told))).reports.sigma_position_m[0])

    assert (sigma(), sigma(accuracy=0), sigma(second=61), sigma(second=62)) == (4.1, 15.0, 200.0, 200.0)
    assert (sigma(27), sigma(27, gnss=1)) == (55.0, 200.0)


def test_rivers_lie_above_the_sea() -> None:
    low, high = (read(stream(sentences(1)), water_msl_m=w).reports.height_m[0] for w in (0.0, 95.0))
    assert high - low == pytest.approx(95.0)


def test_one_message_heard_twice_counts_once() -> None:
    decoded = read(stream(sentences(1), sentences(1, repeat=1), sentences(1, second=39)))
    assert (decoded.used, decoded.ignored) == (2, {"message repeated": 1})


def test_ships_are_known_by_name() -> None:
    reading = decoder()
    size = {"to_bow": 100, "to_stern": 50, "to_port": 9, "to_starboard": 11}
    static = sentences(5, shipname="SOMEBODY", callsign="AB12", ship_type=70, **size)
    reading.push(stream(static, sentences(24, 200_000_002, partno=0, shipname="NOBODY")), T0)
    reading.push(stream(sentences(24, 200_000_002, partno=1, callsign="X1", ship_type=37, to_bow=4, to_stern=5)), T0)
    decoded = reading.take()
    assert decoded.ignored == {"sentence of a longer message": 1, "ship described": 3}
    assert reading.vessels.find(MMSI) == Vessel("SOMEBODY", "AB12", 70, 150, 20)
    assert reading.vessels.find(200_000_002) == Vessel("NOBODY", "X1", 37, 9, 0)
    assert reading.vessels.find(1) is None


def test_the_table_of_ships_is_bounded() -> None:
    vessels = Vessels()
    payload = bytearray(sentences(24, partno=0, shipname="NOBODY")[0].split(b",")[5])
    for i in range(MAX_VESSELS + 200):
        payload[2:5] = (48 + i % 32, 48 + i // 32 % 32, 48 + i // 1024)
        vessels.read(24, bytes(payload))
    assert len(vessels) == MAX_VESSELS


@given(st.permutations(range(4)), st.booleans())
def test_parts_may_be_mixed(order: list[int], other_channel: bool) -> None:
    first = sentences(5, sequence=1, shipname="FIRST", destination="NOWHERE")
    second = sentences(5, 200_000_002, sequence=2, shipname="SECOND", destination="NOWHERE")
    if other_channel:
        body = [line.replace(b",2,A,", b",1,B,")[1:].rpartition(b"*")[0] for line in second]
        second = [b"!%s*%02X" % (b, checksum(b)) for b in body]
    parts = [*first, *second]
    reading = decoder()
    for i in order:
        reading.push(parts[i] + b"\n", T0)
    assert reading.take().ignored == {"sentence of a longer message": 2, "ship described": 2}
    assert reading.vessels.find(MMSI) == Vessel("FIRST")
    assert reading.vessels.find(200_000_002) == Vessel("SECOND")


def test_parts_without_the_rest_are_given_up_and_counted() -> None:
    first, last = sentences(5, shipname="FIRST")
    reading = decoder()
    reading.push(first + b"\n", T0)
    assert reading.take().received == 0
    reading.push(last + b"\n", T0 + MINUTE)  # too late: it waits in its turn
    assert reading.take().problems.counts == {"rest of the message missing": 1}
    reading.close(T0 + MINUTE)
    assert reading.take().problems.counts == {"rest of the message missing": 1}
    for i in range(3 * MAX_WAITING):
        body = b"AIVDM,%d,1,%d,%s,55,0" % (2 + i % 8, i % 10, b"ABCD12"[i % 6 : i % 6 + 1])
        reading.push(b"!%s*%02X\n" % (body, checksum(body)), T0)
    reading.close(T0)
    assert reading.take().problems.counts == {"rest of the message missing": 3 * MAX_WAITING}


def test_ais_catchers_json() -> None:
    message = {
        "class": "AIS",
        "device": "AIS-catcher",
        "channel": "A",
        "mmsi": MMSI,
        "nmea": [s.decode() for s in sentences(1)],
    }
    wrong = [b'{"class":"AIS"}', b'{"nmea":[]}', b'{"nmea":["!AIVDM,1"]}', b"{"]
    decoded = read(json.dumps(message).encode() + b"\n" + b"\n".join(wrong))
    assert (decoded.used, decoded.problems.counts) == (1, {"line not JSON with nmea": 3, "no checksum": 1})


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        (sentences(1)[0][:-1] + b"0", "checksum wrong"),
        (sentences(1)[0][:-3], "no checksum"),
        (sentences(1)[0][:20], "no checksum"),
        (sentences(1)[0].replace(b",0*", b",7*"), "sentence malformed"),
        (b"\xff\xfe!AIVDM", "no sentence"),
        (b"!AIVDM,1,1,,A,,0*26", "payload empty"),
        (b"!AIVDM,2,3,1,A,0000,0*%02X" % checksum(b"AIVDM,2,3,1,A,0000,0"), "sentence malformed"),
        (b"!AIVDM,1,1,,A,13u?,0*%02X" % checksum(b"AIVDM,1,1,,A,13u?,0"), "message cut short"),
        (b"!AIVDM,1,1,,A,w000,0*%02X" % checksum(b"AIVDM,1,1,,A,w000,0"), "message type unknown"),
        (tagged(sentences(1)[0], b"c:1750000000").replace(b"c:1", b"c:2"), "tag block wrong"),
        (tagged(sentences(1)[0], b"c:yesterday"), "tag block wrong"),
        (tagged(sentences(1)[0], b"c:9999999999999"), "tag block wrong"),
        (b"x" * 5000, "line too long"),
        (sentences(1, 0)[0], "mmsi is not between 1 and 999999999"),
        (sentences(1, lat=90.5)[0], "lat is not between -90 and 90"),
        (sentences(1, lon=180.5)[0], "longitude is not between -180 and 180"),
    ],
)
def test_a_wrong_line_costs_only_itself(line: bytes, kind: str) -> None:
    decoded = read(line + b"\r\n" + stream(sentences(1, 200_000_009)))
    assert (decoded.used, decoded.problems.counts) == (1, {kind: 1})
    assert decoded.problems.messages[0].startswith("feed, ")


@given(st.lists(st.sampled_from([*sentences(1), *sentences(5, shipname="X"), b"$GPGGA,1*00", b"no", b"!AIVDM,1", b""])))
def test_every_line_is_counted_once(lines: list[bytes]) -> None:
    decoded = read(b"\n".join(lines))
    assert decoded.received == sum(map(bool, lines))


def test_a_datagram_ends_its_line() -> None:
    reading = decoder(datagrams=True)
    reading.push(sentences(1)[0], T0)
    reading.push(b"\n".join(sentences(18, 200_000_002)), T0)
    assert reading.take().used == 2


def test_the_reader_tells_messages_and_faults() -> None:
    found = find_format("ais")
    reader = found.reader(found.options(), False)
    data = stream(sentences(5, shipname="SOMEBODY"), sentences(1), [b"no", b"!AIVDM,1,1,,A,w000,0*47"])
    static, position, *wrong = [*reader.push(data), *reader.close()]
    assert (static["msg_type"], static["shipname"]) == (5, "SOMEBODY")
    assert (position["longitude_deg"], position["speed_kn"]) == (4.02, 12.3)
    assert [list(item) for item in wrong] == [["error"], ["error"]]
