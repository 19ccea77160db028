"""How fast AIS becomes reports, beside pyais on the same sentences. Prints sentences a second of CPU time.

python -m bench.ais [--sentences 100000]

The sentences are made: positions of class A and B. pyais decodes them to objects and no more; lowsky checks sums,
reads, carries positions on to their receipt and gives reports that have passed all checks.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable

import numpy as np
import pyais
from numpy.typing import NDArray

from lowsky.model.sensor import Origin, Sensor, SensorKind, Site
from lowsky.wire.decoded import Context, Weather
from lowsky.wire.formats import find_format

START_NS = 1_750_000_000_000_000_000
A_TAKE = 500  # sentences taken at once: the sea off a large port for five seconds
SITE = Site((Sensor("rx", SensorKind.COOPERATIVE, 51.0, 4.0, 60.0, max_range_m=4e5),), Origin(51.0, 4.0, 0.0))
Longs = NDArray[np.int64]


def main() -> None:
    """Make sentences and read them."""
    parser = argparse.ArgumentParser(description="How fast AIS becomes reports.")
    parser.add_argument("--sentences", type=int, default=100_000)
    n = parser.parse_args().sentences // A_TAKE * A_TAKE
    lines = sentences(n)
    pieces = [b"\r\n".join(lines[i : i + A_TAKE]) + b"\r\n" for i in range(0, n, A_TAKE)]
    show("lowsky, to reports", n, lambda: read(pieces))
    show("pyais, to objects", n, lambda: sum(1 for line in lines if pyais.decode(line).mmsi))


def sentences(n: int) -> list[bytes]:
    """Position reports, half of class A and half of class B."""
    rng = np.random.default_rng(1)
    latitude, longitude = (rng.integers(low * 600_000, high * 600_000, n) for low, high in ((50, 52), (3, 5)))
    speed, course, second = rng.integers(0, 300, n), rng.integers(0, 3600, n), rng.integers(38, 41, n)
    mmsi = 200_000_000 + np.arange(n) % 20_000
    lines = []
    columns = (mmsi, latitude, longitude, speed, course, second)
    for i, (who, lat, lon, kt, to, s) in enumerate(zip(*(c.tolist() for c in columns), strict=True)):
        head = (1 if i % 2 else 18) << 162 | who << 130
        at = 107 if i % 2 else 111  # bits after the longitude's first
        body = head | kt << (at + 1) | 1 << at | (lon % (1 << 28)) << (at - 28) | lat << (at - 55) | to << (at - 67)
        lines.append(sentence((body | s << (at - 82)) % (1 << 168)))
    return lines


def sentence(bits: int) -> bytes:
    """168 bits as a sentence with its checksum."""
    values = [bits >> (162 - 6 * i) & 63 for i in range(28)]
    body = b"AIVDM,1,1,,A," + bytes(v + 48 if v < 40 else v + 56 for v in values) + b",0"
    total = 0
    for byte in body:
        total ^= byte
    return b"!%s*%02X" % (body, total)


def read(pieces: list[bytes]) -> int:
    """Feed all pieces; how many sentences became reports."""
    found = find_format("ais")
    decoder = found.decoder(Context(SITE, "rx", Weather()), found.options(sensor="rx"), False)
    used = 0
    for i, piece in enumerate(pieces):
        decoder.push(piece, START_NS + i * 60_000_000_000)
        used += decoder.take().used
    return used


def show(what: str, n: int, run: Callable[[], int]) -> None:
    """Run it once and print the rate."""
    begin = time.process_time()
    done = run()
    rate = n / (time.process_time() - begin)
    if done != n:
        raise AssertionError(f"{what}: {done} of {n} sentences were read")
    print(f"{what:40}{rate:12,.0f} sentences/s")


if __name__ == "__main__":
    main()
