"""Against what pyais and gpsdecode read of the same sentences, and gpsdecode live."""

import json
import math
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyais.bit_vector import bit_vector
from pyais.messages import MSG_CLASS

from lowsky.model.report import ReportBatch
from lowsky.wire.ais.fields import LAYOUTS, Told, kind_of, read_positions
from lowsky.wire.formats import find_format
from tests.wire.ais.made import T0, decoder, read

KNOT = 1852 / 3600
POSITIONS = set(LAYOUTS)
FILES = ("generated", "nmea_data_sample")


def rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def nmea(shared: Path, name: str) -> Path:
    return shared / "data/ais" / (f"{name}.nmea" if name == "generated" else f"{name}.txt")


def single(message: dict[str, Any]) -> Told:
    """Our reading of the payload of a message of pyais's file."""
    payload = b"".join(line.split(",")[5].encode() for line in message["nmea"])
    return read_positions(kind_of(payload), [payload])


def same(ours: float, theirs: float, missing: float, tolerance: float) -> bool:
    return math.isnan(ours) if theirs >= missing else abs(ours - theirs) <= tolerance


@pytest.mark.parametrize("name", FILES)
def test_every_field_is_that_of_pyais(shared: Path, name: str) -> None:
    messages = rows(shared / f"data/ais/{name}.pyais.jsonl")
    told = [m for m in messages if (m["decoded"] or {}).get("msg_type") in POSITIONS]
    assert len(told) > 170
    for message in told:
        theirs, kind = message["decoded"], message["decoded"]["msg_type"]
        if kind == 1 and "2,1" in message["nmea"][0][:11]:
            continue  # a first part alone, which is no message
        ours = single(message)
        assert ours.mmsi[0] == theirs["mmsi"]
        assert ours.latitude_deg[0] == pytest.approx(theirs["lat"], abs=1e-6)
        assert ours.longitude_deg[0] == pytest.approx(theirs["lon"], abs=1e-6)
        assert ours.accurate[0] == theirs["accuracy"]
        if "speed" in theirs:
            missing = {9: 1023, 27: 63}.get(kind, 102.3)
            assert same(ours.speed_mps[0] / KNOT, theirs["speed"], missing, 1e-9)
            assert same(ours.course_deg[0], theirs["course"], 360.0, 1e-9)
        if "second" in theirs:
            assert ours.second[0] == theirs["second"]
        if kind == 9:
            assert same(ours.altitude_m[0], theirs["alt"], 4094, 0.0)
        if kind == 21:
            assert ours.virtual[0] == theirs["virtual_aid"]


@given(st.sampled_from(sorted(POSITIONS)), st.integers(0, 2**306 - 1))
@settings(max_examples=200)
def test_any_bits_are_read_as_pyais_reads_them(kind: int, bits: int) -> None:
    size = {19: 52, 21: 46, 27: 16}.get(kind, 28)
    values = [kind, *((bits >> 6 * i) & 63 for i in range(size - 1))]
    payload = bytes(value + (48 if value < 40 else 56) for value in values)
    fill = 4 if kind == 21 else 0
    theirs = MSG_CLASS[kind].from_vector(bit_vector(payload, fill)).asdict(enum_as_int=True)
    ours = read_positions(kind, [payload])
    assert ours.mmsi[0] == theirs["mmsi"]
    assert ours.latitude_deg[0] == pytest.approx(theirs["lat"], abs=1e-6)
    assert ours.longitude_deg[0] == pytest.approx(theirs["lon"], abs=1e-6)
    if "course" in theirs and math.isfinite(ours.course_deg[0]):
        assert ours.course_deg[0] == pytest.approx(theirs["course"])
    if "speed" in theirs and math.isfinite(ours.speed_mps[0]):
        assert ours.speed_mps[0] / KNOT == pytest.approx(theirs["speed"])
    if "second" in theirs:
        assert ours.second[0] == theirs["second"]


def by_place(reports: ReportBatch) -> Iterator[tuple[int, float, float]]:
    names = [int(reports.identities[i]) for i in reports.identity.tolist()]
    yield from zip(names, reports.latitude_deg.tolist(), reports.longitude_deg.tolist(), strict=True)


