"""Mode S frames in words, for people: every field that rs1090 knows, Comm-B registers too.

Reports do not come from here. rs1090 ends with a panic on bytes that are no frame, so it is given whole frames only,
and what it still cannot read costs only itself.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import rs1090

from ..tally import Tally
from .frames import NO_TICKS, Frames
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
        rest = remainders(frames.data, frames.long).tolist()
        for row, remainder in enumerate(rest):
            text = frames.hex(row)
            if int(frames.data[row, 0]) >> 3 in SQUITTERS and remainder:
                yield {"error": f"{text}: parity wrong"}
                continue
            found: dict[str, Any] = {"message": text}
            if frames.ticks[row] != NO_TICKS:
                found["counter"] = int(frames.ticks[row])
            if frames.signal[row] > 0.0:
                found["signal_dbfs"] = round(20.0 * math.log10(frames.signal[row]), 1)
            yield found | read_frame(text)


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
