"""Alerts: every one written is valid by the schema and says what stands; every wrong one is refused."""

import copy
import csv
import itertools
import json
import math
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from lxml import etree
from pyproj import Geod

from lowsky.model.heights import geoid_undulation_m
from lowsky.model.kinds import Kind
from lowsky.model.notice import NO_TIME_NS, Level
from lowsky.model.place import Place, Shape
from lowsky.wire.cap import (
    CATEGORIES,
    LANGUAGES,
    LEVEL_WORDS,
    Audience,
    Call,
    Envelope,
    Issuer,
    Reference,
    alert_json,
    alert_xml,
    certainty_of,
    check,
    heartbeat_alert,
    time_text,
    warning_alert,
)
from lowsky.wire.cap.areas import area_of
from lowsky.wire.cap.structure import ALERT, Element
from lowsky.wire.cap.tree import MAX_BYTES, MAX_DEPTH

CAP = "{urn:oasis:names:tc:emergency:cap:1.2}"
GEOD = Geod(ellps="WGS84")
T0 = 1_790_000_000_000_000_000  # 2026-09-21T14:13:20Z
PLACE = Place("harbour", "North harbour", Shape.POINT, ((54.4, 18.64),), 900.0)
ISSUER = Issuer("lowsky@example.org", "Harbour watch", "duty@example.org")
CALL = Call(7, Level.WARNING, PLACE, 3, ((Kind.FIXED_WING, 2), (Kind.UNKNOWN, 1)), 0.85,
            T0 + 160_000_000_000, T0 + 140_000_000_000, T0 + 190_000_000_000)  # fmt: skip
FIRST = Envelope("harbour-7-1", T0, T0 + 900_000_000_000, exercise=False)


@pytest.fixture(scope="session")
def schema(shared: Path) -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(str(shared / "data" / "cap" / "CAP-v1.2.xsd")))


def valid(schema: etree.XMLSchema, data: bytes) -> bool:
    """The verdict of the schema; what is not XML is not valid."""
    try:
        return bool(schema.validate(etree.fromstring(data)))
    except etree.XMLSyntaxError:
        return False


def texts(data: bytes, path: str) -> list[str | None]:
    """Texts at a path of local names, as an independent reader finds them."""
    return [e.text for e in etree.fromstring(data).iterfind("/".join(CAP + name for name in path.split("/")))]


def test_every_sample_has_its_verdict(shared: Path, schema: etree.XMLSchema) -> None:
    folder = shared / "data" / "cap"
    rows = list(csv.DictReader((folder / "expected.csv").read_text().splitlines()))
    assert len(rows) == 37
    for row in rows:
        data = (folder / row["file"]).read_bytes()
        assert valid(schema, data) == (row["xsd_valid_lxml"] == "True"), row["file"]
        assert (check(data) == []) == row["file"].startswith("valid/"), row["file"]
    assert check((folder / "example_published.xml").read_bytes()) == []


# what people may write into a configuration, and what nobody should
words = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
tokens = st.text(st.characters(categories=["L", "N"], include_characters="-_.@"), min_size=1, max_size=12)
instants = st.integers(0, 4_000_000_000_000_000_000)
points = st.tuples(st.floats(-90, 90), st.floats(-180, 180))


@st.composite
def places(draw: st.DrawFn) -> Place:
    shape = draw(st.sampled_from(Shape))
    least, most = {Shape.POINT: (1, 1), Shape.POLYGON: (3, 6), Shape.CORRIDOR: (2, 5), Shape.VESSEL: (0, 0)}[shape]
    ring = tuple(draw(st.lists(points, min_size=least, max_size=most)))
    radius = draw(st.floats(1.0, 1e5)) if shape is not Shape.POLYGON else draw(st.sampled_from([0.0, 50.0]))
    band = draw(st.sampled_from([(-1000.0, 10_000.0), (0.0, 500.0), (-20.5, 3.25)]))
    identity = "211000001" if shape is Shape.VESSEL else ""
    return Place(draw(words.filter(bool)), draw(words), shape, ring, radius, *band, identity)


@st.composite
def calls(draw: st.DrawFn) -> Call:
    times = [draw(st.sampled_from([NO_TIME_NS, draw(instants)])) for _ in range(3)]
    kinds = tuple(draw(st.lists(st.tuples(st.sampled_from(Kind), st.integers(1, 500)), max_size=3)))
    vessel = draw(st.none() | points)
    number, level, count = draw(st.integers(1, 10**12)), draw(st.sampled_from(Level)), draw(st.integers(0, 999))
    return Call(
        number, level, draw(places()), count, kinds, draw(st.floats(0, 1)), times[0], times[1], times[2], vessel
    )


