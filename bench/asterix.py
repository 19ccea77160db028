"""How fast ASTERIX is read: lowsky into report batches, and beside it, in the same run, two libraries into records.

    python bench/asterix.py [--records 60000] [--json asterix.json]

The same datagrams of categories 048 (Mode S plots, 51 octets each, three a datagram) and 062 (system tracks of 83
octets, ten a datagram), CPU seconds of one core. lowsky does more: it finds the sensor and the time, checks every value
and makes reports with heights above the ellipsoid; of the others, libasterix is asked for what the report holds, and
aviconv gives typed records. Datagrams are pushed one by one and taken 20 times a second, as if 4,000 records came each
second, and once all together. A third decoder, which has the import name of another, runs where the environment
variable ASTERIX_DECODER_PYTHON names the interpreter of an environment that has it. Targets: `bench/targets.toml`.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from time import process_time
from typing import Any

import numpy as np

if __package__ in (None, ""):  # run as a file: this folder would hide the library that has the name of this module
    sys.path[0] = str(Path(__file__).resolve().parent.parent)

from lowsky.model.sensor import Sensor, SensorKind, site_of
from lowsky.wire.asterix.format import FORMAT
from lowsky.wire.asterix.options import AsterixOptions
from lowsky.wire.asterix.writing import encode
from lowsky.wire.decoded import Context, Weather

SITE = site_of(
    (
        Sensor("radar", SensorKind.RADAR_2D, 52.0, 21.0, 100.0, max_range_m=500e3),
        Sensor("tracker", SensorKind.COOPERATIVE, 52.0, 21.0, 100.0, max_range_m=1000e3),
    )
)
SENSORS = {"25/1": "radar", "25/2": "tracker"}
NOON_NS = 20_000 * 86_400_000_000_000 + 43_200_000_000_000
NOON_S = 43_200.0
A_TAKE = 200  # records: 4,000 a second, taken 20 times a second
A_DATAGRAM = {48: 3, 62: 10}
SLOW = 20  # libasterix gets one in so many
OTHER = """
import sys, time, asterix, json
data = [bytes.fromhex(line) for line in sys.stdin.read().split()]
begin = time.process_time()
n = sum(len(asterix.parse(block)) for block in data)
print(json.dumps([n, time.process_time() - begin]))
"""


def plot(rng: np.random.Generator, i: int) -> dict[str, Any]:
    """A Mode S plot as a civil radar sends it."""
    return {
        "010": {"SAC": 25, "SIC": 1},
        "140": NOON_S - float(rng.integers(0, 512)) / 128.0,
        "020": {"TYP": 5, "SIM": 0, "RDP": 0, "SPI": 0, "RAB": 0},
        "040": {"RHO": float(rng.uniform(5, 250)), "THETA": float(rng.uniform(0, 359))},
        "070": {"V": 0, "G": 0, "L": 0, "MODE3A": "1000"},
        "090": {"V": 0, "G": 0, "FL": float(rng.uniform(10, 400))},
        "220": 0xF00000 + i % 300,
        "240": f"TST{i % 300:04d} ",
        "250": [{"MBDATA": int(rng.integers(0, 1 << 56)), "BDS1": 4, "BDS2": 0} for _ in range(1 + i % 2)],
        "161": {"TRN": i % 300},
        "200": {"GSP": 0.125, "HDG": 90.0},
        "170": {"CNF": 0, "RAD": 2, "DOU": 0, "MAH": 0, "CDM": 0},
        "230": {"COM": 1, "STAT": 0, "SI": 1, "MSSC": 1, "ARC": 1, "AIC": 1, "B1A": 1, "B1B": 5},
    }


def track(rng: np.random.Generator, i: int) -> dict[str, Any]:
    """A system track with what an aircraft told and how old everything is."""
    return {
        "010": {"SAC": 25, "SIC": 2},
        "015": 1,
        "070": NOON_S - float(rng.integers(0, 512)) / 128.0,
        "105": {"LAT": float(rng.uniform(50, 54)), "LON": float(rng.uniform(19, 23))},
        "100": {"X": float(rng.uniform(-2e5, 2e5)), "Y": float(rng.uniform(-2e5, 2e5))},
        "185": {"VX": float(rng.uniform(-200, 200)), "VY": float(rng.uniform(-200, 200))},
        "060": {"V": 0, "G": 0, "CH": 0, "MODE3A": "1000"},
        "380": {"ADR": 0xF00000 + i % 300, "ID": f"TST{i % 300:04d} ", "MHG": 90.0},
        "040": i % 300,
        "080": {"MON": 0, "SPI": 0, "MRH": 0, "SRC": 2, "CNF": 0},
        "290": {"TRK": 1.0, "PSR": 2.0, "SSR": 1.0, "MDS": 1.0},
        "200": {"TRANS": 0, "LONG": 0, "VERT": 0, "ADF": 0},
        "295": {"MFL": 1.0, "MDA": 1.0, "MHG": 1.0},
        "136": float(rng.uniform(10, 400)),
        "130": float(rng.uniform(1e3, 4e4)),
        "135": {"QNH": 0, "CTB": float(rng.uniform(10, 400))},
        "220": 0.0,
        "500": {"APC": {"X": 50.0, "Y": 60.0}, "ATV": {"X": 1.0, "Y": 1.0}},
    }


def datagrams(number: int, n: int) -> list[bytes]:
    """About n records of a category."""
    rng = np.random.default_rng(number)
    each = A_DATAGRAM[number]
    make = plot if number == 48 else track
    some = [encode(number, [make(rng, i * each + k) for k in range(each)]) for i in range(1500 // each)]
    return [some[i % len(some)] for i in range(n // each)]


def lowsky(number: int, data: list[bytes], records_a_take: int) -> int:
    """Reports made of all datagrams."""
    decoder = FORMAT.decoder(Context(SITE, "bench", Weather(1013.0)), AsterixOptions(sensors=SENSORS), True)
    pushes, made = max(records_a_take // A_DATAGRAM[number], 1), 0
    for i, piece in enumerate(data, 1):
        decoder.push(piece, NOON_NS)
        if i % pushes == 0:
            made += len(decoder.take().reports)
    return made + len(decoder.take().reports)


def aviconv(data: list[bytes]) -> int:
    """Records of aviconv-asterix."""
    from aviconv_asterix import iter_records

    return sum(1 for piece in data for _ in iter_records(piece))


def libasterix(number: int, data: list[bytes]) -> int:
    """Records of libasterix, asked for position, time and address."""
    from asterix import base, generated

    names = {48: ("Cat_048_1_32", ("040", "140", "220")), 62: ("Cat_062_1_20", ("105", "070", "380"))}
    name, items = names[number]
    profile: Any = getattr(generated, name).cv_uap
    n = 0
    for piece in data:
        blocks: Any = base.RawDatablock.parse(base.Bits.from_bytes(piece))
        for block in blocks:
            for record in profile.parse(block.get_raw_records()):
                n += all(record.get_item(item) is not None for item in items)
    return n


def other(data: list[bytes]) -> tuple[int, float] | None:
    """Records and CPU seconds of the decoder of another environment, None: there is none."""
    python = os.environ.get("ASTERIX_DECODER_PYTHON")
    if not python:
        return None
    text = "\n".join(piece.hex() for piece in data)
    done = subprocess.run([python, "-c", OTHER], input=text, capture_output=True, text=True, check=True, timeout=600)
    n, seconds = json.loads(done.stdout)
    return n, seconds


def rate(run: Callable[[], int]) -> float:
    """Records a CPU second."""
    begin = process_time()
    n = run()
    return n / (process_time() - begin)


def measured(number: int, n: int) -> Iterator[tuple[str, float]]:
    """Figures of one category."""
    data = datagrams(number, n)
    lowsky(number, data[:300], A_TAKE)  # compiled, and everything imported
    yield "octets", len(b"".join(data)) / (len(data) * A_DATAGRAM[number])
    yield "lowsky", rate(lambda: lowsky(number, data, len(data) * A_DATAGRAM[number]))
    yield "lowsky_live", rate(lambda: lowsky(number, data, A_TAKE))
    aviconv(data[:10])
    yield "aviconv", rate(lambda: aviconv(data))
    libasterix(number, data[:10])
    yield "libasterix", rate(lambda: libasterix(number, data[: max(len(data) // SLOW, 10)]))
    found = other(data)
    if found is not None:
        yield "asterix_decoder", found[0] / found[1]


def text(number: int, found: dict[str, float], target: float) -> str:
    """The figures of one category as lines."""
    lines = [f"category {number:03d}, {found['octets']:.0f} octets a record; records/s of one core"]
    for name, value in found.items():
        if name.startswith("lowsky"):
            lines.append(f"  {name:<18}{value:>12,.0f}")
        elif name != "octets":
            lines.append(f"  {name:<18}{value:>12,.0f}   lowsky is {found['lowsky'] / value:.1f} times as fast")
    met = "ok" if found["lowsky"] >= target else "MISSED"
    return "\n".join([*lines, f"  {'target':<18}{target:>12,.0f}   {met}"])


def main(arguments: list[str] | None = None) -> int:
    """Measure both categories and print them beside the targets; exit status 1 if one is missed."""
    parser = argparse.ArgumentParser(description="how fast ASTERIX is read")
    parser.add_argument("--records", type=int, default=60_000)
    parser.add_argument("--json", type=Path, help="write all figures here")
    given = parser.parse_args(arguments)
    targets = tomllib.loads((Path(__file__).parent / "targets.toml").read_text())["asterix"]
    figures, missed = {}, False
    for number in A_DATAGRAM:
        figures[f"{number:03d}"] = found = dict(measured(number, given.records))
        print(text(number, found, targets[f"rate_{number:03d}"]))
        missed |= found["lowsky"] < targets[f"rate_{number:03d}"]
    if given.json:
        given.json.write_text(json.dumps(figures, indent=1))
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
