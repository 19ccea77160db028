"""System tracks out, read back by an independent decoder, by the Wireshark dissector, and by our own reading."""

from __future__ import annotations

import json
import math
import struct
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from asterix import base, generated
from hypothesis import given, settings
from hypothesis import strategies as st

from lowsky.model.air import Air
from lowsky.model.kinds import Kind
from lowsky.model.picture import Status
from lowsky.model.sensor import Sensor, SensorKind, site_of
from lowsky.wire.asterix.reading import read_block
from lowsky.wire.asterix.system_server import (
    MOST_OCTETS,
    Condition,
    SensorState,
    Service,
    SystemTracks,
    end_of_batch,
    packed,
    sensor_status,
    service_report,
    system_status,
)
from lowsky.wire.asterix.system_track import Source, time_of_day_s
from lowsky.wire.asterix.track_numbers import MOST, RESTS_NS, TrackNumbers
from lowsky.wire.decoded import Context
from lowsky.wire.formats import find_format
from tests.airs import air

SOURCE = Source(25, 100, 4)
NOW_NS = 1_700_000_000_000_000_000  # 22:13:20
S = 1_000_000_000
SPECS = {62: generated.Cat_062_1_20, 63: generated.Cat_063_1_6, 65: generated.Cat_065_1_6}


def decoded(datagram: bytes) -> list[Any]:
    """The records of a datagram as libasterix reads them."""
    blocks = base.RawDatablock.parse(base.Bits.from_bytes(datagram))
    assert isinstance(blocks, list)
    (block,) = blocks
    profile: Any = SPECS[block.get_category()].cv_uap
    found = profile.parse(block.get_raw_records())
    assert isinstance(found, list)
    return found


def flat(items: dict[str, Any]) -> dict[tuple[str, ...], Any]:
    """Every value of a record by its path."""
    found: dict[tuple[str, ...], Any] = {}
    for name, value in items.items():
        if isinstance(value, dict):
            found |= {(name, *path): leaf for path, leaf in flat(value).items()}
        else:
            found[name,] = value
    return found


def libasterix_value(record: Any, path: tuple[str, ...]) -> Any:
    """The value at a path as libasterix has it: a quantity, or a plain number."""
    node = record.get_item(path[0]).variation
    for name in path[1:]:
        node = node.get_item(name).variation
    content = node.rule.content if hasattr(node, "rule") else node.content
    for reading in ("as_quantity", "as_string"):
        if hasattr(content, reading):
            return getattr(content, reading)()
    return content.as_uint()


def assert_both_read(datagrams: list[bytes]) -> list[dict[str, Any]]:
    """Our own reading and libasterix agree on every value; the records."""
    found = []
    for datagram in datagrams:
        ours, theirs = read_block(datagram), decoded(datagram)
        assert len(ours) == len(theirs)
        for items, record in zip(ours, theirs, strict=True):
            assert flat(items)
            for path, value in flat(items).items():
                assert value == libasterix_value(record, path), path
        found += ours
    return found


def told(tracks: SystemTracks, rows: Air, drill: bool = False) -> list[dict[str, Any]]:
    datagrams, without = tracks.batch(rows, drill)
    assert without == 0
    return assert_both_read(datagrams)


def some_air(n: int, seed: int = 1, **more: Any) -> Air:
    """Objects anywhere, of every sort."""
    rng = np.random.default_rng(seed)
    lower = np.tril(rng.normal(size=(n, 6, 6))) * 10.0 + 2.0 * np.eye(6)
    columns: dict[str, Any] = {
        "time_ns": NOW_NS, "latitude_deg": rng.uniform(-89.0, 89.0, n), "longitude_deg": rng.uniform(-180.0, 180.0, n),
        "height_m": rng.uniform(-400.0, 9000.0, n), "velocity_mps": rng.normal(size=(n, 3)) * 40.0,
        "covariance": lower @ np.swapaxes(lower, 1, 2), "status": rng.integers(1, 3, n), "kind": rng.integers(0, 7, n),
        "existence": rng.uniform(0.2, 1.0, n),
        "identity": [("", "F00A0B", "DLH123", "9Z9Z9123456789", "200000001")[i % 5] for i in range(n)],
    }  # fmt: skip
    return air(list(range(1, n + 1)), **columns | more)


