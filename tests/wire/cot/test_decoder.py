"""Events to friends, reports and places, with books that balance."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lowsky.model.errors import InputError
from lowsky.model.place import Shape
from lowsky.model.report import Quantity
from lowsky.wire.cot import protobuf, xml
from lowsky.wire.cot.decoder import MAX_KNOWN, MAX_PLACES, Decoder
from lowsky.wire.cot.event import Event
from lowsky.wire.cot.format import FORMAT, CotOptions
from lowsky.wire.cot.tracks import identity_of
from lowsky.wire.cot.tree import Element
from lowsky.wire.decoded import Context, Decoded
from lowsky.wire.formats import find_format, guess_format
from tests.wire.cot.making import NOW_NS, SITE, S, contact, event

ALL = CotOptions(sensor="tak", places=True)


def decoder(options: CotOptions = ALL, site_id: str = "", datagrams: bool = False) -> Decoder:
    made = FORMAT.decoder(Context(SITE, "net", site_id=site_id), options, datagrams)
    assert isinstance(made, Decoder)
    return made


FRIENDS = CotOptions()


def read(*events: Event, options: CotOptions = ALL, reader: Decoder | None = None) -> Decoded:
    reader = reader or decoder(options)
    for one in events:
        reader.push(xml.encode(one), NOW_NS)
    return reader.take()


def area(uid: str, *points: str, kind: str = "u-d-f") -> Event:
    return event(uid, kind, contact(f"Area {uid}"), *(Element("link", {"point": p}) for p in points))


def circle(major: str, minor: str, angle: str = "0") -> Event:
    ellipse = Element("ellipse", {"major": major, "minor": minor, "angle": angle})
    return event("round", "u-d-c-c", Element("shape", {}, "", (ellipse,)))


def deletion(*uids: str) -> Event:
    return event("whoever", "t-x-d-d", *(Element("link", {"uid": uid, "relation": "none"}) for uid in uids))


def test_one_of_ours_is_a_friend_and_never_a_report() -> None:
    taken = read(event("ANDROID-1", "a-f-A-M-H", contact("Watch 1"), Element("track", {"course": "9", "speed": "3"})))
    [friend] = taken.friends
    assert (friend.uid, friend.callsign, friend.type) == ("ANDROID-1", "Watch 1", "a-f-A-M-H")
    assert (friend.latitude_deg, friend.longitude_deg, friend.height_m) == (54.35, 18.66, 100.0)
    assert (friend.sigma_position_m, friend.stale_ns, friend.received_ns) == (10.0, NOW_NS + 60 * S, NOW_NS)
    assert (len(taken.reports), taken.used, taken.received) == (0, 1, 1)


def test_what_is_not_known_of_a_friend_is_not_a_number() -> None:
    [friend] = read(event(hae_m=math.nan, ce_m=math.nan)).friends
    assert math.isnan(friend.height_m)
    assert math.isnan(friend.sigma_position_m)


@pytest.mark.parametrize(
    ("sent", "ignored"),
    [
        (event(latitude_deg=0.0, longitude_deg=0.0, ce_m=math.nan), "no position"),
        (event(stale_ns=NOW_NS - S), "stale"),
        (event("x", "t-x-c-t"), "ping"),
        (event("x", "t-x-takp-v"), "protocol"),
        (event("x", "b-t-f"), "chat"),
        (event("x", "b-a-o-tbl"), "other type"),
        (event("x", "a-h-G"), "track"),
        (event("whoever", "t-x-d-d"), "deletion of what is not here"),
    ],
)
def test_what_says_nothing_for_the_picture_is_counted_by_what_it_is(sent: Event, ignored: str) -> None:
    taken = read(sent)
    assert taken.ignored == {ignored: 1}
    assert (taken.used, taken.received) == (0, 1)


@pytest.mark.parametrize(
    ("sent", "kind"),
    [
        (event(time_ns=NOW_NS + 120 * S, stale_ns=NOW_NS + 180 * S), "time is over 60 s after the receipt"),
        (event(time_ns=NOW_NS - 90_000 * S), "time is over a day before the receipt"),
        (event("t", "a-u-A", time_ns=NOW_NS + 90 * S, stale_ns=NOW_NS + 99 * S), "time is over 60 s after the receipt"),
        (event("t", "a-u-A", latitude_deg=0.0, longitude_deg=0.0, ce_m=math.nan), "point is no position"),
        (event("t", "a-u-A", latitude_deg=-54.0), "lat, lon is over twice max_range_m from the sensor"),
        (area("a", "54.3,18.6", "54.4,18.6"), "link points are too few for an area"),
        (area("a", "54.3,18.6", "54.4,18.6", "94.4,18.6"), "link point is not on the earth"),
        (area("a", "54.3,18.6", "54.4,18.6", "54.4"), "link point is not on the earth"),
        (circle("x", "1"), "major is not between 0 and 100000"),
        (circle("1", "0"), "minor is not between 0 and 100000"),
        (event("c", "u-d-c-c"), "ellipse is missing"),
        (event("c" * 200, "b-m-p-s-m"), "uid of a drawing has over 128 characters"),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_refused_by_reason(sent: Event, kind: str) -> None:
    taken = read(sent)
    assert taken.problems.counts == {kind: 1}
    assert taken.problems.messages[0].startswith("net, event 1, ")
    assert (taken.received, taken.used) == (1, 0)


def test_tracks_of_others_are_reports_of_the_sensor_that_is_configured() -> None:
    track = Element("track", {"course": "90.0", "speed": "50.0"})
    taken = read(
        event("ICAO-4b1617", "a-n-A-C-F", track),
        event("MMSI-200123456", "a-u-S-X", hae_m=math.nan, ce_m=math.nan, le_m=math.nan),
        event("thing", "a-h-A", Element("track", {"course": "9999999.0", "speed": "5"})),
        event("car", "a-u-G"),
    )
    reports = taken.reports
    assert [reports.identities[i] for i in reports.identity] == ["4B1617", "200123456", "thing"]
    assert reports.sensor.tolist() == [1, 1, 1]
    assert reports.time_ns.tolist() == [NOW_NS - 2 * S] * 3
    assert reports.east_mps[0] == pytest.approx(50.0)
    assert reports.north_mps[0] == pytest.approx(0.0, abs=1e-9)
    assert (reports.height_m[0], reports.sigma_position_m[0], reports.sigma_height_m[0]) == (100.0, 10.0, 8.0)
    assert reports.quantities.tolist() == [
        Quantity.POSITION | Quantity.HEIGHT | Quantity.VELOCITY, Quantity.POSITION, Quantity.POSITION | Quantity.HEIGHT,
    ]  # fmt: skip
    assert math.isnan(reports.sigma_position_m[1])
    assert (taken.used, taken.ignored) == (3, {"track": 1})


def test_without_a_sensor_tracks_are_only_counted() -> None:
    taken = read(event("x", "a-u-A"), event("y", "a-n-S"), options=CotOptions())
    assert (len(taken.reports), taken.ignored) == (0, {"track": 2})
    with pytest.raises(InputError, match="not a cooperative one"):
        decoder(CotOptions(sensor="radar"))
    with pytest.raises(InputError, match="no sensor of this site"):
        decoder(CotOptions(sensor="nobody"))


def test_what_we_told_ourselves_is_no_news() -> None:
    reader = decoder(site_id="port")
    taken = read(event("lowsky.port.track.7", "a-u-A"), event("lowsky.portside.track.7", "a-u-A"), reader=reader)
    assert (len(taken.reports), taken.ignored) == (1, {"our own": 1})
    answer = event("lowsky.port.protocol", "t-x-takp-q")
    assert read(answer, reader=reader).ignored == {"protocol": 1}
    assert reader.take_control() == [answer]


def test_drawn_areas_become_places() -> None:
    corners = ("54.30,18.60", "54.40,18.60", "54.40,18.80,12.5", "54.30,18.60")
    taken = read(area("a", *corners), area("r", *corners, kind="u-d-r"), circle("500", "500"), event("m", "b-m-p-s-m"))
    polygon, rectangle, round_, mark = taken.places
    assert (polygon.id, polygon.name, polygon.shape) == ("net/a", "Area a", Shape.POLYGON)
    assert polygon.points_deg == rectangle.points_deg == ((54.3, 18.6), (54.4, 18.6), (54.4, 18.8))
    assert (round_.shape, round_.points_deg, round_.radius_m) == (Shape.POINT, ((54.35, 18.66),), 500.0)
    assert (mark.shape, mark.radius_m, mark.name) == (Shape.POINT, 250.0, "m")
    assert taken.used == 4
    ignored = read(area("a", *corners), circle("500", "500"), options=CotOptions()).ignored
    assert ignored == {"drawing": 2}


def test_an_ellipse_is_a_polygon_turned_from_north() -> None:
    [place] = read(circle("1000", "200", "90")).places
    east = max(p[1] for p in place.points_deg) - 18.66
    north = max(p[0] for p in place.points_deg) - 54.35
    assert east * 111_320 * math.cos(math.radians(54.35)) == pytest.approx(1000.0, rel=0.01)
    assert north * 111_320 == pytest.approx(200.0, rel=0.02)


def test_the_same_drawing_again_is_no_news_a_changed_one_is() -> None:
    reader = decoder()
    first, moved = area("a", "54,18", "54,19", "55,19"), area("a", "54,18", "54,19", "55,20")
    assert len(read(first, reader=reader).places) == 1
    assert read(first, reader=reader).ignored == {"drawing as before": 1}
    assert len(read(moved, reader=reader).places) == 1
    assert read(deletion("a"), reader=reader).gone == ("net/a",)
    assert len(read(first, reader=reader).places) == 1
    assert read(deletion("drawn before this connection"), reader=reader).gone == ("net/drawn before this connection",)
    taken = read(moved, deletion("a"), reader=reader)
    assert (taken.places, taken.gone) == ((), ("net/a",))


def test_a_friend_that_is_deleted_is_stale_at_once() -> None:
    reader = decoder(FRIENDS)
    read(event("ANDROID-1"), event("ANDROID-2"), reader=reader)
    taken = read(deletion("ANDROID-1", "somebody"), deletion("nobody"), reader=reader)
    [gone] = taken.friends
    assert (gone.uid, gone.stale_ns) == ("ANDROID-1", NOW_NS - 2 * S)
    assert (taken.used, taken.ignored) == (1, {"deletion of what is not here": 1})


def test_memory_is_bounded() -> None:
    reader = decoder()
    read(*(area(str(i), "54,18", "54,19", "55,19") for i in range(MAX_PLACES + 3)), reader=reader)
    assert len(reader._drawn) == MAX_PLACES
    data = protobuf.encode(event("UID"))
    for i in range(MAX_KNOWN + 10):
        reader.push(protobuf.stream_frame(data.replace(b"UID", f"{i:03x}"[-3:].encode())), NOW_NS)
    assert len(reader._known) <= MAX_KNOWN
    for _ in range(300):
        read(event("x", "t-x-c-t"), reader=reader)
    assert len(reader.take_control()) == 100


@given(
    kinds=st.lists(
        st.sampled_from(["a-f-G", "a-u-A", "a-n-S", "u-d-f", "b-m-p-s-m", "t-x-d-d", "t-x-c-t", "b-t-f", "x y"])
    ),
    latitudes=st.lists(st.floats(-100, 100), min_size=1),
    garbage=st.binary(max_size=20),
)
def test_the_books_balance(kinds: list[str], latitudes: list[float], garbage: bytes) -> None:
    reader = decoder(datagrams=True)
    for i, kind in enumerate(kinds):
        reader.push(xml.encode(event(f"u{i}", kind, latitude_deg=latitudes[i % len(latitudes)])), NOW_NS)
    reader.push(b"\x01" + garbage.replace(b"<", b"").replace(b"\xbf", b""), NOW_NS)
    taken = reader.take()
    assert taken.received == len(kinds) + 1
    assert reader.take().received == 0


def test_fixtures_through_the_decoder(shared: Path) -> None:
    rows = [json.loads(line) for line in (shared / "data" / "cot" / "events.jsonl").read_text().splitlines()]
    books = []
    for form in ("xml", "mesh_hex"):
        reader = decoder(CotOptions(sensor="tak", places=True), datagrams=True)
        for row in rows:
            data = row["xml"].encode() if form == "xml" else bytes.fromhex(row[form])
            reader.push(data, NOW_NS + 3 * S)
        taken = reader.take()
        books.append((taken.used, taken.ignored, taken.problems.counts, len(taken.friends), len(taken.reports)))
        assert taken.received == 141
    assert books[0] == books[1]
    # and one of them is deleted
    assert books[0][3] == sum('type="a-f-' in row["xml"] for row in rows) + 1
    assert books[0][2]["lat is not between -90 and 90"] == 1
    assert books[0][2]["stale is before time"] == 1


@pytest.mark.parametrize(
    ("uid", "identity"),
    [
        ("ICAO-4b1617", "4B1617"),
        ("icao.4B1617", "4B1617"),
        ("MMSI-200123456", "200123456"),
        ("ANDROID-1", "ANDROID-1"),
        ("x" * 65, None),
    ],
)
def test_identities(uid: str, identity: str | None) -> None:
    assert identity_of(uid) == identity


def test_the_format_is_known_by_its_first_bytes_and_read_for_people() -> None:
    one = event("ANDROID-1", "a-f-G", contact("Watch 1"), Element("remarks", {}, "here"), hae_m=math.nan)
    for data in (
        xml.encode(one),
        protobuf.stream_frame(protobuf.encode(one)),
        protobuf.mesh_frame(protobuf.encode(one)),
    ):
        guessed = guess_format(data)
        assert guessed is not None
        assert guessed.name == "cot"
        reader = find_format("cot").reader(CotOptions(), False)
        [said] = [*reader.push(data), *reader.close()]
        assert said["detail"] == {"contact": {"callsign": "Watch 1"}, "remarks": "here"}
        assert (said["uid"], said["time"], said["hae_m"], said["ce_m"]) == (
            "ANDROID-1",
            "2026-09-21T14:13:18.000Z",
            None,
            10.0,
        )
        assert json.dumps(said)
    control = protobuf.mesh_frame(protobuf.encode(one, protobuf.Control(1, 1, "u")))
    assert [set(item) >= {"form"} for item in FORMAT.reader(CotOptions(), True).push(control)] == [True, True]
    assert [*FORMAT.reader(CotOptions(), True).push(b"hello")] == [{"error": "bytes that are no event"}]
    assert guess_format(b"hello <event") is None
