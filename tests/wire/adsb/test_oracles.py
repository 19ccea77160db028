"""Against what others read of the same messages: pyModeS, rs1090, dump1090, by files and live."""

import csv
import json
import math
import socket
import subprocess
import threading
import time
from collections.abc import Callable
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from lowsky.model.heights import Datum, ellipsoidal_height
from lowsky.model.sensor import Origin, Sensor, SensorKind, Site
from lowsky.wire.adsb.fields import Squitters, read_squitters
from lowsky.wire.adsb.reader import read_frame
from lowsky.wire.formats import find_format
from tests.wire.adsb.made import Heard, avr, decoder, frame

FOOT = 0.3048
KNOT = 1852 / 3600
OVER_EUROPE = Site((Sensor("rx", SensorKind.COOPERATIVE, 51.2, 6.0, 100.0, max_range_m=4e5),), Origin(51.0, 6.0, 0.0))
BASE_NS = 1_000_000_000


def expected(shared: Path) -> list[dict[str, Any]]:
    lines = (shared / "data/adsb/sample_data_adsb.pymodes.jsonl").read_text().splitlines()
    return [json.loads(line) for line in lines]


def beast_messages(data: bytes) -> list[bytes]:
    """Beast messages of long frames, one by one, found by counting."""
    found, at = [], 0
    while at < len(data):
        end, octets = at + 2, 0
        while octets < 21:
            end += 2 if data[end] == 0x1A else 1
            octets += 1
        found.append(data[at:end])
        at = end
    return found


def squitters(texts: list[str]) -> Squitters:
    return read_squitters(np.array([list(bytes.fromhex(text)) for text in texts], dtype=np.uint8))


@pytest.mark.parametrize("name", ["avr", "beast"])
def test_positions_are_those_of_pymodes(shared: Path, name: str) -> None:
    rows = expected(shared)
    messages = [avr(bytes.fromhex(row["msg"])) for row in rows]
    if name == "beast":
        messages = beast_messages((shared / "data/adsb/sample_adsb.beast").read_bytes())
    reading, heard = decoder(name, OVER_EUROPE), Heard()
    found: dict[tuple[int, float], float] = {}
    for second, at in groupby(range(len(rows)), key=lambda i: int(rows[i]["t"])):
        reading.push(b"".join(messages[i] for i in at), second * BASE_NS)
        reports = heard.take(reading.take()).reports
        found |= {
            (second, round(latitude, 9)): longitude
            for latitude, longitude in zip(reports.latitude_deg.tolist(), reports.longitude_deg.tolist(), strict=True)
        }
    wanted = [
        ((int(row["t"]), round(row["decoded"]["latitude"], 9)), row["decoded"]["longitude"])
        for row in rows
        if row["decoded"].get("latitude") is not None
    ]
    assert len(wanted) > 900
    assert sum(found.get(key, math.nan) == pytest.approx(longitude, abs=1e-9) for key, longitude in wanted) == len(
        wanted
    )
    assert (heard.received, heard.rejected, set(heard.identities)) == (
        2000,
        {},
        {row["decoded"]["icao"] for row in rows},
    )


def test_fields_are_those_of_pymodes(shared: Path) -> None:
    rows = expected(shared)
    ours = squitters([row["msg"] for row in rows])
    for i, row in enumerate(rows):
        theirs = row["decoded"]
        assert ours.type_code[i] == theirs["typecode"]
        if "altitude" in theirs:
            assert ours.pressure_m[i] == pytest.approx(theirs["altitude"] * FOOT)
            assert (ours.latitude[i] * 131072, ours.longitude[i] * 131072) == (theirs["cpr_lat"], theirs["cpr_lon"])
            assert ours.odd[i] == (theirs["cpr_format"] == 1)
        if theirs["typecode"] == 19:
            speed, track = math.hypot(ours.east_mps[i], ours.north_mps[i]) / KNOT, math.radians(theirs["track"])
            assert int(speed + 1e-9) == theirs["groundspeed"]
            assert ours.east_mps[i] / KNOT == pytest.approx(speed * math.sin(track), abs=1e-6)
            assert ours.up_mps[i] / FOOT * 60 == pytest.approx(theirs["vertical_rate"])
            assert ours.above_pressure_m[i] / FOOT == pytest.approx(theirs["geo_minus_baro"])
            assert ours.nacv[i] == theirs["nac_v"]


