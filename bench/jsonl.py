"""How fast JSON lines are read: one report a line, many in one, and one a datagram. Prints rows a second.

python -m bench.jsonl [--reports 100000]
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable

import numpy as np

from lowsky.model.report import ReportBatch, no_looks, report_batch
from lowsky.model.sensor import Origin, Sensor, SensorKind, Site
from lowsky.wire.jsonl import Decoder, encode

START_NS = 1_750_000_000_000_000_000
PIECE = 1 << 16  # bytes that a socket gives at once
DATAGRAMS_A_TAKE = 100  # at 2,000 reports/s taken 20 times a second


def main() -> None:
    """Make reports of a radar, write them in each form, read them back."""
    parser = argparse.ArgumentParser(description="How fast JSON lines are read.")
    parser.add_argument("--reports", type=int, default=100_000)
    n = parser.parse_args().reports
    site = Site((Sensor("radar-1", SensorKind.RADAR_3D, 50.0, 8.0, 120.0),), Origin(50.0, 8.0, 0.0))
    reports = radar_reports(n)
    columns, lines = (encode(reports, no_looks(), site, rows_per_line=k) for k in (100, 1))
    pieces = {name: [d[i : i + PIECE] for i in range(0, len(d), PIECE)] for name, d in (("c", columns), ("l", lines))}
    show("columns, 100 rows a line", n, lambda: read(site, pieces["c"], 1, False))
    show("lines of one report", n, lambda: read(site, pieces["l"], 1, False))
    show("datagrams of one report", n, lambda: read(site, lines.splitlines(), DATAGRAMS_A_TAKE, True))
    show("datagrams, each taken alone", n // 10, lambda: read(site, lines.splitlines()[: n // 10], 1, True))


def radar_reports(n: int) -> ReportBatch:
    """n reports of the site's only sensor."""
    rng = np.random.default_rng(1)
    return report_batch(
        n,
        sensor=np.zeros(n, dtype=np.int32),
        time_ns=START_NS + np.arange(n) * 1_000_000,
        received_ns=START_NS + np.arange(n) * 1_000_000,
        range_m=rng.uniform(100, 8000, n),
        azimuth_rad=rng.uniform(0, 6.28, n),
        elevation_rad=rng.uniform(0, 0.5, n),
        range_rate_mps=rng.uniform(-60, 60, n),
        rcs_dbsm=rng.uniform(-30, 0, n),
        snr_db=rng.uniform(10, 30, n),
    )


def read(site: Site, pieces: list[bytes], pieces_a_take: int, datagrams: bool) -> int:
    """Feed all pieces; how many reports came out."""
    decoder = Decoder(site, datagrams=datagrams)
    for i, piece in enumerate(pieces, 1):
        decoder.push(piece, START_NS + 100_000_000_000)
        if i % pieces_a_take == 0:
            decoder.take()
    decoder.take()
    return decoder.totals.reports


def show(name: str, n: int, run: Callable[[], int]) -> None:
    """Time one form and print it."""
    began = time.process_time()
    read_back = run()
    seconds = time.process_time() - began
    print(f"{name:28} {n / seconds:10,.0f} reports/s of one core, {read_back} of {n} read")


if __name__ == "__main__":
    main()