def agree(ours: list[tuple[int, float, float]], theirs: list[dict[str, Any]]) -> None:
    """Every position of the other decoder is one of ours, but for what ours was carried on and theirs is rounded."""
    places: dict[int, list[tuple[float, float]]] = {}
    for mmsi, latitude, longitude in ours:
        places.setdefault(mmsi, []).append((latitude, longitude))
    told = [m for m in theirs if m["type"] in POSITIONS and "lat" in m and abs(m["lat"]) <= 90 and abs(m["lon"]) <= 180]
    told = [m for m in told if m.get("second") != 63 and not m.get("virtual_aid")]
    told = [m for m in told if not (m["type"] == 11 and m["mmsi"] < 10_000_000)]
    assert len(told) > 100
    for message in told:
        slack = 0.051 if message["type"] == 27 else 1e-5
        speed = message.get("speed", 0.0)
        moved = 10 * speed * KNOT / 111_000 if isinstance(speed, int | float) else 0.0
        near = [
            max(abs(lat - message["lat"]), abs(lon - message["lon"]) * math.cos(math.radians(lat)))
            for lat, lon in places.get(message["mmsi"], [])
        ]
        assert near, message
        assert min(near) <= slack + moved, message


@pytest.mark.parametrize("name", FILES)
def test_positions_are_those_of_gpsdecode(shared: Path, name: str) -> None:
    decoded = read(nmea(shared, name).read_bytes())
    theirs = rows(shared / f"data/ais/{name}.gpsdecode.jsonl")
    agree(list(by_place(decoded.reports)), [m for m in theirs if m.get("class") == "AIS"])


def test_gpsdecode_reads_the_same_live(shared: Path, peer: Callable[[str], str]) -> None:
    data = nmea(shared, "generated").read_bytes()
    done = subprocess.run([peer("gpsdecode"), "-j"], input=data, capture_output=True, check=True, timeout=60)
    theirs = [json.loads(line) for line in done.stdout.splitlines() if line.startswith(b'{"class":"AIS"')]
    agree(list(by_place(read(data).reports)), theirs)


@pytest.mark.parametrize("name", FILES)
def test_all_sentences_are_counted(shared: Path, name: str) -> None:
    data = nmea(shared, name).read_bytes()
    reading, total = decoder(), 0
    for i in range(0, len(data), 777):
        reading.push(data[i : i + 777], T0)
        total += reading.take().received
    reading.close(T0)
    total += reading.take().received
    assert total == len(data.split())
    whole = read(data)
    assert whole.received == total
    if name == "nmea_data_sample":
        assert whole.problems.counts == {"payload empty": 100, "rest of the message missing": 20}


def test_broken_sentences_are_judged_as_strictly_or_more(shared: Path) -> None:
    accepted = {}
    for case in rows(shared / "data/ais/broken.jsonl"):
        decoded = read(case["line"].encode("latin-1") + b"\n")
        assert decoded.received == 1, case
        accepted[case["case"]] = decoded.used
        if case["decoded"] is None:
            assert decoded.used == 0, case
            assert decoded.problems.rejected == (case["case"] != "non-AIS"), case
        elif decoded.used:
            assert next(by_place(decoded.reports))[0] == case["decoded"]["mmsi"]
    assert {name for name, used in accepted.items() if used} == {"lower-case checksum", "tag block", "own ship"}


def test_the_reader_tells_what_pyais_tells(shared: Path) -> None:
    found = find_format("ais")
    reader = found.reader(found.options(), False)
    items = [*reader.push(nmea(shared, "generated").read_bytes()), *reader.close()]
    theirs = rows(shared / "data/ais/generated.pyais.jsonl")
    assert len(items) == len(theirs)
    names = {"longitude_deg": "lon", "latitude_deg": "lat", "speed_kn": "speed", "course_deg": "course"}
    for item, message in zip(items, theirs, strict=True):
        for name, value in item.items():
            expected = message["decoded"].get(names.get(name, name))
            if isinstance(expected, int | float) and isinstance(value, int | float):
                assert value == pytest.approx(expected), (item, message)


def test_missing_stays_missing(shared: Path) -> None:
    reports = read(nmea(shared, "generated").read_bytes()).reports
    assert np.isfinite(reports.latitude_deg).all()
    assert (np.abs(reports.latitude_deg) <= 90).all()
    assert np.nanmax(np.hypot(reports.east_mps, reports.north_mps)) < 1022 * KNOT