def test_fields_are_those_of_pymodes_before(shared: Path) -> None:
    golden = json.loads((shared / "data/adsb/golden_v2.json").read_text())
    told = {text: row for text, row in golden.items() if row["df"] == 17}
    ours = squitters(list(told))
    for i, row in enumerate(told.values()):
        if "altitude" in row:
            assert ours.pressure_m[i] == pytest.approx(row["altitude"] * FOOT)
        if "groundspeed" in row:
            assert int(math.hypot(ours.east_mps[i], ours.north_mps[i]) / KNOT + 1e-9) == row["groundspeed"]


def test_heights_of_every_code_are_those_of_rs1090() -> None:
    """All 4096 codes of the 12-bit field; the library says 0 where there is none."""
    frames = [frame(11 << 51 | code << 36 | 1 << 17 | 1) for code in range(4096)]
    ours = squitters([f.hex() for f in frames]).pressure_m / FOOT
    for code, (f, feet) in enumerate(zip(frames, ours.tolist(), strict=True)):
        theirs = read_frame(f.hex()).get("altitude_ft")
        if theirs is not None and not math.isnan(feet) and feet > -1000:
            assert theirs == pytest.approx(feet), code
    assert np.isfinite(ours).sum() > 3000


@given(st.integers(0, 2**51 - 1), st.sampled_from([*range(5, 20)]))
@settings(max_examples=300)
def test_any_squitter_is_read_as_rs1090_reads_it(bits: int, code: int) -> None:
    text = frame(code << 51 | bits).hex()
    ours, theirs = squitters([text]), read_frame(text)
    assume("error" not in theirs)
    if code == 19:
        if "groundspeed_kt" in theirs and np.isfinite(ours.east_mps[0]):
            assert math.hypot(ours.east_mps[0], ours.north_mps[0]) / KNOT == pytest.approx(theirs["groundspeed_kt"])
            track = math.radians(theirs["track_deg"])
            assert ours.east_mps[0] / KNOT == pytest.approx(theirs["groundspeed_kt"] * math.sin(track), abs=1e-6)
        if theirs.get("vertical_rate_ft_per_min") is not None and np.isfinite(
            ours.up_mps[0]
        ):  # it reads subtype 0, too
            assert ours.up_mps[0] / FOOT * 60 == pytest.approx(theirs["vertical_rate_ft_per_min"])
        return
    assert (ours.latitude[0] * 131072, ours.longitude[0] * 131072) == (theirs["lat_cpr"], theirs["lon_cpr"])
    assert ours.odd[0] == (theirs["parity"] == "odd")
    if code < 9 and np.isfinite(ours.east_mps[0]) and theirs.get("groundspeed_kt") is not None:
        assert math.hypot(ours.east_mps[0], ours.north_mps[0]) / KNOT == pytest.approx(theirs["groundspeed_kt"])


def test_the_reader_tells_every_message(shared: Path) -> None:
    data = (shared / "data/adsb/sample_adsb.beast").read_bytes()
    found = find_format("beast")
    reader = found.reader(found.options(), False)
    items = [*reader.push(data), *reader.close()]
    assert len(items) == 2000
    assert not [item for item in items if "error" in item]
    for item, row in zip(items, expected(shared), strict=True):
        assert (item["message"], item["icao24"].upper()) == (row["msg"], row["decoded"]["icao"])
        assert item.get("altitude_ft") == row["decoded"].get("altitude")
        if "latitude_deg" in item and row["decoded"].get("latitude") is not None:
            assert item["latitude_deg"] == pytest.approx(row["decoded"]["latitude"], abs=1e-6)
            assert item["longitude_deg"] == pytest.approx(row["decoded"]["longitude"], abs=1e-6)
    assert sum("latitude_deg" in item for item in items) > 900


def test_a_broken_message_is_told_and_costs_only_itself(shared: Path) -> None:
    messages = [(int(row["t"]) * BASE_NS, row["msg"]) for row in expected(shared)[:300]]
    wrong = {text: f"{text[:20]}{int(text[20], 16) ^ 1:X}{text[21:]}" for _, text in messages[::3]}
    heard = Heard(), Heard()
    for spoil in (0, 1):
        reading = decoder("avr", OVER_EUROPE)
        for at, text in messages:
            texts = [wrong[text], text] if spoil and text in wrong else [text]
            reading.push(avr(*map(bytes.fromhex, texts)), at)
        heard[spoil].take(reading.take())
    assert heard[1].rejected == {"parity wrong": sum(text in wrong for _, text in messages)}
    assert heard[1].column("latitude_deg").tolist() == heard[0].column("latitude_deg").tolist()


