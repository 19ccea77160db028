"""One sensor in a process of its own, that may be killed at any time: `senders.py NAME PORT BOOK`.

Each sends what it sees of the world, once or twice a second, in its own format and over real sockets. How many items it
has sent stands in the file BOOK, which its next life goes on with.
"""

from __future__ import annotations

import json
import math
import socket
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.serve.formats import world
from tests.serve.formats.modes import airborne_position, beast, ground_velocity, identification, squitter

Sends = Callable[[float], tuple[bytes, int]]  # what is sent at a time, and how many items that is


def json_radar(time_s: float) -> tuple[bytes, int]:
    """JSON lines: reports and a look."""
    lines = []
    for flight in world.SEEN:
        range_m, azimuth, elevation = world.polar("radar-1", flight, time_s)
        lines.append({"type": "report", "sensor": "radar-1", "time": time_s, "range_m": range_m,
                      "azimuth_deg": azimuth, "elevation_deg": elevation})  # fmt: skip
    lines.append({"type": "look", "sensor": "radar-1", "time": time_s})
    return b"".join(json.dumps(line).encode() + b"\n" for line in lines), len(lines)


def asterix_radar(time_s: float) -> tuple[bytes, int]:
    """ASTERIX 048 and 034: plots with height, and a north marker."""
    from lowsky.wire.asterix.writing import encode

    clock = round(time_s % 86400.0 * 128.0) / 128.0
    source = {"SAC": 25, "SIC": 201}
    plots = []
    for flight in world.SEEN:
        range_m, azimuth, elevation = world.polar("radar-2", flight, time_s)
        height_m = 40.0 + range_m * math.sin(math.radians(elevation)) - world.SEA_M
        plots.append({"010": source, "140": clock, "040": {"RHO": range_m / 1852.0, "THETA": azimuth},
                      "020": {"TYP": 1, "SIM": 0, "RDP": 0, "SPI": 0, "RAB": 0},
                      "110": {"3DH": round(height_m / 0.3048 / 25.0) * 25.0}})  # fmt: skip
    marker = [{"010": source, "000": 1, "030": clock}]
    return encode(48, plots) + encode(34, marker), len(plots) + 1


def remote_id(time_s: float) -> tuple[bytes, int]:
    """Broadcast Remote ID as a receiver's JSON lines: a pack of identity, place and operator."""
    from lowsky.wire.remoteid.encoder import (
        Location,
        System,
        encode_basic_id,
        encode_location,
        encode_pack,
        encode_system,
    )

    latitude, longitude, height, east, north = world.DECLARED.at(time_s)
    place = Location(
        status=2, direction_deg=math.degrees(math.atan2(east, north)) % 360.0, speed_mps=math.hypot(east, north),
        up_mps=0.0, latitude_deg=latitude, longitude_deg=longitude, geodetic_height_m=height, horizontal_accuracy=11,
        vertical_accuracy=5, speed_accuracy=3, time_s=round(time_s % 3600.0, 1), time_accuracy=1,
    )  # fmt: skip
    pilot = System(operator_place=1, latitude_deg=latitude - 0.002, longitude_deg=longitude, operator_height_m=45.0)
    pack = encode_pack([encode_basic_id(1, 2, world.SERIAL.encode()), encode_location(place), encode_system(pilot)])
    line = {"payload": pack.hex(), "mac": "02:45:67:89:ab:cd", "time": time_s, "counter": int(time_s) % 256}
    return json.dumps(line).encode() + b"\n", 3


def ads_b(time_s: float) -> tuple[bytes, int]:
    """Beast binary: position (in its two forms by turns), velocity, callsign."""
    latitude, longitude, height, east, north = world.AIRCRAFT.at(time_s)
    altitude_ft = (height - world.SEA_M) / 0.3048
    bodies = [airborne_position(latitude, longitude, altitude_ft, odd=time_s % 1.0 > 0.25)]
    bodies += [ground_velocity(east, north), identification("TEST1")]
    return b"".join(beast(squitter(int(world.ADDRESS, 16), body)) for body in bodies), len(bodies)


