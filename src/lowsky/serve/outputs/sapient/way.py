"""The output of kind "sapient": registers with a fusion node or a middleware, then tells pictures, alerts and itself.

`role = "edge"`: lowsky is a node below (Apex: a Child). `role = "peer"`: it is a fusion node among others at a
middleware (Apex: a Peer), whose detections go to those above. The dialogue is `lowsky.wire.sapient.session.edge`; here
are its socket and clock. Times are the machine's UTC, not the server's clock, which others know nothing of.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from typing import Literal

import structlog

from lowsky import __version__
from lowsky.model.air import Air
from lowsky.model.errors import InputError
from lowsky.wire.sapient.ids import Ids, is_uuid4
from lowsky.wire.sapient.session.alerts import AlertDesk
from lowsky.wire.sapient.session.describe import Condition, Self, registration_of, status_of
from lowsky.wire.sapient.session.edge import EdgeSession
from lowsky.wire.sapient.session.events import AlertAnswered, Broken, Complaint, Event, Refused, Registered, Tasked
from lowsky.wire.sapient.telling import Teller

from ...config.installation import NODE, installation_seed
from ...net.connections import PIECE_BYTES, connected
from ...net.jobs import any_of
from ..contract import Books, House, OutputKind, OutputOptions, Setting
from .line import Line
from .told import chosen, urgency, warned

BEAT_S = 0.25  # between two looks at statuses, notices and tasks that end
GOODBYE_S = 1.0
SLOW_S = 2.0  # that a receiver takes nothing, until the state says so
AHEAD_S = 0.1  # a receiver's clock that is off by more is told to people
MAX_REASONS = 20  # of refusals that are told apart

log = structlog.get_logger("lowsky.sapient")


class SapientOptions(OutputOptions, frozen=True):
    """[[outputs]] kind = "sapient"."""

    role: Literal["edge", "peer"] = "edge"
    node_id: str = ""  # UUID version 4; without it one of this installation, the same for ever
    status_interval_s: float = 5.0
    period_s: float = 0.0  # at least between two pictures; 0: every tick
    acknowledge: bool = True  # an alert that the other side accepts counts as seen by people


class SapientWay:
    """One output. What it has told and heard is remembered over connections."""

    kind = "sapient"

    def __init__(self, options: SapientOptions, setting: Setting) -> None:
        self.name, self.to = options.name, str(setting.link.address)
        self.acknowledged = 0  # alerts that were accepted
        self.refused: Counter[str] = Counter()  # messages of ours that were answered by an error, by its reason
        self._options, self._link = options, setting.link
        seed = options.node_id.encode() if options.node_id else installation_seed(setting.folder)
        self._ids = Ids(seed, options.name)
        self.node_id = options.node_id or self._ids.node(NODE)
        self._teller = Teller(self.node_id, self._ids)
        self._desk = AlertDesk(self.node_id, self._ids)
        self._air: Air | None = None
        self._after = 0  # number of the object with which the last picture was cut off
        self._with = ""  # who accepted us

    async def run(self, house: House, books: Books) -> None:
        """Speak over one connection until cancelled.

        Raises:
            OSError: if it broke, or the other side does not want us.
        """
        async with connected(self._link) as (reader, writer):
            session = self._session(house)
            line = Line(session, writer, books)
            self._with = ""
            self._desk.begin()
            session.begin(time.time_ns())
            line.flush()
            books.say("waiting", "asked to be registered")
            try:
                await any_of(
                    self._listen(house, books, line, reader),
                    self._beat(house, books, line),
                    self._tell(house, line),
                )
            finally:
                await self._goodbye(house, line)

    def _session(self, house: House) -> EdgeSession:
        options = self._options
        self_ = Self(self.node_id, house.site_name, __version__, options.status_interval_s)
        return EdgeSession(
            registration_of(self_), self.node_id, self._ids, round(options.status_interval_s * 1e9),
            alone=options.role == "edge",
        )  # fmt: skip

    async def _listen(self, house: House, books: Books, line: Line, reader: asyncio.StreamReader) -> None:
        """Take what the other side says."""
        while data := await reader.read(PIECE_BYTES):
            line.session.push(data, time.time_ns())
            for event in line.session.events():
                self._take(event, house, books, line)
            line.flush()
        raise OSError("the other side ended the connection")

    async def _beat(self, house: House, books: Books, line: Line) -> None:
        """Say how we do and what people should know of, as it changes."""
        session = line.session
        while True:
            session.tick(time.time_ns(), status_of(_condition(house), session.tasks.active))
            if session.state == "registered":
                for alert in self._desk.due([warned(n, self._air, self._teller) for n in house.notices], house.drill):
                    session.send(alert, time.time_ns())
                books.say(*self._state(line))
            line.flush()
            await asyncio.sleep(BEAT_S)

    async def _tell(self, house: House, line: Line) -> None:
        """Tell pictures, the newest each time."""
        wishes = line.session.tasks.wishes
        while True:
            if not line.session.ready:
                await asyncio.sleep(BEAT_S)
                continue
            self._air = await house.tick(max(self._options.period_s, wishes.period_s))
            if not line.session.ready:  # it asked for no more meanwhile
                continue
            air = chosen(self._air, wishes)
            air = air.take(urgency(air, self._after))
            done = await line.picture(self._teller.reports(air, drill=house.drill), len(air))
            self._after = 0 if done == len(air) or not done else int(air.number[done - 1])

    async def _goodbye(self, house: House, line: Line) -> None:
        """Go in order, if the other side still reads."""
        if line.writer.is_closing():
            return
        line.session.goodbye(status_of(_condition(house)), time.time_ns())
        try:
            line.flush()
            async with asyncio.timeout(GOODBYE_S):
                await line.writer.drain()
        except (OSError, TimeoutError) as error:
            log.info("no good-bye", output=self.name, reason=str(error) or "the other side does not read")

    def _take(self, event: Event, house: House, books: Books, line: Line) -> None:
        match event:
            case Registered(by, ahead_s):
                self._with = f"registered with {by}"
                if abs(ahead_s) > AHEAD_S:
                    self._with += f", whose clock is {abs(ahead_s):.1f} s {'ahead' if ahead_s > 0 else 'behind'}"
                log.info("registered", output=self.name, by=by, ahead_s=round(ahead_s, 3))
            case Refused(by, reasons):
                raise OSError(f"{by or 'the other side'} refused the registration: {'; '.join(reasons) or 'no reason'}")
            case Complaint(about, reasons):
                self._complained(about, reasons, books, line)
            case AlertAnswered():
                self._answered(event, house)
            case Tasked(task_id, by, what, status, reasons):
                log.info("task", output=self.name, task=task_id, by=by, what=what, answer=status, reasons=reasons)
            case Broken(sentence):
                raise OSError(sentence)

    def _complained(self, about: str, reasons: tuple[str, ...], books: Books, line: Line) -> None:
        """An error came about something of ours."""
        if about == "detection_report":
            line.complained()
        reason = f"{about or 'a message'}: {'; '.join(reasons)[:200]}"
        known = about in self.refused or len(self.refused) < MAX_REASONS
        self.refused[about if known else "other"] += 1
        books.failed(f"refused {reason}")

    def _answered(self, event: AlertAnswered, house: House) -> None:
        """Somebody has seen an alert, or does not want it."""
        notice = self._desk.answered(event.alert_id)
        log.info("alert answered", output=self.name, notice=notice, by=event.by, status=event.status)
        if notice and event.status == "accepted":
            self.acknowledged += 1
            if self._options.acknowledge:
                house.acknowledge(notice, self.name)

    def _state(self, line: Line) -> tuple[str, str]:
        words = [self._with]
        if line.waiting_since_s and time.monotonic() - line.waiting_since_s > SLOW_S:
            words.append("it reads slowly or not at all")
        if not line.session.tasks.wishes.sending:
            words.append("it asked for no detections")
        if self.acknowledged:
            words.append(f"{self.acknowledged} alerts accepted")
        words += [f"{count} {about or 'message'} refused" for about, count in self.refused.items()]
        return "running", "; ".join(words)


def _condition(house: House) -> Condition:
    health, origin = house.health(), house.site.origin
    sensors = tuple(
        f"sensor {s.id} is {s.state.replace('_', ' ')}" for s in house.sensors if s.state not in ("well", "unknown")
    )
    well = health.status == "well" and not sensors
    return Condition(
        well, origin.latitude_deg, origin.longitude_deg, origin.height_m, (*health.reasons, *sensors), house.drill
    )


def _make(options: SapientOptions, setting: Setting) -> SapientWay:
    if options.node_id and not is_uuid4(options.node_id):
        raise InputError(f"{setting.here}.node_id: {options.node_id!r} is no UUID of version 4, lower case")
    if not 0.5 <= options.status_interval_s <= 3600.0:
        raise InputError(f"{setting.here}.status_interval_s: {options.status_interval_s:g} is not 0.5 to 3600")
    if not 0.0 <= options.period_s <= 3600.0:
        raise InputError(f"{setting.here}.period_s: {options.period_s:g} is not 0 to 3600")
    try:
        return SapientWay(options, setting)
    except InputError as error:
        raise InputError(f"{setting.here}.node_id: {error}") from None


KIND = OutputKind("sapient", "SAPIENT (BSI Flex 335 v2.0) node", ("tcp", "tls"), SapientOptions, _make)
