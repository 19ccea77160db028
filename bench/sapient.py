"""How fast SAPIENT is read and written, stage by stage beside what protobuf alone takes. Prints messages a second.

python -m bench.sapient [--messages 20000]
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable

import numpy as np

from lowsky.model.air import Air
from lowsky.model.kinds import Kind
from lowsky.model.picture import Status
from lowsky.model.sensor import Sensor, SensorKind, site_of
from lowsky.wire.decoded import Context
from lowsky.wire.formats import find_format
from lowsky.wire.sapient.framing import Splitter, frame
from lowsky.wire.sapient.ids import Ids
from lowsky.wire.sapient.messages import SapientMessage, to_json
from lowsky.wire.sapient.telling import Teller
from lowsky.wire.sapient.validate import check_bytes

START_NS = 1_790_000_000_000_000_000
PIECE = 1 << 16  # bytes that a socket gives at once
IDS = Ids(b"bench")
NODE = IDS.node("bench")


def main() -> None:
    """Tell pictures as detections, read them back."""
    parser = argparse.ArgumentParser(description="How fast SAPIENT is read and written.")
    parser.add_argument("--messages", type=int, default=20_000)
    n = parser.parse_args().messages
    air = picture(n)
    messages = list(Teller(NODE, IDS).reports(air))
    for message in messages:
        message.timestamp.FromNanoseconds(START_NS)
    packets = [message.SerializeToString() for message in messages]
    stream = b"".join(map(frame, packets))
    print(f"{len(stream) / n:.0f} bytes a message")
    show("protobuf: parse", n, lambda: sum(1 for p in packets if SapientMessage.FromString(p).node_id))
    show("protobuf: to JSON values", n, lambda: sum(1 for m in messages if to_json(m)))
    show("lowsky: frames", n, lambda: len(Splitter().push(stream)))
    show("lowsky: parse and check", n, lambda: sum(1 for p in packets if not check_bytes(p)[1]))
    show("lowsky: stream to reports", n, lambda: read(stream))
    show("lowsky: picture to bytes", n, lambda: sum(1 for m in Teller(NODE, IDS).reports(air) if m.SerializeToString()))


def picture(n: int) -> Air:
    """A picture of n objects."""
    rng = np.random.default_rng(1)
    return Air(
        time_ns=START_NS,
        number=np.arange(1, n + 1),
        status=np.full(n, Status.CONFIRMED, dtype=np.uint8),
        latitude_deg=rng.uniform(50.9, 51.1, n),
        longitude_deg=rng.uniform(3.9, 4.1, n),
        height_m=rng.uniform(0.0, 1000.0, n),
        velocity_mps=rng.normal(0.0, 20.0, (n, 3)),
        covariance=np.broadcast_to(np.diag([100.0, 100.0, 400.0, 1.0, 1.0, 4.0]), (n, 6, 6)),
        existence=rng.uniform(0.9, 1.0, n),
        kind=rng.integers(1, len(Kind), n).astype(np.uint8),
        kind_probability=rng.uniform(0.5, 1.0, n),
        level=np.zeros(n, dtype=np.uint8),
        rcs_dbsm=np.full(n, np.nan),
        first_report_ns=np.full(n, START_NS - 10**10),
        last_report_ns=np.full(n, START_NS),
        reports=np.full(n, 10),
        group_n=np.ones(n, dtype=np.int64),
        identity=("",) * n,
    )


def read(stream: bytes) -> int:
    """Give a stream to the decoder of a radar; how many reports came out."""
    declared = find_format("sapient")
    site = site_of((Sensor("radar", SensorKind.RADAR_3D, 51.0, 4.0, 60.0, max_range_m=50_000.0),))
    decoder = declared.decoder(Context(site, "bench"), declared.options(sensors={NODE: "radar"}), False)
    reports = 0
    for i in range(0, len(stream), PIECE):
        decoder.push(stream[i : i + PIECE], START_NS)
        reports += len(decoder.take().reports)
    return reports


def show(name: str, n: int, run: Callable[[], int]) -> None:
    """Time one stage and print it."""
    run()
    began = time.process_time()
    done = run()
    seconds = time.process_time() - began
    print(f"{name:28} {n / seconds:12,.0f} messages/s of one core, {done} of {n}")


if __name__ == "__main__":
    main()
