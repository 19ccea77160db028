"""JSON lines: what is written is read back to the bit, however it is cut, and what is wrong costs only itself."""

import json
import math
import re
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from lowsky.model.heights import Datum, ellipsoidal_height
from lowsky.model.report import REPORT_COLUMNS, Quantity, ReportBatch, look_batch, no_looks, report_batch
from lowsky.model.sensor import Origin, Sensor, SensorKind, Site
from lowsky.wire.jsonl import Decoded, Decoder, SensorStatus, encode, encode_status, json_schema
from lowsky.wire.jsonl.decoder import MAX_TEXT
from lowsky.wire.jsonl.gather import MAX_LINE_ROWS
from lowsky.wire.jsonl.lines import MAX_LINE_BYTES, LineSplitter
from lowsky.wire.names import MAX_UNKNOWN
from lowsky.wire.plausible import NEEDED
from lowsky.wire.table.fields import FIELDS

PAGE = Path(__file__).resolve().parents[2] / "docs" / "jsonl.md"
T0 = 1_750_000_000_000_000_000
SITE = Site(
    (
        Sensor("radar-1", SensorKind.RADAR_3D, 50.0, 8.0, 120.0),
        Sensor("rid", SensorKind.COOPERATIVE, 50.0, 8.0, 130.0, max_range_m=2e4),
        Sensor("2", SensorKind.BEARING, 50.1, 8.1, 90.0),
    ),
    Origin(50.0, 8.0, 0.0),
)
WIDE = Site(tuple(replace(s, max_range_m=1e7) for s in SITE.sensors), SITE.origin)  # every place is within reach
RADAR = {"type": "report", "sensor": "radar-1", "time": T0 / 1e9, "range_m": 1000.0, "azimuth_deg": 90.0}
REMOTE = {"type": "report", "sensor": "rid", "time": T0 / 1e9, "lat": 50.01, "lon": 8.01}


def lines(*objects: Any) -> bytes:
    return b"".join(json.dumps(o).encode() + b"\n" for o in objects)


def read(*objects: Any, received_ns: int = T0) -> Decoded:
    """What the lines of some objects are read as; the decoder must agree with itself about counts."""
    decoder = Decoder(SITE, "here")
    decoded = decoder.feed(lines(*objects), received_ns)
    assert decoder.totals.rejected == decoded.problems.rejected == sum(decoded.problems.counts.values())
    assert (decoder.totals.reports, decoder.totals.looks) == (len(decoded.reports), len(decoded.looks))
    return decoded


def only_problem(decoded: Decoded) -> str:
    """The one sentence about the one thing that was wrong."""
    assert decoded.problems.rejected == 1
    assert len(decoded.reports) == len(decoded.looks) == len(decoded.statuses) == 0
    (sentence,) = decoded.problems.messages
    return sentence


# floats of every size that a field allows, with their last bits
def numbers(low: float, high: float) -> st.SearchStrategy[float]:
    return st.one_of(st.just(math.nan), st.floats(low, high))


@st.composite
def batches(draw: st.DrawFn) -> ReportBatch:
    """Up to 30 reports of the site's sensors that hold what they need, any other field or not, in any order."""
    n = draw(st.integers(0, 30))
    sensor = draw(st.lists(st.integers(0, 2), min_size=n, max_size=n))
    names = draw(
        st.lists(st.text(st.characters(exclude_categories=["Cs", "Z", "Cc"]), min_size=1, max_size=64), unique=True)
    )
    needed = {name for kind in NEEDED.values() for name in kind}
    columns: dict[str, Any] = {}
    for f in FIELDS:
        low, high = f.low * f.scale, f.high * f.scale
        if f.name in needed:
            columns[f.target] = draw(st.lists(st.floats(low, high), min_size=n, max_size=n))
        elif draw(st.booleans()):
            columns[f.target] = draw(st.lists(numbers(low, high), min_size=n, max_size=n))
    seconds = st.integers(-86_000_000_000_000, 59_000_000_000)
    columns["time_ns"] = [T0 + t for t in draw(st.lists(seconds, min_size=n, max_size=n))]
    # numbered by first appearance, as a decoder numbers them
    said = draw(st.lists(st.integers(-1, len(names) - 1), min_size=n, max_size=n))
    order = list(dict.fromkeys(i for i in said if i >= 0))
    columns |= {"sensor": sensor, "identity": [order.index(i) if i >= 0 else -1 for i in said]}
    arrays = {name: np.array(column) for name, column in columns.items()}
    return report_batch(n, identities=tuple(names[i] for i in order), received_ns=np.full(n, T0), **arrays)


