"""What ships say of themselves: name, call sign, type, size. A bounded table for people; the picture does not need it.

Source: ITU-R M.1371-5, messages 5, 19, 21 and 24.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from .fields import field_of, sextets, text_of

MAX_VESSELS = 20_000
OF_A_CRAFT = 98  # begins the MMSI of a craft on board of a ship, which tells its ship where others tell their size


@dataclass(frozen=True, slots=True)
class Vessel:
    """One ship as described by itself; empty and 0: not told."""

    name: str = ""
    callsign: str = ""
    type: int = 0  # ITU-R M.1371-5 table 53; of an aid to navigation table 74
    length_m: int = 0
    width_m: int = 0


@dataclass(frozen=True, slots=True)
class _Static:
    """First bits of fields: name, call sign, type, dimensions (bow 9, stern 9, port 6, starboard 6); -1: has none."""

    name: int = -1
    callsign: int = -1
    type: tuple[int, int] | None = None
    size: int = -1


_STATIC = {
    "5": _Static(112, 70, (232, 8), 240),
    "19": _Static(143, -1, (263, 8), 271),
    "21": _Static(43, -1, (38, 5), 219),
    "24A": _Static(40),
    "24B": _Static(-1, 90, (40, 8), 132),
}
STATIC_BITS = {5: 420, 19: 312, 21: 272, 24: 160}
"""Least number of bits of the messages that describe a ship."""


class Vessels:
    """Ships by MMSI; who was first heard longest ago gives way."""

    def __init__(self) -> None:
        self._known: dict[int, Vessel] = {}

    def __len__(self) -> int:
        return len(self._known)

    def find(self, mmsi: int) -> Vessel | None:
        """What is known of a ship."""
        return self._known.get(mmsi)

    def read(self, kind: int, payload: bytes) -> None:
        """Keep what a message of one of `STATIC_BITS` says."""
        values = sextets([payload], 54)
        part = "" if kind != 24 else "AB"[min(int(field_of(values, 38, 2)[0]), 1)]
        static = _STATIC[f"{kind}{part}"]
        mmsi = int(field_of(values, 8, 30)[0])
        said: dict[str, str | int] = {}
        if static.name >= 0:
            said["name"] = text_of(payload, static.name, 20)
        if static.callsign >= 0:
            said["callsign"] = text_of(payload, static.callsign, 7)
        if static.type:
            said["type"] = int(field_of(values, *static.type)[0])
        if static.size >= 0 and mmsi // 10_000_000 != OF_A_CRAFT:
            bow, stern, port, starboard = (
                int(field_of(values, static.size + first, bits)[0])
                for first, bits in ((0, 9), (9, 9), (18, 6), (24, 6))
            )
            said |= {"length_m": bow + stern, "width_m": port + starboard}
        if mmsi not in self._known and len(self._known) >= MAX_VESSELS:
            del self._known[next(iter(self._known))]
        self._known[mmsi] = replace(self._known.get(mmsi, Vessel()), **said)  # type: ignore[arg-type]
