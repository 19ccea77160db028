"""A system track server's datagrams: batches of tracks (062), their ends and the system's status (065), sensors (063).

Sources: EUROCONTROL-SPEC-0149-9 (062), -15 (065, edition 1.6: SDPS status, end of batch, service status report) and -10
(063, edition 1.6). One batch is the whole picture of a moment, so the batch number is always 0. Tracks keep their
numbers over a restart (`track_numbers`), so STTN never changes. No socket and no clock here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from lowsky.model.air import Air
from lowsky.model.picture import Status
from lowsky.model.sensor import SensorKind

from .description import category
from .system_track import Source, time_of_day_s, track_columns
from .templates import Bools, write_columns
from .track_numbers import TrackNumbers
from .writing import datablock, write_record

TRACKS, SENSORS, SYSTEM = 62, 63, 65
EDITIONS = {TRACKS: "1.20", SENSORS: "1.6", SYSTEM: "1.6"}
MOST_OCTETS = 1400  # of a datagram: below what an Ethernet carries in one piece, with room for a tunnel
HEADER_OCTETS = 3


class Condition(IntEnum):
    """I065/040 NOGO."""

    OPERATIONAL = 0
    DEGRADED = 1
    NOT_CONNECTED = 2


class Service(IntEnum):
    """What is used of I065/050."""

    DEGRADATION = 1
    DEGRADATION_ENDED = 2
    ENDED = 7  # by the operator
    RESTARTED = 9  # by the operator


class Connection(IntEnum):
    """I063/060 CON."""

    OPERATIONAL = 0
    DEGRADED = 1
    INITIALISING = 2
    NOT_CONNECTED = 3


CONNECTIONS = {
    "well": Connection.OPERATIONAL,
    "late": Connection.DEGRADED,
    "off_in_time": Connection.DEGRADED,
    "garbled": Connection.DEGRADED,
    "faulty": Connection.DEGRADED,
    "unknown": Connection.INITIALISING,
    "silent": Connection.NOT_CONNECTED,
}
"""What the state of a sensor is told as."""
CHANNELS = {SensorKind.RADAR_3D: "PSR", SensorKind.RADAR_2D: "PSR", SensorKind.COOPERATIVE: "ADS"}
"""Which channel of a sensor is out of order when the sensor is faulty."""


@dataclass(frozen=True, slots=True)
class SensorState:
    """How one sensor does."""

    sac: int
    sic: int
    kind: SensorKind
    state: str  # one of CONNECTIONS


class SystemTracks:
    """What is told of the air, from one picture to the next."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._numbers = TrackNumbers()
        self._shown: set[int] = set()  # public numbers that receivers have
        self._before: Air | None = None

    def batch(self, air: Air, drill: bool) -> tuple[list[bytes], int]:
        """Datagrams that tell a picture, and how many objects found no track number.

        An object that ended and was never told is left out.
        """
        known = np.array([number in self._shown for number in air.number.tolist()], dtype=bool)
        air, known = _taken(air, known, (air.status != Status.ENDED) | known)
        for number in air.number[~known].tolist():
            self._numbers.back(number)
        told = np.array(self._numbers.told(air.number.tolist(), air.time_ns), dtype=np.int64)
        without = int((told == 0).sum())
        air, known = _taken(air, known, told > 0)
        columns = track_columns(air, told[told > 0], ~known, self._before, self._source, drill)
        self._remember(air)
        return packed(TRACKS, write_columns(TRACKS, EDITIONS[TRACKS], columns, len(air))), without

    def _remember(self, air: Air) -> None:
        for number in air.number[air.status == Status.ENDED].tolist():
            self._numbers.ended(number, air.time_ns)
        self._shown = set(air.number[air.status != Status.ENDED].tolist())
        self._before = air


def end_of_batch(source: Source, time_ns: int) -> bytes:
    """The whole picture has been told."""
    return _system(source, time_ns, 2, {"020": 0})


def system_status(source: Source, time_ns: int, condition: Condition, overload: bool, clock_invalid: bool) -> bytes:
    """The heartbeat."""
    status = {
        "NOGO": int(condition), "OVL": int(overload), "TSV": int(clock_invalid), "PSS": 0, "STTN": 0,
    }  # fmt: skip
    return _system(source, time_ns, 1, {"040": status})


def service_report(source: Source, time_ns: int, service: Service) -> bytes:
    """Something happened to the service."""
    return _system(source, time_ns, 3, {"050": int(service)})


def sensor_status(source: Source, time_ns: int, sensors: Iterable[SensorState]) -> list[bytes]:
    """How each sensor does."""
    layout = category("063", EDITIONS[SENSORS])
    common = {"010": {"SAC": source.sac, "SIC": source.sic}, "015": source.service, "030": time_of_day_s(time_ns)}
    return packed(
        SENSORS,
        (
            write_record(layout, {**common, "050": {"SAC": s.sac, "SIC": s.sic}, "060": _configuration(s)})
            for s in sensors
        ),
    )


def packed(number: int, records: Iterable[bytes]) -> list[bytes]:
    """Datagrams of at most `MOST_OCTETS`, each one datablock of whole records."""
    datagrams: list[bytes] = []
    waiting: list[bytes] = []
    size = HEADER_OCTETS
    for record in records:
        if waiting and size + len(record) > MOST_OCTETS:
            datagrams.append(datablock(number, b"".join(waiting)))
            waiting, size = [], HEADER_OCTETS
        waiting.append(record)
        size += len(record)
    if waiting:
        datagrams.append(datablock(number, b"".join(waiting)))
    return datagrams


def _configuration(sensor: SensorState) -> dict[str, int]:
    out_of_order = CHANNELS.get(sensor.kind) if sensor.state == "faulty" else None
    channels = {name: int(name == out_of_order) for name in ("PSR", "SSR", "MDS", "ADS", "MLT")}
    no_plots = int(sensor.state in ("silent", "unknown"))
    return {
        "CON": int(CONNECTIONS[sensor.state]), **channels,
        "OPS": 0, "ODP": 0, "OXT": 0, "MSC": 0, "TSV": 0, "NPW": no_plots,
    }  # fmt: skip


def _system(source: Source, time_ns: int, kind: int, more: dict[str, object]) -> bytes:
    items = {
        "000": kind, "010": {"SAC": source.sac, "SIC": source.sic}, "015": source.service,
        "030": time_of_day_s(time_ns), **more,
    }  # fmt: skip
    return datablock(SYSTEM, write_record(category("065", EDITIONS[SYSTEM]), items))


def _taken(air: Air, known: Bools, rows: Bools) -> tuple[Air, Bools]:
    return air.take(rows), known[rows]