def same(one: ReportBatch, other: ReportBatch) -> bool:
    return one.identities == other.identities and all(
        getattr(one, name).tobytes() == getattr(other, name).tobytes() for name in REPORT_COLUMNS
    )


@given(batches(), st.sampled_from([1, 3, 100]), st.integers(0, 5), st.data())
def test_what_is_written_is_read_to_the_bit_however_it_is_cut(
    reports: ReportBatch, rows_per_line: int, n: int, data: st.DataObject
) -> None:
    looks = look_batch(np.arange(n) % 3, T0 - np.arange(n) * 7, np.full(n, T0), np.arange(n) % 2 == 1)
    written = encode(reports, looks, WIDE, rows_per_line)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(written)), max_size=6)))
    decoder = Decoder(WIDE)
    for start, end in zip([0, *cuts], [*cuts, len(written)], strict=True):
        decoder.push(written[start:end], T0)
    decoded = decoder.take()
    assert not decoded.problems, decoded.problems.messages
    assert same(decoded.reports, reports)
    for name in ("sensor", "time_ns", "received_ns", "assumed"):
        assert getattr(decoded.looks, name).tobytes() == getattr(looks, name).tobytes()


@given(st.floats(0.0, 360.0), st.floats(-90.0, 90.0))
def test_degrees_become_the_radians_that_tables_make_of_them(azimuth: float, elevation: float) -> None:
    reports = read(RADAR | {"azimuth_deg": azimuth, "elevation_deg": elevation}).reports
    assert struct.pack("d", reports.azimuth_rad[0]) == struct.pack("d", azimuth * float(np.pi / 180.0))
    assert reports.elevation_rad[0] == pytest.approx(math.radians(elevation), rel=1e-15)
    assert reports.quantities[0] == Quantity.RANGE | Quantity.AZIMUTH | Quantity.ELEVATION


@given(
    st.integers(-8_500_000_000, 7_200_000_000),
    st.integers(0, 999_999_999),
    st.integers(-1439, 1439),
    st.sampled_from(["T", " "]),
)
def test_iso_times_are_read_to_the_nanosecond(second: int, nanos: int, offset: int, between: str) -> None:
    sign, minutes = "-" if offset < 0 else "+", abs(offset)
    local = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=second, minutes=offset)
    text = f"{local:%Y-%m-%d}{between}{local:%H:%M:%S}.{nanos:09d}{sign}{minutes // 60:02d}:{minutes % 60:02d}"
    expected = second * 1_000_000_000 + nanos
    assert read(RADAR | {"time": text}, received_ns=expected).reports.time_ns[0] == expected


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("2025-06-15T15:06:40Z", 0),
        ("2025-06-15T15:06:40", 0),
        ("2025-06-15T17:06+0200", -40),
        ("2025-06-15 15:06:40,5Z", 0.5),
    ],
)
def test_forms_of_iso_times(text: str, seconds: float) -> None:
    assert read(RADAR | {"time": text}).reports.time_ns[0] == T0 + int(seconds * 1e9)


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"time": "yesterday"}, "here, line 1, time: 'yesterday' is no time"),
        ({"time": "2025-02-30T00:00:00Z"}, "here, line 1, time: '2025-02-30T00:00:00Z' is no time"),
        ({"time": None}, "here, line 1, time: no value is no time"),
        ({"time": 1e300}, "here, line 1, time: 1e+300 is no time"),
        ({"time_ns": 1 << 63}, "here, line 1, time: 9.223372037e+18 is no time"),
        ({"time": T0 / 1e9 + 61}, "here, line 1, time: 1750000061 is over 60 s after the receipt"),
        ({"time": T0 / 1e9 - 86401}, "here, line 1, time: 1749913599 is over a day before the receipt"),
        (
            {"time_ns": -9_199_999_999_000_000_000},
            "here, line 1, time: -9.199999999e+18 is over a day before the receipt",
        ),
        ({"sensor": "radar-2"}, "here, line 1, sensor: 'radar-2' is no sensor of this site"),
        ({"range_m": -1}, "here, line 1, range_m: -1 is not between 0 and 10000000"),
        ({"azimuth_rad": 7}, "here, line 1, azimuth_rad: 7 is not between -3.141592654 and 6.283185307"),
        ({"range_m": None}, "here, line 1, range_m: no value in a report of a radar_3d"),
        ({"range_m": "12"}, "here, line 1, range_m: '12': Expected `float | null`, got `str`"),
        ({"range_m": True}, "here, line 1, range_m: 1: Expected `float | null`, got `bool`"),
        ({"height_datum": "sea"}, "here, line 1, height_datum: 'sea' is not one of ellipsoid, msl, pressure, takeoff"),
        (
            {"height_m": 5, "height_datum": "takeoff"},
            "here, line 1, takeoff_height_m: no value with height_datum takeoff",
        ),
        ({"identity": "x" * 65}, f"here, line 1, identity: '{'x' * 35}...' has over 64 characters"),
        (
            {"lat": -50.0, "lon": 8.0},
            "here, line 1, lat, lon: '-50.000000 8.000000' is over twice max_range_m from the sensor",
        ),
        ({"type": "repor"}, "here, line 1, type: 'repor': Invalid value 'repor'"),
    ],
)
def test_a_wrong_value_is_named_with_line_field_and_value(said: dict[str, Any], sentence: str) -> None:
    assert only_problem(read(RADAR | said)) == sentence


