"""Endurance: an hour of 500 objects through the whole server as fast as the machine goes; memory, cost, journal size.

    python bench/soak.py --minutes 60 --json soak.json

The scene `steady500` (objects come and go all the time) goes through inbox, core, journal, board, feed and provenance
of a runtime whose clock is set by hand, with a client that reads everything and one that never does. Printed a scene's
minute: resident memory, processor time a report inside the server, bytes of journal. Growth of memory
counts from minute 10.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

if __package__ in (None, ""):  # run as a file: the project's root is where `bench` is found
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench.serving import over
from lowsky.serve.clock import Clock
from lowsky.serve.config.site_file import parse_site
from lowsky.serve.engine.thread import TICK_NS
from lowsky.serve.feed.client import Client
from lowsky.serve.runtime import Runtime
from lowsky.simulate import LiveScene

SCENE = "steady500"
START_NS = 1_800_000_000_000_000_000
WARM_MINUTES = 10
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
SITE = """\
[site]
id = "soak"
[[sources]]
kind = "simulation"
name = "scene"
scene = "steady500"
[journal]
keep_gb = 20
"""


def resident_mib() -> float:
    """Resident memory of this process, MiB."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * PAGE_BYTES / 2**20


class HandClock(Clock):
    """A clock that is set."""

    set_ns = START_NS

    def now_ns(self) -> int:
        """What it was set to."""
        return self.set_ns

    def not_before(self, time_ns: int) -> None:
        """It begins where it is set to."""


@dataclass(frozen=True, slots=True)
class Minute:
    """Figures of one minute of the scene."""

    minute: int
    resident_mib: float
    us_a_report: float
    reports: int
    objects: int
    journal_mib: float


class Soak:
    """The server without its threads and sockets."""

    def __init__(self, folder: Path) -> None:
        self.clock = HandClock()
        self.runtime = Runtime(parse_site(SITE, folder / "site.toml"))
        self.runtime.clock = self.runtime.inbox._clock = self.clock
        self.machine = self.runtime._prepare()
        self.runtime.hub.identities = self.runtime.board.identities = self.machine.core.state.identities.names
        self.runtime.provenance.identities = self.machine.core.state.identities.names
        self.reader, idler = (Client(self.runtime.hub, name, 0.0) for name in ("reads", "never"))
        self.runtime.hub.clients |= {self.reader, idler}
        self.scene = LiveScene(SCENE, 1, START_NS)
        self.folder = folder

    async def minute(self, number: int) -> Minute:
        """Play one minute of the scene."""
        spent_s, reports = 0.0, 0
        for _ in range(round(60e9 / TICK_NS)):
            self.clock.set_ns += TICK_NS
            seen, looks = self.scene.advance(self.clock.set_ns)
            reports += len(seen)
            begin_s = time.process_time()
            self.runtime.inbox.put("scene", seen, looks)
            self._turn()
            await asyncio.sleep(0)  # the announcer's turn
            spent_s += time.process_time() - begin_s
        self.runtime.speaker.say_status()
        self.runtime.speaker.say_notices()
        size = sum(path.stat().st_size for path in (self.folder / "journal").iterdir())
        return Minute(
            minute=number,
            resident_mib=resident_mib(),
            us_a_report=1e6 * spent_s / max(reports, 1),
            reports=reports,
            objects=len(self.runtime.board.table["number"]),
            journal_mib=size / 2**20,
        )

    def _turn(self) -> None:
        drained = self.runtime.inbox.drain()
        output = self.machine.turn(drained, np.array([self.clock.set_ns], dtype=np.int64), True)
        assert output is not None
        self.runtime._show(output)
        while self.reader.next() is not None:
            pass

    def close(self) -> None:
        """Close the journal."""
        self.machine.core.close()


async def play(folder: Path, count: int) -> list[Minute]:
    """So many minutes of the scene."""
    soak = Soak(folder)
    announcer = asyncio.create_task(soak.runtime.announcer.run())
    minutes = []
    for number in range(1, count + 1):
        minutes.append(await soak.minute(number))
        figures = asdict(minutes[-1]).items()
        print(" ".join(f"{k}={v:.1f}" if isinstance(v, float) else f"{k}={v}" for k, v in figures), flush=True)
    announcer.cancel()
    soak.close()
    return minutes


def main() -> int:
    """The command; its status is 1 if memory or cost grew beyond their bounds and --strict is given."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=int, default=60, help="of the scene (default: %(default)s)")
    parser.add_argument("--json", type=Path, help="write the figures here")
    parser.add_argument("--strict", action="store_true", help="end with status 1 if a bound is broken")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        minutes = asyncio.run(play(Path(folder), args.minutes))
    first = minutes[min(WARM_MINUTES, len(minutes) - 1)]
    half = max(len(minutes) // 6, 1)
    early, late = (sum(m.us_a_report for m in part) / half for part in (minutes[half : 2 * half], minutes[-half:]))
    figures = {
        "memory_growth": minutes[-1].resident_mib / first.resident_mib - 1.0,
        "cost_growth": late / early - 1.0,
    }
    bytes_a_report = minutes[-1].journal_mib * 2**20 / sum(m.reports for m in minutes)
    print(f"journal: {bytes_a_report:.0f} bytes a report")
    missed = over(figures, "soak")
    if args.json:
        args.json.write_text(json.dumps([asdict(minute) for minute in minutes], indent=1))
    return int(args.strict and missed > 0)


if __name__ == "__main__":
    sys.exit(main())
