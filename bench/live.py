"""Live latency: report sent over UDP to the WebSocket message that shows its effect, and what an idle server costs.

    python bench/live.py --seconds 30 --json live.json

A process of its own sends the reports of the scene `busy1000` (1,000 objects, 2,000 reports/s) as JSON lines when they
are due; this one listens as a map does. A message says up to when reports are in it; a report counts as shown with the
first message that holds everything received by the moment it was sent. Waits of sender and listener for a processor are
in the figures.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import socket
import struct
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import websockets
from numpy.typing import NDArray

if __package__ in (None, ""):  # run as a file: the project's root is where `bench` is found
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench.serving import Server, free_port, over, running, site_toml
from lowsky.model.report import no_looks
from lowsky.simulate import LiveScene
from lowsky.wire.jsonl import encode

SCENE = "busy1000"
SETTLE_S = 12.0  # until the objects are tracked; not measured
PIECE_S = 0.01  # what is received within it is one datagram
LEAD_S = 3.0  # for the sender to be ready
LATE_S = (0.3, 4.5)  # by how much late reports are late
Floats = NDArray[np.float64]
HEADER = struct.Struct("<BBHIIIddd")


@dataclass(slots=True)
class Heard:
    """What the listener got: arrival and newest report of each picture, and the last status."""

    arrived_s: list[float] = field(default_factory=list)
    newest_s: list[float] = field(default_factory=list)
    rows: int = 0
    bytes: int = 0
    status: dict[str, Any] = field(default_factory=dict)


def datagrams(seconds: float, seed: int, late: float = 0.0) -> list[tuple[float, bytes, bool]]:
    """When each is due, in seconds after the start, its lines with times that count from 0, and whether it holds
    reports (else it only says that sensors looked). A share `late` of the reports comes up to LATE_S later."""
    scene, rng = LiveScene(SCENE, seed, 0), np.random.default_rng(seed)
    made = []
    for i in range(1, round(seconds / PIECE_S) + 1):
        reports, looks = scene.advance(round(i * PIECE_S * 1e9))
        behind = rng.random(len(reports)) < late
        for part, said, by_s in (
            (reports.take(~behind), looks, 0.0), (reports.take(behind), no_looks(), rng.uniform(*LATE_S))
        ):  # fmt: skip
            if len(part) or len(said):
                made.append((i * PIECE_S + by_s, encode(part, said, scene.site, 50), len(part) > 0))
    return sorted((one for one in made if one[0] <= seconds), key=lambda one: one[0])


def send(port: int, seconds: float, seed: int, late: float, ready: Any, begin: Any, sent: Any) -> None:
    """The sender's process: prepares, waits for the start, sends, hands back when the reports left (s UTC)."""
    prepared = datagrams(seconds, seed, late)
    ready.set()
    start_s = begin.get()
    out = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    times = []
    for due_s, data, counts in prepared:
        lines = shifted(data, round(start_s * 1e9))
        time.sleep(max(0.0, start_s + due_s - time.time()))
        if counts:
            times.append(time.time())
        for line in lines:
            out.sendto(line, ("127.0.0.1", port))
    sent.put(times)


def shifted(data: bytes, start_ns: int) -> list[bytes]:
    """The lines with times counted from a start."""
    lines = []
    for line in data.splitlines():
        message = json.loads(line)
        times = message["time_ns"]
        message["time_ns"] = [t + start_ns for t in times] if isinstance(times, list) else times + start_ns
        lines.append(json.dumps(message, separators=(",", ":")).encode() + b"\n")
    return lines


def connected(server: Server) -> websockets.connect:
    """A connection to the feed, as a browser makes it."""
    origin = websockets.Origin(server.address.rstrip("/"))
    return websockets.connect(f"ws{origin.removeprefix('http')}/feed", origin=origin, max_size=None, compression=None)


async def listen(server: Server, until_s: float) -> Heard:
    """Take everything the feed says until a time."""
    heard = Heard()
    async with connected(server) as feed:
        while time.time() < until_s:
            message = await asyncio.wait_for(feed.recv(), 30.0)
            if isinstance(message, str):
                if message.startswith('{"type":"status"'):
                    heard.status = json.loads(message)
                continue
            _, _, _, rows, _, _, _, _, newest_ms = HEADER.unpack_from(message)
            heard.arrived_s.append(time.time())
            heard.newest_s.append(newest_ms / 1e3)
            heard.rows += rows
            heard.bytes += len(message)
    return heard