@pytest.mark.parametrize(
    ("line", "part"),
    [
        (b"{", "is not JSON: '{'"),
        (b'{"type":"report","range_m":NaN}', "is not JSON"),
        (b"[1]", "is no object of ours: '[1]'"),
        (b"{}", "has no 'type'"),
        (b'{"type":"report"}', "has no 'sensor'"),
        (b'\xff\xfe{"type":"report"}', "is not JSON"),
        (b'{"type":"report","sensor":"\xff"}', "is not JSON"),
        (b'{"type":"report","sensor":"radar-1","x":' + b"[" * 9999, "nested too deeply"),
        (b'{"type":"report","sensor":' + b"9" * 5000 + b"}", "sensor: "),
        (b'{"type":"status","sensor":"rid","state":"broken"}', "state: 'broken': Invalid enum value"),
        (b'{"type":"reports","sensor":"rid","time":1}', "has no lists"),
        (b'{"type":"reports","sensor":"rid","time":[1,2],"lat":[1]}', "lat: has 1 values where time has 2"),
        (b'{"type":"reports","sensor":"rid","time":1,"lat":[1,"x"]}', "lat: 'x': Expected `float | null`, got `str`"),
        (
            json.dumps({"type": "reports", "sensor": "rid", "lat": [0] * (MAX_LINE_ROWS + 1)}).encode(),
            "rows, more than",
        ),
        (b'{"type":"look","sensor":"nobody","time":1750000000}', "sensor: 'nobody' is no sensor of this site"),
        (b'{"type":"look","sensor":"rid"}', "time: no value is no time"),
        (b'{"type":"status","sensor":"rid","state":"well","time":"noon"}', "time: 'noon' is no time"),
        (b'{"type":"status","sensor":"nobody","state":"well"}', "sensor: 'nobody' is no sensor of this site"),
    ],
)
def test_a_line_that_is_none_is_named_and_costs_only_itself(line: bytes, part: str) -> None:
    assert part in only_problem(Decoder(SITE, "here").feed(line + b"\n", T0))
    between = Decoder(SITE, "here").feed(lines(RADAR) + line + b"\n" + lines(REMOTE), T0)
    assert between.reports.sensor.tolist() == [0, 1]
    assert between.problems.messages[0].startswith("here, line 2")