def test_every_value_comes_back_within_its_last_bit() -> None:
    rows = some_air(40)
    records = told(SystemTracks(SOURCE), rows)
    sigma = np.sqrt(np.diagonal(rows.covariance, axis1=1, axis2=2))
    for i, record in enumerate(records):
        value = flat(record)
        assert (value["010", "SAC"], value["010", "SIC"], value["015",], value["040",]) == (25, 100, 4, i + 1)
        assert value["070",] == 22 * 3600 + 13 * 60 + 20
        assert value["105", "LAT"] == pytest.approx(rows.latitude_deg[i], abs=180 / 2**26)
        assert value["105", "LON"] == pytest.approx(rows.longitude_deg[i], abs=180 / 2**26)
        assert value["185", "VX"] == pytest.approx(rows.velocity_mps[i, 0], abs=0.125)
        assert value["185", "VY"] == pytest.approx(rows.velocity_mps[i, 1], abs=0.125)
        assert value["130",] == pytest.approx(rows.height_m[i] / 0.3048, abs=3.125)
        assert value["220",] == pytest.approx(rows.velocity_mps[i, 2] / 0.3048 * 60, abs=3.125)
        assert value["500", "APC", "X"] == pytest.approx(sigma[i, 0], abs=0.25)
        assert value["500", "APC", "Y"] == pytest.approx(sigma[i, 1], abs=0.25)
        together = rows.covariance[i, 0, 1]
        assert value["500", "COV"] == pytest.approx(math.copysign(math.sqrt(abs(together)), together), abs=0.25)
        assert value["500", "AGA"] == pytest.approx(sigma[i, 2] / 0.3048, abs=3.125)
        assert value["500", "ATV", "X"] == pytest.approx(min(sigma[i, 3], 63.75), abs=0.125)
        assert value["500", "ARC"] == pytest.approx(min(sigma[i, 5] / 0.3048 * 60, 1593.75), abs=3.125)
        latitude = math.degrees(sigma[i, 1] / 6371e3)  # the earth is round within a percent
        assert value["500", "APW", "LAT"] == pytest.approx(latitude, abs=180 / 2**26 + 0.01 * latitude)
        assert value["290", "TRK"] == 5.0
        assert value["080", "CST"] == (rows.status[i] == Status.COASTING)
        assert value["080", "PFT"] == (rows.existence[i] < 0.5)
        assert value["080", "TSB"] == 1
        assert ("080", "SFC") not in value or rows.kind[i] == Kind.VESSEL


def test_identities_go_where_the_format_has_room_for_them() -> None:
    records = told(SystemTracks(SOURCE), some_air(5))
    assert [record.get("380") for record in records] == [None, {"ADR": 0xF00A0B}, {"ID": "DLH123  "}, None, None]
    assert [set(record["290"]) for record in records] == [{"TRK", "PSR"}, {"TRK", "ES"}, *[{"TRK"}] * 3]
    assert [record["080"]["SRC"] for record in records] == [2, 1, 1, 1, 1]


def test_what_an_object_probably_is_is_told_only_if_wanted() -> None:
    kinds = [Kind.MULTIROTOR, Kind.BALLOON, Kind.BIRD]
    records = told(SystemTracks(Source(1, 2, emitters=True)), some_air(3, kind=kinds, identity=["", "", ""]))
    assert [record.get("380") for record in records] == [{"EMC": 13}, {"EMC": 12}, None]


def test_a_height_nobody_knows_is_not_told() -> None:
    (record,) = told(SystemTracks(SOURCE), some_air(1, covariance=np.diag([9.0, 9.0, 1e6, 1.0, 1.0, 1.0])))
    assert "130" not in record
    assert "220" not in record
    assert set(record["500"]) == {"APC", "COV", "APW", "ATV"}
    assert record["080"]["SRC"] == 0


