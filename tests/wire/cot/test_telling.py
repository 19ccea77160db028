"""The picture to events: types that say no side, errors as the schema means them, and takproto reads them."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
import takproto
from hypothesis import given
from hypothesis import strategies as st

from lowsky.model.bearing import Bearing
from lowsky.model.kinds import Kind
from lowsky.model.notice import Level
from lowsky.model.picture import Status
from lowsky.model.place import Place, Shape
from lowsky.wire.cap import Call
from lowsky.wire.cot import protobuf, xml
from lowsky.wire.cot.bearings import MAX_LINES, bearing_events
from lowsky.wire.cot.event import Event, check
from lowsky.wire.cot.furniture import place_event, sensor_event
from lowsky.wire.cot.objects import ALLOWED_TYPE, DECLARED, TYPES, object_events, type_of
from lowsky.wire.cot.shapes import place_from
from lowsky.wire.cot.voice import Point, Voice
from lowsky.wire.cot.warnings import ALERTS, MAX_LINKS, alert_event, chat_event
from tests.wire.cot.making import NOW_NS, SITE, S, air

VOICE = Voice("port", "Port of Test")
DRILL = Voice("port", "Port of Test", drill=True)
RING = ((54.3, 18.6), (54.4, 18.6), (54.4, 18.8))


def read_by_others(one: Event) -> None:
    """Both forms are what we and takproto read."""
    check(one)
    assert xml.decode(xml.encode(one)).uid == one.uid
    for data in (
        xml.encode(one),
        protobuf.mesh_frame(protobuf.encode(one)),
        protobuf.stream_frame(protobuf.encode(one)),
    ):
        message = takproto.parse_proto(bytearray(data)).cotEvent
        assert (message.uid, message.type, message.opex) == (one.uid, one.type, one.opex)
        assert (message.lat, message.lon) == (one.latitude_deg, one.longitude_deg)
        assert message.staleTime * 1_000_000 == one.stale_ns // 1_000_000 * 1_000_000


def test_an_object_is_where_it_is_with_its_error_and_course() -> None:
    turned = np.zeros((1, 6, 6))
    turned[0, :2, :2] = [[500.0, 400.0], [400.0, 500.0]]  # along the diagonal: 30 m and 10 m
    turned[0, 2, 2] = 49.0
    [one] = object_events(air(covariance=turned), VOICE, 30.0, 1.0)
    read_by_others(one)
    assert (one.uid, one.type, one.how, one.opex) == ("lowsky.port.track.1", "a-u-A-M-F-Q", "m-f", "")
    assert (one.latitude_deg, one.longitude_deg, one.hae_m) == (54.4, 18.7, 155.5)
    assert (one.ce_m, one.le_m) == (30.0, 7.0)
    track = one.find("track")
    assert track is not None
    assert track.attributes == {"course": "143.1", "speed": "50.0"}
    assert (one.time_ns, one.stale_ns) == (NOW_NS, NOW_NS - 3 * S + 30 * S)
    assert one.callsign == "1 fixed wing"
    remarks = one.find("remarks")
    assert remarks is not None
    assert remarks.text == "fixed wing 80 %; exists 99 %; last report 3 s ago, 57 reports; descends 2 m/s"
    assert one.said("__lowsky", "sigma_azimuth_deg") == "45"


def test_what_was_not_seen_lately_is_stale_sooner_but_never_between_two_tellings() -> None:
    told = air(2, last_report_ns=[NOW_NS - 28 * S, NOW_NS], status=[Status.COASTING, Status.CONFIRMED])
    coasting, fresh = object_events(told, VOICE, 30.0, 5.0)
    assert coasting.stale_ns == NOW_NS + 10 * S
    assert fresh.stale_ns == NOW_NS + 30 * S
    remarks = coasting.find("remarks")
    assert remarks is not None
    assert "not seen now: predicted" in remarks.text


def test_what_has_ended_is_deleted() -> None:
    [one] = object_events(air(status=[Status.ENDED]), VOICE, 30.0, 1.0)
    read_by_others(one)
    assert (one.type, one.uid) == ("t-x-d-d", "lowsky.port.track.1.end")
    assert one.said("link", "uid") == "lowsky.port.track.1"
    assert one.find("__forcedelete") is not None


def test_no_type_says_whose_side_something_is_on() -> None:
    assert set(TYPES) == set(Kind)
    for kind in (*TYPES.values(), *DECLARED.values()):
        assert ALLOWED_TYPE.fullmatch(kind)
    for hostile in ("a-h-A", "a-s-A", "a-j-A", "a-k-A", "a-f-A", "a-u", "a-u-A;x"):
        assert not ALLOWED_TYPE.fullmatch(hostile)


@pytest.mark.parametrize(
    ("kind", "probability", "identity", "expected"),
    [
        (Kind.MULTIROTOR, 0.9, "", "a-u-A-M-H-Q"),
        (Kind.MULTIROTOR, 0.4, "", "a-u-A"),
        (Kind.MULTIROTOR, math.nan, "9Z9Z", "a-u-A-M-H-Q"),
        (Kind.BIRD, 0.9, "", "a-n-A"),
        (Kind.BALLOON, 0.9, "", "a-u-A-C-L"),
        (Kind.AIRCRAFT, 0.9, "", "a-u-A-C"),
        (Kind.AIRCRAFT, 0.9, "F00001", "a-n-A-C"),
        (Kind.VESSEL, 0.9, "200123456", "a-n-S-X"),
        (Kind.VESSEL, 0.9, "", "a-u-S"),
        (Kind.UNKNOWN, 0.9, "", "a-u-A"),
    ],
)
def test_types(kind: Kind, probability: float, identity: str, expected: str) -> None:
    assert type_of(kind, probability, identity, {}) == expected
    assert type_of(Kind.BIRD, 0.9, "", {Kind.BIRD: "a-u-A"}) == "a-u-A"


@given(
    values=st.lists(st.floats(0.001, 1e5), min_size=6, max_size=6),
    place=st.tuples(st.floats(-90, 90), st.floats(-180, 180), st.floats(-100, 2e4)),
    velocity=st.tuples(*[st.floats(-300, 300)] * 3),
    kind=st.sampled_from(Kind),
    drill=st.booleans(),
)
def test_any_object_makes_an_event_that_we_read(
    values: list[float], place: tuple[float, ...], velocity: tuple[float, ...], kind: Kind, drill: bool
) -> None:
    told = air(
        latitude_deg=[place[0]], longitude_deg=[place[1]], height_m=[place[2]], velocity_mps=[velocity],
        covariance=[np.diag(values)], kind=[kind], identity=("<&\x07>",), level=[Level.IMMINENT],
    )  # fmt: skip
    [one] = object_events(told, DRILL if drill else VOICE, 30.0, 1.0)
    check(one)
    for again in (xml.decode(xml.encode(one)), protobuf.decode(protobuf.encode(one))[0]):
        assert again is not None
        assert again.latitude_deg == pytest.approx(place[0], abs=1e-7)
        assert again.how == ("m-s" if drill else "m-f")
    assert 0.0 <= float(one.said("track", "course")) < 360.0


def test_an_exercise_says_so_in_every_way() -> None:
    [one] = object_events(air(), DRILL, 30.0, 1.0)
    remarks = one.find("remarks")
    assert remarks is not None
    assert (one.opex, one.how, one.callsign[:9], remarks.text[:9]) == ("e-port", "m-s", "EXERCISE ", "EXERCISE ")
    assert one.said("__lowsky", "drill") == "true"
    read_by_others(one)


def test_a_direction_is_a_line_from_its_sensor() -> None:
    heard = [Bearing(2, NOW_NS - S, NOW_NS, math.radians(a), math.radians(2.0)) for a in (10.0, 20.0)]
    newest, older = bearing_events(heard, SITE, VOICE, NOW_NS, 3.0)
    read_by_others(newest)
    assert (newest.type, newest.uid, older.uid) == (
        "u-rb-a",
        "lowsky.port.bearing.ears.0",
        "lowsky.port.bearing.ears.1",
    )
    assert (newest.latitude_deg, newest.longitude_deg, newest.time_ns) == (54.31, 18.62, NOW_NS - S)
    values = {name: newest.said(name, "value") for name in ("bearing", "range", "northRef", "bearingUnits")}
    assert values == {"bearing": "20.00", "range": "5000", "northRef": "0", "bearingUnits": "0"}
    assert newest.said("__lowsky", "sigma_deg") == "2.00"
    assert math.isnan(newest.ce_m)
    assert len(bearing_events(heard * 50, SITE, VOICE, NOW_NS, 3.0)) == MAX_LINES


@pytest.mark.parametrize(
    "place",
    [
        Place("a b", "Ä & <b>", Shape.POINT, ((54.3, 18.6),), 300.0),
        Place("b", "Ring", Shape.POLYGON, RING, 0.0),
        Place("c", "Across", Shape.POLYGON, ((10.0, 179.9), (10.0, -179.9), (10.2, 179.9)), 50.0, 0.0, 500.0),
    ],
    ids=lambda place: place.id,
)
def test_a_place_that_was_told_is_read_as_the_same(place: Place) -> None:
    told = place_event(place, VOICE, NOW_NS, NOW_NS + 60 * S)
    read_by_others(told)
    again = place_from(xml.decode(xml.encode(told)), "x/", 100.0)
    assert (again.shape, again.points_deg, again.name) == (place.shape, place.points_deg, place.name)
    if place.shape is Shape.POINT:
        assert again.radius_m == told.ce_m == 300.0
    assert abs(told.longitude_deg) > 179.0 or place.id != "c"


def test_a_corridor_is_a_line_and_a_vessel_a_circle_where_it_is() -> None:
    corridor = place_event(Place("c", "C", Shape.CORRIDOR, RING, 80.0), VOICE, NOW_NS, NOW_NS)
    assert [e.get("point") for e in corridor.detail if e.name == "link"] == ["54.3,18.6", "54.4,18.6", "54.4,18.8"]
    assert corridor.find("fillColor") is None
    vessel = Place("v", "V", Shape.VESSEL, (), 400.0, identity="200123456")
    told = place_event(vessel, VOICE, NOW_NS, NOW_NS, (54.0, 18.0))
    assert (told.type, told.latitude_deg, told.ce_m) == ("u-d-c-c", 54.0, 400.0)
    with pytest.raises(ValueError, match="where the vessel is"):
        place_event(vessel, VOICE, NOW_NS, NOW_NS)


def test_a_sensor_stands_where_it_stands_and_shows_its_sector() -> None:
    round_ = sensor_event(SITE.sensors[0], "well", "", VOICE, NOW_NS, NOW_NS + S)
    read_by_others(round_)
    assert (round_.type, round_.find("sensor")) == ("a-f-G-E-S-R", None)
    camera = replace(SITE.sensors[2], azimuth_centre_rad=math.radians(350.0), azimuth_width_rad=math.radians(60.0))
    told = sensor_event(camera, "faulty", "no power", VOICE, NOW_NS, NOW_NS + S)
    assert told.type == "a-f-G-E-S"
    assert (told.said("sensor", "azimuth"), told.said("sensor", "fov")) == ("350.0", "60.0")
    remarks = told.find("remarks")
    assert remarks is not None
    assert "faulty: no power" in remarks.text


def call(level: Level = Level.IMMINENT, place: Place | None = None, **changes: object) -> Call:
    given: dict[str, object] = dict(
        number=7, level=level, place=place or Place("pier", "Pier", Shape.POINT, ((54.3, 18.6),), 300.0), count=3,
        kinds=((Kind.FIXED_WING, 3),), probability=0.9, arrival_ns=NOW_NS + 60 * S, early_ns=NOW_NS + 50 * S,
        late_ns=NOW_NS + 75 * S,
    )  # fmt: skip
    return Call(**given | changes)  # type: ignore[arg-type]


def test_a_warning_stands_at_the_place_and_says_when() -> None:
    one = alert_event(call(), range(1, 40), VOICE, NOW_NS, NOW_NS + 60 * S, "b-a-o-tbl")
    assert one is not None
    read_by_others(one)
    assert (one.uid, one.type, one.ce_m, one.latitude_deg) == ("lowsky.port.warning.7", "b-a-o-tbl", 300.0, 54.3)
    emergency, remarks = one.find("emergency"), one.find("remarks")
    assert emergency is not None
    assert remarks is not None
    assert emergency.attributes == {"type": "911 Alert"}
    assert emergency.text == "Imminent: low-flying objects are about to reach Pier"
    assert "Expected at Pier at 14:14:20, between 14:14:10 and 14:14:35 (UTC)" in remarks.text
    assert "Take shelter now" in remarks.text
    assert sum(e.name == "link" for e in one.detail) == MAX_LINKS
    assert one.said("__lowsky", "arrival") == "2026-09-21T14:14:20.000Z"


def test_a_warning_that_is_over_is_cancelled_under_the_same_uid() -> None:
    one = alert_event(call(Level.CLEAR), (), VOICE, NOW_NS, NOW_NS + S, "b-a-g")
    assert one is not None
    assert (one.uid, one.type, one.said("emergency", "cancel")) == ("lowsky.port.warning.7", "b-a-o-can", "true")
    assert one.said("emergency", "type") == ALERTS["b-a-g"]


def test_warnings_in_korean_as_chat_and_for_a_vessel() -> None:
    said = chat_event(call(), VOICE, NOW_NS, NOW_NS + S, "ko")
    assert said is not None
    read_by_others(said)
    remarks = said.find("remarks")
    assert remarks is not None
    assert "긴급" in remarks.text
    message = takproto.parse_proto(bytearray(protobuf.mesh_frame(protobuf.encode(said))))
    assert message.takControl.contactUid == "lowsky-port"
    vessel = Place("v", "V", Shape.VESSEL, (), 400.0, identity="200123456")
    assert alert_event(call(place=vessel), (), VOICE, NOW_NS, NOW_NS, "b-a-o-tbl") is None
    assert chat_event(call(place=vessel), VOICE, NOW_NS, NOW_NS) is None
    there = alert_event(call(place=vessel, vessel=(54.0, 18.0)), (), VOICE, NOW_NS, NOW_NS, "b-a-o-tbl")
    assert there is not None
    assert there.latitude_deg == 54.0


def test_who_we_are() -> None:
    one = VOICE.itself(NOW_NS, NOW_NS + 90 * S, Point(54.0, 18.0), "1.0")
    read_by_others(one)
    message = takproto.parse_proto(bytearray(protobuf.mesh_frame(protobuf.encode(one)))).cotEvent
    assert (message.detail.contact.callsign, message.detail.contact.endpoint) == ("Port of Test", "*:-1:stcp")
    assert message.detail.takv.version == "1.0"
    assert message.detail.group.role == "HQ"