def test_lines_of_dump1090_are_read_as_it_wrote_them(shared: Path) -> None:
    data = (shared / "data/adsb/sample_adsb.sbs").read_bytes()
    rows = [row for row in csv.reader(data.decode().splitlines()) if row[1] == "3" and row[14]]
    reading, heard = decoder("sbs", OVER_EUROPE, qnh=1013.25), Heard()
    reading.push(data, 1_750_000_000 * BASE_NS)
    heard.take(reading.take())
    assert (heard.received, heard.used, heard.rejected) == (1093, 501, {})
    assert heard.ignored == {"velocity": 528, "identification": 54, "position without coordinates": 10}
    assert heard.column("latitude_deg").tolist() == [float(row[14]) for row in rows]
    assert heard.column("longitude_deg").tolist() == [float(row[15]) for row in rows]
    assert heard.identities == [row[4] for row in rows]
    feet = np.array([float(row[11]) for row in rows])
    height, _ = ellipsoidal_height(
        feet * FOOT, heard.column("latitude_deg"), heard.column("longitude_deg"), Datum.PRESSURE, qnh_hpa=1013.2
    )
    assert heard.column("height_m") == pytest.approx(height, abs=0.5)


def test_dump1090_and_we_read_the_same_live(shared: Path, peer: Callable[[str], str]) -> None:
    """Beast goes into dump1090; Beast, AVR and BaseStation lines come out of it and are read over real sockets."""
    ports = dict(zip(("ri", "ro", "sbs", "bi", "bo"), free_ports(5), strict=True))
    command = [peer("dump1090-mutability"), "--net-only", "--quiet", "--net-bind-address", "127.0.0.1"]
    command += [text for name, port in ports.items() for text in (f"--net-{name}-port", str(port))]
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        outputs = {"beast": connect(ports["bo"]), "avr": connect(ports["ro"]), "sbs": connect(ports["sbs"])}
        received: dict[str, bytearray] = {name: bytearray() for name in outputs}
        threads = [
            threading.Thread(target=drain, args=(outputs[name], received[name]), daemon=True) for name in outputs
        ]
        for thread in threads:
            thread.start()
        with connect(ports["bi"]) as into:
            # at the pace of an antenna: dump1090 drops what its buffers do not hold
            recorded = (shared / "data/adsb/sample_adsb.beast").read_bytes()
            for at in range(0, len(recorded), 1000):
                into.sendall(recorded[at : at + 1000])
                time.sleep(0.03)
            settle(received)
    finally:
        process.terminate()
        process.wait(10)
    for thread in threads:
        thread.join(10)
    heard = {}
    for name, data in received.items():
        reading, heard[name] = decoder(name, OVER_EUROPE, **({} if name == "sbs" else {"counter": False})), Heard()
        reading.push(bytes(data), 1_750_000_000 * BASE_NS)
        reading.close(1_750_000_000 * BASE_NS)
        heard[name].take(reading.take())
    assert 1800 < heard["avr"].received == received["avr"].count(b"\n")
    assert heard["beast"].received == 2000
    assert (heard["sbs"].rejected, heard["sbs"].received) == ({}, received["sbs"].count(b"\n"))
    theirs = np.stack([heard["sbs"].column("latitude_deg"), heard["sbs"].column("longitude_deg")], axis=1)
    ours = np.stack([heard["beast"].column("latitude_deg"), heard["beast"].column("longitude_deg")], axis=1)
    in_text = np.stack([heard["avr"].column("latitude_deg"), heard["avr"].column("longitude_deg")], axis=1)
    assert min(len(theirs), len(in_text)) > 400
    for places, digits in ((theirs, 1.1e-5), (in_text, 1e-12)):  # they write five digits
        assert np.median([np.abs(ours - place).max(axis=1).min() for place in places[::10]]) < digits


def free_ports(n: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(n)]
    ports = [s.getsockname()[1] for s in sockets]
    for s in sockets:
        s.close()
    return ports


def connect(port: int) -> socket.socket:
    for _ in range(200):
        try:
            return socket.create_connection(("127.0.0.1", port), timeout=10)
        except ConnectionRefusedError:
            time.sleep(0.05)
    raise AssertionError(f"nothing listens on {port}")


def drain(source: socket.socket, into: bytearray) -> None:
    with source:
        while True:
            try:
                data = source.recv(65536)
            except OSError:
                return
            if not data:
                return
            into += data


def settle(received: dict[str, bytearray]) -> None:
    """Wait until all have got something, and nothing more for a second."""
    last, since = -1, time.monotonic()
    begin = since
    while time.monotonic() - begin < 30:
        total = sum(map(len, received.values()))
        if total != last:
            last, since = total, time.monotonic()
        if all(received.values()) and time.monotonic() - since > 1.0:
            return
        time.sleep(0.05)