def test_a_wrong_row_of_many_costs_only_itself() -> None:
    line = {"type": "reports", "sensor": ["radar-1", "x", "rid", 2], "time": T0 / 1e9}
    line |= {"range_m": [5, 5, None, None], "azimuth_deg": [1, 1, None, 400], "lat": [None, None, 50, None]}
    decoded = read(line | {"lon": [None, None, 8, None], "identity": [None, None, 4711, None]})
    assert decoded.reports.sensor.tolist() == [0, 1]
    assert decoded.reports.identities == ("4711",)
    assert decoded.problems.messages == (
        "here, line 1 row 1, sensor: 'x' is no sensor of this site",
        "here, line 1 row 3, azimuth_deg: 400 is not between -180 and 360",
    )


@pytest.mark.parametrize("datum", list(Datum))
@pytest.mark.parametrize("qnh", [None, 1003.2])
def test_heights_come_out_above_the_ellipsoid_with_the_sigma_of_their_datum(datum: Datum, qnh: float | None) -> None:
    said = REMOTE | {"height_m": 120.0, "height_datum": datum, "takeoff_height_m": 100.0, "qnh_hpa": qnh}
    reports = read(said, said | {"sigma_height_m": 3.0}, REMOTE | {"height_m": 120.0}).reports
    height, added = ellipsoidal_height(120.0, 50.01, 8.01, datum, qnh_hpa=qnh, takeoff_height_m=100.0)
    assert reports.height_m.tolist() == pytest.approx([float(height), float(height), 120.0])
    if datum is Datum.ELLIPSOID:
        assert np.isnan(reports.sigma_height_m[[0, 2]]).all()
        assert reports.sigma_height_m[1] == 3.0
    else:
        assert reports.sigma_height_m[:2].tolist() == pytest.approx([math.hypot(8.0, added), math.hypot(3.0, added)])


def test_a_height_without_a_position_is_one_near_the_sensor() -> None:
    reports = read(RADAR | {"height_m": 120.0, "height_datum": "msl"}).reports
    assert reports.height_m[0] == pytest.approx(float(ellipsoidal_height(120.0, 50.0, 8.0, Datum.MSL)[0]))


def test_statuses_say_who_when_what() -> None:
    faulty = {"type": "status", "sensor": 2, "state": "faulty", "text": "x" * 999, "time": "2025-06-15T15:06:39Z"}
    decoded = read({"type": "status", "sensor": "rid", "state": "well"}, faulty)
    assert decoded.statuses == (
        SensorStatus(1, T0, T0, "well", ""),
        SensorStatus(2, T0 - 1_000_000_000, T0, "faulty", "x" * MAX_TEXT),
    )
    for status in decoded.statuses:
        assert Decoder(SITE).feed(encode_status(status, SITE), T0).statuses == (status,)


def test_a_datagram_ends_its_line_and_pieces_keep_their_receipts() -> None:
    decoder = Decoder(SITE, datagrams=True)
    decoder.push(lines(RADAR)[:-1], T0)
    decoder.push(lines(RADAR)[:20], T0 + 1)
    decoder.push(b"\r\n" + lines(RADAR, REMOTE).replace(b"\n", b"\r\n"), T0 + 2)
    decoded = decoder.take()
    assert decoded.reports.received_ns.tolist() == [T0, T0 + 2, T0 + 2]
    assert decoded.problems.rejected == 1


def test_the_last_line_of_a_stream_needs_no_end() -> None:
    decoder = Decoder(SITE)
    decoder.push(lines(RADAR)[:-1], T0)
    assert not len(decoder.take().reports)
    decoder.close(T0)
    assert len(decoder.take().reports) == 1


@given(st.lists(st.binary(max_size=12), max_size=30), st.integers(1, 8))
@example([b"123456789", b"\n", b"1\n"], 8)
def test_lines_are_those_of_the_whole_without_those_too_long(pieces: list[bytes], limit: int) -> None:
    splitter = LineSplitter(limit)
    found = [line for piece in pieces for line in splitter.push(piece)] + splitter.close()
    assert found == [line if len(line) <= limit else None for line in b"".join(pieces).split(b"\n") if line]
    assert len(splitter._partial) <= limit


def test_a_line_too_long_is_counted_once_and_the_next_is_read() -> None:
    decoder = Decoder(SITE, "here")
    for _ in range(3):
        decoder.push(b" " * MAX_LINE_BYTES, T0)
    decoder.push(b"\n" + lines(RADAR), T0)
    decoded = decoder.take()
    assert len(decoded.reports) == 1
    assert decoded.problems.counts == {f"line longer than {MAX_LINE_BYTES} bytes": 1}