@st.composite
def issuers(draw: st.DrawFn) -> Issuer:
    categories = tuple(draw(st.lists(st.sampled_from(CATEGORIES), min_size=1, max_size=3)))
    return Issuer(
        draw(tokens), draw(words), draw(words), "https://watch.example", categories, draw(st.integers(-839, 839))
    )


@st.composite
def audiences(draw: st.DrawFn) -> Audience:
    languages = tuple(draw(st.lists(st.sampled_from(sorted(LANGUAGES)), unique=True)))
    addresses = tuple(draw(st.lists(tokens, min_size=1, max_size=3)))
    return Audience(
        draw(st.sampled_from(["Public", "Restricted", "Private"])), "staff " + draw(words), addresses, languages
    )


@st.composite
def envelopes(draw: st.DrawFn) -> Envelope:
    sent = draw(instants)
    references = tuple(Reference(i, t) for i, t in draw(st.lists(st.tuples(tokens, instants), max_size=3)))
    expires = sent + draw(st.integers(0, 10**13))
    return Envelope(draw(tokens), sent, expires, draw(st.booleans()), references, draw(words))


@given(envelopes(), calls(), issuers(), audiences())
def test_every_warning_is_valid(
    schema: etree.XMLSchema, envelope: Envelope, call: Call, issuer: Issuer, audience: Audience
) -> None:
    data = alert_xml(warning_alert(envelope, call, issuer, audience))
    assert valid(schema, data), schema.error_log
    assert check(data) == []
    assert texts(data, "status") == ["Exercise" if envelope.exercise else "Actual"]
    assert len(texts(data, "info/language")) == len(audience.languages)
    wanted = "Alert" if not envelope.references else "Cancel" if call.level is Level.CLEAR else "Update"
    assert texts(data, "msgType") == [wanted]


@given(envelopes(), st.lists(st.tuples(words, words), max_size=4), issuers(), audiences())
def test_every_heartbeat_is_valid(
    schema: etree.XMLSchema, envelope: Envelope, health: list[tuple[str, str]], issuer: Issuer, audience: Audience
) -> None:
    data = alert_xml(heartbeat_alert(envelope, health, issuer, audience))
    assert valid(schema, data), schema.error_log
    assert check(data) == []
    assert texts(data, "status") == ["System"]


@given(envelopes(), calls(), issuers(), audiences())
def test_both_forms_say_the_same(envelope: Envelope, call: Call, issuer: Issuer, audience: Audience) -> None:
    alert = warning_alert(envelope, call, issuer, audience)
    said = json.loads(alert_json(alert))

    def walk(element: etree._Element, declared: Element) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for child in declared.inside:
            there = element.findall(CAP + child.name)
            values = [walk(e, child) if child.holds == "elements" else e.text or "" for e in there]
            if values:
                found[child.name] = values if child.most > 1 else values[0]
        return found

    assert walk(etree.fromstring(alert_xml(alert)), ALERT) == said


def test_a_warning_says_what_stands() -> None:
    data = alert_xml(warning_alert(FIRST, CALL, ISSUER, Audience()))
    said = {
        name: texts(data, name) for name in ("identifier", "sender", "sent", "status", "msgType", "scope", "incidents")
    }
    assert said == {
        "identifier": ["harbour-7-1"],
        "sender": ["lowsky@example.org"],
        "sent": ["2026-09-21T14:13:20-00:00"],
        "status": ["Actual"],
        "msgType": ["Alert"],
        "scope": ["Public"],
        "incidents": ["call-7"],
    }
    assert texts(data, "info/language") == ["en-GB", "ko-KR"]
    assert texts(data, "info/category") == ["Safety", "Security"] * 2
    assert texts(data, "info/onset") == ["2026-09-21T14:16:00-00:00"] * 2
    assert texts(data, "info/expires") == ["2026-09-21T14:28:20-00:00"] * 2
    assert texts(data, "info/headline") == [
        "Warning: low-flying objects are coming to North harbour",
        "경보: North harbour 방면으로 저고도 비행체 접근 중",
    ]
    assert texts(data, "info/description") == [
        "Objects: 3 (fixed wing 2, kind unknown 1). Expected at North harbour at 14:16:00, between 14:15:40 and "
        "14:16:30 (UTC). Probability of coming: 85 %.",
        "비행체 3개(고정익 2, 종류 미상 1). "
        "North harbour 도달 예상 시각 14:16:00, 범위 14:15:40~14:16:30(UTC). 도달 확률 85 %.",
    ]
    names, values = texts(data, "info/parameter/valueName"), texts(data, "info/parameter/value")
    assert dict(zip(names, values, strict=True)) == {
        "call": "7",
        "level": "warning",
        "place": "harbour",
        "count": "3",
        "kinds": "fixed_wing:2 unknown:1",
        "probability": "0.85",
        "arrivalEarly": "2026-09-21T14:15:40-00:00",
        "arrival": "2026-09-21T14:16:00-00:00",
        "arrivalLate": "2026-09-21T14:16:30-00:00",
    }
    assert texts(data, "info/area/circle") == ["54.400000,18.640000 0.900"] * 2


