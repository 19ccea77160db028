"""What a picture costs on its way out: the air, ASTERIX (libasterix beside it), JSON and GeoJSON, on one core.

python -m bench.outputs [--objects 1000] [--pictures 20]
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable

import msgspec
import numpy as np

from lowsky.model.air import Air
from lowsky.model.kinds import Kind
from lowsky.model.picture import Status
from lowsky.wire import geojson
from lowsky.wire.asterix.system_server import SystemTracks
from lowsky.wire.asterix.system_track import Source
from lowsky.wire.objects import object_records

START_NS = 1_790_000_000_000_000_000
LIBASTERIX_RECORDS = 300  # as many as it needs to be timed


def main() -> None:
    """Tell one picture again and again in each way."""
    parser = argparse.ArgumentParser(description="What a picture costs on its way out.")
    parser.add_argument("--objects", type=int, default=1000)
    parser.add_argument("--pictures", type=int, default=20)
    given = parser.parse_args()
    air, tracks = picture(given.objects), SystemTracks(Source(25, 100))
    datagrams, _ = tracks.batch(air, False)
    octets = sum(map(len, datagrams)) / given.objects
    print(f"{given.objects} objects; {octets:.0f} octets a system track, {len(datagrams)} datagrams")
    ways: dict[str, Callable[[], object]] = {
        "ASTERIX 062, datagrams": lambda: tracks.batch(air, False),
        "JSON, a message an object": lambda: [msgspec.json.encode(r) for r in object_records(air, False)],
        "GeoJSON, objects": lambda: geojson.collection(geojson.object_features(air, False), START_NS, False),
        "GeoJSON, with ellipses": lambda: geojson.collection(
            geojson.object_features(air, False) + geojson.uncertainty_features(air), START_NS, False
        ),
    }
    for name, tell in ways.items():
        show(name, given.objects * given.pictures, lambda tell=tell: [tell() for _ in range(given.pictures)])  # type: ignore[misc]
    show("libasterix 062, five items", LIBASTERIX_RECORDS, libasterix)


def picture(n: int) -> Air:
    """A picture of n objects, every third with an identity."""
    rng = np.random.default_rng(1)
    lower = np.tril(rng.normal(size=(n, 6, 6))) * 5.0 + 2.0 * np.eye(6)
    return Air(
        time_ns=START_NS,
        number=np.arange(1, n + 1),
        status=np.full(n, Status.CONFIRMED, dtype=np.uint8),
        latitude_deg=rng.uniform(55.9, 56.1, n),
        longitude_deg=rng.uniform(10.9, 11.1, n),
        height_m=rng.uniform(20.0, 900.0, n),
        velocity_mps=rng.normal(0.0, 15.0, (n, 3)),
        covariance=lower @ np.swapaxes(lower, 1, 2),
        existence=np.full(n, 0.99),
        kind=np.full(n, Kind.MULTIROTOR, dtype=np.uint8),
        kind_probability=np.full(n, 0.8),
        level=np.zeros(n, dtype=np.uint8),
        rcs_dbsm=np.full(n, -17.0),
        first_report_ns=np.full(n, START_NS - 60_000_000_000),
        last_report_ns=np.full(n, START_NS - 300_000_000),
        reports=np.full(n, 60),
        group_n=np.ones(n, dtype=np.int64),
        identity=tuple(f"F{i:05X}" if i % 3 == 0 else "" for i in range(n)),
    )


def libasterix() -> None:
    """Records of five items by the library of the field that can write."""
    from asterix.generated import Cat_062_1_20

    for i in range(LIBASTERIX_RECORDS):
        record = Cat_062_1_20.cv_record.create(
            {
                "010": (("SAC", 25), ("SIC", 100)),
                "040": i,
                "070": (80_000.0, "s"),
                "105": (("LAT", (56.0, "°")), ("LON", (11.0, "°"))),
                "185": (("VX", (12.0, "m/s")), ("VY", (-9.0, "m/s"))),
            }
        )
        record.unparse().to_bytes()


def show(name: str, count: int, work: Callable[[], object]) -> None:
    """Do it once to warm up, once for the time."""
    work()
    begun = time.process_time()
    work()
    print(f"{name:<28} {count / (time.process_time() - begun):12,.0f} /s")


if __name__ == "__main__":
    main()