def latencies_ms(sent_s: Floats, heard: Heard, since_s: float) -> Floats:
    """From sending to the first message that holds it, for what was sent since a time and is shown at all."""
    newest = np.maximum.accumulate(np.array(heard.newest_s))
    arrived = np.array(heard.arrived_s)
    sent_s = sent_s[(sent_s >= since_s) & (sent_s <= newest[-1])]
    waits_s: Floats = arrived[np.searchsorted(newest, sent_s)] - sent_s
    return 1e3 * waits_s


def measure_latency(seconds: float, seed: int, folder: Path, late: float = 0.0) -> dict[str, float]:
    """Figures under load."""
    port = free_port(socket.SOCK_DGRAM)
    sources = f'[[sources]]\nkind = "jsonl"\nname = "bench"\nvia = "udp://127.0.0.1:{port}"\n'
    site = site_toml(LiveScene(SCENE, seed, 0).site.sensors, sources)
    context = multiprocessing.get_context("spawn")
    ready, begin, sent = context.Event(), context.Queue(), context.Queue()
    sender = context.Process(target=send, args=(port, SETTLE_S + seconds, seed, late, ready, begin, sent), daemon=True)
    sender.start()
    ready.wait()
    with running(folder, site) as server:
        start_s = time.time() + LEAD_S
        begin.put(start_s)
        time.sleep(LEAD_S + SETTLE_S - 2.0)
        cpu_s, wall_s = server.cpu_s(), time.time()
        heard = asyncio.run(listen(server, start_s + SETTLE_S + seconds - 0.5))
        cores = (server.cpu_s() - cpu_s) / (time.time() - wall_s)
        waits = latencies_ms(np.array(sent.get(timeout=60)), heard, start_s + SETTLE_S)
        source = server.get("/api/sources")["sources"][0]
        objects = len(server.get("/api/objects")["objects"])
    sender.join(10)
    span_s = heard.arrived_s[-1] - heard.arrived_s[0]
    return {
        "p50_ms": float(np.percentile(waits, 50)),
        "p99_ms": float(np.percentile(waits, 99)),
        "worst_ms": float(waits.max()),
        "objects": objects,
        "reports": source["reports"],
        "faults": sum((source["rejected"] | source["faults"]).values()),
        "messages_per_s": len(heard.arrived_s) / span_s,
        "rows_per_s": heard.rows / span_s,
        "kib_per_s": heard.bytes / span_s / 1024,
        "cores": cores,
    }


def measure_idle(seconds: float, folder: Path) -> dict[str, float]:
    """Share of a core that a server with sensors and no source uses, alone and watched by one map."""
    site = site_toml(LiveScene(SCENE, 1, 0).site.sensors, "")
    with running(folder, site) as server:
        time.sleep(8.0)  # what is prepared after the start is not idleness
        cpu_s = server.cpu_s()
        time.sleep(seconds)
        alone = (server.cpu_s() - cpu_s) / seconds
        cpu_s = server.cpu_s()
        begin_s = time.time()
        asyncio.run(listen_texts(server, begin_s + seconds))
        watched = (server.cpu_s() - cpu_s) / (time.time() - begin_s)
        return {"idle_cores": alone, "idle_watched_cores": watched, "idle_mib": server.resident_mib()}


async def listen_texts(server: Server, until_s: float) -> None:
    """Watch without expecting a picture."""
    async with connected(server) as feed:
        while time.time() < until_s:
            await asyncio.wait_for(feed.recv(), 30.0)


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=30.0, help="measured (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--late", type=float, default=0.0, metavar="SHARE", help="of the reports, seconds late")
    parser.add_argument("--json", type=Path, help="write the figures here")
    parser.add_argument("--strict", action="store_true", help="end with status 1 if a target is missed")
    args = parser.parse_args()
    figures: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as idle, tempfile.TemporaryDirectory() as busy:
        figures |= measure_idle(args.seconds, Path(idle))
        figures |= measure_latency(args.seconds, args.seed, Path(busy), args.late)
    for name, value in figures.items():
        print(f"{name:<20}{value:12.3f}" if value < 10 else f"{name:<20}{value:12.1f}")
    missed = over(figures, "live")
    if args.json:
        args.json.write_text(json.dumps(figures, indent=1))
    return int(args.strict and missed > 0)


if __name__ == "__main__":
    sys.exit(main())