def test_a_chain_refers_to_what_was_sent_before_and_ends_with_a_cancel() -> None:
    issuer = replace(ISSUER, offset_min=540)
    chain = (Reference("harbour-7-1", T0), Reference("harbour-7-2", T0 + 20_000_000_000))
    ended = replace(CALL, level=Level.CLEAR, arrival_ns=NO_TIME_NS, early_ns=NO_TIME_NS, late_ns=NO_TIME_NS)
    envelope = replace(FIRST, identifier="harbour-7-3", references=chain, note="ended by rule")
    data = alert_xml(warning_alert(envelope, ended, issuer, Audience()))
    assert texts(data, "msgType") == ["Cancel"]
    assert texts(data, "note") == ["ended by rule"]
    assert texts(data, "references") == [
        "lowsky@example.org,harbour-7-1,2026-09-21T23:13:20+09:00 "
        "lowsky@example.org,harbour-7-2,2026-09-21T23:13:40+09:00"
    ]
    assert texts(data, "info/responseType") == ["AllClear"] * 2
    assert texts(data, "info/onset") == []
    assert texts(data, "info/headline")[0] == "All clear: North harbour"


def test_an_exercise_says_so_everywhere() -> None:
    data = alert_xml(warning_alert(replace(FIRST, exercise=True, note="night 3"), CALL, ISSUER, Audience()))
    assert texts(data, "status") == ["Exercise"]
    assert texts(data, "note") == ["EXERCISE EXERCISE EXERCISE night 3"]
    english, korean = texts(data, "info/headline")
    assert (english or "").startswith("EXERCISE: ")
    assert (korean or "").startswith("[훈련] ")


@pytest.mark.parametrize(
    ("audience", "restriction", "addresses"),
    [
        (Audience("Public", "staff", ("a",)), [], []),
        (Audience("Restricted", "harbour staff", ("a",)), ["harbour staff"], []),
        (Audience("Private", "staff", ("duty officer", "b@c.example")), [], ['"duty officer" b@c.example']),
    ],
)
def test_only_the_scope_that_needs_it_names_who_may_read(
    audience: Audience, restriction: list[str], addresses: list[str]
) -> None:
    data = alert_xml(warning_alert(FIRST, CALL, ISSUER, audience))
    assert (texts(data, "restriction"), texts(data, "addresses")) == (restriction, addresses)


def test_levels_rise_in_the_words_of_the_standard() -> None:
    urgency, severity = ["Past", "Expected", "Immediate"], ["Minor", "Moderate", "Severe", "Extreme"]
    said = [LEVEL_WORDS[level] for level in sorted(Level)]
    assert [s.severity for s in said] == severity
    ranks = [urgency.index(s.urgency) for s in said]
    assert ranks == sorted(ranks)


@pytest.mark.parametrize(
    ("level", "probability", "arrived", "word"),
    [
        (Level.WATCH, 0.5, False, "Possible"),
        (Level.WARNING, 0.51, False, "Likely"),
        (Level.IMMINENT, 0.9, True, "Observed"),
        (Level.IMMINENT, 0.4, True, "Possible"),
        (Level.WATCH, 0.04, False, "Unlikely"),
        (Level.CLEAR, 0.9, True, "Unlikely"),
    ],
)
def test_certainty(level: Level, probability: float, arrived: bool, word: str) -> None:
    assert certainty_of(level, probability, arrived) == word


@given(instants, st.integers(-839, 839))
def test_times_are_whole_seconds_with_an_offset(time_ns: int, offset_min: int) -> None:
    text = time_text(time_ns, offset_min)
    assert datetime.fromisoformat(text).timestamp() == time_ns // 1_000_000_000
    assert not text.endswith("+00:00")


