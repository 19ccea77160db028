"""Transmitters heard by one source: who each is, what it said of itself, and whether a message is news.

A broadcast comes in pieces: one message says who, another where. What belongs together comes from one transmitter: one
link address at one receiver, or, where no address is told, one source. An identity is believed for `IDENTITY_S` after
it was heard (the standards ask for it every 3 s; link addresses change every quarter of an hour). Of two identities the
serial number goes before the registration, that before the identity in a traffic system, that before the session.

The same message comes again: over several carriers, over each of the advertising channels, and each time it is repeated
until the next measurement. It is news once: of one aircraft at one receiver, a message with the same bytes is a
duplicate for as long as its own time of measurement tells it apart (`REPEATED_S`), for `UNTIMED_S` where it has none.
"""

from __future__ import annotations

import uuid
from collections import OrderedDict
from dataclasses import dataclass, field

from lowsky.model.people import OperatorPlace
from lowsky.model.timebase import NS_PER_S

from .codes import IdType
from .values import text_of

MAX_TRANSMITTERS = 5_000
MAX_REMEMBERED = 20_000  # messages that would be known again
KEEP_S = 600.0  # what is known of a transmitter, after it was heard last
IDENTITY_S = 60.0
TAKEOFF_S = 600.0  # the place of take-off does not move
REPEATED_S = 60.0
UNTIMED_S = 0.9  # locations come every second
LOST_WITHIN_S = 10.0  # a counter says how much was lost only if the last one is not long ago
LOST_MOST = 100  # of 255; a larger step is a counter that began anew

Key = tuple[int, str]  # row of the receiver, link address


@dataclass(slots=True)
class Transmitter:
    """What one transmitter said of itself, and when (ns)."""

    heard_ns: int = 0
    first_ns: int = 0
    ids: dict[int, tuple[str, int]] = field(default_factory=dict)  # by IdType: the identity, when heard
    operator_id: str = ""
    operator_id_ns: int = 0
    takeoff_m: float = float("nan")  # the operator's height above the ellipsoid, or that of the take-off
    takeoff_moves: bool = False  # the operator's, who may have walked
    takeoff_ns: int = 0
    counters: dict[int, tuple[int, int]] = field(default_factory=dict)  # by message type: last, when
    waiting: OperatorPlace | None = None  # until the identity of the aircraft is known

    def identity(self, time_ns: int) -> str:
        """The identity to go by at a time, "": none was heard lately."""
        for kind in (IdType.SERIAL_NUMBER, IdType.REGISTRATION, IdType.UTM_UUID, IdType.SESSION):
            name, heard_ns = self.ids.get(kind, ("", 0))
            if name and abs(time_ns - heard_ns) <= IDENTITY_S * NS_PER_S:
                return name
        return ""

    def operator(self, time_ns: int) -> str:
        """The operator's registration, "": none was heard lately."""
        return self.operator_id if abs(time_ns - self.operator_id_ns) <= IDENTITY_S * NS_PER_S else ""

    def takeoff(self, time_ns: int) -> float:
        """Height of the place of take-off above the ellipsoid, m; NaN: not known."""
        return self.takeoff_m if abs(time_ns - self.takeoff_ns) <= TAKEOFF_S * NS_PER_S else float("nan")

    def lost(self, type_: int, counter: int, time_ns: int) -> int:
        """How many messages of a type were lost before this one, by its counter."""
        last, last_ns = self.counters.get(type_, (counter, time_ns))
        self.counters[type_] = (counter, time_ns)
        step = (counter - last) & 255
        recent = abs(time_ns - last_ns) <= LOST_WITHIN_S * NS_PER_S
        return step - 1 if recent and 1 < step <= LOST_MOST else 0


class Transmitters:
    """Bounded: of too many, those heard longest ago are forgotten, and counted."""

    def __init__(self) -> None:
        self.forgotten = 0
        self._known: OrderedDict[Key, Transmitter] = OrderedDict()
        self._seen: OrderedDict[tuple[int, str, bytes], int] = OrderedDict()

    def __len__(self) -> int:
        return len(self._known)

    def at(self, key: Key, time_ns: int) -> Transmitter:
        """The transmitter of this key, heard now; one that was silent for long is a new one."""
        found = self._known.get(key)
        if found is None or abs(time_ns - found.heard_ns) > KEEP_S * NS_PER_S:
            found = self._known[key] = Transmitter(first_ns=time_ns)
        self._known.move_to_end(key)
        found.heard_ns = time_ns
        if len(self._known) > MAX_TRANSMITTERS:
            self._known.popitem(last=False)
            self.forgotten += 1
        return found

    def is_repeated(self, receiver: int, who: str, message: bytes, time_ns: int, timed: bool) -> bool:
        """Whether a receiver heard this message of this aircraft a moment ago; it is remembered from now on."""
        key = (receiver, who, message)
        first_ns = self._seen.get(key)
        limit_ns = (REPEATED_S if timed else UNTIMED_S) * NS_PER_S
        if first_ns is not None and abs(time_ns - first_ns) <= limit_ns:
            return True
        self._seen[key] = time_ns
        self._seen.move_to_end(key)
        if len(self._seen) > MAX_REMEMBERED:
            self._seen.popitem(last=False)
        return False


def identity_of(id_type: int, uas_id: bytes) -> str:
    """A Basic ID as the identity of reports: text as it is, a UUID in its usual form, a session as hexadecimal.

    "" is none: there is no identity, or its type is reserved.
    """
    if id_type in (IdType.SERIAL_NUMBER, IdType.REGISTRATION):
        return text_of(uas_id).strip()
    if not any(uas_id):
        return ""
    if id_type == IdType.UTM_UUID:
        return str(uuid.UUID(bytes=uas_id[:16]))
    return uas_id.hex() if id_type == IdType.SESSION else ""