def ais(time_s: float) -> tuple[bytes, int]:
    """NMEA: a position report of a ship."""
    from pyais.encode import encode_dict

    latitude, longitude, _, east, north = world.VESSEL.at(time_s)
    said: dict[str, str | int | float | bytes | bool] = {
        "type": 1, "mmsi": world.MMSI, "lat": latitude, "lon": longitude, "speed": math.hypot(east, north) * 1.943844,
        "course": math.degrees(math.atan2(east, north)) % 360.0, "accuracy": 1, "second": int(time_s) % 60,
    }  # fmt: skip
    lines = encode_dict(said)
    return "".join(f"{line}\r\n" for line in lines).encode(), 1


def sapient(time_s: float) -> tuple[bytes, int]:
    """SAPIENT: detections in range and bearing, and a status each five seconds."""
    from tests.serve.sapient.nodes import RADAR, detection, message, scan, status, ulid
    from tests.serve.sapient.strict_peer import framed

    found = []
    for number, flight in enumerate(world.SEEN):
        range_m, azimuth, elevation = world.polar("radar-3", flight, time_s)
        one = detection(int(time_s) * 10 + number, azimuth, range_m) | {"object_id": ulid(10**6 + number)}
        one["range_bearing"] |= {"elevation": elevation, "elevation_error": 0.3, "azimuth_error": 0.15}
        found.append(one)
    messages = scan(RADAR, *found)
    messages += [message(RADAR, status_report=status("UNCHANGED"))] if int(time_s) % 5 == 0 else []
    return b"".join(framed(m.SerializeToString()) for m in messages), len(messages)


def sapient_greeting() -> tuple[bytes, int]:
    """What a node says first."""
    from tests.serve.sapient.nodes import RADAR, REGISTRATION, message, status
    from tests.serve.sapient.strict_peer import framed

    said = [message(RADAR, registration=REGISTRATION), message(RADAR, status_report=status())]
    return b"".join(framed(m.SerializeToString()) for m in said), len(said)


SENDERS: dict[str, tuple[Sends, str, float]] = {
    "jsonl": (json_radar, "udp", 1.0),
    "asterix": (asterix_radar, "udp", 1.0),
    "remoteid": (remote_id, "call", 1.0),
    "beast": (ads_b, "serve", 0.5),
    "ais": (ais, "udp", 1.0),
    "sapient": (sapient, "call", 1.0),
}
"""Name to what it sends, and how: datagrams, a call to the server, or a port that the server calls; and how often,
seconds."""


def main(name: str, port: int, book: Path) -> None:
    """Send until killed."""
    sends, way, period_s = SENDERS[name]
    sent = int(book.read_text()) if book.exists() else 0
    for out in _connections(way, port):
        try:
            if name == "sapient":
                data, items = sapient_greeting()
                out.sendall(data)
                sent = _note(book, sent + items)
            while True:
                time.sleep(period_s - time.time() % period_s)
                data, items = sends(math.floor(time.time() * 10.0) / 10.0)
                out.send(data) if way == "udp" else out.sendall(data)
                sent = _note(book, sent + items)
        except OSError:
            continue


def _note(book: Path, sent: int) -> int:
    book.write_text(str(sent))
    return sent


def _connections(way: str, port: int) -> Iterator[socket.socket]:
    """A socket to send by; another one after each that broke."""
    here = ("127.0.0.1", port)
    if way == "serve":
        with socket.create_server(here) as listener:
            while True:
                yield listener.accept()[0]
    while True:
        out = socket.socket(socket.AF_INET, socket.SOCK_DGRAM if way == "udp" else socket.SOCK_STREAM)
        try:
            out.connect(here)
        except OSError:
            time.sleep(0.2)
            continue
        yield out


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]))