def inside(point: tuple[float, float], ring: str) -> bool:
    """Whether a point is within a polygon as written, by counting crossings."""
    corners = [tuple(map(float, pair.split(","))) for pair in ring.split()]
    crossings = 0
    for (a_lat, a_lon), (b_lat, b_lon) in itertools.pairwise(corners):
        if (a_lat > point[0]) != (b_lat > point[0]):
            crossings += point[1] < a_lon + (point[0] - a_lat) / (b_lat - a_lat) * (b_lon - a_lon)
    return crossings % 2 == 1


@given(
    st.floats(-75, 75), st.floats(-170, 170), st.floats(0, 360), st.floats(10, 8000), st.floats(20, 3000),
    st.floats(0, 1), st.floats(0, 360), st.floats(0, 0.999), st.booleans(),
)  # fmt: skip
def test_a_corridor_holds_all_that_is_near_its_line_and_little_else(
    lat: float, lon: float, course: float, length: float, radius: float, at: float, turn: float, part: float, near: bool
) -> None:
    end_lon, end_lat, _ = GEOD.fwd(lon, lat, course, length)
    place = Place("c", "", Shape.CORRIDOR, ((lat, lon), (end_lat, end_lon)), radius)
    (ring,) = area_of(place).polygon
    on_lon, on_lat, _ = GEOD.fwd(lon, lat, course, length * at)
    if near:
        there_lon, there_lat, _ = GEOD.fwd(on_lon, on_lat, turn, radius * part - 0.5)
        assert radius * part < 0.5 or inside((there_lat, there_lon), ring)
    else:  # beside the line, or beyond its end
        angle, begin = (course + 90.0, (on_lon, on_lat)) if turn > 180 else (course, (end_lon, end_lat))
        there_lon, there_lat, _ = GEOD.fwd(*begin, angle, radius * 1.03 + 2.0)
        assert not inside((there_lat, there_lon), ring)


def test_a_polygon_is_closed_and_its_margin_is_added_to_it() -> None:
    ring = ((54.40, 18.64), (54.42, 18.64), (54.42, 18.70))
    plain = area_of(Place("p", "", Shape.POLYGON, ring, 0.0)).polygon
    assert plain == ("54.400000,18.640000 54.420000,18.640000 54.420000,18.700000 54.400000,18.640000",)
    with_margin = area_of(Place("p", "", Shape.POLYGON, ring, 100.0)).polygon
    assert with_margin[0] == plain[0]
    assert len(with_margin) == 4
    beside = (54.41, 18.64 - 90.0 / (111_320 * math.cos(math.radians(54.41))))
    assert not inside(beside, plain[0])
    assert any(inside(beside, polygon) for polygon in with_margin)


def test_a_vessel_is_a_circle_where_it_is() -> None:
    vessel = Place("v", "Ferry", Shape.VESSEL, (), 500.0, identity="211000001")
    assert area_of(vessel, (54.5, 18.9)).circle == ("54.500000,18.900000 0.500",)
    assert area_of(vessel).circle == ()


def test_heights_are_feet_above_the_sea_rounded_outwards() -> None:
    area = area_of(replace(PLACE, bottom_m=50.0, top_m=350.0))
    sea_m = float(geoid_undulation_m(54.4, 18.64))
    assert sea_m > 20.0
    assert float(area.altitude) == math.floor((50.0 - sea_m) / 0.3048)
    assert float(area.ceiling) == math.ceil((350.0 - sea_m) / 0.3048)
    assert (area_of(PLACE).altitude, area_of(PLACE).ceiling) == ("", "")


def good_alert() -> bytes:
    chain = (Reference("harbour-7-1", T0),)
    place = Place("p", "", Shape.POLYGON, ((54.4, 18.6), (54.5, 18.6), (54.5, 18.7)), 0.0, 0.0, 500.0)
    return alert_xml(warning_alert(replace(FIRST, references=chain), replace(CALL, place=place), ISSUER, Audience()))


values = st.sampled_from(
    "|x|Alert|Update|Public|Severe|Observed|12.5|1e3|-.5|NaN|en|en_GB|2026-09-21T14:13:20+00:00|2026-02-30T14:13:20+00:00|"
    "2026-09-21T14:13:20+15:00|2026-09-21T14:13:60-00:00|54,18 54,19 55,19 54,18| ".split("|")
)


