"""Remote ID of one source: who and where put together, news once, books that balance, what receivers write."""

from __future__ import annotations

import base64
import json
import lzma
import math
import struct
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lowsky.model.timebase import NS_PER_S
from lowsky.wire.decoded import Decoded
from lowsky.wire.formats import guess_format
from lowsky.wire.remoteid import transmitters as limits
from lowsky.wire.remoteid.carriers import advertising_packet, beacon
from lowsky.wire.remoteid.codes import SIGMA_OF_CIRCLE, SIGMA_OF_INTERVAL
from lowsky.wire.remoteid.decoder import MAX_PENDING, RemoteIdDecoder
from lowsky.wire.remoteid.encoder import encode_authentication, encode_basic_id, encode_pack, encode_self_id
from lowsky.wire.remoteid.intake import is_text
from lowsky.wire.remoteid.packs import BrokenError
from lowsky.wire.remoteid.receivers import MAX_UNPACKED_BYTES, unpacked
from lowsky.wire.remoteid.reports import nearest_time_ns
from lowsky.wire.remoteid.transmitters import Transmitters, identity_of
from lowsky.wire.remoteid.uasdata import STRUCTURE_BYTES
from tests.wire.remoteid_made import (
    MAC,
    NOW_IN_HOUR_S,
    NOW_NS,
    OPERATOR,
    SERIAL,
    basic_id,
    decoder_of,
    location,
    operator_id,
    system,
)

S = NS_PER_S
ADDRESS = bytes.fromhex(MAC.replace(":", ""))


def feed(decoder: RemoteIdDecoder, *payloads: bytes, at_s: float = 0.0) -> Decoded:
    for payload in payloads:
        decoder.push(payload, NOW_NS + round(at_s * S))
    return balanced(decoder.take())


def balanced(decoded: Decoded) -> Decoded:
    assert decoded.received == decoded.used + sum(decoded.ignored.values()) + decoded.problems.rejected
    return decoded


def identities(decoded: Decoded) -> list[str | None]:
    batch = decoded.reports
    return [batch.identities[i] if i >= 0 else None for i in batch.identity.tolist()]


def test_a_pack_becomes_a_report_and_an_operator() -> None:
    decoded = feed(decoder_of(), encode_pack([basic_id(), location(), operator_id(), system()]))
    assert (decoded.used, decoded.ignored, decoded.problems.rejected) == (4, {}, 0)
    (report,) = identities(decoded)
    assert report == SERIAL
    batch = decoded.reports
    assert (batch.latitude_deg[0], batch.longitude_deg[0], batch.height_m[0]) == (54.36, 18.67, 100.0)
    assert (batch.east_mps[0], batch.north_mps[0], batch.up_mps[0]) == pytest.approx((10.0, 0.0, 1.0), abs=1e-12)
    assert batch.time_ns[0] == NOW_NS
    (operator,) = decoded.operators
    assert (operator.identity, operator.operator_id, operator.source, operator.sensor) == (
        SERIAL,
        OPERATOR,
        "takeoff",
        0,
    )
    assert (operator.latitude_deg, operator.longitude_deg, operator.height_m) == (54.355, 18.65, 45.0)
    assert operator.time_ns == NOW_NS


def test_the_place_of_an_operator_is_nowhere_in_the_reports() -> None:
    decoded = feed(decoder_of(), basic_id(), system(), location())
    told = [getattr(decoded.reports, name) for name in ("latitude_deg", "longitude_deg", "height_m")]
    assert not np.isin(np.concatenate(told), [54.355, 18.65, 45.0]).any()


def test_a_location_does_not_wait_for_its_identity() -> None:
    decoder = decoder_of()
    assert identities(feed(decoder, location())) == [None]
    assert identities(feed(decoder, basic_id(), location(1.0), at_s=1.0)) == [SERIAL]
    assert identities(feed(decoder, location(60.0), at_s=60.0)) == [SERIAL]
    assert identities(feed(decoder, location(62.0), at_s=62.0)) == [None]


def test_each_transmitter_has_its_own_identity() -> None:
    decoder = decoder_of()
    for i, name in enumerate(("9Z9Z9000000001", "9Z9Z9000000002")):
        decoder.push_frame(251, advertising_packet(basic_id(name), bytes([i] * 6)), NOW_NS)
    for i in range(2):
        said = location(latitude_deg=54.36 + i / 100)
        decoder.push_frame(251, advertising_packet(said, bytes([i] * 6)), NOW_NS)
    assert identities(balanced(decoder.take())) == ["9Z9Z9000000001", "9Z9Z9000000002"]


