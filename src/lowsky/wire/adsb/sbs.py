"""BaseStation lines to reports: what dump1090 and readsb give out on port 30003, and a multilateration client on 31003.

    MSG,3,1,1,F00001,1,2025/06/15,15:06:40.000,2025/06/15,15:06:40.000,,3000,,,51.01,4.02,,,0,0,0,0

    field   0 MSG or MLAT   1 transmission type   4 address   6, 7 date and time of the message   10 call sign
            11 altitude ft (pressure)   12 ground speed kt   13 track deg   14 latitude   15 longitude
            16 vertical rate ft/min   21 on the ground

Types 2 and 3 tell positions, type 4 velocities, which go with the next position of their aircraft, once. The lines say
nothing of accuracy. Their times are in the sender's time of day, often not UTC: the receipt is taken, unless
`clock = "utc"`. Source: the description of socket data by the makers of BaseStation, as those programs follow it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from lowsky.model.report import report_batch
from lowsky.model.timebase import NS_PER_S

from ..decoded import Context, Decoded
from ..drafts import Finisher
from ..formats import Format, Options
from ..jsonl.lines import LineSplitter
from ..problems import Problems
from ..tally import Tally
from ..waiting import WaitingLines
from .accuracy import BARO_SIGMA_M, MLAT_SIGMA_M
from .assembly import VELOCITY_S
from .fields import FOOT_M, FOOT_PER_MINUTE_MPS, KNOT_MPS
from .rows import ADDRESS, NAN, Row, finish_rows

MAX_LINE = 1024
MAX_PENDING = 500_000  # lines gathered and not taken
MAX_AIRCRAFT = 20_000  # whose velocity is kept
FIELDS = 22
EPOCH, LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
TYPES = {
    "1": "identification", "5": "altitude", "6": "squawk", "7": "air to air", "8": "all-call reply",
}  # fmt: skip
SURFACE, AIRBORNE, VELOCITY = "2", "3", "4"
OTHERS = ("SEL", "ID", "AIR", "STA", "CLK")
NUMBERS = {
    "altitude_ft": 11, "speed_kt": 12, "track_deg": 13, "latitude": 14, "longitude": 15, "climb_ft_per_min": 16,
}  # fmt: skip
WORDS = {"callsign": 10, "squawk": 17, "alert": 18, "emergency": 19, "ident": 20, "on_ground": 21}


class SbsOptions(Options, frozen=True, kw_only=True):
    """What a source of BaseStation lines may say."""

    clock: Literal["receipt", "utc"] = "receipt"
    latency_s: float = 0.0  # from the antenna to here, with clock = "receipt"
    mlat: bool = True  # also positions by multilateration


class SbsError(Exception):
    """A line that is none: the kind, of a fixed stock, and what was found."""


class SbsDecoder:
    """Reads one feed."""

    def __init__(self, context: Context, options: SbsOptions, datagrams: bool) -> None:
        self.names = options.names(context)
        self._context, self._options = context, options
        self._tally = Tally(context.source)
        self._finisher = Finisher(context.site)
        self._waiting = WaitingLines(MAX_LINE, MAX_PENDING, datagrams, self._tally)
        self._velocities: dict[str, tuple[float, float, float, int]] = {}  # east, north, up, receipt; until given out

    def push(self, data: bytes, received_ns: int) -> None:
        """Gather any piece of a stream, or one datagram."""
        self._waiting.push(data, received_ns)

    def close(self, received_ns: int) -> None:
        """The sender has ended."""
        self._waiting.close(received_ns)

    def take(self) -> Decoded:
        """What was complete since the last time."""
        lines = self._waiting.take()
        rows = [row for line, received_ns in lines if (row := self._row(line, received_ns))]
        reports, problems = report_batch(0), Problems()
        if rows:
            reports, problems = finish_rows(rows, self._context, self.names, self._finisher, carry=False)
        ignored, problems = self._tally.take(problems)
        return Decoded(reports=reports, problems=problems, used=len(reports), ignored=ignored)

    def _row(self, line: bytes | None, received_ns: int) -> Row | None:
        """The position of a line; what has none is counted."""
        if line is not None and line.isspace():
            return None
        try:
            fields = split_line(line)
            if fields[0] in OTHERS:
                self._tally.ignore("other record")
                return None
            return self._message(fields, received_ns)
        except SbsError as error:
            kind, text = error.args
            self._tally.reject(kind, f"{kind}: {text}")
            return None

    def _message(self, fields: list[str], received_ns: int) -> Row | None:
        kind, mlat = fields[1], fields[0] == "MLAT"
        if kind in TYPES:
            self._tally.ignore(TYPES[kind])
            return None
        numbers = {name: _number(fields, name, at) for name, at in NUMBERS.items()}
        velocity = _velocity(numbers)
        identity = fields[4].upper()
        if kind == VELOCITY:
            self._keep(identity, velocity, received_ns)
            self._tally.ignore("velocity")
            return None
        if mlat and not self._options.mlat:
            self._tally.ignore("MLAT")
            return None
        if math.isnan(numbers["latitude"]) or math.isnan(numbers["longitude"]):
            self._tally.ignore("position without coordinates")
            return None
        if math.isnan(velocity[0]):
            velocity = self._kept(identity, velocity, received_ns)
        ground = kind == SURFACE or fields[21] not in ("", "0")
        return Row(
            identity, self._time_ns(fields, received_ns), received_ns, numbers["latitude"], numbers["longitude"],
            NAN if ground else numbers["altitude_ft"] * FOOT_M, False, *velocity,
            MLAT_SIGMA_M if mlat else NAN, BARO_SIGMA_M, NAN,
        )  # fmt: skip

    def _keep(self, identity: str, velocity: tuple[float, float, float], received_ns: int) -> None:
        while len(self._velocities) >= MAX_AIRCRAFT:
            del self._velocities[next(iter(self._velocities))]
        self._velocities[identity] = *velocity, received_ns

    def _kept(
        self, identity: str, velocity: tuple[float, float, float], received_ns: int
    ) -> tuple[float, float, float]:
        """The velocity that came shortly before, given out once."""
        *kept, at_ns = self._velocities.pop(identity, (*velocity, received_ns))
        return (kept[0], kept[1], kept[2]) if abs(received_ns - at_ns) <= VELOCITY_S * NS_PER_S else velocity

    def _time_ns(self, fields: list[str], received_ns: int) -> int:
        if self._options.clock == "receipt":
            return received_ns - int(self._options.latency_s * NS_PER_S)
        try:
            told = datetime.strptime(f"{fields[6]} {fields[7]}", "%Y/%m/%d %H:%M:%S.%f").replace(tzinfo=UTC)
        except ValueError:
            told = EPOCH
        if not EPOCH < told < LATEST:
            raise SbsError("time is none", f"{fields[6][:20]!r} {fields[7][:20]!r}")
        return (told - EPOCH) // timedelta(microseconds=1) * 1000


def split_line(line: bytes | None) -> list[str]:
    """The fields of a line, of a message FIELDS at least.

    Raises:
        SbsError: if it is no line of these.
    """
    if line is None:
        raise SbsError("line too long", f"over {MAX_LINE} bytes")
    fields = line.decode("ascii", "replace").strip().split(",")
    if fields[0] in OTHERS:
        return fields
    if fields[0] not in ("MSG", "MLAT") or len(fields) < FIELDS:
        raise SbsError("line malformed", repr(",".join(fields)[:80]))
    if fields[1] not in TYPES and fields[1] not in (SURFACE, AIRBORNE, VELOCITY):
        raise SbsError("transmission type unknown", repr(fields[1][:20]))
    if not ADDRESS.fullmatch(fields[4]):
        raise SbsError("address is none", repr(fields[4][:20]))
    return fields


def _number(fields: list[str], name: str, at: int) -> float:
    """A field as a number, NaN where it is empty.

    Raises:
        SbsError: if it is none.
    """
    text = fields[at]
    if not text:
        return NAN
    try:
        value = float(text)
    except ValueError:
        raise SbsError(f"{name} is no number", repr(text[:20])) from None
    if not math.isfinite(value):
        raise SbsError(f"{name} is no number", repr(text[:20]))
    return value


def _velocity(numbers: dict[str, float]) -> tuple[float, float, float]:
    """East, north and up, m/s."""
    speed, track = numbers["speed_kt"] * KNOT_MPS, math.radians(numbers["track_deg"])
    up = numbers["climb_ft_per_min"] * FOOT_PER_MINUTE_MPS
    return speed * math.sin(track), speed * math.cos(track), up


class SbsReader:
    """Lines as dicts."""

    def __init__(self, datagrams: bool) -> None:
        self._datagrams, self._splitter = datagrams, LineSplitter(MAX_LINE)

    def push(self, data: bytes) -> Iterator[dict[str, Any]]:
        """The lines that `data` completes."""
        yield from map(read_line, self._splitter.push(data))
        if self._datagrams:
            yield from self.close()

    def close(self) -> Iterator[dict[str, Any]]:
        """A last line without its end."""
        yield from map(read_line, self._splitter.close())


def read_line(line: bytes | None) -> dict[str, Any]:
    """What a line says, or `error`."""
    try:
        fields = split_line(line)
        found: dict[str, Any] = {"record": fields[0], "type": fields[1] if len(fields) > 1 else ""}
        if fields[0] in OTHERS:
            return found
        found |= {"address": fields[4].upper(), "date": fields[6], "time": fields[7]}
        numbers = {name: _number(fields, name, at) for name, at in NUMBERS.items()}
    except SbsError as error:
        return {"error": ": ".join(error.args)}
    found |= {name: value for name, value in numbers.items() if not math.isnan(value)}
    return {
        name: value
        for name, value in (found | {w: fields[at].strip() for w, at in WORDS.items()}).items()
        if value != ""
    }


def _likeness(head: bytes) -> float:
    lines = [line for line in head[:4000].split(b"\n")[:-1] if line.strip()]
    good = sum("error" not in read_line(line) for line in lines)
    return 0.95 * good / len(lines) if lines else 0.0


FORMAT = Format(
    name="sbs",
    title="ADS-B, BaseStation lines",
    options=SbsOptions,
    decoder=SbsDecoder,
    reader=lambda options, datagrams: SbsReader(datagrams),
    likeness=_likeness,
)
