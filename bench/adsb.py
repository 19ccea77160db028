"""How fast ADS-B becomes reports, beside libraries that decode the same messages. Prints messages a second of CPU time.

python -m bench.adsb [--messages 200000]

Traffic is made: 200 aircraft that each send two positions and two velocities a second, and now and then who they are.
The libraries decode messages to dictionaries and no more; lowsky cuts the stream, checks parities, keeps track of each
aircraft and gives reports that have passed all checks. pyModeS (GPL) runs in an environment of its own, if
PYMODES_PYTHON names its Python.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import time
from collections.abc import Callable

import numpy as np
import rs1090

from lowsky.model.sensor import Origin, Sensor, SensorKind, Site
from lowsky.wire.adsb.cpr import longitude_zones
from lowsky.wire.adsb.frames import Bytes, Floats, Longs
from lowsky.wire.adsb.parity import remainders
from lowsky.wire.decoded import Context, Weather
from lowsky.wire.formats import find_format

START_NS = 1_750_000_000_000_000_000
AIRCRAFT = 200
A_SECOND = 4 * AIRCRAFT
SITE = Site((Sensor("rx", SensorKind.COOPERATIVE, 51.0, 4.0, 60.0, max_range_m=4e5),), Origin(51.0, 4.0, 0.0))
PYMODES = """
import sys, time
from pyModeS import PipeDecoder
lines = [line.split() for line in sys.stdin]
begin = time.process_time()
pipe = PipeDecoder()
for seconds, text in lines:
    pipe.decode(text, timestamp=float(seconds))
print(len(lines) / (time.process_time() - begin))
"""


def main() -> None:
    """Make traffic, read it in each form and by each library."""
    parser = argparse.ArgumentParser(description="How fast ADS-B becomes reports.")
    parser.add_argument("--messages", type=int, default=200_000)
    n = parser.parse_args().messages // A_SECOND * A_SECOND
    frames = traffic(n // A_SECOND)
    texts = [bytes(row).hex().upper() for row in frames]
    for name, data in (("beast", [beast(row) for row in frames]), ("avr", [b"*%s;\n" % t.encode() for t in texts])):
        pieces = [b"".join(data[i : i + A_SECOND // 4]) for i in range(0, n, A_SECOND // 4)]
        show(f"lowsky, {name}, to reports", n, lambda name=name, pieces=pieces: read(name, pieces))  # type: ignore[misc]
    times = [START_NS / 1e9 + i / A_SECOND for i in range(n)]
    show("rs1090, messages to dictionaries", n, lambda: len(rs1090.decode(texts)))
    show("rs1090, with positions", n, lambda: len(rs1090.decode(texts, times, reference=(51.0, 4.0))))
    python = os.environ.get("PYMODES_PYTHON")
    if python:
        told = "".join(f"{t:.3f} {text}\n" for t, text in zip(times, texts, strict=True))
        done = subprocess.run([python, "-c", PYMODES], input=told, capture_output=True, text=True, check=True)
        print(f"{'pyModeS, with positions':40}{float(done.stdout):12,.0f} messages/s")


def traffic(seconds: int) -> Bytes:
    """Frames (n, 14): each second every aircraft tells two positions, one of each form, and two velocities."""
    rng = np.random.default_rng(1)
    latitude, longitude = rng.uniform(49.5, 52.5, AIRCRAFT), rng.uniform(2.0, 6.0, AIRCRAFT)
    north, east = rng.integers(-400, 400, (2, AIRCRAFT))
    address = 0xF00000 + np.arange(AIRCRAFT)
    parts = []
    for second in range(seconds):
        for half in (0, 1):
            moved = (second + half / 2) / 216_000  # knots to degrees
            told = position(latitude + north * moved, longitude + east * moved, half)
            parts += [framed(address, told), framed(address, velocity(east, north))]
    return np.concatenate(parts)


def position(latitude: Floats, longitude: Floats, odd: int) -> Longs:
    """ME of airborne positions at 30,000 ft."""
    high = 360.0 / (60 - odd)
    y = np.floor(131072 * np.mod(latitude / high, 1.0) + 0.5).astype(np.int64)
    told = high * (y / 131072 + np.floor(latitude / high))
    wide = 360.0 / np.maximum(longitude_zones(told) - odd, 1)
    x = np.floor(131072 * np.mod(longitude / wide, 1.0) + 0.5).astype(np.int64)
    steps = (30_000 + 1_000) // 25
    altitude = ((steps >> 4) << 5) | 16 | (steps & 15)
    return (11 << 51) | (altitude << 36) | (odd << 34) | ((y % 131072) << 17) | (x % 131072)


def velocity(east: Longs, north: Longs) -> Longs:
    """ME of velocities over ground, kt."""
    speeds = ((east < 0) << 42) | ((np.abs(east) + 1) << 32) | ((north < 0) << 31) | ((np.abs(north) + 1) << 21)
    return (19 << 51) | (1 << 48) | (2 << 43) | speeds | (1 << 10) | 9


def framed(address: Longs, me: Longs) -> Bytes:
    """Long frames with their parity."""
    data = np.zeros((len(address), 14), dtype=np.uint8)
    data[:, 0] = 0x8D
    for place in range(3):
        data[:, 1 + place] = address >> (16 - 8 * place) & 255
    for place in range(7):
        data[:, 4 + place] = me >> (48 - 8 * place) & 255
    rest = remainders(data, np.ones(len(data), dtype=np.bool_))
    for place in range(3):
        data[:, 11 + place] = rest >> (16 - 8 * place) & 255
    return data


def beast(frame: Bytes) -> bytes:
    """One frame as Beast binary, without a counter."""
    return b"\x1a3" + (bytes(6) + b"\x64" + frame.tobytes()).replace(b"\x1a", b"\x1a\x1a")


def read(name: str, pieces: list[bytes]) -> int:
    """Feed a quarter of a second at a time; how many messages were read."""
    found = find_format(name)
    decoder = found.decoder(Context(SITE, "rx", Weather()), found.options(sensor="rx"), False)
    received = used = 0
    for i, piece in enumerate(pieces):
        decoder.push(piece, START_NS + i * 250_000_000)
        if i % 4 == 3:
            taken = decoder.take()
            received, used = received + taken.received, used + taken.used
    if used < 0.45 * received:
        raise AssertionError(f"{used} of {received} messages became reports; half of them are positions")
    return received


def show(what: str, n: int, run: Callable[[], int]) -> None:
    """Run it once and print the rate."""
    begin = time.process_time()
    done = run()
    rate = n / (time.process_time() - begin)
    if done != n:
        raise AssertionError(f"{what}: {done} of {n} messages were read")
    print(f"{what:40}{rate:12,.0f} messages/s")


if __name__ == "__main__":
    main()
