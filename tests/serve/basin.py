"""A sink that keeps what comes, and sources run until enough has come."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path

from lowsky.model.report import LookBatch, ReportBatch
from lowsky.serve.clock import Clock
from lowsky.serve.config.site_file import parse_site
from lowsky.serve.config.sources import FormatSource
from lowsky.serve.roster import Roster
from lowsky.serve.sources.assembly import load, site_for, wire_source
from lowsky.serve.sources.contract import Counters, Source
from lowsky.serve.sources.intake import WireSource
from lowsky.wire.decoded import Context, Decoded
from tests.serve.live import SITE

S = 1_000_000_000
NOW_NS = 1_700_000_001 * S


class Basin:
    """A sink that keeps what comes."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.reports: list[ReportBatch] = []
        self.looks: list[LookBatch] = []
        self.put_ns: list[int] = []
        self.faults: list[str] = []
        self.sentences: list[str] = []
        self.states: list[str] = []
        self.messages: list[str] = []
        self.counters = Counters()

    def now_ns(self) -> int:
        return self.clock.now_ns()

    def received(self, count: int) -> None:
        self.counters.bytes += count

    def decoded(self, decoded: Decoded) -> None:
        self.put(decoded.reports, decoded.looks)
        self.counters.enter(decoded)

    def put(self, reports: ReportBatch | None, looks: LookBatch | None) -> None:
        if reports is not None and len(reports):
            self.reports.append(reports)
            self.put_ns.append(self.clock.now_ns())
        self.looks += [looks] if looks is not None and len(looks) else []

    def fault(self, kind: str, sentence: str, count: int = 1) -> None:
        self.faults += [kind] * count
        self.sentences.append(sentence)

    def say(self, state: str, message: str = "") -> None:
        self.states.append(state)
        self.messages.append(message)

    def has(self, count: int) -> bool:
        return self.count() == count

    def count(self) -> int:
        return sum(map(len, self.reports))


def run(source: Source, sink: Basin, enough: Callable[[], bool], patience_s: float = 20.0) -> None:
    """Run a source until enough has come."""

    async def until() -> None:
        task = asyncio.create_task(source.run(sink))
        async with asyncio.timeout(patience_s):
            while not enough() and not task.done():
                await asyncio.sleep(0.01)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    asyncio.run(until())


class SetClock(Clock):
    """Always the same moment."""

    def now_ns(self) -> int:
        return NOW_NS


def lines(n: int) -> bytes:
    """So many reports of the radar of `SITE`."""
    report = {"type": "report", "sensor": "radar", "time_ns": NOW_NS - S, "range_m": 1000.0, "azimuth_deg": 1.0}
    return b"".join(json.dumps(report | {"range_m": 1000.0 + i}).encode() + b"\n" for i in range(n))


def wired(via: str, fields: str = "", folder: Path = Path("/x")) -> WireSource:
    """A source of JSON lines of the site `SITE`, as configured."""
    text = f'{SITE}[[sources]]\nkind = "jsonl"\nname = "lines"\nvia = "{via}"\n{fields}'
    config = parse_site(text, folder / "site.toml")
    [entry] = config.sources
    assert isinstance(entry, FormatSource)
    source = wire_source(entry, Context(site_for(config, load(config), Roster(None)), entry.name))
    assert isinstance(source, WireSource)
    return source