def test_a_track_begins_goes_on_and_ends_once() -> None:
    tracks = SystemTracks(SOURCE)
    first = told(tracks, air([7], time_ns=NOW_NS))[0]
    second = told(tracks, air([7], time_ns=NOW_NS + S), drill=True)[0]
    third = told(tracks, air([7], time_ns=NOW_NS + 2 * S, status=Status.ENDED))[0]
    back = told(tracks, air([7], time_ns=NOW_NS + 3 * S))[0]
    flags = [tuple(r["080"][name] for name in ("TSB", "TSE", "SIM", "CST")) for r in (first, second, third, back)]
    assert flags == [(1, 0, 0, 0), (0, 0, 1, 0), (0, 1, 0, 1), (1, 0, 0, 0)]
    assert {r["040"] for r in (first, second, third, back)} == {7}


def test_the_end_of_what_was_never_told_is_not_told() -> None:
    assert SystemTracks(SOURCE).batch(air([7], status=Status.ENDED), False) == ([], 0)


@pytest.mark.parametrize(
    ("change", "turn", "pace"),
    [((0.0, 0.0), 0, 0), ((0.0, 2.0), 0, 1), ((0.0, -2.0), 0, 2), ((2.0, 0.0), 1, 0), ((-2.0, 0.0), 2, 0)],
)
def test_movement_is_by_what_changed(change: tuple[float, float], turn: int, pace: int) -> None:
    """Northbound: east is to the right."""
    tracks = SystemTracks(SOURCE)
    before = told(tracks, air([1], time_ns=NOW_NS, velocity_mps=(0.0, 20.0, 0.0)))[0]
    after = told(tracks, air([1], time_ns=NOW_NS + S, velocity_mps=(change[0], 20.0 + change[1], 3.0)))[0]
    assert (before["200"]["TRANS"], before["200"]["LONG"], before["200"]["VERT"]) == (3, 3, 0)
    assert (after["200"]["TRANS"], after["200"]["LONG"], after["200"]["VERT"]) == (turn, pace, 1)


def test_the_date_line_and_a_midnight() -> None:
    (record,) = told(SystemTracks(SOURCE), air([1], longitude_deg=180.0, time_ns=86_400 * S * 19_000 - 1))
    assert record["105"]["LON"] == -180.0
    assert record["070"] == 86_400.0 - 1 / 128
    assert time_of_day_s(86_400 * S * 19_000) == 0.0


def test_extremes_are_told_as_far_as_the_fields_go() -> None:
    huge = air(
        [1], height_m=45_000.0, velocity_mps=(9000.0, -9000.0, 2000.0), covariance=np.full((6, 6), 1e12),
        first_report_ns=0, last_report_ns=0,
    )  # fmt: skip
    (record,) = told(SystemTracks(SOURCE), huge)
    assert record["185"] == {"VX": 8191.75, "VY": -8192.0}
    assert record["290"] == {"TRK": 63.75, "PSR": 63.75}
    assert record["500"]["APC"] == {"X": 32767.5, "Y": 32767.5}


@settings(max_examples=25)
@given(st.integers(0, 2**32 - 1), st.integers(1, 6))
def test_any_air_is_read_back(seed: int, n: int) -> None:
    rows = some_air(n, seed)
    records = told(SystemTracks(SOURCE), rows)
    assert [r["040"] for r in records] == list(range(1, n + 1))


def test_datagrams_are_whole_and_small() -> None:
    datagrams, _ = SystemTracks(SOURCE).batch(some_air(500), False)
    assert max(map(len, datagrams)) <= MOST_OCTETS
    assert min(map(len, datagrams[:-1])) > MOST_OCTETS - 120
    assert sum(len(read_block(d)) for d in datagrams) == 500
    assert packed(62, []) == []


