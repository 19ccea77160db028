"""Frames of Mode S to reports: the decoder behind Beast and AVR, which differ only in how they are framed.

`push` gathers bytes; `take` cuts them into frames and works on columns: parity, fields, positions, checks. A report is
a position of DF 17 or 18 whose parity is whole. What else is understood is ignored by name; the parity of DF 0, 4, 5,
16, 20 and 21 carries the aircraft's address, so these are told from noise only by addresses heard a moment ago.

Times are those of receipt, less `latency_s`; with `clock = "gps"`, those that a receiver with a GPS clock counts (18
bits seconds of the day UTC, 30 bits nanoseconds). Positions that ground stations send on (TIS-B) are left out unless
wanted: they come from radar, late and not independent. Sources: ICAO Annex 10 Volume IV; RTCA DO-260B.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Literal, Protocol

import numpy as np

from lowsky.model.heights import Datum
from lowsky.model.report import ReportBatch, report_batch
from lowsky.model.timebase import NS_PER_S

from ..decoded import Context, Decoded, Reader
from ..decoded import Decoder as AnyDecoder
from ..drafts import NO_INSTANT, Draft, Finisher
from ..formats import Options
from ..problems import Problems, RowCheck
from ..tally import Tally
from . import accuracy
from .assembly import Assembly, Positions
from .fields import read_squitters
from .frames import MLAT_TICKS, NO_TICKS, Bools, Frames, Longs, join_frames, numbers
from .parity import remainders

MAX_PENDING_BYTES = 32 << 20  # not taken yet: minutes of the busiest receiver
MAX_CODES = 128  # of interrogators, laid over the parity of DF 11
HEARD_S = 60.0  # how long an address tells its replies from noise
DAY_NS = 86_400 * NS_PER_S
NOT_ICAO = 1 << 24  # added to keys of addresses that are not from ICAO
FOR_IT = 2 << 24  # ... and of what others say for an aircraft
NAMES = {
    0: "air-to-air surveillance", 4: "altitude reply", 5: "identity reply", 11: "all-call reply",
    16: "air-to-air surveillance", 20: "Comm-B altitude reply", 21: "Comm-B identity reply", 24: "Comm-D",
}  # fmt: skip
ADDRESS_IN_PARITY = (0, 4, 5, 16, 20, 21)
TYPES = {0: "no position", 19: "velocity", 28: "aircraft status", 29: "target state", 31: "operational status"}
TYPES |= dict.fromkeys(range(1, 5), "identification")


class ModeSOptions(Options, frozen=True, kw_only=True):
    """What a source of Mode S may say."""

    clock: Literal["receipt", "gps"] = "receipt"
    latency_s: float = 0.0  # from the antenna to here
    counter: bool = True  # messages of a pair must be near by the receiver's 12 MHz counter too; false for merged feeds
    tisb: bool = False  # also positions of aircraft without ADS-B that ground stations send
    mlat: bool = True  # also positions that a multilateration server gives back


class Framing(Protocol):
    """Cuts bytes into frames."""

    def split(self, data: bytes, tally: Tally) -> tuple[Frames, Longs]: ...
    def close(self, tally: Tally) -> None: ...


class ModeSDecoder:
    """Reads one receiver."""

    def __init__(self, context: Context, options: ModeSOptions, datagrams: bool, framing: Framing) -> None:
        self.names = options.names(context)
        self._context, self._options, self._datagrams, self._framing = context, options, datagrams, framing
        self._tally = Tally(context.source)
        self._finisher = Finisher(context.site)
        sensor = int(self.names.find([context.source])[0])
        place = context.site.sensors[sensor] if sensor >= 0 else None
        self._assembly = Assembly(*((place.latitude_deg, place.longitude_deg) if place else (np.nan, np.nan)))
        self._pieces: list[tuple[bytes, int, bool]] = []  # bytes, receipt, whether nothing follows
        self._pending = 0

    def push(self, data: bytes, received_ns: int) -> None:
        """Gather any piece of a stream, or one datagram."""
        if self._pending + len(data) > MAX_PENDING_BYTES:
            self._tally.reject("not taken in time", f"{len(data)} bytes came after {self._pending} not yet taken")
        else:
            self._pieces.append((data, received_ns, self._datagrams))
            self._pending += len(data)

    def close(self, received_ns: int) -> None:
        """The sender has ended."""
        self._pieces.append((b"", received_ns, True))

    def take(self) -> Decoded:
        """What was complete since the last time."""
        pieces, self._pieces, self._pending = self._pieces, [], 0
        parts, run = [], list[tuple[bytes, int]]()
        for data, received_ns, ends in pieces:
            run.append((data, received_ns))
            if ends:
                parts.append(self._frames(run))
                self._framing.close(self._tally)
                run = []
        if run:
            parts.append(self._frames(run))
        frames = join_frames(parts)
        reports, problems = self._reports(frames) if len(frames) else (report_batch(0), Problems())
        ignored, problems = self._tally.take(problems)
        return Decoded(reports=reports, problems=problems, used=len(reports), ignored=ignored)

    def _frames(self, run: list[tuple[bytes, int]]) -> Frames:
        """The frames that pieces complete, each received when its last octet came."""
        frames, places = self._framing.split(b"".join(data for data, _ in run), self._tally)
        ends = np.cumsum([len(data) for data, _ in run])
        piece = np.minimum(np.searchsorted(ends, places, side="right"), len(run) - 1)
        return replace(frames, received_ns=np.array([ns for _, ns in run], dtype=np.int64)[piece])

    def _reports(self, frames: Frames) -> tuple[ReportBatch, Problems]:
        """The reports of frames; what is none is counted."""
        kind = np.minimum(frames.data[:, 0] >> 3, 24).astype(np.int64)
        rest = remainders(frames.data, frames.long)
        keys = numbers(frames.data[:, 1:4])
        time_ns = self._times(frames)
        fits = frames.long == (kind >= 16)
        self._reject(frames, ~fits, "length not that of its format")
        squitter = fits & ((kind == 17) | (kind == 18))
        broken = (squitter & (rest != 0)) | (fits & (kind == 11) & (rest >= MAX_CODES))
        self._reject(frames, broken, "parity wrong")
        self._replies(frames, fits & ~squitter & ~broken, kind, np.where(kind == 11, keys, rest), time_ns)
        squitter &= ~broken
        keys, squitter = self._sources(frames, squitter, kind, keys)
        rows = np.flatnonzero(squitter)
        if not len(rows):
            return report_batch(0), Problems()
        return self._positions(frames.take(rows), keys[rows], time_ns[rows])

    def _times(self, frames: Frames) -> Longs:
        """When each frame was true, UTC."""
        received = frames.received_ns - int(self._options.latency_s * NS_PER_S)
        if self._options.clock == "receipt":
            return received
        second, rest = frames.ticks >> 30, frames.ticks & ((1 << 30) - 1)
        of_day = second * NS_PER_S + rest
        midnight = received - received % DAY_NS
        nearest = midnight + of_day + DAY_NS * np.rint((received - midnight - of_day) / DAY_NS).astype(np.int64)
        told = (frames.ticks > 0) & (frames.ticks != MLAT_TICKS)
        wrong = (second >= 86_400) | (rest >= NS_PER_S)
        return np.where(told, np.where(wrong, NO_INSTANT, nearest), received)

    def _reject(self, frames: Frames, rows: Bools, kind: str) -> None:
        n = int(rows.sum())
        if n:
            self._tally.reject(kind, f"frame {frames.hex(int(np.argmax(rows)))}: {kind}", n)

    def _replies(self, frames: Frames, rows: Bools, kind: Longs, keys: Longs, time_ns: Longs) -> None:
        """Count replies to interrogations, those apart whose parity belongs to nobody heard lately."""
        memory, calls = self._assembly.memory, rows & (kind == 11)
        if calls.any():
            memory.slots(keys[calls], time_ns[calls])
        laid = rows & np.isin(kind, ADDRESS_IN_PARITY)
        at = np.flatnonzero(laid)
        strange = np.zeros(len(rows), dtype=np.bool_)
        strange[at] = ~memory.heard_since(keys[at], time_ns[at] - int(HEARD_S * NS_PER_S))
        self._reject(frames, strange, "address not heard lately")
        for code in np.unique(kind[rows & ~strange]).tolist():
            name = NAMES.get(code, "format reserved")
            self._tally.ignore(name, int((rows & ~strange & (kind == code)).sum()))

    def _sources(self, frames: Frames, rows: Bools, kind: Longs, keys: Longs) -> tuple[Longs, Bools]:
        """Keys by who says it, and the squitters that are wanted: aircraft themselves, or others for them."""
        code = np.where(kind == 18, frames.data[:, 0] & 7, 0)
        mlat = rows & (frames.ticks == MLAT_TICKS)
        ground = rows & ~mlat & ((code == 2) | (code == 5))
        unread = rows & ~mlat & np.isin(code, (3, 4, 7))
        for name, left_out in (
            ("TIS-B", ground & (not self._options.tisb)),
            ("MLAT", mlat & (not self._options.mlat)),
            ("TIS-B coarse or management", unread),
        ):
            self._tally.ignore(name, int(left_out.sum()))
            rows = rows & ~left_out
        keys = keys + np.where((code == 1) | (code == 5), NOT_ICAO, 0) + np.where(mlat | ground, FOR_IT, 0)
        return keys, rows

    def _positions(self, frames: Frames, keys: Longs, time_ns: Longs) -> tuple[ReportBatch, Problems]:
        """The reports of extended squitters."""
        squitters = read_squitters(frames.data)
        counted = self._options.counter and self._options.clock == "receipt"
        ticks = np.where(counted & (frames.ticks > 0) & (frames.ticks != MLAT_TICKS), frames.ticks, NO_TICKS)
        found = self._assembly.positions(squitters, numbers(frames.data[:, 4:11]), keys, time_ns, ticks)
        for code in np.unique(squitters.type_code[~squitters.position]).tolist():
            self._tally.ignore(TYPES.get(code, "other squitter"), int((squitters.type_code == code).sum()))
        self._tally.ignore("position repeated", int(found.repeated.sum()))
        self._tally.ignore("position without its pair", int(found.alone.sum()))
        refused = np.zeros(len(frames), dtype=np.bool_)
        refused[found.row[found.refused]] = True
        self._reject(frames, refused, "position too far from the last")
        good = np.flatnonzero(np.isfinite(found.latitude_deg) & ~found.refused)
        good = good[np.argsort(found.row[good], kind="stable")]
        row = found.row[good]
        return self._finish(frames.take(row), keys[row], time_ns[row], squitters.type_code[row], found, good)

    def _finish(
        self, frames: Frames, keys: Longs, time_ns: Longs, type_code: Longs, found: Positions, good: Longs
    ) -> tuple[ReportBatch, Problems]:
        """Drafts of positions through the checks that are every report's."""
        n, source = len(good), self._context.source
        check = RowCheck(source, n, where=lambda i: f"frame {frames.hex(i)}")
        geometric, east = found.geometric[good], found.east_mps[good]
        sigma_m = accuracy.position_sigma_m(found.nacp[good], type_code)
        geometric_m = accuracy.height_sigma_m(found.gva[good], found.version[good])
        columns = {
            "latitude_deg": found.latitude_deg[good],
            "longitude_deg": found.longitude_deg[good],
            "height_m": found.height_m[good],
            "east_mps": east,
            "north_mps": found.north_mps[good],
            "up_mps": found.up_mps[good],
            "sigma_position_m": np.where(frames.ticks == MLAT_TICKS, accuracy.MLAT_SIGMA_M, sigma_m),
            "sigma_height_m": np.where(geometric, geometric_m, accuracy.BARO_SIGMA_M),
            "sigma_velocity_mps": np.where(np.isfinite(east), accuracy.velocity_sigma_mps(found.nacv[good]), np.nan),
        }
        qnh = self._context.weather.qnh_hpa
        draft = Draft(
            sensor=[source] * n,
            index=np.repeat(self.names.find([source]), n),
            said=time_ns,
            time_ns=time_ns,
            received_ns=frames.received_ns,
            columns=columns,
            identity=names_of(keys),
            datum=[Datum.ELLIPSOID if own else Datum.PRESSURE for own in geometric.tolist()],
            qnh_hpa=np.full(n, np.nan if qnh is None else qnh),
        )
        return self._finisher.finish(draft, check), check.result()


def names_of(keys: Longs) -> list[str]:
    """Six hexadecimal digits of each address; one that is not from ICAO after a tilde."""
    unique, inverse = np.unique(keys, return_inverse=True)
    names = [f"{'~' if key & NOT_ICAO else ''}{key & 0xFFFFFF:06X}" for key in unique.tolist()]
    return [names[i] for i in inverse.tolist()]


def decoder_maker(framing: Callable[[], Framing]) -> Callable[[Context, Any, bool], AnyDecoder]:
    """What makes decoders of a format that is framed so."""
    return lambda context, options, datagrams: ModeSDecoder(context, options, datagrams, framing())


def reader_maker(framing: Callable[[], Framing]) -> Callable[[Any, bool], Reader]:
    """What makes readers of a format that is framed so."""

    def make(options: Any, datagrams: bool) -> Reader:
        from .reader import FrameReader

        return FrameReader(framing(), datagrams)

    return make