def test_unknown_sensors_are_counted_by_name_up_to_a_limit() -> None:
    decoder = Decoder(SITE)
    decoder.feed(lines(*(RADAR | {"sensor": f"s{i}"} for i in range(MAX_UNKNOWN + 5)), RADAR | {"sensor": " s0 "}), T0)
    assert decoder.names.unknown["s0"] == 2
    assert len(decoder.names.unknown) == MAX_UNKNOWN
    assert decoder.names.unknown_others == 5
    assert len(decoder.feed(lines(RADAR | {"sensor": " radar-1 "}), T0).reports) == 1


def test_what_nobody_takes_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lowsky.wire.jsonl.decoder.MAX_PENDING", 10)
    monkeypatch.setattr("lowsky.wire.jsonl.decoder.MAX_STATUSES", 2)
    decoder = Decoder(SITE)
    status = {"type": "status", "sensor": "rid", "state": "well"}
    decoder.push(lines(*[status] * 3, *[RADAR] * 8, *[{"type": "look", "sensor": "rid", "time": T0 / 1e9}] * 8), T0)
    decoded = decoder.take()
    assert (len(decoded.reports), len(decoded.looks), len(decoded.statuses)) == (8, 2, 2)
    assert decoded.problems.counts == {"line not taken in time": 6, "status not taken in time": 1}
    assert len(decoder.feed(lines(RADAR), T0).reports) == 1


def test_a_site_without_sensors_knows_nobody() -> None:
    decoded = Decoder(Site((), Origin(0.0, 0.0, 0.0))).feed(lines(RADAR, REMOTE | {"height_datum": "msl"}), T0)
    assert (len(decoded.reports), decoded.problems.rejected) == (0, 2)


def spoilt(draw: Callable[[st.SearchStrategy[Any]], Any]) -> bytes:
    """Good lines with a few bytes changed, cut out or doubled."""
    good = bytearray(
        encode(report_batch(0), no_looks(), SITE)
        + lines(RADAR, REMOTE, {"type": "look", "sensor": "rid", "time": "2025-06-15T15:06:40Z"})
    )
    good += b'{"type":"reports","sensor":["rid","2"],"time":[1750000000,1],"lat":[1,2],"azimuth_deg":[1,null]}\n'
    for at, byte in draw(st.lists(st.tuples(st.integers(0, len(good) - 1), st.integers(0, 255)), max_size=5)):
        good[at] = byte
    start, end = sorted(draw(st.tuples(st.integers(0, len(good)), st.integers(0, len(good)))))
    return bytes(good[:start] + good[end:])


@given(st.data(), st.binary(max_size=200), st.integers(-(2**62), 2**62))
def test_garbage_is_counted_and_nothing_else(data: st.DataObject, noise: bytes, received_ns: int) -> None:
    decoder = Decoder(SITE)
    decoder.push(noise, received_ns)
    decoder.push(spoilt(data.draw), received_ns)
    decoded = decoder.take()
    assert len(decoded.problems.messages) == min(20, decoded.problems.rejected)
    assert all("\n" not in m and len(m) < 400 for m in decoded.problems.messages)
    decoder.close(received_ns)
    assert len(decoder.feed(lines(RADAR | {"time": None, "time_ns": received_ns}), received_ns).reports) <= 1


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3),
    max_leaves=4,
)


@given(
    st.sampled_from(["report", "reports", "look", "status"]),
    st.dictionaries(
        st.sampled_from([*RADAR, *REMOTE, "time_ns", "identity", "height_datum", "qnh_hpa", "height_m", "state"]),
        json_values,
    ),
)
def test_any_json_in_any_field_is_read_or_counted(kind: str, said: dict[str, Any]) -> None:
    decoded = Decoder(SITE).feed(lines({"sensor": "rid", "time": T0 / 1e9} | said | {"type": kind}), T0)
    found = len(decoded.reports) + len(decoded.looks) + len(decoded.statuses) + decoded.problems.rejected
    assert found >= 1 or said.get("time") == [] or [] in said.values()