def test_system_and_sensors() -> None:
    sensors = [
        SensorState(25, 13, SensorKind.RADAR_3D, "faulty"), SensorState(25, 14, SensorKind.COOPERATIVE, "well"),
        SensorState(25, 15, SensorKind.CAMERA, "silent"),
    ]  # fmt: skip
    records = assert_both_read(
        [
            end_of_batch(SOURCE, NOW_NS),
            system_status(SOURCE, NOW_NS, Condition.DEGRADED, True, False),
            service_report(SOURCE, NOW_NS, Service.ENDED),
            *sensor_status(SOURCE, NOW_NS, sensors),
        ]
    )
    assert [r.get("000") for r in records] == [2, 1, 3, None, None, None]
    assert records[0]["020"] == 0
    assert records[1]["040"] == {"NOGO": 1, "OVL": 1, "TSV": 0, "PSS": 0, "STTN": 0}
    assert records[2]["050"] == 7
    assert [(r["050"]["SIC"], r["060"]["CON"], r["060"]["PSR"], r["060"]["NPW"]) for r in records[3:]] == [
        (13, 1, 1, 0), (14, 0, 0, 0), (15, 3, 0, 1),
    ]  # fmt: skip


def test_another_lowsky_hears_the_same_objects() -> None:
    """What leaves as system tracks comes in as reports of a cooperative sensor."""
    centre = Sensor("centre", SensorKind.COOPERATIVE, 56.0, 11.0, 0.0, max_range_m=100_000.0)
    declared = find_format("asterix")
    decoder = declared.decoder(Context(site_of((centre,)), "centre"), declared.options(sensor="centre"), True)
    rng = np.random.default_rng(3)
    rows = air(
        [1, 2, 3], latitude_deg=56.0 + rng.uniform(-0.2, 0.2, 3), longitude_deg=11.0 + rng.uniform(-0.2, 0.2, 3),
        height_m=rng.uniform(0.0, 900.0, 3), identity=["F00A0B", "", "DLH123"],
    )  # fmt: skip
    datagrams, _ = SystemTracks(SOURCE).batch(rows, False)
    for datagram in [*datagrams, end_of_batch(SOURCE, NOW_NS)]:
        decoder.push(datagram, NOW_NS + S // 10)
    heard = decoder.take()
    assert not heard.problems
    assert len(heard.reports) == 3
    np.testing.assert_allclose(heard.reports.latitude_deg, rows.latitude_deg, atol=180 / 2**26)
    np.testing.assert_allclose(heard.reports.longitude_deg, rows.longitude_deg, atol=180 / 2**26)
    np.testing.assert_allclose(heard.reports.height_m, rows.height_m, atol=3.125 * 0.3048)
    np.testing.assert_allclose(heard.reports.east_mps, rows.velocity_mps[:, 0], atol=0.125)
    np.testing.assert_array_equal(heard.reports.time_ns, NOW_NS)
    named = [heard.reports.identities[i] if i >= 0 else "" for i in heard.reports.identity]
    assert named == ["F00A0B", "", "DLH123"]


def pcap(datagrams: list[bytes]) -> bytes:
    """A capture of raw IPv4 packets to UDP port 8600."""
    out = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 101)
    for data in datagrams:
        udp = struct.pack(">HHHH", 40000, 8600, 8 + len(data), 0) + data
        here = b"\x7f\0\0\1"
        packet = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), 0, 0, 64, 17, 0, here, here) + udp
        out += struct.pack("<IIII", 0, 0, len(packet), len(packet)) + packet
    return out


def dissected(tshark: str, folder: Path, datagrams: list[bytes]) -> list[dict[str, str]]:
    """Field to value of every record, as Wireshark shows them."""
    (folder / "out.pcap").write_bytes(pcap(datagrams))
    command = [
        tshark,
        "-r",
        str(folder / "out.pcap"),
        "-d",
        "udp.port==8600,asterix",
        "-T",
        "json",
        "--no-duplicate-keys",
    ]
    done = subprocess.run([*command, "--no-duplicate-keys"], capture_output=True, text=True, timeout=60, check=True)
    records: list[dict[str, str]] = []
    for packet in json.loads(done.stdout):
        assert "_ws.malformed" not in packet["_source"]["layers"]
        messages = packet["_source"]["layers"]["asterix"]["asterix.message"]
        for message in messages if isinstance(messages, list) else [messages]:
            records.append({})
            _leaves(message, records[-1])
    return records


