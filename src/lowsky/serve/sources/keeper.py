"""Keeps sources running: counts what they bring, and starts those that broke again, later each time."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Sequence

import numpy as np
import structlog

from lowsky.model.report import LookBatch, ReportBatch
from lowsky.wire.decoded import Decoded

from ..answers.sensors import SourceInfo, SourceList
from ..clock import Clock
from ..engine.inbox import Inbox
from ..pauses import Pauses, reason_of
from .contract import Counters, KnowsSenders, Source, count_kind

MESSAGES_S = 10.0  # at most a sentence about bad input a source in this time goes to the log

log = structlog.get_logger("lowsky.sources")


class Keeper:
    """One source with its counters; the sink that it puts into."""

    def __init__(
        self,
        source: Source,
        clock: Clock,
        inbox: Inbox,
        heard: Callable[[Keeper, Decoded], None],
        sensor: int | None = None,
    ) -> None:
        """`heard` is told of everything that a decoder gave out besides reports and looks; `sensor` is the index of
        the one that the source is of, None: of several."""
        self.source, self.sensor = source, sensor
        self.counters = Counters()
        self.state = "starting"
        self.message = ""
        self.trouble = ""  # the last sentence about what could not be used
        self._clock, self._inbox = clock, inbox
        self._heard = heard
        self._told_s = -MESSAGES_S

    async def keep(self) -> None:
        """Run the source until it ends for good or this is cancelled."""
        pauses = Pauses()
        loop = asyncio.get_running_loop()
        while True:
            started_s = loop.time()
            self.say("starting")
            try:
                await self.source.run(self)
                self.say("ended")
                return
            except (OSError, ValueError, EOFError, asyncio.IncompleteReadError) as error:
                reason = reason_of(error)
            except Exception as error:
                log.exception("a source failed by a defect", source=self.source.name)
                reason = f"{type(error).__name__}: {error}"
            pause_s = pauses.after(loop.time() - started_s)
            self.counters.restarts += 1
            self.say("failed", f"{reason}; tried again in {pause_s:g} s")
            log.warning("a source broke", source=self.source.name, reason=reason, again_in_s=pause_s)
            await asyncio.sleep(pause_s)

    def info(self) -> SourceInfo:
        """Where the source stands."""
        counters = self.counters
        return SourceInfo(
            name=self.source.name,
            kind=self.source.kind,
            via=self.source.via,
            state=self.state,  # type: ignore[arg-type]
            message=self.message,
            bytes=counters.bytes,
            received=counters.received,
            used=counters.used,
            ignored=dict(counters.ignored),
            rejected=dict(counters.rejected),
            noted=dict(counters.noted),
            reports=counters.reports,
            looks=counters.looks,
            faults=dict(counters.faults),
            restarts=counters.restarts,
            lag_s=counters.lag_s,
            last_ms=counters.last_ns / 1e6 if counters.last_ns else None,
            trouble=self.trouble,
            senders=self.source.senders() if isinstance(self.source, KnowsSenders) else (),
        )

    def unknown_sensors(self) -> dict[str, int]:
        """Sensors that the source named and the site does not have, and how often."""
        return self.source.unknown_sensors()

    def now_ns(self) -> int:
        """The server's time, with which bytes are stamped."""
        return self._clock.now_ns()

    def received(self, count: int) -> None:
        """So many bytes came."""
        self.counters.bytes += count

    def decoded(self, decoded: Decoded) -> None:
        """Take what a decoder gave out."""
        self.counters.enter(decoded)
        self._hand_on(decoded.reports, decoded.looks)
        self._tell(decoded.problems.messages)
        self._heard(self, decoded)

    def put(self, reports: ReportBatch | None, looks: LookBatch | None) -> None:
        """Take rows that no decoder made."""
        rows = sum(len(batch) for batch in (reports, looks) if batch is not None)
        self.counters.received += rows
        self.counters.used += rows
        self._hand_on(reports, looks)

    def _hand_on(self, reports: ReportBatch | None, looks: LookBatch | None) -> None:
        """To the core."""
        n, k = (0 if batch is None else len(batch) for batch in (reports, looks))
        if not n and not k:
            return
        self.counters.last_ns = self._inbox.put(self.source.name, reports, looks)
        self.counters.reports += n
        self.counters.looks += k
        if reports is not None and n:
            lag_s = (self.counters.last_ns - float(np.mean(reports.time_ns))) / 1e9
            old = self.counters.lag_s
            self.counters.lag_s = lag_s if old is None else old + 0.1 * (lag_s - old)

    def fault(self, kind: str, sentence: str, count: int = 1) -> None:
        """Something went wrong with the line."""
        count_kind(self.counters.faults, kind, count)
        self._tell((sentence,))

    def say(self, state: str, message: str = "") -> None:
        """Where the source stands now: starting, running, waiting, ended or failed.

        What failed and is only being tried again has still failed.
        """
        if state != "starting" or self.state != "failed":
            self.state, self.message = state, message

    def _tell(self, sentences: tuple[str, ...]) -> None:
        self.trouble = sentences[-1] if sentences else self.trouble
        with contextlib.suppress(RuntimeError):
            now_s = asyncio.get_running_loop().time()
            if sentences and now_s - self._told_s >= MESSAGES_S:
                self._told_s = now_s
                log.warning("input that cannot be used", source=self.source.name, first=sentences[0])


def source_list(keepers: Sequence[Keeper]) -> SourceList:
    """All sources, and the sensors they named that the site does not know."""
    unknown: dict[str, int] = {}
    for keeper in keepers:
        for name, count in keeper.unknown_sensors().items():
            unknown[name] = unknown.get(name, 0) + count
    return SourceList(tuple(keeper.info() for keeper in keepers), unknown)