def test_the_program_of_the_page_connects_over_a_socket() -> None:
    (program,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
    assert len(program.strip().splitlines()) <= 10
    server = socket.create_server(("127.0.0.1", 0))
    server.settimeout(20)
    sender = subprocess.Popen([sys.executable, "-c", program, "127.0.0.1", str(server.getsockname()[1]), "3"])
    decoder = Decoder(SITE)
    try:
        connection, _ = server.accept()
        connection.settimeout(20)
        with connection:
            while data := connection.recv(100):
                decoder.push(data, time.time_ns())
        assert sender.wait(20) == 0
    finally:
        sender.kill()
        sender.wait()
        server.close()
    decoded = decoder.take()
    assert decoded.reports.range_m.tolist() == [1200.0, 3100.0, 1185.0, 3100.0, 1170.0, 3100.0]
    assert (len(decoded.looks), decoded.problems.rejected) == (3, 0)


def test_the_examples_of_the_page_are_read() -> None:
    examples = re.findall(r"```json\n(.*?)```", PAGE.read_text(), re.DOTALL)
    received = int(datetime(2026, 3, 1, 2, 15, 5, tzinfo=UTC).timestamp()) * 1_000_000_000
    decoded = Decoder(SITE).feed("".join(examples).encode(), received)
    assert not decoded.problems, decoded.problems.messages
    assert [len(x) for x in (decoded.reports, decoded.looks, decoded.statuses)] == [3, 1, 1]


def fits(value: Any, schema: dict[str, Any], root: dict[str, Any]) -> bool:
    """Whether a value keeps a JSON Schema, of which only what ours uses is known here."""
    if "$ref" in schema:
        schema = root["$defs"][schema["$ref"].rsplit("/")[-1]]
    if "anyOf" in schema and not any(fits(value, s, root) for s in schema["anyOf"]):
        return False
    if "enum" in schema and value not in schema["enum"]:
        return False
    kinds: dict[str, Any] = {
        "object": dict,
        "array": list,
        "string": str,
        "null": type(None),
        "boolean": bool,
        "integer": int,
        "number": (int, float),
    }
    wanted = schema.get("type")
    if wanted and (
        not isinstance(value, kinds[wanted]) or (wanted in ("integer", "number") and isinstance(value, bool))
    ):
        return False
    if wanted == "number" and not schema.get("minimum", -math.inf) <= value <= schema.get("maximum", math.inf):
        return False
    if wanted == "array":
        return all(fits(v, schema["items"], root) for v in value)
    properties = schema.get("properties", {})
    return set(schema.get("required", ())) <= set(value if wanted == "object" else ()) and (
        wanted != "object" or all(fits(v, properties[k], root) for k, v in value.items() if k in properties)
    )


@given(batches(), st.sampled_from([1, 100]))
def test_what_is_written_keeps_the_schema(reports: ReportBatch, rows_per_line: int) -> None:
    schema = json_schema()
    for line in encode(reports, no_looks(), SITE, rows_per_line).splitlines():
        assert fits(json.loads(line), schema, schema)


@pytest.mark.parametrize(
    "said",
    [
        {"range_m": -1.0},
        {"range_m": "1"},
        {"identity": 1.5},
        {"time_ns": 0.5},
        {"sensor": None},
        {"type": "plot"},
        {"azimuth_deg": True},
    ],
)
def test_what_the_schema_refuses_is_refused(said: dict[str, Any]) -> None:
    schema = json_schema()
    assert fits(RADAR, schema, schema)
    assert not fits(RADAR | said, schema, schema)
    only_problem(read(RADAR | said))


def test_what_is_rejected_is_counted_for_the_sensor_whose_it_is() -> None:
    far = RADAR | {"range_m": -1.0}
    early = {"type": "look", "sensor": REMOTE["sensor"], "time": 0}
    decoded = Decoder(SITE).feed(lines(far, RADAR, far, early, RADAR | {"sensor": "none"}) + b"nonsense\n", T0)
    index = {sensor.id: i for i, sensor in enumerate(SITE.sensors)}
    assert decoded.problems.rejected == 5
    assert decoded.problems.by_sensor == {
        index["radar-1"]: {"range_m is not between 0 and 10000000": 2},
        index["rid"]: {"time is over a day before the receipt": 1},
    }