def test_of_two_identities_the_serial_number_goes_first() -> None:
    registration = basic_id("JU1234567890", id_type=2)
    decoded = feed(decoder_of(), encode_pack([registration, basic_id(), location()]))
    assert identities(decoded) == [SERIAL]
    assert identities(feed(decoder_of(), encode_pack([registration, location()]))) == ["JU1234567890"]


def test_identities_that_are_bytes_have_a_form() -> None:
    raw = bytes(range(1, 21))
    assert identity_of(3, raw) == "01020304-0506-0708-090a-0b0c0d0e0f10"
    assert identity_of(4, raw) == raw.hex()
    assert len(identity_of(4, raw)) == 40
    assert identity_of(0, raw) == identity_of(9, raw) == identity_of(1, bytes(20)) == identity_of(4, bytes(20)) == ""
    decoded = feed(decoder_of(), encode_basic_id(0, 2, b""), encode_basic_id(9, 2, b"abc"))
    assert decoded.ignored == {"no identity": 2}


def test_the_same_message_on_other_carriers_and_again_is_no_news() -> None:
    decoder = decoder_of()
    pack = encode_pack([basic_id(), location()])
    decoder.push_frame(105, beacon(pack, ADDRESS, counter=1), NOW_NS)
    decoder.push_frame(251, advertising_packet(pack, b"\xc2" + ADDRESS[1:], counter=9), NOW_NS + S // 10)
    decoder.push_frame(251, advertising_packet(location(), b"\xc2" + ADDRESS[1:], counter=4), NOW_NS + S // 5)
    decoder.push_frame(105, beacon(pack, ADDRESS, counter=1), NOW_NS + S // 2)
    decoded = balanced(decoder.take())
    assert len(decoded.reports) == 1
    assert decoded.ignored == {"duplicate": 3}
    later = feed(decoder, location(1.0), at_s=1.0)
    assert len(later.reports) == 1


def test_two_receivers_are_no_duplicates_of_each_other() -> None:
    decoder = decoder_of(sensor="")
    for name in ("rid", "rid-2", "rid", "nobody"):
        said = {"payload": location().hex(), "sensor": name, "mac": MAC}
        decoder.push(json.dumps(said).encode(), NOW_NS)
    decoded = balanced(decoder.take())
    assert decoded.reports.sensor.tolist() == [0, 1]
    assert decoded.ignored == {"duplicate": 1}
    assert decoded.problems.counts == {"sensor is no sensor of this site": 1}
    assert decoder.names.unknown == {"nobody": 1}


def test_without_a_time_of_its_own_a_message_repeats_for_less_than_a_second() -> None:
    decoder, said = decoder_of(), location(time_s=math.nan)
    counts = [len(feed(decoder, said, at_s=at_s).reports) for at_s in (0.0, 0.3, 0.6, 1.0, 1.3, 2.0)]
    assert counts == [1, 0, 0, 1, 0, 1]


@given(st.integers(0, 36_000), st.integers(0, 4 * 3600))
def test_times_after_the_hour_are_those_nearest_to_now(tenths: int, later_s: int) -> None:
    heard = np.array([NOW_NS + later_s * S])
    (found,) = nearest_time_ns(np.array([tenths / 10]), heard).tolist()
    assert found % (3600 * S) == tenths * S // 10 % (3600 * S)
    assert abs(found - int(heard[0])) <= 1800 * S


def test_a_time_of_another_part_of_the_hour_is_no_live_broadcast() -> None:
    decoded = feed(decoder_of(), location(-600.0), location(59.0))
    assert len(decoded.reports) == 1
    assert decoded.problems.counts == {"timestamp_s is over 60 s from when it was heard": 1}
    assert "item 1, timestamp_s: " in decoded.problems.messages[0]


def test_heights_by_what_is_known() -> None:
    nothing = dict(geodetic_height_m=math.nan)
    decoder = decoder_of(qnh_hpa=1003.25)
    pressure = feed(decoder, location(0.1, **nothing, pressure_height_m=200.0)).reports
    undulation_m = 29.0  # of the geoid near Gdansk
    assert pressure.height_m[0] == pytest.approx(200.0 - 84.0 + undulation_m, abs=3.0)
    assert pressure.sigma_height_m[0] > 8.0
    assert np.isnan(feed(decoder, location(0.2, **nothing, height_m=50.0)).reports.height_m[0])
    feed(decoder, system())
    above = feed(decoder, location(0.3, **nothing, height_m=50.0, vertical_accuracy=4)).reports
    assert above.height_m[0] == 95.0
    assert above.sigma_height_m[0] == pytest.approx(10.0 * SIGMA_OF_INTERVAL)
    ground = feed(decoder, location(0.4, **nothing, height_m=50.0, height_type=1)).reports
    assert (ground.height_m[0], ground.sigma_height_m[0]) == (95.0, 30.0)
    standard = feed(decoder_of(), location(0.1, **nothing, pressure_height_m=200.0)).reports
    assert standard.sigma_height_m[0] > 80.0


def test_accuracies_become_sigmas() -> None:
    codes = dict(horizontal_accuracy=10, vertical_accuracy=5, speed_accuracy=3)
    batch = feed(decoder_of(), location(**codes)).reports
    assert batch.sigma_position_m[0] == pytest.approx(10.0 * SIGMA_OF_CIRCLE)
    assert batch.sigma_height_m[0] == pytest.approx(3.0 * SIGMA_OF_INTERVAL)
    assert batch.sigma_velocity_mps[0] == pytest.approx(1.0 * SIGMA_OF_CIRCLE)
    late = feed(decoder_of(), location(**codes, time_accuracy=15)).reports
    assert late.sigma_position_m[0] == pytest.approx(math.hypot(4.085, 10.0 * 1.5 * SIGMA_OF_INTERVAL), abs=0.01)
    assert np.isnan(feed(decoder_of(), location()).reports.sigma_position_m[0])
    rng = np.random.default_rng(1)
    assert (np.hypot(*rng.normal(0.0, SIGMA_OF_CIRCLE, (2, 100_000))) < 1.0).mean() == pytest.approx(0.95, abs=0.003)


def test_unknown_speeds_are_no_velocity() -> None:
    for said in (dict(speed_mps=math.nan), dict(direction_deg=math.nan), dict(speed_mps=254.25)):
        assert np.isnan(feed(decoder_of(), location(**said)).reports.east_mps[0])
    still = feed(decoder_of(), location(speed_mps=0.0, direction_deg=math.nan)).reports
    assert (still.east_mps[0], still.north_mps[0]) == (0.0, 0.0)


def test_a_place_that_is_not_known_is_no_report_and_no_operator() -> None:
    nowhere = dict(latitude_deg=math.nan, longitude_deg=math.nan)
    decoded = feed(decoder_of(), basic_id(), location(**nowhere), system(**nowhere))
    assert (len(decoded.reports), decoded.operators, decoded.ignored) == (0, (), {"no place known": 2})


def test_an_operator_waits_for_the_identity_of_the_aircraft() -> None:
    decoder = decoder_of()
    assert feed(decoder, system()).operators == ()
    (operator,) = feed(decoder, basic_id(), at_s=1.0).operators
    assert operator.identity == SERIAL
    unknown = decoder_of()
    assert feed(unknown, system()).operators == ()
    (operator,) = feed(unknown, system(latitude_deg=54.3551), at_s=11.0).operators
    assert operator.identity == ""


def test_an_operator_out_of_reach_is_refused() -> None:
    decoded = feed(decoder_of(), basic_id(), system(latitude_deg=20.0))
    assert decoded.operators == ()
    assert decoded.problems.counts == {"operator lat, lon is over 2 times max_range_m from the sensor": 1}


def test_what_is_no_report_is_counted_by_what_it_is() -> None:
    said = (*encode_authentication(1, bytes(40), 0), encode_self_id(b"survey"), location(status=3))
    decoded = feed(decoder_of(), *said)
    assert decoded.ignored == {"authentication": 2, "self ID": 1}
    assert decoded.noted == {"status emergency": 1}


def test_counters_tell_what_was_lost() -> None:
    decoder = decoder_of()
    for counter, after_s in ((250, 0), (251, 1), (254, 2), (1, 3), (1, 4), (90, 30)):
        packet = advertising_packet(location(after_s), ADDRESS, counter)
        decoder.push_frame(251, packet, NOW_NS + after_s * S)
    assert balanced(decoder.take()).noted == {"messages lost": 2 + 2}


def test_pieces_of_a_stream_and_broken_messages() -> None:
    stream = basic_id() + encode_pack([location()]) + b"\x62" * 25 + location(1.0) + location(2.0)[:20]
    decoder = decoder_of(datagrams=False)
    for i in range(0, len(stream), 7):
        decoder.push(stream[i : i + 7], NOW_NS)
    decoder.close(NOW_NS)
    decoded = balanced(decoder.take())
    assert len(decoded.reports) == 2
    assert decoded.problems.counts == {"message type is not known": 1, "message cut": 1}


def test_the_recording_of_all_fixtures_keeps_its_books(shared: Path) -> None:
    data = (shared / "data" / "remoteid" / "messages.bin").read_bytes()
    decoder = decoder_of(datagrams=False, encoding="messages")
    decoder.push(data, NOW_NS)
    decoder.close(NOW_NS)
    decoded = balanced(decoder.take())
    assert decoded.received >= 900
    assert decoded.problems.counts["latitude is not on the earth"] > 0
    assert all(abs(o.latitude_deg - 54.35) < 1.0 for o in decoded.operators)


def test_memory_is_bounded() -> None:
    decoder = decoder_of()
    decoder._gathered.messages = [b""] * MAX_PENDING
    decoder.push(location(), NOW_NS)
    assert decoder._faults.counts == {"message not taken in time": 1}
    known = Transmitters()
    for i in range(limits.MAX_TRANSMITTERS + 10):
        known.at((0, str(i)), NOW_NS)
    assert (len(known), known.forgotten) == (limits.MAX_TRANSMITTERS, 10)
    for i in range(limits.MAX_REMEMBERED + 10):
        assert not known.is_repeated(0, "a", i.to_bytes(4, "big"), NOW_NS, True)
    assert len(known._seen) == limits.MAX_REMEMBERED
    assert known.at((0, "0"), NOW_NS).ids == {}


# --- what receivers write ---


def structure() -> bytes:
    """`ODID_UAS_Data` with a serial number, a location, a system and an operator, as a C compiler lays it out."""
    data = bytearray(STRUCTURE_BYTES + 6)
    struct.pack_into("<II20s", data, 0, 2, 1, SERIAL.encode())
    said = (2, 90.0, 10.0, 1.0, 54.36, 18.67, -1000.0, 100.0, 0, -1000.0, 10, 5, 0, 3, 0, float(NOW_IN_HOUR_S))
    struct.pack_into("<IfffddffIfIIIIIf", data, 64, *said)
    struct.pack_into("<IIddHHffIIfI", data, 808, 0, 0, 54.355, 18.65, 1, 0, -1000.0, -1000.0, 0, 0, 45.0, 0)
    struct.pack_into("<I20s", data, 864, 0, OPERATOR.encode())
    for flag in (892, 894, 912, 913):
        data[flag] = 1
    return bytes(data)


def dronescout(**changed: Any) -> dict[str, Any]:
    data = {
        "sensor ID": "rid", "RSSI": -70, "channel": 6, "timestamp": NOW_NS // 1_000_000, "MAC address": MAC,
        "type": "BLE legacy", "UASdata": base64.b64encode(structure()).decode(),
    }  # fmt: skip
    return {"protocol": 1.0, "data": data | changed}


DRONEID: list[dict[str, dict[str, Any]]] = [
    {"Basic ID": {"id_type": "Serial Number (ANSI/CTA-2063-A)", "ua_type": 2, "id": SERIAL, "MAC": MAC, "RSSI": -65}},
    {
        "Location/Vector Message": {
            "latitude": 54.36, "longitude": 18.67, "geodetic_altitude": 100.0, "height_agl": 50.0, "speed": 10.0,
            "vert_speed": 1.0, "direction": 90, "height_type": "Above Takeoff", "op_status": "Airborne",
            "pressure_altitude": "95.0 m", "horizontal_accuracy": "< 10 m", "vertical_accuracy": "< 3 m",
            "speed_accuracy": "< 1 m/s", "timestamp": str(NOW_IN_HOUR_S),
        }
    },
    {"System Message": {"latitude": 54.355, "longitude": 18.65, "geodetic_altitude": 45.0}},
    {"Operator ID Message": {"operator_id": OPERATOR}},
]  # fmt: skip
ODID: dict[str, Any] = {
    "rssi": -60, "tech": "BT5", "sensor_id": "rid",
    "odid": {
        "BasicID": [{"UAType": 2, "IDType": 1, "UASID": SERIAL}],
        "Location": {
            "Status": 2, "Direction": 90, "SpeedHorizontal": 10, "SpeedVertical": 1, "Latitude": 54.36,
            "Longitude": 18.67, "AltitudeGeo": 100, "AltitudeBaro": -1000, "HorizAccuracy": 10, "VertAccuracy": 5,
            "SpeedAccuracy": 3, "Timestamp": "2026-09-21T14:13:20Z",
        },
        "System": {"OperatorLatitude": 54.355, "OperatorLongitude": 18.65, "OperatorAltitudeGeo": 45.0},
        "OperatorID": {"OperatorId": OPERATOR},
    },
}  # fmt: skip
FLAT = {
    "mac": MAC, "rssi": -71, "drone_lat": 54.36, "drone_long": 18.67, "drone_altitude": 100, "pilot_lat": 54.355,
    "pilot_long": 18.65, "basic_id": SERIAL,
}  # fmt: skip
ID_SCANNER = {
    "index": 0, "runtime": 12, "mac": MAC, "id": OPERATOR, "uav latitude": 54.36, "uav longitude": 18.67,
    "alitude msl": 100, "height agl": 50, "base latitude": 54.355, "base longitude": 18.65, "speed": 10, "heading": 90,
}  # fmt: skip


@pytest.mark.parametrize(
    ("said", "identity", "velocity"),
    [
        (dronescout(), SERIAL, True),
        (DRONEID, SERIAL, True),
        ({k: v for part in DRONEID for k, v in part.items()}, SERIAL, True),
        (ODID, SERIAL, True),
        (FLAT, SERIAL, False),
        (ID_SCANNER, None, True),
        ({"payload": encode_pack([basic_id(), location(), system()]).hex(" ")}, SERIAL, True),
        ({"payload": base64.b64encode(encode_pack([basic_id(), location(), system()])).decode()}, SERIAL, True),
        (
            {"payload": beacon(encode_pack([basic_id(), location(), system()]), ADDRESS).hex(), "link_type": 105},
            SERIAL,
            True,
        ),
    ],
    ids=["dronescout", "droneid", "droneid-object", "odid", "flat", "id_scanner", "hex", "base64", "frame"],
)
def test_shapes_of_receivers(said: Any, identity: str | None, velocity: bool) -> None:
    line = json.dumps(said).encode()
    decoded = feed(decoder_of(), line)
    assert not decoded.problems, decoded.problems.messages
    batch = decoded.reports
    assert identities(decoded) == [identity]
    assert (batch.latitude_deg[0], batch.longitude_deg[0], batch.height_m[0]) == (54.36, 18.67, 100.0)
    assert batch.time_ns[0] == NOW_NS
    if velocity:
        assert (batch.east_mps[0], batch.north_mps[0]) == pytest.approx((10.0, 0.0), abs=1e-9)
    if identity:
        (operator,) = decoded.operators
        assert (operator.latitude_deg, operator.longitude_deg) == (54.355, 18.65)
    stream = decoder_of(datagrams=False)
    stream.push(line + b"\r\n" + line + b"\n", NOW_NS)
    again = balanced(stream.take())
    assert len(again.reports) == 1
    assert again.ignored["duplicate"] >= 1


def test_a_dronescout_tells_how_it_is_and_compresses() -> None:
    status = {"protocol": 1.0, "status": {"sensor ID": "rid", "timestamp": NOW_NS // 1_000_000, "status": "normal"}}
    ill = {"protocol": 1.0, "status": {"sensor ID": "rid", "status": "invalid license"}}
    together = (json.dumps(status) + json.dumps(ill) + json.dumps(dronescout())).encode()
    decoded = feed(decoder_of(), lzma.compress(together + b"\0"))
    assert [(s.state, s.text) for s in decoded.statuses] == [("well", "normal"), ("faulty", "invalid license")]
    assert len(decoded.reports) == 1
    assert feed(decoder_of(), b'{"protocol": 1.0, "location": {"sensor ID": "rid"}}').ignored == {"other JSON": 1}


def test_what_is_compressed_is_bounded() -> None:
    for data in (lzma.compress(bytes(MAX_UNPACKED_BYTES + 1)), lzma.compress(b"x")[:-4], b"\xfd7zXZ\x00nonsense"):
        with pytest.raises(BrokenError):
            unpacked(data)
    assert unpacked(b"as it is") == b"as it is"


def test_the_log_of_the_android_receiver() -> None:
    pack = encode_pack([basic_id(), location()])
    rows = [
        "session,timestamp (nanos),transportType,macAddress,msgVersion,rssi,payload,idType",
        f"1,123456789,Beacon,{MAC},2,-50,{(bytes([7]) + pack + bytes(9)).hex(' ').upper()} ,1,2,",
        f"1,123456790,BT4,{MAC},2,-50,{advertising_packet(location(1.0), ADDRESS)[12:-3].hex(' ').upper()} ,,",
        f"1,123456791,BT4,{MAC},2,-50,02 01 06 ,,",
    ]
    decoder = decoder_of(datagrams=False)
    decoder.push("\n".join(rows).encode() + b"\n", NOW_NS)
    decoded = balanced(decoder.take())
    assert identities(decoded) == [SERIAL, SERIAL]
    assert decoded.ignored == {"head of a table": 1, "no Remote ID": 1}


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        (b'{"payload": "no bytes"}', "payload no bytes"),
        (b'{"payload": "12"}', "message cut"),
        (b'{"payload": "00", "link_type": 1}', "link type not read"),
        (b'{"protocol": 1.0, "data": {"UASdata": "AAAA"}}', "UASdata cut"),
        (b'{"drone_lat": 91, "drone_long": 0}', "value not possible"),
        (b'{"drone_lat": 1e999, "drone_long": 0}', "line not JSON"),
        (b'{"drone_lat": 1' + b"0" * 400 + b"}", "value not possible"),
        (b'{"odid": 5}', "line no object"),
        (b"[[1]]", "line no object"),
        (b'{"a": ', "line not JSON"),
        (b"hello, world", "line not read"),
        (b"1,2,BT4,x,2,-50,zz", "payload no bytes"),
    ],
)
def test_lines_that_cannot_be_used_cost_themselves(line: bytes, kind: str) -> None:
    decoder = decoder_of(datagrams=False)
    decoder.push(line + b"\n" + json.dumps(FLAT).encode() + b"\n", NOW_NS)
    decoded = balanced(decoder.take())
    assert decoded.problems.counts == {kind: 1}
    assert decoded.problems.messages[0].startswith("receiver, item 1, ")
    assert len(decoded.reports) == 1


def test_text_and_messages_are_told_apart() -> None:
    assert is_text(b'{"payload": "00"}')
    assert is_text(json.dumps(DRONEID).encode())
    assert is_text(b"session,timestamp (nanos),transportType")
    assert not any(map(is_text, (location(), basic_id(), system(), encode_self_id(b"A" * 23, 0x41), operator_id())))


def test_the_format_is_recognised_in_files() -> None:
    for head in (basic_id() + location() + system(), json.dumps(ODID).encode(), beacon(location(), ADDRESS)):
        found = guess_format(head)
        assert found is not None
        assert found.name == "remoteid"


JSONS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [*FLAT, *ID_SCANNER, *ODID, *ODID["odid"], *(k for p in DRONEID for k in p), "payload", "data"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(st.lists(JSONS, min_size=1, max_size=4))
def test_any_json_keeps_the_books(values: list[Any]) -> None:
    decoder, seen = decoder_of(), Counter[str]()
    for value in values:
        decoder.push(json.dumps(value).encode(), NOW_NS)
        decoded = balanced(decoder.take())
        seen["items"] += decoded.received
        assert np.isfinite(decoded.reports.latitude_deg).all()
    assert seen["items"] >= len(values)


@given(
    st.lists(st.sampled_from([basic_id(), location(), location(0.5), system(), operator_id()]), max_size=12), st.data()
)
def test_how_messages_come_to_one_take_does_not_matter(messages: list[bytes], data: st.DataObject) -> None:
    at_once, one_by_one = decoder_of(), decoder_of()
    together = feed(at_once, *messages)
    apart = [feed(one_by_one, message) for message in messages]
    assert together.used == sum(d.used for d in apart)
    assert list(together.operators) == [o for d in apart for o in d.operators]
    assert identities(together) == [name for d in apart for name in identities(d)]
