"""Output "asterix": a system track server on UDP, to one receiver or to a group (categories 062, 065 and 063)."""

from __future__ import annotations

import asyncio
import contextlib
import socket

import msgspec

from lowsky.model.errors import InputError
from lowsky.model.sensor import SensorKind, Site
from lowsky.wire.asterix.system_server import (
    Condition,
    SensorState,
    Service,
    SystemTracks,
    end_of_batch,
    sensor_status,
    service_report,
    system_status,
)
from lowsky.wire.asterix.system_track import RADAR_3D, TRIANGULATION, Source

from ..net.address import Address
from ..net.datagrams import sending
from .contract import Books, House, OutputKind, OutputOptions, Setting
from .periods import checked_period
from .together import together

BURST, PAUSE_S = 16, 0.001  # datagrams at once, so that a receiver's buffer holds them, and the pause after them
TRIES = 50  # pauses that a full buffer of ours gets to empty itself


class AsterixOptions(OutputOptions, frozen=True):
    """[[outputs]] kind = "asterix"."""

    sac: int  # system area and identification code of this system, as they were given to it
    sic: int
    service: int = 1
    period_s: float = 1.0  # between pictures
    status_s: float = 1.0  # between heartbeats, with the state of the sensors
    sensors: dict[str, str] = msgspec.field(
        default_factory=dict
    )  # "SAC/SIC" to the id of the sensor whose state is told by it
    emitter_category: bool = False  # tell what an object probably is as if it had declared it


class AsterixServer:
    """Tells tracks every period and how system and sensors do every other."""

    kind = "asterix"

    def __init__(
        self, options: AsterixOptions, address: Address, source: Source, codes: dict[int, tuple[int, int]]
    ) -> None:
        """`codes`: of sensors by their index in the site."""
        self.name, self.to = options.name, str(address)
        self._options, self._address, self._source, self._codes = options, address, source, codes
        self._tracks = SystemTracks(source)
        self._condition = Condition.OPERATIONAL

    async def run(self, house: House, books: Books) -> None:
        """Tell until cancelled; then say that the service has ended."""
        with contextlib.closing(sending(self._address)) as line:
            try:
                await together(self._tell_tracks(house, books, line), self._tell_status(house, books, line))
            except asyncio.CancelledError:
                await _send(line, [service_report(self._source, house.now_ns(), Service.ENDED)], books)
                raise

    async def _tell_tracks(self, house: House, books: Books, line: socket.socket) -> None:
        while True:
            air = await house.tick(self._options.period_s)
            datagrams, without = await asyncio.to_thread(self._tracks.batch, air, house.drill)
            if without:
                books.dropped(without, f"{without} objects found no track number: all 65,535 are in use")
            await _send(line, [*datagrams, end_of_batch(self._source, air.time_ns)], books)

    async def _tell_status(self, house: House, books: Books, line: socket.socket) -> None:
        while True:
            await _send(line, self._status(house), books)
            await asyncio.sleep(self._options.status_s)

    def _status(self, house: House) -> list[bytes]:
        reasons, now_ns = house.health().reasons, house.now_ns()
        condition = Condition.DEGRADED if reasons else Condition.OPERATIONAL
        overload = any("more reports come" in reason for reason in reasons)
        clock = any("clock was set" in reason for reason in reasons)
        told = [system_status(self._source, now_ns, condition, overload, clock)]
        if condition is not self._condition:
            self._condition = condition
            service = Service.DEGRADATION if reasons else Service.DEGRADATION_ENDED
            told.append(service_report(self._source, now_ns, service))
        sensors, states = house.site.sensors, house.sensors
        known = [
            SensorState(*self._codes[i], sensors[i].kind, states[i].state)
            for i in sorted(self._codes)
            if i < len(states)
        ]
        return told + sensor_status(self._source, now_ns, known)


async def _send(line: socket.socket, datagrams: list[bytes], books: Books) -> None:
    """Send in bursts. What the system does not take, or nobody is there for, is counted."""
    for i, datagram in enumerate(datagrams, 1):
        if await _sent(line, datagram, books):
            books.sent(len(datagram))
        if i % BURST == 0:
            await asyncio.sleep(PAUSE_S)


async def _sent(line: socket.socket, datagram: bytes, books: Books) -> bool:
    for _ in range(TRIES):
        try:
            line.send(datagram)
        except BlockingIOError:
            await asyncio.sleep(PAUSE_S)
            continue
        except ConnectionRefusedError:  # the answer to an earlier one; this one has not left
            books.say("waiting", "nobody listens there")
            books.dropped(1, "nobody listens there (port unreachable)")
            return False
        books.say("running")
        return True
    books.dropped(1, "the system did not take a datagram: its buffer is full")
    return False


def make(options: AsterixOptions, setting: Setting) -> AsterixServer:
    """The output of a table.

    Raises:
        InputError: naming field and value.
    """
    here = setting.here
    for name in ("sac", "sic", "service"):
        _checked_octet(getattr(options, name), f"{here}.{name}")
    checked_period(options.period_s, here)
    checked_period(options.status_s, here, "status_s")
    used = [sensor.kind for sensor in setting.site.sensors]
    source = Source(
        options.sac,
        options.sic,
        options.service,
        one_sensor=len(used) == 1,
        height_from=RADAR_3D if SensorKind.RADAR_3D in used else TRIANGULATION,
        emitters=options.emitter_category,
    )
    codes = {_sensor(name, setting.site, here): _code(text, here) for text, name in options.sensors.items()}
    return AsterixServer(options, setting.link.address, source, codes)


def _checked_octet(value: int, here: str) -> int:
    if not 0 <= value <= 255:
        raise InputError(f"{here}: {value} is not between 0 and 255")
    return value


def _code(text: str, here: str) -> tuple[int, int]:
    parts = text.split("/")
    if len(parts) != 2 or not all(part.isascii() and part.isdigit() and int(part[:4]) <= 255 for part in parts):
        raise InputError(f'{here}.sensors: {text!r} is no SAC and SIC such as "25/13"')
    return int(parts[0]), int(parts[1])


def _sensor(name: str, site: Site, here: str) -> int:
    for index, sensor in enumerate(site.sensors):
        if sensor.id == name:
            return index
    raise InputError(f"{here}.sensors: {name!r} is no sensor of this site")


KIND = OutputKind("asterix", "ASTERIX system tracks (062, 065, 063) on UDP", ("udp",), AsterixOptions, make)