@given(st.data())
def test_what_the_schema_refuses_is_refused(schema: etree.XMLSchema, data: st.DataObject) -> None:
    root = etree.fromstring(good_alert())
    for _ in range(data.draw(st.integers(1, 3))):
        found = [e for e in root.iter() if e is not root]
        one, other = data.draw(st.sampled_from(found)), data.draw(st.sampled_from(found))
        match data.draw(st.sampled_from("text tail drop double move rename attribute namespace".split())):
            case "text":
                one.text = data.draw(values)
            case "tail":
                one.tail = data.draw(values)
            case "drop":
                one.getparent().remove(one)
            case "double":
                one.addnext(copy.deepcopy(one))
            case "move":
                other.append(copy.deepcopy(one))
            case "rename":
                one.tag = other.tag
            case "attribute":
                one.set("lang", "en")
            case "namespace":
                one.tag = "{urn:oasis:names:tc:emergency:cap:1.1}" + etree.QName(one).localname
    changed = etree.tostring(root, encoding="UTF-8", xml_declaration=True)
    assume(not valid(schema, changed))
    assert check(changed) != []


def changed(path: str, text: str) -> bytes:
    """The good alert with another text in the first element at a path."""
    root = etree.fromstring(good_alert())
    next(root.iterfind("/".join(CAP + name for name in path.split("/")))).text = text
    return bytes(etree.tostring(root))


@pytest.mark.parametrize(
    ("path", "text", "fault"),
    [
        ("identifier", "a<b", "alert/identifier: 'a<b' is empty or has a space, comma, < or & in it"),
        ("sender", "", "alert/sender: '' is empty or has a space, comma, < or & in it"),
        ("references", "a,b", "alert/references: 'a,b' is not sender,identifier,sent"),
        ("references", "a,b,yesterday", "alert/references: 'a,b,yesterday' is not sender,identifier,sent"),
        ("references", "", "alert has msgType Update without references"),
        ("scope", "Private", "alert has scope Private without addresses"),
        ("scope", "Restricted", "alert has scope Restricted without restriction"),
        (
            "info/effective",
            "2027-09-21T14:13:20-00:00",
            "alert/info 1: expires 2026-09-21T14:28:20-00:00 is before 2027-09-21T14:13:20+00:00",
        ),
        ("info/area/polygon", "1,1 2,2 1,1", "alert/info 1/area 1/polygon has 3 points, not 4 or more"),
        (
            "info/area/polygon",
            "1,1 2,2 3,3 1,2",
            "alert/info 1/area 1/polygon ends at 1,2, not where it begins, at 1,1",
        ),
        ("info/area/polygon", "1,1 2,181 3,3 1,1", "alert/info 1/area 1/polygon: 2,181 is not on the earth"),
        ("info/area/polygon", "1;1", "alert/info 1/area 1/polygon: '1;1' is no list of latitude,longitude"),
        ("info/area/ceiling", "-99", "alert/info 1/area 1: ceiling -99 is below altitude -96"),
        ("info/area/ceiling", "1e3", "alert/info/area/ceiling: '1e3' is no decimal"),
        ("info/web", "a b", "alert/info/web: 'a b' is no uri"),
    ],
)
def test_a_fault_is_named_with_its_place_and_value(path: str, text: str, fault: str) -> None:
    if path == "info/web":
        alert = warning_alert(FIRST, CALL, replace(ISSUER, web=text), Audience())
        assert check(alert_xml(alert))[0] == fault
        return
    assert check(good_alert()) == []
    assert check(changed(path, text))[0] == fault


@pytest.mark.parametrize("text", ["1,1", "1,1,2", "1,1 -2", "91,1 2", "x"])
def test_wrong_circles_are_refused(text: str) -> None:
    root = etree.fromstring(alert_xml(warning_alert(FIRST, CALL, ISSUER, Audience())))
    next(root.iter(CAP + "circle")).text = text
    assert "circle" in check(etree.tostring(root))[0]


def test_documents_that_attack_the_reader_are_refused() -> None:
    bomb = b'<!DOCTYPE a [<!ENTITY b "' + b"x" * 1000 + b'">]><alert>' + b"&b;" * 1000 + b"</alert>"
    assert check(bomb) == ["the document has a document type, which an alert has not"]
    outside = b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><alert/>'
    assert check(outside) == ["the document has a document type, which an alert has not"]
    assert check(b"<a>" * (MAX_DEPTH + 2)) == [f"the document is nested deeper than {MAX_DEPTH}"]
    assert check(b" " * (MAX_BYTES + 1)) == [f"the document has {MAX_BYTES + 1} bytes, more than {MAX_BYTES}"]


@given(st.binary(max_size=300), st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), min_size=1, max_size=6))
def test_garbage_is_refused_in_words(noise: bytes, changes: list[tuple[float, int]]) -> None:
    assert check(noise)
    spoilt = bytearray(good_alert())
    for at, byte in changes:
        spoilt[min(int(at * len(spoilt)), len(spoilt) - 1)] = byte
    assert all(isinstance(fault, str) for fault in check(bytes(spoilt)))
