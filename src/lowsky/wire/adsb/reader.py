"""Mode S frames in words, for people: every field that rs1090 knows, Comm-B registers too.

Positions are those of our own assembly, where the receiver counts. Reports do not come from here. rs1090 ends with a
panic on bytes that are no frame, so it is given whole frames only, and what it still cannot read costs only itself.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import rs1090

from lowsky.model.timebase import NS_PER_S

from ..tally import Tally
from .assembly import TICKS_PER_S, Assembly
from .fields import read_squitters
from .frames import MLAT_TICKS, NO_TICKS, Frames, Longs, numbers
from .parity import remainders

UNITS = {
    "altitude": "altitude_ft",
    "groundspeed": "groundspeed_kt",
    "track": "track_deg",
    "heading": "heading_deg",
    "vertical_rate": "vertical_rate_ft_per_min",
    "geo_minus_baro": "geo_minus_baro_ft",
    "IAS": "IAS_kt",
    "TAS": "TAS_kt",
    "roll": "roll_deg",
    "selected_altitude": "selected_altitude_ft",
}
SQUITTERS = (17, 18)


class FrameReader:
    """Frames as dicts, one a message."""

    def __init__(self, framing: Any, datagrams: bool) -> None:
        self._framing, self._datagrams, self._tally = framing, datagrams, Tally("")
        self._assembly = Assembly(math.nan, math.nan)

    def push(self, data: bytes) -> Iterator[dict[str, Any]]:
        """The messages that `data` completes."""
        frames, _ = self._framing.split(data, self._tally)
        yield from self._read(frames)
        if self._datagrams:
            yield from self.close()

    def close(self) -> Iterator[dict[str, Any]]:
        """What was wrong with a last message without its end."""
        self._framing.close(self._tally)
        yield from self._faults()

    def _faults(self) -> Iterator[dict[str, Any]]:
        _, problems = self._tally.take()
        yield from ({"error": line.removeprefix(", ")} for line in problems.lines())

    def _read(self, frames: Frames) -> Iterator[dict[str, Any]]:
        yield from self._faults()
        rest = remainders(frames.data, frames.long)
        places = self._places(frames, rest)
        for row, remainder in enumerate(rest.tolist()):
            text = frames.hex(row)
            if int(frames.data[row, 0]) >> 3 in SQUITTERS and remainder:
                yield {"error": f"{text}: parity wrong"}
                continue
            found: dict[str, Any] = {"message": text}
            if frames.ticks[row] != NO_TICKS:
                found["counter"] = int(frames.ticks[row])
            if frames.signal[row] > 0.0:
                found["signal_dbfs"] = round(20.0 * math.log10(frames.signal[row]), 1)
            yield found | read_frame(text) | places.get(row, {})

    def _places(self, frames: Frames, rest: Longs) -> dict[int, dict[str, Any]]:
        """Positions of frames by row: of those that were counted, as the counter is the only clock here."""
        counted = (frames.ticks > 0) & (frames.ticks != MLAT_TICKS)
        rows = np.flatnonzero(np.isin(frames.data[:, 0] >> 3, SQUITTERS) & (rest == 0) & frames.long & counted)
        if not len(rows):
            return {}
        data, ticks = frames.data[rows], frames.ticks[rows]
        time_ns = ticks * (NS_PER_S // 1000) // (TICKS_PER_S // 1000)
        found = self._assembly.positions(
            read_squitters(data), numbers(data[:, 4:11]), numbers(data[:, 1:4]), time_ns, ticks
        )
        good = np.flatnonzero(np.isfinite(found.latitude_deg) & ~found.refused)
        places = zip(found.latitude_deg[good].tolist(), found.longitude_deg[good].tolist(), strict=True)
        names = [dict(latitude_deg=round(lat, 6), longitude_deg=round(lon, 6)) for lat, lon in places]
        return dict(zip(rows[found.row[good]].tolist(), names, strict=True))


def read_frame(text: str) -> dict[str, Any]:
    """The fields of one frame in hexadecimal digits, or `error`."""
    try:
        found = rs1090.decode(text)
    except BaseException as error:  # a panic of the library is no `Exception`
        if isinstance(error, KeyboardInterrupt | SystemExit):
            raise
        return {"error": f"{text}: {str(error)[:120]}"}
    if not found:
        return {"error": f"{text}: cannot be read"}
    return {UNITS.get(name, name): value for name, value in found.items() if name != "frame"}