def _leaves(node: dict[str, Any], found: dict[str, str]) -> None:
    for name, value in node.items():
        if isinstance(value, dict):
            _leaves(value, found)
        elif isinstance(value, str):
            found[name.removeprefix("asterix.")] = value


def test_wireshark_shows_the_same_values(peer: Callable[[str], str], tmp_path: Path) -> None:
    datagrams, _ = SystemTracks(SOURCE).batch(some_air(30), True)
    sensors = [SensorState(25, 13, SensorKind.RADAR_3D, "late")]
    datagrams += [end_of_batch(SOURCE, NOW_NS), system_status(SOURCE, NOW_NS, Condition.OPERATIONAL, False, True)]
    datagrams += sensor_status(SOURCE, NOW_NS, sensors)
    shown = dissected(peer("tshark"), tmp_path, datagrams)
    ours = [(d[0], items) for d in datagrams for items in read_block(d)]
    assert len(shown) == len(ours) == 33
    for (number, items), fields in zip(ours, shown, strict=True):
        for path, value in flat(items).items():
            if path == ("080", "MLAT"):
                continue  # younger than this dissector
            name = "_".join((f"{number:03d}", *path))
            text = fields.get(f"{name}_VALUE", fields.get(name))
            assert text is not None, name
            if isinstance(value, str):
                assert text == value
            elif text.startswith("0x"):
                assert int(text, 16) == value
            else:
                assert float(text) == pytest.approx(value, rel=1e-9, abs=1e-12), name


def test_a_number_that_is_taken_leads_to_the_next() -> None:
    numbers = TrackNumbers()
    assert numbers.told([1, 2, MOST], 0) == [1, 2, MOST]
    assert numbers.told([MOST + 1, 2 * MOST], 0) == [3, 4]  # 1 is taken, 2 too; MOST is taken, then 1, 2, 3
    assert numbers.told([1, MOST + 1], 0) == [1, 3]
    assert TrackNumbers().told([MOST + 1], 0) == [1]


def test_a_number_rests_before_another_object_gets_it() -> None:
    numbers = TrackNumbers()
    numbers.told([5], 0)
    numbers.ended(5, 10)
    assert numbers.told([MOST + 5], 10 + RESTS_NS - 1) == [6]
    assert numbers.told([5], 10 + RESTS_NS - 1) == [5]
    assert numbers.told([2 * MOST + 5], 10 + RESTS_NS) == [5]


def test_when_all_numbers_are_in_use_the_rest_has_none() -> None:
    numbers = TrackNumbers()
    assert numbers.told(list(range(1, MOST + 1)), 0) == list(range(1, MOST + 1))
    assert numbers.told([MOST + 1], 0) == [0]
    assert len(numbers) == MOST
    numbers.ended(17, 0)
    assert numbers.told([MOST + 1], RESTS_NS) == [17]


@given(st.lists(st.tuples(st.sampled_from(["tell", "end"]), st.integers(1, 400)), max_size=60))
def test_no_two_objects_have_one_number(steps: list[tuple[str, int]]) -> None:
    numbers, alive, now = TrackNumbers(), set[int](), 0
    for what, n in steps:
        now += RESTS_NS // 7
        public = 1 + (n % 20) + (n // 20) * MOST  # many wish for the same
        if what == "end":
            numbers.ended(public, now)
            alive.discard(public)
        else:
            alive.add(public)
            numbers.back(public)
        given = numbers.told(sorted(alive), now)
        assert len(set(given)) == len(given)
        assert all(1 <= number <= MOST for number in given)
        assert len(numbers) <= 1 + len({p for _, p in steps}) * 2
